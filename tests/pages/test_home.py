"""Home: what each person owes today, with numbers that are those of the lists behind them; and the menu's badges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from app.pages import badges
from integrations.vendor import Finding
from tests.meeting import decide, filed, firm, noted
from tests.pages.escalated import put
from tests.pages.hostile import CORPUS, check
from tests.pages.reading import Element, flat, get, press
from tests.pages.signing_in import real
from tests.pages.test_deliveries import received, unreadable
from tests.world import World
from workflows.engine import checks
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.meeting import acts
from workflows.overview import lives
from workflows.tables.escalation import Escalation
from workflows.tables.runs import DEAD, Run

LEAD, TANAKA, SATO, MORI, HAYASHI = "U0LEAD", "U0TANAKA", "U0SATO", "U0MORI", "U0HAYASHI"
OKADA = "U0OKADA"


@pytest.fixture(params=["demo", "service"])
def world(request: pytest.FixtureRequest, sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A company in which everybody owes something; badges are counted for every page."""
    monkeypatch.setattr(badges, "KEPT", 0.0)
    firm("901", "大手工業", "Enterprise", 480_000)
    for number in range(5):
        filed(f"背景のない要望{number}", "901")
    report("報告待ちの要望", taken_by="7001")
    report("約束した要望", taken_by="7002", person=TANAKA)
    report("佐藤の要望", taken_by="7002", person=SATO)
    put(sqlite_world)
    put(sqlite_world, gist="まだ終わらない", state="working")
    put(sqlite_world, gist="終わった", state="done", due_at=None, next_person="")
    put(sqlite_world, gist="ほかの人の", person="U0OKADA")
    unreadable(sqlite_world)
    store.write(needs_attention)
    checks.keep("jira", [Finding(False, "The token is not accepted.")])
    if request.param == "service":
        real(sqlite_world)
    return sqlite_world


def needs_attention(session: Session) -> None:
    """A run of a delivery, which ends as that does, and one that no delivery began."""
    session.add(received("jira:dead", state=DEAD))
    session.add(Run(id="jira:dead", delivery_id="jira:dead", workflow="x.y", state=DEAD, due_at=7, created_at=7))
    session.add(Run(id="own:dead", workflow="x.y", state=DEAD, due_at=7, created_at=7))


def report(quote: str, *, taken_by: str, person: str = "") -> int:
    """A request about which a report is due."""
    wish = filed(quote, "901", taken_by=taken_by)
    noted(wish, background="手で直している", promise="report", level="report", person=person)
    acts.send_now(decide(wish, "decline", "ほかを優先").id or 0)
    return wish


def home(world: World, who: str, path: str = "/", **headers: str) -> Element:
    """A page as somebody gets it."""
    if world.app.state.settings.demo:
        return get(world, path, cookie=f"me={who}", **headers)
    world.sign_in(who)
    return get(world, path, **headers)


def numbers(page: Element) -> dict[str, int]:
    """What stands on the page, by what is counted."""
    counted = [each for each in page.walk() if "data-total" in each.attributes]
    return {each.attributes["data-total"]: int("".join(filter(str.isdigit, each.text))) for each in counted}


def menu(page: Element) -> dict[str, int]:
    """The badges, by where their room leads."""
    [rooms] = page.all("nav", id="rooms")
    found = {link.attributes["href"]: link.all("span", class_="badge") for link in rooms.all("a")}
    return {address: int(badge[0].text) for address, badge in found.items() if badge}


def listed(world: World, who: str, kind: str, address: str) -> int:
    """How many the list shows to which a number leads."""
    page = home(world, who, address.partition("#")[0])
    if kind == "reports":
        return len(page.all("li", class_="debt"))
    if kind == "backgrounds":
        return len([row for row in page.all("tr") if "data-name" in row.attributes])
    if kind in ("log", "runs"):
        return len(page.all("tbody")[0].all("tr"))
    if kind == "connections":
        return len(page.all("p", class_="mark-danger")) or 1
    under_way = ("state-acknowledged", "state-working")
    states = ("state-open",) if kind == "acknowledge" else under_way if who == MORI else ("state-open", *under_way)
    groups = [each for each in page.all("section") if each.attributes.get("aria-labelledby") in states]
    return sum(1 for group in groups for row in group.all("tr") if "data-name" in row.attributes)


