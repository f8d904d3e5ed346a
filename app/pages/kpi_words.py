"""How the pages of figures say things: a period, how long something took, which group it is."""

from __future__ import annotations

from app.pages.enquiries import MEDIUMS
from app.pages.escalations import business
from workflows.language.wording import month, promised_day, say
from workflows.measure.kpis.meanings import Figure
from workflows.measure.kpis.periods import DAY, MONTH, QUARTER, WEEK, Period
from workflows.measure.kpis.plain import COUNT, MINUTES, PERCENT, Plain
from workflows.measure.kpis.product import OLDER
from workflows.rules.choices import CONCLUSIONS, URGENCIES, words_of

#: From so many hours on the calendar's lengths are said in days.
LONG = 48


def period_in_words(language: str, period: Period) -> str:
    """November 2026, a quarter by its months, a week by its days."""
    first = period.first.isoformat()
    if period.kind == DAY:
        return promised_day(language, first)
    if period.kind == MONTH:
        return month(language, first[:7])
    last = period.last.isoformat()
    if period.kind == QUARTER:
        return say(language, "{first} to {last}", first=month(language, first[:7]), last=month(language, last[:7]))
    return say(language, "{first} to {last}", first=promised_day(language, first), last=promised_day(language, last))


def took(language: str, minutes: int | None, *, by_days: bool = False) -> str:
    """How long something took: 12 min, 3 h 20 min, 15 h; in days where a day has 24 hours; a dash for not seen yet."""
    if minutes is None:
        return "—"
    if by_days and minutes >= LONG * 60:
        return say(language, "{n} days", n=minutes // (24 * 60))
    return business(language, minutes)


def group_of(language: str, figure: Figure, name: str) -> str:
    """What a group of a figure is called."""
    if figure.name == "undecided":
        return say(language, "older") if name == OLDER else say(language, "up to {n} days", n=name)
    words = MEDIUMS | words_of(URGENCIES) | words_of(CONCLUSIONS)
    return say(language, words.get(name, name))


# -- in plain words -------------------------------------------------------------------------------

BEFORE = {WEEK: "the week before", MONTH: "the month before", QUARTER: "the quarter before"}
#: What is said of more, of less, and of the same, by what kind of figure it is.
CHANGES = {
    COUNT: ("{n} more than {before}", "{n} fewer than {before}"),
    MINUTES: ("{n} longer than {before}", "{n} shorter than {before}"),
    PERCENT: ("{n} points more than {before}", "{n} points less than {before}"),
}
SAME = "the same as {before}"


def valued(language: str, figure: Plain) -> str:
    """A figure in words: 240, 4 min, 96%; a dash where there is none."""
    if figure.now is None:
        return "—"
    if figure.kind == MINUTES:
        return took(language, figure.now)
    return f"{figure.now}%" if figure.kind == PERCENT else f"{figure.now:,}"


def changed(language: str, kind: str, figure: Plain) -> str:
    """How it compares with the period before, "" where that is not known; `kind`: week | month | quarter."""
    before, change = say(language, BEFORE[kind]), figure.change
    if change is None:
        return ""
    if not change:
        return say(language, SAME, before=before)
    size = took(language, abs(change)) if figure.kind == MINUTES else f"{abs(change):,}"
    return say(language, CHANGES[figure.kind][change < 0], n=size, before=before)
