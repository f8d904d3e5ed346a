"""The card in Intercom's Inbox, read and written: first who is turned away, then what a request says, then the card."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import intercom
from integrations.contract import BadSignature, Headers, Malformed
from integrations.intercom import canvas
from integrations.intercom.canvas import CardRequest
from integrations.intercom.twin.canvas import problems

PAYLOADS = Path(__file__).parents[1] / "payloads" / "intercom" / "canvas"

#: Computed with `openssl dgst -sha256 -hmac intercom-client-secret`.
SECRET, BODY = "intercom-client-secret", '{"workspace_id":"yb12cd34","text":"こんにちは"}'.encode()
SIGNATURE = "482f899736042ac8c7c21d4b3dc53540f58ec95dae33996149daf3f3daf3d75a"
YES_NO = [("yes", "はい"), ("no", "いいえ")]


def headers(*values: str) -> Headers:
    return Headers((b"X-Body-Signature", value.encode()) for value in values)


def payload(name: str) -> dict[str, Any]:
    return dict(json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8")))


def parse(said: dict[str, Any]) -> CardRequest:
    return canvas.parse(json.dumps(said).encode())


# -- the signature ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claimed",
    [
        pytest.param([], id="missing"),
        pytest.param([""], id="empty"),
        pytest.param(["0" * 64], id="wrong"),
        pytest.param(["sha256=" + SIGNATURE], id="with a prefix"),
        pytest.param([SIGNATURE.upper()], id="upper case"),
        pytest.param([SIGNATURE[:40]], id="as long as a webhook's"),
        pytest.param([SIGNATURE[:-1]], id="cut short"),
        pytest.param([SIGNATURE + "\n"], id="with a line break"),
        pytest.param([SIGNATURE, SIGNATURE], id="twice"),
        pytest.param([SIGNATURE + "é"], id="not ASCII"),
    ],
)
def test_a_request_that_does_not_prove_where_it_comes_from_is_turned_away(claimed: list[str]) -> None:
    with pytest.raises(BadSignature):
        canvas.verify(headers(*claimed), BODY, [SECRET])


@pytest.mark.parametrize(
    ("body", "secrets"),
    [
        pytest.param(BODY + b" ", [SECRET], id="a body with one byte more"),
        pytest.param(BODY, ["another"], id="another app's secret"),
        pytest.param(BODY, ["another", "yet another"], id="two other secrets"),
        pytest.param(BODY, [], id="no secret at all"),
    ],
)
def test_a_signature_holds_for_one_body_and_one_secret(body: bytes, secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        canvas.verify(headers(SIGNATURE), body, secrets)


def test_a_webhooks_header_opens_no_card_and_a_cards_no_webhook() -> None:
    for name in (b"X-Hub-Signature", b"X-Body-Signature"):
        for claimed in (SIGNATURE, f"sha256={SIGNATURE}"):
            with pytest.raises(BadSignature):
                intercom.verify(Headers([(name, claimed.encode())]), BODY, [SECRET], 0.0)
    with pytest.raises(BadSignature, match="X-Body-Signature is missing"):
        canvas.verify(Headers([(b"X-Hub-Signature", SIGNATURE.encode())]), BODY, [SECRET])


@pytest.mark.parametrize("secrets", [[SECRET], [SECRET, "new"], ["old", SECRET]])
def test_either_of_two_live_secrets_is_enough(secrets: list[str]) -> None:
    canvas.verify(headers(SIGNATURE), BODY, secrets)


# -- requests that do not say what they should --------------------------------------------------


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("workspace_id", "workspace_id"),
        ("admin", "admin.id"),
        ("admin.id", "admin.id"),
        ("conversation", "conversation.id"),
        ("conversation.id", "conversation.id"),
    ],
)
def test_a_missing_field_is_named(path: str, field: str) -> None:
    said = payload("submit")
    *above, last = path.split(".")
    holder = said
    for step in above:
        holder = holder[step]
    del holder[last]
    with pytest.raises(Malformed) as refused:
        parse(said)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"component_id": ["send"]}, "component_id"),
        ({"component_id": True}, "component_id"),
        ({"input_values": ["gist"]}, "input_values"),
        ({"input_values": "gist"}, "input_values"),
        ({"input_values": {"gist": "\0"}}, "input_values.gist"),
        ({"input_values": {"gist": "\ud800"}}, "input_values.gist"),
        ({"input_values": {"\ud800": "x"}}, "input_values, a name"),
        ({"input_values": {"": "x"}}, "input_values, a name"),
        ({"input_values": {"x" * 256: "x"}}, "input_values"),
        ({"input_values": {str(number): "x" for number in range(101)}}, "input_values"),
        ({"current_canvas": {"stored_data": []}}, "current_canvas.stored_data"),
        ({"current_canvas": {"stored_data": {"form": "\0"}}}, "current_canvas.stored_data.form"),
        ({"conversation": {"id": {}}}, "conversation.id"),
        ({"contact": {"id": [1]}}, "contact.id"),
        ({"admin": {"id": "7002", "email": 1.5}}, "admin.email"),
        ({"admin": {"id": "7002", "name": ["田村"]}}, "admin.name"),
        ({"workspace_id": {"id": "yb12cd34"}}, "workspace_id"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(payload("submit") | changes)
    assert refused.value.field == field


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff{}", b"[" * 100_000, b'{"admin": NaN}'])
def test_what_is_not_a_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed, match="body"):
        canvas.parse(body)


NAMES = ["workspace_id", "app_id", "admin", "conversation", "contact", "customer", "component_id", "input_values"]
NAMES += ["current_canvas", "stored_data", "id", "name", "email"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(changes=st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=6))
def test_whatever_a_request_holds_it_is_understood_or_named(changes: dict[str, Any]) -> None:
    try:
        request = parse(payload("submit") | changes)
    except Malformed as refused:
        assert refused.field.partition(".")[0].partition(",")[0] in NAMES
    else:
        assert request.conversation_id
        assert request.admin_id


# -- what requests say --------------------------------------------------------------------------

LOOKED = CardRequest(
    kind="initialize",
    workspace="yb12cd34",
    conversation_id="215470000000101",
    contact_id="66aa00000000000000000101",
    admin_id="7002",
    admin_name="田村 あかり",
    admin_email="tamura@yamabiko.example",
    component_id="",
    values={},
    stored={},
)


def test_a_teammate_looks_at_a_conversation() -> None:
    assert canvas.parse((PAYLOADS / "initialize.json").read_bytes()) == LOOKED


def test_a_teammate_presses_a_button() -> None:
    request = canvas.parse((PAYLOADS / "submit.json").read_bytes())
    assert (request.kind, request.component_id, request.stored) == ("submit", "send", {"form": "0f3a"})
    assert request.values == {
        "gist": "締め日に帳票が出ません",
        "history": "11/20 に報告\n11/24 に再発",
        "urgency": "today",
    }


def test_older_names_of_fields_and_ids_in_numbers_are_understood() -> None:
    said = payload("initialize")
    said["app_id"], said["customer"] = said.pop("workspace_id"), said.pop("contact")
    said["conversation"]["id"], said["admin"]["id"] = 215470000000101, 7002
    assert parse(said) == LOOKED


def test_what_a_request_may_leave_out_is_empty() -> None:
    bare = parse({"workspace_id": "yb12cd34", "admin": {"id": "7002"}, "conversation": {"id": "101"}})
    assert bare == CardRequest("initialize", "yb12cd34", "101", "", "7002", "", "", "", {}, {})


def test_values_are_text_whatever_the_component() -> None:
    said = payload("submit") | {"input_values": {"gist": None, "seats": 12, "sites": ["tokyo", "osaka"], "vip": True}}
    assert parse(said).values == {"gist": "", "seats": "12", "sites": '["tokyo","osaka"]', "vip": "true"}


# -- what cannot be on a card -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: canvas.text(" \n"), "empty"),
        (lambda: canvas.text("\0"), "empty"),
        (lambda: canvas.text("x", style="huge"), "huge"),
        (lambda: canvas.spacer("xxl"), "xxl"),
        (lambda: canvas.text_input("", "要点"), "empty"),
        (lambda: canvas.textarea(" ", "要点"), "empty"),
        (lambda: canvas.textarea("gist", ""), "empty"),
        (lambda: canvas.button("", "送る"), "empty"),
        (lambda: canvas.button("send", ""), "empty"),
        (lambda: canvas.button("send", "送る", style="danger"), "danger"),
        (lambda: canvas.link("more", "詳しく", "javascript:alert(1)"), "http"),
        (lambda: canvas.link("more", "詳しく", "https://a.example/ b"), "http"),
        (lambda: canvas.dropdown("a", "A", YES_NO[:1]), "2 to 10"),
        (lambda: canvas.dropdown("a", "A", [(str(n), str(n)) for n in range(11)]), "2 to 10"),
        (lambda: canvas.dropdown("a", "A", []), "2 to 10"),
        (lambda: canvas.dropdown("a", "A", [*YES_NO, ("yes", "もちろん")]), "once"),
        (lambda: canvas.dropdown("a", "A", [*YES_NO, ("", "もちろん")]), "empty"),
        (lambda: canvas.dropdown("a", "A", [*YES_NO, ("perhaps", " ")]), "empty"),
        (lambda: canvas.canvas([]), "components"),
        (lambda: canvas.canvas([canvas.text_input("a", "A"), canvas.button("a", "送る")]), "once"),
        (lambda: canvas.canvas([canvas.text("長" * 2000)] * 11), "bytes"),
        (lambda: canvas.canvas([canvas.text("x")], {"form": "x" * 64_000}), "bytes"),
    ],
)
def test_what_intercom_would_not_show_cannot_be_made(make: Callable[[], Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        make()


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("[こちら](https://evil.example)", "[こちら]\u2060(https://evil.example)"),
        ("![図](https://evil.example/x.png)", "![図]\u2060(https://evil.example/x.png)"),
        ("[a][b]\n[b]: https://evil.example", "[a]\u2060[b]\n[b]\u2060: https://evil.example"),
        ("**至急**", "*\u2060*至急*\u2060*"),
        ("***", "*\u2060*\u2060*"),
        ("3 * 4 [単位: 円] (税込)", "3 * 4 [単位: 円] (税込)"),
        ("a\0b\x1b[0m\ud800\r\nc", "ab[0m\nc"),
    ],
)
def test_what_a_customer_wrote_is_neither_link_nor_bold_print(words: str, shown: str) -> None:
    assert canvas.text(words)["text"] == shown


def test_long_texts_are_cut_and_ids_never() -> None:
    assert canvas.text("長" * 2001)["text"] == "長" * 1999 + "…"
    assert canvas.button("i" * 300, "長" * 151) == canvas.button("i" * 300, "長" * 149 + "…")
    typed = canvas.textarea("gist", "要点", value="長" * 4001, placeholder="例" * 151)
    assert (len(typed["value"]), len(typed["placeholder"])) == (4000, 150)


def test_three_long_answers_of_the_widest_characters_fit_into_a_card() -> None:
    answers = [canvas.textarea(str(n), "長" * 150, value="🙇" * 9000, placeholder="🙇" * 150) for n in range(3)]
    choices = [canvas.dropdown(f"d{n}", "🙇" * 150, [(str(o), "🙇" * 150) for o in range(2)]) for n in range(2)]
    assert canvas.canvas([*answers, *choices, canvas.button("send", "送る")])


def test_a_choice_that_is_not_offered_selects_nothing() -> None:
    assert "value" not in canvas.dropdown("a", "A", YES_NO, value="perhaps")
    assert canvas.dropdown("a", "A", YES_NO, value="no")["value"] == "no"


# -- the card -----------------------------------------------------------------------------------

COMPONENTS = [
    canvas.text("社内に相談する", style="header"),
    canvas.divider(),
    canvas.text_input("gist", "要点", value="締め日に", placeholder="一行で"),
    canvas.text_input("company", "会社", failed=True),
    canvas.textarea("history", "経緯", failed=True),
    canvas.textarea("tried", "試したこと", disabled=True),
    canvas.dropdown("request", "お願い", YES_NO, value="yes", failed=True),
    canvas.dropdown("urgency", "緊急度", YES_NO, disabled=True),
    canvas.spacer("l"),
    canvas.button("send", "送る"),
    canvas.button("later", "あとで", style="secondary", disabled=True),
    canvas.link("page", "詳しく", "https://yamabiko.example/escalations/1?a=b#c"),
]


def test_each_component_is_one_that_intercom_documents() -> None:
    answer = canvas.canvas(COMPONENTS, {"form": "0f3a"})
    assert problems(answer) == []
    assert answer == {"canvas": {"content": {"components": COMPONENTS}, "stored_data": {"form": "0f3a"}}}
    assert canvas.canvas(COMPONENTS) == {"canvas": {"content": {"components": COMPONENTS}}}


def test_components_are_written_as_intercom_writes_them() -> None:
    _, _, gist, company, history, tried, request, urgency, space, send, later, page = COMPONENTS
    assert gist == {"type": "input", "id": "gist", "label": "要点", "value": "締め日に", "placeholder": "一行で"}
    assert company == {"type": "input", "id": "company", "label": "会社", "save_state": "failed"}
    assert history == {"type": "textarea", "id": "history", "label": "経緯", "error": True}
    assert tried == {"type": "textarea", "id": "tried", "label": "試したこと", "disabled": True}
    assert request["options"][0] == {"type": "option", "id": "yes", "text": "はい"}
    assert (request["type"], request["value"], request["save_state"]) == ("dropdown", "yes", "failed")
    assert (urgency["type"], urgency["disabled"], space["size"]) == ("dropdown", True, "l")
    assert send["action"] == later["action"] == {"type": "submit"}
    assert page["action"] == {"type": "url", "url": "https://yamabiko.example/escalations/1?a=b#c"}


#: Whatever people type or a company is called; a card can say it, unless there is nothing to see.
WORDS = st.text(max_size=300).filter(lambda words: canvas._UNPRINTABLE.sub("", words).strip())


@given(words=WORDS)
def test_whatever_people_write_can_be_shown(words: str) -> None:
    made = [
        canvas.text(words),
        canvas.textarea("a", words, value=words),
        canvas.dropdown("b", words, [*YES_NO, ("c", words)]),
    ]
    assert problems(json.loads(json.dumps(canvas.canvas(made)))) == []
