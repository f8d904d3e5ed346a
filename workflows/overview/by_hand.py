"""By hand: what people did in their tools, as far as we have seen it, fetched for many matters at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlmodel import Session, col, select

from workflows.customer.reach import portions
from workflows.tables.customer import Message
from workflows.tables.runs import Action
from workflows.tables.wish import FeedbackIssue, Issue

REPLIED, NOTED, LINKED, ANSWERED = "replied", "noted", "linked", "answered"
#: What is said of each.
SENTENCES = {
    REPLIED: "{name} replied to the customer.",
    NOTED: "{name} left a note in the conversation.",
    LINKED: "Somebody linked {key}.",
}
#: The actions of people that answer an escalation.
TAKING = ("slack.acknowledge", "slack.start", "slack.close")


@dataclass(frozen=True)
class Deed:
    """Something that somebody did: one of the kinds above, when, and its sentence."""

    kind: str
    at: int
    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)


class Matter(Protocol):
    """What people may have dealt with: since when, where, and what they did."""

    at: int
    deeds: list[Deed]

    @property
    def feedback_id(self) -> int | None: ...

    @property
    def escalation_id(self) -> int | None: ...

    @property
    def conversation_id(self) -> str: ...


def add(session: Session, matters: Sequence[Matter], within_ms: int) -> None:
    """Give each of these matters what people did about it from then on, within so long."""
    said = _by(_said(session, {each.conversation_id for each in matters}))
    linked = _by(_linked(session, {each.feedback_id for each in matters}))
    answered = _by(_answered(session, {each.escalation_id for each in matters}))
    for each in matters:
        found = (*said[each.conversation_id], *linked[each.feedback_id], *answered[each.escalation_id])
        in_time = (deed for deed in found if each.at <= deed.at + 1000 and deed.at <= each.at + within_ms)
        each.deeds = sorted(in_time, key=lambda deed: deed.at)


def _by(found: Iterable[tuple[Any, Deed]]) -> dict[Any, list[Deed]]:
    deeds: dict[Any, list[Deed]] = defaultdict(list)
    for key, deed in found:
        deeds[key].append(deed)
    return deeds


def _said(session: Session, chats: set[str]) -> Iterator[tuple[str, Deed]]:
    """What colleagues wrote in these chats, to the customer or to each other."""
    kinds = {"message": REPLIED, "note": NOTED}
    for some in portions(sorted(chats - {""})):
        query = select(Message).where(col(Message.conversation_id).in_(some), ~col(Message.is_customer))
        for message in session.exec(query.where(col(Message.kind).in_(kinds))):
            kind = kinds[message.kind]
            yield message.conversation_id, Deed(kind, message.said_at, SENTENCES[kind], {"name": message.who or "?"})


def _linked(session: Session, wishes: set[int | None]) -> Iterator[tuple[int, Deed]]:
    """The issues for which these wishes came to wait."""
    for some in portions(sorted(wish for wish in wishes if wish)):
        query = select(FeedbackIssue, Issue.key).join(Issue, col(Issue.id) == FeedbackIssue.issue_id)
        for link, key in session.exec(query.where(col(FeedbackIssue.feedback_id).in_(some))):
            yield link.feedback_id, Deed(LINKED, link.linked_at, SENTENCES[LINKED], {"key": key})


def _answered(session: Session, escalations: set[int | None]) -> Iterator[tuple[int, Deed]]:
    """Who took these escalations on."""
    for some in portions(sorted(each for each in escalations if each)):
        query = select(Action).where(col(Action.escalation_id).in_(some), col(Action.verb).in_(TAKING))
        for action in session.exec(query.where(Action.state == "done")):
            at = action.ended_at or action.started_at
            yield action.escalation_id or 0, Deed(ANSWERED, at, action.sentence, action.facts)
