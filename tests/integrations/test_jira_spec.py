"""Client and twin against Atlassian's own description, and our readers against its samples."""

import inspect
import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from integrations.contract import Permanent
from integrations.jira import Issue, JiraClient, SiteInfo, Version, admin, models
from integrations.jira.richtext import links, texts
from integrations.jira.twin import JiraTwin
from integrations.pace import Pace
from integrations.twin import Ask, Said
from integrations.twin_server import serve
from integrations.untrusted import Node
from tests.integrations.jira_spec import (
    UNDESCRIBED,
    Description,
    needs_samples,
    needs_spec,
    observed_errors,
    sample,
)

EMAIL, TOKEN = "yamabiko@aomori-soft.example", "ATATT3xFfGF0token"
SIGNED_IN = {"authorization": "Basic " + b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()}


class Tour:
    """Every verb of the client and of `admin`, used once or more, and everything that was said on the way."""

    def __init__(self) -> None:
        self.talks: list[tuple[Ask, Said]] = []
        self.verbs: set[str] = set()
        self.twin = JiraTwin(secret="s", email=EMAIL, token=TOKEN)
        self.twin.watchers.append(lambda ask, said: self.talks.append((ask, said)))
        server = serve({"jira": self.twin})
        self._client = JiraClient(server.url + "/jira", EMAIL, TOKEN, pace=Pace(100_000, 1.0))
        try:
            self._reading()
            self._writing()
            self._refused()
            self._set_up(server.url + "/jira")
            self._by_others()
        finally:
            self._client.close()
            server.stop()

    def use(self, verb: str, *given: Any, **named: Any) -> Any:
        self.verbs.add(verb)
        answer = getattr(self._client, verb)(*given, **named)
        return list(answer) if isinstance(answer, Iterator) else answer

    def _reading(self) -> None:
        twin = self.twin
        self.issue = twin.add_issue("PROD-1", "請求書CSVの文字化け", "会話 [山田様|https://a.example/1]")
        version = twin.add_version("2026.11", "PROD")
        twin.fix_in("PROD-1", "2026.11")
        twin.release_version("2026.11")
        twin.move("PROD-1", "完了")
        for name in ("PROD-1", "PROD-404"):
            self.use("issue", name)
        for status in ("3", "unknown"):
            self.use("category_of", status)
        gone = twin.add_issue("PROD-2", "消える要望")
        twin.largest_page = 1
        self.use("changed_since", [self.issue, gone], 30)
        twin.delete("PROD-2")
        self.use("changed_since", [self.issue, gone], 30)
        twin.comment_by_hand("PROD-1", "https://a.example/1")
        self.use("recently_changed", 30)
        self.use("links_in_comments", self.issue)
        self.use("issues_in_version", version)
        self.use("issues", ["10001"])
        self.use("issues_in_version_named", "2026.11")
        self.use("issues_in_version_named", "nowhere")
        self.use("myself")
        self.use("site_info")

    def _writing(self) -> None:
        link = {"global_id": "g", "url": "https://a.example/1", "title": "山田様", "summary": "CSV"}
        for resolved in (False, True):
            self.use("link_conversation", self.issue, **link, resolved=resolved)
        self.use("link_conversation", "404", **link, resolved=False)
        self.use("linked_urls", self.issue)
        self.use("comment", self.issue, "会話 https://a.example/1\n\n以上", "YMB-1")
        self.use("find_comment", self.issue, "YMB-1")
        self.use("find_comment", "404", "YMB-1")
        self.use("create_issue", "PROD", "バグ", "題", "本文\nhttps://a.example/1", "yamabiko-1")
        self.use("find_issue_by_label", "yamabiko-1")

    def _refused(self) -> None:
        """Refusals have described bodies too."""
        self.twin.granted.discard("LINK_ISSUES")
        for verb, given, named in (
            ("create_issue", ("GONE", "バグ", "題", "本文", "x"), {}),
            ("issues_in_version", ("404",), {}),
            ("link_conversation", (self.issue,), LINK),
        ):
            with pytest.raises(Permanent):
                self.use(verb, *given, **named)
        self.twin.granted.add("LINK_ISSUES")

    def _set_up(self, base: str) -> None:
        assert admin.check(base, EMAIL, TOKEN, "PROD")[0].ok
        admin.register_webhook(base, EMAIL, TOKEN, "https://y.example/webhooks/jira", "s")

    def _by_others(self) -> None:
        """What our client does not ask, but the twin answers."""
        for line in (
            "GET /myself",
            "GET /field",
            "GET /project/PROD/versions",
            f"GET /version/{next(iter(self.twin.releases))}",
            "GET /issue/PROD-1/changelog",
            "PUT /issue/PROD-1/properties/yamabiko",
            "GET /issue/PROD-1/properties/yamabiko",
            "GET /issue/PROD-1/remotelink",
            "GET /search",
            "DELETE /issue/PROD-1/remotelink?globalId=g",
            "GET /search/jql?jql=project = PROD",
        ):
            method, path = line.split(" ", 1)
            path, _, argument = path.partition("?")
            query = [tuple(argument.split("=", 1))] if argument else []
            body = b"1" if method == "PUT" else b""
            self.twin.answer(Ask(method, f"/rest/api/3{path}", query, SIGNED_IN, body))  # type: ignore[arg-type]
        self.twin.answer(Ask("GET", "/rest/api/3/myself", [], {}, b""))


