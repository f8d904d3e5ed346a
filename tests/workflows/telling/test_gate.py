"""The gate: done is not yet good news; a customer hears once what was made is available to their company."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import col, delete, select

from tests.linking import address
from tests.releasing import telling
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.overview import lives
from workflows.people.person import Person
from workflows.rules.telling import Gate
from workflows.tables.customer import Company
from workflows.tables.telling import Telling
from workflows.tables.wish import FeedbackIssue
from workflows.telling import publish, waves
from workflows.telling.publish import Wanted
from workflows.wish.availability import place

PM = Person("U0LEAD", "斎藤 真理")


@pytest.fixture(autouse=True)
def gate(world: World) -> Iterator[None]:
    """Finished issues wait for their release."""
    with world.rules(gate=Gate("release")):
        yield


def waiting(world: World, *chats: int, key: str = "KNDE-12") -> str:
    """These chats hold wishes that wait for the issue; its id."""
    for chat in chats:
        world.jira.comment_by_hand(key, address(world.wish(chat)))
    world.settle()
    return world.jira.find(key).id


def done(world: World, *chats: int) -> str:
    """The same, and the issue is done."""
    issue = waiting(world, *chats)
    world.move("KNDE-12", "完了")
    return issue


def open_chats(world: World, *chats: int) -> list[int]:
    """How often each of these was reopened."""
    world.settle()
    return [world.opened(chat) for chat in chats]


def company(world: World, chat: int) -> str:
    """The company that wished in a chat."""
    return world.feedback(chat)[0].company_id or ""


def where(world: World, chat: int) -> tuple[str, bool]:
    """Where a chat's wish is, in words, and whether it is available."""
    id = world.feedback(chat)[0].id or 0
    life = store.read(lambda session: lives.of(session, [id]))[id]
    return life.words, life.is_available


# -- what opens nothing ---------------------------------------------------------------------------


def test_done_and_not_released_reopens_nothing_and_says_so(world: World) -> None:
    done(world, 0)
    assert open_chats(world, 0) == [0]
    assert where(world, 0) == ("Done, not released", False)
    assert [text for text in world.said() if "まだリリースされていません" in text]
    assert [row.issue_id for row in store.read(waves.held)] == [world.jira.find("KNDE-12").id]


def test_an_issue_that_is_not_done_cannot_be_published(world: World) -> None:
    issue = waiting(world, 0)
    assert publish.publish(issue, Wanted(), by=PM, origin="form:1") == publish.NOT_DONE
    assert publish.take_back(issue, PM) == publish.NOT_DONE


@pytest.mark.parametrize(
    ("wanted", "field", "sentence"),
    [
        (Wanted("nobody"), "audience", "Choose one."),
        (Wanted("share", share=0), "share", "Enter a percentage from 1 to 100."),
        (Wanted("share", share=101), "share", "Enter a percentage from 1 to 100."),
        (Wanted("companies"), "names", "Enter at least one."),
        (Wanted("companies", ("c-404",)), "names", "Line 1: “c-404” is not known."),
        (Wanted("tier", ("Platinum",)), "names", "Line 1: “Platinum” is not known."),
        (Wanted("flag", ("new-csv",)), "names", "Line 1: “new-csv” is not known."),
        (Wanted(at=now_ms() + 400 * DAY_MS), "at", "Choose a date within a year."),
    ],
)
def test_an_audience_that_is_none_is_refused(world: World, wanted: Wanted, field: str, sentence: str) -> None:
    assert store.read(lambda session: publish.problems(session, "en", wanted)) == {field: sentence}


# -- what opens it --------------------------------------------------------------------------------


def test_a_project_that_gates_on_done_opens_at_once(world: World) -> None:
    with world.rules(gate=Gate("release", {"KNDE": "done"})):
        done(world, 0)
    assert open_chats(world, 0) == [1]
    assert where(world, 0) == ("To notify", True)


def test_its_version_is_released(world: World) -> None:
    world.jira.add_version("2026.12", "KNDE")
    world.jira.fix_in("KNDE-12", "2026.12")
    done(world, 0)
    assert open_chats(world, 0) == [0]
    world.jira.release_version("2026.12")
    assert open_chats(world, 0) == [1]
    assert "Reopened the conversation: KNDE-12 is available to this customer." in world.sentences(0)


def test_an_issue_that_becomes_done_in_a_version_that_is_out_opens_at_once(world: World) -> None:
    world.jira.add_version("2026.12", "KNDE")
    world.jira.fix_in("KNDE-12", "2026.12")
    world.jira.release_version("2026.12")
    done(world, 0)
    assert open_chats(world, 0) == [1]


