"""Replay: another chance for what ended dead. The pages and the command line both come here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlmodel import Session

from app.door.inbox import parse_again
from integrations.contract import BadSignature, Malformed
from workflows.engine import durable
from workflows.engine import replay as engine_replay
from workflows.engine.durable import NewRun
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.routes import runs_for
from workflows.tables.runs import IGNORED, OPEN, Delivery

AGAIN = "Running again."
NOT_FOUND = "No delivery or run has this ID."
FORGOTTEN = "The body of this delivery is past its retention period."
STILL_UNREADABLE = "Still not readable: {field}: {why}"
NOBODY_ACTS = "No handler for {topic}."


def replay(id: str, language: str = "en") -> str:
    """Run a delivery or a run again from its start; returns the sentence that says what came of asking.

    What was done at vendors is not done again: actions know. A delivery that could not be read is
    read again, by the parser as it is now.
    """
    if engine_replay.replay(id):
        return say(language, AGAIN)
    delivery = store.read(lambda session: session.get(Delivery, id))
    return read_again(delivery, language) if delivery is not None else say(language, NOT_FOUND)


def read_again(delivery: Delivery, language: str = "en") -> str:
    """Parse a stored body once more and start its run, if it means something now."""
    if not delivery.body:
        unheard = delivery.state == IGNORED
        return say(language, NOBODY_ACTS, topic=delivery.topic) if unheard else say(language, FORGOTTEN)
    try:
        parsed = parse_again(delivery)
    except Malformed as error:
        return say(language, STILL_UNREADABLE, field=error.field, why=error.why)
    except BadSignature as error:
        return say(language, STILL_UNREADABLE, field="headers", why=str(error))
    runs = runs_for(delivery.id, parsed.event) if parsed.event is not None else []
    store.write(partial(_reopen, delivery.id, parsed.topic, runs))
    return say(language, AGAIN) if runs else say(language, NOBODY_ACTS, topic=parsed.topic)


def _reopen(id: str, topic: str, runs: Sequence[NewRun], session: Session) -> None:
    delivery = session.get_one(Delivery, id)
    delivery.topic = topic
    delivery.state = OPEN if runs else IGNORED
    delivery.reason = "" if runs else NOBODY_ACTS
    delivery.facts = {} if runs else {"topic": topic}
    durable.start(session, runs)
