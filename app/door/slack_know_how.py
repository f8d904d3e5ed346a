"""Answers to use again at Slack's door: the form that keeps one, and the command that finds one."""

from __future__ import annotations

from functools import partial
from typing import Any

from app.door.slack_desk import Desk, open_view
from integrations.slack import ButtonPressed
from integrations.slack.blocks import Block
from workflows.engine.store import store
from workflows.enquiry import know_how_forms as forms
from workflows.enquiry import teaching


def open_keeping(event: ButtonPressed, body: dict[str, Any], desk: Desk) -> None:
    """The button below a question: its answer in a form, or what was made of it before."""
    open_view(body, partial(_view, number=event.value))


def _view(language: str, number: str) -> Block:
    ask = store.read(partial(teaching.answered, number=number))
    if ask is None:
        return forms.nothing(language)
    known = store.read(partial(teaching.kept_of, ask=ask))
    return forms.kept_already(language, known) if known else forms.keeping(language, ask)
