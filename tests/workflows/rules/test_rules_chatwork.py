"""[chatwork]: rooms by name, and the one that shows escalations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.rules.saying import told
from workflows.rules import load


def written(tmp_path: Path, section: str) -> Path:
    """A file of rules with such rooms."""
    file = tmp_path / "yamabiko.toml"
    file.write_text(f'[tags]\n"要望" = "wish"\n[chatwork.rooms]\n{section}\n', encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('"声" = "93207172"', "line 4: [chatwork.rooms] 声 must be a whole number"),
        ('"声" = 0', "must be between 1 and"),
        ('"声" = true', "must be a whole number"),
        ('"声[toall]" = 5', "must be a name of up to 60 characters without brackets"),
        ('"" = 5', "must be a name of up to 60 characters"),
        ('"声" = 5\n"開発" = 5', "line 5: [chatwork.rooms] 開発 is the same room as another one; name it once"),
    ],
)
def test_what_cannot_be_a_room_is_told_with_its_line(tmp_path: Path, section: str, said: str) -> None:
    assert said in told(written(tmp_path, section))


def test_nothing_else_stands_below_chatwork(tmp_path: Path) -> None:
    file = tmp_path / "yamabiko.toml"
    file.write_text('[tags]\n"要望" = "wish"\n[chatwork]\ntoken = "x"\n', encoding="utf-8")
    assert "token is not known here; known are: escalation_room, rooms" in told(file)


def test_rooms_are_numbers_as_text_by_name(tmp_path: Path) -> None:
    assert load(written(tmp_path, '"お客様の声" = 93207172\n"開発" = 5')).chatwork_rooms == {
        "お客様の声": "93207172",
        "開発": "5",
    }
    assert load(written(tmp_path, "")).chatwork_rooms == {}


def test_escalations_go_to_a_room_that_is_named_or_to_none(tmp_path: Path) -> None:
    file = tmp_path / "yamabiko.toml"
    said = '[tags]\n"要望" = "wish"\n[chatwork]\nescalation_room = {}\n[chatwork.rooms]\n"お客様の声" = 5\n'
    for wrong in ('"別のルーム"', '"5"', "5"):
        file.write_text(said.format(wrong), encoding="utf-8")
        assert "line 4: [chatwork] escalation_room must be" in told(file)
    for name in ("お客様の声", ""):
        file.write_text(said.format(f'"{name}"'), encoding="utf-8")
        assert load(file).escalation_room == name
    assert load(written(tmp_path, '"お客様の声" = 5')).escalation_room == ""
