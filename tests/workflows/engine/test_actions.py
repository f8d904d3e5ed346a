"""One key, one write: however many attempts there are, and whoever makes them at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations.contract import Permanent, Transient, Unsure
from tests.clock import Hands
from tests.world import World
from workflows.engine import durable
from workflows.engine.actions import ONCE_MORE, Done, Intent, Patience, act, leave
from workflows.engine.store import store
from workflows.tables.runs import OPEN, Action

NOTE = Intent("intercom", "note", key="note:1", target="215", sentence="Noted.")


class Vendor:
    """Counts what was written, and finds it again."""

    def __init__(self, *troubles: Exception) -> None:
        self.troubles, self.written, self.lock = list(troubles), 0, threading.Lock()

    def write(self) -> Done:
        """Write, unless there is trouble; Unsure means that it was written all the same."""
        with self.lock:
            trouble = self.troubles.pop(0) if self.troubles else None
            self.written += trouble is None or isinstance(trouble, Unsure)
        if trouble is not None:
            raise trouble
        return Done("n1", "https://example.com/n1")

    def find(self) -> Done | None:
        """What was written."""
        return Done("n1") if self.written else None


@pytest.fixture
def hands() -> Iterator[Hands]:
    """A clock that goes on when the test says so."""
    hands = Hands()
    yield hands
    hands.release()


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Whatever a test waits for is forgotten afterwards."""
    before = Patience.seconds
    yield
    Patience.seconds = before


def at_once(work: Callable[[], object], times: int = 8) -> list[object]:
    """Do something in several threads at the same moment; what came of it, troubles as their class."""
    barrier = threading.Barrier(times)

    def one() -> object:
        barrier.wait()
        try:
            return work()
        except (Transient, Permanent, Unsure) as trouble:
            return type(trouble)

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(one) for _ in range(times)]]


def row() -> Action:
    """What is written down about the note."""
    return store.read(lambda session: session.get_one(Action, NOTE.key))


# -- refusals -------------------------------------------------------------------------------------


def test_a_refused_write_can_be_tried_again(world: World) -> None:
    vendor = Vendor(Permanent("Intercom answered 403"))
    with pytest.raises(Permanent):
        act(NOTE, vendor.write, vendor.find)
    assert (row().state, vendor.written) == ("planned", 0)
    assert act(NOTE, vendor.write, vendor.find).ref == "n1"
    assert (row().state, vendor.written, row().attempts) == ("done", 1, 2)


@pytest.mark.fault("F08")
def test_a_write_in_doubt_is_looked_for_and_not_repeated(world: World) -> None:
    vendor = Vendor(Unsure("no answer"))
    with pytest.raises(Unsure):
        act(NOTE, vendor.write, vendor.find)
    assert row().state == "started"
    assert act(NOTE, vendor.write, vendor.find).ref == "n1"
    assert (row().state, vendor.written) == ("done", 1)


@pytest.mark.fault("F39")
def test_a_write_in_doubt_is_not_even_looked_for_while_it_may_be_under_way(world: World) -> None:
    Patience.seconds = 30
    vendor = Vendor(Unsure("no answer"))
    with pytest.raises(Unsure):
        act(NOTE, vendor.write, vendor.find)
    with pytest.raises(Transient) as wait:
        act(NOTE, vendor.write, find=lambda: pytest.fail("too early"))
    assert 25 < (wait.value.retry_after or 0) <= 30


@pytest.mark.fault("F39")
def test_where_the_vendors_search_lags_one_look_in_vain_proves_nothing(world: World, hands: Hands) -> None:
    """Once a note that the search did not show for a minute and a half was written twice."""
    vendor = Vendor(Unsure("no answer"))
    Patience.seconds = 0

    def attempt(find: Callable[[], Done | None]) -> Done:
        hands.go_on(0.002)
        return act(NOTE, vendor.write, find, lags=True)

    with pytest.raises(Unsure):
        attempt(vendor.find)
    Patience.seconds = 30
    hands.go_on(30)
    for _ in range(2):
        with pytest.raises(Transient) as wait:
            attempt(lambda: None)
        assert (str(wait.value), wait.value.retry_after) == (ONCE_MORE, 30)
    hands.go_on(30)
    assert (attempt(vendor.find).ref, vendor.written) == ("n1", 1)


