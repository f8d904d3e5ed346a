"""The tables. Every time is milliseconds since 1970 in UTC (`*_at`); every id of a vendor is text.

Truth is here: the engine's own tables are a schedule that can be rebuilt from `run`.
"""

from __future__ import annotations

from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

#: What becomes of a delivery or a run: `open` until it is one of the others.
OPEN, DONE, IGNORED, DEAD = "open", "done", "ignored", "dead"


Row = TypeVar("Row", bound=SQLModel)


def copy_of(row: Row) -> Row:
    """A row with the same values that no session knows: work for the store may run twice."""
    return type(row)(**row.model_dump())


def as_json() -> Any:
    """A column with an object; empty by default."""
    return Field(default_factory=dict, sa_type=sa.JSON)


def when(**options: Any) -> Any:
    """A column with a moment, in milliseconds."""
    return Field(sa_type=sa.BigInteger, **options)


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
    received_at: int = when(index=True)


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

    __table_args__ = (sa.Index("ix_run_state_due_at", "state", "due_at"),)


class Action(SQLModel, table=True):
    """Something the service did to the outside, or decided not to do: audit trail, timeline and guard.

    `sentence` is the English sentence that `wording` translates, with `facts` for its gaps.
    `state`: started (in flight, or in doubt) · planned (certainly not applied yet) · done · skipped.
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
    started_at: int = when()
    ended_at: int | None = when(default=None, index=True)


class Company(SQLModel, table=True):
    """A customer's company as Intercom knows it. `mrr` is its monthly spend there."""

    id: str = Field(primary_key=True)
    name: str
    tier: str = ""
    mrr: float = 0.0


class Contact(SQLModel, table=True):
    """A person at a customer."""

    id: str = Field(primary_key=True)
    name: str = ""
    email: str = ""
    company_id: str | None = None


class Conversation(SQLModel, table=True):
    """A chat at Intercom, as last seen."""

    id: str = Field(primary_key=True)
    url: str
    state: str = ""
    opening: str = ""
    contact_id: str | None = None
    company_id: str | None = Field(default=None, index=True)
    created_at: int = when(index=True)
    #: The vendor's `updated_at` (Unix seconds) when we last filed what was tagged in it.
    filed_up_to: int = 0


class Feedback(SQLModel, table=True):
    """One customer's wish: a tagged message, its author, and the agent who took it.

    A wish that was not said in a chat has a `conversation_id` that names its source instead: `slack:…` or `hand:…`.
    """

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: str = Field(index=True)
    part_id: str
    kind: str
    tag: str
    quote: str
    contact_id: str | None = None
    company_id: str | None = Field(default=None, index=True)
    taken_by: str = ""
    taken_by_name: str = ""
    note_id: str = Field(default="", index=True)
    note_url: str = ""
    said_at: int = when()
    taken_at: int = when(index=True)
    #: Where it was said: intercom (a chat there), slack, phone or mail; and the address of that, unless it is a chat.
    source: str = "intercom"
    source_url: str = ""
    #: Whom it is from, as somebody typed it: where no company or no contact is on record for it.
    company_name: str = ""
    person_name: str = ""
    #: The wish in which this one ended up by mergers, and the conclusion that holds: `records.triage` keeps both.
    merged_into: int | None = Field(default=None, index=True)
    conclusion: str = ""

    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "part_id", "kind"),
        sa.Index("ix_feedback_contact_id_said_at", "contact_id", "said_at"),
    )


class Feature(SQLModel, table=True):
    """What product people make of wishes: a feature at Productboard."""

    id: str = Field(primary_key=True)
    name: str = ""
    status: str = ""
    url: str = ""


class Issue(SQLModel, table=True):
    """A Jira issue that some feedback waits for. `cycle` counts how often it became done."""

    id: str = Field(primary_key=True)
    key: str = Field(index=True)
    summary: str = ""
    url: str = ""
    status: str = ""
    category: str = ""
    resolution: str = ""
    cycle: int = 0
    checked_at: int = when(default=0)


class FeedbackFeature(SQLModel, table=True):
    """Feedback – Feature, many to many."""

    feedback_id: int = Field(primary_key=True)
    feature_id: str = Field(primary_key=True, index=True)
    linked_at: int = when()


class FeatureIssue(SQLModel, table=True):
    """Feature – Issue, as Productboard's Jira connections say."""

    feature_id: str = Field(primary_key=True)
    issue_id: str = Field(primary_key=True, index=True)
    linked_at: int = when()


class FeedbackIssue(SQLModel, table=True):
    """Feedback – Issue, many to many; survives closing. `origin`: productboard | jira | operator."""

    feedback_id: int = Field(primary_key=True)
    issue_id: str = Field(primary_key=True, index=True)
    origin: str
    #: The issue's cycle when the link was made: cycles up to this one were not meant for this feedback.
    from_cycle: int = 0
    linked_at: int = when()


class Mention(SQLModel, table=True):
    """An issue that holds a conversation's link although nothing has been filed from it (yet)."""

    conversation_id: str = Field(primary_key=True)
    issue_id: str = Field(primary_key=True)
    from_cycle: int = 0
    noticed_at: int = when()


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
    """What is owed to one conversation because of one release: owed → drafted → told, or excused.

    `drafted` means the chat is open again with a draft; `told` that a named person wrote to the customer.
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


class Executor(SQLModel, table=True):
    """A process that works off runs; without a heartbeat its work goes to the others."""

    id: str = Field(primary_key=True)
    heartbeat_at: int = when()


class Lease(SQLModel, table=True):
    """Who may do what only one process should do (`name`), until when; and when it was last done."""

    name: str = Field(primary_key=True)
    holder: str = ""
    until: int = when(default=0)
    last_at: int = when(default=0)
