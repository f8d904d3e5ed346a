"""Connecting feedback to Jira issues: what the link and release stories share.

A connection is a row here, and a remote link on the issue, so that developers see the conversation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from sqlmodel import Session, col, select

from integrations.intercom import conversation_in
from integrations.jira import Issue as JiraIssue
from workflows.engine.actions import Done, Intent, act, happened
from workflows.engine.durable import child, current_run, spawn
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import jira_client, vendors
from workflows.language import text
from workflows.language.addresses import Site, feedback_url
from workflows.rules import rules
from workflows.tables.wish import Feedback, FeedbackFeature, Issue
from workflows.wish import issues, wishes
from workflows.wish.availability import way_out


def row_of(issue: JiraIssue) -> Issue:
    """An issue as Jira says it is now, as a row of ours."""
    return Issue(
        id=issue.id,
        key=issue.key,
        summary=issue.summary,
        url=issue.url,
        status=issue.status_name,
        category=issue.category,
        resolution=issue.resolution,
        checked_at=now_ms(),
    )


def read_issue(id_or_key: str) -> Issue | None:
    """Look an issue up in Jira and keep it, unless we know it: its state then is for `release` to compare."""
    found = jira_client().issue(id_or_key)
    return store.write(partial(_keep, found)) if found else None


def _keep(found: JiraIssue, session: Session) -> Issue:
    issue = row_of(found)
    known = session.get(Issue, issue.id)
    if known is None:
        session.add(issue)
    if (known or issue).category == "done" and not (known or issue).cycle:
        is_declined = rules.is_declined(found.resolution, found.resolution_id)
        issues.met_as_done(session, known or issue, found.since or now_ms(), is_declined, way_out(found))
    if known is None:
        return issue
    known.key, known.summary, known.url = issue.key, issue.summary, issue.url
    return known


def issues_of_feature(feature_id: str) -> list[Issue]:
    """The Jira issues that Productboard pushed a feature to; kept as links of the feature.

    It may be connected to several Jiras: an issue is ours where its key leads to the same id (an old key does too).
    """
    if vendors.productboard is None:
        return []
    found = [(ref.id, jira_client().issue(ref.key)) for ref in vendors.productboard.issues_of(feature_id)]
    pushed = [store.write(partial(_keep, issue)) for id, issue in found if issue and issue.id == id]
    for issue in pushed:
        store.write(partial(_feature_has_issue, feature_id, issue.id))
    return pushed


def _feature_has_issue(feature_id: str, issue_id: str, session: Session) -> None:
    issues.feature_has_issue(session, feature_id, issue_id)


def feedback_in(urls: Sequence[str]) -> tuple[list[str], list[int]]:
    """The conversations and the feedback records that links lead to."""
    chats = [chat for url in urls if (chat := conversation_in(url))]
    page = re.compile(re.escape(Site.public_url) + r"/feedback/(\d{1,9})\b") if Site.public_url else None
    ids = [int(match.group(1)) for url in urls if page and (match := page.match(url))]
    return list(dict.fromkeys(chats)), list(dict.fromkeys(ids))


def let_wait(
    issue: Issue, chats: Sequence[str], feedback_ids: Sequence[int], origin: str, from_cycle: int | None = None
) -> list[int]:
    """Let everything filed in these conversations, and these records, wait for an issue; returns who does.

    `from_cycle`: releases up to this one are no news to them. What follows from that is up to `see_to`.
    """
    connect = partial(_connect, issue, list(chats), list(feedback_ids), origin, from_cycle)
    waiting = store.write(connect)
    filed = store.read(partial(wishes.of_conversations, conversation_ids=chats)) if chats else []
    # What was filed at this very moment has looked for mentions before ours was there.
    return waiting if {feedback.id for feedback in filed} <= set(waiting) else store.write(connect)


def adopt(conversation_id: str, feedback_ids: Sequence[int]) -> None:
    """Issues may have named the conversation before anything was filed from it, and even be done since."""
    for issue, from_cycle in store.read(partial(issues.mentions_of, conversation_id=conversation_id)):
        let_wait(issue, [], feedback_ids, "jira", from_cycle)
        see_to(issue)


def _connect(
    issue: Issue,
    chats: list[str],
    feedback_ids: list[int],
    origin: str,
    from_cycle: int | None,
    session: Session,
) -> list[int]:
    issues.lock(session)  # a merger at this moment would miss the link
    filed = wishes.of_conversations(session, chats)
    for chat in set(chats) - {feedback.conversation_id for feedback in filed}:
        issues.mention(session, chat, issue.id, from_cycle)
    everyone = {feedback.id: feedback for feedback in (*filed, *wishes.of_ids(session, feedback_ids))}
    ids = [id for id in everyone if id is not None]
    is_done = issues.is_done(session, issue.id)
    for id in issues.connect(session, ids, issue.id, origin, from_cycle):
        happened(session, _waits(everyone[id], issue, is_done))
    issues.touched(session, ids)
    return ids


def see_to(issue: Issue) -> None:
    """What follows once somebody waits for an issue: it shows them, and if it is done already they hear of it too."""
    put_on(issue)
    if store.read(partial(issues.is_late, issue_id=issue.id)):
        id = f"{current_run()}/late/{issue.id}"
        spawn([child(id, "release.check", issue_id=issue.id, issue_key=issue.key)])


def put_on(issue: Issue) -> None:
    """Let the issue show every conversation that waits for it.

    In a run of its own: a Jira that refuses to show a link must keep nobody from hearing the news.
    """
    if hidden := store.read(partial(issues.unshown, issue_id=issue.id)):
        newest = max(feedback.id or 0 for feedback in hidden)
        spawn([child(f"show/{issue.id}/{newest}", "links.show", issue_id=issue.id)])


def _waits(feedback: Feedback, issue: Issue, is_done: bool) -> Intent:
    return Intent(
        "jira",
        "link",
        key=f"issue:{feedback.id}:{issue.id}",
        target=issue.key,
        sentence="Linked to {key} {summary}, which is already done." if is_done else "Waiting for {key} {summary}",
        facts={"key": issue.key, "summary": issue.summary},
        feedback_id=feedback.id,
        conversation_id=feedback.conversation_id,
        issue_id=issue.id,
        url=issue.url,
    )


def show_in_jira(issue: Issue, feedback: Feedback) -> None:
    """Put the conversation on the issue as a remote link; the same link however often this is called."""
    chat = store.read(partial(wishes.url_of_conversation, conversation_id=feedback.conversation_id))
    url = chat or feedback.source_url or feedback_url(feedback.id)
    intent = Intent(
        "jira",
        issues.SHOWN,
        key=f"{issues.SHOWN}:{issue.id}:{feedback.conversation_id}",
        target=issue.key,
        sentence="Added a link to the conversation to {key}.",
        facts={"key": issue.key},
        conversation_id=feedback.conversation_id,
        feedback_id=feedback.id,
        issue_id=issue.id,
        url=issue.url,
    )

    def call() -> Done:
        linked = jira_client().link_conversation(
            issue.id,
            global_id=f"yamabiko:intercom:conversation:{feedback.conversation_id}",
            url=url,
            title=text.title(feedback.quote, ""),
            summary=wishes.code(feedback.id),
            resolved=False,
        )
        return Done(issue.id if linked else "")

    if url:
        act(intent, call)


def features_of_notes(session: Session) -> dict[str, set[str]]:
    """The features that are linked, as we know it, to each note."""
    known: dict[str, set[str]] = {}
    rows = session.exec(
        select(Feedback.note_id, FeedbackFeature.feature_id).join(
            FeedbackFeature, col(FeedbackFeature.feedback_id) == Feedback.id
        )
    )
    for note_id, feature_id in rows:
        known.setdefault(note_id, set()).add(feature_id)
    return known
