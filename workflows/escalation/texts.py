"""What people read about an escalation: in the channel, in direct messages, and in the conversation.

A customer's words are escaped wherever they stand: they mention nobody and link nowhere. The first line of every
message says on a locked phone who, what and how urgent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape as escaped

from integrations.slack import blocks, is_person
from integrations.slack.blocks import Block, escape
from workflows.escalation import ladder
from workflows.escalation.cases import code
from workflows.language.addresses import escalation_url, escalations_url
from workflows.language.text import _, language, shortened
from workflows.language.wording import promised_day, zoned
from workflows.people import colleagues
from workflows.rules.choices import LEVELS, REQUESTS, URGENCIES
from workflows.tables.escalation import Escalation

Message = tuple[str, list[Block]]
#: Characters of a long text, and escalations in one message: Slack takes 50 blocks.
QUOTED, MOST = 1200, 20

STATES = {
    ladder.OPEN: "Awaiting acknowledgement",
    ladder.ACKNOWLEDGED: "Acknowledged",
    ladder.WORKING: "Work started",
    ladder.DONE: "Done",
    ladder.SHARED: "For information",
}


def headline(escalation: Escalation) -> str:
    """【至急】対応依頼 | あおば製作所様 | 温度感: 高 ▷ 要点. Escaped."""
    urgency = _urgency(escalation)
    return _(
        HEADLINE if urgency else HEADLINE_SHARED,
        request=_(REQUESTS[escalation.request].words),
        urgency=urgency,
        temperature=_(LEVELS[escalation.temperature].words),
        company=escape(escalation.company),
        gist=escape(escalation.gist),
    )


HEADLINE = "[{request} | {urgency}] {company} / temperature: {temperature} ▷ {gist}"
HEADLINE_SHARED = "[{request}] {company} / temperature: {temperature} ▷ {gist}"


def _urgency(escalation: Escalation) -> str:
    """How urgent it is, in words; "" for what is for information only: nobody has to answer that."""
    return "" if escalation.request == ladder.INFORMATION else _(URGENCIES[escalation.urgency].words)


def card(escalation: Escalation) -> Message:
    """The message that shows one escalation, as it stands."""
    shown = [
        blocks.section(f"*{headline(escalation)}*"),
        *([blocks.section(f"*{escape(promise)}*")] if (promise := inherited(escalation)) else []),
        blocks.section(f"{_('Owner')}: {answers(escalation)}\n{_('Status')}: {standing(escalation)}"),
        *_told("History", escalation.history),
        *_told("Tried so far", escalation.tried),
        *_judged(escalation),
        blocks.small(*_small_print(escalation)),
    ]
    return headline(escalation), [*shown, *_buttons(escalation)]


def gathered(several: Sequence[Escalation]) -> Message:
    """One message about everything that waited while Slack could not be reached."""
    text = _("{count} escalations that could not be posted earlier", count=len(several))
    shown = [blocks.section(f"*{text}*")]
    for escalation in several[:MOST]:
        shown.append(blocks.section(f"{headline(escalation)}\n{answers(escalation)} · {standing(escalation)}"))
        shown.extend(_buttons(escalation, OFFERED_TOGETHER))
    if len(several) > MOST:
        rest = _("And {count} more.", count=len(several) - MOST)
        shown.append(blocks.small(blocks.link(escalations_url(), rest)))
    return text, shown


def mentioned(person: str) -> str:
    """Somebody in a message in Slack."""
    return f"<@{person}>"


def answers(escalation: Escalation, called: Callable[[str], str] = mentioned) -> str:
    """Who answers for it now; `called` is how a person is written there."""
    if not is_person(escalation.person):
        return _("No owner was found. Please pick this up if you can.")
    role = _(escalation.role or ladder.NAMED)
    person = f"{called(escalation.person)} ({role})"
    return person + (
        " — " + _("no account owner is registered for this company") if escalation.role == "fallback" else ""
    )


def standing(escalation: Escalation, called: Callable[[str], str] = mentioned) -> str:
    """Its state, and who brought it there."""
    words = _(STATES[escalation.state])
    by = escalation.done_by if escalation.state == ladder.DONE else escalation.acknowledged_by
    return f"{words} · {called(by)}" if by else words


def _told(label: str, text: str) -> list[Block]:
    if not text.strip():
        return []
    shown = text if len(text) <= QUOTED else text[:QUOTED].rstrip() + "… " + _("(see its page for the rest)")
    return [blocks.section(f"*{_(label)}*"), blocks.section(blocks.quote(shown))]


def _judged(escalation: Escalation) -> list[Block]:
    if not escalation.churn_risk:
        return []
    said = f"{_('Churn risk')}: {_(escalation.churn_risk)}"
    label = _("What was done, and the outcome") if escalation.state == ladder.DONE else _("Next step")
    said += f" · {label}: {escape(escalation.next_step)}" if escalation.next_step else ""
    has_day = escalation.next_date and escalation.state != ladder.OPEN  # else it stands above
    day = promised_day(language(), escalation.next_date) if has_day else ""
    return [blocks.section(said + (f" · {_('Due date')}: {day}" if day else ""))]


def inherited(escalation: Escalation) -> str:
    """What the customer was promised before whoever is asked now has taken it; "" for nothing. Not escaped."""
    if escalation.state != ladder.OPEN or not escalation.next_date:
        return ""
    day = promised_day(language(), escalation.next_date)
    return _("Due {day}, as promised to the customer: {step}", day=day, step=escalation.next_step or escalation.gist)


def _small_print(escalation: Escalation) -> list[str]:
    by = f"<@{escalation.raised_by}>" if escalation.raised_by else escape(escalation.raised_by_name)
    told = [_("Raised by {name}", name=by or "?"), _moment(escalation.raised_at)]
    links = [(escalation.conversation_url, _("Conversation in Intercom"))]
    links.append((escalation_url(escalation.id), code(escalation.id)))
    if escalation.due_at is not None and escalation.state in ladder.UNFINISHED:
        told.append(_("Next reminder: {when}", when=_moment(escalation.due_at)))
    return told + [blocks.link(url, label) for url, label in links if url]


def _moment(at: int) -> str:
    """A moment as Slack shows it on its reader's clock; as ours shows it where Slack cannot."""
    return blocks.date(at // 1000, zoned(language(), at))


#: What can be done with an escalation in each state; and where a message shows several of them.
OFFERED = {
    ladder.OPEN: ("acknowledge", "hand_on", "dossier"),
    ladder.ACKNOWLEDGED: ("start", "finish", "judge", "hand_on", "dossier"),
    ladder.WORKING: ("finish", "judge", "hand_on", "dossier"),
    ladder.SHARED: ("dossier",),
    ladder.DONE: ("reopen", "dossier"),
}
OFFERED_TOGETHER = {
    ladder.OPEN: ("acknowledge", "hand_on"),
    ladder.ACKNOWLEDGED: ("start", "finish"),
    ladder.WORKING: ("finish", "hand_on"),
}
PRIMARY = {"acknowledge", "finish"}


def _buttons(escalation: Escalation, offered: Mapping[str, tuple[str, ...]] = OFFERED) -> list[Block]:
    """What can be done with it now; nothing where nothing is left to do."""
    buttons = [
        blocks.button(_(BUTTONS[name]), name, str(escalation.id), style="primary" if name in PRIMARY else "")
        for name in offered.get(escalation.state, ())
    ]
    return [blocks.actions(*buttons)] if buttons else []


BUTTONS = {
    "acknowledge": "Acknowledge",
    "start": "Start work",
    "finish": "Done",
    "hand_on": "Not mine – hand over",
    "judge": "Add assessment",
    "dossier": "Company history",
    "rearm": "Resume daily reminders",
    "reopen": "Reopen",
}


UNANSWERED = "This has not been acknowledged yet."
FOLLOW_UP = "What was the outcome? It was due for follow-up today."


def reminder(escalation: Escalation, *, stale: bool) -> Message:
    """A line below somebody's message, whose buttons still work; a stale one offers to be asked daily again."""
    asks = _(UNANSWERED) if escalation.state == ladder.OPEN else _(FOLLOW_UP)
    shown = [blocks.section(f"{asks}\n*{headline(escalation)}*")]
    if stale:
        shown.append(blocks.actions(blocks.button(_(BUTTONS["rearm"]), "rearm", str(escalation.id))))
    return f"{asks} {headline(escalation)}", shown


def climbed(escalation: Escalation, person: str, role: str) -> str:
    """The word in the channel's thread: who was asked."""
    if not is_person(person):
        return _("Nobody has acknowledged this yet.")
    return _("Asked {person} ({role}).", person=f"<@{person}>", role=_(role))


def line(text: str) -> Message:
    """A message of one line."""
    return text, [blocks.section(text)]


def escalated_as(code: str) -> Message:
    """What a suggestion says once it was followed."""
    return line(_("Escalated as {code}.", code=code))


GIVEN = "{name} handed this over to you. {note}"
GIVEN_BACK = "This is back with you. {note}"


def handed_over(escalation: Escalation, by: str, note: str) -> Message:
    """The line below a card that came from somebody else; what the customer was promised comes first."""
    told = _(GIVEN_BACK if by == name_of(escalation.person) else GIVEN, name=escape(by), note=escape(note)).strip()
    return line("\n".join(text for text in (escape(inherited(escalation)), told) if text))


def receipt(escalation: Escalation) -> Message:
    """What the agent who raised it sees: where it is now, and in the end what became of it."""
    text = f"{code(escalation.id)} {escape(escalation.company)}: {standing(escalation)}"
    shown = [
        blocks.section(f"*{text}*\n{escape(escalation.gist)}"),
        blocks.section(f"{_('Owner')}: {answers(escalation)}"),
        *([blocks.section(escape(promise))] if (promise := inherited(escalation)) else []),
        *_judged(escalation),
        blocks.small(*_small_print(escalation)),
    ]
    return text, shown


def result(escalation: Escalation) -> Message:
    """The reply to whoever raised it: how it ended."""
    return line(_("{code} is done: {step}", code=code(escalation.id), step=escape(escalation.next_step)))


def reopened(escalation: Escalation) -> Message:
    """The reply to whoever heard that it was done, and to whoever answers for it."""
    return line(_(REOPENED, code=code(escalation.id), owner=answers(escalation)))


def reopened_note(escalation: Escalation, ref: str) -> str:
    """The internal note of the same."""
    words = _(REOPENED, code=code(escalation.id), owner=name_of(escalation.person))
    return _note([words], escalation, ref)


REOPENED = "{code} was reopened: it is not done after all. Owner: {owner}"


def raised_note(escalation: Escalation, ref: str) -> str:
    """The internal note: this conversation was escalated, and to whom."""
    facts = {"code": code(escalation.id), "name": name_of(escalation.person)}
    sentence = ESCALATED if is_person(escalation.person) else NOBODY_YET
    return _note([_(sentence, **facts), headline_plain(escalation)], escalation, ref)


ESCALATED = "Escalated as {code} to {name}."
NOBODY_YET = "Escalated as {code}. No owner was found, so it is in the escalation channel."


def result_note(escalation: Escalation, ref: str) -> str:
    """The internal note: what became of it."""
    lines = [
        _("{code} is done ({name}).", code=code(escalation.id), name=name_of(escalation.done_by)),
        escalation.next_step,
        _("Churn risk: {risk}", risk=_(escalation.churn_risk or "none")),
    ]
    return _note(lines, escalation, ref)


def headline_plain(escalation: Escalation) -> str:
    """The headline where nothing is markup."""
    said = (_(REQUESTS[escalation.request].words), _urgency(escalation), escalation.gist)
    return shortened(" · ".join(each for each in said if each), 300)


def name_of(person: str) -> str:
    """A colleague's name; the id of somebody we do not know."""
    if not is_person(person):
        return _("not assigned yet")
    known = colleagues.recall(person)
    return known.name if known and known.name else person


def _note(lines: Sequence[str], escalation: Escalation, ref: str) -> str:
    url = escalation_url(escalation.id)
    link = f'<a href="{escaped(url, quote=True)}">{code(escalation.id)}</a>' if url else ""
    shown = [escaped(line).replace("\n", "<br>") for line in lines if line]
    return "".join(f"<p>{line}</p>" for line in (*shown, link, f"Ref {ref}") if line)
