"""Warnings: while a customer waits, the thread of their chat says how much of the time is left, or that it is over.

    upkeep ─► start_due ─► warn ─► one line below the chat's first message

Each percentage of `[clock] warn` is said once at most; of several that became due together, only the last. Nobody is
warned outside of business hours, nor of somebody who does not wait any more. In the demo, where time is let pass, a
warning may come early.
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from integrations.contract import Transient
from workflows.engine import posting
from workflows.engine.actions import Done, Intent
from workflows.engine.attempts import attempt_all
from workflows.engine.durable import NewRun, child, start, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.posting import Place
from workflows.engine.store import now_ms, store
from workflows.enquiry import threads, waits, warning_texts
from workflows.rules import rules
from workflows.tables.enquiry import Wait

#: So many are begun in one round of upkeep; the next round comes in seconds.
MANY = 200
WARNED = "Posted in the conversation's thread how long the customer has been waiting: {n} business minutes."
NOBODY_WAITS = "Not posted: the customer is no longer waiting."
NOT_NOW = "Not posted: another reminder about this customer's wait is due instead."
NOT_YET = "Not posted yet: it is outside business hours, or too early by the current rules."
NO_THREAD_YET = "The conversation's thread in Slack is being posted."
#: Seconds until it is looked for again.
SOON = 30.0
NO_THREAD = "Not posted: this conversation has no thread in Slack."


def start_due() -> int:
    """Start a run for everybody who waits and about whom somebody has to be warned now; returns how many."""
    now = now_ms()
    if not rules.calendar.is_open(now) or not store.read(partial(waits.is_due, now=now)):
        return 0
    return store.write(partial(_start_due, now))


def _start_due(now: int, session: Session) -> int:
    begun = [(wait, waits.begin(wait, now)) for wait in waits.due(session, now, MANY)]
    return start(session, [_run_of(wait, number, now) for wait, number in begun if number is not None])


def start_early(conversation_id: str, since: int) -> bool:
    """Start the next warning of a wait before its time; False where there is none."""
    return store.write(partial(_start_early, conversation_id, since))


def _start_early(conversation_id: str, since: int, session: Session) -> bool:
    wait = waits.one(session, conversation_id, since, held=True)
    if wait is None or wait.ended or wait.warn_at is None:
        return False
    at = wait.warn_at
    number = waits.begin(wait, at)
    return number is not None and bool(start(session, [_run_of(wait, number, at, early=True)]))


def _run_of(wait: Wait, number: int, now: int, *, early: bool = False) -> NewRun:
    """Begun at another moment it is another run: it may be due again where history has changed since."""
    id = f"clock:{wait.conversation_id}:{wait.since}/{number}/{now}"
    about = {"conversation_id": wait.conversation_id, "since": wait.since, "number": number}
    return child(id, "warning.warn", **about, early=early)


@workflow
def warn(conversation_id: str, since: int, number: int, early: bool = False) -> Outcome:
    """Say in the thread how much time is left, where this is the warning to give now.

    `early`: as if its time had come, whatever the time is.
    """
    now, wait = now_ms(), store.read(partial(waits.one, conversation_id=conversation_id, since=since))
    if wait is None or wait.ended:
        return ignored(NOBODY_WAITS)
    at = waits.moment(wait, number)
    if at is None or number < max(wait.warned, waits.newest(wait, now)):
        return ignored(NOT_NOW)
    then = max(at, now)
    opens = rules.calendar.next_open(then)
    if opens > now and not early:
        store.write(partial(waits.put_off, conversation_id=conversation_id, since=since, until=opens))
        return ignored(NOT_YET)
    return _warn(wait, number, rules.calendar.minutes(since, then))


def _warn(wait: Wait, number: int, waited: int) -> Outcome:
    places = threads.places(wait.conversation_id)
    if not places:
        if store.read(partial(threads.is_beginning, conversation_id=wait.conversation_id)):
            raise Transient(NO_THREAD_YET, SOON)
        return ignored(NO_THREAD)
    trouble = attempt_all(*(partial(_say, place, wait, number, waited) for place in places))
    if trouble is not None:
        raise trouble
    return done(WARNED, n=waited)


def _say(place: Place, wait: Wait, number: int, waited: int) -> None:
    key = f"clock:{wait.conversation_id}:{wait.since}:{rules.enquiry.warn[number]}:{place.channel}"
    intent = Intent("slack", "warn", key, place.channel, WARNED, {"n": waited}, conversation_id=wait.conversation_id)
    also = partial(_given, wait.conversation_id, wait.since, number)
    posting.post(intent, warning_texts.warning(wait, waited), since_ms=wait.since, thread=place, also=also)


def _given(conversation_id: str, since: int, number: int, session: Session, posted: Done) -> None:
    if posted.ref:
        waits.given(session, conversation_id, since, number)
