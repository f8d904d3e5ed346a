"""A stand-in for a Productboard workspace: REST API v2, webhooks (payload version 1), and its people.

    twin = ProductboardTwin(token="t", authorization="Bearer s", jira_site="yamabiko.atlassian.net")
    twin.add_user("早川", "hayakawa@acme.example"); feature = twin.add_feature("CSV 出力")
    twin.link(twin.note_with("FB-1"), feature); twin.set_status(feature, "Done")

As at the vendor, the same source may be used for any number of notes, a customer has to exist before
a note can name it, and nothing is said when an issue is connected. `webhook_url` stands for one
subscription to everything; what a client subscribes is kept, but nothing is sent there.
"""

from __future__ import annotations

from integrations.productboard.twin.board import Board
from integrations.productboard.twin.notes import Notes


class ProductboardTwin(Notes, Board):
    """See the module. `rate` is the limit of requests a second (None: none), `lag` the seconds until a new
    note shows up in lists and searches, `page_size` how many items a page holds. With `bare` a note's
    relationships are a bare array, as in the vendor's examples, instead of `{data, links}`.
    """

    def add_user(self, name: str, email: str) -> str:
        """A customer's person becomes known."""
        with self.lock:
            return self._new_entity("user", name=name, email=email).id

    def add_feature(self, name: str, status: str = "New idea", id: str = "") -> str:
        """Somebody adds a feature to the board. An `id` of one's own has to be a UUID."""
        with self.lock:
            feature = self._new_entity("feature", id, name=name, status=status)
            self._announce("feature.created", feature.id)
            return feature.id

    def set_status(self, feature_id: str, status: str) -> None:
        """Somebody (or the Jira sync) moves a feature."""
        with self.lock:
            feature = self.entities[feature_id]
            feature.fields["status"] = status
            feature.updated_at = self._now()
            self._announce("feature.updated", feature_id, ("status",))

    def link(self, note_id: str, feature_id: str) -> None:
        """Somebody finds a feature's wish in a note."""
        with self.lock:
            note = self.notes[note_id]
            note.relationships.append(("link", self.entities[feature_id]))
            self._announce("insight.created", self._new_id(), note=note_id, feature=feature_id)
            self._touch(note, "links")

    def highlight(self, note_id: str, feature_id: str) -> None:
        """Somebody links a snippet of a note's text to a feature; from then on the text cannot be changed."""
        with self.lock:
            self.notes[note_id].locked = True
            self.link(note_id, feature_id)

    def unlink(self, note_id: str, feature_id: str) -> None:
        """Somebody takes that back."""
        with self.lock:
            note = self.notes[note_id]
            note.relationships.remove(("link", self.entities[feature_id]))
            self._announce("insight.deleted", self._new_id(), note=note_id, feature=feature_id)
            self._touch(note, "links")

    def add_jira(self, name: str, status: str = "enabled") -> str:
        """An admin connects another Jira ("enabled" or "disabled")."""
        with self.lock:
            return self._add_jira(name, status).id

    def push_to_jira(self, feature_id: str, issue_id: str, issue_key: str, jira_id: str = "") -> None:
        """Somebody pushes a feature to Jira (the first one by default). There is no webhook for that."""
        with self.lock:
            jira = self.jira[jira_id] if jira_id else next(iter(self.jira.values()))
            jira.connections[feature_id] = (issue_id, issue_key)

    def write_note(self, title: str, text: str = "") -> str:
        """Somebody writes a note by hand."""
        with self.lock:
            note = self._new_note(title)
            note.content = text
            self.notes[note.id] = note
            self._announce("note.created", note.id)
            return note.id

    def archive_note(self, note_id: str) -> None:
        """Somebody archives a note."""
        with self.lock:
            self.notes[note_id].archived = True
            self._touch(self.notes[note_id], "archived")

    def process_note(self, note_id: str) -> None:
        """Somebody is done with a note."""
        with self.lock:
            self.notes[note_id].processed = True
            self._touch(self.notes[note_id], "processed")

    def delete_note(self, note_id: str) -> None:
        """Somebody deletes a note for good."""
        with self.lock:
            del self.notes[note_id]
            self._announce("note.deleted", note_id)

    def note_with(self, record_id: str) -> str:
        """The id of the (oldest) note that carries a marker, "" if there is none."""
        with self.lock:
            marked = (note.id for note in self.notes.values() if note.source.get("recordId") == record_id)
            return next(marked, "")
