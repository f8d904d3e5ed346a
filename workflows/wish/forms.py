"""The forms about a wish: what is known beside the quote, and a wish that somebody files by hand.

Pure, as `forms`. The same checks hold for Slack's modals, for the card beside a chat and for pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial

from integrations.intercom import conversation_in
from integrations.slack import blocks, views
from workflows.customer.fields import FIND, LINK, LONG, NEW, words
from workflows.language import titles
from workflows.language.text import shortened
from workflows.language.wording import say
from workflows.rules import KINDS as KNOWN_KINDS
from workflows.rules import rules
from workflows.rules.choices import LEVELS, PROMISES, words_of
from workflows.wish import promised
from workflows.wish.known import Wish
from workflows.wish.promised import Customer
from workflows.wish.similar import in_slack
from workflows.wish.similar.offered import Offered

#: What the choices mean, in the order in which they are offered.
KINDS = {kind: kind for kind in KNOWN_KINDS}
CHOICES = {"importance": words_of(LEVELS), "temperature": words_of(LEVELS), "kind": KINDS}
LABELS = {
    "background": "Background",
    "importance": "Importance",
    "temperature": "Customer temperature",
    "kind": "Type",
    "promise": "Promise",
    "company": "Company",
    "person": "Who asked",
    "quote": "The customer's words",
    "title": "Short title",
    "conversation": "Link to the conversation",
}
#: An answer that a choice needs although it says nothing: a button once chosen cannot be unchosen.
NOTHING = "none"
NOTHING_PROMISED = "Not told yet"
WHY = "What are they trying to do, and what do they do today?"
NEEDED = "Enter this or the importance."
ONE_OF_TWO = "Enter the background or the importance. One is enough."
NO_LINK = "This is not a link to an Intercom conversation. Copy it from the address bar."
#: Approved wordings that a form offers beside "nothing": Slack's radio buttons are ten at most.
MOST_PROMISES = 9
NAME = 100
#: What is asked of a wish that somebody files, beside what is asked about every wish.
FILED = ("company", "quote", "title", "person", "conversation", "kind")
TITLE = "Used on the agenda, in Jira and in drafts. If empty, the start of the quote is used."


@dataclass(frozen=True)
class Answers:
    """What somebody says about a wish beside the quote; "" for what they do not."""

    kind: str = ""
    background: str = ""
    importance: str = ""
    temperature: str = ""
    promise: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Answers:
        """What a form's values say; other fields are left out."""
        said = {field.name: values.get(field.name, "").strip() for field in fields(cls)}
        return cls(**{name: "" if text == NOTHING else text for name, text in said.items()})

    def __bool__(self) -> bool:
        """Does it say more than the kind?"""
        return any((self.background, self.importance, self.temperature, self.promise))


# -- what is wrong with an answer -----------------------------------------------------------------


