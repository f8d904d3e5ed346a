"""The vendors' twins as a process of their own: `python -m tests.bench.twins PORT CALLS` until it is terminated.

CALLS is what Intercom allows in ten seconds. The other limits are out of the way: a benchmark wants to
know how fast we are, and `fanout` measures how we keep to a limit.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import uvicorn

from integrations.intercom.twin import IntercomTwin
from integrations.jira.twin import JiraTwin
from integrations.productboard.twin import ProductboardTwin
from integrations.slack.twin import SlackTwin
from integrations.twin_server import TwinApp
from tests.bench.processes import ADMIN, AGENT, APP_ID, CHANNEL, ESCALATIONS, OWNER, RAISER, SECRET

#: Far more than can be reached.
UNLIMITED = 1_000_000
CUSTOMERS = 50
OPENING = (
    "勤怠データをCSVで出力するときに、部署コードの列も付けられないでしょうか。毎月、拠点ごとに手で足しています。"
    "給与ソフトへの取り込みに部署コードが必須のため、締め日には半日かかっています。"
)
ANSWER = "ご不便をおかけしております。背景までありがとうございます。ご要望として開発にお伝えいたします。"


class Intercom(IntercomTwin):
    """A workspace that can be filled, and asked how far somebody has come."""

    def fill(self, first: int, count: int, tag: str = "", state: str = "open") -> None:
        """So many conversations with ids from `first` on, each with a few parts; the opening message tagged."""
        for id in map(str, range(first, first + count)):
            self.add_conversation(id, f"c{int(id) % CUSTOMERS}", OPENING)
            self.agent_says(id, AGENT, ANSWER)
            if state == "closed":
                self.close(id, AGENT)
            if tag:
                self.tag(id, "", tag, AGENT)

    def progress(self, effect: str) -> dict[str, Any]:
        """How many effects of a kind there are, when the last one was, and what the calls came to."""
        done = self.did(effect)
        return {
            "count": len(done),
            "last": done[-1].at if done else 0.0,
            "calls": len(self.calls),
            "refused": self.limit_hits,
        }


class Jira(JiraTwin):
    """A site whose webhooks can be sent somewhere."""

    def connect(self, url: str) -> None:
        """Send webhooks there from now on."""
        self.webhook_url = url

    def id_of(self, key: str) -> str:
        """An issue's id."""
        return self.find(key).id


class Slack(SlackTwin):
    """A workspace where an agent escalates again and again, and that knows how soon the owner heard of it."""

    def connect(self, url: str) -> None:
        """Send what people do there from now on."""
        self.webhook_url, self.sent = url, dict[str, tuple[float, str]]()

    def escalate(self, company: str, first: int, count: int, pause: float) -> None:
        """Fill in the form so many times, one every `pause` seconds, in a thread: the app calls back meanwhile."""
        threading.Thread(target=self._escalate, args=(company, first, count, pause), daemon=True).start()

    def _escalate(self, company: str, first: int, count: int, pause: float) -> None:
        began = time.time()
        for number in range(count):
            time.sleep(max(0.0, began + number * pause - time.time()))
            self._send_form(company, f"請求額が二重に引き落とされた({first + number}件目)")

    def _send_form(self, company: str, gist: str) -> None:
        self.use_shortcut(RAISER, "escalate")
        [(value, _)] = self.suggest(RAISER, "company", company)
        form = {"company": value, "request": "action", "urgency": "now", "temperature": "high", "gist": gist}
        self.fill(RAISER, form | {"history": OPENING, "tried": ANSWER, "conversation": ""})
        sent = time.time()
        self.sent[gist] = (sent, self.submit(RAISER).error)

    def heard(self) -> list[dict[str, Any]]:
        """Every form that was sent: when, what Slack said if it was not taken, and when the owner had the message."""
        told = [effect for effect in self.did("chat.postMessage", f"D{OWNER[1:]}") if not effect.facts["thread_ts"]]
        return [
            {"sent": sent, "error": error, "told": next((one.at for one in told if gist in one.facts["text"]), 0.0)}
            for gist, (sent, error) in list(self.sent.items())
        ]


def furnished(calls: int) -> TwinApp:
    """All four, with customers whom both Intercom and Productboard know."""
    intercom = Intercom(secret=SECRET, token=SECRET, app_id=APP_ID, admin=ADMIN, limit=(calls, 10.0))
    productboard = ProductboardTwin(token=SECRET, authorization=SECRET, rate=UNLIMITED)
    jira = Jira(secret=SECRET, email="yamabiko@bench.example", token=SECRET, projects=("BENCH",))
    slack = Slack(signing_secret=SECRET, token=SECRET, team_id="T0BENCH")
    intercom.add_admin(AGENT, "田中 みなみ", "tanaka@bench.example")
    for number in range(CUSTOMERS):
        email = f"customer{number}@example.com"
        intercom.add_company(f"k{number}", f"株式会社{number}", "Business", 100_000)
        intercom.add_contact(f"c{number}", f"山本 {number}", email, f"k{number}")
        productboard.add_user(f"山本 {number}", email)
    productboard.add_jira("Bench")
    jira.add_issue("BENCH-1", "CSV出力に部署コードの列を追加する", status="進行中")
    slack.add_channel(CHANNEL, "サポート")
    slack.add_channel(ESCALATIONS, "エスカレーション")
    slack.add_user(RAISER, "田中 みなみ", "tanaka@bench.example")
    slack.add_user(OWNER, "森 拓也", "mori@bench.example")
    return TwinApp({"intercom": intercom, "productboard": productboard, "jira": jira, "slack": slack})


if __name__ == "__main__":
    uvicorn.run(furnished(int(sys.argv[2])), port=int(sys.argv[1]), log_level="critical", access_log=False)
