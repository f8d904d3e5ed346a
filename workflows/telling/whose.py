"""Whose: which account owners hear of what, and which companies without one have something to hear."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from sqlmodel import Session, col, select

from workflows.customer import owners
from workflows.engine.durable import NewRun, child
from workflows.rules import rules
from workflows.rules.telling import DECLINED, RELEASED, WITHDRAWN
from workflows.tables.customer import Company
from workflows.tables.telling import Release, Telling, Wave
from workflows.tables.wish import Feedback
from workflows.telling import ledger, waiters
from workflows.telling.cause import Cause
from workflows.telling.owner_texts import Mine
from workflows.wish.wishes import COUNTS

#: As which of the news owners hear of a release that is nothing to use.
KINDS = {ledger.DECLINED: DECLINED, ledger.REOPENED: WITHDRAWN}


def runs(session: Session, release: Release, wave: Wave, wishes: Sequence[Feedback]) -> list[NewRun]:
    """The runs that tell the owners of whoever a wave has reached, among these wishes."""
    if RELEASED not in rules.sending.tell_owners:
        return []
    theirs = by_owner(session, wishes)
    names = {"release_id": release.id, "wave_id": wave.id or 0}
    return [child(f"{release.id}/owner/{wave.id}/{who}", "owner_news.tell", who=who, **names) for who in sorted(theirs)]


def runs_at_end(session: Session, release: Release) -> list[NewRun]:
    """The runs that tell the owners that an issue brings nothing, or that it is no longer available."""
    if KINDS.get(release.kind) not in rules.sending.tell_owners:
        return []
    id, theirs = release.id, by_owner(session, ended(session, release))
    return [child(f"{id}/owner/{who}", "owner_news.turned", release_id=id, who=who) for who in sorted(theirs)]


def by_owner(session: Session, wishes: Sequence[Feedback]) -> dict[str, list[Feedback]]:
    """The wishes by whoever answers for their company, the fallback for those without; "" is left out."""
    firms = sorted({wish.company_id for wish in wishes if wish.company_id})
    known, found = owners.owners_of(session, firms), defaultdict[str, list[Feedback]](list)
    for wish in wishes:
        if wish.company_id:
            found[known.get(wish.company_id, rules.fallback)].append(wish)
    found.pop("", None)
    return dict(found)


def mine(session: Session, wishes: Sequence[Feedback], who: str) -> Mine:
    """What of these is one owner's, with the companies' names."""
    theirs = by_owner(session, wishes).get(who, [])
    ids = sorted({wish.company_id for wish in theirs if wish.company_id})
    firms = [session.get(Company, id) for id in ids]
    names = {firm.id: firm.name for firm in firms if firm is not None}
    return Mine(theirs, names, frozenset(ids) - owners.owners_of(session, ids).keys())


def ended(session: Session, release: Release) -> list[Feedback]:
    """The wishes for which a release means that there is nothing to use, or nothing any more."""
    if release.kind != ledger.REOPENED:
        return waiters.waited(session, release)
    before = session.get(Release, Cause.read(release.id).stored)
    return waiters.reached(session, before) if before is not None else []


def unowned(session: Session) -> list[tuple[Company, int]]:
    """The companies without an owner whose people are still to be told something, and how many tellings that are."""
    query = (
        select(Feedback.company_id, Telling.release_id, Telling.conversation_id)
        .join(Telling, col(Telling.conversation_id) == col(Feedback.conversation_id))
        .where(col(Telling.state).in_(ledger.OWING), COUNTS, col(Feedback.company_id).is_not(None))
        .distinct()
    )
    counts = Counter(company for company, *_ in session.exec(query) if company)
    known = owners.owners_of(session, sorted(counts))
    firms = [session.get(Company, id) for id in sorted(counts) if id not in known]
    found = [(firm, counts[firm.id]) for firm in firms if firm is not None]
    return sorted(found, key=lambda each: (-each[1], each[0].name))
