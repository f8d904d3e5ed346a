"""The rows from which it follows what is promised: of every wish, of a company's, or of those that somebody took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import among, said, table_of
from workflows.rules.choices import ADOPT, DUPLICATE
from workflows.tables.meeting import Decision
from workflows.tables.telling import Report, Telling
from workflows.tables.wish import Context, Feedback
from workflows.telling.cause import is_notice, stored_decision
from workflows.telling.gathering import name_of
from workflows.wish.wishes import COUNTS

#: The level of a wording that promises a report.
REPORT = "report"
#: Under which ids somebody is known (`person.ids_of`); None for everybody.
People = Collection[str] | None
#: By what they were told of (a cause, as it is stored): when an agent wrote to the customer, None where nobody has.
Told = Mapping[str, int | None]

_CONTEXT, _WISH, _DECISION = table_of(Context).c, table_of(Feedback).c, table_of(Decision).c
#: The wishes with which a report was promised at some time.
REPORT_PROMISED = sa.select(_CONTEXT.feedback_id).where(_CONTEXT.level == said(REPORT))
#: The decision that holds for a wish was made about the one in which it is.
_ABOUT = _DECISION.feedback_id == sa.func.coalesce(_WISH.merged_into, _WISH.id)
#: The wishes (of whose customers it is known when) that were told that it will come, and we will be in touch again.
_TOLD_TO_COME = (
    sa.select(_WISH.id, col(Telling.told_at).label("told_at"))
    .join(table_of(Telling), col(Telling.conversation_id) == _WISH.conversation_id)
    .join(table_of(Decision), sa.and_(_ABOUT, col(Telling.release_id) == stored_decision(_DECISION.id)))
    .where(col(Telling.state) == said("told"), _DECISION.conclusion == said(ADOPT))
)


def narrowed(company_id: str, people: People) -> list[Any]:
    """Which wishes are meant: of one company, and those that these people took, or promised a report about."""
    of_company = [_WISH.company_id == company_id] if company_id else []
    if people is None:
        return of_company
    taken, promised = sa.select(_WISH.id).where(_WISH.taken_by.in_(people)), _CONTEXT.person.in_(people)
    return [*of_company, _WISH.id.in_(sa.union(taken, REPORT_PROMISED.where(promised)))]


def wishes(session: Session, mine: Sequence[Any]) -> list[int]:
    """Those of them whose customers were promised anything."""
    told = _TOLD_TO_COME.where(*mine).subquery()  # else all that was ever told is read, whoever asks
    some = sa.select(_WISH.id).where(_WISH.id.in_(sa.union(REPORT_PROMISED, sa.select(told.c.id))))
    return list(session.execute(some.where(_WISH.withdrawn_at.is_(None), *mine)).scalars())


def promised(session: Session, ids: Any) -> dict[int, int]:
    """The wishes with which a report was promised, and when that was said first."""
    rows = session.execute(
        sa.select(_CONTEXT.feedback_id, _CONTEXT.level, _CONTEXT.said_at)
        .where(among(_CONTEXT.feedback_id, ids))
        .order_by(_CONTEXT.said_at, _CONTEXT.id)
    ).all()
    first: dict[int, int] = {}
    newest: dict[int, str] = {}
    for id, level, at in rows:
        newest[id] = level
        if level == REPORT:
            first.setdefault(id, at)
    return {id: at for id, at in first.items() if newest[id] == REPORT}


def adopted(session: Session, ids: Any) -> dict[int, int]:
    """The wishes whose customers were told that it will come, and when that was."""
    return {row.id: row.told_at for row in session.execute(_TOLD_TO_COME.where(among(_WISH.id, ids)))}


def handed(session: Session, mine: Sequence[Any]) -> dict[int, Telling]:
    """The wishes without a chat whose customer whoever took them was asked to tell."""
    rows = session.exec(
        select(Feedback.id, Telling)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .where(col(Telling.state) == said("drafted"), col(Feedback.source) != said("intercom"), COUNTS, *mine)
        .where(col(Telling.conversation_id).contains(":"))  # few are so: the wish is looked up of those alone
        .order_by(col(Telling.owed_at))
    )
    return {id: telling for id, telling in rows if id is not None}


def drafted(session: Session, ids: Sequence[int]) -> dict[tuple[int, str], str]:
    """The drafts in the chats of these wishes: by wish and cause, the name of the one in whose message it stands."""
    rows = session.exec(
        select(Feedback.id, Telling)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .where(among(_WISH.id, ids), col(Telling.state) == said("drafted"))
    )
    return {(id or 0, draft.release_id): draft.joined or name_of(draft) for id, draft in rows}


class Held(NamedTuple):
    """A decision, as far as it matters to what is promised."""

    id: int
    conclusion: str
    decided_at: int
    sent_at: int | None


def held(session: Session, ids: Any) -> dict[int, Held]:
    """For each of those wishes, the decision that holds for the one in which it is."""
    rows = session.execute(
        sa.select(_WISH.id, *(_DECISION[name] for name in Held._fields))
        .join(table_of(Decision), _ABOUT)
        .where(among(_WISH.id, ids), _DECISION.undone_at.is_(None), _DECISION.conclusion != DUPLICATE)
        .order_by(_DECISION.decided_at, _DECISION.id)
    ).all()
    return {wish: Held(*decision) for wish, *decision in rows}


def told(session: Session, ids: Any) -> dict[int, Told]:
    """What each of those customers was owed in their chat, and when an agent wrote to them about that."""
    rows = session.exec(
        select(Feedback.id, Telling.release_id, Telling.told_at)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .where(among(_WISH.id, ids), ~is_notice(col(Telling.release_id)))
    )
    told: dict[int, dict[str, int | None]] = defaultdict(dict)
    for id, release_id, at in rows:
        told[id or 0][release_id] = at
    return dict(told)


def reports(session: Session, ids: Any) -> dict[int, list[Any]]:
    """What was noted about each of these wishes (ids, or a query for them) and stands, the oldest first."""
    report = table_of(Report).c
    rows = session.execute(
        sa.select(report.feedback_id, report.how, report.reported_at)
        .where(among(report.feedback_id, ids), report.undone_at.is_(None))
        .order_by(report.reported_at, report.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.feedback_id].append(row)
    return dict(found)
