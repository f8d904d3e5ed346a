"""Several people at one meeting: the agenda and the progress, asked for with the name of what one has."""

from __future__ import annotations

from tests.meeting import decide, filed, merge
from tests.pages.reading import Element, flat, get, read
from tests.pages.test_meeting import TANAKA, rows
from tests.world import World
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.wish import issues


def source(page: Element) -> tuple[str, str]:
    """Where the page's script asks, and the name of what the page shows."""
    [agenda] = page.all("section", id="agenda")
    return agenda.attributes["data-source"], agenda.attributes["data-tag"]


def ask(world: World, address: str, tag: str) -> tuple[int, str, str]:
    """The answer: its status, its text, and the name of it."""
    answer = world.request("GET", address, headers={"If-None-Match": tag, "Accept-Language": "ja"})
    return answer.status_code, answer.text, answer.headers["etag"]


def test_nothing_is_sent_as_long_as_nothing_happened(sqlite_world: World) -> None:
    filed()
    address, tag = source(get(sqlite_world, "/triage"))
    assert ask(sqlite_world, address, tag) == (304, "", tag)


def test_what_somebody_else_decides_is_said_with_the_rows_and_the_progress(sqlite_world: World) -> None:
    first, second = filed("CSVに部署コード"), filed("打刻の丸め")
    page = get(sqlite_world, f"/triage?at=FB-{first}")
    address, tag = source(page)
    decide(first, "decline", by=TANAKA)
    status, text, after = ask(sqlite_world, f"{address}?at=FB-{first}", tag)
    fresh = read(text)
    assert status == 200 and after != tag
    assert rows(fresh) == [f"FB-{second}"] and "済み 1 / 2件" in flat(fresh)
    [news] = [each for each in fresh.all("p") if "data-news" in each.attributes]
    assert news.text == f"田中 みなみさんがFB-{first}を「見送り」に決定しました。"
    assert news.attributes["data-by"] == TANAKA.id
    [about] = [each for each in fresh.all("p") if "data-about" in each.attributes]
    assert about.attributes["data-about"] != page.all("article", id="wish")[0].attributes["data-turn"]
    assert ask(sqlite_world, address, after)[0] == 304


def test_mergers_what_is_taken_back_and_new_requests_are_noticed_as_well(sqlite_world: World) -> None:
    first, second = filed("CSVに部署コード"), filed("打刻の丸め")
    address, tag = source(get(sqlite_world, "/triage"))
    decision = decide(first, "decline", by=TANAKA)
    for act, said in (
        (lambda: acts.undo(decision.id or 0, TANAKA), f"田中 みなみさんがFB-{first}の結論を取り消しました。"),
        (lambda: merge(second, first), f"斎藤 真理さんがFB-{second}をFB-{first}に統合しました。"),
        (lambda: acts.unmerge(second, TANAKA), f"田中 みなみさんがFB-{second}の統合を解除しました。"),
        (filed, ""),
    ):
        before, tag = tag, ask(sqlite_world, address, tag)[2]
        act()
        status, text, _ = ask(sqlite_world, address, tag)
        assert status == 200 and said in text and before != tag
    assert store.read(lambda session: issues.root_of(session, second)) == second
