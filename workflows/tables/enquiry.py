"""The tables of enquiries: chats in threads, who waits since when, how it went, what was asked of whom, and
answers to use again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflows.tables.columns import NUMBERED, as_json, as_list, when


class Enquiry(SQLModel, table=True):
    """A conversation as the board of enquiries shows it; made out of what was said and done in it, again and again.

    `medium`: chat | mail | other. `state`: waiting | answering | customer | development | solved. `assignee` is a
    teammate in Intercom, "" for nobody.
    """

    conversation_id: str = Field(primary_key=True)
    medium: str = "chat"
    state: str
    assignee: str = ""
    assignee_name: str = ""
    #: Since when the customer has waited, and until when somebody wants to have answered; None while nobody waits.
    waiting_since: int | None = when(default=None)
    answer_by: int | None = when(default=None)
    #: When a customer or one of us said something last.
    said_at: int = when()
    #: When a customer wrote last.
    heard_at: int = when(default=0)
    solved_at: int | None = when(default=None)
    #: Brought from the past: nobody is told of it, and it counts as nothing new.
    is_past: bool = False
    #: The vendor's `updated_at` (Unix seconds) of what this was made out of: what is older changes nothing.
    as_of: int = when(default=0)
    #: The channel of its thread, chosen once, and where its first message stands (`<channel>/<ts>`); "" for none.
    channel: str = ""
    thread: str = ""
    #: A digest of what that message shows.
    shown: str = ""
    #: The run that brings its thread up to date now, until when nobody else does; and whether there is more to do.
    relayed_by: str = ""
    relayed_until: int = when(default=0)
    relay_again: bool = False

    __table_args__ = (
        sa.Index("ix_enquiry_state_said_at", "state", "said_at", "conversation_id"),
        sa.Index(
            "ix_enquiry_waiting_since",
            "waiting_since",
            sqlite_where=sa.text("waiting_since IS NOT NULL"),
            postgresql_where=sa.text("waiting_since IS NOT NULL"),
        ),
        sa.Index(
            "ix_enquiry_thread",
            "thread",
            sqlite_where=sa.text("thread <> ''"),
            postgresql_where=sa.text("thread <> ''"),
        ),
        sa.Index(
            "ix_enquiry_assignee",
            "assignee",
            sqlite_where=sa.text("state <> 'solved'"),
            postgresql_where=sa.text("state <> 'solved'"),
        ),
        # All that a list of open ones is narrowed and ordered by: among a million solved ones no row has to be fetched.
        sa.Index(
            "ix_enquiry_open",
            *("state", "waiting_since", "said_at", "conversation_id", "medium", "assignee", "assignee_name"),
            sqlite_where=sa.text("state <> 'solved'"),
            postgresql_where=sa.text("state <> 'solved'"),
        ),
    )


class Step(SQLModel, table=True):
    """Something that was done in a conversation without words. `kind`: opened | closed | snoozed | assigned."""

    __tablename__ = "enquiry_step"

    #: `<conversation>/<part>`.
    id: str = Field(primary_key=True)
    conversation_id: str = Field(index=True)
    kind: str
    #: The teammate who did it ("" for a machine or a customer), and by what name; `ours`: this service.
    who_id: str = ""
    who: str = ""
    ours: bool = False
    at: int = when()


class Wait(SQLModel, table=True):
    """A customer waited, from one of their messages until somebody answered. `kind`: first | next answer.

    `ended`: answered | closed, "" while it lasts. Minutes are business time of the company.
    """

    conversation_id: str = Field(primary_key=True)
    since: int = when(primary_key=True)
    kind: str
    medium: str = "chat"
    company_id: str = Field(default="", index=True)
    #: Business minutes within which somebody wants to answer, and the moment when they are over.
    target: int
    answer_by: int = when()
    #: How many of the warnings were given, and when the next is due; None where none will be.
    warned: int = 0
    warn_at: int | None = when(default=None)
    ended: str = ""
    ended_at: int | None = when(default=None)
    #: The teammate who ended it.
    ended_by: str = ""
    minutes: int | None = None

    __table_args__ = (
        sa.Index(
            "ix_wait_warn_at",
            "warn_at",
            sqlite_where=sa.text("warn_at IS NOT NULL"),
            postgresql_where=sa.text("warn_at IS NOT NULL"),
        ),
        sa.Index("ix_wait_ended_at", "ended_at"),
    )


class Course(SQLModel, table=True):
    """How an enquiry went, in figures; made out of what was said and done in it, again and again. It holds no words.

    Minutes are business time of the company, all else is milliseconds. What was said and done between our reopening it
    because of news and its next closing leaves no trace but in `news` and in the times the customer waited.
    """

    conversation_id: str = Field(primary_key=True)
    medium: str = "chat"
    #: When a customer wrote first; None where none ever did.
    began_at: int | None = when(default=None)
    #: When one of our people answered first, or when it was closed without; minutes until then, None while neither is.
    answered_at: int | None = when(default=None)
    given_up_at: int | None = when(default=None)
    answer_minutes: int | None = None
    #: Answers, and by how many of our people it was answered or closed.
    answers: int = 0
    helpers: int = 0
    #: How often it was closed, when first and last, minutes until then; and is it now?
    closings: int = 0
    first_closed_at: int | None = when(default=None)
    first_closed_minutes: int | None = None
    last_closed_at: int | None = when(default=None)
    last_closed_minutes: int | None = None
    is_closed: bool = False
    #: The customer wrote within seven days of a closing; and how often this service reopened it to tell news.
    is_back: bool = False
    news: int = 0
    #: How long it was our turn, all in all, but for what lasts since `waiting_since`.
    waited_ms: int = when(default=0)
    waited_minutes: int = 0
    waiting_since: int | None = when(default=None)
    #: The waits for later answers: since when, until when (None: it lasts), was it answered, and the minutes.
    later: list[list[Any]] = as_list()
    #: Out of how many messages and steps it was made: fewer, once some are forgotten, change nothing.
    made_of: int = 0

    __table_args__ = (
        sa.Index(
            "ix_course_began_at",
            "began_at",
            sqlite_where=sa.text("began_at IS NOT NULL"),
            postgresql_where=sa.text("began_at IS NOT NULL"),
        ),
    )


class CourseChange(SQLModel, table=True):
    """A course that began on this day (since 1970, UTC) changed, came, or began on another since the day was packed."""

    __tablename__ = "course_change"

    id: int | None = Field(default=None, primary_key=True)
    day: int = Field(index=True)


class CourseDay(SQLModel, table=True):
    """The courses of a day in one row, so that a quarter is a hundred rows, and not one for each conversation.

    It is true as long as no `CourseChange` names its day. `numbers` and `waits` are columns of whole numbers as
    `measure.kpis.packed` writes them; `refs`: the conversations in the same order.
    """

    __tablename__ = "course_day"

    day: int = Field(primary_key=True)
    refs: list[str] = as_list()
    numbers: bytes
    waits: bytes


class Ask(SQLModel, table=True):
    """Somebody asked colleagues with a skill how to answer; `is_private`: in direct messages, not in the thread."""

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: str = Field(index=True)
    skill: str = ""
    question: str
    is_private: bool = False
    #: The run that it came from: asked again, it is the same.
    origin: str = Field(unique=True)
    #: Slack ids of those who were asked.
    asked: list[str] = as_list()
    person: str
    person_name: str = ""
    asked_at: int = when(index=True)
    #: What was marked as the answer: by whom it was written, its words, and who marked it.
    answer: str = ""
    answered_by: str = ""
    answered_by_name: str = ""
    answered_at: int | None = when(default=None)
    marked_by: str = ""

    __table_args__ = NUMBERED


class Reply(SQLModel, table=True):
    """What a named person sent to a customer out of Slack. `state`: open | sent | refused (`why`)."""

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: str = Field(index=True)
    #: The form that it came from: sent again, it is the same.
    origin: str = Field(unique=True)
    text: str
    #: The person in Slack, and the teammate in Intercom in whose name it goes out.
    person: str
    person_name: str = ""
    admin_id: str = ""
    pressed_at: int = when()
    state: str = "open"
    why: str = ""
    part_id: str = ""
    #: The reusable answer it was made from, and whether it was changed before it was sent.
    know_how_id: int | None = Field(default=None, index=True)
    is_edited: bool = False

    __table_args__ = NUMBERED


class KnowHow(SQLModel, table=True):
    """An answer to use again (定型文): a text by language, who answers for it, and when to look at it again."""

    __tablename__ = "know_how"

    id: int | None = Field(default=None, primary_key=True)
    title: str
    kind: str = ""
    #: By language: ja, en.
    texts: dict[str, Any] = as_json()
    owner: str = ""
    owner_name: str = ""
    #: The day on which it has to be looked at again, as 2026-11-30; "" for none.
    review_on: str = ""
    made_by: str = ""
    made_by_name: str = ""
    made_at: int = when()
    #: The form or run that it came from.
    origin: str = Field(unique=True)
    changed_at: int = when()
    #: Nobody is offered it any more.
    retired_at: int | None = when(default=None)

    __table_args__ = NUMBERED
