"""Ten weeks of enquiries before the demo began, counted as those that come in are: there is something to see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from math import exp
from random import Random

from sqlmodel import Session

from app.demo import company
from integrations.intercom import models
from workflows.engine.rows import Values
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.rules import rules
from workflows.volume import arrivals, causes, counts, occasions
from workflows.volume.periods import HOUR_MS

WEEKS = 10
#: How many come in in each hour of an ordinary day: two peaks, and hardly anything at night.
SHAPE = (*(0.02,) * 7, 0.2, 0.8, 2.2, 2.6, 1.9, 0.7, 1.7, 2.3, 1.9, 1.4, 0.9, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02)
#: How much of that on each day of the week, from Monday on.
WEEK = (1.35, 1.1, 1.0, 0.95, 1.05, 0.12, 0.08)
THEMES = {"打刻": 30, "CSV出力": 22, "有給休暇": 18, "請求": 12, "ログイン": 10, "シフト": 9, "権限": 7, "残業": 6}
THEMES |= {"承認": 5, "API": 3, "アプリ": 3}
#: The fault of ten days ago, from eleven o'clock on: of what theme, how many, and within how many minutes.
FAULT = (10, "打刻", 26, 70)
#: For some days a few more each day asked about this: no half hour stood out. From how many days ago on, how many days,
#: of what theme, and how many of the usual number of all.
DRIFT = (20, 5, "CSV出力", 0.8)
#: Since when there is a help article about which theme: so many days ago.
HELPED = (24, "有給休暇")
FROM = Person("", "山びこ")


def seed() -> None:
    """Count them, once: a database that knows more is left alone."""
    if not store.read(lambda session: counts.series(session, *_window())[0].is_known):
        store.write(_seed)
        _explain()


def _window() -> tuple[int, int]:
    """The first quarter hours of what is seeded."""
    begins = rules.calendar.moment(_first())
    return begins, begins + HOUR_MS


def _first() -> date:
    return _today() - timedelta(days=7 * WEEKS)


def _today() -> date:
    return rules.calendar.local(now_ms()).date()


def _seed(session: Session) -> None:
    first = rules.calendar.moment(_first())
    counts.cover(session, "intercom", now_ms(), since=first)
    counts.cover_past(session, "intercom", first)
    rows = list(_enquiries(Random(20)))
    for begin in range(0, len(rows), 500):
        arrivals.keep(session, rows[begin : begin + 500])


def _enquiries(dice: Random) -> Iterator[Values]:
    number, now = 0, now_ms()
    for ago in range(7 * WEEKS, -1, -1):
        day = _today() - timedelta(days=ago)
        for at, theme in sorted(_of_day(dice, day, ago)):
            number += 1
            if at < now:
                yield _row(dice, f"past-{number}", at, theme)


def _of_day(dice: Random, day: date, ago: int) -> Iterator[tuple[int, str]]:
    begins = rules.calendar.moment(day)
    is_closed = rules.calendar.is_closed(day)
    ordinary = WEEK[day.weekday()] if not is_closed or day.weekday() > 4 else WEEK[6]
    for hour, usual in enumerate(SHAPE):
        for _ in range(_poisson(dice, usual * ordinary)):
            theme = dice.choices(list(THEMES), list(THEMES.values()))[0]
            if theme != HELPED[1] or ago > HELPED[0] or dice.random() < 0.3:
                yield begins + hour * HOUR_MS + dice.randrange(HOUR_MS), theme
    yield from _drift(begins, ordinary, ago)
    days, theme, n, minutes = FAULT
    if ago == days:
        yield from ((begins + 11 * HOUR_MS + dice.randrange(minutes * 60_000), theme) for _ in range(n))


def _drift(begins: int, ordinary: float, ago: int) -> Iterator[tuple[int, str]]:
    """With dice of its own, so that all else stays as it is."""
    first, days, theme, share = DRIFT
    dice = Random(ago)
    for hour, usual in enumerate(SHAPE) if first - days < ago <= first else ():
        for _ in range(_poisson(dice, share * usual * ordinary)):
            yield begins + hour * HOUR_MS + dice.randrange(HOUR_MS), theme


def _row(dice: Random, id: str, at: int, theme: str) -> Values:
    # the smallest companies ask most, and one of the largest never
    customer = dice.choices(company.CUSTOMERS[:-1], [4, 6, 5, 7, 2, 8, 3])[0]
    about = [f"tag:{theme}", *(["tag:要望"] if dice.random() < 0.12 else [])]
    about += ["word:ログイン"] if theme == "ログイン" else []
    medium = dice.choices((models.CHAT, models.MAIL, models.OTHER), (74, 22, 4))[0]
    return arrivals.row("intercom", id, at, medium=medium, company_id=customer.id, themes=about)


def _poisson(dice: Random, mean: float) -> int:
    """How many of something rare there are (Knuth's way: as long as a product of chances is not too small)."""
    n, product = 0, dice.random()
    while product > exp(-mean):
        n, product = n + 1, product * dice.random()
    return n


def _explain() -> None:
    """What somebody entered about it."""
    days, theme, _n, minutes = FAULT
    begins = rules.calendar.moment(_today() - timedelta(days=days)) + 11 * HOUR_MS
    enter = partial(occasions.enter, by=FROM)
    fault = {"kind": occasions.FAULT, "title": "スマホから打刻できない不具合", "theme": f"tag:{theme}"}
    enter({**fault, "begins_at": begins, "ends_at": begins + minutes * 60_000}, origin="demo/fault")
    since = _today() - timedelta(days=HELPED[0])
    released = {"kind": occasions.RELEASE, "title": "ヘルプ記事「有給の残日数」を公開", "theme": f"tag:{HELPED[1]}"}
    moment = rules.calendar.moment(since) + 10 * HOUR_MS
    enter({**released, "begins_at": moment, "ends_at": None}, origin="demo/help")
    done = "残日数の見方をヘルプ記事にし、画面からリンクした。"
    causes.keep({"theme": f"tag:{HELPED[1]}", "done": done, "since": since.isoformat()}, by=FROM)
