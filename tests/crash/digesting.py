"""The play of a digest: it is due at midnight already, and somebody has chosen it, in Slack or by mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from tests.crash.meetings import EVERY_DAY
from tests.crash.service import Play, until
from workflows.tables.measure import Subscription
from workflows.tables.runs import Action, Run

READER, MAILBOX = "U0TANAKA", "agent7001@kanade.example"
WAYS = {"slack": READER, "mail": MAILBOX}


class DigestPlay(Play):
    """Today's digest, however often the service dies meanwhile; at midnight tomorrow's would follow."""

    rules = EVERY_DAY.replace('daily = "9:00"', 'daily = "0:00"')

    def choose(self, way: str) -> None:
        """Somebody has chosen it before today began; upkeep sees that."""
        with Session(self.engine) as session:
            session.add(Subscription(kind="daily", way=way, address=WAYS[way], person=READER, begun_at=0))
            session.commit()
        until(self.sendings, "a digest is begun")

    def sendings(self) -> list[tuple[str, str]]:
        """How each of them stands: one for each day on which this is played."""
        return [(row.workflow, row.state) for row in self.rows(Run) if row.workflow == "digest.send"]

    def kept(self) -> list[tuple[str, str]]:
        """What is known to have been written."""
        return [(row.verb, row.state) for row in self.rows(Action) if row.key.startswith("digest:")]

    def arrived(self, way: str) -> list[Any]:
        """What arrived in this way. The same Message-ID is the same mail."""
        ways: dict[str, Callable[[], list[Any]]] = {
            "slack": lambda: self.stage.slack.messages("D" + READER[1:]),
            "mail": self._mails,
        }
        return ways[way]()

    def _mails(self) -> list[Any]:
        return list({(each.message_id, *each.to) for each in self.stage.mail.mails})
