"""`python -m app import counts | actives | counted | over`: a wrong line is named, and nothing of its file is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import delete, select

from app import __main__
from tests.test_operators import _Nothing
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.enquiry import counted
from workflows.rules import rules
from workflows.tables.volume import Actives, Arrival, Count, DayCount, Source
from workflows.volume import counts, sources
from workflows.volume.slots import SLOT_MS


@pytest.fixture
def world(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The service, to which commands come as visitors."""
    world = World(sqlite_url)
    monkeypatch.setattr("app.operate.operators.load", lambda: world.settings)
    monkeypatch.setattr("app.operate.operators.Runtime", lambda *_, **__: _Nothing())
    yield world
    world.close()


def command(*words: str) -> int:
    """What it ends with."""
    return __main__.main(["import", *words])


def written(folder: Path, text: str) -> str:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def kept() -> tuple[int, int]:
    """How many rows of counts and of active accounts there are."""
    return store.read(lambda s: (len(s.exec(select(Count)).all()), len(s.exec(select(Actives)).all())))


RIGHT = "at,n,theme\n2026-01-05 10:00,5,\n2026/1/5 10:15,12,\n2026/1/5 10:15,4,請求書\n2026-01-05T02:00:00+00:00,0,\n"


def test_quarter_hours_out_of_a_file_are_known_on_the_companys_clock(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert command("counts", written(tmp_path, RIGHT), "--source", "desk") == 0
    assert "Quarter hours imported: 3." in capsys.readouterr().out
    ten = rules.calendar.moment(date(2026, 1, 5)) + 40 * SLOT_MS
    found = store.read(partial(counts.series, since=ten, until=ten + 5 * SLOT_MS))
    assert [(each.n, each.is_known) for each in found] == [
        (5, True), (12, True), (0, False), (0, False), (0, True)
    ]  # fmt: skip
    about = store.read(partial(counts.series, since=ten, until=ten + 2 * SLOT_MS, facet="theme", name="tag:請求書"))
    assert [each.n for each in about] == [0, 4]


def test_what_came_out_of_a_file_is_not_waited_for(world: World, tmp_path: Path) -> None:
    assert command("counts", written(tmp_path, RIGHT), "--source", "desk") == 0
    assert store.read(partial(sources.late, now=now_ms())) == []


@pytest.mark.fault("F93")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("soon,3,", "row 3: “soon” is not a time. Use the format 2026-11-30 10:15."),
        ("2026-01-05 10:20,3,", "row 3: “2026-01-05 10:20” is not the beginning of a quarter hour"),
        ("2199-01-05 10:15,3,", "row 3: 2199-01-05 10:15 is in the future."),
        ("2026-01-05 10:15,-1,", "row 3: “-1” is not a number from 0 to 1,000,000."),
        ("2026-01-05 10:15,,", "row 3: “” is not a number from 0 to 1,000,000."),
        ("2026-01-05 10:00,3,", "row 3: This is already in row 2."),
        ("2026-01-05 10:15,3,請求書", "row 3: No row says how many came in at 2026-01-05 10:15 in all"),
        ("2026-01-05 10:00,6,請求書", "row 3: More than the 5 that came in at that time."),
        (f"2026-01-05 10:00,3,{'長' * 101}", "is not a name of 1 to 100 printable characters."),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_kept(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    file = written(tmp_path, f"at,n,theme\n2026-01-05 10:00,5,\n{line}\n")
    assert command("counts", file, "--source", "desk") == 1
    told = capsys.readouterr().out
    assert said in told and "Nothing was imported." in told and kept() == (0, 0)


@pytest.mark.parametrize("name", ["intercom", "zendesk", "Desk", "a b", ""])
def test_nobody_imports_in_the_name_of_what_we_count_ourselves(world: World, tmp_path: Path, name: str) -> None:
    assert command("counts", written(tmp_path, RIGHT), "--source", name) == 2
    assert kept() == (0, 0)


def test_a_file_without_its_columns_or_none_at_all_is_refused(world: World, tmp_path: Path) -> None:
    assert command("counts", written(tmp_path, "when,many\n1,2\n"), "--source", "desk") == 2
    assert command("counts", str(tmp_path / "none.csv"), "--source", "desk") == 2
    assert command("actives", written(tmp_path, "day\n2026-01-05\n")) == 2
    assert kept() == (0, 0)


def test_tried_dry_nothing_is_kept(world: World, tmp_path: Path) -> None:
    assert command("counts", written(tmp_path, RIGHT), "--source", "desk", "--dry-run") == 0
    assert command("actives", written(tmp_path, "day,n\n2026-01-05,7\n"), "--dry-run") == 0
    assert kept() == (0, 0)


def test_active_accounts_by_day(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("actives", written(tmp_path, '日付,アカウント数\n2026/1/5,"5,120"\n2026-01-06,5130\n')) == 0
    rows = store.read(lambda s: {row.day: row.n for row in s.exec(select(Actives)).all()})
    assert rows == {"2026-01-05": 5120, "2026-01-06": 5130}
    assert command("actives", written(tmp_path, "day,n\n2026-01-05,1\n2026-02-30,2\n")) == 1
    assert "row 3: “2026-02-30” is not a date." in capsys.readouterr().out
    assert store.read(lambda s: s.get_one(Actives, "2026-01-05")).n == 5120


def test_a_tool_is_given_up(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    store.write(partial(counts.cover, source="desk", until=now_ms() - 99 * SLOT_MS))
    assert [each.name for each in store.read(partial(sources.late, now=now_ms()))] == ["desk"]
    assert command("over", "--source", "desk") == 0 and command("over", "--source", "nobody") == 1
    assert store.read(partial(sources.late, now=now_ms())) == []
    assert "desk is not waited for any more" in capsys.readouterr().out


# -- what was here before -------------------------------------------------------------------------


class Killed(BaseException):
    """The process dies here."""


def uncounted(world: World) -> int:
    """As if this were a database of before: nothing is counted. How many there are to count."""
    world.stage.open()
    world.settle()
    ids = store.read(lambda s: len(s.exec(select(Arrival)).all()))
    for table in (Arrival, Count, DayCount, Source):
        store.write(lambda s, table=table: s.exec(delete(table)))
    return ids


def arrived() -> int:
    return store.read(lambda s: len(s.exec(select(Arrival)).all()))


def total() -> int:
    return store.read(lambda s: sum(row.n for row in s.exec(select(Count).where(Count.facet == "all"))))


def test_what_was_here_before_is_counted_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    n = uncounted(world)
    assert n and command("counted") == 0
    assert f"Counted: {n} conversations that were here before." in capsys.readouterr().out
    assert (arrived(), total()) == (n, n)
    assert command("counted") == 0
    assert "Counted: 0 conversations" in capsys.readouterr().out and total() == n


@pytest.mark.fault("F95")
def test_killed_in_the_middle_it_counts_the_rest_when_it_is_begun_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = uncounted(world)
    monkeypatch.setattr(counted, "TOGETHER", 2)

    def die(*parts: str) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(counted, "hit", die)
        with pytest.raises(Killed):
            counted.count()
    assert 0 < arrived() < n
    counted.count()
    assert (arrived(), total()) == (n, n)
