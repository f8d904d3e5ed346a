"""What escalation tests share: an agent who fills in the form, and what people then see.

case = Escalating(world)
case.raised(request="action")          # given: sent, posted
case.press(OWNER, "acknowledge")       # receive
assert case.one().state == "acknowledged"
"""

from __future__ import annotations

import json
from typing import Any

from sqlmodel import select

from app.demo.company import ESCALATIONS as CHANNEL
from integrations.slack.twin.door import Screen
from tests.world import World
from workflows.engine.store import store
from workflows.tables.customer import Company
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action

AGENT, OWNER, DEPUTY, MANAGER = "U0TANAKA", "U0MORI", "U0OKADA", "U0HAYASHI"
ENGLISH, LEAD = "U0EMMA", "U0LEAD"

__all__ = ["AGENT", "CHANNEL", "DEPUTY", "ENGLISH", "LEAD", "MANAGER", "OWNER", "Escalating"]


class Escalating:
    """One company in a world, whose agents escalate."""

    def __init__(self, world: World) -> None:
        self.world, self.slack = world, world.slack
        store.write(lambda session: session.merge(Company(id="101", name="株式会社あおば製作所", tier="Enterprise")))

    def filled(self, **others: str) -> dict[str, str]:
        """A form as an agent fills it in, but for what is said otherwise."""
        chat = self.world.intercom.books.conversations[self.world.chats[0]].id
        values = {
            "company": "101",
            "request": "action",
            "urgency": "now",
            "temperature": "high",
            "gist": "請求額が二重に引き落とされた",
            "history": "先月も同じことがあり、返金を約束しました。",
            "tried": "経理に確認中です。",
            "conversation": f"https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/{chat}",
        }
        return values | others

    def inputs(self, **others: str) -> dict[str, str]:
        """What a workflow hands to our step."""
        values = self.filled(company="株式会社あおば製作所", request="対応依頼", **others)
        return {**values, "conversation_url": values.pop("conversation"), "raised_by": AGENT}

    def send(self, values: dict[str, str], by: str = AGENT) -> Screen:
        """Open the form by the global shortcut and send it."""
        assert self.slack.use_shortcut(by, "escalate").view is not None
        if values["company"] and not values["company"].startswith(("new:", "chat:")):
            self.slack.suggest(by, "company", "あおば")
        elif values["company"]:
            self.slack.suggest(by, "company", values["company"].partition(":")[2])
        return self.slack.submit(by, values)

    def raised(self, by: str = AGENT, **others: str) -> Escalation:
        """An escalation that was raised, and of which everybody has heard."""
        before = {each.id for each in self.all()}
        screen = self.send(self.filled(**others), by)
        assert (screen.error, screen.errors) == ("", {})
        self.world.settle()
        return next(each for each in self.all() if each.id not in before)

    def all(self) -> list[Escalation]:
        """Every escalation, oldest first."""
        return list(store.read(lambda session: session.exec(select(Escalation).order_by(Escalation.id)).all()))

    def one(self) -> Escalation:
        """The only escalation, as it stands."""
        [escalation] = self.all()
        return escalation

    # -- what people see ----------------------------------------------------

    def posts(self) -> list[dict[str, Any]]:
        """The messages of the channel that are no replies."""
        return [each for each in self.slack.messages(CHANNEL) if each.get("thread_ts", each["ts"]) == each["ts"]]

    def thread(self) -> list[str]:
        """The replies in the channel."""
        return [
            each["text"] for each in self.slack.messages(CHANNEL) if each.get("thread_ts", each["ts"]) != each["ts"]
        ]

    def direct(self, person: str) -> list[dict[str, Any]]:
        """The direct messages to a person, replies included."""
        channel = f"D{person[1:]}"
        return self.slack.messages(channel) if channel in self.slack.channels else []

    def actions(self) -> list[Action]:
        """Everything that was done or left undone about escalations."""
        query = select(Action).where(Action.escalation_id != None)  # noqa: E711
        return list(store.read(lambda session: session.exec(query.order_by(Action.started_at)).all()))

    @staticmethod
    def text_of(message: dict[str, Any]) -> str:
        """Everything that a message says, its blocks included."""
        return str(message["text"]) + json.dumps(message["blocks"], ensure_ascii=False)

    # -- what people do -----------------------------------------------------

    def press(self, by: str, button: str, channel: str = CHANNEL, *, settle: bool = True) -> Screen:
        """Press a button of the newest message that has it."""
        message = next(each for each in reversed(self.slack.messages(channel)) if _has(each, button))
        screen = self.slack.press(by, channel, message["ts"], button)
        if settle:
            self.world.settle()
        return screen

    def judge(self, by: str, risk: str = "high", step: str = "本日中に電話します", day: str = "") -> Screen:
        """Fill in the judgement that is open."""
        screen = self.slack.submit(by, {"churn_risk": risk, "next_step": step, "next_date": day})
        self.world.settle()
        return screen

    def close(self, by: str, step: str = "返金し、お詫びしました") -> Screen:
        """Close it, by the button and its form."""
        self.press(by, "finish")
        return self.judge(by, "low", step)


def _has(message: dict[str, Any], button: str) -> bool:
    actions = [block for block in message.get("blocks", []) if block["type"] == "actions"]
    return any(element["action_id"] == button for block in actions for element in block["elements"])
