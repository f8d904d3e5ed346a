"""A solved conversation's customer is asked once how it went; whoever is not asked is not for a reason that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from sqlmodel import select

from app.demo.company import SERVICE_ADMIN
from integrations.twin import Fault
from tests.clock import Hands
from tests.dry import dry
from tests.surveying import AGENT, OTHER, Surveying
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.language.addresses import Site
from workflows.measure import survey, survey_texts, surveys
from workflows.overview import beside
from workflows.rules import rules
from workflows.tables.enquiry import Enquiry
from workflows.tables.measure import Survey
from workflows.tables.telling import Telling

REPLY = "POST /conversations/{id}/reply"


@pytest.fixture
def hands() -> Iterator[Hands]:
    """The service's clock."""
    hands = Hands()
    yield hands
    hands.release()


@pytest.fixture
def case(world: World, hands: Hands) -> Iterator[Surveying]:
    """A company that asks."""
    with world.rules():
        yield Surveying(world, hands)


def not_asked(case: Surveying, chat: str, *why: str) -> None:
    """For this reason, and nothing was written."""
    assert (case.written(chat), case.why(chat)) == ([], list(why))
    assert all(each.token is None and each.asked_at is None and each.due_at is None for each in case.surveys(chat))


# -- not asked, and why ------------------------------------------------------------------------------


def test_nobody_is_asked_where_the_rules_do_not_say_so(world: World, hands: Hands) -> None:
    with world.rules():
        case = Surveying(world, hands)
        rules.survey = replace(rules.survey, on=False)
        chat = case.solved()
        case.minutes_pass(60)
        assert (case.written(chat), case.surveys(chat)) == ([], [])


def test_switched_off_meanwhile(case: Surveying) -> None:
    chat = case.solved()
    rules.survey = replace(rules.survey, on=False)
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.OFF)


def test_not_before_its_time(case: Surveying) -> None:
    chat = case.solved()
    case.minutes_pass(9)
    assert case.written(chat) == [] and case.why(chat) == [""]


def test_reopened_by_the_customer(case: Surveying) -> None:
    chat = case.solved()
    case.says(chat, "まだ出ません")
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.REOPENED)


def test_reopened_by_one_of_us(case: Surveying) -> None:
    chat = case.solved()
    case.intercom.reopen(chat, AGENT)
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.REOPENED)


def test_closed_without_an_answer_by_a_person(case: Surveying) -> None:
    chat = case.asks("請求書が出ません")
    case.closes(chat)
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.UNANSWERED)


def test_where_the_customer_never_wrote(case: Surveying) -> None:
    chat = case.intercom.write_first("880999", "c101", AGENT, "キャンペーンのご案内です。")
    case.closes(chat)
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.NEVER_WROTE)


def test_asked_lately_in_another_conversation(case: Surveying) -> None:
    first, second = case.solved(), case.solved()
    case.minutes_pass(10)
    asked = [chat for chat in (first, second) if case.links(chat)]
    other = second if asked == [first] else first
    assert len(asked) == 1
    not_asked(case, other, survey_texts.LATELY)


def test_deleted_meanwhile(case: Surveying) -> None:
    chat = case.solved()
    del case.intercom.books.conversations[chat]
    case.minutes_pass(10)
    assert case.why(chat) == [survey_texts.NO_CHAT]


def test_merged_meanwhile(case: Surveying) -> None:
    chat, other = case.solved(), case.asks("別件です", "102")
    case.intercom.merge(chat, other)
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.MERGED)


def test_a_ticket_now(case: Surveying) -> None:
    chat = case.solved()
    case.intercom.books.conversations[chat].ticket_id = "55"
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.NO_CHAT)


def test_the_customer_is_gone(case: Surveying) -> None:
    chat = case.solved()
    del case.intercom.books.contacts["c101"]
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.NOBODY)


def test_mail_bounces(case: Surveying) -> None:
    chat = case.solved(medium="email")
    case.intercom.books.contacts["c101"].bounced = True
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.BOUNCED)


def test_where_nobody_can_be_written_to(case: Surveying) -> None:
    chat = case.solved()
    case.intercom.books.locked.add(chat)
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.REFUSED)


def test_the_services_own_teammate_cannot_write(case: Surveying) -> None:
    chat = case.solved()
    case.intercom.books.seatless.add(SERVICE_ADMIN)
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.NO_SENDER)


