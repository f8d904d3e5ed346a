"""The product in one table: what happened at a vendor → the story that follows.

The event's fields are the story's arguments. A topic whose event is not here is kept as ignored.
"""

from __future__ import annotations

from dataclasses import asdict

from integrations import intercom, jira, productboard
from integrations.contract import Event
from workflows import feedback, links, release, reopen
from workflows.durable import Story, name_of
from workflows.records.tables import Run
from workflows.store import now_ms

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


def acts_on(event: Event | None) -> bool:
    """Does a story follow this event?"""
    return type(event) in ROUTES


def run_for(delivery_id: str, event: Event) -> Run | None:
    """The run that follows an event; None if nobody acts on it."""
    story = ROUTES.get(type(event))
    if story is None:
        return None
    now = now_ms()
    return Run(
        id=delivery_id,
        delivery_id=delivery_id,
        workflow=name_of(story),
        arguments=asdict(event),
        due_at=now,
        created_at=now,
    )
