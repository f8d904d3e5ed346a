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

import copy
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from integrations.contract import Malformed, Permanent, Unsure
from integrations.http import DEADLINE, Http, Reply
from integrations.intercom import hours, plain, reading
from integrations.intercom.answers import REFUSES, bars_us, gone, node, read, refusal
from integrations.intercom.models import Admin, Company, Contact, Conversation, Me, Part, Recent, Replied, Tag
from integrations.intercom.searching import MOST_PAGES, PAGE, Filter, Page, after, among, before, page, search
from integrations.intercom.urls import conversation_url, in_path, region_of
from integrations.pace import Pace
from integrations.untrusted import Node, load

#: The version of the API that `reading.py` and the twin were written against.
API_VERSION = "2.16"
#: 10,000 calls a minute for an app, counted in windows of ten seconds; the headers correct this.
CALLS, WINDOW = 1666, 10.0
#: How often a merged contact is followed, as often as Intercom does itself.
HOPS = 3
#: How many of a contact's conversations are looked at.
MOST_RECENT = 50


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

    def within(self, percent: int) -> IntercomClient:
        """The same client, whose calls take no more than so much of what Intercom allows."""
        other = copy.copy(self)
        other._http = self._http.sharing(CALLS * percent // 100, WINDOW)
        return other

    # -- reading ------------------------------------------------------------

    def conversation(self, conversation_id: str) -> Conversation | None:
        """The conversation with its newest 500 parts; None when it is gone."""
        reply = self._http.call("GET", f"/conversations/{in_path(conversation_id)}", expect=(404,))
        if gone(reply):
            return None
        return read(reply, lambda node: reading.conversation(node, self._admin_id, self._url(conversation_id)))

    def told(self, body: bytes) -> Conversation:
        """The conversation that a webhook's body tells of, with the parts that it is about. Raises Malformed."""
        item = reading.conversation_of(load(body)["data"]["item"])
        said = reading.conversation(item, self._admin_id, self._url(item["id"].text()))
        parts = tuple(reading.as_html(one) for one in said.parts)
        return replace(said, source=reading.as_html(said.source), parts=parts)

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
        reply = self._http.call("GET", f"/companies/{in_path(company_id)}", expect=(404,))
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

    def office_hours(self) -> tuple[hours.Schedule, ...]:
        """All office hours of the workspace, with the days that differ. One call, and one for each of them."""
        path = "/office_hours_schedules"
        found = read(self._http.call("GET", path), hours.schedules)
        asked = [self._http.call("GET", f"{path}/{in_path(one.id)}/office_hours_exceptions") for one in found]
        return tuple(replace(one, days=read(reply, hours.days)) for one, reply in zip(found, asked, strict=True))

    def changed_since(self, since: int) -> Iterator[Recent]:
        """Every conversation that changed at or after `since`. One call for each 150."""
        yield from self._found(after("updated_at", since))

    def found_among(self, conversation_ids: Sequence[str]) -> set[str]:
        """Those of these conversations that a search finds; any other is gone, or hidden for the moment."""
        return {one.id for one in self._found(among("id", conversation_ids))} if conversation_ids else set()

    def rated_since(self, since: int) -> Iterator[str]:
        """The conversations that their customers rated at or after `since`."""
        yield from (one.id for one in self._found(after("conversation_rating.replied_at", since)))

    def tagged_since(self, tag_ids: Sequence[str], since: int) -> Iterator[Recent]:
        """The conversations that began at or after `since` and have one of these tags now."""
        yield from self._found(among("tag_ids", tag_ids), after("created_at", since))

    def began_between(self, begin: int, end: int, size: int, cursor: str = "") -> Page:
        """A page of the conversations that began in these seconds, both of them among it, and how many there are."""
        return self._page((after("created_at", begin), before("created_at", end)), size, cursor)

    def _found(self, *filters: Filter) -> Iterator[Recent]:
        """Each conversation that passes the filters.

        Raises Permanent when the pages do not end: they must not be read for ever, nor given up silently.
        """
        seen: set[str] = set()
        cursor = ""
        while True:
            found, cursor, _ = self._page(filters, PAGE, cursor)
            yield from found
            if not cursor:
                return
            if cursor in seen or len(seen) >= MOST_PAGES:
                raise Permanent("Intercom keeps returning more pages of search results")
            seen.add(cursor)

    def _page(self, filters: Sequence[Filter], size: int, cursor: str) -> Page:
        said = search(filters, size, cursor)
        return read(self._http.call("POST", "/conversations/search", json=said, reads=True), page)

    def recent_conversations(self, contact_id: str, since: int) -> list[Recent]:
        """A contact's conversations that began at or after `since` (Unix seconds), at most 50, the latest first."""
        ours = {"field": "contact_ids", "operator": "=", "value": contact_id}
        said = search([ours, after("created_at", since)], MOST_RECENT)
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

    def shut(self, conversation_id: str) -> bool:
        """Close it without a word; False when it is gone."""
        return self._manage(conversation_id, {"message_type": "close", "type": "admin"})

    def tag(self, conversation_id: str, name: str) -> bool:
        """Put the tag of this name on a conversation; made where the workspace has none. False when it is gone.

        Saying the same twice does no harm: names of tags are unique, whatever their case.
        https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/attachtagtoconversation
        """
        known = (tag for tag in self.tags() if tag.name.casefold() == name.casefold())
        tag = next(known, None) or read(self._http.call("POST", "/tags", json={"name": name}, safe=True), reading.tag)
        path, said = f"/conversations/{in_path(conversation_id)}/tags", {"id": tag.id, "admin_id": self._admin_id}
        return not gone(self._http.call("POST", path, json=said, expect=(404,), safe=True))

    def note(self, conversation_id: str, html: str) -> str:
        """Leave an internal note, invisible to the customer, and return its id; "" when the conversation is gone.

        A closed conversation stays closed, a snoozed one wakes. Raises Unsure when the note may have been left.
        """
        said = {"message_type": "note", "type": "admin", "admin_id": self._admin_id, "body": html}
        reply = self._http.call("POST", f"/conversations/{in_path(conversation_id)}/reply", json=said, expect=(404,))
        if gone(reply):
            return ""
        try:
            missing = Malformed("conversation_parts", "has no note from Yamabiko")
            return self._newest(node(reply), missing, lambda it: it.is_note and it.by_us)
        except Malformed as error:
            raise Unsure(f"Intercom accepted a note but answered strangely ({error})") from None

    def reply(self, conversation_id: str, admin_id: str, text: str) -> Replied:
        """Write to the customer in a teammate's name; what it says, and whether Intercom took it.

        A snoozed conversation opens, a closed one perhaps. Raises Unsure when it may have been sent.
        https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/replyconversation
        """
        said = {"message_type": "comment", "type": "admin", "admin_id": admin_id, "body": plain.html(text)}
        path = f"/conversations/{in_path(conversation_id)}/reply"
        reply = self._http.call("POST", path, json=said, expect=REFUSES)
        if reply.status in REFUSES:
            return Replied(refused=refusal(reply))
        try:
            missing = Malformed("conversation_parts", "has no reply from this teammate")
            return Replied(self._newest(node(reply), missing, lambda it: it.author.id == admin_id and not it.is_note))
        except Malformed as error:
            raise Unsure(f"Intercom accepted a reply but answered strangely ({error})") from None

    def find_reply(
        self, conversation_id: str, admin_id: str, text: str, since: int, besides: Collection[str] = ()
    ) -> str | None:
        """The id of the reply with this text that a teammate sent at or after `since` (Unix seconds); None if none.

        `besides`: the ids of replies in the same words that are known to be others.
        """
        conversation = self.conversation(conversation_id)
        theirs = [it for it in conversation.parts if it.is_answer and it.author.id == admin_id] if conversation else []
        later = (it for it in theirs if it.created_at >= since and it.id not in besides)
        return next((it.id for it in later if plain.is_same(it.text, text)), None)

    def find_note(self, conversation_id: str, marker: str) -> str | None:
        """The id of our oldest note in which `marker` stands as a word of its own; None when there is none."""
        conversation = self.conversation(conversation_id)
        word = re.compile(rf"(?<![0-9A-Za-z_-]){re.escape(marker)}(?![0-9A-Za-z_-])")
        ours = [part for part in conversation.parts if part.by_us] if conversation else []
        return next((part.id for part in ours if word.search(part.text)), None)

    # -- under the verbs ----------------------------------------------------

    def _url(self, conversation_id: str) -> str:
        return conversation_url(self._app_id, conversation_id, self._region)

    def _manage(self, conversation_id: str, said: Mapping[str, Any]) -> bool:
        """Put a conversation into a state. Saying the same twice does no harm, so it may be repeated."""
        path = f"/conversations/{in_path(conversation_id)}/parts"
        body = {**said, "admin_id": self._admin_id}
        return not gone(self._http.call("POST", path, json=body, expect=(404,), safe=True))

    def _of_contact(self, contact_id: str, what: str = "") -> Reply | None:
        """The answer about a contact, following merges (410 and a canonical link); None when it is gone."""
        for _ in range(1 + HOPS):
            reply = self._http.call("GET", f"/contacts/{in_path(contact_id)}{what}", expect=(404, 410))
            if reply.status != 410:
                return None if gone(reply) else reply
            canonical = re.search(r"</contacts/([\w-]+)>", reply.headers.get("link", ""))
            if canonical is None:
                return None
            contact_id = canonical[1]
        return None

    def _newest(self, node: Node, missing: Malformed, is_it: Callable[[Part], bool]) -> str:
        parts = [reading.part(one, self._admin_id) for one in node["conversation_parts"]["conversation_parts"].items()]
        found = [part.id for part in parts if is_it(part)]
        if not found:
            raise missing
        return found[-1]
