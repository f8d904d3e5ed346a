"""Naming: a wish gets a short title from somebody; until then it is called by what its words propose."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from workflows.engine.actions import Intent, happened
from workflows.engine.store import store
from workflows.language.titles import LONGEST
from workflows.language.wording import say
from workflows.people.person import Person
from workflows.search import indexing
from workflows.tables.wish import Feedback
from workflows.wish.wishes import code, title_of

NAMED = "{agent} set the title to “{title}”."
UNNAMED = "{agent} removed the title."


def problems(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a title as somebody typed it, by field."""
    is_long = len(_typed(values)) > LONGEST
    return {"title": say(language, "Shorten this to {n} characters.", n=LONGEST)} if is_long else {}


def rename(feedback_id: int, values: Mapping[str, str], *, by: Person, origin: str) -> bool:
    """Call a wish by another title ("": by its words' again), once for its origin; False where it is called so."""
    return store.write(lambda session: name(session, feedback_id, values, by, origin))


def name(session: Session, feedback_id: int, values: Mapping[str, str], by: Person, origin: str) -> bool:
    """The same in the caller's transaction; a form that does not ask for the title changes none."""
    wish, title = session.get(Feedback, feedback_id, with_for_update=True), _typed(values)
    if wish is None or "title" not in values or title in (wish.title, title_of(wish)):
        return False
    wish.title = title
    session.flush()
    happened(session, _named(wish, by, f"named:{feedback_id}:{origin}"))
    indexing.reread(session, wishes=[feedback_id])
    return True


def _typed(values: Mapping[str, str]) -> str:
    return " ".join(values.get("title", "").split())


def _named(wish: Feedback, by: Person, key: str) -> Intent:
    return Intent(
        "us",
        "name",
        key=key,
        target=code(wish.id),
        sentence=NAMED if wish.title else UNNAMED,
        facts={"agent": by.name or by.id, "title": wish.title},
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
    )
