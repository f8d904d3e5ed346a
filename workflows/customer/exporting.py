"""Exporting: everything that stands here about one person, for whoever asks what we know of them.

everything("c101")["contents"]["Messages"]      # [{"id": "215/1", "said_at": "2026-11-30T10:00:00+09:00", "text": "…"}]

It is made of the same columns as erasing (`erasing.WORDS`), so that it forgets none that holds words. Erasing takes
away a row too many rather than one too few; here it is the other way round: what names somebody else's conversation,
request or person is left out, and so are raw webhooks that are not from Intercom or only happen to contain a number.
What search knows is the same once more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer import erasures, reach
from workflows.customer.erasing import HERE, Words
from workflows.customer.reach import Reach, Subject, portions
from workflows.engine.store import now_ms, store
from workflows.rules import rules
from workflows.tables.customer import Contact
from workflows.tables.runs import Delivery

EXPORTED = "Exported what is stored about the contact {id}."
Json = dict[str, Any]


def found(session: Session, who: str) -> list[str]:
    """The people with this id at Intercom, or with this address; none where nothing is stored about them."""
    if "@" in who:
        named = select(Contact.id).where(sa.func.lower(col(Contact.email)) == who.strip().lower())
        return sorted(session.exec(named))
    return [who] if erasures.is_known(session, erasures.PERSON, who) else []


def everything(contact_id: str) -> Json:
    """All of it, by what people call it. Raw webhooks are looked through page by page, so this takes its time."""
    theirs = _theirs(contact_id)
    contents: dict[str, dict[tuple[Any, ...], Json]] = {}
    for words in HERE:
        for some in portions(getattr(theirs, words.whose)):
            for place, row in store.read(partial(_rows, words, some, theirs)):
                contents.setdefault(words.label, {}).setdefault(place, {}).update(row)
    return {
        "contact": contact_id,
        "exported_at": _moment(now_ms()),
        "contents": {label: list(rows.values()) for label, rows in contents.items()},
    }


def as_text(people: list[Json]) -> str:
    """A file for a person to read and for a machine to take in."""
    return json.dumps({"people": people}, ensure_ascii=False, indent=2) + "\n"


# -- whose it is ------------------------------------------------------------------------------------


def _theirs(contact_id: str) -> Reach:
    """The rows to look at: of raw webhooks those that name them or a conversation of theirs, and what these began."""
    reached = reach.of(Subject(erasures.PERSON, contact_id))
    names = {contact_id, *reached.chats, *(chat.rpartition("/")[2] for chat in reached.chats)} - {""}
    kept: set[str] = set()
    for some in portions(reached.deliveries):
        kept |= store.read(partial(_naming, some, names))
    reached = replace(reached, deliveries=frozenset(kept))
    return replace(reached, runs=store.read(partial(reach.runs, reached)))


def _naming(ids: list[str], names: set[str], session: Session) -> set[str]:
    query = select(Delivery.id, Delivery.body).where(col(Delivery.id).in_(ids), Delivery.source == "intercom")
    return {id for id, body in session.exec(query) if not names.isdisjoint(_texts(body))}


def _texts(body: bytes) -> set[str]:
    """Every text and number in a webhook, whole."""
    found = set[str]()
    try:
        waiting = [json.JSONDecoder().raw_decode(body.decode("utf-8", "replace"))[0]]
    except (ValueError, RecursionError):
        return found
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value
        else:
            found.add(str(value))
    return found


def _is_theirs(row: Mapping[str, Any], theirs: Reach) -> bool:
    """Does nothing in it, nor in the arguments of a run, say that it is somebody else's?"""
    said = {**(row.get("arguments") or {}), **row}
    known = {"conversation_id": theirs.chats, "contact_id": theirs.contacts, "feedback_id": theirs.wishes}
    return all(
        said.get(name) in ("", None) or str(said[name]) in {str(id) for id in ids} for name, ids in known.items()
    )


# -- what it says -----------------------------------------------------------------------------------


def _rows(words: Words, ids: list[Any], theirs: Reach, session: Session) -> list[tuple[tuple[Any, ...], Json]]:
    """What these rows say, each with its place: different columns of one row are told together."""
    table = words.table
    found = session.execute(sa.select(table).where(table.c[words.key].in_(ids))).mappings()
    rows = [dict(row) for row in found]
    return [
        ((table.name, *(row[column.name] for column in table.primary_key)), dict(_said(words, row)))
        for row in rows
        if _is_theirs(row, theirs) and any(row[name] for name in words.columns)
    ]


def _said(words: Words, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Its id, its moments, and its words."""
    yield "kind", words.table.name
    yield from ((column.name, row[column.name]) for column in words.table.primary_key)
    yield from ((name, _moment(at)) for name, at in row.items() if name.endswith("_at") and at)
    yield from ((name, _spelt(row[name])) for name in words.columns if row[name])


def _spelt(value: Any) -> Any:
    """Raw webhooks as the text that they are."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _moment(at: int) -> str:
    return rules.calendar.local(at).isoformat(timespec="seconds")
