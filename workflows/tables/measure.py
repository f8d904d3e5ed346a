"""The tables of measuring: what customers answered when they were asked how it went, and who wants digests."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, as_list, when


def _index(name: str, *columns: str, where: str) -> sa.Index:
    """An index of some rows only."""
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


class Survey(SQLModel, table=True):
    """Somebody's solved conversation, and what they thought of it. One for each time that it was solved (`episode`).

    Asked at `asked_at`, or not because of `not_asked`, one of the reasons in `workflows.measure.surveys`. `score`:
    good | bad, "" until somebody says so; `origin`: link | intercom.
    """

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: str
    episode: int = when(index=True)
    contact_id: str = ""
    company_id: str = ""
    medium: str = "chat"
    #: The teammate in Intercom who answered last.
    admin_id: str = ""
    due_at: int | None = when(default=None)
    asked_at: int | None = when(default=None, index=True)
    not_asked: str = ""
    part_id: str = ""
    #: A digest of the secret in its link; None where there is no link.
    token: str | None = Field(default=None, unique=True)
    good_until: int | None = when(default=None)
    score: str = ""
    #: As Intercom has it, 1 to 5; None for a link's.
    rating: int | None = None
    reasons: list[str] = as_list()
    remark: str = ""
    origin: str = ""
    scored_at: int | None = when(default=None, index=True)

    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "episode"),
        _index("ix_survey_due_at", "due_at", where="due_at IS NOT NULL"),
        _index("ix_survey_said", "score", "origin", "medium", "scored_at", where="score <> ''"),
        _index("ix_survey_bad", "scored_at", where="score = 'bad'"),
        _index("ix_survey_asked", "score", "asked_at", where="part_id <> ''"),
        _index("ix_survey_not_asked", "not_asked", "episode", where="not_asked <> ''"),
        NUMBERED,
    )


class Subscription(SQLModel, table=True):
    """Somebody wants a digest. `kind`: daily | weekly; `way`: slack | mail | chatwork; `address`: where in that way.

    `person`: a Slack id or an e-mail address; for a channel or a room, whoever set it up.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    way: str
    address: str
    person: str
    language: str = "ja"
    begun_at: int = when()
    stopped_at: int | None = when(default=None)
    #: A digest of the secret in the link that stops it.
    token: str = Field(default="", index=True)
    #: The day whose digest was begun last (2026-11-30).
    begun_for: str = ""

    __table_args__ = (sa.UniqueConstraint("kind", "way", "address"), NUMBERED)
