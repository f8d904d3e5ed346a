"""Answers: what one of our people wrote to a customer pays what the chat is owed, unless something speaks against it.

An answer counts from the draft on, and until that is withdrawn because its issue is no longer done. An agent may say
that it was about something else: then the debt stands again, and only a later answer pays it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from integrations.intercom import Part, is_same
from workflows.engine.actions import Intent, happened
from workflows.engine.durable import child, start
from workflows.engine.rows import said
from workflows.meeting import decisions
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Report, Telling
from workflows.tables.wish import Feedback
from workflows.telling import drafts, gathering, ledger, promises, records
from workflows.telling.cause import Cause

EARLIER = "The last reply to the customer is older than the draft."
TOO_LATE = "The last reply to the customer was sent after the draft was withdrawn."
OTHER_WORDS = "The last reply to the customer does not say what the notice says."
SPENT = "The last reply to the customer was approved for something else."
TOLD_ELSEWHERE = "The customer was notified in another conversation."
ANOTHER_MATTER = "An agent marked the last reply to the customer as being about something else."
#: Of these nobody has told the customer, and there is or was a draft.
UNPAID = ("drafted", ledger.WITHDRAWN)
#: Saying that an answer was about something else.
DENY = "us.deny"


def unpaid(session: Session, conversation_id: str) -> list[Telling]:
    """What a chat has a draft for, or had one, without anybody having told the customer; those merged into it; and
    those whose customers somebody chose to have told here."""
    return [telling for telling in of_chat(session, conversation_id) if telling.state in UNPAID]


def of_chat(session: Session, conversation_id: str) -> list[Telling]:
    """What a chat, or one that was merged into it, was ever owed, and what was to be told in it; the oldest first."""
    return list(session.exec(_OF_CHAT, params={"chat": conversation_id}))


def _of_chat() -> Any:
    """Asked for nothing but the chat: of one state there may be a hundred thousand, and here are a few."""
    chat: Any = sa.bindparam("chat")
    merged = select(Action.target).where(Action.conversation_id == chat, Action.verb == f"intercom.{ledger.LIVES_ON}")
    own, theirs = col(Telling.conversation_id) == chat, col(Telling.conversation_id).in_(merged)
    told_here = sa.and_(col(Telling.via) == chat, col(Telling.via) != said(""))
    return select(Telling).where(sa.or_(own, theirs, told_here)).order_by(col(Telling.owed_at))


#: Put together once: it is asked at every answer.
_OF_CHAT = _of_chat()


def pay(session: Session, conversation_id: str, answer: Part) -> str:
    """Somebody answered in a chat: the customer has been told of all that the answer can be about, by whom and when.

    Returns why it was about nothing, "" where it was about something.
    """
    owed = unpaid(session, conversation_id)
    meant = [telling for telling in owed if _is_approved(telling, answer)]
    if not meant and _is_spent(session, answer):
        return SPENT
    meant = list({gathering.name_of(each): each for one in meant for each in gathering.together(session, one)}.values())
    meant = meant or [telling for telling in owed if _can_mean(telling, answer)]
    meant += [each for one in list(meant) for each in gathering.had_left(session, one, answer.text)]
    if owed and not meant:
        return OTHER_WORDS
    elsewhere = [(telling, drafts.siblings(session, telling)) for telling in meant]
    objections = [_pay(session, each, others, answer) for each, others in elsewhere if each.state in UNPAID]
    for telling, others in elsewhere:
        for each in (telling, *others):
            if each.state in ("told", "excused"):
                gathering.leave(session, each)
    return "" if "" in objections else next(reversed(objections), EARLIER)


def _is_approved(telling: Telling, answer: Part) -> bool:
    """Is this answer what was approved for just this telling?"""
    return telling.approved_by == answer.author.id != "" and is_same(telling.approved, answer.text)


def _can_mean(telling: Telling, answer: Part) -> bool:
    """May any answer be about it? Not about a notice: nobody asked for that, so its words have to stand there."""
    return not Cause.read(telling.release_id).notice_id or is_same(telling.draft, answer.text)


def _is_spent(session: Session, answer: Part) -> bool:
    """Was this answer approved for something that it has paid already? Then it is about nothing else."""
    paid = select(Telling.release_id).where(
        Telling.part_id == answer.id, col(Telling.part_id) != said(""), Telling.approved != ""
    )
    return session.exec(paid.limit(1)).first() is not None


def _pay(session: Session, telling: Telling, elsewhere: Sequence[Telling], answer: Part) -> str:
    at, back = answer.created_at * 1000, session.get(Release, ledger.reopening(telling.release_id))
    objection = _objection(session, telling, at, back)
    # What was approved was on its way when that was withdrawn: the customer has read it all the same.
    if objection and not (objection == TOO_LATE and _is_approved(telling, answer)):
        return objection
    telling.state, telling.told_by, telling.told_at = "told", answer.author.name, at
    telling.sent, telling.part_id, telling.channel, telling.why = answer.text, answer.id, "chat", ""
    happened(session, _told(session, telling, answer))
    ledger.show(session, telling)
    if back is not None:
        _take_back(session, telling)
    for other in elsewhere:
        _spare(session, other)
    return ""


def _take_back(session: Session, telling: Telling) -> None:
    """We hear only now that they were told of what was withdrawn meanwhile: they hear of that, too.

    Not where it has come back to them since.
    """
    back, cause, chat = ledger.reopening(telling.release_id), Cause.read(telling.release_id), telling.conversation_id
    about: dict[str, Any] = {"conversation_id": chat}
    if cause.notice_id:
        start(session, [child(f"{back}/{chat}/late", "notice.correct", notice_id=cause.notice_id, **about)])
        return
    since = col(Release.issue_id) == cause.issue_id, col(Release.cycle) > cause.cycle, Telling.conversation_id == chat
    again = select(Telling.release_id).join(Release, col(Release.id) == Telling.release_id).where(*since)
    if session.exec(again.limit(1)).first() is None:
        start(session, [child(f"{back}/{chat}/late", "retract.conversation", release_id=back, **about)])


def _spare(session: Session, telling: Telling) -> None:
    """The same person heard of the same in another conversation: nobody has to tell them here as well."""
    if telling.state in ledger.OWING:
        telling.state, telling.why, telling.send_at = "excused", TOLD_ELSEWHERE, None
        key = f"elsewhere:{telling.release_id}:{telling.conversation_id}"
        happened(session, about(session, telling, "us.excuse", key, TOLD_ELSEWHERE, {}))


def _objection(session: Session, telling: Telling, at: int, back: Release | None) -> str:
    """Why an answer of that moment does not tell the customer; "" where it does. Intercom counts whole seconds.

    `back`: what took back the news that they were to hear.
    """
    if not telling.drafted_at or at + 1000 < telling.drafted_at:
        return EARLIER
    denied = denials(session, telling.conversation_id)
    if any(at <= moment for release_id, moment in denied if release_id == telling.release_id):
        return ANOTHER_MATTER
    return TOO_LATE if back and at >= back.happened_at else ""


def denials(session: Session, conversation_id: str) -> set[tuple[str, int]]:
    """The answers of which somebody said that they did not tell this customer: because of what, and their moments."""
    chosen = Action.verb == DENY, Action.conversation_id == conversation_id
    return {(facts["release"], facts["at"]) for facts in session.exec(select(Action.facts).where(*chosen))}


def booked(session: Session, wish: Feedback) -> list[Telling]:
    """What the last answer in a wish's chat has paid of what its customer was owed; [] where it is not paid so."""
    told = select(Telling).where(Telling.conversation_id == wish.conversation_id, Telling.state == "told", ~_BY_HAND)
    causes = promises.causes_of(session, wish)
    paid = [telling for telling in session.exec(told) if telling.release_id in causes]
    last = max((telling.told_at or 0 for telling in paid), default=0)
    return [telling for telling in paid if telling.told_at == last]


