"""Every way a vendor can fail, at every write and read of the stories: afterwards it has happened exactly once.

All cases play in one world, each with a chat, a customer and an issue of its own (`faults.py`). Nobody waits: the
clock is moved instead (`tests/clock.py`), and a vendor that hangs is given up at once (`tests/silence.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integrations.twin import Fault
from tests.workflows.engine.faults import (
    FAULTS,
    REPLY,
    WRITES,
    Case,
    filed,
    messages,
    notes,
    openings,
    persons,
    play,
    product_notes,
    remote_links,
    tagged,
    unfinished,
    waiting,
)
from tests.world import World
from workflows.tables.runs import DEAD


@pytest.fixture(scope="module")
def one_world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """One world for all cases."""
    path = tmp_path_factory.mktemp("faults") / "world.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    world = World(f"sqlite:///{path}")
    yield world
    world.close()


@pytest.mark.fault("F33", "F34", "F38")
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_fails_for_a_while_happens_once(one_world: World, write: str, fault: str) -> None:
    case = play(one_world, WRITES[write], FAULTS[fault]())
    assert WRITES[write].count(case) == WRITES[write].expected
    assert unfinished(one_world) == []


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.fault("F35")
@pytest.mark.parametrize("status", ["400", "403", "422"])
@pytest.mark.parametrize("write", [name for name, write in WRITES.items() if write.vendor != "slack"])
def test_a_refused_write_is_a_dead_letter_that_can_be_replayed(one_world: World, write: str, status: str) -> None:
    case = play(one_world, WRITES[write], [Fault(status)])
    [reason] = one_world.replay_the_dead()
    assert one_world.twin(WRITES[write].vendor).NAME in reason.casefold()
    assert status in reason or "token" in reason
    assert WRITES[write].count(case) == WRITES[write].expected
    assert unfinished(one_world) == []


@pytest.mark.fault("F35", "F44")
@pytest.mark.parametrize("write", [name for name, write in WRITES.items() if write.vendor != "slack"])
def test_a_write_waits_until_our_token_is_accepted_and_happens_once(one_world: World, write: str) -> None:
    case = play(one_world, WRITES[write], [Fault("401")] * 3)
    assert [run.reason for run in one_world.runs() if run.state == DEAD] == []
    assert WRITES[write].count(case) == WRITES[write].expected
    assert unfinished(one_world) == []


@pytest.mark.parametrize("trouble", ["the bot was removed", "the channel was archived"])
def test_a_message_that_slack_refuses_is_a_dead_letter_that_can_be_replayed(one_world: World, trouble: str) -> None:
    case, slack, channel = Case(one_world), one_world.slack, one_world.channel
    waiting(case)
    members = list(slack.channels[channel].members)
    if trouble == "the bot was removed":
        slack.remove_bot(channel)
    else:
        slack.archive(channel)
    case.finish()
    assert (messages(case), openings(case)) == (0, 1)  # the chat has been reopened all the same
    slack.channels[channel].members, slack.channels[channel].archived = members, False
    [reason] = one_world.replay_the_dead()
    assert reason.startswith("Slack answered ")
    assert messages(case) == 1


def test_a_message_waits_until_our_app_may_write_in_slack_again(one_world: World) -> None:
    case, slack = Case(one_world), one_world.slack
    waiting(case)
    scopes = slack.scopes
    slack.scopes = tuple(scope for scope in scopes if scope != "chat:write")
    one_world.jira.move(case.key, "完了")
    one_world.deliver()
    for _ in range(3):
        one_world.conduct_at_once()
    assert (messages(case), openings(case)) == (0, 1)  # the chat has been reopened all the same
    assert [run.reason for run in one_world.runs() if run.state == DEAD] == []
    slack.scopes = scopes
    one_world.settle()
    assert messages(case) == 1
    assert unfinished(one_world) == []


def test_a_refusal_to_show_a_link_keeps_nobody_from_hearing_the_news(one_world: World) -> None:
    case = Case(one_world)
    filed(case)
    one_world.jira.granted.remove("LINK_ISSUES")
    case.link()
    case.finish()
    assert (openings(case), notes(case)) == (1, 2)
    one_world.jira.granted.add("LINK_ISSUES")
    assert one_world.replay_the_dead()
    assert remote_links(case) == 1


# -- reads ----------------------------------------------------------------------------------------

READS: dict[str, tuple[str, str, Callable[[Case], None]]] = {
    "conversation to file": ("intercom", "GET /conversations/{id}", tagged),
    "contact": ("intercom", "GET /contacts/{id}", tagged),
    "customers": ("productboard", "POST /v2/entities/search", tagged),
    "issue to link": ("jira", "GET /rest/api/3/issue/{key}", filed),
    "issue that is done": ("jira", "GET /rest/api/3/issue/{key}", waiting),
    "links of the issue": ("jira", "GET /rest/api/3/issue/{key}/remotelink", waiting),
    "connections": ("productboard", "GET /v2/jira-integrations", waiting),
    "conversation to reopen": ("intercom", "GET /conversations/{id}", waiting),
}


@pytest.mark.parametrize("write", [name for name, write in WRITES.items() if write.vendor == "intercom"])
def test_a_write_waits_while_the_plan_does_not_allow_it(
    one_world: World, write: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 403 about one conversation is a dead letter, as above; one about the whole workspace is for us to wait for."""
    restricted = one_world.intercom.error("api_plan_restricted", "Active subscription needed.")
    monkeypatch.setattr(one_world.intercom, "broken", lambda _: restricted)
    case = play(one_world, WRITES[write], [Fault("403")] * 3)
    assert [run.reason for run in one_world.runs() if run.state == DEAD] == []
    assert WRITES[write].count(case) == WRITES[write].expected
    assert unfinished(one_world) == []


