"""Letters: the draft of what an agent may write to a customer: in their language, by their name, about their wishes.

A wish is named by its title, and only in brackets: what a customer said is nothing that can be used or declined. A
title that leaves something out is not named at all. Nothing here is ever sent by the service.
"""

from __future__ import annotations

from collections.abc import Sequence

from workflows.language import politeness, titles
from workflows.language.addresses import Site
from workflows.language.customers import addressed, language_of
from workflows.language.politeness import Objection
from workflows.language.text import shortened
from workflows.language.wording import letter_day
from workflows.rules import rules
from workflows.tables.customer import Contact
from workflows.tables.wish import Feedback
from workflows.wish.wishes import title_of

#: What the gaps of a wording are filled with, by language.
ONE = {"ja": "件({title})", "en": "a request ({title})"}
UNNAMED = {"ja": "件", "en": "a request"}
SEVERAL = {"ja": "次の{n}件", "en": "{n} requests"}
DATED = {"ja": "・{title}({day})", "en": "- {title} ({day})"}
UNNAMED_DATED = {"ja": "・{day}のご要望", "en": "- your request of {day}"}
LINE = {"ja": "・{title}", "en": "- {title}"}
AND = {"ja": "と", "en": " and "}
FROM_US = {"ja": "{company}の{agent}でございます。", "en": "This is {agent} from {company}. "}
FROM_ME = {"ja": "サポート担当の{agent}でございます。", "en": "This is {agent}. "}
#: Characters of a name.
NAME = 40


def language_for(wishes: Sequence[Feedback], contact: Contact | None) -> str:
    """The language in which whoever said these wishes is written to."""
    written = "\n".join(wish.quote for wish in wishes)
    return language_of(contact.language if contact else "", written, usual=rules.language)


def objections(text: str, wishes: Sequence[Feedback], contact: Contact | None) -> tuple[Objection, ...]:
    """What is wrong with a text for whoever said these wishes, in the order of the text."""
    return objections_in(language_for(wishes, contact), text, wishes, contact)


def objections_in(
    language: str, text: str, wishes: Sequence[Feedback], contact: Contact | None
) -> tuple[Objection, ...]:
    """The same where it is known in which language they read."""
    return politeness.objections(
        text,
        language,
        name=contact.name if contact else "",
        quoted=[title for wish in wishes if (title := title_of(wish))],
        internal=[each for each in (Site.public_url, rules.jira_project) if each],
    )


def draft(wording: str, wishes: Sequence[Feedback], contact: Contact | None, **facts: str) -> str:
    """The draft by a wording of the rules, in the customer's language; lines without words are left out."""
    language = language_for(wishes, contact)
    words = rules.words(wording, language).format(
        name=name_for(language, contact),
        from_us=from_us(language, wishes[0].taken_by_name),
        asked_on=AND[language].join(dict.fromkeys(letter_day(language, wish.said_at) for wish in wishes)),
        agent=wishes[0].taken_by_name,
        dated=_dated(language, wishes),
        **_about(language, wishes),
        **facts,
    )
    return "\n".join(line.strip() for line in words.splitlines() if line.strip())


def readdressed(text: str, wishes: Sequence[Feedback], was: Contact | None, now: Contact | None) -> str:
    """A draft that goes to a colleague of whoever said these wishes: the first name in it is theirs then."""
    language = language_for(wishes, was)
    before, after = (name_for(language, contact) for contact in (was, now))
    return text.replace(before, after, 1)


def name_for(language: str, contact: Contact | None) -> str:
    """How somebody is addressed; "ご担当者" where their name is not known."""
    named = shortened(addressed(language, contact.name if contact else ""), NAME)
    return named or rules.words("nobody", language)


def from_us(language: str, agent: str) -> str:
    """Who writes, as far as it is known."""
    sentence = (FROM_US if rules.company_name else FROM_ME)[language]
    return sentence.format(company=rules.company_name, agent=agent) if agent else ""


def _dated(language: str, wishes: Sequence[Feedback]) -> str:
    """Each wish on a line, with the day on which it was said."""
    lines = []
    for wish in wishes:
        title, day = title_of(wish), letter_day(language, wish.said_at)
        is_named = bool(title) and not titles.is_cut(title)
        lines.append((DATED if is_named else UNNAMED_DATED)[language].format(title=title, day=day))
    return "\n".join(dict.fromkeys(lines))


def _about(language: str, wishes: Sequence[Feedback]) -> dict[str, str]:
    """`matter`: the wish in a sentence; `list`: several wishes, each on a line; `wish`: their titles alone."""
    named = [title for wish in wishes if (title := title_of(wish)) and not titles.is_cut(title)]
    names = list(dict.fromkeys(named))
    listed = "\n".join(LINE[language].format(title=title) for title in names)
    if len(names) > 1:
        return {"matter": SEVERAL[language].format(n=len(names)), "list": listed, "wish": f"\n{listed}\n"}
    matter = ONE[language].format(title=names[0]) if names else UNNAMED[language]
    return {"matter": matter, "list": "", "wish": names[0] if names else ""}
