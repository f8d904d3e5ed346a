"""What customers struggle with now: themes against the week before, who waits longest, what could be avoided."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from tests.enquired import enquiry
from tests.meeting import DAY
from tests.voices import firms
from workflows.engine.store import Store, create_engine, now_ms, store
from workflows.language.text import speaking
from workflows.measure import now_texts
from workflows.measure.now import Moved, Now, struggles
from workflows.people.person import Person
from workflows.tables.measure import Alert
from workflows.volume import arrivals, causes, counts

LEAD = Person("U0LEAD", "斎藤 真理", "lead@kanade.example", "U0LEAD")


@pytest.fixture(autouse=True)
def shelf(database_url: str) -> Iterator[Store]:
    """A database without a service around it."""
    ours = Store(create_engine(database_url, pool_size=2))
    store.bind(ours)
    firms()
    yield ours
    store.bind(None)
    ours.close()


def now() -> Now:
    """What is so at this moment."""
    return store.read(partial(struggles, now=now_ms()))


def came(n: int, theme: str, days: int) -> None:
    """So many enquiries of a theme were counted, so many days ago."""
    at = now_ms() - days * DAY
    rows = [
        arrivals.row("desk", f"{theme}{days}/{number}", at, medium="chat", company_id="901", themes=[theme])
        for number in range(n)
    ]
    store.write(lambda session: arrivals.keep(session, rows))


def covered(days: int = 60) -> None:
    """All that came in since so many days ago is known."""
    store.write(lambda session: counts.cover(session, "desk", now_ms(), since=now_ms() - days * DAY))


def test_where_nothing_came_in_and_nobody_waits_it_is_empty() -> None:
    assert now().is_empty


def test_the_most_frequent_themes_stand_beside_the_week_before() -> None:
    covered()
    for n, theme, days in ((3, "word:請求", 2), (1, "word:請求", 9), (2, "tag:打刻", 1), (5, "tag:昔", 8)):
        came(n, theme, days)
    found = now()
    assert list(found.themes) == [Moved("word:請求", 3, 1, False), Moved("tag:打刻", 2, 0, False)]
    assert (found.last.n, found.before.n) == (5, 6)


@pytest.mark.parametrize(("language", "words"), [("ja", "ログイン (言葉で判定)"), ("en", "ログイン (by words)")])
def test_a_theme_by_words_is_told_from_the_tag_of_its_name(language: str, words: str) -> None:
    covered()
    for n, theme in ((3, "tag:ログイン"), (2, "word:ログイン"), (1, "word:請求")):
        came(n, theme, 2)
    with speaking(language):
        said = "\n".join(now_texts._themes(now()))
    assert [said.count(name) for name in ("ログイン", words, words[5:])] == [2, 1, 1]


def test_a_theme_that_grew_says_so() -> None:
    covered()
    came(12, "word:請求", 2)
    came(2, "word:請求", 20)
    assert [each.grew for each in now().themes] == [True]


def test_where_the_weeks_before_are_not_known_nothing_grew() -> None:
    covered(days=9)
    came(12, "word:請求", 2)
    found = now()
    assert [each.grew for each in found.themes] == [False] and not found.before.is_known


def test_whoever_waits_longest_comes_first_whether_or_not_somebody_has_them() -> None:
    for id, state, waited in (("7", "waiting", 5), ("8", "answering", 90), ("9", "waiting", 30), ("10", "waiting", 1)):
        enquiry(id, state=state, waited=waited)
    enquiry("11", state="customer")
    found = now()
    assert found.waits == 4 and [row.id for row in found.waiting] == ["8", "9", "7"]


def test_what_could_be_avoided_is_what_is_asked_most_and_nothing_was_done_about() -> None:
    covered()
    came(4, "word:請求", 30)
    came(3, "word:打刻", 30)
    causes.keep({"theme": "word:請求", "done": "記事を書いた", "since": "2026-01-01"}, by=LEAD)
    assert [(each.theme, each.n) for each in now().avoidable] == [("word:打刻", 3)]


def test_what_is_unusual_stands_there_until_it_is_over() -> None:
    begun = {"kind": "many", "rule": "usual", "since": now_ms(), "began_at": now_ms(), "loud_at": now_ms()}
    store.write(lambda session: session.add_all([Alert(id=1, **begun), Alert(id=2, name="a", over_at=9, **begun)]))
    found = now()
    assert [each.alert.id for each in found.alerts] == [1] and not found.is_empty
    with speaking("en"):
        assert "Enquiries are above normal" in str(now_texts.message(found, "U0LEAD"))
