"""Beside: what would have been done in dry runs, laid beside what people did in the same thing.

rows = of(session, since=…, until=…)      # the newest first, one for each run that would have written something
counts(rows)                              # how many of each verdict; share(…) of those that can be compared

What people did is what we see: replies and notes in the conversation, links to issues, answers to the escalation. What
they say in Slack or write in Productboard by hand we do not see, so that part is compared with nothing, and says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from workflows.customer.reach import portions
from workflows.engine.dry_run import MARK, WOULD, story_of
from workflows.engine.store import DAY_MS
from workflows.overview import by_hand
from workflows.overview.by_hand import ANSWERED, LINKED, NOTED, REPLIED, Deed
from workflows.tables.runs import Action, Run
from workflows.tables.wish import Feedback

SAME, PEOPLE, ALONE, OTHERWISE, UNSEEN = "same", "people", "alone", "otherwise", "unseen"
#: The verdicts in words.
WORDS = {
    SAME: "Same",
    OTHERWISE: "Different",
    PEOPLE: "People only",
    ALONE: "Yamabiko only",
    UNSEEN: "Not comparable",
}
#: What people may have done in our place, by what would have been done; the first of each counts as the same.
INSTEAD: Mapping[str, tuple[str, ...]] = {
    "intercom.open": (REPLIED, NOTED),
    "slack.hand-over": (REPLIED, NOTED),
    "jira.create": (LINKED,),
    "slack.post": (ANSWERED, REPLIED),
    "slack.direct": (ANSWERED, REPLIED),
}
#: Whatever people do within so long belongs to it.
TOGETHER_MS = 14 * DAY_MS
#: Actions that are looked at, at most.
MOST = 5000


@dataclass
class Row:
    """What one run would have done (`actions`), and what people did. `left`: it would have done nothing, and why."""

    at: int
    run_id: str
    story: str
    actions: list[Action] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    left: bool = False
    #: A wish that was filed from its chat, where it is about no single one.
    wish: int | None = None

    @property
    def feedback_id(self) -> int | None:
        """The wish that it is about, where it is about one."""
        return next((each.feedback_id for each in self.actions if each.feedback_id), None)

    @property
    def escalation_id(self) -> int | None:
        """The escalation that it is about."""
        return next((each.escalation_id for each in self.actions if each.escalation_id), None)

    @property
    def conversation_id(self) -> str:
        """The chat that it is about; "" for none."""
        return next((each.conversation_id for each in self.actions if each.conversation_id), None) or ""

    @property
    def expected(self) -> tuple[str, ...]:
        """What people may have done in our place; nothing where we would not see it."""
        kinds = dict.fromkeys(kind for each in self.actions for kind in INSTEAD.get(_verb(each), ()))
        return tuple(kinds)

    @property
    def verdict(self) -> str:
        """Did people do what would have been done?"""
        if not self.expected:
            return UNSEEN
        done = {deed.kind for deed in self.deeds}
        if self.left:
            return PEOPLE
        if self.expected[0] in done or (self.escalation_id and done):
            return SAME
        return OTHERWISE if done else ALONE


def _verb(action: Action) -> str:
    """A message in Slack is compared only where it is about an escalation: somebody has to answer it."""
    return "" if action.verb in ("slack.post", "slack.direct") and not action.escalation_id else action.verb


def of(session: Session, since: int, until: int, story: str = "") -> list[Row]:
    """What would have been done between two moments (ms), of a story or of all, the newest first."""
    rows = _rows(session, since, until)
    found = [row for row in rows if story in ("", row.story)]
    by_hand.add(session, found, TOGETHER_MS)
    filed = _filed(session, {row.conversation_id for row in found})
    for row in found:
        row.deeds = [deed for deed in row.deeds if deed.kind in row.expected]
        row.wish = row.feedback_id or filed.get(row.conversation_id)
    return [row for row in found if row.deeds or not row.left]


def sentences(row: Row) -> list[tuple[str, dict[str, Any]]]:
    """What would have been done, each as a sentence and its facts, without saying of each that it was not."""
    return [(each.sentence, {k: v for k, v in each.facts.items() if k != MARK}) for each in row.actions]


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """How many of each verdict, in the order in which they are shown."""
    found = Counter(row.verdict for row in rows)
    return {verdict: found[verdict] for verdict in WORDS}


def share(counted: Mapping[str, int]) -> int | None:
    """How many of a hundred that can be compared people did as it would have been done; None where there are none."""
    compared = sum(n for verdict, n in counted.items() if verdict != UNSEEN)
    return round(100 * counted[SAME] / compared) if compared else None


def _rows(session: Session, since: int, until: int) -> list[Row]:
    """One for each run, or for each action that no run made."""
    when = col(Action.started_at) >= since, col(Action.started_at) < until
    would = session.exec(
        select(Action).where(Action.state == WOULD, *when).order_by(col(Action.started_at).desc()).limit(MOST)
    )
    made: dict[str, Row] = {}
    runs = list(would)
    names = _workflows(session, {each.run_id for each in runs})
    for action in reversed(runs):
        row = Row(action.started_at, action.run_id, story_of(names.get(action.run_id, "")))
        made.setdefault(action.run_id or action.key, row).actions.append(action)
    for action, workflow in _left(session, since, until):
        row = Row(action.started_at, action.run_id, story_of(workflow), left=True)
        if action.run_id not in made:
            row.actions.append(action)
            made[action.run_id] = row
    return sorted(made.values(), key=lambda row: row.at, reverse=True)


def _left(session: Session, since: int, until: int) -> Sequence[tuple[Action, str]]:
    """The chats that would not have been reopened, with the reason."""
    query = (
        select(Action, Run.workflow)
        .join(Run, col(Run.id) == Action.run_id)
        .where(col(Run.dry), Action.state == "skipped", Action.verb == "intercom.open")
        .where(col(Action.ended_at) >= since, col(Action.ended_at) < until)
    )
    return list(session.exec(query.limit(MOST)).all())


def _filed(session: Session, chats: set[str]) -> dict[str, int]:
    """The first wish from each of these chats."""
    found: dict[str, int] = {}
    for some in portions(sorted(chats - {""})):
        query = select(Feedback.conversation_id, Feedback.id).where(col(Feedback.conversation_id).in_(some))
        for chat, id in session.exec(query.order_by(col(Feedback.id))):
            found.setdefault(chat, id or 0)
    return found


def _workflows(session: Session, ids: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in portions(sorted(ids - {""})):
        found |= dict(session.exec(select(Run.id, Run.workflow).where(col(Run.id).in_(some))).all())
    return found
