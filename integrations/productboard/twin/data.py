"""What the twin keeps, and how v2 shows it: notes, entities, Jira integrations, webhooks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.productboard.twin.rules import API, Part, moment, selected

APP = "https://yamabiko.productboard.com"
NOTE_TYPES = {"simple": "textNote", "conversation": "conversationNote", "opportunity": "opportunityNote"}
ENTITY_TYPES = (
    "product", "component", "feature", "subfeature", "initiative", "objective",
    "keyResult", "release", "releaseGroup", "company", "user",
)  # fmt: skip
ENTITY_FIELDS = {"user": ("name", "email", "description"), "company": ("name", "domain", "description")}
TOPICS = tuple(
    f"{kind}.{verb}"
    for kind, verbs in {
        "feature": "created updated deleted",
        "component": "created updated",
        "product": "created updated",
        "release": "created updated deleted",
        "feature-release-assignment": "updated",
        "hierarchy-entity.custom-field-value": "updated",
        "note": "created updated deleted",
        "insight": "created deleted",
        "key-result": "created updated deleted",
        "objective": "created updated deleted",
        "initiative": "created updated deleted",
    }.items()
    for verb in verbs.split()
)


@dataclass
class NoteRow:
    """A note. It is found by filters and searches from `visible_from` on (Unix seconds)."""

    id: str
    number: int
    type: str
    name: str
    created_at: datetime
    updated_at: datetime
    visible_from: float
    content: Any = ""
    tags: list[str] = field(default_factory=list)
    source: dict[str, str] = field(default_factory=dict)
    #: The customer (at most one), then the links.
    relationships: list[tuple[str, EntityRow]] = field(default_factory=list)
    archived: bool = False
    processed: bool = False
    #: Snippets of its text are linked to features: the text cannot be changed any more.
    locked: bool = False
    comments: dict[str, str] = field(default_factory=dict)

    def related(self, kind: str) -> set[str]:
        """The ids of its customer or its links."""
        return {entity.id for relation, entity in self.relationships if relation == kind}

    def reference(self) -> dict[str, Any]:
        """What a create or an update answers with."""
        links = {"self": f"{API}/v2/notes/{self.id}", "html": f"{APP}/all-notes/notes/{self.number}"}
        return {"id": self.id, "type": self.type, "links": links}

    def shown(self, fields: list[str], **source: str) -> dict[str, Any]:
        """The whole note with the selected fields; its relationships are added by the twin, page by page."""
        everything = {
            "name": self.name,
            "content": self.content,
            "tags": [{"id": _id_of("tag", tag), "name": tag} for tag in self.tags],
            "owner": None,
            "creator": {"id": _id_of("member", "api"), "email": "api@yamabiko.example"},
            "archived": self.archived,
            "processed": self.processed and not self.archived,
        }
        times = {"createdAt": iso(self.created_at), "updatedAt": iso(self.updated_at)}
        metadata = {"metadata": {"source": self.source}} if self.source else {}
        return self.reference() | times | {"fields": selected(fields, everything, **source)} | metadata


@dataclass
class EntityRow:
    """A feature, a user, a company, ..."""

    id: str
    type: str
    fields: dict[str, str]
    created_at: datetime
    updated_at: datetime

    def reference(self) -> dict[str, Any]:
        """What a create answers with, and what a relationship points to."""
        links = {"self": f"{API}/v2/entities/{self.id}", "html": f"{APP}/detail/{self.id}"}
        return {"id": self.id, "type": self.type, "links": links}

    def shown(self, fields: list[str], **source: str) -> dict[str, Any]:
        """The whole entity with the selected fields."""
        names = ENTITY_FIELDS.get(self.type, ("name", "description", "owner", "status"))
        everything: dict[str, Any] = dict.fromkeys(names) | self.fields
        if status := self.fields.get("status"):
            everything["status"] = {"id": _id_of("status", status), "name": status}
        times = {"createdAt": iso(self.created_at), "updatedAt": iso(self.updated_at)}
        return self.reference() | {"fields": selected(fields, everything, **source)} | times


@dataclass
class JiraRow:
    """A Jira integration and its connections: feature id → (issue id, issue key)."""

    id: str
    name: str
    status: str
    created_at: datetime
    connections: dict[str, tuple[str, str]] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """The integration as a list shows it."""
        own = f"{API}/v2/jira-integrations/{self.id}"
        return {
            "id": self.id,
            "type": "jiraIntegration",
            "createdAt": iso(self.created_at),
            "fields": {"name": self.name, "integrationStatus": self.status},
            "links": {"self": own, "connections": f"{own}/connections", "html": f"{APP}/settings/jira/{self.id}"},
        }

    def connection(self, feature_id: str) -> dict[str, Any]:
        """One connection; its id is the feature's."""
        issue_id, issue_key = self.connections[feature_id]
        own = f"{API}/v2/jira-integrations/{self.id}/connections/{feature_id}"
        fields = {"issueKey": issue_key, "issueId": issue_id}
        return {"id": feature_id, "type": "jiraIntegrationConnection", "fields": fields, "links": {"self": own}}


