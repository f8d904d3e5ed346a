"""Whoever took a wish is asked for its background; the answer is kept once, and stands wherever the wish is shown."""

from __future__ import annotations

import pytest
from sqlmodel import update

from integrations.twin import Fault
from tests.asking import AGENT, OTHER, WHY, Asking
from tests.world import World
from workflows.engine import durable, leases, schedule
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.wish import Asked
from workflows.wish import context
from workflows.wish.similar import Match, offered

LEAD = Person("U0LEAD", "斎藤 真理", "lead@kanade.example", "U0LEAD")


@pytest.fixture
def case(world: World) -> Asking:
    """A company whose agents are asked."""
    return Asking(world)


def let_pass(case: Asking) -> int:
    """The time until a reminder passes; how many runs were started."""
    past = update(Asked).where(Asked.remind_at != None).values(remind_at=now_ms() - 1)  # noqa: E711
    store.write(lambda session: session.exec(past) and None)
    started = context.start_due()
    case.world.settle()
    return started


# -- nobody is asked, and why ---------------------------------------------------------------------


def test_without_slack_the_record_stands_and_says_that_nobody_was_asked(case: Asking) -> None:
    with case.world.without("slack"):
        wish = case.world.wish(0)
    assert wish.note_id and "Not sent: Slack is not configured." in case.world.sentences(0)
    assert context.start_due() == 0


def test_an_agent_who_is_not_in_slack_is_asked_in_the_support_channel(case: Asking) -> None:
    case.world.stage.slack.people[AGENT].deleted = True
    wish = case.world.wish(0)
    [message] = case.slack.messages(case.world.channel)
    assert "田中 みなみ" in case.text_of(message) and f"FB-{wish.id}" in case.text_of(message)
    case.fill(wish, OTHER, case.world.channel, background=WHY)
    assert case.noted(wish).person_name == "鈴木 葵"


def test_without_an_agent_in_slack_and_without_a_channel_the_reason_is_kept(case: Asking) -> None:
    case.world.stage.slack.people[AGENT].deleted = True
    with case.world.rules(support_channel=""):
        wish = case.world.wish(0)
    why = "Not asked for background: 田中 みなみ cannot be reached in Slack, and no support channel is set."
    assert wish.note_id and why in case.world.sentences(0)
    assert [run.state for run in case.world.runs() if run.workflow == "context.ask"] == ["ignored"]


def test_a_form_without_background_and_importance_is_not_taken(case: Asking) -> None:
    wish = case.world.wish(0)
    screen = case.fill(wish, temperature="high")
    assert screen.errors == {"background": "背景か重要度を入力してください。どちらか一方でもかまいません。"}
    assert case.notes_on(wish) == []


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, {"kind", "background"}),
        ({"kind": "wish", "importance": "very"}, {"importance"}),
        ({"kind": "WISH", "background": "x"}, {"kind"}),
        ({"kind": "wish", "importance": "low", "temperature": "hot"}, {"temperature"}),
        ({"kind": "wish", "importance": "low", "promise": "the moon"}, {"promise"}),
        ({"kind": "wish", "background": "あ" * 3001}, {"background"}),
        ({"kind": "wish", "background": "  \n ", "importance": "none"}, {"background"}),
    ],
)
def test_what_is_wrong_is_told_at_its_field(case: Asking, values: dict[str, str], fields: set[str]) -> None:
    assert context.problems("ja", values).keys() == fields


def test_what_is_right_has_no_problems() -> None:
    assert context.problems("en", {"kind": "fault", "importance": "low", "promise": "none"}) == {}


# -- asked ----------------------------------------------------------------------------------------


def test_the_agent_is_asked_once_with_the_customers_words(case: Asking) -> None:
    wish = case.world.wish(0)
    case.world.reconcile()
    [message] = case.direct()
    assert message["text"].startswith("背景と重要度の記入をお願いします: 株式会社あおば製作所「勤怠データをCSVで")
    assert f"FB-{wish.id}" in case.text_of(message)
    assert "Asked 田中 みなみ for background and importance." in case.world.sentences(0)


