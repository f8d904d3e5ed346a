"""A customer writes or rates: the rules may suggest an escalation, never make one, and each silence has a reason."""

from __future__ import annotations

import html
import json
import time
from functools import partial

import pytest
from sqlmodel import Session, col, select

from app.demo.company import ESCALATIONS as CHANNEL
from tests.escalating import AGENT, OWNER, Escalating
from tests.world import World
from workflows.engine import durable
from workflows.engine.actions import Intent
from workflows.engine.store import now_ms, store
from workflows.escalation import suggestions as made
from workflows.tables.customer import Conversation
from workflows.tables.runs import Action

REPLIED, RATED = "conversation.user.replied", "conversation.rating.added"


@pytest.fixture
def case(world: World) -> Escalating:
    """Chats whose agent is in Slack."""
    case = Escalating(world)
    world.intercom.books.conversations[world.chats[0]].assignee_id = "7001"
    return case


def suggestions(case: Escalating) -> list[str]:
    """What was suggested to the agent."""
    return [message["text"] for message in case.direct(AGENT)]


# -- silence, and why -----------------------------------------------------------------------------


def test_a_calm_message_suggests_nothing_and_says_why(case: Escalating) -> None:
    case.world.intercom.customer_says(case.world.chats[0], "ありがとうございます。")
    case.world.settle()
    reason = "Nothing suggested: no listed words, and only contact number 0 about the same topic."
    assert (suggestions(case), case.world.reasons(REPLIED)) == ([], [("ignored", reason)])


def test_a_good_rating_suggests_nothing_and_says_why(case: Escalating) -> None:
    case.world.intercom.rate(case.world.chats[0], 5)
    case.world.settle()
    assert case.world.reasons(RATED) == [("ignored", "Nothing suggested: the rating is 5 out of 5.")]


def test_a_rule_that_is_off_suggests_nothing(case: Escalating) -> None:
    with case.world.rules(suggest_rating=0, suggest_words=(), suggest_contacts=0):
        case.world.intercom.rate(case.world.chats[0], 1)
        case.world.intercom.customer_says(case.world.chats[0], "解約します。")
        case.world.settle()
    assert suggestions(case) == []


def test_nothing_is_suggested_while_an_escalation_is_open(case: Escalating) -> None:
    escalation = case.raised()
    case.world.intercom.rate(case.world.chats[0], 1)
    case.world.settle()
    assert case.world.reasons(RATED) == [("ignored", f"Not suggested: E-{escalation.id} is already open.")]


def test_what_was_dismissed_is_not_suggested_again_for_the_same_reason(case: Escalating) -> None:
    angry(case, "返金してください。")
    case.press(AGENT, "dismiss_suggestion", f"D{AGENT[1:]}")
    assert "不要と判断しました" in suggestions(case)[0]
    angry(case, "もう解約します。")
    reason = "Not suggested: it was dismissed for the same reason within the last 14 days."
    assert (len(suggestions(case)), case.world.reasons(REPLIED)[1:]) == (1, [("ignored", reason)])


def test_what_was_dismissed_does_not_silence_another_reason(case: Escalating) -> None:
    angry(case, "返金してください。")
    case.press(AGENT, "dismiss_suggestion", f"D{AGENT[1:]}")
    case.world.intercom.rate(case.world.chats[0], 1)
    case.world.settle()
    dismissed, anew = case.direct(AGENT)
    assert "不要と判断しました" in dismissed["text"] and "お客様の評価は5段階中1でした" in case.text_of(anew)


def test_what_was_dismissed_long_ago_is_suggested_again(case: Escalating) -> None:
    angry(case, "返金してください。")
    case.press(AGENT, "dismiss_suggestion", f"D{AGENT[1:]}")
    ago(15)
    angry(case, "もう解約します。")
    assert "もう解約します。" in case.text_of(case.direct(AGENT)[-1]) and len(suggestions(case)) == 2


def angry(case: Escalating, *texts: str) -> None:
    """The customer writes this, one message after the other, before anybody has looked."""
    for text in texts:
        case.world.intercom.customer_says(case.world.chats[0], text)
    case.world.settle()


def ago(days: float) -> None:
    """Everything that was done about suggestions was done so long ago."""

    def work(session: Session) -> None:
        for action in session.exec(select(Action).where(col(Action.verb).in_(("slack.suggest", "slack.dismiss")))):
            action.started_at -= int(days * 86_400_000)
            action.ended_at = (action.ended_at or 0) - int(days * 86_400_000)

    store.write(work)


