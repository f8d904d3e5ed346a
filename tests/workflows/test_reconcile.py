"""What webhooks missed is found by asking; and what was found is not done again when the webhook comes after all."""

from __future__ import annotations

import os
import random
from collections import Counter
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from app.operate import check
from integrations.twin import Fault
from tests import canary
from tests.canary import CANARY
from tests.escalating import AGENT, OWNER, Escalating
from tests.linking import CSV
from tests.pages.reading import get
from tests.world import World
from workflows import upkeep
from workflows.customer import chats, messages
from workflows.engine import polls
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import intercom_client
from workflows.overview import deliveries as inbox
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Asked, Feedback, FeedbackIssue, Issue
from workflows.wish import erasure

SEED = int(os.environ.get("YAMABIKO_TEST_SEED", random.randrange(10**6)))
TAGS = ("要望", "不具合", "文言", "質問")
INBOX = "https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/"


def test_a_revoked_token_is_one_finding_and_no_dead_letter(world: World) -> None:
    world.intercom.fail("POST /conversations/search", *[Fault("401")] * 3)
    for _ in range(3):
        world.reconcile()
    assert not store.read(inbox.dead_letters)
    standing = store.read(polls.standing)
    assert list(standing) == ["intercom"]
    assert standing["intercom"].reason == "Intercom answered 401 to POST /conversations/search (unauthorized)"
    page = get(world, "/setup").text
    assert page.count("Webhookで届かなかったものを問い合わせられません: Intercomが401を返しました") == 1
    said = [
        finding.sentence for finding in check.look(world.settings) if "what its webhooks missed" in finding.sentence
    ]
    assert len(said) == 1 and said[0].endswith("Intercom answered 401 to POST /conversations/search (unauthorized).")
    assert refuses(world) == {"intercom"}


def refuses(world: World) -> set[str]:
    """The vendors that refuse, as Prometheus hears it."""
    lines = world.request("GET", "/metrics").text.splitlines()
    told = [line for line in lines if line.startswith("yamabiko_vendor_refuses{") and line.endswith(" 1.0")]
    return {line.split('"')[1] for line in told}


@pytest.mark.fault("F44")
def test_what_a_refused_poll_did_not_see_is_found_once_the_token_works(world: World) -> None:
    world.reconcile()
    world.tag(0), world.intercom.held.clear()
    world.intercom.fail("POST /conversations/search", Fault("401"))
    world.reconcile()
    upkeep.reconcile(now_ms() + 3_600_000)  # the next poll would have begun after the tag
    world.settle()
    assert len(world.feedback()) == 1 and not store.read(polls.standing)
    assert refuses(world) == set()


