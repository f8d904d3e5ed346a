"""What the demo hands to the service's pages: who reads, what stands beside the board, and pages of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from app.auth import Reader
from app.demo import readers
from app.demo.company import Member
from app.demo.pages import desk, parts, slack
from app.demo.stage import Stage
from workflows.overview.loop import Station


class Host:
    """The demo upon one stage, as `app.main.create(settings, demo=Host(stage))` takes it."""

    routers: Sequence[APIRouter] = (desk.router, slack.router, parts.router)

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def reader(self, chosen: str) -> Reader:
        """Whoever was chosen; the first of the company where nobody was."""
        return readers.reader(chosen, self.stage.secret)

    def colleagues(self) -> list[tuple[Member, str]]:
        """Everybody whom one can be, and what they may do."""
        return readers.colleagues()

    def beside(self, chat: str, did: str) -> dict[str, Any]:
        """What people see in their tools, beside the board."""
        return desk.facts(self.stage, chat, did)

    def steps(self, stations: Sequence[Station]) -> dict[str, Any]:
        """The obvious next step of every card that has one, by the card's key."""
        return desk.steps(stations, self.stage.chats)
