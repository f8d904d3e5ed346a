"""One clock: the rules' time zone is everybody's, at midnight and where the clocks change."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, datetime, time
from functools import partial

import pytest

from app.operate import operators
from integrations.jira.models import Issue
from tests.meeting import filed, wish_of
from tests.pages.escalated import put
from tests.pages.reading import Element, get
from tests.world import World
from workflows.customer.fields import today
from workflows.engine.store import store
from workflows.escalation import measures
from workflows.language import wording
from workflows.rules import rules
from workflows.rules.calendar import Calendar
from workflows.search import documents
from workflows.tables.customer import Churn
from workflows.tables.escalation import Judgement
from workflows.telling.release_texts import Texts
from workflows.wish import productboard_note

LONDON, NEW_YORK = "Europe/London", "America/New_York"
Work = Callable[[str], None]


def ms(utc: str) -> int:
    """A moment in UTC, in ms."""
    return int(datetime.fromisoformat(f"{utc}+00:00").timestamp() * 1000)


@pytest.fixture
def work_in(monkeypatch: pytest.MonkeyPatch) -> Work:
    """The company moves elsewhere."""

    def move(zone: str) -> None:
        monkeypatch.setattr(rules, "calendar", Calendar.of(zone, hours={"mon": ["9:00-17:00"]}))

    return move


@pytest.mark.parametrize(
    ("zone", "utc", "japanese", "english"),
    [
        (
            LONDON,
            "2025-03-30T00:59",
            "2025/3/30(日) 00:59 グリニッジ標準時",
            "Sun 30 Mar 2025 00:59 Greenwich",
        ),
        (LONDON, "2025-03-30T01:00", "2025/3/30(日) 02:00 英国夏時間", "Sun 30 Mar 2025 02:00 British Summer Time"),
        (LONDON, "2025-07-01T23:00", "2025/7/2(水) 00:00 英国夏時間", "Wed 2 Jul 2025 00:00 British Summer Time"),
        (
            NEW_YORK,
            "2025-11-02T05:30",
            "2025/11/2(日) 01:30 アメリカ東部夏時間",
            "Sun 2 Nov 2025 01:30 Eastern",
        ),
        (
            NEW_YORK,
            "2025-11-02T06:30",
            "2025/11/2(日) 01:30 アメリカ東部標準時",
            "Sun 2 Nov 2025 01:30 Eastern",
        ),
        ("Asia/Tokyo", "2025-07-01T15:00", "2025/7/2(水) 00:00 日本標準時", "Wed 2 Jul 2025 00:00 Japan Standard Time"),
    ],
)
def test_a_moment_is_what_the_companys_clock_shows(
    work_in: Work, zone: str, utc: str, japanese: str, english: str
) -> None:
    work_in(zone)
    assert wording.zoned("ja", ms(utc)) == japanese and wording.zoned("en", ms(utc)).startswith(english)
    assert wording.zoned("ja", ms(utc)).startswith(f"{wording.time('ja', ms(utc))} ")


@pytest.mark.parametrize(
    ("zone", "day", "clock", "utc"),
    [
        (LONDON, "2025-03-30", "00:00", "2025-03-30T00:00"),
        (LONDON, "2025-03-31", "00:00", "2025-03-30T23:00"),
        (LONDON, "2025-03-30", "01:30", "2025-03-30T01:30"),  # left out: 02:30
        (NEW_YORK, "2025-11-02", "01:30", "2025-11-02T05:30"),  # twice: the first
        ("America/Santiago", "2025-09-07", "00:00", "2025-09-07T04:00"),  # a day that begins at one
    ],
)
def test_a_day_begins_at_the_companys_midnight(work_in: Work, zone: str, day: str, clock: str, utc: str) -> None:
    work_in(zone)
    assert rules.calendar.moment(date.fromisoformat(day), time.fromisoformat(clock)) == ms(utc)


def test_today_is_where_the_company_works(work_in: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.customer.fields.now_ms", lambda: ms("2025-11-02T03:59"))
    days = {}
    for zone in (NEW_YORK, LONDON):
        work_in(zone)
        days[zone] = f"{today()}"
    assert days == {NEW_YORK: "2025-11-01", LONDON: "2025-11-02"}


# -- pages ----------------------------------------------------------------------------------------


def written(utc: str) -> None:
    """A document of this moment, which is its text, too."""
    row = {"kind": "message", "company_id": "", "company": "", "who": "", "place": "/chats/1"}
    store.write(partial(documents.put, rows=[row | {"text": f"言葉 {utc}", "ref": utc, "at": ms(utc)}]))


def excerpts(page: Element) -> set[str]:
    return {each.text.split()[-1] for each in page.all("p", class_="excerpt")}


@pytest.mark.parametrize(
    ("zone", "day", "before", "within", "after"),
    [
        (LONDON, "2025-03-30", "2025-03-29T23:59", ("2025-03-30T00:00", "2025-03-30T22:59"), "2025-03-30T23:00"),
        (NEW_YORK, "2025-11-02", "2025-11-02T03:59", ("2025-11-02T04:00", "2025-11-03T04:59"), "2025-11-03T05:00"),
        (NEW_YORK, "2025-03-09", "2025-03-09T04:59", ("2025-03-09T05:00", "2025-03-10T03:59"), "2025-03-10T04:00"),
    ],
)
def test_a_day_that_is_searched_is_the_companys(
    sqlite_world: World, work_in: Work, zone: str, day: str, before: str, within: tuple[str, str], after: str
) -> None:
    work_in(zone)
    for utc in (before, *within, after):
        written(utc)
    assert excerpts(get(sqlite_world, f"/search?q=言葉&from={day}&until={day}")) == set(within)


@pytest.mark.parametrize(
    ("zone", "day", "in_time", "too_late"),
    [
        (LONDON, "2025-03-30", "2025-03-30T22:59", "2025-03-30T23:00"),
        (NEW_YORK, "2025-11-02", "2025-11-03T04:59", "2025-11-03T05:00"),
    ],
)
def test_the_agenda_as_of_a_day_ends_with_the_companys_day(
    sqlite_world: World, work_in: Work, zone: str, day: str, in_time: str, too_late: str
) -> None:
    work_in(zone)
    filed("間に合った", at=ms(in_time)), filed("間に合わなかった", at=ms(too_late))
    text = get(sqlite_world, f"/triage?on={day}").text
    assert "間に合った" in text and "間に合わなかった" not in text
    assert f"{day}" in sqlite_world.request("GET", f"/triage/agenda.md?on={day}").text


def test_a_page_shows_the_companys_clock_and_says_whose_it_is(sqlite_world: World, work_in: Work) -> None:
    work_in(NEW_YORK)
    written("2025-11-02T05:30"), written("2025-11-02T06:30")
    page = get(sqlite_world, "/search?q=言葉")
    [html] = page.all("html")
    assert html.attributes["data-zone"] == NEW_YORK and "{time}" in html.attributes["data-yours"]
    times = [each for each in page.all("time") if "前" not in each.text]
    assert [each.text for each in times] == ["2025/11/2(日) 01:30"] * 2
    assert [each.attributes["datetime"] for each in times] == ["2025-11-02T06:30:00Z", "2025-11-02T05:30:00Z"]
    assert [each.attributes["title"].rpartition(" ")[2] for each in page.all("time")] == [
        *["アメリカ東部標準時"] * 2,
        "アメリカ東部夏時間",
    ]


# -- messages, measures, the command line ---------------------------------------------------------


def test_a_draft_and_a_note_name_the_day_on_which_it_was_said(sqlite_world: World, work_in: Work) -> None:
    work_in(NEW_YORK)
    wish = wish_of(filed(at=ms("2025-03-10T03:59")))  # an hour later in summer: 23:59 on the 9th
    issue = Issue("1", "KNDE-1", "CSV", "3", "完了", "done", "1", "完了", "KNDE", "", "", (), ())
    assert "2025年3月9日にご要望" in Texts(issue, None, is_earlier=False, done_at=0).draft([wish])
    assert "2025/3/9(日)" in productboard_note.productboard_note(wish, "", "", "")


def test_a_measured_day_is_the_companys(sqlite_world: World, work_in: Work) -> None:
    work_in(LONDON)
    id, at = put(sqlite_world), ms("2025-10-25T23:30")  # 00:30 on the 26th, on which the clocks go back
    judgement = Judgement(origin="j", escalation_id=id, phase="ack", churn_risk="high", judged_at=at)
    churn = Churn(company_id="101", churned_on="2025-10-25", imported_at=ms("2025-10-27T00:00"))
    store.write(lambda session: session.add_all([judgement, churn]))
    [opinion] = store.read(measures.opinions)
    left_on, known_until = store.read(measures.churned)
    assert (f"{opinion.judged_on}", f"{known_until}") == ("2025-10-26", "2025-10-27")
    assert measures.measurable([opinion], left_on) == []  # they had left on the day before


def test_the_command_line_shows_the_companys_clock(
    sqlite_world: World, work_in: Work, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.operate.operators.load", lambda: sqlite_world.app.state.settings)
    monkeypatch.setattr("app.operate.operators.Runtime", lambda *_, **__: _Nothing())
    work_in(LONDON)
    written("2025-03-30T01:00")
    assert operators.find(argparse.Namespace(words=["言葉"], kind=[], limit=5)) == 0
    assert "Sun 30 Mar 2025 02:00" in capsys.readouterr().out


class _Nothing:
    def start(self) -> None:
        """What is there is open already."""

    def stop(self) -> None:
        """It stays open."""
