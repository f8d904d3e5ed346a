"""The number of enquiries: what is missing is never zero, every figure opens its list, and whoever may says why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from xml.etree import ElementTree as xml

import pytest
from sqlmodel import select

from app.operate import drawing
from app.pages.charts import colours
from tests.pages.reading import Element, flat, get, press
from tests.pages.signing_in import real
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.measure import renderer
from workflows.measure.charts import LIGHT
from workflows.rules import rules
from workflows.rules.alerts import Season
from workflows.rules.calendar_words import days_of
from workflows.rules.volume import Volume
from workflows.tables.customer import Company, Conversation
from workflows.tables.people import Deed
from workflows.tables.volume import Occasion
from workflows.volume import arrivals, causes, counts, occasions
from workflows.volume.periods import HOUR_MS

TODAY = rules.calendar.local(now_ms()).date()
#: A day some weeks ago, and its noon.
DAY = TODAY - timedelta(days=20)
NOON = rules.calendar.moment(DAY) + 12 * HOUR_MS
HERE = f"/volume?period=day&on={DAY.isoformat()}"


@pytest.fixture
def world(sqlite_world: World) -> World:
    """Three enquiries at noon, and nothing counted from one o'clock on."""

    def work(session: object) -> bool:
        counts.cover(session, "intercom", NOON + HOUR_MS, since=NOON - 24 * HOUR_MS)  # type: ignore[arg-type]
        rows = [
            arrivals.row("intercom", "901", NOON, medium="chat", company_id="k1", themes=["tag:請求", "tag:<b>&"]),
            arrivals.row("intercom", "902", NOON + 60_000, medium="email", company_id="k1", themes=["tag:請求"]),
            arrivals.row("desk", "x", NOON + 70_000, medium="chat", themes=[], url="javascript:alert(1)"),
        ]
        arrivals.keep(session, rows)  # type: ignore[arg-type]
        session.add(Company(id="k1", name="株式会社あおば", tier="Small"))  # type: ignore[attr-defined]
        session.add(Company(id="k2", name="大手工業", tier="Enterprise"))  # type: ignore[attr-defined]
        chat = Conversation(id="901", url="", opening="請求書が届きません", created_at=NOON)
        session.add(chat)  # type: ignore[attr-defined]
        return True

    store.write(work)
    return sqlite_world


def links(page: Element, begins: str) -> list[str]:
    return [each.attributes["href"] for each in page.all("a") if each.attributes.get("href", "").startswith(begins)]


def test_without_counts_it_says_how_to_have_some(sqlite_world: World) -> None:
    page = get(sqlite_world, "/volume")
    assert "python -m app import intercom --since" in page.text and not page.all("img")


@pytest.mark.parametrize(
    "query", ["period=x", "on=9999-99-99", "on=2999-01-01", "on=1800-01-01", "about=%00%1b", "period=year&on=x"]
)
def test_what_the_address_says_wrongly_is_left_out(world: World, query: str) -> None:
    assert get(world, f"/volume?{query}").all("h1")
    assert world.request("GET", f"/volume/counts.svg?{query}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["from=x&until=-1", "before=x", "before=1.%00", "weekday=9&hour=99", "weekday=1&hour=3", "from=" + "9" * 40],
)
def test_a_list_that_is_asked_for_wrongly_is_a_list_nevertheless(world: World, query: str) -> None:
    assert get(world, f"/volume/list?{query}").all("h1")


def test_a_source_that_stopped_is_named_and_hatched_and_no_zero(world: World) -> None:
    page = get(world, HERE)
    [note] = page.all("p", class_="gap")[:1]
    assert "Intercom" in note.text and "13:00" in note.text and "0件ではなく" in note.text
    cells = [flat(cell) for cell in page.all("table")[0].all("td", class_="uncounted")]
    assert len(cells) == 11 * 4 and set(cells) == {"–集計なし"}
    zeros = [cell for cell in page.all("table")[0].all("td") if flat(cell) == "0"]
    assert len(zeros) == 12 * 4 + 3


@pytest.mark.parametrize(
    ("language", "said", "title"),
    [
        ("ja", "3以上", "3件以上: この間の一部は集計できていません。"),
        ("en", "3+", "At least 3: part of this time was not counted."),
    ],
)
def test_what_is_known_of_a_time_that_is_partly_missing_is_said_in_one_way(
    world: World, language: str, said: str, title: str
) -> None:
    page = get(world, f"{HERE.replace('day', 'year')}&lang={language}")
    cells = [cell for cell in page.all("td", class_="uncounted") if cell.all("a")]
    assert {(flat(cell), cell.attributes["title"]) for cell in cells} == {(said, title)}


