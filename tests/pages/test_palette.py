"""The palette: what is offered while somebody types, for whom; and single-letter keys that can be switched off."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.meeting import filed, firm
from tests.pages.escalated import put
from tests.pages.hostile import CORPUS, check
from tests.pages.reading import Element, flat, get
from tests.pages.signing_in import real
from tests.world import World
from workflows.customer import companies
from workflows.engine.store import now_ms, store
from workflows.search import indexing


@pytest.fixture(params=["demo", "service"])
def world(request: pytest.FixtureRequest, sqlite_world: World) -> World:
    """A company with a request, an escalation, a conversation and an issue that can all be found."""
    world = sqlite_world
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    put(world)
    indexing.catch_up()
    if request.param == "service":
        real(world)
        world.sign_in()
    return world


def offers(world: World, typed: str, **headers: str) -> dict[str, list[Element]]:
    """What is offered, by the name of its group; the way to everything else aside."""
    page = get(world, f"/find?q={quote(typed)}", **headers)
    groups = page.all("div", role="group")
    named = {each.attributes.get("aria-labelledby", "rest").removeprefix("offers-"): each for each in groups}
    return {name: group.all("a", role="option") for name, group in named.items()}


def addresses(options: list[Element]) -> list[str]:
    """Where options lead."""
    return [each.attributes["href"] for each in options]


# -- what is offered ------------------------------------------------------------------------------


def test_before_anything_is_typed_every_page_of_the_reader_is_offered(world: World) -> None:
    found = offers(world, " ")
    assert list(found) == ["pages"]
    assert {"/", "/board", "/promises", "/triage/decided", "/measures", "/owners", "/setup"} <= set(
        addresses(found["pages"])
    )


def test_nobody_is_offered_a_room_that_their_menu_does_not_show(sqlite_world: World) -> None:
    real(sqlite_world)
    sqlite_world.sign_in("U0MORI")
    found = addresses(offers(sqlite_world, "")["pages"])
    assert "/escalations" in found and not {"/deliveries", "/setup"} & set(found)


def test_pages_are_found_by_their_names_in_the_readers_language(world: World) -> None:
    assert addresses(offers(world, "顧客担当")["pages"]) == ["/owners"]
    assert addresses(offers(world, "escal", accept_language="en")["pages"]) == ["/escalations", "/measures"]


def test_an_exact_code_comes_first_in_any_case_and_width(world: World) -> None:
    for typed, address in (("fb-1", "/feedback/1"), ("ＦＢ－１", "/feedback/1"), ("E-1", "/escalations/E-1")):
        found = offers(world, typed)
        assert next(iter(found)) == "codes" and addresses(found["codes"]) == [address], typed
    assert addresses(offers(world, "knde-12")["codes"]) == ["/feedback/1"]
    assert "codes" not in offers(world, "FB-404") and "codes" not in offers(world, "FB")


def test_companies_people_and_what_was_said_are_found(world: World) -> None:
    found = offers(world, "あおば")
    assert addresses(found["companies"]) == ["/companies/101"]
    found = offers(world, "山本")
    [person] = found["people"]
    assert person.attributes["href"] == "/companies/101" and "株式会社あおば製作所" in flat(person)
    found = offers(world, "部署コード")
    places = [address.partition("#")[0] for address in addresses(found["said"])]
    assert "/feedback/1" in places and len(places) == len(set(places))
    assert addresses(found["rest"]) == [f"/search?q={quote('部署コード')}"]


def test_a_company_and_a_person_are_found_in_full_width_too(world: World) -> None:
    row = {"id": "c905", "name": "Ａｎｎ Lee", "email": "", "company_id": "905", "language": ""}
    company = {"id": "905", "name": "ＡＢＣ商事", "tier": "", "mrr": 0.0}
    chat = {"id": "8905", "url": "", "created_at": now_ms(), "company_id": "905", "contact_id": "c905"}
    store.write(lambda session: companies.remember(session, chat, row, company))
    assert addresses(offers(world, "ABC")["companies"]) == ["/companies/905"]
    assert addresses(offers(world, "Ann")["people"]) == ["/companies/905"]


def test_every_option_has_its_own_id_and_one_place_for_the_choice(world: World) -> None:
    page = get(world, f"/find?q={quote('あおば')}")
    ids = [each.attributes["id"] for each in page.all("a", role="option")]
    assert len(ids) == len(set(ids)) and ids[-1] == "offer-rest"


def test_strange_words_find_nothing_strange(sqlite_world: World) -> None:
    for typed in ("%", "_", "\\", '"', "\0", "\u202e", "ア" * 300, "a b c d e f g h i j k l"):
        check(get(sqlite_world, f"/find?q={quote(typed)}"))


def test_what_wants_to_be_more_than_text_stays_text(sqlite_world: World) -> None:
    for number, text in enumerate(CORPUS):
        firm(f"h{number}", text[:200])
        filed(text, f"h{number}")
    indexing.catch_up()
    for text in CORPUS:
        check(get(sqlite_world, f"/find?q={quote(text[:20])}"))


# -- how it is reached ----------------------------------------------------------------------------


def test_without_scripts_both_forms_lead_to_the_search(world: World) -> None:
    page = get(world, "/setup")
    forms = page.all("form", role="search")
    assert len(forms) == 2 and {form.attributes["action"] for form in forms} == {"/search"}
    [icon] = [each for each in page.all("a") if "data-palette" in each.attributes]
    assert icon.attributes["href"] == "/search" and "検索" in icon.text
    [field] = page.all("dialog", id="palette")[0].all("input")
    assert field.attributes["role"] == "combobox" and field.attributes["aria-controls"] == "offered"
    assert page.all("div", id="offered", role="listbox")


def test_whoever_is_not_signed_in_has_no_palette(sqlite_world: World) -> None:
    real(sqlite_world)
    page = get(sqlite_world, "/sign-in")
    assert not page.all("dialog", id="palette") and "palette.js" not in str(page)
    assert sqlite_world.request("GET", "/find?q=a").status_code == 303


# -- single letters -------------------------------------------------------------------------------


def test_single_letter_keys_can_be_switched_off_and_that_is_remembered(world: World) -> None:
    def state(path: str) -> str:
        return get(world, path).all("html")[0].attributes["data-keys"]

    assert state("/setup") == "on"
    [off] = [each for each in get(world, "/setup").all("a", href="/setup?keys=off")]
    assert off.text == "オフ"
    answer = world.request("GET", "/setup?keys=off")
    assert "HttpOnly" in answer.headers["set-cookie"] and "SameSite=lax" in answer.headers["set-cookie"]
    assert state("/triage") == "off" and state("/triage?keys=loud") == "off"
    assert "1文字のショートカットはオフです。" in get(world, "/triage").text
    assert state("/?keys=on") == "on" and state("/board") == "on"
