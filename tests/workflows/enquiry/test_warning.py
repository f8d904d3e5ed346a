"""While somebody waits, their chat's thread says so: each percentage once at most, nothing late, nothing at night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlmodel import Session

from app.demo.company import CHANNEL, ESCALATIONS
from integrations.twin import Fault
from tests.clock import Hands, shown
from tests.workflows.enquiry.waiting import CHAT, ENQUIRY, MINUTE, TOKYO, WEEK, agent, at, customer, open_minutes
from tests.world import World
from workflows.engine import durable
from workflows.engine.posting import Place
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.enquiry import clock, threads, waits, warning
from workflows.enquiry.clock import Said
from workflows.rules.calendar import Calendar
from workflows.tables.enquiry import Enquiry, Wait
from workflows.tables.runs import Run

POST = "POST /api/chat.postMessage"


@pytest.fixture
def hands() -> Iterator[Hands]:
    """A clock that stands still until it is set."""
    hands = Hands()
    yield hands
    hands.release()


class Thread:
    """A customer who waits, and the thread of their chat in Slack."""

    def __init__(self, world: World, hands: Hands) -> None:
        self.world, self.hands, self.id = world, hands, "215"
        self.said: list[Said] = []
        self.places = [self.begin(CHANNEL)]

    def begin(self, channel: str) -> Place:
        """The first message of a thread."""
        assert vendors.slack is not None
        posted = vendors.slack.post(channel, "お問い合わせ", [], marker="YMB-THREAD")
        assert posted is not None
        return Place(posted.channel, posted.ts)

    def happens(self, *said: Said, **others: Any) -> None:
        """Somebody says something, and the service knows it."""
        self.said += said
        facts = CHAT | others
        found = clock.waits(self.said, [])
        store.write(lambda session: waits.bring_up_to_date(session, self.id, found, **facts))

    def tick(self, *moments: str) -> None:
        """Time comes so far: what is due is said."""
        for moment in moments:
            self.hands.set(moment)
            warning.start_due()
            self.world.settle()

    def lines(self, place: int = 0) -> list[str]:
        """What stands below the first message."""
        there = self.places[place]
        return [str(each["text"]) for each in self.world.slack.messages(there.channel) if self._is_below(each, there)]

    def _is_below(self, message: dict[str, Any], there: Place) -> bool:
        return message.get("thread_ts") == there.ts and message["ts"] != there.ts

    def row(self) -> Wait:
        """The newest wait."""
        row = store.read(partial(_newest, self.id))
        assert row is not None
        return row

    def warnings(self) -> list[Run]:
        """The runs that upkeep has started."""
        return [run for run in self.world.runs() if run.workflow == "warning.warn"]


def _newest(id: str, session: Session) -> Wait | None:
    return waits.current(session, id)


@pytest.fixture
def thread(world: World, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> Iterator[Thread]:
    """Nobody waits yet."""
    hands.set("2026-04-15 10:00")
    with world.rules(enquiry=ENQUIRY, calendar=TOKYO):
        thread = Thread(world, hands)
        monkeypatch.setattr(threads, "places", lambda id: thread.places)
        yield thread


LEFT = "⏱ 初回回答の目標時間(5分)まで、あと{n}分です。".format
OVER, OVERDUE = "⏱ 初回回答の目標時間(5分)になりました。", "⏱ 初回回答の目標時間(5分)を{n}分過ぎています。".format

# -- what is not said ------------------------------------------------------------------------------


def test_nothing_is_said_before_it_is_time(thread: Thread) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    thread.tick("2026-04-15 10:02")
    assert thread.lines() == [] and thread.warnings() == []


def test_nothing_is_said_of_somebody_who_was_answered(thread: Thread) -> None:
    thread.happens(customer(at("2026-04-15 10:00")), agent(at("2026-04-15 10:02")))
    thread.tick("2026-04-15 10:03", "2026-04-15 11:00")
    assert thread.lines() == [] and thread.warnings() == []


def conduct(run: Run) -> str:
    return durable.conduct(run.id, durable.STORIES[run.workflow])


@pytest.mark.fault("F91")
def test_who_was_answered_before_it_could_be_said_is_not_spoken_of(thread: Thread, hands: Hands) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    hands.set("2026-04-15 10:03")
    assert (warning.start_due(), warning.start_due()) == (1, 0)
    thread.happens(agent(at("2026-04-15 10:03")))
    thread.world.settle()
    [run] = thread.warnings()
    assert (run.state, run.reason, thread.lines()) == ("ignored", warning.NOBODY_WAITS, [])


def test_what_is_erased_meanwhile_is_not_spoken_of(thread: Thread, hands: Hands) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    hands.set("2026-04-15 10:03")
    warning.start_due()
    thread.said = []
    thread.happens()
    thread.world.settle()
    assert thread.lines() == [] and thread.warnings()[0].state == "ignored"


def test_a_chat_without_a_thread_is_told_of_nowhere(thread: Thread) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    thread.places = []
    thread.tick("2026-04-15 10:03")
    assert thread.warnings()[0].reason == warning.NO_THREAD and thread.row().warned == 0


def test_a_thread_that_is_being_posted_is_waited_for(thread: Thread, hands: Hands) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    places, thread.places = thread.places, []
    hands.set("2026-04-15 10:03")
    warning.start_due()
    [run] = thread.warnings()
    beginning = Enquiry(conversation_id=thread.id, state="waiting", said_at=0, relayed_by=run.id)
    store.write(lambda session: session.add(beginning))
    assert (conduct(run), thread.warnings()[0].reason) == ("open", warning.NO_THREAD_YET)
    thread.places = places
    thread.world.settle()
    assert thread.lines() == [LEFT(n=2)]


def test_nothing_is_said_at_night_and_in_the_morning_all_of_it_at_once(thread: Thread) -> None:
    thread.happens(customer(at("2026-04-15 17:56")))
    thread.tick("2026-04-15 17:58", "2026-04-15 18:00", "2026-04-16 03:00")
    assert thread.lines() == [] and thread.warnings() == []
    thread.tick("2026-04-16 09:10")
    assert thread.lines() == [OVERDUE(n=9)] and thread.row().warned == 3


def test_what_cannot_be_said_before_the_night_is_said_in_the_morning(thread: Thread, hands: Hands) -> None:
    thread.happens(customer(at("2026-04-15 17:56")))
    hands.set("2026-04-15 17:59")
    warning.start_due()
    hands.set("2026-04-15 19:00")
    thread.world.settle()
    assert thread.lines() == [] and thread.warnings()[0].reason == warning.NOT_YET
    assert shown(thread.row().warn_at) == "2026-04-16 09:00"
    thread.tick("2026-04-16 09:00")
    assert thread.lines() == [LEFT(n=1)]


def test_what_is_too_early_by_new_rules_waits_for_its_time(thread: Thread, hands: Hands) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    hands.set("2026-04-15 10:03")
    warning.start_due()
    later = Calendar.of(country="JP", hours={day: ["10:02-18:00"] for day in WEEK})
    with thread.world.rules(calendar=later):
        thread.world.settle()
        assert thread.lines() == [] and shown(thread.row().warn_at) == "2026-04-15 10:05"
        thread.tick("2026-04-15 10:05")
        assert thread.lines() == [LEFT(n=2)]


def test_a_warning_that_the_rules_no_longer_know_is_not_given(thread: Thread, hands: Hands) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    hands.set("2026-04-15 10:05")
    warning.start_due()
    with thread.world.rules(enquiry=replace(ENQUIRY, warn=(50,))):
        thread.world.settle()
    assert thread.lines() == [] and thread.warnings()[0].reason == warning.NOT_NOW


# -- what is said ----------------------------------------------------------------------------------


def test_each_percentage_is_said_at_its_moment(thread: Thread) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    thread.tick("2026-04-15 10:03", "2026-04-15 10:04", "2026-04-15 10:04", "2026-04-15 10:05", "2026-04-15 11:00")
    assert thread.lines() == [LEFT(n=2), LEFT(n=1), OVER]
    assert (thread.row().warned, thread.row().warn_at) == (3, None)


@pytest.mark.fault("F91")
def test_after_an_hour_without_the_service_only_the_last_is_said(thread: Thread) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    thread.tick("2026-04-15 11:05")
    assert thread.lines() == [OVERDUE(n=60)] and len(thread.warnings()) == 1


def test_of_runs_that_waited_together_the_last_one_speaks(thread: Thread, hands: Hands) -> None:
    """Nobody worked on runs for a while, though upkeep went on starting them."""
    thread.happens(customer(at("2026-04-15 10:00")))
    for moment in ("2026-04-15 10:03", "2026-04-15 10:04", "2026-04-15 10:05"):
        hands.set(moment)
        assert warning.start_due() == 1
    thread.world.settle()
    assert thread.lines() == [OVER]
    assert sorted(run.state for run in thread.warnings()) == ["done", "ignored", "ignored"]


def test_the_next_answer_has_a_time_of_its_own(thread: Thread) -> None:
    thread.happens(customer(at("2026-04-15 10:00")), agent(at("2026-04-15 10:02")), customer(at("2026-04-15 10:10")))
    thread.tick("2026-04-15 10:18", "2026-04-15 10:25", "2026-04-15 10:27")
    assert thread.lines() == [
        "⏱ 次の回答の目標時間(15分)まで、あと7分です。",
        "⏱ 次の回答の目標時間(15分)になりました。",
    ]


def test_it_is_said_in_the_companys_language(thread: Thread) -> None:
    one = replace(ENQUIRY, targets={("first", "chat"): 2, ("next", "chat"): 1}, warn=(50, 100, 150))
    with thread.world.rules(language="en", enquiry=one):
        thread.happens(customer(at("2026-04-15 10:00")))
        thread.tick("2026-04-15 10:01", "2026-04-15 10:02", "2026-04-15 10:03")
        thread.happens(agent(at("2026-04-15 10:10")), customer(at("2026-04-15 10:11")))
        thread.tick("2026-04-15 10:12", "2026-04-15 10:14")
    assert thread.lines() == [
        "⏱ 1 minute left of 2 for the first answer.",
        "⏱ The 2 minutes for the first answer are over.",
        "⏱ First answer overdue by 1 minute. Target: 2 min.",
        "⏱ The 1 minute for the next answer is over.",
        "⏱ Next answer overdue by 2 minutes. Target: 1 min.",
    ]


def test_it_is_said_wherever_the_chat_is_shown(thread: Thread) -> None:
    thread.places.append(thread.begin(ESCALATIONS))
    thread.happens(customer(at("2026-04-15 10:00")))
    thread.tick("2026-04-15 10:03")
    assert thread.lines(0) == thread.lines(1) == [LEFT(n=2)]


def test_the_timeline_of_the_conversation_says_so(thread: Thread) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    thread.tick("2026-04-15 10:03")
    [action] = [action for action in thread.world.actions() if action.verb == "slack.warn"]
    assert (action.conversation_id, action.state, action.facts) == ("215", "done", {"n": 3})


# -- trouble ---------------------------------------------------------------------------------------

TROUBLES = ["500", "429", "lost", "reset", "late-500", "truncated", "html"]


@pytest.mark.fault("F91")
@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_slack_does_it_is_said_once(thread: Thread, hands: Hands, trouble: str) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    hands.set("2026-04-15 10:05")
    warning.start_due()
    thread.world.slack.fail(POST, Fault(trouble))
    for _ in range(4):
        for run in thread.warnings():
            conduct(run)
        hands.go_on(120)
    assert len(thread.lines()) == 1 and thread.row().warned == 3
    assert [run.state for run in thread.warnings()] == ["done"]


class Killed(BaseException):
    """The process ends here."""


def killed(*_: Any, **__: Any) -> None:
    raise Killed


def before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(vendors.slack), "post", killed)


def after_it_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert vendors.slack is not None
    post = type(vendors.slack).post

    def once(*args: Any, **kwargs: Any) -> None:
        post(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(type(vendors.slack), "post", once)


@pytest.mark.fault("F91")
@pytest.mark.parametrize("dies", [before_it_is_sent, after_it_was_sent])
def test_whoever_dies_saying_it_says_it_once(
    thread: Thread, hands: Hands, monkeypatch: pytest.MonkeyPatch, dies: Callable[[pytest.MonkeyPatch], None]
) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    hands.set("2026-04-15 10:05")
    warning.start_due()
    with monkeypatch.context() as meanwhile, pytest.raises(Killed):
        dies(meanwhile)
        conduct(thread.warnings()[0])
    hands.go_on(120)
    thread.world.settle()
    assert len(thread.lines()) == 1 and thread.row().warned == 3


@pytest.mark.fault("F91")
def test_what_upkeep_did_not_come_to_start_it_starts_in_its_next_round(
    thread: Thread, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    hands.set("2026-04-15 10:05")
    with monkeypatch.context() as meanwhile, pytest.raises(Killed):
        meanwhile.setattr(warning, "start", killed)
        warning.start_due()
    thread.tick("2026-04-15 10:06")
    assert thread.lines() == [OVERDUE(n=1)]


def test_a_wait_that_ended_and_goes_on_after_all_is_warned_of(thread: Thread, hands: Hands) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    hands.set("2026-04-15 10:03")
    warning.start_due()
    asked = thread.said
    thread.happens(agent(at("2026-04-15 10:02")))
    thread.world.settle()
    thread.said = asked[:1]
    thread.happens()
    hands.go_on(20)
    assert warning.start_due() == 1
    thread.world.settle()
    assert thread.lines() == [LEFT(n=2)]


def test_what_was_said_is_not_said_of_the_same_wait_that_began_earlier(thread: Thread) -> None:
    thread.happens(customer(at("2026-04-15 10:01")))
    thread.tick("2026-04-15 10:04")
    thread.happens(customer(at("2026-04-15 10:00")))
    thread.tick("2026-04-15 10:04", "2026-04-15 10:05")
    assert thread.lines() == [LEFT(n=2), LEFT(n=1), OVER]


# -- any moments -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_whenever_upkeep_looks_each_is_said_once_and_late_ones_together(thread: Thread, seed: int) -> None:
    """Against a count of every minute: at each look the last percentage that is over, unless it was said."""
    print(f"seed {seed}")
    dice = Random(seed)
    start = at("2026-04-15 11:40")
    for number in range(8):
        thread.id, thread.said = f"{seed}-{number}", []
        since = start + number * 7 * 24 * 60 * MINUTE + dice.randrange(8 * 60) * MINUTE
        target = dice.choice([1, 3, 5, 30, 200])
        warn = tuple(sorted(dice.sample([10, 50, 80, 100, 150, 300], dice.randint(1, 4))))
        rules = replace(ENQUIRY, targets={("first", "chat"): target}, warn=warn)
        looks = sorted(since + dice.randrange(2 * target + 5) * dice.choice([1, 1, 9]) * MINUTE for _ in range(9))
        answered = dice.choice([None, dice.choice(looks)])
        with thread.world.rules(enquiry=rules):
            before = len(thread.lines())
            expected = said_at(thread, since, target, warn, looks, answered)
            assert len(thread.lines()) - before == len(expected)
            assert percents(thread) == expected
        thread.happens(agent(looks[-1]))


def said_at(
    thread: Thread, since: int, target: int, warn: tuple[int, ...], looks: list[int], answered: int | None
) -> list[int]:
    """Let upkeep look at these moments; which percentages have to be said by then."""
    expected: list[int] = []
    thread.hands.set(shown(since))
    thread.happens(customer(since))
    for look in looks:
        if answered is not None and look >= answered:
            thread.happens(agent(answered))
        thread.tick(shown(look))
        assert now_ms() == look
        over = [each for each in warn if open_minutes(TOKYO, since, look) * 100 >= target * each]
        is_lasting = answered is None or look < answered
        if TOKYO.is_open(look) and is_lasting and over and over[-1] not in expected:
            expected.append(over[-1])
    return expected


def percents(thread: Thread) -> list[int]:
    """Which percentages were said of this wait, in their order."""
    keys = [action.key.split(":") for action in thread.world.actions() if action.verb == "slack.warn"]
    return [int(key[3]) for key in keys if key[1] == thread.id]


# -- time is let pass --------------------------------------------------------------------------------


def early(thread: Thread) -> bool:
    """The next warning comes before its time."""
    row = store.read(partial(_newest, thread.id))
    begun = warning.start_early(thread.id, row.since if row else at("2026-04-15 10:00"))
    thread.world.settle()
    return begun


def test_of_somebody_who_does_not_wait_nothing_comes_early(thread: Thread) -> None:
    assert not early(thread)
    thread.happens(customer(at("2026-04-15 10:00")), agent(at("2026-04-15 10:01")))
    assert not early(thread) and thread.lines() == []


def test_each_warning_comes_early_once_also_at_night(thread: Thread, hands: Hands) -> None:
    hands.set("2026-04-15 22:00")
    thread.happens(customer(at("2026-04-15 22:00")))
    assert [early(thread) for _ in range(4)] == [True, True, True, False]
    assert thread.lines() == [LEFT(n=2), LEFT(n=1), OVER]


def test_what_came_early_is_not_said_again_in_its_time(thread: Thread) -> None:
    thread.happens(customer(at("2026-04-15 10:00")))
    assert early(thread)
    thread.tick("2026-04-15 10:03")
    assert thread.lines() == [LEFT(n=2)]
    thread.tick("2026-04-15 10:04", "2026-04-15 10:05")
    assert thread.lines() == [LEFT(n=2), LEFT(n=1), OVER]
