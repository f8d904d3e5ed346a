"""Handing over on its pages: who may, what is wrong, what will happen, what came of it, and how it is undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from tests.pages.escalated import put
from tests.pages.reading import SAME_ORIGIN, Element, fields, flat, get, press
from tests.pages.signing_in import real
from tests.world import World
from workflows.engine.store import store
from workflows.people import colleagues
from workflows.people.may import HAND_OVER
from workflows.rules.access import Access
from workflows.tables.enquiry import KnowHow
from workflows.tables.escalation import Escalation
from workflows.tables.people import Colleague, Deed

TANAKA, SATO, LEAD, SUZUKI = "U0TANAKA", "U0SATO", "U0LEAD", "U0SUZUKI"
TITLE = "<b>請求書</b>の案内"


@pytest.fixture
def world(sqlite_world: World) -> Iterator[World]:
    """Tanaka has an escalation and looks after an answer; everybody but the leads may only look."""
    world = sqlite_world
    for person in (TANAKA, SATO, LEAD, SUZUKI):
        colleagues.met(person)
    put(world, person=TANAKA)
    store.write(lambda session: session.add(KnowHow(title=TITLE, owner=TANAKA, made_at=1, changed_at=1, origin="a")))
    real(world)
    with world.rules(access=Access(operators=("u0lead",), everyone="viewer")):
        yield world


def chosen(*kinds: str, to: str = SATO) -> str:
    """The address of the second page."""
    return f"/hand-over/confirm?from={TANAKA}&to={to}" + "".join(f"&kind={kind}" for kind in kinds)


def test_what_whoever_takes_over_may_only_look_at_is_said_before(world: World) -> None:
    world.sign_in(LEAD)
    said = {to: get(world, chosen("escalations", "answers", to=to)).all("li") for to in (SATO, LEAD)}
    warned = {
        to: [li.attributes["data-kind"] for li in all if "閲覧しかできません" in li.text] for to, all in said.items()
    }
    assert warned == {SATO: ["answers"], LEAD: []}


def handed(world: World, *kinds: str) -> Element:
    """It is handed over, and done; the page that says what came of it."""
    [form] = get(world, chosen(*kinds)).all("form", action="/hand-over")
    address = sent(world, form)
    world.settle()
    return get(world, address)


def sent(world: World, form: Element) -> str:
    """The form as a browser sends it, with every kind; where that leads."""
    kinds = [each.attributes["value"] for each in form.all("input", name_="kind")]
    answer = world.request("POST", "/hand-over", data=fields(form) | {"kind": kinds}, headers=SAME_ORIGIN)
    assert answer.status_code == 303, answer.text[:300]
    return str(answer.headers["location"])


def undo(page: Element) -> list[Element]:
    """The form that undoes it, if it is offered."""
    return [each for each in page.all("form") if each.attributes.get("action", "").endswith("/back")]


def owners() -> tuple[str, str]:
    """Who has the escalation, and who the answer."""

    def work(session: Session) -> tuple[str, str]:
        return session.exec(select(Escalation)).one().person, session.exec(select(KnowHow)).one().owner

    return store.read(work)


def kinds(page: Element) -> dict[str, int]:
    """How many of each kind are shown."""
    sections = [each for each in page.all("section") if "data-kind" in each.attributes]
    return {each.attributes["data-kind"]: int(each.all("span", class_="count")[0].text) for each in sections}


# -- refusals -------------------------------------------------------------------------------------


def test_nobody_sees_or_hands_over_what_is_somebody_elses(world: World) -> None:
    world.sign_in(SUZUKI)
    get(world, f"/hand-over?from={TANAKA}", 403)
    get(world, chosen("escalations"), 403)
    form = {"from": TANAKA, "to": SUZUKI, "kind": "escalations", "csrf": world.csrf}
    assert press(world, "/hand-over", **form).status_code == 403
    assert owners() == (TANAKA, TANAKA)


@pytest.mark.parametrize("path", ["/hand-over/nothing", "/hand-over/%00", "/hand-over?from=U0NOBODY"])
def test_what_is_nowhere_has_no_page(world: World, path: str) -> None:
    world.sign_in(LEAD)
    get(world, path, 404)


def test_nobody_undoes_what_is_none(world: World) -> None:
    world.sign_in(LEAD)
    assert press(world, "/hand-over/nothing/back", csrf=world.csrf).status_code == 404


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (chosen("escalations", to=""), "引き継ぎ先を選んでください"),
        (chosen("escalations", to="U0NOBODY"), "引き継ぎ先を選んでください"),
        (chosen("escalations", to=TANAKA), "本人以外の人"),
        (chosen("companies"), "1つ以上"),
        (chosen(), "1つ以上"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_happens(world: World, address: str, said: str) -> None:
    world.sign_in(LEAD)
    page = get(world, address, 400)
    assert said in flat(page.all("p", class_="refused")[0]) and owners() == (TANAKA, TANAKA)


def test_nobody_takes_over_who_has_left(world: World) -> None:
    world.sign_in(LEAD)
    store.write(lambda session: setattr(session.get_one(Colleague, SATO), "left", True))
    assert "Slackで" in flat(get(world, chosen("escalations"), 400).all("p", class_="refused")[0])


# -- what is shown, and done ----------------------------------------------------------------------


def test_everything_that_is_open_is_counted_and_named_as_text(world: World) -> None:
    world.sign_in(LEAD)
    page = get(world, f"/hand-over?from={TANAKA}")
    assert {kind: n for kind, n in kinds(page).items() if n} == {"escalations": 1, "answers": 1}
    assert TITLE in page.text and page.all("a", href="/escalations/E-1")
    assert "エスカレーション1件を佐藤 健さんに引き継ぎます" in flat(get(world, chosen("escalations")))


def test_a_lead_hands_over_what_was_ticked_and_undoes_it(world: World) -> None:
    world.sign_in(LEAD)
    page = handed(world, "escalations")
    assert owners() == (SATO, TANAKA) and kinds(page) == {"escalations": 1}
    [form] = undo(page)
    answer = press(world, form.attributes["action"], **fields(form))
    world.settle()
    assert owners() == (TANAKA, TANAKA)
    assert not undo(get(world, answer.headers["location"]))
    deeds = store.read(lambda session: session.exec(select(Deed).where(Deed.deed == HAND_OVER)).all())
    assert [(each.person, each.facts["name"], each.facts["n"]) for each in deeds] == [(LEAD, "田中 みなみ", 1)] * 2
    assert get(world, "/hand-over").all("a", href=answer.headers["location"])


def test_everybody_hands_over_their_own_and_gets_it_back(world: World) -> None:
    world.sign_in(TANAKA)
    assert not get(world, "/hand-over").all("select", id="from")
    page = handed(world, "escalations", "answers")
    assert owners() == (SATO, SATO)
    world.sign_in(SATO)
    assert not undo(get(world, _address(page)))
    assert press(world, f"{_address(page)}/back", csrf=world.csrf).status_code == 403
    world.sign_in(TANAKA)
    assert press(world, f"{_address(page)}/back", csrf=world.csrf).status_code == 303
    world.settle()
    assert owners() == (TANAKA, TANAKA)
    world.sign_in(SUZUKI)
    get(world, _address(page), 404)


def _address(page: Element) -> str:
    [form] = undo(page)
    return form.attributes["action"].removesuffix("/back")


def test_what_could_not_be_done_says_why(world: World) -> None:
    world.sign_in(LEAD)
    [form] = get(world, chosen("escalations", "answers")).all("form", action="/hand-over")
    address = sent(world, form)
    assert get(world, address).all("p", role="status")[0].attributes["data-open"] == "2"
    store.write(lambda session: setattr(session.exec(select(KnowHow)).one(), "owner", SUZUKI))
    world.settle()
    page = get(world, address)
    [left] = [each for each in page.all("li") if each.attributes.get("data-standing") == "stayed"]
    assert "すでに別の人が担当しています" in left.text and owners() == (SATO, SUZUKI)


def test_in_the_demo_whoever_one_is_hands_over(sqlite_world: World) -> None:
    for person in (TANAKA, SATO, LEAD):
        colleagues.met(person)
    put(sqlite_world, person=TANAKA)
    [form] = get(sqlite_world, chosen("escalations")).all("form", action="/hand-over")
    address = sent(sqlite_world, form)
    sqlite_world.settle()
    page = get(sqlite_world, address)
    assert page.all("p", role="status")[0].attributes["data-moved"] == "1"
