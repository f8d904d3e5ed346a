"""A deployment tells: of a release for everybody or for some, that it is taken back, of flags, and of use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select

from tests.releasing import telling
from tests.workflows.telling.test_gate import company, done, open_chats, states, waiting
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.language.wording import say
from workflows.rules.telling import Gate
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.runs import Action, Delivery
from workflows.tables.telling import Flag, Telling, Wave


@pytest.fixture(autouse=True)
def gate(world: World) -> Iterator[None]:
    """Finished issues wait for their release."""
    with world.rules(gate=Gate("release")):
        yield


def said(world: World) -> tuple[str, str]:
    """What became of the newest delivery of the deployment: its state, and why."""
    world.settle()
    newest = select(Delivery).where(Delivery.source == "deploy").order_by(col(Delivery.received_at).desc())
    delivery = store.read(lambda session: session.exec(newest.limit(1)).one())
    return delivery.state, say("en", delivery.reason, **delivery.facts)


def told(world: World, chat: int) -> None:
    """An agent answers the customer, who has been told by that."""
    world.intercom.agent_says(world.chats[chat], "7001", "ご利用いただけるようになりました。", at=now_ms() // 1000 + 5)
    world.settle()
    assert telling(world, chat).state == "told"


# -- a release ------------------------------------------------------------------------------------


def test_a_release_for_everybody_opens_every_conversation_and_says_who_did_it(world: World) -> None:
    done(world, 0, 2)
    world.deploy.release(issues=["KNDE-12"])
    assert said(world) == ("done", "Recorded who can use it: KNDE-12.")
    assert open_chats(world, 0, 2) == [1, 1]
    [wave] = store.read(lambda session: session.exec(select(Wave)).all())
    assert (wave.audience, wave.person, wave.person_name) == ("all", "deploy", "デプロイ")
    made = select(Action).where(Action.verb == "us.release")
    [action] = store.read(lambda session: session.exec(made).all())
    assert (action.sentence, action.facts["agent"]) == ("The deployment made {key} available.", "デプロイ")


def test_sent_again_it_opens_nothing_again(world: World) -> None:
    done(world, 0)
    world.deploy.release(issues=["KNDE-12"])
    [(source, headers, body)] = world.held()
    for _ in range(3):
        assert world.post(source, headers, body).status_code == 200
        assert open_chats(world, 0) == [1]
    assert len(store.read(lambda session: session.exec(select(Wave)).all())) == 1


def test_two_waves_by_company_open_each_only_the_new_ones(world: World) -> None:
    done(world, 0, 2)
    name = store.read(lambda session: session.get_one(Company, company(world, 2)).name)
    world.deploy.release(issues=["KNDE-12"], companies=[company(world, 0)])
    assert open_chats(world, 0, 2) == [1, 0]
    world.deploy.release(issues=["KNDE-12"], companies=[company(world, 0), name])
    assert open_chats(world, 0, 2) == [1, 1]


def test_one_delivery_releases_several_issues(world: World) -> None:
    world.issue("KNDE-77")
    done(world, 0)
    waiting(world, 2, key="KNDE-77")
    world.move("KNDE-77", "完了")
    world.deploy.release(issues=["KNDE-12", "KNDE-77", "KNDE-12"])
    assert said(world) == ("done", "Recorded who can use it: KNDE-12, KNDE-77.")
    assert open_chats(world, 0, 2) == [1, 1]


def test_a_version_is_named_as_jira_names_it(world: World) -> None:
    world.jira.add_version("2026.12", "KNDE")
    world.jira.fix_in("KNDE-12", "2026.12")
    done(world, 0)
    world.deploy.release(version="2026.12", share=100)
    assert open_chats(world, 0) == [1]


def test_its_day_comes_later(world: World) -> None:
    done(world, 0)
    world.deploy.release(issues=["KNDE-12"], at="2099-01-01T00:00:00Z")
    assert said(world) == ("dead", "data.at: the date is more than a year away.")
    world.deploy.release(issues=["KNDE-12"], at="1999-01-01T00:00:00Z")
    assert open_chats(world, 0) == [1]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"issues": ["KNDE-12", "KNDE-99"]}, "data.issues[1]: KNDE-99 is not known here."),
        ({"version": "2031.1"}, "data.version: 2031.1 is not known here."),
        ({"issues": ["KNDE-12"], "companies": ["101", "404"]}, "data.companies[1]: 404 is not known here."),
        (
            {"issues": ["KNDE-12"], "companies": ["同名社"]},
            "data.companies[0]: several companies are called 同名社. Specify the ID.",
        ),
        ({"issues": ["KNDE-12"], "tiers": ["Platinum"]}, "data.tiers[0]: Platinum is not known here."),
        ({"issues": ["KNDE-12"], "flag": "new-csv"}, "data.flag: new-csv is not known here."),
    ],
)
def test_what_is_not_known_here_is_a_dead_letter_with_its_place(
    world: World, data: dict[str, Any], sentence: str
) -> None:
    done(world, 0)
    store.write(lambda session: session.add_all([Company(id="8", name="同名社"), Company(id="9", name="同名社")]))
    store.write(lambda session: session.merge(Company(id="101", name="青葉")))
    world.deploy.release(**data)
    assert said(world) == ("dead", sentence)
    assert open_chats(world, 0) == [0]


def test_after_the_fix_a_dead_letter_is_replayed(world: World) -> None:
    done(world, 0)
    world.deploy.release(issues=["KNDE-12"], flag="new-csv")
    assert said(world)[0] == "dead"
    world.deploy.enable("new-csv", companies=[company(world, 0)])
    world.settle()
    assert world.replay_the_dead() == ["data.flag: new-csv is not known here."]
    assert open_chats(world, 0) == [1]


def test_what_is_not_done_is_not_released_and_not_kept_for_later(world: World) -> None:
    waiting(world, 0)
    world.deploy.release(issues=["KNDE-12"])
    assert said(world) == ("ignored", "Not released, because not done in Jira: KNDE-12.")
    world.move("KNDE-12", "完了")
    assert open_chats(world, 0) == [0]


def test_of_several_those_are_released_that_are_done(world: World) -> None:
    world.issue("KNDE-77")
    done(world, 0)
    waiting(world, 2, key="KNDE-77")
    world.deploy.release(issues=["KNDE-77", "KNDE-12"])
    sentence = "Recorded who can use it: KNDE-12. Not released, because not done in Jira: KNDE-77."
    assert said(world) == ("done", sentence)


def test_a_pipeline_that_is_faster_than_jiras_webhook_is_no_mistake(world: World) -> None:
    waiting(world, 0)
    world.jira.move("KNDE-12", "完了")
    late = world.held()
    world.deploy.release(issues=["KNDE-12"])
    assert open_chats(world, 0) == [1]
    for source, headers, body in late:
        assert world.post(source, headers, body).status_code == 200
    assert open_chats(world, 0) == [1]


def test_without_jira_a_version_cannot_be_read(world: World) -> None:
    done(world, 0)
    with world.without("jira"):
        world.deploy.release(version="2026.12")
        assert said(world) == ("dead", "Jira is not configured.")


def test_a_version_that_nobody_waits_for_is_nothing_to_do(world: World) -> None:
    world.jira.add_version("2026.12", "KNDE")
    world.deploy.release(version="2026.12")
    assert said(world) == ("ignored", "No requests are waiting for version 2026.12.")


# -- taken back -----------------------------------------------------------------------------------


def test_what_is_withdrawn_takes_its_drafts_back_once(world: World) -> None:
    done(world, 0)
    world.deploy.withdraw("KNDE-12")
    world.settle()
    world.deploy.release(issues=["KNDE-12"])
    world.settle()
    world.deploy.withdraw("KNDE-12")
    assert said(world)[0] == "done" and states(world, 0)[-1] == "withdrawn"
    world.deploy.withdraw("KNDE-12")
    assert said(world) == ("ignored", "Not released, so there is nothing to undo: KNDE-12.")
    world.deploy.withdraw("KNDE-99")
    assert said(world) == ("dead", "data.issues[0]: KNDE-99 is not known here.")


def minutes_ago(world: World, minutes: int, type: str, **data: Any) -> None:
    """The deployment said so then; we hear of it only now."""
    at = datetime.fromtimestamp((now_ms() - minutes * 60_000) // 1000, UTC).isoformat()
    world.deploy.send({"type": type, "timestamp": at, "data": {"issues": ["KNDE-12"]} | data})


@pytest.mark.fault("F115")
def test_a_withdrawal_that_comes_late_does_not_take_back_what_was_released_after_it(world: World) -> None:
    done(world, 0)
    minutes_ago(world, 30, "release.available")
    world.settle()
    minutes_ago(world, 10, "release.available", companies=[company(world, 0)])
    world.settle()
    minutes_ago(world, 20, "release.withdrawn")
    assert said(world) == ("ignored", "Not undone, because released again since: KNDE-12.")
    assert states(world, 0) == ["drafted"] and open_chats(world, 0) == [1]
    minutes_ago(world, 5, "release.withdrawn")
    assert said(world)[0] == "done" and states(world, 0) == ["withdrawn"]


@pytest.mark.fault("F115")
def test_a_release_that_comes_late_does_not_bring_back_what_was_withdrawn_after_it(world: World) -> None:
    world.issue("KNDE-77")
    done(world, 0)
    waiting(world, 2, key="KNDE-77")
    world.move("KNDE-77", "完了")
    minutes_ago(world, 30, "release.available")
    world.settle()
    minutes_ago(world, 10, "release.withdrawn")
    world.settle()
    minutes_ago(world, 20, "release.available")
    assert said(world) == ("ignored", "Not released, because the release was undone since: KNDE-12.")
    minutes_ago(world, 20, "release.available", issues=["KNDE-12", "KNDE-77"])
    assert said(world)[1] == (
        "Recorded who can use it: KNDE-77. Not released, because not done in Jira or undone since: KNDE-12."
    )
    assert states(world, 0) == ["withdrawn"]
    minutes_ago(world, 5, "release.available")
    assert said(world)[0] == "done" and states(world, 0)[-1] == "drafted"


# -- flags ----------------------------------------------------------------------------------------


def test_a_flag_that_reaches_more_companies_opens_only_the_new_ones(world: World) -> None:
    done(world, 0, 2)
    world.deploy.enable("new-csv", companies=[company(world, 0)])
    assert said(world) == ("done", "Companies that newly have the flag new-csv: 1.")
    world.deploy.release(issues=["KNDE-12"], flag="new-csv")
    assert open_chats(world, 0, 2) == [1, 0]
    world.deploy.enable("new-csv", add=[company(world, 2)])
    assert open_chats(world, 0, 2) == [1, 1]
    world.deploy.enable("new-csv", companies=[company(world, 2)])
    assert said(world) == ("ignored", "These companies already had the flag new-csv.")
    assert len(store.read(lambda session: session.exec(select(Flag)).all())) == 2


def test_a_company_that_is_not_known_gets_no_flag_and_neither_do_the_others(world: World) -> None:
    done(world, 0)
    world.deploy.enable("new-csv", add=[company(world, 0), "404"])
    assert said(world) == ("dead", "data.add[1]: 404 is not known here.")
    assert not store.read(lambda session: session.exec(select(Flag)).all())


# -- use ------------------------------------------------------------------------------------------


def reaction(world: World, chat: int) -> tuple[str, int | None]:
    found = telling(world, chat)
    return found.reaction, found.reacted_at


def later(days: int = 1) -> str:
    """A moment after everything, as a product writes it."""
    return datetime.fromtimestamp((now_ms() + days * DAY_MS) // 1000, UTC).isoformat()


@pytest.fixture
def released(world: World) -> World:
    """Two customers wait for what is there now, and one of them has been told."""
    done(world, 0, 2)
    world.deploy.release(issues=["KNDE-12"])
    world.settle()
    told(world, 0)
    return world


def test_the_first_use_by_whoever_was_told_is_their_reaction(released: World) -> None:
    world = released
    for days in (1, 2):
        world.deploy.use(issue="KNDE-12", company=company(world, 0), at=later(days))
        world.settle()
        first = reaction(world, 0)
        assert first[0] == "used" and (first[1] or 0) < now_ms() + DAY_MS + 1000
    assert said(world)[0] == "ignored"
    assert "The customer used what KNDE-12 brought." in world.sentences(0)


def test_who_was_not_told_before_or_is_somebody_else_has_not_reacted(released: World) -> None:
    world = released
    for use in (
        {"company": company(world, 2), "at": later()},
        {"company": company(world, 0), "at": "2020-01-01T00:00:00Z"},
        {"company": "a stranger", "at": later()},
        {"company": company(world, 0), "person": "nobody@aoba.example", "at": later()},
    ):
        world.deploy.use(issue="KNDE-12", **use)
        assert said(world)[0] == "ignored"
    assert (reaction(world, 0), reaction(world, 2)) == (("", None), ("", None))


@pytest.mark.parametrize("by", ["id", "email"])
def test_a_person_is_known_by_their_id_or_address(released: World, by: str) -> None:
    chat = store.read(lambda session: session.get_one(Conversation, released.chats[0]))
    person = store.read(lambda session: session.get_one(Contact, chat.contact_id))
    released.deploy.use(issue="KNDE-12", person=getattr(person, by).upper() if by == "email" else person.id, at=later())
    assert said(released)[0] == "done" and reaction(released, 0)[0] == "used"


def test_a_thank_you_says_more(released: World) -> None:
    key = (telling(released, 0).release_id, released.chats[0])
    store.write(lambda session: setattr(session.get_one(Telling, key), "reaction", "thanks"))
    released.deploy.use(issue="KNDE-12", company=company(released, 0), at=later())
    assert said(released)[0] == "ignored" and reaction(released, 0)[0] == "thanks"


def test_an_issue_that_is_not_known_here_is_a_dead_letter(released: World) -> None:
    released.deploy.use(issue="KNDE-99", company="101", at=later())
    assert said(released) == ("dead", "data.issue: KNDE-99 is not known here.")
