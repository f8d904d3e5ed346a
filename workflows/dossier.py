"""The dossier in Slack: a company on one screen, in the reply to `/dossier` or behind a button."""

from __future__ import annotations

from functools import partial

from integrations.slack import blocks, views
from integrations.slack.blocks import Block, escape
from workflows import escalation_texts, forms
from workflows.pages import company_url, escalation_url, feedback_url
from workflows.records import dossier as records
from workflows.records import escalations
from workflows.records.dossier import Dossier
from workflows.records.escalation_tables import Escalation
from workflows.records.feedback import code
from workflows.store import store
from workflows.texts import shortened
from workflows.wording import date, say

#: The stations of the loop, in the words of the loop's page.
STATIONS = {
    "feedback": "Feedback",
    "decision": "Decision",
    "issue": "Development",
    "reopened": "Reopened",
    "told": "Told",
}
#: Companies that a name may mean, offered when it is not clear.
MOST = 10


def reply(language: str, typed: str) -> tuple[str, list[Block]]:
    """The answer to `/dossier あおば`: the dossier, or what to type instead."""
    _ = partial(say, language)
    if not typed:
        return _only(_("Type the company's name after the command."))
    found = store.read(partial(escalations.named, typed=typed, most=MOST))
    if not found:
        return _only(_("No company on record is called “{name}”.", name=escape(typed[:60])))
    if len(found) > 1 and found[0].name != typed:
        names = "\n".join(f"• {escape(company.name)}" for company in found)
        return _only(_("Several companies match. Type more of the name:") + "\n" + names)
    dossier = store.read(partial(records.of, company_id=found[0].id))
    assert dossier is not None
    return escape(dossier.company.name), summary(language, dossier)


def view(language: str, escalation: Escalation) -> Block:
    """The dossier of an escalation's company, as a view to be read."""
    dossier = store.read(partial(records.of, company_id=escalation.company_id or ""))
    title, close = say(language, "The company so far"), say(language, "Close")
    if dossier is None:
        sentence = say(language, "This company is not on record yet: nothing else is known of it.")
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
        curve = " → ".join(f"{date(language, at)[5:]} {_(warmth)}" for at, warmth in dossier.temperatures)
        shown.append(blocks.section(f"*{_('Customer temperature')}*\n{curve}"))
    if dossier.promises:
        kept = "\n".join(f"• {each.next_date} {escape(each.next_step or each.gist)}" for each in dossier.promises)
        shown.append(blocks.section(f"*{_('Promises outstanding')}*\n{kept}"))
    shown.append(blocks.section(f"*{_('Wishes')}* ({dossier.wishes_total})\n{_wishes(language, dossier)}"))
    if url := company_url(dossier.company.id):
        shown.append(blocks.context(blocks.link(url, _("Everything about this company"))))
    return shown


def _people(language: str, dossier: Dossier) -> str:
    named = [
        f"{say(language, role)}: {_person(dossier.people[role])}"
        for role in ("owner", "deputy", "manager")
        if dossier.people.get(role)
    ]
    return " · ".join(named) or say(language, "Nobody is on record as its owner.")


def _person(person: str) -> str:
    return f"<@{person}>" if person.startswith(("U", "W")) and person.isalnum() else escape(person)


def _escalations(language: str, dossier: Dossier) -> str:
    lines = []
    for each in dossier.escalations:
        name = blocks.link(escalation_url(each.id), escalations.code(each.id)) or escalations.code(each.id)
        state, request = say(language, escalation_texts.STATES[each.state]), say(language, forms.REQUESTS[each.request])
        lines.append(
            f"• {date(language, each.raised_at)} {name} {request} · {state} · {escape(shortened(each.gist, 80))}"
        )
    return "\n".join(lines) or say(language, "None so far.")


def _wishes(language: str, dossier: Dossier) -> str:
    lines = []
    for wish in dossier.wishes:
        name, station = code(wish.card.feedback_id), say(language, STATIONS.get(wish.station, "Feedback"))
        link = blocks.link(feedback_url(wish.card.feedback_id), name) or name
        lines.append(f"• {link} {station} · {escape(shortened(wish.card.quote, 80))}")
    return "\n".join(lines) or say(language, "None so far.")


def _only(text: str) -> tuple[str, list[Block]]:
    return text, [blocks.section(text)]
