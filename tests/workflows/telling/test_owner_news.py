"""Account owners hear what has become available to their companies, once, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import delete

from tests.releasing import released
from tests.world import World
from workflows.customer import owners
from workflows.engine.store import store
from workflows.rules.telling import Sending
from workflows.tables.customer import Owner


@pytest.fixture(autouse=True)
def switched_on(world: World) -> Iterator[None]:
    with world.rules(sending=Sending(tell_owners=True), fallback=""):
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
