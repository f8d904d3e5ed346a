"""The list of a flag's companies: shown line by line, kept, and who is reached by it hears."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app import __main__
from tests.pages.importing import mistakes
from tests.pages.reading import SAME_ORIGIN, get, read
from tests.workflows.telling.test_gate import PM, company, done, open_chats
from tests.world import World
from workflows.customer import imports
from workflows.engine.store import store
from workflows.rules.telling import Gate
from workflows.tables.customer import Company
from workflows.telling import flags, publish
from workflows.telling.publish import Wanted


@pytest.fixture
def known(world: World) -> Iterator[World]:
    """Some companies, of which two are called the same; finished issues wait for their release."""
    names = {"7": "みどり商店", "8": "同名社", "9": "同名社"}
    store.write(lambda session: session.add_all(Company(id=id, name=name) for id, name in names.items()))
    with world.rules(gate=Gate("release")):
        yield world


def sent(world: World, text: str, flag: str = "new-csv", path: str = "/imports/flag") -> httpx.Response:
    parts = {"text": (None, text), "flag": (None, flag)}
    return world.request("POST", path, files=parts, headers=SAME_ORIGIN)


def kept(world: World, text: str) -> httpx.Response:
    """The button of the page that shows the list."""
    [form] = read(sent(world, text).text).all("form", action="/imports/flag/keep")
    said = {each.attributes["name"]: each.attributes["value"] for each in form.all("input", type="hidden")}
    return sent(world, said["text"], said["flag"], "/imports/flag/keep")


@pytest.mark.parametrize(("head", "wrong"), [("", {2, 3}), ("会社\n", {3, 4}), ("Company_ID\n", {2, 3, 4})])
def test_names_of_columns_may_be_left_out(known: World, head: str, wrong: set[int]) -> None:
    assert set(mistakes(read(sent(known, f"{head}みどり商店\n同名社\n404\n").text))) == wrong
    assert store.read(flags.counted) == []


def test_a_mere_list_says_what_is_wrong_with_a_line(known: World) -> None:
    assert mistakes(read(sent(known, "7\n同名社\n404\nみどり商店\n").text)) == {
        2: "同じ名前の会社が複数あります。company_idで指定してください。",
        3: "このID、またはこの名前と完全に一致する会社は登録されていません。",
        4: "この会社は1行目にもあります。",
    }


def test_what_was_shown_is_kept_and_twice_is_once(known: World) -> None:
    for _ in range(2):
        assert kept(known, "7\n404\n").headers["location"] == "/owners/flags?kept=1"
    text = get(known, "/owners/flags?kept=1").text
    assert "1行を登録しました。" in text and "new-csv: 1社" in text


@pytest.mark.parametrize("flag", ["", " ", "a\nb", "x" * 201])
def test_a_list_without_the_name_of_its_flag_is_refused(known: World, flag: str) -> None:
    answer = sent(known, "7\n", flag)
    assert answer.status_code == 400 and "フラグの名前を200文字以内で入力してください。" in answer.text


def test_who_comes_into_a_wave_by_the_list_hears_and_nobody_else(known: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "TOGETHER", 1)
    issue = done(known, 0, 2)
    publish.flagged("new-csv", [company(known, 0)], origin="list:1")
    publish.publish(issue, Wanted("flag", ("new-csv",)), by=PM, origin="form:1")
    assert open_chats(known, 0, 2) == [1, 0]
    kept(known, f"7\n{company(known, 0)}\n{company(known, 2)}\n")
    assert open_chats(known, 0, 2) == [1, 1]


class _Nothing:
    def start(self) -> None: ...

    def stop(self) -> None: ...


def test_the_command_takes_the_same_list(
    known: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.operate.operators.load", lambda: known.settings)
    monkeypatch.setattr("app.operate.operators.Runtime", lambda *_, **__: _Nothing())
    (file := tmp_path / "list.csv").write_text("7\n404\n", encoding="utf-8")
    assert __main__.main(["flag", "new-csv", str(file), "--dry-run"]) == 1
    assert store.read(flags.counted) == []
    assert __main__.main(["flag", "new-csv", str(file)]) == 1
    assert store.read(flags.counted) == [("new-csv", 1)]
    said = capsys.readouterr().out
    assert "row 2: No registered company has this ID or exactly this name. 404" in said and "Rows imported: 1." in said
    assert __main__.main(["flag", "", str(file)]) == 2
    assert capsys.readouterr().err.strip() == "Enter the flag's name: up to 200 printable characters."
