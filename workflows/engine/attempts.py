"""Several things that have to be done, of which one may fail without holding up the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from integrations.contract import Permanent, Transient, Trouble, Unsure, Unwelcome
from workflows.engine.store import now_ms

T = TypeVar("T")


def attempt_all(*works: Callable[[], object]) -> Permanent | None:
    """Do each of these, whatever becomes of the others; returns the first refusal that needs a person.

    Raises what passes by itself (Transient, Unsure) after all were tried, so that the run comes back.
    """
    troubles: list[Trouble] = []
    for work in works:
        try:
            work()
        except (Transient, Unsure, Permanent) as trouble:
            troubles.append(trouble)
    for passing in troubles:
        if not isinstance(passing, Permanent) or isinstance(passing, Unwelcome):
            raise passing
    return next((lasting for lasting in troubles if isinstance(lasting, Permanent)), None)


def best_known(look: Callable[[], T], otherwise: T, *, until: int) -> T:
    """What a vendor says; `otherwise` where it refuses to, or is away and it is later than `until` (milliseconds)."""
    try:
        return look()
    except Permanent:
        return otherwise
    except (Transient, Unsure):
        if now_ms() < until:
            raise
        return otherwise
