"""The Chatwork client against the twin, over a real socket: what it says, and what it makes of trouble."""

from __future__ import annotations

import email.utils
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import integrations.http as http
from integrations import hands_off
from integrations.chatwork import ChatworkClient, Me, Member, Room, TooLarge, api
from integrations.chatwork.client import LARGEST_FILE, SCROLLED_OFF
from integrations.chatwork.notation import plain
from integrations.chatwork.twin import ChatworkTwin
from integrations.chatwork.twin.data import PER_ROOM
from integrations.contract import Permanent, RateLimited, Transient, Unsure, Unwelcome
from integrations.hands_off import HandsOff
from integrations.pace import Pace
from integrations.spacing import Spacing
from integrations.twin import Ask, Fault, Said
from tests.silence import impatient
from tests.twin_server import served

TOKEN, ROOM, OTHER_ROOM, SATO = "a-token-of-the-twin", 93_207_172, 93_207_173, 2_861_671
R, LINK = str(ROOM), "https://yamabiko.example/volume/alerts/17"
TEXT = plain(f"問い合わせが増えています\n{LINK}")
POST, EDIT, LIST = ("POST /v2/rooms/{room}/messages", "PUT /v2/rooms/{room}/messages/{message}", "GET /v2/rooms")
UPLOAD, FIND = "POST /v2/rooms/{room}/files", "GET /v2/rooms/{room}/messages"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
LONG_AGO = 1_000.0

Call = Callable[[ChatworkClient], object]
WRITES: dict[str, tuple[str, Call]] = {
    "post": (POST, lambda client: client.post(R, TEXT)),
    "upload": (UPLOAD, lambda client: client.upload(R, "volume-a17.png", PNG, TEXT)),
}


@pytest.fixture
def twin() -> ChatworkTwin:
    twin = ChatworkTwin(token=TOKEN, webhook_token="")
    twin.held = []
    twin.add_room(ROOM, "お客様の声")
    twin.add_room(OTHER_ROOM, "開発")
    twin.add_member(ROOM, SATO, "佐藤")
    twin._announce = lambda *_: None  # type: ignore[method-assign]
    return twin


@pytest.fixture
def client(twin: ChatworkTwin) -> Iterator[ChatworkClient]:
    client = connect(twin)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_pause", lambda _: 0.0)


def connect(twin: ChatworkTwin, token: str = TOKEN) -> ChatworkClient:
    client = ChatworkClient(f"{served(chatwork=twin).url}/chatwork/v2", token, pace=Pace(10_000, 1.0))
    client._spacing = Spacing(0.0)
    impatient(client, twin)
    return client


# -- refusals -------------------------------------------------------------------------------------


def test_a_wrong_token_is_a_matter_of_everything(twin: ChatworkTwin) -> None:
    client = connect(twin, "another")
    for call in (lambda: client.post(R, TEXT), client.whoami, client.rooms):
        with pytest.raises(Unwelcome, match=r"^Chatwork answered 401 to "):
            call()
    client.close()


def test_an_administrator_who_forbids_the_api_shuts_all_of_it(twin: ChatworkTwin, client: ChatworkClient) -> None:
    twin.forbidden = True
    for call in (client.whoami, client.rooms):
        with pytest.raises(Unwelcome, match=r"^Chatwork answered 403 to "):
            call()


def test_a_room_that_may_only_be_read_is_named(twin: ChatworkTwin, client: ChatworkClient) -> None:
    twin.set_role(ROOM, "readonly")
    for _, call in WRITES.values():
        with pytest.raises(Permanent, match=f"answered 403 to POST /rooms/{ROOM}/.*: the account may not do this"):
            call(client)
    assert twin.effects == []


def test_a_room_that_the_account_has_left_is_named(twin: ChatworkTwin, client: ChatworkClient) -> None:
    twin.put_out(ROOM)
    for call in (WRITES["post"][1], lambda client: client.find(R, LINK, oldest=LONG_AGO)):
        with pytest.raises(Permanent, match=f"answered 404 to .* /rooms/{ROOM}/messages: it is not there") as refused:
            call(client)
        assert not isinstance(refused.value, Unwelcome)


