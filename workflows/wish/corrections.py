"""Corrections: what was filed by mistake, linked to the wrong issue or called the wrong kind is put right, and back.

    withdraw ⇄ restore      a wish that is none: it leaves every list, and nobody is told of it
    cut ⇄ relink            a link to an issue that is the wrong one: webhooks and polls do not bring it back
    rename                  a fault that was filed as a wish

Each is one act of a named person, with one sentence on the wish's page; `corrected` carries it to the note in
Productboard and to the chat. Nothing is deleted, so each way back leads to what was.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, col, select

from workflows.engine.actions import Intent, happened
from workflows.engine.durable import child, start
from workflows.engine.outcome import Refused
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.people.person import Person
from workflows.rules.company import KINDS
from workflows.search import indexing
from workflows.tables.telling import Telling
from workflows.tables.wish import Context, Cut, Feedback, FeedbackIssue, Issue
from workflows.wish import issues, known
from workflows.wish.wishes import code

LONGEST = 500
NO_WISH = "Request {code} was not found. Check the number."
IN_A_MERGER = "{code} is merged with other requests. Unmerge it first."
SAME_KIND_BEFORE = "The same message is already filed as {code} ({kind})."
NO_LINK = "{code} is not linked to this issue."
WITHDRAWN = "{agent} withdrew this request because it was filed by mistake: {words}"
RESTORED = "{agent} restored this request. It counts again."
CUT = "{agent} removed the link to {key}."
RELINKED = "{agent} restored the link to {key}."
RENAMED = "{agent} changed the type from {former_kind} to {kind}."


def problems(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the reason of a withdrawal, by field."""
    words = values.get("words", "").strip()
    if not words:
        return {"withdrawn": say(language, "Explain why this is not a request.")}
    return {"withdrawn": say(language, "Shorten this to {n} characters.", n=LONGEST)} if len(words) > LONGEST else {}


# -- a wish that is none --------------------------------------------------------------------------


def withdraw(feedback_id: int, *, words: str, by: Person) -> None:
    """It was filed by mistake; nothing happens where that was said before. Raises Refused."""

    def work(session: Session) -> None:
        issues.lock(session)  # nobody merges it or decides about it meanwhile
        wish = _wish(session, feedback_id)
        if wish.withdrawn_at is not None:
            return
        if len(issues.group_of(session, wish.merged_into or feedback_id)) > 1:
            raise Refused(IN_A_MERGER, code=code(feedback_id))
        wish.withdrawn_at = now_ms()
        _note(session, wish, "withdraw", WITHDRAWN, by, words=words.strip())

    store.write(work)


def restore(feedback_id: int, *, by: Person) -> None:
    """It counts after all, as it was; nothing happens where it counts. Raises Refused."""

    def work(session: Session) -> None:
        wish = _wish(session, feedback_id)
        if wish.withdrawn_at is not None:
            wish.withdrawn_at = None
            _note(session, wish, "restore", RESTORED, by)

    store.write(work)


def _note(session: Session, wish: Feedback, verb: str, sentence: str, by: Person, **facts: str) -> None:
    """Keep who corrected it, let search know, and carry it to where the wish stands."""
    intent = _by(wish, verb, f"{verb}:{wish.id}:{now_ms()}", sentence, by, facts)
    happened(session, intent)
    session.flush()
    indexing.reread(session, wishes=[wish.id or 0])
    start(session, [child(intent.key, "corrected.spread", feedback_id=wish.id, sentence=sentence, facts=intent.facts)])
    _tell_holders(session, wish, intent.key)


def _tell_holders(session: Session, wish: Feedback, key: str) -> None:
    """Whoever tells its customer otherwise than in the chat hears whether they still have to."""
    held = (col(Telling.holder) != "") | (col(Telling.dead_end) != "")
    here = select(Telling).where(Telling.conversation_id == wish.conversation_id, Telling.state == "drafted", held)
    for each in session.exec(here):
        names = {"release_id": each.release_id, "conversation_id": each.conversation_id}
        start(session, [child(f"{key}/{each.release_id}", "dead_end.reconsidered", **names)])


# -- a link to the wrong issue --------------------------------------------------------------------


def cut(feedback_id: int, issue_id: str, *, by: Person) -> None:
    """It does not wait for this issue, nor does any wish that it is merged with. Raises Refused."""

    def work(session: Session) -> None:
        group = _linked(session, feedback_id, issue_id)
        for wish, link in group:
            apart = Cut(feedback_id=wish.id or 0, issue_id=issue_id, origin=link.origin, from_cycle=link.from_cycle)
            apart.cut_at = now_ms()
            session.merge(apart)
            session.delete(link)
        _say_of_link(session, [wish for wish, _ in group], issue_id, "cut", CUT, by)

    store.write(work)


