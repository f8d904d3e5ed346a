"""Cases: what was handed to whom, in which state it is, and what people said of it.

What happens to an escalation is a `Change`: a function that alters the row, or says by False that it does not apply.
`alter` carries it out while nobody else can, and counts it; so of two people who press at once one comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy.orm import load_only
from sqlmodel import Session, SQLModel, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from workflows.engine import dry_run
from workflows.engine.rows import insert_new
from workflows.engine.store import now_ms
from workflows.escalation import ladder
from workflows.tables.columns import copy_of
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.runs import Action, Delivery

Change = Callable[[Escalation], bool | None]
#: When a judgement is asked for: on acknowledging, or on closing.
TAKING, CLOSING = "ack", "done"


def code(escalation_id: int | None) -> str:
    """How people name an escalation: E-12."""
    return f"E-{escalation_id}"


def named(value: str) -> str:
    """The same for what a button or a form says; "" where that names none."""
    id = id_of(value)
    return code(id) if id else ""


def id_of(text: str) -> int | None:
    """The escalation that `E-12`, `e-12` or `12` names; None if it names none."""
    digits = text.strip().upper().removeprefix("E-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def record(session: Session, new: Escalation) -> Escalation:
    """The escalation that this delivery raised: the one that exists, or this new one, raised when it arrived."""
    delivery = session.get(Delivery, new.origin)
    new.raised_at, new.dry = delivery.received_at if delivery else new.raised_at, dry_run.is_on()
    insert_new(session, Escalation, [new.model_dump(exclude={"id"})])
    return session.exec(select(Escalation).where(Escalation.origin == new.origin)).one()


def alter(session: Session, escalation_id: int, change: Change) -> Escalation | None:
    """Change an escalation, alone with it; None if there is no such escalation or the change does not apply."""
    escalation = session.get(Escalation, escalation_id, with_for_update=True)
    if escalation is None or change(escalation) is False:
        return None
    escalation.changes += 1
    escalation.reminding_until = 0
    session.add(escalation)
    session.flush()
    return copy_of(escalation)


def closings(session: Session, escalation_id: int) -> int:
    """How often it was marked as done; more than once where it was reopened."""
    times = select(func.count()).select_from(Judgement).where(Judgement.escalation_id == escalation_id)
    return session.exec(times.where(Judgement.phase == CLOSING)).one()


def judge(session: Session, new: Judgement) -> bool:
    """Keep what somebody thought; False if it was kept before."""
    return bool(insert_new(session, Judgement, [new.model_dump(exclude={"id"})]))


def is_due(session: Session, now: int) -> bool:
    """Does somebody have to be asked now?"""
    return session.exec(select(_due(now).exists())).one()


def take_due(session: Session, now: int, until: int, most: int) -> list[Escalation]:
    """What somebody has to be asked about now, the longest overdue first; nobody else takes it before `until`."""
    query = _due(now).order_by(col(Escalation.due_at)).limit(most).with_for_update(skip_locked=True)
    taken = list(session.exec(query))
    for escalation in taken:
        escalation.reminding_until = until
    session.flush()
    return [copy_of(escalation) for escalation in taken]


def _due(now: int) -> SelectOfScalar[Escalation]:
    return select(Escalation).where(
        col(Escalation.state).in_(ladder.UNFINISHED),
        col(Escalation.due_at) <= now,
        col(Escalation.reminding_until) <= now,
    )


def shown_by(session: Session, post: str) -> list[Escalation]:
    """The escalations that one message in the channel shows, oldest first."""
    return list(session.exec(select(Escalation).where(Escalation.post == post).order_by(col(Escalation.id))))


def unposted(session: Session, before: int) -> list[tuple[Escalation, Action | None]]:
    """What was raised before then and is not posted, oldest first, with what became of its own message so far.

    Of both only what `escalation_messages.waiting_with` looks at: after an outage these are many.
    """
    query = (
        select(Escalation, Action)
        .outerjoin(Action, col(Action.key) == col(Escalation.post))
        .where(col(Escalation.posted_at).is_(None), Escalation.raised_at < before, ~col(Escalation.dry))
        .order_by(col(Escalation.id))
        .options(_only(Escalation, "id", "post", "raised_at", "conversation_id", "dry"))
        .options(_only(Action, "key", "state", "attempts", "started_at"))
    )
    return list(session.exec(query).all())


def _only(table: type[SQLModel], *columns: str) -> Any:
    return load_only(*(getattr(table, column) for column in columns))


def claim(
    session: Session, escalation_id: int, post: str, others: Mapping[int, int], why: str, **facts: str
) -> list[Escalation]:
    """Let this be shown by that message, unless another one shows it; returns all that the message shows.

    `others` go along: escalations whose own messages are certainly nowhere, with the number of attempts that were
    made at these when that was found out. One more has been made since? Then it is left alone.
    """
    escalation = session.get_one(Escalation, escalation_id, with_for_update=True)
    if escalation.post in ("", post):
        escalation.post = post
        for id, attempts in others.items():
            other = session.get_one(Escalation, id, with_for_update=True)
            if _withdrawn(session, other, attempts, why, facts):
                other.post = post
    session.flush()
    return [copy_of(each) for each in shown_by(session, post)]


def _withdrawn(session: Session, escalation: Escalation, attempts: int, why: str, facts: dict[str, str]) -> bool:
    """End the attempts to post it alone; False if one is under way."""
    action = session.get(Action, escalation.post, with_for_update=True) if escalation.post else None
    if action is None:
        return not escalation.post
    if action.attempts != attempts or action.state not in ("planned", "started"):
        return False
    action.attempts += 1
    action.state, action.sentence, action.facts, action.ended_at = "skipped", why, facts, now_ms()
    return True


def unfinished_of(session: Session, company_id: str, conversation_id: str) -> list[Escalation]:
    """What is still to be done for a company, or about a conversation."""
    whose = [Escalation.conversation_id == conversation_id]
    if company_id:
        whose.append(Escalation.company_id == company_id)
    return list(session.exec(select(Escalation).where(or_(*whose), col(Escalation.state).in_(ladder.UNFINISHED))))


def latest(session: Session, ids: Iterable[int]) -> dict[int, Judgement]:
    """The newest judgement of each escalation."""
    query = select(Judgement).where(col(Judgement.escalation_id).in_(list(ids))).order_by(col(Judgement.judged_at))
    return {judgement.escalation_id: judgement for judgement in session.exec(query)}


def cards_of(session: Session, escalation_id: int) -> list[str]:
    """The keys of the messages to single people that show an escalation."""
    query = select(Action.key).where(Action.escalation_id == escalation_id, Action.verb == "slack.direct")
    return list(session.exec(query))


def told(session: Session, escalation_id: int, verb: str, run_id: str, not_yet: str) -> set[str]:
    """What of a customer's words was told under this verb, or left untold for good: the names behind its keys.

    What another run than this one has begun, that run will end. An action that says `not_yet` will be done later.
    """
    is_over = or_(col(Action.state).in_(("done", "skipped", "would")), Action.run_id != run_id)
    query = select(Action.key, Action.facts).where(
        Action.escalation_id == escalation_id, Action.verb == verb, is_over, Action.sentence != not_yet
    )
    found: set[str] = set()
    for key, facts in session.exec(query):
        found |= {key.split(":", 2)[2], *facts.get("parts", ())}
    return found
