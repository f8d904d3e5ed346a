"""Who answers for a company, by hand: also that it is nobody any more, whatever others say."""

from __future__ import annotations

from functools import partial
from itertools import product

import pytest
from sqlmodel import select

from tests.escalating import AGENT, DEPUTY, MANAGER, OWNER
from tests.pages.escalated import put
from tests.pages.reading import get
from tests.world import World
from workflows.customer import owners
from workflows.engine.store import now_ms, store
from workflows.escalation import gaps
from workflows.tables.columns import copy_of
from workflows.tables.customer import Company, Owner
from workflows.tables.people import Colleague

FALLBACK = [{"role": "fallback", "person": "U0LEAD"}]


@pytest.fixture
def known(world: World) -> World:
    """A company whose people were imported."""
    store.write(lambda session: session.merge(Company(id="101", name="株式会社あおば製作所")))
    people = {"owner": OWNER, "deputy": DEPUTY, "manager": "hayashi@x.example"}
    store.write(lambda session: owners.import_all(session, {"101": people}, "x"))
    return world


def by_hand(**people: str) -> None:
    """Somebody sends the form."""
    store.write(lambda session: owners.put_by_hand(session, "101", people, AGENT))


def people() -> dict[str, str]:
    """Who has which role."""
    return store.read(lambda session: owners.of(session, "101"))


def written() -> set[tuple[str, str]]:
    """What is kept by hand: role and person."""
    rows = store.read(lambda session: session.exec(select(Owner).where(Owner.origin == "hand")).all())
    return {(row.role, row.person) for row in rows}


def test_whoever_is_taken_out_by_hand_stays_out(known: World) -> None:
    by_hand(owner=OWNER, deputy="", manager=MANAGER)
    assert people() == {"owner": OWNER, "manager": MANAGER}
    store.write(lambda session: owners.import_all(session, {"101": {"deputy": DEPUTY}}, "x"))
    store.write(lambda session: owners.put(session, "101", {"deputy": DEPUTY}, "intercom"))
    assert people() == {"owner": OWNER, "manager": MANAGER}


def test_only_what_changed_is_kept_as_set_by_hand(known: World) -> None:
    by_hand(owner=OWNER, deputy=MANAGER, manager="")
    assert written() == {("deputy", MANAGER)}
    store.write(lambda session: owners.import_all(session, {"101": {"owner": DEPUTY}}, "x"))
    assert people() == {"owner": DEPUTY, "deputy": MANAGER, "manager": "hayashi@x.example"}


def test_whom_a_form_can_show_by_their_address_can_be_taken_out(known: World) -> None:
    store.write(lambda session: session.add(Colleague(id=MANAGER, email="hayashi@x.example", seen_at=now_ms())))
    assert store.read(lambda session: owners.shown(session, "101"))["manager"] == MANAGER
    by_hand(manager=MANAGER)
    assert written() == set()
    by_hand(manager="")
    assert people() == {"owner": OWNER, "deputy": DEPUTY}


def test_somebody_who_was_taken_out_can_be_set_again(known: World) -> None:
    by_hand(deputy="")
    by_hand(deputy=DEPUTY)
    assert people()["deputy"] == DEPUTY


def test_who_was_taken_out_is_nobody_on_the_page_and_in_the_file(known: World) -> None:
    by_hand(owner="")
    row = next(row for row in get(known, "/owners").all("tr") if row.attributes.get("data-name") == "101")
    assert "顧客担当が未登録" in row.text and OWNER not in row.text
    file = known.request("GET", "/owners.csv").content.decode("utf-8-sig")
    assert f"101,株式会社あおば製作所,,{DEPUTY},hayashi@x.example,,import,import" in file


def test_a_company_without_anybody_since_somebody_was_taken_out_is_a_gap(known: World) -> None:
    put(known, company_id="101", chain=FALLBACK, role="fallback", raised_at=now_ms() - 1000)
    by_hand(owner="")
    assert [(gap.company_id, gap.why) for gap in store.read(gaps.gaps)] == [("101", gaps.NO_OWNER)]


# -- as Intercom says -----------------------------------------------------------------------------


def test_whom_intercom_names_is_known_as_soon_as_the_company_is_seen(world: World) -> None:
    world.wish(0)
    assert people() == {
        "owner": "mori@kanade.example",
        "deputy": "okada@kanade.example",
        "manager": "hayashi@kanade.example",
    }
    assert {origin for _, origin, _ in rows()} == {"intercom"}
    assert "株式会社あおば製作所" in get(world, "/owners").text


def test_whoever_was_imported_counts_more_than_whom_intercom_names(known: World) -> None:
    known.wish(0)
    assert people()["owner"] == OWNER


def rows() -> set[tuple[str, str, str]]:
    """Role, origin and person of everything that is kept."""
    return {(row.role, row.origin, row.person) for row in store.read(lambda session: session.exec(select(Owner)).all())}


#: What each origin may say of a company: nothing, somebody, or (by hand) that it is nobody.
SAID = {"hand": (None, "U0HAND", ""), "import": (None, "bulk@x.example"), "intercom": (None, "U0SEEN")}


def test_of_many_companies_the_same_origin_counts_as_of_one(world: World) -> None:
    rows = [
        Owner(company_id=f"k{number}", role="owner", origin=origin, person=person, set_at=1)
        for number, said in enumerate(product(*SAID.values()))
        for origin, person in zip(SAID, said, strict=True)
        if person is not None
    ]
    store.write(lambda session: session.add_all([copy_of(row) for row in rows]))
    ids = sorted({row.company_id for row in rows})
    many = store.read(partial(owners.owners_of, company_ids=ids))
    ones = {id: store.read(partial(owners.shown, company_id=id)).get("owner", "") for id in ids}
    assert many == {id: person for id, person in ones.items() if person}
    assert set(many.values()) == {"U0HAND", "bulk@x.example", "U0SEEN"} and len(many) < len(ids)
