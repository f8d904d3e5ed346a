"""Comparing: somebody says that two wishes are the same, or that they are not, or that this was a slip.

Each is done at once, or not: then the sentence says why. What they look at may be out of date, so it is asked here
whether both are there still, and whether what was concluded is what they saw.
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from workflows.engine.outcome import Outcome, Refused, done, ignored
from workflows.engine.store import store
from workflows.meeting import acts, decisions
from workflows.people.person import Person
from workflows.rules.choices import CONCLUSIONS, FINAL
from workflows.tables.similar import NotSame
from workflows.tables.wish import Feedback
from workflows.wish import issues, known
from workflows.wish.similar import offered, refused
from workflows.wish.similar.offered import Pair
from workflows.wish.wishes import code

MERGED = "{name} merged {code} into {into}."
APART = "{name} marked {code} and {into} as not the same."
UNMERGED = "{name} unmerged {code} from {into}."
SAME_AGAIN = "{name} undid that {code} and {into} are not the same."
GONE = "Nothing was changed: {code} was withdrawn or erased."
IS_ONE = "Nothing was changed: {code} and {into} are already merged."
IS_APART = "Nothing was changed: {code} and {into} are already marked as not the same."
NOT_ONE = "Nothing was changed: {code} is not merged into {into} any longer."
NOT_APART = "Nothing was changed: {code} and {into} are no longer marked as not the same."
DECIDED = "Nothing was changed: {into} has a decision now ({kind}). Review it before you merge."


def join(pair: Pair, by: Person, origin: str) -> Outcome:
    """They are the same: one is merged into the other, once for its origin."""
    facts = _facts(pair, by)
    if store.read(partial(_is_done, pair=pair, origin=origin)):
        return done(MERGED, **facts)
    try:
        if why := store.read(partial(why_not, pair=pair)):
            raise why
        acts.merge(pair.one, pair.other, by=by, origin=origin, sure=bool(pair.seen))
    except Refused as refusal:
        return ignored(refusal.sentence, **facts | refusal.facts)
    return done(MERGED, **facts)


def part(pair: Pair, by: Person) -> Outcome:
    """They are not the same, and neither is offered for the other any more."""
    facts = _facts(pair, by)
    for id in (pair.one, pair.other):
        if gone := store.read(partial(_gone, feedback_id=id)):
            return ignored(GONE, **facts | {"code": gone})
    if refused.refuse(pair.one, pair.other, by=by) or store.read(partial(_said_by, pair=pair, by=by)):
        return done(APART, **facts)
    return ignored(IS_ONE if store.read(partial(_are_one, pair=pair)) else IS_APART, **facts)


def unjoin(pair: Pair, by: Person) -> Outcome:
    """They are not the same after all: one is taken apart from the other."""
    facts = _facts(pair, by)
    into = store.read(partial(known.merged_into, feedback_id=pair.one))
    if into != pair.other or not acts.unmerge(pair.one, by):
        return ignored(NOT_ONE, **facts)
    return done(UNMERGED, **facts)


def unpart(pair: Pair, by: Person) -> Outcome:
    """They may be the same after all."""
    is_undone = refused.allow(pair.one, pair.other, by=by)
    return (done if is_undone else ignored)(SAME_AGAIN if is_undone else NOT_APART, **_facts(pair, by))


def _facts(pair: Pair, by: Person) -> dict[str, str]:
    return {"name": by.name or by.id, "code": code(pair.one), "into": code(pair.other)}


def why_not(session: Session, pair: Pair, *, is_new: bool = False) -> Refused | None:
    """Why they cannot become one; None where they can. `is_new`: there will be the first one when it is filed."""
    facts = {"code": code(pair.one), "into": code(pair.other)}
    if gone := _gone(session, pair.other) or ("" if is_new else _gone(session, pair.one)):
        return Refused(GONE, code=gone)
    if not is_new and _are_one(session, pair):
        return Refused(IS_ONE, **facts)
    concluded = session.get_one(Feedback, issues.root_of(session, pair.other)).conclusion
    if concluded in FINAL and concluded != pair.seen:
        return Refused(DECIDED, **facts, kind=CONCLUSIONS[concluded].words)
    return None


def _is_done(session: Session, pair: Pair, origin: str) -> bool:
    """Has an earlier attempt merged them?"""
    merger = decisions.active(session, pair.one)
    return merger is not None and merger.origin == origin


def _gone(session: Session, feedback_id: int) -> str:
    """Its code, where a wish is not there any more; else ""."""
    return code(feedback_id) if offered.is_gone(session.get(Feedback, feedback_id)) else ""


def _are_one(session: Session, pair: Pair) -> bool:
    return issues.root_of(session, pair.one) == issues.root_of(session, pair.other)


def _said_by(session: Session, pair: Pair, by: Person) -> bool:
    """Was it this very person who said so, perhaps in an earlier attempt?"""
    row = session.get(NotSame, (min(pair.one, pair.other), max(pair.one, pair.other)))
    return row is not None and row.person == by.id
