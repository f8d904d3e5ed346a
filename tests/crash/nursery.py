"""Where the service's processes come from: `python -m app <command>`, without importing everything each time.

A process that has made the imports, and whatever is alike for all (`imported`), stands ready (`multiprocessing` calls
it the fork server). A life is a fork of it that runs `app` as Python would: a process like any other, with an
environment, signals and an exit code of its own, and it can be killed.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from workflows.language.vectors import grades

ROOT = Path(__file__).parent.parent.parent


def as_it_is() -> None:
    """Nothing has to be done before a life begins."""


def without_encoders() -> None:
    """Similar requests are found by words: an encoder takes longer to start than most lives last. It has tests of its
    own, and strangers have theirs."""
    grades.installed = lambda: "words"


def begin(
    command: str, variables: Mapping[str, str], log: Path, prepare: Callable[[], None] = as_it_is
) -> ForkServerProcess:
    """Begin a life: `python -m app <command>` with exactly these environment variables, after it was prepared."""
    life = _nursery().Process(target=_live, args=(command, dict(variables), log, prepare), daemon=True)
    life.start()
    return life


class Stranger:
    """`python -m app <command>` as an operator starts it, without the nursery; speaks like a process from there."""

    def __init__(self, command: str, variables: Mapping[str, str], log: Path) -> None:
        arguments = [sys.executable, "-m", "app", *command.split()]
        with log.open("ab") as file:
            self._process = subprocess.Popen(arguments, cwd=ROOT, env=dict(variables), stdout=file, stderr=file)
        self.pid, self.kill, self.terminate = self._process.pid, self._process.kill, self._process.terminate

    @property
    def exitcode(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def join(self, seconds: float) -> None:
        """Wait until it has ended."""
        self._process.wait(seconds)


@cache
def _nursery() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.imported"])
    return context


def _live(command: str, variables: dict[str, str], log: Path, prepare: Callable[[], None]) -> None:
    from tests.crash import imported  # there already: we are a fork

    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(variables)
    imported.die_at(variables.get("YAMABIKO_FAILPOINT", ""))
    prepare()
    sys.argv, sys.path[0] = ["app", *command.split()], str(ROOT)
    runpy.run_module("app", run_name="__main__", alter_sys=True)
