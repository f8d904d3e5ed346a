"""What customers had said in Intercom before there was this service counts, at its time, and nobody hears of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from sqlmodel import Session, select

from tests.pages.reading import flat, get
from tests.world import World
from workflows.customer import erasures
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import intercom_client
from workflows.enquiry import past
from workflows.enquiry.past_reading import Brought
from workflows.measure import past_ratings, satisfaction, surveys
from workflows.measure.satisfaction import Share, Wanted
from workflows.tables.erasure import Erasure
from workflows.tables.measure import Survey
from workflows.tables.runs import Action, Run

HOUR, CHAT = 3600, "500"
Rate = Callable[..., int]


@pytest.fixture
def long_ago(world: World) -> int:
    """Sixty days ago (Unix seconds)."""
    return (now_ms() - 60 * DAY_MS) // 1000


@pytest.fixture
def rate(world: World, long_ago: int) -> Rate:
    """A conversation of then is answered, closed and rated; when that was (s)."""

    def rate(rating: int, remark: str = "", number: int = 0) -> int:
        id, at = str(500 + number), long_ago + number * HOUR
        world.intercom.add_conversation(id, "c101", "請求書が出ません。", at=at)
        world.intercom.agent_says(id, "7001", "設定画面から出せます。", at=at + 60)
        world.intercom.close(id, "7001", at=at + 120)
        world.intercom.rate(id, rating, remark)
        talk = world.intercom.books.conversations[id]
        assert talk.rating is not None
        talk.rating["updated_at"] = at + 180
        world.held()  # nobody told us
        return at + 180

    return rate


def bring(since: int, also: Callable[[Session, Sequence[Brought]], None] = past_ratings.keep) -> None:
    past.bring(intercom_client().within(50), since - 1, also=also)


def kept() -> list[Survey]:
    query = select(Survey).order_by(Survey.conversation_id)  # type: ignore[arg-type]
    return store.read(lambda session: list(session.exec(query)))


def test_it_counts_when_it_was_said(world: World, rate: Rate, long_ago: int) -> None:
    said_at = [rate(2, "返事が遅い", 0), rate(5, "", 1), rate(4, "", 2)]
    bring(long_ago)
    rows = kept()
    assert [(row.score, row.rating, row.remark, row.origin) for row in rows] == [
        *(("bad", 2, "返事が遅い", "intercom"), ("good", 5, "", "intercom"), ("good", 4, "", "intercom")),
    ]
    assert [row.scored_at for row in rows] == [at * 1000 for at in said_at]
    assert {(row.contact_id, row.company_id, row.admin_id, row.episode % 1000) for row in rows} == {
        ("c101", "101", "7001", 0)
    }
    figures = store.read(partial(satisfaction.figures, since=now_ms() - 90 * DAY_MS))
    assert figures.by_origin == {"link": Share(0, 0), "intercom": Share(2, 3)} and figures.asked == 0
    assert store.read(partial(satisfaction.figures, since=now_ms() - 30 * DAY_MS)).all.rated == 0
    page = get(world, "/satisfaction?days=90")
    assert "返事が遅い" in flat(page) and page.all("a", href=f"/chats/{CHAT}")


def test_nobody_hears_of_it_and_nobody_is_asked(world: World, rate: Rate, long_ago: int) -> None:
    rate(1, "もう使いません")
    bring(long_ago)
    assert [(row.asked_at, row.due_at, row.token, row.not_asked) for row in kept()] == [(None, None, None, "")]
    assert store.read(lambda s: (s.exec(select(Run)).all(), s.exec(select(Action)).all())) == ([], [])
    assert not store.read(partial(surveys.is_due, now=now_ms() + DAY_MS))
    assert world.said() == []


def test_brought_again_it_stays_and_what_is_newer_is_kept(world: World, rate: Rate, long_ago: int) -> None:
    at = rate(2)
    bring(long_ago)
    bring(long_ago - 1)
    assert [row.score for row in kept()] == ["bad"]
    chat = intercom_client().conversation(CHAT)
    assert chat is not None
    store.write(lambda session: surveys.rated(session, chat, 5, "直りました", (at + HOUR) * 1000) and None)
    bring(long_ago - 2)
    assert [(row.score, row.remark) for row in kept()] == [("good", "直りました")]


def test_what_was_erased_stays_erased(world: World, rate: Rate, long_ago: int) -> None:
    rate(2, "返事が遅い")
    gone = Erasure(id=CHAT, kind=erasures.CHAT, asked_at=now_ms(), asked_by="test")
    store.write(lambda session: session.add(gone))
    bring(long_ago)
    assert kept() == []


@pytest.mark.fault("F110")
def test_killed_in_a_page_no_rating_is_lost_or_doubled(world: World, rate: Rate, long_ago: int) -> None:
    for number in range(3):
        rate(3 + number, "", number)

    class Killed(BaseException):
        """The process dies here."""

    def die(session: Session, brought: Sequence[Brought]) -> None:
        past_ratings.keep(session, brought)
        raise Killed

    with pytest.raises(Killed):
        bring(long_ago, die)
    assert kept() == []
    bring(long_ago)
    assert [row.rating for row in kept()] == [3, 4, 5]
    assert store.read(partial(satisfaction.listed, since=0, wanted=Wanted("rated"), most=9))[1] == 3
