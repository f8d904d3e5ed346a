"""Voice: what customers say about something: how many, week by week, who, in which words, and what became of it.

    found = about(session, "請求書", now)
    found.enquiries.weeks          # the last thirteen weeks, the oldest first; the last one ends today
    found.states["planned"]        # the requests that hold the words, by where they are

Words that are a theme (`[themes]`, or a tag) are counted as `/volume?about=…` counts that theme, of every source. All
others are looked for in what customers wrote: an enquiry is a conversation in which somebody did in these weeks.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import among, table_of
from workflows.language.folding import fold
from workflows.measure.voice_quotes import MESSAGE, WISH, Quote, quotes
from workflows.overview import lives
from workflows.overview.life import ADOPTED, DEVELOPMENT, RECEIVED, Facts, stage_of
from workflows.rules import rules
from workflows.search import documents
from workflows.search.documents import Wanted
from workflows.search.search import words_of
from workflows.tables.customer import Conversation, Message
from workflows.tables.wish import Feedback
from workflows.volume import causes, listed, themes, views
from workflows.volume.listed import Sought
from workflows.volume.periods import Period, Span, day_span, lately
from workflows.volume.views import MISSING
from workflows.wish.awaited import is_available

#: Messages and requests that are read of those that hold the words, the newest: who asks for more knows enough by then.
MOST, MOST_WISHES = 5_000, 1_000
#: … and of a theme, for its quotes alone.
FEW = 50
#: Where a request is, as far as whoever asks needs to know.
UNDECIDED, PLANNED, RELEASED, OVER = STATES = ("undecided", "planned", "released", "over")
#: Columns of what is looked for.
_MESSAGES, _CHATS, _WISHES = table_of(Message).c, table_of(Conversation).c, table_of(Feedback).c


class Week(NamedTuple):
    """How many there were in seven days; at least so many, where not all is known."""

    n: int
    is_known: bool = True


@dataclass(frozen=True)
class Counted:
    """How many there were in each of the weeks, the oldest first."""

    weeks: Sequence[Week]

    @property
    def n(self) -> int:
        """In all of them."""
        return sum(week.n for week in self.weeks)

    @property
    def is_known(self) -> bool:
        """Is that all that there were since anything is known?"""
        return all(week.is_known for week in self.since_known)

    @property
    def since_known(self) -> Sequence[Week]:
        """From the first week on of which anything is known, and the last two in any case."""
        begun = next((at for at, week in enumerate(self.weeks) if week.is_known or week.n), len(self.weeks))
        return self.weeks[min(begun, len(self.weeks) - 2) :]

    @property
    def last(self) -> Week:
        """In the last seven days."""
        return self.weeks[-1]

    @property
    def before(self) -> Week:
        """In the seven days before these."""
        return self.weeks[-2]


class Mention(NamedTuple):
    """Where customers used the words: the conversation or the request, whose, and when."""

    id: str
    contact_id: str
    company_id: str
    at: int


class Said(NamedTuple):
    """A message of a customer in which the words are."""

    ref: str
    mention: Mention


@dataclass(frozen=True)
class Voice:
    """All of it. `theme`: as which it was counted, "" for by the words; of a theme nobody knows how many `people` it
    were. `states`: of all requests that hold the words, or where not `is_whole` of the newest. `is_cut`: not all that
    holds the words was read."""

    words: str
    theme: str
    enquiries: Counted
    requests: Counted
    people: int
    companies: int
    states: Mapping[str, int]
    is_whole: bool
    is_cut: bool
    quotes: Sequence[Quote]

    @property
    def is_empty(self) -> bool:
        """Was nothing found?"""
        return not (self.enquiries.n or any(self.states.values()) or self.quotes or self.is_cut)


def about(session: Session, typed: str, now: int, quoted: Collection[Sequence[str]] | None = None) -> Voice:
    """What customers say about these words as of now. `quoted`: with these quotes alone, as far as they are there."""
    theme, spans = theme_of(session, typed), weeks(now)
    ways = _ways(typed, theme)
    said, said_since = _said(session, ways, spans[0].begins, FEW if theme else MOST)
    chats = _chats(said)
    asked, asked_since = _asked(session, ways)
    lately_asked = [each for each in asked if each.at >= spans[0].begins]
    counted = of_theme(session, theme, now) if theme else _weekly(spans, chats, said_since or _begun(session, spans))
    firms = listed.companies(session, Sought(spans[0].begins, now + 1, theme)) if theme else _firms(chats)
    keys = [(MESSAGE, each.ref) for each in said] + [(WISH, each.id) for each in asked]
    return Voice(
        words=typed,
        theme=theme,
        enquiries=counted,
        requests=_weekly(spans, lately_asked, asked_since),
        people=0 if theme else len({each.contact_id for each in (*chats, *lately_asked)} - {""}),
        companies=len((firms | _firms(lately_asked)) - {""}),
        states=_states(session, asked),
        is_whole=not asked_since,
        is_cut=bool(said_since),
        quotes=quotes(session, keys, quoted),
    )


def weeks(now: int) -> list[Span]:
    """The last thirteen times seven days on the company's calendar; the last one ends with today."""
    return [_week(first) for first in list(lately(now).days())[::7]]


def _week(first: date) -> Span:
    return Span(day_span(first).begins, day_span(first + timedelta(days=6)).ends)


# -- as a theme -----------------------------------------------------------------------------------


