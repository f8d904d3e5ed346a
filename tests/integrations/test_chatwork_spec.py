"""Client and twin against what was put together of Chatwork's own description of its API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from integrations.chatwork import ChatworkClient, Member, Message, models
from integrations.chatwork.notation import plain
from integrations.chatwork.twin import ChatworkTwin
from integrations.contract import Permanent
from integrations.pace import Pace
from integrations.spacing import Spacing
from integrations.twin import Ask, Said
from integrations.untrusted import Node
from tests.integrations.chatwork_spec import SPEC, needs_samples, needs_spec, sample
from tests.integrations.openapi import Spec
from tests.twin_server import served

VERBS = {
    *("post", "find", "edit", "upload", "find_file", "me", "whoami", "rooms", "members"),
}
LINK = "https://yamabiko.example/digests/2026-11-20"


@pytest.fixture(scope="module")
def talks() -> Iterator[list[tuple[Ask, Said]]]:
    """Every verb of the client, used once or more, and everything that was said on the way."""
    said: list[tuple[Ask, Said]] = []
    twin = ChatworkTwin(token="t", webhook_token="dA==")
    twin.held = []
    twin.watchers.append(lambda ask, answer: said.append((ask, answer)))
    client = ChatworkClient(f"{served(chatwork=twin).url}/chatwork/v2", "t", pace=Pace(10_000, 1.0))
    client._spacing = Spacing(0.0)
    assert client.rooms() == () and client.me()
    twin.add_room(93_207_172, "お客様の声")
    _use(client, "93207172")
    client.close()
    yield said


def _use(client: ChatworkClient, room: str) -> None:
    assert client.find(room, LINK, oldest=0.0) is None and client.find_file(room, "a.png", oldest=0.0) is None
    id = client.post(room, plain(LINK))
    client.upload(room, "a.png", b"png", plain("図"))
    assert client.find(room, LINK, oldest=0.0) == id and client.find_file(room, "a.png", oldest=0.0)
    assert client.edit(room, id, plain(f"収束 {LINK}")) and client.rooms() and client.members(room)
    with pytest.raises(Permanent):
        client.members("1")


@needs_spec
def test_every_request_and_answer_is_as_described(talks: list[tuple[Ask, Said]]) -> None:
    spec = Spec(SPEC)
    for ask, said in talks:
        spec.check_request(ask.method, ask.path, ask.query, ask.body)
        spec.check_response(ask.method, ask.path, said.status, said.content() if said.status < 400 else b"")
        assert {name for name in said.headers if name.startswith("x-ratelimit-")} >= {"x-ratelimit-remaining"}
    assert len({spec.operation(ask.method, ask.path) for ask, _ in talks}) == 8


def test_every_verb_has_been_used() -> None:
    verbs = {name for name in vars(ChatworkClient) if not name.startswith("_")} - {"close"}
    assert verbs == VERBS


@needs_samples
def test_the_samples_are_read_as_they_are_meant() -> None:
    me, rooms, members = (each["response"]["body"] for each in sample("representative.setup_reads")["exchanges"])
    assert models.Me.read(Node(me, "")).account == "2739132"
    assert models.Room.read(Node(rooms[0], "")).is_writable
    assert Member.read(Node(members[1], "")) == Member("2861671", "佐藤", "101")
    listed = sample("representative.messages_list")["exchanges"][0]["response"]["body"]
    ids = [Message.read(Node(each, "")).id for each in listed]
    assert ids == [each["message_id"] for each in listed]
    file = sample("representative.file_upload")["exchanges"][1]["response"]["body"]
    assert models.File.read(Node(file, "")).name == "volume-20261120.png"


@needs_samples
def test_a_post_goes_over_the_wire_as_in_the_sample(talks: list[tuple[Ask, Said]]) -> None:
    wanted = sample("representative.message_post")["request"]
    posted: dict[str, Any] = next(vars(ask) for ask, _ in talks if ask.method == "POST" and "messages" in ask.path)
    assert posted["headers"]["content-type"] == wanted["headers"]["content-type"]
    assert dict(parse_qsl(posted["body"].decode())) == {"body": LINK}
    assert dict(parse_qsl(wanted["raw_body"])).keys() >= {"body"}
