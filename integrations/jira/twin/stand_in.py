"""A stand-in for Jira Cloud: its REST API v3 (and v2 for the `jira` package), and its admin webhooks.

    twin = JiraTwin(secret="…", email="yamabiko@example.com", token="…")
    twin.add_issue("PROD-1", "CSV出力が失敗する"); twin.move("PROD-1", "完了")

Every refusal has the form that the real service was seen to answer with.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from integrations.jira.twin.around import MOST_COMMENTS, NO_ISSUE, AroundIssues
from integrations.jira.twin.asks import PROBLEM, api_of, error, json_body, listed, number, parsed, refuse, with_refusals
from integrations.jira.twin.data import ISSUE_TYPES, STATUSES, Json, Ticket
from integrations.jira.twin.jql import BadQuery, Site, search
from integrations.jira.twin.limits import RateLimits
from integrations.jira.twin.text import as_adf, is_rich
from integrations.twin import Ask, Handler, Said, route

REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration "
    "guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
SEARCH_FIELDS = {"jql", "fields", "maxResults", "nextPageToken", "expand", "properties", "fieldsByKeys", "failFast"}
PERMISSIONS = {"BROWSE_PROJECTS", "LINK_ISSUES", "ADD_COMMENTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADMINISTER"}


class JiraTwin(AroundIssues):
    """The site's HTTP API. `site` is where people see it; `limits` are off unless given.

    `token` is accepted at the site's own address; with `scoped` only at the gateway,
    `/ex/jira/<CLOUD_ID>/rest/…`, as scoped tokens are.
    """

    CLOUD_ID = "11111111-2222-4333-8444-555555555555"

    def __init__(
        self,
        *,
        secret: str,
        email: str,
        token: str,
        site: str = "https://jira.example",
        projects: Sequence[str] = ("PROD",),
        limits: RateLimits | None = None,
        lag: float = 0.0,
        scoped: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__(secret=secret, email=email, site=site, projects=projects, lag=lag, seed=seed)
        self._credentials = "Basic " + base64.b64encode(f"{email}:{token}".encode()).decode()
        self._limits = limits
        self._scoped = scoped
        self.granted = set(PERMISSIONS)
        #: Answer wrong tokens as Jira sometimes does: with 200 and what strangers may see, nothing.
        self.receives_strangers = False
        #: The most issues on one page of a search, whatever was asked for.
        self.largest_page = 5000
        self._tokens: dict[str, tuple[str, int]] = {}

    # -- who may come in ----------------------------------------------------

    def guard(self, ask: Ask) -> Said | None:
        """Tokens first, then rate limits."""
        gateway, known = ask.path.startswith("/ex/jira/"), ask.path.startswith(f"/ex/jira/{self.CLOUD_ID}/")
        if gateway and not known:
            lost = {"timestamp": "2026-11-20T01:02:03.000Z", "status": 404, "error": "Not Found"}
            return Said(404, lost | {"message": "No message available", "path": ask.path})
        if ask.headers.get("authorization") != self._credentials or gateway is not self._scoped:
            return self._to_stranger(ask)
        if self._limits is None:
            return None
        endpoint, _, names = self._find(ask)
        issue = names.get("key", "") if ask.method != "GET" else ""
        return self._limits.refusal(ask.method, endpoint, issue, self.clock())

    def _to_stranger(self, ask: Ask) -> Said:
        endpoint = self._find(ask)[0]
        if not self.receives_strangers or endpoint.endswith("/myself"):
            return Said(401, error("Client must be authenticated to access this resource."))
        header = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        if "search" in endpoint:
            return Said(200, {"issues": [], "isLast": True}, header)
        return Said(404, error(NO_ISSUE), header) if "{" in endpoint else Said(200, [], header)

    def stamp(self, ask: Ask, said: Said) -> Said:
        """The trace id on everything, and what is left of the burst."""
        headers = {"Atl-Traceid": uuid.uuid4().hex}
        if self._limits is not None:
            limit, left = self._limits.left(ask.method, self._find(ask)[0])
            headers |= {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(left)}
            headers |= {"X-RateLimit-NearLimit": "true"} if left < limit / 5 else {}
        return replace(said, headers=headers | dict(said.headers))

    def unknown(self, ask: Ask) -> Said:
        """Paths that do not exist are answered in another format than all other errors."""
        problem = {"type": "about:blank", "title": "Not Found", "status": 404}
        problem |= {"detail": f"No endpoint {ask.method} {ask.path}.", "instance": ask.path}
        return Said(404, problem, PROBLEM)

    def broken(self, status: str) -> Any:
        """The body of an injected error."""
        return error("Rate limit exceeded" if status == "429" else "Internal server error")

    def _find(self, ask: Ask) -> tuple[str, Handler | None, dict[str, str]]:
        """Version 2, `latest` and the gateway lead to the same operations; a refusal is an answer."""
        path = ask.path.removeprefix(f"/ex/jira/{self.CLOUD_ID}")
        for version in ("2", "latest"):
            path = path.replace(f"/rest/api/{version}/", "/rest/api/3/", 1)
        endpoint, handler, names = super()._find(replace(ask, path=path))
        return endpoint, handler and with_refusals(handler), names

    # -- the site and the account -------------------------------------------

    @route("GET /rest/api/3/myself")
    def get_myself(self, ask: Ask) -> Said:
        return Said(200, self.write.person(self.account) | {"emailAddress": self.account.email, "locale": "ja_JP"})

    @route("GET /rest/api/3/serverInfo")
    def get_server_info(self, ask: Ask) -> Said:
        info = {"baseUrl": self.write.site, "version": "1001.0.0-SNAPSHOT", "versionNumbers": [1001, 0, 0]}
        return Said(200, info | {"deploymentType": "Cloud", "buildNumber": 100300, "serverTitle": "Jira（見本）"})

    @route("GET /rest/api/3/status")
    def get_statuses(self, ask: Ask) -> Said:
        return Said(200, [self.write.status(name) for name in STATUSES])

    @route("GET /rest/api/3/field")
    def get_fields(self, ask: Ask) -> Said:
        names = ("summary", "status", "resolution", "labels", "fixVersions", "description", "updated")
        return Said(200, [{"id": name, "key": name, "name": name, "custom": False} for name in names])

    @route("GET /rest/api/3/project")
    def get_projects(self, ask: Ask) -> Said:
        return Said(200, [self.write.project(project) for project in self.projects.values()])

    @route("GET /rest/applinks/latest/listApplicationlinks")
    def get_application_links(self, ask: Ask) -> Said:
        return Said(200, {"list": []}) if "ADMINISTER" in self.granted else Said(403, error("Administrators only."))

    # -- issues -------------------------------------------------------------

    @route("GET /rest/api/3/issue/{key}")
    def get_issue(self, ask: Ask, key: str) -> Said:
        return Said(200, self._shown(self._ticket(key), listed(ask, "fields") or ["*all"], api_of(ask)))

    @route("POST /rest/api/3/issue/bulkfetch")
    def fetch_issues(self, ask: Ask) -> Said:
        wanted = json_body(ask, {"issueIdsOrKeys", "fields", "fieldsByKeys", "expand", "properties"})
        names = [str(name) for name in wanted.get("issueIdsOrKeys", [])]
        if not 1 <= len(names) <= 100:
            refuse(400, "The number of issues to fetch must be between 1 and 100.")
        found = [ticket for ticket in self.tickets.values() if {ticket.id, ticket.key} & set(names)]
        fields = wanted.get("fields") or ["*all"]
        return Said(200, {"issues": [self._shown(ticket, fields, api_of(ask)) for ticket in found], "issueErrors": []})

    @route("POST /rest/api/3/issue")
    def create_issue(self, ask: Ask) -> Said:
        fields = json_body(ask).get("fields") or {}
        project = next((p for p in self.projects.values() if _names(fields.get("project"), p.id, p.key)), None)
        if project is None or "CREATE_ISSUES" not in self.granted:
            refuse(400, project="Specify a valid project ID or key")
        kind = next((name for name, id_ in ISSUE_TYPES.items() if _names(fields.get("issuetype"), id_, name)), None)
        if kind is None:
            refuse(400, issuetype="Specify an issue type")
        if faults := _field_faults(fields, api_of(ask)):
            refuse(400, **faults)
        description, labels = as_adf(fields.get("description"), api_of(ask)), fields.get("labels", [])
        key = f"{project.key}-{self._highest.get(project.key, 0) + 1}"
        ticket = self._file(key, fields["summary"], description, "未対応", kind, labels, self.account)
        self.note_effect("create_issue", key, issue_id=ticket.id, summary=ticket.summary, labels=list(labels))
        return Said(201, {"id": ticket.id, "key": key, "self": self.write.at(f"issue/{ticket.id}")})

    @route("GET /rest/api/3/issue/{key}/changelog")
    def get_changelog(self, ask: Ask, key: str) -> Said:
        start, size = number(ask, "startAt", 0), number(ask, "maxResults", 100)
        history = self.histories.get(self._ticket(key).id, [])
        page = {"startAt": start, "maxResults": size, "total": len(history), "isLast": start + size >= len(history)}
        return Said(200, page | {"values": history[start : start + size]})

    @route("GET /rest/api/3/issue/{key}/properties/{name}")
    def get_property(self, ask: Ask, key: str, name: str) -> Said:
        properties = self.properties.get(self._ticket(key).id, {})
        if name not in properties:
            refuse(404, "The property does not exist.")
        return Said(200, {"key": name, "value": properties[name]})

    @route("PUT /rest/api/3/issue/{key}/properties/{name}")
    def put_property(self, ask: Ask, key: str, name: str) -> Said:
        ticket, value = self._ticket(key), parsed(ask)
        properties = self.properties.setdefault(ticket.id, {})
        status = 200 if name in properties else 201
        properties[name] = value
        self.note_effect("set_property", ticket.key, name=name, value=value)
        self._announce("issue_property_set", issue=self._told(ticket), issueProperty={"key": name, "value": value})
        return Said(status)

    # -- versions -----------------------------------------------------------

    @route("GET /rest/api/3/version/{id}")
    def get_version(self, ask: Ask, id: str) -> Said:
        if id not in self.releases:
            refuse(404, f"Could not find version for id '{id}'")
        return Said(200, self.write.release(self.releases[id]))

    @route("GET /rest/api/3/project/{key}/versions")
    def get_versions(self, ask: Ask, key: str) -> Said:
        project = next((p for p in self.projects.values() if key in (p.id, p.key)), None)
        if project is None:
            refuse(404, f"No project could be found with key '{key}'.")
        return Said(200, [self.write.release(one) for one in self.releases.values() if one.project_id == project.id])

    # -- searching ----------------------------------------------------------

    @route("GET /rest/api/3/search")
    def get_old_search(self, ask: Ask) -> Said:
        return Said(410, error(REMOVED))

    @route("POST /rest/api/3/search")
    def post_old_search(self, ask: Ask) -> Said:
        return Said(410, error(REMOVED))

    @route("GET /rest/api/3/search/jql")
    def get_search(self, ask: Ask) -> Said:
        query: Json = {name: value for name, value in ask.query if name in ("jql", "nextPageToken")}
        query |= {"fields": listed(ask, "fields"), "maxResults": number(ask, "maxResults", 50)}
        return self._search(query | {"reconcileIssues": listed(ask, "reconcileIssues")}, api_of(ask))

    @route("POST /rest/api/3/search/jql")
    def post_search(self, ask: Ask) -> Said:
        return self._search(json_body(ask, SEARCH_FIELDS | {"reconcileIssues"}), api_of(ask))

    def _search(self, query: Json, api: int) -> Said:
        """Only ids unless fields are asked for; no total; a token leads to the next page."""
        jql, token = str(query.get("jql") or ""), query.get("nextPageToken")
        if token is not None and self._tokens.get(token, ("",))[0] != jql:
            refuse(400, "The provided next page token is invalid or expired.")
        site = Site(self.tickets.values(), self.projects.values(), self.releases, self.clock())
        try:
            found = search(jql, site, self.indexed([str(id_) for id_ in query.get("reconcileIssues") or []]))
        except BadQuery as fault:
            refuse(400, str(fault))
        start = self._tokens[token][1] if token else 0
        end = start + min(int(query.get("maxResults") or 50), self.largest_page)
        fields = query.get("fields") or []
        page: Json = {"issues": [self._shown(ticket, fields, api, MOST_COMMENTS) for ticket in found[start:end]]}
        if end >= len(found):
            return Said(200, page | {"isLast": True})
        following = uuid.uuid4().hex
        self._tokens[following] = (jql, end)
        return Said(200, page | {"isLast": False, "nextPageToken": following})

    # -- small things -------------------------------------------------------

    def _shown(self, ticket: Ticket, wanted: Sequence[str], api: int, comments: int = 5000) -> Json:
        """An issue with the fields asked for; without any, its id alone. So many comments come along, oldest first."""
        if not wanted:
            return {"id": ticket.id}
        said = self.write.ticket(ticket, api)
        said["fields"]["comment"] = self._comments(ticket, api, comments)
        every = any(name.startswith(("*", "-")) for name in wanted)
        chosen = {k: v for k, v in said["fields"].items() if (every or k in wanted) and f"-{k}" not in wanted}
        return said | {"fields": chosen}


def _names(given: Any, id_: str, name: str) -> bool:
    """Does `{"id": …}`, `{"key": …}` or `{"name": …}` name this thing?"""
    return isinstance(given, dict) and (given.get("id") == id_ or name in (given.get("key"), given.get("name")))


def _field_faults(fields: Json, api: int) -> dict[str, str]:
    faults, summary = {}, fields.get("summary")
    if not summary:
        faults["summary"] = "You must specify a summary of the issue."
    elif "\n" in summary:
        faults["summary"] = "The summary is invalid because it contains newline characters."
    elif len(summary) > 255:
        faults["summary"] = "Summary must be less than 255 characters."
    if fields.get("description") is not None and not is_rich(fields["description"], api):
        faults["description"] = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
    for label in fields.get("labels", []):
        if " " in label:
            faults["labels"] = f"The label '{label}' contains spaces which is invalid."
    for name in set(fields) - {"project", "issuetype", "summary", "description", "labels"}:
        faults[name] = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
    return faults
