"""An escalation that nobody answers climbs in business time: over lunch, Golden Week, the year's end and a deploy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.demo.company import ESCALATIONS
from app.demo.company import ESCALATIONS as CHANNEL
from tests.clock import Hands, shown
from tests.escalating import AGENT, DEPUTY, LEAD, MANAGER, OWNER, Escalating
from tests.world import World
from workflows.engine import durable, schedule
from workflows.escalation import ladder, reminders
from workflows.rules import rules
from workflows.rules.calendar import Calendar


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


def tick(case: Escalating, hands: Hands, moment: str) -> None:
    """Time has come so far: what is due is asked."""
    hands.set(moment)
    reminders.start_due()
    case.world.settle()


def due(case: Escalating) -> tuple[str, str]:
    """Who is asked next, and when."""
    escalation = case.one()
    assert ladder.is_watched(escalation)
    return escalation.next_person, shown(escalation.due_at)


# -- refusals -------------------------------------------------------------------------------------


def test_what_is_for_information_is_never_asked_about(case: Escalating, hands: Hands) -> None:
    case.raised(request="information")
    tick(case, hands, "2027-04-15 10:00")
    assert len(case.direct(OWNER)) == len(case.posts()) == 1 and case.thread() == []


def test_nobody_is_asked_before_it_is_time_or_after_somebody_answered(case: Escalating, hands: Hands) -> None:
    case.raised()
    tick(case, hands, "2026-04-15 10:14")
    assert len(case.direct(OWNER)) == 1
    case.press(OWNER, "acknowledge")
    tick(case, hands, "2026-04-15 10:15")
    assert len(case.direct(OWNER)) == 1 and case.direct(DEPUTY) == []


def test_a_due_time_is_asked_for_once_however_often_upkeep_looks(case: Escalating, hands: Hands) -> None:
    case.raised()
    hands.set("2026-04-15 10:15")
    assert (reminders.start_due(), reminders.start_due()) == (1, 0)
    case.world.settle()
    assert len(case.direct(OWNER)) == 2


def test_nobody_is_called_at_night_however_late_it_is(case: Escalating, hands: Hands) -> None:
    """The service was down for a week and comes back at half past five in the morning."""
    case.raised()
    tick(case, hands, "2026-04-22 05:30")
    assert len(case.direct(OWNER)) == 1
    assert due(case) == (OWNER, "2026-04-22 09:00")
    tick(case, hands, "2026-04-22 09:00")
    assert len(case.direct(OWNER)) == 2


# -- the ladder -----------------------------------------------------------------------------------


def test_it_climbs_from_owner_to_deputy_to_manager(case: Escalating, hands: Hands) -> None:
    case.raised()
    assert due(case) == (OWNER, "2026-04-15 10:15")
    tick(case, hands, "2026-04-15 10:15")
    assert due(case) == (DEPUTY, "2026-04-15 10:30")
    tick(case, hands, "2026-04-15 10:30")
    assert due(case) == (MANAGER, "2026-04-15 11:00")
    assert [len(case.direct(person)) for person in (OWNER, DEPUTY, MANAGER)] == [2, 1, 0]
    tick(case, hands, "2026-04-15 11:00")
    assert due(case) == (MANAGER, "2026-04-16 11:00")
    assert [len(case.direct(person)) for person in (OWNER, DEPUTY, MANAGER)] == [2, 1, 1]
    assert [line.split("(")[0] for line in case.thread()] == [f"<@{person}>さん" for person in (OWNER, DEPUTY, MANAGER)]
    assert len(case.posts()) == 1


def test_whoever_was_asked_last_can_take_it(case: Escalating, hands: Hands) -> None:
    case.raised()
    tick(case, hands, "2026-04-15 10:15")
    tick(case, hands, "2026-04-15 10:30")
    case.press(DEPUTY, "acknowledge", f"D{DEPUTY[1:]}")
    assert (case.one().person, case.one().role, case.one().climbed) == (DEPUTY, "deputy", 1)


URGENT = [
    ("lunch", "2026-04-15 11:50", "2026-04-15 13:05"),
    ("in the lunch break", "2026-04-15 12:30", "2026-04-15 13:15"),
    ("evening", "2026-04-15 17:50", "2026-04-16 09:05"),
    ("Friday night", "2026-04-17 22:00", "2026-04-20 09:15"),
    ("the eve of Golden Week", "2026-05-01 17:50", "2026-05-07 09:05"),
    ("the year's end", "2026-12-28 17:55", "2027-01-04 09:10"),
    ("Silver Week", "2026-09-18 18:30", "2026-09-24 09:15"),
]


@pytest.mark.parametrize(("moment", "raised", "reminded"), URGENT, ids=[each[0] for each in URGENT])
def test_fifteen_minutes_are_business_minutes(
    case: Escalating, hands: Hands, moment: str, raised: str, reminded: str
) -> None:
    hands.set(raised)
    case.raised(urgency="now")
    assert due(case) == (OWNER, reminded)


def test_this_week_means_business_days(case: Escalating, hands: Hands) -> None:
    hands.set("2026-05-01 10:00")
    case.raised(urgency="week")
    assert due(case) == (OWNER, "2026-05-07 10:00")


def test_each_persons_own_hours_count(case: Escalating, hands: Hands) -> None:
    afternoons = Calendar.of(hours={day: ["13:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")})
    with case.world.rules(calendars={OWNER.casefold(): afternoons}):
        case.raised()
        assert due(case) == (OWNER, "2026-04-15 13:15")
        tick(case, hands, "2026-04-15 13:15")
        assert due(case) == (DEPUTY, "2026-04-15 13:30")


def test_whoever_left_is_passed_over_and_it_says_so(case: Escalating, hands: Hands) -> None:
    case.raised()
    case.slack.deactivate(OWNER)
    tick(case, hands, "2026-04-15 10:15")
    assert case.one().person == DEPUTY
    assert any(action.verb == "slack.remind" and action.state == "skipped" for action in case.actions())
    tick(case, hands, "2026-04-15 10:15")
    assert len(case.direct(DEPUTY)) == 1


def test_when_everybody_left_the_fallback_is_asked(case: Escalating, hands: Hands) -> None:
    case.raised()
    for person in (OWNER, DEPUTY, MANAGER):
        case.slack.deactivate(person)
    for _ in range(4):
        tick(case, hands, "2026-04-15 10:20")
    assert len(case.direct(LEAD)) == 1 and ladder.is_watched(case.one())


def test_with_nobody_the_channel_is_asked_again_and_again(case: Escalating, hands: Hands) -> None:
    with case.world.rules(fallback=""):
        case.raised(company="new:はじめて商店", conversation="")
        tick(case, hands, "2026-04-15 10:15")
        tick(case, hands, "2026-04-15 10:30")
    assert due(case) == (ESCALATIONS, "2026-04-15 11:00")
    assert case.thread() == ["まだ受領されていません。"] * 2


# -- promises -------------------------------------------------------------------------------------


def test_on_the_promised_day_it_is_asked_about_again(case: Escalating, hands: Hands) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    case.judge(OWNER, "high", "電話します", "2026-05-02")
    assert due(case) == (OWNER, "2026-05-07 09:00")
    tick(case, hands, "2026-05-07 09:00")
    assert case.direct(OWNER)[-1]["text"].startswith("その後の状況はいかがですか。")
    assert due(case) == (DEPUTY, "2026-05-08 09:00")


def test_without_a_promise_it_is_asked_about_after_the_rules_time(case: Escalating, hands: Hands) -> None:
    case.raised()
    case.press(OWNER, "acknowledge")
    assert rules.follow_up_minutes == 960 and due(case) == (OWNER, "2026-04-17 10:00")


def test_past_the_ladder_it_is_asked_about_daily_then_weekly_until_somebody_rearms_it(
    case: Escalating, hands: Hands
) -> None:
    case.raised()
    times = [shown(case.one().due_at)]
    for _ in range(15):
        tick(case, hands, times[-1])
        times.append(shown(case.one().due_at))
    assert times[3:6] == ["2026-04-16 11:00", "2026-04-17 11:00", "2026-04-20 11:00"]
    assert times[-3:] == ["2026-05-12 11:00", "2026-05-19 11:00", "2026-05-26 11:00"]
    case.press(MANAGER, "rearm", f"D{MANAGER[1:]}")
    assert due(case) == (MANAGER, "2026-05-20 11:00")


# -- a deploy -------------------------------------------------------------------------------------


def test_what_became_due_during_a_deploy_is_asked_afterwards(case: Escalating, hands: Hands) -> None:
    """The run was started and lost with its process: the due time in the table starts it anew."""
    case.raised()
    hands.set("2026-04-15 10:15")
    reminders.start_due()
    run = case.world.runs()[-1]
    assert run.workflow == "reminders.remind"
    hands.set("2026-04-15 10:40")
    durable.conduct(run.id, durable.STORIES[run.workflow])
    case.world.settle()
    assert due(case) == (DEPUTY, "2026-04-15 10:55")
    assert len(case.direct(OWNER)) == 2


def test_asking_at_once_heeds_no_hours(case: Escalating, hands: Hands) -> None:
    case.raised()
    hands.set("2026-04-15 23:00")
    durable.spawn([reminders.run_of(case.one(), at_once=True)])
    case.world.settle()
    assert len(case.direct(OWNER)) == 2


def test_the_customers_second_message_reaches_whoever_answers(case: Escalating, hands: Hands) -> None:
    case.raised()
    case.world.intercom.customer_says(case.world.chats[0], "まだ返金されていません。<!channel>")
    case.world.settle()
    news = case.direct(OWNER)[-1]
    assert news["text"].startswith("お客様から再度ご連絡がありました。")
    assert "<!channel>" not in case.text_of(news) and news["thread_ts"] == case.direct(OWNER)[0]["ts"]
    case.world.settle()
    assert len(case.direct(OWNER)) == 2 and len(case.direct(AGENT)) == 1 and len(case.slack.messages(CHANNEL)) == 1


@pytest.mark.fault("F46", "F60")
def test_no_release_to_thousands_stands_before_a_reminder(case: Escalating, hands: Hands) -> None:
    """Nor before what an escalation shows: both wait with what people wait for, and not with what follows a release."""
    case.raised()
    tick(case, hands, "2026-04-15 10:15")
    queues = {run.workflow: run.queue for run in case.world.runs() if run.id.startswith("escalation:")}
    assert {"reminders.remind", "escalation.show"} <= queues.keys() and set(queues.values()) == {schedule.PEOPLE}
