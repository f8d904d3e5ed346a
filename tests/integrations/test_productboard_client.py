"""The Productboard client against its twin, over a real socket: first when things go wrong, then when not."""

import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest

from integrations import http, productboard
from integrations.contract import Headers, Permanent, RateLimited, Transient, Unsure
from integrations.pace import Pace
from integrations.productboard import (
    Appended,
    Feature,
    FeatureChanged,
    IssueRef,
    NoCustomer,
    Note,
    NoteChanged,
    NoteLinked,
    NoteUnlinked,
    ProductboardClient,
    WebhookInfo,
)
from integrations.productboard.richtext import fit, link, paragraph, quote
from integrations.productboard.twin import ProductboardTwin
from integrations.twin import Ask, Fault, Said
from tests.silence import impatient
from tests.twin_server import served

TOKEN, SECRET = "eyJ.pb.token", "Bearer k79f2c"
EMAIL = "hayakawa@minamo-shoji.example"


class Patient(Pace):
    """A pace that never sleeps, and remembers for how long it was asked to."""

    def __init__(self) -> None:
        super().__init__(1_000_000, 1.0)
        self.asked: list[float] = []

    def wait(self) -> None:
        pass

    def close(self, seconds: float) -> None:
        self.asked.append(seconds)


class World:
    """A twin, served, and clients of it."""

    def __init__(self) -> None:
        self.twin = ProductboardTwin(token=TOKEN, authorization=SECRET, rate=None)
        self.server = served(productboard=self.twin)
        self.pace = Patient()
        self._clients: list[ProductboardClient] = []
        self.client = self.client_with()

    def client_with(self, token: str = TOKEN, path: str = "/productboard", url: str = "") -> ProductboardClient:
        client = ProductboardClient((url or self.server.url) + path, token, pace=self.pace)
        impatient(client, self.twin)
        self._clients.append(client)
        return client

    def add_note(self, record_id: str = "FB-1", **changes: Any) -> str:
        note = self.client.create_note(**(NOTE | {"record_id": record_id} | changes))
        assert isinstance(note, Note)
        return note.id

    def say(self, route: str, body: Any, status: int = 200) -> None:
        """Let a route of the twin answer something else from now on."""

        def answer(ask: Ask, **names: str) -> Said:
            return Said(status, body)

        self.twin._routes = [
            (pattern, compiled, answer if pattern == route else handler)
            for pattern, compiled, handler in self.twin._routes
        ]

    def close(self) -> None:
        for client in self._clients:
            client.close()


NOTE: dict[str, Any] = {
    "title": "請求書を CSV で出したい",
    "html": quote("CSV に出せますか"),
    "record_id": "FB-1",
    "source_url": "https://yamabiko.example/feedback/FB-1",
    "tags": ["要望", "請求"],
}
SUBSCRIPTION = ("山びこ", "https://yamabiko.example/webhooks/productboard", SECRET, ("note.created", "feature.updated"))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(http, "_pause", lambda state: 0.0)
    world = World()
    yield world
    world.close()


# -- writes that go wrong -----------------------------------------------------

#: Its route, the call (with the id of a note), and the effect it has.
Write = tuple[str, Callable[[ProductboardClient, str], object], str]
ADDING: dict[str, Write] = {
    "create_note": ("POST /v2/notes", lambda client, note: client.create_note(**NOTE), "create_note"),
    "create_user": ("POST /v2/entities", lambda client, note: client.create_user("早川", EMAIL), "create_entity"),
    "comment": (
        "POST /v2/notes/{id}/comments", lambda client, note: client.comment(note, "採用"), "create_note_comment",
    ),
    "subscribe": ("POST /v2/webhooks", lambda client, note: client.subscribe(*SUBSCRIPTION), "create_webhook"),
}  # fmt: skip
REWRITTEN = ("消去", "<p>消去しました。</p>")
STATING: dict[str, Write] = {
    "rewrite": (
        "PATCH /v2/notes/{id}",
        lambda client, note: client.rewrite(note, *REWRITTEN),
        "update_note",
    ),
}
#: What happens, and how often the write is carried out all the same.
UNCLEAR = {
    "500": 0,
    "503": 0,
    "408": 0,
    "lost": 0,
    "hang": 1,
    "reset": 1,
    "truncated": 1,
    "html": 1,
    "late-500": 1,
}


@pytest.mark.parametrize(("kind", "times"), UNCLEAR.items())
@pytest.mark.parametrize("verb", ADDING)
def test_an_unclear_answer_to_an_addition_is_unsure_and_not_repeated(
    world: World, verb: str, kind: str, times: int
) -> None:
    route, call, effect = ADDING[verb]
    note, client = world.twin.write_note("手書き"), world.client
    world.twin.fail(route, Fault(kind))
    with pytest.raises(Unsure):
        call(client, note)
    assert len(world.twin.did(effect)) == times
    assert [pattern for pattern, _ in world.twin.calls] == [route]


@pytest.mark.parametrize("kind", UNCLEAR)
@pytest.mark.parametrize("verb", STATING)
def test_an_unclear_answer_to_a_statement_is_asked_again(world: World, verb: str, kind: str) -> None:
    route, call, effect = STATING[verb]
    note, client = world.twin.write_note("手書き"), world.client
    world.twin.fail(route, Fault(kind))
    assert call(client, note) is Appended.DONE
    assert world.twin.did(effect, note)[-1].facts == dict(zip(("name", "content"), REWRITTEN, strict=True))


