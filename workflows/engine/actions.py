"""Doing things at vendors once, and writing down everything done or left undone in one sentence.

    act(Intent("intercom", "note", key="note:FB-12", target="215", sentence="Noted …"), call=…, find=…)

Vendors offer no idempotency keys, so every write that adds something carries a marker (`Intent.ref`)
and is on disk as *started* before the call; that it is *done* goes to disk with what is written next.
An attempt that finds *started* may be a repeat: it waits until the first call has certainly ended, and
looks for the marker before it calls again. So does a first attempt for some days after a backup was restored.

Every write of a story goes through `act` or `posting.update`, so dry runs end here (`engine.dry_run`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from integrations import fence
from integrations.contract import Permanent, Transient
from workflows.engine import dry_run, restored
from workflows.engine.durable import current_run
from workflows.engine.failpoints import hit
from workflows.engine.rows import Values, insert_new, table_of
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import title_of, vendors
from workflows.tables.columns import copy_of
from workflows.tables.runs import Action

STARTED, PLANNED, ACTED, SKIPPED, WOULD = "started", "planned", "done", "skipped", dry_run.WOULD
VENDOR_IS_OFF = "Not sent: {vendor} is not configured."
ONCE_MORE = "Not found. It is looked for once more before it is written again."
GONE_THERE = "Skipped: it no longer exists in {vendor}."


class Patience:
    """Seconds after which a call that got no answer has certainly ended: the deadline and some more."""

    seconds = 60.0


@dataclass(frozen=True)
class Intent:
    """One write to a vendor, before it happens. `key` names it for ever: the same key is never done twice.

    `is_dry`: what it belongs to began in a dry run, so it is not done, whatever the rules say by now.
    """

    vendor: str
    verb: str
    key: str
    target: str
    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)
    feedback_id: int | None = None
    conversation_id: str | None = None
    issue_id: str | None = None
    escalation_id: int | None = None
    url: str = ""
    is_dry: bool = False

    @property
    def ref(self) -> str:
        """The marker that the write carries, short enough to be read aloud: `YMB-7KQ2M4XA`."""
        return ref_of(self.key)


def ref_of(key: str) -> str:
    """The marker of what is written under this key."""
    return "YMB-" + base64.b32encode(hashlib.sha256(key.encode()).digest())[:10].decode()


@dataclass(frozen=True)
class Done:
    """The vendor's reference to what was written, and its page; both "" where that was no longer possible."""

    ref: str = ""
    url: str = ""

    @property
    def is_dry(self) -> bool:
        """Was it not written at all, but in a dry run?"""
        return dry_run.is_reference(self.ref)


Keep = Callable[[Session, Done], None]


def act(
    intent: Intent,
    call: Callable[[], Done],
    find: Callable[[], Done | None] | None = None,
    also: Keep | None = None,
    *,
    lags: bool = False,
) -> Done:
    """Carry out a write once. `find` looks for its marker; without it the write may simply be repeated.

    Where it `lags`, for the vendor's search learns of what is new only after a while, one look in vain proves nothing.

    `also` writes down more in the commit that says it is done: the one of this thread's next write.
    Raises what the client raises; then the run comes back later and asks again.
    """
    if not vendors.is_on(intent.vendor):
        leave(intent, VENDOR_IS_OFF, vendor=title_of(intent.vendor))
        return Done()
    if intent.is_dry or dry_run.is_on():
        then = partial(_tell, also) if also else None
        return Done(*dry_run.instead_of(call, _row(intent, WOULD), intent.ref, then, otherwise=VENDOR_IS_OFF))
    since = fence.moment()
    before, attempt = store.write(partial(_begin, intent))
    if before and before.state in (ACTED, SKIPPED):
        return Done(before.ref, before.url)
    hit("action.begun", intent.vendor, intent.verb)
    if before and before.state == STARTED:
        found = _look(intent, before, attempt, find, lags)
    else:
        found = find() if find is not None and restored.looks_back() else None
    with fence.around(lambda: store.write(partial(_restart, intent, attempt)), since):
        result = found or _call(intent, attempt, call)
    hit("action.called", intent.vendor, intent.verb)
    store.later(partial(_finish, intent, result, also))
    hit("action.finished", intent.vendor, intent.verb)
    return result


def _tell(also: Keep, session: Session, ref: str) -> None:
    also(session, Done(ref))


def _look(
    intent: Intent, before: Action, attempt: int, find: Callable[[], Done | None] | None, lags: bool
) -> Done | None:
    """What an earlier attempt left at the vendor; None if nothing, and then it is this attempt's turn alone."""
    if find is None:
        return None
    wait = before.started_at / 1000 + Patience.seconds - now_ms() / 1000
    if wait > 0:
        raise Transient("An earlier attempt may still be running.", wait)
    found = find()
    if found is None and lags and not store.write(partial(_is_absent_again, intent)):
        raise Transient(ONCE_MORE, Patience.seconds)
    if found is None and not store.write(partial(_restart, intent, attempt)):
        raise Transient("Another attempt has just started.", Patience.seconds)
    return found


def _call(intent: Intent, attempt: int, call: Callable[[], Done]) -> Done:
    try:
        return call()
    except (Transient, Permanent):
        store.write(partial(_withdraw, intent, attempt))
        raise


