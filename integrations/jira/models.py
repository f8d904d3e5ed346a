"""What the client returns: Jira's things in our words, and how they are read from its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from integrations.jira.richtext import links
from integrations.untrusted import Node

#: The keys of Jira's status categories; only these are fixed, names are translated and renamed freely.
CATEGORIES = ("new", "indeterminate", "done", "undefined")


@dataclass(frozen=True)
class Version:
    """A version ("release") of a project."""

    id: str
    name: str
    released: bool


@dataclass(frozen=True)
class IssueRef:
    """What names an issue: the id stays when it moves to another project, the key is for people."""

    id: str
    key: str


@dataclass(frozen=True)
class Issue:
    """An issue as it is now.

    `category` is one of CATEGORIES. `resolution_id` and `resolution` are "" while it has none.
    `url` is for people. `updated` is ISO 8601. `links` are the http(s) links in the description;
    `JiraClient.recently_changed` adds those in the comments.
    `since` is when it came into its category, in Unix milliseconds; 0 where Jira does not say.
    """

    id: str
    key: str
    summary: str
    status_id: str
    status_name: str
    category: str
    resolution_id: str
    resolution: str
    project_key: str
    url: str
    updated: str
    fix_versions: tuple[Version, ...]
    links: tuple[str, ...]
    since: int = 0


@dataclass(frozen=True)
class SiteInfo:
    """The Jira that answers: its name, its address for people, its version, "Cloud" or "Server"."""

    title: str
    url: str
    version: str
    deployment: str


#: The fields of an issue that `issue_from` reads.
FIELDS = (
    *("summary", "status", "resolution", "project", "updated", "fixVersions", "description"),
    "statuscategorychangedate",
)


def issue_from(node: Node, site_url: str) -> Issue:
    """Read an issue (REST v2 or v3). Raises Malformed where it lacks its id or key."""
    fields, key = node["fields"], node["key"].text()
    return Issue(
        id=node["id"].text(),
        key=key,
        summary=fields["summary"].text(or_=""),
        status_id=fields["status"]["id"].text(or_=""),
        status_name=fields["status"]["name"].text(or_=""),
        category=category_from(fields["status"]),
        resolution_id=fields["resolution"]["id"].text(or_=""),
        resolution=fields["resolution"]["name"].text(or_=""),
        project_key=fields["project"]["key"].text(or_=key.rpartition("-")[0]),
        url=f"{site_url}/browse/{key}",
        updated=fields["updated"].text(or_=""),
        fix_versions=tuple(version_from(version) for version in fields["fixVersions"].items()),
        links=links(fields["description"]),
        since=_moment(fields["statuscategorychangedate"].text(or_="")),
    )


def _moment(text: str) -> int:
    """Unix milliseconds; 0 for what is no moment."""
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return 0


def category_from(status: Node) -> str:
    """The category of a status; "undefined" where Jira names none that we know."""
    key = status["statusCategory"]["key"].text(or_="")
    return key if key in CATEGORIES else "undefined"


def version_from(node: Node) -> Version:
    """Read a version as it stands in an issue, in `GET /version/{id}` or in a webhook."""
    return Version(node["id"].text(), node["name"].text(or_=""), bool(node["released"]))


def ref_from(node: Node) -> IssueRef:
    """Read the id and key of an issue, wherever it stands."""
    return IssueRef(node["id"].text(), node["key"].text())


def site_from(node: Node) -> SiteInfo:
    """Read `GET /serverInfo`. `deploymentType` is missing in the oldest answers: then it is a server."""
    return SiteInfo(
        title=node["serverTitle"].text(or_=""),
        url=node["baseUrl"].text(),
        version=node["version"].text(or_=""),
        deployment=node["deploymentType"].text(or_="Server"),
    )
