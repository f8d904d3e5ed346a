"""One at a time: a lock until the commit, and a lease where a lock would have to be held while a vendor is asked."""

from __future__ import annotations

from sqlmodel import Session, col, delete, select, update

from workflows.engine.rows import insert_new
from workflows.engine.store import now_ms
from workflows.tables.runs import Lease


def lock(session: Session, name: str) -> None:
    """Until the commit nobody else comes past here with this name."""
    insert_new(session, Lease, [{"name": name, "holder": "", "until": 0, "last_at": 0}])
    session.exec(select(Lease).where(Lease.name == name).with_for_update()).one()


def hold(session: Session, name: str, me: str, for_ms: int) -> bool:
    """Take or keep a lease; False while somebody else holds it."""
    now = now_ms()
    if insert_new(session, Lease, [{"name": name, "holder": me, "until": now + for_ms, "last_at": now}]):
        return True
    lease = session.exec(select(Lease).where(Lease.name == name).with_for_update()).first()
    if lease is None or (lease.holder != me and lease.until > now):
        return False
    lease.holder, lease.until = me, now + for_ms
    return True


def renew(session: Session, name: str, me: str, for_ms: int) -> None:
    """Keep a lease that is still mine."""
    mine = update(Lease).where(col(Lease.name) == name, col(Lease.holder) == me)
    session.exec(mine.values(until=now_ms() + for_ms))


def drop(session: Session, name: str, me: str) -> None:
    """Give a lease up."""
    session.exec(delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == me))
