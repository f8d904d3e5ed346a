"""What the demo's buttons do: each plays a person who works in one of the four tools.

They act upon the twins only, as people do upon the vendors; the service hears of it by webhook.
A verb takes the form's fields and returns a sentence about what the person did.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any

from app.demo import company
from app.demo.stage import Stage
from integrations.intercom.twin.canvas import CardRefused
from integrations.twin import Fault
from workflows import upkeep
from workflows.engine.store import DAY_MS, now_ms
from workflows.language.text import shortened
from workflows.rules import rules
from workflows.rules.dry_run import DryRun
from workflows.rules.telling import DONE, RELEASE, Gate

Form = Mapping[str, str]

SNOOZE_SECONDS = 3 * 24 * 3600
#: What a customer who is not content writes beside a rating.
REMARK = "返事が遅く、困りました。"
#: What stands before the names of a card's own fields: what is typed, and what is chosen.
FIELD, CHOICE = "field.", "choice."
#: What the buttons may do to a Jira issue: the status, and the resolution where the status alone does not say it.
MOVES = {"完了": ("完了", None), "対応しない": ("完了", "対応しない"), "進行中": ("進行中", None)}


class Mistaken(Exception):
    """The button's thing is not there (any more), or a field is missing; the message is a sentence."""


@dataclass(frozen=True)
class Did:
    """What somebody did: an English sentence that `wording` translates, and the facts for its gaps."""

    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)


class People:
    """Everybody who works in the demo's four tools."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.intercom, self.productboard = stage.intercom, stage.productboard
        self.jira, self.slack = stage.jira, stage.slack

    def play(self, verb: str, form: Form) -> Did:
        """Do what a button says. Raises KeyError for an unknown verb, Mistaken for a thing that is not there."""
        act = VERBS[verb]
        try:
            return act(self, form)
        except (KeyError, StopIteration, ValueError):
            raise Mistaken("That no longer exists. Reload the page.") from None

    # -- Intercom -----------------------------------------------------------

    def tag(self, form: Form) -> Did:
        """An agent tags a message."""
        chat, tag = form["chat"], form["tag"]
        if tag not in company.TAGS:
            raise KeyError(tag)
        agent = self.agent_of(chat)
        self.intercom.tag(chat, form.get("part", ""), tag, agent)
        return Did("{agent} tagged the message “{tag}”.", {"agent": company.AGENTS[agent], "tag": tag})

    def tell(self, form: Form) -> Did:
        """An agent writes to the customer."""
        agent = self.agent_of(form["chat"])
        self.intercom.agent_says(form["chat"], agent, _body(form))
        return Did("{agent} replied to the customer.", {"agent": company.AGENTS[agent]})

    def write(self, form: Form) -> Did:
        """The customer writes."""
        self.intercom.customer_says(form["chat"], _body(form))
        return Did(
            "{person} wrote a message.", {"person": self.intercom.books.conversations[form["chat"]].contact.name}
        )

    def ask(self, form: Form) -> Did:
        """A customer begins a conversation."""
        contact, body = self.intercom.books.contacts[f"c{form['customer']}"], _body(form)
        chat = self.intercom.add_conversation(self.stage.next_chat(), contact.id, body, send=True)
        return Did("{person} started a conversation.", {"person": contact.name, "chat": chat})

    def close(self, form: Form) -> Did:
        """An agent closes the chat."""
        self.intercom.close(form["chat"], self.agent_of(form["chat"]))
        return Did("The conversation was closed.")

    def snooze(self, form: Form) -> Did:
        """An agent snoozes the chat for three days."""
        until = int(time.time()) + SNOOZE_SECONDS
        self.intercom.snooze_by_hand(form["chat"], self.agent_of(form["chat"]), until)
        return Did("The conversation was snoozed for three days.")

    def rate(self, form: Form) -> Did:
        """The customer gives the conversation one star."""
        self.intercom.rate(form["chat"], 1, REMARK)
        person = self.intercom.books.conversations[form["chat"]].contact.name
        return Did("{person} rated the conversation 1 out of 5.", {"person": person})

    def open_card(self, form: Form) -> Did:
        """The agent opens the card beside the chat."""
        chat = form["chat"]
        with _shown_by_intercom():
            self.intercom.open_card(chat, self.agent_of(chat))
        return Did("The card was opened.")

    def press_card(self, form: Form) -> Did:
        """The agent fills in the card and presses a button on it."""
        chat, component = form["chat"], form["component"]
        with _shown_by_intercom():
            shown = self.intercom.press_card(chat, self.agent_of(chat), component, _filled(form))
        if any(one.get("style") == "error" for one in shown["content"]["components"][:1]):
            return Did("Nothing was sent. See the first line of the card.")
        return Did("The card was sent.")

    def agent_of(self, chat: str) -> str:
        """Who works on a chat: its assignee, else whoever answered it first, else anybody."""
        talk = self.intercom.books.conversations[chat]
        answered = (part.author.id for part in talk.parts if part.author.type == "admin")
        known = (id for id in (talk.assignee_id, *answered) if id in company.AGENTS)
        return next(known, next(iter(company.AGENTS)))

    # -- Productboard -------------------------------------------------------

    def link(self, form: Form) -> Did:
        """Product people link a wish's note to a feature: the one named, else the one that fits, else a new one."""
        note, board = self.productboard.notes[form["note"]], self.productboard
        features = {id: entity.fields["name"] for id, entity in board.entities.items() if entity.type == "feature"}
        chosen = form.get("feature") or fitting(note.name, features)
        if not chosen:
            chosen = board.add_feature(shortened(note.name.partition(" — ")[0], 40), "検討中")
            features[chosen] = board.entities[chosen].fields["name"]
        if chosen not in note.related("link"):
            board.link(note.id, chosen)
        return Did("The product team linked the request to “{feature}”.", {"feature": features[chosen]})

    def push(self, form: Form) -> Did:
        """Product people push a feature to Jira: to the issue that fits, else to a new one."""
        feature = form["feature"]
        name = self.productboard.entities[feature].fields["name"]
        issue = self.issue_for(name)
        self.productboard.push_to_jira(feature, issue, self.jira.key_of(issue))
        self.productboard.set_status(feature, "開発中")
        return Did("The product team pushed “{feature}” to {key}.", {"feature": name, "key": self.jira.key_of(issue)})

    def issue_for(self, feature: str) -> str:
        """The open issue that makes this feature and no other; filed where there is none."""
        own = {name: self.stage.issues[key] for name, _status, key in company.FEATURES}.get(feature)
        if own is not None and self.jira.tickets[own].category != "done":
            return own
        highest = max(int(ticket.key.rpartition("-")[2]) for ticket in self.jira.tickets.values())
        return self.jira.add_issue(f"KNDE-{highest + 1}", feature)

    # -- Jira ---------------------------------------------------------------

    def move(self, form: Form) -> Did:
        """A developer moves an issue."""
        status, resolution = MOVES[form["to"]]
        self.jira.move(form["issue"], status, resolution)
        return Did("A developer moved {key} to “{status}”.", {"key": form["issue"], "status": form["to"]})

    # -- trouble ------------------------------------------------------------

    def lose(self, form: Form) -> Did:
        """From now on no webhook arrives, or all do again."""
        lost = form.get("lost") == "yes"
        for twin in self.stage.twins.values():
            twin.loss = 1.0 if lost else 0.0
        return Did("Webhooks are now dropped." if lost else "Webhooks are arriving again.")

    def fail(self, form: Form) -> Did:
        """Productboard refuses the next note that is written."""
        self.productboard.fail("POST /v2/notes", Fault("503"))
        return Did("Productboard will fail on the next note, once.")

    def reconcile(self, form: Form) -> Did:
        """Somebody asks the service to look for what it missed."""
        upkeep.reconcile(now_ms() - 30 * DAY_MS)
        return Did("Checking every tool for what was missed.")

    def spike(self, form: Form) -> Did:
        """Many customers write about the same."""
        from app.demo import spike  # which says what it did in our words

        return spike.spike(self.stage)

    def dry(self, form: Form) -> Did:
        """Somebody writes [dry_run] into the file of rules, or takes it out again."""
        on = form["on"] == "yes"
        rules.dry_run = DryRun(on=on)
        return Did("Dry run is on: nothing is written to other tools." if on else "Dry run is off.")

    def gate(self, form: Form) -> Did:
        """Somebody writes into the file of rules that a finished issue waits for its release, or takes it out again."""
        is_held = form["held"] == "yes"
        rules.gate = Gate(RELEASE if is_held else DONE)
        return Did(
            "Completed issues now wait for their release." if is_held else "Customers hear as soon as it is done."
        )

    def losing(self) -> bool:
        """Do webhooks get lost now?"""
        return any(twin.loss for twin in self.stage.twins.values())


