"""How often colleagues are asked, on its page: all agents together, and whoever reads; never somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as xml

import pytest

from integrations.contract import Transient
from tests.pages.reading import Element, flat, get
from tests.pages.signing_in import real
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.people import agents
from workflows.tables.enquiry import Ask, Wait

ADMINS = {"U0TANAKA": "7001", "U0SATO": "7002", "U0SUZUKI": "7003"}
NO_AGENT = "U0MORI"
PICTURE = "/enquiries/learning/curve.svg"


@pytest.fixture(params=["demo", "service"])
def world(request: pytest.FixtureRequest, sqlite_world: World) -> Iterator[World]:
    """A demo, or a service into which somebody has signed in; Slack's people are known by their addresses."""
    if request.param == "service":
        real(sqlite_world)
    be(sqlite_world, "U0TANAKA")
    with sqlite_world.rules(colleagues={f"agent{admin}@kanade.example": user for user, admin in ADMINS.items()}):
        yield sqlite_world


def be(world: World, person: str) -> None:
    """Somebody reads."""
    world.browser.cookies.set("me", person, domain="127.0.0.1")
    world.sign_in(person)


def answered(chat: str, by: str) -> None:
    """An agent has answered a customer a moment ago."""
    at = now_ms() - 1000
    row = Wait(conversation_id=chat, since=at - 1000, kind="first", target=5, answer_by=at)
    over = row.model_dump() | {"ended": "answered", "ended_at": at, "ended_by": by}
    store.write(lambda session: session.add(Wait(**over)))


def asked(chat: str, person: str, skill: str = "請求", ago: int = 1000) -> None:
    """Somebody has asked colleagues about a chat."""
    row = {"conversation_id": chat, "skill": skill, "question": "?", "origin": chat + skill, "person": person}
    store.write(lambda session: session.add(Ask(**row, asked_at=now_ms() - ago)))


def figures(page: Element) -> dict[str, list[str]]:
    """By months since the first answer: everybody's, and one's own."""
    rows = [row for row in page.all("tr") if "data-months" in row.attributes]
    return {row.attributes["data-months"]: [flat(cell) for cell in row.all("td")] for row in rows}


def words(world: World, address: str = PICTURE) -> str:
    """All that a picture says."""
    return "".join(xml.fromstring(world.request("GET", address).text).itertext())


# -- nothing --------------------------------------------------------------------------------------


def test_without_figures_it_says_what_fills_it(world: World) -> None:
    page = get(world, "/enquiries/learning")
    assert "3人がお客様に回答すると表示されます" in page.text and "確認お願いします" in page.text
    assert figures(page) == {} and not page.all("img")
    assert words(world)


def test_few_agents_are_not_shown_and_everybody_sees_themselves_alone(world: World) -> None:
    answered("1", "7001")
    answered("2", "7002")
    asked("2", "U0SATO")
    assert figures(get(world, "/enquiries/learning")) == {"0": ["—", "0% 0/1"]}
    be(world, "U0SATO")
    assert figures(get(world, "/enquiries/learning")) == {"0": ["—", "100% 1/1"]}
    be(world, NO_AGENT)
    page = get(world, "/enquiries/learning")
    assert figures(page) == {} and not page.all("img")


@pytest.mark.parametrize("query", ["person=U0SATO", "admin_id=7002", "me=U0SATO"])
def test_no_address_asks_for_somebody_else(world: World, query: str) -> None:
    answered("2", "7002")
    assert figures(get(world, f"/enquiries/learning?{query}")) == {}
    assert world.request("GET", f"{PICTURE}?{query}").text == world.request("GET", PICTURE).text


def test_where_intercom_does_not_answer_the_rest_is_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> None:
        raise Transient("Intercom did not answer (ReadTimeout)")

    answered("1", "7001")
    asked("1", "U0TANAKA")
    monkeypatch.setattr(agents, "everybody", silent)
    page = get(world, "/enquiries/learning")
    assert "今は表示できません" in page.text and figures(page) == {} and "請求" in page.text
    assert words(world)


@pytest.mark.parametrize("vendor", ["intercom", "slack"])
def test_with_a_vendor_off_it_answers(world: World, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendors, vendor, None)
    asked("1", "U0TANAKA")
    page = get(world, "/enquiries/learning")
    assert ("今は表示できません" in page.text) is (vendor == "intercom") and "請求" in page.text
    assert words(world)


# -- figures --------------------------------------------------------------------------------------


def test_everybody_beside_oneself(world: World) -> None:
    for user, admin in ADMINS.items():
        answered(f"{admin}a", admin)
        answered(f"{admin}b", admin)
        if user != "U0TANAKA":
            asked(f"{admin}b", user)
    assert figures(get(world, "/enquiries/learning")) == {"0": ["33% 2/6", "0% 0/2"]}
    be(world, NO_AGENT)
    page = get(world, "/enquiries/learning")
    assert figures(page) == {"0": ["33% 2/6"]} and "自分の数字はありません" in page.text
    assert "All agents together" in words(world, f"{PICTURE}?lang=en") and "全員" in words(world, f"{PICTURE}?lang=ja")


def test_an_agent_who_has_answered_nobody_is_told_when_their_figures_come(world: World) -> None:
    for admin in ADMINS.values():
        answered(admin, admin)
    be(world, "U0LEAD")
    with world.rules(colleagues={"lead@kanade.example": "U0LEAD"}):
        page = get(world, "/enquiries/learning")
    assert "自分の数字は、最初の回答の後に表示されます" in page.text
    assert "自分" not in words(world) and "全員" in words(world)


def test_each_skill_by_the_month(world: World) -> None:
    for number in range(3):
        asked(str(number), "U0SATO")
    asked("9", "U0SATO", skill="")
    asked("8", "U0SATO", skill="昔", ago=250 * 24 * 3600_000)
    rows = [row for row in get(world, "/enquiries/learning").all("tr") if "data-skill" in row.attributes]
    found = {flat(row.all("th")[0]): [flat(cell) for cell in row.all("td")] for row in rows}
    assert found == {"(人を指定)": [*["0"] * 5, "1", "1"], "請求": [*["0"] * 5, "3", "3"]}


def test_the_picture_is_for_either_paper_and_for_a_phone(world: World) -> None:
    answered("1", "7001")
    light, dark = (world.request("GET", f"{PICTURE}?theme={theme}").text for theme in ("light", "dark"))
    assert light != dark and "<script" not in light
    assert float(xml.fromstring(world.request("GET", f"{PICTURE}?size=narrow").text).attrib["width"]) < 390
    [image] = get(world, "/enquiries/learning").all("img")
    assert "表に同じ数字があります" in image.attributes["alt"]
