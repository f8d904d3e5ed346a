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
from workflows.measure.backtest import SILENCE_LIMIT, USUAL_LIMIT, Past, backtest, replay
from workflows.measure.episodes import Episode
from workflows.measure.limits import FEW, MANY, THEMES
from workflows.measure.model import MOST_WEEKS
from workflows.measure.part_backtest import backtest_parts, replay_parts
from workflows.measure.series import QUARTER_MS, Series, Span
from workflows.rules import rules
from workflows.tables.measure import AlertLimit
from workflows.tables.runs import OPEN, Run
from workflows.volume import views
from workflows.volume.periods import day_span

#: So many weeks are replayed, and of themes; so many alerts a week are tried beside those of the rules.
REPLAYED, THEME_WEEKS, CHOICES = 13, 6, (1, 2, 5)
FOUND = "Found from which number on an alert is sent: {n} weeks replayed."
FIND = "limit.find"
NOTHING = "Too little has been counted to find a limit; the usual one holds."


class History(NamedTuple):
    """What a back-test reads: all enquiries, frequent themes, and what people labelled; "" is the label of all."""

    counts: Series
    themes: Mapping[str, Series]
    labelled: Mapping[str, Sequence[Span]]


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
    past = replay(history.counts, rules.calendar, history.labelled[""], since=_since(history.counts))
    many, few = _limit(MANY, past, day), _limit(FEW, past, day, silence=True)
    store.write(partial(_keep, found=[many, few, _of_themes(history, day)]))
    return done(FOUND, n=round(many["weeks"])) if many["weeks"] else done(NOTHING)


def _history(session: Session, until: int) -> History:
    since = until - (REPLAYED + MOST_WEEKS) * usual.WEEK_MS
    first = views.counted_since(session)
    since = max(since, day_span(rules.calendar.local(first).date()).begins if first else until)
    names = usual.watched(session, until)
    begins = max(since, until - (THEME_WEEKS + usual.PART_WEEKS) * usual.WEEK_MS)
    labelled = {name: usual.spans(session, since, until, name) for name in ("", *names)}
    return History(usual.history(session, since, until), usual.histories(session, begins, until, names), labelled)


def _since(counts: Series) -> int:
    return counts.end - REPLAYED * usual.WEEK_MS


def _limit(name: str, past: Past, day: str, *, silence: bool = False) -> Values:
    """A row: what the rules wish for, and what else could be wished for."""
    scores = past.silence if silence else past.score
    weeks = float((~np.isnan(scores)).sum()) * QUARTER_MS / usual.WEEK_MS
    if not weeks:
        usual_one = SILENCE_LIMIT if silence else USUAL_LIMIT
        return _row(name, day, usual_one, 0.0, 0.0, [], [])
    test = backtest(past, rules.alerts.per_week, silence=silence)
    tried = [(float(n), backtest(past, n, silence=silence)) for n in CHOICES]
    choices = [(n, each.threshold, each.per_week) for n, each in tried]
    return _row(name, day, test.threshold, test.per_week, weeks, [_alarm(each) for each in test.alarms], choices)


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
    scores = replay_parts(history.counts, history.themes, rules.calendar, history.labelled, since)
    test = backtest_parts(scores, rules.alerts.per_week)
    alarms = sorted(_alarm(episode, name) for name, episode in test.alarms)
    return _row(THEMES, day, test.threshold if test.weeks else USUAL_LIMIT, test.per_week, test.weeks, alarms, [])
