"""How wishes end apart from the road, headless: what is said then is true, and what is deleted is gone."""

from __future__ import annotations

from functools import partial

from app.demo.smoke.filing import Filing
from app.demo.smoke.meeting import LEAD
from app.demo.smoke.steps import Steps
from app.demo.stage import Stage
from workflows.engine.durable import child, spawn
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.overview import lives, wish_lists
from workflows.overview.life import ENDED, KNOWS_NOT, TO_TELL, Life
from workflows.search import search
from workflows.wish import corrections

WHY = "申請ごとに事情が違うため"
WORD = "請求書"
MISTAKE, ALREADY = "ご質問でした", "すでにご利用いただけます"


class Endings:
    """The steps, in the order in which they happen."""

    def __init__(self, stage: Stage, step: Steps, filing: Filing) -> None:
        self.stage, self.inbox, self.step, self.filing = stage, stage.intercom, step, filing
        self.declined, self.deleted = stage.chats[9], stage.chats[11]
        self.mistaken, self.late = stage.chats[10], stage.chats[8]

    def play(self) -> None:
        """One is declined without a report, one was filed by mistake, one is there already, one is deleted."""
        self.decline()
        self.withdraw()
        self.already()
        self.delete()

    def decline(self) -> None:
        """Nobody was promised a report: nobody is told, and nothing says that somebody was."""
        wish = self.file(self.declined, "7002")
        made = acts.decide(wish, conclusion="decline", reason=WHY, by=LEAD, origin=f"{self.stage.base}:decline")
        acts.send_now(made.id or 0)
        self.step("it is declined, and its chat has a note of it", lambda: self.is_noted(self.declined))
        self.step("it ends without a word to its customer", lambda: self.has_ended(wish))
        self.step("nothing says that the customer knows", lambda: self.life(wish).words == KNOWS_NOT)
        self.step("its chat stays closed", lambda: not self.inbox.did("open", self.declined))

    def withdraw(self) -> None:
        """A question was filed as a wish: it leaves every list, and comes back as it was."""
        wish = self.file(self.mistaken, "7003")
        corrections.withdraw(wish, words=MISTAKE, by=LEAD)
        self.step("it is withdrawn: Productboard says so", lambda: MISTAKE in self.filing.note(self.mistaken))
        self.step("it is on no list any more", lambda: not self.is_counted(wish))
        corrections.restore(wish, by=LEAD)
        self.step("taken back, it counts as before", lambda: self.is_counted(wish))

    def already(self) -> None:
        """A wish is linked to an issue that was done before the customer asked: the agent hears that."""
        wish, issues = self.file(self.late, "7003"), self.stage.issues
        self.stage.jira.finish_long_ago("KNDE-21", days=30)
        link = {"feedback_id": wish, "issue_key": "KNDE-21", "who": LEAD.name}
        spawn([child(f"smoke:{self.stage.base}/{issues['KNDE-21']}", "links.by_hand", **link)])
        self.step("its issue was done before it was asked for: the chat is open", lambda: self.is_open(self.late))
        self.step("with a draft that says it is available already", lambda: ALREADY in self.notes(self.late))
        self.step("and it is to be told, and available", lambda: self.is_to_tell(wish))

    def delete(self) -> None:
        """The conversation is deleted in Intercom: nothing of it is left here, nor in Productboard."""
        wish = self.file(self.deleted, "7001")
        self.step("its words are found", lambda: self.finds(self.deleted, wish))
        self.inbox.delete(self.deleted)
        self.step("it is deleted in Intercom: its words are found no more", lambda: not self.finds(self.deleted, wish))
        self.step("and are gone from its note in Productboard", lambda: WORD not in self.filing.note(self.deleted))

    def file(self, chat: str, agent: str) -> int:
        """Tag the chat, and wait for its wish."""
        self.inbox.tag(chat, "", "要望", agent)
        self.step("a request is filed", lambda: self.filing.of(chat) is not None and self.filing.note(chat))
        return self.filing.id(chat)

    # -- what people read ---------------------------------------------------

    def life(self, wish: int) -> Life:
        """Where a wish is."""
        return store.read(partial(lives.of, ids=[wish]))[wish]

    def has_ended(self, wish: int) -> bool:
        """Is it over?"""
        return self.life(wish).stage == ENDED

    def is_counted(self, wish: int) -> bool:
        """Is it on the list of wishes?"""
        listed = store.read(lambda session: wish_lists.found(session, wish_lists.Wanted(), most=500)).rows
        return wish in [row.voice.feedback_id for row in listed]

    def is_to_tell(self, wish: int) -> bool:
        """Is it available, and is its customer still to be told?"""
        found = self.life(wish)
        return found.stage == TO_TELL and found.is_available

    def is_open(self, chat: str) -> bool:
        """Was a chat opened for its agent?"""
        return bool(self.inbox.did("open", chat))

    def notes(self, chat: str) -> str:
        """What our notes in a chat say."""
        return "".join(str(note.facts) for note in self.inbox.did("note", chat))

    def is_noted(self, chat: str) -> bool:
        """Do the agents read the conclusion in its chat?"""
        return any(WHY in str(note.facts) for note in self.inbox.did("note", chat))

    def finds(self, chat: str, wish: int) -> bool:
        """Does search find what was said there, or the wish?"""
        places = (f"/chats/{chat}", f"/feedback/{wish}")
        return any(hit.document.place.startswith(places) for hit in search.search(WORD).hits)
