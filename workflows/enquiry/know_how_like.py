"""Like: which answers to use again fit what a customer asks, found by the words that both share, on this machine alone.

    offered("請求書の再発行はどこからできますか")     # two at the most; none where nothing fits clearly

It is the engine of words of similar requests (`wish.similar.words`), over the title with the question that an answer
came from, and over its texts. Nothing is encoded and nobody is asked, so that a thread never waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import sqrt

import sqlalchemy as sa
from sqlmodel import Session, col, select

from integrations.waiting import Lock
from workflows.engine.store import store
from workflows.enquiry import know_how
from workflows.language.signs import signs
from workflows.tables.enquiry import Ask, KnowHow
from workflows.wish.similar.words import Index

#: From here on an answer is named. Whoever reads trusts it, so that nothing is better than what does not fit: of ten
#: questions in the test nine are answered, and of nineteen that no answer fits, none.
CLEARLY = 0.8
#: A message that says more shares more with anything: the longer it is (as all its signs say together), the more an
#: answer has to share with it.
SHORT = 16.0
#: So many are named.
MOST = 2
#: What an answer is found by: its title with the question that it came from, and its texts; two numbers for each.
VOICES = 2
#: How the origin begins of what was made of the answer to a question; behind it stands the question's number.
OF_ASK = "ask:"


def offered(text: str) -> list[KnowHow]:
    """The answers that fit what a customer says, the best first."""
    asked = signs(text)
    if not asked:
        return []
    rows = {row.id or 0: row for row in store.read(know_how.in_use)}
    if not rows:
        return []
    least = CLEARLY * max(1.0, sqrt(sum(asked.values()) / SHORT))
    ranked = _index(list(rows.values())).ranked(asked, least)
    found = dict.fromkeys(number // VOICES for _score, number in ranked)
    return [rows[id] for id in found if id in rows][:MOST]


def origin_of(ask: Ask) -> str:
    """The origin of what is made of a question's answer: made once, however often somebody tries."""
    return f"{OF_ASK}{ask.id}"


# -- what they are found by -----------------------------------------------------------------------


class _Kept:
    """The index over what is in use now; made anew where any of it has changed."""

    def __init__(self) -> None:
        self.lock = Lock("the index of answers")
        self.engine: sa.Engine | None = None
        self.state: object = None
        self.index = Index()


_kept = _Kept()


def _index(rows: Sequence[KnowHow]) -> Index:
    questions = store.read(partial(_questions, rows=rows))
    state = [(row.id, row.changed_at, questions.get(row.origin, "")) for row in rows]
    with _kept.lock:
        if _kept.engine is not store.engine or _kept.state != state:
            _kept.engine, _kept.state, _kept.index = store.engine, state, _made(rows, questions)
        return _kept.index


def _made(rows: Sequence[KnowHow], questions: dict[str, str]) -> Index:
    index = Index()
    for row in rows:
        id = row.id or 0
        index.put(VOICES * id, f"{row.title}\n{questions.get(row.origin, '')}")
        index.put(VOICES * id + 1, "\n".join(map(str, row.texts.values())))
    return index


def _questions(session: Session, rows: Sequence[KnowHow]) -> dict[str, str]:
    """By origin: the questions that these came from, as far as they are not erased."""
    numbers = [row.origin.removeprefix(OF_ASK) for row in rows if row.origin.startswith(OF_ASK)]
    ids = [int(number) for number in numbers if number.isascii() and number.isdigit()]
    found = session.exec(select(Ask.id, Ask.question).where(col(Ask.id).in_(ids))).all()
    return {f"{OF_ASK}{id}": question for id, question in found}
