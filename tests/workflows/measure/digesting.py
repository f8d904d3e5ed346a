"""What tests of digests share: a clock, the rules, who gets one, and what arrived."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlmodel import col, select

from app.demo.company import CHANNEL, ROOMS
from tests.world import World
from workflows.engine.store import store
from workflows.measure import digest, subscriptions
from workflows.measure.subscriptions import CHATWORK, MAIL, SLACK
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.measure import Subscription

[(ROOM, NAME)] = ROOMS.items()
#: A Monday; the Monday in July is a holiday in Japan.
SUNDAY, MONDAY, TUESDAY, HOLIDAY, AFTER = "2026-05-31", "2026-06-01", "2026-06-02", "2026-07-20", "2026-07-21"
AGENT, MAIL_OF_AGENT = "U0TANAKA", "tanaka@kanade.example"
#: Where each way leads in these tests.
ADDRESSES = {SLACK: AGENT, MAIL: MAIL_OF_AGENT, CHATWORK: str(ROOM)}


def wants(way: str, kind: str = "daily", language: str = "ja", address: str = "", person: str = AGENT) -> int:
    """Somebody chooses a digest; its number."""
    return subscriptions.begin(kind, way, address or ADDRESSES[way], person, language)


def by_rules(**said: Any) -> None:
    """The rules name the company's own."""
    rules.chatwork_rooms = {NAME: str(ROOM)}
    rules.digest = replace(rules.digest, **said)


def tick(world: World) -> None:
    """Upkeep looks once, and everything comes to its end."""
    digest.start_due()
    world.settle()


def rows() -> list[Subscription]:
    """All that there are."""
    return store.read(
        lambda session: [copy_of(row) for row in session.exec(select(Subscription).order_by(col(Subscription.id)))]
    )


def in_slack(world: World, channel: str = CHANNEL) -> list[str]:
    """The first lines of what arrived in a channel, or from us with a person."""
    there = world.slack.messages(channel) if channel.startswith("C") else world.slack.told(channel)
    return [str(each["text"]) for each in there]


def mailed(world: World) -> list[tuple[str, str]]:
    """To whom mails went, and their subjects; the same Message-ID is the same mail."""
    once = {(mail.message_id, mail.to): (mail.to[0], mail.subject) for mail in world.stage.mail.mails}
    return list(once.values())


def in_chatwork(world: World) -> list[str]:
    """What stands in the room."""
    return world.chatwork.texts(ROOM)
