"""The product in one table: what happened at a vendor → the story that follows.

The event's fields are the story's arguments. A topic whose event is not here is kept as ignored. What people do in
our Slack app is told apart by the name of the form, button or step, which is then no argument any more.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from integrations import counts, deploy, intercom, jira, productboard, slack, zendesk
from integrations.contract import Event
from integrations.intercom.canvas import CardSubmitted
from workflows.engine.durable import URGENT, NewRun, Story, child, name_of
from workflows.engine.schedule import DELIVERIES, PEOPLE
from workflows.enquiry import asking, enquiries, reply, teaching
from workflows.escalation import answer, contact, escalation, in_chatwork, reminders
from workflows.measure import alert, digest, limit, survey, voice_share
from workflows.meeting import agenda, compared, minutes, to_jira
from workflows.notice import notice
from workflows.overview import handing
from workflows.people import teammate
from workflows.telling import (
    conclusion,
    dead_end,
    deployed,
    kind_decided,
    kind_filed,
    kind_released,
    owner_news,
    reaction,
    release,
    reopen,
    retract,
    sending,
    taking,
)
from workflows.volume import reported
from workflows.volume import zendesk as volume_zendesk
from workflows.wish import context, corrected, erasure, feedback, filing, links

ROUTES: dict[type[Event], Story] = {
    intercom.ConversationTagged: feedback.file,
    intercom.ConversationStarted: feedback.meet,
    intercom.AgentReplied: reopen.told,
    intercom.ConversationClosed: reopen.told,
    intercom.CustomerReplied: contact.wrote,
    intercom.ConversationRated: contact.rated,
    intercom.PartRedacted: erasure.redacted,
    intercom.ConversationDeleted: erasure.deleted,
    intercom.ContactDeleted: erasure.person_deleted,
    intercom.TeammateRemoved: teammate.removed,
    productboard.NoteChanged: links.note_changed,
    productboard.NoteLinked: links.note_linked,
    productboard.NoteUnlinked: links.note_linked,
    productboard.FeatureChanged: links.feature_changed,
    jira.IssueMoved: release.moved,
    jira.IssueResolved: release.resolved,
    jira.IssueMentioned: links.issue_mentioned,
    jira.IssueDeleted: links.issue_gone,
    jira.VersionReleased: release.version_changed,
    jira.VersionUnreleased: release.version_changed,
    jira.VersionMerged: release.version_changed,
    deploy.ReleaseAvailable: deployed.available,
    deploy.ReleaseWithdrawn: deployed.withdrawn,
    deploy.FlagEnabled: deployed.flagged,
    deploy.FeatureUsed: deployed.used,
    counts.CountsReported: reported.take,
    zendesk.TicketChanged: volume_zendesk.heard,
    intercom.ConversationChanged: enquiries.follow,
}
#: What follows beside the story above, in a run of its own: whatever happens in a chat is shown, and
#: whatever a customer thought of it is kept.
BESIDE: dict[type[Event], Story] = dict.fromkeys(
    (
        *(intercom.ConversationStarted, intercom.CustomerReplied, intercom.AgentReplied, intercom.ConversationClosed),
        intercom.PartRedacted,
    ),
    enquiries.follow,
) | {intercom.ConversationRated: survey.rated}
#: Stories that read the webhook again that told of it.
READERS = (enquiries.follow, feedback.meet, contact.wrote)

#: Kept and shown, and on purpose acted on by nobody.
UNROUTED: set[type[Event]] = set()


FORMS: dict[str, Story] = {
    "escalate": escalation.submitted,
    "judge": answer.judged,
    "hand_on": answer.handed_on,
    "owners": answer.owners_set,
    "context": context.sent,
    "file_wish": filing.sent,
    "ask_colleagues": asking.asked,
    "mark_answer": asking.marked,
    "keep_answer": teaching.kept,
    "send_reply": reply.send,
}
BUTTONS: dict[str, Story] = {
    "acknowledge": answer.acknowledged,
    "start": answer.started,
    "rearm": answer.rearmed,
    "reopen": answer.reopened,
    "dismiss_suggestion": contact.dismissed,
    "withdraw_wish": corrected.withdrawn,
    "keep_wish": corrected.kept,
    "same_wish": compared.same,
    "not_same_wish": compared.not_same,
    "undo_same_wish": compared.undo_same,
    "undo_not_same_wish": compared.undo_not_same,
    "take_telling": taking.taken,
    "told_by_phone": taking.by_phone,
    "told_by_mail": taking.by_mail,
    "told_in_meeting": taking.in_meeting,
    "unmark_answer": asking.unmarked,
    "alert_fault": alert.fault,
    "alert_expected": alert.expected,
    "alert_mistaken": alert.mistaken,
    "alert_unjudged": alert.unjudged,
    "share_voice": voice_share.shared,
}
STEPS: dict[str, Story] = {"escalate_complaint": escalation.step_started}
CARDS: dict[str, Story] = {"escalate": escalation.card_sent, "context": context.card_sent}

#: Stories that follow no event: a clock or another story begins them (`workflows.upkeep`).
OTHERS = (
    *(agenda, conclusion, dead_end, digest, enquiries, handing, in_chatwork, kind_decided, kind_filed, kind_released),
    *(limit, minutes, notice, owner_news, reaction, reminders, retract, sending, survey, to_jira),
)

#: By which field the events of our Slack app and of the card in Intercom are told apart.
NAMED: dict[type[Event], tuple[str, dict[str, Story]]] = {
    slack.FormSubmitted: ("form", FORMS),
    slack.ButtonPressed: ("button", BUTTONS),
    slack.StepStarted: ("step", STEPS),
    CardSubmitted: ("form", CARDS),
}


def story_of(event: Event | None) -> tuple[Story, dict[str, Any]] | None:
    """The story that follows an event, and its arguments; None if nobody acts on it."""
    if event is None:
        return None
    arguments = asdict(event)
    if type(event) not in NAMED:
        story = ROUTES.get(type(event))
        return (story, arguments) if story else None
    field, stories = NAMED[type(event)]
    name = arguments.pop(field)
    story = stories.get(name) or stories.get(name.partition(".")[0])  # where a message has several, each has a number
    return (story, arguments) if story else None


def acts_on(event: Event | None) -> bool:
    """Does a story follow this event?"""
    return story_of(event) is not None


def runs_for(delivery_id: str, event: Event) -> list[NewRun]:
    """The runs that follow an event, none if nobody acts on it. With the first of them the delivery ends."""
    found = story_of(event)
    if found is None:
        return []
    story, arguments = found
    queue = PEOPLE if name_of(story) in URGENT else DELIVERIES
    arguments |= {"delivery": delivery_id} if story in READERS else {}
    first = NewRun(delivery_id, name_of(story), arguments, queue, delivery_id=delivery_id)
    return [first, *_beside(delivery_id, event)]


def _beside(delivery_id: str, event: Event) -> list[NewRun]:
    story = BESIDE.get(type(event))
    if story is None:
        return []
    arguments = asdict(event) | ({"delivery": delivery_id} if story in READERS else {})
    return [child(f"{delivery_id}/beside", name_of(story), **arguments)]
