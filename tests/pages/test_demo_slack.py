"""The demo's Slack: one person plays everybody, without scripts; whatever is wrong is told in a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from app.demo.company import CHANNEL, ESCALATIONS
from app.demo.slack.hands import VERBS
from tests.comparing import Comparing
from tests.enquiring import Enquiring
from tests.escalating import AGENT, DEPUTY, ENGLISH, OWNER, Escalating
from tests.meeting import decide, filed
from tests.pages.playing import Hand, errors, modal, told
from tests.pages.reading import SAME_ORIGIN, Element, get
from tests.voices import known
from tests.world import World
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.rules.enquiry import Enquiry
from workflows.tables.meeting import Decision

SCRIPT = SAME_ORIGIN | {"Accept": "application/json"}
GONE = "対象が見つかりません。再読み込みしてください。"
TROUBLE = "We had some trouble connecting (dispatch_failed). Try again?"


@pytest.fixture
def case(sqlite_world: World) -> Escalating:
    """A company whose Slack can be played."""
    return Escalating(sqlite_world)


def link(case: Escalating) -> str:
    return case.filled()["conversation"]


def raised(case: Escalating, **others: str) -> Element:
    """An agent fills in the form by hand; the page afterwards."""
    agent = Hand(case.world, AGENT)
    page = agent.send("shortcut")
    page = agent.send("search", modal(page), search="company", find__company="あおば")
    values = {f"field__{name}": value for name, value in (case.filled() | others).items()}
    page = agent.send("submit", modal(page), **values)
    case.world.settle()
    return page


def test_what_has_to_be_chosen_is_said_of_what_can_be_chosen_from(case: Escalating) -> None:
    form = modal(Hand(case.world, AGENT).send("shortcut"))
    for group in form.all("fieldset"):
        assert "aria-required" not in group.attributes or group.attributes["role"] == "radiogroup"
    [company] = [each for each in form.all("fieldset") if each.attributes.get("data-search") == "company"]
    assert company.all("input", name_="find.company")[0].attributes["aria-required"] == "true"
    assert [each.attributes.get("aria-required") for each in form.all("fieldset", role="radiogroup")] == ["true"] * 3


# -- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"skip", "shortcut"}))
@pytest.mark.parametrize("form", [{}, {"ts": "1.0", "action": "x", "view": "V0", "text": "", "search": "x"}])
def test_a_button_without_its_things_says_so(case: Escalating, verb: str, form: dict[str, str]) -> None:
    answer = case.world.request("POST", f"/demo/slack/{verb}", data=form | {"me": AGENT}, headers=SCRIPT)
    assert (answer.status_code, answer.json()) == (200, {"done": False})
    assert told(Hand(case.world, AGENT).look()) in (GONE, "メッセージを入力してください。")


def test_an_unknown_verb_is_no_page(case: Escalating) -> None:
    for verb in ("play", "offered.x", "__init__", "place_name"):
        assert case.world.request("POST", f"/demo/slack/{verb}", data={"x": ""}, headers=SCRIPT).status_code == 404


def test_other_sites_and_other_services_play_nothing(case: Escalating) -> None:
    for verb in ("say", "offered"):
        headers = {"Origin": "http://evil.example"}
        assert case.world.request("POST", f"/demo/slack/{verb}", data={"x": ""}, headers=headers).status_code == 403
    case.world.app.state.demo = None
    case.world.sign_in()
    for path in ("/demo/slack", "/demo/slack/piece", "/demo/slack/pictures/F0.png"):
        assert case.world.request("GET", path).status_code == 404
    assert case.world.request("POST", "/demo/slack/say", data={"text": "x"}, headers=SCRIPT).status_code == 404


def test_nobody_reads_the_direct_messages_of_somebody_else(case: Escalating) -> None:
    raised(case)
    page = Hand(case.world, AGENT, f"D{OWNER[1:]}").look()
    assert not page.all("li", class_="message")
    [current] = [each for each in page.all("nav", class_="places")[0].all("a") if "aria-current" in each.attributes]
    assert "サポート" in current.text


def identities(page: Element) -> tuple[str, str]:
    """Who one is: in Slack, and at the top of the page."""
    [current] = [each for each in page.all("nav", class_="people")[0].all("a") if "aria-current" in each.attributes]
    [reader] = page.all("button", popovertarget="me")
    return current.all("span", class_="name")[0].text, reader.all("span")[0].text


def test_a_stranger_is_whoever_reads(case: Escalating) -> None:
    page = get(case.world, "/demo/slack?me=U9NOBODY&place=nowhere")
    assert identities(page) == ("斎藤 真理", "斎藤 真理")


def test_one_is_the_same_person_in_slack_and_on_our_own_pages(case: Escalating) -> None:
    assert identities(get(case.world, f"/demo/slack?me={OWNER}")) == ("森 拓也", "森 拓也")
    assert get(case.world, "/account").all("button", popovertarget="me")[0].all("span")[0].text == "森 拓也"
    chosen = {"person": AGENT, "next": "/demo/slack"}
    case.world.request("POST", "/demo/me", data=chosen, headers=SAME_ORIGIN)
    assert identities(get(case.world, "/demo/slack")) == ("田中 みなみ", "田中 みなみ")


def test_what_a_service_that_fails_lets_slack_say(case: Escalating) -> None:
    agent = Hand(case.world, AGENT)
    page = agent.send("search", modal(agent.send("shortcut")), search="company", find__company="あおば")
    case.slack.sender = lambda headers, body: (500, {}, b"")
    values = _values(case) | {"field__company": "101"}
    assert TROUBLE in modal(agent.send("submit", modal(page), **values)).text
    assert told(agent.send("search", modal(page), search="company", find__company="あ")) == ""
    assert TROUBLE in modal(agent.look()).text
    agent.send("close")
    assert told(agent.write("/dossier あおば")) == '/dossier failed with the error "dispatch_failed"'
    assert told(agent.write("/nonsense")) == "/nonsense is not a valid command."


def _values(case: Escalating) -> dict[str, str]:
    filled = case.filled(company="")
    return {f"field__{name}": value for name, value in filled.items()}


def test_what_is_typed_ahead_is_asked_of_the_service(case: Escalating) -> None:
    Hand(case.world, AGENT).send("shortcut")
    form = {"me": AGENT, "search": "company", "find.company": "あおば"}
    answer = case.world.request("POST", "/demo/slack/offered", data=form, headers=SCRIPT)
    assert answer.json()["found"][0] == ["101", "株式会社あおば製作所"]
    for wrong in ({"search": "gist"}, {"search": ""}, {"me": OWNER}):
        answer = case.world.request("POST", "/demo/slack/offered", data=form | wrong, headers=SCRIPT)
        assert (answer.status_code, answer.json()["found"]) == (409, [])
    case.slack.sender = lambda headers, body: (500, {}, b"")
    answer = case.world.request("POST", "/demo/slack/offered", data=form, headers=SCRIPT)
    assert answer.json() == {"found": [], "said": TROUBLE}


# -- the whole story, without a script --------------------------------------------------------------


def test_a_complaint_is_raised_answered_and_closed_by_hand(case: Escalating) -> None:
    page = raised(case)
    assert "受け付けました" in modal(page).text
    assert not Hand(case.world, AGENT).send("close").all("dialog", class_="modal")

    owner = Hand(case.world, OWNER, f"D{OWNER[1:]}")
    assert "請求額が二重に引き落とされた" in owner.look().all("li", class_="message")[0].text
    page = owner.press("acknowledge")
    case.world.settle()
    page = owner.send("submit", modal(page), field__next_step="")
    assert set(errors(page)) == {"churn_risk", "next_step"}
    page = owner.send("submit", modal(page), field__churn_risk="high", field__next_step="本日中に\r\n電話します")
    assert not page.all("dialog", class_="modal")
    case.world.settle()
    assert (case.one().state, case.one().next_step) == ("acknowledged", "本日中に\n電話します")

    owner = Hand(case.world, OWNER, ESCALATIONS)
    page = owner.press("finish")
    owner.send("submit", modal(page), field__next_step="返金しました", field__next_date="2026-12-01")
    case.world.settle()
    page = Hand(case.world, AGENT, f"D{AGENT[1:]}").look()
    assert "返金しました" in page.all("li", class_="reply")[-1].text
    assert case.one().state == "done"


def test_what_was_filled_in_stays_when_something_is_wrong(case: Escalating) -> None:
    agent = Hand(case.world, AGENT)
    page = agent.send("shortcut")
    page = agent.send("search", modal(page), search="company", find__company="あおば", field__gist="要点です")
    assert modal(page).all("input", name_="field.company")[0].attributes["value"] == "101"
    assert modal(page).all("input", name_="field.gist")[0].attributes["value"] == "要点です"
    page = agent.send("submit", modal(page), **_values(case) | {"field__company": "101", "field__conversation": "x"})
    assert set(errors(page)) == {"conversation"}
    assert [each.attributes["value"] for each in modal(page).all("input", name_="field.company")] == ["101"]
    assert "先月も同じことがあり" in modal(page).all("textarea", name_="field.history")[0].text
    assert not case.all()


def test_nothing_that_is_found_is_said(case: Escalating) -> None:
    agent = Hand(case.world, AGENT)
    page = agent.send("search", modal(agent.send("shortcut")), search="company", find__company="")
    assert "見つかりません。" in modal(page).text


def test_slack_itself_wants_required_fields(case: Escalating) -> None:
    for person, words in ((AGENT, "入力してください。"), (ENGLISH, "Please complete this required field.")):
        hand = Hand(case.world, person)
        page = hand.send("submit", modal(hand.send("shortcut")))
        assert set(errors(page).values()) == {words}
        assert set(errors(page)) == {"company", "request", "urgency", "temperature", "gist", "history"}


def test_everybody_has_a_form_in_their_own_language(case: Escalating) -> None:
    hand = Hand(case.world, ENGLISH)
    hand.send("shortcut")
    page = hand.look()  # put right after the answer, for whoever is new here
    assert modal(page).all("h2")[0].text == "Escalate"
    assert modal(page).attributes["lang"] == "en"


def test_a_form_that_was_replaced_meanwhile_is_not_sent(case: Escalating) -> None:
    agent = Hand(case.world, AGENT)
    old = modal(agent.send("shortcut"))
    agent.send("shortcut")
    assert told(agent.send("submit", old)) == "" and GONE in modal(agent.look()).text


def test_a_message_is_escalated_from_its_menu(case: Escalating) -> None:
    page = Hand(case.world, OWNER).write("お客様がお怒りです")
    [message] = page.all("li", class_="message")
    page = Hand(case.world, AGENT).send("about", message.all("form")[0])
    assert "お客様がお怒りです" in modal(page).all("textarea", name_="field.history")[0].text


def test_a_message_is_filed_as_a_wish_from_its_menu(case: Escalating) -> None:
    page = Hand(case.world, OWNER).write("部署名がほしいそうです")
    [message] = page.all("li", class_="message")
    page = Hand(case.world, AGENT).send("file", message.all("form")[0])
    assert "部署名がほしいそうです" in modal(page).all("textarea", name_="field.quote")[0].text


def test_commands_are_typed_into_the_same_box(case: Escalating) -> None:
    raised(case)
    agent = Hand(case.world, AGENT, f"D{AGENT[1:]}")
    agent.send("close")
    page = agent.write("/dossier あおば")
    [whisper] = page.all("li", class_="whisper")
    assert "あなただけに表示" in whisper.text and "請求額が二重に引き落とされた" in whisper.text
    page = agent.write("/owner あおば")
    people = modal(page).all("select", name_="field.owner")[0].all("option")
    assert [OWNER, "森 拓也"] in [[each.attributes["value"], each.text] for each in people]
    assert "yamabiko" not in [each.text for each in people]


def test_whoever_asks_what_customers_say_shares_it_with_a_button(case: Escalating) -> None:
    Enquiring(case.world).asks("請求書の宛名を変えたい")
    known()
    agent = Hand(case.world, AGENT, CHANNEL)
    page = agent.write("/声 請求書")
    [whisper] = page.all("li", class_="whisper")
    assert "「請求書」についてのお客様の声" in whisper.text and "請求書の宛名を変えたい" in whisper.text
    [form] = [each for each in whisper.all("form") if each.all("button", value="share_voice")]
    agent.send("press", form, action="share_voice")
    case.world.settle()
    page = get(case.world, f"/demo/slack?me={OWNER}&place={CHANNEL}")
    assert "請求書の宛名を変えたい" in page.text and "さんが共有" in page.text


def test_only_one_person_sees_a_whisper(case: Escalating) -> None:
    raised(case)
    Hand(case.world, OWNER, ESCALATIONS).press("acknowledge")
    case.world.settle()
    message = case.posts()[0]
    case.slack.press(DEPUTY, ESCALATIONS, message["ts"], "acknowledge", seen=message | {"blocks": _with_button(case)})
    case.world.settle()
    page = Hand(case.world, DEPUTY, ESCALATIONS).look()
    assert "森 拓也" in page.all("li", class_="whisper")[0].text
    assert not Hand(case.world, AGENT, ESCALATIONS).look().all("li", class_="whisper")


def _with_button(case: Escalating) -> list[dict[str, Any]]:
    button = {"type": "button", "action_id": "acknowledge", "value": str(case.one().id)}
    return [
        {
            "type": "actions",
            "block_id": "x",
            "elements": [button | {"text": {"type": "plain_text", "text": "受領する"}}],
        }
    ]


# -- what is seen -----------------------------------------------------------------------------------


def unread(page: Element, part: str) -> dict[str, str]:
    links = page.all("nav", class_=part)[0].all("a")
    return {
        each.all("span", class_="name")[0].text: each.all("span", class_="unread")[0].text
        for each in links
        if each.all("span", class_="unread")
    }


def test_what_is_unread_is_counted_until_it_is_seen(case: Escalating) -> None:
    raised(case)
    page = Hand(case.world, OWNER).look()
    assert unread(page, "places") == {"# エスカレーション": "1", "ダイレクトメッセージ": "1"}
    assert unread(page, "people") == {"田中 みなみ": "1", "森 拓也": "1"}
    Hand(case.world, OWNER, f"D{OWNER[1:]}").look()
    page = Hand(case.world, OWNER).look()
    assert unread(page, "places") == {"# エスカレーション": "1"}
    assert unread(page, "people") == {"田中 みなみ": "1"}


def test_replies_stand_below_what_they_answer(case: Escalating) -> None:
    first = case.slack.say(CHANNEL, AGENT, "一つ目")
    case.slack.say(CHANNEL, AGENT, "二つ目")
    case.slack.say(CHANNEL, OWNER, "一つ目への返信", first)
    messages = Hand(case.world, AGENT).look().all("li", class_="message")
    assert [("reply" in each.attributes["class"], each.all("p")[1].text) for each in messages] == [
        (False, "一つ目"),
        (True, "一つ目への返信"),
        (False, "二つ目"),
    ]


def test_a_message_that_changed_says_so(case: Escalating) -> None:
    raised(case)
    assert "(編集済み)" not in Hand(case.world, AGENT, ESCALATIONS).look().text
    Hand(case.world, OWNER, ESCALATIONS).press("acknowledge")
    case.world.settle()
    assert "(編集済み)" in Hand(case.world, AGENT, ESCALATIONS).look().text


def test_whoever_left_is_nobody_to_be(case: Escalating) -> None:
    case.slack.deactivate(OWNER)
    page = Hand(case.world, AGENT).look()
    assert "森 拓也" not in page.all("nav", class_="people")[0].text
    assert told(Hand(case.world, OWNER, f"D{OWNER[1:]}").write("まだいます")) == GONE


def test_a_piece_is_sent_once(case: Escalating) -> None:
    answer = case.world.request("GET", "/demo/slack/piece")
    again = {"If-None-Match": answer.headers["etag"]}
    assert case.world.request("GET", "/demo/slack/piece", headers=again).status_code == 304
    case.slack.say(CHANNEL, AGENT, "新しい")
    assert case.world.request("GET", "/demo/slack/piece", headers=again).status_code == 200


def test_a_picture_that_the_app_posted_is_seen_with_its_title(case: Escalating) -> None:
    assert vendors.slack is not None
    file = vendors.slack.upload(CHANNEL, "volume.png", b"\x89PNG", "直近24時間 <b>")
    page = Hand(case.world, AGENT, CHANNEL).look()
    [picture] = page.all("div", class_="picture")
    [image] = picture.all("img")
    assert (image.attributes["src"], image.attributes["alt"]) == (f"/demo/slack/pictures/{file}.png", "直近24時間 <b>")
    assert "直近24時間 <b>" in picture.text
    answer = case.world.request("GET", image.attributes["src"])
    assert (answer.content, answer.headers["content-type"]) == (b"\x89PNG", "image/png")
    assert case.world.request("GET", "/demo/slack/pictures/F0NOWHERE1.png").status_code == 404


# -- time passes ------------------------------------------------------------------------------------


def test_time_passes_until_the_next_thing_happens(case: Escalating) -> None:
    agent = Hand(case.world, AGENT)
    assert "吉田 誠さんとの会話のスヌーズが終わりました。" in told(agent.send("skip"))
    assert told(agent.send("skip")) == "予定されていることはありません。"
    raised(case)
    agent.send("close")
    assert "森 拓也さんにE-1の再通知を送ります。" in told(agent.send("skip"))
    assert told(agent.send("skip")) == "すでに実行中です。"
    case.world.settle()
    assert "岡田 彩さんにE-1の再通知を送ります。" in told(agent.send("skip"))
    case.world.settle()
    assert "請求額が二重" in Hand(case.world, DEPUTY, f"D{DEPUTY[1:]}").look().all("li", class_="message")[0].text


def test_the_time_for_undoing_a_decision_passes(case: Escalating) -> None:
    wish = filed("CSVに部署コードの列がほしい")
    decide(wish, "consider")
    assert f"FB-{wish}の結論を反映します。" in told(Hand(case.world, AGENT).send("skip"))
    assert store.read(lambda session: session.exec(select(Decision)).one()).sent_at


def test_time_passes_until_a_customer_has_waited_for_too_long(case: Escalating) -> None:
    agent = Hand(case.world, AGENT)
    with case.world.rules(enquiry=Enquiry(channel=CHANNEL)):
        case.world.intercom.add_conversation("2000000", "c102", "請求書の宛名を変えたいです。", send=True)
        case.world.settle()
        for left in ("あと2分です。", "あと1分です。", "になりました。"):
            assert "小林 直樹さんをお待たせしている時間をスレッドで知らせます。" in told(agent.send("skip"))
            case.world.settle()
            assert left in case.slack.messages(CHANNEL)[-1]["text"]
        assert "吉田 誠さん" in told(agent.send("skip"))


# -- a step of a workflow ---------------------------------------------------------------------------


def test_a_workflow_is_run_by_hand(case: Escalating) -> None:
    agent = Hand(case.world, AGENT)
    page = agent.look()
    [form] = page.all("div", id="workflow")[0].all("form")
    agent.send("workflow", form, field__gist="担当者が交代した", field__history="来月から代わります。")
    case.world.settle()
    assert case.one().gist == "担当者が交代した" and case.one().raised_by == AGENT
    assert (
        "完了" in agent.look().all("p", class_="step")[0].text and "E-1" in agent.look().all("p", class_="step")[0].text
    )


def test_a_step_that_was_refused_says_why(case: Escalating) -> None:
    agent = Hand(case.world, AGENT)
    agent.send("workflow", field__company="みどり歯科クリニック", field__gist="")
    case.world.settle()
    assert "要対応" in agent.look().all("p", class_="step")[0].text and case.all() == []


def test_in_english_the_page_speaks_english(case: Escalating) -> None:
    page = get(case.world, f"/demo/slack?me={AGENT}&lang=en")
    assert "No messages yet." in page.text and "まだ" not in page.text


def test_what_a_button_asks_before_it_counts_is_read_first(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without scripts, too: the question opens, and in it stands the button."""
    compared = Comparing(sqlite_world, monkeypatch)
    one, other = compared.pair()
    page = Hand(sqlite_world, AGENT, f"D{AGENT[1:]}").look()
    [asked] = page.all("details", class_="sure")
    assert f"FB-{one}をFB-{other}に統合" in asked.text and "あとで取り消せます" in asked.text
    [yes] = asked.all("button")
    Hand(sqlite_world, AGENT, f"D{AGENT[1:]}").send(
        "press", action=yes.attributes["value"], ts=compared.message(one)["ts"]
    )
    sqlite_world.settle()
    assert compared.merged_into(one) == other