@pytest.mark.parametrize("room", ["", "93207172/../1", "#!rid93207172", "٣", "9" * 21, "-1"])
def test_what_is_no_rooms_number_is_not_asked_about(twin: ChatworkTwin, client: ChatworkClient, room: str) -> None:
    for call in (client.post, client.members):
        with pytest.raises(Permanent, match="is not the number of a room"):
            call(room, *([TEXT] if call == client.post else []))  # type: ignore[operator]
    assert twin.calls == []


def test_what_chatwork_says_of_an_error_is_not_repeated(twin: ChatworkTwin, client: ChatworkClient) -> None:
    twin.longest = 5
    with pytest.raises(Permanent) as refused:
        client.post(R, TEXT)
    assert str(refused.value) == f"Chatwork answered 400 to POST /rooms/{ROOM}/messages"


@pytest.mark.parametrize("how", ["before it is sent", "by Chatwork"])
def test_a_picture_that_is_too_large_is_said_to_be(twin: ChatworkTwin, client: ChatworkClient, how: str) -> None:
    png = b"x" * (LARGEST_FILE + 1) if how == "before it is sent" else PNG
    twin.fail(UPLOAD, Fault("413"))
    with pytest.raises(TooLarge):
        client.upload(R, "volume-a17.png", png, TEXT)
    assert twin.did("upload") == []


def test_no_token_and_no_words_reach_a_log(
    twin: ChatworkTwin, client: ChatworkClient, caplog: pytest.LogCaptureFixture
) -> None:
    twin.fail(POST, Fault("500"), Fault("403"))
    with caplog.at_level(logging.DEBUG):
        for trouble in (Unsure, Permanent):
            with pytest.raises(trouble) as said:
                client.post(R, TEXT)
            assert TOKEN not in str(said.value) and "問い合わせ" not in str(said.value)
        client.post(R, TEXT)
    assert TOKEN not in caplog.text and "問い合わせ" not in caplog.text


# -- in doubt -------------------------------------------------------------------------------------


@pytest.mark.fault("F38")
@pytest.mark.parametrize("kind", ["reset", "lost", "truncated", "html", "hang", "late-500", "500", "503"])
@pytest.mark.parametrize("write", WRITES)
def test_a_post_without_a_clear_answer_is_unsure_and_never_repeated(
    twin: ChatworkTwin, client: ChatworkClient, write: str, kind: str
) -> None:
    pattern, call = WRITES[write]
    twin.fail(pattern, Fault(kind))
    with pytest.raises(Unsure):
        call(client)
    assert [status for route, status in twin.calls if route == pattern] == [twin.calls[-1][1]]


@pytest.mark.parametrize("kind", ["reset", "lost", "truncated", "html", "hang", "500", "429"])
def test_a_change_is_simply_repeated(twin: ChatworkTwin, client: ChatworkClient, kind: str) -> None:
    message = client.post(R, TEXT)
    twin.fail(EDIT, Fault(kind, headers={}))
    if kind == "429":
        with pytest.raises(RateLimited):
            client.edit(R, message, plain("収束しました"))
        return
    assert client.edit(R, message, plain("収束しました"))
    assert twin.texts(ROOM) == ["収束しました"]


@pytest.mark.fault("F38")
def test_what_was_posted_in_doubt_is_found(twin: ChatworkTwin, client: ChatworkClient) -> None:
    assert client.find(R, LINK, oldest=LONG_AGO) is None
    twin.fail(POST, Fault("reset"))
    with pytest.raises(Unsure):
        client.post(R, TEXT)
    assert client.find(R, LINK, oldest=LONG_AGO) == twin.rooms[ROOM].messages[0].id


def test_what_others_quote_is_not_taken_for_ours(twin: ChatworkTwin, client: ChatworkClient) -> None:
    twin.say(ROOM, SATO, f"これ見ましたか {LINK}")
    client.post(R, plain(f"{LINK}0"))
    assert client.find(R, LINK, oldest=LONG_AGO) is None


