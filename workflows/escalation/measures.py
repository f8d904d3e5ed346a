"""Measures of escalations: how soon they are acknowledged, and whether judgements of the churn risk come true.

Everything is derived when it is read, from what happened; nobody's figures are stored. The functions over `Case` and
`Opinion` are pure. What is still open is counted where it stands, never left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from workflows.escalation import ladder
from workflows.rules import rules
from workflows.rules.calendar import Calendar
from workflows.rules.choices import CHURN_RISKS, URGENCIES
from workflows.tables.customer import Churn
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.runs import Action

#: Upper ends of the buckets, in business minutes; then a business day, and more than that.
MINUTES = (5, 15, 30, 60)
#: Acts by which somebody takes an escalation.
TAKING = ("slack.acknowledge", "slack.start", "slack.close")
#: A judgement is measured against what happens in so many days after it.
HORIZON = timedelta(days=180)
#: The normal distribution's quantile for intervals of 95 %.
Z = 1.959964


# -- acknowledging --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One escalation that asks for an answer. `acknowledged_at`: when somebody first took it; None: nobody yet."""

    urgency: str
    raised_at: int
    acknowledged_at: int | None
    climbed: int = 0
    is_done: bool = False


@dataclass(frozen=True)
class Bucket:
    """Escalations up to so many business minutes (None: more than a day): taken by then, or running for so long."""

    minutes: int | None
    taken: int
    running: int


@dataclass(frozen=True)
class Group:
    """The escalations of one urgency. `open`: not taken, and still within the target: they may go either way."""

    urgency: str
    target: int
    total: int
    within: int
    late: int
    open: int
    #: Business minutes by which half, and nine in ten, were taken; None where that has not come yet.
    half: int | None
    most: int | None
    climbed: int
    done: int

    @property
    def decided(self) -> int:
        """Those of which it is known whether the target was met."""
        return self.within + self.late


def cases(session: Session, since: int) -> list[Case]:
    """Escalations raised since then, but for what was for information only."""
    return list(known(session, since).values())


def known(session: Session, since: int, until: int | None = None) -> dict[int, Case]:
    """The same by their number, and of those raised before `until` alone."""
    taken = (
        sa.select(func.min(col(Action.ended_at)))
        .where(col(Action.verb).in_(TAKING), col(Action.escalation_id) == col(Escalation.id))
        .correlate(Escalation)
        .scalar_subquery()
    )
    columns = (
        *(Escalation.id, Escalation.urgency, Escalation.raised_at),
        *(Escalation.acknowledged_at, Escalation.climbed, Escalation.state),
    )
    query = sa.select(*columns, taken).where(  # type: ignore[call-overload]
        col(Escalation.raised_at) >= since, col(Escalation.request) != ladder.INFORMATION
    )
    query = query if until is None else query.where(col(Escalation.raised_at) < until)
    return {id: _case(*row) for id, *row in session.connection().execute(query)}


def _case(urgency: str, raised_at: int, kept: int | None, climbed: int, state: str, first: int | None) -> Case:
    """Handing on takes the acknowledgement off the row; the first one stays in what happened."""
    known = [at for at in (first, kept) if at is not None]
    return Case(urgency, raised_at, max(min(known), raised_at) if known else None, climbed, state == ladder.DONE)


def business_minutes(calendar: Calendar, since: int, until: int) -> int:
    """Business time between two moments in minutes, where a minute that has begun counts as a whole one."""
    whole = calendar.minutes(since, until)
    return whole + (until > calendar.add(since, whole))


def buckets(found: Iterable[Case], calendar: Calendar, now: int) -> list[Bucket]:
    """How long it took until somebody took it, or how long it has been running, as a distribution."""
    ends = (*MINUTES, calendar.day_minutes)
    taken, running = Counter[int | None](), Counter[int | None]()
    for case in found:
        minutes = _clock(case, calendar, now)
        end = next((end for end in ends if minutes <= end), None)
        (running if case.acknowledged_at is None else taken)[end] += 1
    return [Bucket(end, taken[end], running[end]) for end in (*ends, None)]


def groups(found: Iterable[Case], calendar: Calendar, targets: Mapping[str, int], now: int) -> list[Group]:
    """Each urgency's escalations against its target."""
    by_urgency: dict[str, list[Case]] = {urgency: [] for urgency in URGENCIES}
    for case in found:
        by_urgency[case.urgency].append(case)
    return [_group(name, some, calendar, targets[name], now) for name, some in by_urgency.items()]


def _group(urgency: str, found: Sequence[Case], calendar: Calendar, target: int, now: int) -> Group:
    clocks = [(_clock(case, calendar, now), case.acknowledged_at is not None) for case in found]
    times = sorted(minutes for minutes, is_taken in clocks if is_taken)
    return Group(
        urgency,
        target,
        len(found),
        sum(is_taken and minutes <= target for minutes, is_taken in clocks),
        sum(minutes > target for minutes, _ in clocks),
        sum(not is_taken and minutes <= target for minutes, is_taken in clocks),
        by_when(times, len(found), 0.5),
        by_when(times, len(found), 0.9),
        sum(case.climbed > 0 for case in found),
        sum(case.is_done for case in found),
    )


