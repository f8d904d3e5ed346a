"""How often colleagues are asked: by skill and month, and less with the months; nobody is ranked."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from tests.world import World
from workflows.engine.store import store
from workflows.enquiry import learning
from workflows.enquiry.learning import Point
from workflows.tables.enquiry import Ask, Wait

TANAKA, SATO, SUZUKI = "7001", "7002", "7003"
ASKERS = {"U0TANAKA": TANAKA, "U0SATO": SATO, "U0SUZUKI": SUZUKI}


def ms(day: str) -> int:
    """A moment on the company's clock."""
    return round(datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Asia/Tokyo")).timestamp() * 1000)


def answered(chat: str, by: str, day: str, ended: str = "answered") -> None:
    """An agent answered a customer."""
    at = ms(day)
    row = Wait(conversation_id=chat, since=at - 1000, kind="first", target=5, answer_by=at).model_dump()
    over = {"ended": ended, "ended_at": at, "ended_by": by}
    store.write(lambda session: session.add(Wait(**(row | over))))


def asked(chat: str, person: str, day: str, skill: str = "billing") -> None:
    """Somebody asked colleagues about it."""
    row = Ask(conversation_id=chat, skill=skill, question="?", origin=f"{chat}{person}{day}", person=person, asked_at=0)
    store.write(lambda session: session.add(Ask(**(row.model_dump() | {"asked_at": ms(day)}))))


def curve() -> list[Point]:
    return store.read(partial(learning.curve, askers=ASKERS))


def own(admin_id: str) -> list[Point]:
    return store.read(partial(learning.own_curve, askers=ASKERS, admin_id=admin_id))


# -- nothing --------------------------------------------------------------------------------------


def test_where_nothing_was_asked_or_answered_there_is_nothing(world: World) -> None:
    assert (curve(), own(TANAKA), store.read(partial(learning.by_skill, since=0))) == ([], [], {})


def test_a_point_that_would_be_about_a_few_is_left_out_and_everybody_sees_their_own(world: World) -> None:
    for chat, agent in (("1", TANAKA), ("2", SATO)):
        answered(chat, agent, "2026-01-10")
    assert curve() == []
    assert own(TANAKA) == [Point(0, 1, 0, 1)] and own("7009") == []


def test_what_was_only_closed_and_who_is_no_agent_count_for_nothing(world: World) -> None:
    answered("1", TANAKA, "2026-01-10", ended="closed")
    answered("2", "", "2026-01-10")
    asked("3", "U0STRANGER", "2026-01-10")
    assert own(TANAKA) == own("") == []


# -- figures --------------------------------------------------------------------------------------


def test_each_skill_by_the_month_on_the_companys_clock(world: World) -> None:
    for number, day in enumerate(("2026-10-31 23:59", "2026-11-01 00:00", "2026-11-15", "2026-09-30 23:00")):
        asked(str(number), "U0TANAKA", day)
    asked("9", "U0SATO", "2026-11-02", skill="")
    found = store.read(partial(learning.by_skill, since=ms("2026-10-01")))
    assert found == {"": {"2026-11": 1}, "billing": {"2026-10": 1, "2026-11": 2}}


@pytest.mark.parametrize(
    ("day", "months"), [("2026-02-27", 0), ("2026-02-28", 1), ("2026-03-27", 1), ("2027-01-28", 12)]
)
def test_months_are_counted_as_people_do(world: World, day: str, months: int) -> None:
    answered("1", TANAKA, "2026-01-28")
    answered("2", TANAKA, day)
    assert own(TANAKA)[-1].months == months


def test_the_share_for_which_somebody_had_to_ask_by_months_since_the_first_answer(world: World) -> None:
    for agent, start in ((TANAKA, "2026-01"), (SATO, "2026-03"), (SUZUKI, "2026-05")):
        slack = next(id for id, admin in ASKERS.items() if admin == agent)
        later = f"2026-{int(start[-2:]) + 1:02}"
        for number in range(4):
            answered(f"{agent}/{number}", agent, f"{start}-0{number + 1}")
            answered(f"{agent}/{number + 4}", agent, f"{later}-0{number + 1}")
        for number in (0, 1, 4):
            asked(f"{agent}/{number}", slack, f"{start if number < 4 else later}-01 00:00")
    first, second = curve()
    assert (first.months, first.enquiries, first.asked, first.agents) == (0, 12, 6, 3)
    assert (second.months, second.enquiries, second.asked, second.agents) == (1, 12, 3, 3)
    assert (first.share, second.share) == (0.5, 0.25)


def test_who_answers_a_colleagues_question_has_not_asked_themselves(world: World) -> None:
    answered("1", SATO, "2026-01-10")
    asked("1", "U0TANAKA", "2026-01-09")
    asked("1", "U0TANAKA", "2026-01-09 10:00")
    answered("1", TANAKA, "2026-01-11")
    assert own(SATO) == [Point(0, 1, 0, 1)]
    assert own(TANAKA) == [Point(0, 1, 1, 1)]


def test_askers_are_those_whom_both_tools_know(world: World) -> None:
    with world.rules(colleagues={"agent7002@kanade.example": "U0SATO"}):
        assert learning.askers()["U0SATO"] == SATO
