"""Alerts: what is kept of each, from its beginning until it is over, and what people say of it.

    take(session, seen, until)           # what a look says: alerts begin, go on, are over; the numbers of those changed
    missing(session, now)                # a source that fell silent, or tells again
    judge(session, 12, "fault", by=…)    # … | expected | mistaken | "" for nothing
    standing(session), listed(session, before)

While all enquiries are unusual, a theme is a part of that and no alert of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import insert_new, table_of
from workflows.language.wording import say
from workflows.measure import drift, drifts, grew
from workflows.measure.episodes import COOLDOWN_MS, USUAL_PACE, Episode, step
from workflows.measure.limits import DRIFT, EXPECTED, FAULT, MANY, MISTAKEN
from workflows.measure.watching import MISSING, Seen
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.measure import Alert
from workflows.tables.volume import Occasion
from workflows.volume import occasions, sources
from workflows.volume.periods import day_span

VERDICTS = (FAULT, EXPECTED, MISTAKEN)
#: Alerts of a page; and the largest number that one may have.
PAGE, MOST_IDS = 50, 2**31 - 1
#: What its occasion is called.
FAULT_TITLE, EXPECTED_TITLE = "Fault: alert {n}", "Expected: alert {n}"


# -- what a look says ------------------------------------------------------------------------------


def take(session: Session, seen: Iterable[Seen], until: int) -> list[int]:
    """What changed by a look at the quarter hour that was over at `until`: the numbers of those to be told."""
    changed: list[int] = []
    for each in seen:  # all enquiries come first
        row = _last(session, each.kind, each.name)
        is_open = row is not None and row.over_at is None
        if each.name and not is_open and _whole_is_unusual(session, until):
            continue
        pace = drift.SLOWLY if each.kind == DRIFT else USUAL_PACE
        now = step(_episode(row) if row else None, until, each.score, 1.0, pace)
        if now is None or (row is not None and now == _episode(row)):
            continue
        is_new = row is None or now.began_at != row.began_at
        changed.append(_begin(session, each, now) if is_new or row is None else _go_on(session, row, each, now))
    return changed


def _whole_is_unusual(session: Session, until: int) -> bool:
    row = _last(session, MANY, "")
    return row is not None and (row.over_at is None or until - row.over_at <= COOLDOWN_MS)


def _last(session: Session, kind: str, name: str) -> Alert | None:
    """The last one; what people said to be no alert is over for good."""
    query = select(Alert).where(Alert.kind == kind, Alert.name == name).order_by(col(Alert.began_at).desc())
    row = session.exec(query.limit(1).with_for_update()).first()
    return None if row is None or (row.verdict in (EXPECTED, MISTAKEN) and row.over_at) else row


def _episode(row: Alert) -> Episode:
    return Episode(row.began_at, row.loud_at, row.peak, row.quiet, row.over_at or 0)


def _begin(session: Session, seen: Seen, episode: Episode) -> int:
    row = Alert(kind=seen.kind, name=seen.name, rule=seen.rule, threshold=seen.threshold, began_at=episode.began_at)
    row.since = episode.began_at - seen.window_ms
    _set(session, row, episode)
    return _kept(session, row)


def _go_on(session: Session, row: Alert, seen: Seen, episode: Episode) -> int:
    if episode.peak > row.peak:
        row.rule, row.threshold = seen.rule, seen.threshold
    row.version += 1
    _set(session, row, episode)
    if row.over_at and row.verdict == FAULT:
        _end_occasion(session, row)
    return _kept(session, row)


def _set(session: Session, row: Alert, episode: Episode) -> None:
    """What is known by now; what explains it is looked up until it is over."""
    row.loud_at, row.peak, row.quiet = episode.loud_at, episode.peak, episode.quiet
    row.over_at = episode.over_at or None
    found = grew.explained(session, row.name, row.since, max(episode.loud_at, episode.began_at))
    row.came, row.usual, row.details = found.came, found.usual, found.details
    if row.kind == DRIFT:
        row.came, row.usual = drifts.numbers(session, row.since, max(episode.loud_at, episode.began_at))


def _kept(session: Session, row: Alert) -> int:
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


# -- sources that are silent -----------------------------------------------------------------------


def missing(session: Session, now: int) -> list[int]:
    """Sources that fell silent since the last look, and those that tell again."""
    changed, late = [], {each.name: each for each in sources.late(session, now)}
    for name in sorted(late.keys() | set(_still_missing(session))):
        row = _last(session, MISSING, name)
        is_open = row is not None and row.over_at is None
        if name in late and not is_open and late[name].covered_until is not None:
            since = late[name].covered_until or now
            row = Alert(kind=MISSING, name=name, since=since, began_at=now, loud_at=now, peak=1.0, threshold=1.0)
            changed.append(_kept(session, row))
        elif name not in late and is_open and row is not None:
            row.over_at, row.version = now, row.version + 1
            changed.append(_kept(session, row))
    return changed


def _still_missing(session: Session) -> Sequence[str]:
    return session.exec(select(Alert.name).where(Alert.kind == MISSING, col(Alert.over_at).is_(None))).all()


# -- what people say -------------------------------------------------------------------------------


def judge(session: Session, id: int, verdict: str, *, by: Person, now: int) -> bool:
    """Somebody says what it was ("" takes it back); False where that is said already.

    A fault is marked on the charts for as long as it lasts, and teaches nothing. What was expected is entered as
    planned until the end of the day, and mutes; a drift that was expected mutes drifts alone, until it is usual.
    A false alert raises the limit. The latter two are over with it.
    """
    row = session.get(Alert, id, with_for_update=True) if 0 < id <= MOST_IDS else None
    if row is None or row.verdict == verdict or row.kind == MISSING or verdict not in ("", *VERDICTS):
        return False
    _remove_occasion(session, row, now)
    row.verdict, row.person, row.person_name = verdict, by.id if verdict else "", by.name if verdict else ""
    row.judged_at, row.version = (now if verdict else None), row.version + 1
    if verdict in (EXPECTED, MISTAKEN) and row.over_at is None:
        row.over_at = now
    if verdict == FAULT or (verdict == EXPECTED and row.kind != DRIFT):
        row.occasion_id = _occasion(session, row, by, now)
    session.add(row)
    return True


def _occasion(session: Session, row: Alert, by: Person, now: int) -> int | None:
    """What explains it on the charts, and to the model."""
    is_fault = row.verdict == FAULT
    title = say(rules.language, FAULT_TITLE if is_fault else EXPECTED_TITLE, n=row.id)
    ends = row.over_at if is_fault else max(row.over_at or now, day_span(rules.calendar.local(now).date()).ends)
    values = {
        "kind": occasions.FAULT if is_fault else occasions.PLANNED,
        "title": title,
        "theme": row.name,
        "begins_at": row.since,
        "ends_at": ends,
        "person": by.id,
        "person_name": by.name,
        "made_at": now,
        "origin": f"alert:{row.id}:{row.version}",
        "removed_at": None,
    }
    insert_new(session, Occasion, [values])
    return session.exec(select(Occasion).where(Occasion.origin == values["origin"])).one().id


def _remove_occasion(session: Session, row: Alert, now: int) -> None:
    occasion = session.get(Occasion, row.occasion_id) if row.occasion_id else None
    if occasion is not None and occasion.removed_at is None:
        occasion.removed_at = now
        session.add(occasion)
    row.occasion_id = None


def _end_occasion(session: Session, row: Alert) -> None:
    occasion = session.get(Occasion, row.occasion_id) if row.occasion_id else None
    if occasion is not None and occasion.ends_at is None:
        occasion.ends_at = row.over_at
        session.add(occasion)


# -- questions -------------------------------------------------------------------------------------


def find(session: Session, id: int) -> Alert | None:
    """The alert with this number; None for what is none."""
    row = session.get(Alert, id) if 0 < id <= MOST_IDS else None
    return copy_of(row) if row else None


def named(session: Session, name: str) -> Alert | None:
    """The alert that an address or a button names by its number."""
    return find(session, int(name)) if name.isascii() and name.isdigit() and len(name) < 11 else None


def standing(session: Session) -> list[Alert]:
    """Those that are not over: the latest first."""
    query = select(Alert).where(col(Alert.over_at).is_(None)).order_by(col(Alert.began_at).desc(), col(Alert.id).desc())
    return [copy_of(row) for row in session.exec(query.limit(PAGE))]


def listed(session: Session, before: int | None = None) -> list[Alert]:
    """All of them, a page from this number on: the latest first."""
    query = select(Alert).order_by(col(Alert.id).desc()).limit(PAGE)
    older = query.where(col(Alert.id) < min(before, MOST_IDS)) if before else query
    return [copy_of(row) for row in session.exec(older)]


def quality(session: Session, since: int) -> dict[str, int]:
    """How many alerts there were since a moment, by what people said of them; "" for nothing."""
    table = table_of(Alert).c
    query = sa.select(table.verdict, sa.func.count()).where(table.began_at >= since).group_by(table.verdict)
    return {verdict: int(n) for verdict, n in session.connection().execute(query)}