def theme_of(session: Session, typed: str) -> str:
    """The theme that these words are, by its name, one of its words or as a tag; "" for none."""
    folded = fold(typed).strip()
    for name, words in rules.volume.themes.items():
        if folded and folded in {fold(each).strip() for each in (name, *words)}:
            return themes.WORD + name
    tag = themes.TAG + typed.strip()
    return tag if folded and causes.is_known(session, tag) else ""


def _ways(typed: str, theme: str) -> list[list[str]]:
    """In which words it is looked for: in any of a theme's, else in all that were typed."""
    words = rules.volume.themes.get(theme.removeprefix(themes.WORD), ()) if theme.startswith(themes.WORD) else ()
    return [found for found in map(words_of, (f'"{each}"' for each in words)) if found] or [words_of(typed)]


def of_theme(session: Session, theme: str, now: int) -> Counted:
    """The weeks of a theme ("" for of all enquiries), as they were counted."""
    found = views.merged(views.points(session, lately(now), now, theme), weeks(now))
    return Counted([Week(each.n, each.state != MISSING) for each in found])


def two_weeks(session: Session, now: int) -> tuple[Week, Week]:
    """How many enquiries came in in the seven days before the last seven, and in these."""
    last = lately(now)
    period = Period(last.kind, last.last - timedelta(days=13), last.last)
    found = views.merged(views.points(session, period, now), weeks(now)[-2:])
    before, after = (Week(each.n, each.state != MISSING) for each in found)
    return before, after


# -- in what customers wrote ----------------------------------------------------------------------


def _said(session: Session, ways: Iterable[Sequence[str]], since: int, most: int) -> tuple[list[Said], int]:
    """What customers wrote in these words, the newest first; and since when that is all, 0 for since ever."""
    found, all_since = _found(session, ways, MESSAGE, since, most)
    if not found:
        return [], all_since
    query = _THEIRS.where(among(_MESSAGES.id, list(found)), _MESSAGES.is_customer)
    theirs = [
        Said(ref, Mention(chat, contact or "", company or "", found[ref]))
        for ref, chat, contact, company in session.connection().execute(query).all()
    ]
    return sorted(theirs, key=lambda each: (-each.mention.at, each.ref)), all_since


def _found(
    session: Session, ways: Iterable[Sequence[str]], kind: str, since: int, most: int
) -> tuple[dict[str, int], int]:
    """What search finds of a kind: its moments by its refs; and from when on that is all, 0 for from `since` on."""
    found, all_since = dict[str, int](), 0
    for words in ways:
        hits = documents.mentions(session, Wanted(words, (kind,), since=since), most)
        all_since = max(all_since, hits[-1][2]) if len(hits) >= most else all_since
        found |= {ref: at for ref, _, at in hits}
    return found, all_since


#: A message, its conversation, and whose that is.
_THEIRS = sa.select(_MESSAGES.id, _MESSAGES.conversation_id, _CHATS.contact_id, _CHATS.company_id).select_from(
    table_of(Message).outerjoin(table_of(Conversation), _CHATS.id == _MESSAGES.conversation_id)
)


def _chats(said: Iterable[Said]) -> list[Mention]:
    """The conversations in which that was, and when first."""
    first = {each.mention.id: each.mention for each in said}  # the newest come first, so the first one stays
    return list(first.values())


def _asked(session: Session, ways: Iterable[Sequence[str]]) -> tuple[list[Mention], int]:
    """The requests that hold the words and count, the newest first; and since when that is all, 0 for since ever."""
    found, all_since = _found(session, ways, WISH, 0, MOST_WISHES)
    if not found:
        return [], all_since
    columns = (_WISHES.id, _WISHES.contact_id, _WISHES.company_id, _WISHES.said_at)
    query = sa.select(*columns).where(among(_WISHES.id, list(map(int, found))), _WISHES.withdrawn_at.is_(None))
    rows = session.connection().execute(query.order_by(_WISHES.said_at.desc(), _WISHES.id.desc()))
    return [Mention(str(id), contact or "", company or "", at) for id, contact, company, at in rows], all_since


def _begun(session: Session, spans: Sequence[Span]) -> int:
    """From when on conversations are known: from the week of the first one."""
    first = int(session.connection().execute(sa.select(sa.func.min(_CHATS.created_at))).scalar() or 0)
    return max((span.begins for span in spans if span.begins <= first), default=0)


def _weekly(spans: Sequence[Span], mentions: Iterable[Mention], known_since: int) -> Counted:
    begins = [span.begins for span in spans]
    n = Counter(max(bisect(begins, each.at) - 1, 0) for each in mentions)
    return Counted([Week(n[number], span.begins >= known_since) for number, span in enumerate(spans)])


def _firms(mentions: Iterable[Mention]) -> set[str]:
    return {each.company_id for each in mentions}


# -- what became of it ----------------------------------------------------------------------------


def _states(session: Session, asked: Sequence[Mention]) -> dict[str, int]:
    """How many of these requests are where."""
    known = lives.facts_of(session, [int(each.id) for each in asked]) if asked else {}
    n = Counter(_state(facts) for facts in known.values())
    return {state: n[state] for state in STATES}


def _state(facts: Facts) -> str:
    if is_available(facts.issues):
        return RELEASED
    stage = stage_of(facts)
    return UNDECIDED if stage == RECEIVED else PLANNED if stage in (ADOPTED, DEVELOPMENT) else OVER
