"""What people read about wishes outside of our pages: the agenda in Slack, and the issue that is created in Jira."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.slack import blocks
from workflows.engine.posting import Message
from workflows.language.addresses import feedback_url, triage_url
from workflows.language.text import _
from workflows.language.wording import full_date, time
from workflows.meeting.items import HEARD_DAYS, Agenda, Item
from workflows.rules import rules
from workflows.wish.wishes import code

#: Wishes that the message names: those that have waited longest, and those that weigh most.
OLDEST, HEAVIEST = 5, 3
#: Customers' words in an issue.
QUOTED = 20


# -- the agenda -----------------------------------------------------------------------------------


def agenda(found: Agenda, heaviest: Sequence[Item]) -> Message:
    """How much is to be decided, what has waited longest, what weighs most, and who is not heard."""
    first = _(
        "Meeting on {when}: {n} requests to decide", when=_when(found.next_meeting), n=found.total - found.handled
    )
    lines = [
        blocks.section(f"*{blocks.link(triage_url(), first)}*"),
        blocks.section("\n".join([f"*{_('Longest wait')}*", *map(_line, found.items[:OLDEST])])),
        blocks.section("\n".join([f"*{_('Highest weight')}*", *map(_line, heaviest)])),
    ]
    if silent := "、".join(segment.tier or _("no tier") for segment in found.silent):
        text = _("No requests in {days} days from: {tiers}", days=HEARD_DAYS, tiers=silent)
        lines.append(blocks.small(blocks.escape(text)))
    return blocks.escape(first), lines


def _line(item: Item) -> str:
    voice, weighed = item.voices[0], item.weighed
    facts = [
        blocks.escape(voice.firm.name or voice.person),
        _("{n} companies", n=len(weighed.firms)) if len(weighed.firms) > 1 else "",
        _("carried over {n} times", n=weighed.carried) if weighed.carried else "",
        _("weight {n}", n=weighed.weight),
    ]
    words = blocks.escape(voice.title)
    return f"• {blocks.link(feedback_url(item.id), code(item.id))} {words} ({' · '.join(filter(None, facts))})"


def _when(at: int) -> str:
    return time(rules.language, at)


# -- the issue ------------------------------------------------------------------------------------


def issue(item: Item) -> tuple[str, str]:
    """Summary and description of an issue for a wish: who asks, in their words, and why."""
    first = item.voices[0]
    lines = [_("{n} companies want this; weight {weight}.", n=len(item.weighed.firms), weight=item.weighed.weight)]
    for voice in item.voices[:QUOTED]:
        said = full_date(rules.language, voice.said_at)
        lines += ["", f"「{voice.quote}」", " · ".join(filter(None, (voice.firm.name, voice.firm.tier, said)))]
        if voice.context and voice.context.background:
            lines.append(f"{_('Background')}: {voice.context.background}")
        lines += [url for url in (voice.url, feedback_url(voice.feedback_id)) if url]
    if len(item.voices) > QUOTED:
        lines += ["", _("And {count} more.", count=len(item.voices) - QUOTED)]
    return first.title or code(item.id), "\n".join(lines)
