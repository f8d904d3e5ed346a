"""Notices: what changes and when, for whom, who of them has been told, and who is left.

found(session)            # all of them: what is coming first, the soonest first; then what is over, the latest first
people(session, notice)   # everybody of one notice's audience, how each of them stands, and whose turn it is
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.notice import notices, turns
from workflows.tables.notice import Notice
from workflows.tables.runs import Action
from workflows.tables.telling import Telling
from workflows.telling import addressees, drafts, requesters
from workflows.telling.drafts import APPROVED, DRAFTED, EXCUSED, FOR_LEAD, OWED, STANDING, TOLD
from workflows.telling.ledger import WITHDRAWN, reopening
from workflows.wish.voices import Voice

#: Nobody has opened it; a lead has, a moment ago; people are being told; everybody has been; its day has come, and
#: somebody had not been told; it does not take place.
WRITTEN, OPENING, MOVING, OVER, MISSED, OFF = "written", "opening", "moving", "over", "missed", "off"
#: These in words.
WORDS = {
    WRITTEN: "Not opened yet",
    OPENING: "Opening",
    MOVING: "Notifying customers",
    OVER: "Everybody notified",
    MISSED: "Date passed, some not notified",
    OFF: "Called off",
}
#: Whom a notice is for, in words.
AUDIENCES = {
    "all": "Everybody",
    "companies": "{n} companies",
    "tier": "Plan: {names}",
    "tag": "Requests tagged {names}",
}
#: Somebody still has to tell them.
LEFT = (OWED, DRAFTED, FOR_LEAD, APPROVED)
#: So many on a page, and rows of one notice.
MOST, MOST_PEOPLE = 100, 200


@dataclass(frozen=True)
class Row:
    """One of them, and how its addressees stand: in sum all of them."""

    notice: Notice
    counts: Mapping[str, int]

    @property
    def state(self) -> str:
        """How it stands as a whole."""
        if self.notice.called_off_at is not None:
            return OFF
        if self.notice.opens_at is None:
            return WRITTEN
        if self.notice.opened_at is None:
            return OPENING
        if not self.left:
            return OVER
        return MISSED if self.is_past else MOVING

    @property
    def is_past(self) -> bool:
        """Has its day come?"""
        return self.notice.takes_effect <= notices.today()

    @property
    def told(self) -> int:
        """How many have been told."""
        return self.counts.get(TOLD, 0)

    @property
    def owed(self) -> int:
        """How many are to be told: everybody but those of whom it is known why not."""
        return sum(self.counts.values()) - self.counts.get(EXCUSED, 0)

    @property
    def left(self) -> int:
        """How many of them have not been told."""
        return sum(self.counts.get(each, 0) for each in LEFT)


@dataclass(frozen=True)
class Person:
    """Somebody of the audience: who, whose turn it is to tell them, and how that stands; `again`, `sorry`: the same of
    the reminder, and of the correction, where there is one."""

    voice: Voice
    telling: Telling
    standing: str
    why: Action | None
    again: str = ""
    sorry: str = ""


def found(session: Session) -> list[Row]:
    """All of them, as far as a page holds."""
    is_over = sa.or_(col(Notice.called_off_at).is_not(None), col(Notice.takes_effect) <= notices.today())
    coming = session.exec(select(Notice).where(~is_over).order_by(col(Notice.takes_effect), col(Notice.id)).limit(MOST))
    past = select(Notice).where(is_over).order_by(col(Notice.takes_effect).desc(), col(Notice.id).desc()).limit(MOST)
    return rows(session, [*coming, *session.exec(past)])


def rows(session: Session, some: Sequence[Notice]) -> list[Row]:
    """These with how their addressees stand."""
    ids = [turns.releases_of(each)[0] for each in some]
    query = sa.select(col(Telling.release_id), STANDING.label("how"), sa.func.count())
    query = query.where(col(Telling.release_id).in_(ids)).group_by(col(Telling.release_id), sa.text("how"))
    counts = defaultdict[str, Counter[str]](Counter)
    for release_id, how, count in session.execute(query):
        counts[release_id][how] = count
    return [Row(notice, counts[id]) for notice, id in zip(some, ids, strict=True)]


def people(session: Session, notice: Notice, standing: str = "") -> list[Person]:
    """Those who stand so (all of them by default): who is left first, then by company."""
    first, again = turns.releases_of(notice)
    chosen = select(Telling).where(Telling.release_id == first, standing == STANDING if standing else sa.true())
    tellings = list(session.exec(chosen.limit(MOST_PEOPLE)))
    seconds, sorries = (_standings(session, id) for id in (again, reopening(first)))
    voices, excuses = addressees.voices(session, tellings), requesters.excuses_of(session, tellings)
    found = [
        Person(
            voices[key],
            each,
            drafts.standing(each),
            excuses.get(key),
            seconds.get(each.conversation_id, ""),
            sorries.get(each.conversation_id, ""),
        )
        for each in tellings
        if (key := addressees.key_of(each)) in voices
    ]
    return sorted(found, key=lambda each: (ORDER.index(each.standing), each.voice.firm.name, each.voice.person))


#: Who is left comes first.
ORDER = (DRAFTED, FOR_LEAD, OWED, APPROVED, TOLD, EXCUSED, WITHDRAWN)


def _standings(session: Session, release_id: str) -> dict[str, str]:
    owed = session.exec(select(Telling).where(Telling.release_id == release_id))
    return {each.conversation_id: drafts.standing(each) for each in owed}


def reminders(session: Session, notice: Notice) -> list[Action]:
    """What was posted about who is left, the earliest first."""
    keys = [f"notice:{notice.id}:{days}" for days in notice.remind_days]
    return list(session.exec(select(Action).where(col(Action.key).in_(keys)).order_by(col(Action.started_at))))
