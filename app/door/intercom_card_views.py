"""What the card beside a chat shows: its wishes with their state, the two forms, and what is said once one was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from integrations.intercom import canvas
from integrations.intercom.canvas import Component
from workflows.customer import companies, fields
from workflows.engine.store import store
from workflows.escalation import cases, forms, texts
from workflows.language import dry
from workflows.language.text import _, language, shortened
from workflows.overview import lives
from workflows.people.may import NOT_YOURS
from workflows.rules import current, rules
from workflows.wish import forms as forms_wish
from workflows.wish import known as contexts
from workflows.wish import promised
from workflows.wish.forms import NOTHING
from workflows.wish.known import Wish
from workflows.wish.promised import Customer
from workflows.wish.wishes import code, id_of

#: The buttons. What stands behind `wish:` is the wish's number.
SEND, AGAIN, HOME, ESCALATE, WISH = "send", "again", "home", "escalate", "wish:"
#: The form about a wish.
CONTEXT = "context"
#: Wishes that are shown, the newest; and open escalations.
MOST, MOST_OPEN = 8, 3
#: The newest, below which similar ones stand.
MOST_COMPARED = 3
RECEIVED = "Received. The owner is being notified, and the outcome will be noted here."
RECEIVED_DRY = "Received. Because of the dry run, nobody is notified."
SAVED = "Saved. The Productboard note will be updated shortly."
SAVED_DRY = "Saved here. Because of the dry run, the Productboard note is not updated."

Card = dict[str, Any]


# -- what there is --------------------------------------------------------------------------------


def wishes_in(conversation_id: str) -> list[Wish]:
    """What was filed from a conversation."""
    return store.read(lambda session: contexts.of_chat(session, conversation_id, MOST))


def wish_in(conversation_id: str, number: str) -> Wish | None:
    """The wish of this number, if it was filed from this conversation."""
    id = id_of(number)
    wish = store.read(partial(contexts.one, feedback_id=id)) if id else None
    return wish if wish is not None and wish.conversation_id == conversation_id else None


def refused() -> Card:
    """What somebody is told whose role does not allow it."""
    return canvas.canvas([canvas.text(_(NOT_YOURS), style="error")])


def is_empty(conversation_id: str) -> bool:
    """Was nothing filed from this conversation, and is nothing open for it?"""
    return not wishes_in(conversation_id) and not open_ones(conversation_id)


def home(
    conversation_id: str, said: Sequence[Component] = (), below: Callable[[Wish], list[Component]] = lambda wish: []
) -> Card:
    """What is open for this conversation, what was filed from it, and a button for each thing to do.

    `said` stands first; `below`: what stands below each of the newest.
    """
    shown, filed = [*said, *open_ones(conversation_id)], wishes_in(conversation_id)
    known = store.read(partial(lives.of, ids=[wish.id for wish in filed]))
    for wish in filed:
        state = f"{_(known[wish.id].words)} · {_('Background added') if wish.is_filled else _('No background yet')}"
        label = _("Edit") if wish.is_filled else _("Add background and importance")
        style = "secondary" if wish.is_filled else "primary"
        shown += [
            canvas.text(f"{code(wish.id)} {_(wish.kind)} · {state}", style="muted"),
            canvas.text(f"「{shortened(wish.quote, 200)}」"),
            canvas.button(f"{WISH}{wish.id}", label, style=style),
            *(below(wish) if wish in filed[-MOST_COMPARED:] else []),
        ]
    return canvas.canvas([*shown, canvas.divider(), canvas.button(ESCALATE, _("Escalate"), style="secondary")])


def open_ones(conversation_id: str) -> list[Component]:
    """What was raised about this conversation and is not done."""
    company = store.read(partial(companies.company_of_chat, conversation_id=conversation_id))
    found = store.read(
        partial(cases.unfinished_of, company_id=company.id if company else "", conversation_id=conversation_id)
    )
    lines = []
    for each in found[:MOST_OPEN]:
        state = _(texts.STATES[each.state])
        name = texts.name_of(each.person)
        lines.append(canvas.text(f"{cases.code(each.id)} {state} · {name} · {each.gist}", style="muted"))
    return [*lines, canvas.divider()] if lines else []


# -- the forms ------------------------------------------------------------------------------------


def escalation(conversation_id: str, values: Mapping[str, str], wrong: Mapping[str, str], key: str) -> Card:
    """The escalation's form, below what is wrong with it and what is open for this conversation."""
    labels = {**forms.LABELS, "gist": "Summary", "history": "History", "tried": "Tried so far"}
    shown = [*_errors(labels, wrong), *open_ones(conversation_id), canvas.text(_("Escalate"), style="header")]
    for name, choices in forms.CHOICES.items():
        options, value = fields.words(rules.language, choices), values.get(name, "")
        shown.append(canvas.dropdown(name, _(forms.LABELS[name]), options, value=value, failed=name in wrong))
    shown.append(canvas.text_input("gist", _("Summary"), value=values.get("gist", ""), failed="gist" in wrong))
    for name, label in (("history", "History"), ("tried", "Tried so far")):
        shown.append(canvas.textarea(name, _(label), value=values.get(name, ""), failed=name in wrong))
    return _form(shown, {"key": key, "form": ESCALATE})


