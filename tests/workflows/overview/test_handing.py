"""Handing over: what is open for somebody goes to somebody else, once and nothing else, and back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session, select

from integrations.twin import Fault
from tests.enquiring import Enquiring
from tests.pages.escalated import put
from tests.world import World
from workflows.customer import owners
from workflows.engine.outcome import Refused
from workflows.engine.store import now_ms, store
from workflows.escalation import answers, cases
from workflows.overview import handing_over, handings
from workflows.overview.handing_over import ANSWERS, BACKGROUNDS, CHATS, COMPANIES, DRAFTS, ESCALATIONS, Who
from workflows.overview.handings import MOVED, OPEN, STAYED, Handing
from workflows.people import colleagues
from workflows.rules.access import Access
from workflows.tables.customer import Owner
from workflows.tables.enquiry import KnowHow
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, Issue
from workflows.telling import dead_ends

TANAKA, SATO, LEAD = "U0TANAKA", "U0SATO", "U0LEAD"
ADMIN = {TANAKA: "7001", SATO: "7002"}


@pytest.fixture
def desk(world: World) -> Enquiring:
    """Everybody was met; Tanaka has an open conversation."""
    for person in (TANAKA, SATO, LEAD):
        colleagues.met(person)
    return Enquiring(world)


def who(person: str) -> Who:
    found = handing_over.who(person)
    assert found is not None
    return found


def chat_of(desk: Enquiring, admin: str = "7001") -> str:
    """A new conversation that is with this teammate."""
    chat = desk.asks("請求書が出ません")
    desk.intercom.books.conversations[chat].assignee_id = admin
    desk.answers(chat, "確認します。", admin)
    return chat


def planned(*kinds: str, by: str = LEAD, id: str = "h1") -> Handing:
    """Tanaka's things of these kinds are to go to Sato."""
    handing = Handing(id, who(TANAKA), who(SATO), by)
    parts = store.read(partial(handing_over.parts, giver=handing.giver))
    handings.begin(handing, [part for part in parts if part.kind in kinds])
    return handing


def standing(handing: Handing) -> dict[str, str]:
    """How each thing stands, by its name."""
    return {each.target: each.standing for each in store.read(partial(handings.things_of, handing=handing))}


def assigned(desk: Enquiring, chat: str) -> str:
    return str(desk.intercom.books.conversations[chat].assignee_id)


def escalation(id: int) -> Escalation:
    return store.read(lambda session: session.get_one(Escalation, id))


# -- refusals -------------------------------------------------------------------------------------


def test_whoever_has_lost_the_right_by_then_moves_nothing(world: World, desk: Enquiring) -> None:
    chat = chat_of(desk)
    with world.rules(access=Access(everyone="agent")):
        handing = planned(CHATS, by=SATO)
        world.settle()
    assert standing(handing) == {chat: STAYED} and assigned(desk, chat) == "7001"


@pytest.mark.fault("F92")
def test_what_is_snoozed_closed_or_somebody_elses_by_then_stays(world: World, desk: Enquiring) -> None:
    snoozed, closed, others, open_ = (chat_of(desk) for _ in range(4))
    handing = planned(CHATS)
    books = desk.intercom.books.conversations
    books[snoozed].state, books[closed].state, books[others].assignee_id = "snoozed", "closed", "7003"
    world.settle()
    assert standing(handing) == {snoozed: STAYED, closed: STAYED, others: STAYED, open_: MOVED}
    assert (books[snoozed].state, books[closed].state, assigned(desk, others)) == ("snoozed", "closed", "7003")


def test_what_runs_cannot_be_undone_and_an_undo_is_not_undone(world: World, desk: Enquiring) -> None:
    chat = chat_of(desk)
    handing = planned(CHATS)
    assert standing(handing) == {chat: OPEN}
    with pytest.raises(Refused):
        handings.take_back(handing.id, LEAD, "")
    world.settle()
    back = handings.take_back(handing.id, LEAD, "")
    world.settle()
    for id in (back, "nobody's"):
        with pytest.raises(Refused):
            handings.take_back(id, LEAD, "")


# -- what is open ---------------------------------------------------------------------------------


