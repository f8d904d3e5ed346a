"""Conclusions that cross with other things: later conclusions, mergers, outages, reports, answers in other chats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from typing import Any

import pytest
from sqlmodel import select

from integrations.twin import Fault
from tests.clock import TOKYO
from tests.meeting import DAY, LEAD, decide, filed, merge, noted, wish_of
from tests.world import World
from workflows.engine import durable
from workflows.engine.store import now_ms, store
from workflows.meeting import acts, agenda, to_jira
from workflows.overview import cards, life, lives
from workflows.rules import rules
from workflows.tables.meeting import Decision
from workflows.tables.runs import DEAD, OPEN
from workflows.tables.telling import Telling
from workflows.telling import reports
from workflows.telling.promises import debts
from workflows.wish import connect


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    """The seeded company and the service; what is asked here does not depend on the database."""
    world = World(sqlite_url)
    yield world
    world.close()


def send(decision: Decision) -> None:
    """Its time for undoing is over."""
    assert acts.send_now(decision.id or 0)


def owed() -> list[tuple[str, int]]:
    """Who is owed a report, and whether there is something to report."""
    return [(debt.state, debt.voice.feedback_id) for debt in store.read(debts)]


def tellings() -> dict[str, str]:
    """What is owed because of each release."""
    rows = store.read(lambda session: session.exec(select(Telling)).all())
    return {row.release_id: row.state for row in rows}


def promised(wish: int) -> int:
    """A report was promised with it."""
    noted(wish, promise="report", level="report")
    return wish


def two_in_one_chat(world: World) -> tuple[int, int]:
    """Two wishes from the first chat."""
    first = world.wish(0)
    return first.id or 0, filed("印刷したい", conversation_id=first.conversation_id, part_id="77")


# -- before the note is there ---------------------------------------------------------------------


def test_waiting_for_our_own_note_makes_no_pause_longer(world: World) -> None:
    """Once a decision was written below a note ten minutes after the note was there."""
    world.productboard.fail("POST /v2/notes", Fault("500"))
    world.tag(0)
    world.deliver()
    world.conduct_one()
    [wish] = world.feedback(0)
    send(decide(wish.id or 0, "decline"))
    for _ in range(4):
        conduct_all(world, "conclusion.tell", "conclusion.write_back")
    [run] = [run for run in world.runs() if run.workflow == "conclusion.write_back"]
    assert (run.state, run.failures) == (OPEN, 0)
    world.settle()
    assert [effect.verb for effect in world.productboard.effects][-1] == "update_note"


def conduct_all(world: World, *stories: str) -> None:
    """Conduct what is open of these stories, each once."""
    for run in [run for run in world.runs() if run.state == OPEN and run.workflow in stories]:
        durable.conduct(run.id, durable.STORIES[run.workflow])


# -- later conclusions ----------------------------------------------------------------------------


@pytest.mark.fault("F52")
def test_an_older_conclusion_that_was_held_up_is_not_told_after_its_successor(world: World) -> None:
    wish = promised(world.wish(0).id or 0)
    send(decide(wish, "decline"))
    world.conduct_one()
    held_up = {run.id for run in world.runs() if run.state == OPEN}
    send(decide(wish, "adopt"))
    world.order = lambda runs: [run for run in runs if run.id not in held_up] or runs
    world.settle()
    assert not any("見送り" in note for note in world.notes(0))
    content = world.productboard.notes[wish_of(wish).note_id].content
    assert "採用" in content and "見送り" not in content


def test_a_decision_of_a_process_whose_clock_is_ahead_holds_and_is_followed(world: World, monkeypatch: Any) -> None:
    first, second = filed("CSV"), filed("CSV出力")
    with monkeypatch.context() as ahead:
        ahead.setattr("workflows.meeting.acts.now_ms", lambda: now_ms() + 1500)
        decide(first, "decline")
    merge(second, first)
    assert (wish_of(first).conclusion, wish_of(second).conclusion) == ("decline", "decline")
    decide(first, "adopt")
    assert wish_of(second).conclusion == "adopt"


# -- mergers --------------------------------------------------------------------------------------


def test_a_conclusion_that_nobody_heard_of_ends_with_the_merger(world: World) -> None:
    first, second = promised(world.wish(0).id or 0), world.wish(2).id or 0
    decision = decide(first, "decline")
    merge(first, second)
    assert not acts.send_now(decision.id or 0)
    send(decide(second, "adopt"))
    world.settle()
    assert [("採用" in note, "見送り" in note) for note in world.notes(0)[1:]] == [(True, False)]


def test_what_is_taken_apart_before_it_was_told_hears_nothing(world: World) -> None:
    first, second = world.wish(0).id or 0, world.wish(2).id or 0
    merge(second, first)
    world.settle()
    send(decide(first, "decline"))
    world.conduct_one()
    assert acts.unmerge(second, LEAD)
    world.settle()
    assert [run.id for run in world.runs() if run.state == DEAD] == []
    assert not any("見送り" in note for note in world.notes(2))


def test_a_duplicate_that_was_taken_apart_is_not_announced(world: World) -> None:
    first, second = world.wish(0).id or 0, world.wish(2).id or 0
    decision = decide(second, "duplicate", into_id=first)
    assert acts.unmerge(second, LEAD)
    assert not acts.send_now(decision.id or 0)
    world.settle()
    assert not any("重複" in note for note in world.notes(2))


def test_an_issue_shows_the_conversation_of_a_duplicate_too(world: World) -> None:
    first, second = world.wish(0), world.wish(2)
    world.link(first, "KNDE-12")
    before = len(world.jira.did("link", "KNDE-12"))
    send(decide(second.id or 0, "duplicate", into_id=first.id))
    world.settle()
    assert len(world.jira.did("link", "KNDE-12")) == before + 1


@pytest.mark.parametrize("how", ["merge", "duplicate"])
def test_whoever_joins_a_concluded_wish_hears_what_everybody_heard(world: World, how: str) -> None:
    first, second = world.wish(0).id or 0, promised(world.wish(2).id or 0)
    send(decide(first, "decline", tells_all=True))
    world.settle()
    if how == "merge":
        merge(second, first)
    else:
        send(decide(second, "duplicate", into_id=first))
    world.settle()
    assert world.tellings()[world.chats[2]] == "drafted" and ("ready", second) in owed()


# -- what is owed ---------------------------------------------------------------------------------


def test_a_report_about_one_wish_pays_no_other_in_the_same_chat(world: World) -> None:
    wishes = two_in_one_chat(world)
    for wish in wishes:
        send(decide(promised(wish), "decline"))
        world.settle()
    reports.report(wishes[0], how="phone", words="CSVの件", by=LEAD, origin="form:1")
    assert owed() == [("ready", wishes[1])]


def test_an_answer_about_something_else_before_the_draft_pays_nothing(world: World) -> None:
    first, second = two_in_one_chat(world)
    issue = connect.read_issue("KNDE-12")
    assert issue is not None
    connect.let_wait(issue, [], [second], "operator")
    world.move("KNDE-12", "完了")
    decision = decide(promised(first), "decline")
    world.intercom.agent_says(world.chats[0], "7001", "印刷できるようになりました。", at=now_ms() // 1000 + 2)
    world.settle()
    send(decision)
    world.settle()
    assert tellings()[f"decision:{decision.id}"] == "drafted" and owed() == [("ready", first)]


def test_who_is_told_nothing_is_excused_and_not_brought_back(world: World) -> None:
    first, second = promised(world.wish(0).id or 0), promised(world.wish(2).id or 0)
    reports.report(first, how="nobody", words="退職された", by=LEAD, origin="form:1")
    for wish in (first, second):
        send(decide(wish, "decline"))
    world.settle()
    reports.report(second, how="nobody", words="解約された", by=LEAD, origin="form:2")
    assert world.opened(0) == 0
    assert world.tellings() == {world.chats[2]: "excused"} and owed() == []


def test_an_answer_in_the_chat_that_lives_on_pays_for_the_one_that_was_merged_into_it(world: World) -> None:
    wish = promised(world.wish(0).id or 0)
    world.intercom.merge(world.chats[0], world.chats[2])
    world.settle()
    send(decide(wish, "decline"))
    world.settle()
    world.intercom.agent_says(world.chats[2], "7001", "見送りとなりました。", at=now_ms() // 1000 + 2)
    world.settle()
    assert owed() == []


def test_a_wish_that_could_be_handed_to_nobody_stays_on_the_list(world: World) -> None:
    wish = filed("締め日を変えたい", conversation_id="hand:7", taken_by="U0GONE", source="phone")
    with world.rules(support_channel="", triage=replace(rules.triage, channel="")):
        send(decide(wish, "decline", tells_all=True))
        world.settle()
    assert owed() == [("ready", wish)]
    reports.report(wish, how="phone", words="", by=LEAD, origin="form:1")
    assert owed() == [] and world.tellings() == {"hand:7": "told"}


# -- vendors --------------------------------------------------------------------------------------


def test_words_that_were_redacted_do_not_come_back_in_the_note(world: World) -> None:
    wish = world.wish(0)
    world.intercom.redact(world.chats[0], wish.part_id)
    world.settle()
    send(decide(wish.id or 0, "decline"))
    world.settle()
    assert wish.quote[:12] not in world.notes(0)[-1]


def test_a_conclusion_reaches_a_note_that_is_written_late(world: World) -> None:
    world.productboard.fail("POST /v2/notes", *[Fault("503")] * 12)
    world.tag(0)
    world.deliver()
    world.conduct_one()
    [wish] = world.feedback(0)
    send(decide(wish.id or 0, "decline"))
    for run in [run for run in world.runs() if run.workflow.startswith("conclusion")]:
        durable.conduct(run.id, durable.STORIES[run.workflow])
    world.productboard.mend()
    world.settle()
    assert "検討会の結論" in world.productboard.notes[world.feedback(0)[0].note_id].content


def test_an_issue_can_be_asked_for_again_after_what_kept_it_away_was_mended(world: World) -> None:
    wish = world.wish(0).id or 0
    with world.rules(jira_project=""):
        assert to_jira.ask_to_create(wish, LEAD)
        assert not to_jira.ask_to_create(wish, LEAD)
        world.settle()
    assert to_jira.ask_to_create(wish, LEAD)
    world.settle()
    assert not to_jira.ask_to_create(wish, LEAD)
    assert len(world.jira.did("create_issue")) == 1


# -- the loop -------------------------------------------------------------------------------------


def test_a_card_shows_what_is_owed_now_and_stands_where_that_belongs(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    send(decide(promised(wish.id or 0), "adopt"))
    world.settle()
    assert store.read(lambda session: lives.of(session))[wish.id or 0].stage == life.TO_TELL
    world.intercom.agent_says(world.chats[0], "7001", "採用となりました。", at=now_ms() // 1000 + 2)
    world.settle()
    world.move("KNDE-12", "完了")
    [card] = store.read(lambda session: cards.of(session, [wish.id or 0]))
    assert card.telling is not None and card.telling.release_id == f"{world.stage.issues['KNDE-12']}:1"


# -- the agenda -----------------------------------------------------------------------------------


def at(monkeypatch: Any, moment: int) -> None:
    """Now is then, for the agenda."""
    monkeypatch.setattr(agenda._Clock, "quiet_until", 0)
    monkeypatch.setattr(agenda, "now_ms", lambda: moment)


def test_an_agenda_of_the_day_before_names_what_was_considered_last_week(world: World, monkeypatch: Any) -> None:
    with world.rules(triage=replace(rules.triage, agenda_weekday=1, agenda_at=time(9, 30))):
        monday = int(datetime(2026, 11, 9, 10, tzinfo=TOKYO).timestamp() * 1000)
        wish = filed(at=monday)
        for module in ("meeting.acts", "meeting.decisions"):
            monkeypatch.setattr(f"workflows.{module}.now_ms", lambda: monday + 2 * DAY + DAY // 4)
        decide(wish, "consider")
        at(monkeypatch, monday + 8 * DAY)
        assert agenda.post(agenda.due_at(monday + 8 * DAY)).sentence == agenda.POSTED


def test_an_agenda_whose_time_was_changed_is_posted_once(world: World, monkeypatch: Any) -> None:
    filed(at=now_ms() - 30 * DAY)
    when = agenda.due_at(now_ms())
    at(monkeypatch, when + 60_000)
    assert agenda.start_due() == 1
    world.settle()
    with world.rules(triage=replace(rules.triage, agenda_at=time(10, 30))):
        at(monkeypatch, when + 3_660_000)
        assert agenda.start_due() == 0
    assert len(world.said()) == 1


def test_an_agenda_is_not_posted_when_its_time_is_long_over(world: World, monkeypatch: Any) -> None:
    filed(at=now_ms() - 30 * DAY)
    when = agenda.due_at(now_ms())
    at(monkeypatch, when + 2 * DAY)
    assert agenda.post(when).sentence == agenda.TOO_LATE and world.said() == []
