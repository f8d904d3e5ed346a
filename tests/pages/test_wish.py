"""A wish's page: the customer's words, the links, and each thing done or left undone as one sentence."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session

from tests.pages.reading import Element, button, flat, get, press, read, send
from tests.releasing import released, soon, telling
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Action, Run


def sentences(page: Element) -> list[str]:
    """The first line of each entry of the timeline, those included that stand folded."""
    entries = [entry for entry in page.all("li", class_="entry") if "robots" not in entry.attributes["class"]]
    return [entry.all("p")[0].text.strip() for entry in entries]


def real(world: World) -> None:
    """From now on vendors have pages of their own: this is no demo."""
    world.app.state.demo = None
    world.sign_in()


def test_who_said_what(world: World) -> None:
    world.wish(0)
    page = get(world, "/feedback/1")
    [quote] = page.all("blockquote")
    assert quote.text.strip().startswith("勤怠データをCSVで")
    assert "株式会社あおば製作所" in page.text and "山本 恵子" in page.text and "Enterprise" in page.text


def test_it_can_be_asked_for_as_people_call_it(world: World) -> None:
    world.wish(0)
    for name in ("1", "FB-1", "fb-1"):
        assert "FB-1" in get(world, f"/feedback/{name}").all("title")[0].text


def test_the_whole_story_in_order(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了")
    world.intercom.agent_says(world.chats[0], "7001", "付けられるようになりました。")
    world.settle()
    told = sentences(get(world, "/feedback/1"))
    expected = [
        "山本 恵子様からお問い合わせがありました。",
        "田中 みなみさんが「要望」タグを付け、要望として受け付けました。",
        "Productboardに登録しました。",
        "登録したことを、会話の内部メモに残しました。",
        "KNDE-12「CSV出力に部署コードの列を追加する」の完了を待っています。",
        "KNDE-12の完了を、サポートチャンネルに知らせました。",
        "KNDE-12が完了したので、会話を再開しました。",
        "田中 みなみさんがお客様に連絡しました。",
    ]
    assert [sentence for sentence in told if sentence in expected] == expected


def test_what_was_left_undone_is_as_readable(world: World) -> None:
    world.link(world.wish(5), "KNDE-12")
    world.move("KNDE-12", "完了")
    page = get(world, "/feedback/1")
    [entry] = page.all("li", class_="skipped")
    assert "再開しませんでした: すでに対応中でした。" in entry.text and "実行しなかったこと" in entry.text


def test_what_the_service_did_by_itself_is_folded_and_what_people_did_is_not(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    page = get(world, "/feedback/1")
    [folded] = [each for each in page.all("li", class_="robots") if each.all("details")][:1]
    steps = folded.all("details")[0].all("li", class_="entry")
    assert f"山びこが{len(steps)}件の処理を行いました。" in folded.all("summary")[0].text and len(steps) > 1
    tagged = "田中 みなみさんが「要望」タグを付け、要望として受け付けました。"
    assert tagged in page.text and tagged not in folded.text


def test_the_timeline_says_each_day_once_and_the_time_beside_each_entry(sqlite_world: World) -> None:
    sqlite_world.wish(0)
    page = get(sqlite_world, "/feedback/1")
    days = [flat(each) for each in page.all("h3", class_="on-day")]
    assert len(days) == len(set(days)) >= 1
    hours = [flat(entry.all("span", class_="hour")[0]) for entry in page.all("li", class_="entry")]
    assert hours and all(re.fullmatch(r"\d\d:\d\d", each) for each in hours)


def test_the_title_is_the_heading_and_what_is_read_first_comes_first(sqlite_world: World) -> None:
    """Tab goes as the eye does: what is known, then the links beside it, then the story."""
    sqlite_world.wish(0)
    page = get(sqlite_world, "/feedback/1")
    [title] = page.all("h1")
    assert "CSV" in title.text and "FB-1" not in title.text
    [body] = page.all("div", class_="request-body")
    assert [(each.name, each.attributes.get("class", "")) for each in body.children] == [
        ("section", "about"),
        ("aside", ""),
        ("section", "story"),
    ]


def test_only_what_happened_is_ticked(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")

    def steps() -> list[str]:
        [stepper] = get(world, "/feedback/1").all("ol", class_="stepper")
        return [each.attributes["class"].removeprefix("step-") for each in stepper.all("li")]

    assert steps() == ["done", "ahead", "done", "ahead", "ahead"]
    world.move("KNDE-12", "完了")
    assert steps() == ["done", "ahead", "done", "done", "now"]


@pytest.mark.parametrize(
    ("path", "what"),
    [("/feedback/1", "FB-1"), ("/triage", "検討会"), ("/companies/101", "株式会社あおば製作所"), ("/measures", "指標")],
)
def test_on_paper_stands_what_it_is_of_when_on_whose_clock_and_who_printed_it(
    sqlite_world: World, path: str, what: str
) -> None:
    sqlite_world.wish(0)
    [printed] = get(sqlite_world, path).all("p", class_="printed")
    assert what in printed.text and "日本標準時" in printed.text and "斎藤 真理" in printed.text


def test_a_decline_says_its_reason(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了", "対応しない")
    assert any("「対応しない」で終了し" in sentence for sentence in sentences(get(world, "/feedback/1")))


def test_the_same_story_in_english(world: World) -> None:
    world.wish(0)
    told = sentences(get(world, "/feedback/1?lang=en"))
    assert told[1:] == [
        "田中 みなみ filed this with the “要望” tag (Request).",
        "Filed in Productboard.",
        "Added an internal note to the conversation: filed.",
        "Asked 田中 みなみ for background and importance.",
    ]


def test_other_wishes_of_the_chat_keep_to_their_own_page(world: World) -> None:
    world.tag(0)
    part = world.intercom.customer_says(world.chats[0], "役職も付けたいです。")
    world.tag(0, "質問", part)
    world.settle()
    assert not any("質問として" in sentence for sentence in sentences(get(world, "/feedback/1")))
    assert any("質問として" in sentence for sentence in sentences(get(world, "/feedback/2")))


def test_the_draft_is_there_to_be_copied(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了")
    [draft] = get(world, "/feedback/1").all("p", id="draft")
    assert draft.text.startswith("山本様")


def test_each_thing_leads_to_its_place_at_the_vendor(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    real(world)
    links = {link.attributes["href"] for link in get(world, "/feedback/1").all("a", target="_blank")}
    assert any("intercom.com" in link and world.chats[0] in link for link in links)
    assert any("/browse/KNDE-12" in link for link in links)
    assert any("productboard.com" in link for link in links)


def test_what_is_in_flight_says_what_it_waits_for(world: World) -> None:
    world.wish(0)
    now = now_ms()

    def interrupt(session: Session) -> None:
        session.add(
            Run(id="r1", workflow="feedback.file", reason="Jira answered 503 to GET /x", due_at=now, created_at=now)
        )
        session.add(
            Action(
                key="k", run_id="r1", verb="jira.link", state="started", sentence="Filed in Productboard.",
                feedback_id=1, started_at=now,
            )
        )  # fmt: skip

    store.write(interrupt)
    [entry] = get(world, "/feedback/1").all("li", class_="started")
    assert "まだ完了していません: Jiraが503を返しました(GET /x)" in " ".join(entry.text.split())


def test_each_entry_leads_to_the_trace_of_its_run(world: World) -> None:
    world.wish(0)
    traces = [link for link in get(world, "/feedback/1").all("a") if link.text == "実行の記録"]
    assert len(traces) >= 3
    for link in traces:
        said = get(world, link.attributes["href"]).text
        assert "feedback.file" in said or "context.ask" in said


# -- a reply that was about something else --------------------------------------------------------


def answered(world: World) -> Element:
    """An agent has answered in a chat with a draft; the wish's page."""
    released(world, 0)
    world.intercom.agent_says(world.chats[0], "7002", "請求書をお送りします。", at=soon())
    world.settle()
    return get(world, "/feedback/1")


