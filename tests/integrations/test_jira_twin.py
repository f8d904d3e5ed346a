"""The stand-in for Jira: what people do in it, what it tells us, and what it refuses."""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from integrations import jira
from integrations.contract import Delivery, Headers
from integrations.jira import IssueDeleted, IssueMentioned, IssueMoved, IssueResolved, VersionReleased
from integrations.jira.twin import JiraTwin
from integrations.jira.twin.limits import RateLimits
from integrations.jira.twin.text import is_document, to_adf, to_wiki
from integrations.twin import Ask, Said

EMAIL, TOKEN, SECRET = "yamabiko@aomori-soft.example", "ATATT3xFfGF0token", "りんご-harvest-2026"
SIGNED_IN = {"authorization": "Basic " + b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()}
DEVELOPER = "712020:3f1c-dev"
NOON = 1_795_226_640.0


class Site:
    """A twin whose webhooks are held back, and whose clock stands still."""

    def __init__(self, **settings: Any) -> None:
        self.now = NOON
        self.twin = JiraTwin(secret=SECRET, email=EMAIL, token=TOKEN, **settings)
        self.twin.clock = lambda: self.now
        self.twin.held = []

    def ask(self, method: str, path: str, body: Any = None, api: int = 3, **query: str) -> Said:
        full = path if path.startswith("/rest") else f"/rest/api/{api}{path}"
        sent = b"" if body is None else json.dumps(body).encode()
        return self.twin.answer(Ask(method, full, list(query.items()), SIGNED_IN, sent))[0]

    def search(self, jql: str, **query: Any) -> list[str]:
        """The keys that a search finds."""
        said = self.ask("POST", "/search/jql", {"jql": jql, "fields": ["summary"]} | query)
        assert said.status == 200, said.body
        return [issue["key"] for issue in said.body["issues"]]

    def refused(self, jql: str) -> str:
        """What a search is refused with."""
        said = self.ask("POST", "/search/jql", {"jql": jql})
        assert said.status == 400
        return str(said.body["errorMessages"][0])

    def told(self) -> Iterator[tuple[Delivery, Any]]:
        """The webhooks since last asked, verified and parsed, and their bodies."""
        held, self.twin.held = self.twin.held or [], []
        for headers, body in held:
            wire = Headers((name.encode(), value.encode()) for name, value in headers.items())
            jira.verify(wire, body, [SECRET], 0.0)
            yield jira.parse(wire, body), json.loads(body)

    def event(self) -> Any:
        """What the only webhook since last asked means."""
        ((delivery, _),) = self.told()
        return delivery.event


@pytest.fixture
def site() -> Site:
    site = Site()
    site.twin.add_issue("PROD-1", "請求書CSVの文字化け")
    list(site.told())
    return site


# -- people -------------------------------------------------------------------


def test_moving_into_done_sets_a_resolution_in_the_same_change(site: Site) -> None:
    site.twin.move("PROD-1", "完了")
    ((delivery, body),) = site.told()
    issue = site.twin.find("PROD-1")
    change = body["changelog"]["id"]
    assert delivery.event == IssueMoved(issue.id, "PROD-1", "10000", "10002", change, DEVELOPER)
    assert [item["field"] for item in body["changelog"]["items"]] == ["resolution", "status"]
    assert body["issue"]["fields"]["status"]["statusCategory"]["key"] == "done"
    assert body["issue"]["fields"]["resolution"]["name"] == "完了"
    assert body["issue"]["self"].endswith(f"/rest/api/2/issue/{issue.id}")


@pytest.mark.parametrize(
    ("moves", "resolution"),
    [
        ([("完了", "対応しない")], "対応しない"),
        ([("完了", "")], ""),
        ([("完了", "重複"), ("リリース済み", None)], "重複"),
        ([("完了", "重複"), ("リリース済み", "完了")], "完了"),
        ([("完了", None), ("進行中", None)], ""),
        ([("進行中", None), ("レビュー中", None)], ""),
    ],
)
def test_the_resolution_follows_the_category(site: Site, moves: Any, resolution: str) -> None:
    for status, given in moves:
        site.twin.move("PROD-1", status, given)
    assert site.twin.find("PROD-1").resolution == resolution


def test_moving_nowhere_tells_nothing(site: Site) -> None:
    site.twin.move("PROD-1", "未対応")
    assert list(site.told()) == []


def test_a_later_resolution_is_a_change_of_its_own(site: Site) -> None:
    site.twin.move("PROD-1", "完了", "")
    list(site.told())
    site.twin.set_resolution("PROD-1", "再現せず")
    assert isinstance(site.event(), IssueResolved)
    site.twin.set_resolution("PROD-1", "")
    assert site.event() is None