@pytest.mark.parametrize("kind", UNCLEAR)
@pytest.mark.parametrize("verb", STATING)
def test_a_statement_that_never_gets_a_clear_answer_is_transient(world: World, verb: str, kind: str) -> None:
    route, call, _ = STATING[verb]
    note, client = world.twin.write_note("手書き"), world.client
    world.twin.fail(route, *[Fault(kind)] * 3)
    with pytest.raises(Transient):
        call(client, note)


@pytest.mark.parametrize("verb", [*ADDING, *STATING])
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "2"}, 2.0),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": "-5"}, 1.0),
        ({"Retry-After": "Mon, 01 Jan 2001 00:00:00 GMT"}, 1.0),
        ({"X-RateLimit-Reset": "2001-01-01T00:00:00Z"}, 1.0),
        ({}, 1.0),
    ],
)
def test_a_rate_limit_is_waited_for(world: World, verb: str, headers: dict[str, str], wait: float) -> None:
    route, call, effect = (ADDING | STATING)[verb]
    note = world.twin.write_note("手書き")
    world.twin.fail(route, Fault("429", headers=headers))
    assert call(world.client, note)
    assert world.pace.asked == [wait]
    assert len(world.twin.did(effect)) == 1


@pytest.mark.parametrize("verb", [*ADDING, *STATING])
def test_a_long_rate_limit_is_handed_on(world: World, verb: str) -> None:
    route, call, effect = (ADDING | STATING)[verb]
    world.twin.fail(route, Fault("429", headers={"Retry-After": "60"}))
    with pytest.raises(RateLimited) as limited:
        call(world.client, world.twin.write_note("手書き"))
    assert limited.value.retry_after == 60.0 and not world.twin.did(effect)


@pytest.mark.parametrize("verb", [*ADDING, *STATING])
def test_a_late_answer_is_an_answer(world: World, verb: str) -> None:
    _, call, effect = (ADDING | STATING)[verb]
    world.twin.delay = 0.05
    assert call(world.client, world.twin.write_note("手書き"))
    assert len(world.twin.did(effect)) == 1


@pytest.mark.parametrize("verb", [*ADDING, *STATING])
@pytest.mark.parametrize("status", ["401", "403", "400", "422"])
def test_a_refusal_is_permanent(world: World, verb: str, status: str) -> None:
    route, call, effect = (ADDING | STATING)[verb]
    world.twin.fail(route, Fault(status))
    with pytest.raises(Permanent):
        call(world.client, world.twin.write_note("手書き"))
    assert not world.twin.did(effect)


@pytest.mark.parametrize("verb", ADDING)
def test_an_addition_whose_answer_names_nothing_is_unsure(world: World, verb: str) -> None:
    route, call, _ = ADDING[verb]
    world.say(route, {"data": {"ok": True}}, 201)
    with pytest.raises(Unsure, match=r"data\.id: is missing"):
        call(world.client, world.twin.write_note("手書き"))


@pytest.mark.parametrize("verb", [*ADDING, *STATING])
def test_nobody_there_is_transient_and_nothing_was_done(world: World, verb: str) -> None:
    _, call, effect = (ADDING | STATING)[verb]
    with socket.socket() as silent, pytest.raises(Transient, match="cannot be reached"):
        silent.bind(("127.0.0.1", 0))  # taken, but nobody listens
        call(world.client_with(url=f"http://127.0.0.1:{silent.getsockname()[1]}"), NOWHERE)
    assert not world.twin.did(effect)


def test_after_unsure_the_marker_tells_whether_the_note_is_there(world: World) -> None:
    world.twin.fail("POST /v2/notes", Fault("lost"), Fault("reset"))
    for there in (False, True):
        with pytest.raises(Unsure):
            world.client.create_note(**NOTE)
        assert (world.client.find_note("FB-1") is not None) is there


# -- reads that go wrong ------------------------------------------------------

READING: dict[str, tuple[str, Callable[[ProductboardClient, str], object]]] = {
    "find_note": ("GET /v2/notes", lambda client, id: client.find_note("FB-1")),
    "note": ("GET /v2/notes/{id}", lambda client, id: client.note(id)),
    "notes_updated_since": ("GET /v2/notes", lambda client, id: list(client.notes_updated_since(LONG_AGO))),
    "notes_of": ("POST /v2/notes/search", lambda client, id: client.notes_of(id)),
    "find_user": ("POST /v2/entities/search", lambda client, id: client.find_user(EMAIL)),
    "feature": ("GET /v2/entities/{id}", lambda client, id: client.feature(id)),
    "features": ("POST /v2/entities/search", lambda client, id: client.features([id])),
    "features_of_issue": ("GET /v2/jira-integrations", lambda client, id: client.features_of_issue("1", "YB-1")),
    "issues_of": ("GET /v2/jira-integrations", lambda client, id: client.issues_of(id)),
    "issues_of_all": ("GET /v2/jira-integrations", lambda client, id: client.issues_of_all()),
    "check": ("GET /v2/notes/configurations", lambda client, id: client.check()),
    "webhooks": ("GET /v2/webhooks", lambda client, id: client.webhooks()),
}
LONG_AGO = "2001-01-01T00:00:00Z"
NOWHERE = "11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize("kind", ["500", "503", "408", "lost", "reset", "truncated", "html", "late-500", "hang"])
@pytest.mark.parametrize("verb", READING)
def test_a_read_is_repeated_a_little_and_then_transient(world: World, verb: str, kind: str) -> None:
    route, call = READING[verb]
    id = world.twin.write_note("手書き") if verb == "note" else world.twin.add_feature("CSV 出力")
    client = world.client
    world.twin.fail(route, *[Fault(kind)] * 3)
    with pytest.raises(Transient):
        call(client, id)
    call(world.client, id)


