"""Satisfaction: what share of those who said something was satisfied, and every list behind a figure.

figures(session, since)                        # a rating counts on the day on which it was given
listed(session, since, Wanted("bad"), 100)     # the newest of those that a figure counts, and how many there are

All moments are ms; weeks begin on Monday, where the company is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import said, table_of
from workflows.engine.store import now_ms
from workflows.measure.surveys import BAD, GOOD, INTERCOM, LINK
from workflows.rules import rules
from workflows.rules.enquiry import MEDIA
from workflows.tables.customer import Company, Contact
from workflows.tables.measure import Survey

ORIGINS, SCORES = (LINK, INTERCOM), (GOOD, BAD)
#: From a moment until another (ms), of which the latter is not meant any more; and one that never comes.
Span = tuple[int, int]
ENDLESS = 1 << 62
#: What a list can be of.
RATED, ASKED, ANSWERED, SILENT, NOT_ASKED = ("rated", "asked", "answered", "silent", "not-asked")
LISTS = GOOD, BAD, RATED, ASKED, ANSWERED, SILENT, NOT_ASKED
_survey, _company, _contact = table_of(Survey).c, table_of(Company).c, table_of(Contact).c


class Share(NamedTuple):
    """So many of those who said something were satisfied."""

    good: int
    rated: int


@dataclass(frozen=True)
class Figures:
    """`by_week`: by the Monday on which a week begins, and by ORIGINS. `answered`: of those who were asked."""

    all: Share
    asked: int
    answered: int
    by_medium: dict[str, Share]
    by_origin: dict[str, Share]
    by_week: dict[date, dict[str, Share]]
    reasons: dict[str, int]
    not_asked: dict[str, int]


def figures(session: Session, since: int) -> Figures:
    """All figures of what was said, asked, and not asked since then."""
    weeks = _weeks(since, now_ms())
    rated = _counted(session, list(weeks.values()))
    asked = _asked_by_score(session, since)
    by_reason = Counter[str]()
    for reasons, n in _reasons(session, since).items():
        by_reason.update(dict.fromkeys(json.loads(reasons), n))
    return Figures(
        _share(rated),
        sum(asked.values()),
        sum(n for score, n in asked.items() if score),
        {medium: _share(each for each in rated if each.medium == medium) for medium in MEDIA},
        {origin: _share(each for each in rated if each.origin == origin) for origin in ORIGINS},
        _by_week(list(weeks), rated),
        dict(by_reason.most_common()),
        _not_asked(session, since),
    )


class Counted(NamedTuple):
    """How many said the same, where, of conversations of one medium, within a span (by its number)."""

    span: int
    score: str
    origin: str
    medium: str
    n: int


def _counted(
    session: Session,
    spans: Sequence[Span],
    scores: Collection[str] = SCORES,
    origins: Collection[str] = ORIGINS,
    media: Collection[str] = MEDIA,
) -> list[Counted]:
    """How many of each kind there are in each span; each number is counted along an index, and nothing is sorted."""
    columns = sa.column("span", sa.Integer), sa.column("begins", sa.BigInteger), sa.column("ends", sa.BigInteger)
    numbered = [(number, begins, ends) for number, (begins, ends) in enumerate(spans)]
    span = sa.values(*columns, name="spans", literal_binds=True).data(numbered).cte("spans")
    names = [sa.column(name, sa.String) for name in ("score", "origin", "medium")]
    every = list(product(scores, origins, media))
    kind = sa.values(*names, name="kinds", literal_binds=True).data(every).cte("kinds")
    same = [_survey[name] == kind.c[name] for name in ("score", "origin", "medium")]
    within = (_survey.scored_at >= span.c.begins, _survey.scored_at < span.c.ends)
    n = sa.select(sa.func.count()).select_from(table_of(Survey)).where(_survey.score != said(""), *same, *within)
    every_pair = span.join(kind, sa.true())
    counted = sa.select(span.c.span, *kind.c, n.correlate(span, kind).scalar_subquery()).select_from(every_pair)
    return [Counted._make(row) for row in session.connection().execute(counted).all()]


def _asked(since: int) -> Sequence[Any]:
    return _survey.asked_at >= since, _survey.part_id != said("")


def _asked_by_score(session: Session, since: int) -> dict[str, int]:
    """How many were asked, by what they said since ("": nothing)."""
    n = [
        sa.select(sa.func.count()).select_from(table_of(Survey)).where(*_asked(since), _survey.score == said(score))
        for score in ("", *SCORES)
    ]
    found = session.connection().execute(sa.select(*(each.scalar_subquery() for each in n))).one()
    return dict(zip(("", *SCORES), found, strict=True))


def _share(some: Iterable[Counted]) -> Share:
    counted = list(some)
    return Share(sum(each.n for each in counted if each.score == GOOD), sum(each.n for each in counted))


def _by_week(mondays: Sequence[date], rated: Sequence[Counted]) -> dict[date, dict[str, Share]]:
    """Those in which somebody said something."""
    weeks: dict[date, list[Counted]] = {}
    for each in sorted(rated):
        if each.n:
            weeks.setdefault(mondays[each.span], []).append(each)
    return {
        monday: {origin: _share(each for each in some if each.origin == origin) for origin in ORIGINS}
        for monday, some in weeks.items()
    }


def _weeks(since: int, until: int) -> dict[date, Span]:
    """The weeks from then on by their Mondays, and what of each is meant; the last has no end: clocks differ."""
    first, last = week_of(since), week_of(until)
    mondays = [first + timedelta(days=7 * number) for number in range((last - first).days // 7 + 1)]
    begins = [rules.calendar.moment(monday) for monday in mondays]
    spans = zip([since, *begins[1:]], [*begins[1:], ENDLESS], strict=True)
    return dict(zip(mondays, spans, strict=True))


def week_of(at: int) -> date:
    """The Monday on which the week of a moment begins."""
    day = rules.calendar.local(at).date()
    return day - timedelta(days=day.weekday())


def _reasons(session: Session, since: int) -> dict[str, int]:
    """Which reasons were given together, as they are kept, and how often."""
    given = sa.cast(_survey.reasons, sa.Text)
    query = sa.select(given, sa.func.count()).where(_survey.score == said(BAD), _survey.scored_at >= since)
    return {reasons: n for reasons, n in session.connection().execute(query.group_by(given))}


def _not_asked(session: Session, since: int) -> dict[str, int]:
    query = sa.select(_survey.not_asked, sa.func.count()).where(_survey.not_asked != said(""), _survey.episode >= since)
    rows = session.connection().execute(query.group_by(_survey.not_asked))
    return dict(sorted(((why, n) for why, n in rows), key=lambda pair: -pair[1]))


# -- lists -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """One of LISTS, and what it is narrowed to: a medium, where it was said, a week, a reason, or why not asked."""

    show: str = BAD
    medium: str = ""
    origin: str = ""
    week: date | None = None
    reason: str = ""
    why: str = ""


class Row(NamedTuple):
    """A survey on a list, with whom it is about."""

    survey: Survey
    company: str
    person: str

    @property
    def at(self) -> int:
        """The moment for which it stands there."""
        return self.survey.scored_at or self.survey.asked_at or self.survey.episode


def listed(session: Session, since: int, wanted: Wanted, most: int) -> tuple[list[Row], int]:
    """The newest rows of a list, and how many it has."""
    given = _reasons(session, since) if wanted.reason else {}
    given = {reasons: n for reasons, n in given.items() if wanted.reason in json.loads(reasons)}
    where = _where(wanted, since, given)
    at = AT.get(wanted.show, _survey.scored_at)
    query = sa.select(Survey, _company.name, _contact.name).where(*where).order_by(at.desc(), _survey.id.desc())
    query = query.outerjoin(table_of(Company), _company.id == _survey.company_id)
    query = query.outerjoin(table_of(Contact), _contact.id == _survey.contact_id)
    return [_row(*row) for row in session.execute(query.limit(most))], _total(session, since, wanted, where, given)


#: By what a list is sorted that is not of what was said.
AT = {ASKED: _survey.asked_at, ANSWERED: _survey.asked_at, SILENT: _survey.asked_at, NOT_ASKED: _survey.episode}


def _total(session: Session, since: int, wanted: Wanted, where: Sequence[Any], given: Mapping[str, int]) -> int:
    """How many rows a list has: where figures count it, as they do."""
    if wanted == Wanted(reason=wanted.reason) and wanted.reason:
        return sum(given.values())
    if wanted.show in AT or wanted.reason or wanted.why:
        n = sa.select(sa.func.count()).select_from(table_of(Survey)).where(*where)
        return int(session.execute(n).scalar_one())
    begins, ends = _span_of(wanted.week) if wanted.week else (since, ENDLESS)
    scores = SCORES if wanted.show == RATED else (wanted.show,)
    origins, media = [wanted.origin] if wanted.origin else ORIGINS, [wanted.medium] if wanted.medium else MEDIA
    return sum(each.n for each in _counted(session, [(max(begins, since), ends)], scores, origins, media))


def _row(survey: Survey, company: str | None, person: str | None) -> Row:
    return Row(survey, company or "", person or "")


def _where(wanted: Wanted, since: int, given: Collection[str]) -> list[Any]:
    """`given`: the reasons, as they are kept together, among which the wanted one is."""
    kinds: dict[str, Sequence[Any]] = {
        GOOD: (_survey.score == said(GOOD), _survey.scored_at >= since),
        BAD: (_survey.score == said(BAD), _survey.scored_at >= since),
        RATED: (_survey.score != said(""), _survey.scored_at >= since),
        ASKED: _asked(since),
        ANSWERED: (*_asked(since), _survey.score != said("")),
        SILENT: (*_asked(since), _survey.score == said("")),
        NOT_ASKED: (_survey.not_asked != said(""), _survey.episode >= since),
    }
    narrowed = [
        column == value
        for column, value in (
            (_survey.medium, wanted.medium),
            (_survey.origin, wanted.origin),
            (_survey.not_asked, wanted.why),
        )
        if value
    ]
    if wanted.week:
        begins, ends = _span_of(wanted.week)
        narrowed += [_survey.scored_at >= begins, _survey.scored_at < ends]
    if wanted.reason:
        narrowed += [sa.cast(_survey.reasons, sa.Text).in_(list(given))]
    return [*kinds[wanted.show], *narrowed]


def _span_of(monday: date) -> Span:
    return rules.calendar.moment(monday), rules.calendar.moment(monday + timedelta(days=7))
