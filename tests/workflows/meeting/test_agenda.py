"""The agenda: who is on it, in which order, how much each weighs, how often it was passed over, and how it was once."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pytest

from tests.clock import TOKYO
from tests.meeting import DAY, LEAD, decide, filed, firm, merge, noted
from tests.world import World
from workflows.engine import outcome
from workflows.engine.store import now_ms, store
from workflows.meeting import acts, texts
from workflows.meeting import agenda as posting
from workflows.meeting import items as agenda
from workflows.meeting.items import Agenda, Item
from workflows.meeting.weekly import Meetings
from workflows.rules.calendar import Calendar
from workflows.rules.meeting import Triage, Weight
from workflows.wish import corrections


def seen(at: int | None = None, **wanted: Any) -> Agenda:
    """The agenda, now or as it was."""
    return store.read(lambda session: agenda.agenda(session, now_ms() if at is None else at, **wanted))


def item(wish: int, at: int | None = None) -> Item:
    """One wish, now or as it was."""
    found = store.read(lambda session: agenda.item(session, wish, now_ms() if at is None else at))
    assert found is not None
    return found


def moment(text: str) -> int:
    """A Japanese day and time in ms."""
    return int(datetime.fromisoformat(text).replace(tzinfo=TOKYO).timestamp() * 1000)


# -- meetings -------------------------------------------------------------------------------------

WEDNESDAYS = Meetings(
    Calendar.of(country="JP", hours={day: ["9:00-18:00"] for day in ("mon", "tue", "wed")}), 2, Triage().meets_at
)


def test_a_meeting_is_every_week_but_not_on_a_holiday() -> None:
    assert WEDNESDAYS.next(moment("2026-04-27 12:00")) == moment("2026-05-13 15:00")  # 29 April, 6 May: holidays
    assert WEDNESDAYS.passed(moment("2026-04-20 12:00"), moment("2026-05-14 00:00")) == 2


def test_todays_meeting_is_the_present_one_until_midnight() -> None:
    during = moment("2026-11-25 16:00")
    assert WEDNESDAYS.next(during) == moment("2026-11-25 15:00")
    assert WEDNESDAYS.present(during) == moment("2026-11-25 00:00")
    assert WEDNESDAYS.passed(moment("2026-11-20 00:00"), during) == 0
    assert WEDNESDAYS.passed(moment("2026-11-20 00:00"), moment("2026-11-26 00:00")) == 1


def test_what_is_taken_during_a_meeting_was_not_passed_over_by_it() -> None:
    assert WEDNESDAYS.passed(moment("2026-11-25 15:30"), moment("2026-11-27 00:00")) == 0


def test_a_company_that_never_works_on_that_day_still_gets_an_answer() -> None:
    never = Meetings(Calendar.of(country="JP", hours={"mon": ["9:00-18:00"]}), 5, Triage().meets_at)
    assert never.next(moment("2026-11-25 12:00")) > moment("2026-11-25 12:00")
    assert never.present(moment("2026-11-25 12:00")) == 0


# -- weighing -------------------------------------------------------------------------------------


def test_the_weight_is_the_sum_that_stands_beside_it(world: World) -> None:
    firm("901", "大手", "Enterprise", 480_000), firm("902", "中堅", "Business", 125_999), firm("903", "個人", "", 9_800)
    now = now_ms()
    wishes = [
        filed(f"CSV {number}", company, at=now - 20 * DAY)
        for number, company in enumerate(("901", "902", "903", "901"))
    ]
    for wish in wishes[1:]:
        merge(wish, wishes[0])
    noted(wishes[0], importance="low", temperature="low")
    noted(wishes[2], importance="medium", temperature="high")
    weight = Weight(tier={"Enterprise": 20, "Business": 5})
    with world.rules(weight=weight):
        found = item(wishes[0]).weighed
    # three companies, each once: 3 × 10; Enterprise 20, Business 5; 615,799 ÷ 10,000; 6; 8; two whole weeks
    assert [term.points for term in found.terms] == [30, 20, 5, 61, 6, 8, 2]
    assert found.weight == 132
    assert (len(found.firms), found.mrr) == (3, 615_799)


def test_what_nobody_noted_and_money_that_is_left_out_weigh_nothing(world: World) -> None:
    firm("901", mrr=99_999)
    with world.rules(weight=Weight(money=0, company=1)):
        assert item(filed(company="901")).weighed.weight == 1
        assert item(filed(company="")).weighed.weight == 0


def test_a_company_that_is_not_on_record_counts_once_however_it_is_written(world: World) -> None:
    wish = filed(company="", company_name="（株）みどり電機")
    for name in ("株式会社みどり電機", "㈱ミドリ電機", ""):
        merge(filed(company="", company_name=name), wish)
    with world.rules(weight=Weight(company=10, money=0)):
        assert (item(wish).weighed.weight, len(item(wish).weighed.firms)) == (10, 1)
        merge(filed(company="", company_name="あおば製作所"), wish)
        assert item(wish).weighed.weight == 20


def test_a_typed_company_that_is_on_record_for_another_customer_of_the_wish_counts_once(world: World) -> None:
    firm("901", "株式会社みどり電機")
    wish = filed(company="901")
    merge(filed(company="", company_name="(株)みどり電機"), wish)
    assert list(item(wish).weighed.firms) == ["901"]


# -- the list -------------------------------------------------------------------------------------


def test_nothing_is_skipped_and_the_oldest_comes_first(world: World) -> None:
    now = now_ms()
    wishes = [filed(f"要望{n}", at=now - n * DAY) for n in range(7)]
    found = seen(most=3)
    assert found.total == 7 and list(found.order) == wishes[::-1]
    assert [each.id for each in (*found.items, *seen(first=3, most=3).items, *seen(first=6, most=3).items)] == wishes[
        ::-1
    ]


def test_it_is_sorted_by_what_somebody_wants_to_look_at(world: World) -> None:
    firm("901", mrr=500_000), firm("902", mrr=10_000)
    now = now_ms()
    small, rich, old = filed("a", "902", at=now - DAY), filed("b", "901", at=now), filed("c", "902", at=now - 90 * DAY)
    merge(filed("d", "903"), small)
    assert list(seen(sort="money").order) == [rich, old, small]
    assert seen(sort="companies").order[0] == small
    assert seen(sort="carried").order[0] == old
    assert list(seen(sort="age").order) == [old, small, rich]


def test_it_can_be_narrowed_to_a_kind_or_a_tier_and_still_says_how_much_there_is(world: World) -> None:
    firm("901", tier="Enterprise"), firm("902", tier="Small")
    fault, wish = filed("落ちる", "901", kind="fault"), filed("CSV", "902")
    assert list(seen(kind="fault").order) == [fault]
    assert list(seen(tier="Small").order) == [wish]
    assert seen(tier="Small").total == 2


def test_segments_that_nobody_hears_are_named(world: World) -> None:
    firm("901", tier="Enterprise"), firm("902", tier="Small"), firm("903", tier="Small")
    filed(company="902"), filed(company="902")
    assert [(s.tier, s.companies, s.heard) for s in seen().segments] == [("Enterprise", 1, 0), ("Small", 2, 1)]


def test_a_tier_is_heard_although_its_only_wish_has_just_been_decided(world: World) -> None:
    firm("901", tier="Enterprise"), firm("902", tier="Small")
    wish = filed(company="901")
    decide(wish, "adopt")
    found = seen()
    assert found.order == [] and [tier.tier for tier in found.silent] == ["Small"]
    [*_, small] = texts.agenda(found, [])[1]
    assert "直近90日間に要望がないプラン: Small" in str(small) and "Enterprise" not in str(small)


def test_a_tier_whose_last_wish_is_long_ago_and_decided_is_silent_again(world: World) -> None:
    firm("901", tier="Enterprise"), firm("902", tier="Small")
    decide(filed(company="901", at=now_ms() - 91 * DAY), "decline")
    filed(company="902", at=now_ms() - 200 * DAY)  # still to be decided
    assert [tier.tier for tier in seen().silent] == ["Enterprise"]


def test_a_wish_that_meetings_passed_over_says_how_often(world: World) -> None:
    now = moment("2026-11-26 12:00")
    wish = filed(at=moment("2026-11-04 12:00"))
    with world.rules(calendar=Calendar.of(hours={"wed": ["9:00-18:00"]})):
        assert item(wish, now).weighed.carried == 4  # 4, 11, 18 and 25 November
        assert item(wish, moment("2026-11-25 18:00")).weighed.carried == 3


# -- the past -------------------------------------------------------------------------------------


def test_the_list_as_of_any_day_is_the_list_that_was_shown_on_that_day(world: World, monkeypatch: Any) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice, now = random.Random(seed), [moment("2026-05-01 09:00")]
    for module in ("meeting.acts", "meeting.decisions", "customer.companies", "wish.corrections"):
        monkeypatch.setattr(f"workflows.{module}.now_ms", lambda: now[0])
    wishes: list[int] = []
    decisions: list[int] = []
    shots: list[tuple[int, list[Any]]] = []
    for _ in range(40):
        _something_happens(dice, now, wishes, decisions)
        shots.append((now[0], shown(now[0])))
        now[0] += dice.randrange(1, 3 * DAY)
    for at, was in shots:
        assert shown(at) == was, (seed, at)


def shown(at: int) -> list[Any]:
    """Everything that the page of a moment says."""
    found = seen(at)
    items = [
        (
            each.weighed,
            [(voice.feedback_id, voice.firm, voice.context and voice.context.background) for voice in each.voices],
            each.decision and (each.decision.id, each.decision.conclusion),
        )
        for each in found.items
    ]
    return [items, found.order, found.total, found.handled, found.meeting, found.next_meeting, found.segments]


def _something_happens(dice: random.Random, now: list[int], wishes: list[int], decisions: list[int]) -> None:
    act = dice.randrange(7)
    try:
        if act == 0 or not wishes:
            wishes.append(filed(f"要望{len(wishes)}", dice.choice(["901", "902", ""]), at=now[0]))
        elif act == 1:
            firm(dice.choice(["901", "902"]), tier=dice.choice(["Small", "Enterprise"]), mrr=dice.randrange(10**6))
        elif act == 2:
            noted(dice.choice(wishes), at=now[0], background="毎月の手作業", importance=dice.choice(["high", "low"]))
        elif act == 3:
            decisions.append(decide(dice.choice(wishes), dice.choice(["adopt", "consider", "decline"])).id or 0)
        elif act == 4:
            merge(dice.choice(wishes), dice.choice(wishes))
        elif act == 5:
            corrections.withdraw(wish := dice.choice(wishes), words="要望ではない", by=LEAD)
            wishes.remove(wish)  # nobody does anything with it any more
        elif decisions and dice.random() < 0.5:
            acts.undo(dice.choice(decisions), LEAD)
        else:
            acts.unmerge(dice.choice(wishes), LEAD)
    except outcome.Refused:
        pass


# -- the message ----------------------------------------------------------------------------------


def agenda_day() -> int:
    """The moment at which the present agenda is due."""
    return posting.due_at(now_ms())


def test_the_agenda_is_posted_once_on_its_day(world: World, monkeypatch: Any) -> None:
    filed("CSVに<b>部署</b>コードを", at=now_ms() - 30 * DAY), filed("印刷したい")
    when = agenda_day()
    monkeypatch.setattr(posting._Clock, "quiet_until", 0)
    monkeypatch.setattr(posting, "now_ms", lambda: when - 60_000)
    assert posting.start_due() == 0
    monkeypatch.setattr(posting, "now_ms", lambda: when + 1_000)
    assert posting.start_due() == 1
    posting._Clock.quiet_until = 0
    assert posting.start_due() == 0
    world.settle()
    [said] = world.said()
    assert "2件" in said


@pytest.mark.fault("F84")
def test_a_clock_that_was_hours_ahead_keeps_no_agenda_back(world: World, monkeypatch: Any) -> None:
    filed("CSVに部署コードを", at=now_ms() - 30 * DAY)
    when = agenda_day()
    monkeypatch.setattr(posting._Clock, "quiet_until", 0)
    monkeypatch.setattr(posting, "now_ms", lambda: when + posting.LATE_MS + 3600_000)
    assert posting.start_due() == 0
    monkeypatch.setattr(posting, "now_ms", lambda: when + 1_000)  # it is set right
    assert posting.start_due() == 1


def test_an_agenda_without_wishes_is_not_posted_and_says_why(world: World, monkeypatch: Any) -> None:
    when = agenda_day()
    monkeypatch.setattr(posting._Clock, "quiet_until", 0)
    monkeypatch.setattr(posting, "now_ms", lambda: when)
    assert posting.start_due() == 1
    world.settle()
    assert world.said() == [] and world.runs()[-1].reason == posting.NOTHING
