"""The meeting's lines in the timeline of a wish: what somebody concluded, took back, merged or took apart."""

from __future__ import annotations

from workflows.engine.actions import Intent
from workflows.people.person import Person
from workflows.rules.choices import CONCLUSIONS
from workflows.tables.meeting import Decision, Merge
from workflows.wish.wishes import code

MERGED = "{agent} merged this into {into}."
TOOK_IN = "{agent} merged {other} into this."
UNMERGED = "{agent} unmerged this from {into}."
LET_GO = "{agent} unmerged {other} from this."
DECIDED = "{agent} decided: {kind}. {reason}"
TAKEN_BACK = "{agent} undid the decision: {kind}."


def decided(decision: Decision) -> Intent:
    """Whoever decided it, what, and why."""
    by = Person(decision.person, decision.person_name)
    facts = {"kind": CONCLUSIONS[decision.conclusion].words, "reason": decision.reason}
    return _about(decision.feedback_id, f"decided:{decision.id}", "decide", DECIDED, by, **facts)


def taken_back(decision: Decision, by: Person) -> Intent:
    """Before anybody had heard of it."""
    kind = CONCLUSIONS[decision.conclusion].words
    return _about(decision.feedback_id, f"undone:{decision.id}", "decide", TAKEN_BACK, by, kind=kind)


def merged(wish_id: int, root: int, origin: str, by: Person) -> list[Intent]:
    """A line for the wish, and one for that in which it is now."""
    return [
        _about(wish_id, f"merged:{origin}", "merge", MERGED, by, into=code(root)),
        _about(root, f"took-in:{origin}", "merge", TOOK_IN, by, other=code(wish_id)),
    ]


def unmerged(merger: Merge, by: Person) -> list[Intent]:
    """The same, once they are apart."""
    wish_id, root, key = merger.feedback_id, merger.into_id, f"unmerged:{merger.id}"
    return [
        _about(wish_id, key, "merge", UNMERGED, by, into=code(root)),
        _about(root, f"{key}/from", "merge", LET_GO, by, other=code(wish_id)),
    ]


def _about(feedback_id: int | None, key: str, verb: str, sentence: str, by: Person, **facts: object) -> Intent:
    """A line of a wish's timeline, in the words of who did it."""
    return Intent("us", verb, key, code(feedback_id), sentence, {"agent": by.name, **facts}, feedback_id=feedback_id)
