"""What we know of a note, a feature, a webhook, and how to read them out of v2's answers.

Reading is lenient where Productboard's specification and its examples (or what others saw live)
disagree: relationships come as `{data, links}` or as a bare array, times at the top or in `fields`,
and a field without a value is absent. It is strict about ids. Everything raises Malformed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qs, urlsplit

from integrations.contract import Malformed
from integrations.untrusted import Node

#: The `metadata.source.system` of every note that we made.
SOURCE_SYSTEM = "yamabiko"
#: What Productboard shows instead of a name or an address that the token may not see.
REDACTED = "[redacted]"

_FEATURES = ("feature", "subfeature")


class Appended(Enum):
    """What became of writing to a note: it stands there, the note is gone, or its text cannot be changed."""

    DONE, GONE, LOCKED = "done", "gone", "locked"


class NoCustomer(Enum):
    """Why a note was not written in a customer's name: nobody has that address, or it is not of the form of one."""

    UNKNOWN, REFUSED = "unknown", "refused"


@dataclass(frozen=True)
class Note:
    """A note by its id and the URL where people read it."""

    id: str
    url: str


@dataclass(frozen=True)
class NoteState:
    """A note as it is now.

    `record_id` is the marker we gave it, "" for a note that somebody else made. `updated_at` is
    ISO 8601 in Productboard's spelling. `feature_ids` are the features and subfeatures it is linked to.
    """

    id: str
    url: str
    title: str
    record_id: str
    source_url: str
    archived: bool
    processed: bool
    updated_at: str
    feature_ids: tuple[str, ...]


@dataclass(frozen=True)
class Feature:
    """A feature or subfeature. `status` is the name that the workspace gave it."""

    id: str
    name: str
    status: str
    url: str


@dataclass(frozen=True)
class IssueRef:
    """A Jira issue. Its key changes when it moves to another project, its id does not."""

    id: str
    key: str


@dataclass(frozen=True)
class WebhookInfo:
    """A webhook subscription; Productboard never tells its `authorization`."""

    id: str
    name: str
    url: str
    events: tuple[str, ...]


def read_note(node: Node) -> Note:
    """The reference that a create or a list answers with."""
    return Note(node["id"].text(), node["links"]["html"].text(or_=""))


def read_note_state(node: Node, feature_ids: tuple[str, ...]) -> NoteState:
    """A note; its links are passed in, because there may be more of them than the note shows."""
    fields, source = node["fields"], node["metadata"]["source"]
    return NoteState(
        id=node["id"].text(),
        url=node["links"]["html"].text(or_=""),
        title=fields["name"].text(or_=""),
        record_id=read_record_id(node),
        source_url=source["url"].text(or_=""),
        archived=bool(fields["archived"]),
        processed=bool(fields["processed"]),
        updated_at=_moment(node, "updatedAt"),
        feature_ids=feature_ids,
    )


def read_record_id(node: Node) -> str:
    """The marker of a note of ours, "" for any other note."""
    source = node["metadata"]["source"]
    return source["recordId"].text(or_="") if source["system"].text(or_="") == SOURCE_SYSTEM else ""


def read_content(node: Node) -> str | None:
    """A note's text; None where the note does not tell it, which is another thing than an empty text."""
    fields = dict(node["fields"].entries(1000))
    return fields["content"].text(or_="") if "content" in fields else None


def read_created_at(node: Node) -> str:
    """When a note was made, in ISO 8601; "" if it does not say."""
    return _moment(node, "createdAt")


def _moment(node: Node, name: str) -> str:
    return node[name].text(or_="") or node["fields"][name].text(or_="")


def read_links(node: Node) -> tuple[str, ...] | None:
    """The features that a note says it is linked to; None if it says nothing of them, or not of all."""
    relationships = node["relationships"]
    if not relationships or relationships["links"]["next"].text(or_=""):
        return None
    try:
        return feature_ids(relationships.items())  # a bare array: the examples
    except Malformed:
        return feature_ids(relationships["data"].items())  # {data, links}: the schema


def feature_ids(relationships: Iterable[Node]) -> tuple[str, ...]:
    """The features and subfeatures among what a note is related to (customers, products, ...)."""
    targets = [each["target"] for each in relationships if each["type"].text(or_="") == "link"]
    return tuple(target["id"].text() for target in targets if target["type"].text(or_="") in _FEATURES)


def read_feature(node: Node) -> Feature:
    """An entity that is a feature."""
    fields = node["fields"]
    return Feature(
        node["id"].text(),
        fields["name"].text(or_=""),
        fields["status"]["name"].text(or_=""),
        node["links"]["html"].text(or_=""),
    )


def read_issue(node: Node) -> IssueRef:
    """The Jira issue of a connection."""
    return IssueRef(node["fields"]["issueId"].text(), node["fields"]["issueKey"].text())


def read_webhook(node: Node) -> WebhookInfo:
    """A webhook subscription."""
    fields = node["fields"]
    events = tuple(event["eventType"].text() for event in fields["events"].items())
    return WebhookInfo(
        node["id"].text(), fields["name"].text(or_=""), fields["notification"]["url"].text(or_=""), events
    )


def read_cursor(node: Node) -> str:
    """The `pageCursor` of the next page, "" on the last one.

    Only the cursor is taken out of `links.next`: the URL around it is not ours to call.
    """
    url = node["links"]["next"].text(or_="")
    try:
        cursor = parse_qs(urlsplit(url).query).get("pageCursor", [""])[0]
    except ValueError:
        cursor = ""
    if url and not cursor:
        raise Malformed("links.next", "has no pageCursor")
    return cursor
