"""A figure and what it is measured by, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.table import Table

#: Megabytes that a process of the service may hold, whatever it does.
MOST_MEMORY = 200.0


@dataclass(frozen=True)
class Figure:
    """One measurement. `ok` is None where it is told for information and has no target."""

    name: str
    value: str
    yardstick: str = ""
    ratio: str = ""
    target: str = ""
    ok: bool | None = None


def against(name: str, rate: float, yardstick: float, what: str, target: float | None = None) -> Figure:
    """A rate beside another one from the same run, of which it may have to reach a share."""
    reached = None if target is None else rate >= target * yardstick
    aim = "" if target is None else f"≥ {target:g}×"
    return Figure(name, f"{rate:,.0f}/s", f"{yardstick:,.0f}/s {what}", f"{rate / yardstick:.2f}×", aim, reached)


def below(name: str, value: float, unit: str, target: float, note: str = "") -> Figure:
    """A value that has to stay below a limit."""
    return Figure(name, f"{value:,.1f} {unit}", note, "", f"< {target:g} {unit}", value < target)


def share_of(times: Iterable[float], share: float) -> float:
    """The time within which this share of all was done: 0.95 for p95."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def memory(who: str, peak_mb: float) -> Figure:
    """The most that a process held."""
    return below(f"memory: {who}", peak_mb, "MB", MOST_MEMORY)


def table(figures: Iterable[Figure]) -> Table:
    """All figures, one a line."""
    drawn = Table("figure", "measured", "yardstick", "ratio", "target", "", box=None, header_style="bold")
    for figure in figures:
        verdict = {True: "[green]ok[/]", False: "[red]missed[/]", None: ""}[figure.ok]
        drawn.add_row(figure.name, figure.value, figure.yardstick, figure.ratio, figure.target, verdict)
    return drawn
