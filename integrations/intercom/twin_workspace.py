"""The workspace behind the Intercom twin: what happens in it, what people do there, and the webhooks it sends.

Whoever acts, a person or a client, the same thing happens and the same webhooks go out.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import itertools
import time
import uuid
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from integrations.intercom.twin_data import (
    DELETED,
    Books,
    Company,
    Conversation,
    Json,
    Part,
    Person,
    conversation_json,
    legacy_json,
    notification,
    tag_json,
)
from integrations.twin import Twin

P = ParamSpec("P")
R = TypeVar("R")
W = TypeVar("W", bound="Workspace")

OPERATOR = Person("bot", "1", "Operator", "operator@intercom.example")


def by_hand(verb: Callable[Concatenate[W, P], R]) -> Callable[Concatenate[W, P], R]:
    """Mark something that a person does at Intercom: it happens under the lock."""

    @functools.wraps(verb)
    def locked(workspace: W, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with workspace.lock:
            return verb(workspace, *args, **kwargs)

    return locked


class Workspace(Twin):
    """Conversations, contacts, companies, teammates and tags. Times are Unix seconds; `at=0` means now.

    Unknown ids in a person's verb raise KeyError or StopIteration: that is a mistake in a test.
    """

    NAME = "intercom"

    def __init__(self, *, secret: str, app_id: str, admin: str, seed: int = 0) -> None:
        super().__init__(seed=seed)
        self.app_id = app_id
        self.books = Books()
        self._secret = secret.encode()
        self._ids = itertools.count(2990001)
        self.add_admin(admin, "やまびこ", "yamabiko@example.com")

    # -- seeding ------------------------------------------------------------

    @by_hand
    def add_admin(self, id: str, name: str, email: str) -> None:
        """A teammate; ids of teammates are digits."""
        self.books.admins[id] = Person("admin", id, name, email)

    @by_hand
    def add_company(self, id: str, name: str, plan: str, monthly_spend: int) -> None:
        """A customer's company; its id serves as Intercom's and as ours."""
        self.books.companies[id] = Company(id, name, plan, monthly_spend)

    @by_hand
    def add_contact(self, id: str, name: str, email: str, company_id: str = "") -> None:
        """A user, of a company that was added before or of none."""
        self.books.contacts[id] = Person("user", id, name, email, company_id)

    @by_hand
    def add_conversation(
        self,
        id: str,
        contact_id: str,
        body: str,
        *,
        admin_id: str = "",
        state: str = "open",
        send: bool = False,
        at: int = 0,
    ) -> str:
        """A conversation that a contact began, assigned to `admin_id`; `send` announces it. Its id has to be digits."""
        now = at or _now()
        contact = self.books.contacts[contact_id]
        source = Part(self._next_id(), "source", body, contact, now, now, "open")
        talk = Conversation(id, contact, source, now, now, state, waiting_since=now, assignee_id=admin_id)
        talk.company_id = contact.company_id
        talk.statistics = {"first_contact_reply_at": now, "last_contact_reply_at": now}
        if state == "closed":
            talk.statistics["last_close_at"] = now
        if state == "snoozed":
            talk.snoozed_until = now + 86_400
        self.books.conversations[id] = talk
        if send:
            self.announce("conversation.user.created", talk)
        return id

    # -- what people do -----------------------------------------------------

    @by_hand
    def customer_says(self, conversation_id: str, body: str, at: int = 0) -> str:
        """The customer replies, which opens a closed or snoozed conversation. Returns the part's id."""
        talk = self.books.conversations[conversation_id]
        return self.say(talk, "comment", talk.contact, body, at=at).id

    @by_hand
    def agent_says(self, conversation_id: str, admin_id: str, body: str, at: int = 0) -> str:
        """A teammate replies to the customer. Returns the part's id."""
        return self.say(
            self.books.conversations[conversation_id], "comment", self.books.admins[admin_id], body, at=at
        ).id

    @by_hand
    def agent_notes(self, conversation_id: str, admin_id: str, body: str, at: int = 0) -> str:
        """A teammate leaves an internal note. Returns the part's id."""
        talk = self.books.conversations[conversation_id]
        return self.say(talk, "note", self.books.admins[admin_id], body, at=at).id

    @by_hand
    def tag(self, conversation_id: str, part_id: str, tag_name: str, admin_id: str, shape: str = "b") -> str:
        """Tag a part ("" for the opening message). `shape` is that of the webhook: "a" old, "b" current."""
        talk = self.books.conversations[conversation_id]
        tag_id = self.tag_named(tag_name)
        self.put_tag(talk, talk.part(part_id), tag_id, admin_id, shape)
        return tag_id

    @by_hand
    def untag(self, conversation_id: str, part_id: str, tag_name: str) -> None:
        """Take a tag off a part. Intercom announces that to nobody."""
        talk, tag_id = self.books.conversations[conversation_id], self.tag_named(tag_name)
        talk.part(part_id).tag_ids.remove(tag_id)
        if not any(tag_id in part.tag_ids for part in (talk.source, *talk.parts)):
            del talk.tags[tag_id]
        talk.updated_at = _now()

    @by_hand
    def close(self, conversation_id: str, admin_id: str, at: int = 0) -> None:
        """A teammate closes the conversation."""
        self.shut(self.books.conversations[conversation_id], self.books.admins[admin_id], at=at)

    @by_hand
    def reopen(self, conversation_id: str, admin_id: str) -> None:
        """A teammate opens the closed or snoozed conversation."""
        self.unshut(self.books.conversations[conversation_id], self.books.admins[admin_id])

    @by_hand
    def snooze_by_hand(self, conversation_id: str, admin_id: str, until: int) -> None:
        """A teammate snoozes the conversation."""
        self.put_to_sleep(self.books.conversations[conversation_id], self.books.admins[admin_id], until)

    @by_hand
    def merge(self, secondary: str, primary: str) -> None:
        """Merge one conversation into another. No topic is documented for that: only the polls can find it."""
        gone, alive = self.books.conversations[secondary], self.books.conversations[primary]
        if gone is alive or gone.merged_into:
            raise ValueError("a conversation is merged once, and into another one")
        gone.state, gone.snoozed_until, gone.merged_into = "closed", None, primary
        gone.statistics["last_close_at"] = _now()
        self.add_part(gone, "merged_secondary_conversation", OPERATOR)
        self.add_part(alive, "merged_primary_conversation", OPERATOR)

    @by_hand
    def convert_to_ticket(self, conversation_id: str) -> str:
        """Make a customer ticket of the conversation. Returns the ticket's id."""
        talk = self.books.conversations[conversation_id]
        talk.ticket_id, talk.updated_at = self._next_id(), _now()
        self.tell("ticket.created", {"type": "ticket", "id": talk.ticket_id, "category": "Customer"})
        return talk.ticket_id

    @by_hand
    def delete(self, conversation_id: str) -> None:
        """Delete the conversation for good."""
        del self.books.conversations[conversation_id]
        self.tell("conversation.deleted", {"type": "conversation", "id": conversation_id, "deleted": True})

    @by_hand
    def redact(self, conversation_id: str, part_id: str) -> None:
        """Delete what a message said ("" for the opening message)."""
        talk = self.books.conversations[conversation_id]
        part = talk.part(part_id)
        part.body, part.redacted = DELETED, True
        part.updated_at = talk.updated_at = _now()
        self.announce("conversation_part.redacted", talk, part)

    @by_hand
    def merge_contacts(self, contact_id: str, into: str) -> None:
        """Merge a contact into another one; conversations move with it."""
        self.books.contacts[contact_id].merged_into = into
        for talk in self.books.conversations.values():
            if talk.contact.id == contact_id:
                talk.contact = self.books.contacts[into]

    @by_hand
    def remove_admin(self, id: str) -> None:
        """A teammate leaves: nobody can act in their name any more."""
        del self.books.admins[id]

    @by_hand
    def ping(self) -> None:
        """Somebody presses the test button of the webhook."""
        self.tell("ping", {"type": "ping", "message": "hello"})

    # -- what happens -------------------------------------------------------

    def say(
        self, talk: Conversation, kind: str, author: Person, body: str, *, at: int = 0, by_api: bool = False
    ) -> Part:
        """A comment or note. Both wake a snoozed conversation; only a customer's opens a closed one."""
        now = at or _now()
        customer = author.type == "user"
        if talk.state == "snoozed" or (customer and talk.state == "closed"):
            talk.state, talk.snoozed_until = "open", None
            kind = "open" if customer else kind
        part = self.add_part(talk, kind, author, body, at=now, by_api=by_api)
        if kind == "note":
            self.announce("conversation.admin.noted", talk, part)
            return part
        talk.statistics["last_contact_reply_at" if customer else "last_admin_reply_at"] = now
        talk.waiting_since = (talk.waiting_since or now) if customer else None
        if not customer:
            talk.statistics.setdefault("first_admin_reply_at", now)
        self.announce("conversation.user.replied" if customer else "conversation.admin.replied", talk, part)
        return part

    def unshut(self, talk: Conversation, admin: Person, *, by_api: bool = False) -> Part | None:
        """Open; a snooze is lost. Nothing happens to a conversation that is open."""
        if talk.state == "open":
            return None
        talk.state, talk.snoozed_until, talk.read = "open", None, True
        part = self.add_part(talk, "open", admin, by_api=by_api)
        self.announce("conversation.admin.opened", talk, part)
        return part

    def shut(
        self, talk: Conversation, admin: Person, body: str | None = None, *, at: int = 0, by_api: bool = False
    ) -> Part | None:
        """Close, perhaps with a last word. Nothing happens to a conversation that is closed."""
        if talk.state == "closed":
            return None
        talk.state, talk.snoozed_until, talk.waiting_since = "closed", None, None
        part = self.add_part(talk, "close", admin, body, at=at, by_api=by_api)
        talk.statistics["last_close_at"] = part.created_at
        self.announce("conversation.admin.closed", talk, part)
        return part

    def put_to_sleep(self, talk: Conversation, admin: Person, until: int, *, by_api: bool = False) -> Part:
        """Snooze until a moment."""
        talk.state, talk.snoozed_until = "snoozed", until
        part = self.add_part(talk, "snoozed", admin, by_api=by_api)
        self.announce("conversation.admin.snoozed", talk, part)
        return part

    def wake_if_due(self, talk: Conversation) -> None:
        """A snooze that is over ends by itself."""
        if talk.snoozed_until is not None and talk.snoozed_until <= _now():
            talk.state, talk.snoozed_until = "open", None
            self.announce("conversation.admin.unsnoozed", talk, self.add_part(talk, "unsnoozed", OPERATOR))

    def hand_over(self, talk: Conversation, admin: Person, assignee: str, *, by_api: bool = False) -> Part:
        """Assign to a teammate ("" for nobody), which opens a closed conversation."""
        reopens = talk.state == "closed" and assignee != ""
        talk.assignee_id = assignee
        talk.state = "open" if reopens else talk.state
        part = self.add_part(talk, "assign_and_reopen" if reopens else "assignment", admin, by_api=by_api)
        part.assigned_to = assignee
        self.announce("conversation.admin.assigned", talk, part)
        if reopens:
            self.announce("conversation.admin.open.assigned", talk, part)
        return part

    def put_tag(self, talk: Conversation, part: Part, tag_id: str, admin_id: str, shape: str = "b") -> None:
        """Put a tag on a part and, by that, on the conversation."""
        now = _now()
        if tag_id not in part.tag_ids:
            part.tag_ids.append(tag_id)
        talk.tags[tag_id] = (now, admin_id)
        talk.updated_at = now
        if shape == "a":
            item = legacy_json(self.books, talk, part, [tag_id])
        else:
            whole = conversation_json(self.books, talk, [part], plaintext=True)
            tag = tag_json(self.books, tag_id)
            item = {"type": "conversation_part_tag", "created_at": now, "conversation": whole, "tag": tag}
        self.tell("conversation_part.tag.created", item)

    def tag_named(self, name: str) -> str:
        """The id of the tag with this name, whose letters may be large or small; made where there is none."""
        for tag_id, known in self.books.tags.items():
            if known.casefold() == name.casefold():
                return tag_id
        tag_id = self._next_id()
        self.books.tags[tag_id] = name
        return tag_id

    def add_part(
        self,
        talk: Conversation,
        type: str,
        author: Person,
        body: str | None = None,
        *,
        at: int = 0,
        by_api: bool = False,
    ) -> Part:
        """Write a part down, after the state of the conversation was changed."""
        now = at or _now()
        part = Part(self._next_id(), type, body, author, now, now, talk.state, by_api)
        talk.parts.append(part)
        talk.updated_at = max(talk.updated_at, now)
        return part

    # -- webhooks -----------------------------------------------------------

    def announce(self, topic: str, talk: Conversation, part: Part | None = None) -> None:
        """Send a conversation topic, with the part that caused it; texts are plain since version 2.15."""
        if self.listened_to():
            parts = [part] if part else []
            self.tell(topic, conversation_json(self.books, talk, parts, plaintext=True))

    def tell(self, topic: str, item: Json) -> None:
        """Send a webhook about this item."""
        if self.listened_to():
            notification_id = f"notif_{uuid.UUID(int=self._random.getrandbits(128), version=4)}"
            self.send(notification(self.app_id, notification_id, topic, item, _now()))

    def listened_to(self) -> bool:
        """Is anybody there to send webhooks to?"""
        return self.webhook_url is not None or self.held is not None

    def signed(self, body: bytes) -> dict[str, str]:
        """The signature with the app's client secret, and the headers beside it."""
        digest = hmac.new(self._secret, body, hashlib.sha1).hexdigest()
        return {"X-Hub-Signature": f"sha1={digest}", "User-Agent": "intercom-parrot-service-client/1.0"}

    def _next_id(self) -> str:
        return str(next(self._ids))


def _now() -> int:
    return int(time.time())
