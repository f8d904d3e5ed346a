"""Publish: a person, or the deploy hook, makes what an issue brought available: to whom, and from when on.

publish(issue_id, Wanted("companies", ("c-7",)), by=person, origin=form) ─► a wave ─► release.reach
take_back(issue_id, by=person)    ─► drafts are withdrawn, support is warned
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, col, select

from integrations import deploy
from workflows.engine.actions import Intent, happened
from workflows.engine.durable import child, start
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.people.person import Person
from workflows.tables.customer import Company
from workflows.tables.runs import Action
from workflows.tables.telling import Flag, Release, Wave
from workflows.tables.wish import Issue
from workflows.telling import ledger, waves
from workflows.telling.cause import Cause
from workflows.wish.availability import ALL, AUDIENCES, COMPANIES, FLAG, SHARE, TIER

NOT_DONE = "This issue is not done."
CLOSED = "This wave is open already, or was called off."
#: Of what a deployment says late: it has said something else since.
UNDONE_SINCE = "Not released, because the release was undone since: {keys}."
RELEASED_SINCE = "Not undone, because released again since: {keys}."
#: The fact of an action: when the deployment said so.
SENT_AT = "sent_at"
#: A year: later is a slip of the pen.
LATEST_MS = 366 * 86_400_000


@dataclass(frozen=True)
class Wanted:
    """An audience as somebody chose it. `names`: companies' ids, tiers or a flag; `share` in percent.

    `at`: from when on (ms), None for at once.
    """

    audience: str = ALL
    names: tuple[str, ...] = ()
    share: int = 0
    at: int | None = None


def problems(session: Session, language: str, wanted: Wanted) -> dict[str, str]:
    """What is wrong with an audience, by field; a name that is not known is named with its line."""
    if wanted.audience not in AUDIENCES:
        return {"audience": say(language, "Choose one.")}
    found = _late(language, wanted)
    if wanted.audience == SHARE and not 1 <= wanted.share <= 100:
        found["share"] = say(language, "Enter a percentage from 1 to 100.")
    if wanted.audience in (COMPANIES, TIER, FLAG):
        if not wanted.names:
            found["names"] = say(language, "Enter at least one.")
        there = known(session, wanted.audience)
        for line, name in enumerate(wanted.names, 1):
            if name not in there:
                found["names"] = say(language, "Line {n}: “{name}” is not known.", n=line, name=name)
                break
    return found


def _late(language: str, wanted: Wanted) -> dict[str, str]:
    if wanted.at is not None and wanted.at > now_ms() + LATEST_MS:
        return {"at": say(language, "Choose a date within a year.")}
    return {}


def known(session: Session, audience: str) -> set[str]:
    """What may be named of an audience: companies' ids, tiers, or flags that some company has."""
    column = {COMPANIES: Company.id, TIER: Company.tier, FLAG: Flag.name}[audience]
    return set(session.exec(select(column).distinct()))


def publish(issue_id: str, wanted: Wanted, *, by: Person, origin: str, sent_at: int = 0) -> str:
    """Make what an issue brought available; once for its origin. Returns why it cannot be, "" where it is.

    `sent_at`: when a deployment said so; what it has undone since stays so.
    """
    return store.write(partial(_publish, issue_id, wanted, by, origin, sent_at))


def _publish(issue_id: str, wanted: Wanted, by: Person, origin: str, sent_at: int, session: Session) -> str:
    if sent_at and _is_undone_since(session, issue_id, sent_at):
        return UNDONE_SINCE
    release = _current(session, issue_id, origin)
    if release is None:
        return NOT_DONE
    now, stored = now_ms(), f"{release.id}/{origin}"
    if session.exec(select(Wave.id).where(Wave.origin == stored)).first() is not None:
        return ""
    wave = Wave(
        release_id=release.id,
        origin=stored,
        audience=wanted.audience,
        names=list(wanted.names),
        share=wanted.share,
        opens_at=max(wanted.at or now, now),
        opened_at=now if (wanted.at or now) <= now else None,
        person=by.id,
        person_name=by.name,
    )
    session.add(wave)
    happened(session, _published(session, release, wave, sent_at))
    session.flush()
    if wave.opened_at is not None:
        start(session, [waves.reaching(wave)])
    return ""


