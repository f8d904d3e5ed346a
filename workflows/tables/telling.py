"""The tables of telling: what is available to whom, which conversation is owed word of it, what was told by hand."""

from __future__ import annotations

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


class Telling(SQLModel, table=True):
    """What is owed to one conversation because of one release: owed → drafted → told, or excused, or withdrawn.

    `drafted` means the chat is open again with a draft; `told` that a named person wrote to the customer; `withdrawn`
    that the issue was no longer done before anybody had.
    """

    release_id: str = Field(primary_key=True)
    conversation_id: str = Field(primary_key=True, index=True)
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
    #: What they did with it: thanks | rated | again, or at least used (the first time); "" for nothing so far. That
    #: they use it takes the place of nothing, and anything else takes its place.
    reaction: str = ""
    reacted_at: int | None = when(default=None)
    #: We came to it in a dry run: there is no draft in the chat, and we did not reopen it.
    dry: bool = False


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
