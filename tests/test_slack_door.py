"""Everything that Slack sends, really signed, through the real door: what is right, what is stale, what is hostile.

Payloads are our own (`tests/payloads/slack`) and those that Slack and its libraries publish (`shared/samples`, where
they are there). Slack shows people an error unless the answer is 200 within three seconds; how long it takes is
measured by the benchmarks (`tests/bench`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest
from sqlmodel import select

from app.demo.company import ESCALATIONS as CHANNEL
from app.demo.company import TEAM_ID
from app.door.inbox import Accepted, Unavailable
from integrations.contract import Headers
from integrations.slack import ButtonPressed, parse
from integrations.twin import Fault
from tests.door import FORM, ROOT
from tests.escalating import AGENT, OWNER, Escalating
from tests.slack_app import OURS, Json, Slack, body_of, is_interaction, read, variants
from tests.world import World
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.tables.escalation import Escalation

SHARED = ROOT.parent / "shared" / "samples" / "slack"


def ours() -> list[Path]:
    """Our own payloads."""
    return sorted(OURS.glob("*.json"))


def shared() -> list[Path]:
    """Published ones that are requests; the others are answers and manifests."""
    names = ("docs.block_suggestion*", "docs.event_callback*", "docs.shortcut*", "event.*", "interaction.*")
    return sorted(path for name in names for path in SHARED.glob(name + ".json"))


@pytest.fixture
async def slack(database_url: str) -> AsyncIterator[Slack]:
    async with World(database_url) as world:
        yield Slack(world)


@pytest.fixture
async def on_sqlite(sqlite_url: str) -> AsyncIterator[Slack]:
    """For what does not depend on the database."""
    async with World(sqlite_url) as world:
        yield Slack(world)


# -- refusals -------------------------------------------------------------------------------------


def test_our_own_log_speaks_whatever_bolt_does_with_its_loggers(world: World) -> None:
    case = Escalating(world)
    case.raised()
    case.press(OWNER, "acknowledge")
    assert logging.getLogger("yamabiko").level == logging.NOTSET


@pytest.mark.parametrize("path", ours(), ids=lambda path: path.stem)
async def test_what_is_not_signed_or_stale_is_refused(on_sqlite: Slack, path: Path) -> None:
    payload, form = read(path), is_interaction(read(path))
    body = body_of(payload)
    for secret, late in (("somebody else's", 0), ("", -301), ("", 3600)):
        answer = await on_sqlite.raw(body, form=form, secret=secret, at=time.time() + late)
        assert (answer.status_code, answer.text.count("\n")) == (401, 0)
    assert (await on_sqlite.world.apost("slack", {"content-type": FORM}, body)).status_code == 401
    assert (on_sqlite.world.deliveries(), on_sqlite.changed()) == ([], (0, 0, 0))


async def test_another_workspaces_forms_are_refused(on_sqlite: Slack) -> None:
    payload = json.loads(json.dumps(read(OURS / "view_submission__escalate.json")).replace(TEAM_ID, "T0OTHER"))
    assert (await on_sqlite.send(payload)).status_code == 403
    assert on_sqlite.changed() == (0, 0, 0)


class Full:
    """A disk on which nothing more fits."""

    async def accept(self, accepted: Accepted) -> bool:
        raise Unavailable


async def test_what_cannot_be_stored_is_not_confirmed_and_opens_nothing(slack: Slack) -> None:
    case = Escalating(slack.world)
    await slack.world.aside(case.raised)
    seen, before = case.posts()[0], slack.changed()
    kept, slack.world.app.state.inbox = slack.world.app.state.inbox, Full()
    screen = await slack.world.aside(case.slack.press, OWNER, CHANNEL, seen["ts"], "acknowledge")
    assert "dispatch_failed" in screen.error and screen.view is None
    answer = await slack.send(read(OURS / "view_submission__escalate.json"))
    assert (answer.status_code, answer.text) == (503, "This could not be done: try again.")
    step = await slack.send(read(OURS / "function_executed__escalate_complaint.json"))
    assert (step.status_code, step.headers["retry-after"]) == (503, "5")
    slack.world.app.state.inbox = kept
    await slack.world.aside(slack.world.settle)
    assert (slack.changed(), case.one().state) == (before, "open")


@pytest.mark.parametrize("fault", ["500", "lost", "truncated", "429"])
async def test_a_form_that_slack_does_not_open_is_an_error_that_says_so(on_sqlite: Slack, fault: str) -> None:
    twin = on_sqlite.world.slack
    twin.fail("POST /api/views.open", *[Fault(fault)] * 4)
    screen = await on_sqlite.world.aside(twin.use_shortcut, AGENT, "escalate")
    assert "dispatch_failed" in screen.error or fault == "429"
    assert (await on_sqlite.send(read(OURS / "shortcut__escalate.json"))).status_code in (200, 503)


@pytest.mark.fault("F46")
async def test_while_slack_opens_nothing_forms_are_taken_and_pages_shown(
    on_sqlite: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(type(vendors.slack), "open_view", lambda *_: released.wait(100) and None)
    opening = [asyncio.create_task(on_sqlite.send(read(OURS / "shortcut__escalate.json"))) for _ in range(90)]
    await asyncio.sleep(0.5)
    try:
        sent = on_sqlite.send(read(OURS / "view_submission__escalate.json"))
        assert (await asyncio.wait_for(sent, 60)).status_code == 200
        client = httpx.AsyncClient(transport=httpx.ASGITransport(on_sqlite.world.app), base_url="http://127.0.0.1")
        assert (await asyncio.wait_for(client.get("/sign-in"), 60)).status_code in (200, 303)
    finally:
        released.set()
        assert {answer.status_code for answer in await asyncio.gather(*opening)} == {200}


# -- what Slack sends -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ours(), ids=lambda path: path.stem)
async def test_every_kind_of_ours_is_answered(on_sqlite: Slack, path: Path) -> None:
    answer = await on_sqlite.send(read(path))
    assert answer.status_code == 200, answer.text
    await on_sqlite.world.aside(on_sqlite.world.settle)
    assert {row.state for row in on_sqlite.world.runs()} <= {"done", "ignored"}


@pytest.mark.skipif(not shared(), reason="shared/samples/slack is not there: published payloads are not tried")
async def test_every_published_kind_is_answered_and_does_nothing(slack: Slack) -> None:
    for path in shared():
        answer = await slack.send(read(path))
        assert answer.status_code == 200, (path.name, answer.text)
    await slack.world.aside(slack.world.settle)
    assert slack.changed() == (0, 0, 0)


@pytest.mark.skipif(not (SHARED / "slash_command.form.txt").exists(), reason="shared/samples/slack is not there")
async def test_the_published_command_is_answered_with_words(on_sqlite: Slack) -> None:
    text = (SHARED / "slash_command.form.txt").read_text(encoding="utf-8").strip().replace("T111", TEAM_ID)
    answer = await on_sqlite.raw(text.encode(), form=True)
    assert answer.status_code == 200 and "コマンド" in answer.text


async def test_the_address_is_confirmed_and_a_certificate_checked_without_a_trace(on_sqlite: Slack) -> None:
    challenge = read(OURS / "url_verification.json")
    assert challenge["challenge"] in (await on_sqlite.send(challenge)).text
    assert (await on_sqlite.send({"ssl_check": "1", "token": "x"})).status_code == 200
    assert on_sqlite.changed() == (0, 0, 0)


#: Parts of a request, by its kind: each goes missing once, and is each of the strange things once.
PARTS = {
    "shortcut__escalate": ("trigger_id", "user", "user.id", "callback_id", "team", "type"),
    "message_action__escalate": ("trigger_id", "message", "message.text", "channel", "message_ts", "user.id"),
    "block_actions__acknowledge": ("trigger_id", "actions", "user.id", "container", "channel", "message"),
    "view_submission__escalate": (
        "view",
        "view.state",
        "view.state.values",
        "view.private_metadata",
        "view.callback_id",
    ),
    "view_submission__judge": ("view.state.values", "view.private_metadata", "user.id", "view.hash", "view.id"),
    "view_submission__hand_on": ("view.state.values", "view.private_metadata", "user"),
    "view_submission__owners": ("view.state.values", "user.id"),
    "view_closed__escalate": ("view", "view.callback_id", "user"),
    "block_suggestion__company": ("value", "user.id", "action_id", "block_id", "view"),
    "command__escalate": ("trigger_id", "user_id", "text", "command", "team_id"),
    "command__dossier": ("text", "user_id", "command"),
    "function_executed__escalate_complaint": ("event.inputs", "event.function", "event.function_execution_id"),
}


@pytest.mark.parametrize("name", PARTS)
async def test_a_part_that_is_missing_or_strange_is_no_error_of_ours(slack: Slack, name: str) -> None:
    payload = read(OURS / f"{name}.json")
    for part in PARTS[name]:
        for what, changed in variants(payload, part):
            answer = await slack.send(changed)
            assert answer.status_code == 200 or 400 <= answer.status_code < 500, (part, what, answer.status_code)
            if answer.status_code != 200:
                assert answer.text.strip() and "\n" not in answer.text, (part, what)
    await slack.world.aside(slack.world.settle)
    unwell = [(run.id, run.state, run.reason) for run in slack.world.runs() if run.state not in ("done", "ignored")]
    assert unwell == []


UNKNOWN_BUTTONS = ("", "nobody_knows", "acknowledge ", "a" * 255, "ボタン", "x" * 5000)
VALUES = ("", "0", "-1", "E-0", "999999999", "9" * 5000, "²", "1; DROP TABLE escalation", "\ud800", "\0")


def pressed(button: str, value: str) -> Json:
    """Somebody, or something, presses a button."""
    payload = read(OURS / "block_actions__acknowledge.json")
    payload["actions"][0] |= {"action_id": button, "value": value}
    payload["trigger_id"] = f"{abs(hash((button, value)))}.1.x"
    return payload


async def test_buttons_that_nobody_made_and_escalations_that_are_none_change_nothing(slack: Slack) -> None:
    await slack.world.aside(Escalating(slack.world).raised)
    before = slack.changed()
    presses = [pressed(button, "1") for button in UNKNOWN_BUTTONS]
    known = ("acknowledge", "start", "finish", "judge", "hand_on", "dossier", "rearm", "reopen")
    presses += [pressed(button, value) for button in known for value in VALUES]
    for payload in presses:
        answer = await slack.send(payload)
        assert answer.status_code in (200, 400), (payload["actions"][0], answer.status_code)
    await slack.world.aside(slack.world.settle)
    assert slack.changed() == before
    assert [row.state for row in store.read(lambda session: session.exec(select(Escalation)).all())] == ["open"]


@pytest.mark.parametrize("name", ["judge", "hand_on"])
async def test_forms_about_escalations_that_are_none_change_nothing(on_sqlite: Slack, name: str) -> None:
    await on_sqlite.world.aside(Escalating(on_sqlite.world).raised)
    before = on_sqlite.changed()
    for number, context in enumerate(("", ":", "ack:", "done:", "ack:99", "done:" + "9" * 5000, "1:1", "x", "99")):
        payload = read(OURS / f"view_submission__{name}.json")
        payload["view"] |= {"private_metadata": context, "id": f"V{number}"}
        assert (await on_sqlite.send(payload)).status_code == 200
    await on_sqlite.world.aside(on_sqlite.world.settle)
    (escalations, _, forms), posted = on_sqlite.changed(), on_sqlite.world.slack.did("chat.postMessage")
    assert (escalations, forms) == (before[0], before[2])
    told = {post.target for post in posted[before[1] :]}
    assert told <= {f"D{AGENT[1:]}"}  # who sent it is told why nothing came of it


async def test_commands_with_any_words_are_answered(on_sqlite: Slack) -> None:
    for command in ("/escalate", "/owner", "/dossier", "/", "/unknown", "//", "/dossier x"):
        for text in ("", "%", "_", "\\", "あ" * 5000, "<!here>", "'; --", "\0", "E-1"):
            form = read(OURS / "command__dossier.json") | {"command": command, "text": text}
            answer = await on_sqlite.send(form)
            assert answer.status_code == 200 or 400 <= answer.status_code < 500, (command, text[:9])
            assert "<!here>" not in answer.text


FORMS = (
    b"",
    b"payload",
    b"payload=",
    b"payload=%",
    b"payload={}",
    b"payload=[]",
    b"payload=null",
    b"payload=1&payload=2",
)
BYTES = (b"\xff\xfe", b"payload=\xff", b"payload=%ff%fe", b"command=%ff", b"command=%2Fdossier&text=%ff", b"&" * 5000)


@pytest.mark.parametrize("body", [*FORMS, *BYTES], ids=lambda body: repr(body)[:40])
async def test_a_form_that_is_none_is_no_error_of_ours(on_sqlite: Slack, body: bytes) -> None:
    answer = await on_sqlite.raw(body, form=True)
    assert answer.status_code == 200 or 400 <= answer.status_code < 500
    assert on_sqlite.changed() == (0, 0, 0)


def test_what_is_sent_as_a_form_is_read_as_it_was_meant() -> None:
    """The check of the checker: a payload survives its own encoding."""
    payload = read(OURS / "shortcut__escalate.json")
    [(name, value)] = parse_qsl(body_of(payload).decode())
    assert (name, json.loads(value)) == ("payload", payload)


async def test_what_lets_somebody_act_in_our_name_is_not_kept(on_sqlite: Slack) -> None:
    world = on_sqlite.world
    secrets = {"token": "SECRET-1", "trigger_id": "1.SECRET-2", "response_url": "https://hooks.slack.example/SECRET-3"}
    assert (await on_sqlite.send(pressed("acknowledge", "E-1") | secrets)).status_code == 200
    [kept] = [each for each in world.deliveries() if each.topic == "block_actions:acknowledge"]
    assert b"SECRET" not in kept.body and b"acknowledge" in kept.body
    meant = parse(Headers([(b"content-type", kept.content_type.encode())]), kept.body).event
    assert isinstance(meant, ButtonPressed) and meant.value == "E-1"
