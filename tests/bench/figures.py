"""What a benchmark says: figures with their yardsticks, and whether they are good enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measurement. `ok` None: told, without a target."""

    name: str
    measured: str
    yardstick: str = ""
    target: str = ""
    ok: bool | None = None


def at_least(name: str, measured: float, yardstick: float, unit: str, ratio: float) -> Figure:
    """A rate that must reach a share of its yardstick."""
    share = measured / yardstick
    return Figure(
        name,
        f"{measured:.0f} {unit}, {share:.2f}×",
        f"{yardstick:.0f} {unit}",
        f"≥ {ratio}×",
        share >= ratio,
    )


def at_most(name: str, measured: float, unit: str, most: float, yardstick: str = "") -> Figure:
    """A cost that must stay under a limit."""
    return Figure(name, f"{measured:.3g} {unit}", yardstick, f"≤ {most:g} {unit}", measured <= most)


def show(console: Console, figures: Sequence[Figure]) -> int:
    """Print them as a table; returns 1 if a target is missed."""
    table = Table("figure", "measured", "yardstick, same run", "target", "", box=None)
    marks = {True: "[green]ok[/]", False: "[red]missed[/]", None: ""}
    for figure in figures:
        table.add_row(figure.name, figure.measured, figure.yardstick, figure.target, marks[figure.ok])
    console.print(table)
    return 1 if any(figure.ok is False for figure in figures) else 0
