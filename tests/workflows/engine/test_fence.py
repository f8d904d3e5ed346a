"""Who was frozen, or waited long, sends nothing that another has gone on with meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from integrations import fence
from integrations.contract import Transient
from integrations.http import Http
from integrations.pace import Pace
from integrations.slack import SlackClient
from tests.world import World
from workflows.engine import durable
from workflows.engine.actions import Patience
from workflows.engine.store import store
from workflows.tables.runs import OPEN, Run

NOWHERE = "http://127.0.0.1:9"
STORY = "feedback.file"


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let a time pass in which this process does nothing."""
    real, ahead = fence.moment, [0.0]
    monkeypatch.setattr(fence, "moment", lambda: real() + ahead[0])
    return lambda seconds: ahead.__setitem__(0, ahead[0] + seconds)


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Whatever a test waits for is forgotten afterwards."""
    before = Patience.seconds
    yield
    Patience.seconds = before


# -- at each door of a vendor ---------------------------------------------------------------------

SENDS: dict[str, Callable[[], object]] = {
    "http": lambda: Http("Kanade", NOWHERE, {}, Pace(1000, 1.0), deadline=0.3).call("PUT", "/notes"),
    "slack": lambda: SlackClient(f"{NOWHERE}/api/", "xoxb-1", deadline=0.3).whoami(),
}


@pytest.mark.fault("F16")
@pytest.mark.parametrize("send", SENDS.values(), ids=SENDS)
def test_what_is_no_longer_ours_is_not_sent(send: Callable[[], object], frozen: Callable[[float], None]) -> None:
    with fence.around(lambda: False, since=fence.moment()):
        with pytest.raises(Transient, match="cannot be reached"):
            send()
        frozen(fence.FRESH + 1)
        with pytest.raises(Transient, match=fence.LOST):
            send()


def test_what_is_still_ours_is_asked_for_once_in_a_while(frozen: Callable[[float], None]) -> None:
    asked: list[int] = []
    with fence.around(lambda: not asked.append(1), since=fence.moment()):
        for _ in range(3):
            frozen(fence.FRESH - 1)
            fence.pass_through()
    assert len(asked) == 1


def test_outside_of_any_run_nobody_is_asked() -> None:
    fence.pass_through()


# -- a process that comes back from the dead ------------------------------------------------------


class Zombie:
    """A process that is frozen before one of its sends, while another takes its run over."""

    def __init__(self, world: World, frozen: Callable[[float], None], monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.frozen, self.monkeypatch = world, frozen, monkeypatch
        self.is_frozen = False

    def conduct(self, run: Run, before: str) -> str:
        """Conduct a run, frozen before it sends this (`POST /v2/notes`)."""
        wait = Http._once

        def freeze(http: Http, method: str, path: str, *rest: object) -> object:
            if f"{method} {path}" == before and not self.is_frozen:
                self.is_frozen = True
                for _ in range(2):  # it looks twice for what we may have written
                    durable.conduct(run.id, durable.STORIES[run.workflow])
                self.frozen(40)
            return wait(http, method, path, *rest)  # type: ignore[arg-type]

        self.monkeypatch.setattr(Http, "_once", freeze)
        return durable.conduct(run.id, durable.STORIES[run.workflow])


@pytest.fixture
def zombie(world: World, frozen: Callable[[float], None], monkeypatch: pytest.MonkeyPatch) -> Zombie:
    return Zombie(world, frozen, monkeypatch)


def filing(world: World) -> Run:
    """A run that is to file a chat."""
    world.tag(0)
    world.deliver()
    [run] = [run for run in world.runs() if run.state == OPEN and run.workflow == STORY]
    return run


@pytest.mark.fault("F16")
def test_what_another_has_done_meanwhile_is_not_done_again(world: World, zombie: Zombie) -> None:
    run = filing(world)
    Patience.seconds = 0
    assert zombie.conduct(run, before="POST /v2/notes") == "taken over"
    assert store.read(lambda session: session.get_one(Run, run.id)).state == "done"
    world.settle()
    assert len(world.feedback(0)) == len(world.productboard.did("create_note")) == len(world.notes(0)) == 1


@pytest.mark.fault("F16")
def test_while_another_waits_for_our_end_nothing_is_sent_either(world: World, zombie: Zombie) -> None:
    run = filing(world)
    Patience.seconds = 60
    assert zombie.conduct(run, before="POST /v2/notes") == "taken over"
    assert store.read(lambda session: session.get_one(Run, run.id)).state == OPEN
    assert not world.productboard.did("create_note")
    Patience.seconds = 0
    world.settle()
    assert len(world.productboard.did("create_note")) == len(world.notes(0)) == 1


def test_who_merely_waited_long_goes_on(world: World, frozen: Callable[[float], None]) -> None:
    run = filing(world)
    before = store.read(lambda session: session.get_one(Run, run.id)).attempts
    world.productboard.watchers.append(lambda *_: frozen(20))
    world.settle()
    assert before == 0 and len(world.productboard.did("create_note")) == len(world.notes(0)) == 1
