"""What was promised to a customer is a debt until somebody has kept it: a report, next word at the release, a day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.linking import address
from tests.meeting import LEAD, decide, filed, firm, merge, noted
from tests.releasing import released, telling
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.meeting import acts, items
from workflows.overview import lives
from workflows.overview.life import Life
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.telling import promises, reports
from workflows.telling.promises import Outstanding


def outstanding(company: str = "") -> Outstanding:
    """Everything that is promised (to a company), and not yet kept."""
    return store.read(lambda session: promises.outstanding(session, company))


def states(company: str = "") -> dict[int, str]:
    """Which wishes' customers are owed what."""
    return {debt.voice.feedback_id: debt.state for debt in outstanding(company).reports}


def adopted(world: World, chat: int = 0) -> int:
    """A wish that was taken with the promise of a report, adopted; an agent wrote that we will be in touch again."""
    wish = world.wish(chat).id or 0
    noted(wish, promise="report", level="report")
    acts.send_now(decide(wish, "adopt", "来月の版に入れます").id or 0)
    world.settle()
    assert states() == {wish: promises.READY}
    answer(world, chat, "開発することになりました。改めてご連絡いたします。")
    return wish


def waiting_for(world: World, chat: int, *keys: str) -> None:
    """The chat's wish waits for these issues."""
    for key in keys or ("KNDE-12",):
        world.jira.comment_by_hand(key, address(world.wish(chat)))
    world.settle()


def on_the_agenda() -> list[int]:
    """What the meeting has to conclude."""
    return list(store.read(lambda session: items.agenda(session, now_ms())).order)


def answer(world: World, chat: int, words: str) -> None:
    """An agent writes to the customer."""
    world.intercom.agent_says(world.chats[chat], "7001", words)
    world.settle()


def raised(**others: str) -> Escalation:
    """An escalation on record, with a promised day."""
    row = {
        "origin": f"test:{others.get('gist', '')}",
        "via": "slack",
        "company_id": "101",
        "company": "あおば",
        "request": "action",
        "urgency": "now",
        "temperature": "high",
        "gist": "二重請求",
        "state": "working",
        "next_date": "2026-12-01",
        "raised_at": 1,
    }
    return store.write(lambda session: _keep(session, Escalation(**row | others)))


def _keep(session, row):  # type: ignore[no-untyped-def]
    session.add(row)
    session.flush()
    return row


# -- the next word at the release -----------------------------------------------------------------


def test_whoever_was_told_that_it_will_come_is_owed_word_of_its_release_until_that_was_told(world: World) -> None:
    wish = adopted(world)
    assert states() == {wish: promises.RELEASE}
    released(world, 0)
    assert states() == {wish: promises.READY}
    answer(world, 0, "ご利用いただけるようになりました。")
    assert states() == {}


def test_a_release_that_is_taken_back_is_waited_for_again(world: World) -> None:
    wish = adopted(world)
    released(world, 0)
    world.move("KNDE-12", "進行中")
    assert states() == {wish: promises.RELEASE}


def test_an_issue_that_ends_with_nothing_to_use_is_no_release_to_wait_for(world: World) -> None:
    wish = adopted(world)
    waiting_for(world, 0)
    assert states() == {wish: promises.RELEASE} and wish not in on_the_agenda()
    world.move("KNDE-12", "完了", "対応しない")
    assert states() == {wish: promises.OPEN} and wish in on_the_agenda()
    acts.send_now(decide(wish, "decline", "ほかの方法で解決しました").id or 0)
    world.settle()
    assert states() == {wish: promises.READY} and wish not in on_the_agenda()


def test_what_is_adopted_anew_waits_for_a_release_again(world: World) -> None:
    wish = adopted(world)
    waiting_for(world, 0)
    world.move("KNDE-12", "完了", "対応しない")
    acts.send_now(decide(wish, "adopt", "別の方法で作ります").id or 0)
    world.settle()
    answer(world, 0, "別の方法で開発します。改めてご連絡いたします。")
    assert states() == {wish: promises.RELEASE} and wish not in on_the_agenda()


def test_one_of_two_issues_that_ends_with_nothing_to_use_is_not_waited_for(world: World) -> None:
    wish = adopted(world)
    waiting_for(world, 0, "KNDE-12", "KNDE-15")
    world.move("KNDE-15", "完了", "対応しない")
    assert states() == {wish: promises.RELEASE}
    world.move("KNDE-12", "完了")
    assert states() == {wish: promises.READY}
    answer(world, 0, "ご利用いただけるようになりました。")
    assert states() == {}


@pytest.mark.parametrize("how", ["phone", "nobody"])
def test_it_is_owed_no_more_once_somebody_reported_otherwise(world: World, how: str) -> None:
    wish = adopted(world)
    reports.report(wish, how=how, words="退職された", by=LEAD, origin="form:1")
    assert states() == {}


def test_a_phone_call_that_it_was_adopted_leaves_the_word_at_the_release_to_be_given(world: World) -> None:
    wish = world.wish(0).id or 0
    noted(wish, promise="report", level="report")
    acts.send_now(decide(wish, "adopt").id or 0)
    world.settle()
    reports.report(wish, how="phone", words="", by=LEAD, origin="form:1")
    assert states() == {wish: promises.RELEASE}
    reports.report(wish, how="phone", words="リリースを伝えた", by=LEAD, origin="form:2")
    assert states() == {}


