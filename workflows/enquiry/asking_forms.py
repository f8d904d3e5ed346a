"""The forms with which somebody asks colleagues about a chat, and marks what they answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from integrations.slack import blocks, is_person, views
from workflows.customer.fields import words
from workflows.enquiry.asks import Spot
from workflows.language.text import shortened
from workflows.language.wording import say
from workflows.people import duty
from workflows.rules import rules
from workflows.tables.enquiry import Ask

#: Characters of a question, of an answer as it is kept, and of a question where one is chosen.
QUESTION, ANSWER, NAMED = 1000, 3000, 70
IN_THREAD, DIRECT = "thread", "direct"
WAYS = {IN_THREAD: "In the thread", DIRECT: "Privately, in direct messages"}
WHOM = "Those who are on shift now are asked; where nobody is, everybody with the skill is."
KEPT = "This is what is kept. Take out what belongs only to this conversation."
REUSED = "Once it is saved, a button below the question makes it a reusable answer."


# -- asking ---------------------------------------------------------------------------------------


def asking(language: str, conversation_id: str, by: str, at: int) -> blocks.Block:
    """Somebody asks colleagues: those with a skill or, where the rules know no skills, one by name."""
    _ = partial(say, language)
    return views.modal(
        "ask_colleagues",
        _("Ask colleagues"),
        [
            _whom(language, by, at),
            views.text_input("question", _("Question"), multiline=True, longest=QUESTION),
            views.choice("way", _("Where to ask"), words(language, WAYS), initial=IN_THREAD),
        ],
        submit=_("Ask"),
        close=_("Cancel"),
        about=conversation_id,
    )


def _whom(language: str, by: str, at: int) -> blocks.Block:
    offered = skills()
    if not offered:
        return views.user_select("person", say(language, "Who to ask"))
    shown = [(skill, _with_count(language, skill, len(duty.on_shift(skill, at, but=by)))) for skill in offered]
    return views.menu("skill", say(language, "Skill"), shown, hint=say(language, WHOM))


def skills() -> list[str]:
    """The skills that can be chosen: as many as a menu of Slack holds."""
    return [name for name in rules.skills if 0 < len(name) <= views.OPTION_VALUE][: views.SELECT_OPTIONS]


def _with_count(language: str, skill: str, n: int) -> str:
    """A skill, and how many with it are on shift."""
    return say(language, "{skill} ({n} on shift)", skill=shortened(skill, NAMED - 20), n=n)


def wrong(language: str, values: Mapping[str, str], by: str) -> dict[str, str]:
    """What is wrong with a question, by its fields."""
    question, found = values.get("question", "").strip(), {}
    if "skill" in values and values["skill"] not in skills():
        found["skill"] = say(language, "Choose one.")
    if "skill" not in values and not is_person(values.get("person", "")):
        found["person"] = say(language, "Choose one.")
    if values.get("person") == by:
        found["person"] = say(language, "Choose somebody else.")
    if not question:
        found["question"] = say(language, "Enter your question.")
    if len(question) > QUESTION:
        found["question"] = say(language, "Shorten this to {n} characters.", n=QUESTION)
    if values.get("way") not in WAYS:
        found["way"] = say(language, "Choose one.")
    return found


# -- marking --------------------------------------------------------------------------------------


def marking(language: str, questions: Sequence[Ask], spot: Spot, text: str) -> blocks.Block:
    """What was written at this spot becomes the answer: to the only question there is, or to one of several."""
    _ = partial(say, language)
    only = questions[0] if len(questions) == 1 else None
    named = [(str(ask.id), shortened(ask.question, NAMED) or blocks.EMPTY) for ask in questions]
    asked = blocks.section(blocks.quote(only.question or blocks.EMPTY)) if only else None
    return views.modal(
        "mark_answer",
        _("Answer to a question"),
        [
            asked or views.menu("ask", _("Question"), named, initial=named[0][0]),
            views.text_input("answer", _("The answer"), multiline=True, initial=text, longest=ANSWER, hint=_(KEPT)),
            blocks.small(_(REUSED)),
        ],
        submit=_("Save"),
        close=_("Cancel"),
        about=str(Spot(spot.channel, spot.thread, spot.author, str(only.id) if only else "")),
    )


def wrong_answer(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with an answer, by its field."""
    answer = values.get("answer", "").strip()
    if not answer:
        return {"answer": say(language, "Enter the answer.")}
    return {"answer": say(language, "Shorten this to {n} characters.", n=ANSWER)} if len(answer) > ANSWER else {}
