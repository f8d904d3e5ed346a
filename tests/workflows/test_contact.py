"""A customer writes or rates: the rules may suggest an escalation, never make one, and each silence has a reason."""

from __future__ import annotations

import pytest

from tests.escalating import AGENT, Escalating
from tests.world import World

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
    reason = "Nothing was suggested: no word of the list, and contact 0 about the same thing."
    assert (suggestions(case), case.world.reasons(REPLIED)) == ([], [("ignored", reason)])


def test_a_good_rating_suggests_nothing_and_says_why(case: Escalating) -> None:
    case.world.intercom.rate(case.world.chats[0], 5)
    case.world.settle()
    assert case.world.reasons(RATED) == [("ignored", "Nothing was suggested: the rating is 5 of 5.")]


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
    assert case.world.reasons(RATED) == [("ignored", f"Not suggested: E-{escalation.id} is open already.")]


def test_what_was_dismissed_is_not_suggested_again(case: Escalating) -> None:
    case.world.intercom.customer_says(case.world.chats[0], "返金してください。")
    case.world.settle()
    case.press(AGENT, "dismiss_suggestion", f"D{AGENT[1:]}")
    assert "不要と判断しました" in suggestions(case)[0]
    case.world.intercom.rate(case.world.chats[0], 1)
    case.world.settle()
    reason = "Not suggested: somebody dismissed a suggestion in this conversation before."
    assert (len(suggestions(case)), case.world.reasons(RATED)) == (1, [("ignored", reason)])


# -- suggestions ----------------------------------------------------------------------------------


def test_words_of_anger_suggest_once_and_escalate_nothing(case: Escalating) -> None:
    for _ in range(2):
        case.world.intercom.customer_says(case.world.chats[0], "もう解約します。責任者を出してください。")
        case.world.settle()
    [message] = case.direct(AGENT)
    assert "お客様の文中に「解約、責任者」があります。" in case.text_of(message)
    assert case.all() == [] and case.posts() == []


def test_a_bad_rating_suggests_with_the_customers_remark(case: Escalating) -> None:
    case.world.intercom.rate(case.world.chats[0], 1, "対応が遅い <!channel>")
    case.world.settle()
    [message] = case.direct(AGENT)
    assert "お客様の評価は5段階の1です。対応が遅い &lt;!channel&gt;" in case.text_of(message)


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
    assert suggestions(case)[0] == f"E-{case.one().id} としてエスカレーションしました。"


def test_a_new_conversation_of_a_company_in_trouble_reaches_whoever_answers(case: Escalating) -> None:
    case.raised()
    chat = case.world.chats[case.world.chat("別の担当ですが、先日の件はどうなりましたか。", state="open")]
    case.world.intercom.announce("conversation.user.created", case.world.intercom.books.conversations[chat])
    case.world.settle()
    assert "先日の件はどうなりましたか" in case.text_of(case.direct("U0MORI")[-1])


def _is_suggestion(message: dict[str, object]) -> bool:
    return "エスカレーションを検討" in str(message["text"])
