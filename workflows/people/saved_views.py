"""Saved views: lists of wishes as somebody likes to see them, by the names that they gave them.

They are kept with the person, and not in a browser: who decides at a desk and reads on a phone has the same ones.
Nobody sees those of others.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, col, select

from workflows.engine.store import now_ms
from workflows.language.wording import say
from workflows.people.person import Person
from workflows.tables.people import SavedView

#: As many as fit into a line or two; letters of a name.
MOST, LONGEST = 20, 40
NO_NAME = "Enter a name for this view."
TOO_LONG = "Use at most {n} characters."
TOO_MANY = "You have {n} saved views. Delete one you no longer use."


def of(session: Session, person: Person) -> list[SavedView]:
    """Somebody's views, in the order in which they were made."""
    return list(session.exec(select(SavedView).where(SavedView.person == person.id).order_by(col(SavedView.id))))


def keep(session: Session, person: Person, name: str, query: str) -> str:
    """Keep a view under a name, in place of the one that had it; why not, as a sentence, or ""."""
    mine = of(session, person)
    before = next((view for view in mine if view.name == name), None)
    if before is None and len(mine) >= MOST:
        return TOO_MANY
    view = before or SavedView(person=person.id, name=name, query="", saved_at=0)
    view.query, view.saved_at = query, now_ms()
    session.add(view)
    return ""


def drop(session: Session, person: Person, id: int) -> None:
    """Delete one of somebody's own; nothing happens where it is none of theirs."""
    view = session.get(SavedView, id)
    if view is not None and view.person == person.id:
        session.delete(view)


def problems(language: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the name of a view, as a sentence by field."""
    name = typed.get("name", "").strip()
    if not name:
        return {"name": say(language, NO_NAME)}
    return {"name": say(language, TOO_LONG, n=LONGEST)} if len(name) > LONGEST else {}
