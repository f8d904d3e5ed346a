"""What somebody owes today: one set of facts for their home, for the numbers in the menu, and for the lists behind.

    home(session, somebody(reader))       # parts, the most urgent first; everybody's where they owe nothing
    counts(session, somebody(reader))     # the same numbers alone

Each number is that of the list at `Part.address`, which shows exactly these.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date as calendar_date
from urllib.parse import quote

from sqlmodel import Session, col

from integrations import VENDORS
from workflows.customer import companies
from workflows.engine import checks, polls
from workflows.engine.rows import among
from workflows.engine.store import now_ms
from workflows.enquiry import know_how
from workflows.escalation import cases, ladder, lists
from workflows.escalation.lists import Waiting
from workflows.meeting import decisions, scales
from workflows.overview import deliveries, lives, wish_lists
from workflows.overview.life import Life
from workflows.overview.wish_lists import Wanted
from workflows.overview.wish_orders import OLDEST
from workflows.people.person import Person, ids_of
from workflows.rules import rules
from workflows.tables.meeting import Decision
from workflows.tables.runs import DEAD, Delivery
from workflows.tables.wish import Feedback
from workflows.telling import desk, promises
from workflows.telling.promises import Owing
from workflows.volume import sources
from workflows.volume.sources import Standing
from workflows.wish import voices as wish_voices
from workflows.wish.voices import Voice
from workflows.wish.wishes import code

#: Of each kind so many are shown, the most urgent ones; so many of the latest decisions.
FEW, LATEST = 3, 3
#: What one may owe, the most urgent first.
ACKNOWLEDGE, DRAFTS, REPORTS, OPEN = "acknowledge", "drafts", "reports", "open"
CONNECTIONS, LOG, RUNS, BACKGROUNDS = "connections", "log", "runs", "backgrounds"
REVIEWS, COUNTS = "reviews", "counts"


@dataclass(frozen=True)
class Somebody:
    """Whose home it is. `ids`: under which they take wishes; `manages`: do they look after the service? `leads`: do
    they approve what waits for a lead?"""

    person: str
    ids: tuple[str, ...]
    manages: bool = False
    leads: bool = False


def somebody(person: Person, *, manages: bool, leads: bool = False) -> Somebody:
    """A person as their home knows them; asks Intercom at most once a minute under which id they work there."""
    return Somebody(person.id, ids_of(person), manages, leads)


@dataclass(frozen=True)
class Thing:
    """One of those that are owed: its code, whose it is and what it is about. `late`: is it past its target?

    `why` it is theirs, where that is not plain.
    """

    code: str
    company: str
    title: str
    since: int
    address: str
    late: bool = False
    why: str = ""


@dataclass(frozen=True)
class Part:
    """What is owed of one kind: how many, the most urgent of them, and the list that shows exactly these."""

    kind: str
    total: int
    things: Sequence[Thing]
    address: str


@dataclass(frozen=True)
class Meeting:
    """The next meeting: when it begins, and how many requests are on its agenda."""

    at: int
    total: int


@dataclass(frozen=True)
class News:
    """A decision, and what it means for the customer of the request that it is about."""

    decision: Decision
    voice: Voice
    life: Life


@dataclass(frozen=True)
class Home:
    """Everything on somebody's home. `parts` are their own, `everybodys` those of all where they owe nothing."""

    parts: Sequence[Part]
    everybodys: Sequence[Part]
    meeting: Meeting
    news: Sequence[News]

    @property
    def total(self) -> int:
        """How much they owe in all."""
        return sum(self.counts.values())

    @property
    def counts(self) -> dict[str, int]:
        """How much of each kind: what `counts` says, and the rest."""
        return {part.kind: part.total for part in self.parts}


def home(session: Session, who: Somebody) -> Home:
    """What somebody owes today, when the meeting is, and what was decided last."""
    now = now_ms()
    parts = [part for part in _parts(session, who, now) if part.total]
    everybodys = [] if parts else [part for part in _everybodys(session, now) if part.total]
    meeting = Meeting(scales.meetings().next(now), scales.count(session, now))
    return Home(parts, everybodys, meeting, _news(session))


