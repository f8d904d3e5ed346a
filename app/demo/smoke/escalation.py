"""Escalations, headless: from the form to the answer that comes back, by every way in and in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from app.demo.company import APP_ID, ESCALATIONS
from app.demo.slack.desk import direct
from app.demo.smoke.steps import Failed, Steps
from app.demo.stage import Stage
from integrations.slack.twin import Screen
from workflows.engine.durable import spawn
from workflows.engine.store import store
from workflows.escalation import reminders
from workflows.escalation.cases import code
from workflows.tables.escalation import Escalation

TANAKA, SUZUKI, MORI, OKADA, EMMA = "U0TANAKA", "U0SUZUKI", "U0MORI", "U0OKADA", "U0EMMA"


@dataclass(frozen=True)
class Matter:
    """One escalation as it is played: who raises it about which chat, who answers, and how Slack's form is headed."""

    chat: int
    raiser: str
    owner: str
    title: str
    gist: str
    history: str
    answer: str
    ending: str


JAPANESE = Matter(
    chat=0,
    raiser=TANAKA,
    owner=MORI,
    title="エスカレーション",
    gist="請求額が二重に引き落とされた",
    history="先月も同じことがあり、返金を約束しました。",
    answer="本日中に部長様へお電話します",
    ending="返金し、お詫びしました",
)
ENGLISH = Matter(
    chat=1,
    raiser=EMMA,
    owner=OKADA,
    title="Escalate",
    gist="Clock-ins were lost for three days",
    history="The drivers' phones had no signal; payroll closes tomorrow.",
    answer="Send the corrected timesheets today",
    ending="The timesheets were corrected by hand",
)


