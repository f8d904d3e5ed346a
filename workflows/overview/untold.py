"""Untold: who has not been told, why, and whose turn it is, over all releases and conclusions; and how many have been.

found(session, Wanted(standing="drafted", agent="田中 みなみ"))     # a page of them, the longest wait first
covered(session, now)                                            # of those owed a week ago: told within the week
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import said
from workflows.engine.store import now_ms
from workflows.tables.customer import Company
from workflows.tables.meeting import Decision
from workflows.tables.notice import Addressee, Notice
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, Issue
from workflows.telling import addressees, drafts, in_time, ledger, requesters
from workflows.telling.cause import Cause, is_notice
from workflows.telling.drafts import APPROVED, DRAFTED, EXCUSED, FOR_LEAD, OWED, STANDING, TOLD, WITH_OWNER
from workflows.telling.in_time import AFTER
from workflows.telling.ledger import WITHDRAWN
from workflows.telling.reactions import AGAIN, RATED, THANKS, TOLD_OF_NEWS
from workflows.telling.uses import USED
from workflows.wish.voices import Voice

#: Whom one still has to tell, and the others who were not; what is told is listed only where it was late.
PENDING = "pending"
SHOWS = (PENDING, OWED, DRAFTED, WITH_OWNER, FOR_LEAD, APPROVED, EXCUSED, WITHDRAWN)
#: Whose turn it is, where that is nobody by name.
TURNS = {
    OWED: "Yamabiko, reopening the conversation",
    FOR_LEAD: "a lead",
    APPROVED: "Nobody: it is sent by itself",
    EXCUSED: "Nobody",
    WITHDRAWN: "Nobody",
    TOLD: "Nobody",
}
MOST = 50
#: What those who were told did with it; the first of these stands for all of them.
REACTIONS = (TOLD, THANKS, RATED, USED, AGAIN)


@dataclass(frozen=True)
class Wanted:
    """Which of them. `late`: those who were not told within so many days, whether or not they have been since."""

    standing: str = PENDING
    agent: str = ""
    company: str = ""
    release: str = ""
    late: int = 0
    #: One of REACTIONS: then those who were told and did that.
    reaction: str = ""


@dataclass(frozen=True)
class Row:
    """One conversation that is owed word: how that stands, of what, for whom, and why nobody could be told."""

    telling: Telling
    standing: str
    voice: Voice | None
    issue: Issue | None
    decision: Decision | None
    excuse: Action | None
    notice: Notice | None = None


@dataclass(frozen=True)
class Coverage:
    """Of those who were owed word so many days ago or longer: how many, and how many were told within these days."""

    days: int
    owed: int
    told: int

    @property
    def late(self) -> int:
        """Those who were not."""
        return self.owed - self.told

    @property
    def percent(self) -> int | None:
        """The share that was told in time; None where nobody was owed anything."""
        return round(100 * self.told / self.owed) if self.owed else None


def covered(session: Session, now: int) -> list[Coverage]:
    """How many were told in time, for each of AFTER, as of a moment."""
    numbers: list[Any] = []
    for days in AFTER:  # the shortest of them is asked of every row already, and of all of them what can be told at all
        so_long = [] if days == min(AFTER) else [in_time.is_due(days, now)]
        soon = sa.and_(*so_long, in_time.in_time(days))
        numbers += [sa.func.count().filter(*so_long) if so_long else sa.func.count(), sa.func.count().filter(soon)]
    found = session.execute(sa.select(*numbers).where(in_time.COUNTS, in_time.is_due(min(AFTER), now))).one()
    return [Coverage(days, *found[at * 2 : at * 2 + 2]) for at, days in enumerate(AFTER)]


def found(session: Session, wanted: Wanted, start: int = 0, most: int = MOST) -> tuple[list[Row], int]:
    """Some of them, the longest wait first, and where they go on (0 for nowhere)."""
    query = select(Telling).where(*_which(wanted))
    query = query.order_by(col(Telling.owed_at), col(Telling.release_id), col(Telling.conversation_id))
    some = list(session.exec(query.offset(start).limit(most + 1)))
    return _rows(session, some[:most]), start + most if len(some) > most else 0


def counts(session: Session, wanted: Wanted) -> dict[str, int]:
    """How many stand how, narrowed as is wanted but for that."""
    narrowed = replace(wanted, standing="", reaction="")
    listed = () if wanted.late else (_IS_UNTOLD,)
    query = sa.select(STANDING.label("how"), sa.func.count()).where(*listed, *_which(narrowed))
    query = query.group_by(sa.text("how"))
    known = {how: count for how, count in session.execute(query)}
    pending = sum(known.get(each, 0) for each in (OWED, DRAFTED, WITH_OWNER, FOR_LEAD, APPROVED))
    return {PENDING: pending} | {each: known.get(each, 0) for each in SHOWS if each != PENDING}


def reacted(session: Session, wanted: Wanted) -> dict[str, int]:
    """How many were told, and how many of them did what with it, narrowed as is wanted but for that."""
    known = Counter[str]()
    for sign, which in _told(wanted):
        query = sa.select(col(Telling.reaction), sa.func.count()).where(*which).group_by(col(Telling.reaction))
        known.update({how: sign * count for how, count in session.execute(query)})
    return {TOLD: sum(known.values())} | {how: known[how] for how in REACTIONS[1:]}


def _told(wanted: Wanted) -> Iterator[tuple[int, list[Any]]]:
    """Which were told, in parts of which each is found along an index; what counts is their sum, by these signs.

    Nearly all have been told, and to ask each of them whose it is takes longer than to look up what is theirs.
    """
    of_release = [_is_of(wanted.release)] if wanted.release else []
    if wanted.agent or wanted.company:
        theirs, addressed = _theirs(wanted), _addressed(wanted)
        yield 1, [_IS_TOLD, ~_IS_APOLOGY, ~addressees.OF_NOTICES, *of_release, *theirs]
        notices = sa.select(col(Release.id)).where(is_notice(col(Release.id)))
        of_notices = [*of_release, col(Telling.release_id).in_(notices), _is_addressed(sa.and_(*addressed))]
        yield 1, [_IS_TOLD, ~_IS_APOLOGY, *of_notices]
        return
    yield 1, [_IS_TOLD, *of_release] if wanted.release else [col(Telling.state) == said(TOLD)]
    apologies = sa.select(col(Release.id)).where(col(Release.id).endswith(f":{ledger.REOPENED}"))
    yield -1, [_IS_TOLD, *of_release, col(Telling.release_id).in_(apologies)]


def _theirs(wanted: Wanted) -> Iterator[Any]:
    """Are these of conversations in which an agent took something, or a company asked for something?"""
    if wanted.agent:
        yield _is_among_chats(col(Feedback.taken_by_name) == wanted.agent)
    if wanted.company:
        yield _is_among_chats(col(Feedback.company_id).in_(_named(wanted.company)))


def _is_among_chats(asked: Any) -> Any:
    return col(Telling.conversation_id).in_(sa.select(col(Feedback.conversation_id)).where(asked))


def _addressed(wanted: Wanted) -> Iterator[Any]:
    """The same of the addressees of notices."""
    if wanted.agent:
        yield col(Addressee.agent_name) == wanted.agent
    if wanted.company:
        yield col(Addressee.company_id).in_(_named(wanted.company))


def agents(session: Session) -> list[str]:
    """The names of those who took what is still to be told."""
    names = select(Feedback.taken_by_name).join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
    is_open = col(Telling.state).in_(said(ledger.OWING))
    some = names.where(is_open, Feedback.taken_by_name != "", ~addressees.OF_NOTICES).distinct()
    theirs = select(Addressee.agent_name).join(Telling, addressees.IS_FOR).where(is_open).distinct()
    return sorted({*session.exec(some), *session.exec(theirs)} - {""})


def _which(wanted: Wanted) -> list[Any]:
    which = _late(wanted.late) if wanted.late else []
    if wanted.reaction:
        which = [TOLD_OF_NEWS] + ([col(Telling.reaction) == wanted.reaction] if wanted.reaction != TOLD else [])
    elif not wanted.late and wanted.standing:
        pending = wanted.standing == PENDING
        is_open = col(Telling.state).in_(said(ledger.OWING))
        is_so: Any = wanted.standing == STANDING
        which.append(is_open if pending else sa.and_(_IS_UNTOLD, is_so))
    if wanted.release:
        which.append(_is_of(wanted.release))
    if wanted.agent:
        taken = col(Feedback.taken_by_name) == wanted.agent
        which.append(_is_for(taken, col(Addressee.agent_name) == wanted.agent))
    if wanted.company:
        named, firm = _named(wanted.company), sa.func.coalesce(col(Feedback.company_id), "")  # no index: see `_is_for`
        which.append(_is_for(firm.in_(named), col(Addressee.company_id).in_(named)))
    return which


#: Nobody has told them: most have been, and this is found by an index.
_IS_UNTOLD = col(Telling.state).in_(said((*ledger.OWING, EXCUSED, WITHDRAWN)))


#: Have they been told? Nearly all have: said so, SQLite has no index for it and asks it of what was found otherwise,
#: and PostgreSQL knows how many these are.
_IS_TOLD = ~_IS_UNTOLD
_IS_APOLOGY = col(Telling.release_id).endswith(f":{ledger.REOPENED}")


def _is_of(key: str) -> Any:
    """Is it of a release of this issue, or an apology for one?"""
    issues = sa.select(col(Issue.id)).where(col(Issue.key) == key.upper())
    return col(Telling.release_id).in_(sa.select(col(Release.id)).where(col(Release.issue_id).in_(issues)))


def _named(typed: str) -> Any:
    """The companies whose name holds this."""
    return sa.select(col(Company.id)).where(col(Company.name).icontains(typed, autoescape=True))


def _is_addressed(addressed: Any) -> Any:
    return sa.select(col(Addressee.contact_id)).where(addressees.IS_FOR, addressed).exists()


def _is_for(asked: Any, addressed: Any) -> Any:
    """Is a telling for whoever asked so, or that of a notice for whoever is addressed so? Few are left to be told, so
    each of those is asked."""
    here = sa.exists().where(col(Feedback.conversation_id) == col(Telling.conversation_id), asked)
    return sa.or_(sa.and_(here, ~addressees.OF_NOTICES), _is_addressed(addressed))


def _late(days: int) -> list[Any]:
    """Those who count and were not told in time."""
    return [in_time.COUNTS, in_time.is_due(days, now_ms()), in_time.is_late(days)]


# -- rows -----------------------------------------------------------------------------------------


def _rows(session: Session, tellings: Sequence[Telling]) -> list[Row]:
    causes = [Cause.read(each.release_id) for each in tellings]
    issues = _by_id(session, Issue, {each.issue_id for each in causes if each.issue_id})
    decisions = _by_id(session, Decision, {each.decision_id for each in causes if each.decision_id})
    notices = _by_id(session, Notice, {each.notice_id for each in causes if each.notice_id})
    voices, excuses = _voices(session, tellings), requesters.excuses_of(session, tellings)
    others = addressees.voices(session, tellings)
    return [
        Row(
            each,
            drafts.standing(each),
            others.get(addressees.key_of(each)) or voices.get(each.conversation_id),
            issues.get(cause.issue_id),
            decisions.get(cause.decision_id),
            excuses.get((each.release_id, each.conversation_id)),
            notices.get(cause.notice_id),
        )
        for each, cause in zip(tellings, causes, strict=True)
    ]


def _by_id(session: Session, table: Any, ids: set[Any]) -> dict[Any, Any]:
    return {row.id: row for row in session.exec(select(table).where(table.id.in_(ids)))} if ids else {}


def _voices(session: Session, tellings: Sequence[Telling]) -> dict[str, Voice]:
    """What was asked first in each conversation."""
    chats = [each.conversation_id for each in tellings]
    asked = sa.select(col(Feedback.conversation_id), sa.func.min(col(Feedback.id)))
    rows = session.execute(
        asked.where(col(Feedback.conversation_id).in_(chats)).group_by(col(Feedback.conversation_id))
    )
    first = {chat: id for chat, id in rows}
    voices = requesters.voices_of(session, list(first.values()))
    return {chat: voices[id] for chat, id in first.items()}
