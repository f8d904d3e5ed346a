"""Making our values from Intercom's answers, which differ a little from version to version.

Ids come as text or numbers, times as Unix seconds or ISO 8601, nobody as null, 0 or `{}`, lists may be missing.
Every reader raises Malformed, naming the field, where an id is missing or a type is not what it can be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from integrations.contract import Malformed
from integrations.intercom import plain
from integrations.intercom.models import (
    CHAT,
    MAIL,
    OTHER,
    Admin,
    Attachment,
    Author,
    Company,
    Contact,
    Conversation,
    Me,
    Part,
    Recent,
    Tag,
)
from integrations.untrusted import Node

#: Custom attributes of a company that are read; workspaces have dozens.
MOST_ATTRIBUTES = 1000
#: So many parts of a conversation are told, the newest.
MOST_PARTS = 500
#: Files of one message that are kept.
MOST_FILES = 20
#: How a body begins that is HTML.
HTML = re.compile(r"\s*<(p|div|h[1-6]|ul|ol|pre|blockquote|table|img|a|b|i|br|span|strong|em)\b[^<]*>", re.IGNORECASE)
#: By `source.type`: what was written in Intercom's own messengers, and what came by mail.
MEDIA = {"": CHAT, "conversation": CHAT, "push": CHAT, "in_app": CHAT, "email": MAIL}


def conversation(node: Node, admin_id: str, url: str) -> Conversation:
    """A conversation as retrieved; `admin_id` is our teammate's, `url` its address in the Inbox."""
    created_at = moment(node["created_at"]) or 0
    parts = tuple(part(one, admin_id) for one in node["conversation_parts"]["conversation_parts"].items())
    state = node["state"].text()
    merged = state == "closed" and any(one.type == "merged_secondary_conversation" for one in parts)
    return Conversation(
        id=node["id"].text(),
        state=state,
        title=node["title"].text(or_=""),
        created_at=created_at,
        updated_at=moment(node["updated_at"]) or created_at,
        snoozed_until=moment(node["snoozed_until"]),
        last_close_at=_last_close(node, parts),
        admin_assignee_id=reference(node["admin_assignee_id"]),
        contact_ids=tuple(contact["id"].text() for contact in node["contacts"]["contacts"].items()),
        company=company(node["company"]) if node["company"] else None,
        tags=tuple(tag(one) for one in node["tags"]["tags"].items()),
        source=part(node["source"], admin_id, created_at),
        parts=parts,
        ticket_id=reference(node["ticket"]["id"]),
        merged=merged,
        merged_into=_linked_conversation(node) if merged else "",
        rating=node["conversation_rating"]["rating"].number(or_=0) or None,
        remark=node["conversation_rating"]["remark"].text(or_=""),
        url=url,
        rated_at=moment(node["conversation_rating"]["updated_at"]),
        medium=MEDIA.get(node["source"]["type"].text(or_=""), OTHER),
        inbox_id=reference(node["team_assignee_id"]),
        has_more=len(parts) >= MOST_PARTS
        and (node["statistics"]["count_conversation_parts"].number(or_=0) > len(parts)),
    )


def conversation_of(item: Node) -> Node:
    """The conversation in a webhook's item, in both shapes that are in use.

    Older versions send the conversation itself, newer ones a `conversation_part_tag` that holds it.
    """
    if item["conversation"]:
        return item["conversation"]
    if item["type"].text(or_="conversation") != "conversation":
        raise Malformed(item["conversation"].path, "is missing")
    return item


def _last_close(node: Node, parts: tuple[Part, ...]) -> int | None:
    """The newest close that either the statistics or the parts know of (parts are limited to the newest 500)."""
    known = [one.created_at for one in parts if one.type == "close"]
    return max([*known, moment(node["statistics"]["last_close_at"]) or 0]) or None


def _linked_conversation(node: Node) -> str:
    """The only conversation among the linked objects: a merged one links to the one that lives on."""
    linked = [one for one in node["linked_objects"]["data"].items() if one["type"].text(or_="") == "conversation"]
    return linked[0]["id"].text(or_="") if len(linked) == 1 else ""


def recent(node: Node) -> Recent:
    """A conversation among search results."""
    tags = tuple(one["name"].text(or_="") for one in node["tags"]["tags"].items())
    created_at = moment(node["created_at"]) or 0
    opened_at = created_at if author(node["source"]["author"]).is_customer else 0
    said_at = moment(node["statistics"]["last_contact_reply_at"]) or opened_at
    updated_at, state = moment(node["updated_at"]) or created_at, node["state"].text(or_="")
    return Recent(node["id"].text(), created_at, tags, updated_at, said_at, state)


