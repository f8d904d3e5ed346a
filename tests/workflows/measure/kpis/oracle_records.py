"""The oracle's other half: requests, what became of them, tellings and escalations, out of their rows one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlmodel import Session, select

from tests.workflows.measure.kpis.oracle import (
    CUSTOMER,
    DAY,
    MINUTE,
    Spell,
    Talk,
    Told,
    business,
    histories,
    pair,
    timed,
)
from workflows.rules import rules
from workflows.tables.enquiry import Ask
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.measure import Survey
from workflows.tables.meeting import Decision
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling, Wave
from workflows.tables.wish import Feedback, FeedbackIssue

#: Why whoever was told of the same in another conversation is told no more.
TOLD_ELSEWHERE = "The customer was notified in another conversation."
#: The weekly meeting of the usual rules: Wednesdays, in Tokyo.
WEDNESDAY, AHEAD = 2, 9 * 60 * MINUTE


class Way:
    """One request: when it was decided, done, available and told, each the first time; None for not yet."""

    def __init__(self, session: Session, wish: Feedback) -> None:
        self.wish, self.said = wish, wish.said_at
        links = [row for row in session.exec(select(FeedbackIssue)) if row.feedback_id == wish.id]
        made = [row for row in session.exec(select(Decision)) if row.feedback_id == wish.id and row.undone_at is None]
        made = [row for row in made if row.conclusion != "duplicate"]
        releases = [row for row in session.exec(select(Release)) if any(_is_meant(row, link) for link in links)]
        own = {row.id for row in releases}
        opened = [row.opened_at for row in session.exec(select(Wave)) if row.release_id in own]
        declined = {f"decision:{row.id}" for row in made if row.conclusion != "adopt"}
        words = [row for row in session.exec(select(Telling)) if row.conversation_id == wish.conversation_id]
        words = [row for row in words if row.release_id in own | declined]
        told = [row for row in words if row.state == "told"]
        first = min(made, key=lambda row: (row.decided_at, row.id), default=None)
        self.is_linked = bool(links)
        self.is_final = not links and bool(made) and _last(made).conclusion != "adopt"
        self.first = first
        self.decided = _min([row.decided_at for row in made] + [row.linked_at for row in links])
        self.done = _min([row.happened_at for row in releases])
        self.available = _min(at for at in opened if at is not None)
        self.notified = _min(row.told_at for row in told if row.release_id in own)
        self.heard = _min(row.told_at for row in told)
        self.stopped = _min(row.owed_at for row in words if row.state == "excused")


def _is_meant(release: Release, link: FeedbackIssue) -> bool:
    return release.kind == "finished" and release.issue_id == link.issue_id and link.from_cycle < release.cycle


def _last(made: Sequence[Decision]) -> Decision:
    return max(made, key=lambda row: (row.decided_at, row.id or 0))


def _min(found: Iterable[int | None]) -> int | None:
    return min((at for at in found if at is not None), default=None)


def ways(session: Session) -> list[Way]:
    """Every request but what was filed by mistake."""
    return [Way(session, wish) for wish in session.exec(select(Feedback)) if wish.withdrawn_at is None]


def _spell(began: int, ended: int | None, left: int | None, now: int) -> Spell:
    until = max(began, ended if ended is not None else left if left is not None else now)
    return Spell(began, until, ended is not None, ((began, until),))


def product(session: Session, since: int, until: int, now: int) -> dict[str, Told]:
    """Requests filed and decisions made within a period."""
    found = [way for way in ways(session) if since <= way.wish.taken_at < until]
    decisions = [row for row in session.exec(select(Decision)) if since <= row.decided_at < until]
    return {
        "inflow": Told(len(found), 0, 0),
        "decisions": Told(sum(row.undone_at is None for row in decisions), 0, 0),
        "next_meeting": _next_meeting(found, now),
        "loop_whole": _leg([(way, way.said, way.heard) for way in found], now),
        "loop_decided": _leg([(way, way.said, way.decided) for way in found], now),
        "loop_done": _leg([(way, way.decided, way.done) for way in found if way.done or not way.is_final], now),
        "loop_available": _leg([(way, way.done, way.available) for way in found], now),
        "loop_notified": _leg([(way, way.available, way.notified) for way in found], now),
    }


def _leg(found: Sequence[tuple[Way, int | None, int | None]], now: int) -> Told:
    there = [(way, began, ended) for way, began, ended in found if began is not None]
    spells = [_spell(began, ended, way.stopped, now) for way, began, ended in there]
    return timed(spells, sum(ended is None and way.stopped is None for way, _, ended in there))


def _next_meeting(found: Sequence[Way], now: int) -> Told:
    counted = running = soon = 0
    for way in found:
        day = (way.said + AHEAD) // DAY
        while (day + 3) % 7 != WEDNESDAY:  # 1970-01-01 was a Thursday
            day += 1
        ends = (day + 1) * DAY - AHEAD
        is_soon = way.decided is not None and way.decided < ends
        counted += is_soon or now >= ends
        running += not is_soon and now < ends
        soon += is_soon
    return Told(counted, running, soon)


def resolution(session: Session, since: int, until: int, now: int) -> dict[str, Told]:
    """Requests that wait for an issue, in conversations that began within a period."""
    events = histories(session)
    heard = {id: Talk(some, now) for id, some in events.items() if any(each.what == CUSTOMER for each in some)}
    found = [
        (way, heard[way.wish.conversation_id])
        for way in ways(session)
        if way.is_linked and way.wish.conversation_id in heard
    ]
    found = [(way, talk) for way, talk in found if since <= talk.began < until]
    closed = [(talk.began, talk.closings[0] if talk.closings else None, None) for _, talk in found]
    made = [(talk.began, way.available, None) for way, talk in found]
    both = [(talk.began, way.heard, way.stopped) for way, talk in found]
    sides = {"support_side": closed, "technical_side": made, "end_to_end": both}
    return {name: _side(some, now) for name, some in sides.items()}


def _side(found: Sequence[tuple[int, int | None, int | None]], now: int) -> Told:
    open = sum(ended is None and left is None for _, ended, left in found)
    return timed([_spell(*each, now) for each in found], open)


def told(session: Session, since: int, until: int, now: int) -> dict[str, Told]:
    """Word that was owed, or given, within a period."""
    every = list(session.exec(select(Telling)))
    owed = [row for row in every if since <= row.owed_at < until]
    due = [row for row in owed if row.state in ("owed", "drafted", "told")]
    given = [row for row in every if row.state == "told" and row.told_at is not None and since <= row.told_at < until]
    liked = [
        row for row in given if row.reaction in ("thanks", "used") or (row.reaction, row.rating > 3) == ("rated", True)
    ]
    return {
        "told_7": _within(due, 7, now),
        "told_30": _within(due, 30, now),
        "release_to_told": timed(
            [_spell(row.owed_at, row.told_at, None, now) for row in due], sum(row.told_at is None for row in due)
        ),
        "cannot_be_told": Told(sum(row.state == "excused" and row.why != TOLD_ELSEWHERE for row in owed), 0, 0),
        "notified": Told(len(given), 0, 0),
        "reacted": Told(len(given), 0, len(liked)),
    }


def _within(due: Sequence[Telling], days: int, now: int) -> Told:
    over = [row for row in due if now - row.owed_at >= days * DAY]
    soon = [row for row in over if row.told_at is not None and row.told_at - row.owed_at <= days * DAY]
    return Told(len(over), len(due) - len(over), len(soon))


def escalations(session: Session, since: int, until: int, now: int) -> dict[str, Told]:
    """Escalations raised within a period, but for those for information only."""
    found = [row for row in session.exec(select(Escalation)) if since <= row.raised_at < until]
    found = [row for row in found if row.request != "information"]
    judged = {row.escalation_id for row in session.exec(select(Judgement))}
    taken = {row.id: _taken(session, row) for row in found}
    spells = {row.id: _spell(row.raised_at, taken[row.id], None, now) for row in found}
    minutes = {id: _begun(spell) for id, spell in spells.items()}
    late = {row.id for row in found if minutes[row.id] > rules.escalation_targets[row.urgency]}
    open = [row for row in found if taken[row.id] is None]
    within = [row for row in found if taken[row.id] is not None and row.id not in late]
    undecided = [row for row in open if row.id not in late]
    whole = timed(list(spells.values()), len(open))
    return {
        "acknowledged": whole._replace(business=_rounded_up(spells, minutes)),
        "in_target": Told(len(found) - len(undecided), len(undecided), len(within)),
        "ignored": Told(len(found), len(open), sum(row.id in late for row in open)),
        "unjudged": Told(len(found) - len(open), 0, sum(row.id not in judged for row in found if row not in open)),
        "climbed": Told(len(found), len(open), sum(row.climbed > 0 for row in found)),
    }


def _taken(session: Session, row: Escalation) -> int | None:
    """When somebody took it first: as it says, or as an act of before it was handed on does."""
    acts = [each for each in session.exec(select(Action)) if each.escalation_id == row.id]
    at = _min(
        [row.acknowledged_at, *(act.ended_at for act in acts if act.verb in ("slack.acknowledge", "slack.close"))]
    )
    return None if at is None else max(at, row.raised_at)


def _begun(spell: Spell) -> int:
    """Business minutes, a minute that has begun being a whole one."""
    return -(-business(spell.since, spell.until) // MINUTE)


def _rounded_up(spells: dict[int | None, Spell], minutes: dict[int | None, int]) -> tuple[int | None, int | None]:
    return pair([(minutes[id], spell.is_over) for id, spell in spells.items()])


def more_of_support(session: Session, since: int, until: int, now: int) -> dict[str, Told]:
    """Who asked colleagues, and what customers said."""
    events = histories(session)
    heard = {id: Talk(some, now) for id, some in events.items() if any(each.what == CUSTOMER for each in some)}
    here = {id: talk for id, talk in heard.items() if since <= talk.began < until}
    answered = {id for id, talk in here.items() if any(each.what == "agent" for each in talk.own)}
    asked = {row.conversation_id for row in session.exec(select(Ask))}
    rated = [row for row in session.exec(select(Survey)) if row.score and row.scored_at is not None]
    rated = [row for row in rated if since <= (row.scored_at or 0) < until]
    return {
        "asked_colleagues": Told(len(answered), 0, len(answered & asked)),
        "satisfied": Told(len(rated), 0, sum(row.score == "good" for row in rated)),
    }
