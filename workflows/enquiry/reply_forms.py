"""The two forms by which somebody answers a customer out of Slack: they write, and then see what goes out.

What stands in the field of the second is what goes out, also where it was changed there. Only it has a story: the
first leads nowhere but to the second, and closing the second leads back. Pure, as `forms`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from integrations.slack import blocks, views
from integrations.slack.blocks import Block
from workflows.customer.fields import LONG, notice
from workflows.enquiry.replies import About, Newest, Setting
from workflows.language.text import shortened_lines
from workflows.language.wording import say, time

#: The form in which somebody writes, and the one that is sent.
WRITE, SEND = "write_reply", "send_reply"
TEXT, KNOW_HOW = "text", "know_how"
TITLE = "Send to the customer"
#: Characters of what was said, where it stands beside what is written.
QUOTED = 600
NO_WORDS = "Enter what the customer should read, or choose a reusable answer."
NO_TEXT = "Enter what the customer should read."
NO_SEAT = (
    "Your email address in Slack is not a teammate's in Intercom, so nothing can be sent in your name. "
    "Ask an Intercom admin to add you, or a colleague to send it."
)
ELSEWHERE = "This message is not in a customer's thread. Use this on a message in the thread of a conversation."
UNKNOWN = "This conversation is not known here, or was deleted. Answer it in Intercom."
ANSWERED = "{name} answered meanwhile. Check that this is still right, then send it again."
SOMEBODY = "Somebody answered meanwhile. Check that this is still right, then send it again."
SEEN_BY = "The customer sees exactly this. Changes made here are sent as they stand."


def nowhere(language: str, why: str) -> Block:
    """Why nothing can be written here."""
    return notice(language, TITLE, say(language, why))


def writing(language: str, setting: Setting, about: About, text: str = "") -> Block:
    """What the customer said last, and a field for the answer."""
    _ = partial(say, language)
    return views.modal(
        WRITE,
        _(TITLE),
        [
            blocks.small(blocks.escape(to(language, setting))),
            *last_words(language, setting),
            views.text_input(TEXT, _("Your reply"), multiline=True, initial=text, longest=LONG, optional=True),
            views.typeahead(
                KNOW_HOW,
                _("Reusable answer"),
                placeholder=_("Words of the answer"),
                hint=_("Added below what you wrote. You can change it in the preview."),
                optional=True,
            ),
            blocks.small(_("Nothing is sent yet: the preview comes next.")),
        ],
        submit=_("Show preview"),
        close=_("Cancel"),
        about=str(about),
    )


def preview(
    language: str, setting: Setting, about: About, text: str, *, agent: str, meanwhile: Newest | None = None
) -> Block:
    """What goes out, in whose name and to whom. `meanwhile`: an answer of somebody else that they have not seen."""
    _ = partial(say, language)
    seen = replace(about, seen=meanwhile) if meanwhile else about
    return views.modal(
        SEND,
        _(TITLE),
        [
            *(warning(language, meanwhile) if meanwhile else []),
            blocks.section(blocks.escape(f"{_('From: {agent}', agent=agent)}\n{to(language, setting)}")),
            views.text_input(
                TEXT, _("Message that is sent"), multiline=True, initial=text, longest=LONG, hint=_(SEEN_BY)
            ),
            *last_words(language, setting),
        ],
        submit=_("Send it"),
        close=_("Back"),
        about=str(seen),
    )


def warning(language: str, meanwhile: Newest) -> list[Block]:
    """That somebody else answered, and what."""
    said = say(language, ANSWERED, name=meanwhile.who) if meanwhile.who else say(language, SOMEBODY)
    return [blocks.section(f":warning: {blocks.escape(said)}"), blocks.section(quoted(meanwhile.text))]


def to(language: str, setting: Setting) -> str:
    """To whom it goes."""
    if setting.customer and setting.company:
        return say(language, "To: {customer} ({company})", customer=setting.customer, company=setting.company)
    if setting.customer:
        return say(language, "To: {customer}", customer=setting.customer)
    return say(language, "To: the customer in this conversation")


def last_words(language: str, setting: Setting) -> list[Block]:
    """What the customer said last."""
    if not setting.last:
        return []
    when = say(language, "The customer's last message, {time}", time=time(language, setting.last_at))
    return [blocks.small(blocks.escape(when)), blocks.section(quoted(setting.last))]


def quoted(text: str) -> str:
    """The beginning of what somebody said."""
    return blocks.quote(shortened_lines(text.strip(), QUOTED) or blocks.EMPTY)


def joined(text: str, answer: str) -> str:
    """What was written, and below it the answer that was chosen."""
    return "\n\n".join(each for each in (text.strip(), answer.strip()) if each)


def wrong_text(language: str, text: str, otherwise: str = NO_TEXT) -> dict[str, str]:
    """What is wrong with a text for a customer, at its field."""
    if not text.strip():
        return {TEXT: say(language, otherwise)}
    if len(text.strip()) > LONG:
        return {TEXT: say(language, "Shorten this to {n} characters.", n=LONG)}
    return {}
