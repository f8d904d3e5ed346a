"""What we do at Productboard (REST API v2), as verbs.

    client = ProductboardClient(BASE_URL, token)
    client.create_note(title="CSV 出力", html=quote("…"), record_id="FB-1", source_url=url, tags=["要望"])
    client.find_note("FB-1")

Productboard keeps nobody from making two notes of the same source. So every note carries our marker,
`metadata.source.recordId`, and whoever is Unsure asks `find_note` before creating again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from integrations.contract import Permanent, Unsure
from integrations.http import DEADLINE
from integrations.pace import Pace
from integrations.productboard import models, richtext
from integrations.productboard.api import Api, codes, in_path, is_gone, reading
from integrations.productboard.features import Features
from integrations.productboard.models import (
    REDACTED,
    SOURCE_SYSTEM,
    Appended,
    NoCustomer,
    Note,
    NoteState,
    WebhookInfo,
)
from integrations.productboard.writing import (
    LONGEST_COMMENT,
    LONGEST_CONTENT,
    LONGEST_TITLE,
    REFUSALS,
    cut,
    new_note,
    no_customer,
)
from integrations.untrusted import Node

#: The API's address, without its version.
BASE_URL = "https://api.productboard.com"

#: All that we read of a note. Its content stays where it is: a page of long notes is many megabytes.
_NOTE_FIELDS = ["name", "archived", "processed"]


class ProductboardClient(Features):
    """A workspace of Productboard. Thread-safe.

    `token` is an access token of the public API, `deadline` is in seconds. Every verb may raise
    Transient and Permanent; those that add something may raise Unsure (see `integrations.contract`).
    """

    def __init__(self, base_url: str, token: str, *, pace: Pace | None = None, deadline: float = DEADLINE) -> None:
        super().__init__(Api(base_url, token, pace, deadline))

    def close(self) -> None:
        """Close all connections."""
        self._api.close()

    # -- notes ------------------------------------------------------------------------------------

    def create_note(
        self,
        *,
        title: str,
        html: str,
        record_id: str,
        source_url: str,
        tags: Sequence[str],
        customer_email: str = "",
    ) -> Note | NoCustomer:
        """Create a note, or say why its customer is in the way (nothing is created then).

        `html` is made with `richtext`. Title and content are cut to what Productboard takes.
        """
        data = new_note(title, html, record_id, source_url, tags, customer_email)
        reply = self._api.call("POST", "/notes", json={"data": data}, expect=REFUSALS if customer_email else ())
        if (refused := no_customer(reply)) is not None:
            return refused
        with reading(Unsure):
            return models.read_note(Node(reply.json, "")["data"])

    def find_note(self, record_id: str) -> Note | None:
        """The note that carries a marker, the oldest if there are several; archived ones count.

        A note may stay hidden from this for a moment after it was created.
        """
        with reading(Permanent):
            found = self._our_notes("metadata[source][recordId]", record_id)
            ours = [note for note in found if models.read_record_id(note) == record_id]
            # They come newest first, so of equally old ones the last is the oldest.
            oldest = min(reversed(ours), key=models.read_created_at, default=None)
            return models.read_note(oldest) if oldest else None

    def note(self, note_id: str) -> NoteState | None:
        """A note as it is now, None if it is gone."""
        with reading(Permanent):
            found = self._api.get(f"/notes/{in_path(note_id)}", {"fields": _NOTE_FIELDS})
            return self._state(found["data"]) if found else None

    def notes_updated_since(self, moment_iso: str) -> Iterator[NoteState]:
        """Our notes that changed at or after a moment (ISO 8601 with a zone), latest created first."""
        with reading(Permanent):
            for each in self._our_notes("updatedFrom", moment_iso):
                if models.read_record_id(each):
                    yield self._state(each)

    def notes_of(self, feature_id: str) -> tuple[str, ...]:
        """The markers of our notes that are linked to a feature."""
        wanted = {
            "metadata": {"source": [{"system": SOURCE_SYSTEM}]},
            "relationships": {"link": [{"id": feature_id}]},
        }
        search = {"data": {"filter": wanted, "return": {"fields": _NOTE_FIELDS}}}
        with reading(Permanent):
            found = [self._state(each) for each in self._api.pages("POST", "/notes/search", json=search)]
        # A filter that is ignored must not tell the wrong customers, so each note is looked at.
        return tuple(note.record_id for note in found if note.record_id and feature_id in note.feature_ids)

    def rewrite(self, note_id: str, title: str, html: str) -> Appended:
        """Let a note say nothing but this, however often; LOCKED where that was possible for its title alone."""
        path, name = f"/notes/{in_path(note_id)}", {"name": cut(title, LONGEST_TITLE)}
        result = self._update(path, name | {"content": html}, safe=True)
        if result is Appended.LOCKED and self._update(path, name, safe=True) is Appended.GONE:
            return Appended.GONE
        return result

    def append(self, note_id: str, html: str, marker: str, *, processed: bool = False) -> Appended:
        """Write below a note's text, once for a marker; `processed` marks the note as processed as well.

        What people have written there since stays: the text is read and sent back with ours at its end. Only what
        somebody saves between these two calls is lost; Productboard knows no conditional update. So after Unsure the
        text is not sent again but read again. A note with linked snippets takes no other text (LOCKED), nor does one
        that would become too long, or that does not tell its own.
        """
        path = f"/notes/{in_path(note_id)}"
        with reading(Permanent):
            found = self._api.get(path, {"fields": ["content"]})
            before = models.read_content(found["data"]) if found else None
        if found is None or marker in (before or ""):
            return Appended.GONE if found is None else Appended.DONE
        after = f"{before}{html}{richtext.paragraph(f'Ref {marker}')}"
        changed = {"content": after} if before is not None and len(after) <= LONGEST_CONTENT else {}
        result = self._update(path, changed | ({"processed": True} if processed else {}))
        if result is Appended.LOCKED and processed:
            self._update(path, {"processed": True})
        return result if changed or result is Appended.GONE else Appended.LOCKED

    def _update(self, path: str, fields: dict[str, Any], *, safe: bool | None = None) -> Appended:
        """Give fields of a note new values."""
        if not fields:
            return Appended.DONE
        reply = self._api.call("PATCH", path, json={"data": {"fields": fields}}, expect=(404, 422), safe=safe)
        if reply.status == 422:
            if "validation.forbidden" not in codes(reply.json):
                raise Permanent(f"Productboard answered 422 to PATCH {path} ({', '.join(codes(reply.json))})")
            return Appended.LOCKED
        return Appended.GONE if is_gone(reply, path) else Appended.DONE

    def comment(self, note_id: str, text: str) -> str:
        """Comment on a note and return the comment's id, "" if the note is gone.

        Comments cannot be read back through the API: after Unsure only a person can look.
        """
        path = f"/notes/{in_path(note_id)}/comments"
        content = {"data": {"content": cut(text, LONGEST_COMMENT)}}
        reply = self._api.call("POST", path, json=content, expect=(404,))
        with reading(Unsure):
            return "" if is_gone(reply, path) else Node(reply.json, "")["data"]["id"].text()

    def _our_notes(self, name: str, value: str) -> Iterator[Node]:
        """Our notes by one more filter, newest first, and whatever an ignored filter lets through."""
        params = {"metadata[source][system]": SOURCE_SYSTEM, name: value, "fields": _NOTE_FIELDS}
        return self._api.pages("GET", "/notes", params=params)

    def _state(self, node: Node) -> NoteState:
        """A note with all its links, of which it may show only the first page."""
        links = models.read_links(node)
        if links is None:
            path = f"/notes/{in_path(node['id'].text())}/relationships"
            links = models.feature_ids(self._api.pages("GET", path, params={"type": "link"}))
        return models.read_note_state(node, links)

    # -- customers --------------------------------------------------------------------------------

    def find_user(self, email: str) -> str | None:
        """The id of the user with an e-mail address, None if there is none.

        Raises Permanent if the token may not see addresses: "nobody" would be a guess then.
        """
        filters = {"type": ["user"], "fields": {"email": {"contains": email}}}
        search = {"data": {"filter": filters, "return": {"fields": ["email"]}}}
        with reading(Permanent):
            for user in self._api.pages("POST", "/entities/search", json=search):
                found = user["fields"]["email"].text(or_="")
                if found == REDACTED:
                    raise Permanent("the Productboard token lacks users:pii:read, so users cannot be found")
                if found.casefold() == email.casefold():
                    return user["id"].text()
        return None

    def create_user(self, name: str, email: str) -> str:
        """Create a user (a customer's person) and return its id; look with `find_user` first."""
        data = {"type": "user", "fields": {"name": cut(name, LONGEST_TITLE), "email": email}}
        reply = self._api.call("POST", "/entities", json={"data": data})
        with reading(Unsure):
            return Node(reply.json, "")["data"]["id"].text()

    # -- the workspace ----------------------------------------------------------------------------

    def check(self) -> str:
        """The kinds of note that the token can see, e.g. "textNote, conversationNote".

        The cheapest question there is, for Productboard cannot tell whose a token is. Raises
        Permanent with the reason if it does not accept the token.
        """
        with reading(Permanent):
            kinds = Node(self._api.call("GET", "/notes/configurations").json, "")["data"].items()
            return ", ".join(kind["type"].text() for kind in kinds)

    def webhooks(self) -> tuple[WebhookInfo, ...]:
        """The webhook subscriptions of the workspace."""
        with reading(Permanent):
            return tuple(models.read_webhook(each) for each in self._api.pages("GET", "/webhooks"))

    def subscribe(self, name: str, url: str, authorization: str, events: Sequence[str]) -> str:
        """Subscribe an https URL to topics such as "note.created" and return the subscription's id.

        `authorization` is what Productboard will send as `Authorization` header. There is no way to
        change a subscription, and nothing against a second one: look at `webhooks` first.
        """
        notification = {"url": url, "version": 1, "headers": {"authorization": authorization}}
        topics = [{"eventType": event} for event in dict.fromkeys(events)]
        fields = {"name": cut(name, LONGEST_TITLE), "events": topics, "notification": notification}
        reply = self._api.call("POST", "/webhooks", json={"data": {"fields": fields}})
        with reading(Unsure):
            return Node(reply.json, "")["data"]["id"].text()
