"""The list of escalations: what still waits, the longest past its target first; then what is over, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, and_, col, func, or_, select

from workflows.customer.owners import in_parts
from workflows.escalation import ladder
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.tables.people import Colleague

#: What waits is read at once, so that it can be put in order of its business time; the oldest of more than these.
MOST = 1000
#: It has climbed to somebody beside whoever is in charge.
_HAS_CLIMBED = and_(col(Escalation.state) == ladder.OPEN, col(Escalation.rung) > 0)
#: The filter for what nobody on record answers for.
GAP = "gap"


#: The filter for what is longer unanswered than its target, or past what was promised; and for what is over.
LATE, OVER = "late", "over"


@dataclass(frozen=True)
class Chosen:
    """Which escalations somebody wants to see; "" for any. `person`: who is to answer for it now; `state`: one that is
    unfinished, LATE or OVER; `company`: letters of its name."""

    person: str = ""
    urgency: str = ""
    state: str = ""
    risk: str = ""
    company: str = ""


ALL = Chosen()


@dataclass(frozen=True)
class Waiting:
    """An unfinished escalation. `late`: business minutes past its target, or past what was promised; below 0, left."""

    escalation: Escalation
    late: int


def waiting(session: Session, now: int, chosen: Chosen = ALL) -> list[Waiting]:
    """Everything unfinished, by state; within one, what is longest past its target first."""
    if chosen.state == OVER:
        return []
    states = [chosen.state] if chosen.state in ladder.UNFINISHED else ladder.UNFINISHED
    query = _query(chosen).where(col(Escalation.state).in_(states))
    rows = session.exec(query.order_by(col(Escalation.raised_at)).limit(MOST))
    found = [Waiting(row, lateness(row, now)) for row in rows]
    found = [each for each in found if each.late > 0 or chosen.state != LATE]
    if chosen.person not in ("", GAP):
        found = [each for each in found if chosen.person in ladder.answering(each.escalation)]
    return sorted(found, key=lambda each: (ladder.UNFINISHED.index(each.escalation.state), -each.late))


def over(session: Session, chosen: Chosen, before: int, most: int) -> list[Escalation]:
    """What is done or was for information only, newest first, from below this id on (0: from the newest)."""
    if chosen.state not in ("", OVER):
        return []
    query = _query(chosen).where(col(Escalation.state).not_in(ladder.UNFINISHED))
    if before:
        query = query.where(col(Escalation.id) < before)
    return list(session.exec(query.order_by(col(Escalation.id).desc()).limit(most)))


def count(session: Session) -> int:
    """How many escalations there ever were."""
    return session.exec(select(func.count()).select_from(Escalation)).one()


def lateness(escalation: Escalation, now: int) -> int:
    """Business minutes past the target for an answer; where somebody answered, past the next time to ask them."""
    calendar = rules.calendar_of()
    if escalation.state == ladder.OPEN:
        return calendar.minutes(escalation.raised_at, now) - rules.escalation_targets[escalation.urgency]
    if escalation.due_at is None:
        return 0
    return calendar.minutes(escalation.due_at, now) - calendar.minutes(now, escalation.due_at)


def people(session: Session) -> list[tuple[str, str]]:
    """Who answers for anything: the id and the name, by name."""
    ids = set(session.exec(select(Escalation.person).where(Escalation.person != "").distinct()))
    ids |= {person for row in session.exec(select(Escalation).where(_HAS_CLIMBED)) for person in ladder.answering(row)}
    return sorted(names(session, ids).items(), key=lambda each: each[1])


def names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """What these people (Slack ids, e-mail addresses) are called; whoever we never met, by that."""
    wanted = sorted({id for id in ids if id})
    known: dict[str, str] = {}
    for some in in_parts(wanted):
        is_one = or_(col(Colleague.id).in_(some), col(Colleague.email).in_([id.casefold() for id in some]))
        for colleague in session.exec(select(Colleague).where(is_one, Colleague.name != "")):
            known |= dict.fromkeys((colleague.id, colleague.email), colleague.name)
    return {id: known.get(id) or known.get(id.casefold(), id) for id in wanted}


def _query(chosen: Chosen) -> Any:
    """What is for information only has no urgency, whatever the form said."""
    query = select(Escalation)
    if chosen.person == GAP:
        query = query.where(Escalation.role == ladder.FALLBACK)
    elif chosen.person:
        query = query.where(or_(col(Escalation.person) == chosen.person, _HAS_CLIMBED))  # to whom is looked at next
    if chosen.urgency:
        query = query.where(Escalation.urgency == chosen.urgency, Escalation.request != ladder.INFORMATION)
    if chosen.risk:
        query = query.where(Escalation.churn_risk == chosen.risk)
    if chosen.company:
        query = query.where(col(Escalation.company).icontains(chosen.company, autoescape=True))
    return query
