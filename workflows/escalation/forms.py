"""The forms that people fill in, in Slack or beside a chat in Intercom: their fields, and what is wrong with an answer.

Pure: a form is built from what is known already, so that it opens within Slack's three seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import partial

from integrations.intercom import conversation_in
from integrations.slack import blocks, is_person, views
from workflows.customer.fields import CHAT, FIND, LINK, LONG, NEW, is_day, today, words
from workflows.escalation.cases import CLOSING as CLOSING
from workflows.escalation.cases import TAKING as TAKING
from workflows.language.wording import say
from workflows.rules.choices import CHURN_RISKS, LEVELS, REQUESTS, URGENCIES, words_of
from workflows.tables.escalation import Escalation

#: What the choices mean, in the order in which they are offered: the value that is kept, and the words for it.

CHOICES = {"request": words_of(REQUESTS), "urgency": words_of(URGENCIES), "temperature": words_of(LEVELS)}


GIST, STEP = 150, 500
#: Nobody promises for later; and a slip of the pen is not a reason to forget a customer.
FAR = timedelta(days=731)


@dataclass(frozen=True)
class Filled:
    """An escalation as far as it is filled in. `company` is the id of one we know, or `new:` and a name."""

    company: str = ""
    request: str = ""
    urgency: str = ""
    temperature: str = ""
    gist: str = ""
    history: str = ""
    tried: str = ""
    conversation: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Filled:
        """What a form's values say; fields that are no business of an escalation are left out."""
        return cls(**{field.name: values.get(field.name, "").strip() for field in fields(cls)})


def meant(inputs: Mapping[str, str]) -> Filled:
    """What a workflow's step says, whose builder maps words rather than our values: 対応依頼, Urgent, now …"""
    filled = Filled.of({**inputs, "conversation": inputs.get("conversation_url", "")})
    chosen = {name: _meant(getattr(filled, name), choices) for name, choices in CHOICES.items()}
    company = filled.company if not filled.company or filled.company.startswith(NEW) else NEW + filled.company
    gist = " ".join(filled.gist.split())[:GIST]
    return replace(filled, **chosen, company=company, gist=gist, history=filled.history or gist)


def _meant(text: str, choices: Mapping[str, str]) -> str:
    said = text.strip().casefold()
    for value, label in choices.items():
        if said in (value, label.casefold(), say("ja", label).casefold()):
            return value
    return text


def escalate(language: str, filled: Filled, company: str = "", *, about: str = "") -> blocks.Block:
    """The form of an escalation. `company` is the name of the company that is filled in by its id."""
    _ = partial(say, language)
    behind_link = _("Company in this conversation") if filled.company.startswith(CHAT) else ""
    known = (filled.company, company or behind_link or filled.company.removeprefix(NEW)) if filled.company else None
    return views.modal(
        "escalate",
        _("Escalate"),
        [
            views.typeahead(
                "company", _("Company"), placeholder=_("Part of the company's name"), initial=known, hint=_(FIND)
            ),
            *(_choice(language, name, getattr(filled, name)) for name in CHOICES),
            views.text_input(
                "gist",
                _("Summary"),
                initial=filled.gist,
                longest=GIST,
                hint=_("One sentence. It is the first thing people see."),
            ),
            views.text_input("history", _("History"), multiline=True, initial=filled.history, longest=LONG),
            views.text_input(
                "tried", _("Tried so far"), multiline=True, initial=filled.tried, optional=True, longest=LONG
            ),
            views.text_input(
                "conversation", _("Link to the conversation"), initial=filled.conversation, optional=True, hint=_(LINK)
            ),
        ],
        submit=_("Send"),
        close=_("Cancel"),
        about=about,
    )


LABELS = {"request": "What is needed", "urgency": "Urgency", "temperature": "Customer temperature"}


def _choice(language: str, name: str, initial: str) -> blocks.Block:
    options = words(language, CHOICES[name])
    return views.choice(name, say(language, LABELS[name]), options, initial=initial if initial in CHOICES[name] else "")


def wrong(language: str, filled: Filled) -> dict[str, str]:
    """What is wrong with what is filled in, by field; nothing if it may be raised."""
    _ = partial(say, language)
    found = {name: _("Choose one.") for name, choices in CHOICES.items() if getattr(filled, name) not in choices}
    if not filled.company.removeprefix(NEW).strip():
        found["company"] = _("Choose the company, or type its name.")
    if not filled.gist:
        found["gist"] = _("Summarize it in one sentence.")
    elif len(filled.gist) > GIST:
        found["gist"] = _("Shorten this to {n} characters.", n=GIST)
    if not filled.history:
        found["history"] = _("Describe what has happened so far.")
    for name in ("history", "tried"):
        if len(getattr(filled, name)) > LONG:
            found[name] = _("Shorten this to {n} characters.", n=LONG)
    if filled.conversation and not conversation_in(filled.conversation):
        found["conversation"] = _("This is not a link to an Intercom conversation. Copy it from the address bar.")
    return found


@dataclass(frozen=True)
class About:
    """What the form of a judgement is about: when it is asked for, of which escalation, and what was said until then
    (`judged`; "" where nobody looks for that)."""

    phase: str
    id: str
    seen: str = ""

    @classmethod
    def read(cls, text: str) -> About:
        """The same back from `done:12` and a further line."""
        first, _, seen = text.partition("\n")
        phase, _, id = first.partition(":")
        return cls(phase, id, seen)

    def __str__(self) -> str:
        return f"{self.phase}:{self.id}\n{self.seen}"


