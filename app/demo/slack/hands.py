"""What people do in the demo's Slack, by the buttons of its page: each verb acts upon the twin, as a hand upon Slack.

The twin sends the service what Slack would send, really signed, and reads the answer; so a verb takes as long as the
answer does. What is seen then stands on the seat of whoever did it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from app.demo import clock
from app.demo.complaints import chat_of
from app.demo.people import Did, Form, Mistaken
from app.demo.slack.desk import chosen, direct
from app.demo.stage import Stage
from integrations.slack.blocks import clean
from integrations.slack.twin import Screen, Unanswered
from integrations.slack.twin.data import Json, Refusal
from integrations.slack.twin.views import fields
from workflows.language.wording import say
from workflows.rules import rules

__all__ = ["FIND", "VERBS", "Hands", "Unanswered"]

#: The longest message, and the longest text that is looked for.
LONGEST, LONGEST_FIND = 3000, 200
#: What stands before the names of a form's own fields.
FIELD, FIND = "field.", "find."
#: What our step of a workflow wants to know, but for who raises it.
STEP_INPUTS = ("company", "request", "urgency", "temperature", "gist", "history", "tried")
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
        text = _text(form)
        self._enter()
        if re.match(r"/\w", text):
            return self._command(text)
        self.twin.say(self.place, self.me, self._as_kept(text))
        return None

    def reply(self, form: Form) -> None:
        """They write below a message."""
        text, thread = _text(form), form["ts"]
        if thread not in self.twin.channels[self.place].messages:
            raise LookupError("there is no such message")
        self.twin.say(self.place, self.me, self._as_kept(text), thread)

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

    def answer(self, form: Form) -> Screen:
        """They pick a third one: what it says is to go to the customer."""
        return self.twin.use_message_shortcut(self.me, "send_as_reply", self.place, form["ts"])

    def mark(self, form: Form) -> Screen:
        """They pick the last one: it answers what was asked in its thread."""
        return self.twin.use_message_shortcut(self.me, "mark_answer", self.place, form["ts"])

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

    def skip(self, form: Form) -> Did:
        """Time passes until something happens."""
        return clock.skip(self.stage, self.language)

    # -- in a workflow ------------------------------------------------------

    def workflow(self, form: Form) -> Did:
        """They run a workflow that somebody built: it comes to the app's step with what they filled in."""
        inputs = {name: form.get(FIELD + name, "").strip()[:LONGEST] for name in STEP_INPUTS}
        inputs["company"] = form[FIELD + "company"].strip()[:LONGEST]
        inputs["conversation_url"] = chat_of(self.stage, inputs["company"])
        self.seat.steps.append(self.twin.start_step("escalate_complaint", inputs | {"raised_by": self.me}, self.me))
        return Did("The workflow reached Yamabiko’s step.")


def _text(form: Form) -> str:
    """What they typed into a box for messages."""
    text = clean(form["text"]).strip()[:LONGEST]
    if not text:
        raise Mistaken("Enter a message.")
    return text


Verb = Callable[[Hands, Form], "Screen | Did | None"]
VERBS: dict[str, Verb] = {
    verb.__name__: verb
    for verb in (
        *(Hands.say, Hands.reply, Hands.shortcut, Hands.press, Hands.skip, Hands.workflow),
        *(Hands.about, Hands.file, Hands.answer, Hands.mark),
        *(Hands.search, Hands.submit, Hands.press_here, Hands.close),
    )
}
