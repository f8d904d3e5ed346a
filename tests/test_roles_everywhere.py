"""Roles hold on every way in: what people use in Slack and on the card, by role. Pages: tests/pages/test_roles.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from sqlmodel import col, delete

from app.door import intercom_card, intercom_card_similar, slack, slack_forms, slack_rights
from integrations.twin import Fault
from integrations.untrusted import Node
from tests.door import ROOT
from tests.escalating import AGENT, CHANNEL, DEPUTY, ENGLISH, LEAD, OWNER, Escalating
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.escalation import answer, cases
from workflows.people import accounts, colleagues, may
from workflows.people.asked import deed_of
from workflows.people.deeds import CARD, SLACK
from workflows.people.person import somebody
from workflows.routes import BUTTONS, CARDS, FORMS, STEPS
from workflows.rules import rules
from workflows.rules.access import Access
from workflows.rules.commands import COMMANDS
from workflows.tables.people import Colleague

GUEST = "U0SUZUKI"
PEOPLE = {GUEST: "", ENGLISH: "viewer", AGENT: "agent", LEAD: "operator"}
REFUSED = "実行しませんでした"
Json = dict[str, Any]


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    """A company in which somebody is a guest, though the rules call them an agent."""
    world = World(sqlite_url)
    world.slack.estrange(GUEST, is_guest=True)
    yield world
    world.close()


@pytest.fixture
def case(world: World) -> Escalating:
    return Escalating(world)


# -- the table is whole ---------------------------------------------------------------------------


def bodies(user: str) -> Iterator[tuple[str, Json]]:
    """Everything of ours that somebody can use in Slack, with the deed that it should be."""
    who = {"user": {"id": user}}
    for name in slack_rights.SHORTCUTS:
        yield name, who | {"type": "shortcut", "callback_id": name}
    for name in COMMANDS:
        yield name, {"user_id": user, "command": rules.commands[name]}
    for name in slack_rights.CHOICES:
        yield name, who | {"type": "block_suggestion", "action_id": name}
    for name in FORMS:
        yield name, who | {"type": "view_submission", "view": {"callback_id": name, "private_metadata": ""}}
    for name in (*BUTTONS, *slack_rights.OPENERS, "write_context.2"):
        yield name, who | {"type": "block_actions", "actions": [{"action_id": name, "type": "button", "value": "77"}]}


def test_everything_in_slack_is_a_deed_in_the_table() -> None:
    for name, body in bodies(AGENT):
        deed, _about = slack_rights.wanted(Node(body, ""))
        assert deed in may.RIGHTS, f"what is {name}? Name it in app/door/slack_rights.py, or on its story"
    manifest = yaml.safe_load((ROOT / "integrations/slack/slack-manifest.yaml").read_text(encoding="utf-8"))
    assert {each["callback_id"] for each in manifest["features"]["shortcuts"]} == set(slack_rights.SHORTCUTS)
    assert set(slack_rights.COMMANDS) == set(COMMANDS)
    assert set(slack_rights.OPENERS) == set(slack.OPENS)
    assert set(slack_forms.CHECKS) == set(FORMS)


def test_every_story_that_people_begin_asks_whether_they_may() -> None:
    begun = {**FORMS, **BUTTONS, **{f"card {name}": story for name, story in CARDS.items()}}
    assert {name for name, story in begun.items() if deed_of(story) not in may.RIGHTS} == set()
    assert set(STEPS) == {"escalate_complaint"}, "a step has no sender; it asks for whom it names"


@pytest.mark.parametrize("user", PEOPLE)
def test_each_role_may_use_in_slack_what_the_table_says(world: World, user: str) -> None:
    for name, body in bodies(user):
        deed, _about = slack_rights.wanted(Node(body, ""))
        assert (not slack_rights.why_not(body)) == may.permits(PEOPLE[user], deed), name


# -- in Slack -------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [{"is_guest": True}, {"team_id": "T0ELSEWHERE"}])
def test_a_guest_reads_nothing_and_does_nothing(world: World, case: Escalating, flags: dict[str, Any]) -> None:
    escalation = case.raised()
    world.slack.estrange(DEPUTY, **flags)
    store.write(lambda session: setattr(session.get(Colleague, DEPUTY) or Colleague(id="-"), "seen_at", 0))
    said = world.slack.command(DEPUTY, CHANNEL, rules.commands["dossier"], "あおば")
    assert "権限がありません" in said.said and not said.blocks
    for command in ("owner", "escalate"):
        assert "権限がありません" in world.slack.command(DEPUTY, CHANNEL, rules.commands[command], "あおば").said
    assert REFUSED in title(world.slack.use_shortcut(DEPUTY, "escalate"))
    assert REFUSED in title(case.press(DEPUTY, "acknowledge"))
    world.settle()
    assert case.one().state == escalation.state == "open"


def test_whom_we_never_met_is_not_told_that_they_may_not_while_slack_does_not_answer(
    world: World, case: Escalating
) -> None:
    case.raised()
    store.write(lambda session: session.exec(delete(Colleague).where(col(Colleague.id) == DEPUTY)) and None)
    ask = rules.commands["dossier"]
    world.slack.fail("POST /api/users.info", *[Fault("500")] * 2)
    said = world.slack.command(DEPUTY, CHANNEL, ask, "あおば")
    assert "ご本人を確認できませんでした" in said.said and "権限" not in said.said and not said.blocks
    screen = case.press(DEPUTY, "acknowledge")
    assert "ご本人を確認できませんでした" in str(screen.view)
    assert case.one().state == "open"
    world.slack.mend()
    assert world.slack.command(DEPUTY, CHANNEL, ask, "あおば").blocks


def title(screen: Any) -> str:
    """What stands above the form that somebody sees now."""
    return str(screen.view["title"]["text"]) if screen.view else ""


def test_a_guests_form_is_not_taken(world: World, case: Escalating) -> None:
    """It was open before they became one."""
    assert world.slack.use_shortcut(AGENT, "escalate").view is not None
    assert world.slack.suggest(AGENT, "company", "あおば")
    world.slack.fill(AGENT, case.filled())
    gone = Colleague(id=AGENT, left=True, seen_at=now_ms()).model_dump()
    store.write(lambda session: colleagues.remember(session, gone))
    assert world.slack.suggest(AGENT, "company", "あおば") == []
    assert title(world.slack.submit(AGENT)) == REFUSED
    world.settle()
    assert case.all() == [] and not [each for each in world.deliveries() if each.topic == "view_submission:escalate"]


def test_whoever_answers_for_a_company_answers_and_no_other_viewer(world: World, case: Escalating) -> None:
    case.raised()
    assert title(case.press(ENGLISH, "acknowledge")) == "Nothing was changed"
    assert case.one().state == "open"
    case.press(OWNER, "acknowledge")
    world.settle()
    assert (case.one().state, case.one().person) == ("acknowledged", OWNER)
    assert kept()[-1] == (OWNER, may.ANSWER, SLACK)


def kept() -> list[tuple[str, str, str]]:
    """Who did what by which way, oldest first."""
    return [(each.person, each.deed, each.way) for each in reversed(store.read(accounts.deeds)) if each.deed]


def test_the_act_asks_and_not_only_the_door(world: World, case: Escalating) -> None:
    """The button was pressed, and then the role was lost before the story began."""
    escalation = case.raised()
    before = kept()
    with world.rules(access=Access()):
        outcome = answer.rearmed(user_id=ENGLISH, value=cases.code(escalation.id), channel="", ts="")
    assert outcome.state == "ignored" and case.one().state == "open" and kept() == before


def test_what_is_done_in_slack_is_kept_once_for_each_deed(world: World, case: Escalating) -> None:
    case.raised()
    assert kept() == [(AGENT, may.ESCALATE, SLACK)]
    case.press(OWNER, "acknowledge")
    world.settle()
    assert kept() == [(AGENT, may.ESCALATE, SLACK), (OWNER, may.ANSWER, SLACK)]


def test_while_slack_is_away_a_stranger_is_refused_and_a_colleague_is_not(world: World) -> None:
    colleagues.met(AGENT)
    with world.rules(access=Access(everyone="operator")):
        assert may.may(somebody(AGENT), may.DECIDE)
        world.slack.fail("POST /api/users.info", Fault("500"))
        dossier = {"command": rules.commands["dossier"]}
        assert slack_rights.why_not({"user_id": "U0NOBODYKNOWS"} | dossier) == slack_rights.WHO_IT_IS
        assert slack_rights.why_not({"user_id": AGENT} | dossier) == ""
        world.slack.mend()
        assert slack_rights.why_not({"user_id": "U0NOBODYKNOWS"} | dossier) == may.NOT_YOURS


# -- on the card ----------------------------------------------------------------------------------


def test_the_card_asks_for_the_same_table(world: World) -> None:
    world.wish(0)
    chat = world.chats[0]
    assert "FB-1" in json.dumps(world.intercom.open_card(chat, "7001"), ensure_ascii=False)
    with world.rules(access=Access()):
        assert "権限がありません" in json.dumps(world.intercom.open_card(chat, "7001"), ensure_ascii=False)
    with world.rules(access=Access(everyone="viewer")):
        world.intercom.open_card(chat, "7001")
        shown = world.intercom.press_card(chat, "7001", "wish:1", {})
        assert "権限がありません" in json.dumps(shown, ensure_ascii=False)


def test_a_teammate_who_is_a_guest_in_slack_is_nobody_on_the_card(world: World) -> None:
    world.wish(0)
    shown = json.dumps(world.intercom.open_card(world.chats[0], "7003"), ensure_ascii=False)
    assert "権限がありません" in shown and "FB-1" not in shown


@pytest.mark.parametrize(
    ("button", "form", "deed"),
    [
        ("", "", may.READ),
        ("home", "", may.READ),
        ("escalate", "", may.ESCALATE),
        ("again", "", may.ESCALATE),
        ("wish:3", "", may.DESCRIBE),
        *((f"{button}FB-3/FB-4", "", may.DECIDE) for button in intercom_card_similar.BUTTONS),
        ("send", "context", may.DESCRIBE),
        ("send", "escalate", may.ESCALATE),
    ],
)
def test_each_button_of_the_card_is_a_deed(button: str, form: str, deed: str) -> None:
    assert intercom_card.deed_of(button, form) == deed


def test_what_is_sent_from_the_card_is_kept(world: World) -> None:
    world.wish(0)
    chat = world.chats[0]
    world.intercom.open_card(chat, "7001")
    world.intercom.press_card(chat, "7001", "wish:1", {})
    world.intercom.press_card(chat, "7001", "send", {"background": "毎月困っている"})
    world.settle()
    assert kept() == [("7001", may.DESCRIBE, CARD)]
