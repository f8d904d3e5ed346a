"""What was decided on a day: listed with undo, as Markdown, and posted in Slack by somebody."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from tests.meeting import DAY, decide, filed, firm
from tests.pages.reading import button, flat, get, press, send
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.meeting import acts, export
from workflows.tables.meeting import Decision

HOSTILE = "<!channel> # [x](https://evil.example)"


def test_the_decisions_of_today_are_listed_and_can_be_taken_back_there(sqlite_world: World) -> None:
    firm("901", "大手工業")
    first, second = filed("CSVに部署コード", "901"), filed("打刻の丸め", "901")
    decide(first, "adopt", "多くのお客様に効くため"), decide(second, "decline", "ほかを優先するため")
    [link] = [each for each in get(sqlite_world, "/triage").all("a") if each.text == "本日の決定"]
    page = get(sqlite_world, link.attributes["href"])
    assert [flat(each.all("a")[0]) for each in page.all("ol", class_="decisions")[0].all("li")] == ["FB-1", "FB-2"]
    for said in ("本日の決定2件", "採用", "CSVに部署コード", "大手工業", "ほかを優先するため", "斎藤 真理"):
        assert said in flat(page), said
    after = send(sqlite_world, button(page, "undo"))
    assert "結論を取り消しました" in after.text and "本日の決定1件" in flat(after)


def test_what_was_sent_can_no_longer_be_taken_back(sqlite_world: World) -> None:
    decision = decide(filed(), "decline")
    acts.send_now(decision.id or 0)
    sqlite_world.settle()
    page = get(sqlite_world, "/triage/decided")
    assert "本日の決定1件" in flat(page)
    assert not [form for form in page.all("form") if form.attributes.get("action", "").endswith("/undo")]


BAD_DAYS = (("x", "「x」は日付ではありません"), ("0001-01-01", "日付ではありません"), ("%00", "日付ではありません"))
BAD_DAYS += (("2999-01-01", "2999/1/1(火)はまだ来ていません"),)


@pytest.mark.parametrize(("on", "why"), BAD_DAYS)
def test_a_day_that_is_none_is_said_to_be_none(sqlite_world: World, on: str, why: str) -> None:
    decide(filed(), "adopt")
    page = get(sqlite_world, f"/triage/decided?on={on}")
    assert "本日の決定1件" in flat(page) and why in page.all("p", role="alert")[0].text
    assert why in get(sqlite_world, f"/triage/minutes.md?on={on}", 400).text
    answer = press(sqlite_world, "/triage/minutes", on=on.replace("%00", "?"))
    assert answer.status_code == 400 and posted(sqlite_world) == []


def test_no_day_is_today(sqlite_world: World) -> None:
    decide(filed(), "adopt")
    page = get(sqlite_world, "/triage/decided?on=")
    assert "本日の決定1件" in flat(page) and not page.all("p", role="alert")


def test_one_walks_from_day_to_day_and_the_past_days_are_listed(sqlite_world: World) -> None:
    wish = filed(at=now_ms() - 30 * DAY)
    yesterday = export.day(now_ms() - DAY)
    decide(wish, "consider")
    made_earlier(decide(filed("打刻"), "adopt"), by=DAY)
    assert get(sqlite_world, "/triage/decided").all("a", href=f"/triage/decided?on={yesterday}")
    page = get(sqlite_world, f"/triage/decided?on={yesterday}")
    assert [link.text for link in page.all("a", href="/triage/decided")][-1] == "次の日 →"
    listed = get(sqlite_world, "/triage/past")
    days = [link.attributes["href"] for link in listed.all("a", class_="open")]
    assert f"/triage?on={yesterday}" in days and 4 <= len(days) <= 6 and days == sorted(days, reverse=True)
    assert [flat(row.all("td", class_="number")[0]) for row in listed.all("tr") if row.all("a", href=days[0])] == [
        "1件"
    ]


def test_without_requests_there_was_no_meeting(sqlite_world: World) -> None:
    assert "検討会はまだ開かれていません" in get(sqlite_world, "/triage/past").text


def test_a_past_day_has_its_own_decisions(sqlite_world: World) -> None:
    decide(filed(), "adopt")
    page = get(sqlite_world, f"/triage/decided?on={export.day(now_ms() - 3 * DAY)}")
    assert "この日の決定はありません" in page.text


def test_the_minutes_are_a_text_in_which_nothing_that_was_said_is_markup(sqlite_world: World) -> None:
    decide(filed(HOSTILE), "decline", f"理由 {HOSTILE}")
    text = sqlite_world.request("GET", "/triage/minutes.md").text
    assert "## FB-1 見送り" in text and "決定者: 斎藤 真理" in text
    assert "[x](" not in text and "\n# [" not in text and "<!channel>" not in text


def test_posting_the_minutes_says_who_did_in_the_message_that_stands_there_and_mails_them(sqlite_world: World) -> None:
    first = decide(filed(f"CSVに部署コード {HOSTILE}"), "adopt", "多くのお客様に効くため")
    acts.send_now(first.id or 0)
    sqlite_world.settle()
    for said in ("議事録をSlackに投稿しています", "投稿済みです"):
        page = send(sqlite_world, button(get(sqlite_world, "/triage/decided"), "minutes"))
        assert said in page.text
        sqlite_world.settle()
    [message] = posted(sqlite_world)
    assert "FB-1" in message and "採用" in message and "多くのお客様に効くため" in message
    assert "斎藤 真理さんが" in message and "に投稿)" in message and "<!channel>" not in message
    assert "斎藤 真理さんが議事録をSlackに投稿しました" in get(sqlite_world, "/triage/decided").text
    assert len(sqlite_world.stage.mail.mails) == 1
    second = decide(filed("打刻"), "decline")
    acts.send_now(second.id or 0)
    press(sqlite_world, "/triage/minutes", on="")
    sqlite_world.settle()
    [message] = posted(sqlite_world)
    assert "FB-1" in message and "FB-2" in message and len(sqlite_world.stage.mail.mails) == 2


def test_whoever_posted_the_minutes_stands_there_when_more_is_decided_after_them(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts.send_now(decide(filed(), "adopt").id or 0)
    sqlite_world.settle()
    press(sqlite_world, "/triage/minutes", on="")
    sqlite_world.settle()
    monkeypatch.setattr(acts, "now_ms", lambda: now_ms() + 1000)
    for _ in range(2):
        acts.send_now(decide(filed("打刻"), "decline").id or 0)
        sqlite_world.settle()
    [message] = posted(sqlite_world)
    assert "決定 3件(斎藤 真理さんが" in message and "うち2件はその後の決定)" in message


def test_before_anybody_may_know_there_are_no_minutes_in_slack(sqlite_world: World) -> None:
    decide(filed(), "adopt")
    press(sqlite_world, "/triage/minutes", on="")
    sqlite_world.settle()
    assert posted(sqlite_world) == [] and sqlite_world.stage.mail.mails == []


def made_earlier(decision: Decision, by: int) -> None:
    """A decision was made so long ago."""

    def work(session: Session) -> None:
        row = session.get_one(Decision, decision.id)
        row.decided_at -= by

    store.write(work)


def posted(world: World) -> list[str]:
    """What is said in the channel itself, as it stands now; replies stand in threads."""
    messages = world.slack.messages(world.channel)
    return [f"{each['text']} {each['blocks']}" for each in messages if each.get("thread_ts", each["ts"]) == each["ts"]]
