"""The life of a wish: where it is, what has happened to it, and whether its customer knows. Pure.

    received ─► (meeting) ─► adopted ─► development ─► to tell ─► ended, told
                    └─► not now · possible already · duplicate ─► to tell ─► ended, told │ ended, nobody told

`life(facts)` is the only place that says any of this; board, lists, pages, dossier and Slack show what it says.
"Told" is said where somebody told the customer, "available" where a release with a finished resolution stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.wish.awaited import (
    DECLINED,
    EXCUSED,
    FINISHED,
    LATE,
    OPEN,
    SOLVED,
    TOLD,
    Waited,
    all_finished,
    is_available,
    is_told,
)

#: Where a wish can be, in the order in which it gets there.
RECEIVED, ADOPTED, DEVELOPMENT, TO_TELL, ENDED = "received", "adopted", "development", "to-tell", "ended"
STAGES = (RECEIVED, ADOPTED, DEVELOPMENT, TO_TELL, ENDED)
#: A step of the life: it happened, it is under way, it is still to come, or it is passed over.
DONE, NOW, AHEAD, SKIPPED = "done", "now", "ahead", "skipped"

#: The stages in words.
WORDS = {
    RECEIVED: "Received",
    ADOPTED: "Adopted, not started",
    DEVELOPMENT: "In development",
    TO_TELL: "To notify",
    ENDED: "Done",
}
KNOWS, KNOWS_NOT, TAKEN_OUT = "Notified", "Closed, not notified", "Withdrawn"
STOPPED = "Closed in Jira"
HELD = "Done, not released"


@dataclass(frozen=True)
class Facts:
    """What is on record about one wish. `conclusion` holds and everybody has heard of it; "" before that.

    `news`: what became of telling the customer the conclusion. `owes`: is, or was, the customer to be told of it?
    """

    conclusion: str = ""
    news: str = ""
    owes: bool = False
    linked: bool = False
    issues: tuple[Waited, ...] = ()
    withdrawn: bool = False


@dataclass(frozen=True)
class Step:
    """One step of the life, and how it stands."""

    words: str
    state: str


@dataclass(frozen=True)
class Life:
    """Where a wish is. `words` names it, `sentence` says whose turn it is or how it ended."""

    stage: str
    words: str
    sentence: str
    is_told: bool
    is_available: bool
    steps: tuple[Step, ...]


def life(facts: Facts) -> Life:
    """What the facts mean."""
    stage = stage_of(facts)
    told = stage == ENDED and _knows(facts)
    sentence, available = _sentence(facts, stage, told), is_available(facts.issues)
    return Life(stage, _words(facts, stage, told), sentence, told, available, _steps(facts, stage, told))


#: How a life stands, in one of the colours that all chips have; "" for what waits for nobody in particular.
MOVING, WAITING, GOOD, OVER = "moving", "waiting", "good", "over"


def tone(life: Life) -> str:
    """The colour of the chip that names a life: the only place that says so."""
    if life.stage == ENDED:
        return GOOD if life.is_told else OVER
    if life.words == STOPPED:
        return OVER
    return {ADOPTED: MOVING, DEVELOPMENT: MOVING, TO_TELL: WAITING}.get(life.stage, "")


def _words(facts: Facts, stage: str, told: bool) -> str:
    if facts.withdrawn:
        return TAKEN_OUT
    if stage == ENDED:
        return KNOWS if told else KNOWS_NOT
    if _is_stopped(facts, stage):
        return STOPPED
    return HELD if _is_held(facts, stage) else WORDS[stage]


def _is_held(facts: Facts, stage: str) -> bool:
    """Is everything done that was waited for, and something of it not yet available to this customer?"""
    made = [each.standing for each in facts.issues if each.standing != DECLINED]
    return stage == DEVELOPMENT and SOLVED in made and set(made) <= {SOLVED, FINISHED}


def _is_stopped(facts: Facts, stage: str) -> bool:
    """Did all of its issues end with nothing to use? It stands where they stood until somebody decides again."""
    return stage == DEVELOPMENT and all(each.standing in (DECLINED, LATE) for each in facts.issues)


def stage_of(facts: Facts) -> str:
    """Where a wish is, for whoever needs to know no more of its life."""
    if facts.withdrawn:
        return ENDED
    if _release_owed(facts) or (facts.owes and facts.news in OPEN):
        return TO_TELL
    if facts.conclusion in ENDS:
        return ENDED
    if facts.issues:
        return ENDED if all_finished(facts.issues) else DEVELOPMENT
    return ADOPTED if facts.linked or facts.conclusion == "adopt" else RECEIVED


#: Conclusions after which nothing more is made of a wish.
ENDS = {
    "decline": "Not now, the meeting decided.",
    "existing": "The meeting found that this is already possible.",
}


def _release_owed(facts: Facts) -> bool:
    return any(each.is_owed for each in facts.issues)


def _knows(facts: Facts) -> bool:
    """Did somebody tell the customer how it ended?"""
    if facts.withdrawn:
        return False
    if facts.conclusion in ENDS:
        return facts.news == TOLD
    return is_told(facts.issues)


def _sentence(facts: Facts, stage: str, told: bool) -> str:
    if facts.withdrawn:
        return FILED_BY_MISTAKE
    if stage == RECEIVED:
        return CONSIDERED if facts.conclusion == "consider" else AWAITS_THE_MEETING
    if stage == ADOPTED:
        return AWAITS_JIRA if facts.linked else AWAITS_AN_ISSUE
    if stage == DEVELOPMENT:
        if _is_stopped(facts, stage):
            return CAME_TO_NOTHING
        return AWAITS_RELEASE if _is_held(facts, stage) else AWAITS_DEVELOPMENT
    if stage == TO_TELL:
        return RELEASED if _release_owed(facts) else CONCLUDED
    if told:
        return CUSTOMER_KNOWS
    return UNREACHABLE if EXCUSED in (facts.news, *(each.news for each in facts.issues)) else NOBODY_IS_TOLD


FILED_BY_MISTAKE = (
    "Withdrawn because it was filed by mistake. It does not count, and the customer will not be contacted."
)
CONSIDERED = "The meeting is still considering it."
AWAITS_THE_MEETING = "Waiting for the meeting, or for the product team to link it to a Productboard feature."
AWAITS_JIRA = "Waiting for the feature to be pushed to Jira."
AWAITS_AN_ISSUE = "Adopted. Waiting for a Jira issue."
CAME_TO_NOTHING = "The Jira issue was closed without delivering anything new. Decide again, or link another issue."
AWAITS_RELEASE = "Done. Waiting until it is available to this customer."
AWAITS_DEVELOPMENT = "Waiting for the Jira issue to be done."
RELEASED = "Available. An agent needs to notify the customer."
CONCLUDED = "Decided. An agent needs to notify the customer."
CUSTOMER_KNOWS = "The customer has been notified."
NOBODY_IS_TOLD = "Closed. The customer is not notified, because no report was promised."
UNREACHABLE = "Closed. The customer was not notified."


def _steps(facts: Facts, stage: str, told: bool) -> tuple[Step, ...]:
    is_started = any(each.started for each in facts.issues)
    happened = (True, bool(facts.conclusion), is_started, is_available(facts.issues), told)
    found = [Step(words, DONE if so else _undone(words, stage)) for words, so in zip(STEPS, happened, strict=True)]
    if stage == TO_TELL and facts.owes:
        return tuple(map(_made_meanwhile, found, _steps_without_report(facts)))
    is_stopped = _is_stopped(facts, stage)
    return tuple(Step(step.words, SKIPPED) if is_stopped and step.state == NOW else step for step in found)


def _steps_without_report(facts: Facts) -> tuple[Step, ...]:
    without = replace(facts, owes=False)
    return _steps(without, stage_of(without), told=False)


def _made_meanwhile(step: Step, without: Step) -> Step:
    """A step as it stands while a report is due, which holds up nobody who makes what was adopted."""
    if STEPS[step.words] != DEVELOPMENT:
        return step
    return Step(step.words, AHEAD if without.state == NOW else without.state)


#: The steps of a life in words, and at which stage each is under way: it is ahead before that, passed over after it.
STEPS = {
    "Received": RECEIVED,
    "Meeting": RECEIVED,
    "In development": DEVELOPMENT,
    "Available": DEVELOPMENT,
    "Customer notification": TO_TELL,
}


def _undone(words: str, stage: str) -> str:
    if words == "Meeting" and stage not in (RECEIVED, ENDED):
        return AHEAD  # product people were quicker; it is on the agenda all the same
    at, now = STAGES.index(STEPS[words]), STAGES.index(stage)
    if at == now:
        return AHEAD if words == "Available" else NOW
    return AHEAD if at > now else SKIPPED
