"""What leaves the service unasked: nothing is fetched that somebody else names, and nothing secret is said."""

from __future__ import annotations

import logging
import re
import resource
import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlencode

import pytest

from app.__main__ import main
from integrations import SOURCES
from integrations.twin import Fault
from tests.canary import found
from tests.door import FORM, PAYLOADS, ROOT, signed
from tests.workflows.engine.faults import WRITES, play
from tests.world import World
from workflows.engine import durable
from workflows.engine.outcome import Outcome

ADDRESS = re.compile(rb"https?://[^\"\\\s<>|]+")


class Trap:
    """An address on this machine at which nobody has any business."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"

    def was_visited(self) -> bool:
        try:
            self.socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def trap() -> Iterator[Trap]:
    trap = Trap()
    with closing(trap.socket):
        yield trap


def tampered(source: str, trap: Trap) -> Iterator[tuple[str, bytes]]:
    """Every payload that we know of a source, with this address wherever there is one: its name and the bytes."""
    for path in sorted((PAYLOADS / source).glob("*.json")):
        yield path.stem, ADDRESS.sub(trap.url.encode(), path.read_bytes())


@pytest.mark.fault("F67")
def test_no_address_in_a_payload_is_visited(world: World, trap: Trap) -> None:
    for source in SOURCES:
        for name, body in tampered(source, trap):
            form = source == "slack" and name.partition("_")[0] in ("block", "message", "shortcut", "view")
            said = urlencode({"payload": body.decode()}).encode() if form else body
            more = {"content-type": FORM} if form else {}
            assert world.post(source, signed(source, said, world.stage.secret) | more, said).status_code != 500
    world.settle()
    assert len(world.runs()) > 5
    assert not trap.was_visited()


@pytest.mark.fault("F67")
def test_no_address_in_what_a_customer_wrote_is_visited(world: World, trap: Trap) -> None:
    words = f'<p>{trap.url}a</p><img src="{trap.url}b"><a href="{trap.url}c">{trap.url}d</a>'
    wish = world.wish(world.chat(words))
    world.link(wish, world.issue("KNDE-77", trap.url, trap.url))
    world.move("KNDE-77", "完了")
    assert world.opened(-1) == 1 and not trap.was_visited()


#: A customer's words, address and name in the cases that fail here.
WORDS = ("部署コード", "@aoba.example", "山本")


@pytest.mark.fault("F80")
def test_whatever_fails_no_log_and_no_metric_tells_a_secret_or_a_customers_words(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "yamabiko"):
        for write in WRITES.values():
            play(world, write, [Fault("html"), Fault("500"), Fault("422")])
        break_off(" ".join(WORDS))
    metrics = world.request("GET", "/metrics").text
    assert "yamabiko_dead_letters" in metrics and "ValueError" in caplog.text
    for secret in (world.stage.secret, *WORDS):
        assert secret not in caplog.text + metrics
    assert found(world.stage.secret) == [], "no row of the database holds a secret either"


@pytest.mark.fault("F80")
def test_a_process_that_crashes_leaves_no_copy_of_what_it_knew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens and customers' words are in its memory, and a dump of it would lie on the disk."""
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)
    with pytest.raises(SystemExit):
        main(["--help"])
    assert limits == {resource.RLIMIT_CORE: (0, 0)}
    assert "\nLimitCORE=0\n" in (ROOT / "deploy" / "yamabiko.service").read_text()


def break_off(words: str) -> None:
    """A run that meets a mistake of ours, whose error quotes what it was at."""

    def story() -> Outcome:
        raise ValueError(words)

    durable.spawn([durable.NewRun("jira:ours", "release.moved", {})])
    durable.conduct("jira:ours", story)
