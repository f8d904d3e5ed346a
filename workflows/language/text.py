"""What Yamabiko writes into other tools. Customers' words are escaped here, for each tool in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as escape_html

from integrations.slack import blocks
from workflows.language.addresses import feedback_url
from workflows.language.wording import date, say
from workflows.rules import rules
from workflows.tables.customer import Contact
from workflows.tables.wish import Feedback, Issue
from workflows.wish.wishes import code

TITLE_LENGTH = 80
QUOTE_LENGTH = 1500


def _(sentence: str, /, **facts: object) -> str:
    """A sentence in the company's language."""
    return say(rules.language, sentence, **facts)


def kind(name: str) -> str:
    """wish, fault, wording, question in the company's language."""
    return _(name)


def shortened(text: str, length: int) -> str:
    """The text in one line, cut at `length` characters with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def title(quote: str, company: str) -> str:
    """A note's title: what is wished for, and by whom."""
    wish = shortened(quote, TITLE_LENGTH) or _("(no text)")
    return f"{wish} — {shortened(company, 60)}" if company else wish


def filed_note(feedback: Feedback, note_url: str, ref: str) -> str:
    """The internal note in Intercom: this was filed, and here is where."""
    lines = [
        escape_html(_("Filed as {feedback} ({kind}).", feedback=code(feedback.id), kind=kind(feedback.kind))),
        quoted_html(feedback.quote),
        links_in_html((_("Productboard"), note_url), (code(feedback.id), feedback_url(feedback.id))),
    ]
    return note_html(lines, ref)


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
    """The personal message that an agent may send: in the customer's own words, never sent by itself."""
    first = wishes[0]
    name = contact.name.strip() if contact else ""
    return rules.words("told").format(
        name=shortened(name, 40) if name and "@" not in name else rules.words("nobody"),
        asked_on=date(rules.language, first.said_at),
        wish=shortened(" / ".join(shortened(wish.quote, 60) for wish in wishes if wish.quote) or issue.summary, 180),
        summary=issue.summary,
        agent=first.taken_by_name,
    )


def released(issue: Issue, chats: int) -> tuple[str, list[dict[str, object]]]:
    """The Slack message about a finished issue: its text, and its blocks."""
    text = _(
        "{key} is done: {summary}. Reopening {count} conversations that asked for it.",
        key=blocks.escape(issue.key),
        summary=blocks.escape(shortened(issue.summary, 200)),
        count=chats,
    )
    return text, [blocks.section(text), blocks.context(blocks.link(issue.url, issue.key))]


def reopened(issue: Issue, chats: int) -> tuple[str, list[dict[str, object]]]:
    """The Slack warning about an issue that is no longer done."""
    text = _(
        "{key} is no longer done: {summary}. {count} conversations were reopened for it; "
        "please do not tell the customers before it is done again.",
        key=blocks.escape(issue.key),
        summary=blocks.escape(shortened(issue.summary, 200)),
        count=chats,
    )
    return text, [blocks.section(text), blocks.context(blocks.link(issue.url, issue.key))]


def quoted_html(text: str) -> str:
    """A customer's words in an internal note."""
    return "「" + escape_html(shortened(text, QUOTE_LENGTH)) + "」"


def links_in_html(*links: tuple[str, str]) -> str:
    """Labels with their addresses, those that lead to the web."""
    return " · ".join(
        f'<a href="{escape_html(url, quote=True)}">{escape_html(label)}</a>'
        for label, url in links
        if url.startswith(("https://", "http://"))
    )


def note_html(lines: Sequence[str], ref: str) -> str:
    """Paragraphs, and last the marker by which we find this note again."""
    return "".join(f"<p>{line}</p>" for line in (*lines, f"Ref {ref}") if line)
