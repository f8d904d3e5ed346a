"""Measures: every figure with its definition, a chart, and the same figures in a table."""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml
from datetime import timedelta

import pytest
from sqlmodel import Session

from app.pages import charts
from tests.escalating import DEPUTY, LEAD, OWNER, Escalating
from tests.pages.escalated import ALWAYS, put
from tests.pages.importing import kept, mistakes, sent
from tests.pages.reading import Element, flat, get, read
from tests.pages.sentences import tokens
from tests.world import World
from workflows.customer.fields import today
from workflows.engine.store import now_ms, store
from workflows.escalation import measures
from workflows.tables.customer import Churn, Company
from workflows.tables.escalation import Judgement
from workflows.tables.runs import Action

MINUTE, DAY = 60_000, 24 * 3600 * 1000


def table(page: Element, number: int) -> list[list[str]]:
    """The cells of the n-th table, by row."""
    rows = page.all("table")[number].all("tbody")[0].all("tr")
    return [[" ".join(cell.text.split()) for cell in (*row.all("th"), *row.all("td"))] for row in rows]


def judge(id: int, risk: str, days_ago: int, phase: str = "ack") -> None:
    """What somebody thought about an escalation so long ago."""
    judgement = Judgement(
        origin=f"{id}{phase}{days_ago}",
        escalation_id=id,
        phase=phase,
        churn_risk=risk,
        judged_at=now_ms() - days_ago * DAY,
    )
    store.write(lambda session: session.add(judgement))


def left(id: str, days_ago: int) -> None:
    """A company left so long ago; known since today."""
    day = (today() - timedelta(days=days_ago)).isoformat()
    store.write(lambda session: session.merge(Churn(company_id=id, churned_on=day, imported_at=now_ms())))


# -- acknowledging --------------------------------------------------------------------------------


def test_without_escalations_it_says_what_is_missing(world: World) -> None:
    page = get(world, "/measures")
    assert "受領が必要なエスカレーションはありませんでした" in page.text and "比較できません" in page.text
    assert not page.all("img")


def test_how_soon_they_are_acknowledged(world: World) -> None:
    now = now_ms()
    with world.rules(calendar=ALWAYS):
        for minutes in (3, 5, 12, 50, 2000):
            put(world, state="acknowledged", raised_at=now - 3 * DAY, acknowledged_at=now - 3 * DAY + minutes * MINUTE)
        put(world, raised_at=now - 7 * MINUTE)
        put(world, raised_at=now - 100 * MINUTE, urgency="week", climbed=2)
        put(world, state="shared", request="information", raised_at=now)
        page = get(world, "/measures")
    assert table(page, 0) == [
        ["5分以内", "2", "0"],
        ["15分以内", "1", "1"],
        ["30分以内", "0", "0"],
        ["1時間以内", "1", "0"],
        ["1営業日以内", "0", "1"],
        ["1営業日を超える", "1", "0"],
        ["合計", "5", "2"],
    ]
    [strip] = page.all("dl", class_="strip")
    assert [flat(each) for each in strip.all("dd")] == ["50分", "60% 3/5", "2", "7"]
    urgent, today, week = table(page, 1)
    assert urgent[0] == "至急 n=6" and "60% 3/5 · 95%信頼区間: 23%〜88%" in urgent[2] and urgent[3].endswith("1")
    assert urgent[4].endswith("12分") and urgent[5].endswith("—")
    assert today[0] == "本日中 n=0" and week[6].endswith("1 100%")
    assert "最初の受領までの営業時間" in page.text


def test_handing_on_does_not_undo_the_first_acknowledgement(world: World) -> None:
    case = Escalating(world)
    case.raised()
    case.press(OWNER, "acknowledge")
    case.slack.close(OWNER)
    case.press(OWNER, "hand_on")
    case.slack.submit(OWNER, {"person": DEPUTY, "note": ""})
    world.settle()
    assert case.one().acknowledged_at is None and case.one().person == DEPUTY
    [found] = store.read(lambda session: measures.cases(session, 0))
    assert found.acknowledged_at is not None


def test_the_period_is_that_of_raising(world: World) -> None:
    put(world, raised_at=now_ms() - 40 * DAY)
    assert "受領が必要なエスカレーションはありませんでした" in get(world, "/measures?days=30").text
    assert "受領が必要なエスカレーションはありませんでした" not in get(world, "/measures?days=90").text
    for days in ("0", "x", "%00", "9" * 40):
        assert len(get(world, f"/measures?days={days}").all("img")) == 1


# -- judging --------------------------------------------------------------------------------------


def test_judgements_against_what_happened(world: World) -> None:
    ids = [put(world, company_id=company) for company in ("a", "b", "c", "d")]
    for id in ids:
        judge(id, "high", 300)
    judge(ids[0], "low", 290, "done")
    judge(put(world, company_id="e"), "high", 20)
    judge(put(world, company_id=None), "high", 300)
    left("a", 200)
    left("b", 10)  # after the horizon
    page = get(world, "/measures")
    assert "解約した会社の登録: 2社。" in page.text and "集計できない見立てが1件あります" in page.text
    none, low, _, high = table(page, 2)
    assert none[1].startswith("データ不足")
    assert "25% 1/4" in high[1] and "4社 · 経過中1件(うち解約済み0件)" in high[1]
    assert "0% 0/3" in high[2] and "100% 1/1" in low[2]


