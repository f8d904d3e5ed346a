"""On the pages: whose turn a telling is that nobody can tell in its conversation, and what they may do with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from sqlmodel import Session, delete

from tests.pages.reading import get, press
from tests.pages.signing_in import real
from tests.releasing import released, telling
from tests.world import World
from workflows.customer import owners
from workflows.engine.store import store
from workflows.rules.access import Access
from workflows.tables.customer import Contact, Conversation, Owner
from workflows.telling import desk, drafts

OWNER = "U0OKADA"


@pytest.fixture
def world(sqlite_world: World) -> Iterator[World]:
    """The first chat became a ticket; its company's owner may only look, as everybody but the leads."""
    world = sqlite_world
    company = world.wish(0).company_id or ""
    store.write(partial(owners.put_by_hand, company_id=company, people={"owner": OWNER}, by="斎藤"))
    world.intercom.convert_to_ticket(world.chats[0])
    released(world, 0)
    real(world)
    with world.rules(access=Access(operators=("u0lead",), everyone="viewer")):
        yield world


def name(world: World) -> str:
    return desk.name_of(telling(world, 0))


def colleague(session: Session, company_id: str) -> None:
    session.add(Contact(id="c999", name="高橋 誠", company_id=company_id))
    session.add(Conversation(id="999", url="", state="open", contact_id="c999", company_id=company_id, created_at=1))


def test_whose_it_is_not_presses_in_vain(world: World) -> None:
    world.sign_in("U0SUZUKI")
    page = get(world, f"/drafts?whose=all&at={name(world)}")
    assert not [form for form in page.all("form") if form.attributes.get("action", "").startswith("/drafts/t")]
    for verb in ("take", "told", "choose"):
        assert press(world, f"/drafts/{verb}/{name(world)}", how="phone", conversation="999").status_code == 403
    assert drafts.standing(telling(world, 0)) == "with-owner"


def test_a_way_that_is_none_and_a_person_who_was_not_offered_change_nothing(world: World) -> None:
    world.sign_in("U0LEAD")
    assert press(world, f"/drafts/told/{name(world)}", how="pigeon").status_code == 409
    assert press(world, f"/drafts/choose/{name(world)}", conversation=world.chats[2]).status_code == 409
    assert press(world, "/drafts/take/4711:9/215").status_code == 404
    assert (telling(world, 0).via, telling(world, 0).state) == ("", "drafted")


def test_the_owner_finds_it_at_home_takes_it_over_and_says_how_they_told_them(world: World) -> None:
    world.sign_in(OWNER)
    assert "会話では連絡できないお客様です" in get(world, "/").text
    page = get(world, "/drafts")
    assert "チケットに変換されています" in page.text
    assert press(world, f"/drafts/take/{name(world)}").status_code == 303
    assert (telling(world, 0).holder, telling(world, 0).held_as) == (OWNER, "self")
    assert press(world, f"/drafts/told/{name(world)}", how="phone").status_code == 303
    assert (telling(world, 0).state, telling(world, 0).channel) == ("told", "phone")


def test_the_list_says_who_has_it_since_when_and_why(world: World) -> None:
    world.sign_in("U0LEAD")
    for address in ("/tellings", "/tellings?standing=with-owner"):
        text = get(world, address).text
        assert "顧客担当の岡田 彩さんが連絡します" in text and "チケットに変換されています" in text
    assert "岡田 彩" in world.request("GET", "/tellings.csv").text
    assert "顧客担当が連絡" in get(world, f"/releases/{world.stage.issues['KNDE-12']}").text


def test_a_colleague_is_chosen_and_can_be_written_to_then(world: World) -> None:
    store.write(partial(colleague, company_id=world.feedback(0)[0].company_id or ""))
    world.sign_in("U0LEAD")
    assert "高橋 誠" in get(world, f"/drafts?at={name(world)}").text
    assert press(world, f"/drafts/choose/{name(world)}", conversation="999").status_code == 303
    page = get(world, f"/drafts?at={name(world)}")
    assert [form for form in page.all("form") if form.attributes.get("action", "").startswith("/drafts/approve/")]
    assert "高橋様" in telling(world, 0).draft


def test_companies_without_an_owner_that_wait_are_listed(world: World) -> None:
    world.sign_in("U0LEAD")
    assert "連絡待ちで、顧客担当がいない会社" not in get(world, "/owners").text
    store.write(lambda session: session.exec(delete(Owner)) and None)
    page = get(world, "/owners")
    assert "連絡待ちで、顧客担当がいない会社" in page.text
