"""What people do in the demo's Slack, by the buttons of its page: each verb acts upon the twin, as a hand upon Slack.

The twin sends the service what Slack would send, really signed, and reads the answer; so a verb takes as long as the
answer does. What is seen then stands on the seat of whoever did it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlmodel import Session, col, select

from app.demo.people import Did, Form, Mistaken
from app.demo.slack.desk import chosen, direct
from app.demo.stage import Stage
from integrations.slack.blocks import clean
from integrations.slack.twin import Screen, Unanswered
from integrations.slack.twin.data import Json, Refusal
from integrations.slack.twin.views import fields
from workflows.engine.durable import spawn
from workflows.engine.store import store
from workflows.escalation import ladder, reminders
from workflows.escalation.cases import code
from workflows.language.wording import say, time
from workflows.rules import rules
from workflows.tables.escalation import Escalation

__all__ = ["FIND", "VERBS", "Hands", "Unanswered"]

#: The longest message, and the longest text that is looked for.
LONGEST, LONGEST_FIND = 3000, 200
#: What stands before the names of a form's own fields.
FIELD, FIND = "field.", "find."
GONE = "That no longer exists. Reload the page."
_ADDRESS = re.compile(r"https?://[^\s<>|]+")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class Hands:
    """The hands of one person, whose screen shows one place."""

    def __init__(self, stage: Stage, me: str, place: str, language: str) -> None:
        member, self.place = chosen(me, place)
        self.stage, self.twin, self.me, self.language = stage, stage.slack, member.id, language
        self.seat = stage.seat(self.me)

    def play(self, verb: str, form: Form) -> bool:
        """Do what a button says; returns whether that was possible. Raises KeyError for an unknown verb."""
        act = VERBS[verb]
        self.seat.forget()
        try:
            seen = act(self, form)
        except (LookupError, ValueError, Refusal):
            return self._tell(GONE, failed=True)
        except Unanswered as trouble:
            return self._tell(str(trouble), failed=True)
        except Mistaken as mistake:
            return self._tell(str(mistake), failed=True)
        if isinstance(seen, Screen):
            self.seat.hear(seen)
            return not seen.error
        return self._tell(seen.sentence, **seen.facts) if seen else True

    def _tell(self, sentence: str, failed: bool = False, **facts: object) -> bool:
        self.seat.told, self.seat.failed = say(self.language, sentence, **facts), failed
        return not failed

    # -- in a channel -------------------------------------------------------

    def say(self, form: Form) -> Screen | None:
        """They write into the channel; what begins with a slash is a command."""
        text = clean(form["text"]).strip()[:LONGEST]
        if not text:
            raise Mistaken("Enter a message.")
        self._enter()
        if re.match(r"/\w", text):
            return self._command(text)
        self.twin.say(self.place, self.me, self._as_kept(text))
        return None

    def _command(self, text: str) -> Screen:
        command, _, rest = text.partition(" ")
        if command not in rules.commands.values():
            return Screen(view=self.twin.view_of(self.me), error=f"{command} is not a valid command.")
        return self.twin.command(self.me, self.place, command, rest.strip())

    def _as_kept(self, text: str) -> str:
        """What was typed as Slack keeps it: names that follow an @ are mentions, addresses are links."""
        kept = _ADDRESS.sub(lambda match: f"\0{match[0]}\1", text).translate(_MARKUP)
        for person in self.twin.people.values():
            kept = kept.replace(f"@{person.name}", f"<@{person.id}>")
        return kept.replace("\0", "<").replace("\1", ">")

    def shortcut(self, form: Form) -> Screen:
        """They pick the global shortcut."""
        return self.twin.use_shortcut(self.me, "escalate")

    def about(self, form: Form) -> Screen:
        """They pick the shortcut in the menu of a message."""
        return self.twin.use_message_shortcut(self.me, "escalate_message", self.place, form["ts"])

    def file(self, form: Form) -> Screen:
        """They pick the other shortcut there: the message becomes a wish."""
        return self.twin.use_message_shortcut(self.me, "file_wish", self.place, form["ts"])

    def press(self, form: Form) -> Screen:
        """They press a button in a message."""
        return self.twin.press(self.me, self.place, form["ts"], form["action"])

    def _enter(self) -> None:
        """Whoever turns to the app for the first time opens the direct messages with it."""
        if self.place == direct(self.me):
            with self.twin.lock:
                self.twin.direct(self.me)

    # -- in a form ----------------------------------------------------------

    def search(self, form: Form) -> None:
        """They look for what can be chosen in a menu; what else they filled in stays."""
        id = form["search"]
        self.twin.fill(self.me, self._entered(form))
        self.seat.found[id] = self.offered(id, form.get(FIND + id, ""))
        self.seat.typed[id] = form.get(FIND + id, "")[:LONGEST_FIND]

    def offered(self, block_id: str, typed: str) -> list[tuple[str, str]]:
        """What a menu offers for what was typed. Raises Unanswered if the service does not say."""
        return self.twin.suggest(self.me, block_id, clean(typed).strip()[:LONGEST_FIND])

    def submit(self, form: Form) -> Screen:
        """They send the form."""
        return self.twin.submit(self.me, self._entered(form))

    def press_here(self, form: Form) -> Screen:
        """They press a button in the form."""
        self.twin.fill(self.me, self._entered(form))
        return self.twin.press_in_view(self.me, form["action"])

    def close(self, form: Form) -> Screen:
        """They close the form."""
        return self.twin.close(self.me)

    def _entered(self, form: Form) -> dict[str, str]:
        """What stands in the fields of the view, empty ones included: a page does not send what is not chosen."""
        view: Json | None = self.twin.view_of(self.me)
        if view is None or view["id"] != form["view"]:
            raise LookupError("another form is open")
        ids = [field.block_id for field in fields(view) if field.is_input]
        return {id: form.get(FIELD + id, "").replace("\r\n", "\n").strip() for id in ids}

    # -- time ---------------------------------------------------------------

    def remind(self, form: Form) -> Did:
        """Time passes until the next reminder: it is run at once, whatever the time is."""
        escalation = store.read(first_due)
        if escalation is None:
            return Did("No reminders are due.")
        person = self.twin.people.get(escalation.next_person)
        facts = {
            "code": code(escalation.id),
            "name": person.name if person else self.place_name(escalation.next_person),
            "when": time(self.language, escalation.due_at or 0),
        }
        if not spawn([reminders.run_of(escalation, at_once=True)]):
            return Did("This reminder is already on its way.")
        return Did("Skip to {when}: {name} is reminded about {code}.", facts)

    def place_name(self, id: str) -> str:
        """The name of a channel."""
        channel = self.twin.channels.get(id)
        return f"#{channel.name}" if channel else id


def first_due(session: Session) -> Escalation | None:
    """The escalation about which somebody has to be asked first."""
    query = select(Escalation).where(col(Escalation.state).in_(ladder.UNFINISHED), col(Escalation.due_at).is_not(None))
    return session.exec(query.order_by(col(Escalation.due_at), col(Escalation.id)).limit(1)).first()


Verb = Callable[[Hands, Form], "Screen | Did | None"]
VERBS: dict[str, Verb] = {
    verb.__name__: verb
    for verb in (
        *(Hands.say, Hands.shortcut, Hands.about, Hands.file, Hands.press, Hands.remind),
        *(Hands.search, Hands.submit, Hands.press_here, Hands.close),
    )
}
