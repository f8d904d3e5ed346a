"""Vendors that answer late, and many runs at the same moment: nobody may wait for somebody who waits for them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from integrations import bulkhead
from integrations.bulkhead import PLACES
from integrations.http import Answer
from tests.escalating import Escalating
from tests.meeting import decide
from tests.world import World
from workflows.engine import durable
from workflows.engine.store import store
from workflows.engine.vendors import jira_client, vendors
from workflows.meeting import acts
from workflows.tables.runs import OPEN, Run
from workflows.tables.wish import Feedback
from workflows.wish import wishes
from workflows.wish.connect import row_of

SECONDS = 0.3


def known(key: str) -> str:
    """An issue that we have on record, as it stands before it moves; its key."""
    issue = jira_client().issue(key)
    assert issue is not None
    store.write(lambda session: session.merge(row_of(issue)) and None)
    return key


def test_forty_issues_that_move_at_once_while_jira_is_slow_are_all_settled(world: World) -> None:
    keys = [known(world.issue(f"KNDE-{500 + number}")) for number in range(40)]
    world.settle()
    for key in keys:
        world.jira.move(key, "完了")
    assert world.deliver() == 40
    world.jira.delay = SECONDS
    assert world.conduct_at_once() == ["ignored"] * 40


# -- whole stories, twenty at a time --------------------------------------------------------------

TWENTY = 20


def tagged(world: World) -> None:
    """Twenty customers ask for something: twenty notes, and twenty agents who are asked why it matters."""
    for number in range(TWENTY):
        world.tag(world.chat(f"CSVに列{number}を足してください。"))


def released(world: World) -> None:
    """What twenty customers asked for is there."""
    tagged(world)
    world.settle()
    urls = " ".join(store.read(partial(wishes.url_of_conversation, conversation_id=chat)) for chat in asked_in(world))
    world.jira.describe("KNDE-12", f"お客様の声: {urls}")
    world.settle()
    world.jira.move("KNDE-12", "完了")


def decided(world: World) -> None:
    """The meeting decides about twenty of them, and all customers were promised a report."""
    tagged(world)
    world.settle()
    for wish in store.read(lambda session: session.exec(select(Feedback.id)).all()):
        made = decide(wish, "decline", tells_all=True)
        acts.send_now(made.id or 0)


def escalated(world: World) -> None:
    """Twenty complaints at the same moment."""
    case = Escalating(world)
    for number in range(TWENTY):
        case.send(case.filled(gist=f"請求額が二重に引き落とされた {number}", conversation=""))


def asked_in(world: World) -> list[str]:
    """The conversations of the twenty."""
    return world.chats[-TWENTY:]


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[World]:
    """On SQLite every story is played (`test_twenty_at_a_time`)."""
    world = World(postgres_url)
    yield world
    world.close()


@pytest.mark.fault("F46")
@pytest.mark.parametrize("story", [tagged, released, decided, escalated])
def test_twenty_stories_at_a_time_come_to_their_end_while_vendors_are_slow(
    on_postgres: World, story: Callable[[World], None]
) -> None:
    world = on_postgres
    story(world)
    for twin in world.stage.twins.values():
        twin.delay = SECONDS
    to_the_end(world)
    assert [run.reason for run in world.runs() if run.state not in ("done", "ignored")] == []
    happened = {
        tagged: lambda: len(world.productboard.did("create_note")),
        released: lambda: len({each.target for each in world.intercom.did("open")}),
        decided: lambda: len({each.target for each in world.intercom.did("open")}),
        escalated: lambda: len(Escalating(world).posts()),
    }
    assert happened[story]() == TWENTY


def to_the_end(world: World) -> None:
    """Whatever waits is conducted at once, again and again, until nothing does."""
    for _ in range(20):
        arrived, states = world.deliver(), world.conduct_at_once()
        assert "stuck" not in states
        if not arrived and not states:
            return
    raise AssertionError("it does not come to an end")


# -- one that hangs, and another that does not ----------------------------------------------------


def test_while_one_vendor_hangs_a_run_for_another_comes_to_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker has a few more threads than may hang at one vendor, and thirty runs for that one come first."""
    key = known(world.issue("KNDE-700"))
    for number in range(PLACES + 10):
        world.tag(world.chat(f"CSVに列{number}を足してください。"))
    world.deliver()
    tags = [run for run in waiting_runs(world) if run.workflow == "feedback.file"]
    beside = {run.id for run in waiting_runs(world)}
    world.jira.move(key, "完了")
    world.deliver()
    [done] = [run for run in waiting_runs(world) if run.id not in beside]
    well = hang(monkeypatch)
    with ThreadPoolExecutor(PLACES + 2) as worker:
        hanging = [worker.submit(durable.conduct, run.id, durable.STORIES[run.workflow]) for run in tags]
        moved = worker.submit(durable.conduct, done.id, durable.STORIES[done.workflow])
        try:
            assert moved.result(60) == "ignored"
            assert {run.result() for run in hanging if run.done()} == {"open"}
        finally:
            well.set()
    assert Counter(run.result() for run in hanging)["open"] == len(tags) - PLACES


def waiting_runs(world: World) -> list[Run]:
    """The runs that have not begun."""
    return [run for run in world.runs() if run.state == OPEN]


def hang(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let Intercom answer nobody until this is set."""
    assert vendors.intercom is not None
    well, wire = threading.Event(), vendors.intercom._http._wire
    exchange = wire._exchange

    def late(*asked: Any) -> Answer:
        assert well.wait(120)
        return exchange(*asked)

    monkeypatch.setattr(wire, "_exchange", late)
    monkeypatch.setattr(bulkhead, "SLOW", 0.1)
    return well
