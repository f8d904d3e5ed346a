"""Requesters: everybody who asked for what an issue brought, one by one, and how telling each of them stands.

    counted(session, ["4711:2"])["4711:2"]     # {"told": 40, "drafted": 3, "unreached": 12}: in sum everybody who asked
    listed(session, release, "drafted")        # these, with who they are, by whom they were told, and in which words

Whoever it is not available to yet has no telling, nor has, for a moment, whoever it has just reached.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer import companies
from workflows.engine.rows import among
from workflows.engine.store import now_ms
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, FeedbackIssue
from workflows.telling import drafts, ledger
from workflows.telling.drafts import DRAFTED, FOR_LEAD, OWED, STANDING, WITH_OWNER
from workflows.wish import availability
from workflows.wish import voices as wish_voices
from workflows.wish.voices import Voice
from workflows.wish.wishes import COUNTS

#: It is not available to them: they wait for a later wave.
UNREACHED = "unreached"
WORDS = {UNREACHED: "Not released to them yet"} | drafts.WORDS
STANDINGS = tuple(WORDS)
#: Somebody still has to tell them.
PENDING = (UNREACHED, OWED, DRAFTED, WITH_OWNER, FOR_LEAD, drafts.APPROVED)
#: Of a ledger so many rows are shown at once.
MOST = 100

#: Is there nothing that they are owed so far?
IS_SILENT = col(Telling.state).is_(None)


@dataclass(frozen=True)
class Requester:
    """One of them: their words, how it stands, what is owed to their conversation (None for nothing yet), why nobody
    could be told there, and how the apology stands, where one is owed because the release was taken back."""

    voice: Voice
    standing: str
    telling: Telling | None
    excuse: Action | None
    apology: Telling | None = None


def asking(*columns: Any) -> Any:
    """A query over everybody who asked for what some releases brought: Release, Feedback, and the Telling or NULL."""
    return (
        sa.select(*columns)
        .select_from(Release)
        .join(
            FeedbackIssue,
            sa.and_(
                col(FeedbackIssue.issue_id) == col(Release.issue_id),
                col(FeedbackIssue.from_cycle) < col(Release.cycle),
            ),
        )
        .join(Feedback, col(Feedback.id) == col(FeedbackIssue.feedback_id))
        .outerjoin(
            Telling,
            sa.and_(
                col(Telling.release_id) == col(Release.id),
                col(Telling.conversation_id) == col(Feedback.conversation_id),
            ),
        )
        .where(COUNTS)
    )


def counted(session: Session, release_ids: Collection[str]) -> Mapping[str, Counter[str]]:
    """How many who asked for each of these releases stand how."""
    firm = sa.case((IS_SILENT, col(Feedback.company_id)), else_=None)  # of no matter where there is a telling
    query = asking(col(Release.id), firm.label("firm"), STANDING.label("how"), sa.func.count())
    query = query.where(col(Release.id).in_(release_ids)).group_by(col(Release.id), sa.text("firm"), sa.text("how"))
    reach, found = Available.of(session, release_ids), defaultdict[str, Counter[str]](Counter)
    for release_id, company_id, standing, count in session.execute(query):
        found[release_id][standing or reach.standing(release_id, company_id)] += count
    return found


@dataclass(frozen=True)
class Available:
    """To whom some releases are available now: to nobody where they were taken back."""

    reach: availability.Reach
    back: Collection[str]

    @classmethod
    def of(cls, session: Session, release_ids: Collection[str]) -> Available:
        """Ask it once for some releases."""
        backs = [ledger.reopening(id) for id in release_ids]
        taken = session.exec(select(Release.id).where(col(Release.id).in_(backs)))
        return cls(availability.reached(session, release_ids), {id.removesuffix(f":{ledger.REOPENED}") for id in taken})

    def standing(self, release_id: str, company_id: str | None) -> str:
        """How it stands for somebody of this company for whom there is no telling."""
        is_there = release_id not in self.back and self.reach.since(release_id, company_id or None) is not None
        return OWED if is_there else UNREACHED


def listed(
    session: Session, release: Release, standing: str = "", *, after: int = 0, most: int = MOST
) -> tuple[Sequence[Requester], int]:
    """Some of those who asked, in the order in which they did, and after which wish they go on (0 for no more)."""
    query = asking(col(Feedback.id), Telling).where(col(Release.id) == release.id, col(Feedback.id) > after)
    if standing:
        query = query.where(_stand(session, release, standing))
    rows = session.execute(query.order_by(col(Feedback.id)).limit(most + 1)).all()
    shown = rows[:most]
    return _told(session, release, shown), shown[-1][0] if len(rows) > most else 0


def _stand(session: Session, release: Release, standing: str) -> Any:
    """Do they stand so? Where there is no telling, their company decides."""
    if standing not in (OWED, UNREACHED):
        return standing == STANDING
    reach, firm = Available.of(session, [release.id]), sa.func.coalesce(Feedback.company_id, "")
    firms = session.execute(asking(firm).where(col(Release.id) == release.id, IS_SILENT).distinct()).scalars()
    some = [id for id in firms if reach.standing(release.id, id) == standing]
    return sa.or_(IS_SILENT & firm.in_(some), col(Telling.state) == standing)


def _told(session: Session, release: Release, rows: Sequence[Any]) -> list[Requester]:
    reach, voices = Available.of(session, [release.id]), voices_of(session, [id for id, _ in rows])
    excuses = excuses_of(session, [telling for _, telling in rows if telling])
    apologies = _apologies(session, release, [telling.conversation_id for _, telling in rows if telling])
    return [
        Requester(
            voices[id],
            drafts.standing(telling) if telling else reach.standing(release.id, voices[id].company_id),
            telling,
            excuses.get((telling.release_id, telling.conversation_id)) if telling else None,
            apologies.get(telling.conversation_id) if telling else None,
        )
        for id, telling in rows
    ]


def _apologies(session: Session, release: Release, chats: Sequence[str]) -> Mapping[str, Telling]:
    """What is owed to whoever had been told of a release that was taken back, by their conversation."""
    back = select(Telling).where(Telling.release_id == ledger.reopening(release.id))
    return {each.conversation_id: each for each in session.exec(back.where(among(col(Telling.conversation_id), chats)))}


def voices_of(session: Session, ids: Sequence[int]) -> Mapping[int, Voice]:
    """What these customers asked for, with who they are now."""
    now = now_ms()
    firms = companies.firms(session, now, col(Feedback.id).in_(ids)) if ids else {}
    return wish_voices.voices(session, ids, firms, now) if ids else {}


def excuses_of(session: Session, tellings: Sequence[Telling]) -> Mapping[tuple[str, str], Action]:
    """Why nobody could be told in these conversations, where that is so: see `bring_back.excuse`."""
    keys = {
        f"excuse:{each.release_id}:{each.conversation_id}": (each.release_id, each.conversation_id)
        for each in tellings
        if each.state == drafts.EXCUSED
    }
    found = session.exec(select(Action).where(col(Action.key).in_(list(keys)))) if keys else ()
    return {keys[action.key]: action for action in found}
