"""Lists of wishes: all, those without background, those that somebody took, those that are decided, and those that
were adopted and have no issue yet; narrowed by stage, kind, company, who filed them and age, and in some order.

    page = found(session, Wanted(show="unfilled", company="あおば", sort="spend"))
    page.rows, page.more                         # the next page: found(…, after=page.more)

A stage is stored nowhere: it follows from what is on record (`life`). So the rows that may be at a stage are looked
at in their order, some at a time and not without end, and those stay that are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer import companies
from workflows.engine.rows import among, table_of
from workflows.engine.store import DAY_MS, now_ms
from workflows.meeting import past, scales
from workflows.overview import lives
from workflows.overview.life import ADOPTED, DEVELOPMENT, ENDED, ENDS, RECEIVED, TO_TELL, Life
from workflows.rules.choices import ADOPT, FINAL
from workflows.tables.customer import Company
from workflows.tables.meeting import Decision
from workflows.tables.telling import Telling
from workflows.tables.wish import Context, Feedback, FeedbackFeature, FeedbackIssue
from workflows.telling.cause import is_notice
from workflows.wish import voices as wish_voices
from workflows.wish.awaited import OPEN
from workflows.wish.voices import Voice
from workflows.wish.wishes import COUNTS

ALL, UNFILLED, MINE, DECIDED, UNISSUED = "all", "unfilled", "mine", "decided", "unissued"
#: Mine of which nobody has said why they are wished for, as long as the meeting may still need to know.
OWED = "owed"
#: Those that count nowhere; on no other list.
WITHDRAWN = "withdrawn"
SHOWS = (ALL, UNFILLED, MINE, OWED, DECIDED, UNISSUED, WITHDRAWN)
#: By what a list may be ordered. A priority is only of what is still to be decided.
NEWEST, OLDEST, WEIGHT, SPEND = "newest", "oldest", "weight", "spend"
SORTS = (NEWEST, OLDEST, WEIGHT, SPEND)
#: Rows that are looked at for a stage: so many at a time, and so many for one page.
SOME, LOOKED = 200, 2_000


@dataclass(frozen=True)
class Wanted:
    """Which wishes, in which order. `by` took them; `days`: they are that old at least. `ids`: under which
    whoever asks takes wishes."""

    show: str = ALL
    stage: str = ""
    kind: str = ""
    company: str = ""
    by: str = ""
    days: int = 0
    sort: str = NEWEST
    ids: Sequence[str] = ()


@dataclass(frozen=True)
class Row:
    """A wish on a list: what was said, where it is, in which wish it ended up, and what was concluded about that.

    `weight` is its priority, None where nothing is left to decide.
    """

    voice: Voice
    life: Life
    merged_into: int | None
    conclusion: str
    decision: Decision | None
    weight: int | None

    @property
    def id(self) -> int:
        """The wish's record."""
        return self.voice.feedback_id


@dataclass(frozen=True)
class Page:
    """Some rows, and the number of the wish after which the list goes on (0 where it ends)."""

    rows: Sequence[Row]
    more: int


def found(session: Session, wanted: Wanted, *, after: int = 0, most: int = 50) -> Page:
    """The rows that follow the wish `after` in the order that is wanted, from the first on where it is 0."""
    ids: list[int] = []
    looked, last = 0, after
    step = SOME if wanted.stage else most + 1
    following = _following(session, wanted)
    while len(ids) <= most and looked < LOOKED:
        some = following(last, step)
        ids += _at_stage(session, some, wanted.stage)
        looked, last = looked + len(some), some[-1] if some else last
        if len(some) < step:
            return Page(_rows(session, ids[:most]), ids[most - 1] if len(ids) > most else 0)
    return Page(_rows(session, ids[:most]), ids[most - 1] if len(ids) >= most else last)


def everything(session: Session, wanted: Wanted, most: int) -> Iterator[Row]:
    """All of it in its order, but not more than so many rows."""
    after, left = 0, most
    while left > 0:
        page = found(session, wanted, after=after, most=min(SOME, left))
        yield from page.rows
        after, left = page.more, left - len(page.rows)
        if not after:
            return


