"""Slots: the quarter hours in which enquiries are counted, and the days of the company's calendar that they make.

    slots.of(at)                  # when the quarter hour of a moment began
    slots.day_of(slot)            # "2026-11-30", on the company's clock
    slots.between(since, until)   # the quarter hours that lie wholly between two moments, as a range

Moments are milliseconds in UTC. Every zone of today is whole quarter hours away from UTC: a day is made of whole slots.
"""

from __future__ import annotations

from workflows.rules import rules

SLOT_MS = 15 * 60_000


def of(at: int) -> int:
    """When the quarter hour began in which this moment lies."""
    return at - at % SLOT_MS


def day_of(slot: int) -> str:
    """The day of the company's calendar in which a quarter hour lies."""
    return rules.calendar.local(slot).date().isoformat()


def between(since: int, until: int) -> range:
    """The quarter hours that begin at or after the one and are over by the other."""
    first = -(-since // SLOT_MS) * SLOT_MS
    return range(first, of(until), SLOT_MS)
