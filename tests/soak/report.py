"""The figures of a soak, and whether it went well."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from tests.soak.oracle import Effect, Verdict
from tests.soak.plan import Plan

MOST = 12


@dataclass(frozen=True)
class Report:
    """What was seen. `dead`: dead letters, which count as lost; `waiting`: what had not ended when patience did."""

    plan: Plan
    verdict: Verdict
    disk: str
    troubled: float
    seconds: float
    count: Counter[str]
    exits: Counter[int]
    acked: int
    sends: int
    given_up: int
    calls: int
    faults: Counter[str]
    effects: Counter[Effect]
    dead: list[str]
    waiting: list[str]
    takeovers: list[float]
    integrity: str

    @property
    def is_good(self) -> bool:
        """Is nothing lost, doubled, half done or dead, and the database whole?"""
        return self.verdict.is_good and not self.dead and self.integrity.startswith("ok")

    def rows(self) -> list[tuple[str, str]]:
        """What is told, in order."""
        plan, verdict = self.plan, self.verdict
        quiet = "as shipped, 60 s" if plan.quiet is None else f"{plan.quiet:g} s"
        others = {kind: times for kind, times in self.count.items() if not kind.startswith("kill")}
        kinds = Counter(what for what, _ in self.effects.elements())
        return [
            ("seed", f"{plan.seed}" + (f", sabotaged: {plan.sabotage}" if plan.sabotage else "")),
            (
                "lasted",
                f"{self.troubled:.0f} s, {self.seconds:.0f} s with coming to rest; quiet period {quiet}; fsync on",
            ),
            ("kills", f"{self.count['kill']} and {self.count['kill at start']} during start-up"),
            (
                "other troubles",
                _listed(others) + self._how(),
            ),
            ("ended by themselves", _listed({f"exit {code}": times for code, times in self.exits.items()})),
            ("deliveries", f"{self.acked:,} acknowledged of {self.sends:,} sends; {self.given_up} given up unanswered"),
            ("vendor calls", f"{self.calls:,}, {self.faults.total():,} failed: {_listed(self.faults)}"),
            ("effects", _listed(kinds)),
            ("lost", f"{len(verdict.lost)}" + (", or late: see what still waits" if self.waiting else "")),
            ("doubled", f"{len(verdict.doubled)}"),
            ("half done", f"{len(verdict.halved)}"),
            ("dead letters", f"{len(self.dead)}"),
            ("still waiting", f"{len(self.waiting)}"),
            ("begun again after a death", self._takeovers()),
            ("integrity", self.integrity),
        ]

    def table(self) -> Table:
        """To be printed."""
        table = Table(title=f"soak, {self.plan.database}", show_header=False)
        for row in self.rows():
            table.add_row(*row)
        return table

    def details(self) -> list[str]:
        """What is wrong, by name; not all of it where it is much."""
        found: dict[str, list[str]] = {"lost": self.verdict.lost, "doubled": self.verdict.doubled}
        found |= {"half done": self.verdict.halved, "dead": self.dead, "waiting": self.waiting}
        return [f"{what}: {each}" for what, all_of_it in found.items() for each in all_of_it[:MOST]]

    def _how(self) -> str:
        return f"; disk: {self.disk}" if self.disk else ""

    def _takeovers(self) -> str:
        if not self.takeovers:
            return "nothing was in hand"
        p50, most = statistics.median(self.takeovers), self.takeovers[-1]
        return f"n={len(self.takeovers)}, p50 {p50:.1f} s, max {most:.1f} s"


def _listed(counts: Any) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "none"
