"""The vendors' twins as a process of their own: `python -m tests.bench.twins PORT CALLS` until it is terminated.

CALLS is what Intercom allows in ten seconds. The other limits are out of the way: a benchmark wants to
know how fast we are, and `fanout` measures how we keep to a limit.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import uvicorn

from integrations.intercom.twin import IntercomTwin
from integrations.jira.twin import JiraTwin
from integrations.productboard.twin import ProductboardTwin
from integrations.slack.twin import SlackTwin
from integrations.twin_server import TwinApp
from tests.bench.processes import ADMIN, AGENT, APP_ID, CHANNEL, CUSTOMERS, ESCALATIONS, OWNER, RAISER, SECRET

#: Far more than can be reached.
UNLIMITED = 1_000_000
OPENING = (
    "勤怠データをCSVで出力するときに、部署コードの列も付けられないでしょうか。毎月、拠点ごとに手で足しています。"
    "給与ソフトへの取り込みに部署コードが必須のため、締め日には半日かかっています。"
)
ANSWER = "ご不便をおかけしております。背景までありがとうございます。ご要望として開発にお伝えいたします。"


class Intercom(IntercomTwin):
    """A workspace that can be filled, and asked how far somebody has come."""

    def fill(self, first: int, count: int, tag: str = "", state: str = "open", apart: bool = False) -> None:
        """So many conversations with ids from `first` on, each with a few parts; the opening message tagged.

        `apart`: each with a customer of its own, instead of the few there are.
        """
        for id in map(str, range(first, first + count)):
            contact = f"p{id}" if apart else f"c{int(id) % CUSTOMERS}"
            if apart:
                self.add_contact(contact, f"山本 {id}", f"person{id}@example.com", f"k{int(id) % CUSTOMERS}")
            self.add_conversation(id, contact, OPENING)
            self.agent_says(id, AGENT, ANSWER)
            if state == "closed":
                self.close(id, AGENT)
            if tag:
                self.tag(id, "", tag, AGENT)

    def date_back(self, days: int) -> None:
        """The conversations lie in the past, as evenly as they came; the moments of calls are kept from here on."""
        self.moments: list[float] = []
        self.watchers.append(lambda ask, said: self.moments.append(time.time()))
        talks = list(self.books.conversations.values())
        for number, talk in enumerate(talks):
            talk.created_at -= days * 86_400 * (len(talks) - number) // len(talks)

    def connect(self, url: str) -> None:
        """Send webhooks there from now on."""
        self.webhook_url, self.words = url, dict[str, float]()

    def write(self, first: int, count: int, pause: float) -> None:
        """So many customers begin a chat, one every `pause` seconds: the service calls back meanwhile."""
        self._aside(count, pause, lambda number: self._begin(str(first + number), number))

    def write_on(self, first: int, chats: int, count: int, pause: float) -> None:
        """In each of so many chats their customers write so many messages more."""
        self._aside(count * chats, pause, lambda number: self._say(str(first + number % chats), number))

    def wrote(self) -> dict[str, float]:
        """When which words were said."""
        return dict(self.words)

    def _aside(self, count: int, pause: float, act: Callable[[int], None]) -> None:
        began = time.time()

        def go() -> None:
            for number in range(count):
                time.sleep(max(0.0, began + number * pause - time.time()))
                act(number)

        threading.Thread(target=go, daemon=True).start()

    def _begin(self, id: str, number: int) -> None:
        self.words[words := f"〈begin-{number}〉"] = time.time()
        self.add_conversation(id, f"c{number % CUSTOMERS}", f"{words}{OPENING}", send=True)

    def _say(self, id: str, number: int) -> None:
        self.words[words := f"〈more-{number}〉"] = time.time()
        self.customer_says(id, f"{words}まだでしょうか。")

    def span(self) -> float:
        """Seconds from the first call to the last."""
        return self.moments[-1] - self.moments[0]

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

    def told(self, channel: str) -> dict[str, float]:
        """When which words of customers stood in a channel first."""
        found: dict[str, float] = {}
        for effect in self.did("chat.postMessage", channel):
            for words in re.findall(r"〈[^〉]+〉", str(effect.facts)):
                found.setdefault(words, effect.at)
        return found

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
