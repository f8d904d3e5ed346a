"""A further vendor is a folder: what it says of itself is seen by settings, door, check, setup page and reconciliation.

The folder is made up and written by the test; beside it there are the word in `integrations/__init__.py` and the line
in `workflows/routes.py` that the README names, and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from sqlmodel import select

import integrations
from app.operate import check
from integrations import SOURCES, VENDORS
from tests.pages.reading import get
from tests.world import World
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.routes import ROUTES
from workflows.tables.runs import Delivery
from workflows.telling import release

FOLDER = {
    "__init__.py": '''
"""Kaede: a tracker that nobody has heard of."""
from integrations.kaede import setup
from integrations.kaede.events import MAX_BODY, NAME, REPEATS_AFTER, TaskEnded, handshake, parse, verify
''',
    "events.py": '''
"""What Kaede tells, and its proof."""
import json
from dataclasses import dataclass
from integrations.contract import Answer, BadSignature, Delivery, Event
NAME, MAX_BODY, REPEATS_AFTER = "kaede", 1000, None

@dataclass(frozen=True)
class TaskEnded(Event):
    __module__ = "made.up"
    issue_id: str
    issue_key: str

def verify(headers, body, secrets, now):
    if headers.get("x-kaede-secret") not in secrets:
        raise BadSignature("not from Kaede")

def parse(headers, body):
    told = json.loads(body)
    return Delivery(NAME, told["id"], "task.ended", TaskEnded(told["task"], told["key"]))

def handshake(method, query, body):
    return Answer() if method == "HEAD" else None
''',
    "client.py": '''
"""Kaede's verbs."""
class KaedeClient:
    def __init__(self, token):
        self.token, self.closed = token, False

    def close(self):
        self.closed = True
''',
    "setup.py": '''
"""Kaede's variables, client and check."""
from pydantic import SecretStr
from integrations.kaede.client import KaedeClient
from integrations.kaede.events import TaskEnded
from integrations.vendor import Finding, VendorSettings, WebAddress
NAME, TITLE = "kaede", "Kaede"
SWITCH, SECRET, WORKSPACE = "kaede_token", "kaede_secret", ""
NEEDS = {SWITCH: (SECRET, "kaede_base_url")}
PATH, PASTE = "/webhooks/kaede", "Paste it under Hooks."

class Settings(VendorSettings):
    kaede_base_url: WebAddress = ""
    kaede_token: SecretStr | None = None
    kaede_secret: SecretStr | None = None

def connect(settings):
    return KaedeClient(settings.kaede_token.get_secret_value())

def check(client, settings, wanted):
    yield Finding(True, f"{client.token} is heard at {wanted.address}.")

def to_copy(url):
    return {"Topics": f"tea at {url}"}


def subscribe(client, settings, address):
    return ""

def changes(client, since):
    yield "task/7", TaskEnded("7", "KAE-7")
''',
}


@pytest.fixture
def kaede(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The folder, the word in the list, the line in the table; and its variables in the environment."""
    folder = tmp_path / "kaede"
    folder.mkdir()
    for name, text in FOLDER.items():
        (folder / name).write_text(text.lstrip(), encoding="utf-8")
    monkeypatch.setattr(integrations, "__path__", [*integrations.__path__, str(tmp_path)])
    module = import_module("integrations.kaede")
    monkeypatch.setitem(SOURCES, "kaede", module)  # type: ignore[arg-type]
    monkeypatch.setitem(VENDORS, "kaede", module.setup)
    monkeypatch.setitem(ROUTES, module.TaskEnded, release.check)
    for variable, value in (("TOKEN", "tok"), ("SECRET", "sesame"), ("BASE_URL", "https://kaede.example")):
        monkeypatch.setenv(f"KAEDE_{variable}", value)
    yield module
    for name in [name for name in sys.modules if name.startswith("integrations.kaede")]:
        del sys.modules[name]
    del integrations.kaede  # type: ignore[attr-defined]


@pytest.fixture
def sees_it(kaede: ModuleType, sqlite_url: str) -> Iterator[World]:
    """The service, started with the folder in its place."""
    world = World(sqlite_url)
    yield world
    world.close()


def test_its_client_is_made_from_its_variables_and_ended_with_the_others(sees_it: World) -> None:
    client = vendors.client("kaede")
    assert client is not None and client.token == "tok"  # type: ignore[attr-defined]
    vendors.close()
    assert client.closed  # type: ignore[attr-defined]


def test_half_of_its_variables_are_told_at_the_start(sees_it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sees_it.settings.half_configured() == []
    bare = sees_it.settings.model_copy(update={"kaede_base_url": ""})
    assert bare.half_configured() == ["KAEDE_BASE_URL"]


def test_its_webhooks_come_in_and_start_the_story_of_their_event(sees_it: World) -> None:
    body = b'{"id": "1", "task": "7", "key": "KAE-7"}'
    assert sees_it.post("kaede", {"X-Kaede-Secret": "wrong"}, body).status_code == 401
    assert sees_it.post("kaede", {"X-Kaede-Secret": "sesame"}, body).status_code == 200
    sees_it.settle()
    [delivery] = store.read(lambda session: session.exec(select(Delivery)).all())
    assert (delivery.id, delivery.state) == ("kaede:1", "ignored")
    assert delivery.facts == {"key": "KAE-7"}


def test_check_looks_at_it(sees_it: World) -> None:
    said = [finding.sentence for finding in check.look(sees_it.settings) if "Kaede" in finding.sentence]
    address = f"{sees_it.settings.public_url}/webhooks/kaede"
    assert said == [f"Kaede: tok is heard at {address}.", "Kaede: no webhook has arrived yet."]


def test_the_setup_page_shows_it(sees_it: World) -> None:
    text = get(sees_it, "/setup").text
    assert "Kaede" in text and f"{sees_it.settings.public_url}/webhooks/kaede" in text


def test_what_its_webhooks_missed_goes_down_the_same_road(sees_it: World) -> None:
    sees_it.reconcile()
    found = {run.workflow: run for run in sees_it.runs() if "kaede" in run.id}
    assert found["reconcile.vendor"].state == "done"
    assert found["release.check"].arguments["issue_key"] == "KAE-7"