def counts(session: Session, who: Somebody) -> dict[str, int]:
    """How much somebody owes of what the menu counts; these numbers are those of their home."""
    unacknowledged = _in_state(_waiting(session, who, now_ms()), ladder.OPEN)
    drafts = desk.count(session, who.ids, is_lead=who.leads)
    found = {ACKNOWLEDGE: len(unacknowledged), DRAFTS: drafts, REPORTS: len(_due(session, who.ids))}
    if not who.manages:
        return found
    dead, alone = deliveries.dead_count(session)
    late = len(sources.late(session, now_ms()))
    return found | {CONNECTIONS: len(_failing(session)), COUNTS: late, LOG: dead, RUNS: alone}


# -- one's own ------------------------------------------------------------------------------------


def _parts(session: Session, who: Somebody, now: int) -> Iterator[Part]:
    """What somebody owes, the most urgent kind first."""
    mine, list_of_mine = _waiting(session, who, now), f"/escalations?who={quote(who.person)}"
    yield _escalations(ACKNOWLEDGE, _in_state(mine, ladder.OPEN), f"{list_of_mine}#state-open", who.person)
    yield _drafts(session, who)
    yield _reports(session, _due(session, who.ids), "/promises?whose=mine")
    yield _escalations(OPEN, _in_state(mine, ladder.ACKNOWLEDGED, ladder.WORKING), list_of_mine)
    if who.manages:
        yield from _of_the_service(session)
    yield _backgrounds(session, who)
    yield _reviews(session, who)


def _everybodys(session: Session, now: int) -> Iterator[Part]:
    """How the company stands: for whoever owes nothing."""
    yield _escalations(OPEN, lists.waiting(session, now), "/escalations")
    yield _reports(session, [each for each in promises.owing(session) if each.state in promises.NOW], "/promises")


def _waiting(session: Session, who: Somebody, now: int) -> list[Waiting]:
    """The escalations that somebody answers for and that are not done, what is longest past its target first."""
    return lists.waiting(session, now, lists.Chosen(person=who.person))


def _in_state(waiting: Sequence[Waiting], *states: str) -> list[Waiting]:
    return [each for each in waiting if each.escalation.state in states]


def _escalations(kind: str, waiting: Sequence[Waiting], address: str, person: str = "") -> Part:
    return Part(kind, len(waiting), [_complaint(each, person) for each in waiting[:FEW]], address)


def _complaint(waiting: Waiting, person: str) -> Thing:
    row, name = waiting.escalation, cases.code(waiting.escalation.id or 0)
    why = CLIMBED if person and person != row.person else ""
    return Thing(name, row.company, row.gist, row.raised_at, f"/escalations/{name}", waiting.late > 0, why)


#: Why somebody sees what another one is in charge of.
CLIMBED = "Nobody has acknowledged it yet, so it has come to you."


def _due(session: Session, people: Collection[str]) -> list[Owing]:
    """The reports that are to be made and stand in no draft, the longest wait first; for drafts there is a part."""
    return [each for each in promises.owing(session, people=people) if each.state == promises.DUE]


def _reports(session: Session, due: Sequence[Owing], address: str) -> Part:
    shown = promises.debts(session, due[:FEW])
    things = [_wish(each.voice, each.since, f"{address}#{{code}}") for each in shown]
    return Part(REPORTS, len(due), things, address)


def _drafts(session: Session, who: Somebody) -> Part:
    """The messages to customers that wait for this person's approval."""
    waiting = desk.to_do(session, who.ids, is_lead=who.leads)
    shown = [_draft(row) for row in desk.rows(session, waiting[:FEW])]
    return Part(DRAFTS, len(waiting), shown, "/drafts")


