"""Jira Cloud: where the work on a customer's wish is tracked. See README.md beside this file."""

from integrations.jira import setup
from integrations.jira.client import JiraClient
from integrations.jira.events import (
    MAX_BODY,
    NAME,
    REPEATS_AFTER,
    IssueDeleted,
    IssueMentioned,
    IssueMoved,
    IssueResolved,
    VersionMerged,
    VersionReleased,
    VersionUnreleased,
    handshake,
    parse,
    verify,
)
from integrations.jira.models import CATEGORIES, Issue, IssueRef, SiteInfo, Version

__all__ = [
    "CATEGORIES",
    "MAX_BODY",
    "NAME",
    "REPEATS_AFTER",
    "Issue",
    "IssueDeleted",
    "IssueMentioned",
    "IssueMoved",
    "IssueRef",
    "IssueResolved",
    "JiraClient",
    "SiteInfo",
    "Version",
    "VersionMerged",
    "VersionReleased",
    "VersionUnreleased",
    "handshake",
    "parse",
    "setup",
    "verify",
]
