"""What somebody fills in for an answer to use again: the form in Slack, and what is wrong with it there and on a page.

Both have the same fields, so what is wrong is said of both in the same words.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from functools import partial

from integrations.slack import blocks, is_person, views
from workflows.customer.fields import LONG, is_day, notice, today
from workflows.engine.rows import Values
from workflows.language.addresses import know_how_url
from workflows.language.text import shortened
from workflows.language.wording import say
from workflows.rules.company import KINDS
from workflows.tables.enquiry import Ask, KnowHow

FORM = "keep_answer"
TITLE = "Reusable answer"
#: Characters of a title, and of one that is suggested.
LONGEST_TITLE, SUGGESTED = 100, 40
#: After so many months it is to be looked at again, where nobody says otherwise.
MONTHS = 6
#: No review is on an earlier day than the first; one that is so many years ahead is a slip of the pen.
FIRST, YEARS = "2000-01-01", 10
#: By language: the field with the text.
TEXTS = {"ja": "text_ja", "en": "text_en"}
NO_TITLE = "Enter a title in one line, by which colleagues find it."
NO_TEXT = "Enter the answer in Japanese, in English, or in both."
NO_DAY = "Enter a date, such as 2026-11-30."
KEPT_ALREADY = "This answer was made reusable already."
NO_ANSWER = "No answer is marked here now, so there is nothing to keep."
GENERAL = "Take out what belongs only to this conversation, such as names and numbers."


def keeping(language: str, ask: Ask, kind: str = "") -> blocks.Block:
    """The answer to a question becomes one to use again."""
    _ = partial(say, language)
    spoken = language_of_words(ask.answer)
    texts = {each: ask.answer if each == spoken else "" for each in TEXTS}
    return views.modal(
        FORM,
        _(TITLE),
        [
            blocks.section(blocks.quote(shortened(ask.question, 300) or blocks.EMPTY)),
            views.text_input("title", _("Title"), initial=shortened(ask.question, SUGGESTED), longest=LONGEST_TITLE),
            _text("text_ja", _("Answer in Japanese"), texts["ja"], _(GENERAL)),
            _text("text_en", _("Answer in English"), texts["en"]),
            views.choice("kind", _("Kind"), [(each, _(each)) for each in KINDS], initial=kind, optional=True),
            views.user_select("owner", _("Owner"), initial=_owner(ask), optional=True),
            views.date_input("review_on", _("Review on"), initial=in_half_a_year(), optional=True),
        ],
        submit=_("Save"),
        close=_("Cancel"),
        about=str(ask.id),
    )


def _text(name: str, label: str, text: str, hint: str = "") -> blocks.Block:
    return views.text_input(name, label, multiline=True, initial=text, longest=LONG, hint=hint, optional=True)


def _owner(ask: Ask) -> str:
    return ask.answered_by if is_person(ask.answered_by) else ""


def kept_already(language: str, row: KnowHow) -> blocks.Block:
    """What somebody sees instead of the form, where the answer was kept before."""
    said = [blocks.section(say(language, KEPT_ALREADY)), blocks.section(linked(row))]
    return views.notice(say(language, TITLE), said, close=say(language, "Close"))


def nothing(language: str) -> blocks.Block:
    """There is no answer any more."""
    return notice(language, TITLE, say(language, NO_ANSWER))


def linked(row: KnowHow) -> str:
    """Its title, which leads to its page."""
    return blocks.link(know_how_url(row.id), row.title)


def language_of_words(text: str) -> str:
    """The language of an answer, as far as its letters tell."""
    is_japanese = any("\u3041" <= letter <= "\u30ff" or "\u4e00" <= letter <= "\u9fff" for letter in text)
    return "ja" if is_japanese else "en"


def in_half_a_year() -> str:
    """The day on which an answer of today is to be looked at again."""
    now = today()
    years, month = divmod(now.month - 1 + MONTHS, 12)
    year = now.year + years
    return date(year, month + 1, min(now.day, monthrange(year, month + 1)[1])).isoformat()


# -- understood -----------------------------------------------------------------------------------


def wrong(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with an answer as it was filled in, by its field."""
    said = {name: value.strip() for name, value in values.items()}
    title, found = said.get("title", ""), {}
    if not title or "\n" in title:
        found["title"] = say(language, NO_TITLE)
    elif len(title) > LONGEST_TITLE:
        found["title"] = say(language, "Shorten this to {n} characters.", n=LONGEST_TITLE)
    if not any(said.get(name) for name in TEXTS.values()):
        found["text_ja"] = say(language, NO_TEXT)
    for name in TEXTS.values():
        if len(said.get(name, "")) > LONG:
            found[name] = say(language, "Shorten this to {n} characters.", n=LONG)
    return found | _wrong_besides(language, said)


def _wrong_besides(language: str, said: Mapping[str, str]) -> dict[str, str]:
    found = {}
    if said.get("kind", "") not in ("", *KINDS):
        found["kind"] = say(language, "Choose one.")
    if said.get("owner") and not is_person(said["owner"]):
        found["owner"] = say(language, "Choose one.")
    if said.get("review_on") and not _is_near(said["review_on"]):
        found["review_on"] = say(language, NO_DAY)
    return found


def _is_near(text: str) -> bool:
    """Is this a day that somebody may mean?"""
    return is_day(text) and FIRST <= text <= f"{today().year + YEARS}-12-31"


def read(values: Mapping[str, str], owner_name: str) -> Values:
    """What is kept of an answer with which nothing is wrong."""
    said = {name: value.strip() for name, value in values.items()}
    return {
        "title": said["title"],
        "kind": said.get("kind", ""),
        "texts": {language: said[name] for language, name in TEXTS.items() if said.get(name)},
        "owner": said.get("owner", ""),
        "owner_name": owner_name if said.get("owner") else "",
        "review_on": said.get("review_on", ""),
    }
