"""What people read when an issue becomes done: agents in the chat that came back, support in Slack; and the draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape as escape_html

from integrations.slack import blocks
from workflows.engine.posting import Message
from workflows.language.addresses import feedback_url, release_url
from workflows.language.text import _, links_in_html, note_html, quoted_html, shortened
from workflows.language.wording import date, letter_day
from workflows.rules import rules
from workflows.tables.customer import Contact
from workflows.tables.wish import Feedback, Issue
from workflows.telling import letters
from workflows.wish.wishes import code

WAS_AVAILABLE = (
    "What this customer asked for was already available when they asked: {key} {summary} was done on "
    "{date}. Check that it is what they need."
)


@dataclass(frozen=True)
class Texts:
    """What agents and a customer read about a finished issue. `is_earlier`: it was done, at `done_at` (ms), before the
    customer asked for it; `is_staged`: others wait for it still."""

    issue: Issue
    contact: Contact | None
    is_earlier: bool
    done_at: int
    is_staged: bool = False

    def note(self, wishes: Sequence[Feedback], draft: str, ref: str) -> str:
        """The internal note in a reopened chat: what is available since when, and what to tell the customer."""
        quotes = [quoted_html(wish.quote) for wish in wishes if wish.quote]
        return _note(self.issue, [escape_html(self._news()), *quotes], wishes, draft, ref)

    def _news(self) -> str:
        facts = {"key": self.issue.key, "summary": self.issue.summary}
        if self.is_earlier:
            return _(WAS_AVAILABLE, date=date(rules.language, self.done_at), **facts)
        return _("What this customer asked for is now available: {key} {summary}", **facts)

    def draft(self, wishes: Sequence[Feedback]) -> str:
        """The personal message that an agent may send."""
        wording = "already" if self.is_earlier else "staged" if self.is_staged else "told"
        since = letter_day(letters.language_for(wishes, self.contact), self.done_at)
        return letters.draft(wording, wishes, self.contact, summary=self.issue.summary, since=since)


@dataclass(frozen=True)
class Apology:
    """What agents and a customer read where what the customer was told of is not there any more."""

    issue: Issue
    contact: Contact | None

    def note(self, wishes: Sequence[Feedback], draft: str, ref: str) -> str:
        """The internal note in a conversation that comes back once more."""
        facts = {"key": self.issue.key, "summary": self.issue.summary}
        return _note(self.issue, [escape_html(_(WAS_TOLD, **facts))], wishes, draft, ref)

    def draft(self, wishes: Sequence[Feedback]) -> str:
        """What the agent may write."""
        return letters.draft("apology", wishes, self.contact, summary=self.issue.summary)


WAS_TOLD = "The customer was told that this is available, and it no longer is: {key} {summary}"


def _note(issue: Issue, first: Sequence[str], wishes: Sequence[Feedback], draft: str, ref: str) -> str:
    lines = [
        *first,
        "<b>" + escape_html(_("Draft for the customer")) + "</b>",
        escape_html(draft).replace("\n", "<br>"),
        links_in_html((issue.key, issue.url), *((code(wish.id), feedback_url(wish.id)) for wish in wishes)),
    ]
    return note_html(lines, ref)


def revoked(issue: Issue, ref: str) -> str:
    """The internal note below a draft that must not be sent."""
    lines = [
        "<b>" + escape_html(_("Do not send the draft for {key}. It is no longer available.", key=issue.key)) + "</b>",
        links_in_html((issue.key, issue.url)),
    ]
    return note_html(lines, ref)


def released(issue: Issue, chats: int, later: int = 0) -> Message:
    """The Slack message about a finished issue: its text, and its blocks. `later`: conversations for another day."""
    text = _(
        "{key} is done: {summary}. Reopening {count} conversations that asked for it.",
        key=blocks.escape(issue.key),
        summary=blocks.escape(shortened(issue.summary, 200)),
        count=chats,
    )
    text = " ".join(filter(None, (text, _another_day(later))))
    return text, [blocks.section(text), blocks.small(blocks.link(issue.url, issue.key))]


def _another_day(later: int) -> str:
    return _("{count} of them are reopened later, on business days.", count=later) if later else ""


def held(issue: Issue, chats: int) -> Message:
    """The Slack message about an issue that is done and waits for its release."""
    text = _(
        "{key} is done, and not released yet: {summary}. {count} conversations wait for it. Do not tell the customers "
        "until it is available to them.",
        key=blocks.escape(issue.key),
        summary=blocks.escape(shortened(issue.summary, 200)),
        count=chats,
    )
    return text, [blocks.section(text), blocks.small(links(issue))]


def available(issue: Issue, chats: int, left: int, later: int = 0) -> Message:
    """The Slack message about a wave of a release; `left` conversations wait for a later one, `later` for a day."""
    text = _(
        "{key} is available: {summary}. Reopening {count} conversations that asked for it.",
        key=blocks.escape(issue.key),
        summary=blocks.escape(shortened(issue.summary, 200)),
        count=chats,
    )
    waiting = _("{count} conversations wait for a later release.", count=left) if left else ""
    text = " ".join(filter(None, (text, _another_day(later), waiting)))
    return text, [blocks.section(text), blocks.small(links(issue))]


def links(issue: Issue) -> str:
    """Where to read on: the issue, and to whom it is available."""
    page = release_url(issue.id)
    return " · ".join(
        filter(None, (blocks.link(issue.url, issue.key), page and blocks.link(page, _("Who can use it"))))
    )


def reopened(issue: Issue, chats: int, *, is_done: bool) -> Message:
    """The Slack warning about an issue that is no longer done, or that is done and was taken back."""
    text = _(
        TAKEN_BACK if is_done else NO_LONGER_DONE,
        key=blocks.escape(issue.key),
        summary=blocks.escape(shortened(issue.summary, 200)),
        count=chats,
    )
    return text, [blocks.section(text), blocks.small(blocks.link(issue.url, issue.key))]


NO_LONGER_DONE = (
    "{key} is no longer done: {summary}. {count} conversations were reopened for it. Do not tell the customers until "
    "it is done again."
)
TAKEN_BACK = (
    "{key} is no longer available: {summary}. {count} conversations were reopened for it. Do not tell the customers "
    "until it is available again."
)