def test_rated_in_intercom_already(case: Surveying) -> None:
    chat = case.solved()
    case.intercom.rate(chat, 5)
    case.world.settle()
    case.minutes_pass(10)
    [row] = case.surveys(chat)
    assert (row.not_asked, row.score, row.origin, case.written(chat)) == (survey_texts.RATED, "good", "intercom", [])


def test_brought_from_the_past(case: Surveying) -> None:
    chat = case.asks("請求書が出ません")
    case.answers(chat, "設定画面から出せます。")
    store.write(partial(lambda session: setattr(session.get_one(Enquiry, chat), "is_past", True)))
    case.closes(chat)
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.PAST)


def test_closed_long_ago(case: Surveying) -> None:
    chat = case.solved()
    case.minutes_pass(5 * 24 * 60)
    not_asked(case, chat, survey_texts.LATE)


def test_without_an_address_of_ours(case: Surveying, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = case.solved()
    monkeypatch.setattr(Site, "public_url", "")
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.NO_ADDRESS)


def test_a_dry_run_asks_nobody_and_leaves_no_link(case: Surveying) -> None:
    chat = case.solved()
    rules.dry_run = replace(rules.dry_run, on=True)
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.DRY)
    assert case.world.intercom.did("comment", chat) == []


def test_surveys_alone_can_be_dry_and_nothing_is_made_up_for(case: Surveying) -> None:
    chat = case.solved()
    with dry(case.world, "survey") as writes:
        case.minutes_pass(10)
    assert writes == []
    not_asked(case, chat, survey_texts.DRY)
    [row] = store.read(lambda session: beside.of(session, 0, now_ms() + 1, "survey"))
    [action] = row.actions
    assert (action.verb, action.state, row.conversation_id) == ("intercom.survey", "would", chat)
    assert "/rate/" in str(action.facts["asked"])
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.DRY)
    other = case.solved("締め日を変えたいです", "102")
    case.minutes_pass(10)
    assert len(case.links(other)) == 1


def test_customers_are_asked_while_something_else_is_dry(case: Surveying) -> None:
    with dry(case.world, "digest"):
        chat = case.solved()
        case.minutes_pass(10)
    assert len(case.links(chat)) == 1


def test_what_was_erased_is_not_asked_about(case: Surveying) -> None:
    chat = case.solved()
    case.intercom.delete(chat)
    case.world.settle()
    case.minutes_pass(10)
    assert case.world.intercom.did("comment", chat) == []


def test_our_own_news_reopened_it(case: Surveying) -> None:
    chat = case.solved()
    case.minutes_pass(10)
    assert len(case.links(chat)) == 1
    told(chat, drafted_at=now_ms() + 1000)
    case.intercom.reopen(chat, SERVICE_ADMIN)
    time_goes_on(case)
    case.intercom.agent_says(chat, AGENT, "ご利用いただけるようになりました。", at=later(case))
    case.intercom.close(chat, AGENT, at=later(case))
    case.world.settle()
    rules.survey = replace(rules.survey, per_person_days=0)
    case.minutes_pass(10)
    assert case.why(chat)[-1] in (survey_texts.NEVER_WROTE, survey_texts.NEWS) and len(case.links(chat)) == 1


def test_thanks_for_our_news_are_closed(case: Surveying) -> None:
    chat = case.asks("CSVで出したい")
    told(chat, drafted_at=now_ms() - DAY_MS, told_at=now_ms() - 60_000)
    case.answers(chat, "ありがとうございます。")
    case.closes(chat)
    case.minutes_pass(10)
    not_asked(case, chat, survey_texts.NEWS)


def told(chat: str, *, drafted_at: int, told_at: int | None = None) -> None:
    """We opened a closed conversation again, to tell something there."""
    row = Telling(release_id="1:1/done", conversation_id=chat, state="told", found="closed", owed_at=1)
    row.drafted_at, row.told_at = drafted_at, told_at
    store.write(lambda session: session.add(row))


def time_goes_on(case: Surveying) -> None:
    case.hands.go_on(120)


def later(case: Surveying) -> int:
    """The second that the service's clock shows."""
    return int(case.hands.time())


# -- asked -------------------------------------------------------------------------------------------


