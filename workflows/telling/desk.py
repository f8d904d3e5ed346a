"""The desk: the drafts that somebody can approve now, and one of them with all that it takes to judge it.

to_do(session, ids_of(person), is_lead=True)    # the drafts of the requests they took, and what waits for a lead
facing(session, telling)                        # whom it goes to, what they asked, and what became available
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import said
from workflows.engine.store import now_ms
from workflows.language.politeness import Objection
from workflows.language.wording import say
from workflows.meeting import decisions
from workflows.tables.meeting import Decision
from workflows.tables.notice import Notice
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback, Issue
from workflows.telling import addressees, drafts, gathered, gathering, requesters
from workflows.telling.approval import Key
from workflows.telling.cause import Cause
from workflows.telling.drafts import APPROVED, DRAFTED, FOR_LEAD, STANDING, WITH_OWNER
from workflows.telling.gathering import name_of as name_of
from workflows.wish.voices import Voice
from workflows.wish.wishes import code, is_chat

_IS_OPEN = col(Telling.state) == said(DRAFTED)  # what waits for approval is found by this
_LEADS = sa.and_(_IS_OPEN, col(Telling.joined) == "")
_IS_DRAFT, _IS_HELD = sa.and_(_LEADS, STANDING == DRAFTED), sa.and_(_LEADS, STANDING == WITH_OWNER)
_WAITS_FOR_LEAD = sa.and_(_LEADS, STANDING == FOR_LEAD)


def to_do(session: Session, people: Collection[str] | None, *, is_lead: bool) -> list[Telling]:
    """What somebody can approve now, the longest wait first; `people`: their ids, None for everybody's drafts."""
    query = select(Telling).where(_mine(people, is_lead))
    return list(
        session.exec(query.order_by(col(Telling.drafted_at), col(Telling.release_id), col(Telling.conversation_id)))
    )


def count(session: Session, people: Collection[str] | None, *, is_lead: bool) -> int:
    """How many these are."""
    return session.exec(select(sa.func.count()).select_from(Telling).where(_mine(people, is_lead))).one()


def for_lead(session: Session, people: Collection[str] | None) -> list[Telling]:
    """What waits for a lead of the requests that these people took: they have done their part."""
    query = select(Telling).where(_WAITS_FOR_LEAD, _took(people))
    return list(session.exec(query.order_by(col(Telling.approved_at), col(Telling.conversation_id))))


def outgoing(session: Session, people: Collection[str] | None) -> list[Telling]:
    """What these people took or approved, and goes out at some later time; the next one first."""
    theirs = sa.true() if people is None else sa.or_(_took(people), col(Telling.approved_by).in_(people))
    query = select(Telling).where(_LEADS, STANDING == APPROVED, col(Telling.send_at) > now_ms(), theirs)
    return list(session.exec(query.order_by(col(Telling.send_at), col(Telling.owed_at), col(Telling.conversation_id))))


def _mine(people: Collection[str] | None, is_lead: bool) -> Any:
    """Their drafts, but for those that somebody else has taken over; and what they hold of others."""
    held = _IS_HELD if people is None else sa.and_(_IS_HELD, col(Telling.holder).in_(people))
    drafts_of_theirs = sa.or_(sa.and_(_IS_DRAFT, _took(people)), held)
    return sa.or_(drafts_of_theirs, _WAITS_FOR_LEAD) if is_lead else drafts_of_theirs


def _took(people: Collection[str] | None) -> Any:
    if people is None:
        return sa.true()
    took = sa.select(col(Feedback.conversation_id)).where(col(Feedback.taken_by).in_(people))
    of_requests = sa.and_(col(Telling.conversation_id).in_(took), ~addressees.OF_NOTICES)
    return sa.or_(of_requests, addressees.theirs(people))


# -- one of them ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facing:
    """A draft as whoever approves it sees it. `issue`, `decision` or `notice`: what the customer is to hear of;
    `standing` and `needs_lead`: how it stands, and whether a lead has to approve it as well; `is_chat`: can it be sent
    from here?"""

    telling: Telling
    standing: str
    voices: Sequence[Voice]
    issue: Issue | None
    decision: Decision | None
    needs_lead: bool
    is_chat: bool
    #: What stands in it now, and the keys of the issues that the same message tells of as well.
    text: str
    others: Sequence[str]
    notice: Notice | None = None
    #: Who a notice is for: they asked for nothing.
    addressee: Voice | None = None

    @property
    def name(self) -> str:
        """How addresses name it."""
        return name_of(self.telling)

    @property
    def about(self) -> str:
        """How people name what it is about: a notice, or requests."""
        return self.notice.title if self.notice else ", ".join(code(each.feedback_id) for each in self.voices)

    @property
    def voice(self) -> Voice | None:
        """What was asked first, or who a notice is for."""
        return self.voices[0] if self.voices else self.addressee


