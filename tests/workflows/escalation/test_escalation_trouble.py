"""Somebody hears of an escalation whatever else is out of order: vendors away, a wrong channel, people who are off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.demo.company import ESCALATIONS as CHANNEL
from integrations.contract import Permanent, Transient
from tests.clock import Hands, shown
from tests.escalating import AGENT, DEPUTY, ENGLISH, MANAGER, OWNER, Escalating
from tests.world import World
from workflows.engine import durable, posting
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.escalation import cases, escalation, ladder, reminders
from workflows.people import colleagues
from workflows.rules.calendar import Calendar
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Run

HOURS = {day: ["9:00-12:00", "13:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


@pytest.fixture
def hands() -> Iterator[Hands]:
    """A clock that stands still until it is set."""
    hands = Hands()
    yield hands
    hands.release()


@pytest.fixture
def case(world: World, hands: Hands) -> Escalating:
    """An agent who may escalate, on a clock that is set by hand."""
    hands.set("2026-04-15 10:00")
    return Escalating(world)


def tick(case: Escalating, hands: Hands, *moments: str) -> None:
    """Time comes to each of these moments: what is due is asked."""
    for moment in moments:
        hands.set(moment)
        reminders.start_due()
        case.world.settle()


def fails(monkeypatch: pytest.MonkeyPatch, client: Any, verb: str, error: Exception) -> None:
    """From now on this verb ends like that."""

    def no(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(type(client), verb, no)


def conduct(case: Escalating) -> None:
    """Every open run gets one turn."""
    for run in case.world.runs():
        if run.state == "open":
            durable.conduct(run.id, durable.STORIES[run.workflow])


def hand(case: Escalating, by: str, to: str, channel: str = CHANNEL, note: str = "") -> None:
    """Somebody hands it on."""
    case.press(by, "hand_on", channel)
    assert case.slack.submit(by, {"person": to, "note": note}).errors == {}
    case.world.settle()


# -- vendors that are away ------------------------------------------------------------------------


def test_it_is_on_record_and_watched_before_anybody_is_asked(
    case: Escalating, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    colleagues.met(AGENT)  # a stranger is not listened to before Slack has said who they are
    with monkeypatch.context() as away:
        for verb in ("user", "lookup", "post"):
            fails(away, vendors.slack, verb, Transient("Slack cannot be reached", 60.0))
        case.send(case.filled())
        conduct(case)
        assert ladder.is_watched(case.one()) and shown(case.one().raised_at) == "2026-04-15 10:00"
    hands.set("2026-04-15 10:02")
    case.world.settle()
    assert (case.one().person, len(case.direct(OWNER)), len(case.posts())) == (OWNER, 1, 1)


def test_a_revoked_intercom_token_keeps_nobody_from_hearing(case: Escalating, monkeypatch: pytest.MonkeyPatch) -> None:
    case.raised()
    for verb in ("conversation", "company_attributes"):
        fails(monkeypatch, vendors.intercom, verb, Permanent("Intercom answered 401"))
    case.send(case.filled(gist="二件目"))
    case.world.settle()
    assert (case.all()[1].person, len(case.direct(OWNER)), len(case.posts())) == (OWNER, 2, 2)


def test_an_intercom_that_is_away_is_waited_for_only_a_moment(
    case: Escalating, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.raised()
    fails(monkeypatch, vendors.intercom, "company_attributes", Transient("Intercom cannot be reached"))
    case.send(case.filled(gist="二件目", conversation=""))
    conduct(case)
    assert len(case.direct(OWNER)) == 1
    hands.set("2026-04-15 10:01")
    conduct(case)
    assert len(case.direct(OWNER)) == 2


def test_a_wrong_channel_keeps_nobody_from_hearing(case: Escalating) -> None:
    with case.world.rules(escalation_channel="C0WRONG"):
        case.send(case.filled())
        case.world.settle()
        assert (len(case.direct(OWNER)), len(case.direct(AGENT)), len(case.world.notes(0))) == (1, 1, 1)
    assert [run.state for run in case.world.runs() if run.workflow == "escalation.submitted"] == ["dead"]


def test_a_step_that_cannot_be_completed_is_an_escalation_all_the_same(
    case: Escalating, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails(monkeypatch, vendors.slack, "complete_step", Permanent("Slack answered access_denied"))
    case.slack.start_step("escalate_complaint", case.inputs(), AGENT)
    case.world.settle()
    assert ladder.is_watched(case.one()) and len(case.direct(OWNER)) == 1


def test_the_result_is_told_though_the_conversation_cannot_be_noted(
    case: Escalating, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    fails(monkeypatch, vendors.intercom, "note", Permanent("Intercom answered 403"))
    case.close(OWNER, "返金しました")
    assert "返金しました" in case.direct(AGENT)[-1]["text"]


# -- reminders that cannot be sent ----------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["archive", "remove_bot"])
def test_a_channel_that_is_gone_does_not_end_the_ladder(case: Escalating, hands: Hands, trouble: str) -> None:
    case.raised()
    getattr(case.slack, trouble)(CHANNEL)
    tick(case, hands, "2026-04-15 10:15", "2026-04-15 10:30", "2026-04-15 11:00")
    assert [len(case.direct(person)) for person in (OWNER, DEPUTY, MANAGER)] == [2, 1, 1]


def test_a_reminder_that_died_is_tried_again_later(case: Escalating, hands: Hands) -> None:
    case.raised()
    hands.set("2026-04-15 10:15")
    reminders.start_due()
    store.write(lambda session: setattr(session.get_one(Run, case.world.runs()[-1].id), "state", "dead"))
    tick(case, hands, "2026-04-15 10:20", "2026-04-15 14:30")
    assert len(case.direct(OWNER)) == 2


def test_what_cannot_be_asked_does_not_hold_up_the_rest(case: Escalating, hands: Hands) -> None:
    first = case.raised()
    store.write(lambda session: session.add_all(_stuck(first, number) for number in range(reminders.MANY)))
    tick(case, hands, "2026-04-15 10:15")
    assert len(case.direct(OWNER)) == 2


def _stuck(like: Escalation, number: int) -> Escalation:
    """One that a run has in hand, which does not come to an end."""
    values = like.model_dump(exclude={"id"})
    return Escalation(**values | {"origin": f"stuck{number}", "due_at": 1, "reminding_until": now_ms() + 3600_000})


# -- who is asked, and when -----------------------------------------------------------------------


def test_an_urgent_one_does_not_wait_for_somebodys_holiday(case: Escalating, hands: Hands) -> None:
    away = Calendar.of(hours=HOURS, closed=["2026-04-13..2026-04-30"])
    with case.world.rules(calendars={OWNER.casefold(): away}):
        case.raised()
        assert (case.one().next_person, shown(case.one().due_at)) == (DEPUTY, "2026-04-15 10:15")


def test_a_promise_for_today_is_asked_about_towards_the_evening(case: Escalating, hands: Hands) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    case.judge(OWNER, day="2026-04-15")
    assert shown(case.one().due_at) == "2026-04-15 17:00"


def test_answering_on_the_promised_day_is_not_chased_at_once(case: Escalating, hands: Hands) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    case.judge(OWNER, day="2026-04-16")
    tick(case, hands, "2026-04-16 09:00")
    before = len(case.direct(OWNER))
    case.press(OWNER, "start")
    tick(case, hands, "2026-04-16 09:01")
    assert len(case.direct(OWNER)) == before


def test_asking_at_once_keeps_the_promised_day(case: Escalating, hands: Hands) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    case.judge(OWNER, day="2026-05-20")
    before = (case.one().next_person, case.one().due_at)
    durable.spawn([reminders.run_of(case.one(), at_once=True)])
    case.world.settle()
    assert (case.one().next_person, case.one().due_at) == before
    assert case.direct(OWNER)[-1]["text"].startswith("その後の状況はいかがですか。")


def test_whoever_takes_over_inherits_the_promise_and_is_asked_on_its_day(case: Escalating, hands: Hands) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    case.judge(OWNER, day="2026-05-20")
    hand(case, OWNER, DEPUTY)
    case.press(DEPUTY, "acknowledge", f"D{DEPUTY[1:]}")
    assert (case.one().next_date, shown(case.one().due_at)) == ("2026-05-20", "2026-05-20 09:00")


# -- handing on -----------------------------------------------------------------------------------


def test_handing_back_is_heard(case: Escalating) -> None:
    case.raised(urgency="week")
    hand(case, OWNER, DEPUTY)
    hand(case, DEPUTY, OWNER, f"D{DEPUTY[1:]}", "お戻しします")
    assert case.direct(OWNER)[-1]["text"] == "岡田 彩さんから引き継ぎました。お戻しします"


def test_every_card_shows_that_it_is_done(case: Escalating) -> None:
    case.raised()
    hand(case, OWNER, ENGLISH)
    hand(case, ENGLISH, DEPUTY, f"D{ENGLISH[1:]}")
    case.press(DEPUTY, "acknowledge")
    case.close(DEPUTY)
    assert '"acknowledge"' not in case.text_of(case.direct(ENGLISH)[0])


def test_whoever_raised_and_handed_it_on_hears_the_result(case: Escalating) -> None:
    case.raised(by=OWNER)
    hand(case, OWNER, DEPUTY)
    case.press(DEPUTY, "acknowledge", f"D{DEPUTY[1:]}")
    case.judge(DEPUTY)
    case.close(DEPUTY, "返金しました")
    assert any("返金しました" in message["text"] for message in case.direct(OWNER))


def test_an_app_cannot_answer(case: Escalating) -> None:
    case.raised()
    hand(case, OWNER, "U0YAMABIKO")
    assert case.one().person == OWNER
    assert "ほかの人を選んでください" in case.slack.whispers_to(OWNER)[0]["text"]


def test_a_form_that_comes_too_late_says_so(case: Escalating) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    case.press(OWNER, "finish")
    case.press(DEPUTY, "finish")
    case.judge(OWNER, "low", "返金しました")
    screen = case.judge(DEPUTY, "high", "電話しました")
    assert screen.errors == {"next_step": f"E-{case.one().id}はすでに完了しています。"}


# -- messages -------------------------------------------------------------------------------------


def test_nothing_is_gathered_onto_a_message_that_stands_already(case: Escalating, hands: Hands) -> None:
    first = case.raised()
    values = first.model_dump(exclude={"id"}) | {"origin": "second", "gist": "二件目", "post": "", "posted_at": None}
    id = store.write(lambda session: cases.record(session, Escalation(**values)).id)
    hands.set("2026-04-15 10:11")
    escalation.carry(escalation.messages.known(first.id))
    escalation.carry(escalation.messages.known(id))
    assert len(case.posts()) == 2 and "二件目" in case.posts()[1]["text"]


def test_an_older_state_is_never_shown_last(case: Escalating, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process changes and shows it between our reading and our writing."""
    id, update, calls = case.raised().id or 0, posting.update, iter([True])

    def slow(place: posting.Place, message: posting.Message) -> bool:
        if next(calls, False):
            store.write(lambda session: cases.alter(session, id, _finish))
            escalation.show(id)
        return update(place, message)

    monkeypatch.setattr(posting, "update", slow)
    escalation.show(id)
    assert '"acknowledge"' not in case.text_of(case.posts()[0])


def _finish(row: Escalation) -> None:
    row.state, row.done_by = ladder.DONE, OWNER


def test_a_long_history_says_where_it_goes_on(case: Escalating) -> None:
    case.raised(history="あ" * 2000)
    assert "… (続きは詳細ページにあります)" in case.text_of(case.posts()[0])


def test_the_note_says_that_nobody_was_found(case: Escalating) -> None:
    with case.world.rules(fallback="", owner_attributes={}):
        escalation = case.raised()
    assert f"E-{escalation.id}としてエスカレーションしました。担当が見つからないため" in case.world.notes(0)[0]