def test_the_customer_gets_a_link_in_the_services_own_name(case: Surveying) -> None:
    chat = case.solved()
    case.minutes_pass(10)
    [(who, text)] = case.written(chat)
    assert who == SERVICE_ADMIN and text.startswith("今回のサポートはいかがでしたか。")
    [link], [row] = case.links(chat), case.surveys(chat)
    token = link.rpartition("/")[2]
    assert link == f"{Site.public_url}/rate/{token}" and len(token) >= 32
    assert (row.token, row.admin_id, row.medium) == (surveys.digest(token), AGENT, "chat") and row.part_id
    assert row.good_until is not None and row.good_until > now_ms() + 13 * DAY_MS
    assert token not in str([run.arguments for run in case.world.runs()]) + str(case.world.actions())


def test_it_is_no_answer_and_opens_nothing(case: Surveying) -> None:
    chat = case.solved()
    before, waits = case.row(chat), case.waits(chat)
    case.minutes_pass(10)
    after = case.row(chat)
    assert case.links(chat) and case.intercom.books.conversations[chat].state == "closed"
    assert (after.state, after.solved_at, after.said_at) == (before.state, before.solved_at, before.said_at)
    assert case.waits(chat) == waits and case.world.intercom.did("close", chat) == []


def test_where_an_answer_opens_a_conversation_it_is_closed_again_and_nobody_is_asked_twice(case: Surveying) -> None:
    case.intercom.answers_open = True
    chat = case.solved()
    waits = case.waits(chat)
    case.minutes_pass(10)
    case.minutes_pass(60)
    assert case.intercom.books.conversations[chat].state == "closed" and case.row(chat).state == "solved"
    assert len(case.links(chat)) == 1 and len(case.surveys(chat)) == 1 and case.waits(chat) == waits
    assert len(case.world.intercom.did("close", chat)) == 1


def test_what_somebody_goes_on_with_is_not_closed_again(case: Surveying) -> None:
    case.intercom.answers_open = True
    chat = case.solved()
    [row] = case.surveys(chat)
    case.hands.go_on(660)
    survey.start_due()
    case.world.conduct_one()
    talk = case.intercom.books.conversations[chat]
    talk.state = "open"
    case.intercom.assign_by_hand(chat, AGENT, OTHER)
    asked = case.surveys(chat)[0]
    survey._keep_shut(row, asked.part_id)
    assert talk.state == "open"


def test_solved_again_is_asked_again_once_the_person_may_be(case: Surveying) -> None:
    rules.survey = replace(rules.survey, per_person_days=0)
    chat = case.solved()
    case.minutes_pass(10)
    at = later(case)
    case.intercom.customer_says(chat, "もう一つ教えてください", at=at)
    case.intercom.agent_says(chat, AGENT, "はい。", at=at + 1)
    case.intercom.close(chat, AGENT, at=at + 2)
    case.world.settle()
    case.minutes_pass(11)
    assert len(case.links(chat)) == len(set(case.links(chat))) == 2 and case.why(chat) == ["", ""]


def test_a_close_that_is_heard_of_twice_is_one_episode(case: Surveying) -> None:
    chat = case.solved()
    case.world.reconcile()
    case.minutes_pass(10)
    case.world.reconcile()
    case.minutes_pass(10)
    assert len(case.surveys(chat)) == len(case.links(chat)) == 1


def test_a_close_whose_webhook_was_lost_is_found(case: Surveying) -> None:
    chat = case.asks("請求書が出ません")
    case.answers(chat, "設定画面から出せます。")
    case.world.loss = 1.0
    case.closes(chat)
    case.world.loss = 0.0
    case.hands.go_on(30)
    case.world.reconcile()
    case.minutes_pass(10)
    assert len(case.links(chat)) == 1


def test_a_customer_is_asked_in_their_own_language(case: Surveying) -> None:
    case.intercom.books.contacts["c101"].language = "en-US"
    chat = case.solved("The invoice is missing")
    case.minutes_pass(10)
    assert case.written(chat)[0][1].startswith("How was our support in this conversation?")


@pytest.mark.fault("F96")
@pytest.mark.parametrize("trouble", ["500", "429", "lost", "reset", "late-500", "truncated", "html"])
def test_whatever_intercom_does_one_link_arrives_and_it_works(case: Surveying, trouble: str) -> None:
    chat = case.solved()
    case.intercom.fail(REPLY, Fault(trouble))
    case.minutes_pass(10)
    for _ in range(4):
        case.hands.go_on(120)
        case.world.settle()
    [link], [row] = case.links(chat), case.surveys(chat)
    assert row.token == surveys.digest(link.rpartition("/")[2]) and row.part_id and not row.not_asked


