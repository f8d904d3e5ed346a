"""Every wish with those that were merged into it, weighed as of a moment: what the agenda is made and sorted by."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from workflows.customer import companies
from workflows.customer.companies import Firm
from workflows.engine.rows import among, table_of
from workflows.language.folding import fold
from workflows.meeting import past
from workflows.meeting.past import Filed
from workflows.meeting.weekly import Meetings
from workflows.meeting.weight import Term, highest, terms, total
from workflows.rules import KINDS, rules
from workflows.rules.choices import ADOPT, CONSIDER, FINAL
from workflows.tables.wish import Feedback
from workflows.wish import awaited
from workflows.wish.awaited import Waited

#: A company of which nothing is on record.
UNKNOWN = Firm()
#: How what stands for the id of a company begins of which nothing is known but a typed name.
TYPED = "typed:"
#: What is on record of a wish about which nothing was concluded.
NOTHING = (0, "", 0)


class Weighed(NamedTuple):
    """A wish on the agenda, with all that were merged into it: what it is sorted by."""

    id: int
    members: Sequence[int]
    firms: Mapping[str, Firm]
    kinds: frozenset[str]
    said_at: int
    importance: str
    temperature: str
    carried: int
    #: Was it decided to go on considering it, in the present meeting or since?
    handled: bool
    #: The moment as of which it is weighed.
    at: int

    @property
    def terms(self) -> tuple[Term, ...]:
        """The sum; added up for those alone of which somebody wants to know."""
        return terms(rules.weight, self.firms, self.importance, self.temperature, self.said_at, self.at)

    @property
    def weight(self) -> int:
        """The sum of the terms."""
        return total(rules.weight, self.firms, self.importance, self.temperature, self.said_at, self.at)

    @property
    def mrr(self) -> float:
        """The monthly spend of all companies that ask for it, each once."""
        return sum(firm.mrr for firm in self.firms.values())


def meetings() -> Meetings:
    """The company's weekly meetings."""
    return Meetings(rules.calendar, rules.triage.weekday, rules.triage.meets_at)


def undecided(session: Session, at: int, firms: Mapping[str, Firm], meeting: int = 0) -> list[Weighed]:
    """Every wish about which nothing final had been concluded; `firms` are all companies as they were.

    What was handled is judged by the present meeting, or by the one that begins at `meeting`.
    """
    scales = _scales(session, at, firms)
    scales.began = meetings().present(meeting) if meeting else scales.began
    return scales.weigh((root, scales.groups[root]) for root in scales.open_ones())


class Waiting(NamedTuple):
    """A wish on the agenda by how long it has been there alone; `handled` and `carried` as in `Weighed`."""

    id: int
    said_at: int
    carried: int
    handled: bool


def waiting(session: Session, at: int) -> list[Waiting]:
    """The same wishes as `undecided` has, not weighed."""
    scales = _scales(session, at, {})
    some = ((root, scales.groups[root]) for root in scales.open_ones())
    return [Waiting(root, rows[0].said_at, scales.carried(rows), scales.is_handled(root)) for root, rows in some]


def count(session: Session, at: int) -> int:
    """How many wishes those are, without weighing them."""
    which, roots, groups = _may_be_open(session, at), past.roots(session, at), defaultdict[int, list[int]](list)
    for id in past.ids(session, at, which):
        groups[roots.get(id, id)].append(id)
    return len(_open_ones(groups, past.conclusions(session, at, which), awaited.of(session, _ids(which), at)))


def _scales(session: Session, at: int, firms: Mapping[str, Firm]) -> Scales:
    """What every wish is weighed by about which something may be left to conclude."""
    return Scales(session, at, past.roots(session, at), firms, _may_be_open(session, at))


def _may_be_open(session: Session, at: int) -> Any:
    """May something be left to conclude about a wish?"""
    return past.OPEN if past.is_present(session, at) else past.open_at(at)


def one(session: Session, feedback_id: int, at: int) -> list[Weighed]:
    """The wish in which this record ended up; nothing where it had not been filed."""
    return of(session, [feedback_id], at)


def of(session: Session, ids: Sequence[int], at: int) -> list[Weighed]:
    """The wishes in which these records ended up, decided or not, each once."""
    roots = past.roots(session, at)
    wanted = {roots.get(id, id) for id in ids}
    members = [*wanted, *(member for member, root in roots.items() if root in wanted)]
    which = among(table_of(Feedback).c.id, members)
    scales = Scales(session, at, roots, companies.firms(session, at, which), which)
    return scales.weigh(scales.groups.items())


def asking(rows: Sequence[Any], known: Mapping[str, Firm]) -> dict[str, Firm]:
    """The companies that these records came from, by `company_id` or the `company_name` that somebody typed."""
    firms = {row.company_id: known.get(row.company_id, UNKNOWN) for row in rows if row.company_id}
    names = [row.company_name for row in rows if not row.company_id]
    return firms | typed(names, firms) if names else firms


def typed(names: Collection[str], known: Mapping[str, Firm]) -> dict[str, Firm]:
    """Companies that are not on record, each once however its name is written; those in `known` count there.

    What stands for their ids begins with TYPED: a colon stands in no vendor's.
    """
    there = {fold(firm.name) for firm in known.values()} if names else ()
    return {f"{TYPED}{key}": Firm(name) for name in names if (key := fold(name).strip()) and key not in there}


