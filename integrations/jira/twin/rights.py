"""What our account may do at the Jira twin, and how it asks for that.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/
"""

from __future__ import annotations

from integrations.jira.twin.asks import json_body, refuse
from integrations.jira.twin.versions import VersionedSite
from integrations.twin import Ask, Said, route


class Rights(VersionedSite):
    """A site that tells our account what it may do."""

    #: What our account may do; take some away to be refused.
    granted: set[str]

    @route("GET /rest/api/3/mypermissions")
    def get_permissions(self, ask: Ask) -> Said:
        wanted = [name for name in (ask.arg("permissions") or "").split(",") if name]
        if not wanted:
            refuse(400, "The 'permissions' query parameter is required.")
        said = {name: {"key": name, "havePermission": name in self.granted} for name in wanted}
        return Said(200, {"permissions": said})

    @route("POST /rest/api/3/permissions/project")
    def get_permitted_projects(self, ask: Ask) -> Said:
        may = set(json_body(ask).get("permissions") or refuse(400, "No permissions were named.")) <= self.granted
        shown = [{"id": int(project.id), "key": project.key} for project in self.projects.values() if may]
        return Said(200, {"projects": shown})
