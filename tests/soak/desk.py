"""What somebody does who waits for the answer: a form in Slack, a decision on the page; pressed until it is taken."""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import suppress

import httpx
from sqlmodel import Session

from app import auth
from app.demo.stage import Stage
from integrations.slack.twin.people import Unanswered
from tests.soak.database import Database
from workflows.people import accounts
from workflows.people.person import Person

AGENT = "U0TANAKA"
LEAD = Person("U0LEAD", "斎藤 真理", "lead@kanade.example", "U0LEAD")
PATIENCE = 5.0


class Desk:
    """One agent in Slack, and the lead before the meeting's page."""

    def __init__(self, stage: Stage, url: str, database: Database) -> None:
        self.stage, self.url = stage, url
        self._client = httpx.Client(timeout=PATIENCE, trust_env=False)
        self._token = self._sign_in(database)
        stage.slack.sender = self._send
        stage.slack.clock = lambda: 0.0  # people are patient
        self._ending = threading.Event()

    # -- in Slack -----------------------------------------------------------

    def escalate(self, chat: str, link: str, ending: threading.Event) -> bool:
        """Fill in the form and send it; False where it was not taken by the end, or the form did not even open."""
        self._ending = ending
        slack = self.stage.slack
        with suppress(Unanswered, LookupError, httpx.HTTPError):
            if slack.view_of(AGENT):
                slack.close(AGENT, everything=True)
            if slack.use_shortcut(AGENT, "escalate").view is None:
                return False
            [(company, _), *_] = slack.suggest(AGENT, "company", link)
            form = {"company": company, "request": "action", "urgency": "week", "temperature": "high"}
            form |= {
                "gist": f"第{chat}号の請求が二重です",
                "history": "先月も同じです",
                "tried": "",
                "conversation": link,
            }
            screen = slack.submit(AGENT, form)
            return not screen.error and not screen.errors
        return False

    def _send(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What Slack sends for a person, again until it is answered."""
        return self._until_answered("/slack/events", headers, body)

    # -- at the meeting -----------------------------------------------------

    def decide(self, wish: int, reason: str, ending: threading.Event) -> bool:
        """Decline a request; the same form again until the page answers."""
        self._ending = ending
        form = {"conclusion": "decline", "reason": reason, "answer": "", "once": str(wish)}
        headers = {"origin": self.url, "cookie": f"yamabiko={self._token}", "x-csrf-token": auth.csrf_of(self._token)}
        body = httpx.Request("POST", self.url, data=form)
        headers |= {"content-type": body.headers["content-type"]}
        with suppress(httpx.HTTPError):
            status, _, said = self._until_answered(f"/triage/FB-{wish}/decide", headers, body.content)
            assert status == 303, said[:2000]
            return True
        return False

    def _sign_in(self, database: Database) -> str:
        token = secrets.token_hex()
        with Session(database.engine) as session:
            accounts.begin(session, auth.hashed(token), LEAD, "", 0)
            session.commit()
        return token

    # -- both ---------------------------------------------------------------

    def _until_answered(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        while not self._ending.is_set():
            with suppress(httpx.HTTPError):
                said = self._client.post(self.url + path, headers=headers, content=body)
                if said.status_code < 500:
                    return said.status_code, dict(said.headers), said.content
            time.sleep(0.5)
        raise httpx.ConnectError("it is over")
