"""What the service is made of can be listed and asked about, and the unit of systemd gives it no right too many."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from app.operate import commands
from tests.door import ROOT

LOCKED = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)


def supply(command: str, osv: str = "http://127.0.0.1:9") -> subprocess.CompletedProcess[str]:
    """What a developer types, by way of make."""
    ours = os.environ | {"OSV_URL": osv, "no_proxy": "*"}
    return subprocess.run(
        [sys.executable, ".ci/supply.py", command], cwd=ROOT, env=ours, capture_output=True, text=True, check=False
    )


class Osv(HTTPServer):
    """Knows what a test says, and what it was asked."""

    known: dict[str, list[str]]
    asked: list[str]


class _Answer(BaseHTTPRequestHandler):
    server: Osv

    def do_POST(self) -> None:
        queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        self.server.asked = [query["package"]["purl"] for query in queries]
        known = [self.server.known.get(purl, []) for purl in self.server.asked]
        said = {"results": [{"vulns": [{"id": id} for id in ids]} if ids else {} for ids in known]}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def osv() -> Iterator[Osv]:
    """A vulnerability database on this machine."""
    server = Osv(("127.0.0.1", 0), _Answer)
    server.known = {}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_bill_of_materials_names_everything_that_is_installed_and_nothing_else() -> None:
    bill = json.loads(supply("sbom").stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert [(each["name"], each["version"]) for each in bill["components"]] == LOCKED
    assert "pkg:pypi/typing-extensions@" in str([each["purl"] for each in bill["components"]])
    assert all(each["properties"] for each in bill["components"])
    assert supply("sbom").stdout == supply("sbom").stdout


def test_a_known_vulnerability_is_told_with_its_package(osv: Osv) -> None:
    name, version = LOCKED[3]
    osv.known = {f"pkg:pypi/{name}@{version}": ["PYSEC-2026-1", "GHSA-xxxx"]}
    said = supply("audit", f"http://127.0.0.1:{osv.server_port}")
    assert (said.returncode, said.stdout) == (1, f"{name} {version}: GHSA-xxxx, PYSEC-2026-1\n")
    assert len(osv.asked) == len(LOCKED)


def test_where_nothing_is_known_that_is_said(osv: Osv) -> None:
    said = supply("audit", f"http://127.0.0.1:{osv.server_port}")
    assert (said.returncode, said.stdout) == (0, f"No vulnerability is known of {len(LOCKED)} packages.\n")


def test_without_a_network_the_audit_says_that_it_asked_nobody() -> None:
    said = supply("audit")
    assert said.returncode == 0
    assert said.stdout == "OSV could not be asked (URLError): nothing is known about vulnerabilities today.\n"


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