VERBS: dict[str, Callable[[People, Form], Did]] = {
    verb.__name__: verb
    for verb in (
        *(People.tag, People.tell, People.ask, People.write, People.close, People.snooze),
        *(People.rate, People.open_card, People.press_card),
        *(People.link, People.push, People.move, People.lose, People.fail, People.reconcile),
        *(People.dry, People.gate, People.spike),
    )
}


@contextmanager
def _shown_by_intercom() -> Iterator[None]:
    """What Intercom does not show is told in a sentence."""
    try:
        yield
    except CardRefused:
        raise Mistaken("The service did not return a card that Intercom can show.") from None


def _filled(form: Form) -> dict[str, str]:
    """What an agent filled in, with the line ends that people type; a choice that nobody made is left out."""
    typed = {name.removeprefix(FIELD): text for name, text in form.items() if name.startswith(FIELD)}
    made = {name.removeprefix(CHOICE): id for name, id in form.items() if name.startswith(CHOICE) and id}
    return {id: text.replace("\r\n", "\n") for id, text in typed.items()} | made


def _body(form: Form) -> str:
    """What was typed, as Intercom keeps it: a small piece of HTML."""
    text = form.get("text", "").strip()
    if not text:
        raise Mistaken("Enter a message.")
    return escape(text[:2000]).replace("\n", "<br>")


#: Pairs of letters that a wish shares with the name of a feature which is about the same thing.
LEAST = 2


def fitting(text: str, names: Mapping[str, str]) -> str:
    """The id of the name that shares most with a text; "" if none shares enough."""
    scores = {id: len(_pairs(text) & _pairs(name)) for id, name in names.items()}
    best = max(scores, key=lambda id: scores[id], default="")
    return best if best and scores[best] >= LEAST else ""


def _pairs(text: str) -> set[str]:
    """Neighbouring letters; pairs of hiragana say nothing about what a text is about."""
    pairs: Iterable[str] = (text[at : at + 2] for at in range(len(text) - 1))
    return {pair for pair in pairs if not all("ぁ" <= letter <= "ん" or not letter.isalnum() for letter in pair)}
