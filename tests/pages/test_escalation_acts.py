"""Answering an escalation on its page: the buttons and forms of Slack, with the same rights, checks and messages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from app import auth
from tests.escalating import DEPUTY, MANAGER, OWNER, Escalating
from tests.pages.escalated import put
from tests.pages.reading import Element, button, flat, get, press, read, send
from tests.pages.signing_in import real
from tests.world import World
from workflows.engine.store import store
from workflows.escalation import answers
from workflows.people import colleagues
from workflows.people.person import OPERATOR, Person
from workflows.tables.escalation import Escalation
from workflows.tables.people import Deed

SOON = (date.today() + timedelta(days=30)).isoformat()
JUDGED = {"churn_risk": "high", "next_step": "本日中に電話します", "next_date": SOON}


@pytest.fixture
def case(world: World) -> Escalating:
    """One that was raised; its owner reads the page."""
    case = Escalating(world)
    case.raised()
    real(world)
    world.sign_in(OWNER)
    return case


def page_of(case: Escalating) -> Element:
    """Its page."""
    return get(case.world, f"/escalations/{case.one().id}")


def sent(case: Escalating, verb: str, **typed: str) -> Element:
    """A form of its page, filled in and sent; where that leads, once everybody has heard."""
    page = send(case.world, button(page_of(case), verb), **typed)
    case.world.settle()
    return page


def deeds() -> list[tuple[str, str, str]]:
    """Who answered, by which way, and what is said of it."""
    rows = store.read(lambda session: session.exec(select(Deed).where(Deed.deed == "answer")).all())
    return [(row.person, row.way, str(row.facts.get("about"))) for row in rows]


# -- what is refused ------------------------------------------------------------------------------


def test_of_two_who_acknowledge_one_wins_and_the_other_reads_who(case: Escalating) -> None:
    form = button(page_of(case), "acknowledge")
    case.press(DEPUTY, "acknowledge")
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")} | {"seen": ""}
    answer = press(case.world, form.attributes["action"], **fields)
    assert answer.status_code == 409 and "岡田 彩さんが受領済みです。" in answer.text
    assert case.one().person == DEPUTY and [who for who, _, _ in deeds()] == [DEPUTY]


def test_what_changed_meanwhile_is_said_and_what_was_typed_stays(case: Escalating) -> None:
    case.press(OWNER, "acknowledge")
    form = button(page_of(case), "judge")
    case.judge(OWNER, "low", "様子を見ます")
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input", type="hidden")}
    answer = press(case.world, form.attributes["action"], **fields | JUDGED)
    assert answer.status_code == 409 and "内容が変わりました" in answer.text
    assert case.one().next_step == "様子を見ます"
    again = button(read(answer.text), "judge")
    assert again.all("textarea")[0].text == "本日中に電話します"
    send(case.world, again)
    assert (case.one().churn_risk, case.one().next_step) == ("high", "本日中に電話します")


def test_what_was_typed_stays_although_it_is_over(case: Escalating) -> None:
    case.press(OWNER, "acknowledge")
    case.slack.close(OWNER)
    form = button(page_of(case), "done")
    case.close(DEPUTY)
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input", type="hidden")}
    page = read(press(case.world, form.attributes["action"], **fields | JUDGED | {"seen": ""}).text)
    assert "はすでに完了しています" in page.text and page.all("pre")[0].text == "本日中に電話します"
    assert case.one().done_by == DEPUTY


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"churn_risk": ""}, "選択してください。"),
        ({"next_step": " "}, "一文で入力してください。サポート担当にそのまま伝わります。"),
        ({"next_step": "長" * 501}, "500文字"),
        ({"next_date": "2020-01-01"}, "今日から2年以内の日付を選んでください。"),
    ],
)
def test_the_checks_are_those_of_slack(case: Escalating, wrong: dict[str, str], why: str) -> None:
    case.press(OWNER, "acknowledge")
    form = button(page_of(case), "judge")
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input", type="hidden")}
    answer = press(case.world, form.attributes["action"], **fields | JUDGED | wrong)
    page = read(answer.text)
    assert answer.status_code == 400 and why in page.text
    assert "open" in page.all("details", id="judge")[0].attributes
    assert case.one().churn_risk == ""


def test_it_is_handed_to_nobody_who_left(case: Escalating) -> None:
    colleagues.look(MANAGER)
    form = button(page_of(case), "hand-on")
    case.slack.deactivate(MANAGER)
    colleagues.look(MANAGER)
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input", type="hidden")}
    answer = press(case.world, form.attributes["action"], **fields, person=MANAGER, address="", note="お願いします")
    assert answer.status_code == 400 and "林 修一さんにはSlackで連絡できません" in answer.text
    answer = press(case.world, form.attributes["action"], **fields, person="", address="nobody@x.example", note="")
    assert answer.status_code == 400 and "Slackで見つかりません" in answer.text
    assert case.one().person == OWNER


def test_a_viewer_of_other_companies_answers_nothing(case: Escalating) -> None:
    id = put(case.world, company_id="102", chain=[{"role": "owner", "person": DEPUTY}], person=DEPUTY)
    page = get(case.world, f"/escalations/{id}")
    assert not page.all("form", method="post", action=f"/escalations/{id}/acknowledge")
    assert "対応できるのは、メンバーと、この会社の顧客担当です。" in page.text
    for verb in ("acknowledge", "start", "judge", "done", "hand-on", "rearm", "reopen"):
        assert press(case.world, f"/escalations/{id}/{verb}", **JUDGED).status_code == 403


def test_whoever_is_not_in_slack_cannot_be_reminded_and_so_answers_nothing(case: Escalating) -> None:
    token = auth.begin(Person(OPERATOR, "管理者"), before="")
    case.world.browser.cookies.set("yamabiko", token, domain="127.0.0.1")
    case.world.csrf = auth.csrf_of(token)
    page = page_of(case)
    assert "Slackでログインしてください" in page.text
    answer = press(case.world, f"/escalations/{case.one().id}/acknowledge")
    assert answer.status_code == 409 and case.one().state == "open"


def test_what_is_for_information_is_answered_by_nobody(case: Escalating) -> None:
    id = put(case.world, state="shared", request="information", due_at=None, next_person="")
    [main] = get(case.world, f"/escalations/{id}").all("main")
    assert not main.all("form", method="post")
    answer = press(case.world, f"/escalations/{id}/done", **JUDGED)
    assert answer.status_code == 409 and "対応は不要です" in answer.text


# -- answering ------------------------------------------------------------------------------------


def test_from_acknowledging_to_done_as_in_slack(case: Escalating) -> None:
    page = sent(case, "acknowledge")
    assert "続けて、見立てを記入してください" in page.text
    assert "open" in page.all("details", id="judge")[0].attributes
    sent(case, "judge", **JUDGED)
    assert "解約リスク: 高 · 次の対応: 本日中に電話します" in case.text_of(case.posts()[0])
    sent(case, "start")
    assert (case.one().state, case.one().person, case.one().next_date) == ("working", OWNER, SOON)
    sent(case, "done", churn_risk="low", next_step="返金し、お詫びしました")
    assert (case.one().state, case.one().done_by, case.one().due_at) == ("done", OWNER, None)
    assert "対応の内容と結果: 返金し、お詫びしました" in case.text_of(case.posts()[0])
    assert "返金し、お詫びしました" in case.world.notes(0)[-1]
    assert len(case.posts()) == 1
    assert deeds() == [(OWNER, "page", f"E-{case.one().id}")] * 4


def test_what_was_closed_by_mistake_is_reopened_on_its_page(case: Escalating) -> None:
    sent(case, "acknowledge")
    sent(case, "done", churn_risk="low", next_step="返金しました")
    page = sent(case, "reopen")
    assert "再開しました" in page.text and button(page, "done") is not None
    assert (case.one().state, case.one().done_at) == ("working", None)
    assert press(case.world, f"/escalations/{case.one().id}/reopen").status_code == 409


def test_pressed_twice_it_is_answered_once(case: Escalating) -> None:
    form = button(page_of(case), "acknowledge")
    for _ in range(2):
        send(case.world, form)
    case.world.settle()
    assert [action.verb for action in case.actions()].count("slack.acknowledge") == 1 and len(deeds()) == 1


def test_the_new_owner_hears_it_with_the_word_that_came_along(case: Escalating) -> None:
    colleagues.look(DEPUTY)
    sent(case, "hand-on", person=DEPUTY, note="経理に強い方にお願いします")
    assert (case.one().person, case.one().state) == (DEPUTY, "open")
    told = " ".join(case.text_of(message) for message in case.direct(DEPUTY))
    assert "森 拓也" in told and "経理に強い方にお願いします" in told
    by_address = send(case.world, button(page_of(case), "hand-on"), person="", address="Hayashi@kanade.example")
    case.world.settle()
    assert case.one().person == MANAGER and "引き継ぎました" in by_address.text


# -- where we are ---------------------------------------------------------------------------------


def test_the_order_of_calls_says_where_we_are(case: Escalating) -> None:
    def calls(id: int | None) -> list[str]:
        [order] = get(case.world, f"/escalations/{id}").all("ol", class_="calls")
        return [flat(each) for each in order.all("li")]

    chain = [{"role": "owner", "person": OWNER}, {"role": "deputy", "person": DEPUTY}]
    chain.append({"role": "manager", "person": MANAGER})
    climbed = calls(put(case.world, chain=chain, rung=1, asked=2, next_person=MANAGER))
    assert [each.split()[-1] for each in climbed] == ["応答なし", "連絡中", "次に連絡"]
    id = case.all()[0].id
    assert calls(id)[0].endswith("連絡中")
    send(case.world, button(get(case.world, f"/escalations/{id}"), "acknowledge"))
    assert calls(id)[0].endswith("担当中") and not [each for each in calls(id) if each.endswith("次に連絡")]


def test_how_it_stands_has_another_mark_after_every_answer() -> None:
    row = Escalation(origin="o", via="x", company="c", request="action", urgency="now", temperature="low", gist="g")
    row.state, row.raised_at = "open", 1
    before = answers.standing(row)
    row.changes, row.rung, row.asked = 5, 1, 1
    assert answers.standing(row) == before
    row.next_step = "電話"
    assert answers.standing(row) != before
