"""`python -m app similar`: who finds similar requests, that every request is known to it, and what the company's own
history says about how sure it may be.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from app.operate import operators
from integrations.vendor import Finding
from workflows.language.vectors.files import Unusable
from workflows.language.vectors.process import TooSlow
from workflows.language.vectors.scale import Scale
from workflows.rules import rules
from workflows.rules.similar import WORDS
from workflows.wish.similar import engine, fit, meaning, texts, vectors
from workflows.wish.similar.fit import Sample

ANSWERS = "Similar requests are found {kind}."
KNOWN = "{made} of {all} requests have been read by the encoder."
UNUSABLE = "Similar requests: the {grade} encoder is installed and can't be used: {why}."
NOT_INSTALLED = "[similar] engine is “{wanted}”, and that encoder is not installed: “make similar” does it."
TOO_FEW = "Only {n} merged requests so far; the numbers are fitted from {least} on."
PASTE = "To use them, write this into yamabiko.toml:\n\n[similar]\nnumbers = [{numbers}]"


def add_to(commands: Any) -> None:
    """Tell the parser about the command."""
    command = commands.add_parser(
        "similar", help="how similar requests are found; read the backlog, or fit the numbers"
    )
    command.add_argument("act", nargs="?", choices=("state", "catch-up", "fit"), default="state")
    command.set_defaults(command=similar)


def similar(options: argparse.Namespace) -> int:
    """Say who answers; `catch-up` reads the whole backlog first, `fit` prints better numbers. 1 if it could not."""
    with operators.visit() as (_settings, console):
        if options.act == "fit":
            return _fit(console)
        try:
            if options.act == "catch-up":
                vectors.catch_up()
        except (Unusable, TooSlow) as error:
            console.print(str(error))
        found = list(findings())
        for finding in found:
            console.print(str(finding))
        return int(any(finding.ok is False for finding in found))


def findings() -> Iterator[Finding]:
    """Who answers here, whether that is who should, and how far it has read."""
    for grade, why in engine.broken().items():
        yield Finding(False, UNUSABLE, {"grade": grade, "why": why})
    wanted, answering = rules.similar.engine, engine.grade()
    yield Finding(True, ANSWERS, {"kind": texts.ENGINES[answering]})
    if answering != wanted and not engine.broken():
        yield Finding(None, NOT_INSTALLED, {"wanted": wanted})
    if answering != WORDS:
        made, there = vectors.progress()
        yield Finding(True if made >= there else None, KNOWN, {"made": f"{made:,}", "all": f"{there:,}"})


def _fit(console: Console) -> int:
    found = fit.samples()
    right = sum(sample.is_right for sample in found)
    if right < fit.LEAST:
        console.print(TOO_FEW.format(n=right, least=fit.LEAST))
        return 1
    before = meaning.scale()
    after = fit.fitted(found, before)
    console.print(_beside(found, {"now": before, "fitted": after}))
    numbers = ", ".join(f"{number:g}" for number in (after.of_likeness, after.of_gap, after.constant))
    console.print(PASTE.format(numbers=numbers))
    return 0


def _beside(found: Sequence[Sample], scales: dict[str, Scale]) -> Table:
    table = Table("", "numbers", "log loss", "named", "right of those", box=None)
    for name, scale in scales.items():
        said = fit.quality(found, scale)
        numbers = f"{scale.of_likeness:g}, {scale.of_gap:g}, {scale.constant:g}"
        table.add_row(name, numbers, f"{said.loss:.3f}", f"{said.named:.0%}", f"{said.precision:.0%}")
    return table