def part(node: Node, admin_id: str, since: int = 0) -> Part:
    """A part or, with `since` as its time, the opening message (which has no type and no time of its own)."""
    by = author(node["author"])
    return Part(
        id=reference(node["id"]),
        type=node["part_type"].text(or_="source"),
        author=by,
        body=node["body"].text(or_=""),
        created_at=moment(node["created_at"]) or since,
        redacted=bool(node["redacted"]),
        tags=tuple(tag(one) for one in node["tags"].items()),
        by_us=by.type == "admin" and by.id == admin_id,
        attachments=tuple(_attachments(node["attachments"])),
        mailed=bool(node["email_message_metadata"]),
    )


def as_html(one: Part) -> Part:
    """A part out of a webhook: its body is plain text from version 2.15 on, and HTML before."""
    return one if HTML.match(one.body) else replace(one, body=plain.html(one.body) if one.body else "")


def _attachments(node: Node) -> Iterator[Attachment]:
    """Those with an address on the web: nothing else may become a link."""
    for one in list(node.items())[:MOST_FILES]:
        url = one["url"].text(or_="")
        if url.startswith(("https://", "http://")):
            yield Attachment(one["name"].text(or_=""), url)


def author(node: Node) -> Author:
    """Who wrote a part; all fields are "" where Intercom leaves the author blank."""
    return Author(
        type=node["type"].text(or_=""),
        id=reference(node["id"]),
        name=node["name"].text(or_=""),
        email=node["email"].text(or_=""),
        is_ai=bool(node["from_ai_agent"]) or bool(node["is_ai_answer"]),
    )


def tag(node: Node) -> Tag:
    """A tag; contacts can apply tags too, but only teammates count as `applied_by`."""
    by = node["applied_by"]
    return Tag(
        id=node["id"].text(),
        name=node["name"].text(or_=""),
        applied_by=reference(by["id"]) if by["type"].text(or_="admin") == "admin" else "",
        applied_at=moment(node["applied_at"]),
    )


def company(node: Node) -> Company:
    """A company; `plan` is `{}` where there is none."""
    return Company(
        id=node["id"].text(),
        external_id=node["company_id"].text(or_=""),
        name=node["name"].text(or_=""),
        plan=node["plan"]["name"].text(or_=""),
        monthly_spend=amount(node["monthly_spend"]),
        website=node["website"].text(or_=""),
        attributes={name: value.written() for name, value in node["custom_attributes"].entries(MOST_ATTRIBUTES)},
    )


def contact(node: Node) -> Contact:
    """A user or lead; the language they chose comes before that of their browser."""
    return Contact(
        id=node["id"].text(),
        name=node["name"].text(or_=""),
        email=node["email"].text(or_=""),
        external_id=node["external_id"].text(or_=""),
        language=node["language_override"].text(or_="") or node["browser_language"].text(or_=""),
        role=node["role"].text(or_=""),
        owner_id=reference(node["owner_id"]),
        has_bounced=_if_said(node["has_hard_bounced"]),
        marked_spam=_if_said(node["marked_email_as_spam"]),
    )


def _if_said(node: Node) -> bool | None:
    return bool(node) if node.is_there else None


def admin(node: Node) -> Admin:
    """A teammate."""
    return Admin(
        id=node["id"].text(),
        name=node["name"].text(or_=""),
        email=node["email"].text(or_=""),
        away=bool(node["away_mode_enabled"]),
    )


def me(node: Node) -> Me:
    """The teammate and the workspace of a token; `app.id_code` is the `app_id` of webhooks."""
    return Me(
        admin_id=node["id"].text(),
        email=node["email"].text(or_=""),
        app_id=node["app"]["id_code"].text(),
        name=node["app"]["name"].text(or_=""),
    )


def moment(node: Node) -> int | None:
    """Unix seconds from a number or from ISO 8601 (UTC unless it says otherwise); None when it is neither."""
    try:
        return node.number(or_=0) or None
    except Malformed:
        pass
    try:
        read = datetime.fromisoformat(node.text())
    except (Malformed, ValueError):
        return None
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())


def amount(node: Node) -> float:
    """A sum of money in the workspace's currency; 0.0 where it says none."""
    try:
        return float(node.number(or_=0))
    except Malformed:
        pass
    try:
        value = float(node.text())
    except (Malformed, ValueError):
        return 0.0
    return value if math.isfinite(value) else 0.0


def reference(node: Node) -> str:
    """An id that may be absent; Intercom also says 0 for nobody."""
    text = node.text(or_="")
    return "" if text == "0" else text


def scrubbed(value: object) -> object:
    """JSON without what no database can store: NUL characters and halves of surrogate pairs in people's texts."""
    if isinstance(value, str):
        return value.encode(errors="ignore").decode().replace("\0", "")
    if isinstance(value, list):
        return [scrubbed(one) for one in value]
    if isinstance(value, dict):
        return {key: scrubbed(one) for key, one in value.items()}
    return value
