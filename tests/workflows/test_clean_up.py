"""The end of a day: raw bodies go, then the keys; what waits for a person is kept until somebody has dealt with it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlmodel import Session, col, select

from app.door import replay
from tests.world import World
from workflows import upkeep
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.rules.retention import Retention
from workflows.tables.runs import DEAD, DONE, IGNORED, OPEN, Delivery, Run


@dataclass(frozen=True)
class Row:
    """A delivery of so many days ago, and the run that it began, if it began one."""

    id: str
    state: str
    days: int
    run: str = ""

    def keep(self, session: Session) -> None:
        """Put it on record."""
        at = now_ms() - self.days * DAY_MS
        session.add(
            Delivery(
                id=self.id, source="jira", topic="t", digest=self.id, state=self.state, received_at=at, body=b"words"
            )
        )
        if self.run:
            row = {"workflow": "release.moved", "arguments": {}, "queue": "deliveries", "due_at": at, "created_at": at}
            ended = None if self.run == OPEN else at
            session.add(Run(id=self.id, delivery_id=self.id, state=self.run, ended_at=ended, **row))


def keep(*rows: Row) -> None:
    """On record."""
    for row in rows:
        store.write(row.keep)


def end_of_day(world: World, **days: int) -> None:
    """What happens once a day."""
    with world.rules(retention=Retention(**days)):
        upkeep.clean_up()


def bodies() -> dict[str, bytes]:
    """What is left of which delivery."""
    return store.read(lambda session: {row.id: row.body for row in session.exec(select(Delivery))})


def runs() -> set[str]:
    """The runs that are left."""
    return store.read(lambda session: set(session.exec(select(Run.id).where(col(Run.id).startswith("jira:")))))


@pytest.mark.fault("F49")
def test_bodies_go_after_their_days_and_the_keys_stay(world: World) -> None:
    keep(Row("jira:done", DONE, 31, DONE), Row("jira:ignored", IGNORED, 31), Row("jira:young", DONE, 29, DONE))
    end_of_day(world, bodies=30, keys=90)
    assert bodies() == {"jira:done": b"", "jira:ignored": b"", "jira:young": b"words"}
    assert runs() == {"jira:done", "jira:young"}


def test_a_body_that_went_is_not_written_again(world: World) -> None:
    keep(Row("jira:done", DONE, 31))
    end_of_day(world, bodies=30, keys=90)
    before = now_ms() - 30 * DAY_MS
    assert store.write(lambda session: upkeep._forget_bodies(before, session)) == 0


def test_keys_go_after_theirs_with_the_runs_that_they_began(world: World) -> None:
    keep(Row("jira:old", DONE, 91, DONE), Row("jira:ignored", IGNORED, 91), Row("jira:young", DONE, 89, DONE))
    end_of_day(world, bodies=30, keys=90)
    assert (set(bodies()), runs()) == ({"jira:young"}, {"jira:young"})


def test_what_is_open_is_kept_whole_however_old_it_is(world: World) -> None:
    keep(Row("jira:open", OPEN, 200, OPEN))
    end_of_day(world, bodies=30, keys=90)
    assert (bodies(), runs()) == ({"jira:open": b"words"}, {"jira:open"})


@pytest.mark.fault("F85")
def test_dead_letters_keep_their_bodies_until_somebody_has_dealt_with_them(world: World) -> None:
    keep(Row("jira:dead", DEAD, 200, DEAD), Row("jira:unreadable", DEAD, 200))
    end_of_day(world, bodies=30, keys=90)
    assert (bodies(), runs()) == ({"jira:dead": b"words", "jira:unreadable": b"words"}, {"jira:dead"})
    assert "Still not readable" in replay.replay("jira:unreadable")
    assert replay.replay("jira:dead") == replay.AGAIN
    store.write(lambda session: dealt_with(session, "jira:dead"))
    end_of_day(world, bodies=30, keys=90)
    assert (set(bodies()), runs()) == ({"jira:unreadable"}, set())


def dealt_with(session: Session, id: str) -> None:
    """It went well this time."""
    for table in (Run, Delivery):
        session.get_one(table, id).state = DONE
    session.get_one(Run, id).ended_at = now_ms()


def test_a_dead_run_that_no_delivery_began_is_kept_too(world: World) -> None:
    at = now_ms() - 200 * DAY_MS
    row = {"workflow": "feedback.file", "arguments": {}, "queue": "fanout", "due_at": at, "created_at": at}
    for id, state in (("jira:1/child", DEAD), ("jira:2/child", DONE)):
        store.write(lambda session, id=id, state=state: session.add(Run(id=id, state=state, ended_at=at, **row)))
    end_of_day(world, bodies=30, keys=90)
    assert runs() == {"jira:1/child"}


def test_more_than_fits_into_one_transaction_goes_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    keep(*(Row(f"jira:{number}", DONE, 40 + number, DONE) for number in range(5)))
    end_of_day(world, bodies=30, keys=43)
    assert set(bodies().items()) == {("jira:0", b""), ("jira:1", b""), ("jira:2", b"")}


# -- what comes again after all of it is gone ------------------------------------------------------


@pytest.mark.fault("F49", "F65")
def test_a_delivery_that_comes_again_when_nobody_knows_it_any_more_changes_nothing(world: World) -> None:
    world.tag(0)
    [(source, headers, body)] = webhooks = world.held()
    assert world.post(*webhooks[0]).status_code == 200
    world.settle()
    store.write(_years_ago)
    end_of_day(world, bodies=30, keys=90)
    assert (world.deliveries(), world.runs()) == ([], [])
    assert world.post(source, headers, body).status_code == 200
    world.settle()
    assert [state for state, _ in world.reasons()][:1] == [DONE]
    assert len(world.feedback(0)) == len(world.notes(0)) == len(world.productboard.did("create_note")) == 1


def _years_ago(session: Session) -> None:
    for delivery in session.exec(select(Delivery)):
        delivery.received_at = 0
    for run in session.exec(select(Run)):
        run.created_at, run.ended_at = 0, 0