# -- what is left to conclude ---------------------------------------------------------------------

#: For each wish about which something was concluded: the decision, what it says, and when it was made.
Concluded = Mapping[int, tuple[int, str, int]]
#: For each wish that waits for anything: what it waits for.
Waits = Mapping[int, Sequence[Waited]]


def _open_ones(groups: Mapping[int, Sequence[int]], concluded: Concluded, waits: Waits) -> list[int]:
    """Of these wishes, each with all that are merged into it, those about which something is left to conclude."""
    waiting = waits.keys()
    return [
        root
        for root, members in groups.items()
        if (root not in concluded and waiting.isdisjoint(members)) or _is_left(concluded, root, members, waits)
    ]


def _is_left(concluded: Concluded, root: int, members: Sequence[int], waits: Waits) -> bool:
    """Is something left to conclude about one of them?"""
    return not _is_decided(concluded.get(root, NOTHING), members, waits) and not _is_over(members, waits)


def _is_decided(held: tuple[int, str, int], members: Sequence[int], waits: Waits) -> bool:
    """Had something final been concluded? What was adopted is open again once nothing can come of it."""
    _, conclusion, at = held
    if conclusion not in FINAL:
        return False
    issues = [each for member in members for each in waits.get(member, ())]
    return not (conclusion == ADOPT and at < awaited.dropped_at(issues))


def _is_over(members: Sequence[int], waits: Waits) -> bool:
    """Does everybody who asked for it have it, and know it? Then there is nothing left to conclude."""
    return all([member in waits and awaited.is_over(waits[member]) for member in members])


# -- the scales -----------------------------------------------------------------------------------


def _ids(which: Any) -> Any:
    """The ids of the wishes of a condition; None for all."""
    wish = table_of(Feedback).c
    return None if which is None else sa.select(wish.id).where(which)


class Scales:
    """All that wishes are weighed by, as it was at one moment. `which`: a condition on those that are, None for all."""

    def __init__(
        self, session: Session, at: int, roots: Mapping[int, int], firms: Mapping[str, Firm], which: Any = None
    ) -> None:
        self.session, self.at, self.roots, self.firms, self.which = session, at, roots, firms, which
        self.concluded = past.conclusions(session, at, which)
        self.groups: dict[int, list[Filed]] = defaultdict(list)
        for row in past.wishes(session, at, which):
            self.groups[self.roots.get(row.id, row.id)].append(row)
        self.began = meetings().present(at)

    @cached_property
    def passed(self) -> list[int]:
        """When the meetings began since the first of them was filed."""
        first = min((row.taken_at for rows in self.groups.values() for row in rows), default=self.at)
        return list(meetings().between(first, self.at))

    @cached_property
    def noted(self) -> dict[int, tuple[str, str, str]]:
        """Kind, importance and temperature of each; looked up for those alone that are weighed."""
        return past.noted(self.session, self.at, self.which)

    def open_ones(self) -> list[int]:
        """Those about which something is left to conclude."""
        groups = {root: [row.id for row in rows] for root, rows in self.groups.items()}
        return _open_ones(groups, self.concluded, awaited.of(self.session, _ids(self.which), self.at))

    def weigh(self, groups: Iterable[tuple[int, Sequence[Filed]]]) -> list[Weighed]:
        """These groups of records, each as one wish."""
        return [self._weigh(root, rows) for root, rows in groups]

    def _weigh(self, root: int, rows: Sequence[Filed]) -> Weighed:
        kinds, importance, temperature = self._noted(rows)
        return Weighed(
            id=root,
            members=[row.id for row in rows],
            firms=asking(rows, self.firms),
            kinds=kinds,
            said_at=rows[0].said_at,
            importance=importance,
            temperature=temperature,
            carried=self.carried(rows),
            handled=self.is_handled(root),
            at=self.at,
        )

    def carried(self, rows: Sequence[Filed]) -> int:
        """How many meetings have passed over it since the first of these was filed."""
        return len(self.passed) - bisect_right(self.passed, min([row.taken_at for row in rows]))

    def is_handled(self, root: int) -> bool:
        """Was it decided to go on considering it, in the present meeting or since?"""
        _, conclusion, decided_at = self.concluded.get(root, NOTHING)
        return conclusion == CONSIDER and decided_at >= self.began

    def _noted(self, rows: Sequence[Filed]) -> tuple[frozenset[str], str, str]:
        """Their kinds, and the highest importance and temperature. Most are alone: two thousand of those a page."""
        if len(rows) == 1:
            kind, importance, temperature = self.noted.get(rows[0].id, (rows[0].kind, "", ""))
            return _KINDS.get(kind) or frozenset((kind,)), importance, temperature
        kinds, importances, temperatures = zip(
            *[self.noted.get(row.id, (row.kind, "", "")) for row in rows], strict=True
        )
        return frozenset(kinds), highest(importances), highest(temperatures)


#: Each kind alone, made once.
_KINDS = {kind: frozenset((kind,)) for kind in KINDS}