def key_of(name: str) -> Key:
    """The same back."""
    release_id, _, conversation_id = name.partition("/")
    return Key(release_id, conversation_id)


def find(session: Session, name: str) -> Telling | None:
    """The telling that an address names."""
    key = key_of(name)
    return session.get(Telling, (key.release_id, key.conversation_id)) if name.isprintable() else None


def facing(session: Session, telling: Telling) -> Facing:
    """One draft with all that it takes to judge it."""
    return facings(session, [telling])[0]


def facings(session: Session, tellings: Sequence[Telling]) -> list[Facing]:
    """Some drafts with all that it takes to judge each; who asked is read at once for all of them."""
    told_of = {name_of(each): gathering.together(session, gathering.leader(session, each)) for each in tellings}
    asked = {name_of(each): _asked(session, each, told_of[name_of(each)]) for each in tellings}
    voices = requesters.voices_of(session, [id for ids in asked.values() for id in ids])
    others = gathering.others(session, tellings)
    return [
        _facing(
            session,
            each,
            told_of[name_of(each)],
            [voices[id] for id in asked[name_of(each)]],
            others.get(name_of(each), []),
        )
        for each in tellings
    ]


def _asked(session: Session, telling: Telling, some: Sequence[Telling]) -> list[int]:
    """The requests that a draft answers."""
    cause = Cause.read(telling.release_id)
    if cause.decision_id:
        wishes = decisions.members_in(session, cause.decision_id, telling.conversation_id)
    elif cause.notice_id:
        wishes = []
    else:
        wishes = gathered.wishes_of(session, some if telling.state == DRAFTED else [telling])
    return [wish.id or 0 for wish in wishes or drafts.wishes_of(session, telling)]


def _facing(
    session: Session, telling: Telling, some: Sequence[Telling], asked: Sequence[Voice], others: Sequence[str]
) -> Facing:
    cause = Cause.read(telling.release_id)
    return Facing(
        telling,
        drafts.standing(telling),
        asked,
        session.get(Issue, cause.issue_id) if cause.issue_id else None,
        session.get(Decision, cause.decision_id) if cause.decision_id else None,
        any(drafts.needs_lead(session, each) for each in some),
        is_chat(telling.conversation_id) and (not telling.dead_end or bool(telling.via)),
        gathered.text_of(session, some),
        others,
        addressees.notice_of(session, telling),
        addressees.voices(session, [telling]).get(addressees.key_of(telling)),
    )


@dataclass(frozen=True)
class Row:
    """A draft in the list: whose it is and what it is about."""

    telling: Telling
    standing: str
    voice: Voice | None

    @property
    def name(self) -> str:
        """How addresses name it."""
        return name_of(self.telling)


def rows(session: Session, tellings: Sequence[Telling]) -> list[Row]:
    """Some drafts with who they are for, read at once."""
    if not tellings:
        return []
    chats = [each.conversation_id for each in tellings]
    asked = select(Feedback.id, Feedback.conversation_id).where(col(Feedback.conversation_id).in_(chats))
    first: dict[str, int] = {}
    for id, chat in session.exec(asked.order_by(col(Feedback.id))):
        first.setdefault(chat, id or 0)
    voices = requesters.voices_of(session, list(first.values()))
    others = addressees.voices(session, tellings)
    return [
        Row(
            each,
            drafts.standing(each),
            others.get(addressees.key_of(each)) or voices.get(first.get(each.conversation_id, 0)),
        )
        for each in tellings
    ]


def objections_of(session: Session, telling: Telling, text: str, language: str) -> list[tuple[str, bool]]:
    """What speaks against sending these words, in sentences for whoever approves them; does it keep them from that?"""
    found = drafts.objections(session, telling, text)
    return [(_said(objection, language), objection.blocks) for objection in found]


def _said(objection: Objection, language: str) -> str:
    sentence = say(language, objection.sentence, **objection.facts)
    return say(language, BETTER, sentence=sentence, advice=objection.advice) if objection.advice else sentence


BETTER = "{sentence} Better: {advice}"
