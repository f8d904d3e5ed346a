"""Troubles at random moments, drawn beforehand: kills, a quarter during start-up; freezes, cuts, clocks, full disks."""

from __future__ import annotations

import heapq
import itertools
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from tests.soak.disk import Disk
from tests.soak.plan import Plan
from tests.soak.proxy import FORWARD, HOLE, LOSE, STILL
from tests.soak.site import Place, Site
from tests.soak.takeovers import Takeovers

#: One of each kind in so many seconds, on average.
EVERY = {"freeze": 45.0, "reset": 30.0, "lost_answer": 10.0, "hole": 90.0, "still": 60.0, "clock": 60.0, "full": 60.0}
#: Frozen for longer than a silent process is thought to live.
ZOMBIE = (22.0, 45.0)
#: What vendors and browsers have to wait for lasts a moment only.
MOMENT = (2.0, 8.0)
CLOCKS = (-65.0, 65.0, 600.0, -600.0)


class Troubles:
    """What happens to the site until the plan's seconds are over; `count` is what did."""

    def __init__(self, plan: Plan, site: Site, disk: Disk | None, takeovers: Takeovers, dice: random.Random) -> None:
        self._plan, self._site, self._disk, self._takeovers, self._dice = plan, site, disk, takeovers, dice
        self.count: Counter[str] = Counter()
        self._table: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        for kind, times in self._drawn().items():
            for _ in range(times):
                self._at(dice.uniform(2, plan.seconds), getattr(self, f"_{kind}"))

    def _drawn(self) -> dict[str, int]:
        """How often each kind is to happen. A kill in three is followed by one during start-up."""
        if not self._plan.kills:
            return {}
        kinds = (
            ("freeze", "clock", "full") if self._disk else ("freeze", "clock", "reset", "lost_answer", "hole", "still")
        )
        others = {kind: max(1, round(self._plan.seconds / EVERY[kind])) for kind in kinds}
        return others | {"kill": round(self._plan.kills * 3 / 4)}

    def run(self) -> None:
        """Let everything happen, and mend in the end what is not mended by then."""
        began = time.monotonic()
        while self._table:
            due, _, act = heapq.heappop(self._table)
            time.sleep(max(0.0, began + due - time.monotonic()))
            self._now = due
            with suppress(ProcessLookupError):
                act()

    def _at(self, due: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._table, (due, next(self._number), act))

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._at(self._now + seconds, act)

    def _any(self, places: list[Place]) -> Place:
        return self._dice.choice(places)

    # -- kills --------------------------------------------------------------

    def _kill(self) -> None:
        place = self._any(self._site.places)
        self._end(place)
        if self._dice.random() < 1 / 3:
            self._after(self._dice.uniform(0.3, 1.5), lambda: self._end(place, "kill at start"))

    def _end(self, place: Place, kind: str = "kill") -> None:
        self.count[kind] += 1
        self._takeovers.died(self._site.kill(place))

    # -- frozen, and awake again --------------------------------------------

    def _freeze(self) -> None:
        place = self._any(self._site.workers)
        number, seconds = place.number, self._dice.uniform(*(MOMENT if self._disk else ZOMBIE))
        os.kill(number, signal.SIGSTOP)
        self.count["freeze"] += 1
        self._after(seconds, lambda: self._wake(place, number))

    def _wake(self, place: Place, number: int) -> None:
        if place.number == number:
            os.kill(number, signal.SIGCONT)

    # -- the way to the database --------------------------------------------

    def _reset(self) -> None:
        place = self._any(self._site.places)
        self.count["reset"] += 1
        if place.proxy:
            place.proxy.cut()

    def _lost_answer(self) -> None:
        place = self._any(self._site.places)
        if place.proxy and place.proxy.state == FORWARD:
            self.count["lost answer to a COMMIT"] += 1
            place.proxy.become(LOSE)

    def _hole(self) -> None:
        self._disturb("hole", HOLE, self._dice.uniform(15, 30))

    def _still(self) -> None:
        self._disturb("still", STILL, self._dice.uniform(5, 25))

    def _disturb(self, kind: str, state: str, seconds: float) -> None:
        place = self._any(self._site.places)
        if place.proxy and place.proxy.state in (FORWARD, LOSE):
            self.count[kind] += 1
            proxy = place.proxy
            proxy.become(state)
            self._after(seconds, lambda: proxy.become(FORWARD))

    # -- its clock, its disk ------------------------------------------------

    def _clock(self) -> None:
        place = self._any(self._site.places)
        self.count["clock"] += 1
        place.set_clock(self._dice.choice(CLOCKS))
        self._after(self._dice.uniform(15, 40), lambda: place.set_clock(0.0))

    def _full(self) -> None:
        if self._disk is None:
            return
        disk, number = self._disk, self._site.places[0].number
        self.count["full disk"] += 1
        disk.fill(number)
        self._after(self._dice.uniform(4, 12), lambda: disk.free(number))
