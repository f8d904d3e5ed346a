"""The tables of notices: news that nobody asked for, and who is to hear of it."""

from __future__ import annotations

from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, as_list, when


class Notice(SQLModel, table=True):
    """Something changes on a day, and customers are to hear of it before: `audience` is all | companies | tier | tag.

    It is written, then opened by a lead; so long after that it can be taken back, then drafts are made (`opened_at`).
    """

    id: int | None = Field(default=None, primary_key=True)
    #: The form that it was written with: the same one is kept once.
    origin: str = Field(unique=True)
    title: str
    #: The first day on which it is so, on the company's calendar: YYYY-MM-DD.
    takes_effect: str
    text_ja: str
    #: "" where English-speaking customers read the Japanese text, too.
    text_en: str = ""
    audience: str = "all"
    names: list[str] = as_list()
    #: Who has written to us within so many months hears of it.
    months: int = 12
    #: So many days before, who is left is said in Slack; and those of them that are over.
    remind_days: list[int] = as_list()
    reminded: list[int] = as_list()
    #: Are customers who were told reminded once more, with the last of these reminders?
    again: bool = False
    #: The channel in Slack; "" for the support channel.
    channel: str = ""
    person: str = ""
    person_name: str = ""
    written_at: int = when()
    #: When drafts are made of it, because a lead opened it; None while nobody has.
    opens_at: int | None = when(default=None, index=True)
    opened_by: str = ""
    opened_by_name: str = ""
    opened_at: int | None = when(default=None)
    #: Was it opened in a dry run? Then it can be opened in earnest.
    dry: bool = False
    called_off_at: int | None = when(default=None)
    called_off_by: str = ""

    __table_args__ = NUMBERED


class Addressee(SQLModel, table=True):
    """Who a telling of a notice is for; there is one for each. `agent`: whose turn it is to tell them.

    Whoever has no conversation that can be used has a `conversation_id` that names them instead: `contact:…`.
    """

    release_id: str = Field(primary_key=True)
    conversation_id: str = Field(primary_key=True, index=True)
    contact_id: str = Field(index=True)
    company_id: str | None = None
    agent: str = Field(default="", index=True)
    agent_name: str = ""
