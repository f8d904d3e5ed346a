"""What Jira tells us: webhooks, verified and parsed. Pure.

https://developer.atlassian.com/cloud/jira/platform/webhooks/

A move or a resolution is read from the changelog, never from the issue beside it: deliveries arrive
late and in any order, so that issue may be older than what we already know.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from integrations import untrusted
from integrations.contract import Answer, BadSignature, Delivery, Event, Headers, Malformed
from integrations.jira.richtext import links
from integrations.untrusted import Node

NAME = "jira"
#: Jira sends whole issues, with descriptions and all custom fields.
MAX_BODY = 25 * 1024 * 1024
REPEATS_AFTER: int | None = None

SIGNATURE = "X-Hub-Signature"
#: Unique in a site and equal on every retry, but not covered by the signature.
IDENTIFIER = "X-Atlassian-Webhook-Identifier"


@dataclass(frozen=True)
class IssueMoved(Event):
    """An issue went from one status (id) to another; a resolution may have come with it.

    `change_id` names this change among all of the site. `actor` is an account id, "" if unknown.
    `urls` are the links of a description that changed at the same time.
    """

    issue_id: str
    issue_key: str
    from_status: str
    to_status: str
    change_id: str
    actor: str
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class IssueResolved(Event):
    """An issue got a resolution, or another one, by an edit that did not move it."""

    issue_id: str
    issue_key: str
    change_id: str
    actor: str


@dataclass(frozen=True)
class IssueMentioned(Event):
    """Somebody wrote links into an issue's description or a comment. `issue_key` is "" if untold."""

    issue_id: str
    issue_key: str
    urls: tuple[str, ...]


@dataclass(frozen=True)
class IssueDeleted(Event):
    """An issue is gone for good."""

    issue_id: str
    issue_key: str


@dataclass(frozen=True)
class VersionReleased(Event):
    """A version was marked as released. Which issues it fixes is for us to ask."""

    version_id: str
    name: str
    project_id: str


@dataclass(frozen=True)
class VersionUnreleased(VersionReleased):
    """A version is not released any more."""


@dataclass(frozen=True)
class VersionMerged(VersionReleased):
    """Another version was merged into this one: its issues are fixed by this one now."""


def verify(headers: Headers, body: bytes, secrets: Sequence[str], now: float) -> None:
    """Raise BadSignature unless one of `secrets` signed the raw body.

    The header reads `sha256=<hex>`; Jira reserves the right to use other methods one day, which we
    would refuse rather than guess. `now` is not looked at: Jira signs no timestamp.
    """
    headers.get(IDENTIFIER)  # refuses one that is not ASCII or occurs twice
    method, _, given = (headers.get(SIGNATURE) or "").partition("=")
    if method != "sha256":
        raise BadSignature(f"{SIGNATURE} is missing or not sha256=…")
    matches = [
        hmac.compare_digest(hmac.digest(secret.encode(), body, "sha256").hex().encode(), given.encode())
        for secret in secrets
        if secret
    ]
    if not any(matches):
        raise BadSignature(f"{SIGNATURE} does not match")


def handshake(method: str, query: dict[str, str], body: bytes) -> Answer | None:
    """Jira has no handshake; 200 for HEAD and GET shows people that the address is right."""
    return Answer() if method in ("HEAD", "GET") else None


def parse(headers: Headers, body: bytes) -> Delivery:
    """Say what a verified delivery means. Raises Malformed, naming the field."""
    root = untrusted.load(body)
    topic = root["webhookEvent"].text()
    read = READERS.get(topic)
    return Delivery(NAME, _delivery_id(headers, body), topic, read(root) if read else None)


def _delivery_id(headers: Headers, body: bytes) -> str:
    identifier = headers.get(IDENTIFIER) or hashlib.sha256(body).hexdigest()[:24]
    if len(identifier) > 200:
        raise Malformed(IDENTIFIER, "is too long")
    return identifier


def _created(root: Node) -> Event | None:
    return _mentioned(root["issue"], links(root["issue"]["fields"]["description"]))


def _updated(root: Node) -> Event | None:
    """A move says more than a resolution, and that more than new links."""
    issue, log = root["issue"], root["changelog"]
    urls = links(issue["fields"]["description"]) if _change(log, "description") else ()
    actor = root["user"]["accountId"].text(or_="")
    if move := _change(log, "status"):
        return IssueMoved(*_names(issue), move["from"].text(or_=""), move["to"].text(), log["id"].text(), actor, urls)
    resolution = _change(log, "resolution")
    if resolution and resolution["to"]:
        return IssueResolved(*_names(issue), log["id"].text(), actor)
    return _mentioned(issue, urls)


def _change(log: Node, field: str) -> Node | None:
    """The changelog's item for one of Jira's own fields (custom fields may bear the same names)."""
    for item in log["items"].items():
        own = item["fieldtype"].text(or_="jira") == "jira"
        if own and item["fieldId"].text(or_=item["field"].text(or_="")) == field:
            return item
    return None


def _commented(root: Node) -> Event | None:
    """Comments usually come with their issue; where not, their own address names it."""
    urls = links(root["comment"]["body"])
    if root["issue"] or not urls:
        return _mentioned(root["issue"], urls)
    address = root["comment"]["self"]
    found = re.search(r"/issue/(\d+)/comment/", address.text())
    if not found:
        raise Malformed(address.path, "has no issue")
    return IssueMentioned(found[1], "", urls)


def _mentioned(issue: Node, urls: tuple[str, ...]) -> Event | None:
    return IssueMentioned(*_names(issue), urls) if urls else None


def _deleted(root: Node) -> Event | None:
    return IssueDeleted(*_names(root["issue"]))


def _released(root: Node) -> Event | None:
    return VersionReleased(*_version(root["version"]))


def _unreleased(root: Node) -> Event | None:
    return VersionUnreleased(*_version(root["version"]))


def _merged(root: Node) -> Event | None:
    """A merge comes as the deletion of the version that is gone."""
    return VersionMerged(*_version(root["mergedTo"])) if root["mergedTo"] else None


def _version(version: Node) -> tuple[str, str, str]:
    return version["id"].text(), version["name"].text(or_=""), version["projectId"].text()


def _names(issue: Node) -> tuple[str, str]:
    return issue["id"].text(), issue["key"].text()


#: What we act on; every other topic is a Delivery without an event.
READERS: dict[str, Callable[[Node], Event | None]] = {
    "jira:issue_created": _created,
    "jira:issue_updated": _updated,
    "jira:issue_deleted": _deleted,
    "jira:version_released": _released,
    "jira:version_unreleased": _unreleased,
    "jira:version_deleted": _merged,
    "comment_created": _commented,
    "comment_updated": _commented,
}