def test_others_may_write_whatever_they_like(twin: ChatworkTwin, client: ChatworkClient) -> None:
    id = client.post(R, TEXT)
    for text in ("\0", "[/info]", ""):
        twin.say(ROOM, SATO, text)
    assert client.find(R, LINK, oldest=LONG_AGO) == id


def test_to_look_takes_no_message_from_other_readers(twin: ChatworkTwin, client: ChatworkClient) -> None:
    asked: list[list[tuple[str, str]]] = []
    twin.watchers.append(lambda ask, said: asked.append(ask.query))
    for _ in range(2):
        client.find(R, LINK, oldest=LONG_AGO)
    assert [query for query in asked if query] == [[("force", "1")]] * 2


@pytest.mark.fault("F39")
def test_what_may_have_scrolled_off_is_for_a_person_to_find(twin: ChatworkTwin, client: ChatworkClient) -> None:
    now = 1_795_000_000
    twin.clock = lambda: now
    client.post(R, TEXT)
    for _ in range(99):
        twin.say(ROOM, SATO, "はい")
    assert client.find(R, LINK, oldest=now - 60) is not None
    twin.say(ROOM, SATO, "はい")
    with pytest.raises(Permanent, match=SCROLLED_OFF):
        client.find(R, LINK, oldest=now - 60)
    assert client.find(R, LINK, oldest=now + 60) is None, "none of them is as new as what is looked for"


def test_a_picture_is_found_by_its_name_where_it_is_ours(twin: ChatworkTwin, client: ChatworkClient) -> None:
    assert client.find_file(R, "volume-a17.png", oldest=LONG_AGO) is None
    twin.fail(UPLOAD, Fault("reset"))
    with pytest.raises(Unsure):
        client.upload(R, "volume-a17.png", PNG, TEXT)
    assert client.find_file(R, "volume-a17.png", oldest=LONG_AGO) == str(twin.rooms[ROOM].files[0].id)
    assert client.find_file(R, "volume-a1.png", oldest=LONG_AGO) is None


# -- limits ---------------------------------------------------------------------------------------


@pytest.mark.fault("F33")
def test_too_many_posts_in_a_room_wait_ten_seconds_and_nobody_else_does(
    twin: ChatworkTwin, client: ChatworkClient
) -> None:
    twin.clock = lambda: 1_795_000_000.0
    for _ in range(10):
        client.post(R, TEXT)
    with pytest.raises(RateLimited) as refused:
        client.post(R, TEXT)
    assert refused.value.retry_after == 10
    client.post(str(OTHER_ROOM), TEXT)
    assert len(twin.did("post", R)) == 10


@pytest.mark.fault("F33")
def test_after_too_many_calls_nobody_calls_for_a_while(twin: ChatworkTwin, client: ChatworkClient) -> None:
    twin.broken = lambda status: {"errors": ["Rate limit exceeded"]}  # type: ignore[method-assign]
    twin.fail(LIST, Fault("429", headers={"x-ratelimit-reset": ""}))
    with pytest.raises(RateLimited) as refused:
        client.rooms()
    assert refused.value.retry_after == 60
    asked = len(twin.calls)
    with pytest.raises(RateLimited):
        client.whoami()
    assert len(twin.calls) == asked


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-ratelimit-reset": "1000090", "date": email.utils.formatdate(1_000_000, usegmt=True)}, 90),
        ({"x-ratelimit-reset": "1000090", "date": email.utils.formatdate(1_000_500, usegmt=True)}, 1),
        ({"x-ratelimit-reset": "1009999", "date": email.utils.formatdate(1_000_000, usegmt=True)}, 300),
        ({"x-ratelimit-reset": "soon"}, 60),
        ({"date": email.utils.formatdate(1_000_000, usegmt=True)}, 60),
        ({"x-ratelimit-reset": "nan", "date": email.utils.formatdate(1_000_000, usegmt=True)}, 1),
        ({"x-ratelimit-reset": "inf", "date": "never"}, 300),
    ],
)
def test_how_long_there_is_to_wait(headers: dict[str, str], wait: float) -> None:
    assert api._wait(headers) == wait


