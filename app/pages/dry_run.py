"""`/dry-run`: what would have been done, beside what people did, so that a team can compare before it trusts us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.access import asks
from app.pages.view import HEADERS, language_of, page
from integrations.intercom import plain
from workflows.customer import sheets
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.overview import beside
from workflows.overview.beside import Row
from workflows.people.may import EXPORT
from workflows.rules import current, rules
from workflows.rules.dry_run import STORIES
from workflows.wish.wishes import code

router = APIRouter()

#: Days that are compared where none is chosen: a fortnight beside the old way, and a little.
DAYS = 16
#: Rows on the page; the file has all of them.
ROWS = 100
#: The stories in words; what runs dry only with the whole service is "".
TITLES = STORIES | {"": "Other"}
COLUMNS = ("time", "story", "about", "yamabiko", "people", "verdict")


@dataclass(frozen=True)
class Chosen:
    """Which story ("" for all) and which day (None for the last ones) are shown."""

    story: str = ""
    day: date | None = None

    @property
    def span(self) -> tuple[int, int]:
        """From which moment to which (ms)."""
        first = self.day or rules.calendar.local(now_ms()).date() - timedelta(days=DAYS)
        last = self.day or rules.calendar.local(now_ms()).date()
        return rules.calendar.moment(first), rules.calendar.moment(last + timedelta(days=1))


def chosen(request: Request) -> Chosen:
    """What an address asks for; what it asks wrongly is ignored."""
    story = request.query_params.get("story", "")
    try:
        day = date.fromisoformat(request.query_params.get("day", ""))
    except ValueError:
        day = None
    return Chosen(story if story in STORIES else "", day if day and 2000 < day.year < 2200 else None)


@router.get("/dry-run")
def show(request: Request) -> Response:
    """The newest first, and how often people did the same."""
    wanted = chosen(request)
    rows = _rows(wanted)
    counted = beside.counts(rows)
    return page(
        request,
        "dry_run.html",
        rows=rows[:ROWS],
        total=len(rows),
        counted=counted,
        share=beside.share(counted),
        verdicts=beside.WORDS,
        sentences=beside.sentences,
        lines=_lines,
        titles=TITLES,
        wanted=wanted,
        mode=current.dry_run(),
    )


@router.get("/dry-run.csv", dependencies=[asks(EXPORT)])
def export(request: Request) -> Response:
    """The same as a table, all of it."""
    lines = [_cells(row, language_of(request)) for row in _rows(chosen(request))]
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="dry-run.csv"'}
    return Response(sheets.write(COLUMNS, lines), headers=headers, media_type="text/csv; charset=utf-8")


def _lines(text: str) -> list[str]:
    """What would have been written as people would read it: tools take HTML where they show paragraphs."""
    return (plain.text(text) if "</" in text else text).splitlines()


def _rows(wanted: Chosen) -> list[Row]:
    since, until = wanted.span
    return store.read(partial(beside.of, since=since, until=until, story=wanted.story))


def _cells(row: Row, language: str) -> list[str]:
    say_it = partial(say, language)
    about = code(row.wish) if row.wish else f"E-{row.escalation_id}" if row.escalation_id else ""
    ours = " / ".join(say_it(sentence, **facts) for sentence, facts in beside.sentences(row))
    theirs = " / ".join(f"{_time(deed.at)} {say_it(deed.sentence, **deed.facts)}" for deed in row.deeds)
    verdict = say_it(beside.WORDS[row.verdict])
    return [_time(row.at), say_it(TITLES[row.story]), about or row.conversation_id, ours, theirs, verdict]


def _time(at: int) -> str:
    return f"{rules.calendar.local(at):%Y-%m-%d %H:%M}"
