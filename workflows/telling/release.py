"""Release: when Jira says done, everyone who asked hears back.

    jira.IssueMoved ─► moved ───────────┐
    jira.VersionReleased ─► version_changed ─► settle ─┬─► reopen.conversation, one run each
    a wave is opened by hand or a hook ─► reach ───────┴─► tell the team in Slack, once for each wave

"Done" is the status' category, compared with what we knew; so edits of a done issue, done→done, our
own writes and redeliveries mean nothing. Resolutions such as Won't Do are recorded and reopen nothing. Only what is
available to a wish's company reopens its conversation: `workflows.wish.availability`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from integrations.intercom import conversation_in
from workflows.engine import posting
from workflows.engine.actions import Intent, leave
from workflows.engine.durable import child, current_run, spawn, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.engine.vendors import jira_client, vendors
from workflows.rules import rules
from workflows.rules.kinds import RELEASED
from workflows.tables.columns import copy_of
from workflows.tables.telling import Release
from workflows.tables.wish import Feedback, Issue
from workflows.telling import drafts, hearers, ledger, openings, release_texts, waiters, waves, whose
from workflows.telling.cause import Cause
from workflows.wish import availability, issues, vanished
from workflows.wish import wishes as feedbacks
from workflows.wish.availability import way_out
from workflows.wish.connect import feedback_in, let_wait, put_on, row_of

NOTHING_CHANGED = "{key} was neither completed nor reopened. Nothing to do."


@workflow
def moved(
    issue_id: str, issue_key: str, from_status: str, to_status: str, change_id: str, actor: str, urls: Sequence[str]
) -> Outcome:
    """An issue changed its status."""
    return settle(issue_id, issue_key, before=jira_client().category_of(from_status), urls=urls)


@workflow
def resolved(issue_id: str, issue_key: str, change_id: str, actor: str, urls: Sequence[str] = ()) -> Outcome:
    """A resolution was set or changed later: an issue that ended as Won't Do may be finished after all."""
    return settle(issue_id, issue_key, before="", urls=urls)


@workflow
def check(issue_id: str, issue_key: str, before: str = "") -> Outcome:
    """An issue is not as we knew it, or somebody was linked to it who has not heard that it is done."""
    return settle(issue_id, issue_key, before=before)


def settle(issue_id: str, issue_key: str, before: str, urls: Sequence[str] = ()) -> Outcome:
    """Compare an issue with what we knew of it, and let what follows follow."""
    found = jira_client().issue(issue_id)
    if found is None:
        return vanished.freed(issue_id, issue_key)
    declined = rules.is_declined(found.resolution, found.resolution_id)
    issue = row_of(found)
    seen = store.write(lambda session: ledger.observe(session, copy_of(issue), before, declined, way_out(found)))
    if not seen:
        return ignored(NOTHING_CHANGED, key=issue.key)
    outcomes = [_follow(issue, release, (*urls, *found.links)) for release in seen]
    return outcomes[0]


def _follow(issue: Issue, release: Release, urls: Sequence[str]) -> Outcome:
    """What follows from a release, or from its taking back."""
    if release.kind == ledger.REOPENED:
        return warn(issue, release)
    gather(issue, release, urls)
    return announce(issue, release) if release.kind == ledger.FINISHED else decline(issue, release)


def gather(issue: Issue, release: Release, urls: Sequence[str]) -> None:
    """Read, once per release, which links the vendors know: news of them may be late or lost."""
    if release.gathered:
        return
    ours = store.read(partial(issues.shown, issue_id=issue.id))
    theirs = [url for url in jira_client().linked_urls(issue.id) if conversation_in(url) not in ours]
    chats, feedback_ids = feedback_in((*urls, *theirs, *jira_client().links_in_comments(issue.id)))
    let_wait(issue, chats, feedback_ids, "jira", release.cycle - 1)
    if vendors.productboard is not None:
        for feature_id in vendors.productboard.features_of_issue(issue.id, issue.key):
            store.write(partial(issues.feature_has_issue, feature_id=feature_id, issue_id=issue.id))
            records = vendors.productboard.notes_of(feature_id)
            waiting = store.read(partial(feedbacks.of_records, records=records))
            let_wait(issue, [], waiting, "productboard", release.cycle - 1)
    store.write(partial(ledger.gathered, release_id=release.id))
    put_on(issue)


