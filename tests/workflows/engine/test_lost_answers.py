"""The database commits, and its answer is lost: whoever asked cannot know, asks again, and everything happens once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from app import auth
from integrations.slack.twin.door import Screen
from tests.door import Door, encoded, payload, sample, signed
from tests.escalating import AGENT, DEPUTY, OWNER, Escalating
from tests.meeting import LEAD, decide, filed
from tests.workflows.engine.faults import Case, messages, notes, openings, product_notes, remote_links, unfinished
from tests.world import World
from workflows.engine.store import store
from workflows.people import deeds
from workflows.people.deeds import PAGE, Act
from workflows.people.may import DECIDE
from workflows.tables.meeting import Decision
from workflows.tables.people import Deed, Login
from workflows.wish import wishes

#: So many beginnings are tried. There are about fifty commits from a tag to the reopened conversation.
FIRST = range(5)


@contextmanager
def lost_answers(engine: sa.Engine, first: int) -> Iterator[list[int]]:
    """Meanwhile this commit (0 is the next) is on disk and said to have failed, and so is one now and then after it.

    Each time there is one more between, else a retry could meet the same trouble at the same place for ever.
    """
    numbers, lost, dialect = count(), [first], engine.dialect
    commit = dialect.do_commit

    def commit_and_fail(connection: Any) -> None:
        commit(connection)
        if next(numbers) == lost[-1]:
            lost.append(lost[-1] + len(lost) + 3)
            if dialect.name != "sqlite":
                connection.dbapi_connection.close()  # as after a cut: the driver knows that this one is of no use
            raise dialect.dbapi.OperationalError("the connection was cut")  # type: ignore[union-attr]

    dialect.do_commit = commit_and_fail  # type: ignore[method-assign]
    try:
        yield lost
    finally:
        dialect.do_commit = commit  # type: ignore[method-assign]


def settle(world: World) -> None:
    """Until everything is at rest: a run whose attempt could not be written down is given another one."""
    try:
        world.settle()
    except sa.exc.OperationalError:
        settle(world)


def patient(world: World) -> World:
    """The same world, whose vendors send again what was not acknowledged."""
    post = world.post

    def until_taken(source: str, headers: dict[str, str], body: bytes) -> Any:
        answer = post(source, headers, body)
        return until_taken(source, headers, body) if answer.status_code == 503 else answer

    world.post = until_taken  # type: ignore[method-assign]
    return world


def all_of_it(case: Case) -> None:
    """From the tag to the reopened conversation."""
    world = case.world
    world.tag(case.chat, by="7002")
    settle(world)
    url = store.read(partial(wishes.url_of_conversation, conversation_id=world.chats[case.chat]))
    world.jira.describe(case.key, f"お客様の声: {url}")
    settle(world)
    world.jira.move(case.key, "完了", None)
    settle(world)


ONCE = {product_notes: 1, notes: 2, remote_links: 1, openings: 1, messages: 1}


@pytest.mark.fault("F28")
def test_whichever_answers_are_lost_everything_happens_once(world: World) -> None:
    patient(world)
    for first in FIRST:
        case = Case(world)
        with lost_answers(world.runtime.store.engine, first) as lost:
            all_of_it(case)
        assert len(lost) > 5
        assert {effect: effect(case) for effect in ONCE} == ONCE, f"answers were lost from commit {first} on"
    assert unfinished(world) == []


@pytest.mark.fault("F28")
async def test_a_delivery_whose_commit_lost_its_answer_is_there_once(database_url: str) -> None:
    body = sample("jira")
    async with Door(database_url) as door:
        with lost_answers(door.runtime.store.engine, first=0):
            answers = [(await door.send("jira", body)).status for _ in range(2)]
        assert answers == ([503, 200] if door.settings.is_sqlite else [200, 200])
        assert door.rows() == (1, 1, 1)


@pytest.mark.fault("F04", "F28")
async def test_of_many_deliveries_whose_commits_lost_their_answers_each_is_there_once(database_url: str) -> None:
    """They share their commits, so all who wait for one are told the same; who hears 503 sends again."""
    bodies = [encoded(payload("intercom") | {"id": f"notif_{number}"}) for number in range(50)]
    async with Door(database_url) as door:
        with lost_answers(door.runtime.store.engine, first=0):
            while bodies:
                states = await door.together([("intercom", signed("intercom", body), body) for body in bodies])
                assert set(states) <= {200, 503}
                bodies = [body for body, state in zip(bodies, states, strict=True) if state == 503]
        assert door.rows() == (50, 50, 50)


def insisting(step: Callable[[], Screen]) -> Screen:
    """Somebody does it again until Slack shows no trouble."""
    screen = step()
    return insisting(step) if screen.error else screen


def dealt_with(people: Escalating) -> None:
    """A complaint from the form to the result."""
    slack = people.slack
    insisting(lambda: slack.use_shortcut(AGENT, "escalate"))
    slack.suggest(AGENT, "company", "あおば")
    insisting(lambda: slack.submit(AGENT, people.filled()))
    settle(people.world)
    for button, risk in (("acknowledge", "high"), ("finish", "low")):
        insisting(lambda button=button: people.press(OWNER, button, settle=False))
        settle(people.world)
        said = {"churn_risk": risk, "next_step": "本日中に電話します", "next_date": ""}
        insisting(lambda said=said: slack.submit(OWNER, said))
        settle(people.world)


@pytest.mark.fault("F28")
@pytest.mark.parametrize("first", FIRST[::2])
def test_whichever_answers_are_lost_a_complaint_is_dealt_with_once(world: World, first: int) -> None:
    people = Escalating(patient(world))
    with lost_answers(world.runtime.store.engine, first) as lost:
        dealt_with(people)
    assert len(lost) > 5
    assert people.one().state == "done"
    told = {who: len(people.direct(who)) for who in (AGENT, OWNER, DEPUTY)}
    assert (len(people.posts()), len(people.thread()), told) == (1, 0, {AGENT: 2, OWNER: 1, DEPUTY: 0})


@pytest.mark.fault("F28")
def test_what_a_person_did_is_done_and_kept_once(world: World) -> None:
    wish, act = filed(), Act(LEAD, DECIDE, PAGE)
    with lost_answers(world.runtime.store.engine, first=0) as lost, suppress(sa.exc.OperationalError), deeds.at(act):
        decide(wish, "decline")
    assert len(lost) == 2
    assert [len(store.read(partial(rows, of))) for of in (Decision, Deed)] == [1, 1]


@pytest.mark.fault("F28")
def test_who_signs_in_just_then_is_signed_in_once(world: World) -> None:
    with lost_answers(world.runtime.store.engine, first=0) as lost, suppress(sa.exc.OperationalError):
        auth.begin(LEAD, before="")
    assert len(lost) == 2
    assert [len(store.read(partial(rows, of))) for of in (Login, Deed)] == [1, 1]


def rows(table: type[SQLModel], session: Session) -> list[SQLModel]:
    return list(session.exec(select(table)))
