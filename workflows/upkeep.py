"""Upkeep: what must happen again and again, by one process at a time.

`tick` is called every few seconds by every worker: if it holds the lease, it gives silent workers' work to others,
re-drives what the engine lost, starts the reconciliation when it is due, deletes what is old, and lets search read what
is new. It asks no vendor anything, for one that hangs would stop all of this: whatever has to ask is a run. That the
worker lives is said by a thread that does nothing else (`live`), for a round may last.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlmodel import Session, col, delete, select, update

from integrations.fence import moment
from workflows.customer import erasures
from workflows.engine import budgets, integrity, leases, takeover
from workflows.engine.durable import NewRun, acquit, child, name_of, spawn, start
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.enquiry import courses, warning
from workflows.escalation import reminders
from workflows.measure import alert, digest, limit, survey
from workflows.measure.kpis import packing
from workflows.meeting import acts, agenda
from workflows.notice import notices
from workflows.people import membership
from workflows.reconcile import looks
from workflows.rules import rules
from workflows.search import indexing, retention
from workflows.tables.runs import DEAD, OPEN, Delivery, Lease, Run
from workflows.telling import digest_mail, kind_filed, openings, owner_news, reaction, sending, waves
from workflows.volume import zendesk
from workflows.wish import context
from workflows.wish.similar import vectors

log = logging.getLogger("yamabiko")

#: A worker that has not been heard of for so long is dead; it beats every TICK_SECONDS.
SILENT_MS = 20_000
TICK_SECONDS = 5.0
LEASE_MS = 15_000
LONGEST_ROUND = 600.0
#: A cleaning that was cut off is taken up after so long.
HOUR_MS = 3600 * 1000
#: What customers ask for once more, and whether a source of counts has to be asked, is looked for so often.
MINUTE_MS = 60_000


class _Round:
    """Since when this process has been at a round of upkeep that others are kept out of; None while it is not."""

    since: float | None = None


def live(me: str, ending: threading.Event) -> None:
    """Say every few seconds that this worker lives, until it ends; while a round lasts, that upkeep is its own, too.

    A round that does not come to an end in `LONGEST_ROUND` seconds is not kept from others any more.
    """
    while not ending.wait(TICK_SECONDS):
        try:
            takeover.beat(me)
            if _Round.since is not None and moment() - _Round.since < LONGEST_ROUND:
                store.write(partial(leases.renew, name="upkeep", me=me, for_ms=LEASE_MS))
        except Exception as error:
            log.error("this worker could not say that it lives (%s); it will be tried again", type(error).__name__)


#: How a run comes back to the queue: from a process that fell silent, because it was given to this one but never
#: reached it, or because the engine had lost it.
WAYS = TAKEN_OVER, HANDED_BACK, SCHEDULED_AGAIN = "taken over", "handed back", "scheduled again"
#: How many this process brought back since it began.
rescued: Counter[str] = Counter()


def tick(me: str, *, alone: bool = False, silent_ms: int = SILENT_MS) -> None:
    """One round of upkeep. `alone`: no other process can be alive (one SQLite file, one process)."""
    acquit()
    if missed := takeover.take_back(me):
        rescued[HANDED_BACK] += missed
        log.warning("handed back %s runs that the engine gave to this process and it never heard of", missed)
    if alone:
        _keep_up(me, 0)
    elif store.write(partial(leases.hold, name="upkeep", me=me, for_ms=LEASE_MS)):
        _Round.since = moment()
        try:
            _keep_up(me, silent_ms)
        finally:
            _Round.since = None


def _keep_up(me: str, silent_ms: int) -> None:
    if moved := takeover.take_over(silent_ms, me):
        rescued[TAKEN_OVER] += moved
        log.warning("took over %s runs of a process that ended", moved)
    if lost := takeover.redrive():
        rescued[SCHEDULED_AGAIN] += lost
        log.warning("scheduled %s runs again that the engine had lost", lost)
    reminders.start_due()
    warning.start_due()
    survey.start_due()
    acts.start_due()
    context.start_due()
    agenda.start_due()
    digest_mail.start_due()
    owner_news.start_due()
    kind_filed.start_due()
    waves.open_due()
    openings.start_due()
    sending.start_due()
    notices.start_due()
    digest.start_due()
    if store.write(partial(_is_due, "reactions", MINUTE_MS)):
        reaction.start_due()
    if rules.reconcile_minutes:
        store.write(partial(_start_when_due, "reconcile", rules.reconcile_minutes * 60_000, looks))
    store.write(partial(_start_when_due, "volume", MINUTE_MS, zendesk.looks))
    store.write(partial(_start_when_due, "alerts", MINUTE_MS, alert.looks))
    store.write(partial(_start_when_due, "limits", HOUR_MS, limit.due))
    store.write(partial(_start_when_due, "membership", membership.EVERY_MS, _sign_out_the_gone))
    store.write(partial(_start_when_due, "integrity", integrity.EVERY_MS, _look_through))
    if store.write(partial(_is_due, "retention", DAY_MS, again_ms=HOUR_MS)):
        clean_up()
        store.write(partial(_is_over, "retention"))
    indexing.catch_up()
    vectors.keep_up()
    courses.catch_up()
    packing.keep_up()


def _start_when_due(name: str, every_ms: int, runs: Callable[[Session], list[NewRun]], session: Session) -> None:
    """What is due has begun if, and only if, its runs are there: both in one commit."""
    if _is_due(name, every_ms, session):
        start(session, runs(session))


def _is_due(name: str, every_ms: int, session: Session, again_ms: int | None = None) -> bool:
    """Was this last done long enough ago? Then it counts as done now; where that is not sure, only for `again_ms`."""
    lease, now = session.get(Lease, name) or Lease(name=name), now_ms()
    if 0 <= now - lease.last_at < every_ms:  # it was not done in the future: then the clock was wrong
        return False
    lease.last_at = now if again_ms is None else now - every_ms + again_ms
    session.add(lease)
    return True


def _is_over(name: str, session: Session) -> None:
    session.get_one(Lease, name).last_at = now_ms()


def _sign_out_the_gone(_: Session) -> list[NewRun]:
    return [child(f"membership:{now_ms()}", name_of(membership.sign_out_the_gone))]


def _look_through(_: Session) -> list[NewRun]:
    return [child(f"integrity:{now_ms()}", name_of(integrity.look_through))]


def reconcile(since_ms: int) -> list[str]:
    """Start one look at each configured vendor for changes since then, or earlier ones; returns the runs' ids."""

    def work(session: Session) -> list[str]:
        started = looks(session, since_ms)
        start(session, started)
        return [run.id for run in started]

    return store.write(work)