def test_what_is_filed_together_is_asked_in_one_message_with_a_button_each(case: Asking) -> None:
    part = case.world.intercom.customer_says(case.world.chats[0], "できれば役職コードも欲しいです。")
    case.world.tag(0)
    case.world.tag(0, part=part)
    case.world.settle()
    first, second = case.world.feedback(0)
    [message] = case.direct()
    assert message["text"] == "背景と重要度の記入をお願いします: 要望2件"
    for wish in (first, second):
        case.fill(wish, importance="high")
    assert case.direct()[0]["text"].startswith("背景と重要度を記入しました: 株式会社あおば製作所")
    assert len(case.direct()) == 1


@pytest.mark.fault("F20")
def test_a_form_that_was_kept_before_its_argument_had_another_name_is_noted(case: Asking) -> None:
    wish = case.world.wish(0)
    values = {"background": WHY, "importance": "high"}
    stored = {"user_id": AGENT, "values": values, "context": str(wish.id)}
    durable.spawn([durable.NewRun("slack:before", "context.sent", stored, schedule.PEOPLE)])
    case.world.settle()
    assert case.noted(wish).background == WHY


def test_a_hundred_wishes_at_once_are_a_few_messages(case: Asking) -> None:
    for chat in range(4):
        case.world.tag(chat, by="7001")
    case.world.settle()
    assert (len(case.direct()), len(case.asked())) == (1, 4)


def test_an_answer_of_slack_that_was_lost_asks_nobody_twice(case: Asking) -> None:
    case.slack.fail("POST /api/chat.postMessage", Fault("reset"), Fault("503"))
    case.world.wish(0)
    assert len(case.direct()) == 1


def test_a_customers_words_mention_nobody_when_they_are_quoted(case: Asking) -> None:
    chat = case.world.chat("<!channel> <@U0MORI> *太字* <https://evil.example|ここ>")
    case.world.wish(chat)
    said = case.text_of(case.direct()[0])
    assert "<!channel>" not in said and "<@U0MORI>" not in said and "<https://evil" not in said


def test_similar_wishes_are_named_with_their_words(case: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offered, "like", lambda id, **_: [Match(7, "CSVに<b>部署</b>を", 0.7)])
    case.world.wish(0)
    assert "FB-7" in case.text_of(case.direct()[0]) and "CSVに&lt;b&gt;部署&lt;/b&gt;を" in case.text_of(
        case.direct()[0]
    )


def test_an_agent_who_leaves_at_that_moment_is_not_said_to_be_asked(case: Asking) -> None:
    case.world.tag(0)
    case.world.deliver()
    case.world.conduct_one()
    case.slack.fail("POST /api/chat.postMessage", *[Fault("429")] * 4)
    [ask] = [run for run in case.world.runs() if run.workflow == "context.ask"]
    durable.conduct(ask.id, durable.STORIES[ask.workflow])
    case.slack.people[AGENT].deleted = True
    case.world.settle()
    assert case.direct() == []
    assert [run.state for run in case.world.runs() if run.workflow == "context.ask"] == ["ignored"]


# -- filled in ------------------------------------------------------------------------------------


def test_an_answer_is_kept_shown_and_written_below_the_note(case: Asking) -> None:
    wish = case.world.wish(0)
    screen = case.fill(wish, background=WHY, importance="high", temperature="medium", promise="report")
    assert screen.view is not None and "山本様、ご要望をお聞かせいただき" in str(screen.view["blocks"])
    kept = case.noted(wish)
    assert (kept.background, kept.importance, kept.temperature, kept.kind) == (WHY, "high", "medium", "wish")
    assert (kept.promise, kept.level, kept.person, kept.person_name) == ("report", "report", AGENT, "田中 みなみ")
    [message] = case.direct()
    said = case.text_of(message)
    assert WHY in said and "重要度: 高" in said and "お客様へのご案内: 結論を報告(約束)" in said
    assert WHY in case.below(wish) and "田中 みなみ" in case.below(wish)
    assert "田中 みなみ added background and importance." in case.world.sentences(0)


