"""What nothing tells of: a version whose release was missed, a company that came into the audience of a wave.

No issue changes when its version is released, so whoever waits for one is asked about again at each look at Jira.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.durable import NewRun, child, current_run
from workflows.engine.store import store
from workflows.engine.vendors import jira_client
from workflows.telling import waves
from workflows.wish import availability


def runs() -> Iterator[NewRun]:
    """The runs that make up for it."""
    held = store.read(waves.held)
    for issue in jira_client().issues([release.issue_id for release in held]) if held else ():
        if availability.way_out(issue):
            yield _run(f"out/{issue.id}", "release.check", issue_id=issue.id, issue_key=issue.key)
    for id in store.read(waves.late):
        yield _run(f"reach/{id}", "release.reach", release_id=id)


def _run(name: str, story: str, **arguments: object) -> NewRun:
    return child(f"{current_run()}/{name}", story, **arguments)
