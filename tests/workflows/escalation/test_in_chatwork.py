"""Escalations in a room of Chatwork: one message each, true at every moment, and never in Slack's way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from app.demo.company import ROOMS
from integrations.twin import Fault
from tests.dry import dry
from tests.escalating import DEPUTY, LEAD, OWNER, Escalating
from tests.properties.dying import Crash, dying
from tests.world import World
from workflows.engine import durable
from workflows.engine.store import store
from workflows.escalation import in_chatwork, reminders, rooms
from workflows.language.addresses import Site
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.tables.runs import DEAD, OPEN, Action

[(ROOM, NAME)] = ROOMS.items()
POST = "POST /v2/rooms/{room}/messages"


@pytest.fixture
def case(world: World) -> Iterator[Escalating]:
    """An agent who may escalate, and a room that the rules name."""
    with world.rules(chatwork_rooms={NAME: str(ROOM)}, escalation_room=NAME):
        yield Escalating(world)


def there(case: Escalating) -> list[str]:
    """What stands in the room."""
    return case.world.chatwork.texts(ROOM)


def row(escalation: Escalation) -> Action:
    found = store.read(lambda session: session.get(Action, rooms.key_of(escalation.id)))
    assert found is not None
    return found


# -- refusals -------------------------------------------------------------------------------------


def test_until_a_room_is_named_chatwork_hears_nothing(world: World) -> None:
    case = Escalating(world)
    case.raised()
    case.press(OWNER, "acknowledge")
    assert world.chatwork.effects == []
    assert [run.id for run in world.runs() if run.workflow == "in_chatwork.show"] == []


def test_where_chatwork_is_off_it_is_said_that_nothing_was_sent(case: Escalating) -> None:
    with case.world.without("chatwork"):
        escalation = case.raised()
    assert (row(escalation).state, row(escalation).sentence) == ("skipped", "Not sent: {vendor} is not configured.")
    assert len(case.posts()) == 1


def test_without_an_address_of_ours_nothing_is_posted_and_it_is_said(
    case: Escalating, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Site, "public_url", "")
    assert row(case.raised()).sentence == in_chatwork.NO_ADDRESS
    assert there(case) == []


@pytest.mark.parametrize(
    "said",
    ["[toall]", "[To:7]さん", "[info]偽[/info]", "[[x]toall]", "https://evil.example/x", "hhttps://ttps://e.example"],
)
def test_whatever_people_write_calls_nobody_and_links_nowhere(case: Escalating, said: str) -> None:
    case.world.chatwork.add_member(ROOM, 7, "佐藤")
    case.raised(company=f"new:{said}", gist=said, history=said, tried=said, conversation="")
    case.press(LEAD, "acknowledge")
    case.press(LEAD, "judge")
    case.judge(LEAD, step=said)
    [body] = there(case)
    assert case.world.chatwork.notified(ROOM) == [set()]
    assert body.count("[") == body.count("[hr]") + len(("[info]", "[title]", "[/title]", "[/info]"))
    assert "//evil" not in body.replace(Site.public_url, "") and "http://e" not in body and "https://e" not in body


# -- one message, kept up to date -----------------------------------------------------------------


def test_it_says_who_what_and_how_urgent_and_leads_to_its_page(case: Escalating) -> None:
    escalation = case.raised()
    [body] = there(case)
    for words in (
        f"エスカレーション E-{escalation.id}(受領待ち)",
        "【至急】対応依頼 | 株式会社あおば製作所様 | 温度感: 高 ▷ 請求額が二重に引き落とされた",
        "先月も同じことがあり、返金を約束しました。",
        "経理に確認中です。",
        f"{Site.public_url}/escalations/{escalation.id}",
    ):
        assert words in body
    assert "<@" not in body and OWNER not in body and "森" in body
    assert row(escalation).facts == {"room": NAME} and row(escalation).url


def test_it_is_english_where_the_company_is(case: Escalating) -> None:
    with case.world.rules(language="en"):
        escalation = case.raised()
    [body] = there(case)
    assert f"Escalation E-{escalation.id}: Awaiting acknowledgement" in body and "/ temperature: high ▷" in body


def test_the_same_message_says_how_it_stands_to_the_end(case: Escalating) -> None:
    case.raised()
    seen = [there(case)]
    for by, button in ((OWNER, "acknowledge"), (OWNER, "start")):
        case.press(by, button)
        seen.append(there(case))
    case.press(OWNER, "hand_on")
    case.slack.submit(OWNER, {"person": DEPUTY, "note": "お願いします"})
    case.world.settle()
    seen.append(there(case))
    case.press(DEPUTY, "acknowledge", f"D{DEPUTY[1:]}")
    case.close(DEPUTY)
    seen.append(there(case))
    assert {len(bodies) for bodies in seen} == {1}
    states = [bodies[0].partition("[/title]")[0].partition("(")[2].rstrip(")") for bodies in seen]
    assert states == ["受領待ち", "受領済み", "対応中", "受領待ち", "完了"]
    assert "岡田" in seen[3][0] and "返金し、お詫びしました" in seen[4][0]
    assert len(case.world.chatwork.did("post")) == 1


def test_when_somebody_was_reminded_the_room_says_so_too(case: Escalating) -> None:
    durable.spawn([reminders.run_of(case.raised(), at_once=True)])
    case.world.settle()
    assert len(there(case)) == len(case.world.chatwork.did("edit")) == 1


def test_what_is_for_information_asks_nobody_for_an_answer(case: Escalating) -> None:
    case.raised(request="information")
    [body] = there(case)
    assert "共有" in body and "対応はSlack" not in body


def test_a_form_that_is_sent_twice_is_one_message(case: Escalating) -> None:
    case.send(case.filled())
    case.world.settle()
    again = [run for run in case.world.runs() if run.workflow == "escalation.submitted"]
    assert len(again) == len(there(case)) == 1


def test_a_message_that_somebody_deleted_is_not_posted_again(case: Escalating) -> None:
    case.raised()
    case.world.chatwork.rooms[ROOM].messages.clear()
    case.press(OWNER, "acknowledge")
    assert there(case) == [] and len(case.world.chatwork.did("post")) == 1


def test_a_room_that_is_named_no_more_keeps_what_stands_there_up_to_date(case: Escalating) -> None:
    case.raised()
    with case.world.rules(escalation_room=""):
        case.press(OWNER, "acknowledge")
        case.raised(gist="別件")
    [body] = there(case)
    assert "受領済み" in body


# -- erasing ----------------------------------------------------------------------------------------


def test_what_is_erased_leaves_the_room_too_and_the_timeline_names_chatwork(case: Escalating) -> None:
    case.raised()
    case.world.intercom.delete(case.world.chats[0])
    case.world.settle()
    [body] = there(case)
    assert "請求額" not in body and "返金を約束" not in body and "経理" not in body
    [said] = [each for each in case.actions() if each.verb.endswith(".erase")]
    assert "Chatwork" in said.facts["places"]


# -- trouble --------------------------------------------------------------------------------------


@pytest.mark.fault("F98")
@pytest.mark.parametrize("kind", ["500", "503", "reset", "hang", "429"])
def test_chatwork_that_is_away_holds_nobody_back_and_is_told_later(case: Escalating, kind: str) -> None:
    case.world.chatwork.fail("*", *[Fault(kind)] * 12)
    case.send(case.filled())
    conduct_all_but("in_chatwork.show", case.world)
    assert len(case.posts()) == len(case.direct(OWNER)) == 1, "Slack has heard of it"
    case.world.settle()
    case.press(OWNER, "acknowledge")
    [body] = there(case)
    assert "受領済み" in body and [run.id for run in case.world.runs() if run.state == DEAD] == []


def conduct_all_but(story: str, world: World) -> None:
    """Everything comes to its end but the runs of one story, which wait."""
    waiting = True
    while waiting:
        arrived, runs = world.deliver(), [run for run in world.runs() if run.state == OPEN and run.workflow != story]
        for run in runs:
            durable.conduct(run.id, durable.STORIES[run.workflow])
        waiting = bool(arrived or runs)


@pytest.mark.fault("F98")
def test_a_room_that_refuses_is_an_operators_to_mend_and_slack_goes_on(case: Escalating) -> None:
    case.world.chatwork.set_role(ROOM, "readonly")
    case.raised()
    case.press(OWNER, "acknowledge")
    assert {run.workflow for run in case.world.runs() if run.state == DEAD} == {"in_chatwork.show"}
    assert "受領済み" in case.text_of(case.posts()[0])
    case.world.chatwork.set_role(ROOM, "member")
    case.world.replay_the_dead()
    [body] = there(case)
    assert "受領済み" in body


@pytest.mark.fault("F98")
def test_what_was_done_before_chatwork_came_back_is_not_told_any_more(case: Escalating) -> None:
    case.world.chatwork.set_role(ROOM, "readonly")
    escalation = case.raised()
    case.press(OWNER, "acknowledge")
    case.close(OWNER)
    case.world.chatwork.set_role(ROOM, "member")
    case.world.replay_the_dead()
    assert there(case) == [] and row(escalation).sentence == in_chatwork.TOO_LATE


@pytest.mark.fault("F98")
def test_a_post_in_doubt_is_found_and_says_what_is_so_by_then(case: Escalating) -> None:
    case.world.chatwork.fail(POST, Fault("reset"))
    case.send(case.filled())
    case.world.settle(deliver=True)
    case.press(OWNER, "acknowledge")
    [body] = there(case)
    assert "受領済み" in body and len(case.world.chatwork.did("post")) == 1


@pytest.mark.fault("F07", "F09", "F10")
@pytest.mark.parametrize("committed", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("commit", range(6))
def test_wherever_it_dies_it_stands_there_once(case: Escalating, commit: int, committed: bool) -> None:
    case.send(case.filled())
    conduct_all_but("in_chatwork.show", case.world)
    with suppress(Crash), dying(commit, committed=committed):
        case.world.settle()
    case.world.settle()
    case.press(OWNER, "acknowledge")
    [body] = there(case)
    assert "受領済み" in body


# -- dry run --------------------------------------------------------------------------------------


def test_in_a_dry_run_the_room_hears_nothing_and_it_stays_so_for_good(case: Escalating) -> None:
    with dry(case.world, "escalation") as writes:
        escalation = case.raised()
        assert row(escalation).state == "would"
    assert [each for each in writes if each.startswith("chatwork")] == []
    case.world.settle()
    assert there(case) == []


def test_rules_name_a_room_by_its_name() -> None:
    assert rules.escalation_room == "" and rooms.room() == ""
