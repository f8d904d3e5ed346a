"""The twin's Inbox: it shows and presses cards as Intercom does, and refuses what Intercom would not show."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from integrations.contract import BadSignature, Headers
from integrations.intercom import canvas
from integrations.intercom.canvas import CardRequest
from integrations.intercom.twin import IntercomTwin
from integrations.intercom.twin.canvas import CardRefused, problems
from integrations.twin_server import Serving
from tests.integrations.intercom_spec import AOBA, APP, MORI, SATO, SECRET, TAMURA, TOKEN, US, WISH

URGENCIES = [("now", "至急"), ("today", "本日中"), ("week", "今週中")]
FORM = canvas.canvas(
    [
        canvas.text("社内に相談する", style="header"),
        canvas.text_input("gist", "要点"),
        canvas.textarea("history", "経緯", value="昨日から"),
        canvas.textarea("locked", "控え", disabled=True),
        canvas.dropdown("request", "お願い", [("action", "対応依頼"), ("information", "共有のみ")]),
        canvas.dropdown("urgency", "緊急度", URGENCIES, value="today"),
        canvas.button("send", "送る"),
        canvas.button("never", "送れない", disabled=True),
        canvas.link("page", "詳しく", "https://yamabiko.example/"),
    ],
    {"form": "0f3a"},
)
SENT = canvas.canvas([canvas.text("送りました")])


class Service:
    """Stands where the service stands: remembers verified requests, answers what it is told to."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers) or [FORM]
        self.status = 200
        self.paths: list[str] = []
        self.requests: list[CardRequest] = []
        self.bodies: list[bytes] = []

    def __call__(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        wire = Headers((name.encode(), value.encode()) for name, value in headers.items())
        canvas.verify(wire, body, [SECRET])
        self.paths.append(path)
        self.bodies.append(body)
        self.requests.append(canvas.parse(body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        said = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode()
        return self.status, {"content-type": "application/json"}, said


@pytest.fixture
def twin() -> IntercomTwin:
    twin = IntercomTwin(secret=SECRET, token=TOKEN, app_id=APP, admin=US)
    twin.add_admin(TAMURA, "田村 あかり", "tamura@yamabiko.example")
    twin.add_admin(MORI, "森 大輔", "mori@yamabiko.example")
    twin.add_company(AOBA, "あおば製作所", "ビジネス", 48_000)
    twin.add_contact(SATO, "佐藤 健", "sato@aoba.example", AOBA)
    twin.add_conversation(WISH, SATO, "<p>請求書の一覧をCSVで出力したいです。</p>", admin_id=TAMURA)
    return twin


@pytest.fixture
def service(twin: IntercomTwin) -> Service:
    twin.sender = service = Service()
    return service


# -- what the Inbox does not show ---------------------------------------------------------------


@pytest.mark.parametrize("answer", [b"", b"<html>", b"{", b"\xff", b"[" * 100_000, b'{"canvas": "\\ud800"}'])
def test_an_answer_that_is_not_json_is_refused(twin: IntercomTwin, service: Service, answer: bytes) -> None:
    service.answers = [answer]
    with pytest.raises(CardRefused, match="not JSON"):
        twin.open_card(WISH, TAMURA)
    assert twin.card_of(WISH, TAMURA) is None


@pytest.mark.parametrize("status", [204, 302, 401, 404, 500, 503])
def test_an_answer_other_than_200_is_refused(twin: IntercomTwin, service: Service, status: int) -> None:
    service.status = status
    with pytest.raises(CardRefused, match=str(status)):
        twin.open_card(WISH, TAMURA)


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"canvas": None}, {"canvas": []}, {"content": {}}])
def test_an_answer_without_a_canvas_is_refused(twin: IntercomTwin, service: Service, answer: Any) -> None:
    service.answers = [answer]
    with pytest.raises(CardRefused, match="canvas is not an object"):
        twin.open_card(WISH, TAMURA)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"canvas": {}}, "content is not an object"),
        ({"canvas": {"content": {}}}, "content.components is not a list"),
        ({"canvas": {"content_url": "https://a.example"}}, "canvas.content_url is unknown"),
        ({"canvas": {"content": {"components": []}, "stored_data": []}}, "stored_data is not an object"),
        (
            {"canvas": {"content": {"components": []}, "stored_data": {"a": "x" * 64_000}}},
            "stored_data has 64009 bytes",
        ),
        ({"canvas": {"content": {"components": []}}, "event": {"type": "done"}}, "event is not completed"),
        ({"canvas": {"content": {"components": []}}, "card": 1}, "the answer.card is unknown"),
    ],
)
def test_an_answer_of_another_shape_is_refused(told: dict[str, Any], problem: str) -> None:
    assert any(found.startswith(problem) for found in problems(told))


