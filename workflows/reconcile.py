"""Reconciliation: what webhooks missed is found by asking each vendor, and goes down the same road.

Webhooks get lost: Intercom tries twice within a minute, Jira gives up after five times. So every few
minutes each vendor is asked for what changed since we asked last, with some overlap, and whatever is
not as we know it starts the same story that the webhook would have started.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from integrations import VENDORS
from integrations.intercom import IntercomClient, Recent
from integrations.jira import Issue
from integrations.productboard import ProductboardClient
from workflows.customer import chats
from workflows.customer.reach import portions
from workflows.engine.durable import NewRun, child, current_run, name_of, spawn, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.polls import poll, since_ms
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import intercom_client, jira_client, title_of, vendors
from workflows.enquiry import board
from workflows.escalation.ladder import UNFINISHED
from workflows.routes import story_of
from workflows.rules import rules
from workflows.tables.customer import Conversation
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action, Run
from workflows.tables.telling import Telling
from workflows.tables.wish import Feature
from workflows.tables.wish import Issue as Waited
from workflows.telling import missed
from workflows.volume import counts
from workflows.wish import beginning, connect
from workflows.wish import issues as links

#: Seconds by which two looks overlap: vendors' clocks differ and their searches lag.
OVERLAP = 600
#: Seconds after which nothing more is to be expected of a second: Intercom counts in whole ones.
SETTLED = 5


@workflow
@poll
def intercom(since: int) -> Outcome:
    """What changed since then (Unix seconds): what was tagged, said, answered, rated and redacted; and what is gone.

    One call for each 150 chats that changed, one for each 150 that were rated, and one for the next 150 of all chats
    that we know: what was deleted is found once its turn comes. What follows reads a chat once for each of its changes,
    and once more for one of the last seconds.
    """
    if vendors.intercom is None:
        return _off("intercom")
    client, asked_at = intercom_client(), now_ms()
    changed = list(client.changed_since(since))
    heard = (*_unheard(changed, since), *_redacted(changed), *_unfollowed(changed, since))
    of_changed = (*_unfiled(changed), *_untold(changed), *heard)
    store.later(partial(counts.cover, source="intercom", until=asked_at - 1000 * SETTLED))
    return _heal([*of_changed, *_unrated(client, since), *_gone(client)], len(changed))


def _unfiled(changed: Sequence[Recent]) -> Iterator[NewRun]:
    """Chats with a meaningful tag that were not filed up to their last change."""
    tagged = [chat for chat in changed if any(map(rules.kind_of, chat.tags))]
    filed = store.read(partial(_filed_up_to, [chat.id for chat in tagged]))
    for chat in tagged:
        if filed.get(chat.id, 0) < chat.updated_at:
            yield _run(f"file/{chat.id}", "feedback.file", conversation_id=chat.id, tags=[], part_id="")


def _untold(changed: Sequence[Recent]) -> Iterator[NewRun]:
    """Chats with a draft in which somebody may have answered."""
    updated_at = {chat.id: chat.updated_at for chat in changed}
    for id, was_merged in store.read(_owing):
        if was_merged:
            yield _run(f"told/{id}", "reopen.told", conversation_id=id, change="reconcile")
        elif id in updated_at:
            yield _of_change("told", id, updated_at[id], "reopen.told")


def _unheard(changed: Sequence[Recent], since: int) -> Iterator[NewRun]:
    """Chats which a customer began, or wrote in, without our having heard of it; those of open escalations anyway."""
    escalated, heard = store.read(_escalated), store.read(partial(_heard_since, since * 1000))
    earliest = max(since * 1000, beginning.moment())
    for chat in changed:
        said_at = chat.said_at * 1000
        if chat.id in escalated:
            yield _of_change("again", chat.id, chat.updated_at, "contact.wrote")
        elif said_at >= earliest and heard.get(chat.id, 0) < said_at:
            yield _of_change("wrote", chat.id, chat.said_at, "contact.wrote")


def _redacted(changed: Sequence[Recent]) -> Iterator[NewRun]:
    """Chats that we know and of which something may have been redacted: each is looked through once for a change."""
    known = store.read(partial(chats.known, ids=[chat.id for chat in changed]))
    for chat in changed:
        if chat.id in known:
            yield _of_change("look", chat.id, chat.updated_at, "erasure.redacted")


def _unfollowed(changed: Sequence[Recent], since: int) -> Iterator[NewRun]:
    """Chats of which the board and the thread know less than was said and done; strangers, once a customer wrote."""
    earliest = max(since * 1000, beginning.moment())
    known = store.read(partial(board.followed, ids=[chat.id for chat in changed]))
    for chat in changed:
        followed = known.get(chat.id)
        if chat.said_at * 1000 >= earliest if followed is None else not followed.is_as(chat):
            yield _of_change("follow", chat.id, chat.updated_at, "enquiries.follow")


def _unrated(client: IntercomClient, since: int) -> Iterator[NewRun]:
    """Chats that were rated without our having heard of it."""
    for id in sorted(set(client.rated_since(since)) - store.read(partial(_rated_since, since * 1000))):
        yield _run(f"rated/{id}", "contact.rated", conversation_id=id, rating=0, remark="")
        yield _run(f"scored/{id}", "survey.rated", conversation_id=id, rating=0, remark="")


def _gone(client: IntercomClient) -> Iterator[NewRun]:
    """Chats that we know and that a search does not find: each is looked for, and only then taken for deleted."""
    portion = store.read(chats.next_portion)
    missing = sorted(set(portion) - client.found_among(portion))
    store.write(partial(chats.go_on_after, portion=portion))
    for id in missing:
        yield child(f"gone:{id}/{now_ms() // DAY_MS}", "erasure.redacted", conversation_id=id, change="reconcile")


def _of_change(name: str, id: str, at: int, story: str) -> NewRun:
    """A run for a chat's change at that second, the same at each poll; for now only, where that second may go on."""
    is_settled = now_ms() // 1000 - at > SETTLED
    run = f"{name}:{id}/{at}" if is_settled else f"{current_run()}/{name}/{id}"
    return child(run, story, conversation_id=id, change="reconcile")