def test_nothing_is_open_for_somebody_who_has_nothing(world: World, desk: Enquiring) -> None:
    parts = store.read(partial(handing_over.parts, giver=who(SATO)))
    assert [part.kind for part in parts] == list(handing_over.KINDS)
    assert [part.items for part in parts] == [[]] * len(parts)


def test_a_stranger_is_nobody(desk: Enquiring) -> None:
    assert handing_over.who("U0NOBODY") is None and handing_over.who("operator") is None


# -- moved, and back ------------------------------------------------------------------------------


@pytest.mark.fault("F92")
def test_conversations_are_assigned_once_and_come_back(world: World, desk: Enquiring) -> None:
    chat = chat_of(desk)
    handing = planned(CHATS)
    planned(CHATS)  # the form is sent once more
    world.settle()
    assert (standing(handing), assigned(desk, chat)) == ({chat: MOVED}, "7002")
    later = chat_of(desk, "7002")
    handings.take_back(handing.id, LEAD, "")
    handings.take_back(handing.id, LEAD, "")
    world.settle()
    assert (assigned(desk, chat), assigned(desk, later)) == ("7001", "7002")


def test_escalations_are_handed_on_and_do_not_climb_back_first(world: World, desk: Enquiring) -> None:
    chain = [{"role": "owner", "person": TANAKA}, {"role": "deputy", "person": "U0OKADA"}]
    theirs = put(world, person=TANAKA, next_person=TANAKA, chain=chain, state="acknowledged")
    others = put(world)
    handing = planned(ESCALATIONS)
    world.settle()
    row = escalation(theirs)
    assert (row.person, row.state, row.chain[-1]["person"]) == (SATO, "open", TANAKA)
    assert standing(handing) == {str(theirs): MOVED} and escalation(others).person == "U0MORI"
    assert [each.verb for each in _said(theirs)].count("slack.hand-on") == 1


def _said(id: int) -> list[Action]:
    query = select(Action).where(Action.escalation_id == id)
    return list(store.read(lambda session: session.exec(query).all()))


def test_an_escalation_that_somebody_finished_meanwhile_stays(world: World, desk: Enquiring) -> None:
    id = put(world, person=TANAKA)
    handing = planned(ESCALATIONS)
    done = partial(cases.alter, escalation_id=id, change=lambda row: setattr(row, "state", "done"))
    store.write(done)
    world.settle()
    assert standing(handing) == {str(id): STAYED} and escalation(id).person == TANAKA


def test_requests_and_messages_go_and_what_was_the_receivers_stays_theirs(world: World, desk: Enquiring) -> None:
    wish, theirs = world.wish(0), world.wish(2)
    assert wish.taken_by == "7001"
    store.write(partial(_two_messages, wish.conversation_id))
    store.write(lambda session: _taken(session, theirs.id or 0, "7002"))
    handing = planned(BACKGROUNDS, DRAFTS)
    world.settle()
    taken = store.read(lambda session: {row.id: row.taken_by for row in session.exec(select(Feedback)).all()})
    assert (taken[wish.id], taken[theirs.id]) == ("7002", "7002")
    assert set(standing(handing).values()) == {MOVED}
    assert store.read(lambda session: session.get_one(Telling, ("99:1", "7777"))).holder == SATO
    handings.take_back(handing.id, TANAKA, "")
    world.settle()
    taken = store.read(lambda session: {row.id: row.taken_by for row in session.exec(select(Feedback)).all()})
    assert (taken[wish.id], taken[theirs.id]) == ("7001", "7002")
    assert store.read(lambda session: session.get_one(Telling, ("99:1", "7777"))).holder == TANAKA


def _two_messages(chat: str, session: Session) -> None:
    """One of a request that they took, and one that they hold."""
    usual: dict[str, Any] = {
        "release_id": "99:1",
        "state": "drafted",
        "draft": "下書き",
        "owed_at": now_ms(),
        "drafted_at": now_ms(),
    }
    held = Telling(conversation_id="7777", **usual)
    dead_ends.hold(held, TANAKA, "田中 みなみ", dead_ends.SELF)
    session.add(Issue(id="99", key="KNDE-99", summary="集計", category="done", cycle=1, checked_at=now_ms()))
    session.add(Release(id="99:1", issue_id="99", cycle=1, kind="finished", gathered=True, happened_at=now_ms()))
    session.add_all([Telling(conversation_id=chat, **usual), held])