def test_the_category_changes_at_its_own_time(site: Site) -> None:
    site.twin.move("PROD-1", "完了")
    site.now += 60
    site.twin.move("PROD-1", "リリース済み")
    (_, _), (_, body) = site.told()
    fields = body["issue"]["fields"]
    assert fields["statuscategorychangedate"] == "2026-11-21T11:04:00.000+0900"
    assert fields["updated"] == "2026-11-21T11:05:00.000+0900"


def test_edits_are_no_events(site: Site) -> None:
    site.twin.edit("PROD-1", summary="新しい題", labels="要望 至急")
    ((delivery, body),) = site.told()
    assert delivery.event is None
    assert [item["field"] for item in body["changelog"]["items"]] == ["summary", "labels"]
    site.twin.edit("PROD-1")
    assert list(site.told()) == []


def test_descriptions_and_comments_are_wiki_text_in_webhooks(site: Site) -> None:
    issue = site.twin.find("PROD-1").id
    site.twin.describe("PROD-1", "会話 https://a.example/1 と [山田様|https://a.example/2]")
    ((delivery, body),) = site.told()
    assert delivery.event == IssueMentioned(issue, "PROD-1", ("https://a.example/1", "https://a.example/2"))
    told = "会話 [https://a.example/1|https://a.example/1|smart-link] と [山田様|https://a.example/2]"
    assert body["issue"]["fields"]["description"] == told
    site.twin.comment_by_hand("PROD-1", "https://a.example/3")
    (comment, _), (update, _) = site.told()
    assert comment.event == IssueMentioned(issue, "PROD-1", ("https://a.example/3",))
    assert update.event is None


def test_deleting_tells_the_issue_first(site: Site) -> None:
    site.twin.comment_by_hand("PROD-1", "一言")
    issue = site.twin.find("PROD-1").id
    list(site.told())
    site.twin.delete("PROD-1")
    assert site.twin.held is not None
    assert [headers["X-Atlassian-Webhook-Flow"] for headers, _ in site.twin.held] == ["Primary", "Secondary"]
    first, second = site.told()
    assert first[0].event == IssueDeleted(issue, "PROD-1")
    assert second[0].topic == "comment_deleted"
    assert site.ask("GET", "/issue/PROD-1").status == 404


def test_releasing_a_version_names_no_issues(site: Site) -> None:
    version = site.twin.add_version("2026.11", "PROD")
    site.twin.fix_in("PROD-1", "2026.11")
    list(site.told())
    site.twin.release_version("2026.11")
    ((delivery, body),) = site.told()
    assert delivery.event == VersionReleased(version, "2026.11", site.twin.projects["PROD"].id)
    assert "issue" not in body
    assert site.ask("GET", f"/version/{version}").body["released"] is True
    assert site.ask("GET", "/issue/PROD-1").body["fields"]["fixVersions"][0]["released"] is True
    assert site.ask("GET", "/project/PROD/versions").body[0]["id"] == version


def test_the_changelog_is_kept_oldest_first(site: Site) -> None:
    site.twin.move("PROD-1", "進行中")
    site.twin.move("PROD-1", "完了")
    page = site.ask("GET", "/issue/PROD-1/changelog").body
    assert [entry["items"][-1]["toString"] for entry in page["values"]] == ["進行中", "完了"]


def test_keys_are_unique_and_never_used_twice(site: Site) -> None:
    with pytest.raises(ValueError, match="exists"):
        site.twin.add_issue("PROD-1", "同じ番号")
    site.twin.delete("PROD-1")
    new = {"project": {"key": "PROD"}, "issuetype": {"name": "バグ"}, "summary": "次"}
    assert site.ask("POST", "/issue", {"fields": new}).body["key"] == "PROD-2"
    assert site.twin.key_of(site.twin.find("PROD-2").id) == "PROD-2"


def test_every_delivery_has_an_identifier_of_its_own(site: Site) -> None:
    site.twin.move("PROD-1", "進行中")
    site.twin.move("PROD-1", "完了")
    (first, _), (second, _) = site.told()
    assert first.id != second.id


def test_without_a_secret_nothing_is_signed() -> None:
    twin = JiraTwin(secret="", email=EMAIL, token=TOKEN)
    assert "X-Hub-Signature" not in twin.signed(b"{}")


