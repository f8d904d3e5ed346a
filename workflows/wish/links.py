"""Links: which feedback waits for which Jira issue, over Productboard or directly. Many to many.

    Feedback ── Productboard feature ── Jira issue      note relationships, Jira connections
    Feedback ────────────────────────── Jira issue      the issue holds the conversation's link, or an operator says so

Whatever a webhook claims is read again at the vendor, so the order in which news arrives does not matter.
Links are added or confirmed; only product people who unlink a note from its feature take one away.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlmodel import Session

from integrations.productboard import Feature as ProductboardFeature
from workflows.engine.actions import Intent, happened
from workflows.engine.durable import is_repeated, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import jira_client, vendors
from workflows.tables.columns import copy_of
from workflows.tables.wish import Feature, Feedback, Issue
from workflows.wish import issues, vanished, wishes
from workflows.wish.connect import feedback_in, issues_of_feature, let_wait, read_issue, see_to, show_in_jira

NOT_OURS = "This note was not created by Yamabiko."
NO_PRODUCTBOARD = "Productboard is not configured."
LINKED = "The product team linked this to the feature “{feature}”."
UNLINKED = "The product team removed the link to the feature “{feature}”."


@workflow
def note_changed(note_id: str) -> Outcome:
    """A note in Productboard changed: make its features the features of our feedback."""
    if vendors.productboard is None:
        return ignored(NO_PRODUCTBOARD)
    ours = store.read(partial(wishes.of_notes, note_ids=[note_id]))
    note = vendors.productboard.note(note_id) if ours else None
    if not ours or note is None:
        return ignored(NOT_OURS)
    features = [_row(feature) for feature in vendors.productboard.features(note.feature_ids).values()]
    new = {id for feedback in ours for id in store.write(partial(_set_features, feedback, features))}
    for row in features:
        if row.id in new or is_repeated():  # all others are asked for in turn, whenever the poll looks
            connect_feature(row.id)
    return done("Linked to: {features}.", features=", ".join(feature.name for feature in features) or "—")


@workflow
def note_linked(note_id: str, feature_id: str) -> Outcome:
    """Somebody linked a note to a feature; the note itself says to which ones it is linked now."""
    return note_changed(note_id)


@workflow
def feature_changed(feature_id: str, attributes: Sequence[str]) -> Outcome:
    """A feature changed: its status may have, and somebody may have pushed it to Jira meanwhile."""
    if vendors.productboard is None:
        return ignored(NO_PRODUCTBOARD)
    if not store.read(partial(issues.feedback_of_feature, feature_id=feature_id)):
        return ignored("No requests are linked to this feature.")
    feature = vendors.productboard.feature(feature_id)
    if feature is None:
        return ignored("The feature no longer exists in Productboard.")
    store.write(lambda session: session.merge(_row(feature)) and None)
    connect_feature(feature_id)
    return done("{feature}: {status}", feature=feature.name, status=feature.status)


@workflow
def issue_mentioned(issue_id: str, issue_key: str, urls: Sequence[str]) -> Outcome:
    """A Jira issue names a conversation (or one of our pages): what was filed there waits for the issue."""
    chats, feedback_ids = feedback_in(urls)
    if not chats and not feedback_ids:
        return ignored("{key} does not link to any conversation on file.", key=issue_key)
    issue = read_issue(issue_id)
    if issue is None:
        return ignored(vanished.HIDDEN, key=issue_key)
    linked = let_wait(issue, chats, feedback_ids, "jira")
    see_to(issue)
    return done("Linked to {key}: {feedback}.", key=issue.key, feedback=_codes(linked))


@workflow
def issue_gone(issue_id: str, issue_key: str) -> Outcome:
    """An issue was deleted; Jira is asked whether that is so."""
    found = jira_client().issue(issue_id)
    if found is not None:
        return ignored("{key} still exists.", key=found.key)
    return vanished.freed(issue_id, issue_key)


@workflow
def by_hand(feedback_id: int, issue_key: str, who: str) -> Outcome:
    """An operator says that a feedback record waits for an issue."""
    issue = read_issue(issue_key)
    if issue is None:
        return ignored(vanished.HIDDEN, key=issue_key)
    let_wait(issue, [], [feedback_id], "operator")
    see_to(issue)
    return done("{who} linked {feedback} to {key}.", who=who, feedback=wishes.code(feedback_id), key=issue.key)


@workflow
def show(issue_id: str) -> Outcome:
    """Put the conversations that wait for an issue on it, so that developers see who asked."""
    issue = store.read(lambda session: session.get_one(Issue, issue_id))
    hidden = store.read(partial(issues.unshown, issue_id=issue_id))
    for feedback in hidden:
        show_in_jira(issue, feedback)
    return done("Added links to {count} conversations to {key}.", count=len(hidden), key=issue.key)


def connect_feature(feature_id: str) -> None:
    """Whoever waits for a feature waits for the Jira issues that it was pushed to."""
    for issue in issues_of_feature(feature_id):
        waiting = store.read(partial(issues.feedback_of_feature, feature_id=feature_id))
        let_wait(issue, [], waiting, "productboard")
        see_to(issue)


def _set_features(feedback: Feedback, features: Sequence[Feature], session: Session) -> list[str]:
    """Make these the features of a wish; returns the ids of those that are new to it."""
    assert feedback.id is not None
    issues.lock(session)
    new, gone = issues.features_are(session, feedback.id, [copy_of(feature) for feature in features])
    for feature in new:
        happened(session, _linked(feedback, feature, f"feature:{feedback.id}:{feature.id}", LINKED))
    for feature in gone:
        happened(session, _linked(feedback, feature, f"no-feature:{feedback.id}:{feature.id}", UNLINKED))
    issues.part(session, feedback.id, [feature.id for feature in gone])
    issues.touched(session, [feedback.id])
    return [feature.id for feature in new]


def _linked(feedback: Feedback, feature: Feature, key: str, sentence: str) -> Intent:
    return Intent(
        "productboard",
        "link",
        key=key,
        target=feature.id,
        sentence=sentence,
        facts={"feature": feature.name},
        feedback_id=feedback.id,
        conversation_id=feedback.conversation_id,
        url=feature.url,
    )


def _row(feature: ProductboardFeature) -> Feature:
    return Feature(id=feature.id, name=feature.name, status=feature.status, url=feature.url)


def _codes(ids: Sequence[int]) -> str:
    return ", ".join(map(wishes.code, ids)) or "—"
