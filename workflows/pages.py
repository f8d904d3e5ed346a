"""Where people find things: addresses of our own pages, for notes and messages."""

from __future__ import annotations


class Site:
    """`public_url` is bound once by `app.runtime`; without it there are no links."""

    public_url = ""


def feedback_url(feedback_id: int | None) -> str:
    """The page of a feedback record."""
    return f"{Site.public_url}/feedback/{feedback_id}" if Site.public_url else ""