def announce(issue: Issue, release: Release) -> Outcome:
    """Reopen every conversation that waits for the issue and that it is available to, and tell the team."""
    wishes, left = store.read(partial(waiters.reached, release=release)), store.read(partial(_unreached, release))
    chats = list(dict.fromkeys(wish.conversation_id for wish in wishes))
    now = store.write(partial(openings.plan, release_id=release.id, chats=chats))
    spawn([openings.run_of(release.id, chat) for chat in now])
    if left and not chats:
        return hold(issue, release, left)
    if not chats:
        return ignored("{key} is done. No requests were waiting for it.", key=issue.key)
    tell_of_waves(issue, release, wishes, left, set(chats).difference(now))
    return done("{key} is done: reopening {count} conversations.", key=issue.key, count=len(chats))


def _unreached(release: Release, session: Session) -> int:
    return len({wish.conversation_id for wish in waiters.unreached(session, release)})


def hold(issue: Issue, release: Release, chats: int) -> Outcome:
    """It is done and available to nobody who waits for it: support knows, and customers hear nothing yet."""
    text, blocks = release_texts.held(issue, chats)
    tell_team(release, issue, "Notified the support channel that {key} is done.", text, blocks, name="held")
    return done(HELD, key=issue.key, count=chats)


HELD = "{key} is done and not released yet: {count} conversations wait for that."


def tell_of_waves(
    issue: Issue, release: Release, wishes: Sequence[Feedback], left: int, later: Collection[str]
) -> None:
    """One message for each wave that reached somebody; `later`: the conversations that come back another day."""
    reach = store.read(partial(availability.reached, release_ids=[release.id]))
    for wave in sorted(reach.waves[release.id], key=lambda wave: wave.id or 0):
        there = [wish for wish in wishes if reach.includes(wave, wish.company_id)]
        if not any(wish.said_at <= (wave.opened_at or 0) for wish in there):
            continue  # it is news to nobody
        spawn(store.read(partial(whose.runs, release=release, wave=wave, wishes=there)))
        spawn(hearers.of_release(release, wave.id or 0, there))
        chats = {wish.conversation_id for wish in hearers.for_support(there, RELEASED)}
        if not chats:
            continue  # their kinds have channels of their own
        if wave.origin == f"{release.id}/{availability.DONE}":
            text, blocks = release_texts.released(issue, len(chats), len(chats.intersection(later)))
            tell_team(release, issue, "Notified the support channel that {key} is done.", text, blocks)
        else:
            text, blocks = release_texts.available(issue, len(chats), left, len(chats.intersection(later)))
            tell_team(release, issue, AVAILABLE, text, blocks, name=f"wave:{wave.id}")


AVAILABLE = "Notified the support channel that {key} is available."


def decline(issue: Issue, release: Release) -> Outcome:
    """The issue ended without anything to use: nothing reopens, and it says why."""
    wishes = store.read(partial(waiters.waited, release=release))
    spawn(store.read(partial(whose.runs_at_end, release=release)))
    for wish in wishes:
        leave(_about(wish, issue, release), NOT_AVAILABLE, key=issue.key, resolution=issue.resolution)
    return ignored(NOT_AVAILABLE, key=issue.key, resolution=issue.resolution)


NOT_AVAILABLE = "Not reopened: {key} was closed as “{resolution}”, so nothing is available yet."


