"""Revenue in the queue: what companies spend that wait for a decision, or for what was adopted; each counts once."""

from __future__ import annotations

import random

import pytest

from tests.linking import address
from tests.meeting import LEAD, decide, filed, firm, merge
from tests.releasing import released
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.measure.kpis import queue
from workflows.measure.kpis.queue import PLANNED, UNDECIDED, Queue
from workflows.rules.telling import Gate
from workflows.telling import publish
from workflows.telling.publish import Wanted
from workflows.wish import corrections


def waiting(name: str = UNDECIDED) -> Queue:
    return store.read(lambda session: queue.queues(session, now_ms()))[name]


def numbers(name: str = UNDECIDED) -> list[int]:
    return [request.id for request in waiting(name).requests]


def test_nobody_waits_for_nothing(world: World) -> None:
    assert (waiting(), waiting(PLANNED)) == (Queue([], 0, 0), Queue([], 0, 0))
    assert waiting().first(0.8) == 0


def test_the_dearest_comes_first_and_a_company_counts_once_in_the_sum(world: World) -> None:
    firm("901", mrr=500_000), firm("902", mrr=300_000), firm("903", mrr=200_000)
    small, large, same = filed("小", "903"), filed("大", "901"), filed("同じ会社", "901")
    merge(filed("大きな要望に統合", "902"), large)
    found = waiting()
    assert numbers() == [large, same, small]
    assert [(each.companies, each.spend) for each in found.requests] == [(2, 800_000), (1, 500_000), (1, 200_000)]
    assert [each.reached for each in found.requests] == [0.8, 0.8, 1.0]
    assert (found.companies, found.spend, found.first(0.8), found.first(0.81)) == (3, 1_000_000, 1, 3)


def test_a_company_without_spend_and_one_that_was_only_typed_add_nothing_to_it(world: World) -> None:
    firm("901", "株式会社みどり電機"), firm("902", mrr=100)
    filed(company="901"), filed(company="", company_name="（株）みどり電機"), filed(company="", company_name="個人")
    assert (waiting().companies, waiting().spend, waiting().first(0.8)) == (2, 0, 3)
    assert {each.reached for each in waiting().requests} == {0}
    filed(company="902")
    assert (waiting().companies, waiting().spend, waiting().first(0.8)) == (3, 100, 1)


def test_what_is_considered_further_waits_and_what_is_declined_or_withdrawn_does_not(world: World) -> None:
    considered, declined, mistaken = filed(), filed(), filed()
    decide(considered, "consider"), decide(declined, "decline")
    corrections.withdraw(mistaken, words="ご質問でした", by=LEAD)
    assert (numbers(), numbers(PLANNED)) == ([considered], [])


def test_what_is_adopted_waits_until_it_is_available_to_who_asked(world: World) -> None:
    bare, wish = filed(company="101"), world.wish(0)
    assert wish.id is not None
    decide(bare, "adopt"), decide(wish.id, "adopt")
    world.jira.comment_by_hand("KNDE-12", address(wish))
    world.settle()
    assert (numbers(), sorted(numbers(PLANNED))) == ([], sorted((bare, wish.id)))
    world.move("KNDE-12", "完了")
    world.settle()
    assert numbers(PLANNED) == [bare]
    world.move("KNDE-12", "進行中")
    world.settle()
    assert sorted(numbers(PLANNED)) == sorted((bare, wish.id))


def test_what_ended_with_nothing_to_use_is_undecided_again(world: World) -> None:
    wish = world.wish(0)
    assert wish.id is not None
    decide(wish.id, "adopt")
    world.jira.comment_by_hand("KNDE-12", address(wish))
    world.settle()
    world.move("KNDE-12", "完了", "対応しない")
    world.settle()
    assert (numbers(), numbers(PLANNED)) == ([wish.id], [])


def test_who_has_it_from_the_first_wave_on_waits_no_longer_though_others_do(world: World) -> None:
    with world.rules(gate=Gate("release")):
        released(world, 0, 2)
        [first], [other] = world.feedback(0), world.feedback(2)
        assert first.id and other.id and first.company_id and other.company_id != first.company_id
        firm(first.company_id, mrr=70), firm(other.company_id or "", mrr=30)
        merge(other.id, first.id)
        decide(first.id, "adopt")
        assert [(each.companies, each.spend) for each in waiting(PLANNED).requests] == [(2, 100)]
        issue, only = world.jira.find("KNDE-12").id, (first.company_id,)
        publish.publish(issue, Wanted("companies", only), by=LEAD, origin="form:1")
        assert [(each.companies, each.spend) for each in waiting(PLANNED).requests] == [(1, 30)]
        publish.publish(issue, Wanted(), by=LEAD, origin="form:2")
        assert numbers(PLANNED) == []


def test_what_was_taken_back_though_its_issue_is_done_is_waited_for_again(world: World) -> None:
    released(world, 0)
    [wish] = world.feedback(0)
    decide(wish.id or 0, "adopt")
    assert numbers(PLANNED) == []
    assert publish.take_back(world.jira.find("KNDE-12").id, LEAD) == ""
    assert numbers(PLANNED) == [wish.id]


def test_the_sums_are_those_of_all_that_wait(world: World) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    spends = {firm(str(900 + n), mrr=spend): spend for n in range(8) if (spend := dice.choice((1, 10, 250, 4_000)))}
    wishes = {filed(company=company): company for company in dice.choices(list(spends), k=30)}
    concluded = {wish: dice.choice(("", "", "adopt", "consider", "decline")) for wish in wishes}
    for wish, conclusion in concluded.items():
        if conclusion:
            decide(wish, conclusion)
    for name, conclusions in {UNDECIDED: ("", "consider"), PLANNED: ("adopt",)}.items():
        found, heard = waiting(name), set[str]()
        assert set(numbers(name)) == {wish for wish in wishes if concluded[wish] in conclusions}
        for request in found.requests:
            heard.add(wishes[request.id])
            assert (request.companies, request.spend) == (1, spends[wishes[request.id]])
            assert request.reached == pytest.approx(sum(spends[id] for id in heard) / found.spend, abs=1e-6)
        assert (found.companies, found.spend) == (len(heard), sum(spends[id] for id in heard))
