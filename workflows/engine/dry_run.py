"""Dry run: everything is decided and recorded as it would be, and no vendor receives a write.

    [dry_run] covers a story ─► its runs that start meanwhile are dry ─► `actions.act` calls nobody, and keeps what it
    would have done with the state `would`, with a reference of ours, so that the story goes on to its end

Whether a run is dry is written down when it is recorded, and what it starts of the same story is dry, too. So switching
dry run off is the moment from which things are real, and nothing of before is done afterwards by itself: retries and
everything under way end dry, an escalation that was raised dry stays dry as long as it lives (`Intent.is_dry`), and the
polls look only for what no run has dealt with. A new cause, even of the same thing (a tag put on again, a replay, a
button), is a new run: it acts, and its action takes the place of the one that only would have been done.

What was never written is never asked for: its reference (`is_reference`) names nothing at any vendor. Below the stories
the clients themselves refuse to send (`integrations.hands_off`): so it is known what would have been sent, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from sqlmodel import Session

from integrations import hands_off
from integrations.hands_off import HandsOff
from workflows.engine.rows import Values, insert_new
from workflows.engine.store import now_ms, store
from workflows.rules import current
from workflows.tables.runs import Action

#: Which stories run dry under which name of the rules: the modules that hold them.
PARTS = {
    "feedback": ("feedback", "filing", "context", "corrected", "links", "kind_filed", "compared"),
    "meeting": ("agenda", "minutes", "to_jira"),
    "conclusion": ("conclusion", "digest_mail", "kind_decided"),
    "release": (
        *("release", "reopen", "retract", "sending", "owner_news", "deployed"),
        *("dead_end", "taking", "kind_released", "reaction", "notice"),
    ),
    "escalation": ("escalation", "answer", "contact", "reminders", "in_chatwork"),
    "survey": ("survey",),
    "digest": ("digest",),
    "alert": ("alert",),
}
_STORY = {module: story for story, modules in PARTS.items() for module in modules}
#: The fact of a sentence that says that it was said in a dry run; `language.wording` says so in words.
MARK = "dry"
#: The state of an action that was not done because of a dry run.
WOULD = "would"
#: How the references begin of what was never written.
REFERENCE = "dry:"

#: The story of the run that this thread works on, and whether it is dry.
_working: ContextVar[tuple[str, bool] | None] = ContextVar("dry_run", default=None)


def story_of(workflow: str) -> str:
    """Under which name of the rules a workflow (`release.moved`) runs dry; "" where only with the whole service."""
    return _STORY.get(workflow.partition(".")[0], "")


def begins_dry(workflow: str) -> bool:
    """Will a run that is recorded now be dry? What a dry run starts of its own story is, whatever the rules say now."""
    story, parent = story_of(workflow), _working.get()
    return current.dry_run().covers(story) or (parent is not None and parent == (story, True))


@contextmanager
def working_on(workflow: str, is_dry: bool) -> Iterator[None]:
    """This thread works on a run; in a dry one nothing that it would write is sent."""
    token = _working.set((story_of(workflow), is_dry))
    try:
        with hands_off.off(really=is_dry):
            yield
    finally:
        _working.reset(token)


def is_on() -> bool:
    """Does this thread work on a dry run? Outside of runs the whole service would have to be dry."""
    working = _working.get()
    return current.dry_run().on if working is None else working[1]


def is_reference(ref: str) -> bool:
    """Does this name something that was never written?"""
    return ref.startswith(REFERENCE)


def marked(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a sentence, so that it says that nothing was written."""
    return facts | {MARK: True}


# -- instead of a write ---------------------------------------------------------------------------

#: What is told, in the commit that keeps what would have been written, under which reference of ours.
Then = Callable[[Session, str], None] | None


def instead_of(call: Callable[[], object], row: Values, marker: str, then: Then, otherwise: str) -> tuple[str, str]:
    """Keep what a call would have written, as this row of an action; returns a reference of ours, and no address.

    What was really done or left before stays as it was, and its reference is returned; `otherwise` is the sentence of
    what was left only because there was no vendor.
    """
    before = store.read(lambda session: session.get(Action, row["key"]))
    if before and before.state in ("done", "skipped", WOULD) and before.sentence != otherwise:
        return before.ref, before.url
    ref, asked = REFERENCE + marker, asked_of(call)
    facts = marked(row["facts"]) | ({"asked": asked} if asked else {})
    store.write(partial(_keep, row | {"facts": facts, "ref": ref, "ended_at": now_ms()}, then))
    return ref, ""


def _keep(row: Values, then: Then, session: Session) -> None:
    """A real attempt of before that is in doubt stays so: somebody has to find out what became of it."""
    if not insert_new(session, Action, [row]):
        action = session.get_one(Action, row["key"], with_for_update=True)
        if action.state == "started":
            return
        action.sqlmodel_update(row)
    if then is not None:
        then(session, row["ref"])


# -- what would have been sent --------------------------------------------------------------------

#: The path to a text in a request without these says enough; what is called otherwise is no text for people.
FRAMES = ("fields", "data", "json", "content", "text", "value", "body", "attrs")
MACHINERY = ("type", "version", "blocks", "metadata", "unfurl_links", "unfurl_media", "parse", "message_type", "params")
LONGEST, MOST = 4000, 20


def asked_of(call: Callable[[], object]) -> dict[str, Any]:
    """Which write this call would have sent first: `how` (`POST /notes`), and its `fields`; {} where it sent none.

    It may read what it has to. Raises what that raises.
    """
    try:
        with hands_off.off():
            call()
    except HandsOff as refused:
        return {"how": refused.how, "fields": _fields(refused.said)}
    return {}


def _fields(said: Any) -> dict[str, str]:
    fields: dict[str, str] = {}
    for path, text in _texts(said, ()):
        name = ".".join(step for step in path if step not in FRAMES) or (path[-1] if path else "text")
        fields[name] = f"{fields[name]}\n{text}"[:LONGEST] if name in fields else text[:LONGEST]
    return dict(list(fields.items())[:MOST])


def _texts(said: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(said, dict):
        for name, each in said.items():
            if name not in MACHINERY:
                yield from _texts(each, (*path, str(name)))
    elif isinstance(said, list | tuple):
        for each in said:
            yield from _texts(each, path)
    elif said is not None and said != "":
        yield path, str(said)
