"""Account owners hear what has become available to their companies, once, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session, delete, select

from tests.meeting import decide
from tests.releasing import released
from tests.world import World
from workflows.customer import owners
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.rules.telling import NEWS, Sending
from workflows.tables.customer import Owner
from workflows.tables.meeting import Decision
from workflows.telling import owner_news, whose


@pytest.fixture(autouse=True)
def switched_on(world: World) -> Iterator[None]:
    with world.rules(sending=Sending(tell_owners=NEWS), fallback=""):
        yield


def to_owner(world: World, person: str) -> list[str]:
    """What was said to somebody alone about what is available."""
    messages = world.slack.messages(f"D{person[1:]}")
    return [str(it["text"]) for it in messages if "KNDE-12" in str(it["text"])]


def owned(world: World, chat: int, person: str) -> None:
    """Somebody answers for the company that talks in this chat."""
    company = world.wish(chat).company_id or ""
    store.write(lambda session: owners.put_by_hand(session, company, {"owner": person}, by="斎藤"))


def test_without_the_rule_nobody_is_told(world: World) -> None:
    owned(world, 0, "U0LEAD")
    with world.rules(sending=Sending()):
        released(world, 0)
    assert to_owner(world, "U0LEAD") == []


def test_the_owner_hears_once(world: World) -> None:
    owned(world, 0, "U0LEAD")
    released(world, 0)
    world.reconcile()
    assert len(to_owner(world, "U0LEAD")) == 1


def test_a_company_without_an_owner_is_told_to_the_fallback(world: World) -> None:
    world.wish(0)
    store.write(lambda session: session.exec(delete(Owner)) and None)
    with world.rules(fallback="U0LEAD"):
        released(world, 0)
    assert len(to_owner(world, "U0LEAD")) == 1


def test_two_companies_of_one_owner_are_one_message(world: World) -> None:
    owned(world, 0, "U0LEAD")
    owned(world, 2, "U0LEAD")
    released(world, 0, 2)
    assert len(to_owner(world, "U0LEAD")) == 1


def test_two_requests_that_a_meeting_declined_are_one_message_and_what_it_adopted_is_none(world: World) -> None:
    owned(world, 0, "U0LEAD")
    owned(world, 2, "U0LEAD")
    for chat, conclusion in ((0, "decline"), (2, "decline"), (3, "adopt")):
        acts.send_now(decide(world.wish(chat).id or 0, conclusion).id or 0)
    owner_news.start_due()
    world.settle()
    assert declined_to(world, "U0LEAD") == []  # the meeting may not be over
    later = store.write(earlier)
    owner_news.start_due()
    owner_news.start_due()
    world.settle()
    [message] = declined_to(world, "U0LEAD")
    assert later and message.count("FB-") == 2


def test_what_no_rule_names_is_not_told(world: World) -> None:
    owned(world, 0, "U0LEAD")
    with world.rules(sending=Sending(tell_owners=("withdrawn",))):
        acts.send_now(decide(world.wish(0).id or 0, "decline").id or 0)
        store.write(earlier)
        assert owner_news.start_due() == 0
        released(world, 0)
        assert to_owner(world, "U0LEAD") == []
        world.move("KNDE-12", "進行中")
        assert len(to_owner(world, "U0LEAD")) == 1


def test_an_issue_that_brings_nothing_is_told_once(world: World) -> None:
    owned(world, 0, "U0LEAD")
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了", "対応しない")
    world.reconcile()
    assert len(to_owner(world, "U0LEAD")) == 1


def test_companies_without_an_owner_are_named_so_to_the_fallback_and_listed(world: World) -> None:
    world.wish(0)
    store.write(lambda session: session.exec(delete(Owner)) and None)
    with world.rules(fallback="U0LEAD"):
        released(world, 0)
    assert any("顧客担当なし" in str(it) for it in world.slack.messages("D0LEAD"))
    [(firm, count)] = store.read(whose.unowned)
    assert (firm.id, count) == (world.wish(0).company_id, 1)


def declined_to(world: World, person: str) -> list[str]:
    """What somebody was told of a meeting, whole."""
    return [str(it) for it in world.slack.messages(f"D{person[1:]}") if "検討会で見送り" in str(it["text"])]


def earlier(session: Session) -> bool:
    """Whatever was decided was decided hours ago."""
    for each in session.exec(select(Decision)):
        each.sent_at = (each.sent_at or 0) - 3 * 3_600_000
    return True
