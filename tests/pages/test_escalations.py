"""Escalations on pages: what waits first, one timeline, the company so far."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.pages.companies import curve
from tests.escalating import AGENT, DEPUTY, OWNER, Escalating
from tests.pages.escalated import ALWAYS, MINUTE, put
from tests.pages.hostile import CORPUS, check
from tests.pages.reading import SAME_ORIGIN, Element, flat, get, press
from tests.pages.signing_in import real
from tests.world import World
from workflows.customer import owners
from workflows.engine.store import now_ms, store
from workflows.escalation import ladder
from workflows.language.wording import promised_day
from workflows.overview import company_list
from workflows.people import colleagues
from workflows.rules.calendar import Calendar
from workflows.tables.customer import Company
from workflows.tables.people import Colleague

#: A day that can be promised.
SOON = (date.today() + timedelta(days=30)).isoformat()


def listed(page: Element) -> list[str]:
    """The codes of the rows, top first."""
    return [row.attributes["data-name"] for row in page.all("tr") if "data-name" in row.attributes]


def row_of(page: Element, id: int) -> str:
    """The words of one row."""
    [row] = [row for row in page.all("tr") if row.attributes.get("data-name") == f"E-{id}"]
    return " ".join(row.text.split())


def sentences(page: Element) -> list[str]:
    """The first line of each entry of the timeline."""
    return [entry.all("p")[0].text.strip() for entry in page.all("li", class_="entry")]


# -- the list -------------------------------------------------------------------------------------


def test_an_empty_list_says_what_fills_it(world: World) -> None:
    text = get(world, "/escalations").text
    assert "エスカレーションはまだありません。Slackの/escalateでフォームを送信すると、ここに表示されます。" in text
    assert "No escalations yet." in get(world, "/escalations?lang=en").text


def test_one_that_was_raised_says_who_what_and_how_urgent(world: World) -> None:
    raised = Escalating(world).raised()
    colleagues.look(OWNER)
    text = row_of(get(world, "/escalations"), raised.id or 0)
    for words in ("株式会社あおば製作所", "請求額が二重に引き落とされた", "至急", "対応依頼", "温度感 高", "森 拓也"):
        assert words in text


def test_what_is_longest_past_its_target_comes_first(world: World) -> None:
    now = now_ms()
    with world.rules(calendar=ALWAYS):
        fresh = put(world, raised_at=now)
        late = put(world, raised_at=now - 300 * MINUTE, urgency="today")
        later = put(world, raised_at=now - 250 * MINUTE)
        week = put(world, raised_at=now - 400 * MINUTE, urgency="week")
        taken = put(world, state="acknowledged", raised_at=now - 900 * MINUTE, due_at=now - MINUTE)
        page = get(world, "/escalations")
        assert listed(page) == [f"E-{id}" for id in (later, late, fresh, week, taken)]
        assert "目標を3時間55分(営業時間)過ぎています" in row_of(page, later)
        assert "目標まであと" in row_of(page, fresh)
        assert "確認の期日を1分(営業時間)過ぎています" in row_of(page, taken)
        assert page.all("tr", class_="late")[0].attributes["data-name"] == f"E-{later}"


def test_unfinished_by_state_then_what_is_over(world: World) -> None:
    states = ("done", "working", "shared", "acknowledged", "open")
    ids = {state: put(world, state=state, request="information" if state == "shared" else "action") for state in states}
    order = (*ladder.UNFINISHED, "shared", "done")
    page = get(world, "/escalations")
    assert listed(page) == [f"E-{ids[state]}" for state in order]
    assert [title.text.split()[0] for title in page.all("h2")][:4] == [
        "受領待ち",
        "受領済み",
        "対応中",
        "完了と共有のみ",
    ]


def test_what_is_for_information_is_never_urgent(world: World) -> None:
    shared, asked = put(world, state="shared", request="information"), put(world)
    page = get(world, "/escalations")
    urgent = [row.attributes["data-name"] for row in page.all("tr") if row.all("span", class_="urgency")]
    assert urgent == [f"E-{asked}"]
    assert not get(world, f"/escalations/E-{shared}").all("span", class_="urgency")


def test_nobody_on_record_is_seen(world: World) -> None:
    gap = put(world, role="fallback", chain=[{"role": "fallback", "person": "C0ESCALATE"}], person="C0ESCALATE")
    assert "未定顧客担当が未登録" in row_of(get(world, "/escalations"), gap).replace(" ", "")


def test_filters(world: World) -> None:
    mine, gap = put(world), put(world, role="fallback", person="U0LEAD", urgency="week")
    done = put(world, state="done", person="U0LEAD")
    assert listed(get(world, f"/escalations?who={OWNER}")) == [f"E-{mine}"]
    assert listed(get(world, "/escalations?who=gap")) == [f"E-{gap}"]
    assert listed(get(world, "/escalations?urgency=week")) == [f"E-{gap}"]
    assert listed(get(world, "/escalations?urgency=now&who=U0LEAD")) == [f"E-{done}"]
    assert listed(get(world, "/escalations?urgency=never")) == [f"E-{id}" for id in (mine, gap, done)]
    assert listed(get(world, "/escalations?state=open")) == [f"E-{id}" for id in (mine, gap)]
    assert listed(get(world, "/escalations?state=over")) == [f"E-{done}"]
    risky = put(world, state="working", churn_risk="high", company="100%ひだまり_")
    assert listed(get(world, "/escalations?risk=high")) == [f"E-{risky}"]
    assert listed(get(world, "/escalations?company=%25ひだ")) == [f"E-{risky}"]
    assert "条件に一致する対応待ちはありません" in get(world, f"/escalations?who={OWNER}&urgency=week").text
    for wrong in ("who=%00", "before=x", "before=" + "9" * 40, "who=%3Cb%3E"):
        get(world, f"/escalations?{wrong}")


def test_only_what_is_past_its_target(world: World) -> None:
    now = now_ms()
    with world.rules(calendar=ALWAYS):
        late = put(world, raised_at=now - 300 * MINUTE)
        put(world, raised_at=now)
        put(world, state="done")
        assert listed(get(world, "/escalations?state=late")) == [f"E-{late}"]


def test_what_is_for_information_is_found_by_no_urgency(world: World) -> None:
    put(world, state="shared", request="information", urgency="today")
    assert listed(get(world, "/escalations?urgency=today")) == []


def test_the_list_is_a_table_for_whoever_may_export(world: World) -> None:
    put(world, gist="=HYPERLINK(1)")
    put(world, state="shared", request="information", company="ひだまり")
    real(world)
    world.sign_in("U0LEAD")
    assert get(world, "/escalations?state=open").all("a", href="/escalations.csv?state=open")
    text = world.request("GET", "/escalations.csv").content.decode("utf-8-sig")
    header, first, second = csv.reader(io.StringIO(text, newline=""))
    assert header[:2] == ["escalation", "company_id"] and first[0] == "E-1" and not first[6].startswith("=")
    assert second[4] == "" and second[2] == "ひだまり"
    world.sign_in(OWNER)
    assert not get(world, "/escalations").all("a", href="/escalations.csv")
    assert world.request("GET", "/escalations.csv").status_code == 403


def test_what_is_over_is_paged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pages.escalations.ROWS", 2)
    ids = [put(world, state="done") for _ in range(5)]
    seen, path = [], "/escalations"
    while path:
        page = get(world, path)
        seen += listed(page)
        path = next((link.attributes["href"] for link in page.all("a") if "前の分" in link.text), "")
    assert seen == [f"E-{id}" for id in reversed(ids)]


# -- one ------------------------------------------------------------------------------------------


def test_it_can_be_asked_for_as_people_call_it(world: World) -> None:
    id = put(world)
    for name in (str(id), f"E-{id}", f"e-{id}"):
        assert f"E-{id}" in get(world, f"/escalations/{name}").all("title")[0].text


def test_the_whole_story_in_order(world: World) -> None:
    case = Escalating(world)
    id = case.raised().id
    case.press(OWNER, "acknowledge")
    case.judge(OWNER, "high", "本日中に電話します", SOON)
    case.press(DEPUTY, "finish")
    case.judge(DEPUTY, "low", "返金し、お詫びしました")
    page = get(world, f"/escalations/{id}")
    told = sentences(page)
    expected = [
        "田中 みなみさんがエスカレーションしました。",
        "エスカレーションチャンネルに投稿しました。",
        "森 拓也さんが受領しました。",
        "森 拓也さんの見立て: 解約リスク「高」、次の対応「本日中に電話します」",
        "岡田 彩さんが完了にしました: 返金し、お詫びしました",
        "結果を会話に記録しました。",
    ]
    assert [sentence for sentence in told if sentence in expected] == expected
    text = " ".join(page.text.split())
    assert "解約リスク: 低" in text and f"解約リスク: 高 · お客様と約束した期日 {promised_day('ja', SOON)}" in text
    assert not page.all("form", action=f"/escalations/{id}/remind")
    assert "森 拓也 acknowledged it." in sentences(get(world, f"/escalations/{id}?lang=en"))


def test_it_leads_to_the_conversation_and_the_company(world: World) -> None:
    id = Escalating(world).raised().id
    links = {link.attributes["href"] for link in get(world, f"/escalations/{id}").all("a")}
    assert {f"/board?chat={world.chats[0]}#desks", "/companies/101"} <= links
    world.app.state.demo = None
    world.sign_in()
    assert any("intercom.com" in link.attributes["href"] for link in get(world, f"/escalations/{id}").all("a"))


def test_each_entry_leads_to_the_trace_of_its_run(world: World) -> None:
    id = Escalating(world).raised().id
    traces = [link for link in get(world, f"/escalations/{id}").all("a") if link.text == "実行の記録"]
    assert traces and "escalation.submitted" in get(world, traces[0].attributes["href"]).text


# -- remind now -----------------------------------------------------------------------------------


def test_reminding_now_asks_the_next_person_whatever_the_time_is(world: World) -> None:
    case = Escalating(world)
    never = Calendar.of(hours={"mon": ["0:00-0:01"]})
    with world.rules(calendar=never):
        id = case.raised().id
        before = len(case.direct(OWNER))
        answer = press(world, f"/escalations/{id}/remind")
        assert answer.status_code == 200 and "さんに再通知しています。" in answer.text
        world.settle()
        assert len(case.direct(OWNER)) == before + 1
        assert "担当に再通知しました。" in sentences(get(world, f"/escalations/{id}"))


def test_pressing_twice_reminds_once(world: World) -> None:
    case = Escalating(world)
    id = case.raised().id
    before = len(case.direct(OWNER))
    press(world, f"/escalations/{id}/remind")
    assert "すでに始まっています" in press(world, f"/escalations/{id}/remind").text
    assert "This reminder is already being sent." in press(world, f"/escalations/{id}/remind?lang=en").text
    world.settle()
    assert len(case.direct(OWNER)) == before + 1


def test_pressing_again_on_an_older_page_reminds_nobody_else(world: World) -> None:
    """The answer got lost, say; whoever follows the owner is not asked because of that."""
    case = Escalating(world)
    id = case.raised().id
    before = len(case.direct(OWNER))
    [form] = get(world, f"/escalations/{id}").all("form", action=f"/escalations/{id}/remind")
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input", type="hidden")}
    for status, said in ((200, "再通知しています"), (409, "すでに再通知されています")):
        answer = press(world, f"/escalations/{id}/remind", **fields)
        assert answer.status_code == status and said in answer.text
        world.settle()
    assert len(case.direct(OWNER)) == before + 1 and not case.direct(DEPUTY)


def test_nobody_is_reminded_of_what_is_over(world: World) -> None:
    for state in ("done", "shared"):
        id = put(world, state=state, due_at=None, next_person="")
        assert "対応は完了しています" in press(world, f"/escalations/{id}/remind").text
        assert f"/escalations/{id}/remind" not in world.request("GET", f"/escalations/{id}").text
    assert not world.runs()
    assert press(world, "/escalations/99/remind").status_code == 404
    assert world.request(
        "POST", f"/escalations/{id}/remind", headers=SAME_ORIGIN | {"Content-Length": "x"}
    ).status_code in (400, 413)


# -- the company ----------------------------------------------------------------------------------


def test_a_company_is_found_by_a_part_of_its_name(world: World) -> None:
    Escalating(world)
    store.write(lambda session: session.add(Company(id="7", name="100%ひだまり_")))
    [link] = get(world, "/companies?q=ひだまり").all("a", class_="open")
    assert link.attributes["href"] == "/companies/7"
    assert len(get(world, "/companies?q=%25").all("a", class_="open")) == 1
    assert "「なし」という会社の登録はありません" in get(world, "/companies?q=なし").text
    for typed in ("x" * 5000, "%5C", "'"):
        assert not get(world, f"/companies?q={typed}").all("a", class_="open")


def test_every_company_is_listed_with_what_is_open_where_most_waits_first(world: World) -> None:
    assert not get(world, "/companies").all("a", class_="open")
    world.wish(3)
    Escalating(world)
    put(world, churn_risk="high")
    store.write(lambda session: session.add(Company(id="7", name="ひだまり", tier="Small", mrr=9_800)))
    rows = get(world, "/companies").all("tr")[1:]
    cells = [[cell.text.strip() for cell in row.all("td")] for row in rows]
    assert [row.all("a")[0].attributes["href"] for row in rows] == ["/companies/101", "/companies/108", "/companies/7"]
    assert cells[0][3:6] == ["1", "高", "—"] and cells[1][1] == "610,000円" and cells[1][6] == "1"
    assert cells[2][1:] == ["9,800円", "—", "—", "—", "—", "—", "—"]


def firms(world: World, query: str) -> list[str]:
    """The ids of the companies that a list holds, top first."""
    return [
        link.attributes["href"].rpartition("/")[2] for link in get(world, f"/companies?{query}").all("a", class_="open")
    ]


def test_companies_are_filtered_and_sorted_by_the_address(world: World) -> None:
    Escalating(world)
    put(world, churn_risk="high", next_date=SOON)
    store.write(lambda session: session.add(Company(id="7", name="ひだまり", tier="Small", mrr=9_800)))
    store.write(lambda session: session.add(Company(id="8", name="あかり", tier="Business", mrr=90_000)))
    store.write(lambda session: owners.put(session, "7", {"owner": OWNER}, "import"))
    assert firms(world, "open=escalations") == firms(world, "risk=high") == ["101"]
    assert firms(world, f"owner={OWNER}") == ["7"] and set(firms(world, "owner=nobody")) == {"101", "8"}
    assert firms(world, "plan=Business&sort=name") == ["8"] and firms(world, "risk=low") == []
    assert firms(world, "sort=mrr").index("8") < firms(world, "sort=mrr").index("7")
    assert firms(world, "sort=day")[0] == firms(world, "sort=risk")[0] == "101"
    assert firms(world, "sort=never&open=x&part=-1") == firms(world, "")
    assert "条件に一致する" in get(world, "/companies?open=reports").text


def test_the_companies_are_a_table_for_whoever_may_export(world: World) -> None:
    store.write(lambda session: session.add(Company(id="7", name="=ひだまり", tier="Small", mrr=9_800)))
    real(world)
    world.sign_in("U0LEAD")
    text = world.request("GET", "/companies.csv?q=ひだまり").content.decode("utf-8-sig")
    _header, line = csv.reader(io.StringIO(text, newline=""))
    assert line == ["7", "'=ひだまり", "Small", "9800", "", "0", "", "", "0", "0"]
    world.sign_in(OWNER)
    assert world.request("GET", "/companies.csv").status_code == 403


def test_the_list_of_companies_costs_as_many_questions_for_one_as_for_many(world: World) -> None:
    def questions() -> int:
        asked: list[str] = []
        listen = (world.runtime.store.engine, "before_cursor_execute", lambda *said: asked.append(str(said[2])))
        sa.event.listen(*listen)
        store.read(company_list.listed)
        sa.event.remove(*listen)
        return len(asked)

    for number in range(3):
        store.write(lambda session, n=number: session.add(Company(id=f"k{n}", name=f"会社{n}")))
    few = questions()
    store.write(lambda session: session.add_all([Company(id=f"m{n}", name=f"商会{n}") for n in range(40)]))
    assert questions() == few < 30


def test_the_company_so_far_on_one_screen(world: World) -> None:
    case = Escalating(world)
    world.wish(0)
    case.raised(temperature="low")
    case.press(OWNER, "acknowledge")
    case.judge(OWNER, "medium", "折り返しお電話します", SOON)
    case.raised(gist="解約を検討しているとのご連絡")
    page = get(world, "/companies/101")
    text = " ".join(page.text.split())
    assert f"{promised_day('ja', SOON)} 折り返しお電話します" in text and "解約を検討しているとのご連絡" in text
    assert "勤怠データをCSVで" in text and "要望 1" in text and "エスカレーション 2" in text
    assert "低 ▮▯▯" in text and "高 ▮▮▮" in text and page.all("svg", class_="curve")
    [strip] = page.all("dl", class_="strip")
    figures = {flat(each.all("dt")[0]): flat(each.all("dd")[0]) for each in strip.all("div")}
    assert figures["未完了のエスカレーション"] == "2" and figures["顧客担当"] == "森 拓也"
    assert figures["解約リスク"] == "中" and figures["次の期日"] == promised_day("ja", SOON)
    assert {"#escalations", "#requests", "#promises"} <= {link.attributes["href"] for link in strip.all("a")}
    assert page.all("a", href=f"/chats/{world.chats[0]}")
    assert "Slackの/ownerで設定できます" in text


def test_the_curve_goes_up_when_it_gets_warmer() -> None:
    width, line, points = curve([(1, "low"), (2, "high")])
    assert points[0][1] > points[1][1] and points[0][0] < points[1][0] < width
    assert line == "M8 44 L40 8"
    assert curve([]) == (16, "", [])


# -- hostile words --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_what_people_write_stays_text(sqlite_world: World, text: str) -> None:
    world = sqlite_world
    said = {name: text for name in ("company", "gist", "history", "tried", "next_step", "raised_by_name")}
    company_id = " ".join(text[:40].split())
    store.write(lambda session: session.add(Company(id=company_id, name=text, tier=text)))
    store.write(lambda session: session.merge(Colleague(id="U0EVIL", name=text, seen_at=1)))
    id = put(world, **said, company_id=company_id, person="U0EVIL", conversation_url=text, next_person="U0EVIL")
    put(world, **said, company_id=None, state="done", person=text, role="fallback", conversation_id=text)
    paths = ["/escalations", f"/escalations/{id}", f"/escalations/{id + 1}", "/companies", "/owners", "/measures"]
    paths += [link.attributes["href"] for link in get(world, "/companies").all("a", class_="open")]
    assert paths[-1].startswith("/companies/")
    for _ in range(2):
        for path in paths:
            check(get(world, path))
            check(get(world, f"{path}?lang=en"))
        world.app.state.demo = None
        world.sign_in()


def test_it_was_written_by_the_agent(world: World) -> None:
    assert Escalating(world).raised(by=AGENT).raised_by_name == "田中 みなみ"
