"""The clock of a conversation: when its customer waited for an answer, worked out of what was said and done in it.

    clock.waits(said, done)      # [Waiting(since, "first", "answered", …), Waiting(since, "next")]

A customer waits from a message of theirs until one of our people answers, or until it is closed. Bots, machines and
notes answer nothing. What we write first, or reopen, lets nobody wait: their reply does, for their first answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workflows.rules.enquiry import FIRST, NEXT

ANSWERED, CLOSED = "answered", "closed"


@dataclass(frozen=True)
class Said:
    """Somebody wrote something. `is_answer`: one of our people did, to the customer."""

    at: int
    is_customer: bool
    is_answer: bool
    who_id: str = ""
    id: str = ""


@dataclass(frozen=True)
class Done:
    """Something was done without words. `kind`: opened | closed | snoozed | assigned; `ours`: this service did it."""

    at: int
    kind: str
    who_id: str = ""
    ours: bool = False
    id: str = ""


@dataclass(frozen=True)
class Waiting:
    """A customer waited. `ended`: answered | closed, "" while it lasts; `ended_by`: the teammate, "" for a machine."""

    since: int
    kind: str
    ended: str = ""
    ended_at: int | None = None
    ended_by: str = ""


def waits(said: Iterable[Said], done: Iterable[Done]) -> list[Waiting]:
    """When the customer waited, the oldest first; whatever the order is in which we learnt of things."""
    found: list[Waiting] = []
    was_heard = was_answered = False
    for each in in_order([*said, *done]):
        if isinstance(each, Said) and each.is_customer:
            was_heard = True
            _begin(found, each.at, NEXT if was_answered else FIRST)
        elif isinstance(each, Said) and each.is_answer:
            was_answered = was_answered or was_heard
            _end(found, each.at, ANSWERED, each.who_id)
        elif isinstance(each, Done) and each.kind == CLOSED:
            _end(found, each.at, CLOSED, "" if each.ours else each.who_id)
    return found


def lasting(waits: Sequence[Waiting]) -> Waiting | None:
    """The one of these that lasts; None while nobody waits."""
    return waits[-1] if waits and not waits[-1].ended else None


def in_order(everything: list[Said | Done]) -> list[Said | Done]:
    """By time; and the message that opens a conversation, whose number is of another kind, before all that is done."""
    everything.sort(key=_moment)
    opening = next((each for each in everything if isinstance(each, Said)), None)
    if opening is not None and opening.at == everything[0].at:
        everything.remove(opening)
        everything.insert(0, opening)
    return everything


def _moment(each: Said | Done) -> tuple[int, int, str, bool]:
    """Intercom counts seconds, and numbers what happens in one of them. What is said in closing comes before that."""
    return each.at, len(each.id), each.id, isinstance(each, Done)


def _begin(found: list[Waiting], at: int, kind: str) -> None:
    if found and found[-1].since == at:
        found[-1] = Waiting(at, found[-1].kind)  # it ended at the moment at which it began: it goes on
    elif not found or found[-1].ended:
        found.append(Waiting(at, kind))


def _end(found: list[Waiting], at: int, how: str, by: str) -> None:
    if found and not found[-1].ended:
        found[-1] = replace(found[-1], ended=how, ended_at=at, ended_by=by)
