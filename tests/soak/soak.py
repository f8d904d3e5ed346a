"""One soak on one database: begin, let troubles happen, wait until everything has come to rest, and judge."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from app import migrations
from app.demo.company import APP_ID
from app.demo.stage import Stage
from integrations.twin_server import Serving
from tests.bench.processes import free_port
from tests.crash.service import RULES
from tests.soak import oracle, seen
from tests.soak.database import Database
from tests.soak.desk import Desk
from tests.soak.disk import Disk
from tests.soak.noise import Noise
from tests.soak.people import People
from tests.soak.plan import Plan
from tests.soak.post import Post
from tests.soak.report import Report
from tests.soak.site import Site
from tests.soak.takeovers import Takeovers
from tests.soak.troubles import Troubles
from tests.soak.vendors import Unreliable

#: Nobody waits a minute for a decision to count, and reconciliation, which could hide a loss, is off.
OUR_RULES = RULES.replace("undo_seconds = 60", "undo_seconds = 1")

Say = Callable[[str], None]


class Soak:
    """Everything that takes part in it. Close it in any case."""

    def __init__(self, plan: Plan, folder: Path, url: str, disk: Disk | None, say: Say) -> None:
        self.plan, self.disk, self._say = plan, disk, say
        draw = partial(_more_dice, random.Random(f"{plan.seed} {plan.database}"))
        migrations.upgrade(url)
        self.vendors = Unreliable({}, draw(), plan.faults, plan.latest)
        self.server = Serving(self.vendors)
        self.stage = Stage(base=1_000_000, server=self.server)
        for twin in self.stage.twins.values():
            twin.held = []
        self.stage.productboard.rate = None
        rules = folder / "rules.toml"
        rules.write_text(OUR_RULES, encoding="utf-8")
        quiet = {"quiet_seconds": 60.0 if plan.quiet is None else plan.quiet}
        settings = self.stage.settings(free_port(), url, yamabiko_config=rules, **quiet)
        self.database = Database(url)
        self.site = Site(settings, folder, plan.sabotage)
        self.post = Post(self.stage.twins, self.site.url, draw())
        self.desk = Desk(self.stage, self.site.url, self.database)
        self.people = People(self.stage, self.post, self.desk, self.database, draw())
        secret = self.stage.secret
        self.noise = Noise(settings.port, secret, APP_ID, plan.events, plan.seconds, draw())
        self.takeovers = Takeovers(self.database)
        self.troubles = Troubles(plan, self.site, disk, self.takeovers, draw())

    def run(self) -> Report:
        """From the first start to the verdict."""
        with ExitStack() as ending:
            ending.callback(self.close)
            self._start(ending)
            began = time.monotonic()
            self.troubles.run()
            time.sleep(max(0.0, self.plan.seconds + began - time.monotonic()))
            self._say(f"troubles are over: {dict(self.troubles.count)}; waiting until everything is at rest")
            troubled = time.monotonic() - began
            self.vendors.share = 0.0
            self.people.finish()
            self._settle()
            return self._report(troubled, time.monotonic() - began)

    def _start(self, ending: ExitStack) -> None:
        self.site.start()
        ending.callback(self.site.stop)
        self._until(self.site.is_ready, 120)
        for part in (self.takeovers, self.post, self.noise):
            part.start()
            ending.callback(part.stop)
        self.people.start(self.plan.pace)
        ending.callback(self.people.stop)

    def _settle(self) -> None:
        """Wait until nothing is on its way and no run is open; not for longer than the plan's patience."""
        ends = time.monotonic() + self.plan.patience
        rest = 0
        while rest < 3 and time.monotonic() < ends:
            time.sleep(2)
            parts = (self.post.is_empty(), self.noise.is_over(), self.people.is_over(), self.database.count_open() == 0)
            rest = rest + 1 if all(parts) else 0
            if int(time.monotonic()) % 30 < 2:
                self._say(f"open runs: {self.database.count_open()}; post, noise, people at rest: {parts[:3]}")

    def _until(self, is_so: Callable[[], bool], seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > ends:
                raise TimeoutError("the service does not start")
            time.sleep(0.2)

    def _report(self, troubled: float, seconds: float) -> Report:
        verdict = oracle.judge(self.people.claims(), seen.effects(self.stage), seen.marks(self.stage))
        verdict.lost += oracle.missing(self.noise.ids(), self.database.deliveries())
        waiting = self.database.open_runs()
        dead = self.database.dead()
        letters = self.post.letters
        facts: dict[str, Any] = {
            "disk": self.disk.kind if self.disk else "",
            "troubled": troubled,
            "seconds": seconds,
            "count": self.troubles.count,
            "exits": self.site.exits,
            "acked": sum(letter.acked for letter in letters) + len(self.noise.acked),
            "sends": self.post.sends + self.noise.sends,
            "given_up": sum(letter.given_up and not letter.acked for letter in letters),
            "calls": sum(len(twin.calls) for twin in self.stage.twins.values()),
            "faults": self.vendors.faults,
            "effects": seen.effects(self.stage),
            "dead": dead,
            "waiting": [f"{run.id} {run.workflow}: {run.reason}" for run in waiting],
            "takeovers": sorted(self.takeovers.seconds),
            "integrity": self.database.integrity(),
        }
        return Report(self.plan, verdict, **facts)

    def close(self) -> None:
        """Give everything back."""
        self.database.close()
        self.stage.close()
        self.server.stop()


def _more_dice(dice: random.Random) -> random.Random:
    """Dice of one's own, for each who draws: what they draw does not depend on how fast others are."""
    return random.Random(dice.random())
