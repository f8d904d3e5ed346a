"""Drafts on the pages: whose they are, what is sent in whose name, undoing it, and approving several at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from tests.linking import address
from tests.meeting import filed
from tests.pages.reading import SAME_ORIGIN, Element, fields, flat, get, press, read
from tests.pages.signing_in import real
from tests.releasing import released, telling
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.people import accounts
from workflows.people.may import TELL
from workflows.people.person import Person
from workflows.rules import rules
from workflows.rules.telling import Sending
from workflows.tables.telling import Telling
from workflows.tables.wish import FeedbackIssue
from workflows.telling import daily, desk, drafts, sending, taking
from workflows.wish import corrections

TANAKA = {"cookie": "me=U0TANAKA"}
TEXT = "山本様、お世話になっております。CSV出力に部署コードの列を追加しました。"


@pytest.fixture(autouse=True)
def by_day(world: World) -> Iterator[None]:
    """What is approved goes out a minute later, at any hour."""
    with world.rules(sending=Sending(undo_seconds=60, at_any_hour=True)):
        yield


def name(world: World, chat: int = 0) -> str:
    """How addresses name what a chat is owed."""
    return desk.name_of(telling(world, chat))


def how(world: World, chat: int = 0) -> str:
    """How it stands."""
    return drafts.standing(telling(world, chat))


def listed(page: Element) -> list[str]:
    """The drafts that wait for somebody, top first."""
    every = [link.attributes["data-draft-name"] for link in page.all("a") if "data-draft-name" in link.attributes]
    return [name for name in every if name not in outgoing(page)]


def outgoing(page: Element) -> list[str]:
    """What is approved and not sent yet, the next one first."""
    return [link.attributes["data-draft-name"] for rows in page.all("ol", id="outgoing") for link in rows.all("a")]


def as_tanaka(world: World, path: str, **form: str) -> Element:
    """A button that the agent of the first chats presses, and the page to which it leads."""
    answer = world.request("POST", path, data=form | _seal(world), headers=SAME_ORIGIN | {"Cookie": "me=U0TANAKA"})
    if answer.status_code == 303:
        return get(world, answer.headers["location"], **TANAKA)
    return read(answer.text)


def _seal(world: World) -> dict[str, str]:
    return {"csrf": next(each.attributes["content"] for each in get(world, "/", **TANAKA).all("meta", name="csrf"))}


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["4711:9/215", "x", "decision:7/1", "%00/1", "4711:2"])
def test_what_is_no_draft_is_not_there(world: World, named: str) -> None:
    get(world, f"/drafts?at={named}", 404)
    get(world, f"/drafts/one?at={named}", 404)
    assert press(world, f"/drafts/approve/{named}", text=TEXT).status_code == 404


@pytest.mark.parametrize("text", [" ", "あ" * 4001])
def test_a_text_that_cannot_be_sent_stays_where_it_was_typed(world: World, text: str) -> None:
    released(world, 0)
    page = as_tanaka(world, f"/drafts/approve/{name(world)}", text=text)
    assert page.all("p", id="wrong-text") and page.all("textarea", id="text")[0].text == text
    assert page.all("nav", class_="tabs")  # the way out is where it was
    assert how(world) == "drafted"


def test_a_customer_is_not_left_out_without_a_reason(world: World) -> None:
    released(world, 0)
    page = as_tanaka(world, f"/drafts/aside/{name(world)}", reason=" ")
    assert page.all("p", id="wrong-reason") and how(world) == "drafted"
    page = as_tanaka(world, f"/drafts/aside/{name(world)}", reason="解約されました")
    assert (how(world), listed(page)) == ("excused", [])


def test_while_intercom_is_silent_the_text_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from integrations.contract import Transient
    from workflows.telling import approval

    released(world, 0)

    def silent(*_: object, **__: object) -> str:
        raise Transient("Intercom did not answer (ReadTimeout)")

    monkeypatch.setattr(approval, "approve", silent)
    page = as_tanaka(world, f"/drafts/approve/{name(world)}", text=TEXT)
    assert "Intercomに接続できません" in page.text and page.all("textarea", id="text")[0].text == TEXT


def test_what_somebody_took_over_is_sent_by_others_only_once_they_have_agreed(world: World) -> None:
    released(world, 0)
    assert taking.take(desk.key_of(name(world)), Person("U0MORI", "森 拓也"), "form:1") == ""
    page = as_tanaka(world, f"/drafts/approve/{name(world)}", text=TEXT)
    assert how(world) == "with-owner" and "森 拓也さんが引き継ぎ" in page.text
    assert page.all("textarea")[0].text.strip() == TEXT
    [box] = get(world, "/drafts/together?whose=all", **TANAKA).all("input", type="checkbox")
    page = as_tanaka(world, "/drafts/together", ticked=box.attributes["value"], whose="all")
    assert how(world) == "with-owner" and "森 拓也さんが引き継ぎ" in page.text
    [sure] = get(world, f"/drafts?at={name(world)}", **TANAKA).all("input", type="checkbox")
    assert "森 拓也さんに確認済み" in get(world, f"/drafts?at={name(world)}", **TANAKA).text
    as_tanaka(world, f"/drafts/approve/{name(world)}", text=TEXT, **{sure.attributes["name"]: "yes"})
    assert how(world) == "approved"


def test_whoever_took_it_over_sends_it_without_being_asked(world: World) -> None:
    released(world, 0)
    assert taking.take(desk.key_of(name(world)), Person("U0TANAKA", "田中 みなみ"), "form:1") == ""
    assert get(world, f"/drafts?at={name(world)}", **TANAKA).all("input", type="checkbox") == []
    as_tanaka(world, f"/drafts/approve/{name(world)}", text=TEXT)
    assert how(world) == "approved"


def test_viewers_approve_nothing(world: World) -> None:
    released(world, 0)
    real(world)
    world.sign_in("U0MORI")
    page = get(world, f"/drafts?whose=all&at={name(world)}")
    assert all(
        form.attributes["action"].startswith("/drafts/take/")  # it is their company's
        for form in page.all("form")
        if form.attributes.get("action", "").startswith("/drafts")
    )
    for verb in ("approve", "aside", "undo"):
        assert press(world, f"/drafts/{verb}/{name(world)}", text=TEXT, reason="x").status_code == 403
    assert press(world, "/drafts/together").status_code == 403
    assert how(world) == "drafted"


# -- one after the other --------------------------------------------------------------------------


@pytest.mark.parametrize("demo", [True, False], ids=["demo", "service"])
def test_an_agent_sees_their_own_and_can_see_all(world: World, demo: bool) -> None:
    released(world, 0, 2)
    if not demo:
        real(world)
        world.sign_in("U0TANAKA")
    mine = {row.conversation_id for row in store.read(lambda session: desk.to_do(session, ["7001"], is_lead=False))}
    page = get(world, "/drafts", **(TANAKA if demo else {}))
    assert {each.partition("/")[2] for each in listed(page)} == mine and mine
    assert len(listed(get(world, "/drafts?whose=all", **(TANAKA if demo else {})))) == 2


def test_one_is_approved_and_the_next_is_in_focus_with_time_to_undo(world: World) -> None:
    released(world, 0, 2)
    whose = {"whose": "all"}
    first, second = listed(get(world, "/drafts?whose=all", **TANAKA))
    page = as_tanaka(world, f"/drafts/approve/{first}", text=TEXT, **whose)
    [now] = page.all("section", id="approved")
    assert "に送信します" in flat(now) and now.all("button")
    assert listed(page) == [second] and page.all("article", id="one")[0].attributes["data-name"] == second
    assert drafts.standing(_telling(first)) == "approved" and _telling(first).approved_name == "田中 みなみ"
    page = as_tanaka(world, f"/drafts/undo/{first}", **whose)
    assert "下書きに戻しました" in page.text and listed(page) == [first, second]
    assert page.all("textarea", id="text")[0].text == TEXT
    assert sending.start_due() == 0


def test_what_is_approved_can_go_out_without_waiting(world: World) -> None:
    released(world, 0)
    [name] = listed(get(world, "/drafts?whose=all", **TANAKA))
    assert "この会話には、送信するものがもうありません。" in as_tanaka(world, f"/drafts/now/{name}", whose="all").text
    page = as_tanaka(world, f"/drafts/approve/{name}", text=TEXT, whose="all")
    assert page.all("form", action=f"/drafts/now/{name.replace(':', '%3A')}") and sending.start_due() == 0
    as_tanaka(world, f"/drafts/now/{name}", whose="all")
    assert sending.start_due() == 0  # it is on its way
    world.settle()
    assert drafts.standing(_telling(name)) == "told"


def test_the_log_tells_what_was_done_with_a_draft_from_an_approval(world: World) -> None:
    released(world, 0, 2)
    first, second = listed(get(world, "/drafts?whose=all", **TANAKA))
    for act in ("approve", "undo", "approve", "now"):
        as_tanaka(world, f"/drafts/{act}/{first}", text=TEXT, whose="all")
    as_tanaka(world, f"/drafts/aside/{second}", reason="お電話で解決済み", whose="all")
    said = [each.sentence.partition(":")[0] for each in reversed(store.read(accounts.deeds)) if each.deed == TELL]
    approved = "Approved a message to a customer"
    assert said == [
        *(approved, "Undid the approval of a message to a customer", approved),
        *("Sent an approved message to a customer at once", "Decided not to notify a customer"),
    ]
    for each in ("承認を取り消しました", "今すぐ送信しました", "お客様に連絡しないことにしました"):
        assert f"{each}: FB-" in get(world, "/audit").text


def test_whatever_is_approved_stays_in_sight_until_it_is_sent(world: World) -> None:
    """Two are approved with the keys, one after the other: the first can still be undone, or sent at once."""
    released(world, 0, 2)
    first, second = listed(get(world, "/drafts?whose=all", **TANAKA))
    for name in (first, second):
        as_tanaka(world, f"/drafts/approve/{name}", text=TEXT, whose="all")
    page = get(world, "/drafts?whose=all", **TANAKA)
    assert outgoing(page) == [first, second] and listed(page) == []
    panel = get(world, f"/drafts/one?at={first}&whose=all", **TANAKA)
    actions = [form.attributes["action"].replace("%3A", ":") for form in panel.all("form")]
    assert actions == [f"/drafts/undo/{first}", f"/drafts/now/{first}"]
    page = as_tanaka(world, f"/drafts/undo/{first}", whose="all")
    assert (outgoing(page), listed(page)) == ([second], [first])
    as_tanaka(world, f"/drafts/now/{second}", whose="all")
    assert outgoing(get(world, "/drafts?whose=all", **TANAKA)) == []


def test_what_waits_for_another_day_says_so_and_can_go_out_in_spite_of_that(world: World) -> None:
    released(world, 0, 2)
    first, second = listed(get(world, "/drafts?whose=all", **TANAKA))
    with world.rules(sending=Sending(undo_seconds=0, at_any_hour=True, per_day=1)):
        as_tanaka(world, f"/drafts/approve/{first}", text=TEXT, whose="all")
        as_tanaka(world, f"/drafts/approve/{second}", text=TEXT, whose="all")
        sending.start_due()
        page = get(world, "/drafts?whose=all", **TANAKA)
        [held] = [name for name in (first, second) if daily.waits(_telling(name))]
        assert outgoing(page) == [held] and listed(page) == []
        panel = get(world, f"/drafts/one?at={held}", **TANAKA)
        assert "田中 みなみさんの名前で送るのは1日1件までです。" in panel.text
        assert "田中 みなみさんの名前で送るのは1日1件までです。" in get(world, "/tellings?standing=approved").text
        assert "1日1件までです" in world.request("GET", "/tellings.csv?standing=approved").text
        as_tanaka(world, f"/drafts/now/{held}", whose="all")
        world.settle()
    assert len(world.intercom.did("comment")) == 2


def _telling(named: str) -> Telling:
    release_id, chat = named.split("/")
    return store.read(lambda session: session.get_one(Telling, (release_id, chat)))


def test_what_the_panel_says(world: World) -> None:
    released(world, 0)
    page = get(world, f"/drafts?at={name(world)}", **TANAKA)
    [one] = page.all("article", id="one")
    for said in ("KNDE-12", "田中 みなみさんの名前で送信します。", "承認の60秒後に送信します。", "承認して次へ"):
        assert said in flat(one), said
    assert world.feedback(0)[0].quote in one.text
    piece = get(world, f"/drafts/one?at={name(world)}", **TANAKA)
    assert flat(piece.all("article", id="one")[0]) == flat(one)


def test_a_draft_for_which_nobody_waits_says_so_and_is_set_aside_at_once(world: World) -> None:
    released(world, 0)
    assert "待っている要望はもうありません" not in get(world, f"/drafts?at={name(world)}", **TANAKA).text
    corrections.withdraw(world.feedback(0)[0].id or 0, words="誤り", by=Person("U0LEAD", "斎藤 真理"))
    page = get(world, f"/drafts?at={name(world)}", **TANAKA)
    assert "待っている要望はもうありません" in page.text
    [form] = [each for each in page.all("form") if fields(each).get("reason")]
    as_tanaka(world, form.attributes["action"], **fields(form))
    assert (how(world), telling(world, 0).why) == ("excused", "この会話に、この件を待っている要望はもうありません。")


def test_at_night_it_says_when_it_goes_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.telling import approval

    released(world, 0)
    opening = rules.calendar.start_of(rules.calendar.local(now_ms()).date() + timedelta(days=7))
    monkeypatch.setattr(approval, "now_ms", lambda: opening - 6 * 3_600_000)  # at three in the morning
    with world.rules(sending=Sending(undo_seconds=30)):
        assert "09:00に送信します。" in flat(
            get(world, f"/drafts?at={name(world)}", **TANAKA).all("article", id="one")[0]
        )


def test_what_came_back_says_why(world: World) -> None:
    released(world, 0)
    store.write(partial(_returned, name(world)))
    page = get(world, f"/drafts?at={name(world)}&lang=en", **TANAKA)
    assert sending.REFUSED["chat"] in page.text and "Returned" in page.text


def _returned(named: str, session: object) -> None:
    release_id, chat = named.split("/")
    session.get(Telling, (release_id, chat)).why = sending.REFUSED["chat"]  # type: ignore[attr-defined]


def test_a_lead_finds_what_waits_for_one(world: World) -> None:
    released(world, 0)
    tier = store.read(lambda session: drafts.tiers_of(session, telling(world, 0))).pop()
    with world.rules(sending=Sending(60, True, lead_tiers=(tier,))):
        page = get(world, "/drafts", **TANAKA)
        assert "送信には管理者の承認も必要です。" in page.text
        page = as_tanaka(world, f"/drafts/approve/{name(world)}", text=TEXT)
        assert "管理者の承認を待っています" in page.text and how(world) == "for-lead"
        assert page.all("span", class_="count")[0].text == "0"
        page = get(world, "/drafts")  # the lead of the demo
        assert listed(page) == [name(world)] and "田中 みなみさんの名前で送信します" in page.text
        assert press(world, f"/drafts/approve/{name(world)}", text=TEXT).status_code == 303
    assert (how(world), telling(world, 0).approved_name) == ("approved", "田中 みなみ")


def test_what_was_said_elsewhere_is_told_by_hand(world: World) -> None:
    wish = filed("電話で承りました", "901", conversation_id="hand:1", source="phone", taken_by="7001")
    issue = world.jira.find("KNDE-12").id
    world.jira.comment_by_hand("KNDE-12", address(world.wish(0)))
    world.settle()
    link = FeedbackIssue(feedback_id=wish, issue_id=issue, origin="operator", linked_at=1)
    store.write(lambda session: session.add(link))
    world.move("KNDE-12", "完了")
    world.settle()
    page = get(world, f"/drafts?at={issue}:1/hand:1", **TANAKA)
    assert not page.all("form", id="approve") and "電話で報告した" in page.text
    [form] = [form for form in page.all("form") if form.attributes.get("action") == f"/promises/FB-{wish}/report"]
    as_tanaka(world, form.attributes["action"], **(fields(form) | {"how": "phone"}))
    assert drafts.standing(_telling(f"{issue}:1/hand:1")) == "told"
    assert f"FB-{wish}" not in get(world, "/drafts/together?whose=all", **TANAKA).text


# -- several at once ------------------------------------------------------------------------------


def test_several_are_approved_as_they_were_shown(world: World) -> None:
    released(world, 0, 2)
    page = get(world, "/drafts/together?whose=all", **TANAKA)
    boxes = [box.attributes["value"] for box in page.all("input", type="checkbox")]
    assert len(boxes) == 2 and all("checked" not in box.attributes for box in page.all("input", type="checkbox"))
    for chat in (0, 2):
        assert telling(world, chat).draft.splitlines()[0] in page.text
    store.write(partial(_changed, name(world, 2)))
    data = {"ticked": boxes, "whose": "all"} | _seal(world)
    answer = world.request("POST", "/drafts/together", data=data, headers=SAME_ORIGIN | {"Cookie": "me=U0TANAKA"})
    assert answer.status_code == 409 and "1件を承認しました" in answer.text and "文面が変わりました" in answer.text
    assert (how(world, 0), how(world, 2)) == ("approved", "drafted")


def _changed(named: str, session: object) -> None:
    release_id, chat = named.split("/")
    session.get(Telling, (release_id, chat)).draft = "別の文面"  # type: ignore[attr-defined]


def test_without_drafts_it_says_where_they_come_from(world: World) -> None:
    assert "登録した要望の公開や結論が決まると" in get(world, "/drafts", **TANAKA).text
    assert "承認待ちの下書きはありません" in get(world, "/drafts/together", **TANAKA).text