@dataclass(frozen=True)
class Summary:
    """All urgencies together. `half`: business minutes by which half were taken; `waiting`: not taken yet."""

    half: int | None
    within: int
    decided: int
    waiting: int


def summary(found: Sequence[Case], by_urgency: Iterable[Group], calendar: Calendar, now: int) -> Summary:
    """The few figures that one looks at first."""
    some = list(by_urgency)
    times = sorted(_clock(case, calendar, now) for case in found if case.acknowledged_at is not None)
    half = by_when(times, len(found), 0.5)
    return Summary(half, sum(each.within for each in some), sum(each.decided for each in some), len(found) - len(times))


def by_when(times: Sequence[int], total: int, share: float) -> int | None:
    """By when such a share of all was taken, those not yet taken counting as later than any; None: not yet."""
    place = max(ceil(total * share), 1)
    return times[place - 1] if place <= len(times) else None


def _clock(case: Case, calendar: Calendar, now: int) -> int:
    return business_minutes(calendar, case.raised_at, now if case.acknowledged_at is None else case.acknowledged_at)


# -- judging --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opinion:
    """What somebody thought of a company's risk to leave, about one escalation."""

    escalation_id: int
    company_id: str
    phase: str
    risk: str
    judged_on: date


@dataclass(frozen=True)
class Outcome:
    """Judgements of one risk. `n`: those whose time is over, `left`: of these; the others are still `open`."""

    risk: str
    n: int
    left: int
    low: float
    high: float
    open: int
    open_left: int
    companies: int

    @property
    def share(self) -> float | None:
        """The share that left; None where there is nothing to measure yet."""
        return self.left / self.n if self.n else None


def opinions(session: Session) -> list[Opinion]:
    """Every judgement with its company, oldest first."""
    query = (
        select(Judgement, Escalation.company_id)
        .join(Escalation, col(Escalation.id) == col(Judgement.escalation_id))
        .order_by(col(Judgement.judged_at), col(Judgement.id))
    )
    return [
        Opinion(each.escalation_id, company_id or "", each.phase, each.churn_risk, _day_of(each.judged_at))
        for each, company_id in session.exec(query)
        if each.churn_risk in CHURN_RISKS
    ]


def churned(session: Session) -> tuple[dict[str, date], date | None]:
    """When each company left, and the day up to which that is known: the one of the last import."""
    rows = session.exec(select(Churn)).all()
    days = {row.company_id: date.fromisoformat(row.churned_on) for row in rows}
    return days, _day_of(max(row.imported_at for row in rows)) if rows else None


def first_of(found: Iterable[Opinion]) -> list[Opinion]:
    """The first judgement of each escalation that was made on acknowledging it."""
    firsts: dict[int, Opinion] = {}
    for each in found:
        if each.phase == "ack":
            firsts.setdefault(each.escalation_id, each)
    return list(firsts.values())


def last_of(found: Iterable[Opinion]) -> list[Opinion]:
    """The last judgement of each escalation."""
    return list({each.escalation_id: each for each in found}.values())


def outcomes(found: Iterable[Opinion], left_on: Mapping[str, date], known_until: date | None) -> list[Outcome]:
    """What became of the companies, by what was thought of their risk.

    A judgement counts once its whole horizon is known: those who left early would count before those who stayed.
    """
    by_risk: dict[str, list[tuple[Opinion, bool, bool]]] = {risk: [] for risk in CHURN_RISKS}
    for each in measurable(found, left_on):
        ends = each.judged_on + HORIZON
        has_left = each.company_id in left_on and left_on[each.company_id] <= ends
        by_risk[each.risk].append((each, known_until is not None and ends < known_until, has_left))
    return [_outcome(risk, some) for risk, some in by_risk.items()]


def measurable(found: Iterable[Opinion], left_on: Mapping[str, date]) -> list[Opinion]:
    """Judgements about companies on record that had not left before."""
    return [each for each in found if each.company_id and not left_on.get(each.company_id, date.max) < each.judged_on]


def _outcome(risk: str, found: Sequence[tuple[Opinion, bool, bool]]) -> Outcome:
    over = [has_left for _, is_over, has_left in found if is_over]
    running = [has_left for _, is_over, has_left in found if not is_over]
    companies = {each.company_id for each, is_over, _ in found if is_over}
    low, high = wilson(sum(over), len(over))
    return Outcome(risk, len(over), sum(over), low, high, len(running), sum(running), len(companies))


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The interval that holds the true share with 95 % confidence; 0 to 1 where nothing was seen."""
    if not n:
        return 0.0, 1.0
    share, square = hits / n, Z * Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = Z * sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _day_of(at: int) -> date:
    """The day on which a moment was, where the company works."""
    return rules.calendar.local(at).date()
