"""The board of enquiries, a chat as it went, and the figures: in the demo and outside of it, in both languages."""

from __future__ import annotations

import pytest

from tests.enquired import MINUTE, enquiry, firm, message, step, wait
from tests.pages.hostile import CORPUS, check
from tests.pages.reading import Element, flat, get
from tests.pages.signing_in import real
from tests.workflows.overview.test_enquiry_lists import ALWAYS
from tests.world import World
from workflows.customer import messages
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.overview import enquiry_lists
from workflows.rules import rules
from workflows.tables.customer import Contact

STATES = ("waiting", "answering", "customer", "development", "solved")
NOON = 1_795_000_000_000


@pytest.fixture(params=["demo", "service"])
def world(request: pytest.FixtureRequest, sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A demo, or a service into which somebody has signed in; business time is time."""
    monkeypatch.setattr(rules, "calendar", ALWAYS)
    if request.param == "service":
        real(sqlite_world)
        sqlite_world.sign_in()
    return sqlite_world


def fill() -> None:
    """An enquiry of each state, and a second one that waits."""
    firm("901", "あおば製作所", "Enterprise", 480_000.0)
    firm("902", "みなと物流", "Pro")
    enquiry("81", "締めができません", waited=3, answer_in=2)
    enquiry("82", "CSVが出ません", company="902", waited=90, answer_in=-85, medium="mail")
    enquiry("83", state="answering", waited=20, assignee="7001", assignee_name="田中 みなみ")
    enquiry("84", state="customer", assignee="7001", assignee_name="田中 みなみ")
    enquiry("85", state="development")
    enquiry("86", state="solved", solved_at=now_ms())


def shown(page: Element) -> dict[str, list[str]]:
    """The enquiries in each list."""
    lists = page.all("section", class_="list")
    return {
        each.attributes["id"]: [it.attributes["data-key"] for it in each.walk() if "data-key" in it.attributes]
        for each in lists
    }


def row(page: Element, id: str) -> Element:
    return next(each for each in page.walk() if each.attributes.get("data-key") == id)


# -- the board -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "state=x",
        "medium=x",
        "who=%00",
        "tier=%00",
        "days=x",
        "sort=x",
        "after=x~y",
        "words=%25",
        "days=-1",
        "after=9~9~9",
    ],
)
def test_what_the_address_says_wrongly_is_left_out(world: World, query: str) -> None:
    fill()
    check(get(world, f"/enquiries?{query}"))
    check(get(world, f"/enquiries/live?{query}"))


def test_where_nobody_asked_anything_it_says_what_fills_it(world: World) -> None:
    assert "お客様がIntercomで問い合わせると、ここに表示されます" in get(world, "/enquiries").text
    assert "Enquiries appear here when customers write in Intercom." in get(world, "/enquiries?lang=en").text


def test_everybody_sees_every_enquiry_and_where_it_is(world: World) -> None:
    fill()
    page = get(world, "/enquiries")
    assert shown(page) == {
        "waiting": ["82", "81"],
        "answering": ["83"],
        "customer": ["84"],
        "development": ["85"],
        "solved": ["86"],
    }
    late = flat(row(page, "82"))
    assert "目標超過" in late and "みなと物流" in late and "Pro" in late and "メール" in late and "担当なし" in late
    assert "田中 みなみ" in flat(row(page, "83"))
    assert row(page, "81").all("a", href="/chats/81")


def test_the_clock_says_the_minutes_without_a_script_and_tells_it_when_the_next_is_full(world: World) -> None:
    fill()
    page = get(world, "/enquiries?lang=en")
    [clock] = [each for each in row(page, "81").all("b") if "data-next" in each.attributes]
    assert (clock.text, clock.attributes["data-minutes"], clock.attributes["data-words"]) == ("3 min", "3", "{n} min")
    assert 0 < int(clock.attributes["data-next"]) - now_ms() <= MINUTE
    assert "target 5 min" in flat(row(page, "81")) and "Over target" not in flat(row(page, "81"))
    assert "1 h 30 min Over target target 5 min" in flat(row(page, "82"))


def test_where_nobody_waits_at_all_nobody_is_said_to_be_assigned(world: World) -> None:
    everybody = "回答待ちのお客様には、すべて担当が付いています。"
    firm("901", "あおば製作所")
    enquiry("1", state="solved")
    assert "待っているお客様はいません。" in get(world, "/enquiries").text
    assert everybody not in get(world, "/enquiries").text
    enquiry("2", state="answering")
    assert everybody in get(world, "/enquiries").text


def test_where_there_are_pages_at_the_vendor_they_are_linked(world: World) -> None:
    fill()
    links = row(get(world, "/enquiries"), "81").all("a", href="https://app.intercom.example/81")
    assert len(links) == (0 if world.app.state.settings.demo else 1)


def test_a_list_of_one_state_is_narrowed_by_its_address(world: World) -> None:
    fill()
    assert shown(get(world, "/enquiries?state=waiting&medium=mail")) == {"waiting": ["82"]}
    page = get(world, "/enquiries?state=waiting&words=みなと&sort=worth")
    assert shown(page) == {"waiting": ["82"]}
    assert page.all("input", name="words")[0].attributes["value"] == "みなと"
    assert page.all("a", href="/enquiries?state=waiting")
    assert "条件に合うものはありません" in get(world, "/enquiries?state=solved&who=7001").text


def test_a_list_goes_on_where_the_page_before_ended(world: World) -> None:
    firm("901", "あおば製作所")
    for number in range(60):
        enquiry(str(number), waited=number)
    first = get(world, "/enquiries?state=waiting")
    [more] = [link.attributes["href"] for link in first.all("a") if "after=" in link.attributes["href"]]
    rest = shown(get(world, more))["waiting"]
    assert len(shown(first)["waiting"]) == 50 and rest == [str(number) for number in range(9, -1, -1)]
    assert f'data-source="{more.replace("/enquiries?", "/enquiries/live?").replace("&", "&amp;")}"' in (
        world.request("GET", more).text
    )


def test_where_little_is_found_in_much_one_can_search_further(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enquiry_lists, "LOOKED", 3)
    firm("901", "あおば製作所")
    for number in range(6):
        enquiry(str(number), "ここにある" if not number else "ほかのこと", waited=number)
    page = get(world, "/enquiries?state=waiting&words=ここにある")
    assert shown(page) == {"waiting": []} and "ここまでに調べた問い合わせにはありません" in page.text
    [further] = [link.attributes["href"] for link in page.all("a") if "after=" in link.attributes["href"]]
    assert shown(get(world, further)) == {"waiting": ["0"]}


def test_solved_ones_are_not_counted_to_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enquiry_lists, "COUNTED", 2)
    for number in range(4):
        enquiry(str(number), state="solved")
    assert "解決済み 2+" in flat(get(world, "/enquiries"))


def test_the_script_gets_the_lists_alone_and_nothing_where_nothing_moved(world: World) -> None:
    fill()
    answer = world.request("GET", "/enquiries/live?state=solved")
    assert "<html" not in answer.text and 'data-key="86"' in answer.text
    headers = {"If-None-Match": answer.headers["etag"]}
    again = world.request("GET", "/enquiries/live?state=solved", headers=headers)
    assert (again.status_code, again.text) == (304, "")
    assert shown(get(world, "/enquiries/live"))["waiting"] == ["82", "81"]


# -- a chat ----------------------------------------------------------------------------------------


def test_a_chat_says_who_said_what_what_was_done_and_how_long_the_customer_waited(world: World) -> None:
    fill()
    message("81", "1", "動きません", NOON, attachments=[{"name": "画面.png", "url": "https://files.example/1"}])
    step("81", "s", "assigned", NOON + MINUTE, "鈴木 一郎")
    message("81", "2", "直しました", NOON + 7 * MINUTE, who="田中 みなみ", is_customer=False, author="agent")
    step("81", "t", "closed", NOON + 8 * MINUTE, ours=True, who="x")
    wait("81", NOON, 7)
    page = get(world, "/chats/81?lang=en")
    first, second = page.all("li", class_="part")
    assert "Customer" in first.text and "画面.png" in first.text
    assert "Waited 7 min for an answer · target 5 min" in flat(first)
    assert "To the customer" in second.text and "reply" in second.attributes["class"]
    done = [flat(each) for each in page.all("li", class_="done-there")]
    assert [each.partition(" ")[2] for each in done] == [
        "鈴木 一郎 assigned the conversation.",
        "Yamabiko closed the conversation.",
    ]
    assert "Waiting for an answer" in flat(page.all("p", class_="asked")[0])


def test_beside_an_answer_stands_whether_it_was_mailed(world: World) -> None:
    fill()
    ours = {"is_customer": False, "author": "agent", "who": "鈴木 一郎"}
    message("82", "1", "CSVが出ません", NOON)
    message("82", "2", "確認します", NOON + MINUTE, mailed=True, **ours)
    message("82", "3", "直しました", NOON + 2 * MINUTE, **ours)
    message("81", "1", "どうぞ", NOON, **ours)
    told = [flat(each) for each in get(world, "/chats/82?lang=en").all("p", class_="mail-leg")]
    assert told == [
        "Sent by email, according to Intercom.",
        "Not known whether it was sent by email: Intercom does not say.",
    ]
    assert not get(world, "/chats/82?lang=en").all("p", id="mail")
    assert not get(world, "/chats/81").all("p", class_="mail-leg")
    store.write(lambda s: s.merge(Contact(id="c902", company_id="902", has_bounced=True, marked_spam=True)))
    page = get(world, "/chats/82?lang=en")
    [of_customer] = page.all("p", id="mail")
    assert "has bounced. This customer has marked an email from us as spam." in flat(of_customer)
    assert "not known which" in page.all("p", class_="mail-leg")[0].text
    assert "メールに不達があります" in get(world, "/chats/82?lang=ja").text


def test_each_channel_says_how_many_answers_were_mailed(world: World) -> None:
    fill()
    ours = {"is_customer": False, "author": "agent", "who": "鈴木 一郎"}
    message("82", "1", "お送りしました", now_ms() - 31 * DAY_MS, mailed=True, **ours)
    assert mailed(world) == {}
    store.write(lambda s: s.merge(Contact(id="c902", company_id="902", has_bounced=True)))
    message("82", "2", "お送りしました", now_ms(), mailed=True, **ours)
    message("81", "2", "お送りしました", now_ms(), **ours)
    assert mailed(world) == {"mail": "Email 1 0 1 0 0", "chat": "Messenger 1 0 0 0 1"}


def mailed(world: World) -> dict[str, str]:
    """How many answers went out by mail, channel by channel, as the page says it."""
    rows = get(world, "/enquiries/channels?lang=en").all("tr")
    return {each.attributes["data-legs"]: flat(each) for each in rows if "data-legs" in each.attributes}


def test_a_long_chat_is_read_page_by_page_and_each_message_has_its_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST", 3)
    for number in range(8):
        message("81", str(number), f"{number}", NOON + number * MINUTE)
    page = get(world, "/chats/81")
    assert [each.attributes["id"] for each in page.all("li", class_="part")] == ["part-5", "part-6", "part-7"]
    assert page.all("a", href="?before=5") and page.all("a", href="?part=6#part-6")
    page = get(world, "/chats/81?part=2")
    assert [each.attributes["id"] for each in page.all("li", class_="part")] == ["part-2", "part-3", "part-4"]
    assert page.all("a", href="?before=2") and page.all("a", href="?part=5")
    get(world, "/chats/81?part=%00", 404)


# -- figures ---------------------------------------------------------------------------------------


def test_each_channel_has_its_figures(world: World) -> None:
    assert "この期間の問い合わせはありません" in get(world, "/enquiries/channels").text
    for number in range(3):
        wait(str(number), now_ms() - DAY_MS, number + 1)
    wait("9", now_ms() - DAY_MS, 90, medium="mail", target=480)
    rows = {
        each.attributes.get("data-name", ""): flat(each) for each in get(world, "/enquiries/channels?lang=en").all("tr")
    }
    assert rows["chat"].startswith("Messenger 3 75% 2 min 3 min 100% 3/3")
    assert rows["mail"].startswith("Email 1 25% 1 h 30 min 1 h 30 min 100% 1/1")


def test_what_waiting_cost_opens_the_waits_behind_it(world: World) -> None:
    assert "月額のある会社を待たせていません" in get(world, "/enquiries/cost").text
    fill()
    wait("81", now_ms() - DAY_MS, 30)
    wait("83", now_ms() - DAY_MS, 12)
    page = get(world, "/enquiries/cost?lang=en")
    [link] = [each for each in page.all("a", class_="open")]
    behind = get(world, link.attributes["href"].partition("#")[0])
    assert [each.attributes["data-wait"] for each in behind.all("tr") if "data-wait" in each.attributes] == ["81", "83"]
    assert not get(world, "/enquiries/cost?company=902%00x").all("section", id="behind")


# -- what people write -----------------------------------------------------------------------------


def test_what_people_write_stays_text(world: World) -> None:
    for number, text in enumerate(CORPUS):
        firm(f"9{number}", text, text, 5.0)
        id = f"70{number}"
        enquiry(id, text, f"9{number}", waited=5, assignee=text[:80], assignee_name=text, state=STATES[number % 5])
        message(id, "1", text, NOON, who=text, attachments=[{"name": text, "url": text}])
        step(id, "2", "closed", NOON + 1, text)
        wait(id, NOON, company=f"9{number}")
        check(get(world, f"/chats/{id}"))
    for path in ("/enquiries", "/enquiries/live", "/enquiries?state=waiting", "/enquiries/cost", "/enquiries/channels"):
        check(get(world, path))
        check(get(world, f"{path}{'&' if '?' in path else '?'}lang=en"))
