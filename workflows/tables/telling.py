"""The tables of telling: what became available, which conversation is owed word of it, what was reported by hand."""

from __future__ import annotations

from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, when


class Release(SQLModel, table=True):
    """An issue became done: `kind` finished (customers can be told) | declined (they can't) | reopened."""

    id: str = Field(primary_key=True)
    issue_id: str = Field(index=True)
    cycle: int
    kind: str
    resolution: str = ""
    #: Have the links that vendors knew at that moment been read?
    gathered: bool = False
    happened_at: int = when()


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
