"""What the thread of a chat says while its customer waits. Minutes are business time."""

from __future__ import annotations

from integrations.slack import blocks
from workflows.engine.posting import Message
from workflows.language.text import _
from workflows.rules.enquiry import FIRST
from workflows.tables.enquiry import Wait


def warning(wait: Wait, waited: int) -> Message:
    """How much time is left, or that it is over, and for how long."""
    line = _left(wait, wait.target - waited) if waited < wait.target else _over(wait, waited - wait.target)
    return line, [blocks.section(line)]


def _left(wait: Wait, minutes: int) -> str:
    if wait.kind == FIRST:
        return _("⏱ {n} minutes left of {target} for the first answer.", n=minutes, target=wait.target)
    return _("⏱ {n} minutes left of {target} for the next answer.", n=minutes, target=wait.target)


def _over(wait: Wait, minutes: int) -> str:
    if not minutes and wait.kind == FIRST:
        return _("⏱ The {n} minutes for the first answer are over.", n=wait.target)
    if not minutes:
        return _("⏱ The {n} minutes for the next answer are over.", n=wait.target)
    if wait.kind == FIRST:
        return _("⏱ First answer overdue by {n} minutes. Target: {target} min.", n=minutes, target=wait.target)
    return _("⏱ Next answer overdue by {n} minutes. Target: {target} min.", n=minutes, target=wait.target)
