"""What people do with an escalation: one wins, the others see who; what was said goes where it is needed."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlmodel import select

from app.demo.company import ESCALATIONS as CHANNEL
from tests.escalating import AGENT, DEPUTY, ENGLISH, MANAGER, OWNER, Escalating
from tests.world import World
from workflows.customer.owners import of
from workflows.engine.store import now_ms, store
from workflows.escalation import answers, ladder
from workflows.escalation import escalation as stories
from workflows.language.wording import promised_day
from workflows.people.colleagues import look
from workflows.rules.access import Access
from workflows.tables.escalation import Judgement
from workflows.telling import promises

IN_A_MONTH = str(date.today() + timedelta(days=30))


@pytest.fixture
def case(world: World) -> Escalating:
    """An agent who may escalate."""
    return Escalating(world)


# -- refusals -------------------------------------------------------------------------------------


def test_of_two_who_press_at_once_one_wins_and_the_other_sees_who(case: Escalating) -> None:
    case.raised()
    seen = case.posts()[0]
    case.slack.press(OWNER, CHANNEL, seen["ts"], "acknowledge", seen=seen)
    case.slack.press(DEPUTY, CHANNEL, seen["ts"], "acknowledge", seen=seen)
    case.world.settle()
    escalation = case.one()
    assert (escalation.state, escalation.acknowledged_by, escalation.person) == ("acknowledged", OWNER, OWNER)
    [whisper] = case.slack.whispers_to(DEPUTY)
    assert whisper["text"] == f"E-{escalation.id}は森 拓也さんが受領済みです。"
    assert case.slack.whispers_to(OWNER) == []


def test_a_double_click_is_one_answer(case: Escalating) -> None:
    case.raised()
    seen = case.posts()[0]
    for _ in range(2):
        case.slack.press(OWNER, CHANNEL, seen["ts"], "acknowledge", seen=seen)
    case.world.settle()
    assert case.slack.whispers_to(OWNER) == []
    assert [action.verb for action in case.actions()].count("slack.acknowledge") == 1


def test_a_judgement_without_a_step_or_with_a_day_that_is_over_is_refused(case: Escalating) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    screen = case.judge(OWNER, step=" ", day="2020-01-01")
    assert screen.errors == {
        "next_step": "一文で入力してください。サポート担当にそのまま伝わります。",
        "next_date": "今日から2年以内の日付を選んでください。",
    }


def test_of_two_who_judge_the_second_reads_what_the_first_said_and_may_replace_it(case: Escalating) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    case.press(DEPUTY, "judge")
    case.judge(OWNER, "low", "様子を見ます")
    screen = case.judge(DEPUTY, "high", "本日中に電話します", IN_A_MONTH)
    assert case.one().next_step == "様子を見ます"
    assert screen.view is not None and "様子を見ます" in str(screen.view["blocks"][0])
    assert "本日中に電話します" in str(screen.view["blocks"]) and IN_A_MONTH in str(screen.view["blocks"])
    assert case.judge(DEPUTY, "high", "本日中に電話します", IN_A_MONTH).view is None
    assert (case.one().churn_risk, case.one().next_step, case.one().next_date) == (
        *("high", "本日中に電話します"),
        IN_A_MONTH,
    )


def test_of_two_who_judge_at_the_same_moment_one_wins_and_the_other_hears_of_it(case: Escalating) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    case.press(DEPUTY, "judge")
    for person, step in ((OWNER, "様子を見ます"), (DEPUTY, "本日中に電話します")):
        case.slack.submit(person, {"churn_risk": "low", "next_step": step, "next_date": ""})
    case.world.settle()
    [whisper] = [*case.slack.whispers_to(OWNER), *case.slack.whispers_to(DEPUTY)]
    assert "様子を見ます" in whisper["text"] and "本日中に電話します" in whisper["text"]
    assert len(judgements()) == 1


def test_what_is_done_is_not_done_again(case: Escalating) -> None:
    case.raised()
    seen = case.posts()[0]
    case.press(OWNER, "acknowledge")
    case.close(OWNER)
    case.slack.press(DEPUTY, CHANNEL, seen["ts"], "acknowledge", seen=seen)
    case.world.settle()
    assert (case.one().state, case.one().done_by) == ("done", OWNER)
    assert case.slack.whispers_to(DEPUTY)[0]["text"].endswith("はすでに完了しています。")


def test_it_is_not_handed_to_somebody_who_left(case: Escalating) -> None:
    case.raised()
    case.press(OWNER, "hand_on")
    case.slack.submit(OWNER, {"person": MANAGER, "note": ""})
    case.slack.deactivate(MANAGER)
    case.world.settle()
    assert case.one().person == OWNER
    assert (
        case.slack.whispers_to(OWNER)[0]["text"] == "林 修一さんにはSlackで連絡できません。ほかの人を選んでください。"
    )


# -- answering ------------------------------------------------------------------------------------


def test_whoever_acknowledges_is_asked_for_the_risk_and_answers_for_it(case: Escalating) -> None:
    case.raised()
    screen = case.press(DEPUTY, "acknowledge")
    assert screen.view is not None and screen.view["callback_id"] == "judge"
    case.judge(DEPUTY, "high", "本日中に電話します", IN_A_MONTH)
    escalation = case.one()
    assert (escalation.person, escalation.role, escalation.churn_risk) == (DEPUTY, "deputy", "high")
    assert (escalation.next_person, escalation.next_date) == (DEPUTY, IN_A_MONTH)
    assert "解約リスク: 高 · 次の対応: 本日中に電話します" in case.text_of(case.posts()[0])


def test_closing_asks_again_and_the_result_goes_back(case: Escalating) -> None:
    escalation = case.raised()
    case.press(OWNER, "acknowledge")
    case.judge(OWNER, "high")
    case.press(OWNER, "start")
    case.close(OWNER, "返金し、お詫びしました")
    assert (case.one().state, case.one().due_at, case.one().next_person) == ("done", None, "")
    assert [(each.phase, each.churn_risk) for each in judgements()] == [("ack", "high"), ("done", "low")]
    receipt, result = case.direct(AGENT)
    assert result["text"] == f"E-{escalation.id}の対応が完了しました。結果: 返金し、お詫びしました"
    assert "完了" in receipt["text"]
    shown = case.text_of(case.posts()[0])
    assert "対応の内容と結果: 返金し、お詫びしました" in shown and "次の対応" not in shown
    assert "返金し、お詫びしました" in case.world.notes(0)[-1]
    assert len(case.posts()) == 1


def test_what_is_not_done_after_all_is_reopened_and_everybody_who_heard_hears_that(case: Escalating) -> None:
    escalation = case.raised()
    case.press(OWNER, "acknowledge")
    case.close(OWNER, "返金しました")
    case.press(DEPUTY, "reopen")
    case.world.settle()
    row = case.one()
    assert (row.state, row.person, row.done_by, row.done_at, row.next_person) == ("working", OWNER, "", None, OWNER)
    assert row.due_at is not None and row.due_at > now_ms()
    said = f"E-{escalation.id}が再開されました"
    assert [said in each["text"] for each in case.direct(AGENT)] == [False, False, True]
    assert said in case.direct(OWNER)[-1]["text"] and said in case.world.notes(0)[-1]
    assert "対応中" in case.text_of(case.posts()[0]) and "対応中" in case.direct(AGENT)[0]["text"]
    case.close(OWNER, "もう一度返金しました")
    assert case.one().state == "done" and "もう一度返金しました" in case.direct(AGENT)[-1]["text"]
    assert "もう一度返金しました" in case.world.notes(0)[-1] and len(case.world.notes(0)) == 4


def test_what_is_not_done_is_not_reopened_and_two_who_reopen_it_do_so_once(case: Escalating) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    case.close(OWNER)
    seen = case.posts()[0]
    for person in (OWNER, DEPUTY):
        case.slack.press(person, CHANNEL, seen["ts"], "reopen", seen=seen)
    case.world.settle()
    assert [action.verb for action in case.actions()].count("slack.reopen") == 1
    assert "再開済み" in case.slack.whispers_to(DEPUTY)[-1]["text"]
    assert len(case.direct(AGENT)) == 3


def test_what_was_closed_again_meanwhile_is_not_called_reopened(case: Escalating) -> None:
    escalation = case.raised()
    case.press(OWNER, "acknowledge")
    case.close(OWNER)
    assert stories.reopened(escalation.id or 0).state == "ignored"
    assert len(case.direct(AGENT)) == 2


def test_who_takes_it_back_is_not_told_that_they_handed_it_to_themselves(case: Escalating) -> None:
    escalation = case.raised()
    for person in (DEPUTY, OWNER):
        answers.hand_on(answers.By(OWNER, f"test:{person}"), escalation.id or 0, person, "お願いします")
        case.world.settle()
    assert "森 拓也さんから引き継ぎました。お願いします" in case.direct(DEPUTY)[-1]["text"]
    assert case.direct(OWNER)[-1]["text"].endswith("ふたたび、あなたの担当です。お願いします")


def test_the_form_speaks_the_language_of_whoever_pressed(case: Escalating) -> None:
    case.raised(by=ENGLISH)
    with case.world.rules(access=Access(everyone="agent")):
        screen = case.press(ENGLISH, "acknowledge")
    assert screen.view is not None and screen.view["title"]["text"] == "Your assessment"


def test_who_reads_english_in_slack_is_written_to_in_english(case: Escalating) -> None:
    case.raised(by=ENGLISH)
    case.press(DEPUTY, "acknowledge")
    case.close(DEPUTY)
    receipt, result = case.direct(ENGLISH)
    assert "Done" in case.text_of(receipt) and "Owner" in case.text_of(receipt)
    assert result["text"].endswith(" is done: 返金し、お詫びしました")
    assert "Status" not in case.text_of(case.posts()[0])  # the channel reads Japanese


def test_a_message_stays_in_the_language_it_was_written_in(case: Escalating) -> None:
    case.raised(by=ENGLISH)
    case.slack.people[ENGLISH].locale = "ja-JP"
    look(ENGLISH)
    case.press(DEPUTY, "acknowledge")
    [receipt] = case.direct(ENGLISH)
    assert "Acknowledged" in receipt["text"]


def test_handing_on_asks_the_next_person_from_the_start(case: Escalating) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    case.press(OWNER, "hand_on")
    case.slack.submit(OWNER, {"person": ENGLISH, "note": "北斗さんの件なのでお願いします"})
    case.world.settle()
    escalation = case.one()
    assert (escalation.state, escalation.person, escalation.next_person) == ("open", ENGLISH, ENGLISH)
    assert ladder.steps(escalation)[0] == ENGLISH and ladder.steps(escalation)[-1] == OWNER  # who handed on comes last
    card, line = case.direct(ENGLISH)
    assert line["text"] == "森 拓也 handed this over to you. 北斗さんの件なのでお願いします"
    assert line["thread_ts"] == card["ts"]
    case.press(ENGLISH, "acknowledge")
    assert case.one().acknowledged_by == ENGLISH


def test_what_the_customer_was_promised_survives_the_hand_over_and_comes_first(case: Escalating) -> None:
    day = (date.today() + timedelta(days=5)).isoformat()
    case.raised()
    case.press(OWNER, "acknowledge")
    case.slack.submit(OWNER, {"churn_risk": "high", "next_step": "責任者から電話", "next_date": day})
    case.world.settle()
    case.press(OWNER, "hand_on")
    case.slack.submit(OWNER, {"person": ENGLISH, "note": "お願いします"})
    case.world.settle()
    assert (case.one().next_date, case.one().next_step) == (day, "責任者から電話")
    card, line = case.direct(ENGLISH)
    assert line["text"].startswith(f"Due {promised_day('en', day)}, as promised to the customer: 責任者から電話")
    said = case.text_of(card)
    assert said.index("責任者から電話") < said.index("Status")
    assert "責任者から電話" in case.text_of(case.posts()[0])
    [owed] = store.read(promises.outstanding).days
    assert owed.next_date == day


def test_every_message_shows_how_it_stands(case: Escalating) -> None:
    case.raised()
    case.press(OWNER, "acknowledge", f"D{OWNER[1:]}")
    for message in (case.posts()[0], case.direct(OWNER)[0], case.direct(AGENT)[0]):
        assert f"受領済み · <@{OWNER}>" in case.text_of(message)
    assert len(case.posts()) == len(case.direct(OWNER)) == 1


# -- who answers for a company --------------------------------------------------------------------


def test_owners_are_set_by_hand_and_count_more_than_what_intercom_says(case: Escalating) -> None:
    screen = case.slack.command(AGENT, CHANNEL, "/owner", "あおば")
    assert screen.view is not None
    case.slack.submit(AGENT, {"owner": ENGLISH, "deputy": OWNER})
    case.world.settle()
    assert store.read(lambda session: of(session, "101")) == {"owner": ENGLISH, "deputy": OWNER}
    escalation = case.raised()
    assert [step["person"] for step in escalation.chain] == [ENGLISH, OWNER, MANAGER]


def test_whoever_is_taken_out_by_hand_stays_out(case: Escalating) -> None:
    case.raised()
    case.slack.command(AGENT, CHANNEL, "/owner", "あおば")
    case.slack.submit(AGENT, {"deputy": ""})
    case.world.settle()
    assert [step["person"] for step in case.raised(gist="二件目").chain] == [OWNER, MANAGER]


def test_a_form_that_did_not_show_who_is_on_record_takes_nobody_out(case: Escalating) -> None:
    case.raised()
    case.slack.command(AGENT, CHANNEL, "/owner", "")
    case.slack.suggest(AGENT, "company", "あおば")
    case.slack.submit(AGENT, {"company": "101", "owner": ENGLISH})
    case.world.settle()
    assert [step["person"] for step in case.raised(gist="二件目").chain] == [ENGLISH, DEPUTY, MANAGER]


def test_a_company_that_is_not_on_record_has_no_owner_to_set(case: Escalating) -> None:
    case.slack.command(AGENT, CHANNEL, "/owner", "")
    case.slack.suggest(AGENT, "company", "どこか商店")
    screen = case.slack.submit(AGENT, {"company": "new:どこか商店", "owner": OWNER})
    assert list(screen.errors) == ["company"]


def test_the_dossier_is_one_screen(case: Escalating) -> None:
    escalation = case.raised()
    screen = case.slack.command(OWNER, CHANNEL, "/dossier", "あおば")
    said = json.dumps(screen.blocks, ensure_ascii=False)
    assert f"E-{escalation.id}" in said and "温度感" in said and "株式会社あおば製作所" in said
    screen = case.press(OWNER, "dossier")
    assert screen.view is not None and "submit" not in {name for name, value in screen.view.items() if value}


def test_a_dossier_of_nobody_says_what_to_type(case: Escalating) -> None:
    assert "コマンドのあとに会社名" in case.slack.command(OWNER, CHANNEL, "/dossier", "").said
    assert "という会社の登録はありません" in case.slack.command(OWNER, CHANNEL, "/dossier", "無い会社 <!here>").said


def test_states_are_watched_until_they_are_done(case: Escalating) -> None:
    case.raised()
    for button in ("acknowledge", "start"):
        case.press(OWNER, button)
        assert ladder.is_watched(case.one())


def judgements() -> list[Judgement]:
    """What was judged, oldest first."""
    return list(store.read(lambda session: session.exec(select(Judgement).order_by(Judgement.id)).all()))  # type: ignore[arg-type]