# -- searching ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = PROD", ["PROD-1", "PROD-2", "PROD-3"]),
        ("project = PROD ORDER BY created DESC", ["PROD-3", "PROD-2", "PROD-1"]),
        ("key in (PROD-1, PROD-3) AND statusCategory = Done", ["PROD-3"]),
        ("issuekey not in (PROD-1)", ["PROD-2", "PROD-3"]),
        ('labels = "二つの 言葉" and project = PROD', []),
        ('labels = "and" ORDER BY key', ["PROD-2"]),
        ("status != 完了 AND resolution = EMPTY", ["PROD-1", "PROD-2"]),
        ("resolution = 10000", ["PROD-3"]),
        ("updated >= -30m", ["PROD-2", "PROD-3"]),
        ("updated <= -30m", ["PROD-1"]),
        ('fixVersion = "2026.11"', ["PROD-2"]),
    ],
)
def test_a_search_finds(site: Site, jql: str, keys: list[str]) -> None:
    site.now += 3600
    site.twin.add_issue("PROD-2", "二つ目")
    site.twin.edit("PROD-2", labels="and 要望")
    site.twin.add_version("2026.11", "PROD")
    site.twin.fix_in("PROD-2", "2026.11")
    site.now += 1
    site.twin.add_issue("PROD-3", "三つ目")
    site.twin.move("PROD-3", "完了")
    assert site.search(jql) == keys


@pytest.mark.parametrize(
    ("jql", "sentence"),
    [
        ("", "Unbounded JQL"),
        ("ORDER BY key", "Unbounded JQL"),
        ("key = PROD-9", "An issue with key 'PROD-9' does not exist"),
        ("id in (1, 2)", "An issue with key '1' does not exist"),
        ("project = OTHER", "The value 'OTHER' does not exist"),
        ("fixVersion = 1", "The value '1' does not exist"),
        ("status = Done", "The value 'Done' does not exist"),
        ("assignee = me", "Field 'assignee' does not exist"),
        ("project = PROD OR key = PROD-1", "Expecting 'AND'"),
        ("project", "Expecting a clause"),
        ("updated >= yesterday", "reads updated only as"),
    ],
)
def test_a_search_is_refused(site: Site, jql: str, sentence: str) -> None:
    assert sentence in site.refused(jql)


def test_a_search_gives_ids_alone_unless_asked(site: Site) -> None:
    issue = site.twin.find("PROD-1").id
    said = site.ask("POST", "/search/jql", {"jql": "project = PROD"})
    assert said.body == {"issues": [{"id": issue}], "isLast": True}


@pytest.mark.parametrize("unknown", ["startAt", "validateQuery", "total"])
def test_a_search_takes_nothing_it_does_not_know(site: Site, unknown: str) -> None:
    assert site.ask("POST", "/search/jql", {"jql": "project = PROD", unknown: 1}).status == 400


def test_a_token_leads_through_the_pages_of_its_own_search_only(site: Site) -> None:
    site.twin.add_issue("PROD-2", "二つ目")
    query = {"jql": "project = PROD", "maxResults": 1}
    page = site.ask("POST", "/search/jql", query).body
    assert page["isLast"] is False
    following = query | {"nextPageToken": page["nextPageToken"]}
    assert site.ask("POST", "/search/jql", following).body["isLast"] is True
    for wrong in (following | {"jql": "key = PROD-1"}, query | {"nextPageToken": "garbage"}):
        assert "invalid or expired" in site.ask("POST", "/search/jql", wrong).body["errorMessages"][0]


def test_the_search_lags_behind(site: Site) -> None:
    site.twin.lag, site.now = 30.0, site.now + 60
    new = int(site.twin.add_issue("PROD-2", "二つ目"))
    site.twin.move("PROD-1", "完了")
    assert site.search("project = PROD") == ["PROD-1"]
    assert site.search("statusCategory = Done") == []
    assert site.search("project = PROD", reconcileIssues=[new]) == ["PROD-1", "PROD-2"]
    site.now += 31
    assert site.search("project = PROD") == ["PROD-1", "PROD-2"]
    assert site.search("statusCategory = Done") == ["PROD-1"]


# -- refusals -----------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}])
def test_strangers_are_refused(site: Site, headers: dict[str, str]) -> None:
    said, _ = site.twin.answer(Ask("GET", "/rest/api/3/issue/PROD-1", [], headers, b""))
    assert said.status == 401


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("api", [2, 3])
def test_the_old_search_is_gone(site: Site, method: str, api: int) -> None:
    said = site.ask(method, "/search", {"jql": "project = PROD"}, api=api)
    assert said.status == 410
    assert "/rest/api/3/search/jql" in said.body["errorMessages"][0]


