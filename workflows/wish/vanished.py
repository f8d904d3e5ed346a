"""Vanished: an issue that wishes wait for was deleted in Jira, or may not be seen any more. Nobody waits for it then.

What was done by then stays done: what it brought is there, also without the issue.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlmodel import Session, col, delete, select

from integrations.slack import blocks
from workflows.engine import posting
from workflows.engine.actions import Intent, happened, leave
from workflows.engine.durable import GIVE_UP_AFTER_MS
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.language.addresses import feedback_url
from workflows.language.text import _, shortened
from workflows.rules import rules
from workflows.tables.runs import Action
from workflows.tables.wish import FeatureIssue, Feedback, FeedbackIssue, Issue, Mention
from workflows.wish import issues, wishes
from workflows.wish.wishes import code

HIDDEN = "{key} does not exist in Jira, or is not visible to us."
WAS_DONE = "{key} no longer exists in Jira. It was already done, so what was available stays available."
FREED = "No longer linked: {key} was deleted in Jira or is no longer visible to us."
TOLD = "Notified the support channel that {key} is gone."
VERB = "vanish"


def freed(issue_id: str, key: str) -> Outcome:
    """Free whoever waits for an issue that Jira has no more, and tell support once."""
    if store.read(partial(_was_done, issue_id)):
        return ignored(WAS_DONE, key=key)
    waiting = store.write(partial(_free, issue_id))
    if not waiting:
        return ignored(HIDDEN, key=key)
    tell_team(issue_id, key, waiting)
    return done("{key} is gone. No longer linked: {feedback}", key=key, feedback=", ".join(map(code, waiting)))


def _was_done(issue_id: str, session: Session) -> bool:
    issue = session.get(Issue, issue_id)
    return issue is not None and issue.category == "done"


def _free(issue_id: str, session: Session) -> list[int]:
    """Those who wait for it, or waited when an earlier attempt came to them; from now on none do."""
    issues.lock(session)
    links = session.exec(select(FeedbackIssue.feedback_id).where(FeedbackIssue.issue_id == issue_id)).all()
    if links:
        issue = session.get_one(Issue, issue_id)
        for wish in wishes.of_ids(session, links):
            happened(session, _freed(wish, issue))
    for table in (FeedbackIssue, FeatureIssue, Mention):
        session.exec(delete(table).where(col(table.issue_id) == issue_id))
    told = Action.verb == f"jira.{VERB}", Action.issue_id == issue_id
    return sorted({id for id in session.exec(select(Action.feedback_id).where(*told)) if id})


def _freed(wish: Feedback, issue: Issue) -> Intent:
    return Intent(
        "jira",
        VERB,
        key=f"vanished:{issue.id}:{wish.id}",
        target=issue.key,
        sentence=FREED,
        facts={"key": issue.key},
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
        issue_id=issue.id,
    )


def tell_team(issue_id: str, key: str, waiting: Sequence[int]) -> None:
    """One message to the support channel, which names the wishes."""
    named = "-".join(map(str, waiting))
    said, channel = f"vanished/said:{issue_id}:{named}", rules.support_channel
    intent = Intent("slack", "post", said, channel, TOLD, {"key": key}, issue_id=issue_id)
    if vendors.slack is not None and not channel:
        leave(intent, posting.NO_CHANNEL)
        return
    codes = ", ".join(blocks.link(feedback_url(id), code(id)) for id in waiting)
    summary = store.read(lambda session: session.get_one(Issue, issue_id).summary)
    text = _(
        "{key} {summary} was deleted in Jira or is no longer visible to us. These requests are no longer "
        "linked to an issue: {feedback}",
        key=blocks.escape(key),
        summary=blocks.escape(shortened(summary, 200)),
        feedback=codes,
    )
    posting.post(intent, (text, [blocks.section(text)]), since_ms=now_ms() - GIVE_UP_AFTER_MS)