def _begin(intent: Intent, session: Session) -> tuple[Action | None, int]:
    """The action as it was found, None if there was none; and the number of this attempt at it, unless it had ended."""
    if insert_new(session, Action, [_row(intent, STARTED) | {"attempts": 1}]):
        return None, 1
    action = session.get_one(Action, intent.key, with_for_update=True)
    before = copy_of(action)
    if action.state == WOULD or (action.state == SKIPPED and action.sentence == VENDOR_IS_OFF):
        action.state = before.state = PLANNED
        action.ref, action.ended_at = "", None
    if action.state == PLANNED:
        action.state, action.started_at, action.absent_at = STARTED, now_ms(), None
        action.sentence, action.facts = intent.sentence, intent.facts
    if action.state == STARTED:
        action.attempts += 1
        action.run_id = current_run()
    return before, action.attempts


_ACTIONS = table_of(Action)
_END = sa.update(_ACTIONS).where(_ACTIONS.c.key == sa.bindparam("action"))


def _finish(intent: Intent, result: Done, also: Keep | None, session: Session) -> None:
    ended: dict[str, Any] = {"state": ACTED, "ref": result.ref, "url": result.url or intent.url, "ended_at": now_ms()}
    if not result.ref:
        ended |= {"state": SKIPPED, "sentence": GONE_THERE, "facts": {"vendor": title_of(intent.vendor)}}
    session.connection().execute(_END, {"action": intent.key} | ended)
    if also is not None:
        also(session, result)


def _is_absent_again(intent: Intent, session: Session) -> bool:
    """Was it looked for in vain a quiet period ago, too? If not, it was now."""
    action, now = session.get_one(Action, intent.key, with_for_update=True), now_ms()
    action.absent_at = action.absent_at or now
    return action.absent_at + Patience.seconds * 1000 <= now and action.absent_at < now


def _restart(intent: Intent, attempt: int, session: Session) -> bool:
    """Start anew, unless somebody else has begun another attempt meanwhile."""
    action = session.get_one(Action, intent.key, with_for_update=True)
    mine = action.state == STARTED and action.attempts == attempt
    if mine:
        action.started_at, action.absent_at = now_ms(), None
    return mine


def _withdraw(intent: Intent, attempt: int, session: Session) -> None:
    """It was certainly not applied; what another attempt has made of it meanwhile stays."""
    action = session.get_one(Action, intent.key, with_for_update=True)
    if action.state == STARTED and action.attempts == attempt:
        action.state = PLANNED


def plan(intent: Intent) -> None:
    """Write down what has to be done after something else, so that a later attempt knows; see `planned`."""
    store.write(partial(intend, intent=intent))


def intend(session: Session, intent: Intent) -> None:
    """The same in the caller's transaction."""
    insert_new(session, Action, [_row(intent, PLANNED)])


def planned(key: str) -> dict[str, Any]:
    """The facts of what is to be done under this key; none if nothing is, or not any more."""
    state, facts = _standing(key)
    return facts if state in (PLANNED, STARTED) else {}


def is_over(key: str) -> bool:
    """Has this been done, or been left undone for good? In a dry run, would it have been?"""
    return _standing(key)[0] in over()


def over() -> tuple[str, ...]:
    """The states of what has come to its end, for the run that this thread works on."""
    return (ACTED, SKIPPED, WOULD) if dry_run.is_on() else (ACTED, SKIPPED)


def was_dry(key: str) -> bool:
    """Was this not done, but only would have been, in a dry run?"""
    return _standing(key)[0] == WOULD


def is_under_way(key: str) -> bool:
    """Has another run begun this so lately that it may be doing it at this very moment?"""
    action = store.read(lambda session: session.get(Action, key))
    is_others = action is not None and action.state == STARTED and action.run_id != current_run()
    return is_others and action is not None and now_ms() < action.started_at + Patience.seconds * 1000


_STANDING = sa.select(_ACTIONS.c.state, _ACTIONS.c.facts).where(_ACTIONS.c.key == sa.bindparam("action"))


def _standing(key: str) -> tuple[str, dict[str, Any]]:
    row = store.read(lambda session: session.connection().execute(_STANDING, {"action": key}).first())
    return (row.state, row.facts) if row else ("", {})


def leave(intent: Intent, why: str, **facts: Any) -> None:
    """Write down that something was not done, and why. Never overwrites what was done."""
    is_dry = intent.is_dry or dry_run.is_on()

    def work(session: Session) -> None:
        action = session.get(Action, intent.key) or Action(**_row(intent, SKIPPED))
        if action.state in (SKIPPED, PLANNED) or (action.state == WOULD and not is_dry):
            action.state, action.sentence, action.facts = SKIPPED, why, dry_run.marked(facts) if is_dry else facts
            action.ended_at, action.run_id = now_ms(), current_run()
            session.add(action)

    store.write(work)


def happened(session: Session, intent: Intent) -> None:
    """Write down, in the caller's transaction, something that others did or that only we see."""
    facts = {"facts": dry_run.marked(intent.facts)} if intent.is_dry else {}
    insert_new(session, Action, [_row(intent, WOULD if facts else ACTED) | facts | {"ended_at": now_ms()}])


def _row(intent: Intent, state: str) -> Values:
    return {
        "key": intent.key,
        "run_id": current_run(),
        "verb": f"{intent.vendor}.{intent.verb}",
        "target": intent.target,
        "state": state,
        "url": intent.url,
        "sentence": intent.sentence,
        "facts": intent.facts,
        "feedback_id": intent.feedback_id,
        "conversation_id": intent.conversation_id,
        "issue_id": intent.issue_id,
        "escalation_id": intent.escalation_id,
        "started_at": now_ms(),
    }
