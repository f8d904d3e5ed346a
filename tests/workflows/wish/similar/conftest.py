"""An encoder that needs no weights: texts that share letters point the same way."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from workflows.engine.store import Store, create_engine, store
from workflows.language.folding import grams
from workflows.language.vectors.grades import NUMBERS
from workflows.rules import rules
from workflows.rules.similar import Similar
from workflows.wish.similar import engine, forget, vectors


def encode(texts: Sequence[str], patience: float = 0.0) -> list[bytes]:
    """Each text's letters and pairs of them, by their number."""
    return [_vector(text) for text in texts]


def _vector(text: str) -> bytes:
    found = np.full(NUMBERS["light"], 0.01, np.float32)
    for gram in [*text, *grams(text, 2)]:
        found[zlib.crc32(gram.encode("utf-8", "replace")) % len(found)] += len(gram)
    return bytes((found / np.linalg.norm(found)).astype("<f2"))


@pytest.fixture
def records(database_url: str) -> Iterator[None]:
    """A fresh database of either kind, and nothing else."""
    store.bind(made := Store(create_engine(database_url, pool_size=8)))
    forget()
    yield
    store.bind(None)
    made.close()


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Similar wishes are found by meaning, and what means the same here has the same letters."""
    before, rules.similar = rules.similar, Similar(engine="light")
    monkeypatch.setattr(engine, "encode", encode)
    monkeypatch.setattr(vectors._State, "rests_until", 0.0)
    yield
    rules.similar = before
    forget()
