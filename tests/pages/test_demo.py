"""The demo's buttons: each plays a person in one of the four tools, and the service hears of it by webhook."""

from __future__ import annotations

import pytest
from sqlmodel import select

from app.demo import company, meeting
from app.demo.people import VERBS, fitting
from tests.pages.reading import SAME_ORIGIN, get, press, where
from tests.world import World
from workflows import upkeep
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.tables.wish import Feedback

#: What the page's script sends along.
SCRIPT = SAME_ORIGIN | {"Accept": "application/json"}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_button_without_its_things_does_nothing(world: World, verb: str) -> None:
    answer = world.request("POST", f"/demo/{verb}", data={"x": "y"}, headers=SCRIPT)
    if verb in ("lose", "fail", "reconcile", "spike"):  # these are about nothing in particular
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["said"]) == (409, "対象が見つかりません。再読み込みしてください。")
        assert world.deliver() == 0


def test_an_unknown_verb_is_no_page(world: World) -> None:
    for verb in ("play", "agent_of", "__init__", "nothing"):
        assert press(world, f"/demo/{verb}", chat=world.chats[0]).status_code == 404


def test_only_the_companys_tags_are_put(world: World) -> None:
    press(world, "/demo/tag", chat=world.chats[0], part="", tag="なんでも")
    assert world.deliver() == 0


def test_an_empty_message_is_not_sent(world: World) -> None:
    answer = world.request("POST", "/demo/tell", data={"chat": world.chats[0], "text": "  "}, headers=SCRIPT)
    assert (answer.status_code, answer.json()["said"]) == (409, "メッセージを入力してください。")


def test_without_a_script_the_page_says_what_happened(world: World) -> None:
    answer = press(world, "/demo/tag", chat=world.chats[0], part="", tag="要望")
    page = get(world, answer.headers["location"])
    assert "実行しました。" in page.all("p", class_="did")[0].text
    assert page.all("option", value=world.chats[0])[0].attributes.get("selected") == ""


@pytest.mark.parametrize("tag", company.TAGS)
def test_a_tag_on_a_particular_message(world: World, tag: str) -> None:
    talk = world.intercom.books.conversations[world.chats[0]]
    said = next(part for part in talk.parts if part.author.type == "user")
    press(world, "/demo/tag", chat=world.chats[0], part=said.id, tag=tag)
    world.settle()
    quotes = [wish.quote for wish in world.feedback(0)]
    assert quotes == ([] if tag == "請求" else ["給与ソフトへの取り込みに部署コードが必須なんです。"])


def test_the_agent_of_the_chat_is_the_one_who_acts(world: World) -> None:
    press(world, "/demo/tag", chat=world.chats[1], part="", tag="要望")
    world.settle()
    assert world.feedback(1)[0].taken_by_name == "佐藤 健"


def test_a_wish_without_a_fitting_feature_gets_a_new_one(world: World) -> None:
    wish = world.wish(7)
    press(world, "/demo/link", note=wish.note_id)
    world.settle()
    assert where(get(world, "/board"), "FB-1") == "adopted"
    assert any(entity.fields["name"].startswith("シフト表を印刷") for entity in world.productboard.entities.values())


def test_a_feature_without_a_fitting_issue_gets_a_new_one(world: World) -> None:
    wish = world.wish(7)
    press(world, "/demo/link", note=wish.note_id)
    world.settle()
    [feature] = [id for id, e in world.productboard.entities.items() if e.fields.get("name", "").startswith("シフト表")]
    press(world, "/demo/push", feature=feature)
    world.settle()
    assert world.jira.find("KNDE-22").summary.startswith("シフト表を印刷")
    assert where(get(world, "/board"), "FB-1") == "development"


@pytest.mark.parametrize(("feature", "key"), [(name, key) for name, _status, key in company.FEATURES])
def test_a_feature_is_pushed_to_the_issue_that_makes_it(world: World, feature: str, key: str) -> None:
    press(world, "/demo/push", feature=world.stage.features[feature])
    board = world.productboard
    assert {key for row in board.jira.values() for _issue, key in row.connections.values()} == {key}


def test_a_feature_whose_issue_is_done_gets_a_new_one(world: World) -> None:
    world.move("KNDE-15", "完了")
    press(world, "/demo/push", feature=world.stage.features["オフライン打刻"])
    assert world.jira.find("KNDE-22").summary == "オフライン打刻"


