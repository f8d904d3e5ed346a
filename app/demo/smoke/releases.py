"""Releases, headless: done again, withdrawn, released in two waves, approved and sent, and an apology at the end."""

from __future__ import annotations

from app.demo.smoke.meeting import LEAD
from app.demo.smoke.steps import Steps
from app.demo.stage import Stage
from workflows.engine.store import store
from workflows.people.person import Person
from workflows.tables.telling import Telling
from workflows.telling import approval, drafts, ledger, publish, waves
from workflows.telling.approval import Key
from workflows.telling.publish import Wanted
from workflows.wish.wishes import of_conversations

KEY = "KNDE-12"
NEWS = "{name}様、お世話になっております。CSV出力に部署コードの列を追加いたしました。"
SORRY = "{name}様、先日ご案内いたしました機能の提供を見合わせております。誠に申し訳ございません。"


class Releases:
    """The steps, in the order in which they happen."""

    def __init__(self, stage: Stage, step: Steps) -> None:
        self.stage, self.step = stage, step
        self.first, self.third = stage.chats[0], stage.chats[2]
        self.issue = stage.issues[KEY]
        agent = stage.intercom.books.admins["7001"]
        self.agent = Person(agent.id, agent.name, agent.email)

    def play(self) -> None:
        """One customer after the other, and none of them before it is there for them."""
        self.stage.jira.move(KEY, "完了")
        self.step("done again: both have a draft", lambda: self.stand(self.first, self.third) == ["drafted"] * 2)
        self.withdraw()
        self.step("withdrawn: both drafts are revoked", lambda: self.stand(self.first, self.third) == ["withdrawn"] * 2)
        self.publish(Wanted("companies", (self.company(self.first),)), "one")
        self.step("released to one company: its customer has a draft", lambda: self.stand(self.first) == ["drafted"])
        self.step("and the other has none", lambda: not self.owed(self.third))
        self.publish(Wanted(), "all")
        self.step("released to everybody: the other has one, too", lambda: self.stand(self.third) == ["drafted"])
        self.send(self.first, NEWS)
        self.step("an agent approves: Intercom says it was sent", lambda: self.stand(self.first) == ["told"])
        self.step("once, in that agent's name", lambda: self.sent(self.first) == ["7001"])
        self.withdraw()
        self.step("withdrawn after that: there is an apology to send", lambda: self.apology() == "drafted")
        self.send(self.first, SORRY)
        self.step("an agent sends it", lambda: self.apology() == "told")
        self.stage.jira.move(KEY, "進行中")
        self.step("it is worked on again", lambda: self.release() is None)

    def publish(self, wanted: Wanted, origin: str) -> None:
        """A person releases it."""
        publish.publish(self.issue, wanted, by=LEAD, origin=f"smoke:{self.stage.base}:{origin}")

    def withdraw(self) -> None:
        """A person withdraws it."""
        publish.take_back(self.issue, LEAD)

    def send(self, chat: str, words: str) -> None:
        """The agent approves the newest draft of a chat, and sends it at once."""
        telling = self.newest(chat)
        key = Key(telling.release_id, chat)
        text = words.format(name=self.stage.intercom.books.conversations[chat].contact.name.split()[0])
        approval.approve(key, text, self.agent)
        approval.at_once(key, self.agent)

    # -- what came of it ----------------------------------------------------

    def release(self) -> str | None:
        """The release that stands."""
        found = store.read(lambda session: waves.standing(session, self.issue))
        return found.id if found else None

    def owed(self, chat: str) -> Telling | None:
        """What a chat is owed because of the release that stands."""
        release = self.release()
        return store.read(lambda session: session.get(Telling, (release, chat))) if release else None

    def stand(self, *chats: str) -> list[str]:
        """How these chats stand, newest matter first."""
        return [drafts.standing(self.newest(chat)) for chat in chats]

    def newest(self, chat: str) -> Telling:
        """What a chat came to be owed last."""
        return store.read(lambda session: drafts.newest(session, chat))

    def apology(self) -> str:
        """How the apology to the first customer stands; "" while there is none."""
        newest = self.newest(self.first)
        return drafts.standing(newest) if newest.release_id.endswith(ledger.REOPENED) else ""

    def sent(self, chat: str) -> list[str]:
        """By whom the customer was written to by this service."""
        return [str(each.facts["admin_id"]) for each in self.stage.intercom.did("comment", chat)]

    def company(self, chat: str) -> str:
        """The company that asked in a chat."""
        wishes = store.read(lambda session: of_conversations(session, [chat]))
        return wishes[0].company_id or ""