def test_posts_in_a_room_keep_their_distance() -> None:
    slept: list[float] = []
    twin = ChatworkTwin(token=TOKEN, webhook_token="")
    twin.add_room(ROOM, "お客様の声")
    twin._announce = lambda *_: None  # type: ignore[method-assign]
    client = connect(twin)
    client._spacing = Spacing(1.2, clock=lambda: 100.0, sleep=slept.append)
    for _, call in WRITES.values():
        call(client)
    assert slept == [pytest.approx(1.2)]
    client.close()


# -- what is sent ---------------------------------------------------------------------------------


def test_a_post_is_a_form_and_nothing_else(twin: ChatworkTwin, client: ChatworkClient) -> None:
    asked: list[Ask] = []
    twin.watchers.append(lambda ask, said: asked.append(ask))
    id = client.post(R, plain("一行目\n二行目 &=+%"))
    [ask] = asked
    assert (ask.headers["content-type"], ask.query) == ("application/x-www-form-urlencoded", [])
    assert ask.headers["x-chatworktoken"] == TOKEN and TOKEN not in ask.path
    assert twin.texts(ROOM) == ["一行目\n二行目 &=+%"]
    assert id == twin.rooms[ROOM].messages[0].id and int(id) > 2**53


def test_a_message_that_is_gone_is_an_answer(twin: ChatworkTwin, client: ChatworkClient) -> None:
    id = client.post(R, TEXT)
    twin.rooms[ROOM].messages.clear()
    assert client.edit(R, id, TEXT) is False


def test_a_picture_arrives_as_it_was(twin: ChatworkTwin, client: ChatworkClient) -> None:
    id = client.upload(R, "volume-a17.png", PNG, plain("直近24時間"))
    [file] = twin.rooms[ROOM].files
    assert (str(file.id), file.name, file.content) == (id, "volume-a17.png", PNG)
    assert "直近24時間" in twin.texts(ROOM)[0]


def test_in_a_dry_run_nothing_is_sent_and_what_would_be_is_said(twin: ChatworkTwin, client: ChatworkClient) -> None:
    for _, call in WRITES.values():
        with hands_off.off(), pytest.raises(HandsOff) as kept:
            call(client)
        assert "問い合わせが増えています" in str(kept.value.said) and "PNG" not in str(kept.value.said)
    assert twin.effects == []


# -- what is read ---------------------------------------------------------------------------------


def test_who_we_are_and_where(twin: ChatworkTwin, client: ChatworkClient) -> None:
    twin.set_role(OTHER_ROOM, "readonly")
    assert client.me() == Me("2739132", "やまびこ", "101")
    assert client.rooms() == (
        Room(R, "お客様の声", "group", "member"),
        Room(str(OTHER_ROOM), "開発", "group", "readonly"),
    )
    assert [room.is_writable for room in client.rooms()] == [True, False]
    assert client.members(R)[1] == Member(str(SATO), "佐藤", "101")


def test_an_empty_list_has_no_body(twin: ChatworkTwin, client: ChatworkClient) -> None:
    twin.rooms.clear()
    assert client.rooms() == ()
    assert twin.calls[-1][1] == 204


ODD: dict[str, Any] = {
    "no list": {"errors": []},
    "an entry that is none": [1],
    "no id": [{"name": "x"}],
    "an id that leads elsewhere": [{"room_id": "1/../2", "role": "member"}],
    "nothing": None,
    "text": "x",
}


@pytest.mark.fault("F42")
@pytest.mark.parametrize("what", ODD)
def test_an_answer_that_cannot_be_read_is_tried_again(twin: ChatworkTwin, client: ChatworkClient, what: str) -> None:
    twin.answer = lambda ask: (Said(200, ODD[what]), None)  # type: ignore[method-assign]
    if what in ("no list", "nothing"):
        assert client.rooms() == ()
        return
    with pytest.raises(Transient, match=r"^Chatwork answered 200 to GET /rooms, which cannot be read \("):
        client.rooms()


def test_the_twin_says_what_the_limit_of_a_room_is_told_by() -> None:
    assert api.OF_THE_ROOM in PER_ROOM.encode()
