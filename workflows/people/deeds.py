"""Deeds: who did what, when, and by which way in. One row for each, whatever the way.

begin(Act(person, DECIDE, PAGE, about="FB-12"))     # the first write from here on carries the row, in one commit
told(IMPORTED, file="owners.csv", n=12)             # … and says this of it, instead of what the table says
keep(act)                                           # at once, where nothing else is written
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlmodel import Session

from workflows.engine.companion import companion
from workflows.engine.rows import Values, insert_new
from workflows.engine.store import now_ms, store
from workflows.people.may import RIGHTS
from workflows.people.person import Person
from workflows.tables.people import Deed

#: The ways in.
PAGE, SLACK, CARD, COMMAND = "page", "slack", "card", "command"
#: … and how they are called where it is shown.
WAYS = {PAGE: "on a page", SLACK: "in Slack", CARD: "on the card in Intercom", COMMAND: "by a command"}
#: Letters of what a deed is about.
LONGEST = 120


@dataclass
class Act:
    """Somebody is at something. `about` names what: a wish, a file, a delivery.

    `origin` is the run it happens in, else a name of its own: a write whose commit lost its answer is written again,
    and this is not kept a second time then.
    """

    person: Person
    deed: str
    way: str
    about: str = ""
    origin: str = ""
    sentence: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    is_kept: bool = False

    def __post_init__(self) -> None:
        self.origin = self.origin or uuid4().hex

    def tell(self, sentence: str, about: str) -> None:
        """Say this of it, instead of what the table says."""
        self.sentence, self.facts = sentence, {"about": about[:LONGEST] or "–"}

    def along(self, session: Session, value: object) -> None:
        """Keep who did it together with what they did."""
        if not self.is_kept and _is_change(value):
            insert_new(session, Deed, [self._row()])

    def kept(self, value: object) -> None:
        """It is on disk, and is not kept again."""
        self.is_kept = self.is_kept or _is_change(value)

    def _row(self) -> Values:
        return {
            "person": self.person.id,
            "person_name": self.person.name,
            "sentence": self.sentence or RIGHTS[self.deed].sentence,
            "facts": self.facts if self.sentence else {"about": self.about[:LONGEST] or "–"},
            "done_at": now_ms(),
            "deed": self.deed,
            "way": self.way,
            "origin": self.origin,
        }


def _is_change(value: object) -> bool:
    """What a work has come to. A text says why nothing was changed, and "" that there is nothing to object; of
    anything else, False and the like say that it changed nothing."""
    return value is None or (not value if isinstance(value, str) else bool(value))


def begin(act: Act) -> None:
    """From here on somebody is at this; what they write first carries the row."""
    if RIGHTS[act.deed].sentence:
        companion.set(act)


@contextmanager
def at(act: Act) -> Iterator[Act]:
    """Somebody is at this in here, and at nothing afterwards."""
    begin(act)
    try:
        yield act
    finally:
        companion.set(None)


def told(sentence: str, **facts: str | int) -> None:
    """Say this of what somebody is at; also within the work that the row goes along with."""
    act = companion.get()
    if isinstance(act, Act):
        act.sentence, act.facts = sentence, dict(facts)


def finish() -> None:
    """What somebody was at is done, and nothing of it was written here."""
    act = companion.get()
    if isinstance(act, Act) and not act.is_kept:
        store.write(lambda _: None)


def keep(act: Act) -> None:
    """Keep it at once; for a run once, however often that is begun."""
    if RIGHTS[act.deed].sentence:
        with at(act):
            store.write(lambda _: None)