READ_FAULTS = (
    "429 in seconds",
    "429 in a thousand million seconds",
    "500 again and again",
    "503 for long",
    "no answer",
    "applied, then dropped",
    "half an answer",
    "a web page",
)


@pytest.mark.parametrize("fault", READ_FAULTS)
@pytest.mark.parametrize("read", READS)
def test_a_read_that_fails_for_a_while_delays_only(one_world: World, read: str, fault: str) -> None:
    case = to_the_end(one_world, read, FAULTS[fault]())
    assert all_is_done(case)
    assert unfinished(one_world) == []


@pytest.mark.parametrize("read", READS)
def test_a_refused_read_is_a_dead_letter_that_can_be_replayed(one_world: World, read: str) -> None:
    case = to_the_end(one_world, read, [Fault("403")])
    one_world.replay_the_dead()
    while_missing = [step for step in (case.tag, case.link) if not all_is_done(case)]
    for step in while_missing:
        step()
    assert all_is_done(case)
    assert unfinished(one_world) == []


@pytest.mark.fault("F35")
@pytest.mark.parametrize("read", READS)
def test_a_token_that_is_not_accepted_for_a_while_makes_no_dead_letter(one_world: World, read: str) -> None:
    """Somebody renews it, over a weekend perhaps; until then everything that came waits, and says why."""
    case = to_the_end(one_world, read, [Fault("401")] * 3)
    assert all_is_done(case)
    assert [run.id for run in one_world.runs() if run.state == DEAD] == []


def to_the_end(world: World, read: str, faults: list[Fault]) -> Case:
    """The whole loop of one case, with a read that fails on the way."""
    vendor, route, before = READS[read]
    case = Case(world)
    before(case)
    world.settle()
    world.twin(vendor).fail(route, *faults)
    if before is tagged:
        case.tag()
    if before is not waiting and world.feedback(case.chat):
        case.link()
    case.finish()
    world.twin(vendor).mend()
    return case


def all_is_done(case: Case) -> bool:
    """Everything that the loop does has happened once."""
    return bool(case.world.feedback(case.chat)) and (
        (product_notes(case), persons(case), notes(case), remote_links(case), openings(case), messages(case))
        == (1, 1, 2, 1, 1, 1)
    )


# -- looking for what an attempt without an answer has left ---------------------------------------


@pytest.mark.fault("F39")
def test_the_looking_may_fail_too(one_world: World) -> None:
    case = Case(one_world)
    waiting(case)
    one_world.intercom.fail(REPLY, Fault("reset"))
    one_world.slack.fail("POST /api/chat.postMessage", Fault("reset"))
    one_world.slack.fail("POST /api/conversations.history", *[Fault("500")] * 4)
    case.finish()
    assert (notes(case), openings(case), messages(case)) == (2, 1, 1)
    assert unfinished(one_world) == []


def test_a_customer_that_was_made_without_an_answer_is_not_made_again(one_world: World) -> None:
    case = Case(one_world)
    one_world.productboard.fail("POST /v2/entities", Fault("reset"))
    one_world.productboard.fail("POST /v2/notes", Fault("404"), Fault("reset"))
    case.tag()
    one_world.productboard.mend()
    assert (persons(case), product_notes(case)) == (1, 1)
