"""Messages in Chatwork: each is posted once, whatever dies or is in doubt, and found again by its link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session

from app.demo import company
from integrations.chatwork import notation
from integrations.chatwork.notation import Notation, plain
from integrations.contract import Permanent, RateLimited, Transient, Unsure
from integrations.twin import Fault
from tests.dry import dry
from tests.workflows.engine.test_restored import come_back
from tests.world import World
from workflows.engine import actions, restored
from workflows.engine.actions import Done, Intent, Patience
from workflows.engine.chatwork_posting import (
    CONTINUED,
    PICTURE_TOO_LARGE,
    Place,
    place_of,
    post,
    post_picture,
    update,
    where,
)
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Action

[(ROOM, NAME)] = company.ROOMS.items()
R, KEY = str(ROOM), "digest:2026-11-20"
LINK = "https://yamabiko.example/digests/2026-11-20"
TOLD = "Told the room {room} in Chatwork."
SHORT = notation.message("お客様の声 日報", [plain("返事待ち 12件")], LINK)
LONG = notation.message("お客様の声 日報", [plain("あ" * 12_000)] * 3, LINK)
POST, UPLOAD = "POST /v2/rooms/{room}/messages", "POST /v2/rooms/{room}/files"
PNG, FILE = b"\x89PNG", "volume-20261120T1415-a17.png"
#: Long before anything that a test does.
LONG_AGO = 0


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What one test changed of the engine is as it was in the next."""
    before = Patience.seconds
    yield
    Patience.seconds = before
    restored._Past.taken_at = restored._Past.until = 0


def intent(key: str = KEY, *, is_dry: bool = False) -> Intent:
    return Intent("chatwork", "post", key, R, TOLD, {"room": NAME}, is_dry=is_dry)


def digest(parts: tuple[Notation, ...] = SHORT) -> Place | None:
    """The digest of a day is posted, or found to have been."""
    place = post(intent(), parts, LINK, since_ms=LONG_AGO)
    store.write(lambda session: None)  # whatever else the story keeps
    return place


def chart() -> bool:
    """The digest's picture, likewise."""
    return post_picture(intent("chart:17"), FILE, PNG, plain("直近24時間"), since_ms=LONG_AGO)


def row(key: str = KEY) -> Action | None:
    """What is written down of it."""
    return store.read(lambda session: session.get(Action, key))


