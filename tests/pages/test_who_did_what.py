"""Who did what on the pages, and who is signed in: one row for each deed, and sessions that operators end."""

from __future__ import annotations

import pytest

from tests.noticing import known, written
from tests.pages.reading import get, press
from tests.pages.signing_in import real
from tests.world import World
from workflows.engine.store import store
from workflows.people import accounts, may
from workflows.people.deeds import PAGE
from workflows.rules.telling import Sending

LEAD, AGENT, VIEWER = "U0LEAD", "U0TANAKA", "U0MORI"


@pytest.fixture
def world(sqlite_world: World) -> World:
    world = sqlite_world
    world.wish(0)
    real(world)
    return world


def rows() -> list[tuple[str, str, str]]:
    """Who did which deed by which way, oldest first; signing in and out apart."""
    return [(each.person, each.deed, each.way) for each in reversed(store.read(accounts.deeds)) if each.deed]


def test_each_deed_is_kept_once_with_whoever_did_it(world: World) -> None:
    world.sign_in(AGENT)
    assert press(world, "/feedback/1/context", background="毎月困る", kind="wish").status_code == 303
    form = {"conclusion": "decline", "reason": "計画にありません", "answer": "", "seen": "1", "sure": "yes"}
    press(world, "/triage/FB-1/decide", **form)
    kept = rows()
    assert kept[0] == (AGENT, may.DESCRIBE, PAGE) and len(kept) == len(set(kept))
    decided, filled = store.read(accounts.deeds)[:2]
    assert (decided.facts, filled.facts) == ({"about": "FB-1"}, {"about": "FB-1"})
    press(world, "/triage/FB-1/undo", decision="1")
    world.sign_in(LEAD)
    assert "結論を取り消しました: FB-1" in get(world, "/audit").text


def test_what_was_not_done_is_not_kept(world: World) -> None:
    world.sign_in(AGENT)
    assert press(world, "/feedback/1/context", importance="no such level").status_code == 400
    world.sign_in(VIEWER)
    assert press(world, "/feedback/1/context", background="x").status_code == 403
    assert rows() == []


def test_what_is_refused_with_a_reason_is_not_kept_and_what_succeeds_is(world: World) -> None:
    """Acts that answer with why not, and with no words where it is so."""
    known(world)
    notice = written(audience="companies", names=["101"])
    world.sign_in(LEAD)
    with world.rules(sending=Sending(undo_seconds=600)):
        for act, status, kept in (
            *(("undo", 409, 0), ("open", 303, 1), ("open", 409, 1), ("undo", 303, 2)),
            *(("call-off", 303, 3), ("call-off", 409, 3), ("open", 409, 3)),
        ):
            assert press(world, f"/notices/{notice}/{act}").status_code == status
            assert [deed for _, deed, _ in rows()] == [may.NOTIFY] * kept, act


def test_a_refusal_leaves_a_line_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.sign_in(VIEWER)
    press(world, "/feedback/1/context", background="secret words")
    assert f"refused {VIEWER} (role 'viewer'): {may.DESCRIBE}" in caplog.text and "secret words" not in caplog.text


@pytest.mark.parametrize("path", ["/owners.csv", "/triage/agenda.csv", "/triage/agenda.md", "/triage/minutes.md"])
def test_operators_export_and_each_export_is_kept(world: World, path: str) -> None:
    for person, status in ((VIEWER, 403), (AGENT, 403), (LEAD, 200)):
        world.sign_in(person)
        assert world.request("GET", path).status_code == status
    assert rows() == [(LEAD, may.EXPORT, PAGE)]
    assert path[1:] in get(world, "/audit").text


def test_operators_see_and_end_sessions(world: World) -> None:
    theirs = world.sign_in(AGENT)
    assert world.request("GET", "/audit").status_code == 403
    world.sign_in(LEAD)
    page = get(world, "/audit")
    forms = [form.attributes["action"] for form in page.all("form", method="post")]
    forms = [each for each in forms if "/logins/" in each]
    assert len(forms) == 2 and theirs not in page.text
    [their_button] = [each for each in forms if whose(each) == AGENT]
    assert press(world, their_button).status_code == 303
    assert rows() == [(LEAD, may.SESSIONS, PAGE)]
    assert "田中 みなみさんのログインを終了しました" in get(world, "/audit").text
    world.browser.cookies.set("yamabiko", theirs, domain="127.0.0.1")
    assert world.request("GET", "/setup").status_code == 303


def whose(action: str) -> str:
    """Whose login a button ends."""
    found = store.read(lambda session: accounts.named(session, action.split("/")[3]))
    assert found is not None
    return found[0].account_id


def test_others_end_nobodys_session(world: World) -> None:
    world.sign_in(LEAD)
    [login] = store.read(accounts.everywhere)
    world.sign_in(AGENT)
    assert press(world, f"/audit/logins/{login[0].hash[:12]}/end").status_code == 403
    assert len(store.read(accounts.everywhere)) == 2
