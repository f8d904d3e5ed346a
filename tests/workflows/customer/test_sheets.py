"""CSV files as Excel and people make them: each is read, or refused with a reason that helps."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.customer import sheets
from workflows.customer.sheets import Unreadable, decoded, read, write

KNOWN = {"company_id": ("会社id",), "company": ("会社", "会社名"), "owner": ("担当者",)}


def rows(text: str) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, dict(row.cells)) for row in read(text, KNOWN).rows]


def refusal(text: str) -> str:
    with pytest.raises(Unreadable) as error:
        read(text, KNOWN)
    return error.value.sentence


# -- what cannot be read --------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "\n\n", "  \r\n , ,\n"])
def test_nothing_in_it(text: str) -> None:
    assert refusal(text) == sheets.EMPTY


@pytest.mark.parametrize("text", ['owner\n"mori@x.example', 'owner\n"a"b', "owner\n" + "x" * 200_000])
def test_a_line_that_cannot_be_read_says_which(text: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(text, KNOWN)
    assert (error.value.sentence, error.value.facts) == (sheets.BROKEN, {"line": 2})


def test_a_column_twice() -> None:
    assert refusal("owner,担当者\na,b") == sheets.TWICE


@pytest.mark.parametrize("data", [b"\x81", b"owner\n\x81\xff", b"\xff\xfe\x00"])
def test_no_known_encoding(data: bytes) -> None:
    with pytest.raises(Unreadable) as error:
        decoded(data)
    assert error.value.sentence == sheets.ENCODING


@pytest.mark.parametrize("data", [b"PK\x03\x04\x00\x00", b"owner\0", "\0".encode("utf-16")])
def test_no_text(data: bytes) -> None:
    with pytest.raises(Unreadable) as error:
        decoded(data)
    assert error.value.sentence == sheets.NO_TEXT


def test_a_file_is_bounded() -> None:
    assert decoded(b"x" * sheets.LARGEST)
    with pytest.raises(Unreadable) as error:
        decoded(b"x" * (sheets.LARGEST + 1))
    assert error.value.sentence == sheets.TOO_LARGE


def test_its_rows_are_bounded() -> None:
    assert len(read("owner\n" + "a\n" * sheets.MOST, KNOWN).rows) == sheets.MOST
    assert refusal("owner\n" + "a\n" * (sheets.MOST + 1)) == sheets.TOO_MANY


def test_a_column_that_is_needed() -> None:
    sheet = read("会社名\nあおば", KNOWN)
    sheets.need(sheet, "company_id", "company")
    with pytest.raises(Unreadable) as error:
        sheets.need(sheet, "owner")
    assert error.value.facts == {"columns": "owner"}


# -- what can -------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_what_excel_saves_is_read(encoding: str) -> None:
    text = decoded("会社名,担当者\r\n㈱髙島製作所,mori@x.example\r\n".encode(encoding))
    assert rows(text) == [(2, {"company": "㈱髙島製作所", "owner": "mori@x.example"})]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_copied_out_of_a_table_is_read(delimiter: str, end: str) -> None:
    assert rows(end.join([f"company{delimiter}owner", f"A{delimiter}b"])) == [(2, {"company": "A", "owner": "b"})]


@pytest.mark.parametrize("name", ["company_id", "Company_ID", " company id ", "会社ID", "会社ＩＤ"])
def test_a_column_is_found_by_what_people_call_it(name: str) -> None:
    assert rows(f"{name}\n7") == [(2, {"company_id": "7"})]


def test_line_numbers_are_the_files_own() -> None:
    text = 'company,owner\n\n"二行の\n名前",a\n,\nB,b\n'
    assert rows(text) == [(3, {"company": "二行の\n名前", "owner": "a"}), (6, {"company": "B", "owner": "b"})]


def test_short_and_long_rows() -> None:
    assert rows("company,owner\nA\nB,b,c") == [(2, {"company": "A"}), (3, {"company": "B", "owner": "b"})]


def test_columns_that_are_not_read_are_named() -> None:
    assert read("company,電話,owner\nA,1,b", KNOWN).ignored == ["電話"]


# -- formulas -------------------------------------------------------------------------------------


@pytest.mark.fault("F71")
@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+81", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.example")', "'=x", "''-", "＝1+1", "＋1", "－1", "＠A1"],
)
def test_nothing_is_calculated_and_nothing_is_lost(cell: str) -> None:
    data = write(["company", "owner"], [[cell, "b"]])
    [_, [written, _]] = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert written[0] == "'"
    assert rows(decoded(data)) == [(2, {"company": cell, "owner": "b"})]


@pytest.mark.parametrize("cell", ["\n=1+1", " =1+1", "　＝1+1", "\r\n\t-1", "\ufeff=1+1", "\u200b@A1"])
def test_a_formula_behind_what_nobody_sees_is_not_calculated(cell: str) -> None:
    data = write(["company", "owner"], [[cell, "b"]])
    [_, [written, _]] = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert any(f"'{unseen}" in written for unseen in (cell, cell.strip()))
    assert rows(decoded(data)) == [(2, {"company": cell.strip(), "owner": "b"})]


@pytest.mark.parametrize("between", [";", "\t", "\n", "\r\n", "; ", ";　", ";;", "\n\t"])
@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "＝1", "+1", "-1", "@SUM(A1)"])
def test_nothing_is_calculated_where_other_countries_end_a_cell(between: str, formula: str) -> None:
    cell = f"x{between}{formula};y"
    data = write(["company", "owner"], [[cell, "b"]])
    [_, [written, _]] = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    parts = re.split("[;\t\r\n]", written)
    assert not [part for part in parts if unicodedata.normalize("NFKC", part).strip()[:1] in ("=", "+", "-", "@")]
    assert rows(decoded(data)) == [(2, {"company": cell, "owner": "b"})]


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=5))
def test_what_is_written_is_read_back(cells: list[tuple[str, str]]) -> None:
    def plain(text: str) -> str:
        return "".join(letter for letter in text if letter.isprintable()).strip()

    said = [(plain(one), plain(two)) for one, two in cells if plain(one) or plain(two)]
    read_back = rows(decoded(write(["company", "owner"], said)))
    assert [(row["company"], row["owner"]) for _, row in read_back] == said


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(decoded(data), KNOWN)
    except Unreadable as error:
        assert error.sentence


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text, KNOWN)
    except Unreadable as error:
        assert error.sentence
