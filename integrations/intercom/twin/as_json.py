"""How Intercom 2.16 writes down as JSON what the twin keeps.

https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io/conversations/conversation
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.intercom import plain
from integrations.intercom.twin.data import Books, Company, Conversation, Json, Part, Person

#: The package code of parts that this service made through the API.
PACKAGE = "yamabiko"


def listed(type_: str, key: str, values: Sequence[Any], **more: Any) -> Json:
    """Intercom's way to write a list."""
    return {"type": type_, key: list(values), **more}


def admin_json(admin: Person) -> Json:
    """A teammate as `GET /admins` lists it."""
    return {
        "type": "admin",
        "id": admin.id,
        "name": admin.name,
        "email": admin.email,
        "away_mode_enabled": admin.away,
        "away_mode_reassign": False,
        "has_inbox_seat": True,
        "team_ids": [],
    }


def company_json(company: Company) -> Json:
    """A company; one without a plan has `{}` there."""
    return {
        "type": "company",
        "id": company.id,
        "company_id": company.id,
        "name": company.name,
        "monthly_spend": company.monthly_spend,
        "plan": {"type": "plan", "id": company.plan, "name": company.plan} if company.plan else {},
        "tags": listed("tag.list", "tags", ()),
        "segments": listed("segment.list", "segments", ()),
        "custom_attributes": dict(company.attributes),
    }


def contact_json(contact: Person) -> Json:
    """A contact; the companies are only counted here, `GET /contacts/{id}/companies` has them."""
    attached = [{"type": "company", "id": contact.company_id, "url": f"/companies/{contact.company_id}"}]
    companies = attached if contact.company_id else []
    return {
        "type": "contact",
        "id": contact.id,
        "external_id": None,
        "role": contact.type,
        "email": contact.email,
        "name": contact.name or None,
        "phone": None,
        "owner_id": contact.owner_id or None,
        "has_hard_bounced": contact.bounced,
        "marked_email_as_spam": contact.spam,
        "unsubscribed_from_emails": contact.unsubscribed,
        "language_override": None,
        "browser_language": contact.language or None,
        "custom_attributes": {},
        "companies": {
            "type": "list",
            "url": f"/contacts/{contact.id}/companies",
            "data": companies,
            "total_count": len(companies),
            "has_more": False,
        },
    }


def author_json(person: Person) -> Json:
    """Who wrote a part; without an address there is no `email`."""
    author = {"type": person.type, "id": person.id, "name": person.name or None}
    ai = {"from_ai_agent": True, "is_ai_answer": True} if person.is_ai else {}
    return author | ai | ({"email": person.email} if person.email else {})


def tag_json(books: Books, tag_id: str, applied: tuple[int, str] | None = None) -> Json:
    """A tag, with `applied_at` and `applied_by` where it stands on something."""
    tag: Json = {"type": "tag", "id": tag_id, "name": books.tags[tag_id]}
    if applied:
        tag["applied_at"] = applied[0]
        tag["applied_by"] = {"type": "admin", "id": applied[1]}
    return tag


def part_json(books: Books, part: Part, plaintext: bool = False) -> Json:
    """A part; a source that is shown as one (when it was tagged) is a comment."""
    return {
        "type": "conversation_part",
        "id": part.id,
        "part_type": "comment" if part.type == "source" else part.type,
        "body": plain.text(part.body) if plaintext and part.body else part.body,
        "created_at": part.created_at,
        "updated_at": part.updated_at,
        "notified_at": part.created_at,
        "assigned_to": {"type": "admin", "id": part.assigned_to} if part.assigned_to else None,
        "author": author_json(part.author),
        "attachments": files_json(part),
        "external_id": None,
        "redacted": part.redacted,
        "metadata": {},
        "email_message_metadata": mail_json(part),
        "state": part.state,
        "tags": [tag_json(books, tag_id) for tag_id in part.tag_ids],
        "event_details": None,
        "app_package_code": part.package or None,
    }


def mail_json(part: Part) -> Json | None:
    """What Intercom knows of the mail as which a part was sent; None where it was not."""
    if part.mailed is None:
        return None
    ends = zip(("from", "to"), part.mailed, strict=True)
    headers = [{"type": end, "email_address": who.email, "name": who.name or None} for end, who in ends]
    return {"subject": "", "email_address_headers": headers, "message_id": f"<{part.id}@intercom.example>"}