def test_without_an_agent_in_slack_and_without_a_channel_the_reason_is_kept(world: World) -> None:
    with world.rules(support_channel=""):
        world.intercom.rate(world.chats[0], 1)
        world.settle()
    why = "Not suggested: none of its agents is in Slack, and no support channel is set in the rules."
    assert world.reasons(RATED) == [("ignored", why)]


def test_a_suggestion_that_slack_did_not_take_is_not_called_one(case: Escalating) -> None:
    with case.world.without("slack"):
        case.world.intercom.rate(case.world.chats[0], 1)
        case.world.settle()
    assert case.world.reasons(RATED) == [("ignored", "Not suggested: the message could not be posted in Slack.")]


def test_a_rating_that_the_conversation_does_not_hold_either_suggests_nothing(case: Escalating) -> None:
    chat = case.world.intercom.books.conversations[case.world.chats[0]]
    case.world.intercom.announce("conversation.rating.added", chat)
    case.world.settle()
    assert case.world.reasons(RATED) == [("ignored", "Nothing suggested: the conversation has no rating.")]


# -- suggestions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [b"{}", b"null"])
def test_a_rating_without_its_number_is_read_in_the_conversation(case: Escalating, said: bytes) -> None:
    case.world.intercom.rate(case.world.chats[0], 1, "対応が遅い")
    [(source, headers, body)] = case.world.held()
    item = json.loads(body)
    item["data"]["item"]["conversation_rating"] = json.loads(said)
    bare = json.dumps(item).encode()
    case.world.post(source, headers | case.world.intercom.signed(bare), bare)
    case.world.settle()
    [message] = case.direct(AGENT)
    assert "お客様の評価は5段階中1でした。対応が遅い" in case.text_of(message)


def test_words_of_anger_suggest_once_and_escalate_nothing(case: Escalating) -> None:
    for _ in range(2):
        case.world.intercom.customer_says(case.world.chats[0], "もう解約します。責任者を出してください。")
        case.world.settle()
    [message] = case.direct(AGENT)
    assert "メッセージに「解約、責任者」が含まれています。" in case.text_of(message)
    assert case.all() == [] and case.posts() == []


def test_anger_is_heard_although_a_calm_message_follows_at_once(case: Escalating) -> None:
    angry(case, "解約します", "聞いていますか?")
    [message] = case.direct(AGENT)
    assert "「解約」" in case.text_of(message) and "解約します" in json.dumps(message["blocks"], ensure_ascii=False)
    assert [sentence for _, sentence in case.world.reasons(REPLIED)] == [
        "Suggested an escalation: angry words.",
        "Nothing suggested: no listed words, and only contact number 0 about the same topic.",
    ]


def test_it_quotes_what_led_to_it_not_how_the_chat_began(case: Escalating) -> None:
    angry(case, "いい加減に解約します")
    [message] = case.direct(AGENT)
    chat = store.read(lambda session: session.get_one(Conversation, case.world.chats[0]))
    assert "> いい加減に解約します" in html.unescape(case.text_of(message))
    assert chat.opening and chat.opening[:12] not in case.text_of(message)


def test_anger_and_a_bad_rating_at_once_are_one_message(case: Escalating) -> None:
    angry(case, "いい加減に解約します")
    case.world.intercom.rate(case.world.chats[0], 1, "最悪です")
    case.world.settle()
    [message] = case.direct(AGENT)
    said = case.text_of(message)
    assert all(each in said for each in ("「解約、いい加減に」", "5段階中1でした。最悪です", "いい加減に解約します"))
    assert case.world.reasons(RATED) == [("done", "Added to the suggestion made just before: a low rating.")]
    case.press(AGENT, "dismiss_suggestion", f"D{AGENT[1:]}")
    case.world.intercom.rate(case.world.chats[0], 1, "まだです")
    case.world.settle()
    assert len(suggestions(case)) == 1


def test_two_runs_at_once_do_not_post_two_messages(world: World) -> None:
    chat = world.chats[0]
    one = Intent("slack", "suggest", f"suggest:words:{chat}:1", AGENT, "s", conversation_id=chat)
    other = Intent("slack", "suggest", f"suggest:rating:{chat}:2", AGENT, "s", conversation_id=chat)
    assert store.write(partial(made.take_turn, intent=one)) is made.Turn.MINE
    store.write(lambda session: setattr(session.get_one(Action, one.key), "run_id", "another"))
    assert store.write(partial(made.take_turn, intent=one)) is made.Turn.BEFORE
    assert store.write(partial(made.take_turn, intent=other)) is made.Turn.WAIT


