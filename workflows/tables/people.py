"""The tables of people: who somebody is, where they are signed in, and what they did that others may ask about.

Of what lets somebody in, only a hash is kept.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, as_json, when


class Account(SQLModel, table=True):
    """Somebody who has signed in. `id`: the Slack id, or OPERATOR. What they may do is in the rules, not here."""

    id: str = Field(primary_key=True)
    name: str
    #: As Slack has verified it; "" if it has not.
    email: str = ""
    seen_at: int = when()


class Login(SQLModel, table=True):
    """One browser that is signed in; `hash` is that of its cookie."""

    hash: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    began_at: int = when()
    seen_at: int = when()


class OneTime(SQLModel, table=True):
    """An address that signs in an operator, once; `hash` is that of what makes it secret."""

    __tablename__ = "one_time"

    hash: str = Field(primary_key=True)
    until: int = when()
    used_at: int | None = when(default=None)


class Colleague(SQLModel, table=True):
    """Somebody who works here, as Slack knows them; remembered, so that forms open in their language at once."""

    id: str = Field(primary_key=True)
    name: str = ""
    #: As Slack says it, or the address by which they were found; in small letters, "" if neither is known.
    email: str = Field(default="", index=True)
    locale: str = ""
    #: Not a full member of the workspace (any more): gone, a guest, an app, or from another workspace.
    left: bool = False
    seen_at: int = when()


class SavedView(SQLModel, table=True):
    """A list of wishes as somebody likes to see it: its name, and what the list's address says of it."""

    __tablename__ = "saved_view"

    id: int | None = Field(default=None, primary_key=True)
    #: An account's id: it follows its person to every browser.
    person: str
    name: str
    query: str
    saved_at: int = when()

    __table_args__ = (sa.UniqueConstraint("person", "name"), NUMBERED)


class Deed(SQLModel, table=True):
    """Who did what, when, and by which way in: what operators may want to know of each other.

    `sentence` has `facts` for its gaps; `deed` is its name in `people.may`. Each is kept once:
    `origin` is the run that it comes from, or a name that nothing else has.
    """

    id: int | None = Field(default=None, primary_key=True)
    person: str
    person_name: str = ""
    sentence: str
    facts: dict[str, Any] = as_json()
    done_at: int = when()
    deed: str = Field(default="", sa_column_kwargs={"server_default": ""})
    #: page, slack, card or command; "" for what was kept before there were several.
    way: str = Field(default="", sa_column_kwargs={"server_default": ""})
    origin: str | None = Field(default=None, unique=True, index=True)

    __table_args__ = NUMBERED
