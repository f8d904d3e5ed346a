"""Audience: who waits for what an issue brought, whom a choice would reach, and what somebody typed to choose them.

waiting(session, issue_id)                       # the companies to which it is not available, the most waiting first
foreseen(session, issue_id, Wanted("tier", …))   # those of them who would hear of it
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.store import now_ms
from workflows.language.folding import fold
from workflows.language.wording import say
from workflows.rules import rules
from workflows.tables.customer import Company
from workflows.tables.telling import Flag, Release, Wave
from workflows.tables.wish import Feedback
from workflows.telling import ledger, publish
from workflows.telling.publish import Wanted
from workflows.telling.requesters import IS_SILENT, UNREACHED, Available, asking
from workflows.wish import availability
from workflows.wish.availability import ALL, COMPANIES, FLAG, SHARE, TIER

NO_MOMENT = "Enter a date and a time."
PAST = "Choose a date and time in the future."
SEVERAL = "Line {n}: several companies are called “{name}”. Enter the ID."


@dataclass(frozen=True)
class Waiting:
    """A company ("" for those that we do not know) that waits: in how many conversations, and by other ways."""

    id: str
    name: str
    tier: str
    chats: int
    others: int = 0


@dataclass(frozen=True)
class Choice:
    """What somebody typed as an audience, understood; `wrong` says by field what is not."""

    wanted: Wanted
    wrong: Mapping[str, str] = field(default_factory=dict)


def latest(session: Session, issue_id: str) -> Release | None:
    """The newest release of an issue that was finished, whether or not that was undone."""
    finished = select(Release).where(Release.issue_id == issue_id, Release.kind == ledger.FINISHED)
    return session.exec(finished.order_by(col(Release.cycle).desc()).limit(1)).first()


# -- who waits ------------------------------------------------------------------------------------


def waiting(session: Session, issue_id: str) -> list[Waiting]:
    """The companies that wait: of a release that was undone everybody who asked, as it would be made anew."""
    release = latest(session, issue_id)
    if release is None:
        return []
    reach, firm, chat = Available.of(session, [release.id]), col(Feedback.company_id), col(Feedback.conversation_id)
    by_hand = sa.func.count(sa.distinct(sa.case((chat.contains(":"), chat))))
    query = asking(firm, Company.name, Company.tier, sa.func.count(sa.distinct(chat)), by_hand)
    query = query.outerjoin(Company, col(Company.id) == firm).where(col(Release.id) == release.id)
    if release.id not in reach.back:  # who was told something of it, or is not to be, does not wait
        query = query.where(IS_SILENT)
    rows = session.execute(query.group_by(firm, col(Company.name), col(Company.tier)))
    found = [
        Waiting(id or "", name or "", tier or "", n - others, others)
        for id, name, tier, n, others in rows
        if reach.standing(release.id, id) == UNREACHED
    ]
    return sorted(found, key=lambda each: (not each.id, -each.chats - each.others, each.name))


def foreseen(session: Session, issue_id: str, wanted: Wanted) -> list[Waiting]:
    """Those of them who would hear of it, were it made available to these."""
    wave = Wave(release_id="", origin="", audience=wanted.audience, names=list(wanted.names), share=wanted.share)
    wave.opens_at = wave.opened_at = now_ms()
    reach = availability.reach_of(session, {"": [wave]})
    return [each for each in waiting(session, issue_id) if reach.includes(wave, each.id or None)]


def by_choice(session: Session, waits: Sequence[Waiting]) -> Mapping[str, Mapping[str, int]]:
    """How many conversations are in each audience that can be named: all, the plans, the flags."""
    chats = {each.id: each.chats for each in waits}
    plans = sorted(session.exec(select(Company.tier).where(Company.tier != "").distinct()))
    tiers = {plan: sum(each.chats for each in waits if each.tier == plan) for plan in plans}
    flags = Counter[str]()
    for name, id in session.exec(select(Flag.name, Flag.company_id)):
        flags[name] += chats.get(id, 0)
    return {ALL: {"": sum(chats.values())}, TIER: tiers, FLAG: flags}


def names_in(session: Session, waves: Sequence[Wave]) -> Mapping[str, str]:
    """The names of the companies that these waves are for, by id."""
    return names_of(session, {id for wave in waves if wave.audience == COMPANIES for id in wave.names})


def names_of(session: Session, ids: Collection[str]) -> Mapping[str, str]:
    """The names of these companies, by id."""
    return dict(session.exec(select(Company.id, Company.name).where(col(Company.id).in_(ids))).all()) if ids else {}


# -- what was typed -------------------------------------------------------------------------------


def chosen(session: Session, language: str, typed: Mapping[str, str], picked: Mapping[str, Sequence[str]]) -> Choice:
    """An audience as a form says it: `typed` by field, `picked` what is ticked of companies and plans."""
    audience, wrong = typed.get("audience", ""), dict[str, str]()
    names, fault = names_typed(session, language, audience, typed, picked)
    at, late = _moment(language, typed)
    share = typed.get("share", "").strip()
    number = int(share) if share.isascii() and share.isdigit() and len(share) < 4 else 0
    wanted = Wanted(audience, names, number if audience == SHARE else 0, at)
    wrong |= publish.problems(session, language, wanted)
    wrong |= {"names": fault} if fault else {}
    wrong |= {"at": late} if late else {}
    return Choice(Wanted(audience, tuple(dict.fromkeys(names)), wanted.share, at), wrong)


def names_typed(
    session: Session, language: str, audience: str, typed: Mapping[str, str], picked: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], str]:
    """The names of an audience, what was typed before what was ticked so that its lines keep their numbers."""
    if audience == COMPANIES:
        lines = [line.strip() for line in typed.get("companies", "").splitlines() if line.strip()]
        found = [_ids(session, line) for line in lines]
        unsure = next((n for n, ids in enumerate(found) if len(ids) > 1), None)
        fault = "" if unsure is None else say(language, SEVERAL, n=unsure + 1, name=lines[unsure])
        ids = [ids[0] if ids else line for ids, line in zip(found, lines, strict=True)]
        return (*ids, *picked.get("company", ())), fault
    if audience == FLAG:
        return tuple(filter(None, [typed.get("flag", "")])), ""
    return tuple(picked.get("tier", ())) if audience == TIER else (), ""


def _ids(session: Session, line: str) -> list[str]:
    """The companies that somebody means by an id, or by a name."""
    if session.get(Company, line):
        return [line]
    rows = session.exec(select(Company.id, Company.name)).all()
    return [id for id, name in rows if fold(name) == fold(line)]


def _moment(language: str, typed: Mapping[str, str]) -> tuple[int | None, str]:
    """From when on, on the company's clock; and what is wrong with that."""
    if typed.get("when") != "later":
        return None, ""
    try:
        at = datetime.fromisoformat(typed.get("at", "").strip())
        moment = rules.calendar.moment(at.date(), at.time().replace(tzinfo=None))
    except (ValueError, OverflowError):
        return None, say(language, NO_MOMENT)
    return moment, "" if moment > now_ms() else say(language, PAST)
