"""The simulated Jira site: what it holds, what people do in it, and what it tells the webhook.

Every verb of a person is a plain method with plain arguments, so that `/_twin/jira/play` can call it.
"""

from __future__ import annotations

import hmac
import itertools
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from integrations.jira.twin.data import (
    RESOLUTIONS,
    STATUSES,
    Comment,
    Json,
    Person,
    Project,
    Release,
    Scribe,
    Ticket,
    change,
    moment,
)
from integrations.jira.twin.text import to_adf, to_wiki
from integrations.twin import Twin

#: Who works in the site; our own account is another.
DEVELOPER = Person("712020:3f1c-dev", "森 健太（開発）")


class JiraSite(Twin):
    """The state of a site and its people's verbs. `JiraTwin` adds the HTTP API."""

    NAME = "jira"

    def __init__(self, *, secret: str, email: str, site: str, projects: Sequence[str], lag: float, seed: int) -> None:
        super().__init__(seed=seed)
        self.secret = secret
        self.account = Person("712020:a9d2-app", "山びこ", email)
        self.clock: Callable[[], float] = time.time
        #: Seconds until a change is seen by the search.
        self.lag = lag
        self.projects: dict[str, Project] = {}
        self.tickets: dict[str, Ticket] = {}
        self.releases: dict[str, Release] = {}
        self.comments: dict[str, list[Comment]] = {}
        self.remote_links: dict[str, list[Json]] = {}
        self.properties: dict[str, dict[str, Any]] = {}
        self.histories: dict[str, list[Json]] = {}
        self.webhooks: list[Json] = []
        self.write = Scribe(site, self.releases)
        self._ids = itertools.count(10001)
        self._by_key: dict[str, str] = {}
        self._highest: dict[str, int] = {}
        self._past: dict[str, list[Ticket]] = {}
        for key in projects:
            self.add_project(key)

    # -- people's verbs -----------------------------------------------------

    def add_project(self, key: str, name: str = "") -> str:
        """Set up a project, unless there is one; its id."""
        with self.lock:
            if key not in self.projects:
                self.projects[key] = Project(self._id(), key, name or key)
            return self.projects[key].id

    def add_issue(self, key: str, summary: str, description: str = "", status: str = "未対応") -> str:
        """A person files an issue, in wiki text; its id."""
        with self.lock:
            self.add_project(key.rpartition("-")[0])
            return self._file(key, summary, to_adf(description) if description else None, status).id

    def move(self, key: str, status_name: str, resolution_name: str | None = None) -> None:
        """A person moves an issue to another status. As in most workflows, moving into the category
        "done" sets a resolution (完了 unless one is named; "" sets none), and leaving it clears it.
        """
        with self.lock:
            ticket = self.find(key)
            if status_name == ticket.status:
                return
            was, is_ = STATUSES[ticket.status], STATUSES[status_name]
            resolution = self._resolution_after(ticket, is_[1], resolution_name)
            item = change("status", (was[0], ticket.status), (is_[0], status_name))
            moved = replace(ticket, status=status_name, resolution=resolution)
            if was[1] != is_[1]:
                moved = replace(moved, category_changed=self.clock())
            self._change(moved, [*_resolution_item(ticket.resolution, resolution), item])

    def finish_long_ago(self, key: str, days: int) -> None:
        """A person finished an issue so many days ago, before anybody here listened: no webhook tells."""
        with self.lock:
            at = self.clock() - days * 24 * 3600
            ended = replace(self.find(key), status="完了", resolution="完了", category_changed=at)
            self.tickets[ended.id] = ended

    def set_resolution(self, key: str, name: str) -> None:
        """A person sets the resolution by a later edit; "" clears it."""
        with self.lock:
            ticket = self.find(key)
            self._change(replace(ticket, resolution=name), _resolution_item(ticket.resolution, name))

    def edit(self, key: str, summary: str | None = None, labels: str | None = None) -> None:
        """A person edits the summary or the labels (one text, separated by spaces)."""
        with self.lock:
            ticket, items = self.find(key), []
            if summary is not None:
                items.append(change("summary", (None, ticket.summary), (None, summary)))
                ticket = replace(ticket, summary=summary)
            if labels is not None:
                items.append(change("labels", (None, " ".join(ticket.labels)), (None, labels)))
                ticket = replace(ticket, labels=tuple(labels.split()))
            self._change(ticket, items)

    def describe(self, key: str, text: str) -> None:
        """A person rewrites the description, in wiki text."""
        with self.lock:
            ticket = self.find(key)
            old = to_wiki(ticket.description) if ticket.description else None
            item = change("description", (None, old), (None, text))
            self._change(replace(ticket, description=to_adf(text)), [item])

    def comment_by_hand(self, key: str, text: str) -> str:
        """A person comments, in wiki text; the comment's id."""
        with self.lock:
            return self._say(self.find(key), DEVELOPER, to_adf(text)).id

    def delete(self, key: str) -> None:
        """A person deletes an issue; what belonged to it is announced later, as Jira does."""
        with self.lock:
            ticket = self.find(key)
            self._announce("jira:issue_deleted", issue=self._told(ticket), user=self._who(DEVELOPER))
            for comment in self.comments.get(ticket.id, []):
                self._announce("comment_deleted", "Secondary", comment=self.write.comment(comment, 2))
            for table in (self.tickets, self._past, self.comments, self.remote_links, self.properties, self.histories):
                table.pop(ticket.id, None)
            del self._by_key[ticket.key]

    def key_of(self, issue_id: str) -> str:
        """The key of an issue."""
        with self.lock:
            return self.tickets[issue_id].key

    # -- what the HTTP API uses too -----------------------------------------

    def find(self, id_or_key: str) -> Ticket:
        """An issue by id or key. Raises KeyError."""
        return self.tickets[self._by_key.get(id_or_key, id_or_key)]

    def indexed(self, current: Sequence[str] = ()) -> list[Ticket]:
        """The issues as the search sees them; those in `current` as they are."""
        seen_until = self.clock() - self.lag
        found = []
        for id_, ticket in self.tickets.items():
            past = [t for t in self._past[id_] if t.updated <= seen_until]
            if not self.lag or id_ in current:
                found.append(ticket)
            elif past:
                found.append(past[-1])
        return found

    def _file(
        self,
        key: str,
        summary: str,
        description: Json | None,
        status: str = "未対応",
        issue_type: str = "タスク",
        labels: Sequence[str] = (),
        by: Person = DEVELOPER,
    ) -> Ticket:
        if key in self._by_key:
            raise ValueError(f"{key} exists")
        prefix, _, number = key.rpartition("-")
        now, project = self.clock(), self.projects[prefix]
        self._highest[prefix] = max(int(number), self._highest.get(prefix, 0))
        ticket = Ticket(
            self._id(), key, project, summary, description, status, issue_type, now, now, now, labels=tuple(labels)
        )
        self._keep(ticket)
        self._announce(
            "jira:issue_created", issue=self._told(ticket), user=self._who(by), issue_event_type_name="issue_created"
        )
        return ticket

    def _say(self, ticket: Ticket, by: Person, body: Json, properties: Sequence[Json] = ()) -> Comment:
        """A comment arrives as two deliveries: the comment, and an update without a changelog."""
        comment = Comment(self._id(), ticket.id, by, body, self.clock(), list(properties))
        self.comments.setdefault(ticket.id, []).append(comment)
        self._keep(replace(ticket, updated=self.clock()))
        issue, said = self._told(ticket), self.write.comment(comment, 2)
        few = {name: issue["fields"][name] for name in ("summary", "issuetype", "project", "status")}
        self._announce("comment_created", comment=said, issue=issue | {"fields": few})
        self._announce(
            "jira:issue_updated",
            issue_event_type_name="issue_commented",
            issue=issue,
            user=self._who(by),
            comment=said,
        )
        return comment

    def _change(self, ticket: Ticket, items: list[Json]) -> None:
        """Keep a changed issue, write its history and tell the webhook; nothing changed, nothing told."""
        if not items:
            return
        ticket = replace(ticket, updated=self.clock())
        self._keep(ticket)
        log = {"id": self._id(), "items": items}
        entry = log | {"author": self.write.person(DEVELOPER), "created": moment(ticket.updated)}
        self.histories.setdefault(ticket.id, []).append(entry)
        self._announce(
            "jira:issue_updated",
            issue_event_type_name="issue_generic",
            user=self._who(DEVELOPER),
            issue=self._told(ticket),
            changelog=log,
        )

    # -- webhooks -----------------------------------------------------------

    def signed(self, body: bytes) -> dict[str, str]:
        """Jira's headers; without a secret it does not sign."""
        headers = {"X-Atlassian-Webhook-Identifier": str(uuid.uuid4()), "X-Atlassian-Webhook-Flow": "Primary"}
        if not self.secret:
            return headers
        return headers | {"X-Hub-Signature": f"sha256={hmac.digest(self.secret.encode(), body, 'sha256').hex()}"}

    def _announce(self, topic: str, flow: str = "Primary", **told: Any) -> None:
        """Send a webhook; once one is registered, only what it asked for."""
        if self.webhooks and not any(topic in hook["events"] for hook in self.webhooks):
            return
        head = {"timestamp": int(self.clock() * 1000), "webhookEvent": topic}
        self.send(head | told, **{"X-Atlassian-Webhook-Flow": flow})

    def _told(self, ticket: Ticket) -> Json:
        return self.write.ticket(ticket, 2)

    def _who(self, person: Person) -> Json:
        return self.write.person(person, 2)

    # -- small things -------------------------------------------------------

    def _keep(self, ticket: Ticket) -> None:
        self.tickets[ticket.id] = ticket
        self._by_key[ticket.key] = ticket.id
        self._past.setdefault(ticket.id, []).append(ticket)
        del self._past[ticket.id][:-50]

    def _id(self) -> str:
        return str(next(self._ids))

    @staticmethod
    def _resolution_after(ticket: Ticket, category: str, name: str | None) -> str:
        if category != "done":
            return ""
        if name is not None:
            return name
        return ticket.resolution if ticket.category == "done" else "完了"


def _resolution_item(old: str, new: str) -> list[Json]:
    if old == new:
        return []
    before, after = ((RESOLUTIONS[name], name) if name else (None, None) for name in (old, new))
    return [change("resolution", before, after)]
