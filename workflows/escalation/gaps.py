"""Gaps: companies about which somebody was called although nobody answers for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer.owners import ORIGINS, companies_of, in_parts
from workflows.tables.customer import Owner
from workflows.tables.escalation import Escalation

#: How a gap came to be.
NO_OWNER, NOT_FOUND, NOT_ON_RECORD = "no owner", "not found", "not on record"


#: An escalation's company, by its id, or by its name where it has none.
_WHOSE = (
    sa.func.coalesce(col(Escalation.company_id), ""),
    sa.case((col(Escalation.company_id).is_(None), col(Escalation.company)), else_=""),
)


_CHAIN = sa.cast(col(Escalation.chain), sa.String)


_FALLBACK = _CHAIN.like('%"fallback"%')


_ASKED: Any = (Escalation.id, Escalation.company_id, Escalation.company, Escalation.raised_at, Escalation.chain)


@dataclass(frozen=True)
class Gap:
    """A company about which somebody was called, although nobody answers for it; `why` is one of the three above."""

    company_id: str
    company: str
    #: How many of its escalations went to the fallback, and when the last one did.
    escalations: int
    last_at: int
    why: str
    #: The owner who is on record, but was not found in Slack.
    person: str = ""


def gaps(session: Session) -> list[Gap]:
    """Companies whose newest escalation went to the fallback, and that have had no owner set since; newest first."""
    query = sa.select(*_ASKED).where(col(Escalation.id).in_(_newest_of_each()), _FALLBACK)
    newest = [row for row in session.execute(query) if row.chain[0]["role"] == "fallback"]
    ids = sorted({row.company_id for row in newest if row.company_id})
    known = companies_of(session, [{"company_id": id} for id in ids]).by_id
    owners = _owners_of(session, ids)
    counted = session.execute(sa.select(*_WHOSE, sa.func.count()).where(_FALLBACK).group_by(*_WHOSE)).all()
    counts = {(id, name): count for id, name, count in counted}
    ordered = sorted(newest, key=lambda row: row.raised_at, reverse=True)
    found = [
        _gap(row, counts[_whose(row)], row.company_id in known, owners.get(row.company_id or "", [])) for row in ordered
    ]
    return [gap for gap in found if gap is not None]


def _whose(row: Any) -> tuple[str, str]:
    return (row.company_id or "", "" if row.company_id else row.company)


def _newest_of_each() -> Any:
    """The newest escalation of each company for which somebody was looked for."""
    return sa.select(sa.func.max(col(Escalation.id))).where(_CHAIN != "[]").group_by(*_WHOSE)


def _owners_of(session: Session, ids: Sequence[str]) -> dict[str, list[Owner]]:
    found: dict[str, list[Owner]] = {}
    for some in in_parts(ids):
        for row in session.exec(select(Owner).where(col(Owner.company_id).in_(some), Owner.role == "owner")):
            found.setdefault(row.company_id, []).append(row)
    return found


def _gap(last: Any, escalations: int, is_known: bool, known: Sequence[Owner]) -> Gap | None:
    told = partial(Gap, last.company_id or "", last.company, escalations, last.raised_at)
    if not is_known:
        return told(NOT_ON_RECORD)
    owner = min(known, key=lambda owner: ORIGINS.index(owner.origin)) if known else None
    if owner is None or not owner.person:
        return told(NO_OWNER)
    if owner.set_at > last.raised_at and owner.origin != "intercom":
        return None  # who was set since then has not been asked yet
    return told(NOT_FOUND, owner.person)
