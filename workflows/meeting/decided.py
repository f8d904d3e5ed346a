"""Decided: what was decided on a day, with who decided it and why, and how it is said in a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from integrations.slack import blocks
from workflows.customer import companies
from workflows.engine.posting import Message
from workflows.engine.store import now_ms
from workflows.language.addresses import feedback_url
from workflows.language.text import _, shortened
from workflows.language.wording import date as written
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS
from workflows.tables.meeting import Decision
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
    said = voices(session, ids, companies.firms(session, now), now)
    return [Decided(each, said[each.feedback_id]) for each in found if each.feedback_id in said]


def message(found: Sequence[Decided], day: date, who: str = "") -> Message:
    """The decisions of a day for a channel, one line for each; `who` posted them, where it was somebody."""
    on = written(rules.language, rules.calendar.moment(day))
    by = _("Decisions on {day}: {n}, posted by {who}", day=on, n=len(found), who=who)
    first = blocks.escape(by if who else _("Decisions on {day}: {n}", day=on, n=len(found)))
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