def counts(session: Session, wanted: Wanted) -> dict[str, int]:
    """How many wishes each list has in all, at whatever stage, narrowed as is wanted; all are counted in one go."""
    lists = [_on_list(replace(wanted, show=show)) for show in SHOWS]
    asked = sa.select(*(sa.func.count().filter(each) for each in lists)).select_from(Feedback).where(*_narrowed(wanted))
    return dict(zip(SHOWS, session.execute(asked).one(), strict=True))


def count(session: Session, wanted: Wanted) -> int:
    """How many wishes one of them has, at whatever stage."""
    return session.exec(select(sa.func.count()).select_from(Feedback).where(_fits(wanted))).one()


def takers(session: Session, most: int) -> list[str]:
    """The names of those who took wishes."""
    names = select(Feedback.taken_by_name).where(col(Feedback.taken_by_name) != "").distinct()
    return list(session.exec(names.order_by(col(Feedback.taken_by_name)).limit(most)))


def _rows(session: Session, ids: Sequence[int]) -> list[Row]:
    now, which = now_ms(), among(col(Feedback.id), ids)
    columns = table_of(Feedback).c
    stands = sa.select(columns.id, columns.merged_into, columns.conclusion, columns.withdrawn_at).where(which)
    wishes = {row.id: row for row in session.execute(stands)}
    voices = wish_voices.voices(session, ids, companies.firms(session, now, which), now)
    roots = {id: wish.merged_into or id for id, wish in wishes.items()}
    decisions, known = past.decisions(session, list(roots.values()), now), lives.of(session, ids)
    weights = _weights(session, [id for id, wish in wishes.items() if _is_open(wish)], now)
    return [
        Row(
            voices[id],
            known[id],
            wishes[id].merged_into,
            wishes[id].conclusion,
            decisions.get(roots[id]),
            weights.get(id),
        )
        for id in ids
    ]


def _is_open(wish: Any) -> bool:
    return wish.conclusion not in FINAL and wish.withdrawn_at is None


def _weights(session: Session, ids: Sequence[int], at: int) -> dict[int, int]:
    weighed = scales.of(session, ids, at) if ids else []
    return {member: each.weight for each in weighed for member in each.members}


# -- which ----------------------------------------------------------------------------------------


def _fits(wanted: Wanted) -> Any:
    """All that is wanted of a wish but its stage."""
    return sa.and_(_on_list(wanted), *_narrowed(wanted))


def _on_list(wanted: Wanted) -> Any:
    return ~COUNTS if wanted.show == WITHDRAWN else COUNTS & _of_list(wanted)


def _narrowed(wanted: Wanted) -> Iterator[Any]:
    if wanted.kind:
        yield sa.func.coalesce(_noted_kind(), col(Feedback.kind)) == wanted.kind
    if wanted.company:
        yield _of_company(wanted.company)
    if wanted.by:
        yield col(Feedback.taken_by_name) == wanted.by
    if wanted.days:
        yield col(Feedback.said_at) <= now_ms() - wanted.days * DAY_MS


def _noted_kind() -> Any:
    """What an agent said last of which kind it is."""
    newest = sa.select(col(Context.kind)).where(col(Context.feedback_id) == col(Feedback.id))
    return newest.order_by(col(Context.said_at).desc(), col(Context.id).desc()).limit(1).scalar_subquery()


def _of_company(typed: str) -> Any:
    """From a company whose name holds this, on record or as somebody typed it."""
    ways = companies.written(typed)
    named = sa.or_(*(col(Company.name).icontains(way, autoescape=True) for way in ways))
    unknown = sa.or_(*(col(Feedback.company_name).icontains(way, autoescape=True) for way in ways))
    return col(Feedback.company_id).in_(sa.select(col(Company.id)).where(named)) | unknown


def _of_list(wanted: Wanted) -> Any:
    if wanted.show == UNFILLED:
        return ~_filled()
    if wanted.show == UNISSUED:
        return col(Feedback.merged_into).is_(None) & (col(Feedback.conclusion) == ADOPT) & ~_HAS_ISSUE
    if wanted.show == OWED:
        return col(Feedback.taken_by).in_(wanted.ids) & ~_filled() & col(Feedback.conclusion).not_in(FINAL)
    if wanted.show == MINE:
        return col(Feedback.taken_by).in_(wanted.ids)
    return col(Feedback.conclusion).in_(FINAL) if wanted.show == DECIDED else sa.true()


