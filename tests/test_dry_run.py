"""Dry run, as a team meets it: the whole loop is decided and recorded, and no vendor receives a write."""

from __future__ import annotations

from datetime import time

import pytest
from sqlmodel import select, update

from integrations import hands_off
from integrations.hands_off import HandsOff
from tests.dry import dry, watched
from tests.escalating import AGENT, OWNER, Escalating
from tests.meeting import LEAD, decide
from tests.releasing import soon
from tests.world import World
from workflows.engine import dry_run, durable
from workflows.engine.outcome import Outcome, done
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.escalation import answers, reminders
from workflows.escalation.answers import By
from workflows.language.wording import say
from workflows.meeting import acts, to_jira
from workflows.rules.dry_run import STORIES
from workflows.rules.meeting import Triage
from workflows.tables.escalation import Escalation
from workflows.tables.meeting import Decision
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback, FeedbackIssue
from workflows.wish import context, issues

AT_ONCE = Triage(undo_seconds=0, mail=("support@kanade.example",), mail_minutes=0, meets_at=time(15))


def play(world: World) -> None:
    """The whole product once: file, describe, link, decide, release, answer, withdraw, escalate."""
    case = Escalating(world)
    first, second = world.wish(0), world.wish(2)
    world.link(first, "KNDE-12")
    with world.rules(triage=AT_ONCE, jira_project="KNDE"):
        decide(second.id or 0, "decline", tells_all=True)
        acts.start_due()
        world.settle()
    world.move("KNDE-12", "完了")
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけるようになりました。", at=soon())
    world.settle()
    world.move("KNDE-12", "進行中")
    case.send(case.filled())
    world.settle()


def would(world: World) -> set[str]:
    """The verbs of everything that was not done."""
    return {action.verb for action in world.actions() if action.state == "would"}


def test_no_vendor_receives_a_write_and_everything_is_decided(world: World) -> None:
    with dry(world) as writes:
        play(world)
    assert writes == []
    assert [(r.id, r.reason, r.facts) for r in world.runs() if r.state not in ("done", "ignored")] == []
    assert would(world) >= {
        *("productboard.note", "intercom.note", "slack.ask", f"jira.{issues.SHOWN}", "slack.conclude"),
        *("mail.conclude", "intercom.open", "slack.post", "slack.direct", "slack.receipt"),
    }
    assert not [a for a in world.actions() if a.state in ("started", "planned")]


def test_what_people_read_never_says_that_something_was_done(world: World) -> None:
    with dry(world):
        play(world)
        for action in world.actions():
            if action.state == "would":
                assert say("en", action.sentence, **action.facts).startswith("Dry run, nothing was written: ")
                assert "書き込んでいません" in say("ja", action.sentence, **action.facts)
        by_people = {each.id for each in world.runs() if not each.dry}
        assert not by_people
        assert all(say("en", run.reason, **run.facts).startswith("Dry run") for run in world.runs())
        assert all(sentence.startswith("Dry run") for _, sentence in world.reasons())
        assert not [wish for wish in world.feedback() if wish.note_id or wish.note_url]
        [told] = store.read(lambda s: s.exec(select(Telling).where(Telling.state == "told")).all())
        assert (told.conversation_id, told.told_by, told.dry) == (world.chats[0], "田中 みなみ", True)  # by a person


def test_it_is_kept_what_would_have_been_written(world: World) -> None:
    with dry(world):
        play(world)
        asked = {action.verb: action.facts.get("asked", {}) for action in world.actions() if action.state == "would"}
        posted = {action.key: action.facts["asked"] for action in world.actions() if action.verb == "slack.post"}
    assert asked["intercom.open"]["how"].startswith("POST /conversations/")
    assert "CSV" in asked["productboard.note"]["fields"]["content"]
    assert any("KNDE-12" in what["fields"]["text"] for what in posted.values())
    assert asked["mail.conclude"]["fields"]["to"] == "support@kanade.example"
    assert set(asked) - {verb for verb, what in asked.items() if what} <= {"us.withdraw"}


@pytest.mark.parametrize("story", STORIES)
def test_one_story_can_be_dry_while_the_others_are_not(world: World, story: str) -> None:
    with dry(world, story) as writes:
        play(world)
    missing = {
        "feedback": ("productboard POST /v2/notes", "slack.ask"),
        "meeting": (),
        "conclusion": ("mail",),
        "release": (f"intercom POST /conversations/{world.chats[0]}/parts",),
        "escalation": (),
        "survey": (),
        "digest": (),
        "alert": (),
    }[story]
    dry_runs = {dry_run.story_of(run.workflow) for run in world.runs() if run.dry}
    assert dry_runs <= {story}
    assert not set(missing) & set(writes)
    assert writes


