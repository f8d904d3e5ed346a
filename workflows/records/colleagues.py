"""Colleagues as Slack knows them, kept for a day at a time."""

from __future__ import annotations

from sqlmodel import Session, col, select

from workflows.engine.rows import Values, keep
from workflows.tables.people import Colleague


def remember(session: Session, row: Values) -> None:
    """Keep what Slack says of somebody; an address that is known stays, where this does not say another."""
    known = session.get(Colleague, row["id"])
    keep(session, Colleague, row | {"email": row["email"] or (known.email if known else "")})


def by_email(session: Session, email: str, since: int = 0) -> str:
    """The id of whoever was found by this address since then, and was here; "" for nobody."""
    query = select(Colleague.id).where(
        Colleague.email == email.casefold(), col(Colleague.left).is_(False), Colleague.seen_at >= since
    )
    return session.exec(query).first() or ""
