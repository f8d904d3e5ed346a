"""A release day leaves every figure of support as it was: what comes of our own news is nothing that support caused."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from tests.linking import address
from tests.pages.reading import get
from tests.releasing import soon, telling
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.escalation import measures
from workflows.overview import loop
from workflows.rules import rules
from workflows.rules.telling import Sending
from workflows.tables.customer import Contact
from workflows.tables.escalation import Escalation
from workflows.tables.telling import Telling
from workflows.wish import wishes

TWENTY, TAG = 20, "お知らせで再開"


def figures(world: World) -> dict[str, Any]:
    """Every number that says how support is doing, ours and those of Intercom's reports without our tag."""
    now, calendar = now_ms(), rules.calendar_of()
    cases = store.read(lambda session: measures.cases(session, 0))
    groups = measures.groups(cases, calendar, rules.escalation_targets, now)
    contacts = store.read(lambda session: session.exec(select(Contact.id)).all())
    since = now - rules.suggest_days * DAY_MS
    return {
        "groups": groups,
        "summary": measures.summary(cases, groups, calendar, now),
        "buckets": measures.buckets(cases, calendar, now),
        "opinions": store.read(measures.opinions),
        "pages": [get(world, f"/measures?days={days}").all("main")[0].text for days in (30, 90, 365)],
        "escalations": len(store.read(lambda session: session.exec(select(Escalation.id)).all())),
        "contacts": {id: store.read(lambda s, id=id: wishes.most_repeated(s, id, since)) for id in contacts},
        "suggested": sorted(action.key for action in world.actions() if action.verb == "slack.suggest"),
        "chats to file": store.read(lambda session: loop.board(session, now))[0].total,
        "intercom": reports(world),
    }


def reports(world: World) -> dict[str, int]:
    """What Intercom counts of conversations that do not carry our tag."""
    books = world.intercom.books
    named = {id for id, name in books.tags.items() if name == TAG}
    counted = [talk for talk in books.conversations.values() if not named & talk.tags.keys()]
    return {
        "reopened": sum(part.type in ("open", "assign_and_reopen") for talk in counted for part in talk.parts),
        "rated": sum(bool(talk.rating) for talk in counted),
        "answered again": sum(talk.statistics.get("last_admin_reply_at", 0) > soon() - 60 for talk in counted),
    }


def tagged(world: World) -> list[int]:
    """Twenty customers who ask for something; the first of them was there twice before about other things."""
    for n in range(1, TWENTY):
        world.intercom.add_contact(f"c9{n}", f"お客様{n}", f"customer{n}@aoba.example")
    chats = [world.chat(f"一覧に列{n}を出したいです。", f"9{n}" if n else "101") for n in range(TWENTY)]
    for chat in (*chats, *(world.chat(f"画面{n}を広くしたいです。", "101") for n in range(2))):
        world.tag(chat)
    world.settle()
    world.reconcile()
    return chats


def release_day(world: World, chats: list[int]) -> None:
    """The issue is done, everybody is told, and customers answer in every way in which they do."""
    for chat in chats:
        world.jira.comment_by_hand("KNDE-12", address(world.feedback(chat)[0]))
    world.settle()
    world.move("KNDE-12", "完了")
    for chat in chats:
        world.intercom.agent_says(world.chats[chat], "7001", "ご利用いただけるようになりました。", at=soon())
    world.settle()
    assert [world.opened(chat) for chat in chats] == [1] * TWENTY
    assert {telling(world, chat).state for chat in chats} == {"told"}
    for chat in chats[:12]:
        world.intercom.customer_says(world.chats[chat], "ありがとうございます。", at=soon())
    world.settle()
    for chat in chats[6:9]:
        world.intercom.close(world.chats[chat], "7001", at=soon())
        world.intercom.rate(world.chats[chat], 5, "")
    for chat in chats[:2]:
        again = world.intercom.customer_says(world.chats[chat], "並べ替えもできると助かります。", at=soon())
        world.tag(chat, part=again)
    world.settle()
    world.reconcile()


