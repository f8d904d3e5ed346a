"""Intercom's things as our own: frozen values, all ids as text, all times in Unix seconds.

https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io/conversations/conversation

"" or None stands for what Intercom does not say. `reading.py` makes them from answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from integrations.intercom import plain

CUSTOMERS, INSIDE = frozenset({"user", "lead", "contact"}), frozenset({"admin", "team", "bot"})
#: The parts that only colleagues see. All others that carry a text are read by the customer: also the body of a close
#: or of an assignment.
NOTES = frozenset({"note", "note_and_reopen"})
#: How a customer reached us: in a chat of Intercom's own, by mail, or by whatever else Intercom takes in.
CHAT, MAIL, OTHER = "chat", "mail", "other"
#: What the parts say that was done, by their types.
DONE = {
    **dict.fromkeys(("open", "unsnoozed", "note_and_reopen"), "opened"),
    "close": "closed",
    "snoozed": "snoozed",
    **dict.fromkeys(("assignment", "assign_and_reopen"), "assigned"),
}


@dataclass(frozen=True)
class Tag:
    """A tag, and who put it where it was found: a teammate's id ("" if it was nobody's) and when."""

    id: str
    name: str
    applied_by: str = ""
    applied_at: int | None = None


@dataclass(frozen=True)
class Author:
    """Who said it. `type` is user, lead, admin, bot, team … or "". `is_ai`: a machine wrote it, in whoever's name."""

    type: str
    id: str
    name: str
    email: str
    is_ai: bool = False

    @property
    def is_customer(self) -> bool:
        """Is it somebody outside the company?"""
        return self.type in CUSTOMERS

    @property
    def is_inside(self) -> bool:
        """Is it somebody of the company, or a machine of theirs? Of some channels Intercom says neither."""
        return self.type in INSIDE


class Attachment(NamedTuple):
    """A file that hangs on a message, at an address on the web."""

    name: str
    url: str


@dataclass(frozen=True)
class Part:
    """Something said or done in a conversation; its opening message is one too.

    `type` is open-ended: comment, note, open, close, snoozed, assignment … and `source` for the opening message.
    `body` is HTML from whoever wrote it. `by_us`: written by this service, in the name of its own teammate; what other
    apps write in somebody's name is theirs.
    """

    id: str
    type: str
    author: Author
    body: str
    created_at: int
    redacted: bool
    tags: tuple[Tag, ...]
    by_us: bool
    attachments: tuple[Attachment, ...] = ()
    #: Does Intercom say that it was sent as a mail? It may have been all the same where it does not.
    mailed: bool = False

    @cached_property
    def text(self) -> str:
        """The body as plain text."""
        return plain.text(self.body)

    @property
    def is_note(self) -> bool:
        """Is it for colleagues only?"""
        return self.type in NOTES

    @property
    def is_heard(self) -> bool:
        """Is it a text of somebody outside the company?"""
        return self.author.is_customer and not self.redacted and bool(self.text)

    @property
    def is_answer(self) -> bool:
        """Is it what one of our people wrote to the customer, in the Inbox or in another app?"""
        by_a_person = self.author.type == "admin" and not self.by_us and not self.author.is_ai
        return by_a_person and not self.is_note and not self.redacted and bool(self.text)


@dataclass(frozen=True)
class Replied:
    """What became of a reply: the part's id, or what it was refused because of (chat, sender or customer)."""

    part_id: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Company:
    """A customer's company. `external_id` is the id that we gave it, `monthly_spend` is in the workspace's currency.

    `attributes` are the workspace's own (custom attributes), by name; numbers and truth values as text.
    """

    id: str
    external_id: str
    name: str
    plan: str
    monthly_spend: float
    website: str
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Contact:
    """A person outside the company; `role` is user or lead. Leads often have neither name nor e-mail.

    `owner_id` is the teammate who looks after them, "" where nobody does.
    """

    id: str
    name: str
    email: str
    external_id: str
    language: str
    role: str
    owner_id: str = ""
    #: Has a mail to them bounced for good, have they marked one as spam? None where Intercom does not say.
    has_bounced: bool | None = None
    marked_spam: bool | None = None


@dataclass(frozen=True)
class Admin:
    """A teammate."""

    id: str
    name: str
    email: str
    away: bool


@dataclass(frozen=True)
class Me:
    """Whose token it is: the teammate, and the workspace with its id and name."""

    admin_id: str
    email: str
    app_id: str
    name: str


class Recent(NamedTuple):
    """A conversation as a search finds it: when it began and when it changed, the names of its tags.

    `said_at` is when a customer wrote last, 0 where none has. `state` is open, closed or snoozed, "" for not told.
    """

    id: str
    created_at: int
    tags: tuple[str, ...]
    updated_at: int = 0
    said_at: int = 0
    state: str = ""


@dataclass(frozen=True)
class Conversation:
    """A conversation as it stands; `parts` are the newest 500, oldest first, `source` is the opening message.

    `state` is open, closed or snoozed (Intercom's own `open` is true for snoozed ones). `merged`: it was merged into
    another conversation, and `merged_into` is that one's id, "" where Intercom does not say.
    `ticket_id` is "" unless it was converted to a ticket. `rating` is the customer's, 1 to 5, with a `remark`; None
    until they give one, at `rated_at`. `url` leads into the Inbox. `medium` is chat, mail or other, and `inbox_id` the
    team that it was given to, "" for none. `has_more`: there are older parts than the newest 500.
    """

    id: str
    state: str
    title: str
    created_at: int
    updated_at: int
    snoozed_until: int | None
    last_close_at: int | None
    admin_assignee_id: str
    contact_ids: tuple[str, ...]
    company: Company | None
    tags: tuple[Tag, ...]
    source: Part
    parts: tuple[Part, ...]
    ticket_id: str
    merged: bool
    merged_into: str
    rating: int | None
    remark: str
    url: str
    rated_at: int | None = None
    medium: str = CHAT
    inbox_id: str = ""
    has_more: bool = False

    @property
    def messages(self) -> tuple[Part, ...]:
        """The opening message, and all parts."""
        return (self.source, *self.parts)
