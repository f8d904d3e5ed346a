"""From the form to the owner's message: an agent escalates again and again while the door is under load.

The load is half of the mixed rate that the same service takes when everything comes at once; the clock of each
submission runs from the moment it is sent to the moment at which Slack has the message to the owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlmodel import Session

from app import migrations
from tests.bench.figures import Figure, below, memory, share_of
from tests.bench.processes import OWNER, Twins, deliver, running, settings, vendors, wait_for
from tests.bench.twins import UNLIMITED
from workflows.engine.store import create_engine, now_ms
from workflows.tables.customer import Company, Owner

#: Submissions, and the seconds between two: Slack takes one message a second in a channel.
SUBMISSIONS, PAUSE = 64, 1.2
COMPANY, NAME = "k-bench", "株式会社あおば製作所"
TARGET_MS = 2000.0
LINES, ROUND = 128, 6000
PATIENCE = 120.0


def figures(folder: Path) -> Iterator[Figure]:
    """How long it takes on SQLite, in one process: with nothing else to do, and under load."""
    url = f"sqlite:///{folder}/escalation.sqlite"
    _let_somebody_answer(url)
    with vendors(UNLIMITED) as twins, running(settings(url, twins.url), "app run") as service:
        twins.play("slack", "connect", url=f"http://127.0.0.1:{service.settings.port}/slack/events")
        alone = _seconds(twins, 10)
        deliver(service, "mixed", 1000, first=1, lines=LINES)
        rate = deliver(service, "mixed", ROUND, first=1_000_000, lines=LINES).rate / 2
        with ThreadPoolExecutor(1) as pool:
            count = int(rate * (SUBMISSIONS * PAUSE + 5))
            load = pool.submit(deliver, service, "mixed", count, first=10_000_000, rate=rate, lines=LINES)
            took = _seconds(twins, SUBMISSIONS)
            went = load.result()
        assert not went.refused, f"{went.refused} deliveries were refused"
        note = (
            f"{rate:,.0f} deliveries/s meanwhile; p50 {_ms(took, 0.5):,.0f} ms; without them {_ms(alone, 0.5):,.0f} ms"
        )
        yield below(f"form to owner's message, p95 of {len(took)}", _ms(took, 0.95), "ms", TARGET_MS, note)
        yield memory("escalating under load", service.peak_mb)


def _seconds(twins: Twins, count: int) -> list[float]:
    """How long each of so many submissions took, all of them taken."""
    before = len(twins.play("slack", "heard"))
    twins.play("slack", "escalate", company=NAME, count=count, pause=PAUSE, first=before)

    def all_told() -> bool:
        heard = twins.play("slack", "heard")
        return len(heard) == before + count and all(each["told"] for each in heard)

    wait_for(all_told, f"{count} messages to the owner", PAUSE * count + PATIENCE)
    heard = twins.play("slack", "heard")[before:]
    assert not [each["error"] for each in heard if each["error"]]
    return [each["told"] - each["sent"] for each in heard]


def _ms(seconds: list[float], share: float) -> float:
    return 1000 * share_of(seconds, share)


def _let_somebody_answer(url: str) -> None:
    """The state before: a company on record, and who answers for it."""
    migrations.upgrade(url)
    engine = create_engine(url, pool_size=1)
    with Session(engine) as session:
        session.add(Company(id=COMPANY, name=NAME, tier="Enterprise"))
        session.add(Owner(company_id=COMPANY, role="owner", origin="hand", person=OWNER, set_at=now_ms()))
        session.commit()
    engine.dispose()
