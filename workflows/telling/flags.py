"""Flags: the companies for which something is switched on, as a list of them says.

    checked = imports.check(flags.list_of("new-csv"), text)      # then imports.keep

Whoever has a flag keeps it: what a company could use, nobody tells it that it cannot.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from workflows.customer import sheets
from workflows.customer.imports import Kind, Line
from workflows.engine.store import now_ms
from workflows.tables.telling import Flag
from workflows.telling import waves

NAME = "flag"
#: The longest name of a flag, as the deploy hook takes it.
LONGEST = 200
NO_NAME = "Enter the flag's name: up to {n} printable characters."


def list_of(name: str) -> Kind:
    """The list of the companies that have this flag. Raises sheets.Unreadable where that is no name of one."""
    name = name.strip()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise sheets.Unreadable(NO_NAME, n=LONGEST)

    def put(session: Session, lines: Sequence[Line], by: str) -> None:
        ids = [line.company_id for line in lines]
        waves.flag(session, name, ids, origin=f"list:{now_ms()}/{ids[0]}")

    return Kind(NAME, {}, wrong=lambda text: "", put=put, besides={NAME: name}, may_be_bare=True)


def counted(session: Session) -> list[tuple[str, int]]:
    """Every flag, and how many companies have it."""
    query = select(Flag.name, func.count()).group_by(col(Flag.name)).order_by(col(Flag.name))
    return list(session.exec(query).all())