@pytest.mark.parametrize("verb", READING)
def test_an_answer_of_another_kind_is_permanent_and_names_the_field(world: World, verb: str) -> None:
    route, call = READING[verb]
    world.say(route, {"data": "Welcome"})
    with pytest.raises(Permanent, match="cannot be read"):
        call(world.client, NOWHERE)


@pytest.mark.parametrize("verb", ["note", "feature"])
def test_a_wrong_base_url_is_not_taken_for_gone(world: World, verb: str) -> None:
    _, call = READING[verb]
    with pytest.raises(Permanent, match=r"route\.notFound"):
        call(world.client_with(path="/productboard/v2"), NOWHERE)


def test_a_404_without_a_code_is_not_taken_for_gone(world: World) -> None:
    world.say("GET /v2/notes/{id}", "<h1>Not found</h1>", 404)
    with pytest.raises(Permanent, match="no error code"):
        world.client.note(NOWHERE)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "it is missing"),
        ("\n", "it is missing"),
        ("half-a-token", "it is not a whole access token"),
        ("a.b.c", "no workspace has issued it"),
    ],
)
def test_a_refused_token_says_why(world: World, token: str, reason: str) -> None:
    with pytest.raises(Permanent, match=reason):
        world.client_with(token=token).check()


def test_a_token_pasted_with_its_line_break_works(world: World) -> None:
    assert world.client_with(token=f"{TOKEN}\n").check()


def test_a_refused_token_in_the_documented_form_gives_its_code(world: World) -> None:
    world.say("GET /v2/notes/configurations", {"id": "req-1", "errors": [{"code": "auth.invalid"}]}, 401)
    with pytest.raises(Permanent, match=r"auth\.invalid"):
        world.client.check()


def test_no_error_repeats_what_the_vendor_or_the_customer_wrote(world: World) -> None:
    world.say("POST /v2/notes", {"errors": [{"code": "validation.failed", "detail": "部外秘"}]}, 422)
    with pytest.raises(Permanent) as refused:
        world.client.create_note(**NOTE | {"title": "部外秘", "customer_email": EMAIL})
    assert "validation.failed" in str(refused.value)
    assert "部外秘" not in str(refused.value) and EMAIL not in str(refused.value) and TOKEN not in str(refused.value)


# -- pages --------------------------------------------------------------------


@pytest.mark.fault("F41")
def test_pages_are_read_to_the_end_and_never_followed_elsewhere(world: World) -> None:
    world.twin.page_size = 2
    markers = [f"FB-{number}" for number in range(5)]
    for marker in markers:
        world.add_note(marker)
    # The twin's links point to api.productboard.com, so only lifted cursors get here.
    assert [note.record_id for note in world.client.notes_updated_since(LONG_AGO)] == markers[::-1]
    assert [path for path, _ in world.twin.calls].count("GET /v2/notes") == 3


@pytest.mark.fault("F41")
def test_a_cursor_that_comes_back_ends_the_search(world: World) -> None:
    world.say("GET /v2/notes", {"data": [], "links": {"next": "https://evil.example/v2/notes?pageCursor=again"}})
    with pytest.raises(Permanent, match="circle"):
        world.client.find_note("FB-1")
    assert len(world.twin.calls) == 2


@pytest.mark.fault("F41")
def test_pages_without_end_are_given_up(world: World) -> None:
    def endless(ask: Ask) -> Said:
        return Said(
            200, {"data": [], "links": {"next": f"https://x.example/?{urlencode({'pageCursor': uuid4().hex})}"}}
        )

    world.say("GET /v2/notes", None)
    world.twin._routes = [(p, c, endless if p == "GET /v2/notes" else h) for p, c, h in world.twin._routes]
    with pytest.raises(Permanent, match="more than 200 pages"):
        world.client.find_note("FB-1")


@pytest.mark.parametrize("next_page", ["https://api.productboard.com/v2/notes", "https://[x/?pageCursor=1"])
def test_a_next_link_without_a_cursor_is_not_the_end(world: World, next_page: str) -> None:
    world.say("GET /v2/notes", {"data": [], "links": {"next": next_page}})
    with pytest.raises(Permanent, match=r"links\.next: has no pageCursor"):
        world.client.find_note("FB-1")


# -- notes --------------------------------------------------------------------


def test_a_note_carries_title_text_tags_marker_and_link(world: World) -> None:
    note = world.client.create_note(**NOTE)
    assert isinstance(note, Note) and note.url == "https://yamabiko.productboard.com/all-notes/notes/42"
    facts = world.twin.did("create_note", note.id)[0].facts
    assert (facts["name"], facts["content"], facts["tags"]) == (NOTE["title"], NOTE["html"], NOTE["tags"])
    assert facts["source"] == {"system": "yamabiko", "recordId": "FB-1", "url": NOTE["source_url"]}


def test_an_unknown_customer_is_told_and_nothing_is_created(world: World) -> None:
    assert world.client.create_note(**NOTE, customer_email=EMAIL) is NoCustomer.UNKNOWN
    assert not world.twin.notes and not world.twin.effects


@pytest.mark.parametrize(
    "email", ["taro..x@docomo.example", "taro.@ezweb.example", "watanabe@gmail,com", "a b@c.example"]
)
def test_an_address_of_another_form_is_told_and_nothing_is_created(world: World, email: str) -> None:
    assert world.client.create_note(**NOTE, customer_email=email) is NoCustomer.REFUSED
    assert not world.twin.notes and not world.twin.effects


