"""The versions of the simulated Jira's projects, as people plan, release and merge them."""

from __future__ import annotations

from dataclasses import replace

from integrations.jira.twin.data import Release, change, moment
from integrations.jira.twin.site import JiraSite


class VersionedSite(JiraSite):
    """A site whose issues are fixed in versions."""

    def add_version(self, name: str, project_key: str) -> str:
        """A person plans a version; its id."""
        with self.lock:
            project_id = self.add_project(project_key)
            release = Release(self._id(), name, project_id)
            self.releases[release.id] = release
            self._announce("jira:version_created", version=self.write.release(release, 2))
            return release.id

    def fix_in(self, key: str, version_name: str) -> None:
        """A person plans an issue for a version, besides those it has."""
        with self.lock:
            ticket, release = self.find(key), self._release(version_name)
            item = change("fixVersions", (None, None), (release.id, release.name), "Fix Version")
            self._change(replace(ticket, releases=(*ticket.releases, release.id)), [item])

    def release_version(self, name: str) -> None:
        """A person releases a version. The issues in it are neither moved nor named."""
        with self.lock:
            release = replace(self._release(name), released_on=moment(self.clock())[:10])
            self.releases[release.id] = release
            self._announce("jira:version_released", version=self.write.release(release, 2))

    def unrelease_version(self, name: str) -> None:
        """A person takes the release of a version back."""
        with self.lock:
            release = replace(self._release(name), released_on="")
            self.releases[release.id] = release
            self._announce("jira:version_unreleased", version=self.write.release(release, 2))

    def merge_version(self, name: str, into: str) -> None:
        """A person merges a version into another one, which fixes its issues from now on."""
        with self.lock:
            gone, target = self._release(name), self._release(into)
            for ticket in list(self.tickets.values()):
                if gone.id in ticket.releases:
                    kept = [id for id in ticket.releases if id not in (gone.id, target.id)]
                    self.tickets[ticket.id] = replace(ticket, releases=(*kept, target.id))
            del self.releases[gone.id]
            said = self.write.release
            self._announce("jira:version_deleted", version=said(gone, 2), mergedTo=said(target, 2))

    def _release(self, name: str) -> Release:
        return next(release for release in self.releases.values() if release.name == name)
