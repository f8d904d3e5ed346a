"""A stand-in for Intercom: the REST API of version 2.16 over a small workspace that keeps its state.

    twin = IntercomTwin(secret="…", token="…", app_id="abc123xy", admin="7001")
    twin.add_contact("66aa…", "佐藤", "sato@example.co.jp")
    twin.add_conversation("101", "66aa…", "<p>CSVで出したい</p>")
    twin.tag("101", "", "要望", "7001")  # what people do: see `people.py`, and `canvas.py` for cards

It answers what the specification does not allow with Intercom's own errors, counts calls in real windows of
ten seconds, and sends webhooks about everything that happens, whoever did it.
"""

from __future__ import annotations

import math
import time
import uuid
from dataclasses import replace
from typing import Any

from integrations.intercom.twin.as_json import (
    PACKAGE,
    admin_json,
    company_json,
    contact_json,
    conversation_json,
    listed,
    tag_json,
)
from integrations.intercom.twin.asks import Refusal, api, json_body, one_of, options, text
from integrations.intercom.twin.data import NEWEST, Conversation, Json, Part, Person
from integrations.intercom.twin.hours import Hours
from integrations.intercom.twin.search import BadQuery, compile_query, page
from integrations.twin import Ask, Said

#: The versions that a request may ask for.
VERSIONS = frozenset({f"1.{minor}" for minor in range(5)} | {f"2.{minor}" for minor in range(17)})
CODES = {"401": "unauthorized", "403": "action_forbidden", "404": "not_found", "429": "rate_limit_exceeded"}