LINK = {"global_id": "g", "url": "https://x", "title": "x", "summary": "x", "resolved": False}


@pytest.fixture(scope="module")
def tour() -> Tour:
    return Tour()


@pytest.fixture(scope="module")
def description() -> Description:
    return Description()


# -- the description ----------------------------------------------------------


@needs_spec
def test_everything_said_is_as_described(tour: Tour, description: Description) -> None:
    for ask, said in tour.talks:
        if not ask.path.startswith(UNDESCRIBED):
            description.check(ask, said)


def test_the_tour_uses_every_verb_and_every_route(tour: Tour) -> None:
    verbs = {name for name, _ in inspect.getmembers(JiraClient, inspect.isfunction) if not name.startswith("_")}
    assert tour.verbs == verbs - {"close"}
    routes = {pattern for pattern, _, _ in tour.twin._routes}
    asked = {pattern for pattern, _ in tour.twin.calls}
    # The tests of the twin and of `admin` cover these; the description does not.
    beyond = {route for route in routes - asked if route.split(" ")[1].startswith(UNDESCRIBED)}
    assert routes - asked - beyond == {"POST /rest/api/3/search"}


@needs_spec
def test_a_search_with_an_unknown_property_is_beyond_the_description(description: Description) -> None:
    ask = Ask("POST", "/rest/api/3/search/jql", [], {}, b'{"jql": "project = PROD", "startAt": 0}')
    with pytest.raises(AssertionError, match="startAt"):
        description.check(ask, Said(200, {"issues": []}))


# -- refusals as the real service gave them ------------------------------------


def asked(case: Any) -> Ask:
    """The recorded request, addressed to the twin. It came from a stranger; to a public site."""
    method, _, rest = case["request"].partition(" ")
    url, _, text = rest.removeprefix("https://api.atlassian.com").partition(" ")
    if "?jql=order by key" in rest:
        url, text = rest, ""
    path, _, argument = url.partition("?")
    query = [tuple(pair.split("=", 1)) for pair in argument.replace("...", "jql=project = PUB").split("&") if pair]
    body = (text if text.startswith("{") else "{" * bool(text)).encode()
    return Ask(method, path, query, SIGNED_IN, body)


@needs_samples
@pytest.mark.parametrize("case", observed_errors())
def test_the_twin_refuses_as_the_real_service_does(case: Any) -> None:
    twin = JiraTwin(secret="s", email=EMAIL, token=TOKEN, projects=["PUB"])
    twin.add_issue("PUB-1", "公開の要望")
    twin.granted.discard("ADD_COMMENTS")  # as little as a stranger may do
    said, _ = twin.answer(asked(case))
    body, expected = json.loads(said.content()), case["body"]
    if "timestamp" in expected:
        body["timestamp"] = expected["timestamp"]
    assert (said.status, body) == (case["status"], expected)
    if "problem" in case["content_type"]:
        assert said.headers["Content-Type"] == case["content_type"]


