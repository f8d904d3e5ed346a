"""Whose: which account owners hear of what a wave has reached. Companies without an owner are the fallback's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlmodel import Session

from workflows.customer import owners
from workflows.engine.durable import NewRun, child
from workflows.rules import rules
from workflows.tables.telling import Release, Wave
from workflows.tables.wish import Feedback


def runs(session: Session, release: Release, wave: Wave, wishes: Sequence[Feedback]) -> list[NewRun]:
    """The runs that tell the owners of whoever a wave has reached, among these wishes."""
    if not rules.sending.tell_owners:
        return []
    theirs = by_owner(session, wishes)
    names = {"release_id": release.id, "wave_id": wave.id or 0}
    return [child(f"{release.id}/owner/{wave.id}/{who}", "owner_news.tell", who=who, **names) for who in sorted(theirs)]


def by_owner(session: Session, wishes: Sequence[Feedback]) -> dict[str, list[Feedback]]:
    """The wishes by whoever answers for their company, the fallback for those without; "" is left out."""
    firms = sorted({wish.company_id for wish in wishes if wish.company_id})
    known, found = owners.owners_of(session, firms), defaultdict[str, list[Feedback]](list)
    for wish in wishes:
        if wish.company_id:
            found[known.get(wish.company_id, rules.fallback)].append(wish)
    found.pop("", None)
    return dict(found)
