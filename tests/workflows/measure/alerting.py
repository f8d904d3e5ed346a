"""What tests of alerts share: a company's counted past, a clock, a spike, and what the channel says of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from sqlmodel import Session, col, select

from app.demo.company import CHANNEL, ROOMS
from tests.clock import Hands
from tests.world import World
from workflows.engine.durable import child, spawn
from workflows.engine.store import now_ms, store
from workflows.measure import alert, usual
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.measure import Alert
from workflows.volume import arrivals, counts, slots
from workflows.volume.counts import ALL, THEME, Key
from workflows.volume.slots import SLOT_MS

[(ROOM, NAME)] = ROOMS.items()
#: A Tuesday, an hour in which many write.
TUESDAY = "2026-06-02"
NOON = f"{TUESDAY} 14:00"
LOGIN, BILL, OTHER = "word:ログイン", "word:請求書", "word:そのほか"
#: How many come in a quarter hour while it is open, and else; and a theme's share.
OPEN, ELSE, SHARE = 5.0, 0.2, {LOGIN: 0.15, BILL: 0.3}
AGENT = "U0TANAKA"


def switched_on(**said: Any) -> None:
    """The rules say that alerts are wanted."""
    rules.chatwork_rooms = {NAME: str(ROOM)}
    rules.alerts = replace(rules.alerts, **({"channel": CHANNEL} | said))


def past(weeks: int = 4, seed: int = 7) -> None:
    """So many weeks were counted up to now."""
    random, until = np.random.default_rng(seed), slots.of(now_ms())
    n: Counter[Key] = Counter()
    for slot in range(until - weeks * usual.WEEK_MS, until, SLOT_MS):
        came = int(random.poisson(OPEN if rules.calendar.is_open(slot) else ELSE))
        n[Key(ALL, slot, "", "intercom")] = came
        for theme, share in SHARE.items():
            n[Key(THEME, slot, theme, "intercom")] = int(random.binomial(came, share))

    def keep(session: Session) -> None:
        counts.add(session, n)
        counts.cover(session, "intercom", until, since=until - weeks * usual.WEEK_MS)

    store.write(keep)


class Desk:
    """A quarter hour after the other, each looked at once it is over."""

    def __init__(self, world: World, hands: Hands) -> None:
        self._world, self._hands, self._n = world, hands, 0

    def quarter(self, n: int, theme: str = OTHER, company: str = "") -> None:
        """So many write, the quarter hour is over, and it is looked at."""
        self.came(n, theme, company)
        self.look()

    def came(self, n: int, theme: str = OTHER, company: str = "") -> None:
        """So many write about a theme, each of a company of its own or all of one; then the quarter hour is over."""
        begins = slots.of(now_ms())
        rows = []
        for number in range(n):
            self._n += 1
            of = company or f"c{number}"
            url = f"https://app.intercom.com/a/inbox/x/conversation/{self._n}"
            at = begins + number * 1000
            rows.append(
                arrivals.row("intercom", str(self._n), at, medium="chat", company_id=of, themes=[theme], url=url)
            )
        store.write(lambda session: arrivals.keep(session, rows))
        self._hands.go_on(15 * 60)

    def look(self, *, covered: bool = True) -> None:
        """Upkeep looks; everything comes to its end."""
        if covered:
            store.write(lambda session: counts.cover(session, "intercom", slots.of(now_ms())))
        runs = store.write(alert.looks)
        spawn(runs)
        self._world.settle()

    def quiet(self, quarters: int = 1) -> None:
        """As many write as usual."""
        for _ in range(quarters):
            self.quarter(int(OPEN))


def rows() -> list[Alert]:
    """All alerts there are."""
    return store.read(lambda session: [copy_of(row) for row in session.exec(select(Alert).order_by(col(Alert.id)))])


def said(world: World) -> list[str]:
    """The messages about alerts in the channel, each as all of its text."""
    return [text(each) for each in world.slack.messages(CHANNEL) if any(mark in text(each) for mark in "📈📉⚠✅")]


def text(message: dict[str, Any]) -> str:
    """All that a message says."""
    parts = [str(message["text"])]
    for block in message.get("blocks", ()):
        parts += [str(element.get("text", element)) for element in (*block.get("elements", ()), block)]
    return "\n".join(parts)


def judge(world: World, verdict: str, value: str) -> None:
    """Somebody presses a button of the message."""
    about = {"user_id": AGENT, "value": value, "channel": CHANNEL, "ts": "1.1"}
    spawn([child(f"pressed:{verdict}:{value}:{now_ms()}", f"alert.{verdict}", **about)])
    world.settle()


def pictures(world: World) -> list[str]:
    """The files that stand in Slack, in their order."""
    return [file["name"] for message in world.slack.messages(CHANNEL) for file in message.get("files", [])]
