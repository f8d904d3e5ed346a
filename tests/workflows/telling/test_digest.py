"""One message a day in Slack, brought up to date at each decision, with a thread; one mail after the meeting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session, col, select

from integrations.twin import Fault
from tests.meeting import decide, filed
from tests.world import World
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.rules import rules
from workflows.tables.meeting import Decision
from workflows.tables.runs import Action
from workflows.telling import digest_mail


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Upkeep looks each time."""
    monkeypatch.setattr(digest_mail._Clock, "quiet_until", 0)
    yield


def send(world: World, wish: int, conclusion: str = "decline", **others: Any) -> Decision:
    """Something is decided, and its time for undoing passes."""
    decision = decide(wish, conclusion, **others)
    assert acts.send_now(decision.id or 0)
    return decision


def days(world: World) -> list[dict[str, Any]]:
    """The messages in the channel itself."""
    return [each for each in world.slack.messages(world.channel) if each.get("thread_ts", each["ts"]) == each["ts"]]


def replies(world: World) -> list[dict[str, Any]]:
    """What stands in threads there."""
    return [each for each in world.slack.messages(world.channel) if each.get("thread_ts", each["ts"]) != each["ts"]]


def passed(minutes: int) -> None:
    """So many minutes pass after all that was decided."""

    def work(session: Session) -> None:
        for each in session.exec(select(Decision)):
            each.sent_at = each.sent_at and each.sent_at - minutes * 60_000

    store.write(work)
    digest_mail._Clock.quiet_until = 0


# -- Slack ----------------------------------------------------------------------------------------


def test_nine_decisions_are_one_message_that_each_has_a_reply_to(world: World) -> None:
    for number in range(9):
        send(world, filed(f"要望その{number}"), reason=f"理由{number}")
        world.settle()
        [day] = days(world)
        assert f"の決定 {number + 1}件" in day["text"] and f"理由{number}" in str(day["blocks"])
    assert [each["thread_ts"] for each in replies(world)] == [days(world)[0]["ts"]] * 9


def test_decisions_that_are_sent_at_once_are_all_in_it(world: World) -> None:
    for number in range(4):
        send(world, filed(f"要望その{number}"))
    world.conduct_at_once()
    world.settle()
    [day] = days(world)
    assert "の決定 4件" in day["text"] and all(f"要望その{number}" in str(day["blocks"]) for number in range(4))
    assert len(replies(world)) == 4


def test_whoever_took_a_request_is_notified_in_the_thread(world: World) -> None:
    taken = filed("電話の要望", taken_by="U0TANAKA", taken_by_name="田中 みなみ")
    send(world, taken)
    send(world, world.wish(0).id or 0)
    world.settle()
    assert ["<@U0TANAKA>" in str(each["blocks"]) for each in replies(world)] == [True, True]
    assert not any("<@" in str(each["blocks"]) for each in days(world))


def test_what_is_taken_back_is_in_no_message(world: World) -> None:
    decision = decide(filed(), "decline")
    acts.undo(decision.id or 0, acts.Person("U0LEAD", "斎藤 真理"))
    acts.start_due()
    world.settle()
    assert days(world) == []


def test_slack_fails_once_and_all_is_said_once(world: World) -> None:
    world.slack.fail("POST /api/chat.postMessage", Fault("reset"))
    send(world, filed("要望A"))
    world.settle()
    world.slack.fail("POST /api/chat.update", Fault("500"))
    send(world, filed("要望B"))
    world.settle()
    [day] = days(world)
    assert "の決定 2件" in day["text"] and len(replies(world)) == 2


def test_a_message_that_somebody_deleted_keeps_nobody_from_hearing(world: World) -> None:
    send(world, filed("要望A"))
    world.settle()
    world.slack.channels[world.channel].messages.clear()
    send(world, filed("要望B"))
    world.settle()
    assert [each["text"] for each in days(world) if "要望B" in each["text"]]


def test_what_a_customer_takes_back_is_no_longer_in_the_message(world: World) -> None:
    wish, other = world.wish(0), filed("打刻の丸め")
    send(world, wish.id or 0)
    send(world, other)
    world.settle()
    words = wish.quote[:20]
    assert words in str(days(world)[0]["blocks"])
    world.intercom.delete(world.chats[0])
    world.settle()
    [day] = days(world)
    assert words not in str(day["blocks"]) and "打刻の丸め" in str(day["blocks"])


# -- mail -----------------------------------------------------------------------------------------


def test_one_mail_says_everything_once_nothing_was_decided_for_a_while(world: World) -> None:
    for number in range(3):
        send(world, filed(f"要望その{number}"), reason=f"理由{number}")
    world.settle()
    passed(rules.triage.mail_minutes - 1)
    assert digest_mail.start_due() == 0 and world.stage.mail.mails == []
    passed(1)
    assert digest_mail.start_due() == 1 and digest_mail.start_due() == 0
    world.settle()
    [mail] = world.stage.mail.mails
    assert "の決定 3件" in mail.subject and all(f"理由{number}" in mail.text for number in range(3))
    assert mails_noted() == ["done"] * 3
    passed(60)
    assert digest_mail.start_due() == 0


def test_what_is_decided_after_the_mail_is_in_the_next_one(world: World) -> None:
    send(world, filed("要望A"))
    world.settle()
    digest_mail.start_now()
    world.settle()
    send(world, filed("要望B"))
    passed(60)
    assert digest_mail.start_due() == 1
    world.settle()
    first, second = world.stage.mail.mails
    assert "要望A" in first.text and "要望A" not in second.text and "要望B" in second.text


def test_a_mail_server_that_is_down_gets_it_later_and_once(world: World) -> None:
    world.stage.mail.faults = ["451"] * 3
    send(world, filed("要望A"))
    digest_mail.start_now()
    send(world, filed("要望B"))
    digest_mail.start_now()
    world.settle()
    assert sorted("要望A" in mail.text for mail in world.stage.mail.mails) == [False, True]
    assert all(("要望A" in mail.text) != ("要望B" in mail.text) for mail in world.stage.mail.mails)


def test_without_mail_it_is_said_that_none_was_sent(world: World) -> None:
    send(world, filed())
    with world.without("mail"):
        digest_mail.start_now()
        world.settle()
    assert mails_noted() == ["skipped"]


def test_nobody_who_is_named_gets_none(world: World) -> None:
    send(world, filed())
    with world.rules(triage=replace(rules.triage, mail=())):
        assert (digest_mail.start_due(), digest_mail.start_now()) == (0, 0)


def test_what_was_mailed_before_there_was_one_for_all_is_not_mailed_again(world: World) -> None:
    with world.rules(triage=replace(rules.triage, mail_minutes=0)):
        send(world, filed())
        world.settle()
    passed(60)
    assert digest_mail.start_due() == 0 and len(world.stage.mail.mails) == 1


def mails_noted() -> list[str]:
    """What the timelines say of mails."""
    rows = select(Action.state).where(col(Action.key).like("conclude:%:mail"))
    return list(store.read(lambda session: session.exec(rows).all()))
