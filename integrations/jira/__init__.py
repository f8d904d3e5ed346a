"""Jira Cloud: where the work on a customer's wish is tracked. See README.md beside this file."""

from integrations.jira.client import JiraClient
from integrations.jira.events import (
    MAX_BODY,
    NAME,
    IssueDeleted,
    IssueMentioned,
    IssueMoved,
    IssueResolved,
    VersionReleased,
    handshake,
    parse,
    verify,
)
from integrations.jira.models import CATEGORIES, Issue, IssueRef, SiteInfo, Version

__all__ = [
    "CATEGORIES",
    "MAX_BODY",
    "NAME",
    "Issue",
    "IssueDeleted",
    "IssueMentioned",
    "IssueMoved",
    "IssueRef",
    "IssueResolved",
    "JiraClient",
    "SiteInfo",
    "Version",
    "VersionReleased",
    "handshake",
    "parse",
    "verify",
]
