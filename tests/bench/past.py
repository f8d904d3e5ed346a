"""The past: two thousand conversations are brought out of Intercom, which keeps to its real limit."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session, func, select

from app import migrations
from tests.bench.fanout import CALLS, SLOWEST, WINDOW
from tests.bench.figures import Figure
from tests.bench.processes import ROOT, environment, settings, vendors
from workflows.engine.store import create_engine
from workflows.tables.enquiry import Enquiry

#: As many as there are people who began them: each is looked up. Of a hundred thousand it is the same, fifty times.
CONVERSATIONS = 2000


def figures(folder: Path) -> Iterator[Figure]:
    """How long it calls beside how long the limit allows for as many calls, and how often the limit was hit."""
    url = f"sqlite:///{folder}/past.sqlite"
    migrations.upgrade(url)
    with vendors(CALLS) as twins:
        twins.play("intercom", "fill", first=1, count=CONVERSATIONS, state="closed", apart=True)
        twins.play("intercom", "date_back", days=300)
        before = twins.progress("note")
        command = ["import", "intercom", "--since", "2025-01-01", "--budget", "100"]
        variables = os.environ | environment(settings(url, twins.url))
        subprocess.run(
            [sys.executable, "-m", "app", *command], cwd=ROOT, env=variables, check=True, capture_output=True
        )
        seconds = twins.play("intercom", "span")
        reached = twins.progress("note")
    calls, here = reached["calls"] - before["calls"], _enquiries(url)
    allowed = calls / CALLS * WINDOW
    yield Figure(
        f"import of {CONVERSATIONS:,} conversations",
        f"{seconds:.1f} s",
        f"{allowed:.1f} s for {calls:,} calls at the limit",
        f"{seconds / allowed:.2f}×",
        f"≤ {SLOWEST}×",
        seconds <= SLOWEST * allowed and here == CONVERSATIONS,
    )
    yield Figure("import: answers of 429", str(reached["refused"]), "", "", "0", reached["refused"] == 0)


def _enquiries(url: str) -> int:
    engine = create_engine(url, pool_size=1)
    with Session(engine) as session:
        count = session.exec(select(func.count()).select_from(Enquiry)).one()
    engine.dispose()
    return count