class IntercomTwin(Hours):
    """The API. `limit` is calls and seconds of a window; `limit_hits` counts the 429 that it gave."""

    def __init__(
        self,
        *,
        secret: str,
        token: str,
        app_id: str,
        admin: str,
        limit: tuple[int, float] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(secret=secret, app_id=app_id, admin=admin, seed=seed)
        self.limit = limit or (1666, 10.0)
        self.limit_hits = 0
        self._authorization = f"Bearer {token}"
        self._owner = admin
        self._window, self._used = 0, 0

    # -- what holds for every request ---------------------------------------

    def guard(self, ask: Ask) -> Said | None:
        """Refuse a wrong token, an unknown version, and calls beyond the limit."""
        if not self._authorized(ask):
            return Said(401, self.error("unauthorized", "Access Token Invalid"))
        if ask.headers.get("intercom-version", "2.16") not in VERSIONS:
            message = "The requested version does not exist"
            return Said(400, self.error("intercom_version_invalid", message))
        calls, seconds = self.limit
        window = int(time.time() / seconds)
        if window != self._window:
            self._window, self._used = window, 0
        self._used += 1
        if self._used <= calls:
            return None
        self.limit_hits += 1
        message = f"Exceeded rate limit of {calls} in {seconds:g}_seconds"
        return Said(429, self.error("rate_limit_exceeded", message))

    def stamp(self, ask: Ask, said: Said) -> Said:
        """Put the state of the rate limit on every answer to somebody with a valid token."""
        if not self._authorized(ask):
            return said
        calls, seconds = self.limit
        budget = {
            "X-RateLimit-Limit": str(calls),
            "X-RateLimit-Remaining": str(max(0, calls - self._used)),
            "X-RateLimit-Reset": str(math.ceil((self._window + 1) * seconds)),
        }
        return replace(said, headers=budget | dict(said.headers))

    def unknown(self, ask: Ask) -> Said:
        """Intercom's answer to a path it does not have."""
        return Said(404, self.error("not_found", "The requested resource was not found"))

    def broken(self, status: str) -> Json:
        """Intercom's body for an injected error."""
        return self.error(CODES.get(status, "server_error"), "Something went wrong")

    def error(self, code: str, message: str) -> Json:
        """An error list with one error."""
        request_id = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        return {"type": "error.list", "request_id": request_id, "errors": [{"code": code, "message": message}]}

    def _authorized(self, ask: Ask) -> bool:
        return ask.headers.get("authorization") == self._authorization

    # -- people, companies, tags --------------------------------------------

    @api("GET /me")
    def get_me(self, ask: Ask) -> Json:
        app = {"type": "app", "id_code": self.app_id, "name": "山彦商事", "region": "US", "timezone": "Asia/Tokyo"}
        return admin_json(self._admin(self._owner)) | {"email_verified": True, "app": app}

    @api("GET /admins")
    def get_admins(self, ask: Ask) -> Json:
        return listed("admin.list", "admins", [admin_json(admin) for admin in self.books.admins.values()])

    @api("GET /contacts/{id}")
    def get_contact(self, ask: Ask, id: str) -> Json:
        return contact_json(self._contact(id))

    @api("GET /contacts/{id}/companies")
    def get_companies_of(self, ask: Ask, id: str) -> Json:
        company = self.books.companies.get(self._contact(id).company_id)
        companies = [company_json(company)] if company else []
        pages = {"type": "pages", "next": None, "page": 1, "per_page": 50, "total_pages": 1}
        return listed("list", "data", companies, pages=pages, total_count=len(companies))

    @api("GET /companies/{id}")
    def get_company(self, ask: Ask, id: str) -> Json:
        if id not in self.books.companies:
            raise Refusal(404, "company_not_found", "Company Not Found")
        return company_json(self.books.companies[id])

    @api("GET /tags")
    def get_tags(self, ask: Ask) -> Json:
        return listed("list", "data", [tag_json(self.books, tag_id) for tag_id in self.books.tags])

    @api("POST /tags")
    def post_tag(self, ask: Ask) -> Json:
        said = json_body(ask)
        if not isinstance(said.get("name"), str):
            raise Refusal(400, "parameter_invalid", "invalid tag parameters")
        known = {name.casefold() for name in self.books.tags.values()}
        tag_id = self._tag(said["id"]) if "id" in said else self.tag_named(said["name"])
        self.books.tags[tag_id] = said["name"] if "id" in said else self.books.tags[tag_id]
        self.note_effect("create tag", tag_id, name=said["name"], created=said["name"].casefold() not in known)
        return tag_json(self.books, tag_id)

    # -- conversations ------------------------------------------------------

    @api("POST /conversations/search")
    def search(self, ask: Ask) -> Json:
        said = json_body(ask)
        try:
            test = compile_query(said.get("query"))
            found = [talk for talk in self.books.conversations.values() if test(talk)]
            shown, pages = page(found, said.get("pagination") or {})
        except BadQuery as error:
            raise Refusal(400, "parameter_invalid", str(error)) from None
        written = [conversation_json(self.books, talk) for talk in shown]
        return listed("conversation.list", "conversations", written, pages=pages, total_count=len(found))

    @api("GET /conversations/{id}")
    def get_conversation(self, ask: Ask, id: str) -> Json:
        talk = self._conversation(id)
        plaintext = ask.arg("display_as") == "plaintext"
        return conversation_json(self.books, talk, talk.parts[-NEWEST:], plaintext=plaintext)

    @api("PUT /conversations/{id}")
    def put_conversation(self, ask: Ask, id: str) -> Json:
        talk, said = self._conversation(id), json_body(ask)
        if not isinstance(said.get("custom_attributes", {}), dict):
            raise Refusal(400, "parameter_invalid", "custom_attributes must be an object")
        talk.read = bool(said.get("read", talk.read))
        talk.title = said.get("title", talk.title)
        talk.custom_attributes |= said.get("custom_attributes", {})
        talk.company_id = said.get("company_id", talk.company_id) or ""
        talk.updated_at = int(time.time())
        self.note_effect("update", id, said=said)
        return conversation_json(self.books, talk, talk.parts[-NEWEST:])

    @api("POST /conversations/{id}/reply")
    def reply(self, ask: Ask, id: str) -> Json:
        talk, said = self._conversation(id), json_body(ask)
        kind = one_of(said, "message_type", "comment", "note", "quick_reply")
        one_of(said, "type", "admin")
        admin = self._admin(said.get("admin_id"))
        if kind != "note":
            self._may_write(talk, admin)
        if kind == "quick_reply":
            options(said)
        body = said.get("body") if kind == "quick_reply" else text(said, "body")
        part = self.say(talk, kind, admin, body, package=PACKAGE)
        self.note_effect(kind, id, part_id=part.id, admin_id=admin.id, body=body)
        return self._after(talk, part)

    @api("POST /conversations/{id}/parts")
    def manage(self, ask: Ask, id: str) -> Json:
        talk, said = self._conversation(id), json_body(ask)
        kind = one_of(said, "message_type", "open", "close", "snoozed", "assignment")
        act = {"open": self._open, "close": self._close, "snoozed": self._snooze, "assignment": self._assign}[kind]
        return self._after(talk, act(talk, self._admin(said.get("admin_id")), said))

    def _open(self, talk: Conversation, admin: Person, said: Json) -> Part | None:
        was = talk.state
        part = self.unshut(talk, admin, package=PACKAGE)
        self.note_effect("open", talk.id, was=was, admin_id=admin.id)
        return part

    def _close(self, talk: Conversation, admin: Person, said: Json) -> Part | None:
        one_of(said, "type", "admin")
        was = talk.state
        part = self.shut(talk, admin, said.get("body"), package=PACKAGE)
        self.note_effect("close", talk.id, was=was, admin_id=admin.id)
        return part

    def _snooze(self, talk: Conversation, admin: Person, said: Json) -> Part | None:
        until = said.get("snoozed_until")
        if not isinstance(until, int) or until <= time.time():
            raise Refusal(400, "parameter_invalid", "snoozed_until must be in the future")
        was = talk.state
        part = self.put_to_sleep(talk, admin, until, package=PACKAGE)
        self.note_effect("snooze", talk.id, was=was, admin_id=admin.id, until=until)
        return part

    def _assign(self, talk: Conversation, admin: Person, said: Json) -> Part | None:
        one_of(said, "type", "admin")
        assignee = str(said.get("assignee_id", ""))
        if assignee != "0" and assignee not in self.books.admins:
            raise Refusal(404, "assignee_not_found", "Assignee not found")
        was = talk.state
        part = self.hand_over(talk, admin, "" if assignee == "0" else assignee, said.get("body"), package=PACKAGE)
        self.note_effect("assign", talk.id, was=was, admin_id=admin.id, assignee_id=assignee)
        return part

    @api("POST /conversations/{id}/tags")
    def attach_tag(self, ask: Ask, id: str) -> Json:
        talk, said = self._conversation(id, "Conversation not found"), json_body(ask)
        admin, tag_id = self._admin(said.get("admin_id")), self._tag(said.get("id"))
        self.put_tag(talk, talk.source, tag_id, admin.id)
        self.note_effect("tag", id, tag_id=tag_id, admin_id=admin.id)
        return tag_json(self.books, tag_id, talk.tags[tag_id])

    @api("DELETE /conversations/{id}/tags/{tag_id}")
    def detach_tag(self, ask: Ask, id: str, tag_id: str) -> Json:
        talk = self._conversation(id, "Conversation not found")
        admin = self._admin(json_body(ask).get("admin_id"))
        if tag_id not in talk.tags:
            raise Refusal(404, "tag_not_found", "Tag not found")
        applied = talk.tags.pop(tag_id)
        for part in (talk.source, *talk.parts):
            part.tag_ids = [one for one in part.tag_ids if one != tag_id]
        talk.updated_at = int(time.time())
        self.note_effect("untag", id, tag_id=tag_id, admin_id=admin.id)
        return tag_json(self.books, tag_id, applied)

    # -- finding things -----------------------------------------------------

    def _conversation(self, id: str, missing: str = "Resource Not Found") -> Conversation:
        talk = self.books.conversations.get(id)
        if talk is None:
            raise Refusal(404, "not_found", missing)
        self.wake_if_due(talk)
        return talk

    def _contact(self, id: str) -> Person:
        contact = self.books.contacts.get(id)
        if contact is None:
            raise Refusal(404, "not_found", "User Not Found")
        if contact.merged_into:
            canonical = {"Link": f'</contacts/{contact.merged_into}>; rel="canonical"'}
            message = "This contact has been merged. See the 'Link' header for the canonical contact."
            raise Refusal(410, "contact_merged", message, canonical)
        return contact

    def _admin(self, id: Any) -> Person:
        if id in (None, ""):
            raise Refusal(400, "parameter_not_found", "admin_id not specified")
        admin = self.books.admins.get(str(id))
        if admin is None:
            raise Refusal(404, "admin_not_found", "Admin not found")
        return admin

    def _may_write(self, talk: Conversation, admin: Person) -> None:
        if admin.id in self.books.seatless:
            raise Refusal(403, "action_forbidden", "This teammate has no seat in the inbox")
        if talk.id in self.books.locked:
            raise Refusal(409, "conflict", "Nobody can be written to in this conversation")

    def _tag(self, id: Any) -> str:
        if str(id) not in self.books.tags:
            raise Refusal(404, "tag_not_found", "Tag not found")
        return str(id)

    def _after(self, talk: Conversation, part: Part | None) -> Json:
        """The answer to a reply or a change of state: the conversation with the new part only."""
        return conversation_json(self.books, talk, [part] if part else [])
