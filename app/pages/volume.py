"""`/volume`: how many enquiries come in: a day, a week, a year; by themes, hours, media and companies.

`about` in an address is a theme (`theme` is already the reader's choice of light or dark paper).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages import charts, charts_volume
from app.pages.enquiries import MEDIUMS
from app.pages.measures import percent
from app.pages.typed import with_query
from app.pages.view import language_of, page
from integrations import VENDORS
from workflows.customer.fields import is_day, today
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import title_of
from workflows.language.wording import date as day_in_words
from workflows.language.wording import hour, month, promised_day, say, weekday
from workflows.measure import band, usual
from workflows.measure.charts import Band, Titles, counts
from workflows.rules import rules
from workflows.volume import accounts, firms, occasions, themes, views
from workflows.volume.periods import DAY, EARLIEST, WEEK, YEAR, Period, Span, lately
from workflows.volume.views import OTHERS, Point, Stack

router = APIRouter()

PERIODS = {DAY: "Day", WEEK: "Week", YEAR: "Year"}
#: Characters of a theme in an address; steps of shade of the heat map; how wide charts are, and on a phone.
LONGEST, STEPS, WIDE, NARROW = 100, 5, 900, 290


@dataclass(frozen=True)
class Looked:
    """What somebody looks at: a period, and a theme ("" for all)."""

    period: Period
    about: str

    @classmethod
    def at(cls, request: Request) -> Looked:
        """As an address says it; what is no day or none of ours is left out."""
        said = {name: request.query_params.get(name, "") for name in ("period", "on", "about")}
        day = date.fromisoformat(said["on"]) if is_day(said["on"]) else today()
        about = "".join(letter for letter in said["about"] if letter.isprintable())[:LONGEST]
        kind = said["period"] if said["period"] in PERIODS else WEEK
        return cls(Period.of(kind, min(max(day, EARLIEST), today())), about)

    def address(self, path: str = "/volume", **other: object) -> str:
        """Where this is shown, or the same with something else."""
        said = {"period": self.period.kind, "on": self.period.last.isoformat(), "about": self.about}
        if self.period.last >= today():  # a bookmark of what is going on goes on with it
            said["on"] = ""
        return with_query(path, said | other)

    def of(self, period: Period) -> str:
        """The same of another period; "" for one that has not begun."""
        return self.address(on=period.last.isoformat()) if EARLIEST <= period.first <= today() else ""

    def list(self, span: Span, about: str | None = None, **more: object) -> str:
        """Where the enquiries of a stretch are listed."""
        narrowed = _narrowed(self.about if about is None else about, **more)
        return f"/volume/list?from={span.begins}&until={span.ends}{narrowed}"


@lru_cache(maxsize=1024)
def _narrowed(about: str, **more: object) -> str:
    """What a list is narrowed to, at the end of its address; a page leads to hundreds of them."""
    query = urlencode({name: value for name, value in {"about": about, **more}.items() if value})
    return f"&{query}" if query else ""


@dataclass(frozen=True)
class Grid:
    """The figures of a period as a table: quarter hours of hours, hours of days, days of months."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Point | None]]]


@router.get("/volume")
def shown(request: Request) -> Response:
    """Everything about one period."""
    looked, now = Looked.at(request), now_ms()
    facts = store.read(partial(_read, looked=looked, now=now))
    language = language_of(request)
    _ = partial(say, language)
    points, stack = facts["points"], facts["stack"]
    return page(
        request,
        "volume.html",
        looked=looked,
        periods=PERIODS,
        of_today=today().isoformat(),
        grid=_grid(language, looked.period, points),
        parts=views.merged(points, looked.period.parts()) if looked.period.kind != DAY else (),
        part_of=partial(_part, language, looked.period.kind),
        period_of=partial(_named, language),
        theme_of=partial(_theme, _),
        **facts,
        **words_of(request),
        by_part=partial(_by_part, stack),
        others=OTHERS,
        last_weeks=lately(now),
        mediums=MEDIUMS,
        percent=percent,
        levels=_levels(facts["heat"]),
        weekdays=[weekday(language, number) for number in range(7)],
    )


def _read(session: Session, looked: Looked, now: int) -> dict[str, Any]:
    period, about = looked.period, looked.about
    most, tiers = firms.of(session, period) if not about else ([], [])
    points = views.points(session, period, now, about)
    return {
        "counted_since": views.counted_since(session),
        "seasons": usual.busy(session, period.begins, period.ends - 1) if period.kind != YEAR else (),
        "points": points,
        "total": views.total(session, period, about),
        "total_before": views.total(session, period.before, about),
        "gaps": views.gaps(session, period, now, points),
        "heat": views.heat(session, now, about),
        "stack": views.stacked(session, period),
        "by_medium": views.mediums(session, period) if not about else [],
        "marks": occasions.of_themes(occasions.marks(session, period), about),
        "firms": most,
        "tiers": tiers,
        "actives": accounts.actives(session, period),
        "actives_of": accounts.actives_of(session, period) if period.kind != DAY else {},
    }


