"""Fan-out: one issue is done, two thousand conversations reopen, inside Intercom's ten-second windows."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, at_most
from tests.bench.loop import filed_per_second
from tests.bench.processes import Service, Twins, running, settings, vendors, wait_for

CHATS, WINDOW = 2000, 10.0
#: Intercom's own: 10,000 calls a minute, counted in windows of ten seconds.
CALLS = 1666
FIRST = 50_000_000
URL = "https://app.intercom.com/a/inbox/bench01/inbox/shared/all/conversation/{}"


def measure() -> Iterator[Figure]:
    """How long it takes, against what the limit allows for the calls made; and whether a call was refused."""
    with (
        tempfile.TemporaryDirectory() as folder,
        vendors(CALLS) as twins,
        running(settings(f"sqlite:///{folder}/fanout.sqlite", twins.url), "app run") as service,
    ):
        prepare(service, twins)
        before = twins.progress("open")
        time.sleep(WINDOW)
        began = time.time()
        twins.play("jira", "move", key="BENCH-1", status_name="完了")
        wait_for(lambda: twins.progress("assign")["count"] + twins.progress("note")["count"] >= 3 * CHATS, "notes", 400)
        after = twins.progress("note")
        calls = after["calls"] - before["calls"]
        allowed = (calls - CALLS) / CALLS * WINDOW
        yield at_most(
            f"{CHATS} conversations reopened, {calls} calls",
            (after["last"] - began) / allowed,
            "× the time allowed",
            1.1,
            f"{after['last'] - began:.0f} s; the limit allows {allowed:.0f} s",
        )
        yield Figure("calls refused with 429", str(after["refused"]), "", "0", after["refused"] == 0)
        yield at_most("memory of the process", service.peak_mb, "MB", 200)


def prepare(service: Service, twins: Twins) -> None:
    """File a wish from each conversation, and let them wait for one issue."""
    filed_per_second(service, twins, FIRST, CHATS)
    for id in range(FIRST, FIRST + CHATS):
        twins.play("intercom", "close", conversation_id=str(id), admin_id="7001")
    twins.play("jira", "connect", url=f"http://127.0.0.1:{service.settings.port}/webhooks/jira")
    for first in range(FIRST, FIRST + CHATS, 50):
        links = " ".join(URL.format(id) for id in range(first, first + 50))
        twins.play("jira", "comment_by_hand", key="BENCH-1", text=links)
