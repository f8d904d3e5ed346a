"""Where a wish is and what may be said of it, by the facts alone."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from workflows.overview.life import (
    ADOPTED,
    AHEAD,
    AWAITS_DEVELOPMENT,
    CAME_TO_NOTHING,
    DEVELOPMENT,
    DONE,
    ENDED,
    NOW,
    RECEIVED,
    SKIPPED,
    STAGES,
    TO_TELL,
    Facts,
    life,
)
from workflows.wish.awaited import DECLINED, EXCUSED, FINISHED, LATE, TAKEN_BACK, TOLD, WAITING, Waited

STANDINGS, NEWS = (WAITING, DECLINED, LATE, TAKEN_BACK, FINISHED), ("", "owed", "drafted", TOLD, EXCUSED)
ISSUES = [(), *((Waited(standing, news, True),) for standing in STANDINGS for news in NEWS)]
CONCLUSIONS = ("", "adopt", "consider", "decline", "existing")
EVERYTHING = [
    Facts(conclusion, news, bool(news), linked, issues)
    for conclusion, news, linked, issues in itertools.product(CONCLUSIONS, NEWS, (False, True), ISSUES)
    if conclusion or not news
]


@pytest.mark.parametrize(
    ("facts", "stage", "words"),
    [
        (Facts(), RECEIVED, "Received"),
        (Facts(conclusion="consider"), RECEIVED, "Received"),
        (Facts(linked=True), ADOPTED, "Adopted, not started"),
        (Facts(conclusion="adopt"), ADOPTED, "Adopted, not started"),
        (Facts(conclusion="adopt", news="drafted", owes=True), TO_TELL, "To notify"),
        (Facts(conclusion="adopt", news=TOLD, owes=True), ADOPTED, "Adopted, not started"),
        (Facts(issues=(Waited(WAITING),)), DEVELOPMENT, "In development"),
        (Facts(issues=(Waited(DECLINED),)), DEVELOPMENT, "Closed in Jira"),
        (Facts(issues=(Waited(DECLINED), Waited(WAITING))), DEVELOPMENT, "In development"),
        (Facts(issues=(Waited(DECLINED), Waited(FINISHED, TOLD))), ENDED, "Notified"),
        (Facts(issues=(Waited(FINISHED),)), TO_TELL, "To notify"),
        (Facts(issues=(Waited(FINISHED, TOLD), Waited(WAITING))), DEVELOPMENT, "In development"),
        (Facts(issues=(Waited(FINISHED, TOLD),)), ENDED, "Notified"),
        (Facts(issues=(Waited(FINISHED, EXCUSED),)), ENDED, "Closed, not notified"),
        (Facts(conclusion="decline"), ENDED, "Closed, not notified"),
        (Facts(conclusion="decline", news="owed", owes=True), TO_TELL, "To notify"),
        (Facts(conclusion="existing", news=TOLD, owes=True), ENDED, "Notified"),
        (Facts(conclusion="decline", news=EXCUSED, owes=True), ENDED, "Closed, not notified"),
        (Facts(conclusion="decline", issues=(Waited(FINISHED, "drafted"),)), TO_TELL, "To notify"),
    ],
)
def test_where_a_wish_is(facts: Facts, stage: str, words: str) -> None:
    found = life(facts)
    assert (found.stage, found.words) == (stage, words)


@pytest.mark.parametrize("standing", [DECLINED, LATE])
def test_an_issue_that_ended_with_nothing_to_use_is_waited_for_by_nobody(standing: str) -> None:
    assert life(Facts(issues=(Waited(standing),))).sentence == CAME_TO_NOTHING
    assert life(Facts(issues=(Waited(standing), Waited(WAITING)))).sentence == AWAITS_DEVELOPMENT


def test_nobody_is_said_to_work_on_what_ended_with_nothing_to_use() -> None:
    assert NOW not in [step.state for step in life(Facts(conclusion="adopt", issues=(Waited(DECLINED),))).steps]


def test_nothing_is_said_that_no_fact_says() -> None:
    assert len(EVERYTHING) > 1000
    for facts in EVERYTHING:
        check(facts)


def check(facts: Facts) -> None:
    """What is said of these facts is in them."""
    found = life(facts)
    ticked = {step.words for step in found.steps if step.state == DONE}
    told = facts.news == TOLD or any(each.news == TOLD for each in facts.issues)
    assert found.is_available == any(each.standing == FINISHED for each in facts.issues), facts
    assert found.is_available == ("Available" in ticked), facts
    assert not found.is_told or (told and found.stage == ENDED), facts
    assert found.is_told == (found.words == "Notified") == ("Customer notification" in ticked), facts
    assert ("Meeting" in ticked) == bool(facts.conclusion), facts
    assert ("In development" in ticked) <= bool(facts.issues), facts
    assert found.stage in STAGES and found.sentence, facts


def test_what_a_wish_passed_over_is_not_ticked() -> None:
    through_jira = life(Facts(linked=True, issues=(Waited(WAITING, started=True),)))
    assert [step.state for step in through_jira.steps[:3]] == [DONE, AHEAD, DONE]
    declined = life(Facts(conclusion="decline", news="drafted", owes=True))
    assert [step.state for step in declined.steps] == [DONE, DONE, SKIPPED, SKIPPED, NOW]


ADOPTED_AND_DUE = Facts(conclusion="adopt", news="drafted", owes=True)


@pytest.mark.parametrize(
    ("issues", "states"),
    [
        ((), [DONE, DONE, AHEAD, AHEAD, NOW]),
        ((Waited(WAITING),), [DONE, DONE, AHEAD, AHEAD, NOW]),
        ((Waited(WAITING, started=True),), [DONE, DONE, DONE, AHEAD, NOW]),
        ((Waited(TAKEN_BACK),), [DONE, DONE, AHEAD, AHEAD, NOW]),
        ((Waited(DECLINED),), [DONE, DONE, SKIPPED, AHEAD, NOW]),
        ((Waited(FINISHED, TOLD, True),), [DONE, DONE, DONE, DONE, NOW]),
    ],
)
def test_what_is_made_while_a_report_is_due_is_not_passed_over(issues: tuple[Waited, ...], states: list[str]) -> None:
    assert [step.state for step in life(replace(ADOPTED_AND_DUE, issues=issues)).steps] == states


@pytest.mark.parametrize("facts", [each for each in EVERYTHING if each.owes and each.news == "drafted"])
def test_sending_a_report_changes_nothing_of_what_is_made(facts: Facts) -> None:
    due, sent = ([step.state == SKIPPED for step in life(each).steps] for each in (facts, replace(facts, news=TOLD)))
    assert due[2:4] == sent[2:4]
