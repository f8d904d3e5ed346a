"""[access] and [dry_run] as the file says them now: whoever is given a role has it at once, and whoever loses it, too.

    watch(settings.yamabiko_config)     # at start
    access()                            # who may do what
    dry_run()                           # what writes nothing

The rest of the rules counts from the next start on. A file that cannot be read changes nothing, and the log says so.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

from workflows.rules import company
from workflows.rules.access import Access
from workflows.rules.company import rules
from workflows.rules.dry_run import DryRun
from workflows.rules.file import BadRules

log = logging.getLogger("yamabiko")

#: How often the file is looked at, at most, in seconds.
EVERY = 1.0
#: What tells one state of a file from another: when it was written (ns), and how long it is.
State = tuple[int, int]


class _Watched:
    """The file, as it was read last, and when it was looked at (monotonic seconds)."""

    path: Path | None = None
    state: State = (0, 0)
    looked_at = 0.0


def watch(path: Path) -> None:
    """The rules were read from this file just now."""
    _Watched.path, _Watched.state, _Watched.looked_at = path, _state(path), time.monotonic()


def access() -> Access:
    """Who may do what; read again where the file has changed."""
    _look_again()
    return rules.access


def dry_run() -> DryRun:
    """Which stories write nothing; read again where the file has changed."""
    _look_again()
    return rules.dry_run


def _look_again() -> None:
    if _Watched.path is not None and time.monotonic() - _Watched.looked_at >= EVERY:
        _look(_Watched.path)


def _look(path: Path) -> None:
    _Watched.looked_at, before, _Watched.state = time.monotonic(), _Watched.state, _state(path)
    if _Watched.state == before:
        return
    try:
        read = company.load(path)
    except BadRules as error:
        log.error("the rules cannot be read again, so of [access] and [dry_run] each stays as it was: %s", error)
    else:
        rules.access, rules.dry_run = read.access, read.dry_run
        log.warning("[access] was read again, and [dry_run]: %s has changed", path.name)


def _state(path: Path) -> State:
    """(0, 0) for a file that is not there."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
