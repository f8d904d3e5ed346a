"""Acts: what people do at the weekly meeting. Plain functions that pages call; a story follows what they change.

decide ─► (time to take it back) ─┬─► conclusion.tell: support, every conversation, Productboard, mail
                                  └─► to_jira.create or link, where an adopted wish is to have an issue
merge, unmerge                      several customers' wishes are one, or are not any more
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from sqlmodel import Session

from workflows.engine.actions import happened
from workflows.engine.durable import NewRun, child, start
from workflows.engine.outcome import Refused
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.meeting import decisions, timeline
from workflows.people.person import Person
from workflows.rules import rules
from workflows.rules.choices import ADOPT, CONCLUSIONS, DUPLICATE, FINAL
from workflows.tables.columns import copy_of
from workflows.tables.meeting import Decision
from workflows.tables.wish import Feedback
from workflows.wish import awaited, issues
from workflows.wish.wishes import NO_SUCH_WISH, code

LONGEST_REASON, LONGEST_ANSWER = 2000, 2000
#: Instead of the key of an issue: one that is to be created. No key of Jira's looks like it.
NEW = "NEW"
#: So many decisions are carried out in one round of upkeep; the next round comes in seconds.
MANY = 100


IS_MERGED = "{code} was merged into {into}. Decide there, or unmerge it first."
IS_WITHDRAWN = "{code} was withdrawn because it was filed by mistake. Restore it first."
ITSELF = "A request cannot be merged into itself."
ALREADY_ONE = "{code} and {into} are already merged."
#: What may be wrong with the wish that somebody names to merge into.
ABOUT_INTO = (NO_SUCH_WISH, ITSELF, ALREADY_ONE, IS_WITHDRAWN)
#: What somebody may do all the same, once they have said that they mean it.
IS_AVAILABLE = "{code} is already available: its issue is done, and the customer is about to be notified."
IS_TOLD = "{code} is already available, and the customer was notified. A decision now would contradict what they heard."
IS_CONCLUDED = "{into} already has a decision: {kind}. The customers behind {code} will be notified, too."
CHANGED = "{name} has decided in the meantime: {kind}. Review it, and decide again if you still want to."


class Doubtful(Refused):
    """It can be done, but not by accident: whoever does it says that they mean it."""


def problems(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a decision as somebody typed it, by field; nothing where it may be made."""
    found = {}
    if values.get("conclusion") not in CONCLUSIONS:
        found["conclusion"] = say(language, "Choose one.")
    if not values.get("reason", "").strip():
        found["reason"] = say(language, "Enter the reason in one sentence. Support will see it.")
    for field, longest in (("reason", LONGEST_REASON), ("answer", LONGEST_ANSWER)):
        if len(values.get(field, "")) > longest:
            found[field] = say(language, "Shorten this to {n} characters.", n=longest)
    if values.get("conclusion") == DUPLICATE and not values.get("into", "").strip():
        found["into"] = say(language, "Enter which request this duplicates, for example FB-12.")
    return found


def decide(
    feedback_id: int,
    *,
    conclusion: str,
    reason: str,
    by: Person,
    origin: str,
    answer: str = "",
    into_id: int | None = None,
    tells_all: bool = False,
    issue: str = "",
    seen: int | None = None,
    sure: bool = True,
) -> Decision:
    """Conclude something about a wish and all that are merged into it; people hear of it after the time for undoing.

    `origin` names the submission: the same one decides once. `seen` is the decision that whoever decides was shown
    (0 for none); another one since then is not overruled unseen. `issue`: what an adopted wish is to wait for, the key
    of an issue or NEW; that, too, happens when nobody can take the decision back any more. Raises Refused and, unless
    somebody is `sure`, Doubtful where the wish is available already or the other one is concluded.
    """
    into = into_id if conclusion == DUPLICATE else None
    said = {"conclusion": conclusion, "reason": reason.strip(), "answer": answer.strip(), "tells_all": tells_all}
    said |= {"issue": issue.strip().upper() if conclusion == ADOPT else ""}
    row = {"origin": origin, "feedback_id": feedback_id, "into_id": into} | said

    def work(session: Session) -> Decision:
        issues.lock(session)
        if before := decisions.by_origin(session, origin):
            return copy_of(before)
        wish = _root(session, feedback_id)
        _still_as_seen(session, feedback_id, seen)
        if not sure:
            _not_available(session, feedback_id)
        if into is not None:
            _merge(session, wish, into, by, origin, at_once=False, sure=sure)
        return _kept(session, decisions.decide(session, row | _by(by)))

    return store.write(work)


