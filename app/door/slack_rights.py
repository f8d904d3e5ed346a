"""Who may use what in our Slack app: each shortcut, command, form and button by its deed. The story asks once more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from inspect import signature
from typing import Any

from app.door.slack_desk import open_view, said, user_of
from integrations.contract import Trouble
from integrations.slack import is_person, views
from integrations.untrusted import Node
from workflows.customer import fields
from workflows.enquiry import asks
from workflows.enquiry.asks import Spot
from workflows.escalation import chain
from workflows.language.wording import say
from workflows.people import colleagues
from workflows.people.asked import deed_of, nobodys
from workflows.people.may import (
    ANSWER,
    ASK,
    ASSIGN,
    DESCRIBE,
    ESCALATE,
    FILE,
    MARK,
    NOT_YOURS,
    READ,
    REPLY,
    REPORT,
    TEACH,
    TELL,
    may,
)
from workflows.people.person import Person, somebody
from workflows.routes import BUTTONS, FORMS
from workflows.rules import rules
from workflows.telling import dead_ends

log = logging.getLogger("yamabiko")

#: What somebody is told whom we never met, while Slack does not say who they are: they may well be allowed to.
WHO_IT_IS = "Slack did not answer, so we could not confirm who you are. Try again in a moment."
#: What only opens something; what a story follows has the deed of the story.
SHORTCUTS = {
    "escalate": ESCALATE,
    "escalate_message": ESCALATE,
    "file_wish": FILE,
    "mark_answer": MARK,
    "send_as_reply": REPLY,
}
COMMANDS = {"escalate": ESCALATE, "owner": ASSIGN, "dossier": READ, "answers": READ, "voice": READ, "voice_ja": READ}
CHOICES = {"company": READ, "know_how": REPLY}
#: Forms that lead to another one, and that no story follows.
LEADING = {"write_reply": REPLY}
OPENERS = {
    "finish": ANSWER,
    "judge": ANSWER,
    "hand_on": ANSWER,
    "dossier": READ,
    "suggest_escalate": ESCALATE,
    "write_context": DESCRIBE,
    "ask_colleagues": ASK,
    "answer_ask": MARK,
    "keep_answer": TEACH,
    "send_reply": REPLY,
}
#: What whoever answers for the company may as well, whatever their role.
THEIRS = {ANSWER: chain.is_theirs, TELL: dead_ends.is_theirs, REPORT: dead_ends.is_theirs, MARK: asks.is_theirs}


def why_not(body: dict[str, Any]) -> str:
    """Why whoever sent this may not use it, or not now, as a sentence for them; "" where they may.

    What is none of ours is nobody's to refuse: nothing follows it.
    """
    deed, about = wanted(Node(body, ""))
    if not deed:
        return ""
    user_id = user_of(body)
    person = _known(user_id) if is_person(user_id) else None
    if person is not None and (may(person, deed) or THEIRS.get(deed, nobodys)(person, about)):
        return ""
    log.warning("refused %s in Slack: %s", user_id[:20], deed)
    return NOT_YOURS if person is not None or not is_person(user_id) else WHO_IT_IS


def wanted(request: Node) -> tuple[str, str]:
    """The deed that a request is, and what it is about; "" for none."""
    kind, view = request["type"].text(or_=""), request["view"]
    if request["command"]:
        typed = request["command"].text()
        return COMMANDS.get(next((name for name, each in rules.commands.items() if each == typed), ""), ""), ""
    if kind in ("shortcut", "message_action"):
        deed = SHORTCUTS.get(request["callback_id"].text(or_=""), "")
        return deed, _spot(request) if deed == MARK else ""
    if kind == "block_suggestion":
        return CHOICES.get(request["action_id"].text(or_=""), ""), ""
    if kind == "view_submission":
        form = view["callback_id"].text(or_="")
        story = FORMS.get(form)
        return (deed_of(story) if story else LEADING.get(form, "")), view["private_metadata"].text(or_="")
    for action in request["actions"].items() if kind == "block_actions" else ():
        return _button(action["action_id"].text(or_="")), action["value"].text(or_="")
    return "", ""


def _spot(request: Node) -> str:
    """The thread of the message that a shortcut was picked on; "" for one that is picked on none."""
    thread = request["message"]["thread_ts"].text(or_="") or request["message_ts"].text(or_="")
    return str(Spot(request["channel"]["id"].text(or_=""), thread)) if thread else ""


def _button(action_id: str) -> str:
    """Where a message has several of a button, each has a number."""
    name = action_id.partition(".")[0]
    story = BUTTONS.get(name) or BUTTONS.get(action_id)
    return deed_of(story) if story else OPENERS.get(name, "")


def _known(user_id: str) -> Person | None:
    """Who somebody is; None for whom we never met while Slack does not answer."""
    try:
        colleagues.met(user_id, soon=True)
        return somebody(user_id)
    except Trouble:
        known = colleagues.recall(user_id)
        return Person(user_id, known.name, known.email, user_id) if known else None


Listener = Callable[..., None]


def asking(listener: Listener) -> Listener:
    """A listener that answers those who may; all others are told why they may not, and nothing is accepted."""
    takes = signature(listener).parameters

    def asked(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
        if why := why_not(body):
            _refuse(ack, body, why)
            return
        given = {"ack": ack, "body": body, "context": context}
        listener(**{name: given[name] for name in takes})
        if is_person(user := user_of(body)):
            context["desk"].afterwards.append(partial(colleagues.met, user, within_ms=colleagues.LATELY_MS))

    return asked


def _refuse(ack: Any, body: dict[str, Any], why: str) -> None:
    """Say it where they are: in the form, as the reply, or in a form of its own."""
    language, kind = colleagues.language_of(user_of(body)), said(body, "type")
    shown = fields.notice(language, "Nothing was changed", say(language, why))
    if said(body, "command"):
        ack(text=say(language, why))
    elif kind == "block_suggestion":
        ack(views.options([]))
    elif kind == "view_submission":
        ack(views.replace(shown))
    else:
        open_view(body, lambda _: shown)
        ack()
