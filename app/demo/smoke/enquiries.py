"""Enquiries, headless: a chat is a thread, colleagues talk about it among themselves, and one answers the customer, who
says with one click how it went.
"""

from __future__ import annotations

import re
from typing import Any

import httpx
from sqlmodel import select

from app.demo import know_how
from app.demo.company import CUSTOMERS, ENQUIRIES, SAMPLE
from app.demo.people import People
from app.demo.smoke.steps import Failed, Steps
from app.demo.stage import Stage
from integrations.intercom import plain
from integrations.slack.twin import Screen
from workflows.engine.store import store
from workflows.tables.enquiry import Enquiry, Wait
from workflows.tables.measure import Survey

JUNIOR, SENIOR, SKILL = "U0TANAKA", "U0SATO", "請求"
ADMIN, NAME = "7001", "田中 みなみ"
QUESTION = "宛名の変更先はご契約者様の設定画面で合っていますか。確認お願いします。"
WHISPERED = "合っています。設定 → 請求 → 宛名 で変更できて、次回の請求書から反映されます。"
ANSWER = "小林様、宛名は「設定」→「請求」→「宛名」から変更いただけます。次回の請求書から反映されます。"
FITS = know_how.ANSWERS[0].title
RATE = re.compile(r"https?://\S+/rate/[\w-]+")
WAITS, ANSWERED, SOLVED = "回答待ち", "に回答", "解決済み"


