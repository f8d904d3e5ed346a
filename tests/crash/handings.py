"""The play of a hand-over: everything that is open for an agent goes to a colleague in one act, and comes back.

There is a conversation, an escalation, a message to a customer, a background that they owe, a company that they answer
for, and a reusable answer. The agent presses both buttons themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from tests.crash.people import TEAMMATE, PeoplePlay
from workflows.engine.store import now_ms
from workflows.overview.handing_over import KINDS
from workflows.tables.customer import Owner
from workflows.tables.enquiry import KnowHow
from workflows.tables.escalation import Escalation
from workflows.tables.people import Colleague, Deed
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, Issue
from workflows.telling import dead_ends

SATO, HELD = "U0SATO", "7777"
#: In Intercom: who hands over, and their open conversation.
ADMIN, OPEN = "7001", "1000950"


class HandingPlay(PeoplePlay):
    """Tanaka goes on holiday, Sato takes over; and Tanaka comes back."""

    def open_work(self) -> None:
        """Everything that is open for Tanaka; both of them are known."""
        intercom = self.stage.intercom
        intercom.add_conversation(OPEN, "c101", "請求書が出ません。", admin_id=ADMIN, send=True)
        intercom.agent_says(OPEN, ADMIN, "お調べします。")
        intercom.tag(self.chat, "", "要望", ADMIN)
        self.settle()
        with Session(self.engine) as session:
            for id, name, admin in ((TEAMMATE.id, "田中 みなみ", ADMIN), (SATO, "佐藤 健", "7002")):
                session.merge(Colleague(id=id, name=name, email=f"agent{admin}@kanade.example", seen_at=now_ms()))
            session.add_all(self._rows())
            session.commit()

    def _rows(self) -> list[Any]:
        now = now_ms()
        usual = {"release_id": "99:1", "state": "drafted", "draft": "下書き", "owed_at": now, "drafted_at": now}
        held = Telling(conversation_id=HELD, **usual)
        dead_ends.hold(held, TEAMMATE.id, TEAMMATE.name, dead_ends.SELF)
        about = {"company_id": "101", "company": "株式会社あおば製作所", "gist": "請求額が二重に引き落とされた"}
        asked = {"person": TEAMMATE.id, "next_person": TEAMMATE.id, "role": "owner", "state": "acknowledged"}
        how = {"request": "action", "urgency": "now", "temperature": "high", "via": "shortcut", "origin": "play"}
        chain = [{"role": "owner", "person": TEAMMATE.id}, {"role": "deputy", "person": "U0OKADA"}]
        times = {"due_at": now + 3_600_000, "raised_at": now}
        return [
            Issue(id="99", key="KNDE-99", summary="集計", category="done", cycle=1, checked_at=now),
            Release(id="99:1", issue_id="99", cycle=1, kind="finished", gathered=True, happened_at=now),
            held,
            Escalation(**about, **asked, **how, **times, chain=chain, raised_by_name="鈴木 葵"),
            Owner(company_id="101", role="owner", origin="import", person=TEAMMATE.id, set_at=now),
            KnowHow(title="請求書", owner=TEAMMATE.id, made_at=now, changed_at=now, origin="play"),
        ]

    # -- the acts -----------------------------------------------------------

    def hand_over(self) -> None:
        """All of it goes to Sato."""
        fields = {"from": TEAMMATE.id, "to": SATO, "once": "holiday"}
        self.post(TEAMMATE, "/hand-over", **fields, kind=list(KINDS))

    def take_back(self) -> None:
        """All of it comes back."""
        [id] = [row.key.removeprefix("handing:") for row in self.rows(Action) if _is_the_first(row.key)]
        self.post(TEAMMATE, f"/hand-over/{id}/back")

    @property
    def acts(self) -> list[Callable[[], None]]:
        """The whole story, in order."""
        return [self.open_work, self.hand_over, self.take_back]

    # -- then ---------------------------------------------------------------

    def whose(self) -> dict[str, Any]:
        """Who has each of them."""
        [escalation], owners = self.rows(Escalation), self.rows(Owner, Owner.role, Owner.origin)
        return {
            "conversation": self.stage.intercom.books.conversations[OPEN].assignee_id,
            "escalation": (escalation.person, escalation.state, [step["person"] for step in escalation.chain]),
            "message": self.one(Telling, conversation_id=HELD).holder,
            "request": [row.taken_by for row in self.rows(Feedback)],
            "company": [(row.role, row.origin, row.person) for row in owners if row.company_id == "101"],
            "answer": self.one(KnowHow, origin="play").owner,
        }

    def outcome(self) -> dict[str, Any]:
        """Everything that must be the same however often the service died."""
        slack = self.stage.slack
        direct = {person: f"D{person[1:]}" for person in (TEAMMATE.id, SATO)}
        return self.whose() | {
            "assigned": [each.facts for each in self.stage.intercom.did("assign", OPEN)],
            "said": {who: [one["text"] for one in slack.messages(room)] for who, room in direct.items()},
            "deeds": [(row.person, row.deed, row.sentence, row.facts) for row in self.rows(Deed, Deed.id)],
            "actions": Counter((row.verb, row.target, row.state, row.sentence) for row in self.rows(Action)),
            "runs": self.stories(),
            "unfinished": self.unfinished(),
        }


def _is_the_first(key: str) -> bool:
    return key.startswith("handing:") and key.count(":") == 1 and not key.endswith("-back")
