"""Similar requests on pages: who may say that two are the same, or are not; what is said of each; and undoing it."""

from __future__ import annotations

from functools import partial

import pytest
from sqlmodel import col, select

from app.pages import similar_facts
from tests.meeting import decide, filed, firm, group, merge, wish_of
from tests.pages.hostile import CORPUS, check
from tests.pages.playing import filled
from tests.pages.reading import Element, button, fields, flat, get, press, read, send
from tests.pages.signing_in import real
from tests.world import World
from workflows.engine.store import store
from workflows.people import accounts, may
from workflows.people.may import DECIDE, FILE, Right
from workflows.rules import rules
from workflows.rules.similar import Similar
from workflows.search import documents
from workflows.tables.similar import NotSame
from workflows.tables.wish import Feedback
from workflows.wish import similar
from workflows.wish.similar import Match

ONE, OTHER, FAR = "CSVに部署コードの列を付けたい", "部署コードの列をCSVに付けたい", "夜勤の休憩を分けたい"
CALL = {"source": "phone", "company": "株式会社あおば製作所", "quote": OTHER, "kind": "wish", "once": "a"}
VERBS = ("not-same", "same-again")


def apart() -> list[tuple[int, int]]:
    """The pairs that somebody said are not the same."""
    return [(row.one, row.other) for row in store.read(lambda session: session.exec(select(NotSame)).all())]


def wishes() -> list[Feedback]:
    """Every request, oldest first."""
    return list(store.read(lambda session: session.exec(select(Feedback).order_by(col(Feedback.id))).all()))


def codes(page: Element) -> list[str]:
    """The similar requests on a page, the closest first."""
    return [each.all("a", class_="code")[0].text for each in likes(page)]


def likes(page: Element) -> list[Element]:
    """Each similar request on a page."""
    return page.all("div", id="similar")[0].all("li")


def office() -> None:
    """The company that calls is known."""
    firm("101", CALL["company"])


def deeds() -> list[tuple[str, str]]:
    """Who did what, oldest first."""
    return [(each.person, each.deed) for each in reversed(store.read(accounts.deeds)) if each.deed]


@pytest.fixture
def sure(monkeypatch: pytest.MonkeyPatch) -> dict[int, float]:
    """How sure it is of each request that it is the same, whatever anybody asks for."""
    given: dict[int, float] = {}

    def found(*_: object, most: int = 3, least: float = similar.PERHAPS, but: object = ()) -> list[Match]:
        matches = [Match(id, wish_of(id).quote, each) for id, each in given.items() if each >= least]
        return sorted(matches, key=lambda match: -match.sure)[:most]

    monkeypatch.setattr(similar_facts.similar, "like", found)
    monkeypatch.setattr(similar_facts.similar, "similar", found)
    return given


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_viewers_say_of_nothing_that_it_is_not_the_same(sqlite_world: World, verb: str) -> None:
    filed(ONE), filed(OTHER)
    if verb == "same-again":
        press(sqlite_world, "/triage/FB-1/not-same", other="FB-2")
    before = apart()
    real(sqlite_world)
    sqlite_world.sign_in("U0MORI")
    for path in ("/triage?at=FB-1", "/feedback/1", "/wishes/FB-1/similar"):
        page = get(sqlite_world, path)
        assert not [form for form in page.all("form") if "/triage/" in form.attributes.get("action", "")]
    assert press(sqlite_world, f"/triage/FB-1/{verb}", csrf=sqlite_world.csrf, other="FB-2").status_code == 403
    assert apart() == before


