"""Documents: everything that can be found, and the index over it, the same on both databases.

The index knows which documents hold which grams (one letter, or two beside each other). Whether a whole word stands
there is then asked of the folded text itself, so words of one letter, of two and of twenty are found alike.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import Values, table_of
from workflows.language.folding import fold, grams
from workflows.tables.search import Document

#: What can be found.
KINDS = ("message", "note", "wish", "context", "decision", "escalation")
#: So many of the newest documents PostgreSQL looks through before it asks the index: what is everywhere is there too.
NEWEST = 5000
#: Up to so many grams of a word all are looked up.
MOST_GRAMS = 8
#: The part of an id that tells apart what happened in the same second.
SHIFT = 31
LAST = 2**63 - 1


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `words` are folded; `since` and `until` are milliseconds, `before` is a document's id."""

    words: Sequence[str] = ()
    kinds: Sequence[str] = ()
    company_id: str = ""
    who: str = ""
    since: int = 0
    until: int = 0
    before: int = 0

    @property
    def first(self) -> int:
        """The smallest id that may be meant."""
        return _second(self.since) << SHIFT

    @property
    def end(self) -> int:
        """The first id that may not."""
        of_day = _second(self.until) << SHIFT if self.until else LAST
        return min(self.before or LAST, of_day)


# -- writing --------------------------------------------------------------------------------------


def put(session: Session, rows: Sequence[Values]) -> None:
    """Make or replace documents: {kind, ref, place, text, company_id, company, who, at} each.

    One process at a time does this (`workflows.search.indexing`).
    """
    remove(session, [(row["kind"], row["ref"]) for row in rows])
    full = [row | {"folded": _folded(row)} for row in rows]
    for row, id in zip(full, _free_ids(session, full), strict=True):
        row["id"] = id
    if full:
        session.connection().execute(sa.insert(table_of(Document)), full)
        session.connection().execute(*_entries(session, full))


def remove(session: Session, refs: Sequence[tuple[str, str]]) -> int:
    """Take documents out again, by kind and ref; returns how many there were."""
    table, found = table_of(Document), []
    for kind in {kind for kind, _ in refs}:
        of_kind = [ref for each, ref in refs if each == kind]
        query = sa.select(table).where(table.c.kind == kind, table.c.ref.in_(of_kind))
        found += [dict(row) for row in session.connection().execute(query).mappings()]
    if found:
        session.connection().execute(*_entries(session, found, gone=True))
        session.connection().execute(sa.delete(table).where(table.c.id.in_([row["id"] for row in found])))
    return len(found)


def _folded(row: Values) -> str:
    return "\n".join(fold(part).strip() for part in (row["text"], row["who"], row["company"]))


def id_at(at: int, kind: str, ref: str) -> int:
    """The number of a document: the second it is from, and below that any that it alone is likely to have."""
    return (_second(at) << SHIFT) | (zlib.crc32(f"{kind}:{ref}".encode()) >> 1)


