"""Jira's stand-in. `stand_in` is Jira Cloud's HTTP API, on `around` (comments and links), `webhooks` and `site` (what
people do there, of which `data` is kept); `asks`, `limits`, `jql` and `text` take requests as strictly as Jira does."""

from integrations.jira.twin.stand_in import JiraTwin

__all__ = ["JiraTwin"]