def option(id: Any, text: Any = "x", type: str = "option") -> dict[str, Any]:
    return {"type": type, "id": id, "text": text}


SUBMIT = {"type": "submit"}
TWO = [option("a"), option("b")]


@pytest.mark.parametrize(
    ("component", "problem"),
    [
        ("text", "is no component"),
        ({"text": "x"}, "is no component"),
        ({"type": "plain_text_input", "id": "a"}, "is no component"),
        ({"type": ["text"], "text": "x"}, "is no component"),
        ({"type": "text"}, "text is missing"),
        ({"type": "text", "text": ""}, "text is missing"),
        ({"type": "text", "text": 5}, "text is not text"),
        ({"type": "text", "text": "x", "style": "bold"}, "style is none of"),
        ({"type": "text", "text": "x", "colour": "red"}, "colour is unknown"),
        ({"type": "spacer", "size": "xxl"}, "size is none of"),
        ({"type": "input", "label": "A"}, "id is missing"),
        ({"type": "input", "id": 5}, "id is not text"),
        ({"type": "input", "id": "a", "save_state": "wrong"}, "save_state is none of"),
        ({"type": "input", "id": "a", "error": True}, "error is unknown"),
        ({"type": "textarea"}, "id is missing"),
        ({"type": "textarea", "id": "a", "action": SUBMIT}, "action is unknown"),
        ({"type": "textarea", "id": "a", "error": "yes"}, "error is not a truth value"),
        ({"type": "dropdown", "id": "a"}, "options is missing"),
        ({"type": "dropdown", "id": "a", "options": TWO[:1]}, "options are not 2 to 10"),
        ({"type": "dropdown", "id": "a", "options": [option(str(n)) for n in range(11)]}, "options are not 2 to 10"),
        ({"type": "dropdown", "id": "a", "options": {"a": "A", "b": "B"}}, "options are not 2 to 10"),
        ({"type": "dropdown", "id": "a", "options": TWO, "action": SUBMIT}, "action is unknown"),
        ({"type": "single-select", "options": TWO}, "id is missing"),
        ({"type": "single-select", "id": "a", "options": ["a", "b"]}, "options[0] is no option"),
        ({"type": "single-select", "id": "a", "options": [TWO[0], option("")]}, "options[1] is no option"),
        ({"type": "single-select", "id": "a", "options": [TWO[0], option("b", 5)]}, "options[1] is no option"),
        (
            {"type": "single-select", "id": "a", "options": [TWO[0], option("b", type="item")]},
            "options[1] is no option",
        ),
        ({"type": "single-select", "id": "a", "options": TWO, "value": "c"}, "value is no option"),
        ({"type": "single-select", "id": "a", "options": [*TWO, TWO[0]]}, "a occurs twice"),
        ({"type": "button", "label": "A", "action": SUBMIT}, "id is missing"),
        ({"type": "button", "id": "a", "action": SUBMIT}, "label is missing"),
        ({"type": "button", "id": "a", "label": "A"}, "action is missing"),
        (
            {"type": "button", "id": "a", "label": "A", "action": {"type": "sheet", "url": "x"}},
            "neither submit nor url",
        ),
        ({"type": "button", "id": "a", "label": "A", "action": "submit"}, "neither submit nor url"),
        ({"type": "button", "id": "a", "label": "A", "action": {"type": "url", "url": "/x"}}, "url is no address"),
        ({"type": "button", "id": "a", "label": "A", "action": SUBMIT, "disabled": 1}, "disabled is not a truth value"),
        ({"type": "checkbox", "id": "a", "label": "A", "options": TWO}, "option is missing"),
    ],
)
def test_a_component_that_intercom_does_not_have_is_refused_and_named(
    twin: IntercomTwin, service: Service, component: Any, problem: str
) -> None:
    service.answers = [{"canvas": {"content": {"components": [{"type": "divider"}, component]}}}]
    with pytest.raises(CardRefused) as refused:
        twin.open_card(WISH, TAMURA)
    assert problem in str(refused.value)
    assert all(found.startswith("components[1]") for found in refused.value.problems)