def judged(escalation: Escalation) -> str:
    """A mark of what it was judged to be: with another one, somebody has judged it meanwhile."""
    said = "/".join((escalation.churn_risk, escalation.next_date, escalation.next_step))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def judgement(language: str, escalation: Escalation) -> str:
    """What it was judged to be, in a line."""
    risk = say(language, CHURN_RISKS[escalation.churn_risk].words) if escalation.churn_risk in CHURN_RISKS else ""
    return " · ".join(each for each in (risk, escalation.next_step, escalation.next_date) if each)


#: Above the form, where somebody else has judged it since it was opened.
JUDGED = "Somebody saved an assessment while you were writing: {said} To replace it with yours, send this again."


def judge(language: str, escalation: Escalation, phase: str, typed: Mapping[str, str] | None = None) -> blocks.Block:
    """What the owner thinks: asked on acknowledging (`ack`) and on closing (`done`). `typed`: what they wrote already,
    without having seen what somebody else has said."""
    _ = partial(say, language)
    closing, values = phase == CLOSING, typed or {}
    said = blocks.escape(judgement(language, escalation))
    step = _("What was done, and the outcome") if closing else _("Next step")
    risks, day = words(language, words_of(CHURN_RISKS)), values.get("next_date", "") if typed else escalation.next_date
    return views.modal(
        "judge",
        _("Mark {code} as done", code=f"E-{escalation.id}") if closing else _("Your assessment"),
        [
            *([blocks.section(_(JUDGED, said=said))] if typed else []),
            blocks.small(blocks.escape(f"{escalation.company} · {escalation.gist}")),
            views.choice("churn_risk", _("Churn risk"), risks, initial=values.get("churn_risk", escalation.churn_risk)),
            views.text_input("next_step", step, multiline=True, initial=values.get("next_step", ""), longest=STEP),
            views.date_input("next_date", _("Due date"), initial=day, optional=True, hint=_(ASKS)),
        ],
        submit=_("Mark as done") if closing else _("Save"),
        close=_("Cancel") if closing else _("Later"),
        about=str(About(phase, str(escalation.id), judged(escalation))),
    )


ASKS = "You will be asked on that day whether it was done."


def wrong_judgement(language: str, values: Mapping[str, str], phase: str) -> dict[str, str]:
    """What is wrong with a judgement, by field."""
    found = {} if values.get("churn_risk") in CHURN_RISKS else {"churn_risk": say(language, "Choose one.")}
    step = values.get("next_step", "").strip()
    if not step:
        found["next_step"] = say(language, "Enter one sentence. The agent will see it.")
    elif len(step) > STEP:
        found["next_step"] = say(language, "Shorten this to {n} characters.", n=STEP)
    day = values.get("next_date", "")
    if day and not (is_day(day) and is_near(date.fromisoformat(day), closing=phase == CLOSING)):
        found["next_date"] = say(language, "Choose a date between today and two years from now.")
    return found


def is_near(day: date, *, closing: bool) -> bool:
    """Can a promise be kept on that day? On closing it may be over already."""
    return (closing or day >= today()) and abs(day - today()) <= FAR


def hand_on(language: str, escalation: Escalation) -> blocks.Block:
    """To whom it goes instead, and why."""
    _ = partial(say, language)
    return views.modal(
        "hand_on",
        _("Hand over"),
        [
            blocks.small(blocks.escape(f"{escalation.company} · {escalation.gist}")),
            views.user_select("person", _("Hand over to")),
            views.text_input("note", _("Handover note"), optional=True, longest=STEP),
        ],
        submit=_("Hand over"),
        close=_("Cancel"),
        about=str(escalation.id),
    )


def wrong_hand_on(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the form of handing on, by field."""
    found = {} if is_person(values.get("person", "")) else {"person": say(language, "Choose one.")}
    if len(values.get("note", "").strip()) > STEP:
        found["note"] = say(language, "Shorten this to {n} characters.", n=STEP)
    return found


def owners(language: str, company: views.Option | None, people: Mapping[str, str]) -> blocks.Block:
    """Who answers for a company. A person known by e-mail only cannot be chosen beforehand, but is told.

    `about` is the company whose people the form shows: whom it takes out, was in it.
    """
    _ = partial(say, language)
    chosen = {role: person for role, person in people.items() if is_person(person)}
    told = [f"{_(role)}: {person}" for role, person in people.items() if role not in chosen]
    return views.modal(
        "owners",
        _("Owner"),
        [
            views.typeahead("company", _("Company"), placeholder=_("Part of the company's name"), initial=company),
            *([blocks.small(blocks.escape(" · ".join(told)))] if told else []),
            views.user_select("owner", _("owner"), initial=chosen.get("owner", "")),
            views.user_select("deputy", _("deputy"), initial=chosen.get("deputy", ""), optional=True),
            views.user_select("manager", _("manager"), initial=chosen.get("manager", ""), optional=True),
        ],
        submit=_("Save"),
        close=_("Cancel"),
        about=company[0] if company else "",
    )