def test_whoever_was_told_without_a_promise_that_it_will_come_was_promised_it_by_that(world: World) -> None:
    wish = world.wish(0).id or 0
    acts.send_now(decide(wish, "adopt", tells_all=True).id or 0)
    world.settle()
    assert states() == {}
    answer(world, 0, "改めてご連絡いたします。")
    assert states() == {wish: promises.RELEASE}


def test_a_decline_that_was_told_is_all_that_was_promised(world: World) -> None:
    wish = world.wish(0).id or 0
    noted(wish, promise="report", level="report")
    acts.send_now(decide(wish, "decline").id or 0)
    world.settle()
    answer(world, 0, "見送ることとなりました。")
    assert states() == {}


def test_what_was_released_and_told_before_any_meeting_is_kept(world: World) -> None:
    wish = world.wish(0).id or 0
    noted(wish, promise="report", level="report")
    assert states() == {wish: promises.OPEN}
    released(world, 0)
    assert states() == {wish: promises.READY}
    [debt] = outstanding().of(promises.READY)
    assert "ご利用" in debt.draft
    answer(world, 0, "ご利用いただけます。")
    assert states() == {}


def test_everybody_in_a_merged_wish_has_a_promise_of_their_own(world: World) -> None:
    first, second = world.wish(0).id or 0, world.wish(2).id or 0
    for wish in (first, second):
        noted(wish, promise="report", level="report")
    merge(second, first)
    acts.send_now(decide(first, "adopt").id or 0)
    world.settle()
    answer(world, 0, "改めてご連絡いたします。")
    assert states() == {first: promises.RELEASE, second: promises.READY}


# -- one list -------------------------------------------------------------------------------------


def test_reports_and_promised_days_are_one_list(world: World) -> None:
    firm("101"), firm("102")
    early, late = raised(gist="早い", next_date="2026-11-30"), raised(gist="遅い", next_date="2026-12-24")
    raised(gist="済んだ", state="done"), raised(gist="約束なし", next_date="")
    other = raised(gist="別の会社", company_id="102", next_date="2026-12-01")
    wish, elsewhere = filed(company="101"), filed(company="102")
    for each in (wish, elsewhere):
        noted(each, promise="report", level="report")
    assert [each.id for each in outstanding().days] == [early.id, other.id, late.id]
    assert [each.id for each in outstanding("101").days] == [early.id, late.id]
    assert states() == {wish: promises.OPEN, elsewhere: promises.OPEN}
    assert states("101") == {wish: promises.OPEN}
    assert (len(outstanding()), len(outstanding("101")), len(outstanding("103"))) == (5, 3, 0)


# -- what was noted by mistake --------------------------------------------------------------------


def declined(world: World) -> int:
    """A wish whose customer is to be told by now that it was declined."""
    wish = world.wish(0).id or 0
    noted(wish, promise="report", level="report")
    acts.send_now(decide(wish, "decline").id or 0)
    world.settle()
    return wish


def report(wish: int, how: str = "phone", origin: str = "form:1") -> int:
    """Somebody notes what became of it."""
    return reports.report(wish, how=how, words="ご了承", by=LEAD, origin=origin) or 0


@pytest.mark.parametrize("how", ["phone", "nobody"])
def test_a_report_that_is_taken_back_is_owed_again(world: World, how: str) -> None:
    wish = declined(world)
    id = report(wish, how)
    assert states() == {} and report(wish, how) == id
    assert reports.undo(id, LEAD)
    assert states() == {wish: promises.READY} and world.tellings()[world.chats[0]] == "drafted"
    assert not stage(wish).is_told
    assert not reports.undo(id, LEAD)
    assert [line for line in world.sentences() if "undid a record" in line]
    answer(world, 0, "見送ることとなりました。")
    assert states() == {} and stage(wish).is_told


def test_who_was_told_after_all_was_told_and_undone_it_is_excused_as_before(world: World) -> None:
    released(world, 0)
    wish = world.feedback(0)[0].id or 0
    report(wish, "nobody", "form:1")
    told = report(wish, "phone", "form:2")
    assert (telling(world, 0).state, telling(world, 0).channel) == ("told", "phone")
    assert reports.undo(told, LEAD)
    assert telling(world, 0).state == "excused"


def test_after_the_time_for_undoing_a_report_stays(world: World) -> None:
    wish = declined(world)
    with world.rules(triage=replace(rules.triage, undo_seconds=-1)):
        assert not reports.undo(report(wish), LEAD)
    assert states() == {}


def test_taking_back_a_report_gives_a_dead_end_back_to_who_has_it(world: World) -> None:
    wish = world.wish(0).id or 0
    noted(wish, promise="report", level="report")
    world.intercom.delete(world.chats[0])
    world.settle()
    acts.send_now(decide(wish, "decline").id or 0)
    world.settle()
    holder = telling(world, 0).holder
    assert holder and reports.undo(report(wish, "nobody"), LEAD)
    assert (world.tellings()[world.chats[0]], telling(world, 0).holder) == ("drafted", holder)
    assert states() == {wish: promises.READY}


def test_there_is_nothing_to_take_back_of_what_was_never_noted(world: World) -> None:
    assert not reports.undo(404, LEAD)
    assert reports.report(404, how="phone", words="", by=LEAD, origin="form:1") is None


def stage(wish: int) -> Life:
    """Where a wish is in its life."""
    return store.read(lambda session: lives.of(session, [wish]))[wish]
