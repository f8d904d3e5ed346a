"""The table of erasures: whose words were asked to be gone, so that nothing brings them back."""

from __future__ import annotations

from sqlmodel import Field, SQLModel

from workflows.tables.columns import when


class Erasure(SQLModel, table=True):
    """A chat or a person (`kind`: conversation | contact) of whom nothing may be kept any more.

    Once it has ended nothing of it was left. The row stays: whoever had read the chat before may come later.
    """

    kind: str = Field(primary_key=True)
    #: The conversation's or the contact's id at Intercom.
    id: str = Field(primary_key=True)
    #: Who asked for it: an account's id, or the vendor where it was deleted.
    asked_by: str = ""
    asked_at: int = when()
    ended_at: int | None = when(default=None)
