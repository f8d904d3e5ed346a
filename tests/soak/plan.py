"""What a soak is asked for."""

from __future__ import annotations

from dataclasses import dataclass

SQLITE, POSTGRES = "sqlite", "postgres"
#: What may be broken on purpose, so that the oracle shows that it sees it.
SABOTAGES = ("", "look", "ack")


@dataclass(frozen=True)
class Plan:
    """One soak on one database. Everything that is drawn, is drawn from the seed."""

    database: str
    seed: int
    #: How long there are troubles; afterwards everything has `patience` seconds to come to rest.
    seconds: float = 180.0
    kills: int = 40
    #: Deliveries that nobody acts on, beside what people do.
    events: int = 2000
    #: What people do in a second.
    pace: float = 0.6
    #: The share of calls that vendors fail.
    faults: float = 0.1
    #: Seconds until a write without an answer is looked for; None: as shipped.
    quiet: float | None = None
    patience: float = 900.0
    sabotage: str = ""

    @property
    def latest(self) -> float:
        """Seconds after which a vendor may still apply what it was sent: well within the quiet period."""
        return min(15.0, (60.0 if self.quiet is None else self.quiet) / 4)
