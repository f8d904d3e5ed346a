"""People: whoever does something by hand, on a page or in Slack."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """Somebody of the company. `id` is what is kept: a Slack id, or an account's where there is none."""

    id: str
    name: str
    email: str = ""
    slack_id: str = ""
