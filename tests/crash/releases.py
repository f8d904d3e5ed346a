"""The play of a release: done, approved and sent by an agent, withdrawn, and the apology sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from app.demo.company import CHANNEL
from tests.crash.people import TEAMMATE, PeoplePlay
from tests.crash.service import until
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling
from workflows.telling.ledger import REOPENED

NEWS = "お世話になっております。CSV出力に部署コードの列を追加いたしました。"
SORRY = "先日ご案内いたしました機能の提供を見合わせております。誠に申し訳ございません。"


class ReleasePlay(PeoplePlay):
    """One customer, told by a named agent that it is there, and then that it is not."""

    def tell(self) -> None:
        """The agent approves the draft and lets it go out at once."""
        self.send(NEWS, apology=False)

    def withdraw(self) -> None:
        """The developers work on it again."""
        self.stage.jira.move("KNDE-12", "進行中")

    def apologise(self) -> None:
        """The agent approves the apology, and lets it go out."""
        self.send(SORRY, apology=True)

    def send(self, words: str, *, apology: bool) -> None:
        """Approve what is owed, in these words; then do not wait for its hour."""
        [owed] = [row for row in self.rows(Telling) if row.release_id.endswith(REOPENED) == apology]
        name = f"{owed.release_id}/{owed.conversation_id}"
        customer = self.stage.intercom.books.conversations[self.chat].contact.name.split()[0]
        self.post(TEAMMATE, f"/drafts/approve/{name}", text=f"{customer}様、{words}", whose="all")
        self.post(TEAMMATE, f"/drafts/now/{name}", whose="all")
        until(lambda: self._at_rest() and self._is_told(owed.release_id), "the customer is told")

    def _is_told(self, release_id: str) -> bool:
        return self.one(Telling, release_id=release_id).state == "told"

    @property
    def acts(self) -> list[Callable[[], None]]:
        """The whole story, in order."""
        return [self.tag, self.link, self.finish, self.tell, self.withdraw, self.apologise]

    # -- then ---------------------------------------------------------------

    def outcome(self) -> dict[str, Any]:
        """Everything that must be the same however often the service died."""
        twin = self.stage.intercom
        return {
            "sent": [(effect.facts["admin_id"], effect.facts["body"]) for effect in twin.did("comment", self.chat)],
            "notes": len(twin.did("note", self.chat)),
            "openings": len(twin.did("open", self.chat)),
            "state": twin.books.conversations[self.chat].state,
            "releases": sorted((row.kind, row.cycle) for row in self.rows(Release)),
            "tellings": sorted(
                (row.release_id, row.state, row.sent, row.told_by, row.channel) for row in self.rows(Telling)
            ),
            "channel": [one["text"] for one in self.stage.slack.messages(CHANNEL)],
            "actions": Counter((row.verb, row.state, row.sentence) for row in self.rows(Action)),
            "stories": set(self.stories()),
            "unfinished": self.unfinished(),
        }


def _told(row: Telling) -> tuple[str, ...]:
    return row.release_id, row.state, row.sent, row.told_by, row.channel
