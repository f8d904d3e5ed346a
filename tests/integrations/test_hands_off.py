"""In a dry run no client sends a write: what reads is declared where it is sent, and everything else is refused."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from integrations import hands_off
from integrations.hands_off import HandsOff
from integrations.http import Http
from integrations.mail import MailClient
from integrations.mail.twin import MailTwin
from integrations.pace import Pace
from integrations.slack.api import ANSWERS, BUDGET, READS

ROOT = Path(__file__).resolve().parents[2]
#: Everything that is no GET and only reads, or signs in. Productboard's pages are those of lists (GET) and searches.
DECLARED = {
    ("POST", "/oauth/tokens", "integrations/zendesk/signing_in.py"),
    ("POST", "/conversations/search", "integrations/intercom/client.py"),
    ("POST", "/search/jql", "integrations/jira/client.py"),
    ("POST", "/issue/bulkfetch", "integrations/jira/client.py"),
    ("method", "path", "integrations/productboard/api.py"),
    ("POST", "path", "integrations/slack/hooks.py"),
}


def declared() -> set[tuple[str, str, str]]:
    """The method and path of every call that says that it only reads, and the module in which it stands."""
    found = set()
    for path in (ROOT / "integrations").rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            says = [each.value for each in call.keywords if each.arg == "reads"]
            if any(isinstance(each, ast.Constant) and each.value is True for each in says):
                what = [getattr(each, "value", None) or getattr(each, "id", "") for each in call.args[:2]]
                found.add((str(what[0]), str(what[1]), path.relative_to(ROOT).as_posix()))
    return found


def test_what_is_no_get_and_only_reads_is_on_a_list() -> None:
    assert declared() == DECLARED


def test_productboard_posts_only_searches_to_be_read_page_by_page() -> None:
    asked = set()
    for path in (ROOT / "integrations" / "productboard").glob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            if getattr(call.func, "attr", "") == "pages" and isinstance(call.args[0], ast.Constant):
                where = call.args[1]
                if call.args[0].value != "GET":
                    asked.add(where.value if isinstance(where, ast.Constant) else "?")
    assert asked == {"/notes/search", "/entities/search"}


def test_slack_is_told_nothing_but_answers_to_whoever_pressed_something() -> None:
    pictures = {"files.getUploadURLExternal", "files.completeUploadExternal"}
    assert set(BUDGET) - READS - ANSWERS == {"chat.postMessage", "chat.update"} | pictures
    assert set(BUDGET) >= READS | ANSWERS


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("safe", [True, False])
def test_a_write_is_refused_before_anything_is_sent_and_says_what_it_would_have_said(method: str, safe: bool) -> None:
    http = Http("Nobody", "http://127.0.0.1:9", {}, Pace(10, 1.0))  # nothing listens there
    with hands_off.off(), pytest.raises(HandsOff) as refused:
        http.call(method, "/notes", json={"text": "x"}, safe=safe)
    assert (refused.value.how, refused.value.said["json"]) == (f"{method} /notes", {"text": "x"})
    http.close()


def test_no_mail_is_sent() -> None:
    server = MailTwin()
    client = MailClient(server.url, "us@kanade.example")
    with hands_off.off(), pytest.raises(HandsOff):
        client.send(["who@kanade.example"], "件名", "本文", "YMB-1")
    server.stop()
    assert server.mails == []


def test_off_within_off_stays_off_and_ends_with_the_outer_one() -> None:
    with hands_off.off():
        with hands_off.off(really=False), pytest.raises(HandsOff):
            hands_off.refuse("x", "POST /", {})
        with pytest.raises(HandsOff):
            hands_off.refuse("x", "POST /", {})
    hands_off.refuse("x", "POST /", {})
