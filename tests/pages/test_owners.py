"""Who answers for which company: gaps first; CSV in, line by line, and CSV out."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from app.__main__ import main
from app.operate import files
from app.settings import Settings
from tests.escalating import OWNER, Escalating
from tests.pages.escalated import put
from tests.pages.hostile import CORPUS, check
from tests.pages.importing import kept, mistakes, sent
from tests.pages.reading import SAME_ORIGIN, Element, flat, get, read
from tests.pages.signing_in import real
from tests.world import World
from workflows.customer import imports, owners, sheets
from workflows.engine.store import now_ms, store
from workflows.escalation import gaps
from workflows.tables.customer import Company, Owner
from workflows.tables.people import Colleague

NAMES = {"101": "株式会社あおば製作所", "7": "ひだまり", "8": "ひだまり", "9": "=カフェ"}


@pytest.fixture
def known(world: World) -> World:
    """Four companies, two of which are called the same."""
    store.write(lambda session: [session.merge(Company(id=id, name=name)) for id, name in NAMES.items()] and None)
    return world


def on_record() -> list[tuple[str, str, str, str]]:
    """Company, role, origin, person of everything that is kept."""
    rows = store.read(lambda session: session.exec(select(Owner)).all())
    return sorted((row.company_id, row.role, row.origin, row.person) for row in rows)


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "ファイルが空です"),
        (b"PK\x03\x04\x00", "CSVファイルではありません"),
        (b"owner\n\x81\xff", "文字コードを読み取れません"),
        ("会社名\nあおば".encode(), "「owner / deputy / manager」の列がありません"),
        (b"owner\nx@y", "「company_id / company」の列がありません"),
        (b'company,owner\n"a,b', "2行目を読み取れません"),
        (b"company,owner\n" + b"a,b\n" * (sheets.MOST + 1), "20,000行を超えています"),
        (b"company,owner\n" + b"a" * sheets.LARGEST, "2 MBを超えています"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(sqlite_world: World, data: bytes, words: str) -> None:
    answer = sent(sqlite_world, "owners", data)
    assert answer.status_code == 400 and words in answer.text and "何も登録していません" in answer.text
    assert on_record() == []


def test_where_nothing_was_chosen_it_is_not_called_an_empty_file(sqlite_world: World) -> None:
    nothing = (
        '--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n'
        '--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\r\n--x--\r\n'
    )
    headers = SAME_ORIGIN | {"Content-Type": "multipart/form-data; boundary=x"}
    answer = sqlite_world.request("POST", "/imports/owners", content=nothing.encode(), headers=headers)
    assert answer.status_code == 400 and "ファイルを選ぶか、表を貼り付けてください" in answer.text


def test_a_form_is_bounded(sqlite_world: World) -> None:
    assert sent(sqlite_world, "owners", b"a" * (9 * 1024 * 1024)).status_code == 413


def test_nothing_else_is_imported(sqlite_world: World) -> None:
    assert sent(sqlite_world, "companies", "company\na").status_code == 404
    assert sqlite_world.request("GET", "/imports/owners").status_code == 405
    for body in (b"", b"--x", b"--x\r\nContent-Disposition: nothing\r\n\r\n"):
        headers = SAME_ORIGIN | {"Content-Type": "multipart/form-data; boundary=x"}
        answer = sqlite_world.request("POST", "/imports/owners", content=body, headers=headers)
        assert answer.status_code == 400


def test_each_line_says_what_is_wrong_with_it(known: World) -> None:
    text = "\n".join(
        [
            "company_id,company,owner,deputy",
            "101,,mori@x.example,",
            "404,,mori@x.example,",
            ",ひだまり,mori@x.example,",
            ",ひだ,mori@x.example,",
            "7,,森,",
            "101,,okada@x.example,",
            ",,mori@x.example,",
            "8,,U0MORI,C0ESCALATE",
            f"9,,{'x' * 600}@y,",
        ]
    )
    page = read(sent(known, "owners", text).text)
    assert mistakes(page) == {
        3: "このIDの会社は登録がありません。",
        4: "同じ名前の会社が複数あります。company_idで指定してください。",
        5: "この名前と完全に一致する会社は登録がありません。",
        6: "「森」は、メールアドレスでもSlackのメンバーID(例: U012AB3CD)でもありません。",
        7: "この会社は2行目にもあります。",
        8: "この行に会社がありません。",
        9: "「C0ESCALATE」は、メールアドレスでもSlackのメンバーID(例: U012AB3CD)でもありません。",
        10: "この行に、500文字を超えるセルがあります。",
    }
    assert "1行を登録できます。" in page.text and on_record() == []
    assert "No registered company has this ID." in sent(known, "owners", text, params={"lang": "en"}).text


def test_who_was_never_met_in_slack_is_named_before_it_is_kept(known: World) -> None:
    def met(session: Session) -> None:
        for id, email, left in (("U0MORI", "mori@x.example", False), ("U0GONE", "gone@x.example", True)):
            session.merge(Colleague(id=id, name=id, email=email, left=left, seen_at=1))

    store.write(met)
    text = "company_id,owner,deputy,manager\n101,Mori@x.example,U0GONE,U0MORI\n9,slip@x.example,gone@x.example,\n"
    [warning] = read(sent(known, "owners", text).text).all("p", class_="mark-attention")
    assert "まだSlackで見つかっていない人: 3名" in flat(warning)
    assert "U0GONE, gone@x.example, slip@x.example" in flat(warning)
    assert kept(known, "owners", text).status_code == 303 and len(on_record()) == 5
    everybody = read(sent(known, "owners", "company_id,owner\n101,U0MORI\n").text)
    assert not everybody.all("p", class_="mark-attention")
    churned = read(sent(known, "churn", "company_id,churned_on\n101,2026-01-01\n").text)
    assert not churned.all("p", class_="mark-attention")


# -- what is kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_what_excel_saves_is_shown_and_then_kept(known: World, encoding: str) -> None:
    text = "会社名,担当者,代理\r\n株式会社あおば製作所,mori@x.example,U0OKADA\r\n=カフェ,emma@x.example,\r\n"
    answer = kept(known, "owners", text.encode(encoding))
    assert answer.status_code == 303 and answer.headers["location"] == "/owners?kept=2"
    assert on_record() == [
        ("101", "deputy", "import", "U0OKADA"),
        ("101", "owner", "import", "mori@x.example"),
        ("9", "owner", "import", "emma@x.example"),
    ]
    page = get(known, "/owners?kept=2")
    assert "2行を登録しました。" in page.text and "mori@x.example CSV取り込み" in " ".join(page.text.split())


def test_columns_may_be_called_as_the_page_calls_them(known: World) -> None:
    kept(known, "owners", "会社名,顧客担当,副担当,責任者\n株式会社あおば製作所,mori@x.example,U0OKADA,\n")
    assert [(role, who) for _, role, _, who in on_record()] == [("deputy", "U0OKADA"), ("owner", "mori@x.example")]


def test_the_right_lines_are_kept_although_others_are_wrong(known: World) -> None:
    kept(known, "owners", "company_id,owner\n404,a@b\n101,c@d\n")
    assert on_record() == [("101", "owner", "import", "c@d")]


def test_what_is_pasted_is_read_too(known: World) -> None:
    parts = {"file": ("", b""), "text": (None, "company_id\towner\n101\tmori@x.example")}
    answer = known.request("POST", "/imports/owners", files=parts, headers=SAME_ORIGIN)
    assert "1行を登録できます。" in answer.text


def test_importing_again_changes_what_was_imported_and_nothing_else(known: World) -> None:
    def by_hand(session: Session) -> None:
        owners.put(session, "101", {"owner": "U0HAND"}, "hand")
        owners.put(session, "101", {"manager": "U0COM"}, "intercom")

    store.write(by_hand)
    kept(known, "owners", "company_id,owner,deputy,manager\n101,a@b,c@d,e@f\n7,a@b,,")
    kept(known, "owners", "company_id,owner,deputy\n101,z@b,\n")
    assert on_record() == [
        ("101", "manager", "import", "e@f"),
        ("101", "manager", "intercom", "U0COM"),
        ("101", "owner", "hand", "U0HAND"),
        ("101", "owner", "import", "z@b"),
        ("7", "owner", "import", "a@b"),
    ]
    assert store.read(lambda session: owners.of(session, "101")) == {"owner": "U0HAND", "manager": "e@f"}


def test_lines_are_kept_in_parts(known: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "TOGETHER", 2)
    told: list[tuple[int, int]] = []
    checked = imports.check(imports.OWNERS, "company_id,owner\n101,a@b\n7,a@b\n8,a@b\n")
    assert imports.keep(checked, progress=lambda done, of: told.append((done, of))) == 3
    assert told == [(2, 3), (3, 3)] and len(on_record()) == 3


@pytest.mark.parametrize("text", [text for text in CORPUS if len(text) < 400], ids=range(len(CORPUS) - 1))
def test_what_a_file_says_stays_text(sqlite_world: World, text: str) -> None:
    store.write(lambda session: session.merge(Company(id="7", name=text.strip())))
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["company", "owner", text], [text, "a@b", "x"], [text + "x", text, text]])
    check(read(sent(sqlite_world, "owners", file.getvalue()).text))
    check(get(sqlite_world, "/owners"))
    check(get(sqlite_world, "/owners?kept=" + "%3Cb%3E"))


# -- gaps -----------------------------------------------------------------------------------------

FALLBACK = [{"role": "fallback", "person": "U0LEAD"}]


def gap_of(page: Element, id: str) -> str:
    """The words of the first row of a company."""
    return " ".join(next(row.text for row in page.all("tr") if row.attributes.get("data-name") == id).split())


def test_whom_nobody_answers_for_comes_first(known: World) -> None:
    put(known, company_id="7", company="ひだまり", chain=FALLBACK, role="fallback", raised_at=now_ms() - 1000)
    put(known, company_id="7", company="ひだまり", chain=FALLBACK, role="fallback", state="done")
    page = get(known, "/owners")
    assert "顧客担当が未登録 2件" in gap_of(page, "7") and "Slackの/ownerで顧客担当を設定するか" in page.text
    kept(known, "owners", "company_id,owner\n7,mori@x.example")
    assert "既定の宛先" not in get(known, "/owners").text


def test_an_owner_who_was_not_found_is_named(known: World) -> None:
    store.write(lambda session: owners.put(session, "7", {"owner": "gone@x.example"}, "intercom"))
    put(known, company_id="7", company="ひだまり", chain=FALLBACK, role="fallback")
    assert "gone@x.exampleさんの登録はありますが、Slackで見つかりません" in gap_of(get(known, "/owners"), "7")


def test_a_company_that_is_not_on_record_is_a_gap_by_its_name(known: World) -> None:
    put(known, company_id=None, company="新しい会社", chain=FALLBACK, role="named")
    put(known, company_id=None, company="別の会社", chain=FALLBACK, role="fallback")
    text = get(known, "/owners").text
    assert "新しい会社" in text and "別の会社" in text and text.count("会社が未登録") == 2


def test_the_newest_escalation_decides(known: World) -> None:
    put(known, company_id="7", chain=FALLBACK, role="fallback")
    put(known, company_id="7", chain=[{"role": "owner", "person": OWNER}])
    assert store.read(gaps.gaps) == []


def test_a_raised_escalation_without_an_owner_is_a_gap(known: World) -> None:
    store.write(lambda session: session.merge(Company(id="102", name="みどり歯科クリニック")))
    case = Escalating(known)
    case.slack.use_shortcut("U0TANAKA", "escalate")
    case.slack.suggest("U0TANAKA", "company", "みどり")
    assert not case.slack.submit("U0TANAKA", case.filled(company="102", conversation="")).errors
    known.settle()
    assert [(gap.company_id, gap.why) for gap in store.read(gaps.gaps)] == [("102", gaps.NO_OWNER)]


def test_an_empty_page_says_what_fills_it(world: World) -> None:
    assert "顧客担当の登録はまだありません。" in get(world, "/owners").text


def test_who_answers_is_found_by_a_part_of_the_name(known: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(known, "owners", "company_id,owner\n101,a@b\n7,a@b\n8,a@b\n9,a@b")

    def names(path: str) -> list[str]:
        return [row.attributes["data-name"] for row in get(known, path).all("tr") if "data-name" in row.attributes]

    assert names("/owners?q=あおば") == ["101"] and names("/owners?q=%25") == []
    monkeypatch.setattr("app.pages.owners.ROWS", 3)
    assert sorted(names("/owners") + names("/owners?part=2")) == ["101", "7", "8", "9"]
    assert names("/owners?part=-1") == names("/owners")


# -- CSV out --------------------------------------------------------------------------------------


def test_what_is_exported_can_be_imported(known: World) -> None:
    store.write(lambda session: session.merge(Company(id="=1", name='=HYPERLINK("http://evil.example")')))
    kept(known, "owners", "company_id,owner,manager\n101,mori@x.example,U0HAYASHI\n9,a@b,\n'=1,a@b,")
    put(known, company_id="7", company="ひだまり", chain=FALLBACK, role="fallback")
    answer = known.request("GET", "/owners.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="owners.csv"'
    text = answer.content.decode("utf-8-sig")
    header, gap, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header[:5] == ["company_id", "company", "owner", "deputy", "manager"]
    assert gap == ["7", "ひだまり", *[""] * 6] and len(rows) == 3 and text.count("\r\n") == 5
    assert not any(cell.startswith(sheets._FORMULA) for row in rows for cell in row)
    before = on_record()
    assert kept(known, "owners", answer.content).headers["location"] == "/owners?kept=4"
    assert on_record() == before


def test_strangers_import_and_export_nothing(known: World) -> None:
    real(known)
    for path in ("/imports/owners", "/imports/owners/keep"):
        answer = known.request("POST", path, files={"file": ("a", b"company_id,owner\n101,a@b")}, headers=SAME_ORIGIN)
        assert answer.status_code == 401
    assert known.request("GET", "/owners.csv").headers["location"] == "/sign-in?next=%2Fowners.csv"
    assert on_record() == []


# -- the command line -----------------------------------------------------------------------------


@pytest.fixture
def beside(known: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Commands use this world's store."""
    from contextlib import contextmanager

    from rich.console import Console

    @contextmanager
    def visit() -> Any:
        yield known.settings, Console(highlight=False, width=200)

    assert isinstance(known.settings, Settings)
    monkeypatch.setattr(files, "visit", visit)
    return known


