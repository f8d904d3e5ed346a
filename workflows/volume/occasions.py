"""Occasions: what explains a change of the counts: releases, what is planned, faults. Some the service knows itself.

enter(values, by=somebody("U0SATO"), origin="page:…")        # kept once for its origin
remove(12)                                                   # … and bring_back(12)
marks(session, period)                                       # what is marked on a chart: the earliest first
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import Values, insert_new, table_of
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.telling import Release, Wave
from workflows.tables.volume import Occasion
from workflows.tables.wish import Issue
from workflows.volume.periods import Period, Span

RELEASE, PLANNED, FAULT = "release", "planned", "fault"
KINDS = {RELEASE: "Release or change", PLANNED: "Planned", FAULT: "Fault"}
#: Characters of a title and of a theme; what is marked on a chart, and rows of the list.
LONGEST, LONGEST_THEME, MOST, ROWS = 120, 100, 30, 200
#: What is said of it to those who ask who did what.
ENTERED = "Entered an occasion: {about}."
REMOVED = "Removed an occasion: {about}."
BROUGHT_BACK = "Brought back an occasion: {about}."
NO_TITLE = "Enter what happened, in one line."
NO_KIND = "Choose one."
NO_MOMENT = "Enter a date and a time."
NOT_BEFORE = "The end must come after the beginning."
NO_END = "Enter until when it lasts."


@dataclass(frozen=True)
class Mark:
    """Something on the chart: at a moment, and until one where it lasts. `address` leads to what is known of it."""

    at: int
    until: int | None
    kind: str
    title: str
    theme: str = ""
    address: str = ""
    #: The number of an occasion that somebody entered; None where the service knows it by itself.
    id: int | None = None


# -- questions -------------------------------------------------------------------------------------


def marks(session: Session, period: Period) -> list[Mark]:
    """What happened in a period: the latest of them, where there are too many."""
    found = [*_entered(session, period), *_released(session, period)]
    return sorted(found, key=lambda mark: (mark.at, mark.title))[-MOST:]


def find(session: Session, name: str) -> Occasion | None:
    """The occasion with this number, removed or not; None for what is none."""
    is_number = name.isascii() and name.isdigit() and len(name) < 10
    return session.get(Occasion, int(name)) if is_number else None


def latest(session: Session) -> list[Occasion]:
    """Those that hold, and those that are to come: the latest first."""
    query = select(Occasion).where(col(Occasion.removed_at).is_(None))
    return list(session.exec(query.order_by(col(Occasion.begins_at).desc(), col(Occasion.id).desc()).limit(ROWS)))


def spans(session: Session, since: int, until: int, theme: str = "", *, kinds: Sequence[str] = ()) -> list[Span]:
    """From when until when something planned or a fault lasted that is about a theme, or about all ("" for all alone).

    A fault that lasts still does so until now. `kinds`: of these alone.
    """
    lasts = sa.or_(col(Occasion.ends_at) > since, col(Occasion.ends_at).is_(None) & (col(Occasion.kind) == FAULT))
    query = select(Occasion).where(col(Occasion.removed_at).is_(None), Occasion.begins_at < until, lasts)
    query = query.where(col(Occasion.kind).in_(kinds or (PLANNED, FAULT)), col(Occasion.theme).in_({"", theme}))
    rows = session.exec(query.order_by(col(Occasion.begins_at), col(Occasion.id)))
    return [Span(row.begins_at, min(row.ends_at or until, until)) for row in rows]


def _entered(session: Session, period: Period) -> list[Mark]:
    query = select(Occasion).where(col(Occasion.removed_at).is_(None), Occasion.begins_at < period.ends)
    lasts = sa.or_(col(Occasion.begins_at) >= period.begins, col(Occasion.ends_at) > period.begins)
    rows = session.exec(query.where(lasts).order_by(col(Occasion.begins_at).desc()).limit(MOST))
    return [Mark(row.begins_at, row.ends_at, row.kind, row.title, row.theme, "", row.id) for row in rows]


def _released(session: Session, period: Period) -> list[Mark]:
    """What became available to customers: an issue of Jira, from the first wave on that reached anybody."""
    waves, releases, issues = table_of(Wave).c, table_of(Release).c, table_of(Issue).c
    opened = sa.func.min(waves.opened_at).label("opened")
    query = sa.select(releases.issue_id, opened).where(waves.release_id == releases.id, releases.kind == "finished")
    query = query.where(waves.opened_at.is_not(None)).group_by(releases.id, releases.issue_id)
    query = query.having(opened >= period.begins, opened < period.ends).order_by(opened.desc()).limit(MOST)
    first = query.subquery().c
    rows = sa.select(first.opened, issues.id, issues.key, issues.summary).where(issues.id == first.issue_id)
    return [
        Mark(opened_at, None, RELEASE, f"{key} {summary}".strip(), address=f"/releases/{id}")
        for opened_at, id, key, summary in session.connection().execute(rows)
    ]


# -- what somebody types ---------------------------------------------------------------------------


def wrong(language: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a form, by field."""
    title, begins, ends = typed.get("title", "").strip(), moment(typed.get("begins", "")), moment(typed.get("ends", ""))
    found = {
        "title": NO_TITLE if not 0 < len(title) <= LONGEST or not title.isprintable() else "",
        "kind": "" if typed.get("kind") in KINDS else NO_KIND,
        "begins": "" if begins else NO_MOMENT,
        "ends": NO_END if typed.get("kind") == PLANNED and not ends else "",
    }
    if typed.get("ends", "").strip() and not ends:
        found["ends"] = NO_MOMENT
    elif begins and ends and ends <= begins:
        found["ends"] = NOT_BEFORE
    return {name: say(language, sentence) for name, sentence in found.items() if sentence}


