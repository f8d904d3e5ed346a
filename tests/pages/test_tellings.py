"""Who has not been told: why, whose turn it is, and the two figures whose lists hold exactly what they count."""

from __future__ import annotations

from functools import partial

import pytest
from sqlmodel import Session, select

from tests.pages.reading import Element, flat, get
from tests.pages.signing_in import real
from tests.releasing import released, soon, telling
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.overview import untold
from workflows.people.person import Person
from workflows.rules.telling import Sending
from workflows.tables.telling import Telling
from workflows.telling import approval
from workflows.telling.approval import Key

PM = Person("U0LEAD", "斎藤 真理")


def rows(page: Element) -> list[str]:
    """How those on the list stand."""
    return [row.attributes["data-standing"] for row in page.all("tr") if "data-standing" in row.attributes]


def aged(days: int, session: Session) -> None:
    """Everybody has been owed word for so long."""
    for row in session.exec(select(Telling)):
        row.owed_at = now_ms() - days * DAY_MS


@pytest.mark.parametrize("query", ["standing=x", "late=8", "agent=%00", "company=%25", "release=NO-1", "start=x"])
def test_what_the_address_says_wrongly_is_left_out_or_finds_nothing(world: World, query: str) -> None:
    released(world, 0)
    page = get(world, f"/tellings?{query}")
    found = query.startswith(("standing", "late", "agent", "start"))
    assert rows(page) == (["drafted"] if found else [])


def test_without_anybody_it_says_so(world: World) -> None:
    assert "連絡を待っているお客様はいません" in get(world, "/tellings").text


def test_each_filter_narrows(world: World) -> None:
    released(world, 0, 2)
    approval.set_aside(Key(telling(world, 2).release_id, world.chats[2]), "解約されました", PM)
    assert rows(get(world, "/tellings")) == ["drafted"]
    page = get(world, "/tellings?standing=excused")
    assert rows(page) == ["excused"] and "解約されました" in page.text
    agent = world.feedback(0)[0].taken_by_name
    assert rows(get(world, f"/tellings?agent={agent}")) == ["drafted"]
    assert rows(get(world, "/tellings?release=knde-12")) == ["drafted"]
    assert rows(get(world, "/tellings?agent=nobody")) == []


def test_the_figures_lead_to_exactly_what_they_count(world: World) -> None:
    released(world, 0, 2, 3)
    assert "まだ集計できません" in get(world, "/tellings").text
    world.intercom.agent_says(world.chats[0], "7001", "使えるようになりました。", at=soon())
    world.settle()
    store.write(partial(aged, 8))
    store.write(
        lambda session: setattr(
            session.exec(select(Telling).where(Telling.state == "told")).one(), "owed_at", now_ms() - 9 * DAY_MS
        )
    )
    found, later = store.read(partial(untold.covered, now=now_ms()))
    assert (found.owed, found.told, found.percent) == (3, 0, 0), "told after eight days is not told within seven"
    page = get(world, "/tellings")
    [link] = [link for link in page.all("a") if link.attributes.get("data-late") == "7"]
    assert "遅れ 3件" in flat(link)
    assert sorted(rows(get(world, link.attributes["href"]))) == ["drafted", "drafted", "told"]
    assert (later.owed, later.percent) == (0, None)


def test_told_in_time_counts(world: World) -> None:
    released(world, 0)
    world.intercom.agent_says(world.chats[0], "7001", "使えるようになりました。", at=soon())
    world.settle()

    def long_ago(session: Session) -> None:
        row = session.exec(select(Telling)).one()
        row.owed_at, row.told_at = now_ms() - 31 * DAY_MS, now_ms() - 30 * DAY_MS

    store.write(long_ago)
    assert [each.percent for each in store.read(partial(untold.covered, now=now_ms()))] == [100, 100]