def test_a_version_merged_into_one_that_is_out_is_out(world: World) -> None:
    world.jira.add_version("2026.12", "KNDE")
    world.jira.add_version("2026.11", "KNDE")
    world.jira.release_version("2026.11")
    world.jira.fix_in("KNDE-12", "2026.12")
    done(world, 0)
    world.jira.merge_version("2026.12", into="2026.11")
    assert open_chats(world, 0) == [1]


def test_a_version_whose_webhook_was_lost_is_found_by_the_poll(world: World) -> None:
    world.jira.add_version("2026.12", "KNDE")
    world.jira.fix_in("KNDE-12", "2026.12")
    done(world, 0)
    world.jira.release_version("2026.12")
    world.held()
    world.reconcile()
    assert open_chats(world, 0) == [1]


def test_a_person_publishes_it_and_twice_is_once(world: World) -> None:
    issue = done(world, 0)
    assert [publish.publish(issue, Wanted(), by=PM, origin="form:1") for _ in range(2)] == ["", ""]
    assert open_chats(world, 0) == [1]
    assert len(store.read(lambda session: waves.of(session, telling(world, 0).release_id))) == 1


def test_its_day_comes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issue, tomorrow = done(world, 0), now_ms() + DAY_MS
    publish.publish(issue, Wanted(at=tomorrow), by=PM, origin="form:1")
    assert (waves.open_due(), open_chats(world, 0)) == (0, [0])
    monkeypatch.setattr(waves, "now_ms", lambda: tomorrow + 1)
    assert (waves.open_due(), open_chats(world, 0)) == (1, [1])


def test_a_wave_that_was_called_off_does_not_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issue, tomorrow = done(world, 0), now_ms() + DAY_MS
    publish.publish(issue, Wanted(at=tomorrow), by=PM, origin="form:1")
    [release] = store.read(waves.held)
    [wave] = store.read(lambda session: waves.of(session, release.id))
    assert publish.call_off(wave.id or 0, PM) == ""
    assert publish.call_off(wave.id or 0, PM) == publish.CLOSED
    monkeypatch.setattr(waves, "now_ms", lambda: tomorrow + 1)
    assert (waves.open_due(), open_chats(world, 0)) == (0, [0])


# -- to whom --------------------------------------------------------------------------------------


def test_a_wave_opens_its_companies_and_a_later_one_only_the_new_ones(world: World) -> None:
    issue = done(world, 0, 2)
    first, second = company(world, 0), company(world, 2)
    assert first != second
    publish.publish(issue, Wanted("companies", (first,)), by=PM, origin="form:1")
    assert open_chats(world, 0, 2) == [1, 0]
    assert (where(world, 0), where(world, 2)) == (("To notify", True), ("Done, not released", False))
    publish.publish(issue, Wanted("companies", (first, second)), by=PM, origin="form:2")
    assert open_chats(world, 0, 2) == [1, 1]


def test_a_share_of_companies_grows_and_nobody_falls_out_of_it(world: World) -> None:
    issue = done(world, 0, 2)
    near, far = sorted((company(world, chat) for chat in (0, 2)), key=place)
    chats = {company(world, chat): chat for chat in (0, 2)}
    publish.publish(issue, Wanted("share", share=place(near) + 1), by=PM, origin="form:1")
    assert open_chats(world, chats[near], chats[far]) == [1, 0]
    publish.publish(issue, Wanted("share", share=100), by=PM, origin="form:2")
    assert open_chats(world, chats[near], chats[far]) == [1, 1]


def test_a_company_that_gets_its_flag_later_hears_then(world: World) -> None:
    issue = done(world, 0, 2)
    publish.flagged("new-csv", [company(world, 0)], origin="list:1")
    publish.publish(issue, Wanted("flag", ("new-csv",)), by=PM, origin="form:1")
    assert open_chats(world, 0, 2) == [1, 0]
    assert publish.flagged("new-csv", [company(world, 0), company(world, 2)], origin="list:2") == 1
    assert open_chats(world, 0, 2) == [1, 1]


def test_a_company_that_comes_into_a_plan_later_hears_at_the_next_poll(world: World) -> None:
    issue = done(world, 0)

    def plan(tier: str) -> None:
        store.write(lambda session: setattr(session.get_one(Company, company(world, 0)), "tier", tier))

    plan("Small")
    store.write(lambda session: session.add(Company(id="c-other", name="他社", tier="Enterprise")))
    publish.publish(issue, Wanted("tier", ("Enterprise",)), by=PM, origin="form:1")
    assert open_chats(world, 0) == [0]
    plan("Enterprise")
    world.reconcile()
    assert open_chats(world, 0) == [1]


