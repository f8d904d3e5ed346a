"""The tables of work: what came in, the runs that follow from it, what they did to the outside, and who works.

Truth is here: the engine's own tables are a schedule that can be rebuilt from `run`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, as_json, when

#: What becomes of a delivery or a run: `open` until it is one of the others.
OPEN, DONE, IGNORED, DEAD = "open", "done", "ignored", "dead"


class Delivery(SQLModel, table=True):
    """One webhook request, raw. Kept so that it can be read again; `id` is `<source>:<vendor's id>`."""

    id: str = Field(primary_key=True)
    source: str
    topic: str
    #: sha256 of what was signed: catches a redelivery under another id.
    digest: str = Field(unique=True)
    content_type: str = ""
    body: bytes = b""
    state: str = Field(default=OPEN)
    reason: str = ""
    facts: dict[str, Any] = as_json()
    received_at: int = when()

    __table_args__ = (
        sa.Index("ix_delivery_received_at", "received_at", "source"),
        sa.Index(
            "ix_delivery_dead",
            "received_at",
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        ),
    )


class Run(SQLModel, table=True):
    """One execution of a story. The delivery's run has the delivery's id, a child `<parent>/<name>`."""

    id: str = Field(primary_key=True)
    delivery_id: str | None = Field(default=None, index=True)
    workflow: str
    arguments: dict[str, Any] = as_json()
    queue: str = "deliveries"
    state: str = Field(default=OPEN)
    reason: str = ""
    facts: dict[str, Any] = as_json()
    attempts: int = 0
    #: Attempts that failed, beside those that were only told to wait: each of them makes the next pause longer.
    failures: int = 0
    #: Attempts in a row that never came to an end: the process died.
    unfinished: int = 0
    #: How often it was handed to the engine; the engine's id is `<id>~<n>`.
    scheduled: int = 0
    #: The engine should have begun it by then.
    due_at: int = when()
    created_at: int = when()
    ended_at: int | None = when(default=None)
    #: When the current series of failures began; after 72 hours it is a dead letter.
    failing_since: int | None = when(default=None)
    #: It decides everything and writes nothing to vendors: see `engine.dry_run`.
    dry: bool = False

    __table_args__ = (sa.Index("ix_run_state_due_at", "state", "due_at"),)


class Action(SQLModel, table=True):
    """Something the service did to the outside, or decided not to do: audit trail, timeline and guard.

    `sentence` is the English sentence that `wording` translates, with `facts` for its gaps.
    `state`: started (in flight, or in doubt) · planned (certainly not applied yet) · done · skipped · would (decided in
    a dry run, so it was not done; `asked` among its facts is what would have been written).
    """

    key: str = Field(primary_key=True)
    run_id: str = Field(default="", index=True)
    verb: str
    target: str = ""
    state: str
    ref: str = ""
    url: str = ""
    sentence: str
    facts: dict[str, Any] = as_json()
    feedback_id: int | None = Field(default=None, index=True)
    conversation_id: str | None = Field(default=None, index=True)
    issue_id: str | None = Field(default=None, index=True)
    escalation_id: int | None = Field(default=None, index=True)
    attempts: int = 0
    #: When it was looked for at the vendor and not found, since it was started last.
    absent_at: int | None = when(default=None)
    started_at: int = when()
    ended_at: int | None = when(default=None, index=True)

    __table_args__ = (
        sa.Index(
            "ix_action_would",
            "started_at",
            sqlite_where=sa.text("state = 'would'"),
            postgresql_where=sa.text("state = 'would'"),
        ),
    )


class Executor(SQLModel, table=True):
    """A process that works off runs; without a heartbeat its work goes to the others."""

    id: str = Field(primary_key=True)
    heartbeat_at: int = when()


class Checked(SQLModel, table=True):
    """What a vendor said when somebody had its connection checked last."""

    vendor: str = Field(primary_key=True)
    #: `integrations.vendor.Finding`, each as an object.
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    at: int = when()


class Lease(SQLModel, table=True):
    """Who may do what only one process should do (`name`), until when; and when it was last done."""

    name: str = Field(primary_key=True)
    holder: str = ""
    until: int = when(default=0)
    last_at: int = when(default=0)


class Budget(SQLModel, table=True):
    """What a vendor allows all our processes together: `calls` in a window, of which `used` are somebody's, until
    `ends_at`; none at all until `closed_until`. For turns that are kept apart, `ends_at` is the next one.
    """

    name: str = Field(primary_key=True)
    calls: int = 0
    used: int = 0
    ends_at: int = when(default=0)
    closed_until: int = when(default=0)


class Restored(SQLModel, table=True):
    """This database came back from a backup: of which moment, and when the service noticed; None before it did."""

    id: int | None = Field(default=None, primary_key=True)
    taken_at: int = when()
    noticed_at: int | None = when(default=None)

    __table_args__ = NUMBERED
