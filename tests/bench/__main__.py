"""Measure, print the table, and exit 1 if a target was missed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.bench import (
    door,
    dossier,
    enquiries,
    escalation,
    fanout,
    idle,
    kpis,
    ledger,
    loop,
    past,
    satisfaction,
    search,
    sending,
    similar,
    triage,
    voice,
    volume,
    volume_page,
)
from tests.bench.figures import Figure, table

MEASUREMENTS = {
    "door": door.figures,
    "loop": loop.figures,
    "fanout": fanout.figures,
    "past": past.figures,
    "sending": sending.figures,
    "escalation": escalation.figures,
    "enquiries": enquiries.figures,
    "dossier": dossier.figures,
    "search": search.figures,
    "similar": similar.figures,
    "triage": triage.figures,
    "ledger": ledger.figures,
    "volume": volume.figures,
    "volume_page": volume_page.figures,
    "voice": voice.figures,
    "kpis": kpis.figures,
    "satisfaction": satisfaction.figures,
    "idle": idle.figures,
}


def main() -> int:
    """Run the named measurements, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="How fast it is, beside yardsticks.")
    parser.add_argument("what", nargs="*", choices=[*MEASUREMENTS, []], help="default: everything, a few minutes")
    names = parser.parse_args().what or list(MEASUREMENTS)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="yamabiko-bench-") as folder:
        for name in names:
            with console.status(f"measuring: {name}"):
                for figure in MEASUREMENTS[name](Path(folder)):
                    figures.append(figure)
                    console.print(f"[dim]{figure.name}: {figure.value} {figure.ratio}[/]")
    console.print(table(figures))
    return 1 if any(figure.ok is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