def _filled() -> Any:
    """Does the newest context of a wish say why, or how important it is?"""
    context, later = table_of(Context).c, table_of(Context).alias().c
    says = (context.background != "") | (context.importance != "")
    replaced = sa.exists().where(later.feedback_id == context.feedback_id, later.id > context.id)
    return col(Feedback.id).in_(sa.select(context.feedback_id).where(says, ~replaced))


# -- where it is ----------------------------------------------------------------------------------

_HAS_ISSUE = col(Feedback.id).in_(sa.select(col(FeedbackIssue.feedback_id)))
_HAS_FEATURE = col(Feedback.id).in_(sa.select(col(FeedbackFeature.feedback_id)))
_ROOT = sa.func.coalesce(col(Feedback.merged_into), col(Feedback.id))
_UNSENT = sa.select(col(Decision.feedback_id)).where(col(Decision.sent_at).is_(None), col(Decision.undone_at).is_(None))
_OWED = sa.select(col(Telling.conversation_id)).where(
    col(Telling.state).in_([state for state in OPEN if state]), ~is_notice(col(Telling.release_id))
)
#: What has to be on record of a wish at each stage. More than these fit; `life` says which of them are there.
_MAY_BE: dict[str, Any] = {
    RECEIVED: ~_HAS_ISSUE & ~_HAS_FEATURE & (col(Feedback.conclusion).not_in(FINAL) | _ROOT.in_(_UNSENT)),
    ADOPTED: ~_HAS_ISSUE & (_HAS_FEATURE | (col(Feedback.conclusion) == ADOPT)),
    DEVELOPMENT: _HAS_ISSUE,
    TO_TELL: _HAS_ISSUE | col(Feedback.conversation_id).in_(_OWED),
    ENDED: _HAS_ISSUE | col(Feedback.conclusion).in_(ENDS) | ~COUNTS,
}


def _at_stage(session: Session, ids: Sequence[int], stage: str) -> Sequence[int]:
    if not stage or not ids:
        return ids
    known = lives.of(session, ids)
    return [id for id in ids if known[id].stage == stage]


# -- in which order -------------------------------------------------------------------------------


def _following(session: Session, wanted: Wanted) -> Callable[[int, int], list[int]]:
    """What gives the wishes after another one in the order that is wanted, at most so many."""
    which = _fits(wanted) & _MAY_BE.get(wanted.stage, sa.true())
    if wanted.sort == WEIGHT:
        return _by_weight(session, which)
    id, spend = col(Feedback.id), sa.func.coalesce(col(Company.mrr), 0.0)
    query = sa.select(id).where(which)
    if wanted.sort == SPEND:
        query = query.outerjoin(Company, col(Company.id) == col(Feedback.company_id))
    orders: dict[str, list[Any]] = {NEWEST: [id.desc()], OLDEST: [id.asc()], SPEND: [spend.desc(), id.desc()]}
    order = orders[wanted.sort]

    def passed(after: int) -> Any:
        if wanted.sort == SPEND:
            worth = _worth(session, after)
            return (spend < worth) | ((spend == worth) & (id < after))
        return id > after if wanted.sort == OLDEST else id < after

    def give(after: int, most: int) -> list[int]:
        rest = query.where(passed(after)) if after else query
        return list(session.execute(rest.order_by(*order).limit(most)).scalars())

    return give


def _worth(session: Session, id: int) -> float:
    """The monthly spend of the company that asks for a wish."""
    joined = sa.select(col(Company.mrr)).join(Feedback, col(Feedback.company_id) == col(Company.id))
    return session.execute(joined.where(col(Feedback.id) == id)).scalar() or 0.0


def _by_weight(session: Session, which: Any) -> Callable[[int, int], list[int]]:
    """What is still to be decided, the heaviest first, with all that is merged into it."""
    at = now_ms()
    weighed = scales.undecided(session, at, companies.firms(session, at))
    weighed.sort(key=lambda wish: (-wish.weight, wish.said_at, wish.id))
    fitting = set(session.execute(sa.select(col(Feedback.id)).where(which, past.open_at(at))).scalars().all())
    order = [member for wish in weighed for member in wish.members if member in fitting]

    def give(after: int, most: int) -> list[int]:
        first = order.index(after) + 1 if after in order else 0
        return order[first : first + most]

    return give