# -- the numbers ----------------------------------------------------------------------------------


#: What each of them owes; who owes nothing sees everybody's.
OWED = {
    TANAKA: {"reports": 2, "backgrounds": 5},
    SATO: {"reports": 2},
    MORI: {"acknowledge": 1, "open": 1},
    LEAD: {"connections": 1, "log": 2, "runs": 1},
    HAYASHI: {"reports": 3, "open": 3},
}


def test_every_number_is_that_of_the_list_it_leads_to(world: World) -> None:
    for who, owes in OWED.items():
        page = home(world, who)
        rows = [each for each in home(world, who, "/triage").all("a") if "data-wish" in each.attributes]
        assert numbers(page) == owes | {"agenda": len(rows)}, who
        links = {each.attributes["data-total"]: each for each in page.all("a") if "data-total" in each.attributes}
        assert {kind: listed(world, who, kind, link.attributes["href"]) for kind, link in links.items()} == owes, who


def test_the_badges_are_the_numbers_of_that_persons_home_on_every_page(world: World) -> None:
    for who, owes in OWED.items():
        own = owes if who != HAYASHI else {}
        found = {"/board": own.get("reports", 0), "/escalations": own.get("acknowledge", 0)}
        found["/deliveries"] = own.get("log", 0) + own.get("connections", 0) + own.get("runs", 0)
        for path in ("/", "/setup", "/promises"):
            assert menu(home(world, who, path)) == {address: n for address, n in found.items() if n}, (who, path)


def test_a_badge_is_read_out_with_what_it_counts(world: World) -> None:
    [link] = [each for each in home(world, TANAKA).all("nav", id="rooms")[0].all("a", href="/board")]
    assert [each.text for each in link.all("span", class_="unseen")] == ["、報告待ち 2件"]
    [link] = [each for each in home(world, TANAKA, "/?lang=en").all("nav", id="rooms")[0].all("a", href="/board")]
    assert [each.text for each in link.all("span", class_="unseen")] == [", 2 reports due"]


# -- badges are cheap, and nobody else's ----------------------------------------------------------


def test_badges_are_remembered_for_a_moment_and_forgotten_when_their_reader_acts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(badges, "KEPT", 3600.0)
    assert menu(home(world, TANAKA, "/setup")) == {"/board": 2}
    report("もう一つ", taken_by="7001")
    assert menu(home(world, TANAKA, "/setup")) == {"/board": 2}
    assert menu(home(world, SATO, "/setup")) == {"/board": 2}, "of somebody else nothing is remembered"
    assert menu(home(world, HAYASHI, "/setup")) == {}
    assert menu(home(world, TANAKA)) == {"/board": 3}, "the home counts anew"
    report("さらに一つ", taken_by="7001")
    if not world.app.state.settings.demo:
        world.sign_in(TANAKA)
        press(world, "/promises/FB-1/report", how="pigeon", csrf=world.csrf)
        assert menu(home(world, TANAKA, "/setup")) == {"/board": 4}