def lately(session: Session, since: int, most: int) -> list[tuple[Feedback, Telling]]:
    """The wishes with which a report was promised and whose customers were answered since then, the latest first."""
    answered = (
        select(Feedback)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .where(col(Feedback.id).in_(records.REPORT_PROMISED), Telling.state == "told", col(Telling.told_at) >= since)
        .group_by(col(Feedback.id))
        .order_by(func.max(Telling.told_at).desc(), col(Feedback.id))
        .limit(most)
    )
    found = [(wish, booked(session, wish)) for wish in session.exec(answered)]
    return [(wish, paid[0]) for wish, paid in found if paid]


#: Was it not an answer that paid a Telling, but somebody who noted that the customer was told elsewhere?
_BY_HAND = (
    select(Report.id).where(col(Report.reported_at) == col(Telling.told_at), col(Report.undone_at).is_(None)).exists()
)


def _told(session: Session, telling: Telling, answer: Part) -> Intent:
    key = f"told:{telling.release_id}:{telling.conversation_id}:{answer.id}"
    return about(
        session, telling, "intercom.tell", key, "{agent} notified the customer.", {"agent": answer.author.name}
    )


def about(session: Session, telling: Telling, deed: str, key: str, sentence: str, facts: dict[str, Any]) -> Intent:
    """Something that happened to a telling (`intercom.tell`); it stands on the pages of the wishes that it is about."""
    vendor, _, verb = deed.partition(".")
    cause = Cause.read(telling.release_id)
    chat = telling.conversation_id
    concluded = decisions.members_in(session, cause.decision_id, chat) if cause.decision_id else []
    return Intent(
        vendor,
        verb,
        key=key,
        target=chat,
        sentence=sentence,
        facts=facts,
        conversation_id=chat,
        issue_id=cause.issue_id or None,
        feedback_id=concluded[0].id if concluded else None,
    )