def test_the_same_as_a_file_for_admins(world: World) -> None:
    released(world, 0)
    answer = world.request("GET", "/tellings.csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and "KNDE-12" in lines[1] and "承認待ち" in lines[1]
    real(world)
    world.sign_in("U0TANAKA")
    assert world.request("GET", "/tellings.csv").status_code == 403


def test_the_same_in_english(world: World) -> None:
    released(world, 0)
    page = get(world, "/tellings?lang=en")
    for said in ("Not notified", "To approve", "Notified within 7 days"):
        assert said in page.text, said


def test_the_request_says_how_its_telling_stands_and_leads_to_the_draft(world: World) -> None:
    released(world, 0)
    page = get(world, "/feedback/1")
    [link] = [link for link in page.all("a") if link.attributes.get("href", "").startswith("/drafts?at=")]
    assert get(world, link.attributes["href"]).all("form", id="approve")
    assert "承認待ち" in page.text


def test_home_counts_exactly_the_drafts_of_its_list(world: World) -> None:
    released(world, 0, 2)
    page = get(world, "/", cookie="me=U0TANAKA")
    [number] = [link for link in page.all("a") if link.attributes.get("data-total") == "drafts"]
    listed = get(world, number.attributes["href"], cookie="me=U0TANAKA")
    assert int(number.text) == len([a for a in listed.all("a") if "data-draft-name" in a.attributes]) > 0
    badge = page.all("nav", id="rooms")[0].all("a", href="/board")[0].all("span", class_="badge")[0]
    assert badge.text == number.text


def test_what_was_sent_is_laid_beside_what_was_approved(world: World) -> None:
    released(world, 0)
    store.write(partial(_sent, "山本様、CSV出力に列を追加しました。", "山本様、Excel出力に列を追加しました。"))
    wish = world.feedback(0)[0]
    issue = telling(world, 0).release_id.partition(":")[0]
    for path in ("/tellings?late=7", f"/releases/{issue}", f"/feedback/{wish.id}"):
        [details] = get(world, path).all("details", class_="difference")
        assert [each.text for each in details.all("del")] == ["[削除: CSV]"]
        assert [each.text for each in details.all("ins")] == ["[追加: Excel]"]
    store.write(partial(_sent, "同じです。", " 同じです。\n"))
    assert not get(world, "/tellings?late=7").all("details", class_="difference")


def _sent(approved: str, sent: str, session: Session) -> None:
    for row in session.exec(select(Telling)):
        row.state, row.approved, row.sent, row.told_by, row.channel = "told", approved, sent, "田中 みなみ", "chat"
        row.owed_at = now_ms() - 40 * DAY_MS
        row.told_at = now_ms() - DAY_MS


def test_what_is_told_in_one_message_says_with_what(world: World) -> None:
    with world.rules(sending=Sending(gather_days=7)):
        world.wish(0)
        for key in ("KNDE-12", "KNDE-15"):
            released(world, 0, key=key)
    page = get(world, "/tellings")
    assert sorted(each for each in ("KNDE-12", "KNDE-15") if f"{each}とあわせて1通で送信します。" in page.text) == [
        "KNDE-12",
        "KNDE-15",
    ]
    [first] = [each for each in get(world, "/drafts?whose=all").all("a") if "data-draft-name" in each.attributes]
    one = get(world, f"/drafts/one?at={first.attributes['data-draft-name']}")
    assert "とあわせて1通で送信します。" in one.text


def test_what_comes_back_another_day_says_when(world: World) -> None:
    with world.rules(sending=Sending(open_per_day=1)):
        released(world, 0, 2)
        page = get(world, "/tellings?standing=owed")
    assert rows(page) == ["owed"] and "に再開" in page.text


# -- what they did with it -------------------------------------------------------------------------


@pytest.fixture
def told(world: World) -> World:
    """Four customers were told: one thanked, one rated, one asked for the same again, one did nothing."""
    chats = (0, 2, 3, 4)
    released(world, *chats)
    for chat in chats:
        world.intercom.agent_says(world.chats[chat], "7001", "ご利用いただけます。", at=soon())
    world.settle()
    world.intercom.customer_says(world.chats[0], "ありがとうございます。", at=soon() + 1)
    world.settle()
    again = world.feedback(0)[0]
    for chat, reaction, more in ((2, "rated", {"rating": 2}), (3, "again", {"asked_again": again.id, "rating": 5})):
        row = telling(world, chat)
        changed = {"reaction": reaction, "reacted_at": now_ms(), **more}
        store.write(
            lambda s, row=row, changed=changed: (
                s.get_one(Telling, (row.release_id, row.conversation_id)).sqlmodel_update(changed) and None
            )
        )
    return world


def test_where_nobody_was_told_nobody_reacted(world: World) -> None:
    released(world, 0)
    counts = {link.attributes["data-reaction"]: flat(link) for link in links(get(world, "/tellings?lang=en"))}
    assert counts == {
        "told": "Notified 0",
        "thanks": "Said thank you 0",
        "rated": "Rated it 0",
        "used": "Used it 0",
        "again": "Asked again 0",
    }
    issue = world.stage.issues["KNDE-12"]
    assert "data-thanks" not in str(world.request("GET", f"/releases/{issue}").text)


def links(page: Element) -> list[Element]:
    return [link for link in page.all("a") if "data-reaction" in link.attributes]


def test_each_reaction_leads_to_exactly_whom_it_counts(told: World) -> None:
    for link in links(get(told, "/tellings?lang=en")):
        count = int(flat(link).rpartition(" ")[2])
        listed = get(told, link.attributes["href"])
        assert rows(listed) == ["told"] * count, link.attributes["href"]
    assert rows(get(told, "/tellings?reaction=nothing")) == []


def test_a_reaction_says_what_it_was(told: World) -> None:
    page = flat(get(told, "/tellings?reaction=told&lang=en"))
    assert "Said thank you" in page and "Rated it 2 out of 5" in page
    again = flat(get(told, "/tellings?reaction=again&lang=ja"))
    assert "再度のご要望" in again and "5段階中5の評価" in again and f"FB-{told.feedback(0)[0].id}" in again


def test_a_release_says_which_share_thanked_and_who_asked_again(told: World) -> None:
    page = get(told, f"/releases/{told.stage.issues['KNDE-12']}?lang=en")
    [covered] = page.all("dl", class_="covered")
    assert "25% 1 / 4" in flat(covered) and flat(covered).endswith("1")
    for link in covered.all("a"):
        assert len(rows(get(told, link.attributes["href"]))) == int(link.text)
    assert "Rated it 2 out of 5" in flat(page)


def test_the_file_says_what_they_did(told: World) -> None:
    text = told.request("GET", "/tellings.csv?reaction=thanks&lang=en").content.decode("utf-8-sig")
    assert "Said thank you" in text and "Rated it" not in text


def test_real_people_see_it_too(told: World) -> None:
    real(told)
    told.sign_in()
    assert len(links(get(told, "/tellings"))) == 5