@pytest.mark.parametrize(
    "path", ["/loop", "/triage/wish/FB-1", "/wishes/companies?q=a", "/static/page.css", "/nowhere"]
)
def test_pieces_files_and_problems_count_nothing(world: World, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sign_in(LEAD)
    monkeypatch.setattr(badges, "of", pytest.fail)
    world.request("GET", path)


def test_whoever_is_not_signed_in_has_nothing_counted(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badges, "of", pytest.fail)
    real(sqlite_world)
    assert sqlite_world.request("GET", "/sign-in").status_code == 200


@contextmanager
def asked() -> Iterator[list[str]]:
    """Every query of this while."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        said.append(statement)

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", note)
    yield said
    sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)


def test_the_number_of_queries_does_not_grow_with_what_is_owed(world: World) -> None:
    home(world, TANAKA)
    with asked() as few:
        home(world, TANAKA)
    for number in range(20):
        report(f"要望{number}", taken_by="7001")
        filed(f"背景なし{number}", "901")
    with asked() as many:
        home(world, TANAKA)
    assert len(many) <= len(few)


# -- what is said ---------------------------------------------------------------------------------


def test_whoever_owes_nothing_reads_so_and_what_comes_next(world: World) -> None:
    page = home(world, HAYASHI)
    [lead] = page.all("p", class_="lead")
    assert (
        flat(lead).startswith("林 修一さんの対応を待っているものはありません。 次は") and "の検討会です。" in lead.text
    )
    assert "全体の状況" in page.text


def test_with_nothing_at_all_it_is_calm(sqlite_world: World) -> None:
    page = get(sqlite_world, "/")
    assert "対応を待っているものはありません。" in page.text
    assert "報告待ちのお客様も、未完了のエスカレーションもありません。" in page.text
    assert numbers(page) == {"agenda": 0} and menu(page) == {}


def test_the_longest_wait_comes_first_and_leads_to_where_it_is_done(world: World) -> None:
    page = home(world, TANAKA)
    [backgrounds] = page.all("section", id="backgrounds")
    assert len(backgrounds.all("li")) == 3
    assert [link.attributes["href"] for link in backgrounds.all("a", class_="open")] == [
        f"/feedback/{number}#about" for number in (1, 2, 3)
    ]
    [reports] = page.all("section", id="reports")
    for link in reports.all("a", class_="open"):
        address, _, code = link.attributes["href"].partition("#")
        assert address == "/promises?whose=mine" and home(world, TANAKA, address).all("li", id=code)
    assert "大手工業" in reports.text and "報告する" in reports.text


def test_the_latest_decisions_say_what_they_mean_for_the_customer(world: World) -> None:
    decided = [6, 7, 8]
    known = store.read(lambda session: lives.of(session, decided))
    [news] = home(world, TANAKA).all("section", id="news")
    rows = dict(zip(reversed(decided), news.all("li"), strict=True))
    for id, row in rows.items():
        assert (
            row.all("a", href=f"/feedback/{id}") and say("ja", known[id].sentence) in row.text and "見送り" in row.text
        )


def test_whoever_it_climbed_to_sees_it_with_the_reason_until_somebody_takes_it(world: World) -> None:
    chain = [
        {"role": "owner", "person": MORI},
        {"role": "deputy", "person": OKADA},
        {"role": "manager", "person": LEAD},
    ]
    id = put(world, gist="登ってきた", chain=chain, rung=1, asked=2, next_person=LEAD)
    for who, owes in ((OKADA, 2), (MORI, 2), (LEAD, 0)):
        page = home(world, who)
        assert numbers(page).get("acknowledge", 0) == menu(page).get("/escalations", 0) == owes, who
        if owes:
            [link] = page.all("a", class_="duty-count")[:1]
            assert listed(world, who, "acknowledge", link.attributes["href"]) == owes
        assert ("まだ受領されていないため、あなたに連絡が来ています" in page.text) is (who == OKADA)
    assert "受領待ちのため連絡: " in home(world, LEAD, "/escalations").text
    store.write(lambda session: setattr(session.get_one(Escalation, id), "state", "acknowledged"))
    assert numbers(home(world, OKADA))["acknowledge"] == 1


def test_the_service_is_the_admins_alone(world: World) -> None:
    assert not {"log", "connections", "runs"} & set(numbers(home(world, TANAKA)))
    [connections] = home(world, LEAD).all("section", id="connections")
    assert connections.all("a", href="/setup#vendor-jira")


def test_the_demo_says_where_it_begins(world: World) -> None:
    page, is_demo = home(world, TANAKA), world.app.state.settings.demo
    assert ("青いボタンを順に押すと" in page.text) is is_demo
    assert bool(page.all("main")[0].all("a", href="/board")) is is_demo


def test_old_addresses_of_the_board_lead_there(sqlite_world: World) -> None:
    for query in ("chat=1795&did=x", "station=to-tell&part=2"):
        answer = sqlite_world.request("GET", f"/?{query}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/board?{query}")


def test_strange_words_stay_words(sqlite_world: World) -> None:
    for number, text in enumerate(CORPUS):
        firm(f"h{number}", text)
        wish = filed(text, f"h{number}", taken_by=LEAD)
        noted(wish, background="x", promise="report", level="report", person=LEAD)
        acts.send_now(decide(wish, "decline", text).id or 0)
        filed(text + "。", f"h{number}", taken_by=LEAD)
        put(sqlite_world, gist=text, company=text, person=LEAD)
        check(get(sqlite_world, "/"))
