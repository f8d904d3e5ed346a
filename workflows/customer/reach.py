"""Reach: the rows in which somebody's words may stand, found by what is to be erased.

whom = Subject("conversation", "215")                  # or a contact, or the parts of a chat that were redacted
reach = store.read(partial(of, whom=whom))             # by ids, which stay; so it may be asked again and again
reach = replace(reach, deliveries=told_of(reach))      # raw bodies have to be looked through, page by page
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from workflows.customer.erasures import CHAT, PERSON
from workflows.engine.actions import ref_of
from workflows.engine.rows import table_of
from workflows.engine.store import store
from workflows.tables.customer import Contact, Conversation, Message
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.runs import OPEN, Action, Delivery, Run
from workflows.tables.telling import Telling
from workflows.tables.wish import Context, Feedback, FeedbackIssue, Issue

#: Raw bodies that are looked through in one question; ids in one condition.
PAGE, SOME = 500, 300
Ids = frozenset[Any]
NONE: Ids = frozenset()


@dataclass(frozen=True)
class Subject:
    """Whose words are to be gone: a conversation's, a contact's, or only those of `parts` of a conversation."""

    kind: str
    id: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reach:
    """Rows by their ids. What has another name than its table: see the comments."""

    contacts: Ids = NONE
    chats: Ids = NONE
    #: Chats of which everything goes, not one message alone.
    whole_chats: Ids = NONE
    #: Chats whose first message it is about; whose drafts quote it.
    openings: Ids = NONE
    drafts: Ids = NONE
    messages: Ids = NONE
    #: Messages whose author is to be forgotten as well.
    authors: Ids = NONE
    wishes: Ids = NONE
    #: Wishes of which everything goes, not the quote alone; and what was written at their submission.
    whole: Ids = NONE
    escalations: Ids = NONE
    #: Jira issues that were created from such a wish, and are called by its words.
    issues: Ids = NONE
    deliveries: Ids = NONE
    runs: Ids = NONE
    actions: Ids = NONE
    #: What stands in a raw body that is about it.
    marks: frozenset[bytes] = field(default=frozenset())


def of(whom: Subject) -> Reach:
    """All of it. Raw bodies are looked through page by page, so this takes its time."""
    found = store.read(partial(rows, whom=whom))
    found = replace(found, deliveries=_bodies(found.marks) | store.read(partial(_origins, found)))
    return replace(found, runs=store.read(partial(runs, found)))


def rows(session: Session, whom: Subject) -> Reach:
    """Everything but raw bodies, and the runs that these began."""
    chats = _chats(session, whom)
    messages = _messages(session, whom, chats)
    wishes = _wishes(session, whom, chats)
    is_part = bool(whom.parts)
    escalations = NONE if is_part else _ids(session, Escalation, "conversation_id", chats)
    issues = _made_into(session, wishes)
    owned = _ids(session, FeedbackIssue, "feedback_id", wishes, "issue_id")
    actions = _actions(session, wishes, NONE if is_part else chats, escalations, issues)
    return Reach(
        contacts=frozenset({whom.id}) if whom.kind == PERSON else NONE,
        chats=chats,
        whole_chats=NONE if is_part else chats,
        openings=chats if not is_part or "" in whom.parts else NONE,
        drafts=_drafts(session, chats) if not is_part or wishes else NONE,
        messages=messages,
        authors=NONE if is_part else _ids(session, Message, "id", messages, where=col(Message.is_customer)),
        wishes=wishes,
        whole=NONE if is_part else wishes,
        escalations=escalations,
        issues=issues,
        actions=actions,
        marks=frozenset(_marks(session, whom, chats, owned | issues, actions)),
    )


def _chats(session: Session, whom: Subject) -> Ids:
    if whom.kind == CHAT:
        return frozenset({whom.id})
    theirs = _ids(session, Conversation, "contact_id", {whom.id})
    return theirs | _ids(session, Feedback, "contact_id", {whom.id}, "conversation_id")


def _drafts(session: Session, chats: Ids) -> Ids:
    """The chats whose drafts quote or name them: theirs, those that somebody chose to have told in theirs, and those
    that are told in one message with theirs."""
    own = chats | _ids(session, Telling, "via", chats, "conversation_id")
    rows = (session.exec(select(Telling).where(col(Telling.conversation_id).in_(some))) for some in portions(own))
    first = {each.joined or f"{each.release_id}/{each.conversation_id}" for found in rows for each in found}
    leading = {name.partition("/")[2] for name in first}
    return own | leading | _ids(session, Telling, "joined", first, "conversation_id")


def _messages(session: Session, whom: Subject, chats: Ids) -> Ids:
    """What was said; of a chat of which only parts go, our own notes as well: they quote them."""
    if not whom.parts:
        return _ids(session, Message, "conversation_id", chats)
    of_parts = col(Message.part_id).in_(whom.parts) | (col(Message.kind) == "ours")
    return _ids(session, Message, "conversation_id", chats, where=of_parts)


def _wishes(session: Session, whom: Subject, chats: Ids) -> Ids:
    """What was filed there; a wish that was split off a part is called `<part>#2`."""
    found = _ids(session, Feedback, "conversation_id", chats)
    if whom.kind == PERSON:
        return found | _ids(session, Feedback, "contact_id", {whom.id})
    if not whom.parts:
        return found
    rows = session.exec(select(Feedback.id, Feedback.part_id).where(col(Feedback.id).in_(found)))
    return frozenset(id for id, part in rows if part.partition("#")[0] in whom.parts)


def _made_into(session: Session, wishes: Ids) -> Ids:
    """The issues that were created from these wishes."""
    keys = _ids(session, Action, "key", {f"issue-for:{id}" for id in wishes}, "ref")
    return _ids(session, Issue, "key", keys - {""})


def _actions(session: Session, wishes: Ids, chats: Ids, escalations: Ids, issues: Ids) -> Ids:
    of_these = {"feedback_id": wishes, "conversation_id": chats, "escalation_id": escalations, "issue_id": issues}
    return frozenset[Any]().union(*(_ids(session, Action, name, ids, "key") for name, ids in of_these.items()))


def _marks(session: Session, whom: Subject, chats: Ids, issues: Ids, actions: Ids) -> Iterator[bytes]:
    """The chat's number (in Slack: the message's), the person's, and the names of issues and messages that quote it."""
    yield from (chat.rpartition("/")[2].encode() for chat in chats if chat)
    yield from (f'"{key}"'.encode() for key in _ids(session, Issue, "id", issues, "key"))
    in_slack = _ids(session, Action, "key", actions, "key", where=col(Action.verb).startswith("slack."))
    yield from (ref_of(key).encode() for key in in_slack)
    if whom.kind == PERSON:
        contact = session.get(Contact, whom.id)
        yield from (f'"{name}"'.encode() for name in (whom.id, contact.email if contact else "") if name)


