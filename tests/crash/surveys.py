"""The play of a survey: a conversation is answered and closed, its customer is asked, and is not satisfied.

Here a teammate's answer opens a closed conversation, so that there is something to close again.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from integrations.intercom import plain
from tests.crash.meetings import EVERY_DAY
from tests.crash.people import PeoplePlay
from tests.crash.service import until
from tests.enquiring import TANAKA
from workflows.tables.measure import Survey
from workflows.tables.runs import Action

CHAT = "1000900"
FORM = {"content-type": "application/x-www-form-urlencoded"}


class SurveyPlay(PeoplePlay):
    """One customer, who is asked once, however often the service dies meanwhile."""

    rules = EVERY_DAY.replace("[survey]\non = false\nafter_minutes = 10", "[survey]\non = true\nafter_minutes = 0")

    def __init__(self, database_url: str, folder: Path, **settings: object) -> None:
        super().__init__(database_url, folder, **settings)
        self.intercom = self.stage.intercom
        self.intercom.answers_open = True

    # -- the acts -----------------------------------------------------------

    def solve(self) -> None:
        """A customer asks, is answered, and it is closed; then they are asked how it went."""
        now = int(time.time())
        self.intercom.add_conversation(CHAT, "c101", "請求書が出ません。", at=now - 300, send=True)
        self.intercom.agent_says(CHAT, TANAKA, "再発行しました。", at=now - 200)
        self.intercom.close(CHAT, TANAKA, at=now - 100)
        until(lambda: self._at_rest() and self._is_asked(), "the customer is asked")

    def complain(self) -> None:
        """They click, and say why."""
        path = self.links()[-1].removeprefix(self.url)
        self.until_answered("POST", path, FORM, b"score=bad")
        self.until_answered("POST", path, FORM, urlencode({"remark": "遅い"}).encode())

    @property
    def acts(self) -> list[Callable[[], None]]:
        """The whole story, in order."""
        return [self.solve, self.complain]

    # -- then ---------------------------------------------------------------

    def _is_asked(self) -> bool:
        return any(row.part_id for row in self.rows(Survey)) and not self.open_runs()

    def links(self) -> list[str]:
        """The links that the customer got."""
        texts = [plain.text(str(each.facts["body"])) for each in self.intercom.did("comment", CHAT)]
        return [link for text in texts for link in re.findall(r"http\S+/rate/\S+", text)]

    def outcome(self) -> dict[str, Any]:
        """Everything that must be the same however often the service died."""
        digests = [hashlib.sha256(link.rpartition("/")[2].encode()).hexdigest() for link in self.links()]
        rows = self.rows(Survey)
        return {
            "state": self.intercom.books.conversations[CHAT].state,
            "surveys": [(row.score, row.remark, row.not_asked, row.origin) for row in rows],
            "asked": [bool(row.asked_at and row.part_id) for row in rows],
            "works": [row.token for row in rows] == digests,
            "actions": Counter((row.verb, row.state, row.sentence) for row in self.rows(Action)),
            "unfinished": self.unfinished(),
        }
