"""Where people find things: addresses of our own pages, for notes and messages."""

from __future__ import annotations

from urllib.parse import quote


class Site:
    """`public_url` is bound once by `app.runtime`; without it there are no links."""

    public_url = ""


def feedback_url(feedback_id: int | None) -> str:
    """The page of a feedback record."""
    return f"{Site.public_url}/feedback/{feedback_id}" if Site.public_url else ""


def wishes_url() -> str:
    """The page of the wishes about which nobody has said yet why they are wished for."""
    return f"{Site.public_url}/wishes?show=unfilled" if Site.public_url else ""


def promises_url() -> str:
    """The page of what was promised to customers and is still to be done."""
    return f"{Site.public_url}/promises" if Site.public_url else ""


def release_url(issue_id: str) -> str:
    """The page that says to whom what an issue brought is available."""
    return f"{Site.public_url}/releases/{issue_id}" if Site.public_url else ""


def notice_url(notice_id: int | None) -> str:
    """The page of a notice."""
    return f"{Site.public_url}/notices/{notice_id}" if Site.public_url else ""


def triage_url() -> str:
    """The page of the meeting."""
    return f"{Site.public_url}/triage" if Site.public_url else ""


def escalation_url(escalation_id: int | None) -> str:
    """The page of an escalation."""
    return f"{Site.public_url}/escalations/{escalation_id}" if Site.public_url else ""


def kind_url(kind: str) -> str:
    """The page of the requests of one kind."""
    return f"{Site.public_url}/wishes?kind={kind}" if Site.public_url else ""


def owners_url() -> str:
    """The page that says who answers for which company."""
    return f"{Site.public_url}/owners" if Site.public_url else ""


def escalations_url() -> str:
    """The page of all escalations."""
    return f"{Site.public_url}/escalations" if Site.public_url else ""


def company_url(company_id: str) -> str:
    """The page with everything about a company."""
    return f"{Site.public_url}/companies/{company_id}" if Site.public_url and company_id else ""


def chat_url(conversation_id: str) -> str:
    """The page with everything said in a chat."""
    return f"{Site.public_url}/chats/{quote(conversation_id)}" if Site.public_url else ""


def draft_url(name: str) -> str:
    """The page of one draft (`4711:2/215`)."""
    return f"{Site.public_url}/drafts?whose=all&at={quote(name)}" if Site.public_url else ""


def know_how_url(id: int | None) -> str:
    """The page of an answer to use again."""
    return f"{Site.public_url}/know-how/{id}" if Site.public_url else ""


def page_url(path: str) -> str:
    """A page of ours by its path, as a list that a digest counts."""
    return f"{Site.public_url}{path}" if Site.public_url else ""


def digest_url(kind: str, day: str) -> str:
    """The page of one digest (weekly, 2026-11-30)."""
    return page_url(f"/digests/{kind}/{day}")


def alert_url(alert_id: int | None) -> str:
    """The page of an alert."""
    return page_url(f"/alerts/{alert_id}")
