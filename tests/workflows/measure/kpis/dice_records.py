"""Records out of dice: requests, decisions, issues, releases, tellings, escalations, in every order and combination."""

from __future__ import annotations

from random import Random
from typing import Any

from sqlmodel import SQLModel

from workflows.tables.enquiry import Ask
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.measure import Survey
from workflows.tables.meeting import Decision
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling, Wave
from workflows.tables.wish import Feedback, FeedbackIssue, Issue

TABLES: tuple[type[SQLModel], ...] = (
    *(Feedback, FeedbackIssue, Issue, Decision, Release, Wave, Telling),
    *(Escalation, Judgement, Action, Ask, Survey),
)
CONCLUSIONS = ("adopt", "consider", "decline", "existing", "duplicate")
STATES = ("told", "told", "told", "owed", "drafted", "excused", "withdrawn")
#: Why somebody is not told: as a person typed it, or because they were told in another conversation.
WHYS = ("", "退職された", "The customer was notified in another conversation.")
REACTIONS = ("", "thanks", "used", "rated", "again")


def records(dice: Random, since: int, now: int) -> list[SQLModel]:
    """Some of everything, at moments between these two; conversations are called as those of `dice.talks`."""
    when = _When(dice, since, now)
    wishes = [_wish(dice, when, id) for id in range(1, dice.randint(2, 8))]
    issues = [each for id in ("1", "2") for each in _issue(dice, when, id)]
    links = [
        FeedbackIssue(
            feedback_id=id, issue_id=issue, origin="jira", from_cycle=dice.choice((0, 0, 1)), linked_at=when()
        )
        for id in range(1, len(wishes) + 1)
        for issue in ("1", "2")
        if dice.random() < 0.4
    ]
    made = [_decision(dice, when, id, len(wishes)) for id in range(1, dice.randint(1, 7))]
    causes = ["1:1", "2:1", "2:2", *(f"decision:{row.id}" for row in made)]
    said = [_telling(dice, when, cause, str(chat)) for cause in causes for chat in range(4) if dice.random() < 0.3]
    raised = [each for id in range(1, dice.randint(1, 7)) for each in _escalation(dice, when, id)]
    asks = [
        Ask(conversation_id=str(n), question="…", origin=str(n), person="U", asked_at=when()) for n in range(0, 7, 2)
    ]
    rated = [_survey(dice, when, n) for n in range(dice.randint(0, 5))]
    return [*wishes, *issues, *links, *made, *said, *raised, *asks, *rated]


class _When:
    """A moment, every time another one."""

    def __init__(self, dice: Random, since: int, now: int) -> None:
        self.dice, self.since, self.now = dice, since, now

    def __call__(self, after: int | None = None) -> int:
        return self.dice.randrange(self.since if after is None else min(after, self.now - 1), self.now)

    def maybe(self, share: float, after: int | None = None) -> int | None:
        return self(after) if self.dice.random() < share else None


def _wish(dice: Random, when: _When, id: int) -> Feedback:
    said = when()
    row: dict[str, Any] = {"kind": dice.choice(("wish", "fault")), "tag": "要望", "quote": "…", "said_at": said}
    row |= {"taken_at": when(said), "withdrawn_at": when.maybe(0.1)}
    return Feedback(id=id, conversation_id=str(dice.randrange(4)), part_id=str(id), **row)


def _issue(dice: Random, when: _When, id: str) -> list[SQLModel]:
    rows: list[SQLModel] = [Issue(id=id, key=f"A-{id}", category=dice.choice(("new", "done")))]
    for cycle in range(1, dice.randint(1, 3)):
        release, kind = f"{id}:{cycle}", dice.choice(("finished", "finished", "declined"))
        rows.append(Release(id=release, issue_id=id, cycle=cycle, kind=kind, gathered=True, happened_at=when()))
        if dice.random() < 0.7:
            rows.append(Wave(release_id=release, origin=release, opens_at=when(), opened_at=when.maybe(0.8)))
    return rows


def _decision(dice: Random, when: _When, id: int, wishes: int) -> Decision:
    about: dict[str, Any] = {"feedback_id": dice.randint(1, wishes), "conclusion": dice.choice(CONCLUSIONS)}
    times: dict[str, Any] = {"decided_at": when(), "due_at": 0, "sent_at": 1, "undone_at": when.maybe(0.2)}
    return Decision(id=id, origin=str(id), reason="…", **about, **times)


def _telling(dice: Random, when: _When, cause: str, chat: str) -> Telling:
    owed, state = when(), dice.choice(STATES)
    told: dict[str, Any] = {"told_at": when(owed) if state == "told" else None}
    if state == "told":
        told |= {"reaction": dice.choice(REACTIONS), "rating": dice.randint(1, 5)}
    if state == "excused":
        told["why"] = dice.choice(WHYS)
    return Telling(release_id=cause, conversation_id=chat, state=state, owed_at=owed, **told)


def _escalation(dice: Random, when: _When, id: int) -> list[SQLModel]:
    raised = when()
    said: dict[str, Any] = {"urgency": dice.choice(("now", "today", "week")), "temperature": "low", "gist": "…"}
    said |= {"request": dice.choice(("action", "action", "consultation", "information")), "state": "open"}
    times: dict[str, Any] = {"raised_at": raised, "acknowledged_at": when.maybe(0.5, raised)}
    rows: list[SQLModel] = [
        Escalation(id=id, origin=str(id), via="slack", company="会社", climbed=dice.choice((0, 0, 2)), **said, **times)
    ]
    if dice.random() < 0.3:
        verb, at = dice.choice(("slack.acknowledge", "slack.close", "slack.post")), when(raised)
        rows.append(
            Action(key=str(id), verb=verb, state="done", sentence="", escalation_id=id, started_at=at, ended_at=at)
        )
    if dice.random() < 0.5:
        judged: dict[str, Any] = {"phase": "ack", "churn_risk": "low", "judged_at": when()}
        rows.append(Judgement(origin=str(id), escalation_id=id, **judged))
    return rows


def _survey(dice: Random, when: _When, number: int) -> Survey:
    score = dice.choice(("good", "bad", ""))
    at = when() if score else None
    return Survey(conversation_id=str(number), episode=number, score=score, scored_at=at)
