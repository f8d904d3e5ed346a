"""What people do at Intercom: plain methods of the twin, which can also be played from another process.

Unknown ids raise KeyError or StopIteration: that is a mistake in a test or a demo.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from integrations.intercom.twin.as_json import admin_json
from integrations.intercom.twin.data import DELETED, Company, Conversation, Part, Person
from integrations.intercom.twin.workspace import OPERATOR, Workspace, now

P = ParamSpec("P")
R = TypeVar("R")
W = TypeVar("W", bound=Workspace)


def by_hand(verb: Callable[Concatenate[W, P], R]) -> Callable[Concatenate[W, P], R]:
    """Mark something that a person does at Intercom: it happens under the lock."""

    @functools.wraps(verb)
    def locked(workspace: W, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with workspace.lock:
            return verb(workspace, *args, **kwargs)

    return locked


class People(Workspace):
    """A workspace with people in it. Times are Unix seconds; `at=0` means now."""

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
        medium: str = "conversation",
    ) -> str:
        """A conversation that a contact began, assigned to `admin_id`; `send` announces it. Its id has to be digits.

        `medium`: conversation, email, whatsapp …, as Intercom names where it came from.
        """
        moment = at or now()
        contact = self.books.contacts[contact_id]
        source = Part(self.next_id(), "source", body, contact, moment, moment, "open")
        talk = Conversation(id, contact, source, moment, moment, state, waiting_since=moment, assignee_id=admin_id)
        talk.company_id, talk.medium = contact.company_id, medium
        talk.statistics = {"first_contact_reply_at": moment, "last_contact_reply_at": moment}
        if state == "closed":
            talk.statistics["last_close_at"] = moment
        if state == "snoozed":
            talk.snoozed_until = moment + 86_400
        self.books.conversations[id] = talk
        if send:
            self.announce("conversation.user.created", talk)
        return id

    # -- what people do -----------------------------------------------------

    @by_hand
    def write_first(self, id: str, contact_id: str, admin_id: str, body: str) -> str:
        """A teammate begins a conversation with a contact. Its id has to be digits."""
        admin, contact, moment = self.books.admins[admin_id], self.books.contacts[contact_id], now()
        source = Part(self.next_id(), "source", body, admin, moment, moment, "open")
        talk = Conversation(id, contact, source, moment, moment, company_id=contact.company_id)
        talk.statistics = {"first_admin_reply_at": moment, "last_admin_reply_at": moment}
        self.books.conversations[id] = talk
        self.announce("conversation.admin.single.created", talk)
        return id

    @by_hand
    def join(self, conversation_id: str, contact_id: str) -> None:
        """One more contact comes into the conversation, which is a group's from then on."""
        talk = self.books.conversations[conversation_id]
        talk.others.append(self.books.contacts[contact_id])
        self.announce("conversation.contact.attached", talk)

    @by_hand
    def customer_says(
        self, conversation_id: str, body: str, at: int = 0, by: str = "", files: dict[str, str] | None = None
    ) -> str:
        """The customer (of a group, the contact `by`) replies, which opens a closed or snoozed conversation; nothing
        but a picture is "". `files`: their addresses by their names. Returns the part's id."""
        talk = self.books.conversations[conversation_id]
        author = next(one for one in talk.contacts if by in ("", one.id))
        return self.say(talk, "comment", author, body, at=at, files=files).id

    @by_hand
    def agent_says(self, conversation_id: str, admin_id: str, body: str, at: int = 0, package: str = "") -> str:
        """A teammate replies to the customer, perhaps in another app (its `package`). Returns the part's id."""
        talk, admin = self.books.conversations[conversation_id], self.books.admins[admin_id]
        return self.say(talk, "comment", admin, body, at=at, package=package).id

    @by_hand
    def agent_offers(self, conversation_id: str, admin_id: str, body: str, at: int = 0) -> str:
        """A teammate replies with answers to choose from. Returns the part's id."""
        talk = self.books.conversations[conversation_id]
        return self.say(talk, "quick_reply", self.books.admins[admin_id], body, at=at).id

    @by_hand
    def agent_notes(
        self, conversation_id: str, admin_id: str, body: str, at: int = 0, kind: str = "note", package: str = ""
    ) -> str:
        """A teammate leaves an internal note (or a `note_and_reopen`). Returns the part's id."""
        talk, admin = self.books.conversations[conversation_id], self.books.admins[admin_id]
        return self.say(talk, kind, admin, body, at=at, package=package).id

    @by_hand
    def assign_by_hand(
        self, conversation_id: str, admin_id: str, assignee_id: str, body: str | None = None, at: int = 0
    ) -> str:
        """A teammate assigns the conversation, perhaps with a word. Returns the part's id."""
        talk, admin = self.books.conversations[conversation_id], self.books.admins[admin_id]
        return self.hand_over(talk, admin, assignee_id, body, at=at).id

    @by_hand
    def tag(
        self, conversation_id: str, part_id: str, tag_name: str, admin_id: str, shape: str = "b", *, at: int = 0
    ) -> str:
        """Tag a part ("" for the opening message). `shape` is that of the webhook: "a" old, "b" current."""
        talk = self.books.conversations[conversation_id]
        tag_id = self.tag_named(tag_name)
        self.put_tag(talk, talk.part(part_id), tag_id, admin_id, shape, at=at)
        return tag_id

    @by_hand
    def untag(self, conversation_id: str, part_id: str, tag_name: str) -> None:
        """Take a tag off a part. Intercom announces that to nobody."""
        talk, tag_id = self.books.conversations[conversation_id], self.tag_named(tag_name)
        talk.part(part_id).tag_ids.remove(tag_id)
        if not any(tag_id in part.tag_ids for part in (talk.source, *talk.parts)):
            del talk.tags[tag_id]
        talk.updated_at = now()

    @by_hand
    def rate(self, conversation_id: str, rating: int, remark: str = "") -> None:
        """The customer rates the conversation, from 1 to 5, perhaps with a remark."""
        if not 1 <= rating <= 5:
            raise ValueError("a rating is 1 to 5")
        self.put_rating(self.books.conversations[conversation_id], rating, remark)

    @by_hand
    def mail_to_absent(self, conversation_id: str, part_id: str) -> None:
        """Intercom mails what was said in its messenger to a customer who is away."""
        talk = self.books.conversations[conversation_id]
        self.mail(talk, talk.part(part_id))
        talk.updated_at = now()

    @by_hand
    def bounce(self, contact_id: str, *, as_spam: bool = False) -> None:
        """A mail to a customer comes back for good, or they mark it as spam."""
        who = self.books.contacts[contact_id]
        who.bounced, who.spam = who.bounced or not as_spam, who.spam or as_spam

    @by_hand
    def set_owner(self, contact_id: str, admin_id: str) -> None:
        """A teammate becomes the owner of a contact; "" for nobody."""
        self.books.contacts[contact_id].owner_id = self.books.admins[admin_id].id if admin_id else ""

    @by_hand
    def set_attribute(self, company_id: str, name: str, value: str) -> None:
        """Fill in a custom attribute of a company; "" takes it away."""
        attributes = self.books.companies[company_id].attributes
        attributes.pop(name, None)
        attributes |= {name: value} if value else {}

    @by_hand
    def remove_company(self, id: str) -> None:
        """A company is deleted; its contacts stay."""
        del self.books.companies[id]

    @by_hand
    def close(self, conversation_id: str, admin_id: str, at: int = 0, body: str | None = None) -> None:
        """A teammate closes the conversation, perhaps with a last word."""
        self.shut(self.books.conversations[conversation_id], self.books.admins[admin_id], body, at=at)

    @by_hand
    def reopen(self, conversation_id: str, admin_id: str) -> None:
        """A teammate opens the closed or snoozed conversation."""
        self.unshut(self.books.conversations[conversation_id], self.books.admins[admin_id])

    @by_hand
    def snooze_by_hand(self, conversation_id: str, admin_id: str, until: int) -> None:
        """A teammate snoozes the conversation."""
        self.put_to_sleep(self.books.conversations[conversation_id], self.books.admins[admin_id], until)

    @by_hand
    def end_snooze(self, conversation_id: str) -> None:
        """The time for which it was snoozed is over."""
        talk = self.books.conversations[conversation_id]
        if talk.snoozed_until is not None:
            talk.snoozed_until = min(talk.snoozed_until, now())
            self.wake_if_due(talk)

    @by_hand
    def merge(self, secondary: str, primary: str) -> None:
        """Merge one conversation into another. No topic is documented for that: only the polls can find it."""
        gone, alive = self.books.conversations[secondary], self.books.conversations[primary]
        if gone is alive or gone.merged_into:
            raise ValueError("a conversation is merged once, and into another one")
        gone.state, gone.snoozed_until, gone.merged_into = "closed", None, primary
        gone.statistics["last_close_at"] = now()
        self.add_part(gone, "merged_secondary_conversation", OPERATOR)
        self.add_part(alive, "merged_primary_conversation", OPERATOR)

    @by_hand
    def convert_to_ticket(self, conversation_id: str) -> str:
        """Make a customer ticket of the conversation. Returns the ticket's id."""
        talk = self.books.conversations[conversation_id]
        talk.ticket_id, talk.updated_at = self.next_id(), now()
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
        part.updated_at = talk.updated_at = now()
        self.announce("conversation_part.redacted", talk, part)

    @by_hand
    def merge_contacts(self, contact_id: str, into: str) -> None:
        """Merge a contact into another one; conversations move with it."""
        self.books.contacts[contact_id].merged_into = into
        for talk in self.books.conversations.values():
            if talk.contact.id == contact_id:
                talk.contact = self.books.contacts[into]
            talk.others = [self.books.contacts[into] if one.id == contact_id else one for one in talk.others]

    @by_hand
    def delete_contact(self, contact_id: str) -> None:
        """Delete a customer's person for good; the conversations with them stay behind."""
        contact = self.books.contacts.pop(contact_id)
        self.tell("contact.deleted", {"type": "contact", "id": contact_id, "email": contact.email, "deleted": True})

    @by_hand
    def remove_admin(self, id: str) -> None:
        """A teammate leaves: nobody can act in their name any more."""
        self.tell("admin.removed_from_workspace", admin_json(self.books.admins.pop(id)))

    @by_hand
    def take_seat(self, id: str) -> None:
        """A teammate stays, and may not write to customers any more."""
        self.books.seatless.add(id)

    @by_hand
    def shut_off(self, conversation_id: str) -> None:
        """Nobody can write to the customer there any more: they unsubscribed, or the chat is locked."""
        self.books.locked.add(conversation_id)

    @by_hand
    def ping(self) -> None:
        """Somebody presses the test button of the webhook."""
        self.tell("ping", {"type": "ping", "message": "hello"})
