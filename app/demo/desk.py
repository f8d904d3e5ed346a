"""What the people of the demo see on their desks: a chat with its notes, the features, the issues, the channel."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.demo import company
from app.demo.people import People
from app.demo.stage import Stage
from integrations.intercom import plain
from integrations.intercom.twin.data import Company, Part
from integrations.mail.twin import Mail

#: A desk shows so many messages and chats, the newest.
MOST = 40
#: The addresses behind a note's links, and Slack's links: `<https://…|label>`.
_ADDRESS = re.compile(r" \(https?://[^)\s]*\)")
_RATE = re.compile(r"\s*https?://\S+?(/rate/[\w-]+)")
_LINK = re.compile(r"<(?:[^<>|]*\|)?([^<>|]*)>")


@dataclass(frozen=True)
class Line:
    """One entry of a chat. `kind`: customer, agent, note, event; `verb`: what happened, for an event.

    `rate`: where the link leads by which the customer says how it went, on this machine.
    """

    kind: str
    who: str
    text: str
    at: int
    part: str
    tags: Sequence[str] = ()
    rate: str = ""


@dataclass(frozen=True)
class Chat:
    """A conversation as an agent sees it."""

    id: str
    who: str
    company: str
    state: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Feature:
    """A feature: how many notes it has, and the key of its issue."""

    id: str
    name: str
    status: str
    notes: int
    issue: str


@dataclass(frozen=True)
class Issue:
    """An issue in Jira."""

    key: str
    summary: str
    status: str
    resolution: str
    done: bool


@dataclass(frozen=True)
class Piece:
    """A component of the card beside a chat. `kind`: words, rule, line, text, menu or button; `options`: (id, text)."""

    kind: str
    id: str = ""
    text: str = ""
    value: str = ""
    style: str = ""
    options: Sequence[tuple[str, str]] = ()
    failed: bool = False


@dataclass(frozen=True)
class Desk:
    """Everything on the desks; `chats` are all that can be chosen: (id, name); no `card` before it is opened."""

    chat: Chat | None
    card: Sequence[Piece] | None
    chats: Sequence[tuple[str, str]]
    features: Sequence[Feature]
    issues: Sequence[Issue]
    messages: Sequence[tuple[int, str]]
    mails: Sequence[Mail]


def look(stage: Stage, chosen: str) -> Desk:
    """The desks now, with the chosen chat, or the first."""
    chat = chat_of(stage, chosen)
    card = card_of(stage, chat.id) if chat else None
    return Desk(chat, card, chats_of(stage), features_of(stage), issues_of(stage), messages_of(stage), mails_of(stage))


def chats_of(stage: Stage) -> list[tuple[str, str]]:
    """Every chat and who is in it."""
    with stage.intercom.lock:
        talks = list(stage.intercom.books.conversations.values())
        companies = stage.intercom.books.companies
        return [(talk.id, f"{_name(companies, talk.company_id)} {talk.contact.name}") for talk in talks]


def chat_of(stage: Stage, chosen: str) -> Chat | None:
    """A conversation, its opening message first."""
    with stage.intercom.lock:
        books = stage.intercom.books
        talk = books.conversations.get(chosen) or next(iter(books.conversations.values()), None)
        if talk is None:
            return None
        lines = [_line(part, books.tags) for part in (talk.source, *talk.parts[-MOST:])]
        return Chat(talk.id, talk.contact.name, _name(books.companies, talk.company_id), talk.state, lines)


def _line(part: Part, tags: dict[str, str]) -> Line:
    if part.type == "note":
        kind = "note"
    elif part.body:
        kind = "customer" if part.author.type == "user" else "agent"
    else:
        kind = "event"
    named = [tags[id] for id in part.tag_ids if id in tags]
    text = _ADDRESS.sub("", plain.text(part.body)) if part.body else part.type
    rate = _RATE.search(text)
    said = _RATE.sub("", text) if rate else text
    return Line(kind, part.author.name, said, part.created_at * 1000, part.id, named, rate[1] if rate else "")


#: How a component is shown, by Canvas Kit's name for it; what is not here is left out.
KINDS = {
    "text": "words",
    "divider": "rule",
    "input": "line",
    "textarea": "text",
    "dropdown": "menu",
    "single-select": "menu",
    "button": "button",
}


def card_of(stage: Stage, chat: str) -> list[Piece] | None:
    """The card that the agent sees beside a chat; None before it is opened."""
    canvas = stage.intercom.card_of(chat, People(stage).agent_of(chat))
    if canvas is None:
        return None
    return [_piece(one) for one in canvas["content"]["components"] if one["type"] in KINDS]


def _piece(component: Mapping[str, Any]) -> Piece:
    said = {name: component.get(name, "") for name in ("id", "value", "style")}
    options = [(option["id"], option["text"]) for option in component.get("options", [])]
    text = component.get("text") or component.get("label", "")
    failed = component.get("error") is True or component.get("save_state") == "failed"
    return Piece(KINDS[component["type"]], text=text, options=options, failed=failed, **said)


def features_of(stage: Stage) -> list[Feature]:
    """Every feature, those with notes first."""
    board = stage.productboard
    with board.lock:
        keys = {feature: key for row in board.jira.values() for feature, (_, key) in row.connections.items()}
        notes = [id for note in board.notes.values() for id in note.related("link")]
        features = [each for each in board.entities.values() if each.type == "feature"]
        found = [
            Feature(f.id, f.fields["name"], f.fields.get("status", ""), notes.count(f.id), keys.get(f.id, ""))
            for f in features
        ]
    return sorted(found, key=lambda feature: -feature.notes)


def issues_of(stage: Stage) -> list[Issue]:
    """Every issue in Jira."""
    with stage.jira.lock:
        tickets = list(stage.jira.tickets.values())
    return [Issue(t.key, t.summary, t.status, t.resolution, t.category == "done") for t in tickets]


def messages_of(stage: Stage) -> list[tuple[int, str]]:
    """The support channel in Slack, oldest first: (when, text)."""
    said = stage.slack.messages(company.CHANNEL)[-MOST:]
    return [(int(float(message["ts"]) * 1000), _spoken(str(message["text"]))) for message in said]


def mails_of(stage: Stage) -> Sequence[Mail]:
    """What has arrived by mail, the newest first."""
    return stage.mail.mails[: -MOST - 1 : -1]


def _spoken(text: str) -> str:
    return html.unescape(_LINK.sub(r"\1", text))


def _name(companies: Mapping[str, Company], id: str) -> str:
    return companies[id].name if id in companies else ""
