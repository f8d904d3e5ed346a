"""How wishes end when nobody is told, headless: what is said then is true, and what is deleted is gone."""

from __future__ import annotations

from functools import partial

from app.demo.smoke.filing import Filing
from app.demo.smoke.meeting import LEAD
from app.demo.smoke.steps import Steps
from app.demo.stage import Stage
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.overview import lives
from workflows.overview.life import ENDED, KNOWS_NOT, Life
from workflows.search import search

WHY = "申請ごとに事情が違うため"
WORD = "請求書"


class Endings:
    """The steps, in the order in which they happen."""

    def __init__(self, stage: Stage, step: Steps, filing: Filing) -> None:
        self.stage, self.inbox, self.step, self.filing = stage, stage.intercom, step, filing
        self.declined, self.deleted = stage.chats[9], stage.chats[11]

    def play(self) -> None:
        """One is declined without a report, one is deleted by its customer."""
        self.decline()
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
        self.step("a wish is filed", lambda: self.filing.of(chat) is not None and self.filing.note(chat))
        return self.filing.id(chat)

    # -- what people read ---------------------------------------------------

    def life(self, wish: int) -> Life:
        """Where a wish is."""
        return store.read(partial(lives.of, ids=[wish]))[wish]

    def has_ended(self, wish: int) -> bool:
        """Is it over?"""
        return self.life(wish).stage == ENDED

    def is_noted(self, chat: str) -> bool:
        """Do the agents read the conclusion in its chat?"""
        return any(WHY in str(note.facts) for note in self.inbox.did("note", chat))

    def finds(self, chat: str, wish: int) -> bool:
        """Does search find what was said there, or the wish?"""
        places = (f"/chats/{chat}", f"/feedback/{wish}")
        return any(hit.document.place.startswith(places) for hit in search.search(WORD).hits)
