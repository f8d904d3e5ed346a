"""New wishes: the record of a wish that somebody files by hand, or splits off another one; made once.

What follows from a record (its note in Productboard, a word to people) is up to `filing`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from integrations.intercom import conversation_in
from workflows.customer import companies
from workflows.customer.fields import CHAT, NEW
from workflows.engine import leases
from workflows.engine.actions import Intent, happened
from workflows.engine.durable import child, current_run, start
from workflows.engine.outcome import Refused
from workflows.engine.rows import Values
from workflows.engine.store import now_ms
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.customer import Company, Conversation
from workflows.tables.runs import Action
from workflows.tables.wish import Feedback
from workflows.wish import asked, background, known, wishes
from workflows.wish.forms import Answers
from workflows.wish.wishes import NO_SUCH_WISH

FILED = "{agent} filed this by hand ({kind})."
SPLIT = "{agent} split this from {other}."
SPLIT_INTO = "{agent} split {other} from this."

_MESSAGE = re.compile(r"([CDG][A-Z0-9]{2,30})/(\d{1,12}\.\d{1,9})/(\d{1,12}\.\d{1,9})?/([a-z0-9-]{1,60})?", re.ASCII)


@dataclass(frozen=True)
class Source:
    """Where a wish was said. `name` tells one from another; `said_at` is 0 where it is not known."""

    kind: str
    name: str
    url: str = ""
    said_at: int = 0


@dataclass(frozen=True)
class Message:
    """A message in Slack: where it stands, the thread that it is in or begins, and its address."""

    channel: str
    ts: str
    thread: str
    url: str

    @classmethod
    def read(cls, about: str) -> Message | None:
        """The message that a form was opened on."""
        match = _MESSAGE.fullmatch(about)
        if match is None:
            return None
        channel, ts, thread, domain = match.groups(default="")
        url = f"https://{domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}" if domain else ""
        inside = f"?thread_ts={thread}&cid={channel}" if url and thread not in ("", ts) else ""
        return cls(channel, ts, thread or ts, url + inside)

    @property
    def source(self) -> Source:
        """Where the wish was said."""
        return Source("slack", f"slack:{self.channel}/{self.ts}", self.url, int(float(self.ts) * 1000))


def named(channel: str, ts: str, thread: str, domain: str) -> str:
    """What a form remembers of the message that it was opened on, for `Message.read`."""
    return f"{channel}/{ts}/{thread}/{domain}"


# -- the record -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """The record of a wish, and whether this submission made it."""

    id: int
    is_new: bool


def file(session: Session, values: Mapping[str, str], source: Source, by: Person, origin: str) -> Taken:
    """The record of what was said there: made once, by the first who comes."""
    lock(session)
    key, answers = f"taken-from:{source.name}", Answers.of(values)
    before = filed_as(session, key)
    if before is not None and before.feedback_id is not None:
        _add_answers(session, before.feedback_id, answers, by, origin)
        return Taken(before.feedback_id, before.run_id == current_run())
    wish = wishes.take(session, _row(session, values, source, by))
    happened(session, _filed(wish, by, key))
    context_id = note_down(session, wish, answers, by, origin)
    _start_carrying(session, wish, context_id)
    return Taken(wish.id or 0, True)


def note_down(session: Session, wish: Feedback, answers: Answers, by: Person, origin: str) -> int:
    """Keep what was said beside the quote; who said nothing of why is reminded of it. Returns the row's id, or 0."""
    kept = background.keep(session, wish.id or 0, answers, by, origin) if answers else None
    minutes = rules.context_remind_minutes
    if minutes and by.slack_id and not (answers.background or answers.importance):
        now = now_ms()
        due = {"asked_at": now, "remind_at": rules.calendar_of(by.slack_id).add(now, minutes)}
        row = {"feedback_id": wish.id, "run_id": f"filed:{wish.id}", "person": by.slack_id}
        asked.claim(session, [row | due])
    return kept or 0


def _add_answers(session: Session, feedback_id: int, answers: Answers, by: Person, origin: str) -> None:
    """What somebody wrote who came second is kept where nobody had written anything."""
    if answers and not known.is_filled(known.newest(session, feedback_id)):
        id = background.keep(session, feedback_id, answers, by, origin)
        if id is not None:
            start(session, [child(f"context:{id}", "context.write_down", context_id=id, feedback_id=feedback_id)])


