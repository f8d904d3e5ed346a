"""The service, imported, of which is not yet said where it is to die: failpoints are told that afterwards.

Everything else that depends on the environment is read when a command runs. What every life would do alike is done
here, once: it reads which authorities there are and which migrations, and lays out the pages.
"""

from __future__ import annotations

from importlib import import_module

from fastapi import FastAPI

from workflows.engine import failpoints

_hit = failpoints.hit


def _passed(*parts: str) -> None:
    _hit(*parts)


failpoints.hit = _passed  # before anybody else takes it from there
for _name in ("app.operate.commands", "app.main"):
    import_module(_name)

runtime = import_module("app.runtime")
#: As it is for everybody else.
SHIPPED = runtime.CLAIMS
#: Idle for most of the time, a service asks seldom whether there is work; here somebody waits for the answer.
runtime.CLAIMS = {queue: (claims, 0.1) for queue, (claims, _) in runtime.CLAIMS.items()}
#: People and vendors here wait for as long as a slow machine takes, and so does the service.
import_module("integrations.slack.client").PROMPT = 60.0
import_module("app.door.inbox").PATIENCE = 60.0
import_module("integrations.network").trust()
import_module("app.migrations").scripts().get_current_head()
import_module("app.pages.routes").mount(FastAPI())


def die_at(plan: str) -> None:
    """From now on, this is the plan (see `workflows.engine.failpoints`)."""
    global _hit
    _hit = failpoints.planned(plan)
