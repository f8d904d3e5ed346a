"""What tests of filing share: an agent who is asked about a wish, fills in what is known, or files one by hand.

case = Asking(world)
wish = world.wish(0)                                   # given: tagged, filed, asked about
case.fill(wish, background="…", importance="high")     # receive
assert case.noted(wish).background == "…"              # then
"""

from __future__ import annotations

import json
from typing import Any

from sqlmodel import select

from integrations.slack.twin.door import Screen
from tests.world import World
from workflows.engine.store import store
from workflows.tables.customer import Company
from workflows.tables.runs import Action
from workflows.tables.wish import Asked, Context, Feedback

AGENT, OTHER, LEAD = "U0TANAKA", "U0SUZUKI", "U0LEAD"
WHY = "給与ソフトへの取り込みに毎月半日かかっている"


class Asking:
    """One company in a world, whose agents are asked."""

    def __init__(self, world: World) -> None:
        self.world, self.slack = world, world.slack
        store.write(lambda session: session.merge(Company(id="101", name="株式会社あおば製作所", tier="Enterprise")))

    # -- what people see ----------------------------------------------------

    def direct(self, person: str = AGENT) -> list[dict[str, Any]]:
        """The direct messages to a person, replies included."""
        channel = f"D{person[1:]}"
        return self.slack.messages(channel) if channel in self.slack.channels else []

    @staticmethod
    def text_of(message: dict[str, Any]) -> str:
        """Everything that a message says, its blocks included."""
        return str(message["text"]) + json.dumps(message["blocks"], ensure_ascii=False)

    def initial(self, screen: Screen, block_id: str) -> str:
        """With what a field of the form is filled in at first."""
        assert screen.view is not None, screen.error
        element = next(block for block in screen.view["blocks"] if block.get("block_id") == block_id)["element"]
        option = element.get("initial_option")
        return str(option["value"] if option else element.get("initial_value", ""))

    def noted(self, wish: Feedback) -> Context:
        """What was noted about a wish last."""
        return self.notes_on(wish)[-1]

    @staticmethod
    def notes_on(wish: Feedback) -> list[Context]:
        """Everything that was ever noted about a wish, oldest first."""
        query = select(Context).where(Context.feedback_id == wish.id).order_by(Context.id)
        return list(store.read(lambda session: session.exec(query).all()))

    @staticmethod
    def asked() -> list[Asked]:
        """About what somebody was asked."""
        return list(store.read(lambda session: session.exec(select(Asked).order_by(Asked.feedback_id)).all()))

    @staticmethod
    def wishes() -> list[Feedback]:
        """Every wish, oldest first."""
        return list(store.read(lambda session: session.exec(select(Feedback).order_by(Feedback.id)).all()))

    @staticmethod
    def actions(wish: Feedback) -> list[Action]:
        """What was done and left undone about a wish."""
        query = select(Action).where(Action.feedback_id == wish.id).order_by(Action.started_at)
        return list(store.read(lambda session: session.exec(query).all()))

    def below(self, wish: Feedback) -> str:
        """What stands at a wish's note in Productboard, comments included."""
        board = self.world.productboard
        note = board.notes[wish.note_id]
        return note.content + "".join(note.comments.values())

    # -- what people do -----------------------------------------------------

    def open(self, wish: Feedback, by: str = AGENT, channel: str = "") -> Screen:
        """Press the button of the newest message that has one for this wish."""
        place = channel or f"D{by[1:]}"
        for message in reversed(self.slack.messages(place)):
            seen = json.dumps(message["blocks"])
            if f'"write_context.{wish.id}"' in seen:
                return self.slack.press(by, place, message["ts"], f"write_context.{wish.id}")
        raise AssertionError(f"nothing asks {by} about FB-{wish.id}")

    def fill(self, wish: Feedback, by: str = AGENT, channel: str = "", **values: str) -> Screen:
        """Open the form about a wish, fill it in and send it."""
        assert self.open(wish, by, channel).view is not None
        return self.send(by, values)

    def send(self, by: str, values: dict[str, str]) -> Screen:
        """Send the form that is open; what it gives way to is read and closed."""
        screen = self.slack.submit(by, values)
        if not screen.errors and not screen.error:
            self.slack.close(by)
        self.world.settle()
        return screen

    def say(self, text: str, channel: str = "") -> str:
        """Somebody writes into a channel; the message's `ts`."""
        return self.slack.say(channel or self.world.channel, OTHER, text)

    def shortcut(self, ts: str, by: str = AGENT) -> Screen:
        """Somebody picks the shortcut in the menu of a message."""
        return self.slack.use_message_shortcut(by, "file_wish", self.world.channel, ts)

    def file(self, ts: str, by: str = AGENT, company: str = "101", **values: str) -> Screen:
        """Somebody files a message as a wish."""
        self.shortcut(ts, by)
        self.slack.suggest(by, "company", "あおば" if company == "101" else company.partition(":")[2])
        return self.send(by, {"company": company} | values)
