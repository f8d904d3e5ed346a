"""The page of satisfaction: every figure, its list, and what a conversation's history says of being asked."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlmodel import select

from tests.enquired import enquiry, firm, message
from tests.pages.hostile import CORPUS, check
from tests.pages.reading import Element, flat, get
from tests.pages.signing_in import real
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.escalation.measures import wilson
from workflows.measure import satisfaction
from workflows.measure.satisfaction import Wanted
from workflows.measure.survey_texts import NOT_ASKED
from workflows.rules.survey import USUAL_REASONS
from workflows.tables.customer import Contact
from workflows.tables.measure import Survey


@pytest.fixture(params=["demo", "service"])
def world(request: pytest.FixtureRequest, sqlite_world: World) -> World:
    """A demo, or a service into which somebody has signed in."""
    if request.param == "service":
        real(sqlite_world)
        sqlite_world.sign_in()
    return sqlite_world


def survey(chat: str, *, days: float = 1, **values: Any) -> None:
    """What is known of one episode, which ended so many days ago."""
    at = now_ms() - int(days * DAY_MS)
    if values.get("asked", True) and "not_asked" not in values:
        values |= {"asked_at": at, "part_id": "1"}
    values.pop("asked", None)
    if "score" in values:
        values = {"origin": "link", "scored_at": at} | values
    row = Survey(conversation_id=chat, episode=at, **{"contact_id": "c901", "company_id": "901"} | values)
    store.write(lambda session: session.add(row))


def fill() -> None:
    """Three answers by the link, one in Intercom, one that is awaited, two that were not asked; and one of long ago."""
    firm("901", "あおば製作所", "Enterprise", 480_000.0)
    store.write(lambda session: session.merge(Contact(id="c901", name="小林")) and None)
    survey("81", score="good")
    survey("82", score="good", medium="mail", days=8)
    survey("83", score="bad", reasons=[USUAL_REASONS[0]], remark="返事が遅い")
    survey("84", score="bad", rating=2, origin="intercom", asked=False)
    survey("85")
    survey("86", not_asked="news")
    survey("87", not_asked="lately")
    survey("88", score="bad", days=200)


def figures(page: Element) -> dict[str, str]:
    """What stands in the strip."""
    [strip] = page.all("dl", class_="strip")
    return {flat(each.all("dt")[0]): flat(each.all("dd")[0]).replace(" ", "") for each in strip.all("div")}


def listed(page: Element) -> list[str]:
    """The conversations in the list."""
    [section] = page.all("section", id="list")
    return [
        each.attributes["href"].rpartition("/")[2] for each in section.all("a") if "/chats/" in str(each.attributes)
    ]


def test_nothing_yet_says_why_and_what_fills_it(world: World) -> None:
    page = get(world, "/satisfaction")
    assert "アンケートは今、送っていません" in flat(page) and page.all("img", class_="chart") == []
    assert "/rules" in [each.attributes["href"] for each in page.all("main")[0].all("a")]


@pytest.mark.parametrize("query", ["show=x", "medium=x", "origin=x", "week=x", "why=x", "week=0001-01-01"])
def test_a_list_that_is_none_is_not_found(world: World, query: str) -> None:
    get(world, f"/satisfaction?{query}", 404)


@pytest.mark.parametrize("query", ["days=x", "days=-1", "reason=%00", "reason=%27%22", "week=2026-11-30", "why=news"])
def test_what_an_address_says_oddly_does_no_harm(world: World, query: str) -> None:
    fill()
    check(get(world, f"/satisfaction?{query}"))


def test_the_figures_of_a_period(world: World) -> None:
    fill()
    page = get(world, "/satisfaction")
    assert figures(page) == {
        "満足度": "50%2/4·95%:15%–85%",
        "「よくなかった」の回答": "2",
        "回答率": "75%3/4",
        "アンケートに回答がない会話": "1",
    }
    low, high = wilson(1, 3)
    assert f"95%信頼区間: {low * 100:.0f}%〜{high * 100:.0f}%" in flat(page)
    assert figures(get(world, "/satisfaction?days=365"))["満足度"].startswith("40%2/5·")


def test_every_number_opens_its_list_and_the_list_is_as_long(world: World) -> None:
    fill()
    page = get(world, "/satisfaction")
    links = [each for each in page.all("main")[0].all("a") if "show=" in each.attributes["href"]]
    assert len(links) >= 12
    for link in links:
        there = listed(get(world, link.attributes["href"].replace("&amp;", "&").partition("#")[0]))
        n = int(flat(link).partition("/")[2] or flat(link))
        assert len(there) == n, link.attributes["href"]


def test_lists_name_who_and_what(world: World) -> None:
    fill()
    text = flat(get(world, "/satisfaction"))
    assert "返事が遅い" in text and "時間がかかった" in text and "小林" in text and "2/5" in text
    text = flat(get(world, "/satisfaction?show=not-asked&lang=en"))
    assert all(NOT_ASKED[why].removeprefix("Not asked: ")[1:] in text for why in ("news", "lately"))


def test_charts_are_drawn(world: World) -> None:
    fill()
    for query in ("", "?theme=dark&size=narrow", "?lang=en"):
        answer = world.request("GET", f"/satisfaction/weeks.svg{query}")
        assert answer.status_code == 200 and answer.text.startswith("<svg") and "1/2" in answer.text
    assert world.request("GET", "/satisfaction/weeks.svg?days=30").status_code == 200


@pytest.mark.parametrize("text", CORPUS)
def test_remarks_stay_text(sqlite_world: World, text: str) -> None:
    survey("81", score="bad", remark=text, reasons=[text])
    check(get(sqlite_world, "/satisfaction"))
    enquiry("81")
    check(get(sqlite_world, "/chats/81"))


# -- against counting by hand ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_figures_are_what_one_counts(sqlite_world: World, seed: int) -> None:
    dice = Random(seed)
    for number in range(60):
        said = {"score": dice.choice(("good", "bad")), "origin": dice.choice(("link", "intercom"))}
        kind = dice.choice(({}, said, said, {"not_asked": dice.choice(sorted(NOT_ASKED))}))
        reasons = dice.sample(USUAL_REASONS, 2) if kind.get("score") == "bad" else []
        survey(
            str(number), days=dice.random() * 60, medium=dice.choice(("chat", "mail", "other")), reasons=reasons, **kind
        )
    since = now_ms() - 30 * DAY_MS
    rows = store.read(lambda session: list(session.exec(select(Survey))))
    found = store.read(partial(satisfaction.figures, since=since))
    rated = [row for row in rows if row.scored_at and row.scored_at >= since]
    asked = [row for row in rows if row.asked_at and row.asked_at >= since]
    assert found.all == (sum(row.score == "good" for row in rated), len(rated))
    assert (found.asked, found.answered) == (len(asked), sum(bool(row.score) for row in asked))
    assert sum(share.rated for share in found.by_medium.values()) == len(rated)
    assert sum(found.reasons.values()) == sum(len(row.reasons) for row in rated if row.score == "bad")
    assert sum(found.not_asked.values()) == sum(bool(row.not_asked) and row.episode >= since for row in rows)
    for monday, by_origin in found.by_week.items():
        wanted = Wanted("rated", week=monday)
        of_week = store.read(partial(satisfaction.listed, since=since, wanted=wanted, most=100))[1]
        assert monday.weekday() == 0 and of_week == sum(share.rated for share in by_origin.values())
    assert list(found.by_week) == sorted(found.by_week) and len(found.by_week) <= 6
    assert all(
        later - earlier >= timedelta(7) for earlier, later in zip(found.by_week, list(found.by_week)[1:], strict=False)
    )


# -- a conversation's history ------------------------------------------------------------------------


def story(world: World, chat: str, language: str = "ja") -> str:
    """All that its page says."""
    return flat(get(world, f"/chats/{chat}?lang={language}"))


def test_a_history_says_why_nobody_was_asked(world: World) -> None:
    enquiry("81")
    message("81", "1", "請求書が出ません", at=now_ms() - 2 * DAY_MS)
    survey("81", not_asked="unanswered")
    assert "アンケートは送りませんでした: 人が回答しないままクローズされた会話です。" in story(world, "81")
    assert NOT_ASKED["unanswered"] in story(world, "81", "en")


def test_a_history_says_that_somebody_was_asked_and_what_they_answered(world: World) -> None:
    enquiry("81")
    message("81", "1", "請求書が出ません", at=now_ms() - 2 * DAY_MS)
    survey("81", score="bad", reasons=[USUAL_REASONS[0]], remark="返事が遅い")
    text = story(world, "81")
    assert "山びこが、お客様に満足度アンケートを送りました。" in text
    assert "お客様のアンケートの回答: 「よくなかった」" in text and "時間がかかった" in text and "返事が遅い" in text


def test_a_history_says_what_was_said_in_intercom(world: World) -> None:
    enquiry("81")
    message("81", "1", "請求書が出ません", at=now_ms() - 2 * DAY_MS)
    survey("81", score="good", rating=5, origin="intercom", asked=False)
    assert "Intercomで5段階中5" in story(world, "81") and "送りました" not in story(world, "81")
