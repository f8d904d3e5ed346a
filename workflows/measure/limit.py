"""Limit: each night the company's own past says from which score on something is an alert.

upkeep ─► due ─► find: what the last weeks would have alarmed, each day by what was known the evening before
the page of alerts ─► start_now ─► find
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from sqlmodel import Session, col, select

from workflows.engine import rows
from workflows.engine.durable import NewRun, child, spawn, workflow
from workflows.engine.outcome import Outcome, done
from workflows.engine.rows import Values
from workflows.engine.store import now_ms, store
from workflows.measure import usual
from workflows.measure.backtest import (
    DRIFT_LIMIT,
    SILENCE_LIMIT,
    USUAL_LIMIT,
    Backtest,
    Past,
    backtest,
    backtest_drift,
    replay,
)
from workflows.measure.episodes import Episode
from workflows.measure.limits import DRIFT, FEW, MANY, THEMES
from workflows.measure.model import MOST_WEEKS
from workflows.measure.part_backtest import backtest_parts, replay_parts
from workflows.measure.series import QUARTER_MS, Series, Span
from workflows.measure.yearly import Busy
from workflows.rules import rules
from workflows.tables.measure import AlertLimit
from workflows.tables.runs import OPEN, Run
from workflows.volume import views
from workflows.volume.periods import day_span

#: So many weeks are replayed, and of themes; so many alerts a week are tried beside those of the rules.
REPLAYED, THEME_WEEKS, CHOICES = 13, 6, (1, 2, 5)
#: The limits of all enquiries before a past has been looked at.
USUAL_LIMITS = {MANY: USUAL_LIMIT, FEW: SILENCE_LIMIT, DRIFT: DRIFT_LIMIT}
FOUND = "Found from which number on an alert is sent: {n} weeks replayed."
FIND = "limit.find"
NOTHING = "Too little has been counted to find a limit; the usual one holds."


class History(NamedTuple):
    """What a back-test reads: all enquiries, frequent themes, and what people labelled; "" is the label of all."""

    counts: Series
    themes: Mapping[str, Series]
    labelled: Mapping[str, Sequence[Span]]
    busy: tuple[Busy, ...]


def due(session: Session) -> list[NewRun]:
    """The run of today's back-test, where alerts are on, it has not begun, and anything was ever counted."""
    row = session.get(AlertLimit, MANY)
    if not rules.alerts.on or (row is not None and row.day >= _today()) or views.counted_since(session) is None:
        return []
    return [child(f"limit:{_today()}", FIND, day=_today())]


def begun(session: Session) -> int | None:
    """Since when the past is being looked through; None where it is not."""
    query = select(Run.created_at).where(Run.workflow == FIND, Run.state == OPEN)
    return session.exec(query.order_by(col(Run.created_at))).first()


def start_now() -> bool:
    """Somebody wants to see what would have alarmed, be alerts on or off; False where it is being found just now."""
    if store.read(begun) is not None:
        return False
    return bool(spawn([child(f"limit:{_today()}/{now_ms() // 60_000}", FIND, day=_today())]))


def _today() -> str:
    return rules.calendar.local(now_ms()).date().isoformat()


@workflow
def find(day: str) -> Outcome:
    """Replay the past up to a day, and keep what it says. Begun again it says the same."""
    history = store.read(partial(_history, until=day_span(date.fromisoformat(day)).begins))
    past = replay(history.counts, rules.calendar, history.labelled[""], _since(history.counts), history.busy)
    weeks = _weeks(past)
    of_all = [_limit(name, past, day, weeks) for name in (MANY, FEW, DRIFT)]
    store.write(partial(_keep, found=[*of_all, _of_themes(history, day)]))
    return done(FOUND, n=round(weeks)) if weeks else done(NOTHING)


def _history(session: Session, until: int) -> History:
    since = until - (REPLAYED + MOST_WEEKS) * usual.WEEK_MS
    first = views.counted_since(session)
    since = max(since, day_span(rules.calendar.local(first).date()).begins if first else until)
    names = usual.watched(session, until)
    begins = max(since, until - (THEME_WEEKS + usual.PART_WEEKS) * usual.WEEK_MS)
    labelled = {name: usual.spans(session, since, until, name) for name in ("", *names)}
    themes, busy = usual.histories(session, begins, until, names), usual.busy(session, since, until)
    return History(usual.history(session, since, until), themes, labelled, busy)


def _since(counts: Series) -> int:
    return counts.end - REPLAYED * usual.WEEK_MS


def _weeks(past: Past) -> float:
    return float((~np.isnan(past.score)).sum()) * QUARTER_MS / usual.WEEK_MS


def _limit(name: str, past: Past, day: str, weeks: float) -> Values:
    """A row: what the rules wish for, and what else could be wished for."""
    if not weeks:
        return _row(name, day, USUAL_LIMITS[name], 0.0, 0.0, [], [])
    test = _tested(name, past, rules.alerts.per_week)
    tried = [(float(n), _tested(name, past, n)) for n in CHOICES]
    choices = [(n, each.threshold, each.per_week) for n, each in tried]
    return _row(name, day, test.threshold, test.per_week, weeks, [_alarm(each) for each in test.alarms], choices)


def _tested(name: str, past: Past, budget: float) -> Backtest:
    """A drift is what is left of too many at the limit of the same wish."""
    if name == DRIFT:
        return backtest_drift(past, budget, backtest(past, budget).alarms)
    return backtest(past, budget, silence=name == FEW)


def _alarm(episode: Episode, theme: str = "") -> tuple[int, int, str]:
    return (episode.began_at, episode.over_at or episode.loud_at, theme)


def _row(
    name: str, day: str, threshold: float, per_week: float, weeks: float, alarms: list[Any], choices: list[Any]
) -> Values:
    return {
        "name": name,
        "threshold": threshold,
        "per_week": per_week,
        "weeks": weeks,
        "alarms": alarms,
        "choices": choices,
        "day": day,
        "is_learning": not weeks,
        "found_at": now_ms(),
    }


def _keep(session: Session, found: list[Values]) -> None:
    for row in found:
        rows.keep(session, AlertLimit, row)


def _of_themes(history: History, day: str) -> Values:
    """Of all themes together: the lowest limit at which they alarm as often as is wished for."""
    since = history.counts.end - THEME_WEEKS * usual.WEEK_MS
    scores = replay_parts(history.counts, history.themes, rules.calendar, history.labelled, since, history.busy)
    test = backtest_parts(scores, rules.alerts.per_week)
    alarms = sorted(_alarm(episode, name) for name, episode in test.alarms)
    return _row(THEMES, day, test.threshold if test.weeks else USUAL_LIMIT, test.per_week, test.weeks, alarms, [])
