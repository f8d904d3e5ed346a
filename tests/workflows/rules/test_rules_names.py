"""[enquiry.channels] names, and [enquiry] window_names: said, or left to who reads along."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.rules.saying import told
from workflows.rules import load
from workflows.rules.enquiry import Enquiry

CHANNEL, WINDOW = "C012AB3CD", "C0WINDOW"


def written(tmp_path: Path, section: str) -> Path:
    """A file of rules in which a channel has such a section."""
    file = tmp_path / "yamabiko.toml"
    text = f'[tags]\n"要望" = "wish"\n[enquiry]\nchannel = "C0ENQUIRY"\n[enquiry.channels.{CHANNEL}]\n{section}\n'
    file.write_text(text, encoding="utf-8")
    return file


def test_a_word_that_is_neither_yes_nor_no_is_told_with_its_line(tmp_path: Path) -> None:
    said = told(written(tmp_path, 'names = "yes"'))
    assert "line 6: [enquiry.channels.C012AB3CD] names must be true or false, without quotes." in said


@pytest.mark.parametrize(
    ("section", "said", "among_colleagues", "with_guests"),
    [("", None, True, False), ("names = true", True, True, True), ("names = false", False, False, False)],
)
def test_names(tmp_path: Path, section: str, said: bool | None, among_colleagues: bool, with_guests: bool) -> None:
    found = load(written(tmp_path, section)).enquiry
    assert found.names_in(CHANNEL) is said
    assert (found.may_name(CHANNEL), found.may_name(CHANNEL, others_read=True)) == (among_colleagues, with_guests)
    assert (found.names_in("C0ENQUIRY"), found.may_name("C0ENQUIRY", others_read=True)) == (None, False)


def windowed(tmp_path: Path, *lines: str) -> Path:
    """A file of rules in which [enquiry] says this besides."""
    file = tmp_path / "yamabiko.toml"
    said = ("[tags]", '"要望" = "wish"', "[enquiry]", 'channel = "C0ENQUIRY"', *lines)
    file.write_text("\n".join(said), encoding="utf-8")
    return file


def test_a_word_about_a_window_that_there_is_not_is_told_with_its_line(tmp_path: Path) -> None:
    said = told(windowed(tmp_path, "window_names = true"))
    assert "line 5: [enquiry] window_names needs [enquiry] window, too" in said


@pytest.mark.parametrize(
    ("line", "said", "among_colleagues", "with_guests"),
    [("", None, True, False), ("window_names = true", True, True, True), ("window_names = false", False, False, False)],
)
def test_names_in_the_channel_to_read_along(
    tmp_path: Path, line: str, said: bool | None, among_colleagues: bool, with_guests: bool
) -> None:
    found = load(windowed(tmp_path, f'window = "{WINDOW}"', line)).enquiry
    assert found.names_in(WINDOW) is said
    assert (found.may_name(WINDOW), found.may_name(WINDOW, others_read=True)) == (among_colleagues, with_guests)
    assert found.names_in("C0ENQUIRY") is None


def test_where_a_channel_is_both_its_own_section_comes_first(tmp_path: Path) -> None:
    lines = (f'window = "{CHANNEL}"', "window_names = true", f"[enquiry.channels.{CHANNEL}]", "names = false")
    assert load(windowed(tmp_path, *lines)).enquiry.names_in(CHANNEL) is False
    assert load(windowed(tmp_path, *lines[:3])).enquiry.names_in(CHANNEL) is True


def test_a_name_that_is_not_on_the_list_stands_nowhere() -> None:
    assert not Enquiry(fields=frozenset({"company"})).may_name(CHANNEL)
