"""What people read when a customer writes again, and when an escalation is suggested."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.intercom import Conversation
from integrations.slack import blocks
from workflows.escalation_texts import headline
from workflows.posting import Message
from workflows.records.escalation_tables import Escalation
from workflows.rules import rules
from workflows.wording import say

QUOTED = 600


def _(sentence: str, /, **facts: object) -> str:
    return say(rules.language, sentence, **facts)


def again(escalation: Escalation, text: str) -> Message:
    """The customer wrote while an escalation is open."""
    first = f"{_('The customer wrote again.')} {headline(escalation)}"
    link = blocks.link(escalation.conversation_url, _("The conversation in Intercom"))
    shown = [blocks.section(f"*{_('The customer wrote again.')}*"), blocks.section(blocks.quote(text[:QUOTED]))]
    return first, shown + ([blocks.context(link)] if link else [])


def suggestion(chat: Conversation, sentence: str, facts: Mapping[str, object]) -> Message:
    """One button to escalate, one to let it be, and the rule that spoke."""
    escaped = {name: blocks.escape(str(value)) for name, value in facts.items()}
    who = blocks.escape(chat.company.name if chat.company else chat.source.author.name)
    first = _("Escalate this conversation? {who}", who=who)
    return first, [
        blocks.section(f"*{first}*\n{_(sentence, **escaped)}"),
        blocks.section(blocks.quote(chat.source.text[:QUOTED] or "–")),
        blocks.context(blocks.link(chat.url, _("The conversation in Intercom")), _("A suggestion. Nothing was sent.")),
        blocks.actions(
            blocks.button(_("Escalate"), "suggest_escalate", chat.id, style="primary"),
            blocks.button(_("Not needed"), "dismiss_suggestion", chat.id),
        ),
    ]


def dismissed(name: str) -> Message:
    """What a suggestion says once it was dismissed."""
    text = _("Not escalated: {name} found it was not needed.", name=blocks.escape(name))
    return text, [blocks.section(text)]
