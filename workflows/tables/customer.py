"""The tables of customers: who they are, what they said, who answers for them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import as_list, when


class Company(SQLModel, table=True):
    """A customer's company as Intercom knows it. `mrr` is its monthly spend there."""

    id: str = Field(primary_key=True)
    name: str
    tier: str = ""
    mrr: float = 0.0


class CompanyPast(SQLModel, table=True):
    """What a company was worth from then on; a row for each change."""

    __tablename__ = "company_past"

    company_id: str = Field(primary_key=True)
    seen_at: int = when(primary_key=True)
    name: str
    tier: str = ""
    mrr: float = 0.0


class Contact(SQLModel, table=True):
    """A person at a customer."""

    id: str = Field(primary_key=True)
    name: str = ""
    email: str = ""
    company_id: str | None = None
    #: What they have chosen in Intercom, or their browser: ja, en-US; "" where it does not say.
    language: str = ""
    #: Has a mail to them bounced for good, have they marked one as spam? As of then; None where it was not said.
    has_bounced: bool | None = None
    marked_spam: bool | None = None
    #: When Intercom was asked for them last.
    seen_at: int = when(default=0)


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
    #: The customer's newest message that was looked at for a reason to suggest an escalation: its part's id.
    heard_part: str = ""


class Message(SQLModel, table=True):
    """What somebody wrote in a chat. `kind`: message | note (for colleagues only) | ours (a note of this service).

    Nothing is left of its text once it was redacted at the vendor.
    """

    #: `<conversation>/<part>`.
    id: str = Field(primary_key=True)
    conversation_id: str
    part_id: str
    kind: str
    #: Who wrote it, and are they a customer?
    who: str = ""
    is_customer: bool = False
    #: What wrote it, customer | agent | bot | other ("" as of before that was kept), and its id at Intercom.
    author: str = ""
    author_id: str = ""
    #: What hangs on it: `{"name", "url"}` each.
    attachments: list[dict[str, str]] = as_list()
    text: str
    #: Does Intercom say that it was sent as a mail? That it does not say so is all that False means.
    mailed: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    said_at: int = when()
    #: A digest of what its thread in Slack shows of it; "" for nothing.
    relayed: str = ""
    #: Does search not know yet what it says now?
    stale: bool = True

    __table_args__ = (
        sa.Index("ix_message_conversation_id_said_at", "conversation_id", "said_at"),
        sa.Index(
            "ix_message_stale",
            "id",
            sqlite_where=sa.text("stale"),
            postgresql_where=sa.text("stale"),
        ),
    )


class Owner(SQLModel, table=True):
    """Who answers for a company. `role`: owner | deputy | manager; `origin`: hand | import | intercom.

    `person` is a Slack id or an e-mail address; "" by hand means that it is nobody, whatever the others say. Of several
    origins the first in that order counts.
    """

    company_id: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    origin: str = Field(primary_key=True)
    person: str
    set_by: str = ""
    set_at: int = when()


class Churn(SQLModel, table=True):
    """A company that stopped being a customer, and on which day (YYYY-MM-DD): what judgements are measured against."""

    company_id: str = Field(primary_key=True)
    churned_on: str
    imported_at: int = when()
