"""Twenty at a time: alerts, what is said of them, and the limits that the past finds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count

from sqlmodel import Session

from app.demo.company import CHANNEL
from tests.workflows.engine.twenty import TWENTY, spawned
from tests.workflows.measure.alerting import AGENT, NAME, past, rows, said, switched_on
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.tables.measure import Alert
from workflows.volume import slots
from workflows.volume.slots import SLOT_MS

VERDICTS = ("alert.fault", "alert.expected", "alert.mistaken", "alert.unjudged")


def alarmed(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty alerts are told at once, in Slack and in Chatwork; then twenty people say of each what it is."""
    switched_on(room=NAME)
    world.chatwork.clock = partial(next, count(step=60))  # twenty in one room would take as many seconds
    past(weeks=1)
    store.write(_begun)
    until = slots.of(now_ms())
    spawned("alert.look", *({"until": until - number * SLOT_MS} for number in range(TWENTY)))
    spawned("alert.tell", *({"alert_id": row.id} for row in rows()))
    spawned("alert.tell_room", *({"alert_id": row.id} for row in rows()))
    yield ("alert.look", "alert.tell", "alert.tell_room", "alert.picture")
    assert len(said(world)) == len(rows())
    for story in VERDICTS:
        about = {"user_id": AGENT, "channel": CHANNEL, "ts": "1.1"}
        spawned(story, *(about | {"value": str(row.id)} for row in rows()[:TWENTY]))
        yield (story,)
    assert [row.verdict for row in rows()[:TWENTY]] == [""] * TWENTY
    assert len(said(world)) == len(rows())
    spawned("limit.find", *({"day": f"2026-05-{number:02}"} for number in range(1, TWENTY + 1)))
    yield ("limit.find",)


def _begun(session: Session) -> None:
    """Twenty themes of which more came than usual."""
    at = slots.of(now_ms())
    for number in range(TWENTY):
        since = at - 2 * SLOT_MS
        row = Alert(kind="many", name=f"tag:t{number:02}", rule="usual", since=since, began_at=at, loud_at=at)
        session.add(row)