def test_who_asks_after_a_wave_hears_only_where_it_is_there_for_them(world: World) -> None:
    issue = done(world, 0)
    publish.publish(issue, Wanted("companies", (company(world, 0),)), by=PM, origin="form:1")
    world.settle()
    waiting(world, 2)
    assert open_chats(world, 0, 2) == [1, 0]


# -- taken back -----------------------------------------------------------------------------------


def states(world: World, chat: int) -> list[str]:
    """What a chat is owed, release by release."""
    owed = select(Telling.state).where(Telling.conversation_id == world.chats[chat]).order_by(col(Telling.release_id))
    return list(store.read(lambda session: session.exec(owed).all()))


def test_a_release_that_is_taken_back_withdraws_its_drafts_and_can_be_made_anew(world: World) -> None:
    issue = done(world, 0)
    publish.publish(issue, Wanted(), by=PM, origin="form:1")
    world.settle()
    assert publish.take_back(issue, PM) == ""
    world.settle()
    assert states(world, 0) == ["withdrawn"]
    assert where(world, 0)[1] is False
    assert [text for text in world.said() if "公開が取りやめられました" in text]
    world.jira.edit("KNDE-12", summary="CSV出力に列を追加した")  # an edit of what is done makes nothing available
    world.settle()
    world.reconcile()
    assert states(world, 0) == ["withdrawn"]
    publish.publish(issue, Wanted(), by=PM, origin="form:2")
    world.settle()
    assert states(world, 0) == ["withdrawn", "drafted"]


def test_a_version_that_is_unreleased_takes_back_and_released_again_opens_again(world: World) -> None:
    world.jira.add_version("2026.12", "KNDE")
    world.jira.fix_in("KNDE-12", "2026.12")
    done(world, 0)
    world.jira.release_version("2026.12")
    world.settle()
    world.jira.unrelease_version("2026.12")
    world.settle()
    assert states(world, 0) == ["withdrawn"]
    world.jira.release_version("2026.12")
    world.settle()
    assert states(world, 0) == ["withdrawn", "drafted"]


def test_what_is_taken_back_before_its_wave_opens_opens_for_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue, tomorrow = done(world, 0, 2), now_ms() + DAY_MS
    publish.publish(issue, Wanted("companies", (company(world, 0),)), by=PM, origin="form:1")
    publish.publish(issue, Wanted(at=tomorrow), by=PM, origin="form:2")
    world.settle()
    publish.take_back(issue, PM)
    monkeypatch.setattr(waves, "now_ms", lambda: tomorrow + 1)
    assert (waves.open_due(), open_chats(world, 2)) == (0, [0])


def test_a_flag_that_comes_after_a_release_was_taken_back_opens_nothing_and_says_nothing(world: World) -> None:
    issue = done(world, 0, 2)
    publish.flagged("new-csv", [company(world, 0)], origin="list:1")
    publish.publish(issue, Wanted("flag", ("new-csv",)), by=PM, origin="form:1")
    world.settle()
    publish.take_back(issue, PM)
    world.settle()
    before = world.said()
    publish.flagged("new-csv", [company(world, 2)], origin="list:2")
    assert (open_chats(world, 2), world.said(), states(world, 2)) == ([0], before, [])


def test_a_wave_that_is_planned_opens_for_nobody_once_its_issue_was_reopened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue, tomorrow = done(world, 0), now_ms() + DAY_MS
    publish.publish(issue, Wanted(at=tomorrow), by=PM, origin="form:1")
    world.move("KNDE-12", "進行中")
    before = world.said()
    monkeypatch.setattr(waves, "now_ms", lambda: tomorrow + 1)
    waves.open_due()
    assert (open_chats(world, 0), world.said(), states(world, 0)) == ([0], before, [])


def test_who_asked_between_done_and_its_release_is_news_to_support_too(world: World) -> None:
    issue = world.jira.find("KNDE-12").id
    world.jira.comment_by_hand("KNDE-12", address(world.wish(2)))
    world.settle()
    world.move("KNDE-12", "完了")
    world.days_pass(30)
    store.write(lambda session: session.exec(delete(FeedbackIssue)) and None)
    waiting(world, 0)
    publish.publish(issue, Wanted(), by=PM, origin="form:1")
    assert open_chats(world, 0) == [1]
    assert [text for text in world.said() if "を公開しました" in text]
