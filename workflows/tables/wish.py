"""The tables of wishes: what one customer asked for, what is known about it, which feature and issue it waits for."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, when


def mark_of(conversation_id: str, part_id: str, kind: str) -> str:
    """What a wish is called in keys and at vendors: taken anew from the same message, it has the same name."""
    named = "/".join((conversation_id, part_id, kind))
    return "W-" + hashlib.sha256(named.encode()).hexdigest()[:16]


def _mark(context: Any) -> str:
    row = context.get_current_parameters()
    return mark_of(row["conversation_id"], row["part_id"], row["kind"])


class Feedback(SQLModel, table=True):
    """One customer's wish: a tagged message, its author, and the agent who took it.

    A wish that was not said in a chat has a `conversation_id` that names its source instead: `slack:…` or `hand:…`.
    """

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: str = Field(index=True)
    part_id: str
    kind: str
    tag: str
    quote: str
    #: What it is called for short; "" where nobody has said, see `language.titles`.
    title: str = ""
    contact_id: str | None = None
    company_id: str | None = Field(default=None, index=True)
    taken_by: str = Field(default="", index=True)
    taken_by_name: str = ""
    note_id: str = Field(default="", index=True)
    note_url: str = ""
    said_at: int = when()
    taken_at: int = when(index=True)
    #: Where it was said: intercom (a chat there), slack, phone or mail; and the address of that, unless it is a chat.
    source: str = "intercom"
    source_url: str = ""
    #: Whom it is from, as somebody typed it: where no company or no contact is on record for it.
    company_name: str = ""
    person_name: str = ""
    #: The wish in which this one ended up by mergers, and the conclusion that holds: `meeting.decisions` keeps both.
    merged_into: int | None = Field(default=None, index=True)
    conclusion: str = ""
    #: When somebody said that it was filed by mistake; None while it counts.
    withdrawn_at: int | None = when(default=None)
    #: Its name in keys and at vendors, which stays when its kind is corrected; see `mark_of`. Wishes of before this
    #: column are called by their number there. Numbers alone will not do: a restored backup gives them out again.
    mark: str = Field(default=None, sa_column=sa.Column(sa.String, nullable=False, unique=True, default=_mark))

    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "part_id", "kind"),
        sa.Index("ix_feedback_contact_id_said_at", "contact_id", "said_at"),
        sa.Index("ix_feedback_taken_by_name_conversation_id", "taken_by_name", "conversation_id"),
        sa.Index("ix_feedback_conclusion_withdrawn_at", "conclusion", "withdrawn_at"),
        sa.Index(
            "ix_feedback_withdrawn_at",
            "withdrawn_at",
            sqlite_where=sa.text("withdrawn_at IS NOT NULL"),
            postgresql_where=sa.text("withdrawn_at IS NOT NULL"),
        ),
        NUMBERED,
    )


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

    __table_args__ = NUMBERED


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


class Feature(SQLModel, table=True):
    """What product people make of wishes: a feature at Productboard."""

    id: str = Field(primary_key=True)
    name: str = ""
    status: str = ""
    url: str = ""


class Issue(SQLModel, table=True):
    """A Jira issue that some feedback waits for. `cycle` counts how often it became done."""

    id: str = Field(primary_key=True)
    key: str = Field(index=True)
    summary: str = ""
    url: str = ""
    status: str = ""
    category: str = ""
    resolution: str = ""
    cycle: int = 0
    checked_at: int = when(default=0)


class FeedbackFeature(SQLModel, table=True):
    """Feedback – Feature, many to many."""

    feedback_id: int = Field(primary_key=True)
    feature_id: str = Field(primary_key=True, index=True)
    linked_at: int = when()


class FeatureIssue(SQLModel, table=True):
    """Feature – Issue, as Productboard's Jira connections say."""

    feature_id: str = Field(primary_key=True)
    issue_id: str = Field(primary_key=True, index=True)
    linked_at: int = when()


class FeedbackIssue(SQLModel, table=True):
    """Feedback – Issue, many to many; survives closing. `origin`: productboard | jira | operator."""

    feedback_id: int = Field(primary_key=True)
    issue_id: str = Field(primary_key=True, index=True)
    origin: str
    #: The issue's cycle when the link was made: cycles up to this one were not meant for this feedback.
    from_cycle: int = 0
    linked_at: int = when()


class Cut(SQLModel, table=True):
    """A link that somebody cut because it was wrong: whatever a vendor says, it stays cut until somebody links anew."""

    feedback_id: int = Field(primary_key=True)
    issue_id: str = Field(primary_key=True)
    #: The link as it was, to be put back.
    origin: str
    from_cycle: int = 0
    cut_at: int = when()


class Mention(SQLModel, table=True):
    """An issue that holds a conversation's link although nothing has been filed from it (yet)."""

    conversation_id: str = Field(primary_key=True)
    issue_id: str = Field(primary_key=True)
    from_cycle: int = 0
    noticed_at: int = when()