def _kept(session: Session, decision: Decision) -> Decision:
    happened(session, timeline.decided(decision))
    return copy_of(decision)


def _by(person: Person) -> dict[str, object]:
    now = now_ms()
    due_at = now + rules.triage.undo_seconds * 1000
    return {"person": person.id, "person_name": person.name, "decided_at": now, "due_at": due_at}


def _root(session: Session, feedback_id: int) -> Feedback:
    """A wish that counts and is merged into no other. Raises Refused."""
    wish = session.get(Feedback, feedback_id)
    if wish is None:
        raise Refused(NO_SUCH_WISH, code=code(feedback_id))
    if wish.merged_into is not None:
        raise Refused(IS_MERGED, code=code(feedback_id), into=code(wish.merged_into))
    counts(wish)
    return wish


def counts(wish: Feedback) -> None:
    """Nothing is concluded about what was filed by mistake, and no issue is made for it. Raises Refused."""
    if wish.withdrawn_at is not None:
        raise Refused(IS_WITHDRAWN, code=code(wish.id))


def _not_available(session: Session, feedback_id: int) -> None:
    """Nobody decides unseen about what customers can use by now. Raises Doubtful."""
    group = [wish.id for wish in issues.group_of(session, feedback_id)]
    waited = [each for found in awaited.of(session, group).values() for each in found]
    if awaited.is_available(waited):
        raise Doubtful(IS_TOLD if awaited.is_told(waited) else IS_AVAILABLE, code=code(feedback_id))


def _still_as_seen(session: Session, feedback_id: int, seen: int | None) -> None:
    newest = decisions.newest(session, feedback_id)
    if seen is not None and newest is not None and newest.id != seen:
        raise Refused(CHANGED, name=newest.person_name, kind=CONCLUSIONS[newest.conclusion].words)


def undo(decision_id: int, by: Person) -> bool:
    """Take a decision back before anybody has heard of it; False where that is too late."""

    def work(session: Session) -> bool:
        issues.lock(session)
        decision = decisions.undo(session, decision_id, by.name)
        if decision is not None:
            happened(session, timeline.taken_back(decision, by))
        return decision is not None

    return store.write(work)


def send_now(decision_id: int) -> bool:
    """Let people hear of a decision now, rather than at the end of the time for undoing; False where they have."""
    return store.write(lambda session: decisions.hurry(session, decision_id)) and start_due() > 0


def start_due() -> int:
    """Start a run for every decision whose time for undoing is over; returns how many."""
    now = now_ms()
    if not store.read(partial(decisions.is_due, now=now)):
        return 0
    return store.write(partial(_start_due, now))


def _start_due(now: int, session: Session) -> int:
    due = decisions.take_due(session, now, MANY)
    return start(session, [run for decision in due for run in (_run_of(decision), *_issue_of(decision))])


def _issue_of(decision: Decision) -> list[NewRun]:
    """The run that gives an adopted wish its issue."""
    about, by = decision.feedback_id, decision.person_name
    if decision.issue == NEW:
        return [child(f"issue-for:{about}/decision:{decision.id}", "to_jira.create", feedback_id=about, who=by)]
    run = f"link:{about}:{decision.issue}:decision:{decision.id}"
    return [child(run, "to_jira.link", feedback_id=about, key=decision.issue, who=by)] if decision.issue else []