def _draft(row: desk.Row) -> Thing:
    address, since = f"/drafts?at={quote(row.name)}", row.telling.drafted_at or row.telling.owed_at
    why = HANDED if row.telling.dead_end and not row.telling.via else ""
    if row.voice is None:
        return Thing("", "", "", since, address, why=why)
    name = code(row.voice.feedback_id) if row.voice.feedback_id else ""
    return Thing(name, row.voice.firm.name or row.voice.person, row.voice.title, since, address, why=why)


#: Why somebody has what is no message to approve.
HANDED = "This customer can't be reached in the conversation. Notify them yourself."


def _backgrounds(session: Session, who: Somebody) -> Part:
    wanted = Wanted(show=wish_lists.OWED, sort=OLDEST, ids=tuple(who.ids))
    total = wish_lists.count(session, wanted)
    rows = wish_lists.found(session, wanted, most=FEW).rows if total else []
    shown = [_wish(row.voice, row.voice.said_at, f"/feedback/{row.id}#about") for row in rows]
    return Part(BACKGROUNDS, total, shown, f"/wishes?show={wish_lists.OWED}")


def _reviews(session: Session, who: Somebody) -> Part:
    """The answers to use again that this person has to look at once more."""
    due = know_how.due(session, who.ids)
    shown = [Thing("", "", row.title, _beginning(row.review_on), f"/know-how/{row.id}") for row in due[:FEW]]
    return Part(REVIEWS, len(due), shown, "/know-how?due=mine")


def _beginning(day: str) -> int:
    """When the work of a day begins (ms)."""
    return min(rules.calendar.start_of(calendar_date.fromisoformat(day)), now_ms())


def _wish(voice: Voice, since: int, address: str) -> Thing:
    name = code(voice.feedback_id)
    return Thing(name, voice.firm.name or voice.person, voice.title, since, address.format(code=name))


# -- the service's, for admins ----------------------------------------------------------------------


def _of_the_service(session: Session) -> Iterator[Part]:
    """What keeps the service from its work until somebody looks after it."""
    failing, (dead, alone) = _failing(session), deliveries.dead_count(session)
    yield Part(CONNECTIONS, len(failing), failing[:FEW], "/setup")
    late = sources.late(session, now_ms())
    yield Part(COUNTS, len(late), [_late(each) for each in late[:FEW]], "/setup#counts")
    letters = deliveries.deliveries(session, (DEAD,), limit=FEW) if dead else []
    yield Part(LOG, dead, [_letter(each) for each in letters], f"/deliveries?state={DEAD}")
    yield Part(RUNS, alone, [], f"/deliveries?kind=runs&alone=1&state={DEAD}")


def _failing(session: Session) -> list[Thing]:
    """The tools that refuse to be asked, or did not answer rightly when somebody had them checked last."""
    refused = {name: run.created_at for name, run in polls.standing(session).items()}
    wrong = {name: check.at for name, check in checks.latest(session).items() if not check.is_right}
    since = sorted((wrong | refused).items(), key=lambda each: each[1])
    return [Thing("", "", VENDORS[name].TITLE, at, f"/setup#vendor-{name}") for name, at in since if name in VENDORS]


def _late(source: Standing) -> Thing:
    """A source of counts that has fallen silent, and what to do about it."""
    address = f"/setup#vendor-{source.name}" if source.name in sources.ASKED else "/setup#counts"
    title, why = sources.title(source.name), sources.advice(source.name)
    return Thing("", "", title, source.silent_since, address, why=why)


def _letter(delivery: Delivery) -> Thing:
    address = f"/deliveries/{quote(delivery.id)}"
    return Thing("", VENDORS[delivery.source].TITLE, delivery.topic, delivery.received_at, address)


# -- news -----------------------------------------------------------------------------------------


def _news(session: Session) -> list[News]:
    """The latest decisions, each with how it stands for the customer."""
    latest, now = decisions.latest(session, LATEST), now_ms()
    ids = [each.feedback_id for each in latest]
    said = wish_voices.voices(session, ids, companies.firms(session, now, among(col(Feedback.id), ids)), now)
    known = lives.of(session, ids)
    return [News(each, said[each.feedback_id], known[each.feedback_id]) for each in latest]
