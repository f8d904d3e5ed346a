"""Decided: what was decided on a day, with who decided it and why, and how it is said in a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from integrations.slack import blocks
from workflows.customer import companies
from workflows.engine.actions import ACTED
from workflows.engine.posting import Message
from workflows.engine.rows import among
from workflows.engine.store import now_ms
from workflows.language.addresses import feedback_url
from workflows.language.text import _, shortened
from workflows.language.wording import date as written
from workflows.language.wording import time
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS
from workflows.tables.meeting import Decision
from workflows.tables.runs import Action
from workflows.tables.wish import Feedback
from workflows.wish.voices import Voice, voices
from workflows.wish.wishes import code

#: Decisions that a message names, and how many of them stand in one of its blocks.
MOST, TOGETHER = 40, 8


@dataclass(frozen=True)
class Decided:
    """A decision that holds, and the wish that it is about."""

    decision: Decision
    voice: Voice


def of(session: Session, day: date, *, sent: bool = False) -> list[Decided]:
    """What was decided on this day and not taken back, in the order in which it was; `sent`: only what people heard."""
    begin, end = rules.calendar.moment(day), rules.calendar.moment(day + timedelta(days=1))
    on_that_day = (col(Decision.decided_at) >= begin) & (col(Decision.decided_at) < end)
    holds = col(Decision.undone_at).is_(None)
    heard = col(Decision.sent_at).is_not(None) if sent else sa.true()
    query = select(Decision).where(on_that_day, holds, heard)
    found = session.exec(query.order_by(col(Decision.decided_at), col(Decision.id))).all()
    now, ids = now_ms(), list({decision.feedback_id for decision in found})
    said = voices(session, ids, companies.firms(session, now, among(col(Feedback.id), ids)), now)
    return [Decided(each, said[each.feedback_id]) for each in found if each.feedback_id in said]


@dataclass(frozen=True)
class Posted:
    """Somebody posted the minutes of a day: who, and when."""

    who: str
    at: int


def key_of(day: date) -> str:
    """How the names begin under which minutes of a day are posted."""
    return f"minutes:{day}/"


def posted(session: Session, day: date) -> Posted | None:
    """Who posted the minutes of this day last; None where nobody has."""
    is_about = col(Action.key).startswith(key_of(day), autoescape=True) & (Action.state == ACTED)
    rows = session.exec(select(Action).where(is_about).order_by(col(Action.started_at).desc()))
    return next((Posted(row.facts[WHO], row.started_at) for row in rows if row.facts.get(WHO)), None)


#: The fact of minutes: the name of whoever posted them.
WHO = "who"


def message(found: Sequence[Decided], day: date, minutes: Posted | None = None) -> Message:
    """The decisions of a day for a channel, one line for each; and who posted the `minutes`, where somebody has."""
    first = blocks.escape(_headed(found, rules.calendar.moment(day), minutes))
    lines = [_line(each) for each in found[:MOST]]
    if len(found) > MOST:
        lines.append(_("And {count} more.", count=len(found) - MOST))
    groups = [lines[at : at + TOGETHER] for at in range(0, len(lines), TOGETHER)]
    return first, [blocks.section(f"*{first}*"), *(blocks.section("\n".join(group)) for group in groups)]


def _headed(found: Sequence[Decided], at: int, minutes: Posted | None) -> str:
    """The message's first line: whatever was decided after somebody had posted the minutes stands there, too."""
    facts = {"day": written(rules.language, at), "n": len(found)}
    if minutes is None:
        return _("Decisions on {day}: {n}", **facts)
    facts |= {"who": minutes.who, "time": time(rules.language, minutes.at)}
    since = sum((each.decision.sent_at or 0) > minutes.at for each in found)
    return _(POSTED_SINCE, since=since, **facts) if since else _(POSTED, **facts)


POSTED = "Decisions on {day}: {n}, posted by {who} ({time})"
POSTED_SINCE = "Decisions on {day}: {n}, posted by {who} ({time}), {since} of them decided since"


def _line(each: Decided) -> str:
    decision, voice = each.decision, each.voice
    link = blocks.link(feedback_url(voice.feedback_id), code(voice.feedback_id))
    kind = blocks.escape(_(CONCLUSIONS[decision.conclusion].words))
    words, reason = blocks.escape(shortened(voice.quote, 60)), blocks.escape(shortened(decision.reason, 120))
    return f"• {link} *{kind}* {words} · {blocks.escape(voice.firm.name or voice.person)}\n    {reason}"
