"""What people read when an issue becomes done: agents in the chat that came back, support in Slack; and the draft."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as escape_html

from integrations.slack import blocks
from workflows.language.addresses import feedback_url
from workflows.language.text import _, links_in_html, note_html, quoted_html, shortened
from workflows.tables.customer import Contact
from workflows.tables.wish import Feedback, Issue
from workflows.telling import letters
from workflows.wish.wishes import code


def available(issue: Issue, wishes: Sequence[Feedback], draft: str, ref: str) -> str:
    """The internal note in a reopened chat: what became available, and what to tell the customer."""
    lines = [
        escape_html(
            _("What this customer asked for is available: {key} {summary}", key=issue.key, summary=issue.summary)
        ),
        *(quoted_html(wish.quote) for wish in wishes if wish.quote),
        "<b>" + escape_html(_("Draft for the customer")) + "</b>",
        escape_html(draft).replace("\n", "<br>"),
        links_in_html((issue.key, issue.url), *((code(wish.id), feedback_url(wish.id)) for wish in wishes)),
    ]
    return note_html(lines, ref)


def draft(issue: Issue, wishes: Sequence[Feedback], contact: Contact | None) -> str:
    """The personal message that an agent may send."""
    return letters.draft("told", wishes, contact, summary=issue.summary)


def released(issue: Issue, chats: int) -> tuple[str, list[dict[str, object]]]:
    """The Slack message about a finished issue: its text, and its blocks."""
    text = _(
        "{key} is done: {summary}. Reopening {count} conversations that asked for it.",
        key=blocks.escape(issue.key),
        summary=blocks.escape(shortened(issue.summary, 200)),
        count=chats,
    )
    return text, [blocks.section(text), blocks.small(blocks.link(issue.url, issue.key))]


def reopened(issue: Issue, chats: int) -> tuple[str, list[dict[str, object]]]:
    """The Slack warning about an issue that is no longer done."""
    text = _(
        "{key} is no longer done: {summary}. {count} conversations were reopened for it; "
        "please do not tell the customers before it is done again.",
        key=blocks.escape(issue.key),
        summary=blocks.escape(shortened(issue.summary, 200)),
        count=chats,
    )
    return text, [blocks.section(text), blocks.small(blocks.link(issue.url, issue.key))]
