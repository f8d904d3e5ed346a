"""What holds at rest, whatever happened on the way."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from sqlmodel import Session, col, select

from tests.world import World
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.tables.runs import Action, Delivery, Run
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, FeedbackIssue, Issue
from workflows.telling import drafts


def check_promises(world: World) -> None:
    """What holds at rest, whatever happened."""
    store.read(every_delivery_ended_with_a_reason)
    store.read(every_requester_heard_or_is_excused)
    nothing_was_done_twice(world)
    nothing_was_said_to_a_customer(world)
    nothing_reopened_before_it_was_done(world)


def every_delivery_ended_with_a_reason(session: Session) -> None:
    for row in (*session.exec(select(Delivery)), *session.exec(select(Run))):
        assert row.state in ("done", "ignored"), (row.id, row.state, row.reason)
        assert say("en", row.reason, **row.facts).strip(), row.id


def every_requester_heard_or_is_excused(session: Session) -> None:
    issues = {issue.id: issue for issue in session.exec(select(Issue))}
    wishes = {wish.id: wish for wish in session.exec(select(Feedback))}
    tellings = {(t.release_id, t.conversation_id): t for t in session.exec(select(Telling))}
    reasons = {action.conversation_id for action in session.exec(select(Action)) if action.state == "skipped"}
    links = list(session.exec(select(FeedbackIssue)))
    for release in session.exec(select(Release).where(Release.kind == "finished")):
        issue = issues[release.issue_id]
        for link in links:
            waited = link.issue_id == issue.id and link.from_cycle < release.cycle
            if waited and issue.category == "done" and issue.cycle == release.cycle:
                telling = tellings[release.id, wishes[link.feedback_id].conversation_id]
                assert telling.state in ("drafted", "told", "excused"), telling
    for telling in tellings.values():
        assert drafts.TURNS[drafts.standing(telling)] and bool(telling.held_at) == bool(telling.holder), telling
        assert telling.state in ("drafted", "told", "withdrawn") or telling.conversation_id in reasons, telling
    assert sum(Counter(telling.state for telling in tellings.values()).values()) == len(tellings)


def nothing_was_done_twice(world: World) -> None:
    notes = [str(effect.facts["body"]) for effect in world.intercom.did("note")]
    markers = Counter(marker for note in notes for marker in re.findall(r"Ref (YMB-\w+)", note))
    markers.update(effect.facts["marker"] for effect in world.slack.did("chat.postMessage"))
    markers.update(effect.facts["record_id"] for effect in world.productboard.did("create_note"))
    markers.update(effect.facts["email"] for effect in world.productboard.did("create_entity"))
    for issue_id, links in world.jira.remote_links.items():
        markers.update((issue_id, link["globalId"]) for link in links)
    assert all(count == 1 for count in markers.values()), markers


def nothing_was_said_to_a_customer(world: World) -> None:
    assert {effect.verb for effect in world.intercom.effects} <= {"note", "open", "assign", "snooze"}


def nothing_reopened_before_it_was_done(world: World) -> None:
    """Each opening has a debt of its own, and each debt a release; an apology one that its customer was told of."""
    debts = store.read(lambda session: Counter(session.exec(select(Telling.conversation_id)).all()))
    openings = Counter(effect.target for effect in world.intercom.did("open") if effect.facts["was"] == "closed")
    assert openings <= debts
    store.read(each_debt_has_its_cause)


def each_debt_has_its_cause(session: Session) -> None:
    releases = {release.id: release for release in session.exec(select(Release))}
    tellings = list(session.exec(select(Telling)))
    told = {(releases[t.release_id].issue_id, t.conversation_id) for t in tellings if t.state == "told"}
    for telling in tellings:
        release = releases[telling.release_id]
        was_told = (release.issue_id, telling.conversation_id) in told
        apology = release.kind == "reopened" and (was_told or telling.state == "withdrawn")
        assert release.kind == "finished" or apology, telling


def outcome(world: World) -> dict[str, Any]:
    """What must be the same whatever the way: records, links, releases, news, and what stands at the vendors.

    Only of issues that somebody waits for: the others are not watched, and nobody hears of them.
    """

    def read(session: Session) -> dict[str, Any]:
        wishes = {wish.id: wish for wish in session.exec(select(Feedback))}
        chat = {id: wish.conversation_id for id, wish in wishes.items()}
        tellings, links = list(session.exec(select(Telling))), list(session.exec(select(FeedbackIssue)))
        watched = [issue for issue in session.exec(select(Issue)) if issue.id in {link.issue_id for link in links}]
        releases = session.exec(select(Release).where(col(Release.issue_id).in_([issue.id for issue in watched])))
        return {
            "wishes": sorted((wish.conversation_id, wish.kind, wish.taken_by) for wish in wishes.values()),
            "links": sorted((chat[link.feedback_id], link.issue_id) for link in links),
            "issues": sorted((issue.id, issue.category, issue.cycle) for issue in watched),
            "releases": sorted((release.id, release.kind) for release in releases),
            "news": sorted((telling.release_id, telling.conversation_id) for telling in tellings),
        }

    books = world.intercom.books.conversations
    return store.read(read) | {
        "notes": sorted(Counter(effect.target for effect in world.intercom.did("note")).items()),
        "states": [(books[id].state, books[id].snoozed_until) for id in sorted(books)],
        "in Productboard": len(world.productboard.did("create_note")),
        "on issues": sorted((id, link["globalId"]) for id, links in world.jira.remote_links.items() for link in links),
        "said": len(world.said()),
    }
