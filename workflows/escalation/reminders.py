"""Reminders: an escalation that nobody answers climbs, in business time, until somebody does.

    upkeep ─► start_due ─► remind ─┬─► a word to whoever is next: the owner, the deputy, the manager
                                   └─► a line below the message in the channel

Whoever has left is passed over, and it says so. Whoever is off is not called: it waits for their next opening.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlmodel import Session

from integrations.slack import is_person
from workflows.engine import posting
from workflows.engine.actions import leave
from workflows.engine.attempts import attempt_all
from workflows.engine.durable import NewRun, child, current_run, start, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.escalation import cases, chain, ladder, messages, texts
from workflows.people import addressing, colleagues
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action

#: So many are started in one round of upkeep; the next round comes in seconds.
MANY = 200
#: A run has so long to ask; then another one may, should the first have ended without asking.
LEASE_MS = 4 * 3600 * 1000
NOT_DUE = "{code} no longer needs a reminder."
OFF_HOURS = "Not reminded: outside business hours. It will be sent when business hours resume."
LEFT = "Not reminded: {name} can no longer be reached in Slack. The next person in line is asked instead."


def start_due() -> int:
    """Start a run for every escalation about which somebody has to be asked now; returns how many."""
    now = now_ms()
    if not store.read(partial(cases.is_due, now=now)):
        return 0
    return store.write(partial(_start_due, now))


def _start_due(now: int, session: Session) -> int:
    taken = cases.take_due(session, now, now + LEASE_MS, MANY)
    return start(session, [run_of(escalation) for escalation in taken])


def run_of(escalation: Escalation, *, at_once: bool = False) -> NewRun:
    """The run that asks the next person; `at_once` is one for each minute in which somebody wants it."""
    turn = f"{escalation.changes}-{now_ms() // 60_000}" if at_once else str(escalation.changes)
    id = f"escalation:{escalation.id}/remind/{turn}" + ("" if at_once else f"/{escalation.reminding_until}")
    due = {"turn": turn, "due_at": escalation.due_at, "asked": escalation.asked}
    return child(id, "reminders.remind", escalation_id=escalation.id, **due, at_once=at_once)


@workflow
def remind(escalation_id: int, turn: str, due_at: int, asked: int, at_once: bool = False) -> Outcome:
    """Ask the next person, and say who follows. `at_once`: somebody wants it now, whatever the time is.

    `turn` names what is written, and `asked` tells one time from the next: both may be due at the same opening.
    """
    escalation = messages.known(escalation_id)
    if not is_due(escalation, due_at, asked):
        return ignored(NOT_DUE, code=cases.code(escalation_id))
    still_due = partial(_still_due, due_at, asked)
    if has_left(escalation.next_person):
        return pass_over(escalation, turn, still_due)
    if at_once and escalation.state != ladder.OPEN:
        return nudge(escalation, turn)
    if not at_once and not rules.calendar_of(escalation.next_person).is_open(now_ms()):
        messages.change(escalation_id, partial(still_due, ladder.postpone))
        return ignored(OFF_HOURS)
    return ask(escalation, turn, still_due)


def is_due(escalation: Escalation, due_at: int, asked: int) -> bool:
    """Has nobody answered since it was to be asked about then, and nobody been asked?"""
    return (escalation.due_at, escalation.asked) == (due_at, asked) and escalation.state in ladder.UNFINISHED


def nudge(escalation: Escalation, turn: str) -> Outcome:
    """Somebody wants whoever answers for it asked, before the day that was promised; that day stays."""
    reach(escalation, escalation.person, turn)
    return _asked(escalation, escalation.person)


StillDue = Callable[[ladder.Move, Escalation], bool]


def ask(escalation: Escalation, turn: str, still_due: StillDue) -> Outcome:
    """Reach the next person; somebody follows whether or not that was possible."""
    person, role = escalation.next_person, ladder.role_of(escalation, escalation.next_person)
    trouble = attempt_all(
        lambda: reach(escalation, person, turn),
        lambda: say_below(escalation, texts.climbed(escalation, person, role), turn),
    )
    messages.change(escalation.id or 0, partial(still_due, ladder.climb))
    if trouble is not None:
        raise trouble  # an operator has to see it; whoever is next is asked all the same
    return _asked(escalation, person)


def pass_over(escalation: Escalation, turn: str, still_due: StillDue) -> Outcome:
    """The next person has left: the one after them is asked now."""
    person, name = escalation.next_person, texts.name_of(escalation.next_person)
    leave(messages.about(escalation, "remind", f"left:{escalation.id}:{turn}", person, ""), LEFT, name=name)
    then = partial(_pass_over, last_resort=chain.last_resort())
    messages.change(escalation.id or 0, partial(still_due, then))
    return ignored(LEFT, name=name)


def _asked(escalation: Escalation, person: str) -> Outcome:
    return done("{code}: reminded {name}.", code=cases.code(escalation.id), name=texts.name_of(person))


def reach(escalation: Escalation, person: str, turn: str) -> None:
    """A first message to somebody is the escalation itself; later ones are a line below it."""
    key = messages.direct_key(escalation, person)
    before = store.read(lambda session: session.get(Action, key))
    place = messages.tell(escalation, person)
    is_new = before is None or not before.ref or before.run_id == current_run()
    if place is not None and not is_new:
        key = f"remind:{escalation.id}:{person}:{turn}"
        intent = messages.about(escalation, "remind", key, person, "Reminded the owner.")
        message = partial(texts.reminder, escalation, stale=ladder.is_stale(escalation, now_ms()))
        addressing.post(intent, message, since_ms=escalation.raised_at, thread=place)


def say_below(escalation: Escalation, line: str, turn: str) -> None:
    """One line in the thread of the channel's message."""
    for thread in posting.where([escalation.post]):
        key = f"climbed:{escalation.id}:{turn}"
        intent = messages.about(escalation, "climb", key, thread.channel, "Posted in the channel who was asked.")
        posting.post(intent, texts.line(line), since_ms=escalation.raised_at, thread=thread)


def has_left(person: str) -> bool:
    """Is somebody gone from the workspace, as far as Slack says?"""
    return is_person(person) and vendors.slack is not None and colleagues.look(person).left


def _still_due(due_at: int, asked: int, then: ladder.Move, row: Escalation) -> bool:
    """Only one run asks for one due time, and none after somebody answered meanwhile."""
    if not is_due(row, due_at, asked):
        return False
    then(row, now_ms())
    return True


def _pass_over(row: Escalation, now: int, *, last_resort: chain.Chain) -> None:
    """Whoever left answers for nothing any more; if it was the last one, the last resort does."""
    gone = row.next_person
    row.chain = [step for step in row.chain if step["person"] != gone] or last_resort
    if row.person == gone:
        row.person, row.role, row.state = row.chain[0]["person"], row.chain[0]["role"], ladder.OPEN
        row.acknowledged_by, row.acknowledged_at = "", None
    ladder.begin(row, now)
    row.due_at = rules.calendar_of(row.next_person).next_open(now)
