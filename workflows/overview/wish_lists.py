"""Lists of wishes: all, those without background, those that somebody took, those that are decided, and those that
were adopted and have no issue yet; narrowed by stage, kind, company, who filed them and age, and in some order.

    page = found(session, Wanted(show="unfilled", company="あおば", sort="spend"))
    page.rows, page.more                         # the next page: found(…, after=page.more)

A stage is stored nowhere: it follows from what is on record (`life`). So the rows that may be at a stage are looked
at in their order, some at a time and not without end, and those stay that are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer import companies
from workflows.engine.rows import among, said, table_of
from workflows.engine.store import now_ms
from workflows.meeting import past, scales
from workflows.overview import lives
from workflows.overview.life import ADOPTED, DEVELOPMENT, ENDED, ENDS, RECEIVED, TO_TELL, Life
from workflows.overview.wish_orders import NEWEST, Order, ordered
from workflows.rules import rules
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
    order = _ordered(session, wanted)
    while len(ids) <= most and looked < LOOKED:
        some = order.give(last, step)
        ids += _at_stage(session, some, wanted.stage)
        looked, last = looked + len(some), some[-1] if some else last
        if len(some) < step:
            return Page(_rows(session, ids[:most], order), ids[most - 1] if len(ids) > most else 0)
    return Page(_rows(session, ids[:most], order), ids[most - 1] if len(ids) >= most else last)


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
    filled = _all_filled().subquery()
    lists = [_on_list(replace(wanted, show=show), filled.c.feedback_id.is_not(None)) for show in SHOWS]
    wishes = table_of(Feedback).outerjoin(filled, filled.c.feedback_id == col(Feedback.id))
    asked = sa.select(*(sa.func.count().filter(each) for each in lists)).select_from(wishes).where(*_narrowed(wanted))
    return dict(zip(SHOWS, session.execute(asked).one(), strict=True))


def count(session: Session, wanted: Wanted) -> int:
    """How many wishes one of them has, at whatever stage."""
    return session.exec(select(sa.func.count()).select_from(Feedback).where(_fits(wanted))).one()


def takers(session: Session, most: int) -> list[str]:
    """The names of those who took wishes."""
    names = select(Feedback.taken_by_name).where(col(Feedback.taken_by_name) != "").distinct()
    return list(session.exec(names.order_by(col(Feedback.taken_by_name)).limit(most)))


def _rows(session: Session, ids: Sequence[int], order: Order) -> list[Row]:
    now, which = now_ms(), among(col(Feedback.id), ids)
    columns = table_of(Feedback).c
    stands = sa.select(columns.id, columns.merged_into, columns.conclusion, columns.withdrawn_at).where(which)
    wishes = {row.id: row for row in session.execute(stands)}
    voices = wish_voices.voices(session, ids, companies.firms(session, now, which), now)
    roots = {id: wish.merged_into or id for id, wish in wishes.items()}
    decisions, known = past.decisions(session, list(roots.values()), now), lives.of(session, ids)
    undecided = [id for id, wish in wishes.items() if _is_open(wish)]
    weights = order.weights or _weights(session, undecided, now)
    return [
        Row(
            voices[id],
            known[id],
            wishes[id].merged_into,
            wishes[id].conclusion,
            decisions.get(roots[id]),
            weights.get(id) if id in undecided else None,
        )
        for id in ids
    ]


def _is_open(wish: Any) -> bool:
    return wish.conclusion not in FINAL and wish.withdrawn_at is None


def _weights(session: Session, ids: Sequence[int], at: int) -> dict[int, int]:
    weighed = scales.of(session, ids, at) if ids else []
    return {member: each.weight for each in weighed for member in each.members}


def _ordered(session: Session, wanted: Wanted) -> Order:
    is_all = wanted == Wanted(sort=wanted.sort, ids=wanted.ids)
    which = _fits(wanted) & _MAY_BE.get(wanted.stage, sa.true())
    return ordered(session, wanted.sort, None if is_all else which)


# -- which ----------------------------------------------------------------------------------------


def _fits(wanted: Wanted) -> Any:
    """All that is wanted of a wish but its stage."""
    return sa.and_(_on_list(wanted, _IS_FILLED), *_narrowed(wanted))


def _on_list(wanted: Wanted, is_filled: Any) -> Any:
    return ~COUNTS if wanted.show == WITHDRAWN else COUNTS & _of_list(wanted, is_filled)


def _narrowed(wanted: Wanted) -> Iterator[Any]:
    if wanted.kind:
        yield sa.func.coalesce(_noted_kind(), col(Feedback.kind)) == wanted.kind
    if wanted.company:
        yield _of_company(wanted.company)
    if wanted.by:
        yield col(Feedback.taken_by_name) == wanted.by
    if wanted.days:
        youngest = rules.calendar.local(now_ms()).date() - timedelta(days=wanted.days - 1)
        yield col(Feedback.said_at) < rules.calendar.moment(youngest)


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


def _of_list(wanted: Wanted, is_filled: Any) -> Any:
    if wanted.show == UNFILLED:
        return ~is_filled
    if wanted.show == UNISSUED:
        return col(Feedback.merged_into).is_(None) & (col(Feedback.conclusion) == said(ADOPT)) & ~_HAS_ISSUE
    if wanted.show == OWED:
        return col(Feedback.taken_by).in_(wanted.ids) & ~is_filled & col(Feedback.conclusion).not_in(said(FINAL))
    if wanted.show == MINE:
        return col(Feedback.taken_by).in_(wanted.ids)
    return col(Feedback.conclusion).in_(said(FINAL)) if wanted.show == DECIDED else sa.true()


def _says(context: Any) -> Any:
    """Does a context say why, or how important it is?"""
    return sa.or_(context.background != said(""), context.importance != said(""))


def _is_filled() -> Any:
    """Does the newest context of a wish say so? Asked of one after the other, for lists of which a part is shown."""
    context, later = table_of(Context).c, table_of(Context).alias().c
    is_newest = ~sa.exists().where(later.feedback_id == context.feedback_id, later.id > context.id)
    return sa.exists().where(context.feedback_id == col(Feedback.id), _says(context), is_newest)


def _all_filled() -> Any:
    """All wishes of which the newest context does, to be counted in one go."""
    context = table_of(Context).c
    newest = sa.func.max(context.id)
    query = sa.select(context.feedback_id).group_by(context.feedback_id)
    return query.having(newest == newest.filter(_says(context)))


_IS_FILLED = _is_filled()


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
    RECEIVED: ~_HAS_ISSUE & ~_HAS_FEATURE & (col(Feedback.conclusion).not_in(said(FINAL)) | _ROOT.in_(_UNSENT)),
    ADOPTED: ~_HAS_ISSUE & (_HAS_FEATURE | (col(Feedback.conclusion) == said(ADOPT))),
    DEVELOPMENT: _HAS_ISSUE,
    TO_TELL: _HAS_ISSUE | col(Feedback.conversation_id).in_(_OWED),
    ENDED: _HAS_ISSUE | col(Feedback.conclusion).in_(said(ENDS)) | ~COUNTS,
}


def _at_stage(session: Session, ids: Sequence[int], stage: str) -> Sequence[int]:
    if not stage or not ids:
        return ids
    known = lives.of(session, ids)
    return [id for id in ids if known[id].stage == stage]