def test_an_id_that_occurs_twice_is_refused() -> None:
    components = [{"type": "input", "id": "a"}, {"type": "textarea", "id": "a"}]
    assert problems({"canvas": {"content": {"components": components}}}) == ["components: a occurs twice"]


def test_more_bytes_than_intercom_takes_are_refused() -> None:
    fits = {"canvas": {"content": {"components": [{"type": "text", "text": "長" * 21_000}]}}}
    assert problems(fits) == []
    fits["canvas"]["content"]["components"][0]["text"] += "長" * 500
    assert problems(fits) == ["content has 64546 bytes, more than 64000"]


def test_a_refused_answer_leaves_the_card_as_it_was(twin: IntercomTwin, service: Service) -> None:
    service.answers = [FORM, b"oops", SENT]
    before = twin.open_card(WISH, TAMURA)
    with pytest.raises(CardRefused):
        twin.press_card(WISH, TAMURA, "send", {})
    assert twin.card_of(WISH, TAMURA) == before
    assert twin.press_card(WISH, TAMURA, "send", {}) == SENT["canvas"]


# -- what a person cannot do --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("component_id", "values", "error", "why"),
    [
        ("nowhere", {}, KeyError, "nowhere"),
        ("gist", {}, ValueError, "submits nothing"),
        ("page", {}, ValueError, "submits nothing"),
        ("never", {}, ValueError, "cannot be pressed"),
        ("send", {"nowhere": "x"}, KeyError, "nowhere"),
        ("send", {"never": "x"}, ValueError, "cannot be filled in"),
        ("send", {"locked": "x"}, ValueError, "cannot be filled in"),
        ("send", {"urgency": "至急"}, ValueError, "no option"),
        ("send", {"request": ""}, ValueError, "no option"),
    ],
)
def test_only_what_is_on_the_card_can_be_filled_in_and_pressed(
    twin: IntercomTwin,
    service: Service,
    component_id: str,
    values: dict[str, str],
    error: type[Exception],
    why: str,
) -> None:
    twin.open_card(WISH, TAMURA)
    with pytest.raises(error, match=why):
        twin.press_card(WISH, TAMURA, component_id, values)
    assert len(service.requests) == 1


def test_nobody_presses_a_card_that_they_have_not_opened(twin: IntercomTwin, service: Service) -> None:
    twin.open_card(WISH, TAMURA)
    with pytest.raises(KeyError):
        twin.press_card(WISH, MORI, "send", {})


@pytest.mark.parametrize(("conversation_id", "admin_id"), [("404", TAMURA), (WISH, "404")])
def test_nobody_looks_at_what_is_not_there(
    twin: IntercomTwin, service: Service, conversation_id: str, admin_id: str
) -> None:
    with pytest.raises(KeyError):
        twin.open_card(conversation_id, admin_id)


# -- what a person does -------------------------------------------------------------------------


