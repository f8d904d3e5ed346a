"""docs/faults.md and the tests say the same: each fault has a row, each row the tests that prove it, or a reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.door import ROOT

DOCUMENT = ROOT / "docs" / "faults.md"
FAULTS = [f"F{number:02}" for number in (*range(1, 105), *range(106, 118))]
ROW = re.compile(r"^\| (F\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py::test_\w+)`")


def rows() -> list[tuple[str, str]]:
    """Each row of the document: the fault, and its last cell, which names tests or says why there is none."""
    return [(fault, proof) for fault, _, _, proof in ROW.findall(DOCUMENT.read_text())]


def named() -> set[tuple[str, str]]:
    """What the document says: which fault is proved by which test."""
    return {(fault, test) for fault, proof in rows() for test in TEST.findall(proof)}


def marked() -> set[tuple[str, str]]:
    """What the tests say."""
    return {
        (fault, f"{path.relative_to(ROOT)}::{test.name}")
        for path in (ROOT / "tests").rglob("test_*.py")
        for test in ast.parse(path.read_text()).body
        if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef)
        for fault in faults_of(test)
    }


def faults_of(test: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.fault":
            yield from (ast.literal_eval(each) for each in mark.args)


def test_every_fault_has_one_row_and_every_row_a_proof_or_a_reason() -> None:
    assert [fault for fault, _ in rows()] == FAULTS
    assert [fault for fault, proof in rows() if not TEST.search(proof) and len(proof.split()) < 5] == []


def test_the_tests_that_the_document_names_are_there_and_carry_its_numbers() -> None:
    assert sorted(named() - marked()) == []


def test_every_number_that_a_test_carries_stands_in_the_document() -> None:
    assert sorted(marked() - named()) == []


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_readmes_lead_there(readme: str) -> None:
    assert "](docs/faults.md)" in (ROOT / readme).read_text()