def test_two_conversations_of_one_person_at_the_same_moment(case: Surveying) -> None:
    chats = [case.solved(customer="101") for _ in range(3)]
    case.hands.go_on(660)
    survey.start_due()
    case.world.conduct_at_once()
    case.world.settle()
    assert sum(len(case.links(chat)) for chat in chats) == 1


# -- ratings given in Intercom -----------------------------------------------------------------------


@pytest.mark.parametrize(("rating", "score"), [(1, "bad"), (2, "bad"), (3, "bad"), (4, "good"), (5, "good")])
def test_what_is_said_in_intercom_counts(case: Surveying, rating: int, score: str) -> None:
    chat = case.solved()
    case.intercom.rate(chat, rating, "遅かったです")
    case.world.settle()
    [row] = case.surveys(chat)
    assert (row.score, row.rating, row.origin, row.remark) == (score, rating, "intercom", "遅かったです")


def test_a_rating_whose_webhook_was_lost_is_found(case: Surveying) -> None:
    chat = case.solved()
    case.world.loss = 1.0
    case.intercom.rate(chat, 2)
    case.world.settle()
    case.world.loss = 0.0
    case.world.reconcile()
    assert [row.score for row in case.surveys(chat)] == ["bad"]


def test_a_rating_is_kept_where_nobody_is_asked(case: Surveying) -> None:
    rules.survey = replace(rules.survey, on=False)
    chat = case.solved()
    case.intercom.rate(chat, 4)
    case.world.settle()
    assert [(row.score, row.asked_at) for row in case.surveys(chat)] == [("good", None)]


def test_of_what_is_said_in_intercom_and_by_the_link_the_newest_counts(case: Surveying) -> None:
    chat = case.solved()
    case.minutes_pass(10)
    token = case.links(chat)[0].rpartition("/")[2]
    store.write(partial(surveys.vote, token=token, score="good", now=now_ms()))
    case.intercom.rate(chat, 1)
    case.world.settle()
    found = store.read(lambda session: session.exec(select(Survey.score, Survey.origin)).one())
    assert found == ("good", "link"), "the clock of the service is ahead of Intercom's in this play"
    case.hands.go_on(-3600)
    store.write(partial(surveys.vote, token=token, score="bad", now=now_ms()))
    case.intercom.rate(chat, 5)
    case.world.settle()
    assert store.read(lambda session: session.exec(select(Survey.score, Survey.rating)).one()) == ("good", 5)


# -- not satisfied -----------------------------------------------------------------------------------


def say(case: Surveying, chat: str, score: str, remark: str = "") -> None:
    """The customer says so by the link."""
    token = case.links(chat)[0].rpartition("/")[2]
    store.write(partial(surveys.vote, token=token, score=score, now=now_ms()))
    store.write(partial(surveys.explain, token=token, reasons=(), remark=remark, now=now_ms()))


def suggested(case: Surveying) -> list[str]:
    """What was suggested in Slack."""
    said = [each for channel in (rules.support_channel, "D0TANAKA") for each in case.slack.messages(channel)]
    return [str(each) for each in said if "アンケートの回答" in str(each)]


def test_a_bad_answer_suggests_an_escalation_with_the_remark(case: Surveying) -> None:
    chat = case.solved()
    case.minutes_pass(10)
    say(case, chat, "bad", "説明が足りません")
    case.minutes_pass(2)
    assert suggested(case) == []
    case.minutes_pass(2)
    [message] = suggested(case)
    assert "説明が足りません" in message
    case.minutes_pass(60)
    assert len(suggested(case)) == 1


def test_a_good_answer_suggests_nothing(case: Surveying) -> None:
    chat = case.solved()
    case.minutes_pass(10)
    say(case, chat, "good")
    case.minutes_pass(10)
    assert suggested(case) == []


def test_who_changes_their_mind_in_time_causes_no_suggestion(case: Surveying) -> None:
    chat = case.solved()
    case.minutes_pass(10)
    say(case, chat, "bad")
    case.minutes_pass(1)
    say(case, chat, "good")
    case.minutes_pass(10)
    assert suggested(case) == []


def test_a_rule_that_is_off_suggests_nothing(case: Surveying) -> None:
    rules.suggest_rating = 0
    chat = case.solved()
    case.minutes_pass(10)
    say(case, chat, "bad")
    case.minutes_pass(10)
    assert suggested(case) == [] and case.world.runs()[-1].reason == survey.RULE_IS_OFF