def _row(session: Session, values: Mapping[str, str], source: Source, by: Person) -> Values:
    chat = session.get(Conversation, conversation_in(values.get("conversation", "")))
    typed = values.get("company", "")
    company = _company(session, typed, chat)
    now, kind = now_ms(), values.get("kind", "")
    return {
        "conversation_id": chat.id if chat else source.name,
        "part_id": source.name,
        "kind": kind,
        "tag": next((tag for tag, meaning in rules.tags.items() if meaning == kind), ""),
        "quote": values.get("quote", "").strip(),
        "title": " ".join(values.get("title", "").split()),
        "contact_id": chat.contact_id if chat else None,
        "company_id": company.id if company else None,
        "company_name": "" if company or typed.startswith(CHAT) else typed.removeprefix(NEW).strip(),
        "person_name": values.get("person", "").strip(),
        "taken_by": by.slack_id or by.id,
        "taken_by_name": by.name,
        "said_at": source.said_at or now,
        "taken_at": now,
        "source": source.kind,
        "source_url": source.url,
    }


def _company(session: Session, company: str, chat: Conversation | None) -> Company | None:
    """The company that was chosen, or has the name that was typed, or talks in the chat."""
    chosen = session.get(Company, company)
    if chosen is None and chat is not None and chat.company_id:
        chosen = session.get(Company, chat.company_id)
    typed = company.removeprefix(NEW).strip()
    if chosen is None and typed and not company.startswith(CHAT):
        named = companies.named(session, typed, 1)
        chosen = next((each for each in named if each.name.casefold() == typed.casefold()), None)
    return chosen


def _filed(wish: Feedback, by: Person, key: str) -> Intent:
    return Intent(
        "us",
        "file",
        key=key,
        target=wishes.code(wish.id),
        sentence=FILED,
        facts={"agent": by.name or by.id, "kind": wish.kind},
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
        url=wish.source_url,
    )


def _start_carrying(session: Session, wish: Feedback, context_id: int = 0) -> None:
    start(session, [child(f"filed:{wish.id}", "filing.carry", feedback_id=wish.id, context_id=context_id)])


# -- another wish in the same words ---------------------------------------------------------------


def split(session: Session, feedback_id: int, quote: str, kind: str, by: Person, origin: str) -> int:
    """The record of another wish from the same conversation, once for its origin. Raises Refused."""
    lock(session)
    before = filed_as(session, f"split:{origin}")
    if before is not None and before.feedback_id is not None:
        return before.feedback_id
    whole = session.get(Feedback, feedback_id)
    if whole is None:
        raise Refused(NO_SUCH_WISH, code=wishes.code(feedback_id))
    wish = wishes.take(session, _part_of(session, whole, quote.strip(), kind))
    happened(session, _split(wish, SPLIT, by, f"split:{origin}", wishes.code(whole.id)))
    happened(session, _split(whole, SPLIT_INTO, by, f"split:{origin}/from", wishes.code(wish.id)))
    _start_carrying(session, wish)
    return wish.id or 0


def _part_of(session: Session, whole: Feedback, quote: str, kind: str) -> Values:
    """The same as the whole, but for the words: whoever said and took it, where and when."""
    part_id = whole.part_id.partition("#")[0]
    number = parts_of(session, whole.conversation_id, part_id) + 1
    same = whole.model_dump(exclude={"id", "title", "note_id", "note_url", "merged_into", "conclusion"})
    return same | {"part_id": f"{part_id}#{number}", "kind": kind, "quote": quote, "taken_at": now_ms()}


def _split(wish: Feedback, sentence: str, by: Person, key: str, other: str) -> Intent:
    return Intent(
        "us",
        "split",
        key=key,
        target=wishes.code(wish.id),
        sentence=sentence,
        facts={"agent": by.name or by.id, "other": other},
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
    )


# -- what is filed by hand ------------------------------------------------------------------------


def lock(session: Session) -> None:
    """One wish is filed by hand at a time: the same message could become two records otherwise."""
    leases.lock(session, "filing")


def filed_as(session: Session, key: str) -> Action | None:
    """What was written down under this key when a wish was filed."""
    return session.get(Action, key)


def parts_of(session: Session, conversation_id: str, part_id: str) -> int:
    """Into how many wishes a message was split so far, besides the one that it was."""
    split = col(Feedback.part_id).startswith(f"{part_id}#", autoescape=True)
    query = select(sa.func.count()).select_from(Feedback)
    return session.exec(query.where(Feedback.conversation_id == conversation_id, split)).one()
