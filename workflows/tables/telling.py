"""The tables of telling: what is available to whom, which conversation is owed word of it, what was told by hand."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, as_list, when


class Release(SQLModel, table=True):
    """An issue became done: `kind` finished (customers can be told) | declined (they can't) | reopened.

    Without an issue: concluded (at the meeting) | notice (news that nobody asked for).
    """

    id: str = Field(primary_key=True)
    issue_id: str = Field(index=True)
    cycle: int
    kind: str
    #: Jira's; of one that was taken back though its issue is done: what did that (version | person).
    resolution: str = ""
    #: Have the links that vendors knew at that moment been read?
    gathered: bool = False
    happened_at: int = when()


class Wave(SQLModel, table=True):
    """To whom a release becomes available, and from when on: `audience` is all | companies | tier | share | flag.

    `names` are the companies' ids, the tiers or the flag; `share` the percentage of companies. A wave is open once
    `opened_at` says so; before that it waits for `opens_at`, and may be called off.
    """

    id: int | None = Field(default=None, primary_key=True)
    release_id: str = Field(index=True)
    #: What opened it (`4711:2/done`, `4711:2/version:10001`): the same opens nothing twice.
    origin: str = Field(unique=True)
    audience: str = "all"
    names: list[str] = as_list()
    share: int = 0
    opens_at: int = when()
    opened_at: int | None = when(default=None, index=True)
    person: str = ""
    person_name: str = ""
    called_off_at: int | None = when(default=None)
    called_off_by: str = ""

    __table_args__ = NUMBERED


class Flag(SQLModel, table=True):
    """A company for which something is switched on, as a list or the deploy hook says; for the audience of a wave."""

    name: str = Field(primary_key=True)
    company_id: str = Field(primary_key=True)
    set_at: int = when()


def _where_there_is_one(column: str) -> sa.Index:
    """Few rows have one. An index of all would be taken for one in which everything is the same."""
    some = sa.text(f"{column} <> ''")
    return sa.Index(f"ix_telling_{column}", column, sqlite_where=some, postgresql_where=some)


class Telling(SQLModel, table=True):
    """What is owed to one conversation because of one release: owed → drafted → told, or excused, or withdrawn.

    `drafted` means the chat is open again with a draft; `told` that a named person wrote to the customer; `withdrawn`
    that the issue was no longer done before anybody had.
    """

    release_id: str = Field(primary_key=True)
    conversation_id: str = Field(primary_key=True)
    state: str = "owed"
    draft: str = ""
    #: The chat's state when we came to it (closed, open, snoozed); "" before that.
    found: str = ""
    #: Unix seconds until which the chat was snoozed when we came to it; 0 if it was not.
    snoozed_until: int = 0
    told_by: str = ""
    owed_at: int = when()
    drafted_at: int | None = when(default=None)
    told_at: int | None = when(default=None)
    #: When the conversation comes back because of a release, where the rules let not all come at once.
    opens_at: int | None = when(default=None, index=True)
    #: The telling (release/conversation) whose message tells of this one, too; "" where it has a message of its own.
    joined: str = ""
    #: The tellings that the draft tells of, a line for each; "" where that is this one alone.
    gathers: str = ""
    #: What a named person approved, to be sent in their name at `send_at`; "" and None where nothing is approved, or
    #: not any more. Without `send_at` it waits for a lead.
    approved: str = ""
    approved_by: str = ""
    approved_name: str = ""
    approved_at: int | None = when(default=None)
    send_at: int | None = when(default=None, index=True)
    #: Why what was approved did not go out, or why nobody tells them: a sentence of ours, or somebody's reason.
    why: str = ""
    #: What the customer read, and which part of the conversation that is; "" where they were told elsewhere.
    sent: str = ""
    part_id: str = ""
    #: chat | phone | mail | meeting, once they are told.
    channel: str = ""
    #: What they did with it: used (the first time) | rated | thanks | again, each of which takes the place of those
    #: before it; "" for nothing so far. See `telling.reactions`.
    reaction: str = ""
    reacted_at: int | None = when(default=None)
    #: How they rated the conversation after that, from 1 to 5, 0 for not; and the wish with which they came again.
    rating: int = 0
    asked_again: int | None = None
    #: We came to it in a dry run: there is no draft in the chat, and we did not reopen it.
    dry: bool = False
    #: Why the customer cannot be told in their conversation, a sentence of ours; "" where they can.
    dead_end: str = Field(default="", sa_column_kwargs={"server_default": ""})
    #: Who tells them since when, instead of whoever took the wish (""): as owner | deputy | manager | fallback because
    #: they answer for the company, as "self" because they took it over.
    holder: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    holder_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    held_as: str = Field(default="", sa_column_kwargs={"server_default": ""})
    held_at: int | None = when(default=None)
    #: The conversation of a colleague of theirs in which somebody chose to tell it; "" for their own.
    via: str = Field(default="", sa_column_kwargs={"server_default": ""})

    __table_args__ = (
        *(_where_there_is_one(name) for name in ("joined", "part_id", "via")),
        sa.Index("ix_telling_state_owed_at_told_at", "state", "owed_at", "told_at"),
        sa.Index(
            "ix_telling_told_at",
            "told_at",
            sqlite_where=sa.text("told_at IS NOT NULL"),
            postgresql_where=sa.text("told_at IS NOT NULL"),
        ),
        sa.Index("ix_telling_state_reaction_release_id", "state", "reaction", "release_id"),
        sa.Index("ix_telling_of_conversation", "conversation_id", "state", "reaction", "release_id"),
    )


class Report(SQLModel, table=True):
    """A promise kept outside of a chat that we see, or that nobody has to keep any more: how, or why not.

    What was noted by mistake is taken back: it says when and by whom, and counts no more.
    """

    id: int | None = Field(default=None, primary_key=True)
    origin: str = Field(unique=True)
    feedback_id: int = Field(index=True)
    #: phone | mail | meeting | nobody (nobody is told, `words` says why).
    how: str
    words: str = ""
    person: str = ""
    person_name: str = ""
    reported_at: int = when()
    undone_at: int | None = when(default=None)
    undone_by: str = ""

    __table_args__ = NUMBERED
