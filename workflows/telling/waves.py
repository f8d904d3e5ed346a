"""Waves: which releases are held, to whom each was made available, and which waves are still to open."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.durable import NewRun, child, start
from workflows.engine.store import now_ms, store
from workflows.tables.telling import Flag, Release, Wave
from workflows.tables.wish import Issue
from workflows.telling import ledger
from workflows.wish import availability, issues

#: The releases of issues as they are: done, and nobody took that back.
_BACK = sa.select(sa.func.replace(col(Release.id), ":" + ledger.REOPENED, "")).where(
    col(Release.kind) == ledger.REOPENED
)
_STANDS = sa.and_(
    col(Release.issue_id) == col(Issue.id),
    col(Release.cycle) == col(Issue.cycle),
    col(Issue.category) == "done",
    col(Release.kind) == ledger.FINISHED,
    col(Release.id).not_in(_BACK),
)
_OPEN = sa.select(col(Wave.release_id)).where(col(Wave.opened_at).is_not(None))


def standing(session: Session, issue_id: str) -> Release | None:
    """The release of an issue that is done; None while it is not, where nothing came of it, or it was taken back."""
    return session.exec(select(Release).join(Issue, _STANDS).where(Issue.id == issue_id)).first()


def held(session: Session) -> list[Release]:
    """What is done and available to nobody yet, the longest wait first."""
    query = select(Release).join(Issue, _STANDS).where(col(Release.id).not_in(_OPEN))
    return list(session.exec(query.order_by(col(Release.happened_at), col(Release.id))))


def of(session: Session, release_id: str) -> list[Wave]:
    """The waves of a release, in the order in which they open."""
    query = select(Wave).where(Wave.release_id == release_id)
    return list(session.exec(query.order_by(col(Wave.opens_at), col(Wave.id))))


def open_due() -> int:
    """Open the waves whose moment has come; returns how many were opened."""
    return store.write(_open_due)


def _open_due(session: Session) -> int:
    is_due = col(Wave.opened_at).is_(None) & col(Wave.called_off_at).is_(None) & (col(Wave.opens_at) <= now_ms())
    stands = select(Release.id).join(Issue, _STANDS)
    some = select(Wave).where(is_due, col(Wave.release_id).in_(stands))
    due = list(session.exec(some.order_by(col(Wave.opens_at), col(Wave.id))))
    for wave in due:
        wave.opened_at = now_ms()
    return start(session, [reaching(wave) for wave in due])


def reaching(wave: Wave) -> NewRun:
    """The run that lets everybody hear whom a wave reaches."""
    return child(f"wave:{wave.origin}", "release.reach", release_id=wave.release_id)


def call_off_rest(session: Session, release_id: str, by: str) -> None:
    """Nothing more opens of a release that is taken back."""
    for wave in session.exec(select(Wave).where(Wave.release_id == release_id, col(Wave.opened_at).is_(None))):
        if wave.called_off_at is None:
            wave.called_off_at, wave.called_off_by = now_ms(), by


# -- companies that come into an audience ---------------------------------------------------------


def flag(session: Session, name: str, company_ids: Collection[str], origin: str) -> int:
    """These companies have a flag from now on, and no others; whoever is reached by that hears of it.

    Returns how many have got it newly. What a company could use it has: nobody is told the contrary.
    """
    had = set(session.exec(select(Flag.company_id).where(Flag.name == name)))
    new = sorted(set(company_ids) - had)
    session.add_all(Flag(name=name, company_id=id, set_at=now_ms()) for id in new)
    session.flush()
    waves = session.exec(select(Wave).where(Wave.audience == availability.FLAG, col(Wave.opened_at).is_not(None)))
    concerned = {wave.release_id for wave in waves if name in wave.names}
    start(session, [child(f"flag:{origin}/{id}", "release.reach", release_id=id) for id in sorted(concerned)])
    return len(new)


def late(session: Session) -> list[str]:
    """The releases that are available to somebody by now who is not owed the news: a company changed its tier, or a
    wish got its company."""
    staged = select(Release).join(Issue, _STANDS).join(Wave, col(Wave.release_id) == Release.id)
    some = staged.where(Wave.audience != availability.ALL, col(Wave.opened_at).is_not(None)).distinct()
    return [release.id for release in session.exec(some) if issues.is_late(session, release.issue_id)]
