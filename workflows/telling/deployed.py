"""Deployed: what a company's own pipeline and product tell of releases, flags and use.

    release.available ─► available ─► publish.publish, once for each issue
    release.withdrawn ─► withdrawn ─► publish.take_back
    flag.enabled      ─► flagged   ─► publish.flagged
    feature.used      ─► used      ─► a reaction of those who were told

Whatever is named and not known here is a dead letter that says where in the body it stands; after the fix it can be
replayed. What is not done cannot be released: that is refused, and not kept for later.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, wraps
from typing import Any

from integrations import deploy
from integrations.contract import Transient
from workflows.engine.durable import Story, child, current_run, spawn, workflow
from workflows.engine.outcome import Outcome, Refused, dead, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import jira_client, vendors
from workflows.language.wording import say
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.wish import Issue
from workflows.telling import publish, references, uses

RECORDED = "Recorded who can use it: {keys}."
SOME_RECORDED = "Recorded who can use it: {keys}. Not released, because not done in Jira: {others}."
NOT_DONE = "Not released, because not done in Jira: {keys}."
SOME_OVERTAKEN = "Recorded who can use it: {keys}. Not released, because not done in Jira or undone since: {others}."
NOBODY_WAITS = "No requests are waiting for version {name}."
TAKEN_BACK = "Undid the release: {keys}."
NOTHING_TO_TAKE_BACK = "Not released, so there is nothing to undo: {keys}."
FLAGGED = "Companies that newly have the flag {name}: {n}."
ALL_FLAGGED = "These companies already had the flag {name}."
USED = "Customers who have used {keys} since they were notified: {n}."
NOBODY_TOLD = "No customer there had been notified of {keys}, or their reaction is known already."
BEHIND = "Jira is ahead: an issue that is done there is looked at first."
#: Seconds until an issue that is done in Jira will have been looked at.
SHORTLY = 5.0


def somebody() -> Person:
    """Who does what a deployment asks for, in the company's language."""
    return Person(deploy.NAME, say(rules.language, "Deployment"))


def _refusing(story: Story) -> Story:
    """A story in which something is named that is not here ends as a dead letter."""

    @wraps(story)
    def told(**arguments: Any) -> Outcome:
        try:
            return story(**arguments)
        except Refused as refused:
            return dead(refused.sentence, **refused.facts)

    return told


@workflow
@_refusing
def available(
    issues: Sequence[str],
    version: str,
    companies: Sequence[str],
    tiers: Sequence[str],
    share: int,
    flag: str,
    at: int,
    sent_at: int = 0,
) -> Outcome:
    """A release is out: for everybody, or for some."""
    found = _fixed_by(version) if version else _named(issues)
    wanted = store.read(partial(references.audience, names=companies, tiers=tiers, share=share, flag=flag, at=at))
    if not found:
        return ignored(NOBODY_WAITS, name=version)
    _catch_up(found)
    refused = {
        issue.key: publish.publish(
            issue.id, wanted, by=somebody(), origin=f"{current_run()}/{issue.id}", sent_at=sent_at
        )
        for issue in found
    }
    return _released(refused)


def _released(refused: dict[str, str]) -> Outcome:
    released, others = _split(refused)
    is_overtaken = publish.UNDONE_SINCE in refused.values()
    if not released:
        return _overtaken(refused, publish.UNDONE_SINCE) if is_overtaken else ignored(NOT_DONE, keys=others)
    if not others:
        return done(RECORDED, keys=released)
    return done(SOME_OVERTAKEN if is_overtaken else SOME_RECORDED, keys=released, others=others)


@workflow
@_refusing
def withdrawn(issues: Sequence[str], sent_at: int = 0) -> Outcome:
    """What was released cannot be used any more."""
    refused = {issue.key: publish.take_back(issue.id, somebody(), sent_at) for issue in _named(issues)}
    back, others = _split(refused)
    if not back and publish.RELEASED_SINCE in refused.values():
        return _overtaken(refused, publish.RELEASED_SINCE)
    return done(TAKEN_BACK, keys=back) if back else ignored(NOTHING_TO_TAKE_BACK, keys=others)


def _overtaken(refused: dict[str, str], why: str) -> Outcome:
    """Nothing is done, since the deployment has said something else of these since."""
    return ignored(why, keys=", ".join(key for key, reason in refused.items() if reason == why))


@workflow
@_refusing
def flagged(flag: str, companies: Sequence[str], add: Sequence[str]) -> Outcome:
    """A flag is on for these companies; whoever had it keeps it."""
    names, field = (companies, "data.companies") if companies else (add, "data.add")
    ids = store.read(partial(references.companies, names=names, field=field))
    new = publish.flagged(flag, ids, origin=current_run())
    return done(FLAGGED, name=flag, n=new) if new else ignored(ALL_FLAGGED, name=flag)


@workflow
@_refusing
def used(issue: str, version: str, company: str, person: str, at: int) -> Outcome:
    """Somebody used what was made. Who has never written to us uses it, too: that is no mistake of the sender's."""
    one = partial(references.issue, key=issue, field="data.issue")
    found = _fixed_by(version) if version else store.read(one)
    try:
        company_id = store.read(partial(references.company, name=company, field="data.company")) if company else ""
    except Refused as refused:
        return ignored(refused.sentence, **refused.facts)
    keys = ", ".join(each.key for each in found)
    n = store.write(partial(uses.note, found=found, company_id=company_id, person=person, at=at))
    return done(USED, keys=keys, n=n) if n else ignored(NOBODY_TOLD, keys=keys or version)


def _named(keys: Sequence[str]) -> list[Issue]:
    """The issues that are named. Raises Refused."""
    return store.read(partial(references.issues, keys=keys, field="data.issues"))


def _fixed_by(version: str) -> list[Issue]:
    """The issues of a version that we have heard of. Raises Refused."""
    fixed = jira_client().issues_in_version_named(version)
    if fixed is None:
        raise Refused(references.UNKNOWN, field="data.version", name=version)
    return store.read(partial(references.known_of, issue_ids=[each.id for each in fixed]))


def _catch_up(found: Sequence[Issue]) -> None:
    """A pipeline may be faster than Jira's webhook: what is done there is looked at first. Raises Transient."""
    behind = [issue.id for issue in found if issue.category != "done"]
    if not behind or vendors.jira is None:
        return
    ahead = [each for each in vendors.jira.issues(behind) if each.category == "done"]
    spawn(
        [child(f"{current_run()}/{each.id}", "release.check", issue_id=each.id, issue_key=each.key) for each in ahead]
    )
    if ahead:
        raise Transient(BEHIND, SHORTLY)


def _split(refused: dict[str, str]) -> tuple[str, str]:
    """The keys of what was done, and of what could not be."""
    right, wrong = ([key for key, why in refused.items() if bool(why) is is_wrong] for is_wrong in (False, True))
    return ", ".join(right), ", ".join(wrong)
