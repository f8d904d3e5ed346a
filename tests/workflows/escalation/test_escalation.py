"""A form in Slack reaches the person who answers for the customer; nothing is lost, doubled or forged."""

from __future__ import annotations

import json

import pytest
from sqlmodel import update

from app.demo.company import ESCALATIONS
from integrations.twin import Fault
from tests.escalating import AGENT, DEPUTY, ENGLISH, LEAD, OWNER, Escalating
from tests.world import World
from workflows.engine import durable
from workflows.engine.store import store
from workflows.tables.escalation import Escalation

HOUR = 3600 * 1000


@pytest.fixture
def case(world: World) -> Escalating:
    """An agent who may escalate."""
    return Escalating(world)


# -- refusals -------------------------------------------------------------------------------------


def test_what_is_missing_is_said_at_its_field(case: Escalating) -> None:
    screen = case.send(case.filled(conversation="https://example.com/somewhere/else"))
    assert screen.errors == {
        "conversation": "Intercomの会話のリンクではありません。Intercomのアドレスバーからコピーしてください。"
    }
    screen = case.slack.submit(AGENT, {"conversation": "", "gist": " "})
    assert list(screen.errors) == ["gist"]
    assert case.all() == []


def test_errors_come_in_the_language_of_whoever_filled_it_in(case: Escalating) -> None:
    screen = case.send(case.filled(conversation="somewhere"), by=ENGLISH)
    assert screen.errors["conversation"].startswith("This is not a link to an Intercom conversation.")


def test_a_form_that_was_wrong_is_sent_again_and_counts_once(case: Escalating) -> None:
    case.send(case.filled(conversation="nonsense"))
    screen = case.slack.submit(AGENT, {"conversation": ""})
    assert (screen.errors, screen.error) == ({}, "")
    case.world.settle()
    assert case.one().conversation_id is None


def test_a_workflows_step_with_words_that_mean_nothing_is_refused_there(case: Escalating) -> None:
    step = case.slack.start_step("escalate_complaint", case.inputs(urgency="whenever"), AGENT)
    case.world.settle()
    seen = case.slack.step(step)
    assert (seen["state"], case.all()) == ("failed", [])
    assert "選択してください" in seen["error"]


# -- one form, one escalation ---------------------------------------------------------------------


def test_a_form_reaches_the_owner_the_channel_the_agent_and_the_conversation(case: Escalating) -> None:
    escalation = case.raised()
    assert (escalation.company_id, escalation.person, escalation.role) == ("101", OWNER, "owner")
    assert [step["role"] for step in escalation.chain] == ["owner", "deputy", "manager"]
    [posted] = case.posts()
    assert posted["text"] == "【至急】対応依頼 | 株式会社あおば製作所様 | 温度感: 高 ▷ 請求額が二重に引き落とされた"
    assert [len(case.direct(person)) for person in (OWNER, AGENT)] == [1, 1]
    assert f"E-{escalation.id}" in case.world.notes(0)[0]
    assert case.world.stage.intercom.books.conversations[case.world.chats[0]].state == "closed"