def _run_of(decision: Decision) -> NewRun:
    return child(f"decision:{decision.id}", "conclusion.tell", decision_id=decision.id)


# -- mergers --------------------------------------------------------------------------------------


def merge(feedback_id: int, into_id: int, *, by: Person, origin: str, sure: bool = True) -> int:
    """Make a wish one with another; everybody who asks for it stays, with their words and links. Raises Refused and,
    unless somebody is `sure`, Doubtful where something was concluded about the other.

    Returns the wish in which both are then.
    """

    def work(session: Session) -> int:
        issues.lock(session)
        return _merge(session, _root(session, feedback_id), into_id, by, origin, sure=sure)

    return store.write(work)


def _merge(
    session: Session, wish: Feedback, into_id: int, by: Person, origin: str, *, at_once: bool = True, sure: bool = True
) -> int:
    """`at_once`: what was concluded about the other wish is told now, not with a decision that may be taken back."""
    root = issues.root_of(session, into_id)
    if root is None:
        raise Refused(NO_SUCH_WISH, code=code(into_id))
    before = decisions.active(session, wish.id or 0)
    if before is not None and before.origin == origin:
        return root
    if root == wish.id:
        raise Refused(ITSELF if into_id == wish.id else ALREADY_ONE, code=code(into_id), into=code(wish.id))
    other = session.get_one(Feedback, root)
    counts(other)
    concluded = other.conclusion
    if not sure and concluded in FINAL:
        raise Doubtful(IS_CONCLUDED, code=code(wish.id), into=code(root), kind=CONCLUSIONS[concluded].words)
    row = {
        "origin": origin,
        "feedback_id": wish.id,
        "into_id": root,
        "person": by.id,
        "person_name": by.name,
        "merged_at": now_ms(),
    }
    for decision in decisions.withdraw(session, wish.id or 0, by.name, but=origin):
        happened(session, timeline.taken_back(decision, by))
    newcomers = issues.group_of(session, wish.id or 0)
    decisions.merge(session, row)
    start(session, _shared(root, origin))
    if at_once:
        start(session, told_as_well(session, root, newcomers))
    for line in timeline.merged(wish.id or 0, root, origin, by):
        happened(session, line)
    return root


def unmerge(feedback_id: int, by: Person) -> bool:
    """Take a wish apart from the one that it was merged into; False where it is in none."""

    def work(session: Session) -> bool:
        issues.lock(session)
        merger = decisions.active(session, feedback_id)
        if merger is None or not decisions.unmerge(session, feedback_id, by.name):
            return False
        for decision in decisions.withdraw(session, feedback_id, by.name):
            happened(session, timeline.taken_back(decision, by))
        for line in timeline.unmerged(merger, by):
            happened(session, line)
        return True

    return store.write(work)


def _shared(root: int, origin: str) -> list[NewRun]:
    """Issues of one are issues of all now: they show everybody's conversation, and who is late hears of it."""
    return [child(f"merged:{origin}", "to_jira.shared", feedback_id=root)]


def told_as_well(session: Session, root: int, newcomers: Sequence[Feedback]) -> list[NewRun]:
    """Whoever joins a wish about which something was concluded hears that, like everybody who was there before."""
    decision = decisions.holding(session, root)
    return carrying(decision.id or 0, newcomers) if decision is not None and decision.sent_at is not None else []


def carrying(decision_id: int, wishes: Sequence[Feedback]) -> list[NewRun]:
    """The runs that carry a decision to the conversations of these wishes, and below their notes; each once."""
    chats = dict.fromkeys(wish.conversation_id for wish in wishes)
    return [
        *(_carrier(decision_id, "carry", chat, conversation_id=chat) for chat in chats),
        *(_carrier(decision_id, "write_back", str(wish.id), feedback_id=wish.id) for wish in wishes),
    ]


def _carrier(decision_id: int, story: str, name: str, **arguments: object) -> NewRun:
    return child(f"decision:{decision_id}/{story}/{name}", f"conclusion.{story}", decision_id=decision_id, **arguments)
