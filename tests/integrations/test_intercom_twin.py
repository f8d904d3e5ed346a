"""The Intercom twin behaves as Intercom does where it matters to us, for people and for clients alike."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from integrations import intercom
from integrations.contract import Delivery, Headers
from integrations.intercom import ConversationRated, ConversationTagged
from integrations.intercom.twin import IntercomTwin
from integrations.intercom.twin.workspace import OPERATOR
from tests.integrations.intercom_spec import (
    APP,
    CLOSED,
    MORI,
    OKADA,
    SATO,
    SECRET,
    SNOOZED,
    TAMURA,
    TOKEN,
    US,
    WISH,
    Server,
    World,
)

TOMORROW = int(time.time()) + 86_400
NOTE = {"message_type": "note", "type": "admin", "admin_id": US, "body": "<p>背景: 月末の締め</p>"}
COMMENT = NOTE | {"message_type": "comment"}
CHOICES = [{"text": "はい", "uuid": "a5e1c524-5ddd-4c3e-9328-6bca5d6e3edb"}]
QUICK = {"message_type": "quick_reply", "type": "admin", "admin_id": US, "reply_options": CHOICES}
OPEN = {"message_type": "open", "admin_id": US}
CLOSE = {"message_type": "close", "type": "admin", "admin_id": US}
SNOOZE = {"message_type": "snoozed", "admin_id": US, "snoozed_until": TOMORROW}
ASSIGN = {"message_type": "assignment", "type": "admin", "admin_id": US, "assignee_id": MORI}


class Api:
    """Raw calls of the twin, as another integration would make them."""

    def __init__(self, world: World) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}", "Intercom-Version": "2.16"}
        self._http = httpx.Client(base_url=f"{world.url}/intercom", headers=headers, trust_env=False)

    def __call__(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        return self._http.request(method, path, json=json, headers=headers)

    def state(self, conversation_id: str) -> tuple[str, bool, Any]:
        said = self("GET", f"/conversations/{conversation_id}").json()
        return said["state"], said["open"], said["snoozed_until"]

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.serving.stop()


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    with closing(World(server)) as world:
        world.twin.held = []
        yield world


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    with closing(Api(world)) as api:
        yield api


def heard(world: World) -> list[Delivery]:
    """The webhooks sent so far, verified and parsed as the door does it."""
    assert world.twin.held is not None
    deliveries = []
    for headers, body in world.twin.held:
        wire = Headers((name.encode(), value.encode()) for name, value in headers.items())
        intercom.verify(wire, body, [SECRET], 0.0)
        deliveries.append(intercom.parse(wire, body))
    world.twin.held.clear()
    return deliveries


def topics(world: World) -> list[str]:
    return [delivery.topic for delivery in heard(world)]


# -- what it refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize("claimed", ["", "Bearer", "Bearer wrong", TOKEN])
def test_without_the_token_nothing_is_said_not_even_the_rate_limit(api: Api, claimed: str) -> None:
    refused = api("GET", "/me", Authorization=claimed)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "unauthorized")
    assert "x-ratelimit-limit" not in refused.headers


@pytest.mark.parametrize("version", ["9.9", "2.17", "latest", ""])
def test_an_unknown_version_is_refused(api: Api, version: str) -> None:
    refused = api("GET", "/me", **{"Intercom-Version": version})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "intercom_version_invalid")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("reply", None, 400, "bad_request"),
        ("reply", [], 400, "bad_request"),
        ("reply", NOTE | {"message_type": "open"}, 400, "parameter_invalid"),
        ("reply", NOTE | {"type": "team"}, 400, "parameter_invalid"),
        ("reply", NOTE | {"body": " "}, 400, "parameter_not_found"),
        ("reply", NOTE | {"admin_id": None}, 400, "parameter_not_found"),
        ("reply", NOTE | {"admin_id": "1"}, 404, "admin_not_found"),
        ("reply", QUICK | {"reply_options": []}, 400, "parameter_not_found"),
        ("reply", QUICK | {"reply_options": [{"text": "はい"}]}, 400, "parameter_invalid"),
        ("parts", OPEN | {"message_type": "note"}, 400, "parameter_invalid"),
        ("parts", OPEN | {"admin_id": "1"}, 404, "admin_not_found"),
        ("parts", CLOSE | {"type": None}, 400, "parameter_invalid"),
        ("parts", SNOOZE | {"snoozed_until": 1_000_000_000}, 400, "parameter_invalid"),
        ("parts", ASSIGN | {"assignee_id": "1"}, 404, "assignee_not_found"),
        ("tags", {"id": "1", "admin_id": US}, 404, "tag_not_found"),
    ],
)
def test_what_the_specification_does_not_allow_is_refused_and_changes_nothing(
    world: World, api: Api, path: str, body: Any, status: int, code: str
) -> None:
    before = api("GET", f"/conversations/{CLOSED}").json()
    world.twin.watchers.clear()  # these requests break the specification on purpose
    refused = api("POST", f"/conversations/{CLOSED}/{path}", body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (status, code)
    assert api("GET", f"/conversations/{CLOSED}").json() == before
    assert (world.twin.effects, heard(world)) == ([], [])


@pytest.mark.parametrize(
    "query",
    [
        None,
        [],
        {"field": "favourite_colour", "operator": "=", "value": 1},
        {"field": "state", "operator": ">", "value": 1},
        {"field": "state", "operator": "~", "value": "op"},
        {"field": "state", "operator": "="},
        {"field": "tag_ids", "operator": "IN", "value": "9"},
        {"field": "updated_at", "operator": ">", "value": "yesterday"},
        {"operator": "AND", "value": []},
        {"operator": "AND", "value": [{"field": "state", "operator": "=", "value": "open"}] * 16},
    ],
)
def test_a_query_that_intercom_does_not_know_is_refused(world: World, api: Api, query: Any) -> None:
    refused = api("POST", "/conversations/search", {"query": query})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "parameter_invalid")


@pytest.mark.parametrize("pagination", [{"per_page": 151}, {"per_page": 0}, {"starting_after": "%%"}])
def test_a_page_that_intercom_does_not_have_is_refused(api: Api, pagination: dict[str, Any]) -> None:
    query = {"field": "state", "operator": "=", "value": "open"}
    refused = api("POST", "/conversations/search", {"query": query, "pagination": pagination})
    assert refused.status_code == 400


def test_groups_nest_twice_and_no_deeper(api: Api) -> None:
    query: dict[str, Any] = {"field": "state", "operator": "=", "value": "open"}
    answers = []
    for _ in range(4):
        answers.append(api("POST", "/conversations/search", {"query": query}).status_code)
        query = {"operator": "OR", "value": [query]}
    assert answers == [200, 200, 200, 400]


def test_beyond_the_limit_of_a_window_it_says_so(server: Server) -> None:
    twin = IntercomTwin(secret=SECRET, token=TOKEN, app_id=APP, admin=US, limit=(3, 1e6))
    with closing(World(server, twin)) as world, closing(Api(world)) as api:
        answers = [api("GET", "/tags") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert answers[4].json()["errors"][0]["code"] == "rate_limit_exceeded"
    assert (answers[4].headers["x-ratelimit-limit"], twin.limit_hits) == ("3", 2)
    assert int(answers[4].headers["x-ratelimit-reset"]) > time.time()


# -- states -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conversation_id", "path", "body", "state", "part_type", "announced"),
    [
        (CLOSED, "reply", NOTE, "closed", "note", ["conversation.admin.noted"]),
        (CLOSED, "reply", COMMENT, "closed", "comment", ["conversation.admin.replied"]),
        (SNOOZED, "reply", NOTE, "open", "note", ["conversation.admin.noted"]),
        (SNOOZED, "reply", COMMENT, "open", "comment", ["conversation.admin.replied"]),
        (SNOOZED, "reply", QUICK, "open", "quick_reply", ["conversation.admin.replied"]),
        (CLOSED, "parts", OPEN, "open", "open", ["conversation.admin.opened"]),
        (SNOOZED, "parts", OPEN, "open", "open", ["conversation.admin.opened"]),
        (WISH, "parts", OPEN, "open", None, []),
        (WISH, "parts", CLOSE, "closed", "close", ["conversation.admin.closed"]),
        (CLOSED, "parts", CLOSE, "closed", None, []),
        (WISH, "parts", SNOOZE, "snoozed", "snoozed", ["conversation.admin.snoozed"]),
        (WISH, "parts", ASSIGN, "open", "assignment", ["conversation.admin.assigned"]),
        (SNOOZED, "parts", ASSIGN, "snoozed", "assignment", ["conversation.admin.assigned"]),
        (WISH, "parts", ASSIGN | {"assignee_id": "0"}, "open", "assignment", ["conversation.admin.assigned"]),
        (
            CLOSED,
            "parts",
            ASSIGN,
            "open",
            "assign_and_reopen",
            ["conversation.admin.assigned", "conversation.admin.open.assigned"],
        ),
    ],
)
def test_what_a_client_does_changes_the_state_and_comes_back_as_webhooks(
    world: World,
    api: Api,
    conversation_id: str,
    path: str,
    body: dict[str, Any],
    state: str,
    part_type: str | None,
    announced: list[str],
) -> None:
    said = api("POST", f"/conversations/{conversation_id}/{path}", body).json()
    assert said["state"] == state
    assert [part["part_type"] for part in said["conversation_parts"]["conversation_parts"]] == (
        [part_type] if part_type else []
    )
    assert topics(world) == announced
    assert [effect.target for effect in world.twin.effects] == [conversation_id]
    assert (api.state(conversation_id)[2] is None) is (state != "snoozed")


@pytest.mark.parametrize(
    ("path", "body"),
    [("reply", QUICK), ("parts", CLOSE), ("parts", ASSIGN), ("reply", COMMENT)],
    ids=["quick_reply", "close", "assignment", "comment"],
)
def test_whatever_a_teammate_does_may_carry_a_word_for_the_customer(api: Api, path: str, body: dict[str, Any]) -> None:
    said = api("POST", f"/conversations/{WISH}/{path}", body | {"body": "<p>承知いたしました。</p>"}).json()
    [part] = said["conversation_parts"]["conversation_parts"]
    assert (part["body"], part["author"]["id"]) == ("<p>承知いたしました。</p>", US)


def test_a_part_says_which_app_wrote_it(world: World, api: Api) -> None:
    world.twin.agent_says(WISH, TAMURA, "<p>画面から</p>")
    world.twin.agent_says(WISH, TAMURA, "<p>別のアプリから</p>", package="helpdesk-bridge")
    api("POST", f"/conversations/{WISH}/reply", NOTE)
    parts = api("GET", f"/conversations/{WISH}").json()["conversation_parts"]["conversation_parts"]
    assert [part["app_package_code"] for part in parts] == [None, "helpdesk-bridge", "yamabiko"]


def test_a_group_conversation_has_several_contacts_and_either_may_write(world: World, api: Api) -> None:
    world.twin.join(WISH, OKADA)
    world.twin.customer_says(WISH, "<p>私も困っています。</p>", by=OKADA)
    said = api("GET", f"/conversations/{WISH}").json()
    assert [contact["id"] for contact in said["contacts"]["contacts"]] == [SATO, OKADA]
    assert said["conversation_parts"]["conversation_parts"][0]["author"]["id"] == OKADA
    found = {"query": {"field": "contact_ids", "operator": "=", "value": OKADA}}
    ids = {one["id"] for one in api("POST", "/conversations/search", found).json()["conversations"]}
    assert ids == {WISH, CLOSED}


def test_what_is_said_in_a_mail_conversation_is_mailed_unless_the_address_is_dead(world: World, api: Api) -> None:
    world.twin.add_conversation("302", SATO, "<p>届きますか。</p>", medium="email")
    first = world.twin.agent_says("302", TAMURA, "<p>はい。</p>")
    world.twin.bounce(SATO)
    world.twin.agent_says("302", TAMURA, "<p>届いていますか。</p>")
    parts = api("GET", "/conversations/302").json()["conversation_parts"]["conversation_parts"]
    assert [bool(part["email_message_metadata"]) for part in parts] == [True, False]
    assert parts[0]["id"] == first
    headers = parts[0]["email_message_metadata"]["email_address_headers"]
    assert [(each["type"], each["email_address"]) for each in headers] == [
        ("from", "tamura@yamabiko.example"),
        ("to", "sato@aoba.example"),
    ]
    said = api("GET", f"/contacts/{SATO}").json()
    assert (said["has_hard_bounced"], said["marked_email_as_spam"]) == (True, False)


def test_what_a_machine_says_is_mailed_to_nobody_and_a_chat_only_to_the_absent(world: World, api: Api) -> None:
    world.twin.add_conversation("302", SATO, "<p>届きますか。</p>", medium="email")
    world.twin.say(world.twin.books.conversations["302"], "comment", OPERATOR, "<p>担当者が確認します。</p>")
    chat = world.twin.agent_says(WISH, TAMURA, "<p>確認します。</p>")
    for id in ("302", WISH):
        [part] = api("GET", f"/conversations/{id}").json()["conversation_parts"]["conversation_parts"]
        assert part["email_message_metadata"] is None
    world.twin.mail_to_absent(WISH, chat)
    [part] = api("GET", f"/conversations/{WISH}").json()["conversation_parts"]["conversation_parts"]
    assert part["email_message_metadata"]["message_id"]


def test_a_teammate_may_write_first(world: World, api: Api) -> None:
    world.twin.write_first("301", SATO, TAMURA, "<p>ご案内です。</p>")
    source = api("GET", "/conversations/301").json()["source"]
    assert (source["delivered_as"], source["author"]["type"]) == ("admin_initiated", "admin")
    assert topics(world) == ["conversation.admin.single.created"]


def test_a_note_may_reopen_a_conversation(world: World, api: Api) -> None:
    world.twin.agent_notes(CLOSED, TAMURA, "<p>再確認します</p>", kind="note_and_reopen")
    assert api.state(CLOSED)[0] == "open"
    assert topics(world) == ["conversation.admin.noted"]


def test_a_snoozed_conversation_calls_itself_open(api: Api) -> None:
    assert api.state(SNOOZED)[:2] == ("snoozed", True)


def test_a_customer_opens_what_was_closed_or_snoozed(world: World, api: Api) -> None:
    for conversation_id in (CLOSED, SNOOZED, WISH):
        world.twin.customer_says(conversation_id, "<p>まだ困っています。</p>")
        assert api.state(conversation_id) == ("open", True, None)
    assert topics(world) == ["conversation.user.replied"] * 3


def test_a_snooze_ends_by_itself(world: World, api: Api) -> None:
    world.twin.snooze_by_hand(WISH, TAMURA, int(time.time()) - 1)
    assert api.state(WISH) == ("open", True, None)
    assert topics(world) == ["conversation.admin.snoozed", "conversation.admin.unsnoozed"]


def test_only_the_newest_500_parts_are_shown_and_the_source_apart(world: World, api: Api) -> None:
    parts = [world.twin.agent_says(WISH, TAMURA, f"<p>{number}</p>") for number in range(502)]
    said = api("GET", f"/conversations/{WISH}").json()
    assert [part["id"] for part in said["conversation_parts"]["conversation_parts"]] == parts[2:]
    assert said["source"]["body"].startswith("<p>請求書")
    plain = api("GET", f"/conversations/{WISH}?display_as=plaintext").json()
    assert plain["source"]["body"] == "請求書の一覧をCSVで出力したいです。"


# -- what people do -----------------------------------------------------------------------------


def test_each_thing_that_people_do_is_announced(world: World) -> None:
    twin = world.twin
    twin.add_conversation("301", SATO, "<p>新しい相談</p>", send=True)
    wish = twin.customer_says("301", "<p>要望です</p>")
    twin.agent_says("301", TAMURA, "<p>承知しました</p>")
    twin.agent_notes("301", TAMURA, "<p>背景</p>")
    twin.tag("301", wish, "要望", TAMURA)
    twin.untag("301", wish, "要望")
    twin.snooze_by_hand("301", TAMURA, TOMORROW)
    twin.reopen("301", TAMURA)
    twin.close("301", TAMURA)
    twin.rate("301", 5)
    twin.redact("301", wish)
    twin.convert_to_ticket("301")
    twin.merge("301", WISH)
    twin.delete("301")
    twin.delete_contact(SATO)
    twin.remove_admin(MORI)
    twin.ping()
    assert topics(world) == [
        "conversation.user.created",
        "conversation.user.replied",
        "conversation.admin.replied",
        "conversation.admin.noted",
        "conversation_part.tag.created",
        "conversation.admin.snoozed",
        "conversation.admin.opened",
        "conversation.admin.closed",
        "conversation.rating.added",
        "conversation_part.redacted",
        "ticket.created",
        "conversation.deleted",
        "contact.deleted",
        "admin.removed_from_workspace",
        "ping",
    ]
    assert twin.effects == []  # people's acts are not the service's


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_beyond_the_scale_cannot_be_given(world: World, rating: int) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        world.twin.rate(CLOSED, rating)
    assert heard(world) == []


def test_a_rating_is_about_who_has_the_conversation_or_wrote_last(world: World, api: Api) -> None:
    world.twin.rate(WISH, 5)
    world.twin.rate(CLOSED, 1, "まだ直っていません")
    world.twin.agent_says(SNOOZED, MORI, "<p>来月お待ちしております。</p>")
    world.twin.rate(SNOOZED, 3)
    assert [delivery.event for delivery in heard(world) if delivery.topic == "conversation.rating.added"] == [
        ConversationRated(WISH, 5, ""),
        ConversationRated(CLOSED, 1, "まだ直っていません"),
        ConversationRated(SNOOZED, 3, ""),
    ]
    ratings = [api("GET", f"/conversations/{id}").json()["conversation_rating"] for id in (WISH, CLOSED, SNOOZED)]
    assert [rating.get("teammate", {}).get("id") for rating in ratings] == [TAMURA, None, MORI]
    assert [rating["contact"]["id"] for rating in ratings] == [SATO, OKADA, SATO]


@pytest.mark.parametrize("shape", ["a", "b"])
def test_a_tag_is_announced_in_both_shapes(world: World, shape: str) -> None:
    wish = world.twin.customer_says(WISH, "<p>要望です</p>")
    heard(world)
    world.twin.tag(WISH, wish, "要望", TAMURA, shape=shape)
    world.twin.tag(WISH, "", "重要", TAMURA, shape=shape)
    source_id = world.twin.books.conversations[WISH].source.id
    assert [delivery.event for delivery in heard(world)] == [
        ConversationTagged(WISH, ("要望",), wish),
        ConversationTagged(WISH, ("重要",), source_id),
    ]


def test_a_webhook_speaks_plain_text_and_names_the_workspace(world: World) -> None:
    world.twin.customer_says(WISH, "<p>一行目<br>二行目</p>")
    assert world.twin.held is not None
    body = httpx.Response(200, content=world.twin.held[0][1]).json()
    (part,) = body["data"]["item"]["conversation_parts"]["conversation_parts"]
    assert (body["app_id"], part["body"]) == (APP, "一行目\n二行目")


@pytest.mark.parametrize("into", [WISH, CLOSED])
def test_a_conversation_is_merged_once_and_not_into_itself(world: World, into: str) -> None:
    world.twin.merge(WISH, CLOSED)
    with pytest.raises(ValueError, match="merged once"):
        world.twin.merge(WISH, into)


# -- tags, updates, search ----------------------------------------------------------------------


def test_tags_come_and_go_with_a_teammates_name(world: World, api: Api) -> None:
    tag = api("POST", "/tags", {"name": "要望 VIP"}).json()
    assert api("POST", "/tags", {"name": "要望 vip"}).json()["id"] == tag["id"]
    assert api("POST", "/tags", {"id": tag["id"], "name": "要望"}).json()["name"] == "要望"
    attached = api("POST", f"/conversations/{WISH}/tags", {"id": tag["id"], "admin_id": US}).json()
    assert attached["applied_by"] == {"type": "admin", "id": US}
    assert topics(world) == ["conversation_part.tag.created"]
    path = f"/conversations/{WISH}/tags/{tag['id']}"
    assert api("DELETE", path, {"admin_id": US}).status_code == 200
    assert api("DELETE", path, {"admin_id": US}).json()["errors"][0]["code"] == "tag_not_found"
    assert api("GET", f"/conversations/{WISH}").json()["tags"]["tags"] == []
    assert [effect.verb for effect in world.twin.effects] == ["create tag"] * 3 + ["tag", "untag"]


def test_a_tag_stays_on_a_conversation_until_its_last_part_loses_it(world: World, api: Api) -> None:
    wish = world.twin.customer_says(WISH, "<p>要望です</p>")
    for part_id in ("", wish):
        world.twin.tag(WISH, part_id, "要望", TAMURA)
    counts = []
    for part_id in ("", wish):
        counts.append(len(api("GET", f"/conversations/{WISH}").json()["tags"]["tags"]))
        world.twin.untag(WISH, part_id, "要望")
    counts.append(len(api("GET", f"/conversations/{WISH}").json()["tags"]["tags"]))
    assert counts == [1, 1, 0]


def test_a_conversation_takes_a_title_and_attributes(world: World, api: Api) -> None:
    said = api(
        "PUT", f"/conversations/{WISH}", {"title": "CSV出力", "custom_attributes": {"重要度": "高"}, "read": True}
    )
    assert (said.json()["title"], said.json()["custom_attributes"], said.json()["read"]) == (
        "CSV出力",
        {"重要度": "高"},
        True,
    )
    assert [effect.verb for effect in world.twin.effects] == ["update"]


def test_a_merged_contact_points_to_who_remains(world: World, api: Api) -> None:
    world.twin.merge_contacts(OKADA, SATO)
    gone = api("GET", f"/contacts/{OKADA}")
    assert (gone.status_code, gone.headers["link"]) == (410, f'</contacts/{SATO}>; rel="canonical"')
    assert api("GET", f"/conversations/{CLOSED}").json()["contacts"]["contacts"][0]["id"] == SATO


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"field": "state", "operator": "=", "value": "open"}, {WISH}),
        ({"field": "state", "operator": "!=", "value": "open"}, {CLOSED, SNOOZED}),
        ({"field": "open", "operator": "=", "value": True}, {WISH, SNOOZED}),
        ({"field": "id", "operator": "IN", "value": [WISH, int(CLOSED)]}, {WISH, CLOSED}),
        ({"field": "contact_ids", "operator": "NIN", "value": [SATO]}, {CLOSED}),
        ({"field": "admin_assignee_id", "operator": "=", "value": 0}, {CLOSED, SNOOZED}),
        ({"field": "snoozed_until", "operator": ">", "value": 0}, {SNOOZED}),
        ({"field": "statistics.last_close_at", "operator": "<", "value": str(TOMORROW)}, {CLOSED}),
        (
            {
                "operator": "AND",
                "value": [
                    {
                        "operator": "OR",
                        "value": [
                            {"field": "state", "operator": "=", "value": "closed"},
                            {"field": "state", "operator": "=", "value": "snoozed"},
                        ],
                    },
                    {"operator": "OR", "value": [{"field": "contact_ids", "operator": "=", "value": SATO}]},
                ],
            },
            {SNOOZED},
        ),
    ],
)
def test_a_search_finds_what_the_query_says(api: Api, query: dict[str, Any], found: set[str]) -> None:
    said = api("POST", "/conversations/search", {"query": query}).json()
    assert {one["id"] for one in said["conversations"]} == found
    assert said["total_count"] == len(found)
    assert all("conversation_parts" not in one for one in said["conversations"])


def test_times_are_compared_including_the_moment_itself(world: World, api: Api) -> None:
    world.twin.add_conversation("301", SATO, "<p>昔の相談</p>", at=1_794_900_000)
    found = []
    for operator, value in ((">", 1_794_900_000), ("<", 1_794_900_000), ("<", 1_794_899_999)):
        both: list[dict[str, Any]] = [{"field": "id", "operator": "=", "value": "301"}]
        both.append({"field": "created_at", "operator": operator, "value": value})
        said = api("POST", "/conversations/search", {"query": {"operator": "AND", "value": both}}).json()
        found.append(said["total_count"])
    assert found == [1, 1, 0]


def test_pages_follow_one_another_without_gap_or_repeat(world: World, api: Api) -> None:
    query = {"field": "state", "operator": "IN", "value": ["open", "closed", "snoozed"]}
    seen: list[str] = []
    pagination: dict[str, Any] = {"per_page": 2}
    while pagination:
        said = api("POST", "/conversations/search", {"query": query, "pagination": pagination}).json()
        seen += [one["id"] for one in said["conversations"]]
        pagination = said["pages"].get("next")
    assert sorted(seen) == [WISH, CLOSED, SNOOZED]
    assert said["pages"]["page"] == said["pages"]["total_pages"] == 2
