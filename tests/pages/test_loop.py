"""The loop page: where a wish is, what its card says, and in which order cards wait."""

from __future__ import annotations

from functools import partial

import pytest
from sqlmodel import Session

from app.pages.loop import Shared
from integrations.twin import Fault
from tests.pages.reading import card, get, press, stations, where
from tests.statements import asking
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.overview import lives, loop
from workflows.tables import customer
from workflows.tables import wish as tables_wish

REMOTE = "https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/"


def opened(world: World) -> None:
    """Every customer of the seeded company has written."""
    world.stage.open()
    world.settle()


@pytest.mark.parametrize("asked", ["part=9999", "part=2&station=", "part=9999&station=nowhere"])
def test_nobody_can_empty_the_board_of_the_others(sqlite_world: World, asked: str) -> None:
    opened(sqlite_world)
    get(sqlite_world, "/loop?" + asked)
    assert stations(get(sqlite_world, "/loop"))["chat"] == stations(get(sqlite_world, "/board"))["chat"] != []


# -- one wish, all the way ------------------------------------------------------------------------


def test_a_wish_travels_through_all_stations(world: World) -> None:
    opened(world)
    assert stations(get(world, "/board"))["chat"][0] == "株式会社あおば製作所"

    wish = world.wish(0)
    assert where(get(world, "/board"), "FB-1") == "received"

    feature = world.stage.features["CSV出力の列を選べる"]
    world.productboard.link(wish.note_id, feature)
    world.settle()
    assert where(get(world, "/board"), "FB-1") == "adopted"

    world.productboard.push_to_jira(feature, world.stage.issues["KNDE-12"], "KNDE-12")
    world.productboard.set_status(feature, "開発中")
    world.settle()
    assert where(get(world, "/board"), "FB-1") == "development"

    world.move("KNDE-12", "完了")
    assert where(get(world, "/board"), "FB-1") == "to-tell"
    assert "お客様への下書き" in card(get(world, "/board"), "FB-1").text

    world.intercom.agent_says(world.chats[0], "7001", "部署コードの列が付けられるようになりました。")
    world.settle()
    page = get(world, "/board")
    assert where(page, "FB-1") == "ended"
    assert "田中 みなみさんが連絡" in card(page, "FB-1").text


def test_the_obvious_buttons_carry_a_wish_all_the_way(world: World) -> None:
    opened(world)
    for station in ("received", "adopted", "development", "to-tell", "ended"):
        page = get(world, "/board")
        [button] = page.all("button", class_="first")
        [form] = [form for form in page.all("form", class_="step") if button in form.walk()]
        fields = {field.attributes["name"]: field.attributes["value"] for field in form.all("input")}
        assert press(world, form.attributes["action"], **fields).status_code == 303
        world.settle()
        assert where(get(world, "/board"), "FB-1") == station


def test_done_moves_everyone_who_asked_at_once(world: World) -> None:
    for chat in (0, 2):
        world.link(world.wish(chat), "KNDE-12")
    assert stations(get(world, "/board"))["development"] == ["FB-1", "FB-2"]
    world.move("KNDE-12", "完了")
    assert stations(get(world, "/board"))["to-tell"] == ["FB-1", "FB-2"]


# -- what does not go straight --------------------------------------------------------------------


