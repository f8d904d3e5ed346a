"""Waits: rows of when customers waited, within how many business minutes they are answered, and when to warn.

    waits.bring_up_to_date(session, "215", clock.waits(said, done), medium="chat", tier="Gold", company_id="c1")
    waits.current(session, "215")       # the wait that lasts; None while nobody waits

What lasts follows the rules as they are. What has ended stays as it was reckoned then, unless it ended otherwise.
A warning is `begun` when its run starts, and `given` when it stands in the thread; `number` counts `[clock] warn`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from workflows.enquiry.clock import Waiting
from workflows.rules import rules
from workflows.tables.enquiry import Wait


def bring_up_to_date(
    session: Session,
    conversation_id: str,
    waits: Sequence[Waiting],
    *,
    medium: str,
    tier: str,
    company_id: str,
    is_past: bool = False,
) -> None:
    """Let the rows say what history says now. Nobody is warned of what was brought from the past (`is_past`)."""
    query = select(Wait).where(Wait.conversation_id == conversation_id).order_by(col(Wait.since)).with_for_update()
    known = {row.since: row for row in session.exec(query)}
    gone = [known[since] for since in known.keys() - {waiting.since for waiting in waits}]
    for waiting in waits:
        row = known.get(waiting.since) or _new(conversation_id, waiting, gone)
        row.medium, row.company_id = medium, company_id
        _follow(row, waiting, tier, is_past)
        session.add(row)
    for row in gone:
        session.delete(row)
    session.flush()


def current(session: Session, conversation_id: str) -> Wait | None:
    """The wait that lasts; None while nobody waits."""
    query = select(Wait).where(Wait.conversation_id == conversation_id, Wait.ended == "")
    return session.exec(query.order_by(col(Wait.since).desc()).limit(1)).first()


def _new(conversation_id: str, waiting: Waiting, gone: Collection[Wait]) -> Wait:
    """A wait that nobody knew of. It takes the place of those that began within it, and their warnings were given."""
    ends = waiting.ended_at
    within = [row.warned for row in gone if waiting.since < row.since and (ends is None or row.since < ends)]
    warned = max(within, default=0)
    return Wait(conversation_id=conversation_id, since=waiting.since, kind="", target=0, answer_by=0, warned=warned)


def _follow(row: Wait, waiting: Waiting, tier: str, is_past: bool) -> None:
    before = (row.kind, row.ended, row.ended_at)
    is_same = before == (waiting.kind, waiting.ended, waiting.ended_at)
    row.kind, row.ended, row.ended_at, row.ended_by = waiting.kind, waiting.ended, waiting.ended_at, waiting.ended_by
    if waiting.ended_at is None:
        _run(row, tier, is_same=is_same, is_past=is_past)
    elif not is_same:
        _aim(row, tier)
        row.minutes, row.warn_at = rules.calendar.minutes(row.since, waiting.ended_at), None


def _run(row: Wait, tier: str, *, is_same: bool, is_past: bool) -> None:
    """It lasts. Its next warning stays where it was, unless there is more or less time now than there was."""
    before = (row.target, row.answer_by)
    _aim(row, tier)
    row.minutes = None
    if is_past:
        row.warn_at = None
    elif not is_same or before != (row.target, row.answer_by):
        row.warn_at = moment(row, row.warned)


def _aim(row: Wait, tier: str) -> None:
    row.target = rules.enquiry.target(row.kind, row.medium, tier)
    row.answer_by = rules.calendar.add(row.since, row.target)


# -- warnings -------------------------------------------------------------------------------------


def moment(wait: Wait, number: int) -> int | None:
    """When a warning is due: once so many percent of the time are over, in whole minutes. None for no such one."""
    warn = rules.enquiry.warn
    if not wait.target or number >= len(warn):
        return None
    return rules.calendar.add(wait.since, -(-wait.target * warn[number] // 100))


def newest(wait: Wait, now: int) -> int:
    """The last warning that is due by now; -1 where none is."""
    moments = (moment(wait, number) for number in range(len(rules.enquiry.warn)))
    return sum(at is not None and at <= now for at in moments) - 1


def is_due(session: Session, now: int) -> bool:
    """Has somebody to be warned now?"""
    return session.exec(select(_due(now).exists())).one()


def due(session: Session, now: int, most: int) -> list[Wait]:
    """Waits of which somebody has to be warned now, the longest overdue first; nobody else has them meanwhile."""
    query = _due(now).order_by(col(Wait.warn_at), col(Wait.conversation_id)).limit(most)
    return list(session.exec(query.with_for_update(skip_locked=True)))


def _due(now: int) -> SelectOfScalar[Wait]:
    return select(Wait).where(col(Wait.warn_at) <= now)


def begin(wait: Wait, now: int) -> int | None:
    """The warning to begin now, which goes for all that were due before it; None where the time is not there yet.

    The next one is due at its own moment.
    """
    number = newest(wait, now)
    wait.warn_at = moment(wait, number + 1)
    return number if number >= wait.warned else None


def given(session: Session, conversation_id: str, since: int, number: int) -> None:
    """This warning stands in the thread."""
    wait = one(session, conversation_id, since, held=True)
    if wait is not None:
        wait.warned = max(wait.warned, number + 1)


def put_off(session: Session, conversation_id: str, since: int, until: int) -> None:
    """Its next warning is due then; nothing where it has ended."""
    wait = one(session, conversation_id, since, held=True)
    if wait is not None and not wait.ended:
        wait.warn_at = until


def one(session: Session, conversation_id: str, since: int, *, held: bool = False) -> Wait | None:
    """A wait. `held`: nobody changes it before the commit."""
    return session.get(Wait, (conversation_id, since), with_for_update=held)