def _ids(
    session: Session, model: type[SQLModel], column: str, values: Collection[Any], wanted: str = "id", where: Any = None
) -> Ids:
    """The ids of the rows that have one of these values in a column."""
    table, found = table_of(model), set()
    for some in portions(values):
        query = sa.select(table.c[wanted]).where(table.c[column].in_(some))
        found |= set(session.execute(query if where is None else query.where(where)).scalars())
    return frozenset(found)


def portions(values: Collection[Any]) -> Iterator[list[Any]]:
    """Not more at once than a condition takes."""
    ordered = sorted(values)
    return (ordered[first : first + SOME] for first in range(0, len(ordered), SOME))


# -- deliveries, and what they began --------------------------------------------------------------


def _origins(reach: Reach, session: Session) -> Ids:
    """The deliveries with which forms were sent, and from which our own actions followed."""
    named = _ids(session, Escalation, "id", reach.escalations, "origin")
    named |= _ids(session, Judgement, "escalation_id", reach.escalations, "origin")
    named |= _ids(session, Context, "feedback_id", reach.whole, "origin")
    marks = _ids(session, Feedback, "id", reach.wishes, "mark")
    named |= _ids(session, Action, "key", {f"taken:{mark}" for mark in marks}, "run_id")
    named |= _ids(
        session, Action, "feedback_id", reach.whole, "run_id", where=col(Action.key).startswith("taken-from:")
    )
    return _ids(session, Delivery, "id", named)


def _bodies(marks: frozenset[bytes]) -> Ids:
    found: set[str] = set()
    after = ""
    while marks and (page := store.read(partial(_page, after, marks))):
        found |= {id for id, holds in page if holds}
        after = page[-1][0]
    return frozenset(found)


def _page(after: str, marks: frozenset[bytes], session: Session) -> list[tuple[str, bool]]:
    """The next deliveries, and whether each is about it; the bodies themselves stay where they are."""
    table = table_of(Delivery)
    holds = sa.or_(*(_holds(session, table.c.body, mark) for mark in sorted(marks)))
    query = sa.select(table.c.id, holds).where(table.c.id > after).order_by(table.c.id).limit(PAGE)
    return [(id, bool(is_about)) for id, is_about in session.execute(query)]


def _holds(session: Session, body: Any, mark: bytes) -> Any:
    part = sa.literal(mark, sa.LargeBinary)
    if session.get_bind().dialect.name == "sqlite":
        return sa.func.instr(body, part) > 0
    return sa.func.position(part.op("IN")(body)) > 0


def runs(reach: Reach, session: Session) -> Ids:
    """The runs that a delivery about it began, or whose arguments name it."""
    found = _ids(session, Run, "delivery_id", reach.deliveries)
    for name, ids in (
        ("conversation_id", reach.chats),
        ("contact_id", reach.contacts),
        ("feedback_id", reach.wishes),
        ("escalation_id", reach.escalations),
    ):
        argument = sa.cast(table_of(Run).c.arguments[name].as_string(), sa.String)  # a number, on SQLite, unless told
        for some in portions({str(id) for id in ids}):
            found |= frozenset(session.exec(select(Run.id).where(argument.in_(some))))
    return found


def at_work(session: Session, reach: Reach, me: str, alike: Collection[str]) -> bool:
    """Is a run under way that may still write some of it? Those that erase (`alike`) do not wait for each other."""
    for some in portions(reach.runs):
        others = select(Run.id).where(
            col(Run.id).in_(some),
            Run.state == OPEN,
            Run.id != me,
            col(Run.workflow).not_in(alike),
        )
        if session.exec(others.limit(1)).first() is not None:
            return True
    return False
