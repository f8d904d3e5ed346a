"""The twin's other APIs: entities (features, users, companies), Jira integrations, webhooks.

https://developer.productboard.com/reference/createentity
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from integrations.productboard.twin import rules
from integrations.productboard.twin.data import ENTITY_TYPES, TOPICS, EntityRow, JiraRow, WebhookRow
from integrations.productboard.twin.rules import Part, Refused
from integrations.productboard.twin.state import Workspace, answers
from integrations.twin import Ask, Said


class Board(Workspace):
    """Answers `/v2/entities`, `/v2/jira-integrations` and `/v2/webhooks`."""

    # -- entities -----------------------------------------------------------

    @answers("POST /v2/entities")
    def _create_entity(self, ask: Ask) -> Said:
        data = rules.body(ask)
        data.object(("type", "fields", "metadata", "relationships"))
        kind, fields = data["type"].text(among=ENTITY_TYPES), data["fields"]
        if not fields["name"]:
            raise Refused("validation.failed", "An entity needs a name.", pointer="/data/fields/name")
        values = {name: fields[name].text(255) for name in fields.object(("name", "email", "domain", "description"))}
        # Not documented for a second user with the same address; the answer that shows up a client's mistake.
        if kind == "user" and self._user(values.get("email", "")):
            raise Refused("validation.failed", "There is such a user.", pointer="/data/fields/email")
        entity = self._new_entity(kind, **values)
        self.note_effect("create_entity", entity.id, type=kind, **values)
        return Said(201, {"data": entity.reference()})

    @answers("POST /v2/entities/search")
    def _search_entities(self, ask: Ask) -> Said:
        data = rules.body(ask)
        data.object(("filter", "return"))
        kinds = {kind.text(among=ENTITY_TYPES) for kind in data["filter"]["type"].items()}
        ids = {each.id() for each in data["filter"]["id"].items()}
        filters = data["filter"]["fields"]
        parts = {name: filters[name] for name in filters.object()} if filters else {}
        if set(parts) - {"name"} and not kinds:
            filters.refuse("Filters by custom fields need a type.")
        found = [
            entity
            for entity in self.entities.values()
            if (not kinds or entity.type in kinds)
            and (not ids or entity.id in ids)
            and all(_has(entity, name, part) for name, part in parts.items())
        ]
        fields = [each.text() for each in data["return"]["fields"].several() if each.value != "default"]
        return rules.page(ask, found[::-1], self.page_size, lambda entity: entity.shown(fields, pointer="/data/return"))

    @answers("GET /v2/entities/{id}")
    def _get_entity(self, ask: Ask, id: str) -> Said:
        entity = self.entities.get(rules.checked_id(id, parameter="id"))
        if entity is None:
            raise Refused("resource.notFound", "There is no such entity.")
        return Said(200, {"data": entity.shown(rules.asked_fields(ask), parameter="fields[]")})

    # -- Jira ---------------------------------------------------------------

    @answers("GET /v2/jira-integrations")
    def _list_jira(self, ask: Ask) -> Said:
        return rules.page(ask, list(self.jira.values()), self.page_size, JiraRow.shown)

    @answers("GET /v2/jira-integrations/{integration}/connections")
    def _list_connections(self, ask: Ask, integration: str) -> Said:
        jira, wanted = self._jira(integration), (ask.arg("issueId"), ask.arg("issueKey"))
        found = [
            feature
            for feature, issue in jira.connections.items()
            if all(want in (None, have) for want, have in zip(wanted, issue, strict=True))
        ]
        return rules.page(ask, found, self.page_size, jira.connection)

    @answers("GET /v2/jira-integrations/{integration}/connections/{feature}")
    def _get_connection(self, ask: Ask, integration: str, feature: str) -> Said:
        jira, feature = self._jira(integration), rules.checked_id(feature, parameter="entityId")
        if feature not in jira.connections:
            raise Refused("resource.notFound", "There is no such connection.")
        return Said(200, {"data": jira.connection(feature)})

    def _jira(self, id: str) -> JiraRow:
        found = self.jira.get(rules.checked_id(id, parameter="integrationId"))
        if found is None:
            raise Refused("resource.notFound", "There is no such integration.")
        return found

    # -- webhooks -----------------------------------------------------------

    @answers("POST /v2/webhooks")
    def _create_webhook(self, ask: Ask) -> Said:
        fields = rules.body(ask)["fields"]
        fields.object(("name", "events", "notification"))
        topics = [each["eventType"].text(among=TOPICS) for each in fields["events"].items()]
        if not topics or len(set(topics)) < len(topics):
            fields["events"].refuse("At least one event, and each only once.")
        target = fields["notification"]
        if target["version"].value != 1:
            target["version"].refuse("The value must be 1.")
        if target["headers"]["authorization"]:
            target["headers"]["authorization"].text(2048)
        _check_public(target["url"])
        told = {"url": target["url"].value, "version": 1}
        row = WebhookRow(self._new_id(), fields["name"].text(255, shortest=1), topics, told, self._now())
        self.subscriptions[row.id] = row
        self.note_effect("create_webhook", row.id, name=row.name, url=told["url"], events=topics)
        return Said(201, {"data": row.reference()})

    @answers("GET /v2/webhooks")
    def _list_webhooks(self, ask: Ask) -> Said:
        return rules.page(ask, list(self.subscriptions.values()), self.page_size, WebhookRow.shown)


def _has(entity: EntityRow, name: str, wanted: Part) -> bool:
    """Does a filter of a search let an entity through? Text matches where it is contained, in any case."""
    found = entity.fields.get(name, "")
    if name == "name":
        return found == wanted.text()
    if name == "archived":
        return not wanted.flag()
    if name == "status":
        return found in [status["name"].text() for status in wanted.items()]
    wanted.object(("contains",))
    return wanted["contains"].text().casefold() in found.casefold()


def _check_public(url: Part) -> None:
    parts = urlsplit(url.text(1024))
    try:
        public = ip_address(parts.hostname or "").is_global
    except ValueError:
        public = "." in (parts.hostname or "") and not (parts.hostname or "").endswith((".local", ".internal"))
    if parts.scheme != "https" or not public:
        raise Refused("validation.failed", "The URL must be https and public.", pointer=url.pointer)