def known(wish: Wish) -> dict[str, str]:
    """What the form about a wish is filled in with."""
    context = wish.context
    called = {"title": wish.title, "kind": wish.kind}
    if context is None:
        return called
    fields = ("kind", "background", "importance", "temperature", "promise")
    return called | {name: getattr(context, name) for name in fields}


def context(wish: Wish, values: Mapping[str, str], key: str, wrong: Mapping[str, str] | None = None) -> Card:
    """The form about a wish, below what is wrong with it."""
    failed = wrong or {}
    shown = [
        *_errors(forms_wish.LABELS, failed),
        canvas.text(_("About this request"), style="header"),
        canvas.text(f"{code(wish.id)}「{shortened(wish.quote, 300)}」", style="muted"),
        canvas.text_input(
            "title", _(forms_wish.LABELS["title"]), value=values.get("title", ""), failed="title" in failed
        ),
        canvas.textarea(
            "background",
            _(forms_wish.LABELS["background"]),
            value=values.get("background", ""),
            placeholder=_(forms_wish.WHY),
            failed="background" in failed,
        ),
    ]
    for name, choices in forms_wish.CHOICES.items():
        shown.append(_menu(name, fields.words(rules.language, choices), values.get(name, ""), failed))
    shown.append(
        _menu("promise", forms_wish.offered_promises(rules.language), values.get("promise", "") or NOTHING, failed)
    )
    stored = {"key": key, "form": CONTEXT, "about": str(wish.id)}
    return _form(shown, stored, [canvas.button(HOME, _("Back"), style="secondary")])


def _menu(name: str, options: Sequence[tuple[str, str]], value: str, failed: Mapping[str, str]) -> Component:
    return canvas.dropdown(name, _(forms_wish.LABELS[name]), options, value=value, failed=name in failed)


def _errors(labels: Mapping[str, str], wrong: Mapping[str, str]) -> list[Component]:
    """What is wrong, by field; it stands first, for a card is taller than the Inbox shows of it."""
    return [canvas.text(f"{_(labels.get(name, name))}: {why}", style="error") for name, why in wrong.items()]


def _form(shown: list[Component], stored: Mapping[str, str], more: list[Component] | None = None) -> Card:
    return canvas.canvas([*_notice(), *shown, canvas.button(SEND, _("Send")), *(more or [])], stored)


def _notice() -> list[Component]:
    """That what is sent here reaches nobody, where that is so."""
    return [canvas.text(words, style="header")] if (words := dry.words(language())) else []


# -- what was sent --------------------------------------------------------------------------------


def escalated() -> Card:
    """It is on its way."""
    buttons = [
        canvas.button(AGAIN, _("Send another"), style="secondary"),
        canvas.button(HOME, _("Back"), style="secondary"),
    ]
    is_dry = current.dry_run().covers("escalation")
    return canvas.canvas([canvas.text(_(RECEIVED_DRY if is_dry else RECEIVED)), *buttons])


def noted(promise: str, customer: Customer) -> Card:
    """It is kept; and the sentence that was promised, ready to be copied."""
    shown = [canvas.text(_(SAVED_DRY if current.dry_run().covers("feedback") else SAVED))]
    if sentence := promised.sentence(promise, customer):
        shown += [canvas.text(_("Paste this into the conversation:"), style="muted"), canvas.text(sentence)]
    return canvas.canvas([*shown, canvas.button(HOME, _("Back"), style="secondary")])
