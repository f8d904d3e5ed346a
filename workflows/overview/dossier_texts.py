"""The dossier in Slack: a company on one screen, in the reply to `/dossier` or behind a button."""

from __future__ import annotations

import unicodedata
from functools import partial

from integrations.slack import blocks, is_person, views
from integrations.slack.blocks import Block, escape
from workflows.customer import companies
from workflows.engine.store import store
from workflows.escalation import cases, texts
from workflows.language.addresses import company_url, escalation_url, feedback_url
from workflows.language.text import shortened
from workflows.language.wording import date, promised_day, say
from workflows.overview.dossier import Dossier, of
from workflows.overview.life import ENDS
from workflows.rules.choices import CONCLUSIONS, REQUESTS
from workflows.tables.escalation import Escalation
from workflows.telling import promises
from workflows.telling.promises import Debt, Outstanding
from workflows.wish.wishes import code

#: Companies that a name may mean, offered when it is not clear; and promises that one block has room for.
MOST, PROMISES = 10, 12


def answer(language: str, typed: str) -> tuple[str, list[Block]]:
    """The answer to `/dossier あおば`: the dossier, or what to type instead."""
    _ = partial(say, language)
    if not typed:
        return _only(_("Type the company's name after the command."))
    found = store.read(partial(companies.named, typed=typed, most=MOST))
    if not found:
        return _only(_("No registered company is called “{name}”.", name=escape(typed[:60])))
    meant = [company for company in found if _is_same(company.name, typed)] or found
    if len(meant) > 1:
        names = "\n".join(f"• {blocks.link(company_url(company.id), company.name)}" for company in meant)
        return _only(_("Several companies match. Type more of the name:") + "\n" + names)
    dossier = store.read(partial(of, company_id=meant[0].id))
    assert dossier is not None
    return escape(dossier.company.name), summary(language, dossier)


def _is_same(name: str, typed: str) -> bool:
    return unicodedata.normalize("NFKC", name).casefold() == unicodedata.normalize("NFKC", typed).casefold()


def view(language: str, escalation: Escalation) -> Block:
    """The dossier of an escalation's company, as a view to be read."""
    dossier = store.read(partial(of, company_id=escalation.company_id or ""))
    title, close = say(language, "Company history"), say(language, "Close")
    if dossier is None:
        sentence = say(language, "This company is not registered yet, so nothing else is known about it.")
        return views.notice(title, [blocks.section(sentence)], close=close)
    return views.notice(title, summary(language, dossier), close=close)


def summary(language: str, dossier: Dossier) -> list[Block]:
    """The company on one screen: who answers, escalations, promises, temperature over time, wishes."""
    _ = partial(say, language)
    shown = [
        blocks.section(f"*{escape(dossier.company.name)}*\n{_people(language, dossier)}"),
        blocks.section(f"*{_('Escalations')}* ({dossier.escalations_total})\n{_escalations(language, dossier)}"),
    ]
    if dossier.temperatures:
        curve = " → ".join(f"{date(language, at)} {_(warmth)}" for at, warmth in dossier.temperatures)
        shown.append(blocks.section(f"*{_('Customer temperature')}*\n{curve}"))
    if dossier.promises:
        heading = f"*{_('Open promises')}* ({len(dossier.promises)})"
        shown.append(blocks.section(f"{heading}\n{_promises(language, dossier.promises)}"))
    shown.append(blocks.section(f"*{_('Requests')}* ({dossier.wishes_total})\n{_wishes(language, dossier)}"))
    if url := company_url(dossier.company.id):
        shown.append(blocks.small(blocks.link(url, _("Open company page"))))
    return shown


def _people(language: str, dossier: Dossier) -> str:
    named = [
        f"{say(language, role)}: {_person(dossier.people[role])}"
        for role in ("owner", "deputy", "manager")
        if dossier.people.get(role)
    ]
    return " · ".join(named) or say(language, "No account owner is registered.")


def _person(person: str) -> str:
    return f"<@{person}>" if is_person(person) else escape(person)


def _escalations(language: str, dossier: Dossier) -> str:
    lines = []
    for each in dossier.escalations:
        name = blocks.link(escalation_url(each.id), cases.code(each.id)) or cases.code(each.id)
        state, request = say(language, texts.STATES[each.state]), say(language, REQUESTS[each.request].words)
        lines.append(
            f"• {date(language, each.raised_at)} {name} {request} · {state} · {escape(shortened(each.gist, 80))}"
        )
    return "\n".join(lines) or say(language, "None yet.")


def _promises(language: str, promised: Outstanding) -> str:
    """What can be reported now comes first, then the promised days, then what waits."""
    days = [
        f"• {promised_day(language, each.next_date)} {escape(shortened(each.next_step or each.gist, 80))}"
        for each in promised.days
    ]
    due, ready, release, opened = (
        [_report(language, debt) for debt in promised.of(state)] for state in promises.STATES
    )
    lines = [*due, *ready, *days, *release, *opened][:PROMISES]
    rest = len(promised) - len(lines)
    return "\n".join([*lines, say(language, "And {count} more.", count=rest)] if rest else lines)


def _report(language: str, debt: Debt) -> str:
    """One customer who is owed word of a wish, and what that waits for."""
    id = debt.voice.feedback_id
    link = blocks.link(feedback_url(id), code(id)) or code(id)
    return f"• {link} {say(language, promises.WORDS[debt.state])} · {escape(shortened(debt.voice.quote, 80))}"


def _wishes(language: str, dossier: Dossier) -> str:
    lines = []
    for card in dossier.wishes:
        name, stage = code(card.feedback_id), say(language, card.life.words) if card.life else ""
        link = blocks.link(feedback_url(card.feedback_id), name) or name
        ended = [say(language, CONCLUSIONS[card.conclusion].words)] if card.conclusion in ENDS else []
        lines.append(f"• {link} {' · '.join((*ended, stage, escape(shortened(card.quote, 80))))}")
    return "\n".join(lines) or say(language, "None yet.")


def _only(text: str) -> tuple[str, list[Block]]:
    return text, [blocks.section(text)]
