"""What the service is made of can be listed, and the unit of systemd gives it no right too many."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from app.operate import commands
from tests.door import ROOT

LOCKED = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)


def bill() -> str:
    """What `make sbom` prints."""
    asked = [sys.executable, "deploy/sbom.py"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.fault("F82")
def test_the_bill_of_materials_names_everything_that_is_installed_and_nothing_else() -> None:
    told = json.loads(bill())
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert [(each["name"], each["version"]) for each in told["components"]] == LOCKED
    assert all(each["properties"] for each in told["components"])
    assert bill() == bill()


def test_the_unit_leaves_the_service_few_rights() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd here: install it to rate the unit file")
    rate = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "deploy/yamabiko.service"]
    rated = subprocess.run(rate, cwd=ROOT, capture_output=True, text=True, check=False)
    assert rated.returncode == 0, rated.stdout[-300:]


@pytest.mark.parametrize(("user", "said"), [(0, f"{commands.AS_ROOT}\n"), (1000, "")])
def test_who_runs_it_as_root_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], user: int, said: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    commands._warn_of_root()
    assert capsys.readouterr().err == said


def test_every_place_that_the_threat_model_names_is_there() -> None:
    named = re.findall(r"`((?:app|tests|integrations)/[^`]+)`|\]\(([\w./]+)", (ROOT / "SECURITY.md").read_text())
    assert len(named) > 12
    for code, link in named:
        assert list(ROOT.glob(f"{code or link}*")), code or link
