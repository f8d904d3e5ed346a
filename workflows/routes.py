"""The product in one table: what happened at a vendor → the story that follows.

The event's fields are the story's arguments. A topic whose event is not here is kept as ignored.
"""

from __future__ import annotations

from dataclasses import asdict

from integrations import intercom, jira, productboard
from integrations.contract import Event
from workflows import feedback, links, release, reopen
from workflows.durable import NewRun, Story, name_of

ROUTES: dict[type[Event], Story] = {
    intercom.ConversationTagged: feedback.file,
    intercom.ConversationStarted: feedback.meet,
    intercom.AgentReplied: reopen.told,
    productboard.NoteChanged: links.note_changed,
    productboard.NoteLinked: links.note_linked,
    productboard.NoteUnlinked: links.note_linked,
    productboard.FeatureChanged: links.feature_changed,
    jira.IssueMoved: release.moved,
    jira.IssueResolved: release.resolved,
    jira.IssueMentioned: links.issue_mentioned,
}

#: Kept and shown, and on purpose acted on by nobody.
UNROUTED: set[type[Event]] = {
    intercom.ConversationChanged,
    intercom.ConversationDeleted,
    jira.IssueDeleted,
    jira.VersionReleased,
}


def acts_on(event: Event | None) -> bool:
    """Does a story follow this event?"""
    return type(event) in ROUTES


def run_for(delivery_id: str, event: Event) -> NewRun | None:
    """The run that follows an event; None if nobody acts on it."""
    story = ROUTES.get(type(event))
    return NewRun(delivery_id, name_of(story), asdict(event), delivery_id=delivery_id) if story else None
