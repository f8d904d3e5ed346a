"""What the Intercom twin keeps; `as_json.py` writes it down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

#: A conversation is retrieved with at most this many parts, the newest.
NEWEST = 500
#: What stands where a person deleted a message.
DELETED = "<p><i>This message was deleted</i></p>"


@dataclass(slots=True)
class Person:
    """An admin, a user (of a company, owned by an admin, merged into another user) or a bot."""

    type: str
    id: str
    name: str
    email: str = ""
    company_id: str = ""
    merged_into: str = ""
    away: bool = False
    owner_id: str = ""
    language: str = "ja"
    is_ai: bool = False
    #: Has a mail to them bounced for good, have they marked one as spam, do they want no mails of ours?
    bounced: bool = False
    spam: bool = False
    unsubscribed: bool = False


@dataclass(slots=True)
class Company:
    """A company as the workspace knows it, with custom attributes; `id` serves as Intercom's id and as ours."""

    id: str
    name: str
    plan: str
    monthly_spend: int
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """A part, or the source: that is a part of type `source`. `state` is the conversation's state after it, `package`
    the code of the app that made it through the API ("" for nobody's)."""

    id: str
    type: str
    body: str | None
    author: Person
    created_at: int
    updated_at: int
    state: str
    package: str = ""
    redacted: bool = False
    assigned_to: str = ""
    tag_ids: list[str] = field(default_factory=list)
    #: Files, by their names: their addresses on the web.
    files: dict[str, str] = field(default_factory=dict)
    #: Was it sent as a mail: from whom, and to whom?
    mailed: tuple[Person, Person] | None = None


@dataclass(slots=True)
class Conversation:
    """A conversation; `tags` maps a tag's id to when and by which admin it was applied, `rating` is Intercom's own.

    `others` are in it beside the `contact` with whom it began: then it is a group conversation.
    """

    id: str
    contact: Person
    source: Part
    created_at: int
    updated_at: int
    state: str = "open"
    read: bool = False
    title: str | None = None
    waiting_since: int | None = None
    snoozed_until: int | None = None
    assignee_id: str = ""
    company_id: str = ""
    ticket_id: str = ""
    merged_into: str = ""
    parts: list[Part] = field(default_factory=list)
    tags: dict[str, tuple[int, str]] = field(default_factory=dict)
    statistics: dict[str, int] = field(default_factory=dict)
    custom_attributes: Json = field(default_factory=dict)
    rating: Json | None = None
    others: list[Person] = field(default_factory=list)
    #: How it began, as Intercom names it, and the team that it was given to.
    medium: str = "conversation"
    team_id: str = ""

    @property
    def contacts(self) -> list[Person]:
        """Everybody outside the company who is in it."""
        return [self.contact, *self.others]

    def part(self, part_id: str) -> Part:
        """The part with this id; the source for its id and for ""."""
        if part_id in ("", self.source.id):
            return self.source
        return next(part for part in self.parts if part.id == part_id)


@dataclass(slots=True)
class Books:
    """All that a workspace holds, by id; tags are names by id."""

    admins: dict[str, Person] = field(default_factory=dict)
    contacts: dict[str, Person] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    #: Teammates without a seat in the inbox, and conversations in which nobody can be written to any more: ids.
    seatless: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    #: Office hours by id, and the days of each that differ, as they are told.
    office_hours: dict[str, Json] = field(default_factory=dict)
    other_days: dict[str, list[Json]] = field(default_factory=dict)
