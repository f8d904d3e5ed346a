"""A figure and what it is measured by, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measurement. `ok` is None where it is told for information and has no target."""

    name: str
    value: str
    yardstick: str = ""
    ratio: str = ""
    target: str = ""
    ok: bool | None = None


def at_least(name: str, rate: float, yardstick: float, what: str, target: float) -> Figure:
    """A rate that has to reach a share of another one from the same run."""
    return Figure(
        name,
        f"{rate:,.0f}/s",
        f"{yardstick:,.0f}/s {what}",
        f"{rate / yardstick:.2f}×",
        f"≥ {target}×",
        rate >= target * yardstick,
    )


def below(name: str, value: float, unit: str, target: float, yardstick: str = "") -> Figure:
    """A value that has to stay below a limit."""
    return Figure(name, f"{value:,.1f} {unit}", yardstick, "", f"< {target:g} {unit}", value < target)


def table(figures: Iterable[Figure]) -> Table:
    """All figures, one a line."""
    drawn = Table("figure", "measured", "yardstick", "ratio", "target", "", box=None, header_style="bold")
    for figure in figures:
        verdict = {True: "[green]ok[/]", False: "[red]missed[/]", None: ""}[figure.ok]
        drawn.add_row(figure.name, figure.value, figure.yardstick, figure.ratio, figure.target, verdict)
    return drawn
