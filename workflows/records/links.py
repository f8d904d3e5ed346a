"""Links between feedback, features and issues. They are added or confirmed, and survive closing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, delete, select

from workflows.records.tables import (
    Feature,
    FeatureIssue,
    Feedback,
    FeedbackFeature,
    FeedbackIssue,
    Issue,
    Mention,
    Release,
    Telling,
)
from workflows.store import now_ms


def connect(
    session: Session, feedback_ids: Sequence[int], issue_id: str, origin: str, from_cycle: int | None = None
) -> list[int]:
    """Let these feedback records wait for an issue; returns those that did not before.

    `from_cycle`: releases up to this one are not news to them; by default those that have happened.
    """
    issue = session.get_one(Issue, issue_id)
    known = set(
        session.exec(
            select(FeedbackIssue.feedback_id).where(
                FeedbackIssue.issue_id == issue_id, col(FeedbackIssue.feedback_id).in_(feedback_ids)
            )
        )
    )
    new = [feedback_id for feedback_id in dict.fromkeys(feedback_ids) if feedback_id not in known]
    for feedback_id in new:
        session.add(
            FeedbackIssue(
                feedback_id=feedback_id,
                issue_id=issue_id,
                origin=origin,
                from_cycle=issue.cycle if from_cycle is None else from_cycle,
                linked_at=now_ms(),
            )
        )
    return new


def mention(session: Session, conversation_id: str, issue_id: str) -> None:
    """An issue names a conversation from which nothing has been filed yet: keep that for later."""
    if session.get(Mention, (conversation_id, issue_id)) is None:
        issue = session.get(Issue, issue_id)
        session.add(
            Mention(
                conversation_id=conversation_id,
                issue_id=issue_id,
                from_cycle=issue.cycle if issue else 0,
                noticed_at=now_ms(),
            )
        )


def features_are(session: Session, feedback_id: int, features: Sequence[Feature]) -> tuple[list[Feature], list[str]]:
    """Make these the features of a feedback; returns the new ones and the ids that were taken away."""
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
    return [feature for feature in features if feature.id not in known], sorted(gone)


def feature_has_issue(session: Session, feature_id: str, issue_id: str) -> None:
    """Productboard pushed this feature to that issue."""
    if session.get(FeatureIssue, (feature_id, issue_id)) is None:
        session.add(FeatureIssue(feature_id=feature_id, issue_id=issue_id, linked_at=now_ms()))


def feedback_of_feature(session: Session, feature_id: str) -> list[int]:
    """The feedback that is linked to a feature."""
    return list(session.exec(select(FeedbackFeature.feedback_id).where(FeedbackFeature.feature_id == feature_id)))


def watched_issues(session: Session) -> list[Issue]:
    """Issues that some feedback waits for."""
    return list(session.exec(select(Issue).where(col(Issue.id).in_(select(FeedbackIssue.issue_id).distinct()))))


def late(session: Session, feedback_ids: Sequence[int]) -> list[tuple[str, str]]:
    """(release, conversation) of finished issues whose news has not been owed to these feedback records yet."""
    rows = session.exec(
        select(Release.id, Feedback.conversation_id)
        .join(FeedbackIssue, col(FeedbackIssue.issue_id) == Release.issue_id)
        .join(Feedback, col(Feedback.id) == FeedbackIssue.feedback_id)
        .where(
            Release.kind == "finished",
            Release.cycle > FeedbackIssue.from_cycle,
            col(FeedbackIssue.feedback_id).in_(feedback_ids),
            ~select(Telling.release_id)
            .where(Telling.release_id == Release.id, Telling.conversation_id == Feedback.conversation_id)
            .exists(),
        )
        .distinct()
    )
    return [(release, conversation) for release, conversation in rows]