@pytest.mark.parametrize("path", ["/triage/FB-1/not-same", "/wishes/similar", "/wishes/new"])
def test_another_site_says_nothing(sqlite_world: World, path: str) -> None:
    filed(ONE), filed(OTHER)
    form = CALL | {"other": "FB-2", "same": "FB-1"}
    answer = sqlite_world.request("POST", path, data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and apart() == [] and len(wishes()) == 2


def test_who_may_file_and_not_decide_files_nothing_as_the_same(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office(), filed(ONE)
    monkeypatch.setitem(may.RIGHTS, DECIDE, Right("operator"))
    real(sqlite_world)
    sqlite_world.sign_in("U0TANAKA")
    answer = press(sqlite_world, "/wishes/new", csrf=sqlite_world.csrf, **CALL, same="FB-1")
    assert answer.status_code == 403 and "権限がありません" in answer.text and OTHER in answer.text
    assert len(wishes()) == 1
    assert press(sqlite_world, "/wishes/new", csrf=sqlite_world.csrf, **CALL).status_code == 303
    assert group(1) == [1] and deeds()[-1] == ("U0TANAKA", FILE)


@pytest.mark.parametrize(("other", "status"), [("FB-1", 303), ("FB-404", 303), ("", 404), ("CSV", 404), ("-1", 404)])
def test_what_is_no_other_request_is_not_marked(sqlite_world: World, other: str, status: int) -> None:
    filed(ONE)
    answer = press(sqlite_world, "/triage/FB-1/not-same", other=other, at="FB-1")
    assert answer.status_code == status and apart() == []
    if status == 303:
        assert "変更はありません" in get(sqlite_world, answer.headers["location"]).text


def test_a_request_is_not_merged_into_itself_from_any_page(sqlite_world: World) -> None:
    filed(ONE)
    for back in ("", "wish", "similar"):
        answer = press(sqlite_world, "/triage/FB-1/merge", into="FB-1", at="FB-1", back=back)
        assert answer.status_code == 409 and "同じ要望どうしは統合できません" in answer.text
    assert group(1) == [1]


@pytest.mark.parametrize("same", ["FB-404", "CSV", "-1", "９", "FB-1 OR 1"])
def test_what_is_filed_as_the_same_as_nothing_is_not_filed(sqlite_world: World, same: str) -> None:
    filed(ONE)
    answer = press(sqlite_world, "/wishes/new", **CALL, same=same)
    page = read(answer.text)
    assert answer.status_code == 400 and page.all("p", id="wrong-same") and len(wishes()) == 1
    assert page.all("textarea", id="quote")[0].text == OTHER


@pytest.mark.parametrize("letters", ["x" * 20_000, "CSV " * 5_000])
def test_a_text_of_twenty_thousand_letters_is_looked_at_and_not_filed(sqlite_world: World, letters: str) -> None:
    filed(ONE)
    assert press(sqlite_world, "/wishes/similar", quote=letters).status_code == 200
    answer = press(sqlite_world, "/wishes/new", **(CALL | {"quote": letters, "look": "similar"}))
    assert answer.status_code == 200 and letters in read(answer.text).all("textarea", id="quote")[0].text
    assert press(sqlite_world, "/wishes/new", **(CALL | {"quote": letters})).status_code == 400
    assert press(sqlite_world, "/wishes/similar", quote="長" * 20_000).status_code == 413
    assert len(wishes()) == 1


def test_there_is_no_page_of_what_is_similar_to_nothing(sqlite_world: World) -> None:
    for name in ("FB-404", "x", "FB-"):
        assert get(sqlite_world, f"/wishes/{name}/similar", 404)


@pytest.mark.fault("F71")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_customers_write_stays_text_wherever_it_is_similar(sqlite_world: World, language: str) -> None:
    for number, text in enumerate(CORPUS):
        firm(f"9{number}", text)
        one, other = filed(text, f"9{number}"), filed(f"{text} ", "", company_name=text)
        press(sqlite_world, f"/triage/FB-{one}/not-same", other=f"FB-{other}")
        for path in (f"/triage?at=FB-{one}&similar=all", f"/feedback/{one}?similar=all", f"/wishes/FB-{one}/similar"):
            check(get(sqlite_world, path, accept_language=language))
        form = CALL | {"quote": text, "same": f"FB-{other}", "look": text}
        check(read(press(sqlite_world, "/wishes/new", **form).text))
        check(read(press(sqlite_world, "/wishes/similar", quote=text, same=text).text))
        check(read(press(sqlite_world, "/wishes/new", **(CALL | {"same": text})).text))


# -- what is said of each -------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/triage?at=FB-1", "/feedback/1"])
def test_how_sure_it_is_and_why_stands_beside_each(sqlite_world: World, sure: dict[int, float], path: str) -> None:
    filed(ONE), filed(OTHER), filed(FAR), filed("まったく別の話")
    sure |= {2: 0.7, 3: 0.25, 4: 0.01}
    page = get(sqlite_world, path)
    assert codes(page) == ["FB-2", "FB-3"]
    likely, perhaps = map(flat, likes(page))
    assert "同じ要望の可能性が高い" in likely and "言葉は違いますが、意味が近い要望です。" in likely
    assert "関連があるかもしれません" in perhaps
    english = get(sqlite_world, path, accept_language="en")
    assert "Very likely the same request" in english.text and "Possibly related" in english.text
    [more] = [link for link in page.all("a") if "data-more" in link.attributes]
    page = get(sqlite_world, more.attributes["href"].partition("#")[0])
    assert codes(page) == ["FB-2", "FB-3", "FB-4"] and "おそらく別の要望" in flat(likes(page)[2])
    assert "意味が近い" not in flat(likes(page)[2])
    assert not [link for link in page.all("a") if "data-more" in link.attributes]


def test_where_nothing_is_similar_the_closest_can_be_seen(sqlite_world: World, sure: dict[int, float]) -> None:
    filed(ONE), filed(FAR)
    sure |= {2: 0.05}
    for path in ("/triage?at=FB-1", "/feedback/1"):
        page = get(sqlite_world, path)
        [more] = [link for link in page.all("a") if "data-more" in link.attributes]
        assert "似た要望はありません。" in page.text and more.text == "近い順に表示"
        assert codes(get(sqlite_world, more.attributes["href"].partition("#")[0])) == ["FB-2"]


def test_a_past_agenda_says_nothing_of_what_is_similar_today(sqlite_world: World) -> None:
    filed(ONE, at=1_700_000_000_000), filed(OTHER, at=1_700_000_000_000)
    assert not get(sqlite_world, "/triage?on=2024-06-03&at=FB-1").all("div", id="similar")


# -- not the same ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/triage?at=FB-1", "/feedback/1", "/wishes/FB-1/similar"])
@pytest.mark.parametrize("is_demo", [True, False])
def test_what_is_not_the_same_is_not_offered_again_until_that_is_undone(
    sqlite_world: World, path: str, is_demo: bool
) -> None:
    filed(ONE), filed(OTHER)
    if not is_demo:
        real(sqlite_world)
        sqlite_world.sign_in()
    page = send(sqlite_world, button(get(sqlite_world, path), "not-same"))
    assert apart() == [(1, 2)] and "FB-2を別の要望としました" in page.text
    assert not page.all("div", id="similar") or codes(page) == []
    assert deeds()[-1][1] == DECIDE
    page = send(sqlite_world, button(page, "same-again"))
    assert apart() == [] and "別の要望としたことを取り消しました" in page.text and codes(page) == ["FB-2"]
    english = get(sqlite_world, "/feedback/1", accept_language="en")
    assert "undid that FB-2 is not the same request" in english.text


def test_what_is_not_the_same_can_be_undone_days_later(sqlite_world: World) -> None:
    filed(ONE), filed(OTHER)
    press(sqlite_world, "/triage/FB-2/not-same", other="FB-1")
    [link] = [each for each in get(sqlite_world, "/feedback/1").all("a") if "#apart" in each.attributes["href"]]
    page = get(sqlite_world, link.attributes["href"].partition("#")[0])
    assert "別の要望としたもの: 1件" in link.text and "さんが別の要望としました" in page.text
    send(sqlite_world, button(page, "same-again"))
    assert apart() == []
    answer = press(sqlite_world, "/triage/FB-1/same-again", other="FB-2", at="FB-1")
    assert "取り消すものはありません" in get(sqlite_world, answer.headers["location"]).text


def test_pressed_twice_it_is_said_once(sqlite_world: World) -> None:
    filed(ONE), filed(OTHER)
    press(sqlite_world, "/triage/FB-1/not-same", other="FB-2")
    answer = press(sqlite_world, "/triage/FB-2/not-same", other="FB-1", back="wish")
    assert answer.headers["location"] == "/feedback/2?said=known" and apart() == [(1, 2)]


def test_from_the_page_of_what_is_similar_two_are_merged_and_taken_apart(sqlite_world: World) -> None:
    filed(ONE), filed(OTHER)
    page = send(sqlite_world, button(get(sqlite_world, "/wishes/FB-2/similar"), "merge"))
    assert group(1) == [1, 2] and "FB-2をFB-1に統合しました" in page.text and "ほかの要望は" in page.text
    page = send(sqlite_world, button(page, "unmerge"))
    assert group(1) == [1] and codes(page) == ["FB-1"]


# -- filing ---------------------------------------------------------------------------------------


def form_of(page: Element) -> Element:
    """The form of a request that is filed by hand."""
    return page.all("form", id="filing")[0]


def test_without_scripts_a_button_finds_what_is_similar_and_keeps_what_was_typed(sqlite_world: World) -> None:
    filed(ONE), filed(FAR)
    form = form_of(get(sqlite_world, "/wishes/new"))
    [look] = form.all("button", name="look")
    assert "hidden" not in look.attributes and look.attributes["formaction"].startswith("/wishes/new")
    typed = filled(form) | CALL | {"background": "給与で使う", "look": "similar", "once": fields(form)["once"]}
    answer = press(sqlite_world, "/wishes/new", **typed)
    page = read(answer.text)
    assert answer.status_code == 200 and codes(page) == ["FB-1"] and len(wishes()) == 2
    kept = fields(form_of(page))
    for name in ("quote", "company", "background", "once", "kind", "source"):
        assert kept[name].strip() == typed[name]


def test_what_is_filed_as_the_same_is_one_with_it_until_it_is_taken_apart(sqlite_world: World) -> None:
    office(), filed(ONE)
    typed = CALL | {"same": "FB-1"}
    answer = press(sqlite_world, "/wishes/new", **typed)
    page = get(sqlite_world, answer.headers["location"])
    assert group(1) == [1, 2] and "要望を受け付け、統合しました" in page.text
    assert [deed for _, deed in deeds()] == [FILE, DECIDE]
    assert press(sqlite_world, "/wishes/new", **typed).headers["location"] == answer.headers["location"]
    assert len(wishes()) == 2
    page = send(sqlite_world, button(page, "unmerge"))
    assert group(1) == [1]
    answer = press(sqlite_world, "/wishes/new", **typed)  # the first form once more: that was done, and undone
    assert answer.headers["location"] == "/feedback/2?said=filed" and group(1) == [1] and len(wishes()) == 2


def test_what_was_merged_leads_to_the_one_it_is_in(sqlite_world: World) -> None:
    office(), filed(ONE), filed(FAR)
    merge(2, 1)
    press(sqlite_world, "/wishes/new", **CALL, same="FB-2")
    assert group(1) == [1, 2, 3]


def test_what_was_decided_is_told_to_whoever_is_filed_into_it_only_if_that_is_meant(sqlite_world: World) -> None:
    office(), filed(ONE)
    decide(1, "decline", "ほかを優先")
    answer = press(sqlite_world, "/wishes/new", **CALL, same="FB-1")
    page = read(answer.text)
    assert answer.status_code == 400 and len(wishes()) == 1
    assert "FB-1はすでに「見送り」と決定しています" in page.all("p", id="wrong-same")[0].text
    assert [each.attributes["value"] for each in page.all("input", name="same") if "checked" in each.attributes] == [
        "FB-1"
    ]
    assert page.all("input", name="sure")
    assert press(sqlite_world, "/wishes/new", **CALL, same="FB-1", sure="yes").status_code == 303
    assert group(1) == [1, 2] and wish_of(1).conclusion == "decline"


def test_what_was_chosen_stays_chosen_though_the_words_have_changed(sqlite_world: World) -> None:
    filed(ONE), filed(FAR)
    answer = press(sqlite_world, "/wishes/similar", quote="夜勤の休憩を細かく", same="FB-1")
    page = read(answer.text)
    assert codes(page) == ["FB-1", "FB-2"] and "おそらく別の要望" in flat(likes(page)[0])
    [chosen] = [each for each in page.all("input", name="same") if "checked" in each.attributes]
    assert chosen.attributes["value"] == "FB-1"


@pytest.mark.parametrize("quote", ["", " ", "CSV"])
def test_of_too_few_words_nothing_is_said(sqlite_world: World, quote: str) -> None:
    filed(ONE)
    assert not flat(read(press(sqlite_world, "/wishes/similar", quote=quote).text))


# -- search, setup, rules -------------------------------------------------------------------------


def test_a_request_that_is_found_leads_to_those_like_it(sqlite_world: World) -> None:
    wish = filed(ONE)
    row = {"kind": "wish", "ref": "1", "text": ONE, "place": f"/feedback/{wish}", "at": 1, "who": ""}
    row |= {"company_id": "", "company": ""}
    store.write(partial(documents.put, rows=[row]))
    page = get(sqlite_world, "/search?kind=wish&q=CSV")
    assert f"/wishes/FB-{wish}/similar" in [link.attributes["href"] for link in page.all("a")]
    alone = get(sqlite_world, f"/wishes/FB-{wish}/similar")
    assert "似た要望はありません。" in alone.text and "/search" in [
        link.attributes["href"] for link in alone.all("main")[0].all("a")
    ]


def test_the_rules_say_how_and_with_which_words(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"打刻": ("タイムカード", "出退勤")}
    monkeypatch.setattr(rules, "similar", Similar("words", (5.0, 2.5, -1.0), words))
    page = get(sqlite_world, "/rules")
    said = {
        each.attributes["data-setting"]: flat(each) for each in page.all("div") if "data-setting" in each.attributes
    }
    assert "共通する言葉で探す" in said["similar.engine"] and "打刻: タイムカード、出退勤" in said["similar.synonyms"]
    assert "近さの重み: 5 際立ちの重み: 2.5 定数: -1" in said["similar.numbers"]
    assert "打刻: タイムカード, 出退勤" in flat(get(sqlite_world, "/rules", accept_language="en"))


def test_setup_says_who_finds_what_is_similar(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "似た要望の探し方: 共通する言葉で探す" in get(sqlite_world, "/setup").text
    from app.operate import similar as operate

    monkeypatch.setattr(operate.engine, "grade", lambda: "light")
    monkeypatch.setattr(operate.vectors, "progress", lambda: (9_300, 10_000))
    assert "10,000件の要望のうち、9,300件をエンコーダーが読み終えました。" in get(sqlite_world, "/setup").text
    english = get(sqlite_world, "/setup", accept_language="en").text
    assert "by meaning (the small encoder)" in english and "9,300 of 10,000 requests have been read" in english
