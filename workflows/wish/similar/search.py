"""Search: whatever is like a text, or like a wish; by meaning, and by words where no encoder answers in time."""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import partial

from sqlmodel import Session

from workflows.engine.store import store
from workflows.language.company_words import canonical
from workflows.language.vectors.files import Unusable
from workflows.language.vectors.process import TooSlow
from workflows.language.vectors.scale import Scale
from workflows.rules import rules
from workflows.tables.wish import Feedback
from workflows.wish.similar import engine, matching, meaning, vectors, words
from workflows.wish.similar.matching import ANY, PERHAPS, Match

log = logging.getLogger("yamabiko")


def similar(
    text: str,
    *,
    most: int = 3,
    but: Collection[int] = (),
    least: float = PERHAPS,
    patience: float = engine.PATIENCE,
) -> list[Match]:
    """The wishes most similar to a text, the best first; none that are one with those in `but`.

    `least`: how sure it must be, 0 to 1. By words nothing is sure; there ANY means whatever shares a word.
    `patience`: for so many seconds an encoder may be waited for; with none, words answer at once. It has to be long
    enough for one to start: one that is given up begins anew.
    """
    if most <= 0 or not text.strip():
        return []
    return _similar(text, _encoded(text, patience), most, but, least)


def like(
    feedback_id: int,
    *,
    most: int = 3,
    but: Collection[int] = (),
    least: float = PERHAPS,
    patience: float = engine.PATIENCE,
) -> list[Match]:
    """The wishes most similar to one, none that are one with it or with those in `but`; nobody waits for an encoder
    where the wish has its vector."""
    wish, vector = store.read(lambda session: _of(session, feedback_id))
    if wish is None or most <= 0 or not wish.quote.strip():
        return []
    vector = vector or _encoded(vectors.text_of(wish), patience)
    return _similar(wish.quote, vector, most, {feedback_id, *but}, least)


def forget() -> None:
    """Begin anew: another database stands where the one before was."""
    words.forget()
    meaning.forget()


def _similar(text: str, vector: bytes | None, most: int, but: Collection[int], least: float) -> list[Match]:
    ranked, scale = _by_meaning(vector) or (_by_words(text, least), None)
    named = partial(matching.matches, ranked=ranked, scale=scale, text=text, most=most, but=but, least=least)
    return store.read(named)


def _by_meaning(vector: bytes | None) -> tuple[matching.Ranked, Scale] | None:
    """None where there is no vector, or where by now another encoder answers than the one that made it."""
    try:
        return (meaning.ranked(vector), meaning.scale()) if vector else None
    except (ValueError, Unusable) as error:
        log.warning("similar requests are found by words this time: %s", error)
        return None


def _by_words(text: str, least: float) -> list[tuple[float, int]]:
    spoken = canonical(text, rules.similar.synonyms)
    return words.ranked(spoken, words.THRESHOLD if least >= PERHAPS else ANY)


def _encoded(text: str, patience: float) -> bytes | None:
    """What a text means; None where words have to do."""
    if patience <= 0 or not engine.model():
        return None
    try:
        return engine.encode([text[: vectors.LONGEST]], patience)[0]
    except (Unusable, TooSlow) as error:
        log.warning("similar requests are found by words this time: %s", error)
        return None


def _of(session: Session, feedback_id: int) -> tuple[vectors.Read | None, bytes | None]:
    rows = vectors.texts(session, Feedback.id == feedback_id, 1)
    return (rows[0] if rows else None), (vectors.of(session, feedback_id) if engine.model() else None)
