"""Soak, print the figures, and exit 1 where something was lost or doubled."""

from __future__ import annotations

import argparse
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from tests.bench.processes import postgres
from tests.soak.disk import Disk
from tests.soak.plan import POSTGRES, SABOTAGES, SQLITE, Plan
from tests.soak.report import Report
from tests.soak.soak import Soak

CONSOLE = Console(highlight=False, width=None if sys.stdout.isatty() else 180)


def main() -> int:
    """Run what was asked for."""
    told = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # a full disk is given back
    plan = Plan(SQLITE, told.seed if told.seed is not None else secrets.randbelow(1_000_000))
    plan = replace(plan, **{name: value for name in GIVEN if (value := getattr(told, name)) is not None})
    CONSOLE.print(f"seed {plan.seed}")
    reports = []
    for database in (SQLITE, POSTGRES) if told.database == "both" else (told.database,):
        report = soak(replace(plan, database=database), told.keep)
        if report is not None:
            reports.append(report)
            CONSOLE.print(report.table())
            for line in report.details():
                CONSOLE.print(line, markup=False)
    return 0 if reports and all(report.is_good for report in reports) else 1


#: The options that are fields of a plan.
GIVEN = ("seconds", "kills", "events", "pace", "faults", "quiet", "patience", "sabotage")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Nothing lost, nothing doubled?")
    parser.add_argument("--database", choices=[SQLITE, POSTGRES, "both"], default="both")
    parser.add_argument("--seed", type=int, help="default: drawn, and printed")
    parser.add_argument("--seconds", type=float, help="of troubles")
    parser.add_argument("--kills", type=int, help="0: no troubles at all")
    parser.add_argument("--events", type=int, help="deliveries that nobody acts on")
    parser.add_argument("--pace", type=float, help="stories that people begin in a second")
    parser.add_argument("--faults", type=float, help="the share of vendor calls that fail")
    parser.add_argument("--quiet", type=float, help="QUIET_SECONDS; default: as shipped")
    parser.add_argument("--patience", type=float, help="seconds to come to rest afterwards")
    parser.add_argument("--keep", default="", metavar="FOLDER", help="where the processes' logs stay")
    parser.add_argument("--sabotage", choices=SABOTAGES, help="break a promise: what the oracle has to see")
    return parser


def soak(plan: Plan, keep: str = "") -> Report | None:
    """One soak, whose logs are kept where that is said; None where there is no such database here."""
    with tempfile.TemporaryDirectory(prefix="yamabiko-soak-", ignore_cleanup_errors=True) as name:
        folder = Path(keep or name) / plan.database
        folder.mkdir(parents=True)
        with _database(plan, folder) as (url, disk):
            if url is None:
                CONSOLE.print("no PostgreSQL here: set TEST_DATABASE_URL to an empty database")
                return None
            report = Soak(plan, folder, url, disk, CONSOLE.print).run()
            if disk is not None and keep:
                shutil.copytree(disk.folder, folder / "kept")
            return report


@contextmanager
def _database(plan: Plan, folder: Path) -> Iterator[tuple[str | None, Disk | None]]:
    if plan.database == POSTGRES:
        with postgres(folder) as url:
            yield url, None
        return
    disk = Disk(folder, 512 + plan.events // 100)
    try:
        yield f"sqlite:///{disk.folder}/soak.sqlite", disk
    finally:
        disk.close()