class Enquiries:
    """The steps, in the order in which a company lives them."""

    def __init__(self, stage: Stage, step: Steps, url: str) -> None:
        self.stage, self.inbox, self.slack, self.step, self.url = stage, stage.intercom, stage.slack, step, url
        self.chat = ""

    def play(self) -> None:
        """One chat, from its first word until it is closed."""
        self.begin()
        self.ask_a_senior()
        self.answer_the_customer()
        self.end()
        self.ask_how_it_went()

    def begin(self) -> None:
        """A customer writes."""
        know_how.write()
        form = {"customer": CUSTOMERS[1].id, "text": SAMPLE}
        self.chat = str(People(self.stage).play("ask", form).facts["chat"])
        self.step("a customer begins a chat: it is a thread in Slack", lambda: SAMPLE in self.first())
        self.step("which says that they wait", lambda: WAITS in self.first() and not self.wait().ended)
        self.step("and names the answer to use again that fits", lambda: FITS in self.first())
        self.step("and so does the board", lambda: self.is_on_board("waiting"))

    # -- colleagues among themselves ----------------------------------------

    def ask_a_senior(self) -> None:
        """What is said in the thread is for colleagues only."""
        before = self.heard()
        self.press(JUNIOR, "ask_colleagues")
        self.send(JUNIOR, {"skill": SKILL, "question": QUESTION, "way": "thread"})
        self.step("a junior asks a senior in the thread", lambda: self.has(f"<@{SENIOR}>", QUESTION))
        said = self.slack.say(ENQUIRIES, SENIOR, WHISPERED, self.thread()["ts"])
        self.slack.use_message_shortcut(JUNIOR, "mark_answer", ENQUIRIES, said)
        self.send(JUNIOR, {})
        self.step("the senior's reply is marked as the answer", lambda: self.has("✅", WHISPERED))
        self.step("the customer has heard nothing of it", lambda: self.heard() == before)

    # -- the customer is answered -------------------------------------------

    def answer_the_customer(self) -> None:
        """The junior writes, sees what goes out, and sends it."""
        before = self.heard()
        self.press(JUNIOR, "send_reply")
        shown = self.send(JUNIOR, {"text": ANSWER})
        self.step("the junior writes to the customer: a preview", lambda: ANSWER in str(shown.view))
        self.step("nothing is sent yet", lambda: self.heard() == before)
        self.send(JUNIOR, {})
        self.step("sent: the customer reads exactly that", lambda: self.heard() == [*before, (ADMIN, ANSWER)])
        self.step("the clock has stopped", lambda: self.wait().ended == "answered" and self.wait().minutes is not None)
        self.step("the thread says who answered", lambda: f"{NAME}さんが" in self.first() and ANSWERED in self.first())
        self.step("the board: it is the customer's turn", lambda: self.is_on_board("customer"))

    def end(self) -> None:
        """It is closed in Intercom."""
        self.inbox.close(self.chat, ADMIN)
        self.step("it is closed: solved, in the thread", lambda: SOLVED in self.first())
        self.step("and on the board", lambda: self.is_on_board("solved"))

    def ask_how_it_went(self) -> None:
        """The customer gets a link; looking at it says nothing, one click does."""
        before = self.conversation_state()
        self.step("the customer is asked how it went: they get a link", lambda: self.link() != "")
        link = self.link()
        shown = httpx.get(link, trust_env=False)
        self.step(
            "a mail scanner that opens it answers nothing", lambda: shown.is_success and self.survey().score == ""
        )
        clicked = httpx.post(link, data={"score": "good"}, trust_env=False)
        self.step("they click once: satisfied", lambda: clicked.is_redirect and self.survey().score == "good")
        self.step(
            "the page of satisfaction shows it", lambda: f"/chats/{self.chat}" in self.page("/satisfaction?show=good")
        )
        self.step("the conversation is closed as it was", lambda: self.conversation_state() == before == "closed")

    # -- what people do -----------------------------------------------------

    def press(self, by: str, button: str) -> None:
        """Press a button of the thread's first message."""
        if self.slack.press(by, ENQUIRIES, self.thread()["ts"], button).view is None:
            raise Failed(f"{button} opens nothing")

    def send(self, by: str, values: dict[str, str]) -> Screen:
        """Fill in the form that is open, and send it."""
        screen = self.slack.submit(by, values)
        if screen.errors or screen.error:
            raise Failed(f"the form was refused: {screen.errors or screen.error}")
        return screen

    # -- what they see ------------------------------------------------------

    def thread(self) -> dict[str, Any]:
        """The message that begins the chat's thread."""
        begun = [each for each in self.slack.messages(ENQUIRIES) if f"/{self.chat}" in str(each.get("blocks", ""))]
        return begun[0] if begun else {}

    def first(self) -> str:
        """All that it says."""
        return str(self.thread())

    def has(self, *texts: str) -> bool:
        """Does a message below it hold all of this?"""
        below = (each for each in self.slack.messages(ENQUIRIES) if each.get("thread_ts") == self.thread()["ts"])
        return any(all(text in str(message) for text in texts) for message in below)

    def heard(self) -> list[tuple[str, str]]:
        """What the customer was told: by whom, and the words."""
        with self.inbox.lock:
            parts = list(self.inbox.books.conversations[self.chat].parts)
        said = [each for each in parts if each.body and each.type != "note" and each.author.type == "admin"]
        return [(each.author.id, plain.text(str(each.body))) for each in said]

    def link(self) -> str:
        """By what the customer says how it went; "" while they have not got it."""
        found = (RATE.search(text) for _, text in self.heard())
        return next((link[0] for link in found if link), "")

    def survey(self) -> Survey:
        """What is known of how satisfied they are."""
        query = select(Survey).where(Survey.conversation_id == self.chat)
        return store.read(lambda session: session.exec(query).one())

    def conversation_state(self) -> str:
        """Is it open or closed in Intercom?"""
        with self.inbox.lock:
            return self.inbox.books.conversations[self.chat].state

    def page(self, path: str) -> str:
        """A page of the service."""
        return httpx.get(f"{self.url}{path}", trust_env=False).text

    def is_on_board(self, state: str) -> bool:
        """Does the page of enquiries list it there, and nowhere else?"""
        row = store.read(lambda session: session.get(Enquiry, self.chat))
        page = httpx.get(f"{self.url}/enquiries", params={"state": state}, trust_env=False).text
        return row is not None and row.state == state and f'data-key="{self.chat}"' in page

    def wait(self) -> Wait:
        """When the customer waited first."""
        query = select(Wait).where(Wait.conversation_id == self.chat)
        return store.read(lambda session: session.exec(query).one())