def test_every_figure_opens_exactly_what_it_counts(world: World) -> None:
    for about, total in (("", 3), ("tag:請求", 2), ("tag:<b>&", 1), ("tag:none", 0)):
        page = get(world, f"{HERE}&about={about.replace('&', '%26')}")
        assert flat(page.all("a", id="total")[0]) == str(total)
        for period in (HERE, HERE.replace("day", "week"), HERE.replace("day", "year")):
            page = get(world, f"{period}&about={about.replace('&', '%26')}")
            for link in [each for each in page.all("a") if each.attributes.get("href", "").startswith("/volume/list?")]:
                text = flat(link).removesuffix("以上")
                if text.isdigit():
                    rows = get(world, link.attributes["href"]).all("tr")
                    named = [row for row in rows if row.attributes.get("data-name")]
                    assert len(named) == int(text), link.attributes["href"]


def test_a_list_leads_to_the_chat_and_never_to_a_script(world: World) -> None:
    page = get(world, f"/volume/list?from={NOON}&until={NOON + HOUR_MS}")
    assert links(page, "/chats/") == ["/chats/901"] and links(page, "javascript") == []
    assert "<b>&" in page.text and "株式会社あおば" in page.text


def test_those_who_are_silent_are_named(world: World) -> None:
    page = get(world, HERE)
    assert "Enterpriseの1社からは" in page.text and "Smallの" not in page.text


def test_for_each_hundred_active_accounts(world: World) -> None:
    assert flat(get(world, HERE).all("span", id="per-hundred")[0]) == "–"
    before, rules.volume = rules.volume, Volume(actives=200)
    try:
        assert flat(get(world, HERE).all("span", id="per-hundred")[0]) == "1.5"
    finally:
        rules.volume = before


# -- charts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["counts", "themes"])
def test_each_point_and_bar_of_a_chart_opens_its_list(world: World, name: str, theme: str) -> None:
    drawn = world.request("GET", f"/volume/{name}.svg?{HERE.partition('?')[2]}&theme={theme}&lang=ja").text
    root = xml.fromstring(drawn)
    opened = {value for each in root.iter() for key, value in each.attrib.items() if key.endswith("href")}
    assert opened and all(each.startswith("/volume/list?from=") for each in opened)
    words = "".join(root.itertext())
    assert ("集計なし" in words) if name == "counts" else ("請求" in words and "<b>&" in words)


def test_pictures_in_slack_have_the_ink_of_the_light_page() -> None:
    assert {name: colours("light").get(name) for name in LIGHT} == LIGHT


@pytest.fixture
def without_renderer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It cannot be imported, whatever is installed."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    monkeypatch.setattr(renderer, "_broken", [])
    renderer.drawn.cache_clear()
    yield
    renderer.drawn.cache_clear()


@pytest.mark.usefixtures("without_renderer")
def test_without_the_renderer_pages_show_their_tables_and_say_so(world: World) -> None:
    assert world.request("GET", f"/volume/counts.svg?{HERE.partition('?')[2]}").status_code == 404
    for path in (HERE, "/measures", "/waits"):
        page = get(world, path)
        assert not page.all("img")
    page = get(world, HERE)
    assert "グラフは表示しません" in page.text
    assert [each for each in page.all("details", class_="figures") if "open" in each.attributes]
    assert [str(each) for each in drawing.findings()] == [drawing.NO_RENDERER]


def test_a_machine_without_japanese_letters_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "LETTER", renderer.LETTER.replace("{letter}", "A"))
    [finding] = drawing.findings()
    assert finding.ok is False and "fonts-noto-cjk" in str(finding)


# -- occasions -------------------------------------------------------------------------------------


def entered(**other: str) -> dict[str, str]:
    begins = f"{DAY.isoformat()}T12:30"
    return {"kind": "release", "title": "4.2 を公開", "begins": begins, "ends": "", "theme": "", "once": "o"} | other


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"title": " "}, "出来事を1行で"),
        ({"kind": "x"}, "選択してください"),
        ({"begins": "soon"}, "日時を入力"),
        ({"begins": "0001-01-01T00:00"}, "日時を入力"),
        ({"ends": "2001-01-01T00:00"}, "開始より後"),
        ({"kind": "planned"}, "いつまで続くか"),
    ],
)
def test_an_occasion_that_is_entered_wrongly_is_not_kept(world: World, other: dict[str, str], why: str) -> None:
    answer = press(world, "/volume/occasions/new", **entered(**other))
    assert answer.status_code == 400 and why in answer.text
    assert store.read(occasions.latest) == []


