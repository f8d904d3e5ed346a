"""Polls: asking a vendor again and again what its webhooks missed. A poll never becomes a dead letter.

    @workflow
    @poll
    def intercom(since): …         # refused: it ends, the vendor is known to refuse, and the next poll asks from there

What a refused poll did not see is seen by the first one that is answered, so there is nothing to replay.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from sqlmodel import Session, col, select

from integrations.contract import Malformed, Permanent, Transient, Trouble, Unsure
from workflows.engine.durable import current_run
from workflows.engine.outcome import Outcome, ignored
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.rules import rules
from workflows.tables.runs import Lease, Run

PREFIX = "poll:"
#: So far back a vendor is asked that refused for long, or was off for a while.
LONGEST_MS = 30 * DAY_MS


def poll(story: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """A story that asks the vendor of its name (or of its argument `name`) what changed."""

    @wraps(story)
    def ask(**arguments: Any) -> Outcome:
        vendor, began = arguments.get("name") or story.__name__, now_ms()
        try:
            outcome = story(**arguments)
        except (Permanent, Malformed) as trouble:
            return _refused(vendor, trouble)
        except (Transient, Unsure) as trouble:
            if not _is_overtaken():
                raise  # it is tried again, until the next poll asks anyway
            return _refused(vendor, trouble)
        store.write(partial(_answered, PREFIX + vendor, began))
        return outcome

    return ask


def since_ms(session: Session, vendor: str) -> int:
    """From when on to ask a vendor: from where it was answered last; until it ever is, from the day before we asked.

    Only an answer moves that on, however many polls were refused, or cut off.
    """
    lease, now = session.get(Lease, PREFIX + vendor) or Lease(name=PREFIX + vendor), now_ms()
    is_known = 0 < lease.last_at <= now  # nobody has answered in the future: then the clock was wrong
    lease.last_at = lease.last_at if is_known else now - DAY_MS
    session.add(lease)
    return max(lease.last_at, now - LONGEST_MS)


def standing(session: Session) -> dict[str, Run]:
    """The vendors that refuse to be asked, each with the poll that was refused first of those in a row."""
    refused = select(Lease.name, Run).join(Run, col(Run.id) == col(Lease.holder)).where(col(Lease.name).like("poll:%"))
    return {name.removeprefix(PREFIX): run for name, run in session.exec(refused)}


def _refused(vendor: str, trouble: Trouble | Malformed) -> Outcome:
    store.write(partial(_remember, PREFIX + vendor, current_run()))
    return ignored(str(trouble))


def _is_overtaken() -> bool:
    """Has the next poll begun meanwhile, or would it have?"""
    run = store.read(lambda session: session.get_one(Run, current_run()))
    return bool(rules.reconcile_minutes) and now_ms() - run.created_at > rules.reconcile_minutes * 60_000


def _remember(name: str, run: str, session: Session) -> None:
    lease = session.get(Lease, name) or Lease(name=name)
    lease.holder = lease.holder or run
    session.add(lease)


def _answered(name: str, began: int, session: Session) -> None:
    lease = session.get(Lease, name) or Lease(name=name)
    is_right = lease.last_at <= now_ms()
    lease.holder, lease.last_at = "", max(lease.last_at, began) if is_right else began
    session.add(lease)