@pytest.mark.parametrize(
    ("status", "code", "pointer", "seen"),
    [
        (422, "validation.failed", "/data/relationships/0/target", NoCustomer.REFUSED),
        (400, "request.invalid", "/data/relationships/0/target/email", NoCustomer.REFUSED),
        (422, "validation.referenceNotFound", "/data/relationships/0/target/email", NoCustomer.UNKNOWN),
    ],
)
def test_what_is_refused_because_of_the_customer_is_told_apart(
    world: World, status: int, code: str, pointer: str, seen: NoCustomer
) -> None:
    error = {"code": code, "title": "", "detail": "", "source": {"pointer": pointer}}
    world.say("POST /v2/notes", {"id": "r", "errors": [error]}, status)
    assert world.client.create_note(**NOTE, customer_email=EMAIL) is seen


@pytest.mark.parametrize("status", [400, 422])
def test_what_is_refused_for_another_reason_is_permanent(world: World, status: int) -> None:
    error = {"code": "validation.failed", "title": "", "detail": "", "source": {"pointer": "/data/fields/name"}}
    world.say("POST /v2/notes", {"id": "r", "errors": [error]}, status)
    with pytest.raises(Permanent, match=rf"answered {status} to POST /v2/notes \(validation\.failed\)"):
        world.client.create_note(**NOTE, customer_email=EMAIL)


def test_a_customer_who_has_become_known_gets_the_note(world: World) -> None:
    world.client.create_user("早川", EMAIL)
    note = world.client.create_note(**NOTE, customer_email=EMAIL.upper())
    assert isinstance(note, Note) and world.twin.did("create_note", note.id)[0].facts["customer"] == EMAIL


def test_a_404_for_a_note_without_customer_is_permanent(world: World) -> None:
    world.twin.fail("POST /v2/notes", Fault("404"))
    with pytest.raises(Permanent, match=r"resource\.notFound"):
        world.client.create_note(**NOTE)


def test_a_wrong_route_is_not_taken_for_an_unknown_customer(world: World) -> None:
    with pytest.raises(Permanent, match=r"route\.notFound"):
        world.client_with(path="/productboard/v1").create_note(**NOTE, customer_email=EMAIL)


def test_long_texts_are_cut_where_productboard_would_refuse_them(world: World) -> None:
    note = world.add_note(title="あ" * 256, html=paragraph("い" * 300_000) * 2)
    made = world.twin.notes[note]
    assert made.name == "あ" * 254 + "…"
    assert len(made.content) == 524_288 and made.content.endswith("い</p>")
    world.client.comment(note, "う" * 7001)
    assert world.twin.did("create_note_comment")[0].facts["content"] == "う" * 6999 + "…"


def test_two_notes_of_one_source_are_possible_and_the_oldest_counts(world: World) -> None:
    oldest = world.add_note()
    assert world.add_note() != oldest
    world.twin.archive_note(oldest)
    found = world.client.find_note("FB-1")
    assert found is not None and found.id == oldest == world.twin.note_with("FB-1")


def test_a_note_of_somebody_else_never_passes_for_ours(world: World) -> None:
    theirs = world.twin.write_note("手書きのメモ")
    listed = {"id": NOWHERE, "metadata": {"source": {"system": "zendesk", "recordId": "FB-1"}}}
    world.say("GET /v2/notes", {"data": [listed], "links": {"next": None}})
    assert world.client.find_note("FB-1") is None
    assert list(world.client.notes_updated_since(LONG_AGO)) == []
    state = world.client.note(theirs)
    assert state is not None and state.record_id == ""


def test_an_ignored_filter_finds_no_other_record(world: World) -> None:
    world.add_note("FB-2")
    world.twin.page_size = 1
    ours = world.twin.notes[world.twin.note_with("FB-2")].shown([])
    world.say("GET /v2/notes", {"data": [ours], "links": {"next": None}})
    assert world.client.find_note("FB-1") is None


def test_a_new_note_may_stay_hidden_for_a_moment(world: World) -> None:
    world.twin.lag = 3600.0
    note = world.add_note()
    assert world.client.find_note("FB-1") is None
    assert world.client.note(note) is not None


@pytest.mark.parametrize("bare", [False, True])
def test_a_note_tells_its_state(world: World, bare: bool) -> None:
    world.twin.bare = bare
    world.twin.add_user("早川", EMAIL)
    note, feature = world.add_note(customer_email=EMAIL), world.twin.add_feature("CSV 出力")
    world.twin.link(note, feature)
    state = world.client.note(note)
    assert state is not None
    assert (state.id, state.title, state.record_id) == (note, NOTE["title"], "FB-1")
    assert (state.source_url, state.feature_ids) == (NOTE["source_url"], (feature,))
    assert (state.archived, state.processed) == (False, False)
    world.twin.process_note(note)
    later = world.client.note(note)
    assert later is not None and later.processed and later.updated_at > state.updated_at


@pytest.mark.parametrize("bare", [False, True])
def test_all_links_of_a_note_are_known_however_many(world: World, bare: bool) -> None:
    world.twin.bare = bare
    note = world.add_note()
    features = tuple(world.twin.add_feature(f"機能 {number}") for number in range(5))
    for feature in features:
        world.twin.link(note, feature)
    world.twin.page_size = 2
    state = world.client.note(note)
    assert state is not None and state.feature_ids == features


