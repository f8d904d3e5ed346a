"""Causes: what customers ask most, what was done so that they need not ask, and whether they ask less since (0次解決).

listed(session, now)                      # [Asked("word:請求書", 214, Cause(…), Effect(12.5, 4.0)), …]
keep({"theme": "word:請求書", "done": …, "url": …, "since": "2026-11-01"}, by=…)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, select

from workflows.customer.fields import is_day, today
from workflows.engine import rows
from workflows.engine.rows import Values, table_of
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.volume import Cause, DayCount
from workflows.volume.counts import ALL, THEME
from workflows.volume.periods import Period, lately

_DAYS = table_of(DayCount).c
#: Themes that are listed; days that are compared, at most, from before something was done and from then on.
MOST, COMPARED = 50, 28
LONGEST, LONGEST_URL = 500, 500
#: What is said of it to those who ask who did what.
KEPT = "Noted what was done about a theme: {about}."
TOO_LONG = "Enter at most {n} characters."
NO_URL = "Enter an address that begins with https://, or leave it empty."
NO_DAY = "Enter a day up to today, such as 2026-11-30."
NOTHING_DONE = "Enter what was done since that day."
NO_SINCE = "Enter since when, to compare before and after."


@dataclass(frozen=True)
class Effect:
    """How many came in a week before something was done and since then; of how many days that are wholly known."""

    before: float | None
    since: float | None
    days_before: int
    days_since: int


@dataclass(frozen=True)
class Asked:
    """A theme, how many enquiries of the last thirteen weeks are about it, and what was done; what that changed."""

    theme: str
    n: int
    cause: Cause | None = None
    effect: Effect | None = None


# -- questions -------------------------------------------------------------------------------------


def listed(session: Session, now: int) -> list[Asked]:
    """The most frequent first; of what something was done about, also what nobody asks any more."""
    period, done = lately(now), {each.theme: copy_of(each) for each in session.exec(select(Cause))}
    found = _most(session, period)
    seldom = {theme: count_of(session, period, theme) for theme in done if theme not in found}
    every = sorted((found | seldom).items(), key=lambda each: (-each[1], each[0]))
    return [Asked(theme, n, done.get(theme), _effect_of(session, done.get(theme), now)) for theme, n in every]


def find(session: Session, theme: str) -> Cause | None:
    """What was done about a theme; None where nobody has said anything."""
    return session.get(Cause, theme)


def is_known(session: Session, theme: str) -> bool:
    """Was there ever an enquiry about it?"""
    query = sa.select(_DAYS.day).where(_DAYS.facet == THEME, _DAYS.name == theme).limit(1)
    return session.connection().execute(query).first() is not None


def count_of(session: Session, period: Period, theme: str) -> int:
    """How many enquiries of a period are about a theme."""
    wanted = (_DAYS.facet == THEME, _DAYS.name == theme, *_days(period.first, period.last))
    return int(session.connection().execute(sa.select(sa.func.sum(_DAYS.n)).where(*wanted)).scalar() or 0)


def effect(session: Session, theme: str, since: str, now: int) -> Effect:
    """Before and since a day: the same number of days at most, and of those only what is wholly known."""
    first, yesterday = date.fromisoformat(since), rules.calendar.local(now).date() - timedelta(days=1)
    last = min(first + timedelta(days=COMPARED - 1), yesterday)
    before = _a_week(session, theme, first - timedelta(days=COMPARED), first - timedelta(days=1))
    after = _a_week(session, theme, first, last)
    return Effect(before[0], after[0], before[1], after[1])


def _effect_of(session: Session, cause: Cause | None, now: int) -> Effect | None:
    return effect(session, cause.theme, cause.since, now) if cause and cause.since else None


def _a_week(session: Session, theme: str, first: date, last: date) -> tuple[float | None, int]:
    known = _known(session, first, last)
    query = sa.select(_DAYS.day, sa.func.sum(_DAYS.n)).where(_DAYS.facet == THEME, _DAYS.name == theme)
    rows_of_days = session.connection().execute(query.where(*_days(first, last)).group_by(_DAYS.day))
    n = {day: int(count) for day, count in rows_of_days}
    return (7 * sum(n.get(day, 0) for day in known) / len(known) if known else None), len(known)


def _known(session: Session, first: date, last: date) -> set[str]:
    """The days whose every quarter hour is known, of whatever source counted by then."""
    query = sa.select(_DAYS.day, sa.func.min(_DAYS.known)).where(_DAYS.facet == ALL, _DAYS.name == "")
    found = session.connection().execute(query.where(*_days(first, last)).group_by(_DAYS.day))
    return {day for day, least in found if least >= _quarters(date.fromisoformat(day))}


def _quarters(day: date) -> int:
    moment = rules.calendar.moment
    return (moment(day + timedelta(days=1)) - moment(day)) // (15 * 60_000)


def _most(session: Session, period: Period) -> dict[str, int]:
    n = sa.func.sum(_DAYS.n).label("n")
    query = sa.select(_DAYS.name, n).where(_DAYS.facet == THEME, *_days(period.first, period.last))
    query = query.group_by(_DAYS.name).having(n > 0).order_by(n.desc(), _DAYS.name).limit(MOST)
    return {theme: int(count) for theme, count in session.connection().execute(query)}


def _days(first: date, last: date) -> tuple[sa.ColumnElement[bool], ...]:
    return (_DAYS.day >= first.isoformat(), _DAYS.day <= last.isoformat())


# -- what somebody types ---------------------------------------------------------------------------


def wrong(language: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a form, by field."""
    done, url, since = (typed.get(name, "").strip() for name in ("done", "url", "since"))
    found = {}
    if len(done) > LONGEST:
        found["done"] = say(language, TOO_LONG, n=LONGEST)
    elif since and not done:
        found["done"] = say(language, NOTHING_DONE)
    if url and (not url.startswith(("https://", "http://")) or len(url) > LONGEST_URL or not url.isprintable()):
        found["url"] = say(language, NO_URL)
    if since and (not is_day(since) or not "2000-01-01" <= since <= today().isoformat()):
        found["since"] = say(language, NO_DAY)
    elif done and not since:
        found["since"] = say(language, NO_SINCE)
    return found


def keep(typed: Mapping[str, str], *, by: Person) -> bool:
    """Note what was done about a theme; an empty form says that nothing was."""
    said = {name: typed.get(name, "").strip() for name in ("theme", "done", "url", "since")}
    who = {"person": by.id, "person_name": by.name, "set_at": now_ms()}
    return store.write(partial(_keep, row={**said, **who}))


def _keep(session: Session, row: Values) -> bool:
    rows.keep(session, Cause, row)
    return True
