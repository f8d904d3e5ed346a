"""When a customer waited: what ends no wait and begins none comes first, then what a history comes to."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.enquiry.waiting import MINUTE, agent, at, bot, closed, customer, history
from workflows.enquiry.clock import Done, Said, Waiting, waits

START = at("2026-04-15 10:00")


def minute(number: int) -> int:
    return START + number * MINUTE


# -- what begins none, and ends none ---------------------------------------------------------------


def test_where_nobody_says_anything_nobody_waits() -> None:
    assert waits([], []) == []
    assert waits([], [closed(minute(0)), Done(minute(1), "opened", "7001")]) == []


def test_what_we_write_first_lets_nobody_wait_and_the_reply_to_it_does_for_its_first_answer() -> None:
    assert waits([agent(minute(0)), agent(minute(1))], []) == []
    assert waits([agent(minute(0)), customer(minute(5))], []) == [Waiting(minute(5), "first")]


@pytest.mark.parametrize("kind", ["opened", "snoozed", "assigned"])
def test_what_we_do_without_words_begins_no_wait_and_ends_none(kind: str) -> None:
    talk = [customer(minute(0)), agent(minute(1))]
    assert waits(talk, [Done(minute(2), kind, "7001")]) == waits(talk, [])
    assert waits(talk[:1], [Done(minute(2), kind, "7001")]) == [Waiting(minute(0), "first")]


def test_bots_and_machines_answer_nothing() -> None:
    assert waits([customer(minute(0)), bot(minute(0)), bot(minute(3))], []) == [Waiting(minute(0), "first")]


def test_a_second_message_of_somebody_who_waits_begins_nothing_new() -> None:
    assert waits([customer(minute(0)), customer(minute(4))], []) == [Waiting(minute(0), "first")]


# -- what does -------------------------------------------------------------------------------------


def test_the_first_answer_ends_it_and_later_ones_change_nothing() -> None:
    said = [customer(minute(0)), agent(minute(4), who="7002"), agent(minute(5))]
    assert waits(said, []) == [Waiting(minute(0), "first", "answered", minute(4), "7002")]


def test_after_an_answer_the_customer_waits_for_the_next_one() -> None:
    said = [customer(minute(0)), agent(minute(4)), customer(minute(9))]
    assert waits(said, [])[1:] == [Waiting(minute(9), "next")]


def test_whoever_was_closed_without_an_answer_waits_for_the_first_one_again() -> None:
    said = [customer(minute(0)), bot(minute(1)), customer(minute(9))]
    found = waits(said, [closed(minute(2))])
    assert found == [Waiting(minute(0), "first", "closed", minute(2), "7001"), Waiting(minute(9), "first")]


@pytest.mark.parametrize("close", [closed(minute(2), ""), closed(minute(2), "7009", ours=True)])
def test_a_machine_may_close_it_and_nobody_did(close: Done) -> None:
    assert waits([customer(minute(0))], [close]) == [Waiting(minute(0), "first", "closed", minute(2), "")]


def test_what_is_said_unasked_counts_as_an_answer_that_was_given() -> None:
    said = [customer(minute(0)), agent(minute(6)), customer(minute(9))]
    assert waits(said, [closed(minute(2), "")])[1:] == [Waiting(minute(9), "next")]


# -- one moment ------------------------------------------------------------------------------------


def test_what_is_closed_in_the_second_in_which_it_was_opened_was_opened_before() -> None:
    found = waits([customer(minute(0), "215/4000")], [closed(minute(0), "", "215/9")])
    assert found == [Waiting(minute(0), "first", "closed", minute(0), "")]


def test_within_one_second_the_numbers_of_intercom_tell_what_came_first() -> None:
    said = [customer(minute(0), "215/99"), agent(minute(0), "215/100")]
    assert waits(said, []) == [Waiting(minute(0), "first", "answered", minute(0), "7001")]
    said = [agent(minute(0), "215/99"), customer(minute(0), "215/100")]
    assert waits(said, []) == [Waiting(minute(0), "first")]
    said = [customer(minute(0), "215/1"), customer(minute(5), "215/100")]
    assert waits(said, [closed(minute(5), id="215/99")])[1:] == [Waiting(minute(5), "first")]


def test_who_closes_with_words_has_answered() -> None:
    found = waits([customer(minute(0), "215/1"), agent(minute(3), "215/2")], [closed(minute(3), id="215/2")])
    assert found == [Waiting(minute(0), "first", "answered", minute(3), "7001")]


def test_what_begins_again_in_the_second_in_which_it_ended_is_one_wait() -> None:
    said = [customer(minute(0), "215/1"), agent(minute(0), "215/2"), customer(minute(0), "215/3")]
    assert waits(said, []) == [Waiting(minute(0), "first")]


# -- everything ------------------------------------------------------------------------------------


@given(st.randoms(use_true_random=False), st.integers(1, 40))
def test_the_order_in_which_we_learn_of_it_does_not_matter(dice: Random, span: int) -> None:
    said, done = history(dice, START, span)
    found = waits(said, done)
    dice.shuffle(said)
    dice.shuffle(done)
    assert waits(said, done) == found


def apart(dice: Random) -> tuple[list[Said], list[Done]]:
    """A history in which no two things happen at one moment."""
    said, done = history(dice, START, 500)
    asked = {each.at: each for each in said}
    acted = {each.at: each for each in done if each.at not in asked}
    return list(asked.values()), list(acted.values())


@given(st.randoms(use_true_random=False))
def test_somebody_waits_at_a_moment_if_nobody_answered_since_they_wrote(dice: Random) -> None:
    """Asked of every moment by itself, from the newest thing back to the oldest."""
    said, done = apart(dice)
    found = waits(said, done)
    ends = {each.at for each in said if each.is_answer} | {each.at for each in done if each.kind == "closed"}
    asked = {each.at for each in said if each.is_customer}
    for moment in range(START - MINUTE, START + 501 * MINUTE, MINUTE):
        last_end = max((end for end in ends if end <= moment), default=0)
        open_asks = [ask for ask in asked if last_end < ask <= moment]
        lasting = [each for each in found if each.since <= moment and (each.ended_at is None or moment < each.ended_at)]
        assert [each.since for each in lasting] == ([min(open_asks)] if open_asks else [])


@given(st.randoms(use_true_random=False))
def test_it_is_the_first_answer_until_one_of_us_has_answered(dice: Random) -> None:
    said, done = apart(dice)
    for wait in waits(said, done):
        asks = [each.at for each in said if each.is_customer and each.at < wait.since]
        answers = [each.at for each in said if each.is_answer and asks and min(asks) < each.at < wait.since]
        assert wait.kind == ("next" if answers else "first")
