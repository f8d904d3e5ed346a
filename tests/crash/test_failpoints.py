"""The places where tests kill: without the variable they do nothing, with it exactly what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.door import ROOT
from workflows.engine.failpoints import planned


def test_without_a_plan_nothing_happens() -> None:
    assert planned("")("action.called", "intercom", "note") is None


def test_a_recorder_writes_down_every_hit(tmp_path: Path) -> None:
    hit = planned(f"record:{tmp_path}/hits.txt")
    hit("action.called", "intercom", "note")
    hit("run.begun", "file")
    assert (tmp_path / "hits.txt").read_text() == "action.called.intercom.note\nrun.begun.file\n"


def test_a_killer_counts_the_hits_of_its_own_name_only() -> None:
    script = """
from workflows.engine.failpoints import hit
for name in ("a", "b.c", "a", "b", "b.c", "never"):
    print(name, flush=True)
    hit(*name.split("."))
"""
    environment = {"YAMABIKO_FAILPOINT": "b.c:2", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout.split()) == (-9, ["a", "b.c", "a", "b", "b.c"])
