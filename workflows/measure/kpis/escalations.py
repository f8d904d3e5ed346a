"""Escalations: of those raised within a period that ask for an answer, how soon somebody took them, and whether well.

    cases(Look(session, period, now), FIGURES)["acknowledged"]

When somebody took one first is what `escalation.measures` says: handing on takes nothing away.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.escalation import ladder, measures
from workflows.measure.kpis.cases import MINUTE_MS, Case, Cases
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.periods import Period
from workflows.rules import rules
from workflows.tables.escalation import Escalation, Judgement


def cases(look: Look, names: Collection[str]) -> dict[str, Cases]:
    """What these figures of escalations count."""
    session, period, now = look.session, look.period, look.now
    found = measures.known(session, period.begins, period.ends)
    judged = _judged(session, period) if "unjudged" in names else set()
    taken = [_taken(id, each, now) for id, each in found.items()]
    return {
        "acknowledged": Cases.of(taken),
        "in_target": Cases.of([_in_target(each) for each in taken]),
        "unjudged": Cases.of([each._replace(is_hit=int(each.ref) not in judged) for each in taken if each.is_over]),
        "ignored": Cases.of([each._replace(is_hit=not each.is_over and _is_late(each)) for each in taken]),
        "climbed": Cases.of([each._replace(is_hit=found[int(each.ref)].climbed > 0) for each in taken]),
    }


def _taken(id: int, each: measures.Case, now: int) -> Case:
    until = max(each.raised_at, now if each.acknowledged_at is None else each.acknowledged_at)
    minutes = measures.business_minutes(rules.calendar_of(), each.raised_at, until)
    is_over = each.acknowledged_at is not None
    wall = (until - each.raised_at) // MINUTE_MS
    case = Case(str(id), each.raised_at, is_over=is_over, is_open=not is_over, group=each.urgency)
    return case._replace(business=minutes, wall=wall)


def _in_target(each: Case) -> Case:
    """Known once somebody took it or the time is over; until then it may go either way."""
    is_open = not each.is_over and not _is_late(each)
    return each._replace(counts=not is_open, is_open=is_open, is_hit=each.is_over and not _is_late(each))


def _is_late(each: Case) -> bool:
    return each.business > rules.escalation_targets[each.group]


def _judged(session: Session, period: Period) -> set[int]:
    """The escalations of which somebody said how likely the customer is to leave."""
    query = sa.select(col(Judgement.escalation_id)).join(Escalation, col(Escalation.id) == col(Judgement.escalation_id))
    which = (col(Escalation.raised_at) >= period.begins, col(Escalation.raised_at) < period.ends)
    return set(session.execute(query.where(*which, col(Escalation.request) != ladder.INFORMATION)).scalars())
