"""Similar wishes: how many of the corpus are found, how many of those named are right, and how long asking takes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from app import migrations
from tests.bench.figures import Figure, below, share_of
from tests.corpora import wishes
from tests.corpora.wishes import Found
from workflows.engine.rows import table_of
from workflows.engine.store import Store, create_engine, store
from workflows.tables.wish import Feedback
from workflows.wish.similar import similar

#: Wishes among which is searched, and how often.
WISHES, ASKED = 10_000, 200
RECALL, TARGET_MS = 0.8, 20.0


def figures(folder: Path) -> Iterator[Figure]:
    """What is found with the synonyms and without them, and the time beside one read by primary key."""
    development, held_out = wishes.halves()
    blind = wishes.blind()
    yield from _found("topics the synonyms know (development)", development, target=RECALL)
    yield from _found("topics the synonyms know (the other half)", held_out, target=RECALL)
    yield _recall("that half, without the words only it has", wishes.measure(held_out, blind), held_out)
    unaware = replace(wishes.measure(development), recall=wishes.found_unaware(development))
    yield _recall("development, each topic without the meanings it shares", unaware, development)
    yield _recall("topics that the synonyms do not know", wishes.measure(wishes.fresh()), wishes.fresh())
    yield from _time(f"sqlite:///{folder}/similar.sqlite")


def _found(what: str, topics: frozenset[str], target: float) -> Iterator[Figure]:
    found = wishes.measure(topics)
    yield _recall(what, found, topics, target)
    note = f"{found.named:.0%} of wishes have a right one named; {found.quiet:.0%} of look-alikes get none"
    yield Figure(f"similar wishes: of those named right, {what}", f"{found.precision:.0%}", note)


def _recall(what: str, found: Found, topics: frozenset[str], target: float | None = None) -> Figure:
    """Beside what letters alone find."""
    bare = wishes.measure(topics, {}).recall
    note, ratio = f"{bare:.0%} without synonyms", f"{found.recall / bare:.2f}×"
    aim, reached = ("", None) if target is None else (f"≥ {target:.0%}", found.recall >= target)
    name = f"similar wishes: recall@{wishes.FIRST} of {found.asked}, {what}"
    return Figure(name, f"{found.recall:.1%}", note, ratio, aim, reached)


def _time(url: str) -> Iterator[Figure]:
    migrations.upgrade(url)
    store.bind(made := Store(create_engine(url, pool_size=2)))
    try:
        store.write(_fill)
        began = time.perf_counter()
        similar("CSV")
        built = time.perf_counter() - began
        asked = random.Random(wishes.SEED).choices(wishes.wishes(), k=ASKED)
        one_row = _p95([partial(_read, number + 1) for number in range(ASKED)])
        times = _p95([partial(similar, wish.text) for wish in asked])
    finally:
        store.bind(None)
        made.close()
    note = f"{one_row * 1000:.2f} ms to read one row by its key; {times / one_row:,.0f}×"
    yield below(f"similar wishes among {WISHES:,}, p95 of {ASKED}", times * 1000, "ms", TARGET_MS, note)
    yield Figure(f"similar wishes: index of {WISHES:,}, once", f"{built:.1f} s", f"{built / WISHES * 1e6:.0f} µs each")


def _fill(session: Session) -> None:
    """Wishes of which no two are the same: the beginning of one and the end of another, and a number."""
    dice, texts = random.Random(wishes.SEED), [wish.text for wish in wishes.wishes()]
    rows = [_row(number, _mixed(dice, *dice.sample(texts, 2))) for number in range(1, WISHES + 1)]
    session.connection().execute(sa.insert(table_of(Feedback)), rows)


def _mixed(dice: random.Random, first: str, second: str) -> str:
    return f"{first[: len(first) * 2 // 3]}{second[len(second) // 3 :]} {dice.randrange(10**6)}"


def _row(number: int, quote: str) -> dict[str, object]:
    wish = Feedback(
        id=number, conversation_id=str(number), part_id="1", kind="wish", tag="要望", quote=quote, said_at=1, taken_at=1
    )
    return wish.model_dump()


def _read(number: int) -> None:
    assert store.read(lambda session: session.get(Feedback, number)) is not None


def _p95(works: list[Callable[[], object]]) -> float:
    """The time within which 95 of 100 are done, each once; one goes first, to warm up."""
    works[-1]()
    times = []
    for work in works:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return share_of(times, 0.95)
