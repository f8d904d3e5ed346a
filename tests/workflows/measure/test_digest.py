"""Digests come once, at their time, to those who want them; never at night, never twice, never late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from integrations.twin import Fault
from tests.clock import Hands
from tests.dry import dry, watched
from tests.enquired import enquiry, firm
from tests.properties.dying import Crash, dying
from tests.workflows.measure.digesting import (
    AFTER,
    HOLIDAY,
    MAIL_OF_AGENT,
    MONDAY,
    SUNDAY,
    TUESDAY,
    by_rules,
    in_chatwork,
    in_slack,
    mailed,
    rows,
    tick,
    wants,
)
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.measure import digest, subscriptions
from workflows.measure.subscriptions import CHATWORK, MAIL, SLACK, WAYS
from workflows.overview import beside
from workflows.rules import rules


@pytest.fixture
def hands() -> Iterator[Hands]:
    """A clock that stands still until it is set: on the Sunday before."""
    hands = Hands()
    hands.set(f"{SUNDAY} 12:00")
    yield hands
    hands.release()


def arrived(world: World) -> dict[str, int]:
    """How many arrived in each way."""
    return {SLACK: len(in_slack(world)), MAIL: len(mailed(world)), CHATWORK: len(in_chatwork(world))}


NONE, ONE, TWO = (dict.fromkeys(WAYS, n) for n in (0, 1, 2))


# -- when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment",
    [f"{SUNDAY} 09:00", f"{MONDAY} 08:59", f"{MONDAY} 18:00", f"{MONDAY} 23:30", f"{HOLIDAY} 09:00"],
)
def test_it_does_not_come_then(world: World, hands: Hands, moment: str) -> None:
    by_rules(channel=world.channel, mail=(MAIL_OF_AGENT,), room="お客様の声")
    tick(world)
    hands.set(moment)
    tick(world)
    assert arrived(world) == NONE


def test_at_its_time_it_comes_once_in_every_way(world: World, hands: Hands) -> None:
    by_rules(channel=world.channel, mail=(MAIL_OF_AGENT,), room="お客様の声", weekly_day=2)
    tick(world)
    for moment in (f"{MONDAY} 09:00", f"{MONDAY} 09:01", f"{MONDAY} 17:00"):
        hands.set(moment)
        tick(world)
        assert arrived(world) == ONE
    hands.set(f"{TUESDAY} 09:00")
    tick(world)
    assert arrived(world) == TWO


def test_a_weekly_one_of_a_holiday_comes_on_the_next_business_day(world: World, hands: Hands) -> None:
    wants(MAIL, "weekly")
    for moment in (f"{HOLIDAY} 09:00", f"{AFTER} 08:59", f"{AFTER} 09:00", f"{AFTER} 09:30", "2026-07-22 09:00"):
        hands.set(moment)
        tick(world)
        assert len(mailed(world)) == (moment >= f"{AFTER} 09:00")


def test_after_days_without_the_service_only_the_newest_comes(world: World, hands: Hands) -> None:
    wants(MAIL)
    wants(MAIL, "weekly")
    hands.set("2026-06-24 11:00")
    tick(world)
    tick(world)
    assert sorted(subject[:4] for _, subject in mailed(world)) == ["【日次】", "【週次】"]
    assert {row.begun_for for row in rows()} == {"2026-06-24", "2026-06-22"}


def test_one_that_could_not_be_sent_all_day_is_not_sent_at_night(world: World, hands: Hands) -> None:
    wants(MAIL)
    hands.set(f"{MONDAY} 09:00")
    digest.start_due()
    hands.set(f"{MONDAY} 22:00")
    world.settle()
    assert mailed(world) == [] and digest.TOO_LATE in [run.reason for run in world.runs()]


def test_who_chooses_it_after_its_time_gets_the_next_one(world: World, hands: Hands) -> None:
    hands.set(f"{MONDAY} 10:00")
    wants(MAIL)
    tick(world)
    assert mailed(world) == []
    hands.set(f"{TUESDAY} 09:00")
    tick(world)
    assert len(mailed(world)) == 1


# -- to whom --------------------------------------------------------------------------------------


def test_what_was_stopped_stays_stopped_whatever_the_rules_name(world: World, hands: Hands) -> None:
    by_rules(mail=(MAIL_OF_AGENT,))
    tick(world)
    for row in rows():
        assert subscriptions.stop(row.id or 0) and not subscriptions.stop(row.id or 0)
    hands.set(f"{MONDAY} 09:00")
    tick(world)
    assert mailed(world) == []


def test_whom_the_rules_name_no_more_gets_nothing(world: World, hands: Hands) -> None:
    by_rules(mail=(MAIL_OF_AGENT,))
    tick(world)
    by_rules(mail=())
    hands.set(f"{MONDAY} 09:00")
    tick(world)
    assert mailed(world) == []


def test_what_is_stopped_between_its_beginning_and_its_end_does_not_come(world: World, hands: Hands) -> None:
    number = wants(MAIL)
    hands.set(f"{MONDAY} 09:00")
    digest.start_due()
    subscriptions.stop(number)
    world.settle()
    assert mailed(world) == [] and digest.STOPPED in [run.reason for run in world.runs()]


@pytest.mark.parametrize("way", [MAIL, SLACK])
def test_who_has_left_gets_nothing(world: World, hands: Hands, way: str) -> None:
    wants(way)
    world.slack.people["U0TANAKA"].deleted = True
    hands.set(f"{MONDAY} 09:00")
    tick(world)
    assert mailed(world) == [] and digest.NOT_THEIRS in [run.reason for run in world.runs()]


def test_chosen_again_it_is_one_and_the_same(world: World, hands: Hands) -> None:
    assert wants(MAIL) == wants(MAIL, language="en")
    assert [row.language for row in rows()] == ["en"]


# -- once -----------------------------------------------------------------------------------------


@pytest.mark.fault("F07", "F09", "F10", "F11")
@pytest.mark.parametrize("committed", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("commit", range(6))
def test_wherever_it_dies_each_comes_once(world: World, hands: Hands, commit: int, committed: bool) -> None:
    by_rules(channel=world.channel, mail=(MAIL_OF_AGENT,), room="お客様の声", weekly_day=2)
    tick(world)
    hands.set(f"{MONDAY} 09:00")
    with suppress(Crash), dying(commit, committed=committed):
        tick(world)
    hands.go_on(120)
    for _ in range(2):
        tick(world)
    assert arrived(world) == ONE


def test_where_the_answer_is_lost_it_is_looked_for(world: World, hands: Hands) -> None:
    by_rules(channel=world.channel, room="お客様の声", weekly_day=2)
    tick(world)
    hands.set(f"{MONDAY} 09:00")
    world.slack.fail("POST /api/chat.postMessage", Fault("reset"))
    world.chatwork.fail("POST /v2/rooms/{room}/messages", Fault("reset"))
    world.stage.mail.faults = ["lost"]
    tick(world)
    assert arrived(world) == ONE | {MAIL: 0}


def test_a_dry_run_sends_nothing_and_says_what_it_would_have_sent(world: World, hands: Hands) -> None:
    by_rules(channel=world.channel, mail=(MAIL_OF_AGENT,), room="お客様の声", weekly_day=2)
    tick(world)
    hands.set(f"{MONDAY} 09:00")
    with dry(world) as writes:
        tick(world)
    assert writes == [] and arrived(world) == NONE
    assert [each.state for each in world.actions() if each.key.startswith("digest:")] == ["would"] * 3


def test_digests_alone_can_be_dry_and_nothing_is_made_up_for(world: World, hands: Hands) -> None:
    by_rules(channel=world.channel, mail=(MAIL_OF_AGENT,), room="お客様の声", weekly_day=2)
    tick(world)
    hands.set(f"{MONDAY} 09:00")
    with dry(world, "digest") as writes:
        tick(world)
    assert writes == [] and arrived(world) == NONE
    rows_beside = [row for row in store.read(lambda s: beside.of(s, 0, now_ms() + 1, "digest")) if row.actions]
    assert sorted(action.verb for row in rows_beside for action in row.actions) == [
        *("chatwork.post", "mail.send", "slack.post"),
    ]
    with watched(world) as writes:
        hands.set(f"{MONDAY} 12:00")
        tick(world)
    assert writes == []  # of that day
    hands.set(f"{TUESDAY} 09:00")
    tick(world)
    assert arrived(world) == ONE


@pytest.mark.parametrize("story", ["survey", "release"])
def test_digests_come_while_something_else_is_dry(world: World, hands: Hands, story: str) -> None:
    by_rules(channel=world.channel, mail=(MAIL_OF_AGENT,), room="お客様の声", weekly_day=2)
    tick(world)
    hands.set(f"{MONDAY} 09:00")
    with dry(world, story):
        tick(world)
    assert arrived(world) == ONE


# -- what it says ---------------------------------------------------------------------------------


def test_a_customers_words_are_in_no_subject_and_no_room(world: World, hands: Hands) -> None:
    by_rules(channel=world.channel, mail=(MAIL_OF_AGENT,), room="お客様の声", weekly_day=2)
    firm("901", "[toall]青葉製作所<!channel>")
    enquiry("7", "[To:1] <!here> 090-1234-5678 へ電話してください", waited=90)
    tick(world)
    hands.set(f"{MONDAY} 09:00")
    tick(world)
    [(_, subject)] = mailed(world)
    assert "回答待ち 1" in subject and "電話" not in subject and "青葉" not in subject
    [mail] = world.stage.mail.mails
    assert "電話してください" in mail.text and "090-1234" not in mail.text
    [room] = in_chatwork(world)
    assert "電話" not in room and "青葉" not in room and "回答待ち: 1" in room and "[toall]" not in room
    [message] = world.slack.messages(world.channel)
    assert "<!" not in str(message["blocks"]) and "&lt;!here&gt;" in str(message["blocks"])


def test_names_are_hidden_where_the_rules_allow_none(world: World, hands: Hands) -> None:
    by_rules(channel=world.channel, mail=(MAIL_OF_AGENT,), weekly_day=2)
    rules.enquiry = replace(rules.enquiry, fields=frozenset())
    firm("901", "青葉製作所")
    enquiry("7", "締めができません", waited=90)
    tick(world)
    hands.set(f"{MONDAY} 09:00")
    tick(world)
    said = str([each["blocks"] for each in world.slack.messages(world.channel)]) + world.stage.mail.mails[0].text
    assert not [word for word in ("青葉", "佐藤", "締め") if word in said]


def test_where_nothing_is_open_it_says_so_in_a_line(world: World, hands: Hands) -> None:
    wants(MAIL)
    hands.set(f"{MONDAY} 09:00")
    tick(world)
    [(_, subject)] = mailed(world)
    assert subject == "【日次】6/1(月) 未完了のものはありません。"


def test_a_mail_can_be_stopped_at_one_click(world: World, hands: Hands) -> None:
    wants(MAIL)
    hands.set(f"{MONDAY} 09:00")
    tick(world)
    [mail] = world.stage.mail.mails
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail.headers["List-Unsubscribe"].strip("<>")
    secret = address.rpartition("/")[2]
    assert address in mail.text and subscriptions.known(secret) is not None
    assert secret not in str([row.model_dump() for row in rows()])


def test_the_language_is_the_readers(world: World, hands: Hands) -> None:
    wants(MAIL, language="en")
    hands.set(f"{MONDAY} 09:00")
    tick(world)
    assert mailed(world)[0][1] == "[Daily digest] Mon 1 Jun: Nothing is open."
