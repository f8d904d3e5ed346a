"""Codes: what people call things by, found exactly: FB-12, E-5, KNDE-22, in any case and width."""

from __future__ import annotations

import re
import unicodedata

from sqlmodel import Session, col, select

from workflows.search import findable
from workflows.tables.escalation import Escalation
from workflows.tables.search import Document
from workflows.tables.wish import Feedback, FeedbackIssue, Issue

#: Letters, a dash as any keyboard types it, and a number.
CODE = re.compile(r"([A-Z][A-Z0-9_]{0,30})[-‐‑‒–—―−ー]([1-9][0-9]{0,8})")
#: Wishes of one issue that are shown.
MOST = 50


def read(typed: str) -> str:
    """The code that somebody typed, as we write it; "" where it is none."""
    match = CODE.fullmatch(unicodedata.normalize("NFKC", typed).strip().upper())
    return f"{match[1]}-{match[2]}" if match else ""


def place_of(session: Session, code: str) -> str:
    """The address of the wish or the escalation with this code; "" if there is none."""
    letters, _, number = code.partition("-")
    if letters == "FB" and session.get(Feedback, int(number)) is not None:
        return f"/feedback/{number}"
    is_escalation = letters == "E" and session.get(Escalation, int(number)) is not None
    return f"/escalations/{code}" if is_escalation else ""


def meant(session: Session, code: str) -> list[Document]:
    """What a code means, as it would be found by its words: a wish, an escalation, or what waits for an issue."""
    place, number = place_of(session, code), int(code.rpartition("-")[2])
    if not place:
        return waiting_for(session, code)
    source = findable.WISHES if code.startswith("FB-") else findable.ESCALATIONS
    rows = findable.of_owners(session, source, [number])
    return [Document(id=0, folded="", **row | {"place": place}) for row in rows]


def waiting_for(session: Session, code: str) -> list[Document]:
    """The wishes that wait for the issue with this key, the newest first, as they would be found by their words."""
    query = select(FeedbackIssue.feedback_id).join(Issue, col(Issue.id) == FeedbackIssue.issue_id)
    ids = session.exec(query.where(Issue.key == code).distinct()).all()
    rows = findable.of_owners(session, findable.WISHES, sorted(ids)[-MOST:])
    return [Document(id=0, folded="", **row) for row in reversed(rows)]
