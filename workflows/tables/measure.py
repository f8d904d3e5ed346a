"""The tables of measuring: what customers answered, who wants digests, and what was unusual in how many write."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, as_json, as_list, when


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


class AlertLimit(SQLModel, table=True):
    """From which score on it is an alert, as the last back-test found it. `name`: many | few | drift | themes.

    It would have alarmed `per_week` times a week, over `weeks` of the past: of `alarms`, each from when until when and
    of which theme. `choices`: the same for other wishes, each as how many a week, the limit, how many it would be.
    """

    __tablename__ = "alert_limit"

    name: str = Field(primary_key=True)
    threshold: float
    per_week: float
    weeks: float
    alarms: list[Any] = as_list()
    choices: list[Any] = as_list()
    #: The day before which all was looked at (2026-11-30).
    day: str
    is_learning: bool = False
    found_at: int = when()


class Alert(SQLModel, table=True):
    """Something unusual in how many write, from its beginning until it is over: one message.

    `kind`: many | few | drift | missing. `name`: a theme, or the source that is missing; "" for all. Moments are the
    ends of quarter hours. `peak`: how far it went, 1 being the limit. `rule`: usual | ceiling | learning. `came` and
    `usual`: since `since`. `verdict`: fault | expected | mistaken, "" until somebody says so.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    name: str = ""
    rule: str = ""
    since: int = when()
    began_at: int = when(index=True)
    loud_at: int = when()
    quiet: int = 0
    over_at: int | None = when(default=None)
    threshold: float = 0.0
    peak: float = 0.0
    came: int = 0
    usual: float = 0.0
    #: What grew, from whom it came, samples of it: see `workflows.measure.grew`.
    details: dict[str, Any] = as_json()
    #: One more with each change that is told.
    version: int = 1
    verdict: str = ""
    person: str = ""
    person_name: str = ""
    judged_at: int | None = when(default=None)
    occasion_id: int | None = None

    __table_args__ = (sa.UniqueConstraint("kind", "name", "began_at"), NUMBERED)
