"""Doing things at vendors once, and writing down everything done or left undone in one sentence.

    act(Intent("intercom", "note", key="note:FB-12", target="215", sentence="Noted …"), call=…, find=…)

Vendors offer no idempotency keys, so every write that adds something carries a marker (`Intent.ref`)
and runs through three commits at most: *started* before the call, *done* after it. An attempt that
finds *started* may be a repeat: it waits until the first call has certainly ended, and looks for the
marker before it calls again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlmodel import Session

from integrations.contract import Permanent, Transient
from workflows.durable import current_run
from workflows.records.tables import Action, copy_of
from workflows.store import now_ms, store
from workflows.vendors import NAMES, vendors

STARTED, PLANNED, ACTED, SKIPPED = "started", "planned", "done", "skipped"
VENDOR_IS_OFF = "Not sent: {vendor} is not configured."


class Patience:
    """Seconds after which a call that got no answer has certainly ended: the deadline and some more."""

    seconds = 25.0


@dataclass(frozen=True)
class Intent:
    """One write to a vendor, before it happens. `key` names it for ever: the same key is never done twice."""

    vendor: str
    verb: str
    key: str
    target: str
    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)
    feedback_id: int | None = None
    conversation_id: str | None = None
    issue_id: str | None = None
    url: str = ""

    @property
    def ref(self) -> str:
        """The marker that the write carries, short enough to be read aloud: `YMB-7KQ2M4XA`."""
        digest = hashlib.sha256(self.key.encode()).digest()
        return "YMB-" + base64.b32encode(digest)[:10].decode()


@dataclass(frozen=True)
class Done:
    """The vendor's reference to what was written, and its page; both "" where it was left undone."""

    ref: str = ""
    url: str = ""


def act(intent: Intent, call: Callable[[], Done], find: Callable[[], Done | None] | None = None) -> Done:
    """Carry out a write once. `find` looks for its marker; without it the write may simply be repeated.

    Raises what the client raises; then the run comes back later and asks again.
    """
    if not vendors.is_on(intent.vendor):
        leave(intent, VENDOR_IS_OFF, vendor=NAMES[intent.vendor])
        return Done()
    before = store.write(partial(_begin, intent))
    if before.state in (ACTED, SKIPPED):
        return Done(before.ref, before.url)
    result = (_look(intent, before, find) if before.state == STARTED else None) or _call(intent, call)
    store.write(partial(_finish, intent, result))
    return result


def _look(intent: Intent, before: Action, find: Callable[[], Done | None] | None) -> Done | None:
    """What an earlier attempt left at the vendor; None if nothing, and then the clock starts anew."""
    if find is None:
        return None
    wait = before.started_at / 1000 + Patience.seconds - now_ms() / 1000
    if wait > 0:
        raise Transient("An earlier attempt may still be under way.", wait)
    if (found := find()) is None:
        store.write(partial(_restart, intent))
    return found


def _call(intent: Intent, call: Callable[[], Done]) -> Done:
    try:
        return call()
    except (Transient, Permanent):
        store.write(partial(_withdraw, intent))
        raise


def _begin(intent: Intent, session: Session) -> Action:
    """The action as it was found; afterwards it is started, by this run, unless it had ended."""
    action = session.get(Action, intent.key)
    if action is None:
        action = _row(intent, PLANNED)
        session.add(action)
    before = copy_of(action)
    if action.state == SKIPPED and action.sentence == VENDOR_IS_OFF:
        action.state = before.state = PLANNED
    if action.state == PLANNED:
        action.state, action.started_at = STARTED, now_ms()
        action.sentence, action.facts = intent.sentence, intent.facts
    if action.state == STARTED:
        action.attempts += 1
        action.run_id = current_run()
    return before


def _finish(intent: Intent, result: Done, session: Session) -> None:
    action = session.get_one(Action, intent.key)
    action.state, action.ref, action.ended_at = ACTED, result.ref, now_ms()
    action.url = result.url or intent.url


def _restart(intent: Intent, session: Session) -> None:
    session.get_one(Action, intent.key).started_at = now_ms()


def _withdraw(intent: Intent, session: Session) -> None:
    session.get_one(Action, intent.key).state = PLANNED


def leave(intent: Intent, why: str, **facts: Any) -> None:
    """Write down that something was not done, and why. Never overwrites what was done."""

    def work(session: Session) -> None:
        action = session.get(Action, intent.key) or _row(intent, SKIPPED)
        if action.state in (SKIPPED, PLANNED):
            action.state, action.sentence, action.facts = SKIPPED, why, facts
            action.ended_at, action.run_id = now_ms(), current_run()
            session.add(action)

    store.write(work)


def happened(session: Session, intent: Intent) -> None:
    """Write down, in the caller's transaction, something that others did or that only we see."""
    if session.get(Action, intent.key) is None:
        action = _row(intent, ACTED)
        action.ended_at = action.started_at
        session.add(action)


def _row(intent: Intent, state: str) -> Action:
    return Action(
        key=intent.key,
        run_id=current_run(),
        verb=f"{intent.vendor}.{intent.verb}",
        target=intent.target,
        state=state,
        url=intent.url,
        sentence=intent.sentence,
        facts=intent.facts,
        feedback_id=intent.feedback_id,
        conversation_id=intent.conversation_id,
        issue_id=intent.issue_id,
        started_at=now_ms(),
    )
