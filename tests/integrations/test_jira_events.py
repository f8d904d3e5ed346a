"""What Jira tells us: who may tell it, what is refused, and what each delivery means."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import jira
from integrations.contract import BadSignature, Delivery, Event, Headers, Malformed
from integrations.jira import (
    IssueDeleted,
    IssueMentioned,
    IssueMoved,
    IssueResolved,
    VersionMerged,
    VersionReleased,
    VersionUnreleased,
)
from integrations.jira.admin import EVENTS
from integrations.jira.events import READERS
from integrations.jira.richtext import document, links, texts
from integrations.jira.twin.text import is_document
from integrations.untrusted import Node
from tests.integrations.jira_spec import SAMPLES, needs_samples

PAYLOADS = Path(__file__).parents[1] / "payloads" / "jira"
SECRET, OLD_SECRET = "りんご-harvest-2026", "an older secret"
BODY = b'{"webhookEvent": "jira:issue_updated"}'
TALK = "https://app.intercom.com/a/inbox/aomori1/inbox/conversation/"


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(*pairs: tuple[str, str]) -> Headers:
    return Headers((name.encode(), value.encode()) for name, value in pairs)


def signed(value: str) -> Headers:
    return headers(("x-hub-signature", value))


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def told(name: str) -> Any:
    return json.loads(payload(name))


def parsed(body: Any) -> Delivery:
    return jira.parse(headers(), json.dumps(body).encode())


# -- signatures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sha256",
        "sha256=",
        signature(BODY).removeprefix("sha256="),
        signature(BODY).replace("sha256=", "sha1="),
        signature(BODY).replace("sha256=", "SHA256="),
        signature(BODY).upper().replace("SHA256", "sha256"),
        signature(BODY) + "0",
        " " + signature(BODY),
        signature(b"another body"),
        signature(BODY, "not the secret"),
        signature(BODY, ""),
        "sha256=" + hashlib.sha256(BODY).hexdigest(),
    ],
)
def test_a_wrong_signature_is_refused(value: str) -> None:
    with pytest.raises(BadSignature):
        jira.verify(signed(value), BODY, [SECRET], 0.0)


def test_a_missing_signature_is_refused() -> None:
    with pytest.raises(BadSignature, match="missing"):
        jira.verify(headers(), BODY, [SECRET], 0.0)


@pytest.mark.parametrize("name", ["X-Hub-Signature-256", "X-Signature"])
def test_a_signature_in_another_header_is_refused(name: str) -> None:
    with pytest.raises(BadSignature):
        jira.verify(headers((name, signature(BODY))), BODY, [SECRET], 0.0)


@pytest.mark.fault("F62")
def test_headers_that_occur_twice_or_are_not_ascii_are_refused() -> None:
    good = ("X-Hub-Signature", signature(BODY))
    twice, name = "occurs 2 times", "X-Atlassian-Webhook-Identifier"
    with pytest.raises(BadSignature, match=twice):
        jira.verify(headers(good, good), BODY, [SECRET], 0.0)
    with pytest.raises(BadSignature, match=twice):
        jira.verify(headers(good, (name, "a"), (name, "b")), BODY, [SECRET], 0.0)
    with pytest.raises(BadSignature, match="not ASCII"):
        jira.verify(signed("sha256=りんご"), BODY, [SECRET], 0.0)


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_nothing_is_accepted(secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        jira.verify(signed(signature(BODY, "")), BODY, secrets, 0.0)


@given(place=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_a_body_that_changed_on_the_way_is_refused(place: int, bit: int) -> None:
    changed = bytearray(BODY)
    changed[place] ^= 1 << bit
    with pytest.raises(BadSignature):
        jira.verify(signed(signature(BODY)), bytes(changed), [SECRET], 0.0)


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_either_of_two_live_secrets_is_accepted(secret: str) -> None:
    jira.verify(signed(signature(BODY, secret)), BODY, [SECRET, OLD_SECRET], 0.0)


def test_the_example_of_the_documentation_is_accepted() -> None:
    value = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    jira.verify(signed(value), b"Hello World!", ["It's a Secret to Everybody"], 0.0)


# -- handshake -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_whoever_looks_at_the_address_is_answered(method: str) -> None:
    answer = jira.handshake(method, {}, b"")
    assert answer is not None
    assert answer.status == 200


def test_a_delivery_is_no_handshake() -> None:
    assert jira.handshake("POST", {}, BODY) is None


# -- what is malformed ---------------------------------------------------------------------------


def without(name: str, *path: str, instead: Any = ...) -> Any:
    """A payload without one of its fields, or with something else in its place."""
    body = told(name)
    place = body
    for step in path[:-1]:
        place = place[int(step)] if step.isdigit() else place[step]
    if instead is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = instead
    return body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "webhookEvent"),
        ({"webhookEvent": ["jira:issue_updated"]}, "webhookEvent"),
        ({"webhookEvent": "jira:issue_deleted"}, "issue.id"),
        (without("jira_issue_updated__done", "issue", "id"), "issue.id"),
        (without("jira_issue_updated__done", "issue", "key"), "issue.key"),
        (without("jira_issue_updated__done", "issue", "key", instead={}), "issue.key"),
        (without("jira_issue_updated__done", "changelog", "id"), "changelog.id"),
        (without("jira_issue_updated__done", "changelog", "items", instead="status"), "changelog.items"),
        (without("jira_issue_updated__released", "changelog", "items", "0", "to"), "changelog.items[0].to"),
        (without("jira_issue_updated__done", "user", "accountId", instead=[]), "user.accountId"),
        (without("jira_version_released", "version", "id"), "version.id"),
        (without("jira_version_released", "version", "projectId"), "version.projectId"),
        (without("comment_updated__without_issue", "comment", "self"), "comment.self"),
        (without("comment_updated__without_issue", "comment", "self", instead="https://x/comment/1"), "comment.self"),
        (without("comment_created__with_issue", "issue", "id"), "issue.id"),
    ],
)
def test_a_body_that_lacks_something_names_it(body: Any, field: str) -> None:
    with pytest.raises(Malformed) as caught:
        parsed(body)
    assert caught.value.field == field


def test_an_endless_identifier_is_malformed() -> None:
    name, body = "X-Atlassian-Webhook-Identifier", payload("jira_issue_deleted")
    assert jira.parse(headers((name, "a" * 200)), body).id == "a" * 200
    with pytest.raises(Malformed, match="too long"):
        jira.parse(headers((name, "a" * 201)), body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@pytest.mark.fault("F42")
@given(
    topic=st.sampled_from(sorted(READERS)),
    part=st.sampled_from(["issue", "changelog", "comment", "user", "version"]),
    value=JSON,
)
def test_no_body_does_more_harm_than_being_malformed(topic: str, part: str, value: Any) -> None:
    for name in ("jira_issue_updated__done_and_described", "comment_created__with_issue", "jira_version_released"):
        try:
            delivery = parsed(told(name) | {"webhookEvent": topic, part: value})
        except Malformed:
            continue
        assert delivery.topic == topic


# -- what each delivery means --------------------------------------------------------------------

NAMES = ("10207", "AOS-31")
APPLE = "712020:5e0c77aa-apple"
IN_WIKI = (f"{TALK}215470001", "https://wiki.aomori-soft.example/csv?p=(1)", f"{TALK}215470002")
IN_ADF = (
    f"{TALK}215470003",
    f"{TALK}215470004",
    f"{TALK}215470005",
    "https://docs.aomori-soft.example/faq",
)

MEANINGS: dict[str, Event | None] = {
    "jira_issue_updated__done": IssueMoved(*NAMES, "3", "10002", "30551", APPLE),
    "jira_issue_updated__done__old_style": IssueMoved(*NAMES, "3", "10002", "30599", ""),
    "jira_issue_updated__released": IssueMoved(*NAMES, "10002", "10003", "30560", APPLE),
    "jira_issue_updated__reopened": IssueMoved(*NAMES, "10002", "3", "30571", APPLE),
    "jira_issue_updated__done_and_described": IssueMoved(*NAMES, "3", "10002", "30580", APPLE, IN_WIKI),
    "jira_issue_updated__resolved_later": IssueResolved(*NAMES, "30590", APPLE),
    "jira_issue_updated__unresolved": None,
    "jira_issue_updated__described": IssueMentioned(*NAMES, IN_ADF),
    "jira_issue_updated__labels": None,
    "jira_issue_updated__custom_field_named_status": None,
    "jira_issue_updated__commented": None,
    "jira_issue_created__links": IssueMentioned(*NAMES, IN_WIKI),
    "jira_issue_created__plain": None,
    "jira_issue_deleted": IssueDeleted(*NAMES),
    "jira_version_released": VersionReleased("10310", "2026.11 秋版", "10003"),
    "jira_version_unreleased": VersionUnreleased("10310", "2026.11 秋版", "10003"),
    "jira_version_deleted__merged": VersionMerged("10322", "2026.12 冬版", "10003"),
    "jira_version_deleted": None,
    "comment_created__with_issue": IssueMentioned(*NAMES, (f"{TALK}215470006",)),
    "comment_updated__without_issue": IssueMentioned("10208", "", IN_ADF),
    "comment_created__without_links": None,
    "comment_deleted": None,
}


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.glob("*.json")))
def test_each_payload_means_one_thing(name: str) -> None:
    delivery = jira.parse(headers(("X-Atlassian-Webhook-Identifier", "4f1a-77")), payload(name))
    topic = told(name)["webhookEvent"]
    assert delivery == Delivery("jira", "4f1a-77", topic, MEANINGS[name])


def test_a_resolution_says_more_than_new_links() -> None:
    body = told("jira_issue_updated__done_and_described")
    body["changelog"]["items"][1] = told("jira_issue_updated__resolved_later")["changelog"]["items"][0]
    assert parsed(body).event == IssueResolved(*NAMES, "30580", APPLE)


def test_a_move_with_an_unreadable_description_is_still_a_move() -> None:
    body = told("jira_issue_updated__done_and_described")
    body["issue"]["fields"]["description"] = {"type": "doc", "content": {"not": "a list"}}
    assert parsed(body).event == IssueMoved(*NAMES, "3", "10002", "30580", APPLE)


def test_a_move_from_nowhere_and_a_version_without_a_name_are_told_as_such() -> None:
    body = without("jira_issue_updated__released", "changelog", "items", "0", "from", instead=None)
    assert parsed(body).event == IssueMoved(*NAMES, "", "10003", "30560", APPLE)
    body = without("jira_version_released", "version", "name")
    assert parsed(body).event == VersionReleased("10310", "", "10003")


def test_a_topic_we_do_not_act_on_is_no_event() -> None:
    assert parsed({"webhookEvent": "sprint_started", "sprint": 7}).event is None


def test_we_ask_for_what_we_act_on() -> None:
    assert set(EVENTS) == set(READERS)


def test_a_delivery_without_an_identifier_is_named_after_its_body() -> None:
    body = payload("jira_issue_deleted")
    name = jira.parse(headers(), body).id
    assert name == hashlib.sha256(body).hexdigest()[:24]
    assert jira.parse(headers(), body + b" ").id != name


@needs_samples
@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("to_done", IssueMoved("10042", "PROD-42", "3", "10001", "20001", "712020:aaaa")),
        ("done_to_done", IssueMoved("10042", "PROD-42", "10001", "10002", "20002", "712020:aaaa")),
        ("reopened", IssueMoved("10042", "PROD-42", "10001", "3", "20003", "712020:aaaa")),
    ],
)
def test_the_samples_can_be_read(name: str, event: Event) -> None:
    path = SAMPLES / f"representative.issue_updated.{name}.json"
    assert jira.parse(headers(), path.read_bytes()).event == event


# -- links in rich text --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wiki", "found"),
    [
        ("", ()),
        ("http:// と https://。", ()),
        ("mailto:a@b.example ftp://a.example //b.example", ()),
        ("[見る|https://a.example/x]", ("https://a.example/x",)),
        ("[https://a.example/x|https://a.example/x|smart-link]", ("https://a.example/x",)),
        ("https://a.example/1を参照、https://a.example/2。", ("https://a.example/1", "https://a.example/2")),
        ("（https://a.example/1）(https://a.example/2)", ("https://a.example/1", "https://a.example/2")),
        ("https://a.example/(x), https://a.example/y!", ("https://a.example/(x)", "https://a.example/y")),
        ("{color:red}HTTPS://A.example?a=1&b=%E3%81%82#c{color}", ("HTTPS://A.example?a=1&b=%E3%81%82#c",)),
        ('<a href="https://a.example/q">', ("https://a.example/q",)),
        ("https://a.example/" + "x" * 1982, ("https://a.example/" + "x" * 1982,)),
        ("https://a.example/" + "x" * 1983, ()),
    ],
)
def test_links_are_found_in_wiki_text(wiki: str, found: tuple[str, ...]) -> None:
    assert links(Node(wiki, "")) == found


def test_only_fifty_links_are_read() -> None:
    assert links(Node(" ".join(f"https://a.example/{n}" for n in range(60)), "")) == tuple(
        f"https://a.example/{n}" for n in range(50)
    )


@given(value=JSON)
def test_anything_in_place_of_text_holds_no_links(value: Any) -> None:
    assert all(link.startswith(("http://", "https://")) for link in links(Node({"type": "doc", "content": value}, "")))


def test_the_deepest_document_is_read() -> None:
    deep: dict[str, Any] = {"type": "text", "text": "https://a.example"}
    for _ in range(10_000):
        deep = {"type": "panel", "content": [deep]}
    assert links(Node(deep, "")) == ("https://a.example",)


@pytest.mark.fault("F70")
@given(st.text())
def test_any_text_becomes_a_document_that_jira_takes(text: str) -> None:
    written = document(text, code="YMB-1")
    assert is_document(written)
    assert texts(Node(written, ""))[-1] == "YMB-1"


def test_a_document_keeps_its_text_and_its_links_can_be_clicked() -> None:
    text = "会話 https://a.example/1（山田様）\n\nhttps://a.example/2 を参照"
    written = document(text)
    assert len(written["content"]) == 3
    assert "".join(texts(Node(written, ""))) == text.replace("\n", "")
    assert links(Node(written, "")) == ("https://a.example/1", "https://a.example/2")
    marked = written["content"][2]["content"][0]
    assert marked["marks"] == [{"type": "link", "attrs": {"href": "https://a.example/2"}}]