def elsewhere(work: Callable[[], object]) -> object:
    """What came of it in a thread of its own, with which everything ends that was not on disk."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).exception() or pool.submit(lambda: None).result()


class Died(BaseException):
    """The process is no more."""


def dies_at(place: str, monkeypatch: pytest.MonkeyPatch, turn: int = 1) -> None:
    """Somebody is killed when they come by this place for the n-th time; "" for nowhere."""
    turns = [0]

    def hit(*parts: str) -> None:
        turns[0] += ".".join(parts) == place
        if turns[0] == turn and ".".join(parts) == place:
            raise Died

    monkeypatch.setattr(actions, "hit", hit)


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts", [(), (plain("日報"),), (SHORT[0], plain("続き")), notation.message("日報", [], f"{LINK}/2")]
)
def test_what_could_not_be_found_again_is_not_posted(world: World, parts: tuple[Notation, ...]) -> None:
    with pytest.raises(ValueError, match="does not carry its link"):
        digest(parts)
    assert world.chatwork.effects == [] and row() is None


def test_where_chatwork_is_off_it_is_said_that_nothing_was_sent(world: World) -> None:
    with world.without("chatwork"):
        assert digest() is None
        assert not update(Place(R, "1"), SHORT[0])
    left = row()
    assert left is not None and (left.state, left.sentence) == ("skipped", "Not sent: {vendor} is not configured.")
    assert digest() is not None, "once it is on, it is told"


def test_a_room_that_refuses_can_be_tried_again(world: World) -> None:
    world.chatwork.set_role(ROOM, "readonly")
    with pytest.raises(Permanent, match=f"/rooms/{R}/messages"):
        digest()
    world.chatwork.set_role(ROOM, "member")
    assert digest() is not None
    assert len(world.chatwork.did("post")) == 1


def test_a_post_that_was_refused_for_a_while_was_not_made(world: World) -> None:
    world.chatwork.fail(POST, Fault("429"))
    with pytest.raises(RateLimited) as refused:
        digest()
    assert refused.value.retry_after == 10
    assert digest() is not None and len(world.chatwork.did("post")) == 1


@pytest.mark.fault("F39")
def test_what_may_have_scrolled_off_is_never_posted_again(world: World) -> None:
    world.chatwork.fail(POST, Fault("reset"))
    world.chatwork.add_member(ROOM, 7, "佐藤")
    with pytest.raises(Unsure):
        digest()
    for _ in range(100):
        world.chatwork.say(ROOM, 7, "はい")
    for _ in range(2):
        with pytest.raises(Permanent, match="Perhaps already posted"):
            digest()
    assert len(world.chatwork.did("post")) == 1


# -- once -----------------------------------------------------------------------------------------


@pytest.mark.fault("F38")
@pytest.mark.parametrize("kind", ["reset", "lost", "truncated", "html", "hang", "late-500", "500"])
@pytest.mark.parametrize("work", [digest, chart])
def test_whatever_answer_is_lost_it_is_posted_once(world: World, work: Callable[[], object], kind: str) -> None:
    world.chatwork.fail(POST if work is digest else UPLOAD, Fault(kind))
    with pytest.raises(Unsure):
        work()
    assert work() and work()
    assert len(world.chatwork.effects) == len(world.chatwork.texts(ROOM)) == 1


@pytest.mark.fault("F07", "F09", "F10")
@pytest.mark.parametrize("moment", ["begun", "called", "finished"])
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_wherever_it_dies_each_part_is_posted_once_and_in_its_turn(
    world: World, moment: str, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies_at(f"action.{moment}.chatwork.post", monkeypatch, turn)
    assert isinstance(elsewhere(lambda: digest(LONG)), Died)
    assert len(world.chatwork.texts(ROOM)) == (turn - 1 if moment == "begun" else turn)
    dies_at("", monkeypatch)
    digest(LONG)
    assert world.chatwork.texts(ROOM) == list(LONG)
    assert [each.state for each in (row(), row(f"{KEY}/2"), row(f"{KEY}/3")) if each] == ["done"] * 3


@pytest.mark.fault("F07", "F09", "F10")
@pytest.mark.parametrize("moment", ["begun", "called", "finished"])
def test_wherever_it_dies_a_picture_is_posted_once(world: World, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dies_at(f"action.{moment}.chatwork.post", monkeypatch)
    assert isinstance(elsewhere(chart), Died)
    dies_at("", monkeypatch)
    assert chart() and chart()
    assert [file.name for file in world.chatwork.rooms[ROOM].files] == [FILE]


def test_many_attempts_at_once_post_once(world: World) -> None:
    Patience.seconds = 30

    def attempt(_: int) -> object:
        try:
            return digest()
        except Transient as trouble:
            return type(trouble)

    with ThreadPoolExecutor(8) as pool:
        came = set(pool.map(attempt, range(8)))
    assert len(world.chatwork.did("post")) == 1
    assert came <= {Transient, digest()}


def test_another_days_message_that_begins_alike_is_another_one(world: World) -> None:
    longer = f"{LINK}0"
    post(intent("digest:other"), notation.message("日報", [], longer), longer, since_ms=LONG_AGO)
    world.chatwork.fail(POST, Fault("lost"))
    with pytest.raises(Unsure):
        digest()
    assert digest() is not None
    assert len(world.chatwork.texts(ROOM)) == 2


@pytest.mark.fault("F31")
def test_after_a_backup_came_back_nothing_is_posted_again(world: World) -> None:
    first = digest(LONG)
    come_back(now_ms() - 1)
    assert digest(LONG) == first
    assert len(world.chatwork.texts(ROOM)) == len(LONG)


# -- what is kept ---------------------------------------------------------------------------------


def test_where_it_stands_is_known_afterwards(world: World) -> None:
    place = digest()
    kept = row()
    assert kept is not None and place is not None
    assert (kept.sentence, kept.facts) == (TOLD, {"room": NAME})
    assert kept.url == f"https://www.chatwork.com/#!rid{R}-{place.message}"
    assert where(KEY) == place == Place(R, world.chatwork.rooms[ROOM].messages[0].id)
    assert where("digest:nobody") is None and place_of("") is None


def test_what_else_is_written_down_is_written_once_with_the_first_part(world: World) -> None:
    told: list[str] = []

    def also(session: Session, done: Done) -> None:
        told.append(done.ref)

    for _ in range(2):
        post(intent(), LONG, LINK, since_ms=LONG_AGO, also=also)
        store.write(lambda session: None)
    assert told == [f"{R}/{world.chatwork.rooms[ROOM].messages[0].id}"]
    further = row(f"{KEY}/3")
    assert further is not None and (further.sentence, further.facts) == (CONTINUED, {"n": "3", "of": "3"})


def test_a_message_is_brought_up_to_date_where_it_stands(world: World) -> None:
    [ended] = notation.message("お客様の声 日報", [plain("返事待ち 0件")], LINK)
    place = digest()
    assert place is not None and update(place, ended) and update(place, ended)
    assert world.chatwork.texts(ROOM) == [ended]
    world.chatwork.rooms[ROOM].messages.clear()
    assert not update(place, ended)


def test_a_picture_that_is_too_large_holds_nothing_back(world: World) -> None:
    world.chatwork.fail(UPLOAD, Fault("413"))
    assert not chart() and not chart()
    left = row("chart:17")
    assert left is not None and (left.state, left.sentence) == ("skipped", PICTURE_TOO_LARGE)
    assert world.chatwork.did("upload") == []


# -- dry run --------------------------------------------------------------------------------------


def test_in_a_dry_run_nothing_is_posted_and_what_would_be_is_kept(world: World) -> None:
    with dry(world) as writes:
        place = digest(LONG)
        assert place is not None and place.is_dry and where(KEY) == place and update(place, SHORT[0])
        assert chart()
    assert writes == []
    kept = row()
    assert kept is not None and kept.state == "would" and "返事" not in kept.facts["asked"]["how"]
    assert kept.facts["asked"] == {"how": f"POST /rooms/{R}/messages", "fields": {"body": LONG[0][:4000]}}
    assert where(KEY) is None
    assert digest() is not None and len(world.chatwork.did("post")) == 1, "it is posted once it is real"


def test_what_began_dry_ends_dry(world: World) -> None:
    place = post(intent(is_dry=True), LONG, LINK, since_ms=LONG_AGO)
    assert place is not None and place.is_dry
    assert world.chatwork.effects == [] and (kept := row(f"{KEY}/2")) is not None and kept.state == "would"


def test_a_message_is_not_updated_in_a_dry_run(world: World) -> None:
    place = digest()
    with dry(world) as writes:
        assert place is not None and update(place, LONG[0])
    assert writes == [] and world.chatwork.texts(ROOM) == list(SHORT)
