"""How wordings read, at the operator's terminal: notes in `check`, with their lines, and a text linted by hand."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import __main__
from app.operate import check, wordings
from tests.door import ROOT
from tests.test_check import world as world
from tests.world import World
from workflows.rules import load, rules

FILE = '''\
[tags]
"要望" = "wish"

[wording.ja]
told = """
{name}様、お世話になっております。
すみません、近日中に「{wish}」をご利用いただけます。
"""

[promises.listen]
level = "listen"
ja = "{name}様、了解しました。"
en = "Thank you, {name}."
'''


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A company's file, in force."""
    file = tmp_path / "rules.toml"
    file.write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("YAMABIKO_CONFIG", str(file))
    before = replace(rules)
    rules.bind(load(file))
    yield file
    rules.bind(before)


# -- the company's own wordings ---------------------------------------------------------------------


def test_each_wording_that_is_objected_to_is_named_with_its_line_and_the_advice(file: Path) -> None:
    assert list(wordings.notes(file)) == [
        "rules.toml, line 7: [wording.ja] told: “すみません” is too casual for a customer. Better: 申し訳ございません",
        "rules.toml, line 7: [wording.ja] told: “近日中” promises more than we have agreed to. "
        "Better: 提供時期が決まりましたら、あらためてご連絡いたします",
        "rules.toml, line 12: [promises.listen] ja: “了解しました” is too casual for a customer. "
        "Better: 承知いたしました",
    ]


def test_the_example_is_polite() -> None:
    assert list(wordings.notes(ROOT / "yamabiko.example.toml")) == []


def test_check_notes_it_and_does_not_fail_for_it(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [each for each in check.look(world.settings) if "[wording.ja]" in each.sentence]
    polite = (ROOT / "yamabiko.example.toml").read_text(encoding="utf-8")
    (file := tmp_path / "rules.toml").write_text(polite.replace("このたび", "すみません、", 1), encoding="utf-8")
    monkeypatch.setattr(rules, "wording", load(file).wording)
    settings = world.settings.model_copy(update={"yamabiko_config": file})
    (note,) = [each for each in check.look(settings) if "[wording.ja]" in each.sentence]
    line = next(at for at, each in enumerate(file.read_text(encoding="utf-8").split("\n"), 1) if "すみません" in each)
    assert note.ok is None and note.sentence.startswith(f"rules.toml, line {line}: [wording.ja] told: “すみません”")


# -- a text by hand -------------------------------------------------------------------------------


def linted(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """What the command returns and prints."""
    code = __main__.main(["politeness", *arguments])
    said = capsys.readouterr()
    return code, (said.out + said.err).splitlines()


def test_a_text_is_linted_with_places_grades_and_advice(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "draft.txt"
    text.write_text("山本 恵子様、了解しました。\nFB-12のとおりです。\n", encoding="utf-8")
    code, lines = linted(capsys, str(text), "--name", "山本 恵子")
    assert code == 1
    assert lines == [
        "1:1     should  “山本 恵子様” has the given name as well. Better: 山本様 (full-name)",
        "1:8     should  “了解しました” is too casual for a customer. Better: 承知いたしました (acknowledgement)",
        "2:1     must    “FB-12” is an internal code, which customers don't know. (internal-code)",
    ]


def test_advice_alone_is_no_failure_and_nothing_is_said_to_be_nothing(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for text, code, lines in (
        ("了解しました。", 0, 1),
        ("We will definitely do it.", 1, 1),
        ("山本様、承知いたしました。", 0, 1),
    ):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        answer, printed = linted(capsys, "-")
        assert (answer, len(printed)) == (code, lines)
    assert printed == [wordings.NOTHING]


def test_a_promise_and_an_email_are_what_they_are_said_to_be(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (text := tmp_path / "draft.txt").write_text("必ずご報告いたします。" * 40, encoding="utf-8")
    code, lines = linted(capsys, str(text), "--mail", "--promise")
    assert (code, lines) == (0, [wordings.NOTHING])
    code, lines = linted(capsys, str(text))
    assert code == 1 and len(lines) == 41


@pytest.mark.parametrize("given", ["missing", "in another encoding"])
def test_a_file_that_cannot_be_read_is_told(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    path = tmp_path / "draft.txt"
    if given == "in another encoding":
        path.write_bytes("了解しました。".encode("shift_jis"))
    code, (line,) = linted(capsys, str(path))
    assert code == 2 and line.startswith(f"{path} cannot be read: ")


def test_what_a_text_says_to_the_terminal_is_not_done(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (text := tmp_path / "draft.txt").write_text("{\x1b[2J}様 「\x1b」FB-1", encoding="utf-8")
    _code, lines = linted(capsys, str(text))
    assert lines and "\x1b" not in "".join(lines)
