"""Digest: one message in Slack says what was decided on a day. It grows with each decision; what belongs to a decision,
and for whom it is, stands in its thread.

    conclusion.tell ─┐
    minutes.post ────┴─► up_to_date ─► the day's message, brought up to date where it stands
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from integrations.contract import Transient, Trouble
from integrations.slack import is_person
from workflows.engine import posting
from workflows.engine.actions import Intent, is_under_way
from workflows.engine.posting import Place
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.meeting import decided
from workflows.meeting.decided import Decided, Posted
from workflows.people import agents, colleagues
from workflows.rules import rules
from workflows.tables.wish import Feedback

POSTED = "Posted the day's decisions in Slack."
ANOTHER = "Another decision of this day is being posted. This one is added in a moment."
#: Seconds after which a decision that met another one is added.
IN_A_MOMENT = 3.0


def day_of(decided_at: int) -> date:
    """The day of a meeting, on the company's calendar."""
    return rules.calendar.local(decided_at).date()


def up_to_date(day: date, channel: str, minutes: Posted | None = None) -> Place | None:
    """Where the day's message stands, with everything in it that people may know by now; None where it is gone, or
    Slack is off. Somebody posts the `minutes` with it, or did so before. Raises Transient while another run is posting.

    Of several runs at once, each looks again after it has written: whoever wrote last wrote everything.
    """
    intent = Intent("slack", "digest", _key(day), channel, POSTED)
    if is_under_way(intent.key):
        raise Transient(ANOTHER, IN_A_MOMENT)
    minutes = minutes or store.read(partial(decided.posted, day=day))
    shown, standing = _sent(day), posting.where([intent.key])
    if standing:
        place = standing[0] if posting.update(standing[0], decided.message(shown, day, minutes)) else None
    else:
        place = posting.post(intent, decided.message(shown, day, minutes), since_ms=rules.calendar.moment(day))
    while place is not None and _ids(now := _sent(day)) != _ids(shown):
        shown = now
        posting.update(place, decided.message(shown, day, minutes))
    return place


def stands(day: date) -> bool:
    """Is there a message about this day?"""
    return bool(posting.where([_key(day)]))


def _key(day: date) -> str:
    return f"digest:{day}"


def _sent(day: date) -> list[Decided]:
    return store.read(partial(decided.of, day=day, sent=True))


def _ids(found: Sequence[Decided]) -> list[int | None]:
    return [each.decision.id for each in found]


def takers(wishes: Sequence[Feedback]) -> dict[str, str]:
    """The Slack ids of those who took these wishes, by their names, as far as they are known there."""
    found = {}
    for wish in wishes:
        if wish.taken_by and (id := _in_slack(wish.taken_by)):
            found[wish.taken_by_name] = id
    return found


def _in_slack(taken_by: str) -> str:
    """Somebody's Slack id; "" where it cannot be found out: the message names them all the same."""
    try:
        if is_person(taken_by):
            return colleagues.find(taken_by)
        admin = agents.named(taken_by) if vendors.is_on("intercom") else None
        return colleagues.find(admin.email) if admin is not None and admin.email else ""
    except Trouble:
        return ""
