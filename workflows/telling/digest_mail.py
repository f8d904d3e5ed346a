"""Digest by mail: after a meeting, one mail to those whom the rules name says everything that was decided.

    upkeep ─► start_due ─┐ so long after the last decision
    minutes ─► start_now ┴─► send

Which decisions a mail is about is written down in the commit that starts it: none is in two mails, and none in no mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sqlmodel import Session, col, select

from workflows.engine import dry_run
from workflows.engine.actions import ACTED, VENDOR_IS_OFF, WOULD, Done, Intent, act, happened, intend, leave
from workflows.engine.durable import child, start, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import title_of, vendors
from workflows.meeting import decisions
from workflows.rules import rules
from workflows.tables.meeting import Decision
from workflows.tables.runs import Action
from workflows.telling import conclusion_texts
from workflows.telling.conclusion_texts import Told

NOTIFIED = "Notified support of the decision by email."
SENT = "Sent the day's decisions by email: {n}."
NOT_SENT = "The day's decisions were not sent by email: email is not configured."
NOBODY = "The day's decisions were not sent by email: the rules no longer name anybody."


#: After a look in vain it is looked for again so much later.
QUIET_MS = 15_000


class _Clock:
    """Up to when this process need not look again (ms)."""

    quiet_until = 0


def start_due() -> int:
    """Start the mail about what was decided, once nothing has been decided for so long as the rules say."""
    now = now_ms()
    is_quiet = 0 < _Clock.quiet_until - now <= QUIET_MS  # for longer only where the clock was wrong
    if not (rules.triage.mail and rules.triage.mail_minutes) or is_quiet:
        return 0
    latest = max((each.sent_at or 0 for each in store.read(partial(_unmailed, now=now))), default=0)
    due = latest + rules.triage.mail_minutes * 60_000
    if not latest or due > now:
        _Clock.quiet_until = now + QUIET_MS
        return 0
    return start_now()


def start_now() -> int:
    """Start it at once, about everything that people may know by now; returns how many runs were started."""
    if not (rules.triage.mail and rules.triage.mail_minutes):
        return 0
    return store.write(partial(_start, now_ms()))


def _start(now: int, session: Session) -> int:
    ids = [each.id or 0 for each in _unmailed(session, now)]
    if not ids:
        return 0
    for each in map(partial(session.get_one, Decision), ids):
        intend(session, _about(each))
    return start(session, [child(f"decisions-mail:{ids[0]}-{ids[-1]}:{now}", "digest_mail.send", decision_ids=ids)])


def _unmailed(session: Session, now: int) -> list[Decision]:
    """What people may know since yesterday, and no mail is about."""
    sent = (col(Decision.sent_at) >= now - DAY_MS) & col(Decision.undone_at).is_(None)
    if not dry_run.begins_dry("digest_mail.send"):
        sent &= ~col(Decision.dry)
    found = list(session.exec(select(Decision).where(sent).order_by(col(Decision.id))))
    keys = [_about(each).key for each in found]
    known = set(session.exec(select(Action.key).where(col(Action.key).in_(keys)))) if keys else set()
    return [each for each in found if _about(each).key not in known]


def _about(decision: Decision) -> Intent:
    """That a mail says this decision; the same name as that of a mail about it alone."""
    to = ", ".join(rules.triage.mail)
    return Intent("mail", "conclude", f"conclude:{decision.id}:mail", to, NOTIFIED, feedback_id=decision.feedback_id)


@workflow
def send(decision_ids: Sequence[int]) -> Outcome:
    """One mail about these decisions. A mail cannot be looked for: a repeat has the same Message-ID."""
    told = store.read(partial(_told, ids=decision_ids))
    to, mail = rules.triage.mail, vendors.mail
    if mail is None or not to:
        for each in told:
            leave(_about(each.decision), VENDOR_IS_OFF, vendor=title_of("mail"))
        return ignored(NOBODY if mail else NOT_SENT)
    subject, text = conclusion_texts.digest(told)
    first, last = decision_ids[0], decision_ids[-1]
    intent = Intent("mail", "digest", f"decisions-mail:{first}-{last}", ", ".join(to), NOTIFIED)
    act(intent, lambda: Done(mail.send(to, subject, text, intent.ref)), also=partial(_said, told=told))
    return done(SENT, n=len(told))


def _told(session: Session, ids: Sequence[int]) -> list[Told]:
    found = []
    for id in ids:
        decision = session.get_one(Decision, id)
        wishes = decisions.members(session, decision.feedback_id)
        found.append(Told(decision, wishes, decisions.companies_of(session, wishes)))
    return found


def _said(session: Session, sent: Done, told: Sequence[Told]) -> None:
    """Each request's timeline says so."""
    for each in told:
        row = session.get(Action, _about(each.decision).key)
        if row is None:
            happened(session, replace(_about(each.decision), is_dry=sent.is_dry))
        else:
            row.state, row.ended_at = WOULD if sent.is_dry else ACTED, now_ms()
            row.facts = dry_run.marked(row.facts) if sent.is_dry else row.facts