def moment(text: str) -> int | None:
    """A moment as a form says it (2026-11-30T14:05, on the company's clock), in milliseconds; None for none."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if at.tzinfo is not None or not 2000 <= at.year < 2100:
        return None
    return rules.calendar.moment(at.date(), at.time())


def read(typed: Mapping[str, str]) -> Values:
    """An occasion as its form says it, with which nothing is wrong."""
    theme = "".join(letter for letter in typed.get("theme", "") if letter.isprintable()).strip()[:LONGEST_THEME]
    return {
        "kind": typed["kind"],
        "title": typed["title"].strip(),
        "theme": theme,
        "begins_at": moment(typed["begins"]),
        "ends_at": moment(typed.get("ends", "")),
    }


# -- changes ---------------------------------------------------------------------------------------


def enter(values: Values, *, by: Person, origin: str) -> Occasion:
    """Keep a new one, once for its origin; the one that is kept."""
    return store.write(partial(_enter, values=values, by=by, origin=origin))


def _enter(session: Session, values: Values, by: Person, origin: str) -> Occasion:
    made = {"person": by.id, "person_name": by.name, "made_at": now_ms(), "origin": origin, "removed_at": None}
    insert_new(session, Occasion, [{**values, **made}])
    return copy_of(session.exec(select(Occasion).where(Occasion.origin == origin)).one())


def remove(id: int) -> bool:
    """It explains nothing any more; False where that is so already."""
    return store.write(partial(_set_removed, id=id, at=now_ms()))


def bring_back(id: int) -> bool:
    """It holds again; False where it does."""
    return store.write(partial(_set_removed, id=id, at=None))


def _set_removed(session: Session, id: int, at: int | None) -> bool:
    row = session.get_one(Occasion, id, with_for_update=True)
    if (row.removed_at is None) == (at is None):
        return False
    row.removed_at = at
    return True


def of_themes(found: Sequence[Mark], about: str) -> list[Mark]:
    """Those of a theme ("" for any), and those of all."""
    return [mark for mark in found if not about or mark.theme in ("", about)]