def _current(session: Session, issue_id: str, origin: str) -> Release | None:
    """The release that a wave is of; a new one where the last was taken back. None while the issue is not done."""
    issue = session.get(Issue, issue_id, with_for_update=True)
    if issue is None or issue.category != "done" or not issue.cycle:
        return None
    ours = session.exec(select(Wave.release_id).where(col(Wave.origin).endswith(f"/{origin}", autoescape=True))).first()
    if ours is not None:
        return session.get_one(Release, ours)
    current = Cause(issue.id, issue.cycle).stored
    if not ledger.is_taken_back(session, current):
        release = session.get(Release, current)
        return release if release is not None and release.kind == ledger.FINISHED else None
    release = ledger.again(session, issue)
    release.gathered = True
    session.flush()
    return release


def _is_undone_since(session: Session, issue_id: str, sent_at: int) -> bool:
    issue = session.get(Issue, issue_id, with_for_update=True)
    return issue is not None and _said(session, f"taken-back:{Cause(issue.id, issue.cycle).stored}") > sent_at


def _said(session: Session, begins: str) -> int:
    """When a deployment said last what these actions keep; 0 where it said nothing."""
    facts = session.exec(select(Action.facts).where(col(Action.key).startswith(begins, autoescape=True)))
    return max((int(each.get(SENT_AT, 0)) for each in facts), default=0)


def call_off(wave_id: int, by: Person) -> str:
    """A wave that has not opened yet does not open. Returns why that cannot be, "" where it is so."""

    def work(session: Session) -> str:
        wave = session.get(Wave, wave_id, with_for_update=True)
        if wave is None or wave.opened_at is not None or wave.called_off_at is not None:
            return CLOSED
        wave.called_off_at, wave.called_off_by = now_ms(), by.name
        return ""

    return store.write(work)


def take_back(issue_id: str, by: Person, sent_at: int = 0) -> str:
    """What an issue brought is not available any more: drafts are withdrawn and support is warned.

    Returns why that cannot be, "" where it is so. `sent_at`: when a deployment said so; what it released since stays.
    """

    def work(session: Session) -> str:
        release = waves.standing(session, issue_id)
        if release is None:
            return NOT_DONE
        issue = session.get_one(Issue, issue_id, with_for_update=True)
        if sent_at and _said(session, f"published:{release.id}/") > sent_at:
            return RELEASED_SINCE
        waves.call_off_rest(session, release.id, by.name)
        back = ledger.take_back(session, issue, ledger.BY_PERSON)
        happened(session, _taken_back(issue, release, by, sent_at))
        start(session, [child(f"taken-back:{release.id}", "release.warned", release_id=back.id)])
        return ""

    return store.write(work)


def flagged(name: str, company_ids: Sequence[str], *, origin: str) -> int:
    """These companies have a flag from now on; returns how many have got it newly."""
    return store.write(partial(waves.flag, name=name, company_ids=company_ids, origin=origin))


# -- the timeline ---------------------------------------------------------------------------------

PUBLISHED = {
    ALL: "{agent} made {key} available to everybody.",
    COMPANIES: "{agent} made {key} available to {n} companies.",
    TIER: "{agent} made {key} available to the plans {names}.",
    SHARE: "{agent} made {key} available to {n} % of companies.",
    FLAG: "{agent} made {key} available to companies with the flag {names}.",
}
BY_DEPLOYMENT = "The deployment made {key} available."
WITHDRAWN_BY_DEPLOYMENT = "The deployment undid the release of {key}."
TAKEN_BACK = "{agent} undid the release of {key}."


def _published(session: Session, release: Release, wave: Wave, sent_at: int) -> Intent:
    issue = session.get_one(Issue, release.issue_id)
    facts: Mapping[str, object] = {
        "agent": wave.person_name,
        "key": issue.key,
        "names": ", ".join(wave.names),
        "n": wave.share or len(wave.names),
        **_when(sent_at),
    }
    sentence = BY_DEPLOYMENT if wave.person == deploy.NAME else PUBLISHED[wave.audience]
    return _about(f"published:{wave.origin}", sentence, issue, facts)


def _taken_back(issue: Issue, release: Release, by: Person, sent_at: int) -> Intent:
    sentence = WITHDRAWN_BY_DEPLOYMENT if by.id == deploy.NAME else TAKEN_BACK
    facts = {"agent": by.name, "key": issue.key, **_when(sent_at)}
    return _about(f"taken-back:{release.id}", sentence, issue, facts)


def _when(sent_at: int) -> dict[str, int]:
    return {SENT_AT: sent_at} if sent_at else {}


def _about(key: str, sentence: str, issue: Issue, facts: Mapping[str, object]) -> Intent:
    return Intent("us", "release", key, issue.key, sentence, dict(facts), issue_id=issue.id)
