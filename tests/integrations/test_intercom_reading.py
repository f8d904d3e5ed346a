"""How Intercom's answers are read: what differs between versions, and what people write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import Malformed
from integrations.intercom import Company, Conversation, Tag, conversation_in, plain, reading
from integrations.intercom.urls import conversation_url, region_of
from integrations.untrusted import Node

ADMIN, URL = "7001", "https://app.intercom.com/a/inbox/yb12cd34/inbox/shared/all/conversation/101"
COMPLETE: dict[str, Any] = {
    "type": "conversation",
    "id": "101",
    "state": "open",
    "title": "CSV出力",
    "created_at": 1_794_900_000,
    "updated_at": 1_794_900_600,
    "snoozed_until": None,
    "admin_assignee_id": 7002,
    "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "66aa01"}]},
    "source": {"id": "1", "body": "<p>こんにちは</p>", "author": {"type": "user", "id": "66aa01"}, "redacted": False},
    "statistics": {"last_close_at": 1_794_900_300},
    "conversation_parts": {"conversation_parts": [{"id": "2", "part_type": "close", "created_at": 1_794_900_200}]},
}


def read(**changes: Any) -> Conversation:
    return reading.conversation(Node(COMPLETE | changes, ""), ADMIN, URL)


def parts(*ones: dict[str, Any]) -> dict[str, Any]:
    return {"conversation_parts": list(ones)}


# -- versions differ ----------------------------------------------------------------------------


@pytest.mark.parametrize("nobody", [None, 0, "0", ""])
def test_an_unassigned_conversation_has_no_assignee(nobody: Any) -> None:
    assert read(admin_assignee_id=nobody).admin_assignee_id == ""


@pytest.mark.parametrize("seconds", [1_794_900_000, "1794900000", "2026-11-17T07:20:00Z", "2026-11-17T16:20:00+09:00"])
def test_times_come_as_numbers_and_as_text(seconds: Any) -> None:
    assert read(created_at=seconds).created_at == 1_794_900_000


@pytest.mark.parametrize("unreadable", [None, 0, "", "soon", [], {}, True, 10**30])
def test_a_time_that_cannot_be_read_is_none(unreadable: Any) -> None:
    assert read(snoozed_until=unreadable).snoozed_until is None


def test_the_newest_close_counts_whoever_knows_it() -> None:
    assert read().last_close_at == 1_794_900_300
    late = parts({"id": "2", "part_type": "close", "created_at": 1_794_900_500})
    assert read(conversation_parts=late).last_close_at == 1_794_900_500
    assert read(statistics=None, conversation_parts=None).last_close_at is None


def test_what_may_be_missing_is_empty() -> None:
    bare = reading.conversation(Node({"id": 101, "state": "open"}, ""), ADMIN, URL)
    assert (bare.id, bare.title, bare.contact_ids, bare.company, bare.tags, bare.parts) == ("101", "", (), None, (), ())
    assert (bare.source.text, bare.source.author.is_customer, bare.ticket_id) == ("", False, "")


@pytest.mark.parametrize("field", ["id", "state"])
def test_what_may_not_be_missing_is_named(field: str) -> None:
    with pytest.raises(Malformed, match=field):
        read(**{field: None})


def test_a_company_without_a_plan_and_with_a_broken_amount() -> None:
    node = Node({"id": 5, "plan": {}, "monthly_spend": None}, "")
    assert reading.company(node) == Company("5", "", "", "", 0.0, "")
    amounts = [1200, "1200.5", "nan", "much", [], {}]
    spent = [reading.company(Node({"id": "5", "monthly_spend": amount}, "")).monthly_spend for amount in amounts]
    assert spent == [1200.0, 1200.5, 0.0, 0.0, 0.0, 0.0]


def test_a_companys_own_attributes_are_text_whatever_they_hold() -> None:
    held = {"担当": "森 大輔", "seats": 12, "share": 0.5, "vip": True, "until": None, "sites": ["東京", "大阪"]}
    read = reading.company(Node({"id": "5", "custom_attributes": held}, ""))
    assert read.attributes == {
        "担当": "森 大輔",
        "seats": "12",
        "share": "0.5",
        "vip": "true",
        "until": "",
        "sites": '["東京","大阪"]',
    }
    assert hash(read) == hash(reading.company(Node({"id": "5"}, "")))
    with pytest.raises(Malformed, match="custom_attributes"):
        reading.company(Node({"id": "5", "custom_attributes": [1]}, ""))


@pytest.mark.parametrize(("said", "known"), [({}, None), (None, None), (False, False), (True, True)])
def test_what_intercom_does_not_say_of_somebodys_mail_is_not_known(said: Any, known: bool | None) -> None:
    given = {"id": "66aa01"} | ({} if said == {} else {"has_hard_bounced": said, "marked_email_as_spam": said})
    contact = reading.contact(Node(given, ""))
    assert (contact.has_bounced, contact.marked_spam) == (known, known)


@pytest.mark.parametrize("data", [None, {}, {"subject": "Re: CSV", "email_address_headers": []}])
def test_a_part_was_mailed_where_intercom_tells_of_its_mail(data: Any) -> None:
    given = {"id": "2", "part_type": "comment", "body": "<p>x</p>", "email_message_metadata": data}
    assert reading.part(Node(given, ""), "7001").mailed is bool(data)


@pytest.mark.parametrize("nobody", [None, 0, "0", ""])
def test_a_contact_without_an_owner_has_none(nobody: Any) -> None:
    assert reading.contact(Node({"id": "66aa01", "owner_id": nobody}, "")).owner_id == ""
    assert reading.contact(Node({"id": "66aa01", "owner_id": 7002}, "")).owner_id == "7002"


@pytest.mark.parametrize("rating", [None, {}, [], {"created_at": 1_794_900_000}, {"rating": None, "remark": None}])
def test_a_rating_that_was_asked_for_is_none_until_it_is_given(rating: Any) -> None:
    assert (read(conversation_rating=rating).rating, read(conversation_rating=rating).remark) == (None, "")


def test_a_rating_is_a_number_and_a_remark() -> None:
    rated = read(conversation_rating={"rating": 2, "remark": "返事が遅い"})
    assert (rated.rating, rated.remark) == (2, "返事が遅い")


@pytest.mark.parametrize(
    ("by", "who"),
    [({"type": "admin", "id": 7002}, "7002"), ({"type": "contact", "id": "66aa01"}, ""), (None, ""), ({}, "")],
)
def test_only_a_teammate_counts_as_who_tagged(by: Any, who: str) -> None:
    tags = {"tags": [{"id": 9, "name": "要望", "applied_at": 1_794_900_000, "applied_by": by}]}
    assert read(tags=tags).tags == (Tag("9", "要望", who, 1_794_900_000),)


@pytest.mark.parametrize(
    ("author", "package", "ours"),
    [
        ({"type": "admin", "id": 7001}, None, True),
        ({"type": "admin", "id": "7002"}, None, False),
        ({"type": "admin", "id": "7001"}, "yamabiko", True),
        ({"type": "admin", "id": "7002"}, "another-app", False),
        ({"type": "bot", "id": "1"}, "another-app", False),
        ({"type": "user", "id": "7001"}, None, False),
        ({"type": "user", "id": "66aa01"}, "their-mobile-app", False),
    ],
)
def test_what_is_ours_is_known_by_our_teammate_whichever_app_it_was_written_in(
    author: dict[str, Any], package: str | None, ours: bool
) -> None:
    one = {"id": "2", "part_type": "comment", "author": author, "app_package_code": package}
    assert read(conversation_parts=parts(one)).parts[0].by_us is ours


@pytest.mark.parametrize(
    ("kind", "author", "body", "expected"),
    [
        ("comment", "7002", "<p>はい</p>", (True, False)),
        ("quick_reply", "7002", "<p>はい</p>", (True, False)),
        ("quick_reply", "7002", None, (False, False)),
        ("close", "7002", "<p>はい</p>", (True, False)),
        ("close", "7002", None, (False, False)),
        ("assignment", "7002", "<p>はい</p>", (True, False)),
        ("assign_and_reopen", "7002", "<p>はい</p>", (True, False)),
        ("note", "7002", "<p>はい</p>", (False, True)),
        ("note_and_reopen", "7002", "<p>はい</p>", (False, True)),
        ("comment", "7001", "<p>はい</p>", (False, False)),
    ],
)
def test_an_answer_is_what_a_teammate_wrote_to_the_customer(
    kind: str, author: str, body: str | None, expected: tuple[bool, bool]
) -> None:
    one = {"id": "2", "part_type": kind, "author": {"type": "admin", "id": author}, "body": body}
    [part] = read(conversation_parts=parts(one)).parts
    assert (part.is_answer, part.is_note) == expected


@pytest.mark.parametrize(
    ("state", "kind", "linked", "expected"),
    [
        ("closed", "merged_secondary_conversation", ["102"], (True, "102")),
        ("closed", "merged_secondary_conversation", [], (True, "")),
        ("closed", "merged_secondary_conversation", ["102", "103"], (True, "")),
        ("open", "merged_secondary_conversation", ["102"], (False, "")),
        ("closed", "merged_primary_conversation", ["102"], (False, "")),
        ("closed", "close", ["102"], (False, "")),
    ],
)
def test_a_merge_shows_in_the_parts_and_its_goal_in_the_links(
    state: str, kind: str, linked: list[str], expected: tuple[bool, str]
) -> None:
    links = {"data": [{"type": "ticket", "id": "9"}, *({"type": "conversation", "id": one} for one in linked)]}
    merged = read(state=state, conversation_parts=parts({"id": "2", "part_type": kind}), linked_objects=links)
    assert (merged.merged, merged.merged_into) == expected


def test_characters_that_no_database_keeps_are_dropped() -> None:
    said = json.loads('{"body": "a\\u0000b\\ud83dc\\ud83d\\ude00", "tags": ["\\u0000"], "n": 1}')
    assert reading.scrubbed(said) == {"body": "abc😀", "tags": [""], "n": 1}


# -- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("api", "host"),
    [
        ("https://api.intercom.io", "https://app.intercom.com/"),
        ("https://api.eu.intercom.io", "https://app.eu.intercom.com/"),
        ("https://api.au.intercom.io/", "https://app.au.intercom.com/"),
        ("http://127.0.0.1:8001/intercom", "https://app.intercom.com/"),
    ],
)
def test_a_link_leads_into_the_inbox_of_the_region(api: str, host: str) -> None:
    link = conversation_url("yb12cd34", "101", region_of(api))
    assert link == f"{host}a/inbox/yb12cd34/inbox/shared/all/conversation/101"
    assert conversation_in(link) == "101"


@pytest.mark.parametrize(
    ("link", "id"),
    [
        ("https://app.intercom.io/a/apps/yb12cd34/conversations/101", "101"),
        ("https://app.eu.intercom.io/a/apps/yb12cd34/conversations/101?x=1", "101"),
        ("https://app.intercom.org/a/apps/yb12cd34/conversations/101", ""),
        ("https://app.intercom.io.example/a/apps/yb12cd34/conversations/101", ""),
    ],
)
def test_older_links_lead_there_too(link: str, id: str) -> None:
    assert conversation_in(link) == id


# -- plain text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (None, ""),
        ("<p>一行目</p><p>二行目</p>", "一行目\n二行目"),
        ("<p>一行目<br>二行目<br/><br/><br/>三行目</p>", "一行目\n二行目\n\n三行目"),
        ("<h2>環境</h2>\n<ul>\n<li>PDF</li>\n<li><p>CSV</p></li>\n</ul>", "環境\n- PDF\n- CSV"),
        ("<p>A &amp; B &lt;C&gt;&nbsp;D</p>", "A & B <C> D"),
        ("一行目\n  二行目 & 三", "一行目\n  二行目 & 三"),
        ("<p>一\n 行</p>", "一 行"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ('<a href="https://aoba.example/x">こちら</a>', "こちら (https://aoba.example/x)"),
        ('<a href="https://aoba.example">https://aoba.example</a>', "https://aoba.example"),
        ('<a href="javascript:alert(1)">押す</a>', "押す"),
        ("<script>alert(1)</script><style>p{}</style>残り", "残り"),
        ("前<!-- YB-7 -->後<!-- 閉じない", "前後"),
        ("1 < 2 <3 > 0", "1 < 2 <3 > 0"),
        ("<p", "<p"),
        ("<![CDATA[x", "<![CDATA[x"),
    ],
)
def test_a_body_as_plain_text(html: str | None, text: str) -> None:
    assert plain.text(html) == text


@given(st.text(alphabet="<>&!/-'\"= \n#;apscriptdvlhe要望", max_size=300))
def test_no_body_makes_it_fail(html: str) -> None:
    assert len(plain.text(html)) <= 2 * len(html) + 10


@pytest.mark.timeout(100)  # html.parser alone takes minutes for some of these
@pytest.mark.parametrize(
    "piece", ["<!--", "<a ", "<", "<a b='", "<![CDATA[", "</", "&#", "<div>", "<a href='https://x'>"]
)
def test_broken_mark_up_is_read_to_its_end(piece: str) -> None:
    assert plain.text("要望" + piece * (plain.LONGEST // len(piece))).startswith("要望")
