"""The tables of the meeting: which wishes are one, and what was concluded about them.

Nothing here is overwritten: a new row says what holds from its time on, and what is taken back says when and by
whom. So the state of any past day can be read again.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, when


class Merge(SQLModel, table=True):
    """A wish that is the same as another one, until it is taken apart again. Everything of it stays its own."""

    id: int | None = Field(default=None, primary_key=True)
    origin: str = Field(unique=True)
    feedback_id: int = Field(index=True)
    into_id: int = Field(index=True)
    person: str = ""
    person_name: str = ""
    merged_at: int = when()
    unmerged_at: int | None = when(default=None)
    unmerged_by: str = ""

    __table_args__ = NUMBERED


class Decision(SQLModel, table=True):
    """A conclusion about a wish and all that are merged into it: adopt | consider | decline | existing | duplicate.

    `reason` is for colleagues; `answer` is what a customer may read. It is carried to everybody at `due_at`, unless
    it is taken back before.
    """

    id: int | None = Field(default=None, primary_key=True)
    origin: str = Field(unique=True)
    feedback_id: int = Field(index=True)
    conclusion: str
    reason: str
    answer: str = ""
    #: The wish that it is a duplicate of.
    into_id: int | None = None
    #: What an adopted wish then waits for: the key of an issue, NEW for one that is to be created, "" for none yet.
    issue: str = Field(default="", sa_column_kwargs={"server_default": ""})
    #: Are all customers to be told, or those only whom we promised a report?
    tells_all: bool = False
    person: str = ""
    person_name: str = ""
    decided_at: int = when(index=True)
    due_at: int = when()
    #: When its run was started.
    sent_at: int | None = when(default=None)
    #: That was in a dry run: nobody heard.
    dry: bool = False
    undone_at: int | None = when(default=None)
    undone_by: str = ""

    __table_args__ = (
        sa.Index(
            "ix_decision_unsent",
            "due_at",
            sqlite_where=sa.text("sent_at IS NULL AND undone_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND undone_at IS NULL"),
        ),
        sa.Index(
            "ix_decision_undone_at",
            "undone_at",
            sqlite_where=sa.text("undone_at IS NOT NULL"),
            postgresql_where=sa.text("undone_at IS NOT NULL"),
        ),
        NUMBERED,
    )