def test_a_note_that_is_gone_is_an_answer(world: World) -> None:
    note = world.add_note()
    world.twin.delete_note(note)
    assert world.client.note(note) is None
    assert world.client.rewrite(note, *REWRITTEN) is Appended.GONE
    assert world.client.comment(note, "採用") == ""


def test_a_note_says_nothing_but_what_it_was_rewritten_to(world: World) -> None:
    note = world.add_note()
    for _ in range(2):
        assert world.client.rewrite(note, "消去" * 200, "<p>消去しました。</p>") is Appended.DONE
    row = world.twin.notes[note]
    assert (row.content, row.name[:2], len(row.name)) == ("<p>消去しました。</p>", "消去", 255)


def test_of_a_note_with_linked_snippets_the_title_alone_is_rewritten(world: World) -> None:
    note = world.add_note()
    world.twin.notes[note].locked = True
    before = world.twin.notes[note].content
    assert world.client.rewrite(note, *REWRITTEN) is Appended.LOCKED
    row = world.twin.notes[note]
    assert (row.name, row.content) == ("消去", before)


def test_notes_that_changed_since_a_moment(world: World) -> None:
    first, _ = world.add_note("FB-1"), world.add_note("FB-2")
    second = world.client.note(world.twin.note_with("FB-2"))
    world.twin.write_note("手書きのメモ")
    world.twin.archive_note(first)
    assert second is not None
    changed = list(world.client.notes_updated_since(second.updated_at))
    assert [note.record_id for note in changed] == ["FB-2", "FB-1"]
    changed = list(world.client.notes_updated_since(changed[1].updated_at))
    assert [(note.record_id, note.archived) for note in changed] == [("FB-1", True)]


def test_a_moment_without_a_zone_is_refused(world: World) -> None:
    with pytest.raises(Permanent, match=r"request\.invalid"):
        list(world.client.notes_updated_since("2026-11-21T09:00:00"))


# -- customers ----------------------------------------------------------------


def test_a_user_is_found_by_the_whole_address_only(world: World) -> None:
    world.twin.add_user("別人", f"x{EMAIL}")
    assert world.client.find_user(EMAIL) is None
    user = world.twin.add_user("早川", EMAIL)
    assert world.client.find_user(EMAIL.upper()) == user


def test_a_user_is_created_once(world: World) -> None:
    user = world.client.create_user("早川", EMAIL)
    assert world.client.find_user(EMAIL) == user
    with pytest.raises(Permanent, match=r"validation\.failed"):
        world.client.create_user("早川", EMAIL)


def test_hidden_addresses_are_a_missing_scope_and_not_an_unknown_user(world: World) -> None:
    hidden = {"id": NOWHERE, "type": "user", "fields": {"email": "[redacted]"}}
    world.say("POST /v2/entities/search", {"data": [hidden], "links": {"next": None}})
    with pytest.raises(Permanent, match="users:pii:read"):
        world.client.find_user(EMAIL)
    with pytest.raises(Permanent, match="users:pii:read"):
        world.client.find_user("[redacted]")


# -- features and Jira --------------------------------------------------------


def test_a_feature_tells_its_status(world: World) -> None:
    feature = world.twin.add_feature("CSV 出力")
    world.twin.set_status(feature, "リリース済み")
    url = f"https://yamabiko.productboard.com/detail/{feature}"
    assert world.client.feature(feature) == Feature(feature, "CSV 出力", "リリース済み", url)
    assert world.client.feature(NOWHERE) is None


@pytest.mark.parametrize("bare", [False, True])
def test_our_notes_of_a_feature(world: World, bare: bool) -> None:
    world.twin.bare, world.twin.page_size = bare, 2
    feature, other = world.twin.add_feature("CSV 出力"), world.twin.add_feature("印刷")
    for marker, wished in {"FB-1": feature, "FB-2": other, "FB-3": feature, "FB-4": feature}.items():
        world.twin.link(world.add_note(marker), wished)
    world.twin.link(world.twin.write_note("手書きのメモ"), feature)
    assert world.client.notes_of(feature) == ("FB-4", "FB-3", "FB-1")
    world.twin.unlink(world.twin.note_with("FB-3"), feature)
    assert world.client.notes_of(feature) == ("FB-4", "FB-1")


def test_an_ignored_link_filter_tells_nobody_elses_notes(world: World) -> None:
    feature = world.twin.add_feature("CSV 出力")
    world.add_note()
    unlinked = world.twin.notes[world.twin.note_with("FB-1")].shown([])
    world.say("POST /v2/notes/search", {"data": [unlinked], "links": {"next": None}})
    assert world.client.notes_of(feature) == ()


def test_features_and_issues_know_each_other(world: World) -> None:
    feature, other = world.twin.add_feature("CSV 出力"), world.twin.add_feature("印刷")
    world.twin.push_to_jira(feature, "10007", "YB-7")
    world.twin.push_to_jira(other, "10008", "YB-8")
    assert world.client.features_of_issue("10007", "YB-7") == (feature,)
    assert world.client.issues_of(feature) == (IssueRef("10007", "YB-7"),)
    assert world.client.features_of_issue("10009", "YB-9") == ()
    assert world.client.issues_of(NOWHERE) == ()


def test_many_features_take_few_calls(world: World) -> None:
    world.twin.page_size = 60
    ids = [world.twin.add_feature(f"機能 {number}") for number in range(120)]
    features = world.client.features([*ids, NOWHERE])
    assert {id: feature.name for id, feature in features.items()} == {id: f"機能 {n}" for n, id in enumerate(ids)}
    assert world.twin.calls == [("POST /v2/entities/search", 200)] * 3
    assert world.client.features([]) == {}