def test_an_occasion_is_marked_once_and_can_be_undone(world: World) -> None:
    for _ in range(2):
        assert press(world, "/volume/occasions/new", **entered()).status_code == 303
    [row] = store.read(occasions.latest)
    assert row.begins_at == NOON + HOUR_MS // 2 and row.title == "4.2 を公開"
    assert "4.2 を公開" in get(world, HERE).text
    assert get(world, f"/volume/occasions?said=entered&at={row.id}").all(
        "form", action=f"/volume/occasions/{row.id}/remove"
    )
    press(world, f"/volume/occasions/{row.id}/remove")
    assert "4.2 を公開" not in get(world, HERE).text
    press(world, f"/volume/occasions/{row.id}/back")
    assert "4.2 を公開" in get(world, HERE).text
    kept = store.read(lambda session: [each.sentence for each in session.exec(select(Deed).where(Deed.way == "page"))])
    assert {occasions.ENTERED, occasions.REMOVED, occasions.BROUGHT_BACK} <= set(kept)


def test_whoever_may_only_look_enters_and_removes_nothing(world: World) -> None:
    press(world, "/volume/occasions/new", **entered())
    real(world)
    world.sign_in("U0MORI")
    assert press(world, "/volume/occasions/new", csrf=world.csrf, **entered(title="x")).status_code == 403
    assert press(world, "/volume/occasions/1/remove", csrf=world.csrf).status_code == 403
    assert press(world, "/volume/causes", csrf=world.csrf, theme="tag:請求", done="x").status_code == 403
    assert store.read(lambda session: session.exec(select(Occasion.removed_at)).all()) == [None]
    assert not get(world, "/volume/occasions").all("form", action="/volume/occasions/new")


# -- causes ----------------------------------------------------------------------------------------


def test_what_was_done_about_a_theme_is_kept_beside_how_often_it_is_asked(world: World) -> None:
    note = {
        "theme": "tag:請求",
        "done": "ヘルプに書いた <i>",
        "url": "https://help.example/1",
        "since": TODAY.isoformat(),
    }
    assert press(world, "/volume/causes", **note).status_code == 303
    page = get(world, "/volume/causes")
    assert "ヘルプに書いた <i>" in page.text and not page.all("i")
    found = store.read(partial(causes.listed, now=now_ms()))
    assert [(each.theme, each.n) for each in found] == [("tag:請求", 2), ("tag:<b>&", 1)]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"url": "javascript:alert(1)"}, "https://"),
        ({"since": "2999-01-01"}, "今日までの日付"),
        ({"since": ""}, "いつからか"),
        ({"done": "", "since": "2026-01-01"}, "何をしたか"),
        ({"done": "長" * 501}, "500文字以内"),
    ],
)
def test_a_cause_that_is_noted_wrongly_is_not_kept(world: World, other: dict[str, str], why: str) -> None:
    note = {"theme": "tag:請求", "done": "書いた", "url": "", "since": TODAY.isoformat()} | other
    answer = press(world, "/volume/causes", **note)
    assert answer.status_code == 400 and why in answer.text
    assert store.read(partial(causes.find, theme="tag:請求")) is None


@pytest.mark.parametrize(
    ("done", "since", "said"),
    [("書いた", TODAY.isoformat(), "前後の件数"), ("", "", "対応の記録がありません"), (" ", "", "記録がありません")],
)
def test_what_is_said_of_a_saved_cause_is_what_was_saved(world: World, done: str, since: str, said: str) -> None:
    answer = press(world, "/volume/causes", theme="tag:請求", done=done, url="", since=since)
    [shown] = get(world, answer.headers["location"]).all("div", class_="did")
    assert said in shown.text


def test_nothing_is_noted_about_what_nobody_ever_asked(world: World) -> None:
    assert press(world, "/volume/causes", theme="tag:none", done="x").status_code == 404


def test_a_season_is_named_where_it_is_and_nowhere_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    season = Season("<b>年末調整", days_of(f"{DAY:%m-%d}"), 140)
    monkeypatch.setattr(rules, "alerts", replace(rules.alerts, seasons=(season,)))
    page = get(world, HERE)
    assert "シーズン: <b>年末調整。ほかの時期の約140%を見込んでいます。" in page.text
    before = (DAY - timedelta(days=1)).isoformat()
    assert "シーズン" not in get(world, f"/volume?period=day&on={before}").text
    assert "シーズン" not in get(world, f"/volume?period=year&on={DAY.isoformat()}").text
