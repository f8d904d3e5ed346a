"""The mean of some runs' adapters: `python -m tests.training.mean use one.npz two.npz three.npz`, then `… seal`.

Runs with other seeds err in other places; the mean of what they learned errs less (https://arxiv.org/abs/2203.05482).
Low-rank differences are added up in full, and cut to their largest singular values again.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from workflows.language.vectors import files
from workflows.language.vectors.files import DATA

Adapter = dict[str, np.ndarray]
#: Which of the two low-rank parts comes first in the product, and how many singular values are kept.
KINDS = {"use": (files.USE_ADAPTER, "A", "B", 32), "e5": (files.E5_ADAPTER, "B", "A", 16)}


def main() -> None:
    """Put the mean where the service reads it."""
    parser = argparse.ArgumentParser(description="Put the mean of some adapters where the service reads it.")
    parser.add_argument("model", choices=KINDS)
    parser.add_argument("adapters", type=Path, nargs="+")
    options = parser.parse_args()
    runs = [dict(np.load(path)) for path in options.adapters]
    np.savez_compressed(DATA / KINDS[options.model][0], **mean(runs, options.model))


def mean(runs: Sequence[Adapter], model: str) -> Adapter:
    """Of each array the mean; of low-rank ones that of their products."""
    _, left, right, rank = KINDS[model]
    made: Adapter = {}
    for name in runs[0]:
        base, _, part = name.rpartition(".")
        if part == left and f"{base}.{right}" in runs[0]:
            products = [_wide(run[name]) @ _wide(run[f"{base}.{right}"]) for run in runs]
            made[name], made[f"{base}.{right}"] = _cut(sum(products) / len(runs), rank)
        elif part != right or f"{base}.{left}" not in runs[0]:
            made[name] = (sum(_wide(run[name]) for run in runs) / len(runs)).astype(np.float16)
    return made


def _cut(product: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    out, size, into = np.linalg.svd(product, full_matrices=False)
    root = np.sqrt(size[:rank])
    return (out[:, :rank] * root).astype(np.float16), (root[:, None] * into[:rank]).astype(np.float16)


def _wide(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float32)


if __name__ == "__main__":
    main()
