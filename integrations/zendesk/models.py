"""What we know of a ticket, and how to read it out of the API's answers.

Reading is lenient: Zendesk's description does not say what may be null, and much is. Of a ticket only its id and when
it was created have to be there. What customers wrote (`description`) is in every answer of the export and is not read.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from integrations.contract import Malformed
from integrations.untrusted import Node
from integrations.zendesk.channels import FOLLOW_UP, NEVER, RECOVERED, channel_of
from integrations.zendesk.moments import moment

log = logging.getLogger(__name__)

#: Which tickets the export tells of: those of people, those that a bot alone answers, or both.
Scope = Literal["all", "agent", "ai_agent"]

#: Characters that we take of a subject and of a tag, and how many tags of one ticket.
LONGEST_SUBJECT, LONGEST_TAG, MOST_TAGS = 200, 100, 100
#: The tag that Zendesk leaves on a ticket that was merged into another.
MERGED = "closed_by_merge"


class Excluded(StrEnum):
    """Why a ticket is no enquiry of a customer."""

    DELETED = "deleted"
    CHANNEL = "channel"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


@dataclass(frozen=True)
class Ticket:
    """A ticket as it was when it was exported. Moments are Unix seconds, ids are text, "" for what is not known.

    `created_at` says into which quarter of an hour it counts, and never changes. `changed_at` is when anything about it
    changed last, by Zendesk itself as well. `status` is new, open, pending, hold, solved, closed or deleted. `subject`
    is a customer's words: themes are made of it, and it is not kept.
    """

    id: str
    created_at: int
    changed_at: int
    status: str
    channel: str
    requester_id: str
    submitter_id: str
    organization_id: str
    brand_id: str
    group_id: str
    tags: tuple[str, ...]
    subject: str = field(repr=False)
    is_public: bool
    is_follow_up: bool

    @property
    def is_deleted(self) -> bool:
        """Was it deleted (that is how spam ends), so that it has to be taken out of the counts again?"""
        return self.status == "deleted"

    @property
    def is_merged(self) -> bool:
        """Was it merged into another one later? It was an enquiry when it came, and counts."""
        return MERGED in self.tags

    @property
    def is_recovered(self) -> bool:
        """Was it let in by hand, perhaps long after it was written? Many at once are no wave."""
        return self.channel == RECOVERED

    @property
    def is_by_customer(self) -> bool:
        """Does it count as an enquiry, as far as the ticket alone tells?"""
        return self.excluded() is None

    def excluded(self, agents: Collection[str] = ()) -> Excluded | None:
        """Why it is no enquiry, None where it is one. `agents` are the ids of everybody who answers (`client.agents`);
        without them, whoever writes in another's name counts as one.
        """
        if self.is_deleted:
            return Excluded.DELETED
        if self.channel in NEVER:
            return Excluded.CHANNEL
        by_agent = self.submitter_id in agents
        if not self.is_public and by_agent:
            return Excluded.INTERNAL
        in_anothers_name = bool(self.submitter_id and self.requester_id) and self.submitter_id != self.requester_id
        return Excluded.OUTBOUND if in_anothers_name and (by_agent or not agents) else None


@dataclass(frozen=True)
class TicketPage:
    """A page of the export.

    `cursor` is where the next one begins, also where this was the last: keep it, in one commit with what was made of
    the tickets. It is "" only where a beginning found nothing; then begin there again. `known_until` (Unix seconds) is
    up to when every ticket that was created is known, once `at_end`; else 0: nothing more is known than before.
    `unreadable` tickets told neither id nor creation.
    """

    tickets: tuple[Ticket, ...]
    cursor: str
    at_end: bool
    known_until: int
    unreadable: int = 0


@dataclass(frozen=True)
class Me:
    """In whose name we ask. `role` is admin, agent or end-user; without an id, Zendesk takes us for a stranger."""

    id: str
    name: str
    role: str


@dataclass(frozen=True)
class Organization:
    """A company as Zendesk knows it: the id that the company's own systems give it, and its mail domains."""

    id: str
    name: str
    external_id: str
    domains: tuple[str, ...]


def read_tickets(root: Node) -> tuple[tuple[Ticket, ...], int]:
    """The tickets of a page, and how many there are that cannot be read: one such must not hold up all others."""
    found, unreadable = [], 0
    for node in rows(root, "tickets"):
        try:
            found.append(read_ticket(node))
        except Malformed as error:
            unreadable += 1
            log.warning("a ticket of Zendesk's export cannot be read: %s", error)
    return tuple(found), unreadable


def read_ticket(node: Node) -> Ticket:
    """A ticket. Raises Malformed where it does not tell its id or when it was created."""
    channel, id = channel_of(_text(node["via"]["channel"])), node["id"].number()
    if id <= 0:
        raise Malformed(node["id"].path, "is not the number of a ticket")
    return Ticket(
        id=str(id),
        created_at=moment(node["created_at"]),
        changed_at=_number(node["generated_timestamp"]),
        status=_text(node["status"]).casefold()[:LONGEST_TAG],
        channel=channel,
        requester_id=_id(node["requester_id"]),
        submitter_id=_id(node["submitter_id"]),
        organization_id=_id(node["organization_id"]),
        brand_id=_id(node["brand_id"]),
        group_id=_id(node["group_id"]),
        tags=read_tags(node["tags"]),
        subject=_text(node["subject"])[:LONGEST_SUBJECT],
        is_public=not node["is_public"].is_there or bool(node["is_public"]),
        is_follow_up=channel == FOLLOW_UP or _text(node["via"]["source"]["rel"]) == "follow_up",
    )


def read_tags(node: Node) -> tuple[str, ...]:
    """Tags in lower case, each once, in the order of the alphabet. Some webhooks write them as one text."""
    try:
        said = [_text(each) for each in node.items()]
    except Malformed:
        said = _text(node).split()
    tags = {tag.strip().casefold()[:LONGEST_TAG] for tag in said} - {""}
    return tuple(sorted(tags)[:MOST_TAGS])


def read_me(node: Node) -> Me:
    """The user whom a token belongs to."""
    return Me(_id(node["id"]), _text(node["name"]), _text(node["role"]).casefold())


def read_organization(node: Node) -> Organization:
    """A company."""
    domains = tuple(domain for each in node["domain_names"].items() if (domain := _text(each)))
    return Organization(_id(node["id"]), _text(node["name"]), _text(node["external_id"]), domains)


def rows(root: Node, name: str) -> Iterator[Node]:
    """The list in an answer. Raises Malformed where there is none: silence must not be taken for "nothing came"."""
    if not root[name].is_there:
        raise Malformed(name, "is missing")
    return root[name].items()


def _text(node: Node) -> str:
    """A text; "" where there is none, or none that can be kept."""
    try:
        return node.text(or_="")
    except Malformed:
        return ""


def _number(node: Node) -> int:
    try:
        return max(0, node.number(or_=0))
    except Malformed:
        return 0


def _id(node: Node) -> str:
    """An id as text; "" for none, which Zendesk writes as null, as nothing, as 0, and as -1 of who was deleted."""
    found = _number(node)
    return str(found) if found else ""