def files_json(part: Part) -> list[Json]:
    """What hangs on a message."""
    return [
        {"type": "upload", "name": name, "url": url, "content_type": "image/png", "filesize": 1000}
        for name, url in part.files.items()
    ]


def source_json(source: Part, plaintext: bool = False, medium: str = "conversation") -> Json:
    """The opening message."""
    return {
        "type": medium,
        "id": source.id,
        "delivered_as": "customer_initiated" if source.author.type != "admin" else "admin_initiated",
        "subject": "",
        "body": plain.text(source.body) if plaintext else source.body,
        "author": author_json(source.author),
        "attachments": files_json(source),
        "url": None,
        "redacted": source.redacted,
    }


def conversation_json(
    books: Books, talk: Conversation, parts: Sequence[Part] | None = None, *, plaintext: bool = False
) -> Json:
    """A conversation, with these parts; without `conversation_parts` when None, as in search results."""
    written = _without_parts(books, talk, plaintext)
    if parts is not None:
        shown = [part_json(books, part, plaintext) for part in parts]
        written["conversation_parts"] = listed(
            "conversation_part.list", "conversation_parts", shown, total_count=len(shown)
        )
    return written


def _without_parts(books: Books, talk: Conversation, plaintext: bool) -> Json:
    company = books.companies.get(talk.company_id)
    contacts = [{"type": "contact", "id": one.id, "external_id": None} for one in talk.contacts]
    statistics = {"type": "conversation_statistics", "count_conversation_parts": len(talk.parts)}
    return {
        "type": "conversation",
        "id": talk.id,
        "created_at": talk.created_at,
        "updated_at": talk.updated_at,
        "waiting_since": talk.waiting_since,
        "snoozed_until": talk.snoozed_until,
        "source": source_json(talk.source, plaintext, talk.medium),
        "contacts": listed("contact.list", "contacts", contacts),
        "first_contact_reply": {"created_at": talk.created_at, "type": "conversation", "url": None},
        "admin_assignee_id": int(talk.assignee_id or 0),
        "team_assignee_id": int(talk.team_id or 0),
        "open": talk.state != "closed",  # also while it is snoozed
        "state": talk.state,
        "read": talk.read,
        "company": company_json(company) if company else None,
        "tags": listed("tag.list", "tags", [tag_json(books, one, applied) for one, applied in talk.tags.items()]),
        "priority": "none",
        "sla_applied": None,
        "statistics": statistics | talk.statistics,
        "conversation_rating": talk.rating,
        "teammates": None,
        "title": talk.title,
        "custom_attributes": talk.custom_attributes,
        "topics": {},
        "ticket": {"type": "ticket", "id": talk.ticket_id, "category": "Customer"} if talk.ticket_id else None,
        "linked_objects": linked_json(talk),
        "ai_agent": None,
        "ai_agent_participated": False,
    }


def linked_json(talk: Conversation) -> Json:
    """A merged conversation links to the one that lives on; that one does not link back."""
    linked = [{"type": "conversation", "id": talk.merged_into, "category": None}] if talk.merged_into else []
    return {"type": "list", "data": linked, "total_count": len(linked), "has_more": False}


def legacy_json(books: Books, talk: Conversation, part: Part, tag_ids: Sequence[str]) -> Json:
    """The conversation in a tag's webhook before `conversation_part_tag` came up."""
    tags = [tag_json(books, tag_id) for tag_id in tag_ids]
    shown = [part_json(books, part, plaintext=True)]
    return {
        "type": "conversation",
        "id": talk.id,
        "created_at": talk.created_at,
        "updated_at": talk.updated_at,
        "user": author_json(talk.contact),
        "conversation_message": {"type": "conversation_message"} | source_json(talk.source, plaintext=True),
        "conversation_parts": listed("conversation_part.list", "conversation_parts", shown, total_count=1),
        "open": talk.state != "closed",
        "tags": listed("tag.list", "tags", [tag_json(books, one) for one in talk.tags]),
        "tags_added": listed("tag.list", "tags", tags),
    }


def notification(app_id: str, notification_id: str, topic: str, item: Mapping[str, Any], at: int) -> Json:
    """The envelope of a webhook."""
    return {
        "type": "notification_event",
        "app_id": app_id,
        "data": {"type": "notification_event_data", "item": item},
        "links": {},
        "id": notification_id,
        "topic": topic,
        "delivery_status": "pending",
        "delivery_attempts": 1,
        "delivered_at": 0,
        "first_sent_at": at,
        "created_at": at,
        "self": None,
    }
