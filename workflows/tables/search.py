"""The tables behind search: every text that can be found.

Beside them stands `document_index`, made by the migration: on SQLite full-text search over letters that stand for
grams, on PostgreSQL an index over numbers that do. `search.documents` alone reads and writes it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import when


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
