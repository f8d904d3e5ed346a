"""Features at Productboard, and the Jira issues that they were pushed to."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.contract import Permanent
from integrations.productboard import models
from integrations.productboard.api import Api, in_path, reading
from integrations.productboard.models import Feature, IssueRef

#: As many ids in one search as Productboard takes for notes; of entities it states no limit.
PAGE = 100


class Features:
    """What a `ProductboardClient` asks about features."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def feature(self, feature_id: str) -> Feature | None:
        """A feature as it is now, None if it is gone."""
        with reading(Permanent):
            found = self._api.get(f"/entities/{in_path(feature_id)}", {"fields[]": ["name", "status"]})
            return models.read_feature(found["data"]) if found else None

    def features(self, feature_ids: Sequence[str]) -> dict[str, Feature]:
        """Those of these features that there are, by id, in this order. One call for each hundred."""
        found: dict[str, Feature] = {}
        for first in range(0, len(feature_ids), PAGE):
            some = list(feature_ids[first : first + PAGE])
            search = {"data": {"filter": {"id": some}, "return": {"fields": ["name", "status"]}}}
            with reading(Permanent):
                read = [models.read_feature(each) for each in self._api.pages("POST", "/entities/search", json=search)]
            found |= {feature.id: feature for feature in read}
        return {id: found[id] for id in feature_ids if id in found}

    def features_of_issue(self, issue_id: str, issue_key: str) -> tuple[str, ...]:
        """The ids of the features that were pushed to a Jira issue."""
        with reading(Permanent):
            integrations = self._jira_integrations()
            found = [
                (connection["id"].text(), models.read_issue(connection))
                for each in integrations
                for connection in self._api.pages("GET", f"{each}/connections", params={"issueId": issue_id})
            ]
        # An ignored filter returns all connections. And ids are unique in one Jira only: where several
        # are connected the key has to agree as well.
        fitting = (
            feature_id
            for feature_id, issue in found
            if issue.id == issue_id and (issue.key == issue_key or len(integrations) == 1)
        )
        return tuple(dict.fromkeys(fitting))

    def issues_of(self, feature_id: str) -> tuple[IssueRef, ...]:
        """The Jira issues that a feature was pushed to."""
        with reading(Permanent):
            paths = [f"{each}/connections/{in_path(feature_id)}" for each in self._jira_integrations()]
            found = [self._api.get(path) for path in paths]
            return tuple(models.read_issue(connection["data"]) for connection in found if connection)

    def issues_of_all(self) -> dict[str, set[IssueRef]]:
        """The Jira issues of all features that were pushed to one, by the feature's id.

        One call, and one for each hundred connections of each Jira.
        """
        found: dict[str, set[IssueRef]] = {}
        with reading(Permanent):
            for each in self._jira_integrations():
                for connection in self._api.pages("GET", f"{each}/connections"):
                    found.setdefault(connection["id"].text(), set()).add(models.read_issue(connection))
        return found

    def _jira_integrations(self) -> list[str]:
        """The paths of the Jira integrations that are switched on."""
        return [
            f"/jira-integrations/{in_path(each['id'].text())}"
            for each in self._api.pages("GET", "/jira-integrations")
            if each["fields"]["integrationStatus"].text(or_="") == "enabled"
        ]
