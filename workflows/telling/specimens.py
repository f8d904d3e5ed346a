"""Specimens: each wording of the rules as a customer would read it, so that its manners can be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.engine.store import now_ms
from workflows.language.politeness import Objection, objections
from workflows.language.wording import letter_day
from workflows.rules import LANGUAGES, rules
from workflows.rules.wording import GAPS
from workflows.tables.customer import Contact
from workflows.tables.wish import Feedback
from workflows.telling import letters
from workflows.wish import promised

#: Somebody, and what they asked for, by language.
NAMES = {"ja": "山本 恵子", "en": "Keiko Yamamoto"}
AGENT = {"ja": "田中", "en": "Ken"}
TITLES = {"ja": "勤務表のExcel出力", "en": "Export shifts as Excel"}
#: What a wording for a missing name is read in.
NAMELESS = {"ja": "{nobody}様、お世話になっております。", "en": "Hello {nobody},\nThank you for your message."}
#: The level of a promise with which words of a promise may stand: we come back, whatever is decided.
BINDING = "report"


@dataclass(frozen=True)
class Specimen:
    """A wording, filled in: where it stands in the file of rules ("wording", "ja", "told"), and how it reads."""

    keys: tuple[str, ...]
    language: str
    text: str
    allows_promise: bool = False

    def objections(self) -> tuple[Objection, ...]:
        """What is wrong with how it reads."""
        return objections(
            self.text,
            self.language,
            name=NAMES[self.language],
            allows_promise=self.allows_promise,
            quoted=(TITLES[self.language],),
        )


def specimens(answer: str = "") -> Iterator[Specimen]:
    """Every wording and every promise in force; `answer` is what the meeting would say to the customer."""
    for language in LANGUAGES:
        for name in GAPS:
            yield Specimen(("wording", language, name), language, _drafted(name, language, answer))
        for promise in rules.promises:
            customer = promised.Customer(NAMES[language], language)
            text, is_binding = promised.sentence(promise.name, customer), promise.level == BINDING
            yield Specimen(("promises", promise.name, language), language, text, is_binding)


def _drafted(wording: str, language: str, answer: str) -> str:
    """A wording as a draft; that for a missing name as a greeting."""
    if not GAPS[wording]:
        return NAMELESS[language].replace(f"{{{wording}}}", rules.words(wording, language))
    wish = Feedback(
        conversation_id="",
        part_id="",
        kind="wish",
        tag="",
        quote=TITLES[language],
        title=TITLES[language],
        taken_by_name=AGENT[language],
        said_at=now_ms(),
        taken_at=now_ms(),
    )
    contact = Contact(id="", name=NAMES[language], language=language)
    today = letter_day(language, now_ms())
    facts = {"summary": TITLES[language], "title": TITLES[language], "date": today, "since": today}
    return letters.draft(wording, [wish], contact, answer=answer, **facts)
