"""The Jira client against its twin, over a real socket: first when things go wrong, then when not."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from typing import Any

import pytest

from integrations import http, jira
from integrations.contract import Delivery, Headers, Permanent, RateLimited, Transient, Unsure, Unwelcome
from integrations.jira import IssueMentioned, IssueRef, JiraClient, SiteInfo, Version
from integrations.jira.connection import REMEMBERED, IssueWrites
from integrations.jira.twin import JiraTwin
from integrations.jira.twin import data as twin_data
from integrations.pace import Pace
from integrations.twin import Ask, Fault, Said, Twin
from integrations.twin_server import Serving, serve
from tests.silence import impatient

EMAIL, TOKEN, SECRET = "yamabiko@aomori-soft.example", "ATATT3xFfGF0token", "りんご-harvest-2026"
SITE = "https://aomori-soft.example"
TALK = "https://app.intercom.com/a/inbox/aomori1/inbox/conversation/215470001"
LINK: dict[str, Any] = {
    "global_id": "intercom:aomori1:conversation:215470001",
    "url": TALK,
    "title": "みちのく運輸 佐々木様",
    "summary": "請求書CSVの文字化け",
    "resolved": False,
}
NEW = ("PROD", "バグ", "CSVの文字化け", f"会話 {TALK}", "yamabiko-FB-1")
STATUSES, SEARCH = "GET /rest/api/3/status", "POST /rest/api/3/search/jql"


class Patient(Pace):
    """A pace that never sleeps, and remembers for how long it was asked to."""

    def __init__(self) -> None:
        super().__init__(1_000_000, 1.0)
        self.asked: list[float] = []

    def wait(self) -> None:
        pass

    def close(self, seconds: float) -> None:
        self.asked.append(seconds)


class World:
    """A twin with one issue, served by a server that all tests share, and clients of it."""

    def __init__(self, server: Serving, twins: dict[str, Twin]) -> None:
        self.server = server
        self.twin = twins["jira"] = JiraTwin(secret=SECRET, email=EMAIL, token=TOKEN, site=SITE)
        self.issue = self.twin.add_issue("PROD-1", "請求書CSVの文字化け")
        self.pace = Patient()
        self._clients: list[JiraClient] = []
        self.client = self.client_with()

    def client_with(self, token: str = TOKEN, path: str = "/jira", site: str = SITE) -> JiraClient:
        client = JiraClient(self.server.url + path, EMAIL, token, site_url=site, pace=self.pace)
        impatient(client, self.twin)
        self._clients.append(client)
        return client

    def say(self, route: str, body: Any, status: int = 200, headers: Any = None) -> None:
        """Let a route of the twin answer something else from now on."""

        def answer(ask: Ask, **names: str) -> Said:
            return Said(status, body, headers or {})

        self.twin._routes = [
            (pattern, compiled, answer if pattern == route else handler)
            for pattern, compiled, handler in self.twin._routes
        ]

    def told(self) -> Iterator[Delivery]:
        """What the webhooks held back so far mean, each really verified."""
        for headers, body in self.twin.held or []:
            wire = Headers((name.encode(), value.encode()) for name, value in headers.items())
            jira.verify(wire, body, [SECRET], time.time())
            yield jira.parse(wire, body)

    def close(self) -> None:
        for client in self._clients:
            client.close()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Serving, dict[str, Twin]]]:
    twins: dict[str, Twin] = {}
    server = serve(twins)
    yield server, twins
    server.stop()


@pytest.fixture
def world(served: tuple[Serving, dict[str, Twin]], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(http, "_pause", lambda state: 0.0)
    world = World(*served)
    yield world
    world.close()


# -- writes that go wrong -----------------------------------------------------

Verb = Callable[[JiraClient, str], Any]
#: Its route, the call (with the id of an issue), how it is found again, and the effect it has.
ADDING: dict[str, tuple[str, Verb, Verb, str]] = {
    "comment": (
        "POST /rest/api/3/issue/{key}/comment",
        lambda client, issue: client.comment(issue, "お客様がお待ちです", "YMB-7"),
        lambda client, issue: client.find_comment(issue, "YMB-7"),
        "comment",
    ),
    "create_issue": (
        "POST /rest/api/3/issue",
        lambda client, issue: client.create_issue(*NEW),
        lambda client, issue: client.find_issue_by_label(NEW[-1]),
        "create_issue",
    ),
}
LINKING = "POST /rest/api/3/issue/{key}/remotelink"


def link(client: JiraClient, issue: str) -> bool:
    return client.link_conversation(issue, **LINK)


#: What happens, and how often the write is carried out all the same.
UNCLEAR = {
    "500": 0,
    "502": 0,
    "503": 0,
    "408": 0,
    "lost": 0,
    "hang": 1,
    "reset": 1,
    "truncated": 1,
    "html": 1,
    "late-500": 1,
}
#: How Jira asks to wait, and for how many seconds that is.
WAITS = {
    "seconds": ({"Retry-After": "2", "RateLimit-Reason": "jira-burst-based"}, 2.0),
    "nothing": ({}, 1.0),
    "a date that is past": ({"Retry-After": "Wed, 18 Nov 2026 05:05:11 GMT"}, 1.0),
    "a reset that is past": (
        {"X-RateLimit-Reset": "2020-11-18T05:05Z", "RateLimit-Reason": "jira-per-issue-on-write"},
        1.0,
    ),
}


@pytest.mark.parametrize(("kind", "times"), UNCLEAR.items())
@pytest.mark.parametrize("verb", ADDING)
def test_an_unclear_answer_to_an_addition_is_unsure_and_not_repeated(
    world: World, verb: str, kind: str, times: int
) -> None:
    route, add, find, effect = ADDING[verb]
    client = world.client
    world.twin.fail(route, Fault(kind))
    with pytest.raises(Unsure):
        add(client, world.issue)
    assert len(world.twin.did(effect)) == times
    assert bool(find(world.client, world.issue)) == bool(times)


@pytest.mark.parametrize("kind", UNCLEAR)
@pytest.mark.parametrize("verb", ADDING)
def test_looking_before_adding_again_adds_once(world: World, verb: str, kind: str) -> None:
    route, add, find, effect = ADDING[verb]
    world.twin.fail(route, Fault(kind))
    with pytest.raises(Unsure):
        add(world.client, world.issue)
    found = find(world.client, world.issue) or add(world.client, world.issue)
    assert found == find(world.client, world.issue)
    assert len(world.twin.did(effect)) == 1


@pytest.mark.parametrize("kind", UNCLEAR)
def test_a_link_is_stated_until_it_is_clear(world: World, kind: str) -> None:
    world.twin.fail(LINKING, Fault(kind))
    assert world.client.link_conversation(world.issue, **LINK)
    assert world.client.linked_urls(world.issue) == (TALK,)


def test_a_link_that_cannot_be_made_clear_may_be_stated_later(world: World) -> None:
    world.twin.fail(LINKING, *[Fault("500")] * 3)
    with pytest.raises(Transient):
        world.client.link_conversation(world.issue, **LINK)


@pytest.mark.parametrize("form", WAITS)
@pytest.mark.parametrize("route", [LINKING, *(row[0] for row in ADDING.values())])
def test_a_write_waits_as_long_as_it_is_asked_to(world: World, route: str, form: str) -> None:
    headers, seconds = WAITS[form]
    world.twin.fail(route, Fault("429", headers))
    calls: dict[str, Verb] = {LINKING: link} | {row[0]: row[1] for row in ADDING.values()}
    assert calls[route](world.client, world.issue)
    assert world.pace.asked == [seconds]
    assert [status for pattern, status in world.twin.calls if pattern == route] == [429, 201]


def test_a_long_wait_is_handed_on(world: World) -> None:
    world.twin.fail(LINKING, Fault("429", {"Retry-After": "600", "RateLimit-Reason": "jira-quota-tenant-based"}))
    with pytest.raises(RateLimited) as caught:
        world.client.link_conversation(world.issue, **LINK)
    assert caught.value.retry_after == 600
    assert not world.twin.did("link")


def test_one_issue_that_is_written_too_often_stops_no_other(world: World) -> None:
    world.twin.fail(LINKING, Fault("429", {"Retry-After": "600", "RateLimit-Reason": "jira-per-issue-on-write"}))
    with closing(JiraClient(world.server.url + "/jira", EMAIL, TOKEN)) as client:
        with pytest.raises(RateLimited):
            client.link_conversation(world.issue, **LINK)
        assert client.link_conversation(world.twin.add_issue("PROD-2", "CSV"), **LINK)


@pytest.mark.parametrize(
    ("verb", "body"), [("comment", {"self": "x"}), ("create_issue", {"id": "1"}), ("create_issue", [])]
)
def test_an_addition_whose_answer_says_nothing_is_unsure(world: World, verb: str, body: Any) -> None:
    route, add, _, _ = ADDING[verb]
    world.say(route, body, 201)
    with pytest.raises(Unsure):
        add(world.client, world.issue)


# -- reads that go wrong ------------------------------------------------------

READING: dict[str, tuple[str, Verb]] = {
    "issue": ("GET /rest/api/3/issue/{key}", lambda client, issue: client.issue(issue)),
    "category_of": (STATUSES, lambda client, issue: client.category_of("3")),
    "changed_since": (SEARCH, lambda client, issue: client.changed_since([issue], 30)),
    "changed_since, one deleted": (
        "POST /rest/api/3/issue/bulkfetch",
        lambda client, issue: client.changed_since([issue, "404"], 30),
    ),
    "find_issue_by_label": (SEARCH, lambda client, issue: client.find_issue_by_label("x") or IssueRef("", "")),
    "linked_urls": ("GET /rest/api/3/issue/{key}/remotelink", lambda client, issue: client.linked_urls(issue) == ()),
    "find_comment": ("GET /rest/api/3/issue/{key}/comment", lambda client, issue: not client.find_comment(issue, "x")),
    "myself": ("GET /rest/api/3/myself", lambda client, issue: client.myself()),
    "site_info": ("GET /rest/api/3/serverInfo", lambda client, issue: client.site_info()),
}


@pytest.mark.parametrize("kind", [*UNCLEAR, "429"])
@pytest.mark.parametrize("verb", READING)
def test_a_read_is_repeated(world: World, verb: str, kind: str) -> None:
    route, read = READING[verb]
    world.twin.fail(route, Fault(kind))
    assert read(world.client, world.issue)


@pytest.mark.parametrize("body", ['"text"', "7", {}, {"id": {}, "issues": {}, "comments": 1, "baseUrl": []}])
@pytest.mark.parametrize("verb", READING)
def test_an_answer_of_another_shape_needs_a_person(world: World, verb: str, body: Any) -> None:
    route, read = READING[verb]
    world.say(route, body)
    with pytest.raises(Permanent, match="cannot be read"):
        read(world.client, world.issue)


@pytest.mark.fault("F41")
def test_a_search_that_turns_in_a_circle_ends(world: World) -> None:
    world.say(SEARCH, {"issues": [], "isLast": False, "nextPageToken": "again"})
    with pytest.raises(Transient, match="same page"):
        world.client.changed_since([world.issue], 30)


@pytest.mark.parametrize("end", [{}, {"isLast": True}, {"isLast": True, "nextPageToken": "more"}])
def test_a_search_ends_when_jira_says_so_either_way(world: World, end: dict[str, Any]) -> None:
    world.say(SEARCH, {"issues": [{"id": "1", "key": "PROD-1"}], **end})
    assert len(world.client.changed_since([world.issue], 30)[0]) == 1
    assert len(world.twin.calls) == 1


@pytest.mark.fault("F41")
def test_a_count_of_comments_that_never_come_ends(world: World) -> None:
    world.say("GET /rest/api/3/issue/{key}/comment", {"comments": [], "total": 5})
    assert world.client.find_comment(world.issue, "YMB-1") is None


# -- refusals -----------------------------------------------------------------


@pytest.mark.parametrize("verb", [*READING, *ADDING, "link"])
def test_a_wrong_token_needs_a_person(world: World, verb: str) -> None:
    calls: dict[str, Verb] = {name: row[1] for name, row in READING.items()}
    calls |= {name: row[1] for name, row in ADDING.items()} | {"link": link}
    with pytest.raises(Permanent, match="401"):
        calls[verb](world.client_with(token="expired"), world.issue)
    assert not world.twin.effects


def test_a_token_that_jira_politely_ignores_does_not_empty_the_world(world: World) -> None:
    world.twin.receives_strangers = True
    stranger = world.client_with(token="expired")
    for ask in (
        lambda: stranger.issue(world.issue),
        lambda: stranger.changed_since([world.issue], 30),
        lambda: stranger.category_of("3"),
        lambda: stranger.linked_urls(world.issue),
    ):
        with pytest.raises(Permanent, match="does not accept the API token"):
            ask()


@pytest.mark.parametrize("path", ["", "/jira/wiki", "/jira/ex/jira/00000000-0000-0000-0000-000000000000"])
def test_a_wrong_address_is_not_a_missing_issue(world: World, path: str) -> None:
    astray = world.client_with(path=path)
    for ask in (
        lambda: astray.issue(world.issue),
        lambda: astray.linked_urls(world.issue),
        lambda: astray.link_conversation(world.issue, **LINK),
        lambda: astray.comment(world.issue, "x", "y"),
        lambda: astray.find_comment(world.issue, "y"),
    ):
        with pytest.raises(Permanent, match="JIRA_BASE_URL"):
            ask()


def test_an_account_that_has_to_solve_a_captcha_waits_for_somebody_to_do_so(world: World) -> None:
    world.twin.fail("*", Fault("403", {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE"}))
    with pytest.raises(Unwelcome, match="403"):
        world.client.issue(world.issue)


def test_what_the_account_may_not_do_needs_a_person(world: World) -> None:
    world.twin.granted -= {"LINK_ISSUES", "ADD_COMMENTS", "CREATE_ISSUES"}
    with pytest.raises(Permanent, match="403"):
        world.client.link_conversation(world.issue, **LINK)
    with pytest.raises(Permanent, match="400"):
        world.client.comment(world.issue, "x", "y")
    with pytest.raises(Permanent, match="400"):
        world.client.create_issue(*NEW)
    assert not world.twin.effects


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (("NONE", *NEW[1:]), "project"),
        (("PROD", "要求", *NEW[2:]), "issuetype"),
        (("PROD", "バグ", " ", *NEW[3:]), "summary"),
        ((*NEW[:4], "佐々木様 の件"), "labels"),
    ],
)
def test_a_refused_issue_names_the_field_and_no_text(world: World, new: Any, field: str) -> None:
    with pytest.raises(Permanent) as caught:
        world.client.create_issue(*new)
    assert str(caught.value) == f"Jira answered 400 to POST /rest/api/3/issue ({field})"


def test_what_is_gone_is_a_value(world: World) -> None:
    world.twin.delete("PROD-1")
    client = world.client
    assert client.issue(world.issue) is None
    assert client.issue("PROD-1") is None
    assert client.linked_urls(world.issue) == ()
    assert client.link_conversation(world.issue, **LINK) is False
    assert client.comment(world.issue, "x", "y") is None
    assert client.find_comment(world.issue, "y") is None


def test_a_version_that_is_gone_needs_a_person(world: World) -> None:
    with pytest.raises(Permanent, match="refuses the query"):
        list(world.client.issues_in_version("424242"))


@pytest.mark.parametrize("hostile", ["1) OR project = PROD", "", "PROD-1"])
def test_only_ids_enter_a_query(world: World, hostile: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        world.client.changed_since([hostile], 30)
    with pytest.raises(ValueError, match="invalid literal"):
        world.client.issues_in_version(hostile)


@pytest.mark.parametrize("name", ["../myself", "PROD-1/comment", "PROD-1?fields=x", "PROD 1", "1#2"])
def test_an_issue_name_stays_one_step_of_the_path(world: World, name: str) -> None:
    world.twin.fail("GET /rest/api/3/myself", Fault("500"))
    with pytest.raises(Permanent) if "/" in name else nullcontext():
        assert world.client.issue(name) is None


# -- when all is well ---------------------------------------------------------


def test_an_issue_is_read_as_it_is_now(world: World) -> None:
    twin = world.twin
    twin.describe("PROD-1", f"[みちのく運輸|{TALK}] と https://wiki.example/csv")
    version = twin.add_version("2026.11", "PROD")
    twin.fix_in("PROD-1", "2026.11")
    twin.move("PROD-1", "リリース済み", "対応しない")
    issue = world.client.issue("PROD-1")
    assert issue is not None
    assert issue.updated.endswith("+0900")
    assert abs(issue.since - time.time() * 1000) < 60_000
    assert replace(issue, updated="", since=0) == jira.Issue(
        id=world.issue,
        key="PROD-1",
        summary="請求書CSVの文字化け",
        status_id="10003",
        status_name="リリース済み",
        category="done",
        resolution_id="10001",
        resolution="対応しない",
        project_key="PROD",
        url=f"{SITE}/browse/PROD-1",
        updated="",
        fix_versions=(Version(version, "2026.11", False),),
        links=(TALK, "https://wiki.example/csv"),
    )
    assert world.client.issue(world.issue) == issue


def test_an_untouched_issue_has_no_resolution(world: World) -> None:
    issue = world.client.issue(world.issue)
    assert issue is not None
    assert (issue.category, issue.resolution_id, issue.resolution, issue.links) == ("new", "", "", ())


def test_links_for_people_lead_to_the_site(world: World) -> None:
    issue = world.client_with(site="").issue("PROD-1")
    assert issue is not None
    assert issue.url == f"{world.server.url}/jira/browse/PROD-1"


def test_categories_are_asked_for_once_and_again_for_an_unknown_status(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, asked = world.client, (STATUSES, 200)
    ids = ("10000", "3", "10001", "10002", "10003")
    assert [client.category_of(id_) for id_ in ids] == ["new", "indeterminate", "indeterminate", "done", "done"]
    assert world.twin.calls.count(asked) == 1
    assert client.category_of("77") == "undefined"
    assert world.twin.calls.count(asked) == 2
    monkeypatch.setitem(twin_data.STATUSES, "検収中", ("77", "indeterminate"))
    assert client.category_of("77") == "indeterminate"


def test_a_category_that_an_administrator_changed_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.client.category_of("10001") == "indeterminate"
    monkeypatch.setitem(twin_data.STATUSES, "レビュー中", ("10001", "done"))
    assert world.client.category_of("10001") == "indeterminate"
    monkeypatch.setattr(jira.client, "CATEGORIES_LAST", 0.0)
    assert world.client.category_of("10001") == "done"


def test_a_link_is_made_once_and_always_whole(world: World) -> None:
    assert world.client.link_conversation(world.issue, **LINK)
    assert world.client.link_conversation(world.issue, **(LINK | {"resolved": True}))
    (link,) = world.twin.remote_links[world.issue]
    assert {name: link[name] for name in ("globalId", "application", "relationship", "object")} == {
        "globalId": LINK["global_id"],
        "application": {"type": "com.intercom", "name": "Intercom"},
        "relationship": "reported in",
        "object": {
            "url": TALK,
            "title": LINK["title"],
            "summary": LINK["summary"],
            "status": {"resolved": True},
        },
    }
    assert [effect.facts["created"] for effect in world.twin.did("link", "PROD-1")] == [True, False]


def test_texts_in_a_link_fit_on_one_line(world: World) -> None:
    longest = "題" * 255
    for title in ("", longest):
        world.client.link_conversation(world.issue, **(LINK | {"title": title, "summary": "長い\n" * 200}))
    first, second = [effect.facts["title"] for effect in world.twin.did("link")]
    assert (first, second) == (TALK, longest)
    thing = world.twin.remote_links[world.issue][0]["object"]
    assert len(thing["summary"]) == 255
    assert "\n" not in thing["summary"]


def test_links_of_other_makers_are_seen(world: World) -> None:
    world.client.link_conversation(world.issue, **LINK)
    other = {"object": {"title": "設計", "url": "https://wiki.example/1"}, "id": 1, "self": "x"}
    world.twin.remote_links[world.issue] += [other, {"object": {"title": "宛先なし"}}]
    assert world.client.linked_urls(world.issue) == (TALK, "https://wiki.example/1")


def test_a_comment_is_found_by_its_whole_marker(world: World) -> None:
    ids = [world.client.comment(world.issue, "本文", marker) for marker in ("YMB-1", "YMB-12")]
    assert world.client.find_comment(world.issue, "YMB-1") == ids[0]
    assert world.client.find_comment(world.issue, "YMB-12") == ids[1]
    assert world.client.find_comment(world.issue, "YMB") is None
    assert world.twin.calls.count(("GET /rest/api/3/issue/{key}/comment", 200)) == 3


def test_a_comment_is_found_among_many(world: World) -> None:
    ours = world.client.comment(world.issue, "本文", "YMB-1")
    for number in range(205):
        world.twin.comment_by_hand("PROD-1", f"{number}件目")
    assert world.client.find_comment(world.issue, "YMB-1") == ours
    assert world.client.find_comment(world.issue, "YMB-2") is None


@pytest.mark.parametrize("kept", ["property", "text"])
def test_a_comment_is_found_by_what_is_left_of_its_marker(world: World, kept: str) -> None:
    ours = world.client.comment(world.issue, "本文", "YMB-1")
    (comment,) = world.twin.comments[world.issue]
    rewritten = {"type": "doc", "version": 1, "content": []}
    left = replace(comment, body=rewritten) if kept == "property" else replace(comment, properties=[])
    world.twin.comments[world.issue] = [left]
    assert world.client.find_comment(world.issue, "YMB-1") == ours


def test_a_created_issue_holds_what_it_was_given(world: World) -> None:
    ref = world.client.create_issue(
        "PROD", "10004", "CSVの\n文字化け " + "あ" * 300, f"会話 {TALK}\n以上", "yamabiko-FB-1"
    )
    assert ref.key == "PROD-2"
    issue = world.client.issue(ref.id)
    assert issue is not None
    assert issue.links == (TALK,)
    assert issue.summary.startswith("CSVの 文字化け あ")
    assert len(issue.summary) == 255
    assert world.client.find_issue_by_label("yamabiko-FB-1") == ref


def test_a_created_issue_is_found_a_little_later(world: World) -> None:
    world.twin.lag = 30.0
    ref = world.client.create_issue(*NEW)
    assert world.client.find_issue_by_label(NEW[-1]) is None
    world.twin.clock = lambda: time.time() + 31
    assert world.client.find_issue_by_label(NEW[-1]) == ref


def test_the_oldest_of_two_issues_with_a_label_is_the_one(world: World) -> None:
    refs = [world.client.create_issue(*NEW) for _ in range(2)]
    assert world.client.find_issue_by_label(NEW[-1]) == refs[0]


@pytest.mark.parametrize("label", ['a"b', "a\\", '") OR labels = ("x', ""])
def test_a_label_is_quoted(world: World, label: str) -> None:
    assert world.client.find_issue_by_label(label) is None


def test_what_changed_is_found_in_chunks_and_pages(world: World) -> None:
    twin, ids = world.twin, [world.issue]
    twin.largest_page = 40
    twin.clock = lambda: time.time() - 7200
    ids += [twin.add_issue(f"PROD-{number}", "古い要望") for number in range(2, 231)]
    twin.clock = time.time
    for number in range(20, 170):
        twin.edit(f"PROD-{number}", summary="新しい要望")
    changed = {issue.key for issue in world.client.changed_since(ids, 30)[0]}
    assert changed == {"PROD-1"} | {f"PROD-{number}" for number in range(20, 170)}
    assert twin.calls.count((SEARCH, 200)) == 3 + 2 + 1


def test_a_deleted_issue_does_not_hide_the_others(world: World) -> None:
    gone = world.twin.add_issue("PROD-2", "消える要望")
    kept = world.twin.add_issue("PROD-3", "残る要望")
    world.twin.delete("PROD-2")
    found, missing = world.client.changed_since([world.issue, gone, kept], 30)
    assert missing == {gone}
    assert [issue.key for issue in found] == ["PROD-1", "PROD-3"]


def test_whatever_changed_lately_is_found_newest_first(world: World) -> None:
    world.twin.clock = lambda: time.time() - 7200
    world.twin.add_issue("PROD-2", "古い要望")
    world.twin.clock = lambda: time.time() - 60
    world.twin.describe("PROD-1", TALK)
    world.twin.clock = time.time
    world.twin.add_issue("PROD-3", "新しい要望")
    found = [(issue.key, issue.links) for issue in world.client.recently_changed(30)]
    assert found == [("PROD-3", ()), ("PROD-1", (TALK,))]


def test_links_in_comments_are_found_with_the_issue(world: World) -> None:
    world.twin.describe("PROD-1", TALK)
    world.twin.comment_by_hand("PROD-1", f"{TALK} https://a.example/1")
    [issue] = world.client.recently_changed(30)
    assert issue.links == (TALK, "https://a.example/1")
    assert len(world.twin.calls) == 1


def test_where_not_all_comments_come_along_the_newest_are_asked_for(world: World) -> None:
    for number in range(150):
        world.twin.comment_by_hand("PROD-1", f"https://a.example/{number}")
    [issue] = world.client.recently_changed(30)
    assert issue.links == tuple(f"https://a.example/{number}" for number in range(149, 49, -1))
    assert len(world.twin.calls) == 2
    assert world.client.links_in_comments("PROD-404") == ()


def test_nothing_to_ask_for_asks_nothing(world: World) -> None:
    assert world.client.changed_since([], 30) == ([], set())
    assert not world.twin.calls


def test_the_issues_of_a_version_are_found_whatever_their_state(world: World) -> None:
    version = world.twin.add_version("2026.11", "PROD")
    world.twin.add_issue("PROD-2", "別の要望")
    world.twin.add_issue("PROD-3", "完了した要望", status="完了")
    for key in ("PROD-1", "PROD-3"):
        world.twin.fix_in(key, "2026.11")
    world.twin.release_version("2026.11")
    found = list(world.client.issues_in_version(version))
    assert [(issue.key, issue.category) for issue in found] == [("PROD-1", "new"), ("PROD-3", "done")]
    assert found[0].fix_versions == (Version(version, "2026.11", True),)
    assert world.client.issues_in_version_named("2026.11") == found


@pytest.mark.parametrize("name", ["2026.12", "", '2026.11" OR project = "PROD', "10000\\"])
def test_a_version_that_nobody_called_so_is_none(world: World, name: str) -> None:
    world.twin.add_version("2026.11", "PROD")
    world.twin.fix_in("PROD-1", "2026.11")
    assert world.client.issues_in_version_named(name) is None


def test_a_number_names_no_version_by_its_id(world: World) -> None:
    id = world.twin.add_version("2026.11", "PROD")
    world.twin.fix_in("PROD-1", "2026.11")
    assert world.client.issues_in_version_named(id) == []


def test_who_and_where(world: World) -> None:
    assert world.client.myself() == world.twin.account.id
    assert world.client.site_info() == SiteInfo("Jira（見本）", SITE, "1001.0.0-SNAPSHOT", "Cloud")


def test_a_scoped_token_works_at_the_gateway_only(world: World) -> None:
    world.twin._scoped = True
    gateway = world.client_with(path=f"/jira/ex/jira/{JiraTwin.CLOUD_ID}")
    issue = gateway.issue("PROD-1")
    assert issue is not None
    assert issue.url == f"{SITE}/browse/PROD-1"
    with pytest.raises(Permanent, match="401"):
        world.client.issue("PROD-1")


# -- what comes back ----------------------------------------------------------


@pytest.mark.fault("F58")
def test_our_comments_come_back_as_deliveries_and_our_links_do_not(world: World) -> None:
    world.twin.held = []
    world.client.link_conversation(world.issue, **LINK)
    assert list(world.told()) == []
    world.client.comment(world.issue, f"会話 {TALK}", "YMB-1")
    first, second = world.told()
    assert (first.topic, first.event) == ("comment_created", IssueMentioned(world.issue, "PROD-1", (TALK,)))
    assert (second.topic, second.event) == ("jira:issue_updated", None)
    assert first.id != second.id


# -- spacing ------------------------------------------------------------------


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_writes_to_one_issue_keep_inside_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("integrations.pace.time.sleep", clock.sleep)
    writes, times = IssueWrites(clock), []
    for _ in range(250):
        writes.wait("10042")
        times.append(clock.now)
    assert all(len([t for t in times if start <= t < start + 2]) <= 20 for start in times)
    assert all(len([t for t in times if start <= t < start + 30]) <= 100 for start in times)


def test_writes_to_many_issues_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("integrations.pace.time.sleep", clock.sleep)
    writes = IssueWrites(clock)
    for issue in range(3 * REMEMBERED):
        writes.wait(str(issue))
    assert clock.now == Clock().now
    assert len(writes._paces) == REMEMBERED
