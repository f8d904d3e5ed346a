"""What people read when a customer writes again, and when an escalation is suggested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrations.intercom import Conversation
from integrations.slack import blocks
from workflows.engine.posting import Message
from workflows.escalation.texts import headline
from workflows.language.text import _, shortened_lines
from workflows.tables.escalation import Escalation

#: Characters of a customer's message, and messages, that are shown.
QUOTED, MOST = 600, 8


def again(escalation: Escalation, url: str, texts: Sequence[str]) -> Message:
    """The customer wrote while an escalation is open; `url` is the conversation in which they did."""
    first = f"{_('The customer wrote again.')} {headline(escalation)}"
    shown = [blocks.section(f"*{_('The customer wrote again.')}*")]
    shown += [blocks.section(blocks.quote(shortened_lines(text, QUOTED))) for text in texts[-MOST:]]
    rest = _("And {count} more.", count=len(texts) - MOST) if len(texts) > MOST else ""
    small = [text for text in (rest, blocks.link(url, _("Conversation in Intercom")) if url else "") if text]
    return first, shown + ([blocks.small(*small)] if small else [])


def suggestion(
    chat: Conversation, reasons: Sequence[tuple[str, Mapping[str, object]]], quotes: Sequence[str]
) -> Message:
    """One button to escalate, one to let it be, what each rule says that spoke, and the messages that led to it."""
    why = list(dict.fromkeys(_(sentence, **_escaped(facts)) for sentence, facts in reasons))
    who = blocks.escape(chat.company.name if chat.company else chat.source.author.name)
    first = _("Escalate this conversation? {who}", who=who)
    return first, [
        blocks.section("\n".join([f"*{first}*", *why])),
        *(blocks.section(blocks.quote(shortened_lines(text, QUOTED) or "–")) for text in quotes[-MOST:]),
        blocks.small(
            blocks.link(chat.url, _("Conversation in Intercom")), _("This is a suggestion. Nothing has been sent.")
        ),
        blocks.actions(
            blocks.button(_("Escalate"), "suggest_escalate", chat.id, style="primary"),
            blocks.button(_("Not needed"), "dismiss_suggestion", chat.id),
        ),
    ]


def _escaped(facts: Mapping[str, object]) -> dict[str, str]:
    return {name: blocks.escape(str(value)) for name, value in facts.items()}


def dismissed(name: str) -> Message:
    """What a suggestion says once it was dismissed."""
    text = _("Not escalated: {name} decided it was not needed.", name=blocks.escape(name))
    return text, [blocks.section(text)]
