"""What holds of escalations once everything has settled, whatever happened on the way."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlmodel import Session, col, select

from app.demo.company import ESCALATIONS as CHANNEL
from tests.properties.colleagues import PEOPLE
from tests.properties.promises import every_delivery_ended_with_a_reason, nothing_was_done_twice
from tests.world import World
from workflows.engine.store import store
from workflows.escalation import ladder
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action, Run


def escalations() -> list[Escalation]:
    """Every escalation, oldest first."""
    return list(store.read(lambda session: session.exec(select(Escalation).order_by(Escalation.id)).all()))  # type: ignore[arg-type]


def check_escalations(world: World, accepted: int) -> None:
    """Everything that was promised."""
    assert len(escalations()) == accepted, "one form is one escalation"
    everybody_is_watched()
    store.read(every_delivery_ended_with_a_reason)
    store.read(whoever_is_reminded_works)
    nothing_was_done_twice(world)
    each_stands_in_one_message(world)
    nobody_gets_two_cards(world)


def everybody_is_watched() -> None:
    """Until it is done somebody is asked next, at a time; what is for information asks nobody."""
    for each in escalations():
        assert ladder.is_watched(each), (each.id, each.state, each.next_person, each.due_at)
        assert each.state in (*ladder.UNFINISHED, ladder.DONE) or each.request == ladder.INFORMATION


def whoever_is_reminded_works(session: Session) -> None:
    """Reminders, and first messages that a reminder brings, come in business hours of whoever gets them."""
    reminding = set(session.exec(select(Run.id).where(Run.workflow == "reminders.remind")))
    for action in session.exec(select(Action).where(Action.state == "done")):
        if action.run_id in reminding and action.verb in ("slack.remind", "slack.direct"):
            at_ms = int(float(action.ref.partition("/")[2]) * 1000)
            assert rules.calendar_of(action.target).is_open(at_ms), (action.key, action.ref)


def each_stands_in_one_message(world: World) -> None:
    """In the channel: a message of its own, or one that gathers several."""
    posts = {each.post for each in escalations()}
    shown = [message["ts"] for message in _cards(world, CHANNEL)]
    places = store.read(lambda session: {key: session.get_one(Action, key).ref for key in posts})
    assert sorted(places.values()) == sorted(f"{CHANNEL}/{ts}" for ts in shown), (places, shown)
    assert all(each.posted_at for each in escalations())


def nobody_gets_two_cards(world: World) -> None:
    """One message for each message of the channel that concerns somebody; reminders are lines below it.

    A message whose answer was lost cannot be found again once its reader has left: it may be there, but once only.
    """
    told = store.read(
        lambda session: [
            (action.state, (action.target, action.key.split(":")[0], _subject(action)))
            for action in session.exec(select(Action).where(col(Action.verb).in_(("slack.direct", "slack.receipt"))))
        ]
    )
    keys = [key for state, key in told if state == "done"]
    assert max(Counter(keys).values(), default=0) <= 1, keys
    for person in PEOPLE:
        cards = [message for message in _cards(world, f"D{person[1:]}") if "suggest" not in str(message["blocks"])]
        least = sum(target == person for target, *_ in keys)
        lost = sum(target == person for state, (target, *_) in told if state != "done")
        assert least <= len(cards) <= least + lost, (person, told)


def _subject(action: Action) -> str:
    """What a card is about: the message of the channel that shows it, or the escalation."""
    if action.verb == "slack.receipt":
        return action.key
    each = store.read(lambda session: session.get_one(Escalation, action.escalation_id))
    return each.post


def _cards(world: World, channel: str) -> list[dict[str, Any]]:
    """The messages of a channel that are no replies, and that the bot wrote."""
    said = world.slack.messages(channel) if channel in world.slack.channels else []
    return [each for each in said if "metadata" in each and each.get("thread_ts", each["ts"]) == each["ts"]]