def test_a_changed_answer_is_added_and_the_form_shows_what_was_known(case: Asking) -> None:
    wish = case.world.wish(0)
    case.fill(wish, background=WHY, importance="high")
    screen = case.open(wish)
    assert (case.initial(screen, "background"), case.initial(screen, "importance")) == (WHY, "high")
    case.send(AGENT, {"background": "部署コードがないと監査に通らない", "kind": "fault"})
    assert [each.background for each in case.notes_on(wish)] == [WHY, "部署コードがないと監査に通らない"]
    assert case.noted(wish).kind == "fault"
    assert WHY in case.below(wish) and "部署コードがないと監査に通らない" in case.below(wish)
    assert "田中 みなみ changed the background." in case.world.sentences(0)


def test_the_same_submission_is_kept_once(case: Asking) -> None:
    wish, values = case.world.wish(0), {"kind": "wish", "background": WHY}
    assert context.fill(wish.id or 0, values, by=LEAD, origin="page:1")
    assert not context.fill(wish.id or 0, values, by=LEAD, origin="page:1")
    case.world.settle()
    assert len(case.notes_on(wish)) == 1
    assert WHY in case.text_of(case.direct()[0]) and "斎藤 真理" in case.text_of(case.direct()[0])


def test_nothing_is_noted_about_a_wish_that_is_none(case: Asking) -> None:
    assert not context.fill(99, {"kind": "wish", "background": WHY}, by=LEAD, origin="page:1")


def test_while_productboard_is_away_the_answer_waits_for_it(case: Asking) -> None:
    case.world.productboard.fail("POST /v2/notes", *[Fault("503")] * 12)
    case.world.tag(0)
    case.world.deliver()
    case.world.conduct_one()
    [wish] = case.world.feedback(0)
    context.fill(wish.id or 0, {"kind": "wish", "background": WHY}, by=LEAD, origin="page:1")
    case.world.productboard.mend()
    case.world.settle()
    assert WHY in case.below(case.world.feedback(0)[0])


def test_what_is_written_below_a_note_waits_for_what_is_being_written(case: Asking) -> None:
    wish = case.world.wish(0)
    store.write(lambda session: leases.hold(session, f"note:{wish.note_id}", "somebody else", 60_000))
    context.fill(wish.id or 0, {"kind": "wish", "background": WHY}, by=LEAD, origin="page:1")
    case.world.conduct_one()
    assert WHY not in case.below(wish) and WHY in case.text_of(case.direct()[0])
    store.write(lambda session: leases.drop(session, f"note:{wish.note_id}", "somebody else"))
    case.world.settle()
    assert WHY in case.below(wish)


def test_where_the_notes_text_is_locked_the_answer_is_a_comment(case: Asking) -> None:
    wish = case.world.wish(0)
    case.world.productboard.notes[wish.note_id].locked = True
    case.fill(wish, background=WHY)
    [comment] = case.world.productboard.notes[wish.note_id].comments.values()
    assert WHY in comment
    assert "Added it as a comment: the note is locked in Productboard." in case.world.sentences(0)


def test_a_note_that_is_gone_is_no_trouble(case: Asking) -> None:
    wish = case.world.wish(0)
    case.world.productboard.notes.pop(wish.note_id)
    case.fill(wish, background=WHY)
    assert "Skipped: it no longer exists in Productboard." in case.world.sentences(0)
    assert {run.state for run in case.world.runs()} <= {"done", "ignored"}


def test_without_productboard_the_answer_is_kept_and_the_reason_too(case: Asking) -> None:
    with case.world.without("productboard"):
        wish = case.world.wish(0)
        case.fill(wish, background=WHY)
    assert case.noted(wish).background == WHY and WHY in case.text_of(case.direct()[0])
    assert "Not sent: Productboard is not configured." in case.world.sentences(0)


# -- the card beside the chat ---------------------------------------------------------------------