def test_a_release_day_leaves_every_figure_of_support_as_it_was(world: World) -> None:
    with world.rules(sending=Sending(tag=TAG)):
        chats = tagged(world)
        before = figures(world)
        assert before["contacts"]["c101"] == ("要望", 3) and before["suggested"]
        release_day(world, chats)
        after = figures(world)
    assert len(world.feedback()) == TWENTY + 4
    for name, figure in before.items():
        assert after[name] == figure, name


def test_without_the_tag_intercoms_reports_would_not_be_as_they_were(world: World) -> None:
    chats = tagged(world)
    before = figures(world)
    release_day(world, chats)
    after = figures(world)
    assert after["intercom"]["reopened"] == before["intercom"]["reopened"] + TWENTY
    assert {name for name in before if after[name] != before[name]} == {"intercom"}


# -- one customer ----------------------------------------------------------------------------------


@pytest.fixture
def often(world: World) -> World:
    """A customer who was there three times lately, of which nobody made anything, and who has been told something."""
    with world.rules(suggest_contacts=0):
        chats = [world.chat(f"列{n}がほしいです。", "101") for n in range(3)]
        for chat in chats:
            world.wish(chat)
        world.jira.comment_by_hand("KNDE-12", address(world.feedback(chats[0])[0]))
        world.settle()
        world.move("KNDE-12", "完了")
        world.intercom.agent_says(world.chats[chats[0]], "7001", "ご利用いただけます。", at=soon())
        world.settle()
    assert telling(world, chats[0]).state == "told"
    world.told = chats  # type: ignore[attr-defined]
    return world


def suggested(world: World) -> list[str]:
    return [a.conversation_id or "" for a in world.actions() if a.verb == "slack.suggest" and a.state == "done"]


def test_an_answer_to_our_news_is_no_contact_and_a_message_elsewhere_is(often: World) -> None:
    world, [told, other, _] = often, often.told  # type: ignore[attr-defined]
    world.intercom.customer_says(world.chats[told], "承知しました。", at=soon())
    world.settle()
    assert suggested(world) == []
    assert ("ignored", "Nothing suggested: no listed words, and the customer is answering what they were told.") in (
        world.reasons("conversation.user.replied")
    )
    world.intercom.customer_says(world.chats[other], "まだでしょうか。", at=soon())
    world.settle()
    assert suggested(world) == [world.chats[other]]


def test_an_angry_answer_is_still_one(often: World) -> None:
    world, [told, *_] = often, often.told  # type: ignore[attr-defined]
    world.intercom.customer_says(world.chats[told], "これでは解約します。", at=soon())
    world.settle()
    assert suggested(world) == [world.chats[told]]


def test_two_weeks_later_it_is_a_contact_again(often: World) -> None:
    world, [told, *_] = often, often.told  # type: ignore[attr-defined]
    long_ago = now_ms() - 15 * DAY_MS

    def earlier(session: Any) -> None:
        for each in session.exec(select(Telling)):
            each.told_at = long_ago

    store.write(earlier)
    world.intercom.customer_says(world.chats[told], "承知しました。", at=soon())
    world.settle()
    assert suggested(world) == [world.chats[told]]


def test_what_was_open_anyway_counts_as_it_did(world: World) -> None:
    with world.rules(suggest_contacts=0):
        chats = [world.chat(f"列{n}がほしいです。", "101", state="open") for n in range(3)]
        for chat in chats:
            world.wish(chat)
        world.jira.comment_by_hand("KNDE-12", address(world.feedback(chats[0])[0]))
        world.settle()
        world.move("KNDE-12", "完了")
        world.intercom.agent_says(world.chats[chats[0]], "7001", "ご利用いただけます。", at=soon())
        world.settle()
    world.intercom.customer_says(world.chats[chats[0]], "承知しました。", at=soon())
    world.settle()
    assert suggested(world) == [world.chats[chats[0]]]
