"""The twin's notes API. https://developer.productboard.com/reference/createnote"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from typing import Any

from integrations.productboard.twin import rules
from integrations.productboard.twin.data import NOTE_TYPES, EntityRow, NoteFilter, NoteRow, note_filter
from integrations.productboard.twin.rules import Part, Refused
from integrations.productboard.twin.state import Workspace, answers
from integrations.twin import Ask, Said

#: Fields that are taken and forgotten: nobody here but the API owns or writes a note.
_PEOPLE = ("owner", "creator")


class Notes(Workspace):
    """Answers `/v2/notes`."""

    @answers("POST /v2/notes")
    def _create_note(self, ask: Ask) -> Said:
        data = rules.body(ask)
        data.object(("type", "fields", "metadata", "relationships"))
        kind = data["type"].text(among=[*NOTE_TYPES, *NOTE_TYPES.values()])
        if NOTE_TYPES.get(kind, kind) == "opportunityNote":
            raise Refused("validation.failed", "Opportunity notes cannot be created.", pointer="/data/type")
        note, source = self._new_note("", NOTE_TYPES.get(kind, kind)), data["metadata"]["source"]
        if source:
            note.source = {key: source[key].text() for key in source.object(("system", "recordId", "url"))}
        note.relationships = self._relationships(data["relationships"])
        if not data["fields"]["name"]:
            raise Refused("validation.failed", "A note needs a name.", pointer="/data/fields/name")
        for name in data["fields"].object():
            self._set(note, name, data["fields"][name])
        self._keep(note)
        return Said(201, {"data": note.reference()})

    @answers("GET /v2/notes")
    def _list_notes(self, ask: Ask) -> Said:
        source = {key: text for key in ("system", "recordId") if (text := ask.arg(f"metadata[source][{key}]"))}
        wanted = NoteFilter(
            types={NOTE_TYPES.get(value, value) for name, value in ask.query if name == "type[]"},
            sources=[source] if source else [],
            archived=rules.query_flag(ask, "archived"),
            processed=rules.query_flag(ask, "processed"),
            created=_range(ask, "created"),
            updated=_range(ask, "updated"),
        )
        return self._found(ask, wanted, rules.asked_fields(ask), parameter="fields")

    @answers("POST /v2/notes/search")
    def _search_notes(self, ask: Ask) -> Said:
        data = rules.body(ask)
        data.object(("search", "filter", "return"))
        fields = [each.text() for each in data["return"]["fields"].items()]
        return self._found(ask, note_filter(data), fields, pointer="/data/return/fields")

    def _found(self, ask: Ask, wanted: NoteFilter, fields: list[str], **source: str) -> Said:
        """The notes wanted, newest first; those made a moment ago may not be found yet."""
        found = [note for note in self.notes.values() if note.visible_from <= time.time() and wanted.takes(note)]
        return rules.page(ask, found[::-1], self.page_size, lambda note: self._shown(ask, note, fields, **source))

    @answers("GET /v2/notes/configurations")
    def _note_configurations(self, ask: Ask) -> Said:
        return Said(200, {"data": [_configuration(kind) for kind in NOTE_TYPES.values()]})

    @answers("GET /v2/notes/{id}")
    def _get_note(self, ask: Ask, id: str) -> Said:
        return Said(200, {"data": self._shown(ask, self._note(id), rules.asked_fields(ask), parameter="fields")})

    @answers("PATCH /v2/notes/{id}")
    def _update_note(self, ask: Ask, id: str) -> Said:
        note, data = self._note(id), rules.body(ask)
        if bool(data["fields"]) == bool(data["patch"]):
            data.refuse("Either fields or patch is required.")
        draft, changed = replace(note, tags=list(note.tags)), []
        for name in data["fields"].object() if data["fields"] else ():
            changed.append(self._set(draft, name, data["fields"][name]))
        for operation in data["patch"].items():
            changed.append(self._patch(draft, operation))
        self.notes[note.id] = draft
        self._touch(draft, *changed)
        facts = {name: getattr(draft, name) for name in changed if name not in _PEOPLE}
        self.note_effect("update_note", note.id, **facts)
        return Said(200, {"data": note.reference()})

    @answers("POST /v2/notes/{id}/comments")
    def _comment(self, ask: Ask, id: str) -> Said:
        note, content = self._note(id), rules.body(ask)["content"].text(7000, shortest=1)
        comment = self._new_id()
        note.comments[comment] = content
        self.note_effect("create_note_comment", note.id, content=content)
        return Said(201, {"data": {"id": comment}})

    @answers("GET /v2/notes/{id}/relationships")
    def _list_relationships(self, ask: Ask, id: str) -> Said:
        kind, target = ask.arg("type"), ask.arg("target[type]")
        if kind not in (None, "customer", "link"):
            raise Refused("request.invalid", "The value must be customer or link.", parameter="type")
        found = [
            (relation, entity)
            for relation, entity in self._note(id).relationships
            if kind in (None, relation) and target in (None, entity.type)
        ]
        return rules.page(ask, found, self.page_size, _relationship)

    def _note(self, id: str) -> NoteRow:
        note = self.notes.get(rules.checked_id(id, parameter="id"))
        if note is None:
            raise Refused("resource.notFound", "There is no such note.")
        return note

    def _shown(self, ask: Ask, note: NoteRow, fields: list[str], **source: str) -> dict[str, Any]:
        """A note with the first page of its relationships."""
        all_of_them = [_relationship(each) for each in note.relationships]
        links = rules.links_next(ask, self.page_size, len(all_of_them), f"/v2/notes/{note.id}/relationships")
        first = {"data": all_of_them[: self.page_size], "links": links}
        return note.shown(fields, **source) | {"relationships": all_of_them if self.bare else first}

    def _relationships(self, part: Part) -> list[tuple[str, EntityRow]]:
        """The relationships a note is created with. A customer that is not there is a 404 for the whole."""
        found = [(each["type"].text(among=("customer", "link")), each["target"]) for each in part.items()]
        if len([kind for kind, _ in found if kind == "customer"]) > 1:
            raise Refused("validation.failed", "A note has one customer.", pointer=part.pointer)
        return [(kind, self._target(kind, target)) for kind, target in found]

    def _target(self, kind: str, target: Part) -> EntityRow:
        wanted = target["type"].text(among=("link",) if kind == "link" else ("user", "company"))
        if wanted == "user" and target["email"]:
            entity = self._user(target["email"].email())
        else:
            entity = self.entities.get(target["id"].id())
        if entity is None or (entity.type in ("user", "company")) != (kind == "customer"):
            raise Refused("resource.notFound", "The entity could not be found.", pointer=target.pointer)
        return entity

    def _set(self, note: NoteRow, name: str, value: Part) -> str:
        """Give a field of a note a new value; returns the field's name."""
        if name == "name":
            note.name = value.text(255)
        elif name == "content":
            if note.locked:
                raise Refused("validation.forbidden", "Snippets of it are linked.", pointer=value.pointer)
            note.content = value.text(524_288) if note.type == "textNote" else _conversation(value)
        elif name == "tags":
            note.tags = _tags(value)
        elif name in ("archived", "processed"):
            setattr(note, name, value.flag())
            note.processed = note.processed or (name == "archived" and not note.archived)
        elif name not in _PEOPLE:
            raise Refused("validation.failed", "There is no such field.", pointer=value.pointer)
        return name

    def _patch(self, note: NoteRow, operation: Part) -> str:
        op = operation["op"].text(among=("set", "clear", "addItems", "removeItems"))
        path, value = operation["path"].text(), operation["value"]
        if op == "set":
            return self._set(note, path, value)
        if path not in (("tags", "owner") if op == "clear" else ("tags",)):
            raise Refused("validation.failed", f"The field does not take {op}.", pointer=operation["path"].pointer)
        named = [] if op == "clear" else _tags(value)
        if path == "tags":
            kept = [] if op == "clear" else [tag for tag in note.tags if tag not in named]
            note.tags = kept + (named if op == "addItems" else [])
        return path

    def _keep(self, note: NoteRow) -> None:
        """Keep a note that came over the API: an effect, unlike a note that a person writes."""
        self.notes[note.id] = note
        customer = next((entity for relation, entity in note.relationships if relation == "customer"), None)
        facts = {"name": note.name, "content": note.content, "tags": list(note.tags), "source": dict(note.source)}
        record_id, email = note.source.get("recordId", ""), customer.fields.get("email", "") if customer else ""
        self.note_effect("create_note", note.id, record_id=record_id, customer=email, **facts)
        self._announce("note.created", note.id)


def _relationship(related: tuple[str, EntityRow]) -> dict[str, Any]:
    kind, own = related[0], related[1].reference()
    return {"type": kind, "target": own | {"links": {"self": own["links"]["self"]}}}


def _tags(value: Part) -> list[str]:
    return [tag["name"].text(255, shortest=1) for tag in value.items()]


def _conversation(value: Part) -> list[Any]:
    for part in value.items():
        for name in ("externalId", "content", "timestamp"):
            part[name].text()
        part["authorType"].text(among=("customer", "agent"))
    return list(value.value)


def _configuration(kind: str) -> dict[str, Any]:
    kinds = {"name": "string", "content": "string", "tags": "array", "archived": "boolean", "processed": "boolean"}
    fields = {
        name: {"id": name, "name": name.title(), "path": f"/fields/{name}", "schema": {"type": schema}}
        for name, schema in kinds.items()
    }
    return {"type": kind, "fields": fields}


def _range(ask: Ask, what: str) -> tuple[datetime | None, datetime | None]:
    names = (f"{what}From", f"{what}To")
    start, end = (rules.moment(ask.arg(name), parameter=name) for name in names)
    if start and end and start > end:
        raise Refused("request.invalid", "From is after To.", parameter=names[0])
    return start, end
