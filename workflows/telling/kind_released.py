"""Released: those who care for one kind of request hear that it is available, or is so no more.

release.announce, release.warn ─► tell, for each kind ─► the kind's channel, and its people    ([kinds.…])
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from workflows.engine.actions import Intent
from workflows.engine.durable import workflow
from workflows.engine.outcome import Outcome
from workflows.engine.store import store
from workflows.tables.columns import copy_of
from workflows.tables.telling import Release, Wave
from workflows.tables.wish import Feedback, Issue
from workflows.telling import hearers, ledger, release_texts, waiters, whose
from workflows.wish import availability

RELEASED = "Told those who hear of {kind} requests that {key} is available."
TAKEN_BACK = "Told those who hear of {kind} requests that {key} is no longer available."


@workflow
def tell(release_id: str, wave_id: int, kind: str) -> Outcome:
    """An issue is available to those who asked for something of one kind; or is so no more (no wave)."""
    release, issue, wishes = store.read(partial(_reached, release_id, wave_id, kind))
    chats = len({wish.conversation_id for wish in wishes})
    facts, key = {"kind": kind, "key": issue.key}, f"kind-released:{release_id}:{wave_id}:{kind}"
    if release.kind == ledger.REOPENED:
        message = partial(release_texts.reopened, issue, chats, is_done=bool(release.resolution))
        intent = Intent("slack", "kind", key, "", TAKEN_BACK, facts, issue_id=issue.id)
    else:
        message = partial(release_texts.available, issue, chats, 0)
        intent = Intent("slack", "kind", key, "", RELEASED, facts, issue_id=issue.id)
    return hearers.post(kind, intent, message, release.happened_at)


def _reached(release_id: str, wave_id: int, kind: str, session: Session) -> tuple[Release, Issue, list[Feedback]]:
    release = session.get_one(Release, release_id)
    if release.kind == ledger.REOPENED:
        wishes = whose.ended(session, release)
    else:
        wave, reach = session.get_one(Wave, wave_id), availability.reached(session, [release_id])
        wishes = [it for it in waiters.reached(session, release) if reach.includes(wave, it.company_id)]
    mine = [copy_of(wish) for wish in wishes if wish.kind == kind]
    return copy_of(release), copy_of(session.get_one(Issue, release.issue_id)), mine
