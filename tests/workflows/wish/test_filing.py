"""A wish that was not tagged in a chat: from a Slack message, from the phone, from a mail, or split off another one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.demo.company import APP_ID
from integrations.twin import Fault
from tests.asking import AGENT, LEAD, OTHER, WHY, Asking
from tests.world import World
from workflows.engine.actions import VENDOR_IS_OFF
from workflows.engine.outcome import Outcome, Refused
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.rules import KINDS
from workflows.tables.wish import Asked
from workflows.wish import context, filing, productboard_note

BY = Person(LEAD, "斎藤 真理", "lead@kanade.example", LEAD)
QUOTE = "請求書のPDFに部署名を入れたいそうです"


@pytest.fixture
def case(world: World) -> Asking:
    """A company whose people file by hand."""
    return Asking(world)


def phone(**others: str) -> dict[str, str]:
    """A call, as somebody notes it on a page."""
    values = {"company": "101", "person": "工場長の高橋様", "quote": QUOTE, "kind": "wish", "source": "phone"}
    return values | others


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, {"company", "quote", "kind"}),
        (phone(company="new: "), {"company"}),
        (phone(quote=" \n"), {"quote"}),
        (phone(quote="あ" * 3001, person="あ" * 101), {"quote", "person"}),
        (phone(source="fax"), {"source"}),
        (phone(kind="idea", importance="9"), {"kind", "importance"}),
        (phone(conversation="https://example.com/conversation/1"), {"conversation"}),
    ],
)
def test_what_is_wrong_is_told_at_its_field(values: dict[str, str], fields: set[str]) -> None:
    assert filing.problems("ja", values).keys() == fields


def test_a_form_in_slack_without_the_words_is_not_taken(case: Asking) -> None:
    screen = case.file(case.say("山田様より"), company="new:山田商店", quote="   ")
    assert screen.errors and case.wishes() == []


@pytest.mark.parametrize(
    "form", ["", "x", "C0SUPPORT", "C0SUPPORT/1.1", "../../1.1//", "C0SUPPORT/" + "9" * 50 + ".1//"]
)
def test_a_form_that_names_no_message_files_nothing(case: Asking, form: str) -> None:
    said = filing.sent(AGENT, phone(), form)
    assert said == Outcome("ignored", filing.NO_MESSAGE, {}) and case.wishes() == []


def test_nothing_is_split_off_what_is_not_there(case: Asking) -> None:
    with pytest.raises(Refused):
        filing.split(99, quote=QUOTE, kind="wish", by=BY, origin="page:1")
    assert filing.problems_of_split("ja", {"kind": "x", "quote": ""}).keys() == {"kind", "quote"}


# -- from Slack -----------------------------------------------------------------------------------


def test_a_message_becomes_a_wish_with_a_link_to_it(case: Asking) -> None:
    ts = case.say("あおば製作所の高橋様から: 請求書のPDFに部署名がほしい")
    form = case.shortcut(ts)
    assert case.initial(form, "quote") == "あおば製作所の高橋様から: 請求書のPDFに部署名がほしい"
    case.slack.close(AGENT)
    screen = case.file(ts, person="高橋 一郎", background=WHY, importance="high", promise="report")
    assert screen.errors == {} and "高橋様、ご要望" in str(screen.view)
    [wish] = case.wishes()
    assert (wish.source, wish.conversation_id) == ("slack", f"slack:{case.world.channel}/{ts}")
    assert wish.source_url.endswith(f"/archives/{case.world.channel}/p{ts.replace('.', '')}")
    assert (wish.company_id, wish.person_name, wish.taken_by, wish.tag) == ("101", "高橋 一郎", AGENT, "要望")
    assert wish.said_at == int(float(ts) * 1000)
    assert (case.noted(wish).background, case.noted(wish).level) == (WHY, "report")
    note = case.below(wish)
    assert "高橋 一郎" in note and WHY in note and wish.source_url in note


def test_whoever_is_in_the_channel_sees_once_that_it_was_filed(case: Asking) -> None:
    case.slack.fail("POST /api/chat.postMessage", Fault("reset"))
    ts = case.say("部署名がほしい")
    case.file(ts)
    [wish] = case.wishes()
    [line] = [each for each in case.slack.messages(case.world.channel) if each["ts"] != ts]
    assert line["thread_ts"] == ts and line["text"] == f"田中 みなみさんがFB-{wish.id}として登録しました。"
    assert case.direct() == []


def test_the_same_message_is_one_wish_and_says_so(case: Asking) -> None:
    ts = case.say("部署名がほしい")
    case.file(ts)
    case.file(ts, by=OTHER, kind="fault", background=WHY)
    [wish] = case.wishes()
    assert wish.kind == "wish"
    assert "登録済みです" in case.text_of(case.direct(OTHER)[0])
    assert case.noted(wish).background == WHY and WHY in case.below(wish)
    assert len(case.world.productboard.did("create_note")) == 1


def test_the_chat_whose_link_the_message_holds_is_the_wishs_chat(case: Asking) -> None:
    chat = case.world.chats[0]
    link = f"https://app.intercom.com/a/inbox/{APP_ID}/inbox/shared/all/conversation/{chat}"
    ts = case.say(f"この件、要望だと思います <{link}>")
    form = case.shortcut(ts)
    assert case.initial(form, "conversation") == link
    case.slack.close(AGENT)
    case.shortcut(ts)
    case.send(AGENT, {"importance": "low"})
    [wish] = case.wishes()
    assert (wish.conversation_id, wish.part_id) == (chat, f"slack:{case.world.channel}/{ts}")
    assert (wish.company_id, wish.contact_id, wish.company_name) == ("101", "c101", "")
    [note] = case.world.productboard.did("create_note")
    assert note.facts["customer"] == "yamamoto@aoba-seisaku.example"


def test_an_issue_that_names_the_chat_is_what_the_wish_waits_for(case: Asking) -> None:
    chat = case.world.chats[0]
    link = f"https://app.intercom.com/a/inbox/{APP_ID}/inbox/shared/all/conversation/{chat}"
    case.world.jira.describe("KNDE-12", f"お客様の声: {link}")
    case.world.settle()
    case.shortcut(case.say(f"<{link}>"))
    case.send(AGENT, {})
    assert case.world.waiting("KNDE-12") == [case.wishes()[0].id]


def test_where_the_app_may_not_write_the_filer_is_told_directly(case: Asking) -> None:
    ts = case.say("部署名がほしい")
    case.shortcut(ts)
    case.slack.suggest(AGENT, "company", "あおば")
    case.slack.channels[case.world.channel].archived = True
    case.send(AGENT, {"company": "101"})
    [wish] = case.wishes()
    assert f"FB-{wish.id}" in case.text_of(case.direct()[0])


def test_who_says_nothing_of_why_is_reminded_with_the_button(case: Asking) -> None:
    case.file(case.say("部署名がほしい"))
    [wish] = case.wishes()
    store.write(lambda session: setattr(session.get_one(Asked, wish.id), "remind_at", now_ms() - 1))
    assert context.start_due() == 1
    case.world.settle()
    case.fill(wish, background=WHY)
    assert case.noted(wish).background == WHY


def test_a_message_that_is_no_good_changes_no_other_tool(case: Asking) -> None:
    ts = case.say("<!channel> *x* &lt;b&gt;")
    case.file(ts, background="<script>alert(1)</script> <!here>", person="<@U0MORI>")
    [wish] = case.wishes()
    said = "".join(case.text_of(each) for each in case.slack.messages(case.world.channel) if each["ts"] != ts)
    assert "<!here>" not in said and "<@U0MORI>" not in said
    assert "<script>" not in case.world.productboard.notes[wish.note_id].content


# -- from a page ----------------------------------------------------------------------------------


def test_a_call_is_filed_once_for_its_origin(case: Asking) -> None:
    id = filing.by_hand(phone(background=WHY), by=BY, origin="page:1")
    assert filing.by_hand(phone(kind="fault"), by=BY, origin="page:1") == id
    case.world.settle()
    [wish] = case.wishes()
    assert (wish.id, wish.source, wish.conversation_id, wish.source_url) == (id, "phone", "hand:page:1", "")
    assert (wish.taken_by, wish.taken_by_name) == (LEAD, "斎藤 真理")
    assert "電話で受けた要望" in case.below(wish) and WHY in case.below(wish)


def test_a_call_that_is_sent_many_times_at_once_is_one_record(case: Asking) -> None:
    def file(number: int) -> int:
        return filing.by_hand(phone(kind=KINDS[number % len(KINDS)]), by=BY, origin="page:1")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(file, range(16)))) == 1
    case.world.settle()
    assert len(case.wishes()) == len(case.world.productboard.did("create_note")) == 1


@pytest.mark.parametrize("typed", ["株式会社あおば製作所", "new:株式会社あおば製作所"])
def test_a_company_that_is_typed_as_it_is_called_is_that_company(case: Asking, typed: str) -> None:
    filing.by_hand(phone(company=typed), by=BY, origin="page:1")
    assert [(wish.company_id, wish.company_name) for wish in case.wishes()] == [("101", "")]


def test_a_company_that_nobody_knows_keeps_its_name(case: Asking) -> None:
    filing.by_hand(phone(company="new:山田商店", source="mail"), by=BY, origin="page:1")
    case.world.settle()
    [wish] = case.wishes()
    assert (wish.company_id, wish.company_name, wish.source) == (None, "山田商店", "mail")
    assert "山田商店" in case.below(wish) and "メールで受けた要望" in case.below(wish)


# -- split ----------------------------------------------------------------------------------------


def test_another_wish_in_the_same_words_has_a_note_and_a_name_of_its_own(case: Asking) -> None:
    whole = case.world.wish(0)
    ids = [filing.split(whole.id or 0, quote=text, kind="fault", by=BY, origin=text) for text in ("一つ", "二つ")]
    assert filing.split(whole.id or 0, quote="一つ", kind="fault", by=BY, origin="一つ") == ids[0]
    case.world.settle()
    first, *others = case.world.feedback(0)
    assert [wish.part_id for wish in others] == [f"{whole.part_id}#1", f"{whole.part_id}#2"]
    assert {(wish.contact_id, wish.company_id, wish.taken_by) for wish in others} == {("c101", "101", "7001")}
    assert len({first.note_id, *(wish.note_id for wish in others)}) == 3
    assert f"斎藤 真理 split FB-{ids[0]} from this." in case.world.sentences(0)


def test_what_was_split_can_be_split_again(case: Asking) -> None:
    whole = case.world.wish(0)
    part = filing.split(whole.id or 0, quote="一つ", kind="wish", by=BY, origin="page:1")
    filing.split(part, quote="二つ", kind="wish", by=BY, origin="page:2")
    assert [wish.part_id.rpartition("#")[2] for wish in case.world.feedback(0)[1:]] == ["1", "2"]


# -- Productboard ---------------------------------------------------------------------------------


def test_without_productboard_the_record_stands(case: Asking) -> None:
    with case.world.without("productboard"):
        filing.by_hand(phone(), by=BY, origin="page:1")
        case.world.settle()
    assert [wish.note_id for wish in case.wishes()] == [""]
    assert [run.reason for run in case.world.runs()] == [VENDOR_IS_OFF] and productboard_note.PRODUCTBOARD