def relink(feedback_id: int, issue_id: str, *, by: Person) -> None:
    """The link was right after all: it stands again as it was. Raises Refused."""

    def work(session: Session) -> None:
        issues.lock(session)
        wish = _wish(session, feedback_id)
        members = {each.id: each for each in issues.group_of(session, wish.merged_into or feedback_id)}
        cuts = select(Cut).where(col(Cut.feedback_id).in_(members), Cut.issue_id == issue_id)
        rows = session.exec(cuts).all()
        if not rows:
            raise Refused(NO_LINK, code=code(feedback_id))
        for row in rows:
            link = FeedbackIssue(feedback_id=row.feedback_id, issue_id=issue_id, origin=row.origin)
            link.from_cycle, link.linked_at = row.from_cycle, now_ms()
            session.merge(link)
            session.delete(row)
        _say_of_link(session, [members[row.feedback_id] for row in rows], issue_id, "relink", RELINKED, by)

    store.write(work)


def cuts_of(session: Session, feedback_id: int) -> list[Issue]:
    """The issues whose link to a wish somebody cut."""
    query = select(Issue).join(Cut, col(Cut.issue_id) == Issue.id).where(Cut.feedback_id == feedback_id)
    return list(session.exec(query.order_by(col(Cut.cut_at))))


def _linked(session: Session, feedback_id: int, issue_id: str) -> list[tuple[Feedback, FeedbackIssue]]:
    """Those of a wish's group that wait for an issue, and their links."""
    issues.lock(session)
    wish = _wish(session, feedback_id)
    group = issues.group_of(session, wish.merged_into or feedback_id)
    found = [(each, session.get(FeedbackIssue, (each.id, issue_id))) for each in group]
    linked = [(each, link) for each, link in found if link is not None]
    if not linked:
        raise Refused(NO_LINK, code=code(feedback_id))
    return linked


def _say_of_link(session: Session, group: list[Feedback], issue_id: str, verb: str, sentence: str, by: Person) -> None:
    facts = {"key": session.get_one(Issue, issue_id).key}
    for wish in group:
        intent = _by(wish, verb, f"{verb}:{wish.id}:{issue_id}:{now_ms()}", sentence, by, facts)
        happened(session, intent)
        _tell_holders(session, wish, intent.key)


# -- the wrong kind -------------------------------------------------------------------------------


def rename(feedback_id: int, kind: str, *, by: Person) -> None:
    """It is of another kind; nothing happens where it is of this one. Raises Refused."""

    def work(session: Session) -> None:
        wish = _wish(session, feedback_id)
        if kind == wish.kind or kind not in KINDS:
            return
        same = select(Feedback).where(
            Feedback.conversation_id == wish.conversation_id, Feedback.part_id == wish.part_id, Feedback.kind == kind
        )
        if other := session.exec(same).first():
            raise Refused(SAME_KIND_BEFORE, kind=kind, code=code(other.id))
        before, wish.kind = wish.kind, kind
        _know_as(session, wish, by)
        _note(session, wish, "rename", RENAMED, by, former_kind=before, kind=kind)

    store.write(work)


def _know_as(session: Session, wish: Feedback, by: Person) -> None:
    """What is known about it says the new kind from now on; until now it said the former one."""
    known_now = known.as_of(session, [wish.id or 0], now_ms()).get(wish.id or 0)
    if known_now is not None:
        new = {"id": None, "kind": wish.kind, "person": by.id, "person_name": by.name, "said_at": now_ms()}
        session.add(Context(**known_now.model_dump() | new | {"origin": f"rename:{wish.id}:{now_ms()}"}))


# -- what they share ------------------------------------------------------------------------------


def _wish(session: Session, feedback_id: int) -> Feedback:
    wish = session.get(Feedback, feedback_id, with_for_update=True)
    if wish is None:
        raise Refused(NO_WISH, code=code(feedback_id))
    return wish


def _by(wish: Feedback, verb: str, key: str, sentence: str, by: Person, facts: Mapping[str, str]) -> Intent:
    """Something that a person did to a wish."""
    return Intent(
        "us",
        verb,
        key=key,
        target=code(wish.id),
        sentence=sentence,
        facts={"agent": by.name, **facts},
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
    )
