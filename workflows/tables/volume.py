"""The tables of volume: each enquiry that came in, counted by quarter hours; where counts come from; what happened."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, as_list, when


class Arrival(SQLModel, table=True):
    """An enquiry that came in, counted once: in the quarter hour of `at`, in each of its facets.

    `themes`: `tag:<name of a tag>` and `word:<name of a theme of the rules>`.
    """

    #: `<source>/<the source's id>`.
    id: str = Field(primary_key=True)
    source: str
    at: int = when()
    medium: str = "chat"
    company_id: str = ""
    themes: list[str] = as_list()
    #: Where it can be read.
    url: str = ""

    __table_args__ = (
        sa.Index("ix_arrival_at", "at", "id"),
        sa.Index("ix_arrival_company_id", "company_id", "at"),
    )


class Count(SQLModel, table=True):
    """How many came in, in one quarter hour, in one facet of one source.

    `facet`: all (`name` ""), medium, theme, company; and `said`, which counts nothing: so many seconds after the
    quarter hour began another tool told it last. `slot`: when the quarter hour began. `covered` (of `all` alone): it is
    over, and whatever came in it is known; a quarter hour that nobody covered is missing, and not zero.
    """

    facet: str = Field(primary_key=True)
    slot: int = when(primary_key=True)
    name: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    n: int = 0
    covered: bool = False


class DayCount(SQLModel, table=True):
    """The same of a day of the company's calendar (2026-11-30). `known`: how many of its quarter hours are covered."""

    __tablename__ = "day_count"

    facet: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    n: int = 0
    known: int = 0


class Source(SQLModel, table=True):
    """Where counts come from: intercom, zendesk, or the name under which another tool reports its own.

    Its quarter hours are covered from `since` up to `covered_until` (None: nothing yet). `cursor`: where it is read on;
    "over": it tells no more.
    """

    name: str = Field(primary_key=True)
    since: int = when()
    covered_until: int | None = when(default=None)
    #: When it told us something last, be it that nothing came in.
    heard_at: int = when(default=0)
    cursor: str = ""


class Occasion(SQLModel, table=True):
    """What explains a change: a release, something planned that must not alarm anybody, or a fault that was found.

    `kind`: release | planned | fault. `ends_at` is None for a moment; `theme` "" for all. `origin`: the form, button or
    release that it came from.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    title: str
    theme: str = ""
    begins_at: int = when(index=True)
    ends_at: int | None = when(default=None)
    person: str = ""
    person_name: str = ""
    made_at: int = when()
    origin: str = Field(unique=True)
    removed_at: int | None = when(default=None)

    __table_args__ = NUMBERED


class Actives(SQLModel, table=True):
    """How many accounts were active on a day (2026-11-30), as somebody or some tool said."""

    day: str = Field(primary_key=True)
    n: int
    said_at: int = when()


class Cause(SQLModel, table=True):
    """A theme whose enquiries could be avoided, and what was done about it."""

    theme: str = Field(primary_key=True)
    done: str = ""
    url: str = ""
    #: From which day on that was done (2026-11-30); "" where nothing was done yet.
    since: str = ""
    person: str = ""
    person_name: str = ""
    set_at: int = when()
