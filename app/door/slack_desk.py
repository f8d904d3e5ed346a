"""What the listeners of our Slack app share: the desk of one request, what its payload says, and a form that opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.slack import View
from integrations.slack.blocks import Block, small, without_joiners
from integrations.untrusted import Node
from workflows.engine.vendors import vendors
from workflows.language import dry
from workflows.people import colleagues


class Desk:
    """What one request brings to its listener: the event it means, the door's `accept`, and what waits until the
    answer is out."""

    def __init__(self, event: object, accept: Callable[[], None]) -> None:
        self.event, self.accept = event, accept
        self.afterwards: list[Callable[[], object]] = []


def open_view(body: dict[str, Any], make: Callable[[str], Block]) -> View | None:
    """Open a form in the reader's language; None where it was too late for that."""
    slack = vendors.slack
    if slack is None:
        return None
    language = colleagues.language_of(user_of(body))
    return slack.open_view(said(body, "trigger_id"), with_notice(language, make(language)))


def update_view(view: View, body: dict[str, Any], make: Callable[[str], Block]) -> None:
    """Let a form that was opened show more; what stands in its fields stays. Nothing where it was sent or closed."""
    slack = vendors.slack
    if slack is not None:
        language = colleagues.language_of(user_of(body))
        slack.update_view(view.id, with_notice(language, make(language)), view.hash)


def with_notice(language: str, view: Block) -> Block:
    """The form, and first that what is sent by it reaches nobody, where that is so."""
    notice = dry.words(language)
    return view | {"blocks": [small(f":warning: {notice}"), *view["blocks"]]} if notice else view


def said(body: dict[str, Any], *path: str) -> str:
    """A text of the payload as people read it, "" where there is none. Raises Malformed where something else stands."""
    node = Node(body, "")
    for name in path:
        node = node[name]
    return without_joiners(node.text(or_=""))


def user_of(body: dict[str, Any]) -> str:
    """Who sent it: a command says it in one place, everything else in another."""
    return said(body, "user_id") or said(body, "user", "id")
