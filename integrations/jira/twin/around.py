"""What stands around an issue of the Jira twin: its comments, and its links to things elsewhere.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/
"""

from __future__ import annotations

from integrations.jira.twin.asks import api_of, error, json_body, number, refuse
from integrations.jira.twin.data import Comment, Json, Ticket
from integrations.jira.twin.text import as_adf, is_rich, to_wiki
from integrations.jira.twin.webhooks import AdminWebhooks
from integrations.twin import Ask, Said, route

#: So many comments come along with an issue that a search finds. Which of them is nowhere written: here the oldest.
MOST_COMMENTS = 20
NO_ISSUE = "Issue does not exist or you do not have permission to see it."


class AroundIssues(AdminWebhooks):
    """A site whose issues can be commented on and linked."""

    # -- comments -----------------------------------------------------------

    @route("GET /rest/api/3/issue/{key}/comment")
    def get_comments(self, ask: Ask, key: str) -> Said:
        comments = list(self.comments.get(self._ticket(key).id, []))
        if (ask.arg("orderBy") or "").startswith("-"):
            comments.reverse()
        start, size = number(ask, "startAt", 0), min(number(ask, "maxResults", 100), 100)
        with_properties = "properties" in (ask.arg("expand") or "")
        page = [self._comment(comment, ask, with_properties) for comment in comments[start : start + size]]
        return Said(200, {"startAt": start, "maxResults": size, "total": len(comments), "comments": page})

    @route("POST /rest/api/3/issue/{key}/comment")
    def post_comment(self, ask: Ask, key: str) -> Said:
        ticket, given, faults = self._ticket(key), json_body(ask), {}
        if not is_rich(given.get("body"), api_of(ask)):
            faults["comment"] = "Comment body is not valid!"
        allowed = "ADD_COMMENTS" in self.granted
        if faults or not allowed:
            refuse(400, "" if allowed else "You do not have the permission to comment on this issue.", **faults)
        said = as_adf(given["body"], api_of(ask)) or {}
        comment = self._say(ticket, self.account, said, given.get("properties", []))
        self.note_effect("comment", ticket.key, issue_id=ticket.id, comment_id=comment.id, text=to_wiki(comment.body))
        return Said(201, self._comment(comment, ask, with_properties=False))

    # -- remote links -------------------------------------------------------

    @route("GET /rest/api/3/issue/{key}/remotelink")
    def get_remote_links(self, ask: Ask, key: str) -> Said:
        """All of them as a list; the one with a global id as an object."""
        links = self.remote_links.get(self._ticket(key).id, [])
        wanted = ask.arg("globalId")
        if wanted is None:
            return Said(200, links)
        link = next((link for link in links if link.get("globalId") == wanted), None)
        return Said(200, link) if link else Said(404, error("Cannot find remote issue link."))

    @route("POST /rest/api/3/issue/{key}/remotelink")
    def post_remote_link(self, ask: Ask, key: str) -> Said:
        """An upsert by global id; what an update omits is gone afterwards. Sends no webhook."""
        ticket, given = self._ticket(key), json_body(ask)
        self._refuse_link(given)
        links = self.remote_links.setdefault(ticket.id, [])
        old = next((link for link in links if "globalId" in given and link.get("globalId") == given["globalId"]), None)
        id_ = old["id"] if old else int(self._id())
        said = {"id": id_, "self": f"{self.write.site}/rest/api/issue/{ticket.key}/remotelink/{id_}"}
        link = {k: v for k, v in given.items() if k in ("globalId", "application", "relationship", "object")} | said
        links[:] = [link if one is old else one for one in links] if old else [*links, link]
        self.note_effect("link", ticket.key, issue_id=ticket.id, created=old is None, **_link_facts(link))
        return Said(200 if old else 201, said)

    @route("DELETE /rest/api/3/issue/{key}/remotelink")
    def delete_remote_link(self, ask: Ask, key: str) -> Said:
        ticket, wanted = self._ticket(key), ask.arg("globalId")
        if wanted is None:
            refuse(400, "The global ID is required.")
        links = self.remote_links.get(ticket.id, [])
        kept = [link for link in links if link.get("globalId") != wanted]
        if len(kept) == len(links):
            refuse(404, "Cannot find remote issue link.")
        links[:] = kept
        self.note_effect("unlink", ticket.key, issue_id=ticket.id, global_id=wanted)
        return Said(204)

    def _refuse_link(self, given: Json) -> None:
        thing = given.get("object") or {}
        if "LINK_ISSUES" not in self.granted:
            refuse(403, "You do not have the permission to link issues.")
        for name in ("title", "url"):
            if not thing.get(name):
                refuse(400, **{name: f"'{name}' is required."})
        if len(given.get("globalId") or "") > 255:
            refuse(400, globalId="'globalId' is longer than 255 characters.")

    # -- small things -------------------------------------------------------

    def _ticket(self, key: str) -> Ticket:
        try:
            return self.find(key)
        except KeyError:
            return refuse(404, NO_ISSUE)

    def _comments(self, ticket: Ticket, api: int, most: int) -> Json:
        """The comments that come along with an issue."""
        said = self.comments.get(ticket.id, [])
        page = [self.write.comment(comment, api) for comment in said[:most]]
        return {"startAt": 0, "maxResults": most, "total": len(said), "comments": page}

    def _comment(self, comment: Comment, ask: Ask, with_properties: bool) -> Json:
        said = self.write.comment(comment, api_of(ask))
        return said | {"properties": comment.properties} if with_properties else said


def _link_facts(link: Json) -> Json:
    thing = link["object"]
    resolved = bool((thing.get("status") or {}).get("resolved"))
    return {"global_id": link.get("globalId"), "url": thing["url"], "title": thing["title"], "resolved": resolved}