def test_the_command_tells_mistakes_and_keeps_the_rest(
    beside: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "owners.csv"
    file.write_bytes("会社名,担当者,電話\nひだまり,a@b,1\n株式会社あおば製作所,mori@x.example,1\n".encode("cp932"))
    assert main(["owners", "import", "--dry-run", str(file)]) == 1 and on_record() == []
    assert main(["owners", "import", str(file)]) == 1
    said = capsys.readouterr().out
    assert "row 2: Several companies have this name. Specify the company_id. ひだまり" in said
    assert "Columns that are ignored: 電話" in said and "Rows imported: 1." in said
    assert on_record() == [("101", "owner", "import", "mori@x.example")]


def test_the_command_refuses_what_it_cannot_read(
    beside: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["owners", "import", str(tmp_path / "none.csv")]) == 2
    (tmp_path / "empty.csv").touch()
    assert main(["churn", "import", str(tmp_path / "empty.csv")]) == 2
    said = capsys.readouterr().err
    assert "none.csv cannot be read: No such file or directory." in said and "The file is empty." in said


def test_the_command_lists_gaps_first(beside: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["owners", "list"]) == 0
    assert "No account owners are registered." in capsys.readouterr().out
    put(beside, company_id="7", company="ひだまり", chain=FALLBACK, role="fallback")
    kept(beside, "owners", "company_id,owner\n101,mori@x.example")
    assert main(["owners", "list"]) == 0
    first, *_, last = capsys.readouterr().out.strip().splitlines()
    assert first == "no owner: 7 ひだまり (1)" and "mori@x.example (import)" in last
