"""The page behind a survey's link: one click without a login, nothing by looking, nothing for a link that is none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import pytest
from sqlmodel import select

from app.pages import rate
from app.turnstile import Turnstile
from tests.pages.hostile import CORPUS
from tests.pages.reading import Element, flat, read
from tests.pages.signing_in import real
from tests.world import World
from workflows.customer import erasures
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.measure import surveys
from workflows.rules import rules
from workflows.rules.survey import USUAL_REASONS
from workflows.tables.customer import Contact
from workflows.tables.erasure import Erasure
from workflows.tables.measure import Survey

TOKEN = "Xy" * 16
DEAD = "このリンクは使えません"


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    """A service into which nobody has signed in, and a customer with a link."""
    async with World(sqlite_url) as world:
        real(world)
        asked()
        yield world


def asked(**others: Any) -> None:
    """A survey whose link works."""
    at = now_ms()
    row = {"token": surveys.digest(TOKEN), "good_until": at + DAY_MS, "asked_at": at, "part_id": "1"} | others
    store.write(lambda session: session.add(Contact(id="c901", language="ja")))
    store.write(lambda session: session.add(Survey(conversation_id="81", episode=at, contact_id="c901", **row)))


def kept() -> Survey:
    """What is known of it."""
    return store.read(lambda session: session.exec(select(Survey)).one())


def change(**values: Any) -> None:
    """Time or somebody changes its row."""
    store.write(lambda session: session.exec(select(Survey)).one().sqlmodel_update(values) and None)


async def ask(world: World, method: str = "GET", token: str = TOKEN, **options: Any) -> httpx.Response:
    """A request from a customer's browser, far from here, which knows nothing but the link."""
    transport = httpx.ASGITransport(app=world.app, client=("203.0.113.9", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as browser:
        return await browser.request(method, f"/rate/{token}", **options)


async def page(world: World, **headers: str) -> Element:
    """The page as it is now."""
    answer = await ask(world, headers=headers)
    assert answer.status_code == 200
    return read(answer.text)


async def click(world: World, score: str, **headers: str) -> httpx.Response:
    """One of the buttons."""
    return await ask(world, "POST", data={"score": score}, headers={"Origin": "null"} | headers)


# -- nothing happens ---------------------------------------------------------------------------------


@pytest.mark.fault("F97")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_says_nothing(world: World, method: str) -> None:
    """Mail scanners open every link, with whatever stands behind it."""
    for path in (TOKEN, f"{TOKEN}?score=bad", f"{TOKEN}?kept=yes&score=good"):
        assert (await ask(world, method, path)).status_code == 200
    assert kept().score == "" and kept().scored_at is None


@pytest.mark.fault("F97")
@pytest.mark.parametrize("token", ["x", "A" * 32, TOKEN.lower(), TOKEN + "x", "A" * 5000, "%00", "..%2F..", "あ"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_forged_link_changes_nothing(world: World, token: str, method: str) -> None:
    answer = await ask(world, method, token, data={"score": "bad"} if method == "POST" else None)
    assert answer.status_code == 404 and kept().score == ""


async def dead(world: World) -> None:
    """The link answers one sentence, and changes nothing."""
    before = kept()
    for answer in (await ask(world), await click(world, "good")):
        found = read(answer.text)
        assert answer.status_code == 404 and [flat(each) for each in found.all("p", role="alert")] != []
        assert DEAD in answer.text and found.all("form") == []
    assert kept() == before


@pytest.mark.fault("F97")
async def test_an_old_link_changes_nothing(world: World) -> None:
    change(good_until=now_ms() - 1, score="good", origin="link")
    await dead(world)


async def test_a_link_of_a_conversation_or_a_person_that_was_erased_changes_nothing(world: World) -> None:
    chat = Erasure(kind=erasures.CHAT, id="81", asked_at=now_ms())
    store.write(lambda session: session.add(chat))
    await dead(world)
    store.write(lambda session: session.delete(session.get_one(Erasure, (erasures.CHAT, "81"))))
    assert (await ask(world)).status_code == 200
    store.write(lambda session: session.add(Erasure(kind=erasures.PERSON, id="c901", asked_at=now_ms() + 1)))
    await dead(world)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://127.0.0.1:8000"},
    ],
)
async def test_another_sites_form_changes_nothing(world: World, headers: dict[str, str]) -> None:
    answer = await click(world, "bad", **headers)
    assert answer.status_code == 403 and "保存していません" in answer.text and kept().score == ""


async def test_a_form_that_no_page_of_ours_sends_changes_nothing(world: World) -> None:
    for data in ({}, {"score": "excellent"}, {"remark": "x"}, {"reasons": USUAL_REASONS[0]}):
        await ask(world, "POST", data=data)
    assert (await ask(world, "POST", data={"score": "bad", "remark": "x" * 40_000})).status_code == 403
    assert (kept().score, kept().remark, kept().reasons) == ("", "", [])


async def test_who_guesses_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "GATE", Turnstile(at_once=2, most=3, seconds=60))
    answers = [(await ask(world, token="B" * 32)).status_code for _ in range(4)]
    assert answers == [404, 404, 404, 429]
    answer = await click(world, "good")
    assert answer.status_code == 429 and "1分ほど待って" in answer.text and kept().score == ""


# -- one click ---------------------------------------------------------------------------------------


async def test_two_large_buttons_and_nothing_else(world: World) -> None:
    found = await page(world)
    assert [flat(each) for each in found.all("button")] == ["◯よかった", "✕よくなかった"]
    assert found.all("a") == found.all("script") == [] and found.all("nav") == []
    assert found.all("meta", name="robots")[0].attributes["content"] == "noindex, nofollow"


async def test_it_remembers_nothing_of_the_browser_and_tells_nobody(world: World) -> None:
    for answer in (await ask(world), await ask(world, token=f"{TOKEN}?lang=en&theme=dark"), await click(world, "good")):
        assert "set-cookie" not in answer.headers
        assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-origin"}])
@pytest.mark.parametrize(("score", "said"), [("good", "よかった"), ("bad", "よくなかった")])
async def test_one_click_is_an_answer(world: World, score: str, said: str, headers: dict[str, str]) -> None:
    answer = await ask(world, "POST", data={"score": score}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/rate/{TOKEN}")
    assert (kept().score, kept().origin) == (score, "link") and kept().scored_at
    assert f"回答ありがとうございました: 「{said}」" in flat(await page(world))


async def test_a_double_click_is_one_answer(world: World) -> None:
    await click(world, "good")
    first = kept()
    await click(world, "good")
    assert kept() == first


async def test_who_is_not_satisfied_may_say_why(world: World) -> None:
    await click(world, "bad")
    found = await page(world)
    assert flat(found.all("label", class_="pick")[0]) == "時間がかかった"
    form = {"reasons": [USUAL_REASONS[0], USUAL_REASONS[2], "forged"], "remark": " 返事が遅い \0"}
    assert (await ask(world, "POST", data=form)).headers["location"] == f"/rate/{TOKEN}?kept=yes"
    assert (kept().reasons, kept().remark) == ([USUAL_REASONS[0], USUAL_REASONS[2]], "返事が遅い")
    again = read((await ask(world, token=f"{TOKEN}?kept=yes")).text)
    assert "保存しました" in flat(again) and again.all("textarea")[0].text == "返事が遅い"
    assert len([each for each in again.all("input", name="reasons") if "checked" in each.attributes]) == 2


async def test_the_answer_can_be_changed(world: World) -> None:
    await click(world, "bad")
    await ask(world, "POST", data={"remark": "返事が遅い"})
    await click(world, "good")
    assert (kept().score, kept().remark, kept().due_at) == ("good", "", None)
    assert [flat(each) for each in (await page(world)).all("button")] == ["「よくなかった」に変える"]


async def test_the_companys_own_reasons_are_shown_as_they_are(world: World) -> None:
    with world.rules(survey=type(rules.survey)(reasons=("{n} & <b>", "電話がつながらない"))):
        await click(world, "bad")
        found = await page(world)
        assert [flat(each) for each in found.all("label", class_="pick")] == ["{n} & <b>", "電話がつながらない"]


@pytest.mark.parametrize("text", CORPUS)
async def test_whatever_is_remarked_stays_text(world: World, text: str) -> None:
    await click(world, "bad")
    await ask(world, "POST", data={"remark": text})
    found = await page(world)
    assert found.all("script") == [] and found.all("img") == []


async def test_it_speaks_the_customers_language(world: World) -> None:
    store.write(partial(lambda session: setattr(session.get_one(Contact, "c901"), "language", "en-GB")))
    found = await page(world, **{"Accept-Language": "ja"})
    assert [flat(each) for each in found.all("button")] == ["◯It was good", "✕It was not good"]
    assert found.all("html")[0].attributes["lang"] == "en"