@workflow
@poll
def jira(since: int, now: int) -> Outcome:
    """Issues that feedback waits for and that are not as we know them; new links in changed issues; ends we missed.

    One call for each hundred issues that are waited for, one for each hundred that changed, and one for each of these
    with more than twenty comments. A changed issue of which nothing is news starts no run.
    """
    if vendors.jira is None:
        return _off("jira")
    watched = {issue.id: issue for issue in store.read(links.watched_issues)}
    minutes = max(1, (now - since) // 60 + 1)
    seen, gone = jira_client().changed_since(list(watched), minutes)
    moved = [issue for issue in seen if not _is_as_known(issue, watched.get(issue.id))]
    checks = [_run(f"check/{it.id}", "release.check", issue_id=it.id, issue_key=it.key) for it in moved]
    vanished = [
        child(f"vanished:{id}", "links.issue_gone", issue_id=id, issue_key=watched[id].key) for id in sorted(gone)
    ]
    changed = list(jira_client().recently_changed(minutes))
    return _heal([*_mentions(changed), *checks, *vanished, *_unheard_of(changed), *missed.runs()], len(watched))


def _is_as_known(issue: Issue, known: Waited | None) -> bool:
    return known is not None and (issue.category, issue.resolution) == (known.category, known.resolution)


def _mentions(changed: list[Issue]) -> Iterator[NewRun]:
    """Issues that name a chat or a wish which does not wait for them yet, in their description or in a comment."""
    for issue in changed:
        talks, wishes = connect.feedback_in(issue.links)
        named = partial(links.unconnected, issue_id=issue.id, conversation_ids=talks, feedback_ids=wishes)
        if (talks or wishes) and store.read(named):
            about = {"issue_id": issue.id, "issue_key": issue.key, "urls": list(issue.links)}
            yield _run(f"mention/{issue.id}", "links.issue_mentioned", **about)


def _unheard_of(changed: list[Issue]) -> Iterator[NewRun]:
    """Issues that are done and of which we have never heard, so that their becoming done was missed as well."""
    ended = [issue for issue in changed if issue.category == "done"]
    known = store.read(partial(links.known_issues, issue_ids=[issue.id for issue in ended]))
    for issue in ended:
        if issue.id not in known:
            came_from = {"issue_id": issue.id, "issue_key": issue.key, "before": "indeterminate"}
            yield _run(f"missed/{issue.id}", "release.check", **came_from)


@workflow
@poll
def productboard(since: str) -> Outcome:
    """Notes of ours that changed since then (ISO 8601) and are linked to other features than we know; changed features.

    One call for each hundred of: notes that changed, features that are not finished, connections of each Jira.
    """
    if vendors.productboard is None:
        return _off("productboard")
    notes = list(vendors.productboard.notes_updated_since(since))
    known = store.read(connect.features_of_notes)
    missed = [note for note in notes if set(note.feature_ids) != known.get(note.id, set())]
    features = store.read(links.unfinished_features)
    changed = _changed(vendors.productboard, features) if features else ()
    linked = [_run(f"note/{note.id}", "links.note_changed", note_id=note.id) for note in missed]
    return _heal([*linked, *changed], len(notes) + len(features))


def _changed(client: ProductboardClient, known: list[tuple[Feature, set[str]]]) -> Iterator[NewRun]:
    """The features that are not as we know them, and those that were pushed to Jira: no webhook tells of that.

    What Jira does not show us, because it is another one or another's, is looked up once a day and not at each poll.
    """
    found, pushed, today = (
        client.features([feature.id for feature, _ in known]),
        client.issues_of_all(),
        now_ms() // DAY_MS,
    )
    for feature, issues in known:
        now, about = found.get(feature.id), {"feature_id": feature.id, "attributes": []}
        new = sorted({issue.id for issue in pushed.get(feature.id, ())} - issues)
        if now and (now.name, now.status, now.url) != (feature.name, feature.status, feature.url):
            yield _run(f"feature/{feature.id}", "links.feature_changed", **about)
        elif now and new:
            yield child(f"pushed:{feature.id}:{'-'.join(new)}/{today}", "links.feature_changed", **about)


@workflow
@poll
def vendor(name: str, since: int) -> Outcome:
    """What a vendor without a look of its own here tells when it is asked for changes since then (Unix seconds)."""
    client, changes = vendors.client(name), VENDORS[name].changes
    if client is None or changes is None:
        return _off(name)
    told = list(changes(client, since))
    found = [(key, story_of(event)) for key, event in told]
    return _heal([_run(key, name_of(story[0]), **story[1]) for key, story in found if story], len(told))


#: The vendors that have a look of their own here.
OWN = ("intercom", "jira", "productboard")


def looks(session: Session, since: int | None = None) -> list[NewRun]:
    """One look at each configured vendor for what changed since it was answered last, or since before (ms UTC)."""
    now = now_ms()
    asked = [name for name in VENDORS if vendors.is_on(name) and (name in OWN or VENDORS[name].changes is not None)]
    begins = {name: min(since_ms(session, name), now if since is None else since) for name in asked}
    return [_look(name, max(1, begin // 1000 - OVERLAP), now) for name, begin in begins.items()]


def _look(name: str, since: int, now: int) -> NewRun:
    moment = datetime.fromtimestamp(since, UTC).isoformat().replace("+00:00", "Z")
    own: dict[str, dict[str, object]] = {"jira": {"now": now // 1000}, "productboard": {"since": moment}}
    arguments = {"since": since} | own.get(name, {} if name in OWN else {"name": name})
    return child(f"reconcile:{name}:{now}", f"reconcile.{name if name in OWN else 'vendor'}", **arguments)


def _run(name: str, workflow: str, **arguments: object) -> NewRun:
    return child(f"{current_run()}/{name}", workflow, **arguments)


def _heal(missed: list[NewRun], looked_at: int) -> Outcome:
    count = spawn(missed)
    if not count:
        return ignored("Checked {looked_at}; nothing was missed.", looked_at=looked_at)
    return done("Checked {looked_at}; reprocessed {count}.", looked_at=looked_at, count=count)


def _off(name: str) -> Outcome:
    return ignored("{vendor} is not configured.", vendor=title_of(name))


def _filed_up_to(conversation_ids: list[str], session: Session) -> dict[str, int]:
    filed: dict[str, int] = {}
    for some in portions(conversation_ids):
        rows = select(Conversation.id, Conversation.filed_up_to).where(col(Conversation.id).in_(some))
        filed |= dict(session.exec(rows).all())
    return filed


def _owing(session: Session) -> list[tuple[str, bool]]:
    """Chats with a draft that nobody has told the customer; and were they merged into others, where we do not look?"""
    merger = sa.literal("merge:") + col(Telling.release_id) + ":" + col(Telling.conversation_id)
    was_merged = select(Action.key).where(col(Action.key) == merger).exists()
    rows = session.exec(select(Telling.conversation_id, was_merged).where(Telling.state == "drafted").distinct())
    return sorted((chat, bool(merged)) for chat, merged in rows)


def _escalated(session: Session) -> set[str]:
    """The chats that open escalations are about."""
    chats = select(Escalation.conversation_id).where(col(Escalation.state).in_(UNFINISHED)).distinct()
    return {id for id in session.exec(chats) if id}


def _heard_since(since: int, session: Session) -> dict[str, int]:
    """When we last heard of what customers wrote since then (ms), by chat."""
    query = select(Run.arguments, Run.created_at).where(Run.workflow == "contact.wrote", Run.created_at >= since)
    return {said["conversation_id"]: at for said, at in session.exec(query.order_by(col(Run.created_at)))}


def _rated_since(since: int, session: Session) -> set[str]:
    """The chats of whose ratings we have heard since then (ms)."""
    heard = select(Run.arguments).where(Run.workflow == "contact.rated", Run.created_at >= since)
    return {said["conversation_id"] for said in session.exec(heard)}