def test_a_form_that_is_sent_twice_is_one_escalation(case: Escalating) -> None:
    sent: list[tuple[dict[str, str], bytes]] = []
    sender = case.slack.sender
    assert sender is not None

    def remember(headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        sent.append((headers, body))
        return sender(headers, body)

    case.slack.sender = remember
    case.send(case.filled())
    headers, body = sent[-1]
    assert set(case.world.together("slack", headers, body, 20)) == {200}
    case.world.settle()
    assert (len(case.all()), len(case.posts()), len(case.direct(OWNER))) == (1, 1, 1)


def test_a_company_is_found_by_the_link_to_its_conversation(case: Escalating) -> None:
    link = case.filled()["conversation"]
    case.slack.use_shortcut(AGENT, "escalate")
    [(value, text)] = case.slack.suggest(AGENT, "company", link)
    assert (value, text) == (f"chat:{case.world.chats[0]}", "この会話の会社")
    case.slack.submit(AGENT, case.filled(company=value))
    case.world.settle()
    assert (case.one().company_id, case.one().company) == ("101", "株式会社あおば製作所")


def test_a_company_without_an_owner_goes_to_the_fallback_and_says_so(case: Escalating) -> None:
    escalation = case.raised(company="new:はじめて商店", conversation="")
    assert (escalation.company, escalation.company_id) == ("はじめて商店", None)
    assert (escalation.person, escalation.role) == (LEAD, "fallback")
    assert "顧客担当が未登録です" in json.dumps(case.posts()[0]["blocks"], ensure_ascii=False)


def test_with_nobody_at_all_the_channel_itself_is_asked(case: Escalating) -> None:
    with case.world.rules(fallback=""):
        escalation = case.raised(company="new:はじめて商店", conversation="")
    assert (escalation.person, escalation.next_person) == (ESCALATIONS, ESCALATIONS)
    assert "担当が見つかりません" in json.dumps(case.posts()[0]["blocks"], ensure_ascii=False)


def test_an_owner_who_left_is_passed_over(case: Escalating) -> None:
    case.slack.deactivate(OWNER)
    escalation = case.raised()
    assert [step["person"] for step in escalation.chain][:2] == [LEAD, DEPUTY]


def test_what_is_for_information_nags_nobody(case: Escalating) -> None:
    escalation = case.raised(request="information")
    assert (escalation.state, escalation.due_at, escalation.next_person) == ("shared", None, "")
    assert len(case.posts()) == len(case.direct(OWNER)) == 1


def test_what_is_for_information_is_named_as_that_and_not_as_urgent(case: Escalating) -> None:
    case.raised(request="information")
    [posted] = case.posts()
    assert posted["text"] == "【共有のみ】株式会社あおば製作所様 | 温度感: 高 ▷ 請求額が二重に引き落とされた"
    assert "至急" not in case.world.notes(0)[0] + json.dumps(posted["blocks"], ensure_ascii=False)


# -- four ways in ---------------------------------------------------------------------------------


def test_a_message_becomes_the_history(case: Escalating) -> None:
    ts = case.slack.say(case.world.channel, AGENT, "お客様がお怒りです &lt;至急&gt;")
    screen = case.slack.use_message_shortcut(AGENT, "escalate_message", case.world.channel, ts)
    assert screen.view is not None
    history = next(block for block in screen.view["blocks"] if block.get("block_id") == "history")
    assert history["element"]["initial_value"] == "お客様がお怒りです <至急>"


def test_a_command_opens_the_form_for_a_company(case: Escalating) -> None:
    screen = case.slack.command(AGENT, case.world.channel, "/escalate", "あおば")
    assert screen.view is not None
    company = next(block for block in screen.view["blocks"] if block.get("block_id") == "company")
    assert company["element"]["initial_option"]["value"] == "101"


def test_a_command_that_the_rules_do_not_know_says_so(case: Escalating) -> None:
    screen = case.slack.command(AGENT, case.world.channel, "/other", "")
    assert screen.said == "このコマンドは設定されていません。ルールの [commands] を確認してください。"


def test_a_workflows_step_is_completed_at_once_and_its_buttons_live_on(case: Escalating) -> None:
    step = case.slack.start_step("escalate_complaint", case.inputs(urgency="至急"), AGENT)
    case.world.settle()
    escalation = case.one()
    assert case.slack.step(step)["outputs"] == {"escalation": f"E-{escalation.id}"}
    case.press(OWNER, "acknowledge")
    assert case.one().state == "acknowledged"


def test_the_card_beside_a_chat_raises_one_escalation_however_often_it_is_pressed(case: Escalating) -> None:
    chat, values = case.world.chats[0], case.filled()
    fields = {name: values[name] for name in ("request", "urgency", "temperature", "gist", "history", "tried")}
    case.world.intercom.open_card(chat, "7002")
    wrong = case.world.intercom.press_card(chat, "7002", "send", {**fields, "gist": ""})
    assert "要点を一文で入力してください。" in json.dumps(wrong, ensure_ascii=False)
    case.world.intercom.press_card(chat, "7002", "send", fields)
    case.world.settle()
    escalation = case.one()
    assert (escalation.via, escalation.raised_by, escalation.company_id) == ("card", "U0SATO", "101")
    assert escalation.conversation_id == chat


# -- faults ---------------------------------------------------------------------------------------


def test_what_slack_could_not_take_is_posted_when_it_returns(case: Escalating) -> None:
    case.slack.fail("POST /api/chat.postMessage", *[Fault("503")] * 8)
    escalation = case.raised()
    assert escalation.posted_at is not None
    assert (len(case.posts()), len(case.direct(OWNER)), len(case.direct(AGENT))) == (1, 1, 1)


@pytest.mark.fault("F45")
def test_what_is_stale_is_gathered_into_one_message(case: Escalating) -> None:
    """Slack is away while three escalations come in, and returns an hour later."""
    case.slack.fail("POST /api/chat.postMessage", *[Fault("503")] * 40)
    for gist in ("一つ目", "二つ目", "三つ目"):
        case.send(case.filled(gist=gist))
    for run in case.world.runs():
        durable.conduct(run.id, durable.STORIES[run.workflow])
    case.slack.mend()
    store.write(lambda session: session.exec(update(Escalation).values(raised_at=Escalation.raised_at - HOUR)) and None)
    case.world.settle()
    [posted] = case.posts()
    assert posted["text"] == "投稿できなかったエスカレーション: 3件"
    assert [len(case.direct(person)) for person in (OWNER, AGENT)] == [3, 3]
    assert len({each.post for each in case.all()}) == 1 and all(each.posted_at for each in case.all())
    case.press(OWNER, "acknowledge")
    assert "受領済み" in json.dumps(case.posts()[0]["blocks"], ensure_ascii=False)


def test_an_answer_that_was_lost_posts_nothing_twice(case: Escalating) -> None:
    case.slack.fail("POST /api/chat.postMessage", Fault("reset"))
    case.raised()
    assert (len(case.posts()), len(case.direct(OWNER))) == (1, 1)


HOSTILE = "<!channel> <@U0MORI> <https://evil.example|ここ> *太字* `x` & \u202e逆 \x00"


@pytest.mark.fault("F69")
def test_a_customers_words_ping_nobody_and_link_nowhere(case: Escalating) -> None:
    case.raised(gist=HOSTILE.replace("\x00", ""), history=HOSTILE.replace("\x00", "") * 40, tried="```\n> <!here>")
    for message in (*case.posts(), *case.direct(OWNER), *case.direct(AGENT)):
        said = message["text"] + json.dumps(message["blocks"], ensure_ascii=False)
        assert "<!channel>" not in said and "<!here>" not in said and "<https://evil" not in said
        assert "\u202e" not in said
