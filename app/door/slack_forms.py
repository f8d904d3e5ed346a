"""The forms of our Slack app: what is wrong with one that was sent, and what its sender sees once it is accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.door import slack_reply, slack_similar
from app.door.slack_desk import with_notice
from integrations.slack import FormSubmitted, blocks, views
from workflows.customer import companies, fields
from workflows.engine.store import store
from workflows.enquiry import asking_forms, know_how_forms, reply_forms
from workflows.escalation import answers, cases, forms, ladder
from workflows.language.wording import say
from workflows.tables.escalation import Escalation
from workflows.wish import filing, known, promised, wishes
from workflows.wish import forms as forms_wish
from workflows.wish.known import Wish
from workflows.wish.promised import Customer

RECEIVED = "Received. The owner is being notified, and you will get updates by direct message."
KEPT = "Saved. The Productboard note will be updated shortly."
FILED = "Received. A line below the message will show how it was filed."
COPY = "Paste this into the conversation:"


# -- what is wrong --------------------------------------------------------------------------------


def _judgement(language: str, event: FormSubmitted) -> dict[str, str]:
    about = forms.About.read(event.about)
    id = cases.id_of(about.id)
    escalation = store.read(lambda session: session.get(Escalation, id)) if id else None
    if escalation is not None and escalation.state == ladder.DONE:
        return {"next_step": say(language, answers.OVER, code=cases.code(escalation.id))}
    return forms.wrong_judgement(language, event.values, about.phase)


def _owners(language: str, event: FormSubmitted) -> dict[str, str]:
    if companies.is_known(event.values.get("company", "")):
        return {}
    return {
        "company": say(language, "Choose a registered company. New companies are added once they write in Intercom.")
    }


#: What is wrong with a form that was sent, by its fields.
CHECKS: dict[str, Callable[[str, FormSubmitted], dict[str, str]]] = {
    "escalate": lambda language, event: forms.wrong(language, forms.Filled.of(event.values)),
    "judge": _judgement,
    "hand_on": lambda language, event: forms.wrong_hand_on(language, event.values),
    "owners": _owners,
    "context": lambda language, event: (
        forms_wish.wrong(language, event.values)
        | slack_similar.wrong(language, event.values, wishes.id_of(event.about) or 0)
    ),
    "file_wish": lambda language, event: (
        filing.problems(language, event.values) | slack_similar.wrong(language, event.values, 0)
    ),
    "ask_colleagues": lambda language, event: asking_forms.wrong(language, event.values, event.user_id),
    "mark_answer": lambda language, event: asking_forms.wrong_answer(language, event.values),
    "keep_answer": lambda language, event: know_how_forms.wrong(language, event.values),
    "send_reply": lambda language, event: reply_forms.wrong_text(language, event.values.get("text", "")),
}


# -- what follows at once -------------------------------------------------------------------------


def doubt(language: str, event: FormSubmitted) -> dict[str, Any] | None:
    """What its sender has to look at before they send it once more; None where nothing is in the way."""
    if event.form == "judge":
        about = forms.About.read(event.about)
        row = answers.judged_meanwhile(about, event.values)
        return (
            views.replace(with_notice(language, forms.judge(language, row, about.phase, event.values))) if row else None
        )
    return slack_reply.doubt(language, event) if event.form == "send_reply" else None


def after(language: str, event: FormSubmitted) -> dict[str, Any] | None:
    """What its sender sees instead of a form that was accepted; None where it just closes."""
    if event.form == "escalate":
        return views.replace(fields.notice(language, "Escalate", say(language, RECEIVED)))
    if event.form == "context":
        wish = wish_named(event.about)
        return _with_sentence(language, "About this request", KEPT, event, wish.customer if wish else Customer())
    if event.form == "file_wish":
        return _with_sentence(language, "File as a request", FILED, event, _customer(event.values))
    if event.form == "send_reply":
        return views.clear()
    return None


def _customer(values: Mapping[str, str]) -> Customer:
    """Whoever said what is filed; where a conversation is named, they are answered there."""
    source = "intercom" if values.get("conversation", "").strip() else "slack"
    return promised.speaker(values.get("person", ""), values.get("quote", ""), source)


def _with_sentence(language: str, title: str, said: str, event: FormSubmitted, customer: Customer) -> dict[str, Any]:
    """A word, and the promise that was chosen, ready to be copied."""
    sentence = promised.sentence(forms_wish.Answers.of(event.values).promise, customer)
    shown = [blocks.section(say(language, said))]
    if sentence:
        shown += [blocks.small(say(language, COPY)), blocks.section(blocks.quote(sentence))]
    return views.replace(views.notice(say(language, title), shown, close=say(language, "Close")))


def wish_named(text: str) -> Wish | None:
    """The wish of a number, None where there is none."""
    id = wishes.id_of(text)
    return store.read(lambda session: known.one(session, id)) if id else None
