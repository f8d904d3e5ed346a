"""The tables of escalations: what was handed to whoever answers for a customer, and what they judged."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, when


class Escalation(SQLModel, table=True):
    """A complaint or a difficult enquiry, handed to the person who answers for that customer.

    `request`: action | consultation | information · `urgency`: now | today | week · `temperature`: high | medium | low
    `state`: open → acknowledged → working → done; `shared` for what is for information only.
    `chain`: whom it climbs to, in order, each {"role", "person"}; `rung` is the place in it that was asked last.
    """

    id: int | None = Field(default=None, primary_key=True)
    #: The delivery that raised it: however often that comes, it is one escalation.
    origin: str = Field(unique=True)
    via: str
    #: A Slack id; an e-mail address as long as nobody was found by it.
    raised_by: str = ""
    raised_by_name: str = ""
    company_id: str | None = Field(default=None, index=True)
    company: str
    request: str
    urgency: str
    temperature: str
    gist: str
    history: str = ""
    tried: str = ""
    conversation_id: str | None = Field(default=None, index=True)
    conversation_url: str = ""
    state: str
    chain: list[dict[str, str]] = Field(default_factory=list, sa_type=sa.JSON)
    #: Was it found out who answers? Until then the channel does, so that it is watched from the first moment.
    assigned: bool = False
    #: Who answers for it now: a Slack id, "" while nobody was found.
    person: str = ""
    role: str = ""
    #: Who is asked next, and when; None once nobody has to be.
    next_person: str = ""
    due_at: int | None = when(default=None)
    rung: int = 0
    #: A run asks the next person until then; afterwards another one may.
    reminding_until: int = when(default=0)
    #: Since when it is asked about daily; see `ladder.is_stale`.
    watched_since: int = when(default=0)
    #: How often somebody was asked again since the last sign of life.
    asked: int = 0
    #: How often it climbed to somebody else, ever.
    climbed: int = 0
    #: Which message in the channel shows it: the key of the action that posted it.
    post: str = Field(default="", index=True)
    #: Counts what happened to it, so that each change is shown once.
    changes: int = 0
    raised_at: int = when(index=True)
    posted_at: int | None = when(default=None)
    acknowledged_by: str = ""
    acknowledged_at: int | None = when(default=None)
    done_by: str = ""
    done_at: int | None = when(default=None)
    churn_risk: str = ""
    next_step: str = ""
    #: The day promised to the customer, YYYY-MM-DD; "" for none.
    next_date: str = ""
    #: It was raised in a dry run: people see it on the pages only, whatever the rules say later.
    dry: bool = False

    __table_args__ = (
        sa.Index("ix_escalation_state_due_at", "state", "due_at"),
        sa.Index(
            "ix_escalation_unposted",
            "raised_at",
            sqlite_where=sa.text("posted_at IS NULL"),
            postgresql_where=sa.text("posted_at IS NULL"),
        ),
        NUMBERED,
    )


class Judgement(SQLModel, table=True):
    """What the owner thought of a customer's risk to leave, on acknowledging (`ack`) or on closing (`done`)."""

    id: int | None = Field(default=None, primary_key=True)
    origin: str = Field(unique=True)
    escalation_id: int = Field(index=True)
    phase: str
    churn_risk: str
    next_step: str = ""
    next_date: str = ""
    person: str = ""
    judged_at: int = when()

    __table_args__ = NUMBERED
