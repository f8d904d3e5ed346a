"""Which wish waits for which feature and which issue, and which wishes are one."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from workflows.engine import leases
from workflows.engine.rows import insert_new
from workflows.engine.store import now_ms
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Cut, Feature, FeatureIssue, Feedback, FeedbackFeature, FeedbackIssue, Issue, Mention
from workflows.wish import availability

#: The origin of a link that a wish has because another one that it is merged with has it.
MERGED = "merged"
#: … and of one that a person made by hand, with an operator's command or at the meeting.
OPERATOR = "operator"


#: The verb of putting a conversation on an issue; its action's key is `<verb>:<issue>:<conversation>`.
SHOWN = "remote-link"


def connect(
    session: Session, feedback_ids: Sequence[int], issue_id: str, origin: str, from_cycle: int | None = None
) -> list[int]:
    """Let these feedback records wait for an issue; returns those that did not before.

    `from_cycle`: releases up to this one are not news to them; by default those that have happened.
    """
    rows = session.exec(
        select(FeedbackIssue).where(
            FeedbackIssue.issue_id == issue_id, col(FeedbackIssue.feedback_id).in_(feedback_ids)
        )
    )
    known = {row.feedback_id: row for row in rows}
    held_apart = _cut(session, feedback_ids, issue_id, anew=origin == OPERATOR)
    for row in known.values():
        row.origin = row.origin if origin == "productboard" and row.origin != MERGED else origin
    new = [id for id in dict.fromkeys(feedback_ids) if id not in known and id not in held_apart]
    since = past(session, issue_id) if from_cycle is None else from_cycle
    now = now_ms()
    session.add_all(
        FeedbackIssue(feedback_id=id, issue_id=issue_id, origin=origin, from_cycle=since, linked_at=now) for id in new
    )
    return new


def _cut(session: Session, feedback_ids: Sequence[int], issue_id: str, *, anew: bool) -> set[int]:
    """Those whose link to an issue somebody cut; `anew`: a person links them again, and no cut holds any more."""
    cut = col(Cut.feedback_id).in_(feedback_ids) & (col(Cut.issue_id) == issue_id)
    if anew:
        session.exec(delete(Cut).where(cut))
        return set()
    return set(session.exec(select(Cut.feedback_id).where(cut)))


def share(session: Session, group: Sequence[int]) -> None:
    """Let each of these wishes, which are one by now, wait for the issues of all of them, and for no others."""
    session.flush()
    rows = session.exec(select(FeedbackIssue).where(col(FeedbackIssue.feedback_id).in_(group))).all()
    wanted = {row.issue_id for row in rows if row.origin != MERGED}
    for row in rows:
        if row.origin == MERGED and row.issue_id not in wanted:
            session.delete(row)
    known, now = {(row.feedback_id, row.issue_id) for row in rows}, now_ms()
    for issue_id in sorted(wanted):
        new = {"issue_id": issue_id, "origin": MERGED, "from_cycle": past(session, issue_id), "linked_at": now}
        apart = _cut(session, group, issue_id, anew=False)
        missing = [id for id in group if (id, issue_id) not in known and id not in apart]
        insert_new(session, FeedbackIssue, [{"feedback_id": id} | new for id in missing])
    session.flush()


def past(session: Session, issue_id: str) -> int:
    """The newest cycle of an issue that is no news to whoever is linked now: they still hear of one that is done."""
    issue = session.get_one(Issue, issue_id)
    return max(0, issue.cycle - 1) if issue.category == "done" else issue.cycle


def is_done(session: Session, issue_id: str) -> bool:
    """Is an issue done?"""
    return session.get_one(Issue, issue_id).category == "done"


def met_as_done(session: Session, issue: Issue, at_ms: int, is_declined: bool, way: str) -> None:
    """Nobody of us saw this issue become done: that was its first release; `way` made it available, "" for nothing yet.

    Whoever asked after that moment asked for what was available already; `telling.reopen` says so to the agent.
    """
    issue.cycle = 1
    release = Release(
        id=f"{issue.id}:1",
        issue_id=issue.id,
        cycle=1,
        kind="declined" if is_declined else "finished",
        resolution=issue.resolution,
        happened_at=at_ms,
    )
    session.add(release)
    if way and not is_declined:
        availability.open_to_all(session, release.id, way, at_ms)


def mention(session: Session, conversation_id: str, issue_id: str, from_cycle: int | None = None) -> None:
    """An issue names a conversation from which nothing has been filed yet: keep that for later."""
    if session.get(Mention, (conversation_id, issue_id)) is None:
        session.add(
            Mention(
                conversation_id=conversation_id,
                issue_id=issue_id,
                from_cycle=past(session, issue_id) if from_cycle is None else from_cycle,
                noticed_at=now_ms(),
            )
        )


def unconnected(session: Session, issue_id: str, conversation_ids: Sequence[str], feedback_ids: Sequence[int]) -> bool:
    """Does one of these wait for an issue not yet: a wish, or a chat from which nothing has been filed?"""
    named = col(Feedback.conversation_id).in_(conversation_ids) | col(Feedback.id).in_(feedback_ids)
    wishes = dict(session.exec(select(Feedback.id, Feedback.conversation_id).where(named)).all())
    waiting = select(FeedbackIssue.feedback_id).where(FeedbackIssue.issue_id == issue_id)
    kept = select(Mention.conversation_id).where(Mention.issue_id == issue_id)
    empty = set(conversation_ids) - set(wishes.values())
    return not (set(wishes) <= set(session.exec(waiting)) and empty <= set(session.exec(kept)))


_TOLD = (
    select(sa.func.coalesce(sa.func.max(Release.cycle), 0))
    .join(Telling, col(Telling.release_id) == Release.id)
    .where(Telling.conversation_id == sa.bindparam("chat"), Release.issue_id == Issue.id)
    .scalar_subquery()
)


_MENTIONS = (
    select(Issue, Mention.from_cycle, _TOLD)
    .join(Mention, col(Mention.issue_id) == Issue.id)
    .where(Mention.conversation_id == sa.bindparam("chat"))
)


def mentions_of(session: Session, conversation_id: str) -> list[tuple[Issue, int]]:
    """The issues that named a conversation before anything was filed from it, and up to which cycle that is past."""
    rows = session.exec(_MENTIONS, params={"chat": conversation_id})
    return [(issue, max(from_cycle, heard)) for issue, from_cycle, heard in rows]


def part(session: Session, feedback_id: int, feature_ids: Sequence[str]) -> None:
    """Feedback that left these features waits no longer for issues to which only they connected it."""
    still = (
        select(FeatureIssue.issue_id)
        .join(FeedbackFeature, col(FeedbackFeature.feature_id) == FeatureIssue.feature_id)
        .where(FeedbackFeature.feedback_id == feedback_id)
    )
    session.exec(
        delete(FeedbackIssue).where(
            col(FeedbackIssue.feedback_id) == feedback_id,
            col(FeedbackIssue.origin) == "productboard",
            col(FeedbackIssue.issue_id).in_(
                select(FeatureIssue.issue_id).where(col(FeatureIssue.feature_id).in_(feature_ids))
            ),
            col(FeedbackIssue.issue_id).not_in(still),
        )
    )


def unshown(session: Session, issue_id: str) -> list[Feedback]:
    """The feedback that waits for an issue which does not show its conversation yet."""
    shown = select(Action.key).where(
        col(Action.key) == sa.literal(f"{SHOWN}:{issue_id}:") + col(Feedback.conversation_id),
        col(Action.state).in_(("done", "skipped")),
    )
    return list(
        session.exec(
            select(Feedback)
            .join(FeedbackIssue, col(FeedbackIssue.feedback_id) == Feedback.id)
            .where(FeedbackIssue.issue_id == issue_id, ~shown.exists(), col(Feedback.withdrawn_at).is_(None))
            .order_by(col(Feedback.id))
        )
    )


def shown(session: Session, issue_id: str) -> set[str]:
    """The conversations that we have put on an issue ourselves."""
    put = select(Action.conversation_id).where(Action.issue_id == issue_id, Action.verb == f"jira.{SHOWN}")
    return {conversation_id for conversation_id in session.exec(put) if conversation_id}


def features_are(
    session: Session, feedback_id: int, features: Sequence[Feature]
) -> tuple[list[Feature], list[Feature]]:
    """Make these the features of a feedback; returns the new ones and those that were taken away."""
    known = set(session.exec(select(FeedbackFeature.feature_id).where(FeedbackFeature.feedback_id == feedback_id)))
    for feature in features:
        session.merge(feature)
        if feature.id not in known:
            session.add(FeedbackFeature(feedback_id=feedback_id, feature_id=feature.id, linked_at=now_ms()))
    gone = known - {feature.id for feature in features}
    session.exec(
        delete(FeedbackFeature).where(
            col(FeedbackFeature.feedback_id) == feedback_id, col(FeedbackFeature.feature_id).in_(gone)
        )
    )
    left = session.exec(select(Feature).where(col(Feature.id).in_(gone)).order_by(col(Feature.id)))
    return [feature for feature in features if feature.id not in known], list(left)


def feature_has_issue(session: Session, feature_id: str, issue_id: str) -> None:
    """Productboard pushed this feature to that issue."""
    if session.get(FeatureIssue, (feature_id, issue_id)) is None:
        session.add(FeatureIssue(feature_id=feature_id, issue_id=issue_id, linked_at=now_ms()))


def feedback_of_feature(session: Session, feature_id: str) -> list[int]:
    """The feedback that is linked to a feature."""
    return list(session.exec(select(FeedbackFeature.feedback_id).where(FeedbackFeature.feature_id == feature_id)))


def unfinished_features(session: Session) -> list[tuple[Feature, set[str]]]:
    """The features that some feedback is linked to, each with the Jira issues that we know it was pushed to.

    But for those of which all issues are released; what is taken back counts again.
    """
    issues: dict[str, set[str]] = {}
    for row in session.exec(select(FeatureIssue)):
        issues.setdefault(row.feature_id, set()).add(row.issue_id)
    is_current = sa.and_(col(Release.issue_id) == Issue.id, col(Release.cycle) == Issue.cycle)
    finished = select(Issue.id).join(Release, is_current).where(Issue.category == "done", Release.kind == "finished")
    over = set(session.exec(finished))
    features = select(Feature).where(col(Feature.id).in_(select(FeedbackFeature.feature_id))).order_by(col(Feature.id))
    known = [(feature, issues.get(feature.id, set())) for feature in session.exec(features)]
    return [(feature, pushed) for feature, pushed in known if not pushed or pushed - over]


def watched_issues(session: Session) -> list[Issue]:
    """Issues that some feedback waits for."""
    return list(session.exec(select(Issue).where(col(Issue.id).in_(select(FeedbackIssue.issue_id).distinct()))))


def known_issues(session: Session, issue_ids: Sequence[str]) -> set[str]:
    """Those of the issues that we have heard of."""
    return set(session.exec(select(Issue.id).where(col(Issue.id).in_(issue_ids))))


def is_late(session: Session, issue_id: str) -> bool:
    """Is what an issue brought available to somebody who waited for it and is not owed the news yet?"""
    waits = (
        select(Release.id, Feedback.company_id)
        .join(Issue, sa.and_(col(Release.issue_id) == Issue.id, col(Release.cycle) == Issue.cycle))
        .join(FeedbackIssue, col(FeedbackIssue.issue_id) == Issue.id)
        .join(Feedback, col(Feedback.id) == FeedbackIssue.feedback_id)
        .where(
            Issue.id == issue_id,
            Issue.category == "done",
            Release.kind == "finished",
            Release.cycle > FeedbackIssue.from_cycle,
            ~select(Telling.release_id)
            .where(Telling.release_id == Release.id, Telling.conversation_id == Feedback.conversation_id)
            .exists(),
        )
        .distinct()
    )
    late = session.exec(waits).all()
    reach = availability.reached(session, {release_id for release_id, _ in late})
    return any(reach.since(*each) is not None for each in late)


def lock(session: Session) -> None:
    """One change of the meeting at a time: two that cross could merge two wishes into each other."""
    leases.lock(session, "triage")


def root_of(session: Session, feedback_id: int) -> int | None:
    """The wish in which this one ended up, itself where it was never merged; None if there is no such wish."""
    wish = session.get(Feedback, feedback_id)
    return None if wish is None else wish.merged_into or wish.id


def group_of(session: Session, root: int) -> list[Feedback]:
    """A wish, and all that are merged into it; itself first."""
    one = (col(Feedback.id) == root) | (col(Feedback.merged_into) == root)
    return list(session.exec(select(Feedback).where(one).order_by(col(Feedback.id) != root, col(Feedback.id))))


def touched(session: Session, feedback_ids: Sequence[int]) -> None:
    """Links of these wishes changed: whoever is merged with them waits for the same."""
    session.flush()
    inside = select(Feedback.merged_into).where(
        col(Feedback.merged_into).is_not(None),
        col(Feedback.id).in_(feedback_ids) | col(Feedback.merged_into).in_(feedback_ids),
    )
    for root in sorted(filter(None, session.exec(inside.distinct()))):
        share(session, [wish.id or 0 for wish in group_of(session, root)])
