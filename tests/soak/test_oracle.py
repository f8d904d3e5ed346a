"""The oracle's own test: what it must find, and what it must not take for a fault."""

from __future__ import annotations

import pytest

from tests.soak.oracle import Claim, Verdict, judge, missing

NOTE, CARD, OPENED, MAIL = ("internal note", "7"), ("card", "7"), ("opened", "7"), ("mail", "7")
TAGGED = {NOTE: 1, CARD: 1}


def tagged(*, acked: bool = True) -> Claim:
    return Claim("tag 7", acked, TAGGED)


def test_what_was_acknowledged_and_done_once_is_good() -> None:
    assert judge([tagged()], {NOTE: 1, CARD: 1}, ["YMB-A", "YMB-B"]) == Verdict()


def test_what_was_acknowledged_and_not_done_is_lost() -> None:
    verdict = judge([tagged()], {NOTE: 1})
    assert (verdict.lost, verdict.doubled, verdict.halved, verdict.is_good) == (["card 7"], [], [], False)


def test_what_was_done_twice_is_doubled() -> None:
    assert judge([tagged()], {NOTE: 3, CARD: 1}).doubled == ["internal note 7"] * 2


def test_a_mark_that_a_vendor_bears_twice_is_doubled_whoever_asked_for_it() -> None:
    assert judge([], {}, ["YMB-A", "YMB-B", "YMB-A"]).doubled == ["YMB-A"]


def test_claims_upon_one_conversation_are_added_up() -> None:
    released = Claim("release 7", True, {NOTE: 1, OPENED: 1})
    assert judge([tagged(), released], {NOTE: 2, CARD: 1, OPENED: 1}).is_good
    assert judge([tagged(), released], {NOTE: 1, CARD: 1, OPENED: 1}).lost == ["internal note 7"]


@pytest.mark.parametrize(("seen", "halved"), [({}, []), ({NOTE: 1, CARD: 1}, []), ({NOTE: 1}, ["tag 7"])])
def test_what_nobody_was_told_was_taken_is_done_wholly_or_not_at_all(
    seen: dict[tuple[str, str], int], halved: list[str]
) -> None:
    verdict = judge([tagged(acked=False)], seen)
    assert (verdict.lost, verdict.doubled, verdict.halved) == ([], [], halved)


def test_a_mail_may_come_again_but_has_to_come() -> None:
    decided = Claim("decision 7", True, {MAIL: 1})
    assert judge([decided], {MAIL: 2}).is_good
    assert judge([decided], {}).lost == ["mail 7"]


def test_an_acknowledged_delivery_that_is_not_on_record_is_missing() -> None:
    assert missing(["intercom:1", "intercom:2"], ["intercom:2", "intercom:3"]) == ["intercom:1"]