def test_the_issues_of_all_features_are_told_page_by_page(world: World) -> None:
    world.twin.page_size, another = 2, world.twin.add_jira("別の Jira")
    ids = [world.twin.add_feature(f"機能 {number}") for number in range(3)]
    for number, id in enumerate(ids):
        world.twin.push_to_jira(id, f"1000{number}", f"YB-{number}")
    world.twin.push_to_jira(ids[0], "10000", "OPS-1", another)
    told = world.client.issues_of_all()
    assert told[ids[0]] == {IssueRef("10000", "YB-0"), IssueRef("10000", "OPS-1")}
    assert told.keys() == set(ids)
    assert len(world.twin.calls) == 1 + 2 + 1


def test_an_issue_that_moved_is_still_known_by_its_id(world: World) -> None:
    feature = world.twin.add_feature("CSV 出力")
    world.twin.push_to_jira(feature, "10007", "YB-7")
    assert world.client.features_of_issue("10007", "CORE-3") == (feature,)


def test_the_same_id_in_another_jira_is_another_issue(world: World) -> None:
    feature, other = world.twin.add_feature("CSV 出力"), world.twin.add_feature("印刷")
    world.twin.push_to_jira(feature, "10007", "YB-7")
    world.twin.push_to_jira(other, "10007", "OPS-1", world.twin.add_jira("別の Jira"))
    assert world.client.features_of_issue("10007", "YB-7") == (feature,)


def test_a_jira_that_is_switched_off_is_not_asked(world: World) -> None:
    feature = world.twin.add_feature("CSV 出力")
    world.twin.push_to_jira(feature, "10007", "YB-7", world.twin.add_jira("古い Jira", "disabled"))
    assert world.client.features_of_issue("10007", "YB-7") == ()
    assert world.client.issues_of(feature) == ()


def test_an_ignored_issue_filter_finds_no_other_feature(world: World) -> None:
    row = next(iter(world.twin.jira.values()))
    world.twin.push_to_jira(NOWHERE, "10008", "YB-8")
    everything = {"data": [row.connection(NOWHERE)], "links": {"next": None}}
    world.say("GET /v2/jira-integrations/{integration}/connections", everything)
    assert world.client.features_of_issue("10007", "YB-7") == ()


# -- the workspace ------------------------------------------------------------


def test_the_token_is_checked_cheaply(world: World) -> None:
    assert world.client.check() == "textNote, conversationNote, opportunityNote"
    assert len(world.twin.calls) == 1


def test_a_subscription_can_be_seen_afterwards(world: World) -> None:
    assert world.client.webhooks() == ()
    name, url, _, events = SUBSCRIPTION
    id = world.client.subscribe(*SUBSCRIPTION)
    assert world.client.webhooks() == (WebhookInfo(id, name, url, events),)


@pytest.mark.parametrize(
    "url",
    ["http://yamabiko.example/", "https://localhost/", "https://127.0.0.1/", "https://10.0.0.8/", "https://x.local/"],
)
def test_a_url_that_productboard_cannot_reach_is_refused(world: World, url: str) -> None:
    with pytest.raises(Permanent, match=r"request\.invalid|validation\.failed"):
        world.client.subscribe("山びこ", url, SECRET, ["note.created"])
    assert world.client.webhooks() == ()


# -- the twin itself ----------------------------------------------------------


def test_the_rate_limit_is_told_and_kept(world: World) -> None:
    world.twin.rate = 3
    ask = Ask("GET", "/v2/webhooks", [], {"authorization": f"Bearer {TOKEN}"}, b"")
    said = [world.twin.answer(ask)[0] for _ in range(20)]
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining"} <= set(said[0].headers)
    limited = next(answer for answer in said if answer.status == 429)
    assert limited.headers["Retry-After"] == "1" and limited.body["errors"][0]["code"] == "rate.limitExceeded"


def test_head_and_unknown_paths_are_not_routed(world: World) -> None:
    url = f"{world.server.url}/productboard"
    assert httpx.head(f"{url}/v2/notes").status_code == 404
    assert httpx.get(f"{url}/v2/me").json()["errors"][0]["code"] == "route.notFound"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"type": None}, "/type"),
        ({"type": "simple-note"}, "/type"),
        ({"type": "opportunityNote"}, "/type"),
        ({"title": "x"}, "/title"),
        ({"fields": {}}, "/fields/name"),
        ({"fields": {"name": 5}}, "/fields/name"),
        ({"fields": {"name": "x" * 256}}, "/fields/name"),
        ({"fields": {"name": "x", "content": []}}, "/fields/content"),
        ({"fields": {"name": "x", "tags": ["sales"]}}, "/fields/tags/0/name"),
        ({"fields": {"name": "x", "importance": 3}}, "/fields/importance"),
        ({"metadata": {"source": {"origin": "x"}}}, "/metadata/source/origin"),
        ({"relationships": [{"type": "link", "target": {"type": "feature"}}]}, "/relationships/0/target/type"),
        ({"relationships": [{"type": "customer", "target": {"type": "user"}}]}, "/relationships/0/target/id"),
    ],
)
def test_a_note_that_the_specification_does_not_allow_is_refused(world: World, changes: Any, pointer: str) -> None:
    reply = post(world, "/v2/notes", {"data": {"type": "textNote", "fields": {"name": "x"}} | changes})
    assert reply.status_code in (400, 422)
    assert reply.json()["errors"][0]["source"]["pointer"] == f"/data{pointer}"
    assert not world.twin.notes


