"""Pictures in Slack: each is posted once, whatever dies or is in doubt, and holds back nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.demo import company
from integrations.contract import Permanent, RateLimited, Transient, Unsure
from integrations.slack import blocks, is_person
from integrations.twin import Fault
from tests.dry import dry
from tests.workflows.engine.test_chatwork_posting import Died, as_before, dies_at, elsewhere
from tests.workflows.engine.test_restored import come_back
from tests.world import World
from workflows.engine.actions import Intent, Patience
from workflows.engine.pictures import REFUSED, post_picture
from workflows.engine.posting import Place, post
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Action

__all__ = ["as_before"]

CHANNEL, KEY = company.CHANNEL, "chart:17"
SHARE, BYTES = "POST /api/files.completeUploadExternal", "POST /upload/v1/{code}"
DONE = "files.completeUploadExternal"
PNG, FILE, TITLE = b"\x89PNG", "volume-20261120T1415-a17.png", "直近24時間の問い合わせ"
TOLD, SHOWN = "Told support in Slack.", "Showed a chart in Slack."
#: Long before anything that a test does.
LONG_AGO = 1_600_000_000_000


def words() -> Place:
    """The message that says the same."""
    intent = Intent("slack", "post", "alert:17", CHANNEL, TOLD)
    place = post(intent, ("増えています", [blocks.section("増えています")]), since_ms=LONG_AGO)
    store.write(lambda session: None)  # whatever else the story keeps
    assert place is not None
    return place


def chart(thread: Place | None = None, target: str = CHANNEL) -> bool:
    """The picture, below the message or by itself."""
    intent = Intent("slack", "picture", KEY, target, SHOWN)
    is_there = post_picture(intent, FILE, PNG, TITLE, since_ms=LONG_AGO, thread=thread)
    store.write(lambda session: None)
    return is_there


def shown(world: World) -> list[str]:
    """The names of the pictures that people see in the channel, in their order."""
    return [file["name"] for message in world.slack.messages(CHANNEL) for file in message.get("files", [])]


def row() -> Action:
    found = store.read(lambda session: session.get(Action, KEY))
    assert found is not None
    return found


@pytest.fixture
def waits_for_nobody() -> Iterator[None]:
    """A look in vain may follow the first at once."""
    before, Patience.seconds = Patience.seconds, 0
    yield
    Patience.seconds = before


# -- refusals -------------------------------------------------------------------------------------


def test_where_slack_is_off_it_is_said_that_nothing_was_sent(world: World) -> None:
    with world.without("slack"):
        assert not chart()
    assert (row().state, row().sentence) == ("skipped", "Not sent: {vendor} is not configured.")
    assert chart(), "once it is on, it is shown"


@pytest.mark.fault("F99")
def test_without_the_right_to_post_files_the_words_stand_alone_and_it_is_said(world: World) -> None:
    world.slack.scopes = tuple(scope for scope in world.slack.scopes if scope != "files:write")
    place = words()
    for _ in range(2):
        assert not chart(place)
    assert (row().state, row().sentence, row().facts) == ("skipped", REFUSED, {"code": "missing_scope"})
    assert shown(world) == []


def test_a_channel_that_refuses_can_be_tried_again(world: World) -> None:
    world.slack.remove_bot(CHANNEL)
    with pytest.raises(Permanent, match="not_in_channel"):
        chart()
    world.slack.channels[CHANNEL].members.append("U0YAMABIKO")
    assert chart() and shown(world) == [FILE]


@pytest.mark.parametrize("route", [SHARE, BYTES])
def test_a_picture_that_was_refused_for_a_while_was_not_posted(world: World, route: str) -> None:
    world.slack.fail(route, Fault("429", headers={"Retry-After": "40"}))
    with pytest.raises(RateLimited):
        chart()
    if route == BYTES:
        assert chart() and shown(world) == [FILE]
    assert row().state in ("planned", "done")


# -- once -----------------------------------------------------------------------------------------


@pytest.mark.fault("F38")
@pytest.mark.parametrize("kind", ["reset", "truncated", "html", "hang", "late-500"])
@pytest.mark.parametrize("below", [True, False])
def test_whatever_answer_is_lost_it_is_posted_once(world: World, below: bool, kind: str) -> None:
    thread = words() if below else None
    world.slack.fail(SHARE, Fault(kind))
    with pytest.raises(Unsure):
        chart(thread)
    assert chart(thread) and chart(thread)
    assert shown(world) == [FILE]


@pytest.mark.usefixtures("waits_for_nobody")
@pytest.mark.fault("F39")
def test_while_slack_still_looks_at_the_file_it_is_not_posted_again(world: World) -> None:
    world.slack.shares_at_once = False
    world.slack.fail(SHARE, Fault("reset"))
    with pytest.raises(Unsure):
        chart()
    with pytest.raises(Transient):
        chart()
    world.slack.share_files()
    assert chart() and shown(world) == [FILE]


@pytest.mark.usefixtures("waits_for_nobody")
@pytest.mark.parametrize("kind", ["lost", "500"])
def test_what_never_arrived_is_posted_after_it_was_looked_for_twice(world: World, kind: str) -> None:
    world.slack.fail(SHARE, Fault(kind))
    with pytest.raises(Unsure):
        chart()
    with pytest.raises(Transient):
        chart()
    come_later()
    assert chart() and shown(world) == [FILE]


def come_later() -> None:
    """The look in vain was a moment ago."""

    def work(session: object) -> None:
        session.get_one(Action, KEY).absent_at -= 1  # type: ignore[attr-defined]

    store.write(work)


@pytest.mark.fault("F07", "F09", "F10")
@pytest.mark.usefixtures("waits_for_nobody")
@pytest.mark.parametrize("moment", ["begun", "called", "finished"])
def test_wherever_it_dies_a_picture_is_posted_once(world: World, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = words()
    dies_at(f"action.{moment}.slack.picture", monkeypatch)
    assert isinstance(elsewhere(lambda: chart(place)), Died)
    dies_at("", monkeypatch)
    if moment == "begun":
        with pytest.raises(Transient):
            chart(place)  # one look in vain proves nothing
        come_later()
    assert chart(place) and chart(place)
    assert shown(world) == [FILE]


@pytest.mark.fault("F31")
def test_after_a_backup_came_back_it_is_not_posted_again(world: World) -> None:
    place = words()
    chart(place)
    come_back(now_ms() - 1)
    assert chart(place) and shown(world) == [FILE]


# -- where it stands ------------------------------------------------------------------------------


def test_a_picture_stands_below_its_words(world: World) -> None:
    place = words()
    assert chart(place)
    message = world.slack.messages(CHANNEL)[-1]
    assert message["thread_ts"] == place.ts and message["files"][0]["title"] == TITLE
    assert row().ref == f"{CHANNEL}/{message['files'][0]['id']}"


def test_a_picture_for_a_person_stands_in_their_direct_messages(world: World) -> None:
    assert is_person(company.LEAD.id) and chart(target=company.LEAD.id)
    assert world.slack.messages(f"D{company.LEAD.id[1:]}")[-1]["files"][0]["name"] == FILE


# -- dry run --------------------------------------------------------------------------------------


def test_in_a_dry_run_nothing_is_posted_and_what_would_be_is_kept(world: World) -> None:
    place = words()
    with dry(world) as writes:
        assert chart(place)
    assert writes == [] and row().state == "would"
    assert row().facts["asked"] == {"how": f"POST {DONE}", "fields": {"title": TITLE, "file": FILE}}
    assert chart(place) and shown(world) == [FILE], "it is posted once it is real"


def test_below_a_message_that_was_never_posted_there_is_no_picture(world: World) -> None:
    with dry(world):
        place = words()
    assert place.is_dry and chart(place)
    assert row().state == "would" and world.slack.did(DONE) == []