def test_companies_that_left_are_imported_by_line(world: World) -> None:
    store.write(lambda session: [session.merge(Company(id=id, name=id)) for id in "abc"] and None)
    text = "company_id,解約日\na,2026/7/1\nb,2026-02-30\nc,2199-01-01\nb,\nb,2026.01.09\n"
    assert mistakes(read(sent(world, "churn", text).text)) == {
        3: "「2026-02-30」は日付ではありません。2026-11-30のように入力してください。",
        4: "2199-01-01はまだ先の日付です。",
        5: "日付がありません。2026-11-30のように入力してください。",
    }
    assert kept(world, "churn", text).headers["location"] == "/owners/churn?kept=2"
    assert kept(world, "churn", "company,churned_on\na,2026-08-01\n").status_code == 303
    days, known = store.read(measures.churned)
    assert {id: day.isoformat() for id, day in days.items()} == {"a": "2026-08-01", "b": "2026-01-09"}
    assert known == today()
    assert "2行を登録しました。" in get(world, "/owners/churn?kept=2").text


# -- charts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["acknowledgement", "calibration"])
def test_a_chart_is_a_picture_for_either_paper(sqlite_world: World, name: str) -> None:
    judge(put(sqlite_world, company_id="a"), "high", 300)
    left("a", 200)
    pictures = {}
    for theme in ("light", "dark"):
        answer = sqlite_world.request("GET", f"/measures/{name}.svg?theme={theme}&lang=ja")
        assert answer.headers["content-type"] == "image/svg+xml" and "sandbox" not in answer.text
        pictures[theme] = answer.text
        root = xml.fromstring(answer.text)
        words = "".join(root.itertext())
        assert ("受領済み" if name == "acknowledgement" else "受領時の最初の見立て") in words
        assert tokens(theme == "dark")["accent"] in answer.text
        assert "Noto Sans CJK JP" in answer.text and "<script" not in answer.text and 'href="http' not in answer.text
    assert pictures["light"] != pictures["dark"]
    assert "Acknowledged" in sqlite_world.request("GET", "/measures/acknowledgement.svg?lang=en").text


def test_charts_follow_the_readers_paper_and_say_what_they_show(sqlite_world: World) -> None:
    put(sqlite_world)
    [picture] = get(sqlite_world, "/measures").all("picture")
    [image] = picture.all("img")
    addresses = {each.attributes["media"]: each.attributes["srcset"] for each in picture.all("source")}
    dark, narrow = "(prefers-color-scheme: dark)", "(max-width: 640px)"
    assert list(addresses) == [f"{narrow} and {dark}", narrow, dark]
    assert [("theme=dark" in each, "narrow" in each) for each in addresses.values()] == [
        (True, True),
        (False, True),
        (True, False),
    ]
    assert "theme=light" in image.attributes["src"] and "表に同じ数字があります" in image.attributes["alt"]
    [picture] = get(sqlite_world, "/measures?theme=dark").all("picture")
    assert all("theme=dark" in each.attributes["srcset"] for each in picture.all("source"))
    assert "theme=dark" in picture.all("img")[0].attributes["src"]
    for address in (*addresses.values(), image.attributes["src"]):
        assert sqlite_world.request("GET", address).status_code == 200


def test_a_chart_for_a_phone_is_as_wide_as_one() -> None:
    rows = [("5分以内", 1, 0), ("1時間以内", 0, 0)]
    drawn = charts.svg(charts.narrow(charts.bars(rows, ("受領済み", "受領待ち"), "件", "light")))
    assert float(xml.fromstring(drawn).attrib["width"]) < 390


def test_a_bar_of_nothing_is_no_outline_and_steps_are_whole() -> None:
    rows = [("5分以内", 1, 0), ("1時間以内", 0, 0)]
    drawn = charts.svg(charts.bars(rows, ("受領済み", "受領待ち"), "件", "light"))
    texts = ["".join(each.itertext()) for each in xml.fromstring(drawn).iter() if each.tag.endswith("}text")]
    assert drawn.count('aria-roledescription="bar"') == 1
    assert [each for each in texts if each.isdigit()] == ["0", "1", "2", "1", "0"]


def test_the_colours_are_the_pages() -> None:
    for theme in (0, 1):
        assert charts.colours("dark" if theme else "light") == tokens(theme)


def test_a_chart_without_figures_is_drawn_too(sqlite_world: World) -> None:
    for name in ("acknowledgement", "calibration"):
        assert xml.fromstring(sqlite_world.request("GET", f"/measures/{name}.svg").text)
    assert sqlite_world.request("GET", "/measures/other.svg").status_code == 404


def test_definitions_are_in_both_languages(sqlite_world: World) -> None:
    put(sqlite_world, person=LEAD)
    [main] = get(sqlite_world, "/measures?lang=en").all("main")
    english = main.text
    assert "Business minutes from submission to first acknowledgement" in english
    assert not re.search("[ぁ-ん]", english)


def test_an_act_of_somebody_counts_as_taking_it(world: World) -> None:
    id = put(world, raised_at=5 * DAY)

    def work(session: Session) -> None:
        for verb, at in (("slack.start", 6), ("slack.acknowledge", 7), ("slack.post", 5)):
            session.add(
                Action(
                    key=verb, verb=verb, state="done", sentence="x", escalation_id=id, started_at=1, ended_at=at * DAY
                )
            )

    store.write(work)
    [found] = store.read(lambda session: measures.cases(session, 0))
    assert found.acknowledged_at == 6 * DAY
