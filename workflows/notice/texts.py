"""What people read of a notice: agents in the chat that came back, support in Slack, and the customer's draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape as escape_html

from integrations.slack import blocks
from workflows.engine.posting import Message
from workflows.language import politeness
from workflows.language.addresses import notice_url
from workflows.language.customers import language_of
from workflows.language.politeness import Objection
from workflows.language.text import _, links_in_html, note_html
from workflows.language.wording import letter_day, promised_day
from workflows.rules import rules
from workflows.tables.customer import Contact
from workflows.tables.notice import Notice
from workflows.telling import letters

#: What a notice's text may be filled in with.
GAPS = ("name", "company", "date", "agent", "from_us")
#: What a company is called whose name is not known.
YOURS = {"ja": "御社", "en": "your company"}
#: What stands above the text where the customer was told of it before.
AGAIN = {"ja": "【再度のご案内】\n{text}", "en": "A reminder of our earlier message.\n{text}"}
#: Somebody to whom a text is shown before there is anybody.
SPECIMENS = {"ja": ("山本 恵子", "株式会社あおば"), "en": ("Keiko Yamamoto", "Aoba Inc.")}


@dataclass(frozen=True)
class To:
    """Who reads it: their company's name, in which language they wrote, and who tells them."""

    contact: Contact | None
    company: str
    written: str
    agent: str


def language_for(notice: Notice, to: To) -> str:
    """In which of its languages somebody reads a notice."""
    spoken = language_of(to.contact.language if to.contact else "", to.written, usual=rules.language)
    return "en" if spoken == "en" and notice.text_en else "ja"


def draft(notice: Notice, to: To, *, again: bool = False) -> str:
    """The notice as one customer reads it; `again`: they were told of it before."""
    language = language_for(notice, to)
    text = filled(notice.text_en if language == "en" else notice.text_ja, language, notice.takes_effect, to)
    return AGAIN[language].format(text=text) if again else text


def filled(text: str, language: str, day: str, to: To) -> str:
    """A text with its gaps filled in."""
    return text.strip().format(
        name=letters.name_for(language, to.contact),
        company=to.company or YOURS[language],
        date=day_in_letters(language, day),
        agent=to.agent,
        from_us=letters.from_us(language, to.agent),
    )


def correction(notice: Notice, to: To) -> str:
    """What somebody reads who was told of a notice that was called off."""
    language = language_for(notice, to)
    return rules.words("called_off", language).format(
        name=letters.name_for(language, to.contact),
        date=day_in_letters(language, notice.takes_effect),
        agent=to.agent,
        from_us=letters.from_us(language, to.agent),
        title=notice.title,
    )


def day_in_letters(language: str, day: str) -> str:
    """3月1日, or 1 March."""
    return letter_day(language, rules.calendar.moment(date.fromisoformat(day)))


def specimen(text: str, language: str, day: str, agent: str) -> str:
    """How a text reads to somebody."""
    name, company = SPECIMENS[language]
    return filled(text, language, day, To(Contact(id="", name=name, language=language), company, "", agent))


def objections(text: str, language: str) -> tuple[Objection, ...]:
    """What is wrong with how that reads."""
    return politeness.objections(text, language, name=SPECIMENS[language][0])


# -- in the chat ----------------------------------------------------------------------------------


def note(notice: Notice, draft: str, ref: str, *, off: bool = False) -> str:
    """The internal note in a chat that came back; `off`: because the notice was called off."""
    day = promised_day(rules.language, notice.takes_effect)
    news = WAS_TOLD if off else CHANGES
    lines = [
        escape_html(_(news, title=notice.title, date=day)),
        "<b>" + escape_html(_("Draft for the customer")) + "</b>",
        escape_html(draft).replace("\n", "<br>"),
        links_in_html((notice.title, notice_url(notice.id))),
    ]
    return note_html(lines, ref)


CHANGES = "From {date} something changes for this customer: {title}"
WAS_TOLD = "The customer was told of a change from {date} that has been called off: {title}"


def revoked(notice: Notice, ref: str) -> str:
    """The internal note below a draft that must not be sent."""
    lines = [
        "<b>" + escape_html(_("Do not send the draft for “{title}”. It was called off.", title=notice.title)) + "</b>",
        links_in_html((notice.title, notice_url(notice.id))),
    ]
    return note_html(lines, ref)


# -- in Slack -------------------------------------------------------------------------------------

#: Customers that are named in one message.
MOST = 20


@dataclass(frozen=True)
class Left:
    """Somebody who has not been told: who, of which company, and whose turn it is."""

    name: str
    company: str
    agent: str


def reminder(notice: Notice, left: Sequence[Left], days: int) -> Message:
    """The message about who is still to be told."""
    text = _(
        "{title} takes effect on {date}, in {days} days. {count} customers have not been notified.",
        title=blocks.escape(notice.title),
        date=promised_day(rules.language, notice.takes_effect),
        days=days,
        count=len(left),
    )
    lines = [f"• {_line(each)}" for each in left[:MOST]]
    more = [_("and {n} more", n=len(left) - MOST)] if len(left) > MOST else []
    page = notice_url(notice.id)
    ends = [blocks.small(blocks.link(page, _("Who has not been notified")))] if page else []
    return text, [blocks.section(text), blocks.section("\n".join([*lines, *more])), *ends]


def _line(left: Left) -> str:
    who = " ".join(filter(None, (left.company, left.name)))
    return _("{name}: {agent} notifies them", name=blocks.escape(who) or "–", agent=blocks.escape(left.agent) or "–")
