"""A note as Productboard's API wants it, and what its refusal means where the customer is the reason.

https://developer.productboard.com/reference/createnote
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.contract import Malformed, Permanent
from integrations.http import Reply
from integrations.productboard import richtext
from integrations.productboard.api import codes, is_gone
from integrations.productboard.models import SOURCE_SYSTEM, NoCustomer
from integrations.untrusted import Node

#: In characters.
LONGEST_TITLE, LONGEST_CONTENT, LONGEST_COMMENT = 255, 524_288, 7000
#: With what a note may be refused because of its customer, and where an error says so.
REFUSALS, CUSTOMER = (400, 404, 422), "/data/relationships/"


def new_note(
    title: str, html: str, record_id: str, source_url: str, tags: Sequence[str], customer_email: str
) -> dict[str, Any]:
    """A text note, in the name of the user with this address."""
    source = {"system": SOURCE_SYSTEM, "recordId": record_id} | ({"url": source_url} if source_url else {})
    fields = {
        "name": cut(title, LONGEST_TITLE),
        "content": richtext.fit(html, LONGEST_CONTENT),
        "tags": [{"name": tag} for tag in tags],
    }
    note: dict[str, Any] = {"type": "textNote", "fields": fields, "metadata": {"source": source}}
    if customer_email:
        note["relationships"] = [{"type": "customer", "target": {"type": "user", "email": customer_email}}]
    return note


def no_customer(reply: Reply) -> NoCustomer | None:
    """Why the customer kept a note from being written; None if it was. Raises Permanent where it was something else."""
    if is_gone(reply, "/notes"):
        return NoCustomer.UNKNOWN
    if reply.status not in REFUSALS:
        return None
    said = codes(reply.json)
    if not _is_about_the_customer(reply.json):
        raise Permanent(f"Productboard answered {reply.status} to POST /v2/notes ({', '.join(said) or 'no code'})")
    return NoCustomer.UNKNOWN if "validation.referenceNotFound" in said else NoCustomer.REFUSED


def _is_about_the_customer(body: Any) -> bool:
    """Do all the errors point there? Without them, or without a pointer, nobody knows."""
    try:
        pointers = [error["source"]["pointer"].text(or_="") for error in Node(body, "")["errors"].items()]
    except Malformed:
        return False
    return bool(pointers) and all(pointer.startswith(CUSTOMER) for pointer in pointers)


def cut(text: str, longest: int) -> str:
    """A text that is not longer than that."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