@pytest.mark.fault("F84")
def test_what_was_missed_is_found_once_a_clock_that_was_ahead_is_right(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as wrong:
        wrong.setattr(polls, "now_ms", lambda: now_ms() + 24 * 3_600_000)
        world.reconcile()
    world.tag(0), world.intercom.held.clear()
    upkeep.reconcile(now_ms() + 3_600_000)
    world.settle()
    assert len(world.feedback()) == 1


def play(world: World) -> None:
    """Every chat is tagged and waits for an issue; two issues are done, one is declined, one goes on."""
    for chat in range(len(world.chats)):
        world.tag(chat, TAGS[chat % 4])
        world.settle()
    world.productboard.push_to_jira(world.stage.features[CSV], world.stage.issues["KNDE-21"], "KNDE-21")
    for wish in world.feedback():
        if wish.id is not None and world.chats.index(wish.conversation_id) % 4 == 3:
            world.productboard.link(wish.note_id, world.stage.features[CSV])
            world.settle()
    for number, key in enumerate(("KNDE-12", "KNDE-15", "KNDE-18")):
        world.jira.describe(key, " ".join(INBOX + chat for chat in world.chats[number::4]))
        world.settle()
    world.move("KNDE-15", "進行中")
    world.move("KNDE-12", "完了")
    world.move("KNDE-21", "リリース済み")
    world.move("KNDE-18", "完了", "対応しない")


def answers(world: World) -> None:
    """An agent answers in two chats that are owed news."""
    for chat in (0, 4):
        world.intercom.agent_says(world.chats[chat], "7001", "ご利用いただけるようになりました。", at=2_000_000_000)
    world.settle()


def outcome(world: World) -> dict[str, Any]:
    """What matters at the end, whatever the way: records, links, releases, what is owed, and every effect.

    About which wishes their agents were asked, but not in how many messages: what comes together is asked together.
    """
    twins = world.stage.twins.items()
    asking = {e.facts["marker"] for e in world.slack.did("chat.postMessage") if e.target.startswith("D")}
    effects = Counter(
        (name, e.verb) if name != "intercom" else (name, e.verb, e.target)
        for name, t in twins
        for e in t.effects
        if e.facts.get("marker") not in asking
    )

    def read(session: Any) -> dict[str, Any]:
        wishes = {wish.id: wish for wish in session.exec(select(Feedback))}
        chat = {id: wish.conversation_id for id, wish in wishes.items()}
        return {
            "wishes": sorted(
                (w.conversation_id, w.kind, w.quote, w.taken_by, bool(w.note_id)) for w in wishes.values()
            ),
            "links": sorted((chat[link.feedback_id], link.issue_id) for link in session.exec(select(FeedbackIssue))),
            "issues": sorted((issue.id, issue.category, issue.cycle) for issue in session.exec(select(Issue))),
            "releases": sorted((release.id, release.kind) for release in session.exec(select(Release))),
            "asked": sorted(chat[asked.feedback_id] for asked in session.exec(select(Asked))),
            "owed": sorted((t.release_id, t.conversation_id, t.state) for t in session.exec(select(Telling))),
        }

    return store.read(read) | {"effects": effects, "said": len(world.said())}


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> dict[str, Any]:
    """The play with nothing lost."""
    path = tmp_path_factory.mktemp("straight") / "world.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    world = World(f"sqlite:///{path}")
    play(world)
    answers(world)
    world.reconcile()
    end = outcome(world)
    world.close()
    assert Counter(state for *_, state in end["owed"]) == {"told": 2, "drafted": 3, "excused": 1}
    return end


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_lost_webhooks_are_healed(straight: dict[str, Any], world: World, share: float) -> None:
    print(f"seed: YAMABIKO_TEST_SEED={SEED}")
    world.loss, world.dice = share, random.Random(SEED)
    play_with_losses(world)
    assert outcome(world) == straight
    world.find_the_lost()
    assert outcome(world) == straight


def play_with_losses(world: World) -> None:
    """As above; people at Productboard and support act on what the reconciliation has healed by then."""
    for chat in range(len(world.chats)):
        world.tag(chat, TAGS[chat % 4])
    world.settle()
    world.reconcile()
    play(world)
    world.reconcile()
    answers(world)
    world.reconcile()


def test_a_reconciliation_that_finds_nothing_changes_nothing(world: World) -> None:
    play(world)
    for talk in world.intercom.books.conversations.values():
        talk.updated_at -= 60
    world.reconcile()
    before, runs = outcome(world), len(world.runs())
    for _ in range(3):
        world.reconcile()
    assert outcome(world) == before
    assert len(world.runs()) < runs + 3 * 20  # it looks at what changed lately, not at everything


def test_a_changed_resolution_that_was_lost_is_found(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了", "対応しない")
    world.loss = 1.0
    world.jira.set_resolution("KNDE-12", "完了")
    world.settle()
    assert world.opened(0) == 0
    world.reconcile()
    assert world.opened(0) == 1


def test_an_issue_taken_back_that_was_lost_is_found(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了")
    world.loss = 1.0
    world.move("KNDE-12", "進行中")
    assert len(world.said()) == 1
    world.reconcile()
    assert len(world.said()) == 2


def test_a_feature_pushed_to_jira_is_found(world: World) -> None:
    wish = world.wish(0)
    world.productboard.link(wish.note_id, world.stage.features[CSV])
    world.settle()
    world.productboard.push_to_jira(world.stage.features[CSV], world.stage.issues["KNDE-12"], "KNDE-12")
    world.reconcile()
    assert world.waiting("KNDE-12") == [wish.id]


def test_many_features_are_asked_for_in_few_calls(world: World) -> None:
    wish = world.wish(0)
    for number in range(20):
        feature = world.productboard.add_feature(f"機能 {number}")
        world.productboard.link(wish.note_id, feature)
        world.productboard.push_to_jira(feature, str(90_000 + number), f"OPS-{number}")
    world.settle()
    world.reconcile()  # looks all of these issues up, which our Jira does not know
    world.productboard.calls.clear()
    world.reconcile()
    assert Counter(route for route, _ in world.productboard.calls) == {
        "GET /v2/notes": 1,
        "POST /v2/entities/search": 1,
        "GET /v2/jira-integrations": 1,
        "GET /v2/jira-integrations/{integration}/connections": 2,
    }


def test_what_is_released_is_not_asked_for_until_it_is_taken_back(world: World) -> None:
    feature, issue = world.stage.features[CSV], world.stage.issues["KNDE-12"]
    world.productboard.push_to_jira(feature, issue, "KNDE-12")
    world.productboard.link(world.wish(0).note_id, feature)
    world.settle()
    asked = []
    for status in ("進行中", "完了", "進行中"):
        world.move("KNDE-12", status)
        world.productboard.calls.clear()
        world.reconcile()
        asked.append(("POST /v2/entities/search", 200) in world.productboard.calls)
    assert asked == [True, False, True]


def test_a_note_that_is_linked_to_one_feature_after_the_other_is_read_once_for_each(world: World) -> None:
    wish = world.wish(0)
    calls = []
    for number in range(8):
        feature = world.productboard.add_feature(f"機能 {number}")
        world.productboard.push_to_jira(feature, world.stage.issues["KNDE-12"], "KNDE-12")
        world.productboard.calls.clear()
        world.productboard.link(wish.note_id, feature)
        world.settle()
        calls.append(len(world.productboard.calls))
    assert max(calls) == calls[0], calls


def test_an_answer_that_was_lost_is_found(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了")
    world.loss = 1.0
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけます。", at=2_000_000_000)
    world.settle()
    assert set(world.tellings().values()) == {"drafted"}
    world.reconcile()
    assert set(world.tellings().values()) == {"told"}


def test_a_customers_reply_about_an_open_escalation_that_was_lost_is_found(world: World) -> None:
    case = Escalating(world)
    case.raised()
    assert "要望" not in world.intercom.books.conversations[world.chats[0]].tags
    world.loss = 1.0
    world.intercom.customer_says(world.chats[0], "まだ直りません。")
    world.settle()
    assert not [message for message in case.direct(OWNER) if "まだ直りません。" in case.text_of(message)]
    world.reconcile()
    world.reconcile()
    told = [message for message in case.direct(OWNER) if "まだ直りません。" in case.text_of(message)]
    assert len(told) == 1


def test_a_chat_that_nobody_told_of_is_found_with_what_it_says(world: World) -> None:
    case = Escalating(world)
    number = world.chat("解約します。", state="open")
    world.intercom.books.conversations[world.chats[number]].assignee_id = "7001"
    world.intercom.held.clear()
    with world.rules(suggest_words=("解約します",)):
        for _ in range(3):
            world.reconcile()
    [message] = case.direct(AGENT)
    assert "解約します" in case.text_of(message)
    assert [row.text for row in store.read(partial(messages.of_chat, chat=world.chats[number])).parts]


def test_a_customers_reply_that_was_lost_is_looked_at_once(world: World) -> None:
    case = Escalating(world)
    world.intercom.books.conversations[world.chats[0]].assignee_id = "7001"
    world.intercom.customer_says(world.chats[0], "もう解約します。")
    world.intercom.held.clear()
    with world.rules(suggest_words=("解約します",)):
        for _ in range(3):
            world.reconcile()
    assert len(case.direct(AGENT)) == 1
    assert [run.workflow for run in world.runs()].count("contact.wrote") == 1


def test_what_customers_wrote_and_we_heard_is_not_asked_for_again(world: World) -> None:
    world.intercom.customer_says(world.chats[0], "ありがとうございます。")
    world.settle()
    world.reconcile()
    assert [run.workflow for run in world.runs()].count("contact.wrote") == 1


def test_a_change_that_is_some_seconds_old_is_looked_at_once(world: World) -> None:
    wish = world.wish(0)
    talk = world.intercom.books.conversations[wish.conversation_id]
    talk.updated_at -= 60
    before = len(world.runs())
    for _ in range(3):
        world.reconcile()
    assert [run.id for run in world.runs()[before:] if run.workflow == "erasure.redacted"] == [
        f"look:{talk.id}/{talk.updated_at}"
    ]


def erased(world: World, chat: int) -> int:
    """How often the chat's timeline says that words of it are erased."""
    return sum(action.verb == erasure.SAID for action in world.actions(chat))


def test_a_redaction_that_was_lost_is_found_once(world: World) -> None:
    part = world.intercom.customer_says(world.chats[0], f"{CANARY} の件です。")
    world.tag(0, part=part)
    world.settle()
    assert canary.found()
    world.loss = 1.0
    world.intercom.redact(world.chats[0], part)
    world.settle()
    for _ in range(3):
        world.reconcile()
    assert canary.found() == []
    assert [wish.quote for wish in world.feedback(0)] == [""]
    assert erased(world, 0) == 1
    world.find_the_lost()
    assert erased(world, 0) == 1


def test_a_redaction_that_was_heard_is_not_carried_out_again(world: World) -> None:
    part = world.intercom.customer_says(world.chats[0], "電話番号は…")
    world.tag(0, part=part)
    world.settle()
    world.intercom.redact(world.chats[0], part)
    world.settle()
    world.intercom.customer_says(world.chats[0], "別の件です。")
    world.settle()
    world.reconcile()
    assert erased(world, 0) == 1


def test_a_deleted_conversation_that_nobody_told_of_is_found_and_erased(world: World) -> None:
    number = world.chat(f"{CANARY} の件です。")
    world.wish(number)
    assert canary.found()
    world.loss = 1.0
    world.intercom.delete(world.chats[number])
    world.settle()
    world.reconcile()
    world.reconcile()
    assert canary.found() == []
    assert erased(world, number) == 1


def test_chats_that_we_know_are_looked_for_in_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "PORTION", 2)
    for number in range(5):
        world.wish(number)
    last = sorted(world.chats[:5])[-1]
    world.loss = 1.0
    world.intercom.delete(last)
    searched = []
    for _ in range(3):
        world.intercom.calls.clear()
        world.reconcile()
        searched.append(sum(route == "POST /conversations/search" for route, _ in world.intercom.calls))
    assert searched == [3, 3, 3]
    assert erased(world, world.chats.index(last)) == 1


def test_a_chat_that_a_search_does_not_show_is_not_taken_for_deleted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = world.wish(0)
    monkeypatch.setattr(type(intercom_client()), "found_among", lambda self, ids: set())
    world.reconcile()
    assert world.feedback(0)[0].quote == wish.quote and not erased(world, 0)


def test_a_rating_that_was_lost_is_found_once(world: World) -> None:
    case = Escalating(world)
    world.intercom.books.conversations[world.chats[0]].assignee_id = "7001"
    world.loss = 1.0
    world.intercom.rate(world.chats[0], 1, "対応が遅い")
    world.settle()
    assert case.direct(AGENT) == []
    world.reconcile()
    world.reconcile()
    [message] = case.direct(AGENT)
    assert "対応が遅い" in case.text_of(message)
    assert [run.workflow for run in world.runs()].count("contact.rated") == 1


def test_a_rating_that_was_heard_is_not_asked_for_again(world: World) -> None:
    world.intercom.rate(world.chats[0], 5)
    world.settle()
    world.reconcile()
    assert [run.workflow for run in world.runs()].count("contact.rated") == 1


def test_a_link_in_a_comment_that_was_lost_is_found(world: World) -> None:
    wish = world.wish(0)
    world.loss = 1.0
    world.jira.comment_by_hand("KNDE-12", INBOX + wish.conversation_id)
    world.settle()
    world.reconcile()
    assert world.waiting("KNDE-12") == [wish.id]


def test_a_link_in_a_comment_that_was_lost_counts_once_the_issue_is_done(world: World) -> None:
    wish = world.wish(0)
    world.loss = 1.0
    world.jira.comment_by_hand("KNDE-12", INBOX + wish.conversation_id)
    world.settle()
    world.loss = 0.0
    world.move("KNDE-12", "完了")
    assert world.opened(0) == 1


def test_a_changed_issue_of_which_nothing_is_news_starts_no_run(world: World) -> None:
    wish = world.wish(0)
    world.jira.describe("KNDE-12", INBOX + wish.conversation_id)
    world.jira.comment_by_hand("KNDE-15", INBOX + world.chats[1])  # from which nothing has been filed
    for number in range(30):
        world.jira.add_issue(f"KNDE-{number + 500}", "依存関係を更新する", "https://example.com/changelog")
    world.settle()
    world.reconcile()
    world.reconcile()
    assert [run.id for run in world.runs() if run.id.startswith("reconcile:jira:") and "/" in run.id] == []


def test_two_tags_in_one_second_are_both_found(world: World) -> None:
    part = world.intercom.customer_says(world.chats[0], "役職コードも欲しいです。")
    world.wish(0)
    world.loss = 1.0
    world.tag(0, "不具合", part=part)
    world.settle()
    assert len(world.feedback(0)) == 1
    world.reconcile()
    assert len(world.feedback(0)) == 2


def test_a_poll_that_finds_nothing_costs_a_handful_of_calls(world: World) -> None:
    world.wish(0)
    world.intercom.books.conversations[world.chats[0]].updated_at -= 2 * upkeep.DAY_MS // 1000
    for twin in world.stage.twins.values():
        twin.calls.clear()
    world.reconcile()
    assert {name: len(twin.calls) for name, twin in world.stage.twins.items() if twin.calls} == {
        "intercom": 3,
        "productboard": 1,
        "jira": 1,
    }


def test_a_vendor_that_is_off_is_not_asked(world: World) -> None:
    with world.without("productboard"), world.without("intercom"), world.without("jira"):
        world.reconcile()
    assert not world.runs()


def test_tags_that_nobody_has_made_yet_are_no_trouble(world: World) -> None:
    with world.rules(tags={"まだない": "wish"}):
        world.reconcile()
    assert {run.state for run in world.runs() if run.workflow == "reconcile.intercom"} <= {"done", "ignored"}
    assert not world.feedback()