@dataclass
class WebhookRow:
    """A webhook subscription; `notification` is without the secret."""

    id: str
    name: str
    topics: list[str]
    notification: dict[str, Any]
    created_at: datetime

    def reference(self) -> dict[str, Any]:
        """What a create answers with."""
        return {"id": self.id, "type": "webhook", "links": {"self": f"{API}/v2/webhooks/{self.id}"}}

    def shown(self) -> dict[str, Any]:
        """The subscription as a list shows it."""
        events = [{"eventType": topic} for topic in self.topics]
        fields = {"name": self.name, "events": events, "notification": self.notification}
        return self.reference() | {"createdAt": iso(self.created_at), "fields": fields}


@dataclass
class NoteFilter:
    """Which notes a list or a search wants: any of the values of a filter, all of the filters.

    Filters by owner and creator are not modelled: nobody here writes notes but the API.
    """

    types: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    sources: list[dict[str, str]] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    archived: bool | None = None
    processed: bool | None = None
    created: tuple[datetime | None, datetime | None] = (None, None)
    updated: tuple[datetime | None, datetime | None] = (None, None)
    text: str = ""

    def takes(self, note: NoteRow) -> bool:
        """Is this one of the notes wanted? An archived note counts as not processed."""
        return (
            (not self.types or note.type in self.types)
            and (not self.ids or note.id in self.ids)
            and (not self.sources or any(source.items() <= note.source.items() for source in self.sources))
            and (not self.tags or bool(self.tags & set(note.tags)))
            and (not self.customers or bool(self.customers & note.related("customer")))
            and (not self.links or bool(self.links & note.related("link")))
            and self.archived in (None, note.archived)
            and self.processed in (None, note.processed and not note.archived)
            and _within(note.created_at, *self.created)
            and _within(note.updated_at, *self.updated)
            and self.text.casefold() in f"{note.name} {note.content}".casefold()
        )


def note_filter(data: Part) -> NoteFilter:
    """The filter of a search, `{"search": {...}, "filter": {...}}`."""
    wanted = data["filter"]
    fields, relationships = wanted["fields"], wanted["relationships"]
    return NoteFilter(
        types={kind.text(among=NOTE_TYPES.values()) for kind in wanted["type"].several()},
        ids={each.id() for each in wanted["id"].several()},
        sources=[_source(each) for each in wanted["metadata"]["source"].several()],
        tags={tag["name"].text() for tag in fields["tag"].several()},
        customers={each["id"].id() for each in relationships["customer"].several()},
        links={each["id"].id() for each in relationships["link"].several()},
        archived=fields["archived"].flag() if fields["archived"] else None,
        processed=fields["processed"].flag() if fields["processed"] else None,
        created=_range(wanted["createdAt"]),
        updated=_range(wanted["updatedAt"]),
        text=data["search"]["query"].text(255).strip() if data["search"]["query"] else "",
    )


def _source(part: Part) -> dict[str, str]:
    return {key: part[key].text() for key in part.object(("system", "recordId"))}


def _range(part: Part) -> tuple[datetime | None, datetime | None]:
    start, end = (moment(part[key].value, pointer=part[key].pointer) for key in ("from", "to"))
    return start, end


def _within(found: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or start <= found) and (end is None or found <= end)


def _id_of(kind: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}:{name}"))


def iso(at: datetime) -> str:
    """A moment as Productboard writes it."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
