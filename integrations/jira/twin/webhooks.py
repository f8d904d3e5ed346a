"""The webhooks that an administrator of the Jira twin sets up.

https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

from __future__ import annotations

from integrations.jira.twin.asks import json_body, refuse
from integrations.jira.twin.data import Json
from integrations.jira.twin.rights import Rights
from integrations.twin import Ask, Said, route


class AdminWebhooks(Rights):
    """A site whose administrators can list, make, change and delete webhooks."""

    @route("GET /rest/webhooks/1.0/webhook")
    def get_webhooks(self, ask: Ask) -> Said:
        self._refuse_non_admins()
        return Said(200, self.webhooks)

    @route("POST /rest/webhooks/1.0/webhook")
    def post_webhook(self, ask: Ask) -> Said:
        self._refuse_non_admins()
        hook = self._webhook(json_body(ask), self._id())
        self.webhooks.append(hook)
        return Said(201, hook)

    @route("PUT /rest/webhooks/1.0/webhook/{id}")
    def put_webhook(self, ask: Ask, id: str) -> Said:
        self._refuse_non_admins()
        place = self._place_of_webhook(id)
        self.webhooks[place] = self._webhook(json_body(ask), id)
        return Said(200, self.webhooks[place])

    @route("DELETE /rest/webhooks/1.0/webhook/{id}")
    def delete_webhook(self, ask: Ask, id: str) -> Said:
        self._refuse_non_admins()
        del self.webhooks[self._place_of_webhook(id)]
        self.note_effect("delete_webhook", id)
        return Said(204)

    def _webhook(self, given: Json, id_: str) -> Json:
        """From now on, what happens is sent there, signed with its secret; a `PUT` without one keeps the old."""
        if not (given.get("name") and given.get("url") and given.get("events")):
            refuse(400, "A webhook needs a name, a URL and events.")
        self.webhook_url, self.secret = given["url"], given.get("secret", self.secret)
        self.note_effect("register_webhook", given["url"], events=list(given["events"]), signed=bool(self.secret))
        shown = {name: given[name] for name in ("name", "url", "events", "filters", "excludeBody") if name in given}
        told = {"enabled": True, "isSigned": bool(self.secret)}
        return shown | told | {"self": f"{self.write.site}/rest/webhooks/1.0/webhook/{id_}"}

    def _place_of_webhook(self, id_: str) -> int:
        for place, hook in enumerate(self.webhooks):
            if hook["self"].endswith(f"/{id_}"):
                return place
        return refuse(404, "The webhook does not exist.")

    def _refuse_non_admins(self) -> None:
        if "ADMINISTER" not in self.granted:
            refuse(403, "You must be an administrator to do that.")
