"""Digests: what one says, out of one read transaction. Each number is that of the list at its address.

    daily(session, day, now)         # what is open: who waits, escalations, reports, promised days, who is untold
    weekly(session, "2026-11-30")    # what the seven days before brought: decided, made available, told, and what grew
    of(session, kind, day, now)

The daily one asks the very functions that the pages ask which it links to. What the weekly one counts is listed by
`week`, for the page of that week; each of its themes leads to the numbers of enquiries of that week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from sqlmodel import Session

from workflows.enquiry.board import WAITING as WAITS
from workflows.escalation import cases, lists
from workflows.measure import week
from workflows.measure.moments import DAILY, WEEKLY
from workflows.measure.week import Week
from workflows.overview import enquiry_lists, untold
from workflows.overview.enquiry_lists import Wanted
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS
from workflows.tables.escalation import Escalation
from workflows.telling import promises
from workflows.volume import themes
from workflows.volume.periods import WEEK
from workflows.wish.wishes import code

#: Of each kind so many are named; the whole number stands beside them.
FEW = 3
#: Characters of a theme's address: five of them and their words stand in one part of a message in Slack, of 3,000.
LONGEST = 400
#: What a daily digest counts, and a weekly one.
WAITING, ESCALATIONS, REPORTS, DAYS, UNTOLD = ("waiting", "escalations", "reports", "days", "untold")
DECIDED, SHIPPED, TOLD, ENQUIRIES, GREW, THEMES = ("decided", "shipped", "told", "enquiries", "grew", "themes")


@dataclass(frozen=True)
class Item:
    """One of those that are counted. `code`: ours, or an issue's; `title`: what it is about, which a customer may have
    written, unless `is_ours`; `person`, `company`, `tier`: who it is. `words`: a sentence of ours with its `facts`;
    `late`: is it past its target?"""

    address: str
    code: str = ""
    title: str = ""
    person: str = ""
    company: str = ""
    tier: str = ""
    words: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    late: bool = False
    is_ours: bool = False


@dataclass(frozen=True)
class Line:
    """How many there are of a kind, some of them, and the list that shows exactly these. `facts`: more that is said.

    `is_known`: is that all of them? Else `n` is what is known of them, or 0 where nothing can be said.
    """

    kind: str
    n: int
    address: str
    items: Sequence[Item] = ()
    facts: dict[str, object] = field(default_factory=dict)
    is_known: bool = True


@dataclass(frozen=True)
class Digest:
    """What one digest says. `day`: its own, 2026-11-30; a weekly one is of the seven days before it."""

    kind: str
    day: str
    lines: Sequence[Line]

    @property
    def address(self) -> str:
        """Its page."""
        return f"/digests/{self.kind}/{self.day}"

    @property
    def is_empty(self) -> bool:
        """Is nothing open, or did nothing happen?"""
        return not any(line.n for line in self.lines)


def of(session: Session, kind: str, day: str, now: int) -> Digest:
    """A digest of this kind and day. A daily one says what is open now, whatever its day."""
    return weekly(session, day) if kind == WEEKLY else daily(session, day, now)


# -- what is open ---------------------------------------------------------------------------------


def daily(session: Session, day: str, now: int) -> Digest:
    """What is open at this moment."""
    owed = promises.outstanding(session, most=FEW)
    return Digest(
        DAILY,
        day,
        (
            _waiting(session, now),
            _escalations(session, now),
            Line(REPORTS, owed.totals[promises.DUE], "/promises", [_report(debt) for debt in owed.due[:FEW]]),
            Line(DAYS, owed.totals["days"], "/promises#days", [_promised(each) for each in owed.days[:FEW]]),
            _untold(session),
        ),
    )


def _waiting(session: Session, now: int) -> Line:
    wanted = Wanted(state=WAITS)
    total = enquiry_lists.counts(session, wanted)[WAITS]
    rows = enquiry_lists.found(session, wanted, now, most=FEW).rows if total else ()
    return Line(WAITING, total, f"/enquiries?state={WAITS}", [_enquiry(row) for row in rows])


def _enquiry(row: enquiry_lists.Row) -> Item:
    waited = row.clock.minutes if row.clock else 0
    return Item(
        f"/chats/{row.id}",
        title=row.opening,
        person=row.person,
        company=row.company,
        tier=row.tier,
        words="{n} business minutes",
        facts={"n": waited},
        late=row.clock is not None and row.clock.is_late,
    )


def _escalations(session: Session, now: int) -> Line:
    found = lists.waiting(session, now)
    late = sum(each.late > 0 for each in found)
    return Line(ESCALATIONS, len(found), "/escalations", [_complaint(each) for each in found[:FEW]], {"late": late})


def _complaint(waiting: lists.Waiting) -> Item:
    row = waiting.escalation
    name = cases.code(row.id or 0)
    return Item(f"/escalations/{name}", name, row.gist, company=row.company, late=waiting.late > 0)


def _report(debt: promises.Debt) -> Item:
    voice = debt.voice
    name = code(voice.feedback_id)
    return Item(f"/promises#{name}", name, voice.title, voice.person, voice.firm.name)


def _promised(row: Escalation) -> Item:
    name = cases.code(row.id or 0)
    return Item(f"/escalations/{name}", name, row.gist, company=row.company, facts={"day": row.next_date})


def _untold(session: Session) -> Line:
    wanted = untold.Wanted()
    total = untold.counts(session, wanted)[untold.PENDING]
    rows = untold.found(session, wanted, most=FEW)[0] if total else []
    return Line(UNTOLD, total, "/tellings", [_owed(row) for row in rows])


def _owed(row: untold.Row) -> Item:
    name = row.issue.key if row.issue else ""
    address = f"/chats/{row.telling.conversation_id}"
    if row.voice is None:
        return Item(address, name)
    return Item(address, name, row.voice.title, row.voice.person, row.voice.firm.name)


# -- what a week brought --------------------------------------------------------------------------


def weekly(session: Session, day: str) -> Digest:
    """What the seven days before a day brought."""
    return of_week(week.of(session, day))


def of_week(found: Week) -> Digest:
    """The same of a week that was read already."""
    page = f"/digests/{WEEKLY}/{found.day}"
    decided = [_decided(each) for each in found.decided[:FEW]]
    shipped = [Item(f"/releases/{each.issue_id}", each.key, each.title, is_ours=True) for each in found.shipped[:FEW]]
    grew = [
        _grown(found.day, f"{page}#{GREW}", each, themes.is_twin(each.name, [row.name for row in found.grew]))
        for each in found.grew
    ]
    often = [
        _theme(found.day, f"{page}#{THEMES}", each, themes.is_twin(each.name, [row.name for row in found.themes]))
        for each in found.themes
    ]
    before: dict[str, object] = {"before": found.before} if found.before is not None else {}
    return Digest(
        WEEKLY,
        found.day,
        (
            Line(DECIDED, len(found.decided), f"{page}#{DECIDED}", decided),
            Line(SHIPPED, len(found.shipped), f"{page}#{SHIPPED}", shipped),
            Line(TOLD, len(found.told), f"{page}#{TOLD}"),
            Line(ENQUIRIES, found.enquiries, f"{page}#{ENQUIRIES}", (), before, found.is_known),
            Line(GREW, len(grew), f"{page}#{GREW}", grew, {}, found.before is not None),
            Line(THEMES, len(often), f"{page}#{THEMES}", often),
        ),
    )


def _decided(row: week.Decided) -> Item:
    return Item(
        f"/feedback/{row.feedback_id}", code(row.feedback_id), row.title, words=CONCLUSIONS[row.conclusion].words
    )


def _grown(day: str, table: str, row: week.Theme, is_twin: bool) -> Item:
    facts = {"n": row.n, "before": f"{row.before:g}"}
    words = "{n} (by words), from {before} a week" if is_twin else "{n}, from {before} a week"
    return _of_theme(day, table, row, words, facts)


def _theme(day: str, table: str, row: week.Theme, is_twin: bool) -> Item:
    return _of_theme(day, table, row, "{n} enquiries (by words)" if is_twin else "{n} enquiries", {"n": row.n})


def _of_theme(day: str, table: str, row: week.Theme, words: str, facts: dict[str, object]) -> Item:
    """Its numbers of that week; the week's `table`, which leads there, where the address is too long for a message."""
    address = theme_address(day, row.name)
    short = address if len(address) <= LONGEST else table
    return Item(short, title=themes.title(row.name), words=words, facts=facts, is_ours=True)


def theme_address(day: str, name: str) -> str:
    """Where the enquiries of a theme are shown in the seven days before a day (2026-11-30).

    A page of numbers is of Monday to Sunday. Where a company's week begins on another day, exactly its days are listed.
    """
    end = date.fromisoformat(day)
    begin, last = end - timedelta(days=week.DAYS), end - timedelta(days=1)
    if begin.weekday() == 0:
        return f"/volume?{urlencode({'period': WEEK, 'on': last.isoformat(), 'about': name})}"
    since, until = rules.calendar.moment(begin), rules.calendar.moment(end)
    return f"/volume/list?{urlencode({'from': since, 'until': until, 'about': name})}"
