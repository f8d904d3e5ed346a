"""What people do about escalations, in one world: raise, press what they see or saw, fill in what is open, leave."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.demo.company import CUSTOMERS
from app.demo.company import ESCALATIONS as CHANNEL
from integrations.slack.twin.door import Screen
from integrations.slack.twin.people import Unanswered
from tests.world import World
from workflows.engine.rows import keep
from workflows.engine.store import store
from workflows.tables.customer import Company

RAISERS = ("U0TANAKA", "U0SATO")
#: Whoever answers for customers; all of them may leave.
ANSWERING = ("U0MORI", "U0OKADA", "U0HAYASHI", "U0EMMA", "U0LEAD")
PEOPLE = (*RAISERS, *ANSWERING)
#: Two with an owner, one on record without, one that nobody knows.
COMPANIES = ("101", "103", "102", "new:はじめて商店")
INBOX = "https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/"
Request = tuple[dict[str, str], bytes]


@dataclass(frozen=True)
class Button:
    """A button as somebody saw it once; the message may have changed since."""

    channel: str
    ts: str
    name: str
    block: str

    @property
    def seen(self) -> dict[str, Any]:
        """The message, as far as this button goes."""
        return {"blocks": [json.loads(self.block)]}


class Colleagues:
    """The people of one world; remembers the requests that they caused and the buttons that they saw."""

    def __init__(self, world: World) -> None:
        self.world, self.slack = world, world.slack
        self.accepted = 0
        self.requests: list[Request] = []
        self.saw: dict[Button, None] = {}
        for customer in CUSTOMERS:
            company = {"id": customer.id, "name": customer.company, "tier": customer.tier}
            store.write(partial(keep, model=Company, row=company))
        self._answer = world.slack.sender
        self.slack.sender = self._send

    def _send(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.requests.append((headers, body))
        assert self._answer is not None
        return self._answer(headers, body)

    def here(self, person: str) -> bool:
        """Is somebody (still) in the workspace?"""
        return not self.slack.people[person].deleted

    # -- raising ------------------------------------------------------------

    def raise_(self, by: str, values: dict[str, str]) -> None:
        """Fill in the form and send it; nothing happens where it does not open."""
        view = self.slack.use_shortcut(by, "escalate").view
        if not view or view["callback_id"] != "escalate" or self._offers(by, values["company"]) is None:
            return
        screen = self.slack.submit(by, values)
        assert screen.errors == {}, screen
        self.accepted += screen.error == ""

    def _offers(self, by: str, company: str) -> list[tuple[str, str]] | None:
        names = {customer.id: customer.company for customer in CUSTOMERS}
        try:
            return self.slack.suggest(by, "company", names.get(company) or company.partition(":")[2])
        except Unanswered:
            return None

    # -- answering ----------------------------------------------------------

    def look_around(self) -> None:
        """Remember every button that can be seen."""
        for channel in (CHANNEL, *(f"D{person[1:]}" for person in PEOPLE)):
            for message in self.slack.messages(channel) if channel in self.slack.channels else []:
                for block in message.get("blocks", []):
                    for element in block.get("elements", []) if block["type"] == "actions" else []:
                        shown = json.dumps(block, ensure_ascii=False, sort_keys=True)
                        self.saw[Button(channel, message["ts"], element["action_id"], shown)] = None

    def buttons(self, wanted: Callable[[Button], bool] = lambda button: True) -> list[Button]:
        """The buttons that were ever seen, the newest last."""
        return [button for button in self.saw if wanted(button)]

    def may_press(self, person: str, button: Button) -> bool:
        """Are they here, and does the message reach them?"""
        return self.here(person) and button.channel in (CHANNEL, f"D{person[1:]}")

    def press(self, person: str, button: Button) -> Screen:
        """Press a button as it was seen."""
        return self.slack.press(person, button.channel, button.ts, button.name, seen=button.seen)

    def fill_in(self, person: str, risk: str, day: str, to: str) -> None:
        """Send the form that is open, if one is."""
        view = self.slack.view_of(person)
        if view is None or view["submit"] is None:
            return
        if view["callback_id"] == "judge":
            screen = self.slack.submit(person, {"churn_risk": risk, "next_step": "電話します", "next_date": day})
            assert screen.errors == {}, screen
        elif view["callback_id"] == "hand_on" and self.here(to):
            assert self.slack.submit(person, {"person": to, "note": "お願いします"}).errors == {}