@pytest.mark.parametrize("operation", [
    {"op": "addItems", "path": "name", "value": "x"},
    {"op": "clear", "path": "archived"},
    {"op": "replace", "path": "name", "value": "x"},
    {"op": "set", "path": "archived", "value": "true"},
])  # fmt: skip
def test_a_patch_that_the_specification_does_not_allow_changes_nothing(world: World, operation: Any) -> None:
    note = world.add_note()
    before = world.client.note(note)
    allowed = {"op": "set", "path": "name", "value": "別の題"}
    reply = post(world, f"/v2/notes/{note}", {"data": {"patch": [allowed, operation]}}, "PATCH")
    assert reply.status_code in (400, 422)
    assert world.client.note(note) == before


def test_tags_are_added_taken_away_and_cleared(world: World) -> None:
    note = world.add_note(tags=["要望"])
    for op, value, left in [
        ("addItems", [{"name": "請求"}], ["要望", "請求"]),
        ("removeItems", [{"name": "要望"}], ["請求"]),
        ("set", [{"name": "不具合"}], ["不具合"]),
        ("clear", None, []),
    ]:
        patch = {"op": op, "path": "tags"} | ({"value": value} if value else {})
        assert post(world, f"/v2/notes/{note}", {"data": {"patch": [patch]}}, "PATCH").status_code == 200
        assert world.twin.notes[note].tags == left


def test_fields_without_a_value_are_absent_unless_asked_for(world: World) -> None:
    note = world.add_note()
    shown = [get(world, f"/v2/notes/{note}", fields)["data"]["fields"] for fields in ([], ["all"], ["owner"])]
    assert "owner" not in shown[0] and shown[1]["owner"] is None and shown[2] == {"owner": None}
    assert get(world, f"/v2/notes/{note}", ["importance"])["errors"][0]["source"] == {"parameter": "fields"}


@pytest.mark.parametrize(
    ("flags", "markers"),
    [
        ({}, "APU"), ({"archived": "true", "processed": "true"}, ""), ({"archived": "true", "processed": "false"}, "A"),
        ({"archived": "false", "processed": "true"}, "P"), ({"archived": "false", "processed": "false"}, "U"),
        ({"archived": "true"}, "A"), ({"archived": "false"}, "PU"), ({"processed": "true"}, "P"),
        ({"processed": "false"}, "AU"),
    ],
)  # fmt: skip
def test_archived_and_processed_combine_as_documented(world: World, flags: dict[str, str], markers: str) -> None:
    archived, processed, _ = (world.add_note(marker) for marker in "APU")
    world.twin.process_note(archived)
    world.twin.archive_note(archived)
    world.twin.process_note(processed)
    found = httpx.get(f"{world.server.url}/productboard/v2/notes", params=flags, headers=AUTHORIZED).json()
    assert "".join(sorted(note["metadata"]["source"]["recordId"] for note in found["data"])) == markers


def test_what_people_do_is_announced_and_understood(world: World) -> None:
    world.twin.held = []
    note = world.add_note()
    feature = world.twin.add_feature("CSV 出力")
    world.twin.link(note, feature)
    world.twin.push_to_jira(feature, "10007", "YB-7")
    world.twin.set_status(feature, "リリース済み")
    world.twin.unlink(note, feature)
    world.client.rewrite(note, *REWRITTEN)
    assert [understood(headers, body) for headers, body in world.twin.held] == [
        NoteChanged(note),
        None,  # created: nothing is linked to it yet
        NoteLinked(note, feature),
        NoteChanged(note),
        FeatureChanged(feature, ("status",)),
        NoteUnlinked(note, feature),
        NoteChanged(note),
        NoteChanged(note),
    ]


def test_people_act_from_another_process_as_well(world: World) -> None:
    play = {"verb": "add_feature", "arguments": {"name": "CSV 出力", "status": "予定"}}
    made = httpx.post(f"{world.server.url}/_twin/productboard/play", json=play).json()["result"]
    feature = world.client.feature(made)
    assert feature is not None and (feature.name, feature.status) == ("CSV 出力", "予定")


AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


def understood(headers: dict[str, str], body: bytes) -> object:
    received = Headers([(name.encode(), value.encode()) for name, value in headers.items()])
    productboard.verify(received, body, [SECRET], 0.0)
    return productboard.parse(received, body).event


def post(world: World, path: str, body: Any, method: str = "POST") -> httpx.Response:
    return httpx.request(method, f"{world.server.url}/productboard{path}", json=body, headers=AUTHORIZED)


def get(world: World, path: str, fields: list[str]) -> Any:
    return httpx.get(f"{world.server.url}/productboard{path}", params={"fields": fields}, headers=AUTHORIZED).json()


# -- rich text ----------------------------------------------------------------


@pytest.mark.fault("F68")
@pytest.mark.parametrize("build", [paragraph, quote, lambda text: link("https://x.example/", text)])
def test_rich_text_escapes_what_customers_write(build: Callable[[str], str]) -> None:
    html = build('<img src=x onerror="alert(1)"> & 「こんにちは」')
    assert "<img" not in html and '"alert' not in html and "&amp; 「こんにちは」" in html


def test_lines_become_paragraphs() -> None:
    assert paragraph("一行目\n\n 二行目 \n") == "<p>一行目</p><p>二行目</p>"
    assert quote("一行目\n二行目") == "<blockquote><p>一行目</p><p>二行目</p></blockquote>"
    assert quote(" \n") == paragraph("") == ""