def _second(at: int) -> int:
    """No vendor's strange time makes a number too large for a database."""
    return min(max(at, 0) // 1000, LAST >> SHIFT)


def _free_ids(session: Session, rows: Sequence[Values]) -> Iterator[int]:
    """The number of each, or the next one that is free."""
    wanted = [id_at(row["at"], row["kind"], row["ref"]) for row in rows]
    near = sorted({id + step for id in wanted for step in range(3)})
    taken = set(session.exec(select(Document.id).where(col(Document.id).in_(near))))
    for id in wanted:
        while id in taken:
            id += 1
        taken.add(id)
        yield id


def _entries(session: Session, rows: Sequence[Values], *, gone: bool = False) -> tuple[Any, list[Values]]:
    """The statement that changes the index, and its values."""
    tokens = [(row["id"], sorted(_tokens(row))) for row in rows]
    if _is_sqlite(session):
        statement = sa.text(
            "INSERT INTO document_index (document_index, rowid, grams) VALUES ('delete', :id, :grams)"
            if gone
            else "INSERT INTO document_index (rowid, grams) VALUES (:id, :grams)"
        )
        return statement, [{"id": id, "grams": " ".join(map(_letters, numbers))} for id, numbers in tokens]
    if gone:
        return sa.text("DELETE FROM document_index WHERE id = :id"), [{"id": id} for id, _ in tokens]
    insert = sa.text("INSERT INTO document_index (id, grams) VALUES (:id, CAST(:grams AS integer[]))")
    return insert, [{"id": id, "grams": numbers} for id, numbers in tokens]


def _tokens(row: Values) -> set[int]:
    folded: str = row["folded"]
    found = {_number(gram) for gram in {*folded, *grams(folded, 2)} - {" ", "\n"}}
    return found | {_of("kind", row["kind"]), _of("company", row["company_id"])} | set(_people(row["who"]))


def _people(who: str) -> Iterator[int]:
    """The whole name without its spaces, and every part of it."""
    parts = fold(who).split()
    return (_of("who", name) for name in {"".join(parts), *parts})


@lru_cache(1 << 16)
def _number(gram: str) -> int:
    return zlib.crc32(gram.encode()) - 2**31


def _of(name: str, value: str) -> int:
    """What stands for a filter's value among the grams; no gram is spelled so."""
    return _number(f"\0{name}:{value}")


def _letters(number: int) -> str:
    return f"{number + 2**31:x}"


# -- reading --------------------------------------------------------------------------------------


def find(session: Session, wanted: Wanted, most: int) -> list[Document]:
    """The newest documents that hold all of it, the newest first."""
    if _is_sqlite(session):
        return _documents(session, _on_sqlite(wanted), wanted, most)
    checks = _checks(wanted, "strpos") + (BY_WHOM if wanted.who else "")
    newest = _documents(session, NEWEST_ON_POSTGRESQL.format(checks=checks), wanted, most)
    if len(newest) >= most:
        return newest
    if not _needs_index(wanted):
        return _documents(session, BY_TIME.format(checks=_checks(wanted, "strpos")), wanted, most)
    return _by_index(session, wanted, most)


def _by_index(session: Session, wanted: Wanted, most: int) -> list[Document]:
    """On PostgreSQL: what the index names, read from the newest on until it is enough."""
    found: list[Document] = []
    statement = BY_IDS.format(checks=_checks(wanted, "strpos"))
    while len(found) < most:
        ids = session.connection().execute(sa.text(_named(wanted)), _values(wanted, _named(wanted))).scalars().all()
        at, step = 0, 4 * most
        while at < len(ids) and len(found) < most:
            found += _documents(session, statement, wanted, most - len(found), ids[at : at + step])
            at, step = at + step, step * 2
        if len(ids) < NAMED:
            break
        wanted = replace(wanted, before=ids[-1])
    return found


def mentions(session: Session, wanted: Wanted, most: int) -> list[tuple[str, str, int]]:
    """The newest of the same, to be counted and not read: each one's ref, company and moment. It has to have words."""
    statement = f"SELECT d.ref, d.company_id, d.at FROM ({_on_sqlite(wanted)}) d"
    if not _is_sqlite(session):
        statement = MENTIONED.format(named=_named(wanted), checks=_checks(wanted, "strpos"))
    values = _values(wanted, statement) | {"most": most} | ({"named": 2 * most} if ":named" in statement else {})
    return [tuple(row) for row in session.connection().execute(sa.text(statement), values).all()]


COLUMNS = "d.id, d.kind, d.ref, d.place, d.text, d.folded, d.company_id, d.company, d.who, d.at"
#: The words of a page of results are read backwards along the index, until there are enough.
ON_SQLITE = (
    f"SELECT {COLUMNS} FROM document_index i CROSS JOIN document d ON d.id = i.rowid "
    "WHERE document_index MATCH :match AND i.rowid >= :first AND i.rowid < :end {checks} "
    "ORDER BY i.rowid DESC LIMIT :most"
)
BY_TIME = (
    f"SELECT {COLUMNS} FROM document d WHERE d.id >= :first AND d.id < :end {{checks}} ORDER BY d.id DESC LIMIT :most"
)
#: Where words are frequent, the newest documents hold enough of them, and where not, the index finds few.
NEWEST_ON_POSTGRESQL = (
    f"SELECT {COLUMNS} FROM "
    "(SELECT * FROM document WHERE id >= :first AND id < :end ORDER BY id DESC LIMIT :newest) d "
    "WHERE true {checks} ORDER BY d.id DESC LIMIT :most"
)
#: Names are compared by the index alone.
BY_WHOM = "AND EXISTS (SELECT 1 FROM document_index i WHERE i.id = d.id AND i.grams @> CAST(:all AS integer[])) "
#: So many are asked of the index at once.
NAMED = 10_000
BY_INDEX = (
    "WITH i AS MATERIALIZED (SELECT id FROM document_index WHERE {grams} AND id >= :first AND id < :end) "
    "SELECT id FROM i ORDER BY id DESC LIMIT :named"
)
BY_IDS = (
    f"SELECT {COLUMNS} FROM document d WHERE d.id = ANY(CAST(:ids AS bigint[])) {{checks}} "
    "ORDER BY d.id DESC LIMIT :most"
)
#: A false hit of the index is rare, so twice as many are asked of it as are wanted.
MENTIONED = (
    "SELECT d.ref, d.company_id, d.at FROM ({named}) n JOIN document d ON d.id = n.id "
    "WHERE true {checks} ORDER BY d.id DESC LIMIT :most"
)


def _on_sqlite(wanted: Wanted) -> str:
    return (ON_SQLITE if _needs_index(wanted) else BY_TIME).format(checks=_checks(wanted, "instr"))


def _named(wanted: Wanted) -> str:
    found = ["grams @> CAST(:all AS integer[])"] if _all(wanted) else []
    found += ["grams && CAST(:any AS integer[])"] if wanted.kinds else []
    return BY_INDEX.format(grams=" AND ".join(found))


def _documents(session: Session, statement: str, wanted: Wanted, most: int, ids: Sequence[int] = ()) -> list[Document]:
    values = _values(wanted, statement) | ({"ids": list(ids)} if ids else {})
    rows = session.connection().execute(sa.text(statement), values | {"most": most}).mappings()
    return [Document(**row) for row in rows]


def _values(wanted: Wanted, statement: str) -> Values:
    """What a statement needs to know."""
    values: Values = {"first": wanted.first, "end": wanted.end, "company": wanted.company_id}
    values |= {"newest": NEWEST, "named": NAMED}
    values |= {f"word{at}": word for at, word in enumerate(wanted.words)}
    values |= {f"kind{at}": kind for at, kind in enumerate(wanted.kinds)}
    values |= {"all": sorted(_all(wanted)), "any": sorted(_kinds(wanted)), "match": _match(wanted)}
    return {name: value for name, value in values.items() if f":{name}" in statement}


def _checks(wanted: Wanted, holds: str) -> str:
    """What the index cannot tell, or not for certain."""
    found = [f"{holds}(d.folded, :word{at}) > 0" for at in range(len(wanted.words))]
    if wanted.kinds:
        found.append(f"d.kind IN ({', '.join(f':kind{at}' for at in range(len(wanted.kinds)))})")
    if wanted.company_id:
        found.append("d.company_id = :company")
    return "".join(f"AND {check} " for check in found)


def _all(wanted: Wanted) -> set[int]:
    found = {_number(gram) for word in wanted.words for gram in _telling(word)}
    if wanted.company_id:
        found.add(_of("company", wanted.company_id))
    if wanted.who:
        found.add(_of("who", "".join(fold(wanted.who).split())))
    return found


def _telling(word: str) -> list[str]:
    """The grams by which a word is looked up: of a long one every other, which together hold all of its letters."""
    pairs = grams(word, 2)
    return pairs if len(pairs) <= MOST_GRAMS else [*pairs[::2], pairs[-1]]


def _kinds(wanted: Wanted) -> set[int]:
    return {_of("kind", kind) for kind in wanted.kinds}


def _needs_index(wanted: Wanted) -> bool:
    return bool(_all(wanted) or wanted.kinds)


def _match(wanted: Wanted) -> str:
    all_of: Iterable[str] = map(_letters, sorted(_all(wanted)))
    any_of = " OR ".join(map(_letters, sorted(_kinds(wanted))))
    return " AND ".join([*all_of, *([f"({any_of})"] if any_of else [])])


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