def words_of(request: Request) -> dict[str, Any]:
    """How these pages say things."""
    return {"title_of": themes.title, "source_of": source_of, "kinds": occasions.KINDS}


def source_of(name: str) -> str:
    """A source of counts as people call it."""
    return title_of(name) if name in VENDORS else name


def _theme(_: Callable[..., str], name: str) -> str:
    return _("Other themes") if name == OTHERS else themes.title(name)


def _named(language: str, period: Period) -> str:
    """A period in words."""
    if period.kind == DAY:
        return promised_day(language, period.first.isoformat())
    if period.kind == WEEK:
        days = (promised_day(language, day.isoformat()) for day in (period.first, period.last))
        return say(language, "{first} to {last}", **dict(zip(("first", "last"), days, strict=True)))
    return say(
        language, "{first} to {last}", first=_month(language, period.begins), last=_month(language, period.ends - 1)
    )


def _month(language: str, at: int) -> str:
    return month(language, rules.calendar.local(at).date().isoformat()[:7])


def _part(language: str, kind: str, part: Span) -> str:
    """An hour, a day or a month, as it stands above a column."""
    if kind == YEAR:
        return _month(language, part.begins)
    return day_in_words(language, part.begins) if kind == WEEK else hour(part.begins)


def _by_part(stack: Stack, name: str) -> list[tuple[Span, int]]:
    return [(part, stack.n[name, number]) for number, part in enumerate(stack.parts)]


def _grid(language: str, period: Period, points: Sequence[Point]) -> Grid:
    """Every point in its place; a clock that is put forward leaves a place empty, one put back fills one twice."""
    placed: dict[tuple[str, str], Point] = {}
    columns: dict[str, None] = {}
    rows: dict[str, None] = {}
    for point in points:
        at = rules.calendar.local(point.begins)
        if period.kind == DAY:
            row, column = f"{at.hour:02}", f":{at.minute:02}"
        elif period.kind == WEEK:
            row, column = f"{at.hour:02}:00", day_in_words(language, point.begins)
        else:
            row, column = str(at.day), _month(language, point.begins)
        columns[column] = rows[row] = None
        same = placed.get((row, column))
        placed[row, column] = views.merged([same, point], [Span(same.begins, point.ends)])[0] if same else point
    ordered = sorted(rows, key=lambda name: int(name.partition(":")[0]))
    return Grid(list(columns), [(row, [placed.get((row, column)) for column in columns]) for row in ordered])


def _levels(heat: Sequence[views.Cell]) -> Callable[[float | None], int]:
    """How dark a cell is: from 0 for nothing up to STEPS for the most."""
    most = max((cell.mean or 0 for cell in heat), default=0)
    return lambda mean: int(-(-STEPS * mean // most)) if mean and most else 0


# -- charts ----------------------------------------------------------------------------------------


@router.get("/volume/{name}.svg")
def chart(request: Request, name: str) -> Response:
    """One of the charts, as those of `/measures`."""
    draw = {"counts": _counts, "themes": _themes}.get(name)
    if draw is None:
        raise HTTPException(404)
    spec = draw(request, Looked.at(request), charts.paper(request))
    return charts.answer(request, spec | {"width": WIDE}, NARROW)


def _counts(request: Request, looked: Looked, theme: str) -> charts.Spec:
    _, now = partial(say, language_of(request)), now_ms()

    def read(session: Session) -> tuple[list[Point], list[occasions.Mark], Band]:
        found = views.points(session, looked.period, now, looked.about)
        marks = occasions.of_themes(occasions.marks(session, looked.period), looked.about)
        return found, marks, band.of(session, found, looked.about)

    points, marks, expected = store.read(read)
    titles = Titles(_("Enquiries"), _("No counts"))
    addresses = [looked.list(point) for point in points]
    happened = [mark.at for mark in marks]
    return counts(points, happened, titles, charts.colours(theme), expected, addresses)


def _themes(request: Request, looked: Looked, theme: str) -> charts.Spec:
    language = language_of(request)
    _ = partial(say, language)
    stack = store.read(partial(views.stacked, period=looked.period))
    parts = [_part(language, looked.period.kind, part) for part in stack.parts]
    rows = [(_theme(_, name), [n for _part_, n in _by_part(stack, name)]) for name in stack.names]
    addresses = {
        (_theme(_, name), number): looked.list(part, name)
        for name in stack.names
        if name != OTHERS
        for number, part in enumerate(stack.parts)
    }
    return charts_volume.themes(rows, parts, addresses, _("Enquiries"), theme)
