"""What people read of an escalation in Chatwork, where nobody can press anything.

Whatever others wrote goes through `notation.words`: it mentions nobody, links nowhere and frames nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from integrations.chatwork import Notation, notation
from integrations.chatwork.notation import lines, plain, words
from workflows.escalation import ladder, texts
from workflows.escalation.cases import code
from workflows.escalation.texts import name_of
from workflows.language.text import _, language
from workflows.language.wording import promised_day, zoned
from workflows.rules.choices import LEVELS, REQUESTS, URGENCIES
from workflows.tables.escalation import Escalation

#: Characters of a name, a sentence and a long text: all of it has to fit into one message, which is brought up to date.
NAME, SENTENCE, QUOTED = 100, 500, 1200
TITLE = "Escalation {code}: {state}"
#: The line above the address of its page: while somebody has to do something, and afterwards.
ANSWER = "Respond in Slack, or on this page:"
MORE = "Details:"


def message(escalation: Escalation, link: str) -> tuple[Notation, ...]:
    """The one message that shows it as it stands. `link` is its page."""
    heading = _(TITLE, code=code(escalation.id), state=_(texts.STATES[escalation.state]))
    return notation.message(heading, list(_blocks(escalation)), link)


def _blocks(escalation: Escalation) -> Iterator[Notation]:
    yield _first(escalation)
    if promise := texts.inherited(escalation):
        yield words(promise, SENTENCE)
    yield lines(*map(plain, (f"{_('Owner')}: {_answers(escalation)}", f"{_('Status')}: {_standing(escalation)}")))
    yield from _told("History", escalation.history)
    yield from _told("Tried so far", escalation.tried)
    if escalation.churn_risk:
        yield lines(*_judged(escalation))
    yield lines(*_small_print(escalation), plain(_(ANSWER if escalation.state in ladder.UNFINISHED else MORE)))


def _first(escalation: Escalation) -> Notation:
    """【至急】対応依頼 | あおば製作所様 | 温度感: 高 ▷ 要点."""
    is_shared = escalation.request == ladder.INFORMATION
    return plain(
        _(
            texts.HEADLINE_SHARED if is_shared else texts.HEADLINE,
            request=_(REQUESTS[escalation.request].words),
            urgency="" if is_shared else _(URGENCIES[escalation.urgency].words),
            temperature=_(LEVELS[escalation.temperature].words),
            company=words(escalation.company, NAME),
            gist=words(escalation.gist, SENTENCE),
        )
    )


def _answers(escalation: Escalation) -> str:
    return texts.answers(escalation, name_of)


def _standing(escalation: Escalation) -> str:
    return texts.standing(escalation, name_of)


def _told(label: str, text: str) -> Sequence[Notation]:
    if not text.strip():
        return ()
    return (lines(plain(_(label)), words(text.strip(), QUOTED, "… " + _("(see its page for the rest)"))),)


def _judged(escalation: Escalation) -> Iterator[Notation]:
    yield plain(f"{_('Churn risk')}: {_(escalation.churn_risk)}")
    label = _("What was done, and the outcome") if escalation.state == ladder.DONE else _("Next step")
    if escalation.next_step:
        yield words(f"{label}: {escalation.next_step}", SENTENCE)
    if escalation.next_date and escalation.state != ladder.OPEN:  # else it stands above
        yield plain(f"{_('Due date')}: {promised_day(language(), escalation.next_date)}")


def _small_print(escalation: Escalation) -> Iterator[Notation]:
    by = name_of(escalation.raised_by) if escalation.raised_by else escalation.raised_by_name
    told = [_("Raised by {name}", name=words(by or "?", NAME)), zoned(language(), escalation.raised_at)]
    if escalation.due_at is not None and escalation.state in ladder.UNFINISHED:
        told.append(_("Next reminder: {when}", when=zoned(language(), escalation.due_at)))
    yield plain(" · ".join(told))
    if escalation.conversation_url:
        yield plain(f"{_('Conversation in Intercom')}: {escalation.conversation_url}")
