"""What can be found: how rows of our tables become documents. A fifth kind of row is one more line in `SOURCES`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from workflows.engine.rows import Values, table_of
from workflows.tables.customer import Company, Contact, Conversation, Message
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.meeting import Decision
from workflows.tables.search import Document
from workflows.tables.wish import Context, Feedback

__all__ = ["SOURCES", "Source", "Values", "last", "missing", "of_messages"]


@dataclass(frozen=True)
class Source:
    """A table whose rows stay as they are, and the document that each becomes.

    `ref` begins with `prefix`, then comes the row's id; `texts` are put one below the other.
    """

    name: str
    kind: str
    table: sa.Table
    prefix: str
    place: str
    texts: tuple[str, ...]
    at: str
    #: By which of its columns the row names its wish or escalation; "id" where it is one.
    owner: str
    #: The column that says when a row was taken back, "" where none can be: it holds no more then.
    undone: str = ""

    @property
    def holds(self) -> sa.ColumnElement[bool]:
        """Which rows were not taken back."""
        return self.table.c[self.undone].is_(None) if self.undone else sa.true()


def _source(
    model: type[SQLModel], kind: str, place: str, at: str, *texts: str, owner: str, prefix: str = "", undone: str = ""
) -> Source:
    table = table_of(model)
    return Source(table.name, kind, table, prefix, place, texts, at, owner, undone)


WISHES = _source(Feedback, "wish", "/feedback/", "said_at", "title", "quote", owner="id")
ESCALATIONS = _source(Escalation, "escalation", "/escalations/E-", "raised_at", "gist", "history", "tried", owner="id")
SOURCES = (
    WISHES,
    _source(Context, "context", "/feedback/", "said_at", "background", owner="feedback_id"),
    _source(
        Decision, "decision", "/feedback/", "decided_at", "reason", "answer", owner="feedback_id", undone="undone_at"
    ),
    ESCALATIONS,
    _source(
        Judgement,
        "escalation",
        "/escalations/E-",
        "judged_at",
        "next_step",
        owner="escalation_id",
        prefix="judgement:",
    ),
)
_WISHES, _ESCALATIONS, _DOCUMENTS = table_of(Feedback), table_of(Escalation), table_of(Document)


def last(session: Session, source: Source) -> int:
    """The largest id in a table."""
    return int(session.connection().execute(sa.select(sa.func.max(source.table.c.id))).scalar() or 0)


def missing(session: Session, source: Source, after: int, most: int, *, held: bool = False) -> list[Values]:
    """The documents of rows beyond an id that have none yet, the oldest first. `held`: nobody erases them meanwhile."""
    table = source.table
    ref = sa.literal(source.prefix, sa.String) + sa.cast(table.c.id, sa.String)
    known = sa.select(_DOCUMENTS.c.id).where(_DOCUMENTS.c.kind == source.kind, _DOCUMENTS.c.ref == ref)
    says_something = sa.or_(*(table.c[name] != "" for name in source.texts))
    query = sa.select(table).where(table.c.id > after, says_something, source.holds, ~known.exists())
    query = query.order_by(table.c.id).limit(most)
    return _documents(session, source, query.with_for_update() if held else query)


def of_owners(session: Session, source: Source, owners: Sequence[int]) -> list[Values]:
    """The documents, as they are now, of what belongs to these wishes or escalations; with empty texts as well."""
    return _documents(
        session, source, sa.select(source.table).where(source.table.c[source.owner].in_(owners), source.holds)
    )


def withdrawn(session: Session, owners: Collection[int]) -> set[int]:
    """Those of these wishes that were filed by mistake: search does not find them."""
    chosen = _WISHES.c.id.in_(owners) & _WISHES.c.withdrawn_at.is_not(None)
    return set(session.connection().execute(sa.select(_WISHES.c.id).where(chosen)).scalars())


def _documents(session: Session, source: Source, query: sa.Select[Any]) -> list[Values]:
    rows = [dict(row) for row in session.connection().execute(query).mappings()]
    owners = _owners(session, source, rows)
    return [_document(source, row, owners.get(row[source.owner], {})) for row in rows]


def _document(source: Source, row: Values, owner: Values) -> Values:
    return {
        "kind": source.kind,
        "ref": f"{source.prefix}{row['id']}",
        "place": f"{source.place}{row[source.owner]}",
        "text": "\n".join(row[name] for name in source.texts if row[name]),
        "company_id": owner.get("company_id") or "",
        "company": owner.get("company") or "",
        "who": _who(row) or owner.get("who") or "",
        "at": row[source.at],
    }


def _who(row: Values) -> str:
    """Who wrote it: a wish is its customer's, which its owner knows."""
    return str(row.get("raised_by_name") or (row.get("person_name") if "feedback_id" in row else "") or "")


def _owners(session: Session, source: Source, rows: Sequence[Values]) -> dict[Any, Values]:
    """Of the wishes or escalations that rows belong to: whose they are."""
    ids = {row[source.owner] for row in rows}
    if source.place == "/feedback/":
        query = _of_wishes(ids)
    else:
        table = _ESCALATIONS
        query = sa.select(table.c.id, table.c.company_id, table.c.company).where(table.c.id.in_(ids))
    return {row["id"]: dict(row) for row in session.connection().execute(query).mappings()}


def _of_wishes(ids: set[int]) -> sa.Select[Any]:
    firms, people = table_of(Company), table_of(Contact)
    return (
        sa.select(
            _WISHES.c.id,
            _WISHES.c.company_id,
            sa.func.coalesce(firms.c.name, _WISHES.c.company_name).label("company"),
            sa.func.coalesce(sa.func.nullif(people.c.name, ""), _WISHES.c.person_name).label("who"),
        )
        .select_from(_WISHES)
        .outerjoin(firms, firms.c.id == _WISHES.c.company_id)
        .outerjoin(people, people.c.id == _WISHES.c.contact_id)
        .where(_WISHES.c.id.in_(ids))
    )


def of_messages(session: Session, rows: Sequence[Message]) -> list[Values]:
    """The documents of messages: not of what was redacted, nor of our own notes, which repeat other documents."""
    chats = _companies(session, {row.conversation_id for row in rows})
    return [
        {
            "kind": row.kind,
            "ref": row.id,
            "place": f"/chats/{row.conversation_id}#part-{row.part_id}",
            "text": row.text,
            "company_id": chats.get(row.conversation_id, ("", ""))[0] or "",
            "company": chats.get(row.conversation_id, ("", ""))[1] or "",
            "who": row.who,
            "at": row.said_at,
        }
        for row in rows
        if row.text and row.kind != "ours"
    ]


def _companies(session: Session, ids: set[str]) -> dict[str, tuple[str, str]]:
    """The company of each chat: its id and its name."""
    query = select(Conversation.id, Conversation.company_id, Company.name).outerjoin(
        Company, col(Company.id) == col(Conversation.company_id)
    )
    found = session.exec(query.where(col(Conversation.id).in_(ids)))
    return {chat: (company_id or "", name or "") for chat, company_id, name in found}
