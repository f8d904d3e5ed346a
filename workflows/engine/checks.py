"""What a vendor said when somebody had its connection checked last: kept, so that every process shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial

from sqlmodel import Session, select

from integrations.vendor import Finding
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Checked


@dataclass(frozen=True)
class Check:
    """What was found, and when (ms)."""

    at: int
    findings: Sequence[Finding]

    @property
    def is_right(self) -> bool:
        """Is nothing wrong that somebody has to put right?"""
        return all(finding.ok is not False for finding in self.findings)


def keep(vendor: str, findings: Sequence[Finding]) -> None:
    """Instead of what the vendor said before."""
    kept = [asdict(finding) for finding in findings]
    store.write(partial(_instead, Checked(vendor=vendor, findings=kept, at=now_ms())))


def _instead(checked: Checked, session: Session) -> None:
    session.merge(checked)


def latest(session: Session) -> dict[str, Check]:
    """The last check of every vendor that was checked."""
    rows = session.exec(select(Checked))
    return {row.vendor: Check(row.at, [Finding(**each) for each in row.findings]) for row in rows}