def clean_up() -> None:
    """Delete what the rules no longer want kept: engine rows, bodies, texts, and in the end the keys."""
    now, keep = now_ms(), rules.retention
    before = {name: now - days * DAY_MS for name, days in vars(keep).items() if days}
    while takeover.forget(min(now - DAY_MS, before["bodies"])):
        pass
    for forget, name in ((_forget_bodies, "bodies"), (_forget_keys, "keys")):
        while store.write(partial(forget, before[name])):
            pass
    for forget_all, name in FORGETTING:
        if name in before:
            forget_all(before[name])
    budgets.forget(now - DAY_MS)
    look_again(before["bodies"])
    store.forget_the_past()


#: What is forgotten after so many days that the rules say under this name; not at all where they say none.
FORGETTING = (
    (retention.forget_messages, "messages"),
    (retention.forget_contacts, "contacts"),
    (retention.forget_arguments, "arguments"),
    (retention.forget_enquiries, "enquiries"),
)
#: Rows in one transaction; webhooks wait that long for the database.
BATCH = 500


def look_again(since: int) -> None:
    """What was asked to be erased lately is looked through once more: webhooks may have come late."""
    today = now_ms() // DAY_MS
    spawn(
        [
            child(f"erase:{each.kind}:{each.id}/again/{today}", "erasure.again", kind=each.kind, id=each.id)
            for each in store.read(partial(erasures.recent, since=since))
        ]
    )


def _forget_bodies(before: int, session: Session) -> int:
    old = select(Delivery.id).where(*_ended(before), col(Delivery.body) != b"").limit(BATCH)
    return session.exec(update(Delivery).where(col(Delivery.id).in_(old)).values(body=b"")).rowcount


def _forget_keys(before: int, session: Session) -> int:
    """Runs of nobody's delivery first: when there is no delivery left, there is none of these either."""
    orphans = select(Run.id).where(col(Run.delivery_id).is_(None), col(Run.ended_at) < before, ~_waits(Run.state))
    ids = session.exec(orphans.limit(BATCH)).all()
    old = session.exec(select(Delivery.id).where(*_ended(before)).limit(BATCH)).all()
    session.exec(delete(Run).where(col(Run.id).in_(ids) | col(Run.delivery_id).in_(old)))
    session.exec(delete(Delivery).where(col(Delivery.id).in_(old)))
    return len(ids) + len(old)


def _ended(before: int) -> tuple[Any, Any]:
    return col(Delivery.received_at) < before, ~_waits(Delivery.state)


def _waits(state: Any) -> Any:
    """For the service, or, as a dead letter, for a person: who replays it needs all of it."""
    return col(state).in_((OPEN, DEAD))
