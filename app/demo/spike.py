"""A fault in the demo: many customers write about the same within half an hour; the alert arrives and explains itself.

Nobody waits for quarter hours in a demo: they wrote two hours ago, and it is over as soon as somebody lets time
pass, or at the next quarter hour. What counts, looks and tells is what does so anywhere.
"""

from __future__ import annotations

import time
from functools import partial

from sqlmodel import Session

from app.demo.company import CUSTOMERS
from app.demo.counted import FROM
from app.demo.people import Did, Mistaken
from app.demo.stage import Stage
from workflows.engine.durable import child, spawn
from workflows.engine.store import now_ms, store
from workflows.measure import alert, alerts
from workflows.measure.limits import MANY
from workflows.tables.runs import Lease
from workflows.tables.volume import Arrival
from workflows.volume import counts, occasions, slots, sources
from workflows.volume.slots import SLOT_MS

#: How many write; so many quarter hours ago it began, and so many it lasts.
WRITE, BEGAN, LASTS = 16, 9, 2
WORDS = (
    "ログインできません。",
    "今朝からログインできません。",
    "アプリにログインすると画面が真っ白です。",
    "ログインができず困っています。",
)
#: Seconds within which what they wrote is counted.
PATIENCE = 15.0


def spike(stage: Stage) -> Did:
    """Many write. Raises Mistaken while the last fault goes on."""
    begins = slots.of(now_ms()) - BEGAN * SLOT_MS
    if store.read(partial(_goes_on, since=begins)):
        raise Mistaken("The last fault is not over yet.")
    release = {"kind": occasions.RELEASE, "title": "4.8.0 ログイン画面の変更", "theme": ""}
    occasions.enter(
        {**release, "begins_at": begins - 1200_000, "ends_at": None}, by=FROM, origin=f"demo/spike/{begins}"
    )
    chats = [_write(stage, begins, number) for number in range(WRITE)]
    _wait_for(chats)
    store.write(partial(_look_again_from, at=begins))
    look_on(begins + LASTS * SLOT_MS)
    return Did("{n} customers wrote within half an hour that they cannot sign in.", {"n": WRITE})


def ahead(session: Session) -> int | None:
    """Up to when there is something to look at, while a fault goes on; None for nothing."""
    known, looked = slots.of(sources.known_until(session)), session.get(Lease, alert.LOOKED)
    is_on = any(row.kind == MANY for row in alerts.standing(session))
    return known if is_on and looked is not None and looked.last_at < known else None


def look_on(until: int) -> bool:
    """What came after it is looked at."""
    return bool(spawn([child(f"demo/spike/{until}/{now_ms()}", "alert.look", until=until)]))


def _goes_on(session: Session, since: int) -> bool:
    return any(row.kind == MANY and row.loud_at >= since for row in alerts.listed(session))


def _look_again_from(session: Session, at: int) -> None:
    """All that came in by now is known, and nobody has looked at it; upkeep does so at the next quarter hour."""
    counts.cover(session, "intercom", now_ms(), since=at)
    session.merge(Lease(name=alert.LOOKED, last_at=at))
    session.merge(Lease(name="alerts", last_at=now_ms()))


def _write(stage: Stage, begins: int, number: int) -> str:
    """Somebody writes; an agent has answered on the phone and closed it."""
    customer = CUSTOMERS[number % len(CUSTOMERS)]
    at = begins // 1000 + number * LASTS * SLOT_MS // 1000 // WRITE
    body, id = WORDS[number % len(WORDS)], stage.next_chat()
    return stage.intercom.add_conversation(id, f"c{customer.id}", body, at=at, state="closed", send=True)


def _wait_for(chats: list[str]) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and not store.read(partial(_is_ready, chats=chats)):
        time.sleep(0.1)


def _is_ready(session: Session, chats: list[str]) -> bool:
    """Are all of them counted, and has everything been looked at that there was before?"""
    counted = all(session.get(Arrival, f"intercom/{chat}") is not None for chat in chats)
    looked = session.get(Lease, alert.LOOKED)
    return counted and looked is not None and looked.last_at >= slots.of(sources.known_until(session))
