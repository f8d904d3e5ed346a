"""Compared: in Slack somebody says whether a similar request is the same, by a button or by what a form asks.

    same ─► merged ─► undo_same          not_same ─► never offered again ─► undo_not_same

The messages that show the request say what became of it, and have the button that undoes it. Where it was not possible,
whoever pressed hears why, and nobody else.
"""

from __future__ import annotations

from collections.abc import Callable

from integrations.slack import blocks
from workflows.engine import posting
from workflows.engine.actions import Intent
from workflows.engine.durable import current_run, urgent
from workflows.engine.outcome import Outcome, ignored
from workflows.engine.store import now_ms
from workflows.language.wording import say
from workflows.meeting import comparing
from workflows.people import colleagues
from workflows.people.asked import asks, did
from workflows.people.may import DECIDE
from workflows.people.person import Person, somebody
from workflows.tables.runs import IGNORED
from workflows.wish import shown
from workflows.wish.similar.offered import Pair
from workflows.wish.wishes import code

NO_PAIR = "The button does not say which requests it is about."
#: What is kept of whoever did it, to those who ask who did what.
DEEDS = {
    "same": "Merged two requests that are the same: {about}.",
    "not_same": "Marked two requests as not the same: {about}.",
    "undo_same": "Unmerged two requests: {about}.",
    "undo_not_same": "Undid that two requests are not the same: {about}.",
}
EXPLAINED = "Explained why it was not done."


def _named(value: str) -> str:
    """How people name the two."""
    pair = Pair.read(value)
    return f"{code(pair.one)}, {code(pair.other)}" if pair else ""


@urgent
@asks(DECIDE, did=did(DEEDS["same"], _named))
def same(user_id: str, value: str, channel: str = "", ts: str = "") -> Outcome:
    """These two are the same: one is merged into the other."""
    return _told(user_id, value, channel, lambda pair, by: comparing.join(pair, by, current_run()))


@urgent
@asks(DECIDE, did=did(DEEDS["not_same"], _named))
def not_same(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """These two are not the same."""
    return _told(user_id, value, channel, comparing.part)


@urgent
@asks(DECIDE, did=did(DEEDS["undo_same"], _named))
def undo_same(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """That they are the same was a slip."""
    return _told(user_id, value, channel, comparing.unjoin)


@urgent
@asks(DECIDE, did=did(DEEDS["undo_not_same"], _named))
def undo_not_same(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """That they are not the same was a slip."""
    return _told(user_id, value, channel, comparing.unpart)


def _told(user_id: str, value: str, channel: str, act: Callable[[Pair, Person], Outcome]) -> Outcome:
    """Do it, let the messages say so, and tell whoever pressed where it was not possible."""
    pair = Pair.read(value)
    if pair is None:
        return ignored(NO_PAIR)
    outcome = act(pair, somebody(user_id))
    if outcome.state == IGNORED:
        _explain(user_id, channel, outcome)
    shown.bring_up_to_date(pair.one)
    return outcome


def _explain(user_id: str, channel: str, outcome: Outcome) -> None:
    """Say it where they pressed, else in a message of its own."""
    facts = {name: blocks.escape(str(value)) for name, value in outcome.facts.items()}
    text = say(colleagues.language_of(user_id), outcome.sentence, **facts)
    if not posting.whisper(channel, user_id, text):
        intent = Intent("slack", "answer", f"answer:{current_run()}", user_id, EXPLAINED)
        posting.post(intent, (text, [blocks.section(text)]), since_ms=now_ms())
