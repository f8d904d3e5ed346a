"""To Jira: an issue is created for a wish, or linked, and whoever asks for the wish waits for it.

the meeting's page ─► create │ link ─► let_wait, see_to        merge ─► shared: the issues of one show everybody
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlmodel import Session, col, or_, select

from integrations.contract import Trouble
from workflows.engine.actions import ACTED, VENDOR_IS_OFF, Done, Intent, act, leave
from workflows.engine.durable import child, current_run, spawn, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import jira_client, vendors
from workflows.meeting import acts, items, texts
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.runs import OPEN, Action, Run
from workflows.tables.wish import Feedback
from workflows.wish import wishes
from workflows.wish.connect import let_wait, read_issue, see_to

#: How Jira writes a key.
KEY = re.compile(r"[A-Z][A-Z0-9_]{1,30}-[1-9][0-9]{0,9}")
NO_PROJECT = "Not created: no project is set in the rules ([jira] project)."
HIDDEN = "{key} does not exist in Jira, or you cannot see it."
NO_SUCH_WISH = "This request no longer exists."
#: Seconds that a page waits for Jira; and the threads in which it is asked, so that a slow Jira takes no others.
PATIENCE = 2.0
_asking = ThreadPoolExecutor(4, "asks-jira")


def ask_to_create(feedback_id: int, by: Person) -> bool:
    """Create an issue for a wish, unless that was done before or is under way; False then. Raises Refused."""
    key = f"issue-for:{feedback_id}"
    store.read(partial(_counts, feedback_id))
    if store.read(lambda session: _is_created(session, key)):
        return False
    run = child(f"{key}/{now_ms()}", "to_jira.create", feedback_id=feedback_id, who=by.name)
    return bool(spawn([run]))


def _counts(feedback_id: int, session: Session) -> None:
    """Nothing waits for what was filed by mistake. Raises Refused."""
    if wish := session.get(Feedback, feedback_id):
        acts.counts(wish)


def _is_created(session: Session, key: str) -> bool:
    action = session.get(Action, key)
    under_way = select(Run.id).where(col(Run.id).startswith(f"{key}/"), Run.state == OPEN)
    return (action is not None and action.state == ACTED) or session.exec(under_way).first() is not None


def exists(key: str) -> bool | None:
    """Does Jira have an issue with this key that we may see? None where it is off, or does not say so in time.

    Somebody waits for the page: nothing is locked meanwhile, and whatever Jira says later the run finds out.
    """
    if vendors.jira is None:
        return None
    asked = _asking.submit(jira_client().issue, key.strip().upper())
    try:
        return asked.result(PATIENCE) is not None
    except (TimeoutError, Trouble):
        asked.cancel()
        return None


def is_under_way(session: Session, feedback_id: int) -> bool:
    """Is an issue being created or linked for this wish?"""
    ids = (col(Run.id).startswith(f"issue-for:{feedback_id}/"), col(Run.id).startswith(f"link:{feedback_id}:"))
    return session.exec(select(Run.id).where(or_(*ids), Run.state == OPEN)).first() is not None


def ask_to_link(feedback_id: int, key: str, by: Person) -> bool:
    """Let a wish, and all that are merged into it, wait for an issue that exists. Raises Refused."""
    store.read(partial(_counts, feedback_id))
    key = key.strip().upper()
    run = child(f"link:{feedback_id}:{key}:{now_ms()}", "to_jira.link", feedback_id=feedback_id, key=key, who=by.name)
    return bool(spawn([run]))


@workflow
def create(feedback_id: int, who: str) -> Outcome:
    """Create an issue that says who asks for what, and let all of them wait for it."""
    if not rules.jira_project:
        return ignored(NO_PROJECT)
    item = store.read(lambda session: items.item(session, feedback_id, now_ms()))
    if item is None:
        return ignored(NO_SUCH_WISH)
    if _is_withdrawn(feedback_id):
        return ignored(acts.IS_WITHDRAWN, code=wishes.code(feedback_id))
    intent = _creating(feedback_id, who)
    made = act(intent, lambda: _create(item, intent.ref), lambda: _find(intent.ref), lags=True)
    if made.is_dry:
        return done(intent.sentence, **intent.facts)  # in a dry run: nobody can wait for it
    return connect(feedback_id, made.ref, who) if made.ref else ignored(VENDOR_IS_OFF, vendor="Jira")


@workflow
def link(feedback_id: int, key: str, who: str) -> Outcome:
    """An issue that exists is what these wishes wait for."""
    if vendors.jira is None:
        return ignored(VENDOR_IS_OFF, vendor="Jira")
    if _is_withdrawn(feedback_id):
        return ignored(acts.IS_WITHDRAWN, code=wishes.code(feedback_id))
    return connect(feedback_id, key, who)


@workflow
def shared(feedback_id: int) -> Outcome:
    """Wishes were merged: each issue of one of them shows everybody's conversation."""
    item = store.read(lambda session: items.item(session, feedback_id, now_ms()))
    issues = item.issues if item else []
    for issue in issues:
        see_to(issue)
    return done("Merged requests are waiting for: {issues}.", issues=", ".join(issue.key for issue in issues) or "—")


def connect(feedback_id: int, key: str, who: str) -> Outcome:
    """Let a wish and all that are merged into it wait for an issue."""
    issue = read_issue(key)
    if issue is None:
        leave(_linking(feedback_id, key), HIDDEN, key=key)
        return ignored(HIDDEN, key=key)
    let_wait(issue, [], [feedback_id], "operator")
    see_to(issue)
    return done("{who} linked {feedback} to {key}.", who=who, feedback=wishes.code(feedback_id), key=issue.key)


def _is_withdrawn(feedback_id: int) -> bool:
    """Was it withdrawn since somebody asked for an issue, or decided that there be one?"""
    wish = store.read(lambda session: session.get(Feedback, feedback_id))
    return wish is not None and wish.withdrawn_at is not None


def _linking(feedback_id: int, key: str) -> Intent:
    """What was wanted where it cannot be done: the wish's timeline says so."""
    return Intent("jira", "look", f"look:{current_run()}", key, HIDDEN, {"key": key}, feedback_id=feedback_id)


def _creating(feedback_id: int, who: str) -> Intent:
    return Intent(
        "jira",
        "create",
        key=f"issue-for:{feedback_id}",
        target=wishes.code(feedback_id),
        sentence="{agent} created a Jira issue for this.",
        facts={"agent": who},
        feedback_id=feedback_id,
    )


def _create(item: items.Item, label: str) -> Done:
    summary, description = texts.issue(item)
    made = jira_client().create_issue(rules.jira_project, rules.jira_issue_type, summary, description, label)
    return Done(made.key)


def _find(label: str) -> Done | None:
    found = jira_client().find_issue_by_label(label)
    return Done(found.key) if found else None
