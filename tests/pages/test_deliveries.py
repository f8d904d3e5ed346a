"""Deliveries and runs: found by state and source, each with its reason; dead letters get another chance."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from sqlmodel import Session

from integrations.twin import Fault
from tests.pages.reading import SAME_ORIGIN, Element, get, press, read
from tests.pages.signing_in import real
from tests.world import World
from workflows.engine.store import store
from workflows.overview import deliveries
from workflows.overview.bodies import scrubbed
from workflows.people import accounts
from workflows.people.deeds import PAGE
from workflows.people.may import READ_RAW
from workflows.tables.runs import DEAD, IGNORED, OPEN, Delivery, Run


def rows(page: Element) -> list[Element]:
    return [row for row in page.all("tr") if row.all("td")]


def addresses(page: Element) -> list[str]:
    """Where the rows lead to."""
    return [row.all("a", class_="open")[0].attributes["href"] for row in rows(page)]


def received(id: str, **others: Any) -> Delivery:
    """A delivery as it may lie in the database."""
    values = {"source": "jira", "topic": "x", "digest": id, "state": IGNORED, "received_at": 7} | others
    return Delivery(id=id, **values)


def unreadable(world: World) -> Delivery:
    """A webhook that Jira signed, and that says nothing."""
    body = json.dumps({"timestamp": 1, "webhookEvent": "jira:issue_updated", "changelog": {"items": 7}}).encode()
    assert world.post("jira", world.jira.signed(body), body).status_code == 200
    [delivery] = [each for each in world.deliveries() if each.state == DEAD]
    return delivery


def refused(world: World) -> Run:
    """A wish that Productboard refuses for good."""
    world.productboard.fail("POST /v2/notes", *[Fault("403")] * 3)
    world.tag(0)
    world.settle()
    [run] = [run for run in world.runs() if run.state == DEAD]
    world.productboard.mend()
    return run


# -- lists ----------------------------------------------------------------------------------------


def test_an_empty_list_says_what_fills_it(world: World) -> None:
    page = get(world, "/deliveries")
    assert "まだ何も届いていません" in page.text
    assert page.all("a", href="/setup")


def test_what_nobody_acts_on_is_shown_on_request_only(world: World) -> None:
    store.write(lambda session: session.add(received("jira:1")))
    assert addresses(page := get(world, "/deliveries")) == [] and page.all("a", href="/deliveries?state=all")
    assert addresses(get(world, "/deliveries?state=all")) == addresses(get(world, "/deliveries?state=ignored")) != []


def test_events_of_one_minute_are_told_apart_and_what_needs_somebody_is_counted(world: World) -> None:
    unreadable(world)
    page = get(world, "/deliveries")
    assert re.search(r"\d\d:\d\d:\d\d", page.all("td", class_="moment")[0].text)
    assert "要対応 1" in page.text


def test_every_delivery_with_its_reason(world: World) -> None:
    world.wish(0)
    text = get(world, "/deliveries").text
    assert "登録しました: FB-1" in text
    assert "conversation_part.tag.created" in text


def test_an_ignored_tag_says_why(world: World) -> None:
    world.tag(0, "請求")
    world.settle()
    page = get(world, "/deliveries?state=ignored&source=intercom")
    assert "ルールにないタグのため、登録しませんでした: 請求" in page.text


def test_filters(world: World) -> None:
    world.wish(0)
    world.tag(1, "請求")
    world.settle()
    unreadable(world)
    for state in deliveries.STATES:
        shown = [row.all("span", class_=f"state-{state}") for row in rows(get(world, f"/deliveries?state={state}"))]
        assert all(shown) and len(shown) == sum(each.state == state for each in world.deliveries())
    for source in ("intercom", "jira", "productboard"):
        found = addresses(get(world, f"/deliveries?source={source}"))
        assert found and all(address.startswith(f"/deliveries/{source}") for address in found)


def test_a_list_goes_on_where_it_ended_even_within_one_moment(world: World) -> None:
    def fill(session: Session) -> None:
        for number in range(120):
            session.add(received(f"jira:{number:03}"))

    store.write(fill)
    seen: list[str] = []
    path = "/deliveries?state=all"
    while path:
        page = get(world, path)
        seen += addresses(page)
        path = next((link.attributes["href"] for link in page.all("a") if "前の分" in link.text), "")
    assert len(seen) == len(set(seen)) == 120


def test_runs_go_on_where_they_ended_too(world: World) -> None:
    def fill(session: Session) -> None:
        for number in range(120):
            state = (OPEN, DEAD, IGNORED)[number % 3]
            session.add(Run(id=f"r{number:03}", workflow="x.y", state=state, due_at=7, created_at=7))

    store.write(fill)
    seen: list[str] = []
    path = "/deliveries?kind=runs&state=all"
    while path:
        page = get(world, path)
        seen += addresses(page)
        path = next((link.attributes["href"] for link in page.all("a") if "前の分" in link.text), "")
    assert len(seen) == len(set(seen)) == 120


# -- traces ---------------------------------------------------------------------------------------


def test_a_trace_tells_what_a_delivery_led_to(world: World) -> None:
    world.wish(0)
    [delivery] = [each for each in world.deliveries() if each.topic == "conversation_part.tag.created"]
    page = get(world, f"/deliveries/{delivery.id}")
    assert "feedback.file" in page.text
    for sentence in ("「要望」タグを付け、要望として受け付けました。", "Productboardに登録しました。"):
        assert sentence in page.text
    assert page.all("a", href="/feedback/1")


def test_a_trace_follows_a_release_into_every_chat(world: World) -> None:
    for chat in (0, 2):
        world.link(world.wish(chat), "KNDE-12")
    before = {delivery.id for delivery in world.deliveries()}
    world.move("KNDE-12", "完了")
    [moved] = [each for each in world.deliveries() if each.id not in before and each.topic == "jira:issue_updated"]
    page = get(world, f"/deliveries/{moved.id}")
    assert page.text.count("KNDE-12が完了したので、会話を再開しました。") == 2


def test_the_body_is_hidden_until_asked_for_and_cut(world: World) -> None:
    said = {"timestamp": 1, "webhookEvent": "jira:issue_updated", "changelog": {"items": 7}, "text": "山" * 20_000}
    body = json.dumps(said, ensure_ascii=False).encode()
    world.post("jira", world.jira.signed(body), body)
    [delivery] = world.deliveries()
    page = get(world, f"/deliveries/{delivery.id}")
    assert not page.all("pre") and f"{len(body):,}バイト" in page.text
    [form] = page.all("form", action=f"/bodies/{quote(delivery.id)}")
    opened = read(press(world, form.attributes["action"]).text)
    assert len(opened.all("pre")[0].text.encode()) <= 20_000 + 3
    noted = [(deed.deed, deed.way, deed.facts) for deed in store.read(accounts.deeds)]
    assert noted == [(READ_RAW, PAGE, {"about": delivery.id})]


def test_only_operators_are_shown_a_body(world: World) -> None:
    delivery = unreadable(world)
    real(world)
    for person, status in (("U0MORI", 403), ("U0TANAKA", 403), ("U0LEAD", 200)):
        world.sign_in(person)
        page = get(world, f"/deliveries/{delivery.id}")
        assert not page.all("pre") and ("管理者だけ" in page.text) == (status == 403)
        assert press(world, f"/bodies/{delivery.id}").status_code == status
    assert [deed.person for deed in store.read(accounts.deeds) if deed.deed == READ_RAW] == ["U0LEAD"]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"token": "SEC\\"RET", "x": "y"}', b'{"token": "***", "x": "y"}'),
        (b"command=%2Fx&token=SECRET&trigger_id=1.SECRET&text=y", b"command=%2Fx&token=***&trigger_id=***&text=y"),
        (b"payload=%7B%22trigger_id%22%3A%221.SECRET%22%2C%22x", b"payload=%7B%22trigger_id%22%3A%22***%22%2C%22x"),
        (
            b'{"Authorization":"SECRET","a":"mori.m@kanade.example"}',
            b'{"Authorization":"***","a":"m***@kanade.example"}',
        ),
        (b"a=mori%40kanade.example", b"a=m***%40kanade.example"),
    ],
)
def test_secrets_and_addresses_are_masked(body: bytes, shown: bytes) -> None:
    assert scrubbed(body) == shown


def test_of_what_nobody_acts_on_it_is_said_that_nothing_was_kept(world: World) -> None:
    body = json.dumps({"webhookEvent": "x", "text": "秘密"}, ensure_ascii=False).encode()
    world.post("jira", world.jira.signed(body), body)
    [delivery] = world.deliveries()
    page = get(world, f"/deliveries/{delivery.id}")
    assert "処理の対象ではない種類のため、本文は保存していません。" in page.text and "秘密" not in page.text


def test_a_forgotten_body_is_said_to_be_forgotten(world: World) -> None:
    delivery = unreadable(world)
    store.write(lambda session: setattr(session.get_one(Delivery, delivery.id), "body", b""))
    assert "保存期間を過ぎています" in get(world, f"/deliveries/{delivery.id}").text
    assert "保存期間を過ぎています" in press(world, f"/deliveries/{delivery.id}").text


# -- dead letters ---------------------------------------------------------------------------------


def test_a_dead_letter_names_the_field(world: World) -> None:
    unreadable(world)
    text = get(world, "/deliveries?state=dead").text
    assert "読み取れませんでした" in text and "changelog" in text


@pytest.mark.fault("F85")
def test_a_replay_says_beforehand_what_it_does(world: World) -> None:
    run = refused(world)
    forms = get(world, f"/deliveries/{run.id}").all("main")[0].all("form", method="post")
    [form] = [each for each in forms if each.attributes["action"].startswith("/deliveries/")]
    assert form.attributes["action"].endswith(run.id.partition(":")[2])
    assert "済んだことは繰り返しません" in get(world, "/deliveries?state=dead").text


@pytest.mark.fault("F85")
def test_a_replayed_run_does_the_rest_once(world: World) -> None:
    run = refused(world)
    assert world.feedback(0)[0].note_id == ""
    answer = press(world, f"/deliveries/{run.id}")
    assert answer.status_code == 200 and "再実行しています。" in answer.text
    world.settle()
    assert world.feedback(0)[0].note_id
    assert len(world.feedback(0)) == len(world.notes(0)) == 1
    assert "完了" in get(world, f"/deliveries/{run.id}").all("span", class_="state")[0].text


def test_what_still_cannot_be_read_says_so(world: World) -> None:
    delivery = unreadable(world)
    answer = press(world, f"/deliveries/{delivery.id}")
    assert "まだ読み取れません" in answer.text
    assert [each.state for each in world.deliveries()] == [DEAD]


def test_what_can_be_read_by_now_starts_its_run(world: World) -> None:
    world.jira.move("KNDE-12", "完了")
    [(_, _, body)] = world.held()
    unreadable(world)
    [delivery] = world.deliveries()
    store.write(lambda session: setattr(session.get_one(Delivery, delivery.id), "body", body))
    assert "再実行しています。" in press(world, f"/deliveries/{delivery.id}").text
    world.settle()
    [delivery] = world.deliveries()
    assert (delivery.topic, delivery.state) == ("jira:issue_updated", IGNORED)
    assert "待っている要望はありません" in get(world, f"/deliveries/{delivery.id}").text


def test_nothing_is_replayed_that_is_not_there(world: World) -> None:
    assert press(world, "/deliveries/jira:none").status_code == 404
    assert world.request("POST", "/deliveries/%00", headers=SAME_ORIGIN | {"Content-Length": "0"}).status_code == 404


@pytest.mark.parametrize("language", ["ja", "en"])
def test_replay_answers_in_the_readers_language(world: World, language: str) -> None:
    run = refused(world)
    answer = press(world, f"/deliveries/{run.id}?lang={language}")
    assert {"ja": "再実行しています。", "en": "Running again."}[language] in answer.text


def test_lists_do_not_load_bodies(world: World) -> None:
    store.write(lambda session: session.add(received("jira:1", body=b"x" * 10)))
    [row] = store.read(lambda session: deliveries.deliveries(session))
    assert "body" not in row.__dict__