def test_a_seeded_chat_carries_its_tag_and_is_not_filed_again(world: World) -> None:
    talks = meeting.begin(world.stage)
    world.held()
    meeting.file(talks)
    world.settle()
    quotes = [wish.quote for wish in store.read(lambda session: session.exec(select(Feedback)).all())]
    assert sorted(quotes) == sorted(wish.quote for wish in meeting.WISHES)
    for talk, wish in zip(talks, meeting.WISHES, strict=True):
        page = get(world, f"/demo/desk?chat={talk.id}")
        assert wish.tag in page.all("section", class_="desk")[0].text
        press(world, "/demo/tag", chat=talk.id, part="", tag=wish.tag)
    world.settle()
    upkeep.reconcile(0)
    world.settle()
    assert len(store.read(lambda session: session.exec(select(Feedback)).all())) == len(quotes)


def test_wishes_for_the_same_meet_at_one_feature(world: World) -> None:
    for chat in (0, 2):
        press(world, "/demo/link", note=world.wish(chat).note_id)
    board = world.productboard
    assert {feature for note in board.notes.values() for feature in note.related("link")} == {
        world.stage.features["CSV出力の列を選べる"]
    }


@pytest.mark.parametrize(
    ("to", "station"), [("完了", "to-tell"), ("対応しない", "development"), ("進行中", "development")]
)
def test_a_developer_moves_an_issue(world: World, to: str, station: str) -> None:
    world.link(world.wish(0), "KNDE-15")
    press(world, "/demo/move", issue="KNDE-15", to=to)
    world.settle()
    assert where(get(world, "/board"), "FB-1") == station


def test_lost_webhooks_are_healed_by_reconciling(world: World) -> None:
    world.stage.open()
    world.settle()
    for twin in world.stage.twins.values():
        twin.held = None
    world.stage.connect("http://127.0.0.1:9")
    press(world, "/demo/lose", lost="yes")
    assert "Webhookを止めています" in get(world, "/board").text
    press(world, "/demo/tag", chat=world.chats[0], part="", tag="要望")
    world.settle()
    assert not world.feedback(0)
    press(world, "/demo/reconcile")
    world.settle()
    assert len(world.feedback(0)) == 1
    press(world, "/demo/lose", lost="no")
    assert "Webhookを止めています" not in get(world, "/board").text


def test_a_failure_of_productboard_heals_by_itself(world: World) -> None:
    press(world, "/demo/fail")
    world.tag(0)
    world.settle()
    assert world.feedback(0)[0].note_id
    assert len(world.productboard.did("create_note")) == 1


def test_the_desks_show_what_people_see(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了")
    page = get(world, f"/demo/desk?chat={world.chats[0]}")
    desks = {desk.attributes["aria-label"]: desk.text for desk in page.all("section", class_="desk")}
    assert "登録しました" in desks["Intercom"] and "提供を開始しました" in desks["Intercom"]
    assert "KNDE-12" in desks["Jira"] and "完了" in desks["Jira"]
    assert "KNDE-12" in desks["Slack"]
    assert "オフライン打刻" in desks["Productboard"]


def test_the_desk_shows_the_mails_that_arrived_as_text(world: World) -> None:
    assert "届いたメール" not in get(world, "/demo/desk").text
    client = vendors.mail
    assert client is not None
    for number in (1, 2):
        client.send(["support@kanade.example"], "検討会の結論", f"採用 <b>{number}</b>", f"YMB-{number}")
    [mails] = get(world, "/demo/desk").all("ol", class_="mails")
    assert [line.text.strip() for line in mails.all("p", class_="text")] == ["採用 <b>2</b>", "採用 <b>1</b>"]
    assert "support@kanade.example" in mails.text


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("CSV出力に部署コードを含めてほしいです。", "CSV出力の列を選べる"),
        ("有給の残日数を、本人にも見えるようにできますか。", "有給残日数の本人表示"),
        ("", ""),
    ],
)
def test_what_fits_is_found(text: str, feature: str) -> None:
    assert fitting(text, {name: name for name, *_ in company.FEATURES}) == feature


#: The features that the seeded customers ask for, by words of theirs; nobody asks for another one of them.
ASKED = {
    "部署コード": "CSV出力の列を選べる",
    "電波の悪い": "オフライン打刻",
    "承認待ちの一覧": "承認待ちの絞り込み",
    "有給の残日数": "有給残日数の本人表示",
    "勤務表をExcel": "勤務表のExcel出力",
    "UTF-8": "CSVのUTF-8出力",
}


def test_every_seeded_wish_is_linked_to_what_it_asks_for_and_to_nothing_else() -> None:
    names = {name: name for name, *_ in company.FEATURES}
    for quote in [*(chat.opening for chat in company.CHATS), *(wish.quote for wish in meeting.WISHES)]:
        asked = [feature for words, feature in ASKED.items() if words in quote]
        assert fitting(quote, names) == (asked[0] if asked else ""), quote
