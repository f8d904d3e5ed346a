"""The tables of filing with context, of the meeting, and of what was promised.

Nothing here is overwritten: a new row says what holds from its time on, and what is taken back says when and by
whom. So the state of any past day can be read again.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.records.tables import when


class Context(SQLModel, table=True):
    """What is known about a wish beside the quote; a later row replaces an earlier one as a whole.

    `importance` and `temperature`: high | medium | low, or "" for not said. `promise`: the name of an approved
    wording, whose level is kept beside it. `person`: a Slack id, an Intercom admin's id, or an account's id.
    """

    id: int | None = Field(default=None, primary_key=True)
    #: What it was said with (a form's submission): the same one is never kept twice.
    origin: str = Field(unique=True)
    feedback_id: int = Field(index=True)
    kind: str
    background: str = ""
    importance: str = ""
    temperature: str = ""
    promise: str = ""
    level: str = ""
    person: str = ""
    person_name: str = ""
    said_at: int = when()


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
    #: Are all customers to be told, or those only whom we promised a report?
    tells_all: bool = False
    person: str = ""
    person_name: str = ""
    decided_at: int = when(index=True)
    due_at: int = when()
    #: When its run was started.
    sent_at: int | None = when(default=None)
    undone_at: int | None = when(default=None)
    undone_by: str = ""

    __table_args__ = (
        sa.Index(
            "ix_decision_unsent",
            "due_at",
            sqlite_where=sa.text("sent_at IS NULL AND undone_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND undone_at IS NULL"),
        ),
    )


class Report(SQLModel, table=True):
    """A promise kept outside of a chat that we see, or that nobody has to keep any more: how, or why not."""

    id: int | None = Field(default=None, primary_key=True)
    origin: str = Field(unique=True)
    feedback_id: int = Field(index=True)
    #: phone | mail | meeting | nobody (nobody is told, `words` says why).
    how: str
    words: str = ""
    person: str = ""
    person_name: str = ""
    reported_at: int = when()


class CompanyPast(SQLModel, table=True):
    """What a company was worth from then on; a row for each change."""

    __tablename__ = "company_past"

    company_id: str = Field(primary_key=True)
    seen_at: int = when(primary_key=True)
    name: str
    tier: str = ""
    mrr: float = 0.0


class Asked(SQLModel, table=True):
    """A wish whose agent was asked for its background: by the message of which run, and when they are reminded."""

    feedback_id: int = Field(primary_key=True)
    #: All that this run asked about stands in one message.
    run_id: str = Field(index=True)
    #: Who was asked: a Slack id, or a channel.
    person: str = ""
    asked_at: int = when()
    #: None once they were reminded, or need not be.
    remind_at: int | None = when(default=None)

    __table_args__ = (
        sa.Index(
            "ix_asked_remind_at",
            "remind_at",
            sqlite_where=sa.text("remind_at IS NOT NULL"),
            postgresql_where=sa.text("remind_at IS NOT NULL"),
        ),
    )
