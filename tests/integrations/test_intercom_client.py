"""The Intercom client against its twin, over a real socket: first when things go wrong, then when not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from email.utils import formatdate
from typing import Any

import pytest

from integrations import http
from integrations.contract import Permanent, RateLimited, Transient, Trouble, Unsure
from integrations.intercom import Admin, Company, Contact, IntercomClient, Me, client
from integrations.intercom.twin import IntercomTwin
from integrations.intercom.twin.asks import api
from integrations.pace import Pace
from integrations.twin import Ask, Fault
from tests.integrations.intercom_spec import (
    AOBA,
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

NOBODY = "404"
TOMORROW = int(time.time()) + 86_400
REPLY, PARTS, SEARCH = (
    "POST /conversations/{id}/reply",
    "POST /conversations/{id}/parts",
    "POST /conversations/search",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.serving.stop()


@pytest.fixture
def world(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(http, "_pause", lambda state: 0.0)
    with closing(World(server)) as world:
        yield world


#: Verbs that state something: they may be repeated, and the end is the same.
STATES: dict[str, Callable[[IntercomClient], bool]] = {
    "open": lambda intercom: intercom.open(CLOSED),
    "assign": lambda intercom: intercom.assign(CLOSED, MORI),
    "snooze": lambda intercom: intercom.snooze(CLOSED, TOMORROW),
}
REACHED = {
    "open": ("open", "", None),
    "assign": ("open", MORI, None),
    "snooze": ("snoozed", "", TOMORROW),
}
READS: dict[str, tuple[str, Callable[[IntercomClient], Any]]] = {
    "conversation": ("GET /conversations/{id}", lambda intercom: intercom.conversation(WISH)),
    "contact": ("GET /contacts/{id}", lambda intercom: intercom.contact(SATO)),
    "company_of": ("GET /contacts/{id}/companies", lambda intercom: intercom.company_of(SATO)),
    "company": ("GET /companies/{id}", lambda intercom: intercom.company(AOBA)),
    "company_attributes": ("GET /companies/{id}", lambda intercom: intercom.company_attributes(AOBA)),
    "owner_of_contact": ("GET /contacts/{id}", lambda intercom: intercom.owner_of_contact(SATO)),
    "recent_conversations": (SEARCH, lambda intercom: intercom.recent_conversations(SATO, 0)),
    "admins": ("GET /admins", lambda intercom: intercom.admins()),
    "me": ("GET /me", lambda intercom: intercom.me()),
    "tags": ("GET /tags", lambda intercom: intercom.tags()),
    "changed_since": (SEARCH, lambda intercom: list(intercom.changed_since(0))),
    "found_among": (SEARCH, lambda intercom: intercom.found_among([WISH])),
    "rated_since": (SEARCH, lambda intercom: list(intercom.rated_since(0))),
}
FAULTS = {
    "429": Fault("429", {"Retry-After": "1"}),
    "500": Fault("500"),
    "503": Fault("503"),
    "503 with a time": Fault("503", {"Retry-After": "1"}),
    "hang": Fault("hang"),
    "late 500": Fault("late-500"),
    "lost": Fault("lost"),
    "reset": Fault("reset"),
    "truncated": Fault("truncated"),
    "html": Fault("html"),
}
#: After these the vendor has carried out what it was asked for, and we cannot know.
APPLIED = ("hang", "late 500", "reset", "truncated", "html")


def state_of(intercom: IntercomClient, conversation_id: str) -> tuple[str, str, int | None]:
    found = intercom.conversation(conversation_id)
    assert found is not None
    return found.state, found.admin_assignee_id, found.snoozed_until


# -- when things go wrong -----------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("verb", STATES)
def test_a_state_is_reached_through_any_single_fault(world: World, verb: str, fault: str) -> None:
    world.twin.fail(PARTS, FAULTS[fault])
    assert STATES[verb](world.client) is True
    assert state_of(world.client, CLOSED) == REACHED[verb]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("verb", READS)
def test_a_read_gets_its_answer_through_any_single_fault(world: World, verb: str, fault: str) -> None:
    pattern, read = READS[verb]
    world.twin.set_owner(SATO, MORI)
    world.twin.set_attribute(AOBA, "担当", "森 大輔")
    undisturbed = read(world.client)
    world.twin.fail(pattern, FAULTS[fault])
    assert read(world.client) == undisturbed


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"429"}))
def test_a_note_without_a_clear_answer_is_unsure_and_its_marker_tells(world: World, fault: str) -> None:
    world.twin.fail(REPLY, FAULTS[fault])
    with pytest.raises(Unsure) as doubt:
        world.client.note(WISH, "<p>受付しました。 Ref YB-7</p>")
    assert "受付" not in str(doubt.value)
    found = world.client.find_note(WISH, "YB-7")
    assert (found is not None) is (fault in APPLIED)
    assert len(world.twin.did("note", WISH)) == (fault in APPLIED)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ({"Retry-After": "2"}, 2.0),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": "-5"}, 1.0),
        ({"X-RateLimit-Reset": "0"}, 1.0),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "soon"}, 1.0),
    ],
)
def test_a_note_is_left_once_when_intercom_first_says_too_many(
    world: World, asked: dict[str, str], seconds: float
) -> None:
    world.twin.fail(REPLY, Fault("429", asked))
    part_id = world.client.note(WISH, "<p>Ref YB-7</p>")
    assert [effect.facts["part_id"] for effect in world.twin.did("note", WISH)] == [part_id]
    assert world.pace.asked == [seconds]


@pytest.mark.parametrize(
    "asked",
    [
        {"Retry-After": "600"},
        {"Retry-After": formatdate(time.time() + 86_400, usegmt=True)},
        {"X-RateLimit-Reset": str(int(time.time()) + 86_400)},
        {"Retry-After": "1e9"},
    ],
)
def test_a_wait_too_long_for_a_thread_is_handed_up(world: World, asked: dict[str, str]) -> None:
    world.twin.fail(REPLY, Fault("429", asked))
    with pytest.raises(RateLimited) as refused:
        world.client.note(WISH, "<p>Ref YB-7</p>")
    assert refused.value.retry_after is not None
    assert refused.value.retry_after > 300
    assert world.twin.did("note") == []


def test_a_vendor_that_stays_broken_is_transient(world: World) -> None:
    world.twin.fail(PARTS, *[Fault("500")] * 3)
    with pytest.raises(Transient):
        world.client.open(CLOSED)
    assert world.twin.did("open") == []


def test_nobody_at_home_is_transient_also_for_a_note() -> None:
    nobody = IntercomClient("http://127.0.0.1:9", TOKEN, US, APP)
    with pytest.raises(Transient):
        nobody.note(WISH, "<p>Ref YB-7</p>")
    nobody.close()


def test_a_wrong_token_is_permanent_and_not_repeated_in_the_message(world: World) -> None:
    with pytest.raises(Permanent, match=r"401.*unauthorized") as refused:
        world.client_with(token="d3Jvbmc6dG9rZW4").me()
    assert "d3Jvbmc6dG9rZW4" not in str(refused.value)


@pytest.mark.parametrize("act", [lambda intercom: intercom.open(CLOSED), lambda intercom: intercom.note(CLOSED, "x")])
def test_a_removed_teammate_does_not_look_like_a_gone_conversation(
    world: World, act: Callable[[IntercomClient], Any]
) -> None:
    world.twin.remove_admin(US)
    with pytest.raises(Permanent, match="admin_not_found"):
        act(world.client)


def test_an_unknown_assignee_is_permanent(world: World) -> None:
    with pytest.raises(Permanent, match="assignee_not_found"):
        world.client.assign(WISH, "9999")


NAMING = (*STATES, "note", "find_note", "conversation", "contact", "company_of", "company", "owner_of_contact")


@pytest.mark.parametrize("verb", NAMING)
def test_a_wrong_address_does_not_look_like_gone_conversations(world: World, verb: str) -> None:
    lost = world.client_with(path="/nowhere")
    arguments = {"assign": (MORI,), "snooze": (TOMORROW,), "note": ("x",), "find_note": ("YB-7",)}
    with pytest.raises(Permanent):
        getattr(lost, verb)(WISH, *arguments.get(verb, ()))


@pytest.mark.parametrize("conversation_id", [NOBODY, "../admins", ".", "..", "a/b", "?x=1", "要望", "1\n2"])
def test_what_is_gone_is_a_value(world: World, conversation_id: str) -> None:
    world.twin.watchers.clear()  # such ids are not what the specification has in mind
    assert world.client.conversation(conversation_id) is None
    assert world.client.contact(conversation_id) is None
    assert world.client.company_of(conversation_id) is None
    assert world.client.company(conversation_id) is None
    assert world.client.company_attributes(conversation_id) == {}
    assert world.client.owner_of_contact(conversation_id) is None
    assert world.client.recent_conversations(conversation_id, 0) == []
    assert world.client.open(conversation_id) is False
    assert world.client.assign(conversation_id, MORI) is False
    assert world.client.snooze(conversation_id, TOMORROW) is False
    assert world.client.note(conversation_id, "<p>x</p>") == ""
    assert world.client.find_note(conversation_id, "YB-7") is None
    assert world.twin.effects == []


# -- tags ---------------------------------------------------------------------------------------


def test_a_tag_on_what_is_gone_is_a_value_and_of_a_removed_teammate_an_error(world: World) -> None:
    assert world.client.tag("404", "再開") is False
    world.twin.remove_admin(US)
    with pytest.raises(Permanent, match="admin_not_found"):
        world.client.tag(CLOSED, "再開")


def test_a_tag_is_created_where_it_is_missing_and_found_whatever_its_case(world: World) -> None:
    assert world.client.tag(CLOSED, "Reopened") and world.client.tag(WISH, "reOpened")
    assert [effect.facts["name"] for effect in world.twin.did("create tag")] == ["Reopened"]
    for id in (CLOSED, WISH):
        found = world.client.conversation(id)
        assert found is not None and [tag.name for tag in found.tags] == ["Reopened"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("pattern", ["POST /tags", "POST /conversations/{id}/tags", "GET /tags"])
def test_a_tag_is_put_on_through_any_single_fault(world: World, pattern: str, fault: str) -> None:
    world.twin.fail(pattern, FAULTS[fault])
    assert world.client.tag(CLOSED, "再開") is True
    found = world.client.conversation(CLOSED)
    assert found is not None and [tag.name for tag in found.tags] == ["再開"]
    assert [tag.name for tag in world.client.tags()].count("再開") == 1


# -- conversations ------------------------------------------------------------------------------


def test_a_conversation_is_read_as_it_stands(world: World) -> None:
    reply = world.twin.agent_says(WISH, TAMURA, "<p>ご要望ありがとうございます。</p>")
    wish = world.twin.customer_says(WISH, "<ul><li>毎月必要です</li><li>Excelでも可</li></ul>")
    tag_id = world.twin.tag(WISH, wish, "要望", TAMURA)
    read = world.client.conversation(WISH)
    assert read is not None
    assert (read.id, read.state, read.title, read.admin_assignee_id) == (WISH, "open", "", TAMURA)
    assert (read.snoozed_until, read.last_close_at, read.ticket_id, read.merged) == (None, None, "", False)
    assert read.contact_ids == (SATO,)
    assert read.company == Company(AOBA, AOBA, "あおば製作所", "ビジネス", 48_000.0, "")
    assert [(tag.id, tag.name, tag.applied_by) for tag in read.tags] == [(tag_id, "要望", TAMURA)]
    assert (read.source.text, read.source.author.name) == ("請求書の一覧をCSVで出力したいです。", "佐藤 健")
    assert read.source.created_at == read.created_at
    assert [(part.id, part.author.is_customer, part.by_us) for part in read.parts] == [
        (reply, False, False),
        (wish, True, False),
    ]
    assert read.parts[1].text == "- 毎月必要です\n- Excelでも可"
    assert [tag.name for tag in read.parts[1].tags] == ["要望"]
    assert read.url == f"https://app.intercom.com/a/inbox/{APP}/inbox/shared/all/conversation/{WISH}"


def test_opening_reaches_closed_and_snoozed_conversations_and_leaves_open_ones(world: World) -> None:
    for conversation_id in (CLOSED, SNOOZED, WISH):
        assert world.client.open(conversation_id) is True
        assert state_of(world.client, conversation_id)[0] == "open"
    read = world.client.conversation(CLOSED)
    assert read is not None
    assert [(part.type, part.by_us) for part in read.parts] == [("open", True)]


def test_a_note_is_ours_and_leaves_a_closed_conversation_closed(world: World) -> None:
    part_id = world.client.note(CLOSED, "<p>PROJ-12 が完了しました。</p><p>Ref YB-7</p>")
    read = world.client.conversation(CLOSED)
    assert read is not None
    assert read.state == "closed"
    assert [(part.id, part.type, part.by_us) for part in read.parts] == [(part_id, "note", True)]


def test_when_it_was_closed_last_is_known_from_the_parts(world: World) -> None:
    world.twin.close(WISH, TAMURA, at=TOMORROW)
    read = world.client.conversation(WISH)
    assert read is not None
    assert read.last_close_at == TOMORROW


def test_a_merged_conversation_says_where_it_went(world: World) -> None:
    world.twin.merge(WISH, CLOSED)
    gone, alive = world.client.conversation(WISH), world.client.conversation(CLOSED)
    assert gone is not None
    assert alive is not None
    assert (gone.state, gone.merged, gone.merged_into) == ("closed", True, CLOSED)
    assert (alive.merged, alive.merged_into) == (False, "")


def test_a_ticket_a_deleted_message_and_a_deleted_conversation_are_recognised(world: World) -> None:
    ticket_id = world.twin.convert_to_ticket(WISH)
    world.twin.redact(WISH, "")
    world.twin.delete(CLOSED)
    read = world.client.conversation(WISH)
    assert read is not None
    assert (read.ticket_id, read.source.redacted) == (ticket_id, True)
    assert "請求書" not in read.source.text
    assert world.client.conversation(CLOSED) is None


# -- markers ------------------------------------------------------------------------------------


def test_a_marker_finds_the_first_of_our_notes_that_bears_it(world: World) -> None:
    first = world.client.note(WISH, "<p>完了しました (Ref&nbsp;<b>YB-7</b>)。</p>")
    world.client.note(WISH, "<p>もう一度 YB-7</p>")
    assert world.client.find_note(WISH, "YB-7") == first


@pytest.mark.parametrize("similar", ["YB-71", "YB-7-2", "AYB-7", "yb-7"])
def test_a_marker_is_not_found_inside_a_longer_one(world: World, similar: str) -> None:
    world.client.note(WISH, f"<p>Ref {similar}</p>")
    assert world.client.find_note(WISH, "YB-7") is None


def test_what_a_customer_or_another_teammate_writes_is_no_marker(world: World) -> None:
    world.twin.customer_says(WISH, "<p>YB-7</p>")
    world.twin.agent_notes(WISH, TAMURA, "<p>YB-7</p>")
    assert world.client.find_note(WISH, "YB-7") is None


# -- people and tags ----------------------------------------------------------------------------


def test_a_reply_is_found_by_its_words_beside_others_in_the_same(world: World) -> None:
    first, second = (world.client.reply(WISH, MORI, "承知しました。").part_id for _ in range(2))
    assert first != second
    assert world.client.find_reply(WISH, MORI, "承知しました。", 0) == first
    assert world.client.find_reply(WISH, MORI, "承知しました。", 0, besides=[first]) == second
    assert world.client.find_reply(WISH, MORI, "承知しました。", 0, besides={first, second}) is None
    assert world.client.find_reply(WISH, SATO, "承知しました。", 0) is None


def test_people_and_companies_are_read(world: World) -> None:
    known = {"has_bounced": False, "marked_spam": False}
    assert world.client.contact(SATO) == Contact(SATO, "佐藤 健", "sato@aoba.example", "", "ja", "user", **known)
    assert world.client.company_of(SATO) == Company(AOBA, AOBA, "あおば製作所", "ビジネス", 48_000.0, "")
    assert world.client.company_of(OKADA) is None
    assert world.client.company(AOBA) == world.client.company_of(SATO)
    assert world.client.me() == Me(US, "yamabiko@example.com", APP, "山彦商事")
    assert world.client.admins()[1] == Admin(TAMURA, "田村 あかり", "tamura@yamabiko.example", False)


def test_a_company_tells_what_the_workspace_knows_about_it(world: World) -> None:
    world.twin.set_attribute(AOBA, "account_owner", "mori@yamabiko.example")
    world.twin.set_attribute(AOBA, "業種", "製造")
    assert world.client.company_attributes(AOBA) == {"account_owner": "mori@yamabiko.example", "業種": "製造"}
    world.twin.set_attribute(AOBA, "業種", "")
    assert world.client.company_attributes(AOBA) == {"account_owner": "mori@yamabiko.example"}
    world.twin.remove_company(AOBA)
    assert (world.client.company(AOBA), world.client.company_attributes(AOBA)) == (None, {})


def test_the_owner_of_a_contact_is_a_teammate_who_is_still_there(world: World) -> None:
    assert world.client.owner_of_contact(SATO) is None
    world.twin.set_owner(SATO, MORI)
    assert world.client.owner_of_contact(SATO) == Admin(MORI, "森 大輔", "mori@yamabiko.example", False)
    world.twin.merge_contacts(OKADA, SATO)
    assert world.client.owner_of_contact(OKADA) == world.client.owner_of_contact(SATO)
    world.twin.remove_admin(MORI)
    assert world.client.owner_of_contact(SATO) is None


def test_a_rating_can_be_read(world: World) -> None:
    world.twin.rate(CLOSED, 1, "解決していません")
    read, other = world.client.conversation(CLOSED), world.client.conversation(WISH)
    assert read is not None
    assert other is not None
    assert (read.rating, read.remark, other.rating) == (1, "解決していません", None)


def merge_chain(world: World, hops: int) -> str:
    """Contacts that were merged one into the next; returns the first, the last is `c<hops>`."""
    for number in range(hops + 1):
        world.twin.add_contact(f"c{number}", f"{number}人目", f"c{number}@aoba.example", AOBA)
    for number in range(hops):
        world.twin.merge_contacts(f"c{number}", f"c{number + 1}")
    return "c0"


@pytest.mark.parametrize("hops", [0, 1, 2, 3])
def test_a_merged_contact_is_followed(world: World, hops: int) -> None:
    first = merge_chain(world, hops)
    found, company = world.client.contact(first), world.client.company_of(first)
    assert found is not None
    assert company is not None
    assert (found.id, company.id) == (f"c{hops}", AOBA)


def test_a_contact_merged_too_often_or_in_a_circle_is_gone(world: World) -> None:
    first = merge_chain(world, 4)
    assert world.client.contact(first) is None
    world.twin.merge_contacts("c4", "c0")
    assert world.client.contact(first) is None


def test_conversations_that_changed_are_found_over_many_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    for number in range(5):
        world.twin.add_conversation(str(300 + number), SATO, "<p>要望です</p>", at=1_794_900_000 + number)
    world.twin.tag("301", "", "要望", TAMURA)
    found = {one.id: one for one in world.client.changed_since(0)}
    assert found.keys() >= {"300", "301", "302", "303", "304"}
    assert (found["301"].tags, found["301"].said_at, found["300"].tags) == (("要望",), 1_794_900_001, ())
    assert found["301"].updated_at >= found["301"].created_at
    assert list(world.client.changed_since(TOMORROW)) == []


def test_when_a_customer_wrote_last_is_told(world: World) -> None:
    world.twin.write_first("400", SATO, TAMURA, "<p>ご案内です</p>")
    assert {one.id: one.said_at for one in world.client.changed_since(0)}["400"] == 0
    world.twin.customer_says("400", "<p>届きました</p>", at=TOMORROW)
    assert [(one.id, one.said_at) for one in world.client.changed_since(TOMORROW)] == [("400", TOMORROW)]


def test_of_some_conversations_those_that_are_there_are_found(world: World) -> None:
    world.twin.delete(CLOSED)
    assert world.client.found_among([WISH, CLOSED, SNOOZED]) == {WISH, SNOOZED}
    assert len(world.twin.calls) == 1
    assert world.client.found_among([]) == set()


def test_conversations_that_were_rated_since_then_are_found(world: World) -> None:
    world.twin.rate(CLOSED, 1)
    assert list(world.client.rated_since(int(time.time()) - 60)) == [CLOSED]
    assert list(world.client.rated_since(TOMORROW)) == []


def test_the_recent_conversations_of_a_contact_come_with_their_tags_the_latest_first(world: World) -> None:
    for number in range(3):
        world.twin.add_conversation(str(300 + number), SATO, "<p>まだ直りません</p>", at=1_794_900_000 + number)
    world.twin.tag("300", "", "不具合", TAMURA)
    world.twin.tag("300", "", "請求", TAMURA)
    found = world.client.recent_conversations(SATO, 1_794_900_000)
    assert {found[0].id, found[1].id} == {WISH, SNOOZED}
    assert [one[:3] for one in found[2:]] == [
        ("302", 1_794_900_002, ()),
        ("301", 1_794_900_001, ()),
        ("300", 1_794_900_000, ("不具合", "請求")),
    ]
    assert [one.id for one in world.client.recent_conversations(SATO, 1_794_900_001)[2:]] == ["302", "301"]
    assert world.client.recent_conversations(SATO, TOMORROW) == []
    assert [one.id for one in world.client.recent_conversations(OKADA, 0)] == [CLOSED]


def test_not_more_than_fifty_recent_conversations_are_read_in_one_call(world: World) -> None:
    for number in range(60):
        world.twin.add_conversation(str(300 + number), OKADA, "<p>まだ直りません</p>")
    assert len(world.client.recent_conversations(OKADA, 0)) == 50
    assert world.twin.calls == [(SEARCH, 200)]


class Endless(IntercomTwin):
    """A twin whose pages of search results never end; `cursor` says what the next one is called."""

    def cursor(self) -> str:
        return "the same"

    @api(SEARCH)
    def search(self, ask: Ask) -> dict[str, Any]:
        following = {"per_page": 1, "starting_after": self.cursor()}
        one = {"type": "conversation", "id": WISH, "updated_at": 1_794_900_000}
        return {"type": "conversation.list", "conversations": [one], "pages": {"type": "pages", "next": following}}


class Inventive(Endless):
    """… and has a new name for each."""

    def cursor(self) -> str:
        return f"page {len(self.calls)}"


@pytest.mark.fault("F41")
@pytest.mark.parametrize(("kind", "calls"), [(Endless, 2), (Inventive, 11)])
def test_pages_without_end_are_an_error_and_not_silently_cut(
    server: Server, monkeypatch: pytest.MonkeyPatch, kind: type[Endless], calls: int
) -> None:
    monkeypatch.setattr(client, "MOST_PAGES", 10)
    with closing(World(server, kind(secret=SECRET, token=TOKEN, app_id=APP, admin=US))) as world:
        with pytest.raises(Permanent, match="keeps returning"):
            list(world.client.changed_since(0))
        assert len(world.twin.calls) == calls


class Strange(IntercomTwin):
    """A twin that answers 200 with something else than it documents."""

    @api("GET /conversations/{id}")
    def get_conversation(self, ask: Ask, id: str) -> dict[str, Any]:
        return {"type": "conversation", "id": ["<p>秘密</p>"], "state": "open"}

    @api(REPLY)
    def reply(self, ask: Ask, id: str) -> dict[str, Any]:
        return {"type": "conversation", "id": id}


@pytest.mark.fault("F42")
@pytest.mark.parametrize(
    ("act", "trouble"),
    [
        (lambda intercom: intercom.conversation(WISH), Permanent),
        (lambda intercom: intercom.note(WISH, "<p>Ref YB-7</p>"), Unsure),
    ],
)
def test_an_undocumented_answer_names_the_field_and_nothing_else(
    server: Server, act: Callable[[IntercomClient], Any], trouble: type[Trouble]
) -> None:
    with closing(World(server, Strange(secret=SECRET, token=TOKEN, app_id=APP, admin=US))) as world:
        world.twin.watchers.clear()
        with pytest.raises(trouble, match="strangely") as refused:
            act(world.client)
        assert "秘密" not in str(refused.value)


@pytest.mark.fault("F60")
def test_a_burst_waits_for_the_next_window_instead_of_failing(server: Server) -> None:
    twin = IntercomTwin(secret=SECRET, token=TOKEN, app_id=APP, admin=US, limit=(5, 1.0))
    with closing(World(server, twin)) as world:
        paced = world.client_with(pace=Pace(5, 1.0))
        assert all(paced.conversation(WISH) for _ in range(12))


def test_a_message_with_characters_that_no_database_keeps_is_still_read(world: World) -> None:
    world.twin.customer_says(WISH, "<p>壊\0れた</p>")
    read = world.client.conversation(WISH)
    assert read is not None
    assert read.parts[-1].text == "壊れた"
