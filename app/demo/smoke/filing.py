"""Filing with context, headless: the agent is asked, fills in the form, and product people read it below the note."""

from __future__ import annotations

from functools import partial

from sqlmodel import Session, col, select

from app.demo.company import CHANNEL
from app.demo.slack.desk import direct
from app.demo.smoke.steps import Failed, Steps
from app.demo.stage import Stage
from integrations.slack.twin import Screen
from workflows.engine.store import store
from workflows.tables.wish import Feedback
from workflows.wish import known
from workflows.wish.known import Wish
from workflows.wish.wishes import code

SATO, SUZUKI = "U0SATO", "U0SUZUKI"
WHY = "電波の届かない配送センターが12か所あり、毎月手で直している"
CARD_WHY = "拠点ごとの承認者が、自分の部署だけを見たい"
SAID = "さくら学習塾の渡辺様より: 講師ごとに締め日を変えたいとのことです。"


class Filing:
    """The steps, in the order in which an agent lives them."""

    def __init__(self, stage: Stage, step: Steps) -> None:
        self.stage, self.slack, self.step = stage, stage.slack, step
        #: The name of the message that became a wish.
        self.source = ""

    def play(self) -> None:
        """A tag and the form in Slack, the card beside the chat, and a Slack message that becomes a wish."""
        self.by_form()
        self.by_card()
        self.by_message()

    def by_form(self) -> None:
        """The agent is asked for the background, and writes it in Slack."""
        chat = self.stage.chats[1]
        self.stage.intercom.tag(chat, "", "要望", "7002")
        self.step("a request is filed", lambda: self.of(chat) is not None and self.note(chat))
        self.step("its agent is asked for the background", lambda: self.button(direct(SATO), chat) != "")
        pressed = self.slack.press(
            SATO, direct(SATO), self.button(direct(SATO), chat), f"write_context.{self.id(chat)}"
        )
        self.step("a form opens", lambda: pressed.view is not None)
        wrong = self.slack.submit(SATO, {"temperature": "high"})
        self.step("without background and importance it stays", lambda: list(wrong.errors) == ["background"])
        sent = self.slack.submit(SATO, {"background": WHY, "importance": "high", "promise": "report"})
        self.step("it is saved, with the sentence for the customer", partial(_shows, sent, "中村様"))
        self.slack.close(SATO)
        self.step("the message shows the answer", lambda: self.has(direct(SATO), WHY))
        self.step("it stands at the note in Productboard", lambda: WHY in self.note(chat))

    def by_card(self) -> None:
        """Another agent does the same beside the chat."""
        chat, inbox = self.stage.chats[3], self.stage.intercom
        inbox.tag(chat, "", "要望", "7001")
        self.step("another request is filed", lambda: self.of(chat) is not None and self.note(chat))
        home = inbox.open_card(chat, "7001")
        self.step("the card beside the chat says it is not filled in", lambda: "未記入" in str(home))
        inbox.press_card(chat, "7001", f"wish:{self.id(chat)}", {})
        inbox.press_card(chat, "7001", "send", {"background": CARD_WHY, "importance": "medium"})
        self.step("the answer stands at its note", lambda: CARD_WHY in self.note(chat))
        filled = inbox.press_card(chat, "7001", "home", {})
        self.step("the card says it is filled in", lambda: "記入済み" in str(filled))

    def by_message(self) -> None:
        """A developer who reads along files a message."""
        ts = self.slack.say(CHANNEL, SATO, SAID)
        opened = self.slack.use_message_shortcut(SUZUKI, "file_wish", CHANNEL, ts)
        self.step("“要望として登録” opens a form on a message", partial(_shows, opened, SAID))
        [(company, _), *_] = self.slack.suggest(SUZUKI, "company", "さくら学習塾")
        sent = self.slack.submit(SUZUKI, {"company": company, "person": "渡辺 由美", "importance": "low"})
        if sent.errors or sent.error:
            raise Failed(f"the request was refused: {sent.errors or sent.error}")
        self.slack.close(SUZUKI)
        self.source = source = f"slack:{CHANNEL}/{ts}"
        self.step(
            "it is a request, with a link to the message", lambda: self.of(source) is not None and self.note(source)
        )
        self.step("a line below the message says so", lambda: self.has(CHANNEL, f"{code(self.id(source))}"))

    # -- what people see ----------------------------------------------------

    def has(self, channel: str, text: str) -> int:
        """How many messages of a channel hold a text."""
        return sum(text in str(message) for message in self.slack.messages(channel))

    def button(self, channel: str, chat: str) -> str:
        """The message that asks about a chat's wish; "" while there is none."""
        wanted = f"write_context.{self.id(chat)}"
        return next((str(each["ts"]) for each in self.slack.messages(channel) if wanted in str(each)), "")

    def note(self, source: str) -> str:
        """What stands at the note of the wish from there, comments included; "" while there is none."""
        board, id = self.stage.productboard, store.read(partial(_note_of, self.id(source)))
        with board.lock:
            found = board.notes.get(id)
            return found.content + "".join(found.comments.values()) if found else ""

    # -- what is known ------------------------------------------------------

    def of(self, source: str) -> Wish | None:
        """The newest wish from a conversation, or from another source."""
        return store.read(partial(_newest, source))

    def id(self, source: str) -> int:
        """Its number; 0 while there is none."""
        wish = self.of(source)
        return wish.id if wish else 0


def _newest(source: str, session: Session) -> Wish | None:
    query = select(Feedback.id).where(Feedback.conversation_id == source).order_by(col(Feedback.id).desc())
    id = session.exec(query.limit(1)).first()
    return known.one(session, id) if id else None


def _note_of(wish_id: int, session: Session) -> str:
    wish = session.get(Feedback, wish_id)
    return (wish.note_id or "") if wish else ""


def _shows(screen: Screen, text: str) -> bool:
    return screen.view is not None and text in str(screen.view["blocks"])