def _taken(session: Session, id: int, by: str) -> None:
    session.get_one(Feedback, id).taken_by = by


def test_a_company_goes_by_hand_and_what_was_imported_counts_again(world: World, desk: Enquiring) -> None:
    store.write(partial(owners.put, company_id="101", people={"owner": TANAKA, "deputy": SATO}, origin="import"))
    desk.asks("登録のために")
    handing = planned(COMPANIES)
    world.settle()
    assert standing(handing) == {"101": MOVED}
    assert store.read(partial(owners.of, company_id="101")) | {"manager": ""} == {
        "owner": SATO,
        "deputy": SATO,
        "manager": "",
    }
    handings.take_back(handing.id, LEAD, "")
    world.settle()
    rows = store.read(lambda session: session.exec(select(Owner).where(Owner.company_id == "101")).all())
    kept = {(row.role, row.origin, row.person) for row in rows if row.origin != "intercom"}
    assert kept == {("owner", "import", TANAKA), ("deputy", "import", SATO)}


def test_reusable_answers_go_along(world: World, desk: Enquiring) -> None:
    mine = KnowHow(title="請求書", owner=TANAKA, made_at=1, changed_at=1, origin="a")
    retired = KnowHow(title="旧", owner=TANAKA, made_at=1, changed_at=1, origin="b", retired_at=2)
    store.write(lambda session: session.add_all([mine, retired]))
    handing = planned(ANSWERS)
    world.settle()
    owner = store.read(lambda session: {row.title: row.owner for row in session.exec(select(KnowHow)).all()})
    assert owner == {"請求書": SATO, "旧": TANAKA} and set(standing(handing).values()) == {MOVED}


# -- dies on the way ------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["reset", "500", "late-500"])
def test_a_call_that_fails_is_made_again(world: World, desk: Enquiring, fault: str) -> None:
    chat = chat_of(desk)
    desk.intercom.fail("POST /conversations/{id}/parts", *[Fault(fault)] * 3)
    handing = planned(CHATS)
    world.settle()
    assert (standing(handing), assigned(desk, chat)) == ({chat: MOVED}, "7002")


@pytest.mark.fault("F92")
@pytest.mark.parametrize(
    ("assignee", "state", "ended"),
    [("7002", "open", MOVED), ("7002", "closed", MOVED), ("7001", "closed", STAYED), ("7003", "open", STAYED)],
)
def test_whoever_died_during_the_call_looks_what_became_of_it(
    world: World, desk: Enquiring, assignee: str, state: str, ended: str
) -> None:
    chat = chat_of(desk)
    handing = planned(CHATS)
    store.write(partial(_died, handing.key_of(CHATS, chat)))
    talk = desk.intercom.books.conversations[chat]
    talk.assignee_id, talk.state = assignee, state
    world.settle()
    assert standing(handing) == {chat: ended} and desk.intercom.did("assign", chat) == []
    assert (talk.assignee_id, talk.state) == (assignee, state)


def _died(key: str, session: Session) -> None:
    """The call was made, or was not; nobody has written that down, long ago."""
    row = session.get_one(Action, key)
    row.state, row.attempts, row.started_at = "started", 1, 1


@pytest.mark.fault("F92")
def test_begun_again_after_a_death_nothing_is_done_twice(world: World, desk: Enquiring) -> None:
    """The escalation was handed on, and the process died before it could say so."""
    id = put(world, person=TANAKA)
    handing = planned(ESCALATIONS)
    key = handing.key_of(ESCALATIONS, str(id))
    answers.hand_on(answers.By(LEAD, key), id, SATO, "", away=TANAKA)
    world.settle()
    assert standing(handing) == {str(id): MOVED}
    assert [each.verb for each in _said(id)].count("slack.hand-on") == 1


def test_the_receiver_is_no_teammate(world: World, desk: Enquiring) -> None:
    chat = chat_of(desk)
    handing = Handing("h2", who(TANAKA), replace(who("U0LEAD"), admin_id=""), LEAD)
    parts = store.read(partial(handing_over.parts, giver=handing.giver))
    handings.begin(handing, [part for part in parts if part.kind == CHATS])
    world.settle()
    assert standing(handing) == {chat: STAYED} and assigned(desk, chat) == "7001"
