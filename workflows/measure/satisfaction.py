"""Satisfaction: what share of those who said something was satisfied, and every list behind a figure.

figures(session, since)                        # a rating counts on the day on which it was given
listed(session, since, Wanted("bad"), 100)     # the newest of those that a figure counts, and how many there are

All moments are ms; weeks begin on Monday, where the company is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import table_of
from workflows.measure.surveys import BAD, GOOD, INTERCOM, LINK
from workflows.rules import rules
from workflows.rules.enquiry import MEDIA
from workflows.tables.customer import Company, Contact
from workflows.tables.measure import Survey

ORIGINS = LINK, INTERCOM
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
    rated = [Said(*row) for row in session.connection().execute(_RATED.where(_survey.scored_at >= since))]
    asked = sa.select(sa.func.count(), sa.func.count(sa.case((_survey.score != "", 1)))).where(*_asked(since))
    n, answered = session.connection().execute(asked).one()
    return Figures(
        _share(rated),
        n,
        answered,
        {medium: _share(each for each in rated if each.medium == medium) for medium in MEDIA},
        {origin: _share(each for each in rated if each.origin == origin) for origin in ORIGINS},
        _by_week(rated),
        dict(Counter(reason for each in rated if each.score == BAD for reason in each.reasons).most_common()),
        _not_asked(session, since),
    )


class Said(NamedTuple):
    """What somebody said, as figures count it."""

    score: str
    origin: str
    medium: str
    scored_at: int
    reasons: list[str]


_RATED = sa.select(*(_survey[name] for name in Said._fields)).where(_survey.score != "")


def _asked(since: int) -> Sequence[Any]:
    return _survey.asked_at >= since, _survey.part_id != ""


def _share(some: Iterable[Said]) -> Share:
    scores = [each.score for each in some]
    return Share(scores.count(GOOD), len(scores))


def _by_week(rated: Iterable[Said]) -> dict[date, dict[str, Share]]:
    weeks: dict[date, list[Said]] = {}
    for each in sorted(rated, key=lambda said: said.scored_at):
        weeks.setdefault(week_of(each.scored_at), []).append(each)
    return {
        monday: {origin: _share(each for each in some if each.origin == origin) for origin in ORIGINS}
        for monday, some in weeks.items()
    }


def week_of(at: int) -> date:
    """The Monday on which the week of a moment begins."""
    day = rules.calendar.local(at).date()
    return day - timedelta(days=day.weekday())


def _not_asked(session: Session, since: int) -> dict[str, int]:
    query = sa.select(_survey.not_asked, sa.func.count()).where(_survey.not_asked != "", _survey.episode >= since)
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
    """The newest rows of a list, and how many it has. A reason is looked for in what the last 20,000 said."""
    where = _where(wanted, since)
    at = _survey.scored_at if wanted.show in (GOOD, BAD, RATED) else _survey.episode
    query = sa.select(Survey, _company.name, _contact.name).where(*where).order_by(at.desc(), _survey.id.desc())
    query = query.outerjoin(table_of(Company), _company.id == _survey.company_id)
    query = query.outerjoin(table_of(Contact), _contact.id == _survey.contact_id)
    if wanted.reason:
        found = [row for row in session.execute(query.limit(LOOKED)) if wanted.reason in row[0].reasons]
        return [_row(*row) for row in found[:most]], len(found)
    n = session.execute(sa.select(sa.func.count()).select_from(table_of(Survey)).where(*where)).scalar_one()
    return [_row(*row) for row in session.execute(query.limit(most))], n


LOOKED = 20_000


def _row(survey: Survey, company: str | None, person: str | None) -> Row:
    return Row(survey, company or "", person or "")


def _where(wanted: Wanted, since: int) -> list[Any]:
    kinds: dict[str, Sequence[Any]] = {
        GOOD: (_survey.score == GOOD, _survey.scored_at >= since),
        BAD: (_survey.score == BAD, _survey.scored_at >= since),
        RATED: (_survey.score != "", _survey.scored_at >= since),
        ASKED: _asked(since),
        ANSWERED: (*_asked(since), _survey.score != ""),
        SILENT: (*_asked(since), _survey.score == ""),
        NOT_ASKED: (_survey.not_asked != "", _survey.episode >= since),
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
    return [*kinds[wanted.show], *narrowed, *(_within(wanted.week) if wanted.week else ())]


def _within(monday: date) -> Sequence[Any]:
    ends = rules.calendar.moment(monday), rules.calendar.moment(monday + timedelta(days=7))
    return _survey.scored_at >= ends[0], _survey.scored_at < ends[1]
