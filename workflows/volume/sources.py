"""Sources: where counts come from, up to when each of them is known, and which of them have fallen silent.

    standing(session, now)       # [Standing("zendesk", covered_until, is_late), …]
    spans(session)               # {"desk": (since, until), …}: when each of them was to be counted

A source that is over (a tool that was given up, a vendor that is off, the past out of a file) is not waited for: what
it told stays, and what came in since then is known without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, select

from integrations import VENDORS
from workflows.engine.rows import insert_new, table_of
from workflows.engine.store import now_ms
from workflows.engine.vendors import vendors
from workflows.language.wording import say, time
from workflows.rules import rules
from workflows.tables.volume import Source
from workflows.volume.slots import SLOT_MS

INTERCOM, ZENDESK = ASKED = ("intercom", "zendesk")
#: In the place of a cursor: it tells no more.
OVER = "over"
#: After so many polls in which nothing was told, it is told that it is late.
PATIENCE = 3
MINUTE_MS = 60_000
SILENT = "No counts from {source} since {time}: what came in since then is missing, and not zero."
NOTHING_YET = "Nothing has been counted from {source} yet."
#: What to do about one that says nothing: a vendor that is asked, and a tool that sends its numbers.
CHECK_IT = "Enquiries since then are missing from the numbers, and are not zero. Check this connection."
SEND_IT = (
    "Enquiries since then are missing from the numbers, and are not zero. Have the tool send them again; "
    "if it is no longer used, end it: python -m app import over --source NAME"
)
#: Until when a source is to be counted that is not over.
ENDLESS = 1 << 62


class Standing(NamedTuple):
    """A source, up to when it is known (ms; None: not at all yet), and whether it should have told more by now.

    `silent_since`: up to when it is known, or when it was first heard of.
    """

    name: str
    covered_until: int | None
    is_late: bool
    silent_since: int


def standing(session: Session, now: int) -> list[Standing]:
    """Every source, in the order of the alphabet."""
    rows = session.exec(select(Source).order_by(Source.name)).all()
    return [Standing(row.name, row.covered_until, _is_late(row, now), _known_until(row)) for row in rows]


def late(session: Session, now: int) -> list[Standing]:
    """Those that have fallen silent."""
    return [each for each in standing(session, now) if each.is_late]


def _is_late(row: Source, now: int) -> bool:
    """A quarter of an hour is known once it is over, so up to one is always missing."""
    return row.cursor != OVER and now - _known_until(row) > SLOT_MS + PATIENCE * _every_ms(row.name)


def _known_until(row: Source) -> int:
    return row.heard_at if row.covered_until is None else row.covered_until


def _every_ms(name: str) -> int:
    """How often a source tells something."""
    minutes = {
        INTERCOM: rules.reconcile_minutes or rules.volume.poll_minutes,
        ZENDESK: rules.volume.poll_minutes,
    }
    return minutes[name] * MINUTE_MS if name in minutes else SLOT_MS


def spans(session: Session, name: str = "") -> Mapping[str, tuple[int, int]]:
    """From when until when each source (or this one) was to be counted, in ms."""
    query = sa.select(table_of(Source))
    rows = session.connection().execute(query.where(table_of(Source).c.name == name) if name else query).mappings()
    return {
        row["name"]: (row["since"], (row["covered_until"] or row["since"]) if row["cursor"] == OVER else ENDLESS)
        for row in rows
    }


def known_until(session: Session) -> int:
    """Up to when all that came in is known, from every source that still tells something; 0 for nothing."""
    rows = session.exec(select(Source).where(Source.cursor != OVER)).all()
    return min((row.covered_until or 0 for row in rows), default=0)


def silence(language: str, source: Standing) -> str:
    """What is said of one that is late."""
    name = say(language, title(source.name))
    if source.covered_until is None:
        return say(language, NOTHING_YET, source=name)
    return say(language, SILENT, source=name, time=time(language, source.covered_until))


def advice(name: str) -> str:
    """What to do about one that is late."""
    return CHECK_IT if name in ASKED else SEND_IT


def title(name: str) -> str:
    """A source as people call it."""
    return VENDORS[name].TITLE if name in ASKED else name


def of(session: Session, name: str, since: int, cursor: str = "") -> Source:
    """A source, made where it is new; nobody else changes it until this is committed."""
    row = {"name": name, "since": since, "covered_until": None, "heard_at": now_ms(), "cursor": cursor}
    insert_new(session, Source, [row])
    return session.exec(select(Source).where(Source.name == name).with_for_update()).one()


def end(session: Session, name: str) -> bool:
    """It tells no more; False where there is no such source."""
    row = session.get(Source, name, with_for_update=True)
    if row is not None:
        row.cursor = OVER
        session.add(row)
    return row is not None


def keep_up(session: Session) -> None:
    """A vendor that was switched off is over, and one that was switched on again is not: it is read anew."""
    for name in ASKED:
        row = session.get(Source, name, with_for_update=True)
        if row is not None and vendors.is_on(name) is (row.cursor == OVER):
            row.cursor = "" if vendors.is_on(name) else OVER
            session.add(row)
