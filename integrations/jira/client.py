"""Jira Cloud's REST API v3, as far as we need it.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/

Missing issues are values (None, False): Jira answers 404 both for "deleted" and for "this account
may not see it", so nobody should throw links away because of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from integrations.contract import Permanent, Transient, Unsure
from integrations.http import DEADLINE
from integrations.jira.connection import Connection, gone, issue_path, reading, rows
from integrations.jira.models import FIELDS, Issue, IssueRef, SiteInfo, category_from, issue_from, ref_from, site_from
from integrations.jira.richtext import document, links, texts
from integrations.pace import Pace
from integrations.untrusted import Node

#: What a remote link says about itself; all of it is sent every time, because an update empties what it omits.
APPLICATION, RELATIONSHIP = {"type": "com.intercom", "name": "Intercom"}, "reported in"
#: The comment property that carries a marker.
MARKER = "yamabiko.marker"
LONGEST_TEXT = 255  # characters of a summary or of a link's title
PAGE = 100
#: Seconds until the categories of the statuses are read anew: an administrator may have changed one.
CATEGORIES_LAST = 600.0


class QueryRefused(Permanent):
    """Jira refuses a query (400), for instance because it names an issue that was deleted."""


class JiraClient:
    """One Jira site, seen by one account. Thread-safe.

    `base_url` is the site (`https://example.atlassian.net`) or, for scoped tokens, the gateway
    (`https://api.atlassian.com/ex/jira/<cloud id>`); links for people then need `site_url`.
    All verbs raise the trouble of `integrations.contract`; those that add something may be Unsure.
    """

    def __init__(
        self,
        base_url: str,
        email: str,
        api_token: str,
        *,
        site_url: str = "",
        pace: Pace | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._site = (site_url or base_url).rstrip("/")
        self._jira = Connection(base_url, email, api_token, pace, deadline)
        #: The category of each status, and when they were read. Replaced as one, so that reading them needs no lock:
        #: a lock held during a call to Jira would stop every run that computes (`workflows.engine.lane`).
        self._categories: tuple[dict[str, str], float] = {}, -CATEGORIES_LAST

    def close(self) -> None:
        """Close all connections."""
        self._jira.close()

    # -- who and where ------------------------------------------------------

    def myself(self) -> str:
        """The account id that the token belongs to."""
        with reading():
            return Node(self._jira.call("GET", "/myself").json, "")["accountId"].text()

    def site_info(self) -> SiteInfo:
        """What this Jira says about itself; works without permission to see anything."""
        with reading():
            return site_from(Node(self._jira.call("GET", "/serverInfo").json, ""))

    # -- reading ------------------------------------------------------------

    def issue(self, id_or_key: str) -> Issue | None:
        """An issue as it is now; None where it is missing or this account may not see it."""
        reply = self._jira.call("GET", issue_path(id_or_key), params={"fields": ",".join(FIELDS)}, expect=(404,))
        if gone(reply):
            return None
        with reading():
            return issue_from(Node(reply.json, ""), self._site)

    def category_of(self, status_id: str) -> str:
        """The category of a status: "new", "indeterminate", "done", or "undefined" if nobody knows."""
        known, read_at = self._categories
        if status_id not in known or time.monotonic() - read_at >= CATEGORIES_LAST:
            known = self._read_categories()
            self._categories = known, time.monotonic()
        return known.get(status_id, "undefined")

    def _read_categories(self) -> dict[str, str]:
        with reading():
            statuses = rows(self._jira.call("GET", "/status"))
            return {status["id"].text(): category_from(status) for status in statuses}

    # -- searching (eventually consistent: a change of the last seconds may be missing) ---------

    def changed_since(self, issue_ids: Sequence[str], minutes: int) -> tuple[list[Issue], set[str]]:
        """Those of the issues that changed in the last `minutes`, and perhaps a few that did not; the ids of those that
        Jira has no more, or does not show us.

        One deleted issue makes Jira refuse the whole query, so such a chunk is fetched outright.
        """
        changed: list[Issue] = []
        gone: set[str] = set()
        for start in range(0, len(issue_ids), PAGE):
            chunk = [str(int(issue_id)) for issue_id in issue_ids[start : start + PAGE]]
            try:
                changed += self._search(f"id in ({', '.join(chunk)}) AND updated >= -{minutes}m ORDER BY key")
            except QueryRefused:
                found = self._fetch(chunk)
                changed += found
                gone |= set(chunk) - {issue.id for issue in found}
        return changed, gone

    def recently_changed(self, minutes: int) -> Iterator[Issue]:
        """Every issue we may see that changed within the last `minutes`, with the links in its comments as well.

        One call for a hundred issues, and one for each that has more comments than a search brings along (20). The
        search may lag behind by some seconds.
        """
        for node in self._found(f"updated >= -{minutes}m ORDER BY updated DESC", (*FIELDS, "comment")):
            with reading():
                issue, said = issue_from(node, self._site), node["fields"]["comment"]
                comments = list(said["comments"].items())
                is_all = len(comments) >= said["total"].number(or_=0)
            more = _links_in(comments) if is_all else self.links_in_comments(issue.id)
            yield replace(issue, links=tuple(dict.fromkeys((*issue.links, *more))))

    def issues_in_version(self, version_id: str) -> Iterator[Issue]:
        """The issues that a version fixes, done or not."""
        return self._search(f"fixVersion = {int(version_id)} ORDER BY key")

    def issues_in_version_named(self, name: str) -> list[Issue] | None:
        """The same for every version that is called so, in whichever project; None where none is."""
        try:
            found = list(self._search(f"fixVersion = {_quoted(name)} ORDER BY key"))
        except QueryRefused:
            return None
        return [issue for issue in found if name in (version.name for version in issue.fix_versions)]

    def find_issue_by_label(self, label: str) -> IssueRef | None:
        """The oldest issue with this label. Just after its creation it may not be found yet:
        look again a minute later before creating it a second time.
        """
        found = next(self._search(f"labels = {_quoted(label)} ORDER BY created ASC"), None)
        return IssueRef(found.id, found.key) if found else None

    def _search(self, jql: str) -> Iterator[Issue]:
        for node in self._found(jql, FIELDS):
            with reading():
                yield issue_from(node, self._site)

    def _found(self, jql: str, fields: Sequence[str]) -> Iterator[Node]:
        """All pages of https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/"""
        query = {"jql": jql, "fields": list(fields), "maxResults": PAGE}
        while True:
            reply = self._jira.call("POST", "/search/jql", json=query, expect=(400,), reads=True)
            if reply.status == 400:
                raise QueryRefused("Jira answered 400 to POST /search/jql: it refuses the query")
            with reading():
                page = Node(reply.json, "")
                issues = rows(reply, "issues")
                token = page["nextPageToken"].text(or_="")
            yield from issues
            if page["isLast"] or not token:
                return
            if token == query.get("nextPageToken"):
                raise Transient("Jira keeps returning the same page of search results")
            query["nextPageToken"] = token

    def issues(self, issue_ids: Sequence[str]) -> list[Issue]:
        """These issues as they are now, a hundred with a call; those that are gone are simply missing."""
        ids = [str(int(issue_id)) for issue_id in issue_ids]
        return [issue for start in range(0, len(ids), PAGE) for issue in self._fetch(ids[start : start + PAGE])]

    def _fetch(self, issue_ids: list[str]) -> list[Issue]:
        """Up to 100 issues at once; those that are gone are simply missing."""
        wanted = {"issueIdsOrKeys": issue_ids, "fields": list(FIELDS)}
        reply = self._jira.call("POST", "/issue/bulkfetch", json=wanted, reads=True)
        with reading():
            return [issue_from(node, self._site) for node in rows(reply, "issues")]

    # -- remote links: stated, not added, thanks to their global id ------------------------------

    def link_conversation(
        self, issue_id: str, *, global_id: str, url: str, title: str, summary: str, resolved: bool
    ) -> bool:
        """Show a conversation on an issue, or correct what is shown; False if the issue is gone.

        `global_id` (at most 255 characters) names the conversation; `resolved` strikes it through.
        """
        link = {
            "globalId": global_id,
            "application": APPLICATION,
            "relationship": RELATIONSHIP,
            "object": {
                "url": url,
                "title": _one_line(title) or url,
                "summary": _one_line(summary),
                "status": {"resolved": resolved},
            },
        }
        return not gone(self._jira.write(issue_id, "/remotelink", link, safe=True))

    def linked_urls(self, issue_id: str) -> tuple[str, ...]:
        """The addresses of all remote links of an issue, whoever made them; none if it is gone."""
        reply = self._jira.call("GET", issue_path(issue_id, "/remotelink"), expect=(404,))
        if gone(reply):
            return ()
        with reading():
            urls = [link["object"]["url"].text(or_="") for link in rows(reply)]
        return tuple(url for url in urls if url)

    # -- comments -----------------------------------------------------------

    def comment(self, issue_id: str, text: str, marker: str) -> str | None:
        """Add a comment and return its id; None if the issue is gone. `marker` finds it again."""
        body = {
            "body": document(text, code=marker),
            "properties": [{"key": MARKER, "value": {"marker": marker}}],
        }
        reply = self._jira.write(issue_id, "/comment", body, safe=False)
        if gone(reply):
            return None
        with reading(Unsure):
            return Node(reply.json, "")["id"].text()

    def links_in_comments(self, issue_id: str) -> tuple[str, ...]:
        """The http(s) links in the newest 100 comments of an issue; none if it is gone."""
        page = {"orderBy": "-created", "maxResults": PAGE}
        reply = self._jira.call("GET", issue_path(issue_id, "/comment"), params=page, expect=(404,))
        if gone(reply):
            return ()
        with reading():
            return _links_in(rows(reply, "comments"))

    def find_comment(self, issue_id: str, marker: str) -> str | None:
        """The id of the newest comment with this marker; None if there is none or no issue."""
        start = 0
        while True:
            page = {"orderBy": "-created", "startAt": start, "maxResults": PAGE, "expand": "properties"}
            reply = self._jira.call("GET", issue_path(issue_id, "/comment"), params=page, expect=(404,))
            if gone(reply):
                return None
            with reading():
                comments = rows(reply, "comments")
                if ours := next((comment for comment in comments if _carries(comment, marker)), None):
                    return ours["id"].text()
                start += len(comments)
                if not comments or start >= Node(reply.json, "")["total"].number():
                    return None

    # -- creating -----------------------------------------------------------

    def create_issue(
        self, project_key: str, issue_type: str, summary: str, description: str, marker_label: str
    ) -> IssueRef:
        """Create an issue. `issue_type` is a name or an id; `marker_label` (no spaces) finds it again."""
        fields = {
            "project": {"key": project_key},
            "issuetype": {"id" if issue_type.isdigit() else "name": issue_type},
            "summary": _one_line(summary),
            "description": document(description),
            "labels": [marker_label],
        }
        reply = self._jira.call("POST", "/issue", json={"fields": fields})
        with reading(Unsure):
            return ref_from(Node(reply.json, ""))


def _quoted(text: str) -> str:
    """A text as queries name it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _links_in(comments: Iterable[Node]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(link for comment in comments for link in links(comment["body"])))


def _carries(comment: Node, marker: str) -> bool:
    properties = comment["properties"].items()
    marked = any(p["key"].text(or_="") == MARKER and p["value"]["marker"].text(or_="") == marker for p in properties)
    return marked or marker in texts(comment["body"])


def _one_line(text: str) -> str:
    """Jira refuses line breaks and more than 255 characters in summaries and titles."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"