def wrong(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with answers about a wish, by field; nothing where they say why or how important it is."""
    found, answers = wrong_choices(language, values), Answers.of(values)
    if answers.kind not in KINDS:
        found["kind"] = say(language, "Choose one.")
    if not answers.background and not answers.importance:
        found["background"] = say(language, ONE_OF_TWO)
    return found


def wrong_choices(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with what was answered; what was not is no fault."""
    answers, found = Answers.of(values), {}
    for name, choices in CHOICES.items():
        if getattr(answers, name) not in ("", *choices):
            found[name] = say(language, "Choose one.")
    if answers.promise and promised.named(answers.promise) is None:
        found["promise"] = say(language, "Choose one.")
    if len(answers.background) > LONG:
        found["background"] = say(language, "Shorten this to {n} characters.", n=LONG)
    return found


def wrong_filing(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a wish that somebody files by hand, by field. Its background may follow later."""
    said = {name: values.get(name, "").strip() for name in FILED}
    found = wrong_choices(language, values)
    if said["kind"] not in KINDS:
        found["kind"] = say(language, "Choose one.")
    if not said["company"].removeprefix(NEW).strip():
        found["company"] = say(language, "Choose the company, or type its name.")
    if not said["quote"]:
        found["quote"] = say(language, "Enter what the customer wants.")
    for name, longest in (("quote", LONG), ("title", titles.LONGEST), ("person", NAME), ("company", 2 * NAME)):
        if len(said[name]) > longest:
            found[name] = say(language, "Shorten this to {n} characters.", n=longest)
    if said["conversation"] and not conversation_in(said["conversation"]):
        found["conversation"] = say(language, NO_LINK)
    return found


# -- Slack ----------------------------------------------------------------------------------------


def background(language: str, wish: Wish, similar: Offered | None = None) -> blocks.Block:
    """What is known about a wish, to be filled in or changed; `similar`: None while that is looked for."""
    _, known = partial(say, language), wish.context
    answers = Answers(wish.kind)
    if known is not None:
        answers = Answers(known.kind, known.background, known.importance, known.temperature, known.promise)
    heading = f"FB-{wish.id} · {wish.company or _('(unknown)')}"
    return views.modal(
        "context",
        _("About this request"),
        [
            blocks.small(blocks.escape(heading)),
            blocks.section(blocks.quote(shortened(wish.quote, 600) or blocks.EMPTY)),
            *in_slack.choice(language, similar),
            *_asked(language, answers, wish.customer, NEEDED),
        ],
        submit=_("Save"),
        close=_("Cancel"),
        about=str(wish.id),
    )


@dataclass(frozen=True)
class Filing:
    """A wish that is to be filed by hand, as far as it is known. `company`: (what comes back, the words for it)."""

    company: views.Option | None = None
    quote: str = ""
    conversation: str = ""


def filing(language: str, filled: Filing, *, about: str, similar: Offered | None = None) -> blocks.Block:
    """A Slack message becomes a wish; `similar`: None while that is looked for."""
    _ = partial(say, language)
    return views.modal(
        "file_wish",
        _("File as a request"),
        [
            views.typeahead(
                "company",
                _("Company"),
                placeholder=_("Part of the company's name"),
                initial=filled.company,
                hint=_(FIND),
            ),
            views.text_input("person", _(LABELS["person"]), optional=True, longest=NAME),
            views.text_input("quote", _(LABELS["quote"]), multiline=True, initial=filled.quote, longest=LONG),
            _titled(language, titles.proposed(filled.quote)),
            *in_slack.choice(language, similar),
            *_asked(language, Answers("wish"), promised.speaker("", filled.quote, "slack")),
            views.text_input(
                "conversation", _(LABELS["conversation"]), initial=filled.conversation, optional=True, hint=_(LINK)
            ),
        ],
        submit=_("File"),
        close=_("Cancel"),
        about=about,
    )


def _titled(language: str, title: str) -> blocks.Block:
    _ = partial(say, language)
    return views.text_input(
        "title", _(LABELS["title"]), initial=title, longest=titles.LONGEST, optional=True, hint=_(TITLE)
    )


def _asked(language: str, answers: Answers, customer: Customer, needed: str = "") -> list[blocks.Block]:
    """The inputs that every form about a wish has; below the promises their sentences, to be copied."""
    _ = partial(say, language)
    return [
        views.text_input(
            "background",
            _(LABELS["background"]),
            multiline=True,
            initial=answers.background,
            longest=LONG,
            optional=True,
            hint=f"{_(WHY)} {_(needed)}",
        ),
        *(
            views.choice(
                name,
                _(LABELS[name]),
                words(language, choices),
                initial=getattr(answers, name) if getattr(answers, name) in choices else "",
                optional=name != "kind",
            )
            for name, choices in CHOICES.items()
        ),
        _promised(language, answers.promise),
        *_sentences(language, customer),
    ]


def _promised(language: str, chosen: str) -> blocks.Block:
    offered = offered_promises(language)
    initial = chosen if chosen in [name for name, _words in offered] else ""
    return views.choice("promise", say(language, LABELS["promise"]), offered, initial=initial, optional=True)


def offered_promises(language: str) -> Sequence[views.Option]:
    """The approved wordings that can be chosen, by what they let a customer expect; and that nothing was promised."""
    levels = [promise.level for promise in rules.promises]
    offered = [
        (
            each.name,
            say(language, PROMISES[each.level].words) + (f" ({each.name})" * (levels.count(each.level) > 1)),
        )
        for each in rules.promises[:MOST_PROMISES]
    ]
    return [*offered, (NOTHING, say(language, NOTHING_PROMISED))]


def _sentences(language: str, customer: Customer) -> list[blocks.Block]:
    shown = [blocks.small(say(language, "Paste this into the conversation:"))]
    for name, label in offered_promises(language)[:-1]:
        shown.append(blocks.section(f"*{blocks.escape(label)}*\n{blocks.quote(promised.sentence(name, customer))}"))
    return shown