def test_a_declined_wish_stays_with_its_reason(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了", "対応しない")
    page = get(world, "/board")
    assert where(page, "FB-1") == "development"
    assert "「対応しない」で終了" in card(page, "FB-1").text


def test_what_is_taken_back_waits_again_and_warns(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了")
    world.move("KNDE-12", "進行中")
    page = get(world, "/board")
    assert where(page, "FB-1") == "development"
    assert "連絡はお待ちください" in card(page, "FB-1").text
    world.move("KNDE-12", "完了")
    assert where(get(world, "/board"), "FB-1") == "to-tell"


def test_whoever_was_told_waits_again_when_it_is_taken_back(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了")
    world.intercom.agent_says(world.chats[0], "7001", "使えるようになりました。")
    world.settle()
    world.move("KNDE-12", "進行中")
    page = get(world, "/board")
    assert where(page, "FB-1") == "development"
    assert "連絡済みですが、完了が取り消されました" in card(page, "FB-1").text


def test_what_was_finished_before_it_was_asked_for_is_to_be_told(world: World) -> None:
    world.link(world.wish(2), "KNDE-12")
    world.move("KNDE-12", "完了")
    world.days_pass(30)
    world.link(world.wish(0), "KNDE-12")
    page = get(world, "/board")
    assert where(page, "FB-2") == "to-tell"
    assert "すでにご利用いただけます" in card(page, "FB-2").text


def test_who_cannot_be_told_there_is_to_be_told_otherwise_with_the_reason(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.intercom.delete(world.chats[0])
    world.move("KNDE-12", "完了")
    page = get(world, "/board")
    assert where(page, "FB-1") == "to-tell"
    assert "会話がIntercomにありません" in card(page, "FB-1").text


def test_a_snoozed_chat_says_until_when(world: World) -> None:
    world.link(world.wish(6), "KNDE-21")
    world.move("KNDE-21", "完了")
    assert "までスヌーズ中" in card(get(world, "/board"), "FB-1").text


def test_a_wish_with_two_issues_waits_for_the_second(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    world.link(wish, "KNDE-15")
    world.move("KNDE-12", "完了")
    assert where(get(world, "/board"), "FB-1") == "to-tell"
    world.intercom.agent_says(world.chats[0], "7001", "ひとつ目が使えるようになりました。")
    world.settle()
    assert where(get(world, "/board"), "FB-1") == "development"


def test_a_write_that_does_not_come_through_says_why_and_when_it_is_tried_again(world: World) -> None:
    world.productboard.fail("POST /v2/notes", Fault("503"))
    world.tag(0)
    world.deliver()
    world.conduct_one()
    text = card(get(world, "/board"), "FB-1").text
    assert "Productboardが503を返しました" in text and "次の試行" in text
    world.settle()
    assert "まだ完了していません" not in card(get(world, "/board"), "FB-1").text


def test_two_wishes_of_one_chat_are_two_cards(world: World) -> None:
    world.tag(0)
    part = world.intercom.customer_says(world.chats[0], "部署コードのほかに役職も付けたいです。")
    world.settle()
    world.tag(0, "質問", part)
    world.settle()
    opened(world)
    page = get(world, "/board")
    assert len(stations(page)["received"]) == 2
    assert world.chats[0] not in {each.attributes["data-chat"] for each in page.all("section", id="chat")[0].all("li")}


# -- order, and large numbers ---------------------------------------------------------------------


def fill(wishes: int, begin: int = 0) -> None:
    """So many wishes without a feature, one minute apart, the newest first."""

    def work(session: Session) -> None:
        for number in range(begin, begin + wishes):
            chat = f"9{number:05}"
            said = now_ms() - number * 60_000
            session.add(customer.Conversation(id=chat, url="", created_at=said))
            session.add(
                tables_wish.Feedback(
                    conversation_id=chat, part_id="1", kind="wish", tag="要望", quote="?", said_at=said, taken_at=said
                )
            )

    store.write(work)


def test_the_longest_wait_comes_first(world: World) -> None:
    fill(3)
    assert stations(get(world, "/board"))["received"] == ["FB-3", "FB-2", "FB-1"]


def test_those_who_were_told_come_latest_first_and_what_nobody_works_on_last(world: World) -> None:
    for chat, key in ((0, "KNDE-12"), (1, "KNDE-15")):
        world.link(world.wish(chat), key)
    world.move("KNDE-12", "完了", "対応しない")
    assert stations(get(world, "/board"))["development"] == ["FB-2", "FB-1"]


def test_many_are_counted_and_lead_to_the_rest(world: World) -> None:
    fill(loop.MOST + 5)
    page = get(world, "/board")
    assert len(stations(page)["received"]) == loop.MOST
    [more] = [link for link in page.all("a") if "ほか5件" in link.text]
    everyone = get(world, more.attributes["href"])
    assert list(stations(everyone)) == ["received"]
    assert len(stations(everyone)["received"]) == loop.MOST + 5


def test_a_station_goes_on_where_its_last_page_ended(world: World) -> None:
    fill(150)
    first, second = (stations(get(world, f"/board?station=received&part={part}"))["received"] for part in (1, 2))
    assert len(first) + len(second) == len({*first, *second}) == 150


def test_old_chats_are_no_news(world: World) -> None:
    long_ago = now_ms() - loop.FRESH_MS - 1000
    store.write(lambda session: session.add(customer.Conversation(id="1", url="", created_at=long_ago)))
    assert stations(get(world, "/board"))["chat"] == []


def test_more_wishes_take_no_more_queries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pages.badges.KEPT", 3600.0)
    get(world, "/board")  # the menu's numbers are known from now on
    fill(1)
    with asking(world) as few:
        get(world, "/board")
    fill(25, begin=1)
    with asking(world) as many:
        get(world, "/board")
    assert len(many) == len(few) < 20


def test_one_wish_is_placed_as_all_are(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.wish(1)
    world.move("KNDE-12", "完了")
    page = stations(get(world, "/board"))
    for number in (1, 2):
        alone = store.read(partial(lives.of, ids=[number]))[number].stage
        assert f"FB-{number}" in page[alone]


# -- the page's script ----------------------------------------------------------------------------


def test_a_board_that_is_as_it_was_is_not_sent_again(world: World) -> None:
    world.wish(0)
    first = world.request("GET", "/loop?station=received")
    again = world.request("GET", "/loop?station=received", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    world.wish(1)
    changed = world.request("GET", "/loop?station=received", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200 and "FB-2" in changed.text


def test_a_board_is_made_once_for_many_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter((0.0, 1.0, 5.0, 30.0, 31.0))
    monkeypatch.setattr("app.pages.loop.time.monotonic", lambda: next(seconds))
    shared, made = Shared(), iter(("first", "second"))
    # made from second 0 to 1, so it may rest until 21: asked at 5 it is the same, at 30 a new one
    assert [shared.get("ja", lambda: next(made)) for _ in range(3)] == ["first", "first", "second"]


def test_no_decision_is_compared_with_every_wish_of_its_conclusion(sqlite_world: World) -> None:
    """Of ten thousand declined wishes, each meets its own decision only: SQLite says how it would look."""
    with asking(sqlite_world) as said:
        store.read(lives.of)
    [asked] = [each for each in said if "JOIN decision" in each]
    explained = "EXPLAIN QUERY PLAN " + asked
    plan = store.read(lambda session: session.connection().exec_driver_sql(explained, ("",) * asked.count("?")).all())
    steps = [row[3] for row in plan]
    assert [step for step in steps if "AUTOMATIC" in step] == [] and "ix_decision_feedback_id" in "".join(steps)
