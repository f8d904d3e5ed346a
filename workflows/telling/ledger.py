"""The ledger: an issue became done, who waits for it, and what each of them is owed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine import dry_run
from workflows.engine.actions import Intent, happened
from workflows.engine.durable import child, start
from workflows.engine.rows import table_of
from workflows.engine.store import now_ms
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Issue
from workflows.telling import apologies, gathering
from workflows.telling.cause import Cause
from workflows.wish import availability

FINISHED, DECLINED, REOPENED = "finished", "declined", "reopened"
OWING, WITHDRAWN, reopening = apologies.OWING, apologies.WITHDRAWN, apologies.reopening
#: Something was concluded at the meeting; such a release has no issue.
CONCLUDED = "concluded"
#: News that nobody asked for; such a release has no issue either.
NOTICE = "notice"
#: The verb of noticing that a chat was merged into another one; the action's target is the first, its chat the other.
LIVES_ON = "lives-on"
#: What took a release back, where the issue itself is still done: no version of it is released any more, a resolution
#: that was set later and means that there is nothing to use, or a person.
BY_VERSION, BY_RESOLUTION, BY_PERSON = "version", "resolution", "person"
NO_LONGER_THERE = "Withdrew the draft: {key} is no longer available. Do not send it."
NO_LONGER_DONE = "Withdrew the draft: {key} is no longer done. Do not send it."


def observe(session: Session, seen: Issue, before: str, declined: bool, way: str) -> list[Release]:
    """Compare an issue as it is now with what we knew; returns what that means: at most one release of its
    current cycle, and at most one taking back before that.

    `way` is what makes it available to everybody, "" while it waits for its release: see `availability.way_out`.

    `seen` carries the fields as Jira says them now. `before` is the category that the changelog names, used
    only where we did not see that ourselves. Seen twice, an issue means the same twice.
    """
    known = session.get(Issue, seen.id, with_for_update=True)
    if known is None and not before:
        return []  # we have not met it, and nobody says where it came from
    seen.cycle = known.cycle if known else 0
    was = known.category if known and _was_seen_becoming(known) else before
    seen.checked_at = now_ms()
    if seen.category == "done" and was not in ("done", ""):
        seen.cycle += 1
    row = session.merge(seen)
    if row.category == "done" and row.cycle:
        return _done(session, row, declined, way)
    return [take_back(session, row)] if row.cycle else []


def _done(session: Session, issue: Issue, declined: bool, way: str) -> list[Release]:
    """It is done: available if anything makes it so, taken back where a version did and no version does any more.

    What a person took back stays so until a person makes it available again; what a version did, until one does. A
    resolution that comes later and means that there is nothing to use ends what Jira alone made available.
    """
    back = session.get(Release, reopening(Cause(issue.id, issue.cycle).stored))
    if back is not None:
        if back.resolution != BY_VERSION or not way:
            return []
        issue.cycle += 1
    release = _released(session, issue, declined)
    if declined:
        return _ended(session, issue, release)
    if way:
        availability.open_to_all(session, release.id, way, now_ms() if release.gathered else release.happened_at)
        apologies.drop_before(session, release.id)
    elif _only_by_version(session, release.id):
        return [take_back(session, issue, BY_VERSION)]
    return [release]


def _ended(session: Session, issue: Issue, release: Release) -> list[Release]:
    """It ended with nothing to use; so did what was finished before its resolution changed, unless a person said so."""
    ways = availability.ways(session, release.id)
    by_jira = all(way.startswith((availability.VERSION, availability.DONE)) for way in ways)
    if release.kind == FINISHED and release.resolution != issue.resolution and by_jira:
        take_back(session, issue, BY_RESOLUTION)
        issue.cycle += 1
        session.flush()
        release = _released(session, issue, declined=True)
    back = session.get(Release, reopening(Cause(issue.id, issue.cycle - 1).stored))
    return [back, release] if back is not None and back.resolution == BY_RESOLUTION else [release]


def _only_by_version(session: Session, release_id: str) -> bool:
    """Is it available for no other reason than that a version was released?"""
    ways = availability.ways(session, release_id)
    return bool(ways) and all(way.startswith(availability.VERSION) for way in ways)


def _was_seen_becoming(issue: Issue) -> bool:
    """Do we know how it came into its category? One first met as done, by a link, was not seen becoming done."""
    return issue.category != "done" or issue.cycle > 0


def _released(session: Session, issue: Issue, declined: bool) -> Release:
    kind = DECLINED if declined else FINISHED
    id = Cause(issue.id, issue.cycle).stored
    release = session.get(Release, id)
    if release is None:
        release = Release(
            id=id,
            issue_id=issue.id,
            cycle=issue.cycle,
            kind=kind,
            resolution=issue.resolution,
            happened_at=now_ms(),
        )
        session.add(release)
    elif release.kind == DECLINED and kind == FINISHED:
        release.kind, release.resolution = kind, issue.resolution
    return release


def again(session: Session, issue: Issue) -> Release:
    """What was taken back is made available anew: another release, with other drafts. Nothing reaches anybody yet."""
    issue.cycle += 1
    return _released(session, issue, declined=False)


def take_back(session: Session, issue: Issue, why: str = "") -> Release:
    """What was available is so no more: `why` says what did that where the issue is still done.

    What was drafted is withdrawn at the same moment; done again, the issue is another release with other drafts.
    """
    before = Cause(issue.id, issue.cycle).stored
    for telling in session.exec(select(Telling).where(Telling.release_id == before, col(Telling.state).in_(OWING))):
        telling.state = WITHDRAWN
        gathering.leave(session, telling)
        if not telling.dry and not _is_untouched(telling):  # else there is no draft
            happened(session, _withdrawn(telling, issue, why))
    release = session.get(Release, reopening(before)) or Release(
        id=reopening(before),
        issue_id=issue.id,
        cycle=issue.cycle,
        kind=REOPENED,
        resolution=why,
        happened_at=now_ms(),
    )
    session.add(release)
    return release


def _is_untouched(telling: Telling) -> bool:
    """Has its conversation a day on which it comes back, and did not come back yet?"""
    return telling.opens_at is not None and not telling.found and telling.drafted_at is None


def _withdrawn(telling: Telling, issue: Issue, why: str) -> Intent:
    return Intent(
        "us",
        "withdraw",
        key=f"withdrawn:{telling.release_id}:{telling.conversation_id}",
        target=telling.conversation_id,
        sentence=NO_LONGER_THERE if why else NO_LONGER_DONE,
        facts={"key": issue.key},
        conversation_id=telling.conversation_id,
        issue_id=issue.id,
    )


def concluded(session: Session, decision_id: int, at_ms: int) -> str:
    """The release of a conclusion that customers are to hear of; returns its id."""
    id = Cause(decision_id=decision_id).stored
    if session.get(Release, id) is None:
        session.add(Release(id=id, issue_id="", cycle=0, kind=CONCLUDED, gathered=True, happened_at=at_ms))
    return id


def gathered(session: Session, release_id: str) -> None:
    """The links that the vendors knew at the moment of this release have been read."""
    session.get_one(Release, release_id).gathered = True


_TAKEN_BACK = sa.select(table_of(Release).c.id).where(table_of(Release).c.id == sa.bindparam("back"))


def is_taken_back(session: Session, release_id: str) -> bool:
    """Is what was released no longer there?"""
    return session.execute(_TAKEN_BACK, {"back": reopening(release_id)}).first() is not None


def owe(session: Session, release_id: str, conversation_id: str) -> Telling:
    """What is owed to a conversation because of a release; recorded the first time.

    What we came to in a dry run has neither a draft nor a moment of ours: whoever comes in earnest begins anew.
    """
    telling, is_dry = session.get(Telling, (release_id, conversation_id)), dry_run.is_on()
    if telling is None:
        telling = Telling(release_id=release_id, conversation_id=conversation_id, owed_at=now_ms(), dry=is_dry)
        session.add(telling)
    elif telling.dry and not is_dry:
        telling.dry, telling.found, telling.owed_at = False, "", now_ms()
        telling.state = "owed" if telling.state == "drafted" else telling.state
    if not is_dry:
        apologies.drop_before(session, release_id, conversation_id)
    return telling


def found(session: Session, release_id: str, conversation_id: str, state: str, snoozed_until: int) -> Telling:
    """Remember in which state a chat was when we came to it; later attempts keep to the first answer."""
    telling = owe(session, release_id, conversation_id)
    if not telling.found:
        telling.found, telling.snoozed_until = state, snoozed_until
    return telling


def drafted(session: Session, release_id: str, conversation_id: str, draft: str) -> None:
    """The chat is open again, with this draft: since its note was written, which may be a while ago."""
    telling = session.get_one(Telling, (release_id, conversation_id))
    note = session.get(Action, f"note:{release_id}:{conversation_id}")
    if telling.state == "owed":
        telling.state, telling.draft, telling.drafted_at = "drafted", draft, note.started_at if note else now_ms()
        gathering.join(session, telling)


def show(session: Session, telling: Telling) -> None:
    """Whoever was asked to tell it, because it had come to a dead end, sees how it stands now."""
    if telling.dead_end:
        names = {"release_id": telling.release_id, "conversation_id": telling.conversation_id}
        run = f"dead-end:{telling.release_id}/{telling.conversation_id}/shown/{now_ms()}"
        start(session, [child(run, "dead_end.shown", **names)])


def owe_again(session: Session, telling: Telling) -> None:
    """Nobody has told the customer after all: back to the draft, unless the issue is no longer done by now."""
    withdrawn = session.get(Release, reopening(telling.release_id))
    owed = "drafted" if telling.drafted_at else "owed"
    telling.state, telling.told_by, telling.told_at = WITHDRAWN if withdrawn else owed, "", None
    telling.sent, telling.part_id, telling.channel = "", "", ""
    telling.reaction, telling.reacted_at, telling.rating, telling.asked_again = "", None, 0, None
    gathering.unapproved(telling, telling.why)
    telling.joined = telling.gathers = ""
    if telling.state == "drafted":
        gathering.join(session, telling)
    if withdrawn:
        apologies.drop(session, withdrawn.id, telling.conversation_id)


def excused(session: Session, release_id: str, conversation_id: str) -> None:
    """Nobody can be told there; the reason is an action."""
    telling = owe(session, release_id, conversation_id)
    if telling.state == "owed":
        telling.state = "excused"


def chats_of(session: Session, release_id: str) -> list[str]:
    """The conversations that came back to their agents because of a release, or that somebody tells otherwise."""
    touched = col(Telling.opens_at).is_(None) | (Telling.found != "") | col(Telling.drafted_at).is_not(None)
    came_back = select(Telling.conversation_id).where(
        Telling.release_id == release_id, Telling.state != "excused", touched
    )
    return list(session.exec(came_back if dry_run.is_on() else came_back.where(~col(Telling.dry))))
