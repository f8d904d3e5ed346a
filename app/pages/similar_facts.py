"""What pages show of similar requests: how sure it is, the words, whose they are, why, and what one can do about it.

facts["similar"] = similar_facts.beside(item, language)     # below a request, with buttons
facts["similar"] = similar_facts.of_text(typed, language)   # below words that are being typed, to choose from
{% include "_similar.html" %}                               # … in the template of either
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, col

from workflows.customer import companies
from workflows.customer.fields import LONG
from workflows.engine.rows import among
from workflows.engine.store import now_ms, store
from workflows.language.shared_words import shared_words
from workflows.meeting import past
from workflows.meeting.items import Item
from workflows.rules.choices import FINAL
from workflows.tables.similar import NotSame
from workflows.tables.wish import Feedback
from workflows.wish import similar, voices
from workflows.wish.similar import ANY, Match, refused, texts
from workflows.wish.wishes import id_of

#: So many are named where they are close enough; so many are shown to whoever asks for more, however far they are.
NAMED, MOST = 3, 5
#: A word says less than this, and half the backlog has it.
SHORTEST = 4


@dataclass(frozen=True)
class Like:
    """A request that asks for much the same. `child` would be merged into `into`: the younger into the older, but
    what was decided stays what the others are merged into; both are 0 where nothing is filed yet."""

    feedback_id: int
    quote: str
    firm: str
    conclusion: str
    voice: str
    tone: str
    why: str
    child: int = 0
    into: int = 0


@dataclass(frozen=True)
class Similar:
    """What is similar to one request, or to words that are being typed (`about` is 0 then, and `chosen` the request
    that was said to be the same). `is_all`: these are as many as there are to be seen; `apart`: so many are not shown,
    as somebody said that they are not the same; `back`: the page's name, as `back` of its forms."""

    likes: Sequence[Like] = ()
    about: int = 0
    is_all: bool = True
    apart: int = 0
    back: str = ""
    chosen: int = 0
    is_asked: bool = True


def beside(item: Item, language: str, *, most: int = NAMED, back: str = "") -> Similar:
    """What others asked for that is much the same as this request; from MOST on the closest, however far they are."""
    is_all = most >= MOST
    asked = partial(similar.like, item.id, most=most, but=list(item.weighed.members))
    likes = _likes(asked(least=ANY) if is_all else asked(), language, item)
    return Similar(likes, item.id, is_all, len(store.read(partial(apart, item=item))), back)


def of_text(text: str, language: str, chosen: str = "") -> Similar:
    """What is similar to what somebody types, and what they said is the same, though the words have changed since."""
    said, same = text.strip()[:LONG], id_of(chosen) or 0
    is_asked = len(said) >= SHORTEST
    found = similar.similar(said, most=NAMED) if is_asked else []
    if same and same not in {match.feedback_id for match in found}:
        found = [*store.read(partial(_match, said=said, id=same)), *found]
    return Similar(_likes(found, language), chosen=same, is_asked=is_asked)


def _match(session: Session, said: str, id: int) -> list[Match]:
    wish = session.get(Feedback, id)
    return [Match(id, wish.quote, 0.0, shared_words(said, wish.quote))] if wish and wish.quote else []


def _likes(found: Sequence[Match], language: str, item: Item | None = None) -> list[Like]:
    return store.read(partial(_read, found=found, language=language, item=item)) if found else []


def _read(session: Session, found: Sequence[Match], language: str, item: Item | None) -> list[Like]:
    now, ids = now_ms(), [match.feedback_id for match in found]
    firms = companies.firms(session, now, among(col(Feedback.id), ids))
    said, concluded = voices.voices(session, ids, firms, now), past.conclusions_of(session, ids, now)
    return [
        _like(match, said[match.feedback_id], concluded.get(match.feedback_id, ""), language, item)
        for match in found
        if match.feedback_id in said
    ]


def _like(match: Match, voice: voices.Voice, conclusion: str, language: str, item: Item | None) -> Like:
    id = match.feedback_id
    stays = item is not None and (conclusion in FINAL or id < item.id)
    child, into = (0, 0) if item is None else (item.id, id) if stays else (id, item.id)
    return Like(
        id,
        voice.quote,
        voice.firm.name or voice.person,
        conclusion,
        texts.voice(match, language),
        "moving" if match.is_likely else "" if match.is_named else "over",
        texts.why(match, language) if match.is_named or match.shared else "",
        child,
        into,
    )


# -- what is not the same -------------------------------------------------------------------------


@dataclass(frozen=True)
class Apart:
    """Two requests of which somebody said that they are not the same: the pair as it was said, to be undone; the words
    of `other`, and who said it."""

    one: int
    other: int
    quote: str
    person: str
    said_at: int


def apart(session: Session, item: Item) -> list[Apart]:
    """What was said not to be the same as this request, or as one that was merged into it; the newest first."""
    members = {item.id, *item.weighed.members}
    rows = sorted(refused.said(session, members), key=lambda row: row.said_at, reverse=True)
    return [pair for row in rows if (pair := _apart(session, row, members))]


def _apart(session: Session, row: NotSame, members: set[int]) -> Apart | None:
    one, other = (row.one, row.other) if row.one in members else (row.other, row.one)
    wish = session.get(Feedback, other)
    return Apart(one, other, wish.quote, row.person_name, row.said_at) if wish else None


def just_now(session: Session, item: Item, about: str) -> Apart | None:
    """What was said a moment ago to be another request, if it still is."""
    other = id_of(about)
    return next((pair for pair in apart(session, item) if pair.other == other), None) if other else None
