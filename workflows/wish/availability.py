"""Availability: which companies can use by now what a finished issue brought, and since when.

    reach = reached(session, ["4711:2"])
    reach.since("4711:2", "c-7")        # ms UTC; None where it is not there for this company

A release becomes available in waves, each for an audience: everybody, companies, tiers, a share of all companies, or
those with a flag. A company is in the share by a hash of its id, so a larger share holds everybody of a smaller one. A
wish of a company that we do not know is reached by a wave for everybody only.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from integrations.jira import Issue as JiraIssue
from workflows.engine.rows import among
from workflows.rules import rules
from workflows.tables.customer import Company
from workflows.tables.telling import Flag, Wave

ALL, COMPANIES, TIER, SHARE, FLAG = AUDIENCES = ("all", "companies", "tier", "share", "flag")
#: Later than every clock.
EVER = 2**62


@dataclass(frozen=True)
class Reach:
    """The open waves of some releases, and what has to be known of companies to tell who is in them."""

    waves: Mapping[str, Collection[Wave]]
    tiers: Mapping[str, str]
    flagged: Collection[tuple[str, str]]

    def since(self, release_id: str, company_id: str | None) -> int | None:
        """Since when (ms) a release is available to a company (None for one that we do not know); None: it is not."""
        moments = (wave.opened_at for wave in self.waves.get(release_id, ()) if self.includes(wave, company_id))
        return min((at for at in moments if at is not None), default=None)

    def includes(self, wave: Wave, company_id: str | None) -> bool:
        """Is a company in the audience of a wave?"""
        if wave.audience == ALL:
            return True
        if not company_id:
            return False
        if wave.audience == SHARE:
            return place(company_id) < wave.share
        if wave.audience == FLAG:
            return any((name, company_id) in self.flagged for name in wave.names)
        return (company_id if wave.audience == COMPANIES else self.tiers.get(company_id, "")) in wave.names


def place(company_id: str) -> int:
    """Where a company stands among a hundred, the same for ever: a share of n % holds the first n."""
    return int.from_bytes(hashlib.sha256(company_id.encode()).digest()[:8], "big") % 100


def reached(session: Session, release_ids: Collection[str], at: int = EVER) -> Reach:
    """Whom these releases had reached by a moment (ms)."""
    waves: dict[str, list[Wave]] = defaultdict(list)
    if release_ids:
        some = among(col(Wave.release_id), release_ids)
        for wave in session.exec(select(Wave).where(col(Wave.opened_at) <= at, some)):
            waves[wave.release_id].append(wave)
    return reach_of(session, waves)


def reach_of(session: Session, waves: Mapping[str, Collection[Wave]]) -> Reach:
    """The same for waves that are at hand; companies are read only where an audience asks for it."""
    asked = {wave.audience for some in waves.values() for wave in some}
    tiers = dict(session.exec(select(Company.id, Company.tier)).all()) if TIER in asked else {}
    flags = set(session.exec(select(Flag.name, Flag.company_id)).all()) if FLAG in asked else set()
    return Reach(waves, tiers, flags)


#: What opens a release to everybody: that its issue is done, or that a version of Jira's is released.
DONE, VERSION = "done", "version:"


def way_out(issue: JiraIssue) -> str:
    """What makes a finished issue available to everybody as Jira knows it; "" while it waits for its release."""
    if not rules.gate.holds(issue.project_key):
        return DONE
    released = next((version for version in issue.fix_versions if version.released), None)
    return f"{VERSION}{released.id}" if released else ""


def open_to_all(session: Session, release_id: str, way: str, at: int) -> None:
    """A release becomes available to everybody; once for each way in which that can come about."""
    origin = f"{release_id}/{way}"
    if session.exec(select(Wave.id).where(Wave.origin == origin)).first() is None:
        session.add(Wave(release_id=release_id, origin=origin, opens_at=at, opened_at=at))
        session.flush()


def ways(session: Session, release_id: str) -> list[str]:
    """What made a release available, to whomever: that its issue is done, a version, or what a person or hook sent."""
    opened = select(Wave.origin).where(Wave.release_id == release_id, col(Wave.opened_at).is_not(None))
    return [origin.removeprefix(f"{release_id}/") for origin in session.exec(opened)]
