"""In time: the one meaning of "notified within seven days", for `/tellings`, its lists and `/kpis`.

    sa.select(sa.func.count()).where(COUNTS, is_due(7, now))            # of how many
    sa.select(sa.func.count()).where(COUNTS, is_due(7, now), in_time(7))  # how many were told within the days

Only whose days are over counts, told or not: would those who are told early count at once and the others not yet, the
share of a week that is not over would be nearly everybody's. Whom nobody can tell, and what was withdrawn, is left out.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from workflows.engine.rows import said
from workflows.engine.store import DAY_MS
from workflows.tables.telling import Telling
from workflows.telling.drafts import TOLD
from workflows.telling.ledger import OWING

#: After so many days it is counted how many have been told.
AFTER = (7, 30)
#: Word that is owed and can be given, or was.
STATES = (*OWING, TOLD)
COUNTS = col(Telling.state).in_(said(STATES))


def is_due(days: int, now: int) -> Any:
    """Was word owed so many days ago, or longer?"""
    return col(Telling.owed_at) <= now - days * DAY_MS


def is_late(days: int) -> Any:
    """Was nobody told within these days? Whether or not they have been since."""
    late = col(Telling.told_at) > col(Telling.owed_at) + days * DAY_MS
    return sa.or_(col(Telling.told_at).is_(None), late)


def in_time(days: int) -> Any:
    """Were they told within these days?"""
    return sa.and_(~is_late(days), col(Telling.state) == said(TOLD))
