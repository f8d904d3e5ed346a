"""Meanings: what each figure is called, and the sentence that says exactly what it counts. One table, in order.

FIGURES["first_response"].title, .meaning            # English, which `say` translates
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.measure.kpis.product import AGES, OLDER
from workflows.rules.choices import CONCLUSIONS, URGENCIES
from workflows.rules.enquiry import MEDIA

#: A figure is a time (median and 90th percentile), a share of n, how many there are, or how many for each of us (median
#: and 90th percentile of hours).
TIME, SHARE, AMOUNT, LOAD = "time", "share", "amount", "load"
#: What a list of it shows.
CHAT, REQUEST, TELLING, ESCALATION, HOUR = "chat", "request", "telling", "escalation", "hour"


@dataclass(frozen=True)
class Figure:
    """`shape`: time | share | amount | load; `of`: what its list shows; `groups`: into which it is split, these
    first; None where it is not.

    `open` is what its open cases are called; "" where it has none.
    """

    name: str
    subject: str
    shape: str
    of: str
    title: str
    meaning: str
    open: str = ""
    groups: tuple[str, ...] | None = None


_WAITING, _NOT_CLOSED, _UNKNOWN = "Still waiting", "Not closed yet", "Not known yet"
_EVERY = (
    Figure(
        "first_response",
        *("support", TIME, CHAT, "First response time"),
        "From the customer's first message until the first message of one of our people that the customer can read. "
        "Bots and notes do not count. Conversations still waiting count with the time so far; those closed without an "
        "answer count until then (Kaplan–Meier estimate).",
        _WAITING,
        MEDIA,
    ),
    Figure(
        "within_five",
        *("support", SHARE, CHAT, "First response within five minutes"),
        "Share of conversations answered within five business minutes, among those that were answered or have waited "
        "longer. Those still within the five minutes are not counted yet.",
        "Still within five minutes",
        MEDIA,
    ),
    Figure(
        "next_reply",
        *("support", TIME, CHAT, "Next reply time"),
        "From a customer's message after our first answer until the next message of one of our people that the "
        "customer can read. Counts every such wait in the conversations of the period; closing without an answer ends "
        "it uncounted at that moment (Kaplan–Meier estimate).",
        _WAITING,
        MEDIA,
    ),
    Figure(
        "one_touch",
        *("support", SHARE, CHAT, "One-touch rate"),
        "Share of closed conversations that were closed once, with one answer, by one person. What happens between "
        "our reopening to notify a customer and the next closing is left out.",
        _NOT_CLOSED,
        MEDIA,
    ),
    Figure(
        "first_close",
        *("support", TIME, CHAT, "Time to first close"),
        "From the customer's first message until the conversation was closed for the first time. Those never closed "
        "count with the time so far.",
        _NOT_CLOSED,
    ),
    Figure(
        "last_close",
        *("support", TIME, CHAT, "Time to last close"),
        "From the customer's first message until the last closing, for conversations that are closed. Those open now "
        "count with the time so far. Closing again after a customer was notified is left out.",
        _NOT_CLOSED,
    ),
    Figure(
        "requester_wait",
        *("support", TIME, CHAT, "Customer wait time"),
        "All the time in which it was our turn, added up: from each customer message until our answer or the closing, "
        "also while snoozed. Waiting for the customer does not count. Conversations not closed yet count with the time "
        "so far.",
        _NOT_CLOSED,
    ),
    Figure(
        "reopened",
        *("support", SHARE, CHAT, "Reopen rate"),
        "Share of conversations ever closed whose customer wrote again within seven days of a closing, before any of "
        "us had reopened it. Conversations that we reopen to notify a customer are counted separately.",
        "Closed less than seven days ago",
        MEDIA,
    ),
    Figure(
        "load",
        *("support", LOAD, HOUR, "Open conversations per person on shift"),
        "For each hour from opening time on: conversations open then, divided by the people on shift. On shift are "
        "those named in [skills] or [calendar.people], in their own hours, by today's rules. A conversation is open "
        "from the customer's first message until its last closing, for thirty days at most. Hours with nobody on shift "
        "are left out.",
    ),
    Figure(
        "news_reopens",
        *("support", AMOUNT, CHAT, "Reopened to notify"),
        "Conversations that this service reopened because there was something to notify the customer of. They are no "
        "part of the reopen rate, of one-touch or of the times to close.",
    ),
    Figure(
        "asked_colleagues",
        *("support", SHARE, CHAT, "Asked a colleague"),
        "Share of answered conversations in which somebody asked colleagues how to answer.",
        groups=MEDIA,
    ),
    Figure(
        "satisfied",
        *("support", SHARE, CHAT, "Share of satisfied customers"),
        "Share of good ratings among all given in the period, by the day of the rating. Of ratings from 1 to 5, "
        "4 and 5 are good. One rating counts for each time a conversation was closed.",
        groups=MEDIA,
    ),
    Figure(
        "support_side",
        *("resolution", TIME, REQUEST, "Support: answered and closed"),
        "For each request that waits, or waited, for an issue: from the customer's first message until its "
        "conversation was closed for the first time. Those never closed count with the time so far.",
        "Still open",
    ),
    Figure(
        "technical_side",
        *("resolution", TIME, REQUEST, "Engineering: available"),
        "For the same requests: from the customer's first message until the first issue that it waits for was released "
        "to the customer's company. Those not available yet count with the time so far.",
        "Not available yet",
    ),
    Figure(
        "end_to_end",
        *("resolution", TIME, REQUEST, "End to end: notified"),
        "For the same requests: from the customer's first message until the customer was told how it ended. Those not "
        "told yet count with the time so far, and those nobody can tell up to that moment.",
        "Not notified yet",
    ),
    Figure(
        "inflow",
        *("product", AMOUNT, REQUEST, "Requests filed"),
        "Requests filed in the period, by type. Requests filed by mistake are left out; merged ones count, as each is "
        "one customer's request.",
        groups=(),
    ),
    Figure(
        "undecided",
        *("product", TIME, REQUEST, "Age of undecided requests"),
        "Time since the request, for everything on the agenda now, whatever the period. Requests that were looked at "
        "in the present meeting are left out until the next one.",
        "On the agenda",
        (*map(str, AGES), OLDER),
    ),
    Figure(
        "carried",
        *("product", SHARE, REQUEST, "Carried over three times or more"),
        "Share of what is on the agenda now that at least three meetings have passed over.",
    ),
    Figure(
        "next_meeting",
        *("product", SHARE, REQUEST, "Decided at the next meeting"),
        "Share of requests filed in the period that were decided, or linked to an issue, by the end of the day of the "
        "next weekly meeting after the request.",
        "Meeting still to come",
    ),
    Figure(
        "decisions",
        *("product", AMOUNT, REQUEST, "Decisions"),
        "Decisions made in the period, by result. Undone ones are left out.",
        "",
        tuple(CONCLUSIONS),
    ),
    Figure(
        "loop_whole",
        *("product", TIME, REQUEST, "Request to notification"),
        "For requests filed in the period: from the request until the customer was told how it ended. Requests still "
        "open count with the time so far (Kaplan–Meier estimate).",
        "Still open",
    ),
    Figure(
        "loop_decided",
        *("product", TIME, REQUEST, "Request to decision"),
        "From the request until a decision at the meeting, or the first link to an issue.",
        _UNKNOWN,
    ),
    Figure(
        "loop_done",
        *("product", TIME, REQUEST, "Decision to done"),
        "From the decision until the first issue that it waits for is done in Jira. Declined requests go no further.",
        _UNKNOWN,
    ),
    Figure(
        "loop_available",
        *("product", TIME, REQUEST, "Done to available"),
        "From done until it is released to the customer's company.",
        _UNKNOWN,
    ),
    Figure(
        "loop_notified",
        *("product", TIME, REQUEST, "Available to notified"),
        "From the release to the customer's company until the customer was told of it.",
        _UNKNOWN,
    ),
    Figure(
        "told_7",
        *("told", SHARE, TELLING, "Notified within 7 days"),
        "Of the customers owed a notification since a day of the period that is seven days ago or longer, the share "
        "notified within seven days. Nobody counts before the seven days are over, not even if already notified.",
        "Seven days not over",
    ),
    Figure(
        "told_30",
        *("told", SHARE, TELLING, "Notified within 30 days"),
        "The same within thirty days.",
        "Thirty days not over",
    ),
    Figure(
        "release_to_told",
        *("told", TIME, TELLING, "Release to notification"),
        "From the moment a customer was owed a notification, of a release or a decision, until somebody notified them. "
        "Those not notified yet count with the time so far.",
        "Not notified yet",
    ),
    Figure(
        "cannot_be_told",
        *("told", AMOUNT, TELLING, "Cannot be notified"),
        "Customers who would be owed a notification but cannot be reached, each with the reason on file. They are no "
        "part of the shares above.",
    ),
    Figure(
        "notified",
        *("told", AMOUNT, TELLING, "Customers notified"),
        "Notifications given in the period, whenever they were owed.",
    ),
    Figure(
        "reacted",
        *("told", SHARE, TELLING, "Positive reaction"),
        "Share of the notifications given in the period to which the customer reacted with thanks, a rating of 4 or 5, "
        "or by using what they were told about.",
    ),
    Figure(
        "acknowledged",
        *("escalations", TIME, ESCALATION, "Time to acknowledgement"),
        "From submission until somebody first acknowledged it, a minute that has begun counting as a whole one. "
        "Excludes escalations for information only; those not acknowledged yet count with the time so far.",
        "Awaiting acknowledgement",
        tuple(URGENCIES),
    ),
    Figure(
        "in_target",
        *("escalations", SHARE, ESCALATION, "Acknowledged within target"),
        "Share acknowledged within the target of their urgency, among those whose target was met or has passed.",
        "Awaiting, within target",
        tuple(URGENCIES),
    ),
    Figure(
        "ignored",
        *("escalations", SHARE, ESCALATION, "Not acknowledged past the target"),
        "Share of escalations that nobody has acknowledged although the target has passed.",
    ),
    Figure(
        "unjudged",
        *("escalations", SHARE, ESCALATION, "Without an assessment"),
        "Share of acknowledged escalations for which nobody assessed the churn risk.",
    ),
    Figure(
        "climbed",
        *("escalations", SHARE, ESCALATION, "Passed on"),
        "Share of escalations for which the deputy or the manager was asked because nobody had acknowledged.",
    ),
)
FIGURES = {each.name: each for each in _EVERY}
#: What each subject is called, and by what its figures belong to a period.
SUBJECTS = {
    "support": ("Support", "Conversations whose customer wrote first in the period."),
    "resolution": ("Resolution, both sides", "Requests in conversations whose customer wrote first in the period."),
    "product": ("Requests", "Requests filed, and decisions made, in the period."),
    "told": ("Notifications", "Notifications owed since a day of the period."),
    "escalations": ("Escalations", "Escalations raised in the period that ask for an answer."),
}
