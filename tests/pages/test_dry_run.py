"""`/dry-run`: what would have been done beside what people did; and the word on every page while nothing is written."""

from __future__ import annotations

import csv
import io

import pytest
from sqlmodel import select

from tests.clock import Hands
from tests.dry import dry
from tests.escalating import Escalating
from tests.pages.reading import flat, get, press
from tests.releasing import soon
from tests.surveying import Surveying
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.measure import digest, subscriptions
from workflows.overview import beside
from workflows.rules import rules
from workflows.rules.dry_run import DryRun
from workflows.tables.measure import Subscription


def released(world: World) -> None:
    """Two customers wait for an issue that is done; one of them is answered as before, by hand."""
    for chat in (0, 2):
        world.link(world.wish(chat), "KNDE-12")
    world.move("KNDE-12", "完了")
    world.intercom.agent_says(world.chats[0], "7001", "<b>使える</b>ようになりました。", at=soon())
    world.settle()


def verdicts(world: World, story: str = "") -> list[str]:
    """What is said of each row that can be compared."""
    rows = store.read(lambda s: beside.of(s, 0, now_ms() + 1, story))
    return sorted(row.verdict for row in rows if row.verdict != beside.UNSEEN)


def test_what_would_have_been_done_stands_beside_what_people_did(world: World) -> None:
    with dry(world):
        released(world)
        assert verdicts(world, "release") == ["alone", "same"]
        page = get(world, "/dry-run?lang=en")
    rows = {row.attributes["data-verdict"]: flat(row) for row in page.all("tr") if "data-verdict" in row.attributes}
    assert "Reopened the conversation: KNDE-12 is done." in rows["same"]
    assert "田中 みなみ replied to the customer." in rows["same"]
    assert "Dry run, nothing was written" not in rows["same"]  # the heading says so
    assert "Yamabiko only" in rows["alone"]
    assert "Agreement: 50%" in flat(page)


def test_a_chat_that_would_not_have_been_reopened_and_was_answered_all_the_same(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    with dry(world):
        world.intercom.convert_to_ticket(world.chats[0])
        world.move("KNDE-12", "完了")
        assert verdicts(world, "release") == []  # neither did anything
        world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけます。", at=soon())
        world.settle()
        assert verdicts(world, "release") == ["people"]


def test_an_escalation_is_the_same_where_somebody_answered(world: World) -> None:
    with dry(world):
        case = Escalating(world)
        case.send(case.filled())
        world.settle()
        assert verdicts(world, "escalation") == ["alone"]
        assert "Raised in a dry run" in flat(get(world, "/escalations/1?lang=en"))
        world.intercom.agent_says(world.chats[0], "7001", "お詫び申し上げます。", at=soon())
        world.settle()
        assert verdicts(world, "escalation") == ["same"]


@pytest.mark.parametrize(
    ("dry_run", "said"),
    [
        (DryRun(on=True), "試運転中: 外部には何も書き込みません。"),
        (
            DryRun(stories=("release", "conclusion")),
            "試運転中(リリース、決定): この範囲では外部には何も書き込みません。",
        ),
    ],
)
def test_every_page_says_that_nothing_is_written(world: World, dry_run: DryRun, said: str) -> None:
    with world.rules(dry_run=dry_run):
        for path in ("/", "/board", "/wishes", "/escalations", "/rules"):
            [banner] = [each for each in get(world, path).all("p") if each.attributes.get("class") == "dry"]
            assert flat(banner) == said
    assert not rules.dry_run
    assert not [each for each in get(world, "/").all("p") if each.attributes.get("class") == "dry"]


def test_switched_off_the_page_says_how_to_switch_it_on(world: World) -> None:
    assert "[dry_run]" in flat(get(world, "/dry-run?lang=en"))
    with world.rules(dry_run=DryRun(on=True)):
        assert "nothing has happened yet" in flat(get(world, "/dry-run?lang=en"))


def test_it_is_narrowed_by_part_and_day_and_is_a_file_for_admins(world: World) -> None:
    with dry(world):
        released(world)
    everything, releases = (rows_of(world, path) for path in ("/dry-run.csv", "/dry-run.csv?story=release"))
    assert 0 < len(releases) < len(everything)
    assert {row["story"] for row in releases} == {"リリース"}
    assert rows_of(world, "/dry-run.csv?day=2020-01-01") == []
    assert len(rows_of(world, "/dry-run.csv?day=nonsense&story=nothing")) == len(everything)


@pytest.mark.parametrize(("story", "title"), [("survey", "アンケート"), ("digest", "ダイジェスト")])
def test_surveys_and_digests_are_parts_of_their_own(sqlite_world: World, story: str, title: str) -> None:
    world, hands = sqlite_world, Hands()
    with world.rules():
        case = Surveying(world, hands)
        subscriptions.begin("daily", "slack", "U0TANAKA", "U0TANAKA", "ja")
        with dry(world, story) as writes:
            case.solved()
            del writes[:]
            case.minutes_pass(10)
            [row] = store.read(lambda session: session.exec(select(Subscription)).all())
            digest.start_early(row.id or 0)
            world.settle()
            page = get(world, f"/dry-run?story={story}")
            [banner] = page.all("p", class_="dry")
    hands.release()
    assert f"試運転中({title})" in flat(banner)
    assert [flat(option) for option in page.all("option") if "selected" in option.attributes] == [title]
    [line] = [flat(each) for each in page.all("tr") if "data-verdict" in each.attributes]
    assert title in line
    assert all(("chat.postMessage" in each) == (story == "survey") for each in writes)


def rows_of(world: World, path: str) -> list[dict[str, str]]:
    """The lines of the file."""
    text = world.request("GET", path).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_in_the_demo_it_is_switched_by_a_button(sqlite_world: World) -> None:
    world = sqlite_world
    with world.rules():
        press(world, "/demo/dry", on="yes")
        assert rules.dry_run.on
        board = get(world, "/board?lang=en")
        assert "Dry run: nothing is written to other tools." in flat(board) and "Switch dry run off" in flat(board)
        press(world, "/demo/tag", chat=world.chats[0], part="", tag="要望")
        world.settle()
        assert world.notes(0) == []
        assert "Filed in Productboard." in flat(get(world, "/dry-run?lang=en"))
        press(world, "/demo/dry", on="no")
        assert not rules.dry_run
