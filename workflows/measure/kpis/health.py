"""Health: what came in from each tool and what went out in the last 24 hours, and how long an event waited and took.

found = health(session, now)      # found.sources[0].lag_most: milliseconds within which 95 of 100 were worked off
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.engine.rows import said
from workflows.engine.store import DAY_MS
from workflows.tables.runs import DEAD, DONE, IGNORED, Action, Delivery, Run

#: The newest events of which it is looked how long they took.
LOOKED = 2_000


@dataclass(frozen=True)
class Source:
    """One tool: how many events came in, when the last one did, and the time from receipt until each was worked off
    (ms; None where none was): the median and the 95th percentile. `dead`: dead letters of any age."""

    name: str
    received: int
    last_at: int | None
    lag_half: int | None
    lag_most: int | None
    dead: int


@dataclass(frozen=True)
class Health:
    """All tools that said anything or have a dead letter; and how many writes to tools were made."""

    sources: Sequence[Source]
    written: int


def health(session: Session, now: int) -> Health:
    """Of the last 24 hours."""
    since = now - DAY_MS
    came = sa.select(col(Delivery.source), sa.func.count(), sa.func.max(col(Delivery.received_at)))
    rows = session.execute(came.where(col(Delivery.received_at) >= since).group_by(col(Delivery.source)))
    received = {name: (n, last) for name, n, last in rows}
    gone = sa.select(col(Delivery.source), sa.func.count()).where(col(Delivery.state) == said(DEAD))
    dead = {name: n for name, n in session.execute(gone.group_by(col(Delivery.source)))}
    lags = _lags(session, since)
    sources = [
        Source(
            name,
            *received.get(name, (0, None)),
            _share(lags[name], 50),
            _share(lags[name], 95),
            dead.get(name, 0),
        )
        for name in sorted(received.keys() | dead.keys())
    ]
    wrote = sa.select(sa.func.count()).where(col(Action.ended_at) >= since, col(Action.state) == said(DONE))
    return Health(sources, session.execute(wrote).scalar_one())


def _lags(session: Session, since: int) -> dict[str, list[int]]:
    """From receipt until the run of the delivery had ended, the shortest first; of the newest ones."""
    lag = col(Run.ended_at) - col(Delivery.received_at)
    query = sa.select(col(Delivery.source), lag).join(Run, col(Run.id) == col(Delivery.id))
    over = (
        col(Delivery.received_at) >= since,
        col(Run.state).in_(said((DONE, IGNORED))),
        col(Run.ended_at).is_not(None),
    )
    found = defaultdict[str, list[int]](list)
    newest = query.where(*over).order_by(col(Delivery.received_at).desc()).limit(LOOKED)
    for name, took in session.execute(newest).all():
        found[name].append(max(0, took))
    return defaultdict(list, {name: sorted(some) for name, some in found.items()})


def _share(ordered: Sequence[int], percent: int) -> int | None:
    """The first of these at which so many of a hundred are done."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None
