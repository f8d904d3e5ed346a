"""Agenda: on the day of the meeting, what is to be decided is said in Slack; once, and with the page to walk down.

    upkeep ─► start_due ─► post

Nothing is posted on a day without a meeting.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from workflows.engine import posting
from workflows.engine.actions import Intent, leave
from workflows.engine.durable import child, spawn, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.meeting import items, scales, texts
from workflows.rules import rules

#: A service that was down at the time posts it this much later at most.
LATE_MS = 6 * 3600 * 1000
NOTHING = "No agenda was posted: there is nothing to decide."
NOT_POSTED = "The agenda could not be posted in Slack."
TOO_LATE = "No agenda was posted: the time for it has long passed."
POSTED = "Posted the meeting agenda: {n} requests."


class _Clock:
    """From when until when this process need not look again (ms): before that, the clock was wrong."""

    quiet_since = quiet_until = 0


def start_due() -> int:
    """Start the run that posts the agenda when it is time; returns how many were started."""
    now = now_ms()
    if _Clock.quiet_since <= now < _Clock.quiet_until:
        return 0
    when = due_at(now)
    _Clock.quiet_since = now
    _Clock.quiet_until = when if when > now else now + 60_000
    if not when <= now < when + LATE_MS:
        return 0
    return spawn([child(f"agenda:{scales.meetings().next(now)}", "agenda.post", when=when)])


def due_at(now: int) -> int:
    """When the agenda of the present meeting is (or was) due: on the weekday and at the time that the rules say."""
    triage, meeting = rules.triage, rules.calendar.local(scales.meetings().next(now)).date()
    days_before = (meeting.weekday() - triage.agenda_weekday) % 7
    return rules.calendar.moment(meeting - timedelta(days=days_before), triage.agenda_at)


@workflow
def post(when: int) -> Outcome:
    """Say in Slack how much is to be decided, what has waited longest and what weighs most."""
    now = now_ms()
    if now >= when + LATE_MS:
        return ignored(TOO_LATE)
    meeting = scales.meetings().next(now)
    found = store.read(partial(items.agenda, at=now, most=texts.OLDEST, meeting=meeting))
    heaviest = store.read(partial(items.agenda, at=now, sort="weight", most=texts.HEAVIEST, meeting=meeting))
    open_ones = found.total - found.handled
    if not open_ones:
        return ignored(NOTHING)
    channel = rules.triage.channel or rules.support_channel
    intent = Intent("slack", "agenda", f"agenda:{meeting}", channel, "Posted the meeting agenda in Slack.")
    if vendors.is_on("slack") and not channel:
        leave(intent, posting.NO_CHANNEL)
        return ignored(posting.NO_CHANNEL)
    posted = posting.post(intent, texts.agenda(found, heaviest.items), since_ms=when)
    return done(POSTED, n=open_ones) if posted else ignored(NOT_POSTED)