@pytest.mark.fault("F39")
def test_what_is_absent_twice_is_written_again(world: World) -> None:
    vendor = Vendor(Unsure("no answer"))
    Patience.seconds = 0
    with pytest.raises(Unsure):
        act(NOTE, vendor.write, lambda: None, lags=True)
    with pytest.raises(Transient, match=ONCE_MORE):
        act(NOTE, vendor.write, lambda: None, lags=True)
    time.sleep(0.002)
    assert (act(NOTE, vendor.write, lambda: None, lags=True).ref, vendor.written) == ("n1", 2)


def test_what_is_gone_is_not_said_to_be_done(world: World) -> None:
    assert act(NOTE, lambda: Done(), None) == Done()
    assert (row().state, row().sentence) == ("skipped", "Skipped: it no longer exists in {vendor}.")


def test_what_was_done_is_never_said_to_be_left(world: World) -> None:
    vendor = Vendor()
    act(NOTE, vendor.write, vendor.find)
    leave(NOTE, "Not noted after all.")
    assert (row().state, row().sentence) == ("done", "Noted.")


def test_what_was_left_is_not_done(world: World) -> None:
    leave(NOTE, "Not noted: {reason}.", reason="nobody asked")
    act(NOTE, lambda: pytest.fail("it was left"), None)
    assert (row().state, row().facts) == ("skipped", {"reason": "nobody asked"})


# -- at the same moment ---------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["nothing", "refused", "in doubt, not applied"])
def test_many_attempts_at_once_write_once(world: World, before: str) -> None:
    vendor = Vendor()
    if before == "refused":
        with pytest.raises(Permanent):
            act(NOTE, Vendor(Permanent("no")).write, vendor.find)
    if before == "in doubt, not applied":
        with pytest.raises(Unsure):
            act(NOTE, Vendor(Unsure("no answer")).write, vendor.find)
    Patience.seconds = 0 if before == "in doubt, not applied" else 30
    came = at_once(lambda: act(NOTE, vendor.write, vendor.find).ref)
    assert vendor.written <= 1 and set(came) <= {"n1", Transient}
    Patience.seconds = 0
    assert act(NOTE, vendor.write, vendor.find).ref == "n1"
    assert vendor.written == 1


@pytest.mark.fault("F16")
def test_a_slow_attempt_that_fails_takes_nothing_back(world: World) -> None:
    vendor = Vendor()

    def slow() -> Done:
        act(NOTE, vendor.write, vendor.find)  # meanwhile another attempt came, looked, and wrote
        raise Transient("Intercom answered 429")

    with pytest.raises(Transient):
        act(NOTE, slow, vendor.find)
    assert row().state == "done"
    assert (act(NOTE, vendor.write, vendor.find).ref, vendor.written) == ("n1", 1)


def test_two_deliveries_about_one_chat_at_once_file_each_message_once(world: World) -> None:
    part = world.intercom.customer_says(world.chats[0], "役職コードも欲しいです。")
    world.tag(0)
    world.tag(0, "不具合", part=part)
    world.deliver()
    Patience.seconds = 10
    runs = [run.id for run in world.runs() if run.state == OPEN and run.workflow == "feedback.file"]
    assert len(runs) == 2
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda run: durable.conduct(run, durable.STORIES["feedback.file"]), runs))
    world.settle()
    assert [wish.kind for wish in world.feedback(0)] == ["wish", "fault"]
    assert len(world.productboard.did("create_note")) == len(world.notes(0)) == 2
    assert len(world.productboard.did("create_entity")) == 1


@pytest.mark.fault("F85")
def test_one_run_conducted_twice_at_once_files_once(world: World) -> None:
    world.tag(0)
    world.deliver()
    Patience.seconds = 10
    [run] = [run.id for run in world.runs() if run.state == OPEN]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: durable.conduct(run, durable.STORIES["feedback.file"]), range(4)))
    world.settle()
    assert len(world.feedback(0)) == len(world.productboard.did("create_note")) == len(world.notes(0)) == 1
    assert {one.state for one in world.runs()} <= {"done", "ignored"}