@pytest.mark.fault("F68")
@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//x.example", "https://", "https://x .example", "https://[x", ""],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert link(url, "会話") == "<p>会話</p>"


@pytest.mark.fault("F68")
def test_a_link_is_quoted() -> None:
    assert link('https://x.example/?a=1&b="2"', "会話") == (
        '<p><a href="https://x.example/?a=1&amp;b=&quot;2&quot;">会話</a></p>'
    )


@pytest.mark.parametrize("longest", range(0, 60))
def test_shortened_rich_text_stays_whole(longest: int) -> None:
    html = quote("a & b\nc") + link("https://x.example/", "見る")
    short = fit(html, longest)
    assert len(short) <= longest
    assert short.count("<") == short.count(">") and short.count("&") == short.count(";")
    assert all(short.count(f"<{tag}") == short.count(f"</{tag}>") for tag in ("blockquote", "p", "a"))
    assert fit(html, len(html)) == html


# -- below a note ---------------------------------------------------------------------------------

BELOW = "<p>検討会の結論: 採用</p>"


def text_of(world: World, note: str) -> str:
    """A note's text as Productboard keeps it."""
    return str(world.twin.notes[note].content)


def test_what_is_written_below_a_note_stands_there_once(world: World) -> None:
    note = world.add_note()
    for _ in range(3):
        assert world.client.append(note, BELOW, "YMB-A", processed=True) is Appended.DONE
    assert text_of(world, note).count(BELOW) == 1 and text_of(world, note).startswith(NOTE["html"])
    assert world.twin.notes[note].processed
    assert len(world.twin.did("update_note", note)) == 1


def test_what_product_people_wrote_in_a_note_stays_where_it_is(world: World) -> None:
    note = world.add_note()
    theirs = '<p>担当: 佐々木</p><p><a href="urn:pb:node:7">あとで</a></p>'
    world.twin.notes[note].content = theirs
    world.client.append(note, BELOW, "YMB-A")
    world.client.append(note, "<p>リリース済</p>", "YMB-B")
    assert text_of(world, note) == f"{theirs}{BELOW}<p>Ref YMB-A</p><p>リリース済</p><p>Ref YMB-B</p>"


def test_a_note_whose_snippets_are_linked_says_that_it_is_locked_and_is_processed_all_the_same(world: World) -> None:
    note = world.add_note()
    world.twin.highlight(note, world.twin.add_feature("CSV 出力"))
    assert world.client.append(note, BELOW, "YMB-A", processed=True) is Appended.LOCKED
    assert text_of(world, note) == NOTE["html"] and world.twin.notes[note].processed


def test_a_note_that_is_gone_is_told_from_a_text_that_would_be_too_long(world: World) -> None:
    note = world.add_note()
    assert world.client.append(str(uuid4()), BELOW, "YMB-A") is Appended.GONE
    world.twin.notes[note].content = "あ" * 524_280
    assert world.client.append(note, BELOW, "YMB-A") is Appended.LOCKED


@pytest.mark.parametrize("kind", UNCLEAR)
def test_a_text_that_may_stand_below_a_note_is_not_sent_again_before_the_note_was_read_again(
    world: World, kind: str
) -> None:
    note, client = world.add_note(), world.client
    world.twin.fail("PATCH /v2/notes/{id}", Fault(kind))
    with pytest.raises(Unsure):
        client.append(note, BELOW, "YMB-A", processed=True)
    theirs = "<p>その間に書いたこと</p>"
    world.twin.notes[note].content += theirs
    assert client.append(note, BELOW, "YMB-A", processed=True) is Appended.DONE
    text = text_of(world, note)
    assert (text.count(BELOW), text.count(theirs)) == (1, 1) and world.twin.notes[note].processed


@pytest.mark.parametrize("fields", [{}, {"name": "CSV"}])
def test_a_text_that_was_not_told_is_not_taken_for_an_empty_one(world: World, fields: dict[str, str]) -> None:
    note = world.add_note()
    world.say("GET /v2/notes/{id}", {"data": {"id": note, "fields": fields}})
    assert world.client.append(note, BELOW, "YMB-A", processed=True) is Appended.LOCKED
    assert text_of(world, note) == NOTE["html"] and world.twin.notes[note].processed


@pytest.mark.parametrize("empty", [None, ""])
def test_a_note_that_people_have_emptied_takes_a_text(world: World, empty: str | None) -> None:
    note = world.add_note()
    world.say("GET /v2/notes/{id}", {"data": {"id": note, "fields": {"content": empty}}})
    assert world.client.append(note, BELOW, "YMB-A") is Appended.DONE
    assert text_of(world, note) == f"{BELOW}<p>Ref YMB-A</p>"


def test_a_token_that_may_not_write_notes_is_told_with_its_reason(world: World) -> None:
    world.twin.fail("PATCH /v2/notes/{id}", Fault("403"))
    with pytest.raises(Permanent, match=r"403 .*auth\.accessDenied"):
        world.client.append(world.add_note(), BELOW, "YMB-A")


def test_another_refusal_of_a_text_needs_a_person(world: World) -> None:
    note = world.add_note()
    world.say("PATCH /v2/notes/{id}", {"errors": [{"code": "validation.failed", "title": "x"}]}, 422)
    with pytest.raises(Permanent, match=r"422 .*validation\.failed"):
        world.client.append(note, BELOW, "YMB-A")
