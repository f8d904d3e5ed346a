"""Whatever customers, agents and vendors write stays text: on every page, in every place."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.meeting import decide, filed, firm, merge, noted
from tests.pages.hostile import CORPUS, check
from tests.pages.reading import Element, card, get, press, read
from tests.world import World
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.people.person import Person
from workflows.tables import customer, runs
from workflows.tables import wish as tables_wish


def pages(world: World) -> list[Element]:
    """Every page on which what people wrote may stand, in both languages, in the demo and outside of it."""
    paths = [
        "/",
        "/board",
        "/board?station=received",
        "/loop?station=development",
        "/feedback/1",
        "/deliveries",
        "/deliveries?kind=runs",
    ]
    paths += [f"/deliveries/{delivery.id}" for delivery in world.deliveries()[-3:]]
    paths += ["/setup", f"/board?chat={world.chats[-1]}"]
    found = [get(world, path) for path in paths]
    found.append(get(world, "/board?lang=en"))
    world.app.state.demo = None
    world.sign_in()
    return found + [get(world, path) for path in paths]


@pytest.mark.fault("F71")
@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_what_customers_write_stays_text(sqlite_world: World, text: str) -> None:
    world = sqlite_world
    contact = world.intercom.books.contacts["c101"]
    contact.name = world.intercom.books.companies["101"].name = world.intercom.books.admins["7001"].name = text
    wish = world.wish(world.chat(text))
    world.link(wish, "KNDE-12")
    world.jira.edit("KNDE-12", text)
    world.move("KNDE-12", "完了")
    for page in pages(world):
        check(page)


def test_what_is_said_at_the_meeting_stays_text(sqlite_world: World) -> None:
    for number, text in enumerate(CORPUS):
        firm(f"9{number}", text, text, 480_000)
        wish = filed(text, f"9{number}", taken_by_name=text)
        other = filed(text, "", company_name=text, person_name=text)
        noted(wish, background=text, promise="report", level="report", person_name=text)
        merge(other, wish)
        decide(wish, "consider", text, answer=text, by=Person("U0LEAD", text))
        decided = filed(text, f"9{number}", source="phone", source_url=text)
        noted(decided, background=text, promise="report", level="report")
        decision = decide(decided, "decline", text, answer=text, by=Person("U0LEAD", text))
        acts.send_now(decision.id or 0)
    paths = ["/triage", "/triage?sort=weight", f"/triage?at=1&done={decision.id}", "/wishes", "/wishes?show=decided"]
    paths += ["/promises", *(f"/triage/wish/FB-{number * 3 + 1}" for number in range(len(CORPUS)))]
    for path in (*paths, "/feedback/1", "/feedback/2", "/feedback/3"):
        check(get(sqlite_world, path))
    sqlite_world.app.state.demo = None
    sqlite_world.sign_in()
    for path in paths:
        check(get(sqlite_world, path))


@pytest.mark.parametrize("text", CORPUS[:9], ids=range(9))
def test_what_is_typed_into_the_meetings_forms_stays_text(sqlite_world: World, text: str) -> None:
    wish = filed(text)
    form = {name: text for name in ("reason", "answer", "into", "turn", "sort", "kind", "tier", "at", "key", "once")}
    form |= {name: text for name in ("company", "person", "quote", "source", "background", "importance", "promise")}
    paths = [f"/triage/FB-{wish}/{verb}" for verb in ("decide", "merge", "issue")]
    for path in (*paths, "/wishes/new", f"/feedback/{wish}/context", f"/feedback/{wish}/split"):
        answer = press(sqlite_world, path, **form)
        assert answer.status_code == 400, path
        check(read(answer.text))


def test_what_customers_write_is_shown_as_it_was_written(sqlite_world: World) -> None:
    chat = sqlite_world.chat("x")
    part = sqlite_world.intercom.customer_says(sqlite_world.chats[chat], '列は &lt;b&gt; と "部署" です')
    sqlite_world.tag(chat, part=part)
    sqlite_world.settle()
    assert '列は <b> と "部署" です' in card(get(sqlite_world, "/board"), "FB-1").text
    assert '列は <b> と "部署" です' in get(sqlite_world, "/feedback/1").text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "JaVaScRiPt:x"])
def test_a_link_leads_to_the_web_or_nowhere(sqlite_world: World, url: str) -> None:
    world = sqlite_world
    world.link(world.wish(0), "KNDE-12")

    def spoil(session: Session) -> None:
        for table in (customer.Conversation, tables_wish.Issue, tables_wish.Feature, runs.Action):
            session.execute(sa.update(table).values(url=url))
        session.execute(sa.update(tables_wish.Feedback).values(note_url=url))

    store.write(spoil)
    for page in pages(world):
        check(page)


def test_a_raw_body_stays_text(sqlite_world: World) -> None:
    body = b'{"topic": "</pre><script>alert(1)</script>", "x": "\xff\xfe"}'
    headers = sqlite_world.intercom.signed(body)
    assert sqlite_world.post("intercom", headers, body).status_code == 200
    [delivery] = sqlite_world.deliveries()
    page = read(press(sqlite_world, f"/bodies/{delivery.id}").text)
    check(page)
    assert "</pre><script>alert(1)</script>" in page.all("pre")[0].text


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_what_is_typed_into_the_demo_stays_text(sqlite_world: World, text: str) -> None:
    chat = sqlite_world.chats[0]
    answer = press(sqlite_world, "/demo/write", chat=chat, text=text)
    assert answer.status_code == 303
    check(get(sqlite_world, answer.headers["location"]))
    for field in ("chat", "part", "tag", "to", "issue", "note", "feature"):
        answer = press(sqlite_world, "/demo/tag", **{"chat": chat, "part": "", "tag": "要望", field: text[:200]})
        assert answer.status_code == 303 and answer.headers["location"].startswith("/board?")
        check(get(sqlite_world, answer.headers["location"]))


@pytest.mark.fault("F71")
def test_a_template_that_forgot_to_escape_would_be_found() -> None:
    with pytest.raises(AssertionError):
        check(read("<p><img src=x onerror=alert(1)></p>"))
    with pytest.raises(AssertionError):
        check(read('<p><a href="javascript:alert(1)">x</a></p>'))
