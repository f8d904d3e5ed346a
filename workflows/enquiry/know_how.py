"""Know-how: answers to use again (定型文), found by what somebody types; who keeps them, and how they are used.

    write(values, by=somebody("U0SATO"), origin="ask:12")     # kept once for its origin
    options("ja", "csv 部署")                                  # those in use whose title or texts hold every word
    store.read(partial(uses_of, ids=[3]))[3]                   # Uses(sent=12, edited=4, last_at=…)

Who changed what, and when, their deeds say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from integrations.slack.views import Option
from workflows.customer.fields import today
from workflows.engine.rows import Values, insert_new
from workflows.engine.store import now_ms, store
from workflows.enquiry import replies
from workflows.language.folding import fold
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.enquiry import KnowHow, Reply

#: So many are offered while somebody types.
MOST = 20
_BY_TITLE = (col(KnowHow.title), col(KnowHow.id))
#: What is said of a change to those who ask who did what.
MADE = "Made a reusable answer: {about}."
CHANGED = "Changed a reusable answer: {about}."
RETIRED = "Retired a reusable answer: {about}."
BROUGHT_BACK = "Brought back a reusable answer: {about}."


@dataclass(frozen=True)
class Uses:
    """How often an answer was sent to a customer, how often with other words than its own, and when last (ms)."""

    sent: int = 0
    edited: int = 0
    last_at: int = 0


# -- found ----------------------------------------------------------------------------------------


def find(session: Session, name: str) -> KnowHow | None:
    """The answer with this number, retired or not; None for what is none."""
    is_number = name.isascii() and name.isdigit() and len(name) < 10
    return session.get(KnowHow, int(name)) if is_number else None


def in_use(session: Session) -> list[KnowHow]:
    """Those that are offered, by title."""
    return list(session.exec(select(KnowHow).where(col(KnowHow.retired_at).is_(None)).order_by(*_BY_TITLE)))


def retired(session: Session) -> list[KnowHow]:
    """Those that nobody is offered any more, the latest first."""
    gone = select(KnowHow).where(col(KnowHow.retired_at).is_not(None))
    return list(session.exec(gone.order_by(col(KnowHow.retired_at).desc(), col(KnowHow.id))))


def of_origin(session: Session, origin: str) -> KnowHow | None:
    """What was made of a form, or of a question's answer."""
    return session.exec(select(KnowHow).where(KnowHow.origin == origin)).first()


def due(session: Session, owners: Collection[str] | None = None) -> list[KnowHow]:
    """Those in use that have to be looked at again, the longest due first; of these owners (None: of everybody)."""
    query = select(KnowHow).where(col(KnowHow.retired_at).is_(None), KnowHow.review_on != "")
    query = query.where(KnowHow.review_on <= today().isoformat())
    query = query if owners is None else query.where(col(KnowHow.owner).in_(sorted(owners)))
    return list(session.exec(query.order_by(col(KnowHow.review_on), col(KnowHow.id))))


def is_due(row: KnowHow) -> bool:
    """Does somebody have to look at it again?"""
    return row.retired_at is None and "" < row.review_on <= today().isoformat()


def matching(rows: Iterable[KnowHow], typed: str) -> list[KnowHow]:
    """Those whose title or texts hold every word that was typed, written one way or another."""
    words = fold(typed).split()
    return [row for row in rows if all(word in _folded(everything(row)) for word in words)]


def everything(row: KnowHow) -> str:
    """All that an answer says."""
    return "\n".join((row.title, *(str(text) for text in row.texts.values())))


def options(language: str, typed: str) -> list[Option]:
    """What a field offers to choose from: what comes back, and the title."""
    return [(str(row.id), row.title) for row in matching(store.read(in_use), typed)][:MOST]


def text_of(id: str, language: str, *, or_retired: bool = False) -> str:
    """An answer in a customer's language, else the company's, else any; "" for none, and for one that is retired."""
    found = store.read(partial(find, name=id))
    return text_in(found, language) if found and (or_retired or found.retired_at is None) else ""


def text_in(row: KnowHow, language: str) -> str:
    """Its text in this language, else in the company's, else in any."""
    return next((str(row.texts[each]) for each in (language, rules.language, *row.texts) if row.texts.get(each)), "")


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return fold(text)


# -- used -----------------------------------------------------------------------------------------


def uses_of(session: Session, ids: Collection[int]) -> Mapping[int, Uses]:
    """How each of these was used; what was written with one and not sent is no use."""
    edited = sa.func.sum(sa.case((col(Reply.is_edited), 1), else_=0))
    query = select(Reply.know_how_id, sa.func.count(), edited, sa.func.max(Reply.pressed_at))
    query = query.where(Reply.state == replies.SENT, col(Reply.know_how_id).in_(sorted(ids)))
    found = session.exec(query.group_by(col(Reply.know_how_id))).all()
    used = {id or 0: Uses(int(sent), int(changed or 0), int(last or 0)) for id, sent, changed, last in found}
    return {id: used.get(id, Uses()) for id in ids}


def uses(session: Session, id: int) -> Uses:
    """How one was used."""
    return uses_of(session, [id])[id]


def most_used(session: Session, rows: Sequence[KnowHow], most: int) -> list[tuple[KnowHow, Uses]]:
    """So many of these, those first that were sent the most; then by title."""
    used = uses_of(session, [row.id or 0 for row in rows])
    ranked = sorted(rows, key=lambda row: (-used[row.id or 0].sent, row.title, row.id or 0))
    return [(row, used[row.id or 0]) for row in ranked[:most]]


def is_edited(text: str, words: str) -> bool:
    """Does what was sent differ from the answer it was made from, whatever spaces are between its words?"""
    return "".join(text.split()) != "".join(words.split())


# -- changes --------------------------------------------------------------------------------------


def write(values: Values, *, by: Person, origin: str) -> KnowHow:
    """Keep a new answer, once for its origin; the one that is kept."""
    return store.write(partial(_write, values=values, by=by, origin=origin))


def _write(session: Session, values: Values, by: Person, origin: str) -> KnowHow:
    now = now_ms()
    made = {"made_by": by.id, "made_by_name": by.name, "made_at": now, "changed_at": now}
    insert_new(session, KnowHow, [{**values, **made, "origin": origin, "retired_at": None}])
    return copy_of(session.exec(select(KnowHow).where(KnowHow.origin == origin)).one())


def rewrite(id: int, values: Values, *, seen: int) -> bool:
    """Let it say this; not where somebody has changed it since it was `seen` (its `changed_at`)."""

    def work(session: Session) -> bool:
        row = session.get_one(KnowHow, id, with_for_update=True)
        if all(getattr(row, name) == value for name, value in values.items()):
            return True  # also where the answer to the commit was lost
        if row.changed_at != seen:
            return False
        row.sqlmodel_update({**values, "changed_at": max(now_ms(), seen + 1)})
        return True

    return store.write(work)


def retire(id: int) -> bool:
    """Offer it to nobody any more; False where that is so already."""
    return store.write(partial(_set_retired, id=id, at=now_ms()))


def bring_back(id: int) -> bool:
    """Offer it again; False where that is so already."""
    return store.write(partial(_set_retired, id=id, at=None))


def _set_retired(session: Session, id: int, at: int | None) -> bool:
    row = session.get_one(KnowHow, id, with_for_update=True)
    if (row.retired_at is None) == (at is None):
        return False
    row.retired_at = at
    return True
