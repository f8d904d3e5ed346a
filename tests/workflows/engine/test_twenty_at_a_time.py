"""Every story, twenty at a time, while every vendor answers late: all come to their end, and nothing happens twice.

`integrations.waiting` is strict in all tests, so nobody waits for a vendor with something in hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

import app.main  # noqa: F401  (registers every story)
from tests.workflows.engine import twenty, twenty_alerts, twenty_enquiries, twenty_more
from tests.workflows.engine.twenty import TWENTY, Play
from tests.world import World
from workflows import routes
from workflows.engine import durable
from workflows.engine.durable import name_of

#: Seconds until a vendor answers.
LATE = 0.3

#: In which play twenty of a story come in.
PLAYS: dict[Play, tuple[str, ...]] = {
    twenty.requests: (
        *("feedback.meet", "feedback.file", "contact.repeated", "corrected.spread"),
        *("context.ask", "context.remind", "context.sent", "context.card_sent", "context.write_down", "context.reshow"),
    ),
    twenty.tags_taken_off: ("corrected.untagged", "corrected.kept", "corrected.withdrawn"),
    twenty.from_slack: ("filing.sent", "filing.carry"),
    twenty.releases: (
        *("links.issue_mentioned", "links.show", "links.issue_gone"),
        *("release.moved", "release.resolved", "release.check", "reopen.conversation", "reopen.told"),
    ),
    twenty.availability: (
        *("release.version_changed", "release.reach", "release.warned", "retract.conversation", "sending.send"),
        *("release.moved", "release.check", "reopen.conversation", "reopen.told", "owner_news.tell"),
        "owner_news.turned",
    ),
    twenty.features: (
        *("links.note_linked", "links.note_changed", "links.feature_changed", "links.by_hand"),
        *("to_jira.link", "to_jira.create", "to_jira.shared"),
    ),
    twenty.meeting: (
        *("agenda.post", "minutes.post", "minutes.show", "digest_mail.send", "owner_news.decided"),
        *("conclusion.tell", "conclusion.carry", "conclusion.write_back"),
    ),
    twenty_more.complaints: (
        *("escalation.submitted", "escalation.show", "escalation.report", "reminders.remind", "contact.wrote"),
        *(
            "answer.acknowledged",
            "answer.judged",
            "answer.started",
            "answer.handed_on",
            "answer.rearmed",
            "answer.reopened",
        ),
        *("escalation.handed_on", "escalation.reopened", "in_chatwork.show"),
    ),
    twenty_more.from_elsewhere: ("escalation.step_started", "escalation.card_sent", "answer.owners_set"),
    twenty_more.compared: ("compared.same", "compared.undo_same", "compared.not_same", "compared.undo_not_same"),
    twenty_more.suggestions: ("contact.rated", "contact.dismissed"),
    twenty_more.reactions: ("reaction.wrote", "reaction.rated", "reaction.again"),
    twenty_more.erasing: (
        *("erasure.redacted", "erasure.asked", "erasure.deleted", "erasure.person_deleted", "erasure.again"),
    ),
    twenty_more.deployments: ("deployed.available", "deployed.flagged", "deployed.withdrawn", "deployed.used"),
    twenty_more.dead_ends: (
        *("dead_end.hand", "dead_end.reconsidered", "dead_end.shown"),
        *("taking.taken", "taking.by_phone", "taking.by_mail", "taking.in_meeting"),
    ),
    twenty_more.kinds: ("kind_filed.tell", "kind_decided.tell", "kind_released.tell"),
    twenty_more.notices_given: (
        *("notice.begin", "notice.bring", "notice.remind", "notice.call_off", "notice.correct", "reopen.told"),
    ),
    twenty_enquiries.answered: ("reply.send", "enquiries.follow", "enquiries.refresh"),
    twenty_enquiries.taught: ("teaching.kept",),
    twenty_enquiries.asked: ("asking.asked", "asking.marked", "asking.unmarked"),
    twenty_enquiries.warned: ("warning.warn",),
    twenty_enquiries.digested: ("digest.send",),
    twenty_alerts.alarmed: (
        *("alert.look", "alert.tell", "alert.tell_room", "alert.picture", "limit.find"),
        *twenty_alerts.VERDICTS,
    ),
    twenty_enquiries.shared_answers: ("voice_share.shared", "voice_share.reshow"),
    twenty_enquiries.handed_over: ("handing.hand_over", "handing.assign"),
    twenty_more.counted: ("zendesk.look", "zendesk.heard", "reported.take"),
    twenty_enquiries.surveyed: ("survey.solved", "survey.ask", "survey.rated", "survey.heard"),
    twenty_more.chores: (
        *("reconcile.intercom", "reconcile.jira", "reconcile.productboard", "reconcile.vendor"),
        *("membership.sign_out_the_gone", "integrity.look_through", "teammate.removed"),
    ),
}


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[World]:
    world = World(sqlite_url)
    yield world
    world.close()


def test_every_story_is_in_some_play() -> None:
    """A new story has to be added to the table above."""
    played = {story for stories in PLAYS.values() for story in stories}
    assert played == {name_of(story) for story in durable.STORIES.values()}
    routed = {*routes.ROUTES.values(), *(story for _, named in routes.NAMED.values() for story in named.values())}
    assert {name_of(story) for story in routed} <= played


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.__name__)
def test_twenty_at_a_time_they_come_to_their_end_while_vendors_are_slow(on_sqlite: World, play: Play) -> None:
    world, seen = on_sqlite, set[str]()
    for stories in play(world):
        before = ended(world)
        slowly_to_the_end(world)
        assert [(run.id, run.reason) for run in world.runs() if run.state not in ("done", "ignored")] == []
        new = ended(world) - before
        assert {story: new[story] for story in stories if new[story] < TWENTY} == {}
        seen |= set(stories)
    assert set(PLAYS[play]) <= seen


def ended(world: World) -> Counter[str]:
    """How many of each story have come to their end."""
    return Counter(run.workflow for run in world.runs() if run.state in ("done", "ignored"))


def slowly_to_the_end(world: World) -> None:
    """Whatever waits is conducted at once, again and again, until nothing does; meanwhile every vendor answers late."""
    for twin in world.stage.twins.values():
        twin.delay = LATE
    for _ in range(20):
        arrived, states = world.deliver(), world.conduct_at_once()
        assert "stuck" not in states
        if not arrived and not states:
            break
    else:
        raise AssertionError("it does not come to an end")
    for twin in world.stage.twins.values():
        twin.delay = 0.0