def test_an_agent_takes_back_a_reply_that_was_about_something_else(world: World) -> None:
    page = answered(world)
    assert "佐藤 健さんがお客様に連絡しました。" in page.text and "別の件の返信として記録する" in page.text
    after = send(world, button(page, "not-told"), words="請求書の件")
    assert "お客様への連絡は済んでいません" in after.all("p", class_="did")[0].text
    assert any("佐藤 健さんの返信は別の件だったと記録しました: 請求書の件" in each for each in sentences(after))
    assert "別の件の返信として記録する" not in after.text
    assert telling(world, 0).state == "drafted"


def test_without_a_reason_or_a_reply_nothing_is_taken_back(sqlite_world: World) -> None:
    page = answered(sqlite_world)
    refused = press(sqlite_world, "/feedback/1/not-told", words=" ", at=str(telling(sqlite_world, 0).told_at))
    assert refused.status_code == 400 and read(refused.text).all("p", id="wrong-denied")[0].text
    for at in ("", "x", "1" * 40, "١٢٣", "1000"):
        refused = press(sqlite_world, "/feedback/1/not-told", words="請求書の件", at=at)
        assert refused.status_code == 409 and "取り消すものがありません" in refused.text
    assert press(sqlite_world, "/feedback/404/not-told", words="x", at="1").status_code == 404
    assert telling(sqlite_world, 0).state == "told" and "別の件の返信として記録する" in page.text


def test_where_nobody_has_answered_there_is_nothing_to_take_back(sqlite_world: World) -> None:
    released(sqlite_world, 0)
    assert "別の件の返信として記録する" not in get(sqlite_world, "/feedback/1").text