@pytest.mark.parametrize(
    "body",
    [
        None,
        "text",
        {"type": "doc", "content": []},
        {"type": "doc", "version": 1, "content": [{"type": "marquee"}]},
        {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]},
        {"type": "doc", "version": 1, "content": [{"type": "text", "text": "x", "marks": [{"type": "link"}]}]},
    ],
)
def test_a_comment_has_to_be_a_document(site: Site, body: Any) -> None:
    said = site.ask("POST", "/issue/PROD-1/comment", {"body": body})
    assert (said.status, said.body["errors"]) == (400, {"comment": "Comment body is not valid!"})
    assert not site.twin.effects
    assert list(site.told()) == []


def test_in_version_two_a_comment_is_wiki_text(site: Site) -> None:
    said = site.ask("POST", "/issue/PROD-1/comment", {"body": "会話 https://a.example/1"}, api=2)
    assert said.body["body"] == "会話 [https://a.example/1|https://a.example/1|smart-link]"
    assert is_document(site.ask("GET", "/issue/PROD-1/comment").body["comments"][0]["body"])


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ({}, "title"),
        ({"object": {"title": "x"}}, "url"),
        ({"object": {"title": "x", "url": "https://x"}, "globalId": "g" * 256}, "globalId"),
    ],
)
def test_a_remote_link_has_to_be_complete(site: Site, link: Any, fault: str) -> None:
    said = site.ask("POST", "/issue/PROD-1/remotelink", link)
    assert (said.status, list(said.body["errors"])) == (400, [fault])


def test_an_update_empties_what_it_omits(site: Site) -> None:
    full = {"title": "x", "url": "https://x", "summary": "要約", "status": {"resolved": True}}
    assert site.ask("POST", "/issue/PROD-1/remotelink", {"globalId": "g", "object": full}).status == 201
    bare = {"title": "x", "url": "https://x"}
    assert site.ask("POST", "/issue/PROD-1/remotelink", {"globalId": "g", "object": bare}).status == 200
    one = site.ask("GET", "/issue/PROD-1/remotelink", globalId="g").body
    assert one["object"] == bare
    assert site.ask("GET", "/issue/PROD-1/remotelink").body == [one]
    assert site.ask("GET", "/issue/PROD-1/remotelink", globalId="h").status == 404


def test_links_without_a_global_id_pile_up(site: Site) -> None:
    for _ in range(2):
        site.ask("POST", "/issue/PROD-1/remotelink", {"object": {"title": "x", "url": "https://x"}})
    assert len(site.ask("GET", "/issue/PROD-1/remotelink").body) == 2


def test_a_remote_link_is_removed_by_its_global_id(site: Site) -> None:
    site.ask("POST", "/issue/PROD-1/remotelink", {"globalId": "g", "object": {"title": "x", "url": "https://x"}})
    path = "/issue/PROD-1/remotelink"
    assert site.ask("DELETE", path).status == 400
    assert site.ask("DELETE", path, globalId="g").status == 204
    assert site.ask("DELETE", path, globalId="g").status == 404
    assert [effect.verb for effect in site.twin.effects] == ["link", "unlink"]


def test_properties_are_kept(site: Site) -> None:
    path = "/issue/PROD-1/properties/yamabiko"
    assert site.ask("GET", path).status == 404
    assert site.ask("PUT", path, {"a": 1}).status == 201
    assert site.ask("PUT", path, {"a": 2}).status == 200
    assert site.ask("GET", path).body == {"key": "yamabiko", "value": {"a": 2}}
    assert [delivery.topic for delivery, _ in site.told()] == ["issue_property_set"] * 2


def test_a_number_that_is_none_gets_the_other_kind_of_error(site: Site) -> None:
    said = site.ask("GET", "/issue/PROD-1/comment", startAt="first")
    assert (said.status, said.headers["Content-Type"]) == (400, "application/problem+json;charset=UTF-8")


@pytest.mark.parametrize("ids", [[], [str(number) for number in range(101)]])
def test_at_most_a_hundred_issues_are_fetched_at_once(site: Site, ids: list[str]) -> None:
    assert site.ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ids}).status == 400


# -- admin webhooks -----------------------------------------------------------

HOOK = {
    "name": "Yamabiko",
    "url": "https://y.example/webhooks/jira",
    "events": ["jira:issue_updated"],
    "secret": SECRET,
}
HOOKS = "/rest/webhooks/1.0/webhook"


