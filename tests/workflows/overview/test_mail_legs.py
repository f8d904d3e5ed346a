"""Whether answers went out by mail: said where Intercom says so, and not known of all others."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.enquired import enquiry, firm, message
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.overview import mail_legs
from workflows.overview.mail_legs import Legs, leg, sentence
from workflows.tables.customer import Contact, Message

OURS: dict[str, Any] = {"is_customer": False, "author": "agent", "who": "鈴木 一郎"}


def legs(days: int = 30) -> dict[str, Legs]:
    found = store.read(partial(mail_legs.by_medium, since=now_ms() - days * DAY_MS))
    return {each.medium: each for each in found}


def bounced(id: str, has_bounced: bool | None = True) -> None:
    def change(session: Any) -> None:
        session.get(Contact, id).has_bounced = has_bounced

    store.write(change)


def of(**said: Any) -> Message:
    row = {"id": "1/2", "conversation_id": "1", "part_id": "2", "kind": "message", "text": "", **OURS}
    return Message(**(row | said))


# -- beside an answer ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {"author": "customer", "is_customer": True},
        {"author": "bot"},
        {"kind": "note"},
        {"kind": "ours"},
    ],
    ids=["a customer", "a machine", "a note", "a note of ours"],
)
def test_what_is_no_answer_has_no_leg(said: dict[str, Any]) -> None:
    assert sentence(of(mailed=True, **said), "mail", None) == ""


@pytest.mark.parametrize("medium", ["chat", "other", ""])
def test_in_a_chat_only_what_was_mailed_has_one(medium: str) -> None:
    gone = Contact(id="c", has_bounced=True)
    assert sentence(of(), medium, None) == sentence(of(), medium, gone) == ""
    assert sentence(of(mailed=True), medium, None) == mail_legs.SENTENCES["sent"]


@pytest.mark.parametrize("has_bounced", [None, False, True])
def test_what_intercom_does_not_say_is_not_known(has_bounced: bool | None) -> None:
    to = Contact(id="c", has_bounced=has_bounced)
    assert leg(False, has_bounced) == ("bounced" if has_bounced else "unknown")
    assert sentence(of(), "mail", to).startswith("Not known whether it was sent")


def test_what_was_sent_to_an_address_that_bounced_may_have_been_what_bounced() -> None:
    assert sentence(of(mailed=True), "mail", Contact(id="c", has_bounced=True)).endswith("not known which.")
    assert sentence(of(mailed=True), "mail", None) == "Sent by email, according to Intercom."


# -- by channel ------------------------------------------------------------------------------------


def test_without_answers_there_are_no_figures(world: World) -> None:
    firm("901", "あおば")
    enquiry("1", medium="mail")
    message("1", "1", "届きません", now_ms())
    message("1", "2", "ボットです", now_ms(), **(OURS | {"author": "bot"}))
    message("1", "3", "メモ", now_ms(), **(OURS | {"kind": "note"}))
    assert legs() == {}


def test_only_answers_of_the_period_in_conversations_of_today_count(world: World) -> None:
    firm("901", "あおば")
    enquiry("1", medium="mail")
    enquiry("2", medium="mail", is_past=True)
    for chat in ("1", "2"):
        message(chat, "1", "先月", now_ms() - 31 * DAY_MS, mailed=True, **OURS)
        message(chat, "2", "昨日", now_ms() - DAY_MS, mailed=True, **OURS)
    assert legs() == {"mail": Legs("mail", 1, 0, 0, 0)}


def test_each_answer_is_in_one_column(world: World) -> None:
    for id in ("901", "902"):
        firm(id, id)
    for number, (medium, company, state) in enumerate(
        [
            ("mail", "901", "solved"),
            ("mail", "902", "waiting"),
            ("chat", "902", "customer"),
            ("other", "0", "answering"),
        ]
    ):
        enquiry(str(number), company=company, medium=medium, state=state)
        for part in range(3):
            message(str(number), str(part), "直しました", now_ms() - part, mailed=part == 0, **OURS)
    bounced("c902")
    found = legs()
    assert found == {
        "chat": Legs("chat", 0, 1, 2, 0),
        "mail": Legs("mail", 1, 1, 2, 2),
        "other": Legs("other", 1, 0, 0, 2),
    }
    assert found["mail"].n == 6
    bounced("c902", None)
    assert legs()["mail"] == Legs("mail", 2, 0, 0, 4)
