"""The tables behind search: what was said in chats, and every text that can be found.

Beside them stands `document_index`, made by the migration: on SQLite full-text search over letters that stand for
grams, on PostgreSQL an index over numbers that do. `records.documents` alone reads and writes it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.records.tables import when


class Message(SQLModel, table=True):
    """What somebody wrote in a chat. `kind`: message | note (for colleagues only) | ours (a note of this service).

    Nothing is left of its text once it was redacted at the vendor.
    """

    #: `<conversation>/<part>`.
    id: str = Field(primary_key=True)
    conversation_id: str
    part_id: str
    kind: str
    #: Who wrote it, and are they a customer?
    who: str = ""
    is_customer: bool = False
    text: str
    said_at: int = when()
    #: Does search not know yet what it says now?
    stale: bool = True

    __table_args__ = (
        sa.Index("ix_message_conversation_id_said_at", "conversation_id", "said_at"),
        sa.Index(
            "ix_message_stale",
            "id",
            sqlite_where=sa.text("stale"),
            postgresql_where=sa.text("stale"),
        ),
    )


class Document(SQLModel, table=True):
    """A text that can be found. `kind`: message | note | wish | context | decision | escalation.

    Its id grows with `at`, so that the newest come first without sorting; see `documents.id_at`.
    """

    #: On SQLite this is the row's own number.
    id: int = Field(
        sa_column=sa.Column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False)
    )
    kind: str
    #: The row it was made from: its key in its own table.
    ref: str
    #: Its address among our pages.
    place: str
    text: str
    #: The text, who and which company, as `folding` writes them.
    folded: str
    company_id: str = ""
    company: str = ""
    who: str = ""
    at: int = when()

    __table_args__ = (sa.UniqueConstraint("kind", "ref"),)


class SearchMark(SQLModel, table=True):
    """How far search has read a table whose rows stay as they are.

    Rows up to `up_to` are all known. `next_up_to` was the last id at `moved_at`: long after that no transaction can
    bring a row with a smaller one any more.
    """

    __tablename__ = "search_mark"

    name: str = Field(primary_key=True)
    up_to: int = when(default=0)
    next_up_to: int = when(default=0)
    moved_at: int = when(default=0)