def test_switched_off_nothing_of_before_is_made_up_for(world: World) -> None:
    with dry(world):
        play(world)
        world.jira.move("KNDE-12", "完了")  # under way while it is switched off
        world.deliver()
        world.intercom.customer_says(world.chats[2], "いつ頃になりますか。", at=soon())
        world.held()  # that webhook is lost; the polls see that the chat has changed
    with watched(world) as writes:
        world.settle()
        world.reconcile()
        reminders.start_due()
        context.start_due()
        acts.start_due()
        world.settle()
    assert writes == []


def test_a_new_cause_acts_and_takes_the_place_of_what_only_would_have_been_done(world: World) -> None:
    with dry(world):
        wish = world.wish(0)
        world.link(wish, "KNDE-12")
        world.move("KNDE-12", "完了")
    assert (world.opened(0), world.state(0)) == (0, "closed")

    store.write(lambda s: s.execute(update(Feedback).values(taken_at=Feedback.taken_at - 5000)))
    world.tag(0)  # somebody tags it once more
    world.settle()
    assert world.feedback(0)[0].note_id
    assert len(world.notes(0)) == 1

    world.move("KNDE-12", "進行中")
    assert world.said() == []  # nobody was told that it was done
    world.move("KNDE-12", "完了")
    assert (world.opened(0), world.state(0)) == (1, "open")
    assert len(world.said()) == 1


def test_an_escalation_that_was_raised_dry_stays_dry(world: World) -> None:
    case = Escalating(world)
    with dry(world):
        case.send(case.filled())
        world.settle()
    escalation = case.one()
    assert (escalation.dry, escalation.posted_at) == (True, None)
    with watched(world) as writes:
        answers.acknowledge(By(OWNER, "test"), escalation.id or 0)
        world.settle()
        store.write(lambda s: s.execute(update(Escalation).values(due_at=1, reminding_until=0)))
        reminders.start_due()
        world.settle()
        world.intercom.customer_says(world.chats[0], "まだ返金されません。", at=soon())
        world.settle()
    assert writes == []


def test_an_issue_that_only_would_have_been_created_is_waited_for_by_nobody(world: World) -> None:
    wish = world.wish(0)
    with world.rules(jira_project="KNDE"):
        with dry(world, "meeting") as writes:
            assert to_jira.ask_to_create(wish.id or 0, LEAD)
            world.settle()
            assert writes == []
            assert store.read(lambda s: s.exec(select(FeedbackIssue)).all()) == []
        assert to_jira.ask_to_create(wish.id or 0, LEAD)  # switched off, the button works
        world.settle()
    assert len(store.read(lambda s: s.exec(select(FeedbackIssue)).all())) == 1


def test_what_was_really_written_is_erased_only_once_it_can_be(world: World) -> None:
    wish = world.wish(0)
    with dry(world) as writes:
        world.intercom.redact(world.chats[0], wish.part_id)
        world.settle()
        assert writes == []
        assert world.feedback(0)[0].quote == ""
        [dead] = [run for run in world.runs() if run.state == "dead"]
    assert world.replay_the_dead() != []
    assert [run.state for run in world.runs() if run.id == dead.id] == ["done"]


def test_whoever_fills_in_a_form_is_told_that_it_reaches_nobody(world: World) -> None:
    with dry(world):
        view = world.slack.use_shortcut(AGENT, "escalate").view
        assert view is not None
        assert "試運転中: 外部には何も書き込みません。" in str(view["blocks"][0])


def test_decisions_of_a_dry_run_are_marked_as_such(world: World) -> None:
    with dry(world):
        play(world)
    [decision] = store.read(lambda s: s.exec(select(Decision)).all())
    assert decision.sent_at and decision.dry


def test_a_write_that_a_story_forgets_is_refused_by_the_client(world: World) -> None:
    client = vendors.intercom
    assert client is not None
    with watched(world) as writes, hands_off.off():
        assert client.conversation(world.chats[0]) is not None
        assert world.chats[0] in client.found_among([world.chats[0]])  # a search is a POST, and reads
        with pytest.raises(HandsOff) as refused:
            client.open(world.chats[0])
    assert writes == []
    assert refused.value.how == f"POST /conversations/{world.chats[0]}/parts"


def test_what_would_have_been_written_is_erased_with_the_words_it_quotes(world: World) -> None:
    with dry(world):
        wish = world.wish(0)
        assert wish.quote[:8] in str([action.facts for action in world.actions()])
        world.intercom.redact(world.chats[0], wish.part_id)
        world.settle()
    assert wish.quote[:8] not in str([action.facts for action in world.actions()])
    assert [run.reason for run in world.runs() if run.state == "dead"] == []  # nothing of it stands anywhere else


def test_a_story_that_writes_past_all_of_it_is_stopped_and_told(world: World) -> None:
    def forgetful() -> Outcome:
        assert vendors.intercom is not None
        vendors.intercom.open(world.chats[0])
        return done("Reopened.")

    with watched(world) as writes, dry_run.working_on("release.moved", is_dry=True):
        ended = durable._tell("test", forgetful, {}, 0)
    assert (writes, getattr(ended, "state", "")) == ([], "dead")
