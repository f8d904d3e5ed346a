"""Releases: what is done and to whom it is available, and the ledger whose sum is everybody who asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from sqlmodel import Session

from tests.linking import address
from tests.pages.reading import SAME_ORIGIN, Element, button, fields, flat, get, press, read
from tests.pages.signing_in import real
from tests.releasing import soon, telling
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.overview import releases
from workflows.people.person import Person
from workflows.rules.telling import Gate, Sending
from workflows.tables.customer import Company
from workflows.tables.telling import Release, Telling
from workflows.telling import approval, drafts, publish, requesters, sending, waiters, waves
from workflows.telling.approval import Key
from workflows.telling.publish import Wanted

PM = Person("U0LEAD", "斎藤 真理")


@pytest.fixture(autouse=True)
def gate(world: World) -> Iterator[None]:
    """Finished issues wait for their release."""
    with world.rules(gate=Gate("release")):
        yield


def done(world: World, *chats: int) -> str:
    """These chats hold requests for an issue that is done; its id."""
    for chat in chats:
        world.jira.comment_by_hand("KNDE-12", address(world.wish(chat)))
    world.settle()
    world.move("KNDE-12", "完了")
    world.settle()
    return world.jira.find("KNDE-12").id


def company(world: World, chat: int) -> str:
    """The company that asked in a chat."""
    return world.feedback(chat)[0].company_id or ""


def tally(page: Element) -> dict[str, int]:
    """How many stand how, as the page says."""
    chips = [link for link in page.all("a") if "data-standing" in link.attributes]
    return {link.attributes["data-standing"]: int(link.all("b")[0].text) for link in chips}


def ledger_of(page: Element) -> dict[str, str]:
    """How each requester stands, by code."""
    return {
        row.attributes["data-name"]: row.attributes["data-standing"]
        for row in page.all("tr")
        if "data-standing" in row.attributes
    }


def publish_here(world: World, issue: str, **typed: str) -> Element:
    """An audience is chosen on the page: what it says before anything happens."""
    form = button(get(world, f"/releases/{issue}"), "publish")
    answer = press(world, f"/releases/{issue}/publish", **({"once": fields(form)["once"]} | typed))
    return read(answer.text)


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/releases/404", "/releases/%00", "/releases/x%2Fy"])
def test_what_was_never_finished_has_no_page(world: World, path: str) -> None:
    get(world, path, 404)
    assert press(world, f"{path}/undo").status_code == 404


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"audience": "nobody"}, "audience", "選択してください"),
        ({"audience": "share", "share": "101"}, "share", "1から100"),
        ({"audience": "companies", "companies": "\n どこにもない会社\n"}, "names", "どこにもない会社"),
        ({"audience": "companies"}, "names", ""),
        ({"audience": "all", "when": "later", "at": "いつか"}, "at", "日時を入力してください"),
        ({"audience": "all", "when": "later", "at": "2020-01-01T09:00"}, "at", "これからの日時"),
        ({"audience": "all", "when": "later", "at": "2099-01-01T09:00"}, "at", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    world: World, typed: dict[str, str], field: str, said: str
) -> None:
    issue = done(world, 0)
    page = publish_here(world, issue, **typed, sure="yes")
    [fault] = page.all("p", id=f"wrong-{field}")
    assert said in fault.text or fault.text.isascii(), fault.text
    if "companies" in typed:
        assert page.all("textarea", id="companies")[0].text.strip() == typed["companies"].strip()
    if typed.get("share"):
        assert page.all("input", id="share")[0].attributes["value"] == typed["share"]
    assert store.read(waves.held)


@pytest.mark.parametrize("demo", [True, False], ids=["demo", "service"])
def test_viewers_look_and_press_nothing(world: World, demo: bool) -> None:
    issue = done(world, 0)
    if not demo:
        real(world)
        world.sign_in("U0MORI")
    who = {"cookie": "me=U0HAYASHI"} if demo else {}
    page = get(world, f"/releases/{issue}", **who)
    forms = [form for form in page.all("form") if form.attributes.get("action", "").startswith("/releases")]
    if demo:
        return
    assert forms == []
    for verb in ("publish", "call-off", "undo"):
        assert press(world, f"/releases/{issue}/{verb}", audience="all", sure="yes").status_code == 403
    assert store.read(waves.held)


# -- the list -------------------------------------------------------------------------------------


def test_without_anything_the_page_says_what_makes_a_release(world: World) -> None:
    assert "要望に紐付く課題がJiraで完了すると" in get(world, "/releases").text


def test_each_list_holds_what_it_says(world: World) -> None:
    issue = done(world, 0, 2)

    def lists() -> dict[str, int]:
        return {show: len(store.read(partial(releases.found, show=show))[0]) for show in releases.SHOWS}

    assert lists() == {"all": 1, "held": 1, "moving": 0, "over": 0} == store.read(releases.counts)
    publish.publish(issue, Wanted("companies", (company(world, 0),)), by=PM, origin="form:1")
    world.settle()
    assert lists() == {"all": 1, "held": 0, "moving": 1, "over": 0} == store.read(releases.counts)
    publish.publish(issue, Wanted(), by=PM, origin="form:2")
    world.settle()
    for chat in (0, 2):
        world.intercom.agent_says(world.chats[chat], "7001", "使えるようになりました。", at=soon())
    world.settle()
    assert lists() == {"all": 1, "held": 0, "moving": 0, "over": 1} == store.read(releases.counts)
    page = get(world, "/releases?show=over")
    assert "KNDE-12" in page.text and tally(page) == {"told": 2}


# -- to whom --------------------------------------------------------------------------------------


def test_whom_it_reaches_is_said_before_anything_happens(world: World) -> None:
    issue = done(world, 0, 2)
    page = publish_here(world, issue, audience="companies", company=company(world, 0))
    assert "この公開で会話 1件が再開します" in flat(page)
    assert store.read(waves.held), "nothing is released by looking"
    [form] = page.all("section", id="foreseen")[0].all("form")
    answer = world.request("POST", form.attributes["action"], data=fields(form), headers=SAME_ORIGIN)
    assert answer.status_code == 303
    world.request("POST", form.attributes["action"], data=fields(form), headers=SAME_ORIGIN)  # a double click
    world.settle()
    page = get(world, f"/releases/{issue}")
    assert tally(page) == {"unreached": 1, "drafted": 1}
    assert len(page.all("li", class_="entry")) == 1
    assert "一部に公開中" in page.text


def test_once_everybody_can_use_it_there_is_nobody_left_to_release_it_to(world: World) -> None:
    issue = done(world, 0, 2)
    assert "Everybody who asked can use it." not in flat(get(world, f"/releases/{issue}?lang=en"))
    publish.publish(issue, Wanted(), by=PM, origin="form:1")
    world.settle()
    page = get(world, f"/releases/{issue}?lang=en")
    assert "Everybody who asked can use it." in flat(page)
    assert not [form for form in page.all("form") if form.attributes.get("action", "").endswith("/publish")]


def test_a_company_is_named_as_people_name_it(world: World) -> None:
    issue = done(world, 0, 2)
    name = store.read(lambda session: session.get_one(Company, company(world, 2)).name)
    page = publish_here(world, issue, audience="companies", companies=f"\n{name}\n")
    assert "この公開で会話 1件が再開します" in flat(page)


def test_a_planned_wave_is_canceled_once(world: World) -> None:
    issue = done(world, 0)
    publish.publish(issue, Wanted(at=now_ms() + 86_400_000), by=PM, origin="form:1")
    page = get(world, f"/releases/{issue}")
    assert "公開予定" in page.text
    form = button(page, "call-off")
    for said in ("公開予定を取り消しました", "取り消せませんでした"):
        answer = press(world, form.attributes["action"], **fields(form))
        assert said in get(world, answer.headers["location"]).text
    assert store.read(waves.held)


def test_undoing_says_what_happens_and_withdraws(world: World) -> None:
    issue = done(world, 0)
    publish.publish(issue, Wanted(), by=PM, origin="form:1")
    world.settle()
    page = get(world, f"/releases/{issue}")
    assert "まだ送信していない下書き: 1件" in page.all("dialog", id="undo")[0].text
    press(world, f"/releases/{issue}/undo")
    world.settle()
    page = get(world, f"/releases/{issue}")
    assert tally(page) == {"withdrawn": 1} and "公開取りやめ" in page.text
    assert [
        each.attributes["data-name"]
        for each in get(world, "/releases?show=held").all("tr")
        if "data-name" in each.attributes
    ]


def test_what_is_done_but_ended_with_nothing_to_use_is_not_said_to_be_unfinished(world: World) -> None:
    with world.rules(gate=Gate()):
        issue = done(world, 0)
        world.jira.set_resolution("KNDE-12", "対応しない")
        world.settle()
    page = get(world, f"/releases/{issue}").text
    assert "公開するものがないままJiraで終了" in page and "Jiraで未完了に戻りました" not in page
    world.move("KNDE-12", "進行中")
    page = get(world, f"/releases/{issue}").text
    assert "公開するものがないままJiraで終了" not in page and "Jiraで未完了に戻りました" in page


def test_who_had_been_told_of_what_was_taken_back_has_an_apology_in_sight(world: World) -> None:
    issue = done(world, 0, 2)
    publish.publish(issue, Wanted(), by=PM, origin="form:1")
    world.settle()
    chat = telling(world, 0).conversation_id
    assert apologies(get(world, f"/releases/{issue}")) == []
    tell(world, f"{issue}:1", chat)
    press(world, f"/releases/{issue}/undo")
    world.settle()
    page = get(world, f"/releases/{issue}")
    assert apologies(page) == ["drafted"] and "お詫び 承認待ち" in flat(page)
    tell(world, f"{issue}:1:reopened", chat)
    page = get(world, f"/releases/{issue}")
    assert apologies(page) == ["told"] and "お詫び送信済み" in flat(page)
    [apology] = page.all("p", class_="apology")
    assert apology.all("a") == []  # nothing is left to do about it
    assert tally(get(world, f"/releases/{issue}")) == {"told": 1, "withdrawn": 1}


def apologies(page: Element) -> list[str]:
    """How each apology stands that the ledger shows."""
    return [each.attributes["data-apology"] for each in page.all("p", class_="apology")]


def tell(world: World, release_id: str, chat: str) -> None:
    """Somebody approves it as it is drafted, and it goes out."""
    with world.rules(sending=Sending(undo_seconds=0, at_any_hour=True)):
        draft = store.read(lambda session: session.get_one(Telling, (release_id, chat)).draft)
        tanaka = world.intercom.books.admins["7001"]
        assert not approval.approve(Key(release_id, chat), draft, Person("U0TANAKA", tanaka.name, tanaka.email))
        sending.start_due()
        world.settle()


# -- the ledger -----------------------------------------------------------------------------------


def test_the_sum_is_everybody_who_asked_at_every_step(world: World) -> None:
    issue = done(world, 0, 2, 3)

    def counted(session: Session) -> Counter[str]:
        release = session.get_one(Release, f"{issue}:1")
        counts = requesters.counted(session, [release.id])[release.id]
        listed, more = requesters.listed(session, release)
        assert sum(counts.values()) == len(waiters.waited(session, release)) == len(listed) and not more
        assert Counter(each.standing for each in listed) == counts
        for name in requesters.STANDINGS:
            assert len(requesters.listed(session, release, name)[0]) == counts[name], name
        return counts

    def whole() -> Counter[str]:
        return store.read(counted)

    assert whole() == {"unreached": 3}
    publish.publish(issue, Wanted("companies", (company(world, 0), company(world, 2))), by=PM, origin="form:1")
    assert whole() == {"owed": 2, "unreached": 1}
    world.settle()
    assert whole() == {"drafted": 2, "unreached": 1}
    approval.set_aside(Key(telling(world, 2).release_id, world.chats[2]), "解約されました", PM)
    world.intercom.agent_says(world.chats[0], "7001", "使えるようになりました。", at=soon())
    world.settle()
    assert whole() == {"told": 1, "excused": 1, "unreached": 1}
    page = get(world, f"/releases/{issue}")
    assert sum(tally(page).values()) == 3 == len(ledger_of(page))
    assert "解約されました" in page.text and "使えるようになりました。" in page.text
    assert set(ledger_of(get(world, f"/releases/{issue}?standing=told")).values()) == {"told"}


def test_how_a_row_stands_is_the_same_in_the_database(world: World) -> None:
    issue = done(world, 0)
    publish.publish(issue, Wanted(), by=PM, origin="form:1")
    world.settle()
    row = telling(world, 0)
    for approved_at, send_at, expected in ((None, None, "drafted"), (5, None, "for-lead"), (5, 6, "approved")):
        store.write(partial(_approved, row.release_id, row.conversation_id, approved_at, send_at))
        assert drafts.standing(telling(world, 0)) == expected
        assert store.read(lambda session: drafts.totals(session, row.release_id)) == {expected: 1}


def _approved(release_id: str, chat: str, approved_at: int | None, send_at: int | None, session: Session) -> None:
    row = session.get_one(Telling, (release_id, chat))
    row.approved_at, row.send_at = approved_at, send_at


def test_the_same_in_english(world: World) -> None:
    issue = done(world, 0)
    page = get(world, f"/releases/{issue}?lang=en")
    assert "Waiting for release" in page.text and "Check who will be notified" in page.text
