"""`/rules`: every setting of the company's `Rules`, to be read, never to be changed here.

`SECTIONS` names them by their place in `Rules`; a test walks the dataclasses, so that none is forgotten. None is a
secret: those are environment variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.rule_values import lines
from app.pages.view import language_of, page
from workflows.rules.company import Rules
from workflows.rules.company import rules as in_force

router = APIRouter()

#: Each section of the page: its title, and its settings with what they are called.
SECTIONS: dict[str, dict[str, str]] = {
    "From the tag to the customer": {
        "language": "Language",
        "company_name": "Company name in drafts",
        "tags": "Tags",
        "file_since": "Tags counted from",
        "declined": "Resolutions that notify nobody",
        "jira_project": "Jira project",
        "jira_issue_type": "Jira issue type",
        "reconcile_minutes": "Reconciliation",
    },
    "Releases": {
        "gate.usual": "A finished issue counts as available",
        "gate.projects": "Projects that differ",
        "sending.undo_seconds": "Undo window of a message",
        "sending.at_any_hour": "Messages outside business hours",
        "sending.lead_temperature": "A lead approves at customer temperature",
        "sending.lead_tiers": "A lead approves for plans",
        "sending.tell_owners": "Account owners hear of",
        "sending.per_day": "Messages a day in one teammate's name",
        "sending.open_per_day": "Conversations a day that releases reopen for one agent",
        "sending.open_at_any_hour": "Conversations reopened outside business hours",
        "sending.gather_days": "Days within which one message tells a customer of several releases",
        "sending.tag": "Tag of reopened conversations",
    },
    "Business hours": {
        "calendar.zone": "Time zone",
        "calendar.hours": "Hours",
        "calendar.country": "Holiday calendar",
        "calendar.exceptions": "Days off and extra working days",
        "calendars": "Individual hours",
    },
    "Meeting": {
        "triage.weekday": "Meeting day",
        "triage.meets_at": "Meeting time",
        "triage.agenda_weekday": "Agenda day",
        "triage.agenda_at": "Agenda time",
        "triage.undo_seconds": "Undo window",
        "triage.channel": "Meeting channel",
        "triage.mail": "Email to",
        "triage.mail_minutes": "Email after the last decision",
        "context_remind_minutes": "Reminder to fill in the background",
    },
    "Weight": {
        "weight.company": "Per company",
        "weight.tier": "By tier",
        "weight.money": "Monthly spend per point",
        "weight.importance": "By importance",
        "weight.temperature": "By customer temperature",
        "weight.week": "Per week since the request",
        "weight.weeks": "Weeks counted at most",
    },
    "Escalations": {
        "fallback": "Fallback person",
        "owner_attributes": "Attributes in Intercom",
        "escalation_targets": "Acknowledgement target",
        "escalation_minutes": "Before the next person is asked",
        "follow_up_minutes": "Before a follow-up is due",
        "stale_days": "Before reminders become weekly",
    },
    "Suggested escalations": {
        "suggest_rating": "Highest rating",
        "suggest_contacts": "Conversations with the same kind of tag",
        "suggest_days": "Time window",
        "suggest_words": "Words in messages",
    },
    "Slack and its commands": {
        "support_channel": "Support channel",
        "escalation_channel": "Escalation channel",
        "kinds": "By kind of request",
        "commands": "Commands",
        "colleagues": "Slack IDs by email address",
    },
    "Chatwork": {"chatwork_rooms": "Rooms", "escalation_room": "Escalations to the room"},
    "Similar requests": {
        "similar.engine": "Found",
        "similar.numbers": "Fitted numbers",
        "similar.synonyms": "Synonyms",
    },
    "Enquiries": {
        "enquiry.channel": "Channel of enquiries",
        "enquiry.window": "Channel for reading along",
        "enquiry.window_names": "Names in that channel",
        "enquiry.routes": "Other channels",
        "enquiry.fields": "Shown of a customer in Slack",
        "enquiry.mask": "Addresses and numbers hidden in Slack",
        "enquiry.most_open": "Open conversations of one agent at most",
        "enquiry.targets": "Time to an answer",
        "enquiry.tiers": "Time to an answer by plan",
        "enquiry.warn": "Warnings",
        "skills": "Skills",
    },
    "Volume": {
        "volume.themes": "Themes by words",
        "volume.actives": "Active accounts",
        "volume.poll_minutes": "Other sources are asked",
    },
    "Alerts": {
        "alerts.channel": "Alerts to the channel",
        "alerts.room": "Alerts to the room in Chatwork",
        "alerts.per_week": "Alerts a week",
        "alerts.ceiling": "Ceiling for half an hour",
        "alerts.silence": "Hardly any enquiries alarm, too",
        "alerts.themes": "Themes are watched by themselves",
        "alerts.drift": "Alert on slow rises",
        "alerts.seasons": "Seasons of the year",
    },
    "Digests": {
        "digest.daily": "Time of the daily digest",
        "digest.weekly_day": "Day of the weekly digest",
        "digest.weekly": "Time of the weekly digest",
        "digest.channel": "Digests to the channel",
        "digest.room": "Digests to the room in Chatwork",
        "digest.mail": "Digests by email to",
    },
    "Satisfaction": {
        "survey.on": "Customers are asked",
        "survey.after_minutes": "Asked after closing",
        "survey.good_days": "A link works for",
        "survey.per_person_days": "One person is asked again after",
        "survey.reasons": "Reasons to choose from",
    },
    "Dry run": {"dry_run.on": "Whole service", "dry_run.stories": "Only these parts"},
    "Access": {"access.operators": "Admins", "access.agents": "Agents", "access.everyone": "Everyone else"},
    "Retention": {
        "retention.bodies": "Webhook bodies",
        "retention.keys": "Webhook keys",
        "retention.messages": "Customer messages",
        "retention.contacts": "Customer names and addresses",
        "retention.arguments": "Submitted forms",
        "retention.enquiries": "Solved conversations without a request or an escalation",
    },
    "Texts for customers": {"promises": "Promise texts", "wording": "Draft texts"},
}


@dataclass(frozen=True)
class Setting:
    """A setting: where it stands in `Rules`, what it is called, and its value in lines."""

    path: str
    label: str
    lines: Sequence[str]


@router.get("/rules")
def show(request: Request) -> Response:
    """All of them, as they are in force."""
    return page(request, "rules.html", sections=sections(in_force, language_of(request)), long="Texts for customers")


def sections(rules: Rules, language: str) -> dict[str, list[Setting]]:
    """Every section's settings, in a language, by the section's title."""
    return {
        title: [Setting(path, label, lines(path, attrgetter(path)(rules), language)) for path, label in named.items()]
        for title, named in SECTIONS.items()
    }