def test_the_card_shows_what_was_filed_and_takes_the_answer(case: Asking) -> None:
    wish, inbox, chat = case.world.wish(0), case.world.intercom, case.world.chats[0]
    card = str(inbox.open_card(chat, "7002"))
    assert "未記入" in card and "受付済み" in card
    form = inbox.press_card(chat, "7002", f"wish:{wish.id}", {})
    assert "背景と重要度" in str(form)
    wrong = inbox.press_card(chat, "7002", "send", {"temperature": "high"})
    assert wrong["content"]["components"][0]["style"] == "error"
    assert "背景か重要度を入力してください" in str(wrong)
    sent = inbox.press_card(chat, "7002", "send", {"background": WHY, "promise": "report"}, times=2)
    assert "ご要望をお聞かせいただき" in str(sent)
    case.world.settle()
    kept = case.noted(wish)
    assert (kept.background, kept.temperature, kept.level, kept.person) == (WHY, "high", "report", "7002")
    assert len(case.notes_on(wish)) == 1 and WHY in case.below(wish)
    home = str(inbox.press_card(chat, "7002", "home", {}))
    assert "記入済み" in home and "変更する" in home
    assert WHY in case.text_of(case.direct()[0])


def test_escalating_is_one_press_away_where_something_was_filed(case: Asking) -> None:
    case.world.wish(0)
    inbox, chat = case.world.intercom, case.world.chats[0]
    inbox.open_card(chat, "7002")
    assert "urgency" in str(inbox.press_card(chat, "7002", "escalate", {}))


@pytest.mark.parametrize("text", ["[a](https://evil.example) **x** <b>", "あ" * 5000, "\u202e逆", "```\n> x"])
def test_the_card_shows_whatever_customers_write(case: Asking, text: str) -> None:
    chat = case.world.chats[case.world.chat(text)]
    case.world.wish(len(case.world.chats) - 1)
    card = case.world.intercom.open_card(chat, "7002")
    [button] = [one["id"] for one in card["content"]["components"] if one.get("id", "").startswith("wish:")]
    case.world.intercom.press_card(chat, "7002", button, {})
    case.world.intercom.press_card(chat, "7002", "send", {"background": text[:4000], "importance": "low"})


def test_a_card_about_another_chats_wish_changes_nothing(case: Asking) -> None:
    wish, inbox = case.world.wish(0), case.world.intercom
    case.world.wish(1)
    card = inbox.open_card(case.world.chats[0], "7002")
    inbox._cards[case.world.chats[1], "7002"] = inbox.press_card(case.world.chats[0], "7002", f"wish:{wish.id}", {})
    inbox.press_card(case.world.chats[1], "7002", "send", {"background": WHY})
    case.world.settle()
    assert card and case.notes_on(wish) == []


# -- reminders ------------------------------------------------------------------------------------


def test_who_does_not_answer_is_reminded_once(case: Asking) -> None:
    wish = case.world.wish(0)
    assert context.start_due() == 0
    assert (let_pass(case), let_pass(case)) == (1, 0)
    asked, reminder = case.direct()
    assert reminder["thread_ts"] == asked["ts"] and "未記入です" in case.text_of(reminder)
    assert case.fill(wish, background=WHY).errors == {}
    assert case.noted(wish).background == WHY


def test_who_has_answered_is_not_reminded(case: Asking) -> None:
    case.fill(case.world.wish(0), importance="low")
    assert let_pass(case) == 1
    assert len(case.direct()) == 1


def test_the_reminder_is_due_in_the_agents_business_time(case: Asking) -> None:
    with case.world.rules(context_remind_minutes=90):
        case.world.wish(0)
    [asked] = case.asked()
    assert asked.remind_at == rules.calendar_of(AGENT).add(asked.asked_at, 90)


def test_the_rules_can_turn_reminders_off(case: Asking) -> None:
    with case.world.rules(context_remind_minutes=0):
        case.world.wish(0)
    assert [each.remind_at for each in case.asked()] == [None]
