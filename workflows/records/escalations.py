"""Escalations: what was handed to whom, in which state it is, and what people said of it.

What happens to an escalation is a `Change`: a function that alters the row, or says by None that it does not apply.
`alter` carries it out while nobody else can, and counts it; so of two people who press at once one comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqlmodel import Session, col, or_, select

from workflows import ladder
from workflows.records.escalation_tables import Escalation, Judgement
from workflows.records.tables import Action, Company, Conversation, copy_of
from workflows.rows import insert_new
from workflows.store import now_ms

Change = Callable[[Escalation], bool | None]


def code(escalation_id: int | None) -> str:
    """How people name an escalation: E-12."""
    return f"E-{escalation_id}"


def id_of(text: str) -> int | None:
    """The escalation that `E-12`, `e-12` or `12` names; None if it names none."""
    digits = text.strip().upper().removeprefix("E-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def record(session: Session, new: Escalation) -> Escalation:
    """The escalation that this delivery raised: the one that exists, or this new one."""
    insert_new(session, Escalation, [new.model_dump(exclude={"id"})])
    return session.exec(select(Escalation).where(Escalation.origin == new.origin)).one()


def alter(session: Session, escalation_id: int, change: Change) -> Escalation | None:
    """Change an escalation, alone with it; None if there is no such escalation or the change does not apply."""
    escalation = session.get(Escalation, escalation_id, with_for_update=True)
    if escalation is None or change(escalation) is False:
        return None
    escalation.changes += 1
    session.add(escalation)
    session.flush()
    return copy_of(escalation)


def judge(session: Session, new: Judgement) -> bool:
    """Keep what somebody thought; False if it was kept before."""
    return bool(insert_new(session, Judgement, [new.model_dump(exclude={"id"})]))


def due(session: Session, now: int, most: int) -> list[Escalation]:
    """Escalations about which somebody has to be asked now, the longest overdue first."""
    query = select(Escalation).where(
        col(Escalation.state).in_(ladder.UNFINISHED), col(Escalation.due_at).is_not(None), col(Escalation.due_at) <= now
    )
    return list(session.exec(query.order_by(col(Escalation.due_at)).limit(most)))


def shown_by(session: Session, post: str) -> list[Escalation]:
    """The escalations that one message in the channel shows, oldest first."""
    return list(session.exec(select(Escalation).where(Escalation.post == post).order_by(col(Escalation.id))))


def unposted(session: Session, before: int) -> list[tuple[Escalation, Action | None]]:
    """What was raised before then and is not posted, oldest first, with what became of its own message so far."""
    query = select(Escalation).where(col(Escalation.posted_at).is_(None), Escalation.raised_at < before)
    found = session.exec(query.order_by(col(Escalation.id)))
    return [(each, session.get(Action, each.post) if each.post else None) for each in found]


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


def named(session: Session, typed: str, most: int) -> list[Company]:
    """Companies whose name holds what somebody typed, the shortest names first."""
    pattern = "%" + typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = select(Company).where(col(Company.name).ilike(pattern, escape="\\"))
    found = session.exec(query.order_by(col(Company.name)).limit(most * 5)).all()
    return sorted(found, key=lambda company: len(company.name))[:most]


def company_of_chat(session: Session, conversation_id: str) -> Company | None:
    """The company that talks in a conversation we know."""
    chat = session.get(Conversation, conversation_id)
    return session.get(Company, chat.company_id) if chat and chat.company_id else None


def latest(session: Session, ids: Iterable[int]) -> dict[int, Judgement]:
    """The newest judgement of each escalation."""
    query = select(Judgement).where(col(Judgement.escalation_id).in_(list(ids))).order_by(col(Judgement.judged_at))
    return {judgement.escalation_id: judgement for judgement in session.exec(query)}


def suggestions_about(session: Session, conversation_id: str) -> list[str]:
    """The keys of the suggestions that were made about a conversation."""
    query = select(Action.key).where(Action.conversation_id == conversation_id, Action.verb == "slack.suggest")
    return list(session.exec(query))
