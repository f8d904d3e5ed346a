"""Intercom's REST API, as far as this service uses it, in verbs.

    intercom = IntercomClient("https://api.intercom.io", token, admin_id="7001", app_id="abc123xy")
    if intercom.open("215470000000123"):
        intercom.note("215470000000123", "<p>… Ref YB-12</p>")

https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io

Every verb may raise what `integrations.http` raises; a conversation or contact that is gone is a value.
Intercom has no idempotency keys: `note` carries a marker of the caller's choice, `find_note` looks for it. A reply to a
customer carries none: `find_reply` looks for its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from integrations.contract import Malformed, Permanent, Unsure
from integrations.http import DEADLINE, Http, Reply
from integrations.intercom import plain, reading
from integrations.intercom.answers import REFUSES, bars_us, gone, node, read, refusal
from integrations.intercom.models import Admin, Company, Contact, Conversation, Me, Recent, Replied, Tag
from integrations.intercom.urls import conversation_url, region_of
from integrations.pace import Pace
from integrations.untrusted import Node

#: The version of the API that `reading.py` and the twin were written against.
API_VERSION = "2.16"
#: 10,000 calls a minute for an app, counted in windows of ten seconds; the headers correct this.
CALLS, WINDOW = 1666, 10.0
#: How often a merged contact is followed, as often as Intercom does itself.
HOPS = 3
#: The size of a page of search results (the largest allowed) and how many are read before we call it a loop.
PAGE, MOST_PAGES = 150, 1000
#: How many of a contact's conversations are looked at.
MOST_RECENT = 50
Filter = Mapping[str, Any]


class IntercomClient:
    """One workspace. Sync and thread-safe. `admin_id` is the teammate in whose name the service writes."""

    def __init__(
        self,
        base_url: str,
        access_token: str,
        admin_id: str,
        app_id: str,
        *,
        pace: Pace | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        headers = {"Authorization": f"Bearer {access_token}", "Intercom-Version": API_VERSION}
        pace = pace or Pace(CALLS, WINDOW, name="intercom")
        self._http = Http("Intercom", base_url, headers, pace, deadline=deadline, bars_us=bars_us)
        self._admin_id = admin_id
        self._app_id = app_id
        self._region = region_of(base_url)

    @property
    def admin_id(self) -> str:
        """The teammate in whose name the service writes."""
        return self._admin_id

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    # -- reading ------------------------------------------------------------

    def conversation(self, conversation_id: str) -> Conversation | None:
        """The conversation with its newest 500 parts; None when it is gone."""
        reply = self._http.call("GET", f"/conversations/{_in_path(conversation_id)}", expect=(404,))
        if gone(reply):
            return None
        url = conversation_url(self._app_id, conversation_id, self._region)
        return read(reply, lambda node: reading.conversation(node, self._admin_id, url))

    def contact(self, contact_id: str) -> Contact | None:
        """The contact, or the one it was merged into; None when it is gone."""
        reply = self._of_contact(contact_id)
        return read(reply, reading.contact) if reply else None

    def company_of(self, contact_id: str) -> Company | None:
        """The first company of a contact; None when it has none or is gone."""
        reply = self._of_contact(contact_id, "/companies")
        companies = read(reply, lambda node: [reading.company(one) for one in node["data"].items()]) if reply else []
        return companies[0] if companies else None

    def company(self, company_id: str) -> Company | None:
        """The company with this id of Intercom's; None when it is gone."""
        reply = self._http.call("GET", f"/companies/{_in_path(company_id)}", expect=(404,))
        return None if gone(reply) else read(reply, reading.company)

    def company_attributes(self, company_id: str) -> dict[str, str]:
        """The workspace's own attributes of a company, by name; {} when it has none or is gone."""
        company = self.company(company_id)
        return dict(company.attributes) if company else {}

    def owner_of_contact(self, contact_id: str) -> Admin | None:
        """The teammate who owns a contact; None when nobody does, the owner left, or the contact is gone."""
        contact = self.contact(contact_id)
        if not contact or not contact.owner_id:
            return None
        return next((admin for admin in self.admins() if admin.id == contact.owner_id), None)

    def admins(self) -> tuple[Admin, ...]:
        """All teammates of the workspace."""
        reply = self._http.call("GET", "/admins")
        return read(reply, lambda node: tuple(reading.admin(one) for one in node["admins"].items()))

    def me(self) -> Me:
        """Whose token this is. Raises Permanent when Intercom does not accept it."""
        return read(self._http.call("GET", "/me"), reading.me)

    def tags(self) -> tuple[Tag, ...]:
        """All tags of the workspace."""
        reply = self._http.call("GET", "/tags")
        return read(reply, lambda node: tuple(reading.tag(one) for one in node["data"].items()))

    def changed_since(self, since: int) -> Iterator[Recent]:
        """Every conversation that changed at or after `since`. One call for each 150."""
        yield from self._found(_after("updated_at", since))

    def found_among(self, conversation_ids: Sequence[str]) -> set[str]:
        """Those of these conversations that a search finds; any other is gone, or hidden for the moment."""
        return {one.id for one in self._found(_among("id", conversation_ids))} if conversation_ids else set()

    def rated_since(self, since: int) -> Iterator[str]:
        """The conversations that their customers rated at or after `since`."""
        yield from (one.id for one in self._found(_after("conversation_rating.replied_at", since)))

    def _found(self, *filters: Filter) -> Iterator[Recent]:
        """Each conversation that passes the filters.

        Raises Permanent when the pages do not end: they must not be read for ever, nor given up silently.
        """
        seen: set[str] = set()
        cursor = ""
        while True:
            said = _search(filters, PAGE, cursor)
            reply = self._http.call("POST", "/conversations/search", json=said, reads=True)
            found, cursor = read(reply, _page)
            yield from found
            if not cursor:
                return
            if cursor in seen or len(seen) >= MOST_PAGES:
                raise Permanent("Intercom keeps returning more pages of search results")
            seen.add(cursor)

    def recent_conversations(self, contact_id: str, since: int) -> list[Recent]:
        """A contact's conversations that began at or after `since` (Unix seconds), at most 50, the latest first."""
        ours = {"field": "contact_ids", "operator": "=", "value": contact_id}
        said = _search([ours, _after("created_at", since)], MOST_RECENT)
        reply = self._http.call("POST", "/conversations/search", json=said, reads=True)
        found = read(reply, lambda node: [reading.recent(one) for one in node["conversations"].items()])
        return sorted(found, key=lambda one: one.created_at, reverse=True)

    # -- writing ------------------------------------------------------------

    def open(self, conversation_id: str) -> bool:
        """Open a closed or snoozed conversation (a snooze is lost); False when it is gone."""
        return self._manage(conversation_id, {"message_type": "open"})

    def assign(self, conversation_id: str, assignee_id: str) -> bool:
        """Assign it to a teammate; a closed conversation opens by this. False when it is gone."""
        return self._manage(
            conversation_id, {"message_type": "assignment", "type": "admin", "assignee_id": assignee_id}
        )

    def snooze(self, conversation_id: str, until: int) -> bool:
        """Snooze it until a moment in Unix seconds; False when it is gone."""
        return self._manage(conversation_id, {"message_type": "snoozed", "snoozed_until": until})

    def tag(self, conversation_id: str, name: str) -> bool:
        """Put the tag of this name on a conversation; made where the workspace has none. False when it is gone.

        Saying the same twice does no harm: names of tags are unique, whatever their case.
        https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/attachtagtoconversation
        """
        known = (tag for tag in self.tags() if tag.name.casefold() == name.casefold())
        tag = next(known, None) or read(self._http.call("POST", "/tags", json={"name": name}, safe=True), reading.tag)
        path, said = f"/conversations/{_in_path(conversation_id)}/tags", {"id": tag.id, "admin_id": self._admin_id}
        return not gone(self._http.call("POST", path, json=said, expect=(404,), safe=True))

    def note(self, conversation_id: str, html: str) -> str:
        """Leave an internal note, invisible to the customer, and return its id; "" when the conversation is gone.

        A closed conversation stays closed, a snoozed one wakes. Raises Unsure when the note may have been left.
        """
        said = {"message_type": "note", "type": "admin", "admin_id": self._admin_id, "body": html}
        reply = self._http.call("POST", f"/conversations/{_in_path(conversation_id)}/reply", json=said, expect=(404,))
        if gone(reply):
            return ""
        try:
            return self._newest_note(node(reply))
        except Malformed as error:
            raise Unsure(f"Intercom accepted a note but answered strangely ({error})") from None

    def reply(self, conversation_id: str, admin_id: str, text: str) -> Replied:
        """Write to the customer in a teammate's name; what it says, and whether Intercom took it.

        A closed or snoozed conversation opens. Raises Unsure when it may have been sent.
        https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/replyconversation
        """
        said = {"message_type": "comment", "type": "admin", "admin_id": admin_id, "body": plain.html(text)}
        path = f"/conversations/{_in_path(conversation_id)}/reply"
        reply = self._http.call("POST", path, json=said, expect=REFUSES)
        if reply.status in REFUSES:
            return Replied(refused=refusal(reply))
        try:
            return Replied(self._newest(node(reply), admin_id))
        except Malformed as error:
            raise Unsure(f"Intercom accepted a reply but answered strangely ({error})") from None

    def find_reply(self, conversation_id: str, admin_id: str, text: str, since: int) -> str | None:
        """The id of the reply with this text that a teammate sent at or after `since` (Unix seconds); None if none."""
        conversation = self.conversation(conversation_id)
        theirs = [it for it in conversation.parts if it.is_answer and it.author.id == admin_id] if conversation else []
        same = (it.id for it in theirs if it.created_at >= since and plain.is_same(it.text, text))
        return next(same, None)

    def find_note(self, conversation_id: str, marker: str) -> str | None:
        """The id of our oldest note in which `marker` stands as a word of its own; None when there is none."""
        conversation = self.conversation(conversation_id)
        word = re.compile(rf"(?<![0-9A-Za-z_-]){re.escape(marker)}(?![0-9A-Za-z_-])")
        ours = [part for part in conversation.parts if part.by_us] if conversation else []
        return next((part.id for part in ours if word.search(part.text)), None)

    # -- under the verbs ----------------------------------------------------

    def _manage(self, conversation_id: str, said: Mapping[str, Any]) -> bool:
        """Put a conversation into a state. Saying the same twice does no harm, so it may be repeated."""
        path = f"/conversations/{_in_path(conversation_id)}/parts"
        body = {**said, "admin_id": self._admin_id}
        return not gone(self._http.call("POST", path, json=body, expect=(404,), safe=True))

    def _of_contact(self, contact_id: str, what: str = "") -> Reply | None:
        """The answer about a contact, following merges (410 and a canonical link); None when it is gone."""
        for _ in range(1 + HOPS):
            reply = self._http.call("GET", f"/contacts/{_in_path(contact_id)}{what}", expect=(404, 410))
            if reply.status != 410:
                return None if gone(reply) else reply
            canonical = re.search(r"</contacts/([\w-]+)>", reply.headers.get("link", ""))
            if canonical is None:
                return None
            contact_id = canonical[1]
        return None

    def _newest(self, node: Node, admin_id: str) -> str:
        parts = [reading.part(one, self._admin_id) for one in node["conversation_parts"]["conversation_parts"].items()]
        theirs = [part.id for part in parts if part.author.id == admin_id and not part.is_note]
        if not theirs:
            raise Malformed("conversation_parts", "has no reply from this teammate")
        return theirs[-1]

    def _newest_note(self, node: Node) -> str:
        parts = [reading.part(one, self._admin_id) for one in node["conversation_parts"]["conversation_parts"].items()]
        notes = [part.id for part in parts if part.is_note and part.by_us]
        if not notes:
            raise Malformed("conversation_parts", "has no note from Yamabiko")
        return notes[-1]


def _in_path(text: str) -> str:
    """An id as one step of a path, whatever stands in it."""
    return quote(text, safe="").replace(".", "%2E")


def _among(field: str, ids: Sequence[str]) -> Filter:
    return {"field": field, "operator": "IN", "value": list(ids)}


def _after(field: str, since: int) -> Filter:
    """`>` means at or after for conversations."""
    return {"field": field, "operator": ">", "value": since}


def _search(filters: Sequence[Filter], size: int, cursor: str = "") -> dict[str, Any]:
    """A page of the conversations that pass all filters."""
    pagination = {"per_page": size} | ({"starting_after": cursor} if cursor else {})
    return {"query": {"operator": "AND", "value": list(filters)}, "pagination": pagination}


def _page(node: Node) -> tuple[list[Recent], str]:
    """The conversations of a page, and the cursor of the next one ("" after the last)."""
    found = [reading.recent(one) for one in node["conversations"].items()]
    following = node["pages"]["next"]
    return found, following["starting_after"].text() if following else ""
