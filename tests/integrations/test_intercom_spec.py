"""Client and twin against Intercom's own specification and samples."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from integrations import intercom
from integrations.contract import Headers, Permanent
from integrations.http import Reply
from integrations.intercom import canvas, reading, searching
from integrations.intercom.answers import gone
from integrations.intercom.twin.canvas import problems
from integrations.untrusted import Node
from tests.integrations.intercom_spec import (
    AOBA,
    CLOSED,
    MORI,
    OKADA,
    SAMPLES,
    SATO,
    SPECIFICATION,
    TAMURA,
    US,
    WISH,
    Server,
    World,
    specification,
)

needs_specification = pytest.mark.skipif(
    not SPECIFICATION.exists(), reason="Intercom's OpenAPI description is not at hand (../shared/specs)."
)
needs_samples = pytest.mark.skipif(
    not SAMPLES.exists(), reason="Intercom's samples are not at hand (../shared/samples)."
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.serving.stop()


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    with closing(World(server)) as world:
        yield world


# -- the specification --------------------------------------------------------------------------


@needs_specification
def test_each_verb_of_the_client_and_each_answer_of_the_twin_is_as_specified(world: World) -> None:
    us, twin = world.client, world.twin
    twin.tag(WISH, twin.customer_says(WISH, "<p>要望です</p>"), "要望", TAMURA)
    us.note(WISH, "<p>Ref YB-7</p>")
    us.find_note(WISH, "YB-7")
    us.open(CLOSED)
    us.assign(CLOSED, MORI)
    us.snooze(CLOSED, int(time.time()) + 60)
    us.tag(CLOSED, "お知らせで再開")
    us.tag("404", "お知らせで再開")
    twin.rate(CLOSED, 4, "助かりました")
    twin.set_owner(SATO, MORI)
    twin.set_attribute(AOBA, "担当", "森 大輔")
    twin.convert_to_ticket(CLOSED)
    twin.mail_to_absent(WISH, twin.agent_says(WISH, TAMURA, "<p>確認します</p>"))
    twin.bounce(SATO, as_spam=True)
    twin.redact(WISH, "")
    twin.merge(WISH, CLOSED)
    for contact_id in (SATO, OKADA, "nobody"):
        us.contact(contact_id)
        us.company_of(contact_id)
        us.owner_of_contact(contact_id)
        us.recent_conversations(contact_id, 0)
    for company_id in (AOBA, "nobody"):
        us.company(company_id)
        us.company_attributes(company_id)
    for conversation_id in (WISH, CLOSED, "404"):
        us.conversation(conversation_id)
        us.note(conversation_id, "<p>x</p>")
        us.open(conversation_id)
    us.tags()
    us.admins()
    us.me()
    twin.add_office_hours("1", "サポート", "Asia/Tokyo", (540, 1080))
    twin.add_other_day("1", "2026-12-30", name="年末")
    us.office_hours()
    list(us.changed_since(0))
    us.found_among([WISH])
    list(us.rated_since(0))
    assert world.violations == []
    assert world.operations == {
        "GET /me",
        "GET /admins",
        "GET /tags",
        "POST /tags",
        "POST /conversations/{conversation_id}/tags",
        "GET /companies/{company_id}",
        "GET /contacts/{contact_id}",
        "GET /contacts/{contact_id}/companies",
        "GET /conversations/{conversation_id}",
        "POST /conversations/search",
        "POST /conversations/{conversation_id}/reply",
        "POST /conversations/{conversation_id}/parts",
        "GET /office_hours_schedules",
        "GET /office_hours_schedules/{office_hours_schedule_id}/office_hours_exceptions",
    }


@needs_specification
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/conversations/1/parts", {"message_type": "open"}),
        ("/conversations/1/parts", {"message_type": "open", "admin_id": US, "body": "x"}),
        ("/conversations/1/reply", {"message_type": "open", "type": "admin", "admin_id": US}),
        ("/conversations/1/reply", {"message_type": "note", "type": "admin", "admin_id": US, "text": "x"}),
        ("/conversations/1/replies", {}),
        ("/conversations/search", {"query": {"field": "state", "operator": "is", "value": "open"}}),
    ],
)
def test_the_watch_would_notice_a_wrong_client(path: str, body: dict[str, Any]) -> None:
    spec = specification()
    assert spec is not None
    with pytest.raises(AssertionError, match=path.rpartition("/")[2]):
        spec.check_request("POST", path, [], json.dumps(body).encode())


# -- the samples --------------------------------------------------------------------------------


def samples(*patterns: str) -> list[Any]:
    found = [path for pattern in patterns for path in sorted(SAMPLES.glob(pattern))]
    return [pytest.param(path, id=path.stem) for path in found]


def node(path: Path) -> Node:
    return Node(reading.scrubbed(json.loads(path.read_text(encoding="utf-8"))), "")


CONVERSATIONS = samples(
    "conversation_get__200__*",
    "conversation_manage__200__*",
    "conversation_reply__200__*",
    "conversation_update__200__*",
    "conversation_merge__200__*",
)


@needs_samples
@pytest.mark.parametrize("path", CONVERSATIONS)
def test_a_sample_conversation_can_be_read(path: Path) -> None:
    said = json.loads(path.read_text(encoding="utf-8"))
    read = reading.conversation(node(path), US, "https://app.intercom.com/")
    shown = said["conversation_parts"]["conversation_parts"]
    assert (read.id, read.state, read.created_at) == (said["id"], said["state"], said["created_at"])
    assert [(part.id, part.type, part.body) for part in read.parts] == [
        (str(part["id"]), part["part_type"], part["body"] or "") for part in shown
    ]
    assert read.source.body == said["source"]["body"]
    assert read.admin_assignee_id == str(said["admin_assignee_id"] or "")
    assert read.merged is False  # Intercom's merge answers with the conversation that lives on


@needs_samples
@pytest.mark.parametrize("path", samples("conversation_search__200__*", "conversation_list__200__*"))
def test_a_sample_page_of_conversations_can_be_read(path: Path) -> None:
    (one,) = json.loads(path.read_text(encoding="utf-8"))["conversations"]
    [found], cursor, total = searching.page(node(path))
    assert (found.id, found.updated_at, cursor, total) == (one["id"], one["updated_at"], "", 1)


@needs_samples
@pytest.mark.parametrize(
    ("name", "reader", "seen"),
    [
        ("contact_get__200__successful", reading.contact, ("6762f0d01bb69f9f2193bb7d", "Joe Bloggs")),
        ("company_get__200__successful", reading.company, ("6762f07f1bb69f9f2193baf5", "company1")),
        ("admin_get__200__admin_found", reading.admin, ("991267468", "Ciaran9 Lee")),
        ("tag_create__200__action_successful", reading.tag, ("105", "test")),
        ("conversation_tag_attach__200__successful", reading.tag, ("86", "Manual tag")),
    ],
)
def test_a_sample_of_each_other_thing_can_be_read(name: str, reader: Any, seen: tuple[str, str]) -> None:
    read = reader(node(SAMPLES / f"{name}.json"))
    assert (read.id, read.name) == seen


@needs_samples
def test_the_sample_of_the_token_can_be_read() -> None:
    me = reading.me(node(SAMPLES / "me__200__successful_response.json"))
    assert (me.admin_id, me.email, me.name) == ("991267459", "admin1@email.com", "MyApp 1")


@needs_samples
def test_the_companies_of_a_contact_stand_under_data() -> None:
    # The specification calls the list `companies`; the sample beside it says `data`, and so do we and the twin.
    said = node(SAMPLES / "contact_companies__200__successful.json")
    assert [reading.company(one).external_id for one in said["data"].items()] == ["1"]
    assert not said["companies"]


@needs_samples
@pytest.mark.parametrize("path", samples("webhook__representative*"))
def test_a_sample_webhook_can_be_parsed(path: Path) -> None:
    said = json.loads(path.read_text(encoding="utf-8"))
    delivery = intercom.parse(Headers([]), path.read_bytes())
    assert (delivery.id, delivery.topic, delivery.workspace) == (said["id"], said["topic"], said["app_id"])
    acted_on = {"conversation.deleted", "conversation_part.tag.created", "conversation.rating.added"} | intercom.CHANGES
    assert (delivery.event is not None) is (said["topic"] in acted_on)


@needs_samples
def test_the_sample_signature_holds() -> None:
    vector = json.loads((SAMPLES / "signature_test_vectors.json").read_text(encoding="utf-8"))
    headers = Headers([(b"X-Hub-Signature", vector["X-Hub-Signature"].encode())])
    intercom.verify(headers, vector["raw_body_utf8"].encode(), [vector["client_secret"]], 0.0)


@needs_samples
def test_the_sample_signature_of_a_card_holds() -> None:
    vector = json.loads((SAMPLES / "signature_test_vectors.json").read_text(encoding="utf-8"))
    headers = Headers([(b"X-Body-Signature", vector["X-Body-Signature"].encode())])
    canvas.verify(headers, vector["raw_body_utf8"].encode(), [vector["client_secret"]])


@needs_samples
@pytest.mark.parametrize("path", samples("canvaskit__*_request.json"))
def test_a_sample_request_for_a_card_can_be_parsed(path: Path) -> None:
    request = canvas.parse(path.read_bytes())
    assert (request.conversation_id, request.admin_email) == ("215470000000123", "sam@ourco.example")
    assert request.kind == ("submit" if "submit" in path.stem else "initialize")


@needs_samples
@pytest.mark.parametrize("path", samples("canvaskit__*_response.json"))
def test_a_sample_card_is_shown_by_the_twin(path: Path) -> None:
    assert problems(json.loads(path.read_text(encoding="utf-8"))) == []


@needs_samples
@pytest.mark.parametrize("path", samples("conversation_*__404__*", "contact_*__404__*", "company_*__404__*"))
def test_a_sample_404_means_gone_unless_it_is_about_something_else(path: Path) -> None:
    reply = Reply(404, json.loads(path.read_text(encoding="utf-8")))
    if "tag_not_found" in path.stem:
        with pytest.raises(Permanent, match="tag_not_found"):
            gone(reply)
    else:
        assert gone(reply)


@needs_samples
@pytest.mark.parametrize("path", samples("ticket_update__404__*", "admin_get__404__*"))
def test_a_sample_404_about_a_teammate_is_not_taken_for_a_gone_conversation(path: Path) -> None:
    with pytest.raises(Permanent, match=r"(admin|assignee)_not_found"):
        gone(Reply(404, json.loads(path.read_text(encoding="utf-8"))))


@needs_samples
def test_the_twins_error_list_has_the_shape_of_intercoms(world: World) -> None:
    said = json.loads((SAMPLES / "conversation_get__404__not_found.json").read_text(encoding="utf-8"))
    ours = world.twin.error("not_found", "Resource Not Found")
    assert ours | {"request_id": said["request_id"]} == said