def warn(issue: Issue, release: Release) -> Outcome:
    """What was available is so no more: those who reopened chats for it must know."""
    chats = store.read(partial(ledger.chats_of, release_id=Cause(issue.id, release.cycle).stored))
    words = IS_TAKEN_BACK if release.resolution else IS_NOT_DONE
    if not chats:
        return ignored(words.nobody, key=issue.key)
    spawn(store.read(partial(whose.runs_at_end, release=release)))
    spawn(hearers.of_release(release, 0, store.read(partial(whose.ended, release=release))))
    about = [{"release_id": release.id, "conversation_id": chat} for chat in chats]
    spawn([child(f"{release.id}/{it['conversation_id']}", "retract.conversation", **it) for it in about])
    reopened = len(chats) - store.read(partial(_ends, release_id=Cause(issue.id, release.cycle).stored))
    text, blocks = release_texts.reopened(issue, reopened, is_done=bool(release.resolution))
    tell_team(release, issue, words.warned, text, blocks)
    return done(words.gone, key=issue.key)


def _ends(session: Session, release_id: str) -> int:
    """How many of them could not be reopened."""
    return sum(bool(each.dead_end) for each in drafts.of_release(session, release_id))


@dataclass(frozen=True)
class Gone:
    """How it is said that what was available is so no more."""

    gone: str
    nobody: str
    warned: str


IS_NOT_DONE = Gone(
    "{key} is no longer done.",
    "{key} is no longer done. No customers had been notified.",
    "Warned the support channel that {key} is no longer done.",
)
IS_TAKEN_BACK = Gone(
    "{key} is no longer available.",
    "{key} is no longer available. No customers had been notified.",
    "Warned the support channel that {key} is no longer available.",
)


def tell_team(
    release: Release, issue: Issue, sentence: str, text: str, blocks: list[dict[str, object]], name: str = ""
) -> None:
    """One message to the support channel about a release or its undoing, once under its kind or the given name."""
    channel, key = rules.support_channel, f"{name or release.kind}:{release.id}"
    intent = Intent("slack", "post", key, channel, sentence, {"key": issue.key}, issue_id=issue.id)
    if vendors.slack is not None and not channel:
        leave(intent, posting.NO_CHANNEL)
        return

    posting.post(intent, (text, blocks), since_ms=release.happened_at)


@workflow
def reach(release_id: str) -> Outcome:
    """A wave was opened, or companies came into one: whoever it reaches now hears of it, and nobody else."""
    release = store.read(lambda session: session.get_one(Release, release_id))
    issue = store.read(lambda session: session.get_one(Issue, release.issue_id))
    stands = store.read(partial(waves.standing, issue_id=issue.id))
    if stands is None or stands.id != release_id:
        return ignored(IS_TAKEN_BACK.gone, key=issue.key)
    return announce(issue, release)


@workflow
def warned(release_id: str) -> Outcome:
    """A person took a release back: those who reopened chats for it must know."""
    release = store.read(lambda session: session.get_one(Release, release_id))
    issue = store.read(lambda session: session.get_one(Issue, release.issue_id))
    return warn(issue, release)


@workflow
def version_changed(version_id: str, name: str, project_id: str) -> Outcome:
    """A version was released, or is so no more, or another was merged into it: what it fixes is compared anew."""
    found = {issue.id: issue.key for issue in jira_client().issues_in_version(version_id)}
    known = store.read(partial(issues.known_issues, issue_ids=list(found)))
    checks = [child(f"{current_run()}/{id}", "release.check", issue_id=id, issue_key=found[id]) for id in sorted(known)]
    count = spawn(checks)
    if not count:
        return ignored("No requests are waiting for version {name}.", name=name)
    return done("Version {name} changed: checking {count} issues.", name=name, count=count)


def _about(wish: Feedback, issue: Issue, release: Release) -> Intent:
    return Intent(
        "intercom",
        "open",
        key=f"declined:{release.id}:{wish.id}",
        target=wish.conversation_id,
        sentence="",
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
        issue_id=issue.id,
        url=issue.url,
    )
