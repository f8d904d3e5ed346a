"""The workspace behind the Intercom twin: what can happen in it, and the webhooks that it sends about that.

Whoever acts, a person (`people.py`) or a client (`stand_in.py`), the same thing happens and the same webhooks go out.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import time
import uuid

from integrations.intercom.twin.as_json import conversation_json, legacy_json, notification, tag_json
from integrations.intercom.twin.data import Books, Conversation, Json, Part, Person
from integrations.twin import Twin

#: Where customers' mails arrive.
INBOX = Person("team", "1", "", "inbox@intercom.example")
OPERATOR = Person("bot", "1", "Operator", "operator@intercom.example")


class Workspace(Twin):
    """Conversations, contacts, companies, teammates and tags. Times are Unix seconds; `at=0` means now."""

    NAME = "intercom"
    #: Does a teammate's answer open a closed conversation? Intercom's reference does not say; its samples stay closed.
    answers_open = False

    def __init__(self, *, secret: str, app_id: str, admin: str, seed: int = 0) -> None:
        super().__init__(seed=seed)
        self.app_id = app_id
        self.books = Books()
        self._secret = secret.encode()
        self._ids = itertools.count(2990001)
        self.books.admins[admin] = Person("admin", admin, "やまびこ", "yamabiko@example.com")

    # -- what happens -------------------------------------------------------

    def say(
        self,
        talk: Conversation,
        kind: str,
        author: Person,
        body: str | None,
        *,
        at: int = 0,
        package: str = "",
        files: dict[str, str] | None = None,
    ) -> Part:
        """A comment, a quick reply or a note. All wake a snoozed conversation; only a customer's comment and a
        `note_and_reopen` open a closed one (see `answers_open`)."""
        moment = at or now()
        customer = author.type == "user"
        opens = customer or kind == "note_and_reopen" or (self.answers_open and kind != "note")
        if talk.state == "snoozed" or (talk.state == "closed" and opens):
            talk.state, talk.snoozed_until = "open", None
            kind = "open" if customer else kind
        part = self.add_part(talk, kind, author, body, at=moment, package=package)
        part.files = files or {}
        if kind.startswith("note"):
            self.announce("conversation.admin.noted", talk, part)
            return part
        if talk.medium == "email" and author.type != "bot":  # what a bot says is mailed to nobody
            self.mail(talk, part)
        talk.statistics["last_contact_reply_at" if customer else "last_admin_reply_at"] = moment
        talk.waiting_since = (talk.waiting_since or moment) if customer else None
        if not customer:
            talk.statistics.setdefault("first_admin_reply_at", moment)
        self.announce("conversation.user.replied" if customer else "conversation.admin.replied", talk, part)
        return part

    def mail(self, talk: Conversation, part: Part) -> None:
        """Send what an agent says as a mail (a customer has sent it as one), unless the address is none, or is dead."""
        who = talk.contact
        if who.email and not who.bounced:
            part.mailed = (who, INBOX) if part.author is who else (part.author, who)

    def unshut(self, talk: Conversation, admin: Person, *, package: str = "") -> Part | None:
        """Open; a snooze is lost. Nothing happens to a conversation that is open."""
        if talk.state == "open":
            return None
        talk.state, talk.snoozed_until, talk.read = "open", None, True
        part = self.add_part(talk, "open", admin, package=package)
        self.announce("conversation.admin.opened", talk, part)
        return part

    def shut(
        self, talk: Conversation, admin: Person, body: str | None = None, *, at: int = 0, package: str = ""
    ) -> Part | None:
        """Close, perhaps with a last word. Nothing happens to a conversation that is closed."""
        if talk.state == "closed":
            return None
        talk.state, talk.snoozed_until, talk.waiting_since = "closed", None, None
        part = self.add_part(talk, "close", admin, body, at=at, package=package)
        talk.statistics["last_close_at"] = part.created_at
        self.announce("conversation.admin.closed", talk, part)
        return part

    def put_to_sleep(self, talk: Conversation, admin: Person, until: int, *, package: str = "") -> Part:
        """Snooze until a moment."""
        talk.state, talk.snoozed_until = "snoozed", until
        part = self.add_part(talk, "snoozed", admin, package=package)
        self.announce("conversation.admin.snoozed", talk, part)
        return part

    def wake_if_due(self, talk: Conversation) -> None:
        """A snooze that is over ends by itself."""
        if talk.snoozed_until is not None and talk.snoozed_until <= now():
            talk.state, talk.snoozed_until = "open", None
            self.announce("conversation.admin.unsnoozed", talk, self.add_part(talk, "unsnoozed", OPERATOR))

    def hand_over(
        self,
        talk: Conversation,
        admin: Person,
        assignee: str,
        body: str | None = None,
        *,
        at: int = 0,
        package: str = "",
    ) -> Part:
        """Assign to a teammate ("" for nobody), perhaps with a word; it opens a closed conversation."""
        reopens = talk.state == "closed" and assignee != ""
        talk.assignee_id = assignee
        talk.state = "open" if reopens else talk.state
        kind = "assign_and_reopen" if reopens else "assignment"
        part = self.add_part(talk, kind, admin, body, at=at, package=package)
        part.assigned_to = assignee
        self.announce("conversation.admin.assigned", talk, part)
        if reopens:
            self.announce("conversation.admin.open.assigned", talk, part)
        return part

    def put_tag(
        self, talk: Conversation, part: Part, tag_id: str, admin_id: str, shape: str = "b", *, at: int = 0
    ) -> None:
        """Put a tag on a part and, by that, on the conversation."""
        moment = at or now()
        if tag_id not in part.tag_ids:
            part.tag_ids.append(tag_id)
        talk.tags[tag_id] = (moment, admin_id)
        talk.updated_at = moment
        if shape == "a":
            item = legacy_json(self.books, talk, part, [tag_id])
        else:
            whole = conversation_json(self.books, talk, [part], plaintext=True)
            tag = tag_json(self.books, tag_id)
            item = {"type": "conversation_part_tag", "created_at": moment, "conversation": whole, "tag": tag}
        self.tell("conversation_part.tag.created", item)

    def put_rating(self, talk: Conversation, rating: int, remark: str) -> None:
        """The customer rates what the teammate did who has the conversation, or else wrote in it last."""
        asked = talk.statistics.get("last_close_at", talk.updated_at)
        talk.updated_at = now()
        talk.rating = {
            "rating": rating,
            "remark": remark,
            "created_at": asked,  # when it was asked for
            "updated_at": talk.updated_at,
            "contact": {"type": "contact", "id": talk.contact.id, "external_id": None},
        }
        wrote = [part.author.id for part in talk.parts if part.author.type == "admin"]
        if teammate := talk.assignee_id or next(reversed(wrote), ""):
            talk.rating["teammate"] = {"type": "admin", "id": teammate}
        self.announce("conversation.rating.added", talk)

    def tag_named(self, name: str) -> str:
        """The id of the tag with this name, whose letters may be large or small; made where there is none."""
        for tag_id, known in self.books.tags.items():
            if known.casefold() == name.casefold():
                return tag_id
        tag_id = self.next_id()
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
        package: str = "",
    ) -> Part:
        """Write a part down, after the state of the conversation was changed."""
        moment = at or now()
        part = Part(self.next_id(), type, body, author, moment, moment, talk.state, package)
        talk.parts.append(part)
        talk.updated_at = max(talk.updated_at, moment)
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
            self.send(notification(self.app_id, notification_id, topic, item, now()))

    def listened_to(self) -> bool:
        """Is anybody there to send webhooks to?"""
        return self.webhook_url is not None or self.held is not None

    def signed(self, body: bytes) -> dict[str, str]:
        """The signature with the app's client secret, and the headers beside it."""
        digest = hmac.new(self._secret, body, hashlib.sha1).hexdigest()
        return {"X-Hub-Signature": f"sha1={digest}", "User-Agent": "intercom-parrot-service-client/1.0"}

    def next_id(self) -> str:
        """An id for a part, a tag or a ticket."""
        return str(next(self._ids))


def now() -> int:
    """The time in Unix seconds."""
    return int(time.time())
