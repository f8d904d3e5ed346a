"""What tests of dry run share: rules under which it is on, and every write that reached a vendor meanwhile.

with dry(world) as writes:             # or dry(world, "release")
    world.move("KNDE-12", "完了")
assert writes == []
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from integrations.slack.api import ANSWERS, READS
from integrations.twin import Ask, Said, Twin
from tests.world import World
from workflows.rules.dry_run import DryRun

#: What reads, although it is no GET.
SEARCHES = ("/search", "/search/jql", "/issue/bulkfetch", "/oauth/tokens")


@contextmanager
def watched(world: World) -> Iterator[list[str]]:
    """Every write that vendors receive meanwhile: `intercom POST /conversations/1/reply`."""
    writes: list[str] = []
    watching = [(twin, _watch(twin, writes)) for twin in world.stage.twins.values()]
    for twin, watch in watching:
        twin.watchers.append(watch)
    mails = len(world.stage.mail.mails)
    try:
        yield writes
    finally:
        for twin, watch in watching:
            twin.watchers.remove(watch)
        writes += ["mail"] * (len(world.stage.mail.mails) - mails)


def _watch(twin: Twin, writes: list[str]) -> Callable[[Ask, Said], None]:
    def watch(ask: Ask, _: Said) -> None:
        method = ask.path.rpartition("/")[2]
        harmless = method in READS | ANSWERS if twin.NAME == "slack" else ask.path.endswith(SEARCHES)
        if ask.method != "GET" and not harmless:
            writes.append(f"{twin.NAME} {ask.method} {ask.path}")

    return watch


@contextmanager
def dry(world: World, *stories: str) -> Iterator[list[str]]:
    """Meanwhile the whole service runs dry, or these stories do; the writes that vendors receive all the same."""
    with world.rules(dry_run=DryRun(on=not stories, stories=stories)), watched(world) as writes:
        yield writes
