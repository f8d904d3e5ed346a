"""What the simulated site holds, and how Jira writes it as JSON. `api` is 2 (webhooks) or 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from integrations.jira.twin.text import to_wiki

Json = dict[str, Any]
TOKYO = timezone(timedelta(hours=9))

#: key -> id, colour, name. These four are the same in every Jira.
CATEGORIES = {
    "undefined": (1, "medium-gray", "No Category"),
    "new": (2, "blue-gray", "To Do"),
    "done": (3, "green", "Done"),
    "indeterminate": (4, "yellow", "In Progress"),
}
#: name -> id, category.
STATUSES = {
    "未対応": ("10000", "new"),
    "進行中": ("3", "indeterminate"),
    "レビュー中": ("10001", "indeterminate"),
    "完了": ("10002", "done"),
    "リリース済み": ("10003", "done"),
}
RESOLUTIONS = {"完了": "10000", "対応しない": "10001", "重複": "10002", "再現せず": "10003"}
ISSUE_TYPES = {"バグ": "10004", "タスク": "10005", "ストーリー": "10006"}


@dataclass(frozen=True)
class Person:
    """An account; `email` is shown only to itself."""

    id: str
    name: str
    email: str = ""


@dataclass(frozen=True)
class Project:
    id: str
    key: str
    name: str


@dataclass(frozen=True)
class Release:
    """A version of a project."""

    id: str
    name: str
    project_id: str
    released_on: str = ""


@dataclass(frozen=True)
class Ticket:
    """An issue; `releases` are ids. Frozen, so that older states can be kept for the lagging search."""

    id: str
    key: str
    project: Project
    summary: str
    description: Json | None
    status: str
    issue_type: str
    created: float
    updated: float
    category_changed: float
    resolution: str = ""
    labels: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()

    @property
    def category(self) -> str:
        return STATUSES[self.status][1]


@dataclass(frozen=True)
class Comment:
    id: str
    issue_id: str
    author: Person
    body: Json
    at: float
    properties: list[Json] = field(default_factory=list)


def moment(at: float) -> str:
    """Unix seconds as Jira writes them, e.g. `2026-11-18T10:26:40.123+0900`."""
    time = datetime.fromtimestamp(at, TOKYO)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}+0900"


def rich(document: Json | None, api: int) -> Any:
    """A document in the form of this version of the API."""
    return document if api == 3 or document is None else to_wiki(document)


class Scribe:
    """Writes the things of a site as JSON; `releases` is the site's own table, by id."""

    def __init__(self, site: str, releases: Mapping[str, Release]) -> None:
        self.site = site
        self._releases = releases

    def at(self, path: str, api: int = 3) -> str:
        return f"{self.site}/rest/api/{api}/{path}"

    def person(self, person: Person, api: int = 3) -> Json:
        return {
            "self": self.at(f"user?accountId={person.id}", api),
            "accountId": person.id,
            "displayName": person.name,
            "active": True,
            "timeZone": "Asia/Tokyo",
            "accountType": "atlassian",
        }

    def status(self, name: str, api: int = 3) -> Json:
        id_, key = STATUSES[name]
        number, colour, category = CATEGORIES[key]
        return {
            "self": self.at(f"status/{id_}", api),
            "id": id_,
            "name": name,
            "statusCategory": {
                "self": self.at(f"statuscategory/{number}", api),
                "id": number,
                "key": key,
                "colorName": colour,
                "name": category,
            },
        }

    def project(self, project: Project, api: int = 3) -> Json:
        return {
            "self": self.at(f"project/{project.id}", api),
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "simplified": False,
        }

    def release(self, release: Release, api: int = 3) -> Json:
        said = {
            "self": self.at(f"version/{release.id}", api),
            "id": release.id,
            "name": release.name,
            "archived": False,
            "released": bool(release.released_on),
            "projectId": int(release.project_id),
        }
        return said | ({"releaseDate": release.released_on} if release.released_on else {})

    def comment(self, comment: Comment, api: int = 3) -> Json:
        author = self.person(comment.author, api)
        return {
            "self": self.at(f"issue/{comment.issue_id}/comment/{comment.id}", api),
            "id": comment.id,
            "author": author,
            "body": rich(comment.body, api),
            "updateAuthor": author,
            "created": moment(comment.at),
            "updated": moment(comment.at),
        }

    def ticket(self, ticket: Ticket, api: int = 3) -> Json:
        """The issue with all its fields."""
        names = {"id": ticket.id, "self": self.at(f"issue/{ticket.id}", api), "key": ticket.key}
        return names | {"fields": self.fields(ticket, api)}

    def fields(self, ticket: Ticket, api: int = 3) -> Json:
        resolution = {"id": RESOLUTIONS[ticket.resolution], "name": ticket.resolution} if ticket.resolution else None
        return {
            "summary": ticket.summary,
            "description": rich(ticket.description, api),
            "issuetype": {"id": ISSUE_TYPES[ticket.issue_type], "name": ticket.issue_type, "subtask": False},
            "project": self.project(ticket.project, api),
            "status": self.status(ticket.status, api),
            "statuscategorychangedate": moment(ticket.category_changed),
            "resolution": resolution,
            "resolutiondate": moment(ticket.category_changed) if resolution else None,
            "labels": list(ticket.labels),
            "fixVersions": [self.release(self._releases[id_], api) for id_ in ticket.releases],
            "assignee": None,
            "created": moment(ticket.created),
            "updated": moment(ticket.updated),
        }


def change(field: str, old: tuple[str | None, str | None], new: tuple[str | None, str | None], name: str = "") -> Json:
    """An item of a changelog; `old` and `new` are pairs of id and name."""
    return {
        "field": name or field,
        "fieldtype": "jira",
        "fieldId": field,
        "from": old[0],
        "fromString": old[1],
        "to": new[0],
        "toString": new[1],
    }
