"""The agenda as a file: what stands in it, and that nothing in it is more than text."""

from __future__ import annotations

import csv
import io

import pytest

from tests.meeting import DAY, filed, firm, merge, noted
from tests.pages.hostile import CORPUS
from tests.pages.reading import read
from tests.world import World
from workflows.customer import sheets
from workflows.customer.companies import Firm
from workflows.engine.store import now_ms
from workflows.language.addresses import Site
from workflows.meeting import export
from workflows.meeting.items import Agenda, Item
from workflows.meeting.scales import Weighed
from workflows.meeting.weight import Term
from workflows.wish.voices import Voice

#: Wednesday, 25 November 2026, 15:00 in Tokyo.
AT = 1_795_586_400_000
TERMS = (Term("company", 1, 10, 10), Term("tier", "Enterprise", 20, 20), Term("importance", "", 0, 0))


def agenda(
    quote: str = "CSVに部署コードの列を付けたい",
    company: str = "大手工業",
    person: str = "山本 恵子",
    title: str = "部署コードの列",
) -> Agenda:
    """An agenda with one wish."""
    firm_ = Firm(company, "Enterprise", 480_000.0)
    weighed = Weighed(12, [12], {"901": firm_}, frozenset(["wish"]), AT - 20 * DAY, "", "high", 2, False, AT)
    voice = Voice(
        feedback_id=12,
        kind="wish",
        quote=quote,
        title=title,
        company_id="901",
        firm=firm_,
        person=person,
        agent="田中 みなみ",
        said_at=AT - 20 * DAY,
        conversation_id="1",
        url="",
        source="intercom",
        note_url="",
        context=None,
    )
    return Agenda([Item(weighed, [voice], None, [])], [12], 1, 0, 0, AT)


@pytest.fixture(autouse=True)
def _given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Weighed, "terms", TERMS)
    monkeypatch.setattr(Weighed, "weight", sum(term.points for term in TERMS))
    monkeypatch.setattr(Site, "public_url", "https://yamabiko.example")


GOLDEN = """# 検討会 2026/11/25(水) 15:00

2026-11-25時点の未決定の要望: 1件

## 1\\. FB-12 要望 部署コードの列

> CSVに部署コードの列を付けたい

— 大手工業 · Enterprise · 山本 恵子 · 2026/11/5\\(木\\) · 田中 みなみ

- 背景: 未記入
- 重要度: 未記入
- 温度感: 高
- 優先度: 30 \\(会社1社 × 10 \\= 10 \\+ Enterprise 1社 × 20 \\= 20\\)
- 持ち越し: 2
- Jira: –
- <https://yamabiko.example/feedback/12>
"""


def test_the_markdown_says_what_the_meeting_has_to_know() -> None:
    assert export.markdown("ja", agenda(), AT) == GOLDEN


def test_the_table_has_a_line_for_each_wish() -> None:
    data = export.table("ja", agenda(), AT)
    assert data.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert dict(zip(header, row, strict=True)) == {
        "番号": "FB-12",
        "種類": "要望",
        "短い題名": "部署コードの列",
        "お客様の言葉": "CSVに部署コードの列を付けたい",
        "会社": "大手工業",
        "プラン": "Enterprise",
        "月額": "480000",
        "会社数": "1",
        "要望日": "2026-11-05",
        "経過日数": "20",
        "持ち越し": "2",
        "重要度": "",
        "温度感": "高",
        "背景": "",
        "優先度": "30",
        "結論": "",
        "課題": "",
        "URL": "https://yamabiko.example/feedback/12",
    }


def test_the_same_in_english() -> None:
    text = export.markdown("en", agenda(), AT)
    assert text.startswith("# Meeting Wed 25 Nov 2026 15:00") and "- Background: not filled in" in text


HOSTILE = (
    *CORPUS,
    "# Heading\n## more",
    "[hier](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example a@evil.example",
    "- list\n1. one\n> quote\n---\n```\ncode",
    "<https://evil.example> &lt;b&gt; | a | b |",
    "[a]: https://evil.example",
    "**bold** _it_ ~~no~~ $x$ ==mark== :smile:",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_customers_write_is_no_markdown(text: str) -> None:
    lines = export.markdown("ja", agenda(text, text, text, title=text), AT).splitlines()
    plain = export.markdown("ja", agenda(), AT).splitlines()
    assert len(lines) == len(plain)  # nobody's line break begins a line
    written = lines[6].removeprefix("> ")
    bare = written.replace("\\\\", "")
    for mark in "`*_{}[]()#+-.!|<>~&:@=$^":
        assert bare.count(mark) == bare.count(f"\\{mark}"), mark


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "  =1"])
def test_what_customers_write_is_no_formula(text: str) -> None:
    data = export.table("ja", agenda(text, text, title=text), AT)
    _, row = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert {row[2], row[3], row[4]} == {f"'{text}" if text != "\t=1" else "\t'=1"}
    assert sheets.read(sheets.decoded(data), {"quote": ("お客様の言葉",)}).rows[0].cells["quote"] == text.strip()


@pytest.mark.parametrize("file", ["agenda.md", "agenda.csv"])
@pytest.mark.parametrize(
    ("on", "why"),
    [
        ("gestern", "「gestern」は日付ではありません(例: 2026-11-20)。"),
        ("2026-02-30", "「2026-02-30」は日付ではありません"),
        ("9999-12-31", "9999/12/31(金)の時点の議題は表示できません。"),
        ("0001-01-01", "1/1/1(月)の時点の議題は表示できません。"),
        ("{code} <b>", "「{code} <b>」は日付ではありません"),
    ],
)
def test_no_file_of_another_day_than_was_asked_for(sqlite_world: World, file: str, on: str, why: str) -> None:
    answer = sqlite_world.request("GET", f"/triage/{file}", params={"on": on})
    assert answer.status_code == 400 and "content-disposition" not in answer.headers
    said = read(answer.text).text
    assert why in said and "今日の議題" not in said


def test_both_files_come_from_the_page_as_it_is_filtered(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000), firm("902", "街の歯科", "Small", 9_800)
    first, second, other = filed("CSV", "901"), filed("CSV出力", "902"), filed("打刻", "902", kind="fault")
    merge(second, first)
    noted(first, background="手で直している", importance="high")
    text = sqlite_world.request("GET", "/triage/agenda.md?kind=wish")
    assert text.headers["content-type"] == "text/markdown; charset=utf-8"
    assert text.headers["content-disposition"] == f'attachment; filename="agenda-{export.day(now_ms())}.md"'
    for said in (f"FB-{first}", "CSV出力", "街の歯科", "手で直している"):
        assert said in text.text, said
    assert f"FB-{other}" not in text.text
    table = sqlite_world.request("GET", "/triage/agenda.csv?sort=weight")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [f"FB-{first}", f"FB-{other}"]
    assert rows[0][7] == "会社数" and rows[1][7] == "2"