class Escalations:
    """The steps, in the order in which a company lives them."""

    def __init__(self, stage: Stage, step: Steps) -> None:
        self.stage, self.slack, self.step = stage, stage.slack, step

    def play(self) -> None:
        """Two whole stories, the other ways in, a reminder that climbs, and the company on one screen."""
        for matter in (JAPANESE, ENGLISH):
            self.tell(matter)
        self.by_card()
        self.by_workflow()
        self.dossier()

    # -- a whole story ------------------------------------------------------

    def tell(self, matter: Matter) -> None:
        """From the form to the result."""
        escalation = self.raise_by_form(matter)
        self.acknowledge(matter, escalation)
        self.write_again(matter, escalation)
        self.finish(matter, escalation)

    def raise_by_form(self, matter: Matter) -> int:
        """An agent fills in the form; a wrong link is told at its field."""
        before, by = self.newest(), matter.raiser
        self.slack.use_shortcut(by, "escalate")
        self.step(f"“{matter.title}” opens in Slack", lambda: self.title(by) == matter.title)
        [(company, _), *_] = self.slack.suggest(by, "company", self.link(matter.chat))
        filled = {"company": company, "request": "action", "urgency": "now", "temperature": "high"}
        filled |= {"gist": matter.gist, "history": matter.history, "tried": "", "conversation": "https://example.com"}
        wrong = self.slack.submit(by, filled)
        self.step("a wrong link is told at its field", lambda: list(wrong.errors) == ["conversation"])
        sent = self.slack.submit(by, {"conversation": self.link(matter.chat)})
        self.step("it is sent", lambda: not sent.errors and not sent.error)
        self.slack.close(by)
        self.step("it is recorded", lambda: self.newest() > before)
        id = self.newest()
        self.step("the owner has a direct message", lambda: self.has(direct(matter.owner), matter.gist))
        self.step("the channel has one message", lambda: self.has(ESCALATIONS, matter.gist) == 1)
        self.step("the reporter has a receipt", lambda: self.has(direct(by), code(id)))
        self.step("the conversation has a note", lambda: self.noted(matter.chat, code(id)))
        return id

    def acknowledge(self, matter: Matter, id: int) -> None:
        """The owner takes it, and says what they think."""
        opened = self.press(matter.owner, direct(matter.owner), "acknowledge", id)
        self.step("the owner acknowledges: a form asks what they think", lambda: opened.view is not None)
        self.step("the channel's message says who has it", lambda: self.known(id).state == "acknowledged")
        self.judge(matter.owner, "high", matter.answer)
        self.step("the judgement stands on the message", lambda: self.has(ESCALATIONS, matter.answer))

    def write_again(self, matter: Matter, id: int) -> None:
        """The second contact, while it is open."""
        words = f"{matter.gist}: まだですか。"
        self.stage.intercom.customer_says(self.stage.chats[matter.chat], words)
        self.step("the customer writes again: the owner hears it", lambda: self.has(direct(matter.owner), words))

    def finish(self, matter: Matter, id: int) -> None:
        """The owner closes it, and the answer comes back."""
        opened = self.press(matter.owner, ESCALATIONS, "finish", id)
        self.step("the owner closes it: a form asks how it ended", lambda: opened.view is not None)
        self.judge(matter.owner, "low", matter.ending)
        self.step("the reporter hears the outcome", lambda: self.has(direct(matter.raiser), matter.ending))
        self.step("the conversation has the result as a note", lambda: self.noted(matter.chat, matter.ending))

    def judge(self, by: str, risk: str, said: str) -> None:
        """They fill in the form that is open."""
        screen = self.slack.submit(by, {"churn_risk": risk, "next_step": said, "next_date": ""})
        if screen.errors or screen.error:
            raise Failed(f"the judgement was refused: {screen.errors or screen.error}")

    # -- the other ways in --------------------------------------------------

    def by_card(self) -> None:
        """An agent escalates beside the chat in Intercom; nobody answers, and it climbs."""
        before, chat = self.newest(), self.stage.chats[2]
        card = self.stage.intercom.open_card(chat, "7003")
        if "textarea" not in str(card):  # it shows the wishes that were filed from the chat
            self.stage.intercom.press_card(chat, "7003", "escalate", {})
        filled = {
            "request": "consultation",
            "urgency": "now",
            "temperature": "medium",
            "gist": "拠点が増えて集計が遅い",
        }
        card = self.stage.intercom.press_card(
            chat, "7003", "send", filled | {"history": "月末の集計に1時間かかります。"}
        )
        self.step("the card in Intercom confirms", lambda: "textarea" not in str(card))
        self.step("it reaches its owner", lambda: self.newest() > before and self.has(direct(EMMA), filled["gist"]))
        self.step("and its agent, who has a receipt", lambda: self.has(direct(SUZUKI), filled["gist"]))
        id = self.newest()
        self.remind(id)
        self.step("the owner is reminded", lambda: self.known(id).asked == 1)
        self.remind(id)
        self.step("nobody answers: the deputy is asked", lambda: self.has(direct(MORI), filled["gist"]))

    def by_workflow(self) -> None:
        """A step of the Workflow Builder; its builder maps words, not our values."""
        inputs = {
            "company": "東海ロジスティクス株式会社",
            "request": "共有のみ",
            "urgency": "今週中",
            "temperature": "低",
        }
        inputs |= {"gist": "担当者が交代した", "history": "来月から松本様に代わります。", "conversation_url": ""}
        step = self.slack.start_step("escalate_complaint", inputs | {"tried": "", "raised_by": TANAKA}, TANAKA)
        self.step("a workflow's step is completed", lambda: self.slack.step(step)["state"] == "completed")
        self.step("and shown in the channel", lambda: self.has(ESCALATIONS, inputs["gist"]))

    def dossier(self) -> None:
        """The company on one screen."""
        for user, heading in ((TANAKA, "エスカレーション"), (EMMA, "Escalations")):
            screen = self.slack.command(user, ESCALATIONS, "/dossier", "あおば")
            shown = str(screen.blocks)
            self.step(f"/dossier shows “{heading}”", partial(_holds, shown, heading, JAPANESE.gist))

    # -- what people see ----------------------------------------------------

    def title(self, user: str) -> str:
        """What the form is called that somebody has before them."""
        view = self.slack.view_of(user)
        return str(view["title"]["text"]) if view else ""

    def link(self, chat: int) -> str:
        """The address of a chat, as it is copied from Intercom."""
        return f"https://app.intercom.com/a/inbox/{APP_ID}/inbox/shared/all/conversation/{self.stage.chats[chat]}"

    def has(self, channel: str, text: str) -> int:
        """How many messages of a channel hold a text."""
        return sum(text in str(message) for message in self.slack.messages(channel))

    def noted(self, chat: int, text: str) -> bool:
        """Does a note in a chat hold a text?"""
        return any(text in str(note.facts) for note in self.stage.intercom.did("note", self.stage.chats[chat]))

    def press(self, by: str, channel: str, button: str, id: int) -> Screen:
        """Press a button of the message that has it, once it is there."""
        self.step(f"“{button}” is offered", lambda: self._with(channel, button, id) is not None)
        found = self._with(channel, button, id)
        assert found is not None
        return self.slack.press(by, channel, found["ts"], button)

    def _with(self, channel: str, button: str, id: int) -> dict[str, Any] | None:
        for message in self.slack.messages(channel):
            elements = [one for block in message.get("blocks", []) for one in block.get("elements", [])]
            if any((one.get("action_id"), one.get("value")) == (button, str(id)) for one in elements):
                return message
        return None

    # -- what is known ------------------------------------------------------

    def newest(self) -> int:
        """The number of the escalation that was raised last."""
        return store.read(_newest)

    def known(self, id: int) -> Escalation:
        """An escalation as it stands."""
        return store.read(lambda session: session.get_one(Escalation, id))

    def remind(self, id: int) -> None:
        """Time passes until somebody has to be asked."""
        spawn([reminders.run_of(self.known(id), at_once=True)])


def _newest(session: Session) -> int:
    return session.exec(select(Escalation.id).order_by(col(Escalation.id).desc()).limit(1)).first() or 0


def _holds(shown: str, *texts: str) -> bool:
    return all(text in shown for text in texts)
