"""Reactions: what customers did with what they were told, within two weeks of it.

of_chat(session, chat)         # what they were told there lately, or in chats that were merged into it
note(session, telling, …)      # a stronger reaction takes the place of a weaker one
met_again(session)             # what they asked for since, which may be the same once more
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from workflows.engine.actions import happened
from workflows.engine.rows import said
from workflows.engine.store import DAY_MS, now_ms
from workflows.language.folding import fold
from workflows.language.signs import signs
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, FeedbackIssue
from workflows.telling import answers, ledger
from workflows.telling.drafts import TOLD
from workflows.telling.uses import USED
from workflows.wish import reopened
from workflows.wish.wishes import COUNTS, code

THANKS, RATED, AGAIN = "thanks", "rated", "again"
#: From the weakest to the strongest: that they came again says that it did not solve it, whatever they said before.
STRENGTH = ("", USED, RATED, THANKS, AGAIN)
#: These in words.
WORDS = {
    THANKS: "Said thank you",
    RATED: "Rated it {n} out of 5",
    USED: "Used it",
    AGAIN: "Asked again",
}
#: What the timeline says.
SENTENCES = {
    THANKS: "The customer said thank you.",
    RATED: "The customer rated the conversation {n} out of 5 after they were notified.",
    AGAIN: "The customer asked for the same again after they were notified: {code}.",
}
WITHIN_MS = reopened.DAYS * DAY_MS
#: Two texts of one kind and company are about the same where they share so much of what the shorter one is about.
SHARED = 0.6


#: Was a customer told of a release or of a decision? An apology is told too, and asks for no reaction.
TOLD_OF_NEWS = sa.and_(col(Telling.state) == TOLD, ~col(Telling.release_id).endswith(f":{ledger.REOPENED}"))


def of_chat(session: Session, conversation_id: str, at: int) -> list[Telling]:
    """What a customer was told in a chat, or in one that was merged into it, and can react to at that moment (ms)."""
    told = [each for each in answers.of_chat(session, conversation_id) if each.state == TOLD]
    lately = [each for each in told if at - WITHIN_MS <= (each.told_at or 0) <= at]
    return sorted(lately, key=lambda each: (each.told_at or 0, each.release_id))


def note(session: Session, telling: Telling, reaction: str, at: int, *, rating: int = 0, wish: int = 0) -> bool:
    """Keep what a customer did; False where that is nothing new, or they did more than that before."""
    row = session.get_one(Telling, (telling.release_id, telling.conversation_id), with_for_update=True)
    if row.state != TOLD:
        return False
    is_new = not row.rating if rating else STRENGTH.index(reaction) > STRENGTH.index(row.reaction)
    row.rating, row.asked_again = row.rating or rating, row.asked_again or wish or None
    if STRENGTH.index(reaction) > STRENGTH.index(row.reaction):
        row.reaction, row.reacted_at = reaction, at
    if is_new:
        key = f"{reaction}:{row.release_id}:{row.conversation_id}:{row.told_at}"
        facts = {"n": rating} if rating else {"code": code(wish)} if wish else {}
        happened(session, answers.about(session, row, "us.react", key, SENTENCES[reaction], facts))
    return is_new


# -- the same again -------------------------------------------------------------------------------

_NEW, _BEFORE = aliased(Feedback), aliased(Feedback)


class Pair(NamedTuple):
    """What somebody was told, and what they, or their company, asked for within two weeks of it."""

    release_id: str
    conversation_id: str
    feedback_id: int
    #: Does it wait for the issue of which they were told?
    is_linked: bool


def met_again(session: Session) -> Iterator[Pair]:
    """Everything that may be the same once more, as far as nobody has found that it is."""
    since = now_ms() - WITHIN_MS
    lately = col(Telling.told_at) >= since - WITHIN_MS, col(_NEW.said_at) >= since
    for same in (
        sa.and_(col(_NEW.contact_id) == col(_BEFORE.contact_id), col(_NEW.contact_id) != ""),
        sa.and_(col(_NEW.company_id) == col(_BEFORE.company_id), col(_NEW.company_id) != ""),
    ):
        for release_id, chat, id, is_linked in session.execute(_pairs(same).where(*lately)):
            yield Pair(release_id, chat, id, bool(is_linked))


def _pairs(same: Any) -> Any:
    linked = (
        sa.select(col(FeedbackIssue.feedback_id))
        .join(Release, col(Release.issue_id) == col(FeedbackIssue.issue_id))
        .where(col(FeedbackIssue.feedback_id) == _NEW.id, col(Release.id) == col(Telling.release_id))
        .where(col(Release.kind) == ledger.FINISHED)
        .exists()
    )
    return (
        sa.select(col(Telling.release_id), col(Telling.conversation_id), col(_NEW.id), linked)
        .join(_BEFORE, col(_BEFORE.conversation_id) == col(Telling.conversation_id))
        .join(_NEW, same)
        .where(TOLD_OF_NEWS, col(Telling.reaction) != said(AGAIN))
        .where(col(_NEW.said_at) > col(Telling.told_at), col(_NEW.said_at) <= col(Telling.told_at) + WITHIN_MS)
        .where(col(_BEFORE.said_at) <= col(Telling.told_at), col(_BEFORE.withdrawn_at).is_(None))
        .where(col(_NEW.withdrawn_at).is_(None))
        .distinct()
    )


def told_about(session: Session, telling: Telling) -> list[Feedback]:
    """What had been asked for in that conversation when they were told."""
    asked = select(Feedback).where(Feedback.conversation_id == telling.conversation_id, COUNTS)
    return list(session.exec(asked.where(col(Feedback.said_at) <= telling.told_at).order_by(col(Feedback.id))))


def is_same_matter(new: Feedback, before: Feedback) -> bool:
    """Are these one request by now, or of one kind and company and in much the same words?"""
    if (new.merged_into or new.id) == (before.merged_into or before.id):
        return True
    is_theirs = bool(new.company_id) and new.company_id == before.company_id and new.kind == before.kind
    return is_theirs and (fold(new.quote) == fold(before.quote) or shared(new.quote, before.quote) >= SHARED)


def shared(one: str, other: str) -> float:
    """How much of what the shorter text is about the other one is about, too; 0 where it is about nothing."""
    first, second = signs(one), signs(other)
    least = min(sum(first.values()), sum(second.values()))
    return sum(min(worth, second.get(sign, 0.0)) for sign, worth in first.items()) / least if least else 0.0
