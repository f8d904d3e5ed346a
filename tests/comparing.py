"""What tests of comparing share: requests that are alike, a message that asks about one, and its buttons.

case = Comparing(world, monkeypatch)
one, other = case.pair(sure=0.7)            # given: one is asked about, and the other is likely the same
case.press("same_wish", one, other)         # receive
assert case.merged_into(one) == other       # then
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from integrations.slack.twin.door import Screen
from tests.asking import AGENT, Asking
from tests.world import World
from workflows.engine.store import store
from workflows.tables.wish import Feedback
from workflows.wish import known
from workflows.wish.similar import Match, offered, refused


class Comparing(Asking):
    """A company in whose requests likenesses are found as a test says."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(world)
        #: How sure it is that any other request is the same as this one.
        self.sure: dict[int, float] = {}
        monkeypatch.setattr(offered, "like", self._like)
        monkeypatch.setattr(offered, "similar", self._similar)

    def _like(self, feedback_id: int, *, most: int, **_: Any) -> list[Match]:
        hidden = store.read(partial(refused.by, wishes=[feedback_id])) | {feedback_id}
        return [match for match in self._similar("", most=9) if match.feedback_id not in hidden][:most]

    def _similar(self, text: str, *, most: int, **_: Any) -> list[Match]:
        there = {wish.id: wish for wish in self.wishes() if wish.quote and not wish.withdrawn_at}
        named = [Match(id, there[id].quote, sure, ("CSV",)) for id, sure in self.sure.items() if id in there]
        return sorted(named, key=lambda match: -match.sure)[:most]

    # -- what there is ------------------------------------------------------

    def pair(self, sure: float = 0.7) -> tuple[int, int]:
        """A request about which its agent is asked, and an older one that is so surely the same."""
        other = self.world.wish(1).id or 0
        self.sure = {other: sure}
        return self.world.wish(0).id or 0, other

    @staticmethod
    def merged_into(wish: int) -> int | None:
        """In which other one a request ended up."""
        return store.read(partial(known.merged_into, feedback_id=wish))

    @staticmethod
    def are_apart(one: int, other: int) -> bool:
        """Did somebody say that these two are not the same?"""
        return other in store.read(partial(refused.by, wishes=[one]))

    @staticmethod
    def change(wish: int, **values: object) -> None:
        """Something becomes of a request meanwhile."""
        store.write(lambda session: [setattr(session.get_one(Feedback, wish), *each) for each in values.items()])

    # -- what people see and do ---------------------------------------------

    def message(self, wish: int, by: str = AGENT) -> dict[str, Any]:
        """The message that asked about a request."""
        return next(one for one in self.direct(by) if f'"write_context.{wish}"' in self.text_of(one))

    def said(self, wish: int) -> str:
        """All that it says."""
        return self.text_of(self.message(wish))

    def press(self, button: str, one: int, other: int, by: str = AGENT, seen: dict[str, Any] | None = None) -> Screen:
        """Somebody presses a button below a request; `seen`: in the message as it was before."""
        message = self.message(one)
        action = f"{button}.{one}.{other}"
        screen = self.slack.press(by, f"D{AGENT[1:]}", message["ts"], action, seen=seen)
        self.world.settle()
        return screen

    def whispers(self, to: str = AGENT) -> list[str]:
        """What only somebody was told."""
        return [str(one["text"]) for one in self.slack.whispers_to(to)]
