"""Minutes: what was decided on a day, with who decided it and why; shown, exported, and posted in Slack by somebody.

the page of a day's decisions ─► ask_to_post ─► post
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from integrations.slack import blocks
from workflows.customer import companies
from workflows.engine import posting
from workflows.engine.actions import Intent, leave
from workflows.engine.durable import child, spawn, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.posting import Message
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.language.addresses import feedback_url
from workflows.language.text import _, shortened
from workflows.language.wording import date as written
from workflows.people.person import Person
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS
from workflows.tables.meeting import Decision
from workflows.wish.voices import Voice, voices
from workflows.wish.wishes import code

#: Decisions that a message names, and how many of them stand in one of its blocks.
MOST, TOGETHER = 40, 8
NOTHING = "No minutes were posted: nothing was decided that day."
NOT_POSTED = "The minutes could not be posted in Slack."
POSTED = "{who} posted the minutes in Slack: {n} decisions."
POSTING = "Posted the meeting minutes in Slack."


@dataclass(frozen=True)
class Decided:
    """A decision that holds, and the wish that it is about."""

    decision: Decision
    voice: Voice


def of(session: Session, day: date) -> list[Decided]:
    """What was decided on this day and not taken back, in the order in which it was."""
    begin, end = rules.calendar.moment(day), rules.calendar.moment(day + timedelta(days=1))
    on_that_day = (col(Decision.decided_at) >= begin) & (col(Decision.decided_at) < end)
    query = select(Decision).where(on_that_day, col(Decision.undone_at).is_(None))
    found = session.exec(query.order_by(col(Decision.decided_at), col(Decision.id))).all()
    now, ids = now_ms(), list({decision.feedback_id for decision in found})
    said = voices(session, ids, companies.firms(session, now), now)
    return [Decided(each, said[each.feedback_id]) for each in found if each.feedback_id in said]


def ask_to_post(day: date, by: Person) -> bool:
    """Post the minutes of a day as they stand; False where just these were posted before, or are about to be."""
    found = store.read(lambda session: of(session, day))
    state = f"{len(found)}-{max((each.decision.id or 0 for each in found), default=0)}"
    return bool(spawn([child(f"minutes:{day}/{state}", "minutes.post", day=day.isoformat(), state=state, who=by.name)]))


@workflow
def post(day: str, state: str, who: str) -> Outcome:
    """Say in Slack what was decided on a day, in the name of whoever pressed the button."""
    found = store.read(lambda session: of(session, date.fromisoformat(day)))
    if not found:
        return ignored(NOTHING)
    channel = rules.triage.channel or rules.support_channel
    intent = Intent("slack", "minutes", f"minutes:{day}/{state}", channel, POSTING)
    if vendors.is_on("slack") and not channel:
        leave(intent, posting.NO_CHANNEL)
        return ignored(posting.NO_CHANNEL)
    since = rules.calendar.moment(date.fromisoformat(day))
    posted = posting.post(intent, message(found, date.fromisoformat(day), who), since_ms=since)
    return done(POSTED, who=who, n=len(found)) if posted else ignored(NOT_POSTED)


def message(found: Sequence[Decided], day: date, who: str) -> Message:
    """The minutes for a channel: one line for each decision."""
    on = written(rules.language, rules.calendar.moment(day))
    first = blocks.escape(_("Decisions on {day}: {n}, posted by {who}", day=on, n=len(found), who=who))
    lines = [_line(each) for each in found[:MOST]]
    if len(found) > MOST:
        lines.append(_("And {count} more.", count=len(found) - MOST))
    groups = [lines[at : at + TOGETHER] for at in range(0, len(lines), TOGETHER)]
    return first, [blocks.section(f"*{first}*"), *(blocks.section("\n".join(group)) for group in groups)]


def _line(each: Decided) -> str:
    decision, voice = each.decision, each.voice
    link = blocks.link(feedback_url(voice.feedback_id), code(voice.feedback_id))
    kind = blocks.escape(_(CONCLUSIONS[decision.conclusion].words))
    words, reason = blocks.escape(shortened(voice.quote, 60)), blocks.escape(shortened(decision.reason, 120))
    return f"• {link} *{kind}* {words} · {blocks.escape(voice.firm.name or voice.person)}\n    {reason}"
