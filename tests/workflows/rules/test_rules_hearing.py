"""The rules of who hears of what: account owners, and those who care for one kind of request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.rules.saying import told
from workflows.rules import load
from workflows.rules.kinds import NEWS, Hearers

TAGS = '[tags]\n"要望" = "wish"\n"文言" = "wording"\n"言い回し" = "wording"\n'

MISTAKES = {
    "an unknown kind": (
        '[kinds."絵文字"]\nchannel = "C012AB3CD"',
        5,
        "[kinds] 絵文字 is no kind of request; known are: wish",
    ),
    "a person who is none": (
        '[kinds."文言"]\npeople = ["デザイナー"]',
        6,
        "[kinds.\"文言\"] people has 'デザイナー'; each must be",
    ),
    "a channel by its name": (
        '[kinds."文言"]\nchannel = "#design"',
        6,
        '[kinds."文言"] channel must be a channel\'s id such as',
    ),
    "an unknown news": (
        '[kinds."文言"]\nchannel = "C012AB3CD"\nhear = ["new", "done"]',
        7,
        "[kinds.\"文言\"] hear has 'done'; each must be one of: new, concluded, released.",
    ),
    "nobody who hears": ('[kinds."文言"]\nhear = ["new"]', 5, '[kinds."文言"] needs a channel, or people.'),
    "another setting": ('[kinds."文言"]\nchannels = []', 6, '[kinds."文言"] channels is not known here'),
    "one kind twice": (
        '[kinds."文言"]\nchannel = "C012AB3CD"\n[kinds.wording]\nchannel = "C012AB3CD"',
        7,
        "[kinds] wording means a kind that another section names already.",
    ),
    "an unknown news of owners": (
        '[telling]\ntell_owners = ["released", "refused"]',
        6,
        "[telling] tell_owners has 'refused'; each must be one of: released, declined, withdrawn.",
    ),
    "neither yes nor no": ('[telling]\ntell_owners = "always"', 6, "[telling] tell_owners must be one of: no, yes."),
    "a number": ("[telling]\ntell_owners = 1", 6, "[telling] tell_owners must be a list of texts."),
}


def written(folder: Path, text: str) -> Path:
    """A file of rules."""
    path = folder / "yamabiko.toml"
    path.write_text(TAGS + text + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_told_with_its_line(tmp_path: Path, mistake: str) -> None:
    text, line, said = MISTAKES[mistake]
    found = told(written(tmp_path, text))
    assert f"line {line}: {said}" in found


def test_a_section_is_called_by_a_tag_or_by_the_kind(tmp_path: Path) -> None:
    by_tag = load(written(tmp_path, '[kinds."言い回し"]\nchannel = "C012AB3CD"')).kinds
    by_kind = load(written(tmp_path, '[kinds.wording]\npeople = ["d@kanade.example"]\nhear = ["new"]')).kinds
    assert by_tag == {"wording": Hearers("C012AB3CD", (), NEWS)}
    assert by_kind == {"wording": Hearers("", ("d@kanade.example",), ("new",))}
    assert load(written(tmp_path, "")).kinds == {}


@pytest.mark.parametrize(
    ("said", "heard"),
    [('"yes"', ("released",)), ('"no"', ()), ('["declined", "released"]', ("declined", "released")), ("[]", ())],
)
def test_what_owners_hear_of_is_listed_or_as_it_was_said_before(tmp_path: Path, said: str, heard: object) -> None:
    assert load(written(tmp_path, f"[telling]\ntell_owners = {said}")).sending.tell_owners == heard