# -- samples ------------------------------------------------------------------


def node(name: str) -> Node:
    return Node({"body": sample(name)}, "")["body"]


@needs_samples
@pytest.mark.parametrize("name", ["rest.issue.get.200", "rest.search-jql.post.200"])
def test_the_samples_of_issues_can_be_read(name: str) -> None:
    """They hold neither a summary nor a status, whatever the description promises; a number as a time."""
    body = node(name)
    issue = models.issue_from(next(iter(body["issues"].items()), body), "https://x")
    assert issue == Issue(
        id="10002",
        key="ED-1",
        summary="",
        status_id="",
        status_name="",
        category="undefined",
        resolution_id="",
        resolution="",
        project_key="EX",
        url="https://x/browse/ED-1",
        updated="1",
        fix_versions=(),
        links=(),
    )


@needs_samples
@pytest.mark.parametrize("name", ["to_done", "done_to_done", "reopened"])
def test_the_issues_in_sample_webhooks_can_be_read(name: str) -> None:
    issue = models.issue_from(node(f"representative.issue_updated.{name}")["issue"], "https://x")
    expected = ("3", "indeterminate", "") if name == "reopened" else (issue.status_id, "done", "Done")
    assert (issue.status_id, issue.category, issue.resolution) == expected
    assert issue.fix_versions == (Version("10100", "2026.11", False),)


@needs_samples
def test_the_other_samples_can_be_read() -> None:
    assert models.ref_from(node("rest.issue.create.201")) == models.IssueRef("10000", "ED-24")
    assert models.version_from(node("rest.version.get.200")) == Version("10000", "New Version 1", True)
    site = SiteInfo("My Jira instance", "https://your-domain.atlassian.net", "1001.0.0-SNAPSHOT", "Server")
    assert models.site_from(node("rest.serverInfo.200")) == site
    assert node("rest.myself.200")["accountId"].text() == "5b10a2844c20165700ede21g"
    (text,) = texts(node("rest.comment.create.201")["body"])
    assert text.startswith("Lorem ipsum")
    assert links(node("rest.comment.create.201")["body"]) == ()


@needs_samples
def test_categories_beyond_the_four_are_undefined() -> None:
    """The sample names categories that no Jira has."""
    for category in sample("rest.statuscategory.200"):
        assert models.category_from(Node({"statusCategory": category}, "")) == "undefined"


@needs_samples
@pytest.mark.parametrize(
    ("path", "name"),
    [("/issue/PROD-1/remotelink", "rest.remotelink"), ("/issue/PROD-1/comment", "rest.comment")],
)
def test_the_twin_takes_the_sample_requests(path: str, name: str) -> None:
    twin = JiraTwin(secret="s", email=EMAIL, token=TOKEN)
    twin.add_issue("PROD-1", "請求書CSVの文字化け")
    body = json.dumps(sample(f"{name}.create.request")).encode()
    said, _ = twin.answer(Ask("POST", f"/rest/api/3{path}", [], SIGNED_IN, body))
    assert said.status == 201
    assert set(said.body) <= set(sample(f"{name}.create.201"))
    listed, _ = twin.answer(Ask("GET", f"/rest/api/3{path}", [], SIGNED_IN, b""))
    if name == "rest.remotelink":
        (link,), (expected, _) = listed.body, sample("rest.remotelink.list.200")
        assert link | {"id": 0, "self": ""} == expected | {"id": 0, "self": ""}


@needs_samples
def test_the_changelog_looks_like_the_sample() -> None:
    twin = JiraTwin(secret="s", email=EMAIL, token=TOKEN)
    twin.add_issue("PROD-1", "請求書CSVの文字化け")
    twin.move("PROD-1", "完了")
    said, _ = twin.answer(Ask("GET", "/rest/api/3/issue/PROD-1/changelog", [], SIGNED_IN, b""))
    ours, theirs = said.body["values"][0], sample("rest.changelog.get.200")["values"][0]
    assert set(ours) == set(theirs)
    assert set(ours["items"][0]) == set(theirs["items"][0])
