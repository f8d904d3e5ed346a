"""Owner news: whoever answers for a company hears what became of what it asked for, and who tells its people.

    release.announce ─► tell, for each owner and wave ──────┐
    release.decline, release.warn ─► turned, for each ──────┼─► a message to them alone   ([telling] tell_owners)
    upkeep ─► start_due, once a meeting is over ─► decided ─┘

Companies without an owner are named to the fallback of the rules, as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlmodel import Session, col, select

from workflows.engine import dry_run
from workflows.engine.actions import Intent, happened
from workflows.engine.durable import child, start, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.meeting import decisions
from workflows.people import addressing, colleagues
from workflows.rules import rules
from workflows.rules.telling import DECLINED
from workflows.tables.columns import copy_of
from workflows.tables.meeting import Decision
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Wave
from workflows.tables.wish import Issue
from workflows.telling import ledger, owner_texts, waiters, whose
from workflows.telling.owner_texts import Mine
from workflows.wish import availability

TOLD = "Told {who}, the account owner, that {key} is available."
TOLD_ENDED = "Told {who}, the account owner, that {key} brings nothing to their companies."
TOLD_BACK = "Told {who}, the account owner, that {key} is no longer available."
TOLD_DECIDED = "Told {who}, the account owner, what the meeting declined."
GATHERED = "The account owners are told of this decision."
NOBODY = "No account owner was told: {who} cannot be reached in Slack."
NOTHING = "No account owner had to be told."
#: What is said of a release that is nothing to use: to people, and in the timeline.
TURNED = {
    ledger.DECLINED: (owner_texts.DECLINED, TOLD_ENDED),
    ledger.REOPENED: (owner_texts.WITHDRAWN, TOLD_BACK),
}
#: Decisions of one meeting are gathered for so many minutes after the last one, where the rules say nothing of mail.
MINUTES = 30


@workflow
def tell(release_id: str, wave_id: int, who: str) -> Outcome:
    """One owner hears of one wave, once."""
    release, issue, mine = store.read(partial(_of_wave, release_id, wave_id, who))
    key = f"owner:{release_id}:{wave_id}:{who}"
    message = partial(owner_texts.of_issue, owner_texts.AVAILABLE, issue, mine)
    intent = Intent("slack", "post", key, "", TOLD, {"key": issue.key}, issue_id=issue.id)
    return _post(who, mine, message, intent, release)


@workflow
def turned(release_id: str, who: str) -> Outcome:
    """One owner hears, once, that an issue brings nothing, or that what it brought is not available any more."""
    release, issue, mine = store.read(partial(_of_end, release_id, who))
    words, sentence = TURNED[release.kind]
    intent = Intent("slack", "post", f"owner:{release_id}:{who}", "", sentence, {"key": issue.key}, issue_id=issue.id)
    return _post(who, mine, partial(owner_texts.of_issue, words, issue, mine), intent, release)


@workflow
def decided(decision_ids: Sequence[int], who: str) -> Outcome:
    """One owner hears, once, what a meeting declined of their companies."""
    found, mine = store.read(partial(_of_decisions, decision_ids, who))
    key = f"owner-decided:{decision_ids[0]}-{decision_ids[-1]}:{who}"
    message = partial(owner_texts.of_meeting, found, mine)
    return _post(who, mine, message, Intent("slack", "post", key, "", TOLD_DECIDED), found[0])


def _post(who: str, mine: Mine, message: addressing.Words, intent: Intent, since: Release | Decision) -> Outcome:
    if not mine.wishes:
        return ignored(NOTHING)
    person = colleagues.find(who)
    if not person:
        return ignored(NOBODY, who=who)
    facts = intent.facts | {"who": colleagues.met(person).name}
    to_them = Intent("slack", "post", intent.key, person, intent.sentence, facts, issue_id=intent.issue_id)
    since_ms = since.happened_at if isinstance(since, Release) else since.decided_at
    posted = addressing.post(to_them, message, since_ms=since_ms)
    return done(intent.sentence, **facts) if posted else ignored(NOBODY, who=str(facts["who"]))


# -- what the meeting declined --------------------------------------------------------------------


def start_due() -> int:
    """Tell owners what was declined, once nothing has been decided for a while; returns how many runs were started."""
    if DECLINED not in rules.sending.tell_owners:
        return 0
    return store.write(partial(_start, now_ms()))


def _start(now: int, session: Session) -> int:
    found = _untold(session, now)
    if not found or max(each.sent_at or 0 for each in found) + (rules.triage.mail_minutes or MINUTES) * 60_000 > now:
        return 0
    wishes = [wish for each in found for wish in decisions.members(session, each.feedback_id)]
    for each in found:
        happened(session, Intent("us", "owner", _mark(each), "", GATHERED, feedback_id=each.feedback_id))
    ids = [each.id or 0 for each in found]
    name = f"owner-decided:{ids[0]}-{ids[-1]}"
    people = sorted(whose.by_owner(session, wishes))
    return start(session, [child(f"{name}/{who}", "owner_news.decided", decision_ids=ids, who=who) for who in people])


def _untold(session: Session, now: int) -> list[Decision]:
    """What was declined since yesterday and nobody who answers for a company was told of."""
    sent = (col(Decision.sent_at) >= now - DAY_MS) & col(Decision.undone_at).is_(None)
    if not dry_run.begins_dry("owner_news.decided"):
        sent &= ~col(Decision.dry)
    query = select(Decision).where(sent, Decision.conclusion == "decline").order_by(col(Decision.id))
    found = list(session.exec(query))
    keys = [_mark(each) for each in found]
    known = set(session.exec(select(Action.key).where(col(Action.key).in_(keys)))) if keys else set()
    return [each for each in found if _mark(each) not in known]


def _mark(decision: Decision) -> str:
    return f"owner-decided:{decision.id}"


# -- what is theirs -------------------------------------------------------------------------------


def _of_wave(release_id: str, wave_id: int, who: str, session: Session) -> tuple[Release, Issue, Mine]:
    """The release, its issue, and what of it is this owner's and the wave reaches."""
    release, wave = session.get_one(Release, release_id), session.get_one(Wave, wave_id)
    reach = availability.reached(session, [release_id])
    there = [it for it in waiters.reached(session, release) if reach.includes(wave, it.company_id)]
    return copy_of(release), copy_of(session.get_one(Issue, release.issue_id)), whose.mine(session, there, who)


def _of_end(release_id: str, who: str, session: Session) -> tuple[Release, Issue, Mine]:
    """The same of an issue that brings nothing: of everybody who waited for it, or whom it had reached."""
    release = session.get_one(Release, release_id)
    wishes = whose.ended(session, release)
    return copy_of(release), copy_of(session.get_one(Issue, release.issue_id)), whose.mine(session, wishes, who)


def _of_decisions(ids: Sequence[int], who: str, session: Session) -> tuple[list[Decision], Mine]:
    found = [copy_of(session.get_one(Decision, id)) for id in ids]
    wishes = [wish for each in found for wish in decisions.members(session, each.feedback_id)]
    return found, whose.mine(session, wishes, who)