def test_a_second_anger_hours_later_is_a_second_message(case: Escalating) -> None:
    angry(case, "解約します")
    ago(0.1)
    angry(case, "本当に解約します")
    assert len(suggestions(case)) == 2


def test_anger_after_a_closed_escalation_is_suggested_and_only_then_called_so(case: Escalating) -> None:
    angry(case, "解約します")
    case.raised()
    angry(case, "返金してください")  # whoever answers hears that
    case.press(OWNER, "acknowledge")
    case.judge(OWNER)
    case.close(OWNER)
    angry(case, "ありがとうございました")
    made = len([each for each in case.direct(AGENT) if _is_suggestion(each)])
    angry(case, "また同じです。解約します")
    after = [each for each in case.direct(AGENT) if _is_suggestion(each)]
    assert len(after) == made + 1 and "また同じです。" in case.text_of(after[-1])


def test_a_bad_rating_suggests_with_the_customers_remark(case: Escalating) -> None:
    case.world.intercom.rate(case.world.chats[0], 1, "対応が遅い <!channel>")
    case.world.settle()
    [message] = case.direct(AGENT)
    assert "お客様の評価は5段階中1でした。対応が遅い &lt;!channel&gt;" in case.text_of(message)


def test_the_third_wish_about_the_same_thing_suggests(case: Escalating) -> None:
    for opening in ("一回目です。", "二回目です。", "三回目です。"):
        case.world.wish(case.world.chat(opening))
    [message] = [each for each in case.slack.messages(case.world.channel) if _is_suggestion(each)]
    assert "「要望」について、14日間で3回目のお問い合わせです。" in case.text_of(message)


def test_one_button_opens_the_form_with_what_is_known(case: Escalating) -> None:
    case.world.intercom.customer_says(case.world.chats[0], "返金してください。")
    case.world.settle()
    screen = case.press(AGENT, "suggest_escalate", f"D{AGENT[1:]}")
    assert screen.view is not None
    company = next(block for block in screen.view["blocks"] if block.get("block_id") == "company")
    assert company["element"]["initial_option"]["value"] == "101"
    values = {"request": "action", "urgency": "today", "temperature": "high"}
    assert case.slack.submit(AGENT, values).errors == {}
    case.world.settle()
    assert (case.one().conversation_id, case.one().via) == (case.world.chats[0], f"suggest:{case.world.chats[0]}")
    assert suggestions(case)[0] == f"E-{case.one().id}としてエスカレーションしました。"


def test_a_new_conversation_of_a_company_in_trouble_reaches_whoever_answers(case: Escalating) -> None:
    case.raised()
    chat = case.world.chats[case.world.chat("別の担当ですが、先日の件はどうなりましたか。", state="open")]
    case.world.intercom.announce("conversation.user.created", case.world.intercom.books.conversations[chat])
    case.world.settle()
    assert "先日の件はどうなりましたか" in case.text_of(case.direct("U0MORI")[-1])


def test_what_was_not_suggested_while_an_escalation_was_open_is_suggested_later(case: Escalating) -> None:
    case.raised()
    case.world.intercom.rate(case.world.chats[0], 1)
    case.world.settle()
    case.press(OWNER, "acknowledge")
    case.judge(OWNER)
    case.close(OWNER)
    case.world.intercom.rate(case.world.chats[0], 2, "まだ直っていません")
    case.world.settle()
    assert "まだ直っていません" in case.text_of(next(each for each in case.direct(AGENT) if _is_suggestion(each)))


# -- the customer wrote again ---------------------------------------------------------------------


def news(case: Escalating, channel: str = f"D{OWNER[1:]}") -> list[str]:
    """What was said of the customer's messages, below whichever message."""
    told = case.slack.messages(channel) if channel in case.slack.channels else []
    return [case.text_of(each) for each in told if each["text"].startswith("お客様から再度ご連絡がありました。")]


def runs_again(case: Escalating, chat: str) -> None:
    """Intercom says once more that the customer wrote."""
    run = durable.child(f"again/{time.monotonic_ns()}", "contact.wrote", conversation_id=chat, change="c")
    durable.spawn([run])
    case.world.settle()


