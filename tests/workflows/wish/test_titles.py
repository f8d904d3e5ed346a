"""A wish's short title: proposed, written by somebody, shown wherever it is named, and erased with its words."""

from __future__ import annotations

import pytest

from tests.asking import AGENT, Asking
from tests.world import World
from workflows.engine.store import store
from workflows.people.person import Person
from workflows.search.search import search
from workflows.tables.wish import Feedback
from workflows.wish import naming
from workflows.wish.wishes import title_of

TANAKA = Person(AGENT, "田中 みなみ")


@pytest.fixture
def case(world: World) -> Asking:
    """An agent who files wishes."""
    return Asking(world)


def now(wish: Feedback) -> Feedback:
    """The wish as it stands."""
    return store.read(lambda session: session.get_one(Feedback, wish.id))


def test_a_wish_without_a_title_is_called_by_its_words(case: Asking) -> None:
    chat = case.world.chat("お世話になっております。部署コードの列が欲しいです。毎月手で足しています。")
    wish = case.world.wish(chat)
    assert (wish.title, title_of(wish)) == ("", "部署コードの列が欲しい")
    assert case.direct()[-1]["text"].endswith("「部署コードの列が欲しい」")


def test_a_title_is_changed_once_and_written_down(case: Asking) -> None:
    wish = case.world.wish(0)
    assert naming.rename(wish.id or 0, {"title": " 部署コード  の列 "}, by=TANAKA, origin="a")
    assert not naming.rename(wish.id or 0, {"title": "部署コード の列"}, by=TANAKA, origin="b")
    assert now(wish).title == "部署コード の列"
    [told] = [action for action in case.actions(wish) if action.verb == "us.name"]
    assert (told.sentence, told.facts["title"]) == (naming.NAMED, "部署コード の列")
    assert any(hit.document.ref == str(wish.id) for hit in search("部署コード の列").hits)


def test_a_title_that_is_taken_back_is_proposed_again(case: Asking) -> None:
    wish = case.world.wish(0)
    proposed = title_of(wish)
    naming.rename(wish.id or 0, {"title": "部署コード"}, by=TANAKA, origin="a")
    assert naming.rename(wish.id or 0, {"title": ""}, by=TANAKA, origin="b")
    assert title_of(now(wish)) == proposed


def test_a_title_that_is_too_long_is_refused_at_its_field() -> None:
    assert naming.problems("ja", {"title": "長" * 41}) == {"title": "40文字以内にしてください。"}


def test_the_form_in_slack_proposes_a_title_and_keeps_what_is_made_of_it(case: Asking) -> None:
    ts = case.say("部署コードの列が欲しいです。毎月手で足しています。")
    assert case.initial(case.shortcut(ts), "title") == "部署コードの列が欲しい"
    case.slack.close(AGENT)
    case.file(ts, title="CSVに部署コード")
    [wish] = case.wishes()
    assert wish.title == "CSVに部署コード"