def test_only_administrators_see_webhooks(site: Site) -> None:
    site.twin.granted.discard("ADMINISTER")
    for method, path in (("GET", HOOKS), ("POST", HOOKS), ("PUT", f"{HOOKS}/1"), ("DELETE", f"{HOOKS}/1")):
        assert site.ask(method, path, HOOK).status == 403


@pytest.mark.parametrize("missing", ["name", "url", "events"])
def test_a_webhook_has_to_be_complete(site: Site, missing: str) -> None:
    assert site.ask("POST", HOOKS, {k: v for k, v in HOOK.items() if k != missing}).status == 400


def test_a_registered_webhook_hears_what_it_asked_for(site: Site) -> None:
    hook = site.ask("POST", HOOKS, HOOK).body
    assert hook["isSigned"] is True
    assert "secret" not in hook
    assert site.twin.webhook_url == HOOK["url"]
    site.twin.comment_by_hand("PROD-1", "一言")
    assert [delivery.topic for delivery, _ in site.told()] == ["jira:issue_updated"]
    path = f"{HOOKS}/{hook['self'].rpartition('/')[2]}"
    site.ask("PUT", path, HOOK | {"events": ["jira:issue_deleted"]})
    site.twin.move("PROD-1", "完了")
    assert list(site.told()) == []
    assert site.ask("DELETE", path).status == 204
    assert site.ask("DELETE", path).status == 404
    assert site.ask("GET", HOOKS).body == []


# -- rate limits --------------------------------------------------------------


def limited(**limits: int) -> Site:
    site = Site(limits=RateLimits(**limits))
    site.twin.add_issue("PROD-1", "請求書CSVの文字化け")
    return site


def test_limits_are_off_unless_asked_for(site: Site) -> None:
    assert {site.ask("GET", "/myself").status for _ in range(500)} == {200}


@pytest.mark.parametrize(
    ("limits", "method", "path", "allowed", "reason", "wait"),
    [
        ({}, "GET", "/myself", 100, "jira-burst-based", "2"),
        ({"burst": 10}, "GET", "/status", 10, "jira-burst-based", "2"),
        ({"quota": 7}, "GET", "/status", 7, "jira-quota-tenant-based", "3601"),
        ({}, "POST", "/issue/PROD-1/remotelink", 20, "jira-per-issue-on-write", "3"),
    ],
)
def test_one_call_too_many(limits: Any, method: str, path: str, allowed: int, reason: str, wait: str) -> None:
    site, link = limited(**limits), {"object": {"title": "x", "url": "https://x"}}
    statuses = [site.ask(method, path, link).status for _ in range(allowed)]
    assert max(statuses) < 300
    refused = site.ask(method, path, link)
    assert refused.status == 429
    assert (refused.headers["RateLimit-Reason"], refused.headers["Retry-After"]) == (reason, wait)
    assert refused.headers["X-RateLimit-Reset"].startswith("2026-11-21T0")
    site.now += float(wait)
    assert site.ask(method, path, link).status == statuses[-1]


def test_a_hundred_writes_to_one_issue_are_enough_for_half_a_minute() -> None:
    site, link = limited(), {"object": {"title": "x", "url": "https://x"}}
    site.twin.add_issue("PROD-2", "別の要望")
    for _ in range(5):
        assert {site.ask("POST", "/issue/PROD-1/remotelink", link).status for _ in range(20)} == {201}
        site.now += 2.5
    assert site.ask("POST", "/issue/PROD-1/remotelink", link).status == 429
    assert site.ask("POST", "/issue/PROD-2/remotelink", link).status == 201
    assert site.ask("GET", "/issue/PROD-1").status == 200


def test_answers_warn_before_the_limit() -> None:
    site = limited(burst=10)
    said = [site.ask("GET", "/status") for _ in range(9)]
    assert said[0].headers["X-RateLimit-Remaining"] == "9"
    assert "X-RateLimit-NearLimit" not in said[0].headers
    assert said[-1].headers["X-RateLimit-NearLimit"] == "true"


# -- rich text ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("wiki", "again"),
    [
        ("一行目\n\n三行目", "一行目\n\n三行目"),
        ("[題|https://a.example]", "[題|https://a.example]"),
        ("[https://a.example]", "[https://a.example|https://a.example]"),
        ("見て https://a.example", "見て [https://a.example|https://a.example|smart-link]"),
        ("[x|https://a.example|smart-link]", "[https://a.example|https://a.example|smart-link]"),
        ("{{YMB-1}} です", "{{YMB-1}} です"),
    ],
)
def test_wiki_text_survives_being_a_document(wiki: str, again: str) -> None:
    assert is_document(to_adf(wiki))
    assert to_wiki(to_adf(wiki)) == again