def test_a_card_is_opened_filled_in_and_sent(twin: IntercomTwin, service: Service) -> None:
    service.answers = [FORM, SENT]
    assert twin.open_card(WISH, TAMURA) == FORM["canvas"]
    assert twin.press_card(WISH, TAMURA, "send", {"gist": "帳票が出ない", "urgency": "now"}) == SENT["canvas"]
    assert twin.card_of(WISH, TAMURA) == SENT["canvas"]
    looked, pressed = service.requests
    assert service.paths == ["/intercom/canvas/initialize", "/intercom/canvas/submit"]
    assert (looked.kind, looked.component_id, looked.values, looked.stored) == ("initialize", "", {}, {})
    assert (looked.workspace, looked.conversation_id, looked.contact_id) == (APP, WISH, SATO)
    assert (looked.admin_id, looked.admin_name, looked.admin_email) == (
        TAMURA,
        "田村 あかり",
        "tamura@yamabiko.example",
    )
    assert (pressed.kind, pressed.component_id, pressed.stored) == ("submit", "send", {"form": "0f3a"})
    assert pressed.values == {"gist": "帳票が出ない", "history": "昨日から", "locked": "", "urgency": "now"}


def test_an_impatient_finger_sends_the_same_request_again(twin: IntercomTwin, service: Service) -> None:
    service.answers = [FORM, SENT, SENT]
    twin.open_card(WISH, TAMURA)
    twin.press_card(WISH, TAMURA, "send", {"gist": "帳票が出ない"}, times=3)
    assert len(service.bodies) == 4
    assert len(set(service.bodies[1:])) == 1


def test_each_teammate_has_a_card_of_their_own(twin: IntercomTwin, service: Service) -> None:
    service.answers = [FORM, FORM, SENT]
    twin.open_card(WISH, TAMURA)
    twin.open_card(WISH, MORI)
    twin.press_card(WISH, TAMURA, "send", {})
    assert twin.card_of(WISH, MORI) == FORM["canvas"]
    assert [request.admin_id for request in service.requests] == [TAMURA, MORI, TAMURA]


def test_the_service_may_ask_back_while_a_card_is_opened(twin: IntercomTwin) -> None:
    free: list[bool] = []

    def ask_back() -> None:
        free.append(twin.lock.acquire(timeout=60))
        twin.lock.release()

    def sender(path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        other = threading.Thread(target=ask_back)
        other.start()
        other.join()
        return 200, {}, json.dumps(SENT).encode()

    twin.sender = sender
    twin.open_card(WISH, TAMURA)
    assert free == [True]


# -- over HTTP ----------------------------------------------------------------------------------


@contextmanager
def served(service: Service) -> Iterator[str]:
    """The service on a socket; returns its address."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        message = await receive()
        try:
            status, _, said = service(scope["path"], _texts(scope["headers"]), message["body"])
        except BadSignature:
            status, said = 401, b""
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": said})

    serving = Serving(app)
    try:
        yield serving.url
    finally:
        serving.stop()


def _texts(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in headers if name == b"x-body-signature"}


def test_without_a_service_there_is_no_card(twin: IntercomTwin) -> None:
    with pytest.raises(CardRefused, match="no service is connected"):
        twin.open_card(WISH, TAMURA)
    twin.webhook_url = "http://127.0.0.1:9/webhooks/intercom"
    with pytest.raises(CardRefused, match="did not answer"):
        twin.open_card(WISH, TAMURA)


def test_cards_come_from_where_the_webhooks_go(twin: IntercomTwin) -> None:
    service = Service(FORM, SENT)
    with served(service) as url:
        twin.webhook_url = f"{url}/webhooks/intercom"
        assert twin.open_card(WISH, TAMURA) == FORM["canvas"]
        assert twin.press_card(WISH, TAMURA, "send", {"gist": "帳票が出ない"}) == SENT["canvas"]
    assert service.paths == ["/intercom/canvas/initialize", "/intercom/canvas/submit"]
