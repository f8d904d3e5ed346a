"""The play of an escalation: people in Slack press and send until they are answered, whatever dies meanwhile.

A request that found nobody is sent once more as it was, as after a hiccup of the network. Nobody waits for business
hours either: reminders are asked for on the escalation's page, which asks at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.demo.company import ESCALATIONS
from tests.crash.people import LEADER, PeoplePlay
from tests.escalating import AGENT, DEPUTY, ENGLISH, OWNER
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.runs import Action

INBOX = "https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/"
FORM = {
    "request": "action",
    "urgency": "now",
    "temperature": "high",
    "gist": "請求額が二重に引き落とされた",
    "history": "先月も同じことがあり、返金を約束しました。",
    "tried": "経理に確認中です。",
}


class EscalationPlay(PeoplePlay):
    """One escalation from the form to its end."""

    def __init__(self, database_url: str, folder: Path, **settings: object) -> None:
        super().__init__(database_url, folder, **settings)
        self.slack = self.stage.slack
        self.slack.sender = self._insist
        self.slack.clock = lambda: 0.0  # people wait for as long as a restart takes

    def _insist(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        return self.until_answered("POST", "/slack/events", headers, body)

    # -- the acts -----------------------------------------------------------

    def escalate(self) -> None:
        """An agent fills in the form and sends it."""
        link = INBOX + self.chat
        assert self.slack.use_shortcut(AGENT, "escalate").view is not None
        [(company, _)] = self.slack.suggest(AGENT, "company", link)
        screen = self.slack.submit(AGENT, {**FORM, "company": company, "conversation": link})
        assert (screen.error, screen.errors) == ("", {})

    def remind(self) -> None:
        """Nobody answers: whoever is next is asked."""
        [escalation] = self.rows(Escalation)
        self.post(LEADER, "/escalations/E-1/remind", asked=str(escalation.asked))

    def acknowledge(self) -> None:
        """The deputy takes it."""
        self._press(DEPUTY, "acknowledge")

    def judge(self) -> None:
        """… and says what comes next."""
        self.slack.submit(DEPUTY, {"churn_risk": "high", "next_step": "本日中に電話します", "next_date": ""})

    def hand_on(self) -> None:
        """It is somebody else's after all."""
        self._press(DEPUTY, "hand_on")
        self.slack.submit(DEPUTY, {"person": ENGLISH, "note": ""})

    def start_work(self) -> None:
        """They work on it."""
        self._press(ENGLISH, "acknowledge")
        self.settle()
        self._press(ENGLISH, "start")

    def close(self) -> None:
        """It is done."""
        self._press(ENGLISH, "finish")
        self.slack.submit(ENGLISH, {"churn_risk": "low", "next_step": "返金し、お詫びしました", "next_date": ""})

    def _press(self, who: str, button: str) -> None:
        [posted] = self._cards(ESCALATIONS)
        assert self.slack.press(who, ESCALATIONS, posted["ts"], button).error == ""

    def _cards(self, channel: str) -> list[dict[str, Any]]:
        return [one for one in self.slack.messages(channel) if one.get("thread_ts", one["ts"]) == one["ts"]]

    @property
    def acts(self) -> list[Callable[[], None]]:
        """The whole story, in order."""
        return [
            *(self.escalate, self.remind, self.remind, self.acknowledge, self.judge),
            *(self.hand_on, self.start_work, self.close),
        ]

    # -- then ---------------------------------------------------------------

    def outcome(self) -> dict[str, Any]:
        """Everything that must be the same however often the service died."""
        [escalation] = self.rows(Escalation)
        times = {"due_at", "raised_at", "posted_at", "acknowledged_at", "done_at", "watched_since", "reminding_until"}
        return {
            "escalation": escalation.model_dump(exclude=times | {"origin", "changes"}),
            "clock": (escalation.due_at, bool(escalation.acknowledged_at), bool(escalation.done_at)),
            "judgements": [(row.phase, row.churn_risk, row.person) for row in self.rows(Judgement, Judgement.id)],
            "channel": self._said(ESCALATIONS),
            "direct": {person: self._said(f"D{person[1:]}") for person in (AGENT, OWNER, DEPUTY, ENGLISH)},
            "notes": len(self.stage.intercom.did("note", self.chat)),
            "whispers": [len(self.slack.whispers_to(person)) for person in (AGENT, OWNER, DEPUTY, ENGLISH)],
            "actions": Counter((row.verb, row.target, row.state, row.sentence) for row in self.rows(Action)),
            "runs": self.stories(),
            "unfinished": self.unfinished(),
        }

    def _said(self, channel: str) -> list[tuple[str, bool]]:
        """What stands in a channel, and whether it is a reply."""
        said = self.slack.messages(channel) if channel in self.slack.channels else []
        return [(one["text"], one.get("thread_ts", one["ts"]) != one["ts"]) for one in said]