def test_what_was_written_before_the_escalation_is_not_news(case: Escalating) -> None:
    case.world.intercom.books.conversations[case.world.chats[0]].created_at -= 3600
    escalation = case.raised()
    case.world.intercom.customer_says(case.world.chats[0], "前の話です", at=int(time.time()) - 60)
    case.world.settle()
    why = "Nothing new: the owner of E-{} already knows, or the message is older."
    assert news(case) == [] and case.world.reasons(REPLIED) == [("ignored", why.format(escalation.id))]


def test_the_same_message_is_told_once(case: Escalating) -> None:
    chat = case.raised().conversation_id or ""
    case.world.intercom.customer_says(chat, "まだでしょうか。")
    case.world.settle()
    runs_again(case, chat)
    assert len(news(case)) == 1


def test_several_messages_at_once_are_one_message_and_none_is_missing(case: Escalating) -> None:
    chat = case.raised().conversation_id or ""
    for number in range(12):
        case.world.intercom.customer_says(chat, f"{number}通目です")
    case.world.settle()
    case.world.intercom.customer_says(chat, "最後です")
    case.world.settle()
    first, last = news(case)
    assert all(f"{number}通目です" in first for number in range(4, 12)) and "ほか" in first
    assert "最後です" in last and "11通目です" not in last


def test_a_message_that_another_run_is_telling_is_not_waited_for(case: Escalating) -> None:
    escalation = case.raised()
    chat = escalation.conversation_id or ""
    first = case.world.intercom.customer_says(chat, "一通目です")
    key, now = f"again:{escalation.id}:{first}", now_ms()
    row = {"key": key, "run_id": "other", "verb": "slack.again", "target": OWNER, "sentence": "s"}
    action = Action(**row, state="started", facts={"parts": [first]}, escalation_id=escalation.id, started_at=now)
    store.write(lambda session: session.add(action))
    case.world.intercom.customer_says(chat, "二通目です")
    case.world.settle()
    [told] = news(case)
    assert "二通目です" in told and "一通目です" not in told
    assert all(run.due_at - now < 5000 for run in case.world.runs())


def test_the_link_leads_to_where_the_customer_wrote_and_another_chat_is_told_of_once(case: Escalating) -> None:
    escalation = case.raised()
    chat = case.world.chats[case.world.chat("別件です。", state="open")]
    for text in ("一通目です", "二通目です"):
        case.world.intercom.customer_says(chat, text)
        case.world.settle()
    [told] = news(case)
    assert "一通目です" in told and f"/{chat}|" in told and f"/{escalation.conversation_id}|" not in told


def test_where_nobody_answers_the_channel_hears_it(case: Escalating) -> None:
    with case.world.rules(fallback="", owner_attributes={}):
        chat = case.raised().conversation_id or ""
        case.world.intercom.customer_says(chat, "まだでしょうか。")
        case.world.settle()
    assert any("まだでしょうか。" in case.text_of(each) for each in case.slack.messages(CHANNEL) if "thread_ts" in each)
    assert said_of(case) == ["Notified the channel that the customer wrote: it has no owner yet."]


def test_where_somebody_left_the_channel_hears_it_and_why(case: Escalating) -> None:
    chat = case.raised().conversation_id or ""
    case.slack.deactivate(OWNER)
    case.world.intercom.customer_says(chat, "まだでしょうか。")
    case.world.settle()
    assert any("まだでしょうか。" in case.text_of(each) for each in case.slack.messages(CHANNEL) if "thread_ts" in each)
    assert said_of(case) == ["Notified the channel that the customer wrote: {name} cannot be reached in Slack."]


def test_what_can_be_told_to_nobody_says_why(case: Escalating) -> None:
    with case.world.rules(fallback="", owner_attributes={}, escalation_channel=""):
        chat = case.raised().conversation_id or ""
        case.world.intercom.customer_says(chat, "まだでしょうか。")
        case.world.settle()
    assert said_of(case) == ["Not notified: it has no owner yet, and it is not in the channel."]


def said_of(case: Escalating) -> list[str]:
    """What the timeline says about the customer's messages."""
    return [action.sentence for action in case.actions() if action.verb == "slack.again"]


def _is_suggestion(message: dict[str, object]) -> bool:
    return "エスカレーションを検討" in str(message["text"])
