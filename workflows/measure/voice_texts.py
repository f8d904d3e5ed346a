"""What an answer about customers says in Slack: to whoever asked, and in a channel with which they share it.

    answer(typed, "U0SATO", now)          # the reply to `/声 言葉`; without words, what customers struggle with now
    message(found, "C0SUPPORT")           # of what was read before, as it may stand there

Whatever customers wrote, and whatever was typed, is text: it mentions nobody and leads nowhere. Numbers stand in words
that can be read aloud, and not in bars.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import urlencode

from integrations.slack import blocks
from integrations.slack.blocks import Block, clean, escape
from workflows.engine.posting import Message
from workflows.engine.store import store
from workflows.enquiry import shown
from workflows.language.addresses import page_url
from workflows.language.text import _, language
from workflows.language.wording import date
from workflows.measure import now_texts, voice
from workflows.measure.now import struggles
from workflows.measure.now_texts import command, number
from workflows.measure.voice import OVER, PLANNED, RELEASED, UNDECIDED, Counted, Voice, Week
from workflows.measure.voice_quotes import MESSAGE, Quote
from workflows.search import search
from workflows.volume import themes
from workflows.wish.wishes import code

#: The button below an answer, and what parts its value: the moment of the answer, and the words.
SHARE, PARTED = "share_voice", ":"
#: Characters of words in a heading.
HEADING = 60

ABOUT = "What customers say about “{words}”"
FIGURES = "{n} in {weeks} weeks · last 7 days: {last} · the 7 days before: {before}"
WEEKLY = "Enquiries by week, {n} weeks, oldest first: {weeks}"
PEOPLE = "Customers: {people} · companies: {companies}"
FIRMS = "Companies: {companies}"
STATES = {
    UNDECIDED: "Undecided: {n}",
    PLANNED: "Planned or in development: {n}",
    RELEASED: "Released: {n}",
    OVER: "Declined or otherwise closed: {n}",
}
STATED = "Requests that say it, by state"
STATED_NEWEST = "The newest {n} requests that say it, by state"
AS_THEME = "Counted as the theme “{theme}”."
AS_WORDS = "Counted: conversations in which customers wrote these words."
NOT_ALL = "“At least”: not all of that time was counted, or too much was found to read all of it."
NOTHING = (
    "No customer has written “{words}” in the last 13 weeks, and no request says it. Try fewer or other words, or type "
    "{command} alone to see what customers struggle with now."
)


def answer(typed: str, reader: str, now: int) -> Message:
    """The answer to whoever asks, in the language that is spoken; `reader` is their id."""
    typed = clean(typed).strip()  # what nobody sees is no word, and not every database takes it
    if not typed:
        text, made = now_texts.message(store.read(partial(struggles, now=now)), reader)
        return text, [*made, share(now, typed)]
    if wrong := search.problem(typed):
        return _only(_(wrong, most=search.LONGEST, words=search.MOST_WORDS))
    found = store.read(partial(voice.about, typed=typed, now=now))
    if found.is_empty:
        return _nothing(typed)
    text, made = message(found, reader)
    return text, [*made, share(now, typed)]


def share(now: int, typed: str) -> Block:
    """The button with which whoever asked lets all of a channel read the same."""
    return blocks.actions(blocks.button(_("Share in this channel"), SHARE, f"{now}{PARTED}{typed}"))


def message(found: Voice, reader: str) -> Message:
    """An answer about some words, as it may stand with this person or in this channel."""
    heading = _(ABOUT, words=escape(found.words[:HEADING]))
    first = f"{heading}: {_('Enquiries')} {_number(found.enquiries)} · {_('Requests')} {_number(found.requests)}"
    made = [
        blocks.section(f"*{heading}*\n" + "\n".join(_figures(found))),
        *([blocks.section(_states(found))] if any(found.states.values()) else []),
        *_quotes(found, reader),
        blocks.small(*_notes(found)),
        *([blocks.small(*links)] if (links := _links(found)) else []),
    ]
    return first, made


def _nothing(typed: str) -> Message:
    sentence = _(NOTHING, words=escape(typed[:HEADING]), command=command())
    links = list(filter(None, [_search(typed)]))
    return sentence, [blocks.section(sentence), *([blocks.small(*links)] if links else [])]


def _only(sentence: str) -> Message:
    return sentence, [blocks.section(sentence)]


# -- numbers --------------------------------------------------------------------------------------


def _figures(found: Voice) -> Iterator[str]:
    for label, counted in ((_("Enquiries"), found.enquiries), (_("Requests"), found.requests)):
        last, before = number(counted.last), number(counted.before)
        facts = {"weeks": len(counted.since_known), "last": last, "before": before}
        yield f"• {label}: " + _(FIGURES, n=_number(counted), **facts)
    yield "• " + _(FIRMS if found.theme else PEOPLE, people=found.people, companies=found.companies)
    weeks = found.enquiries.since_known
    yield "• " + _(WEEKLY, n=len(weeks), weeks=", ".join(map(number, weeks)))


def _number(counted: Counted) -> str:
    return number(Week(counted.n, counted.is_known))


def _states(found: Voice) -> str:
    parts = [_(words, n=found.states[state]) for state, words in STATES.items() if found.states[state]]
    heading = _(STATED) if found.is_whole else _(STATED_NEWEST, n=sum(found.states.values()))
    return f"*{heading}*\n{' · '.join(parts)}"


# -- words ----------------------------------------------------------------------------------------


def _quotes(found: Voice, reader: str) -> Iterator[Block]:
    if not found.quotes:
        return
    yield blocks.section(f"*{_('In customers’ words, newest first')}*")
    for quote in found.quotes:
        yield blocks.section(blocks.quote(_excerpt(quote.text, found.words)))
        who = shown.customer_for(reader, quote.person, quote.company, quote.tier)
        yield blocks.small(" · ".join([escape(who), date(language(), quote.at), *_places(quote)]))


def _excerpt(text: str, words: str) -> str:
    """What stands around the words, after it was masked: nothing is cut in half and shown because of that."""
    seen = shown.text_for(text, len(text) + 1)
    return "".join(piece.text for piece in search.excerpt(seen, search.words_of(words))).strip() or blocks.EMPTY


def _places(quote: Quote) -> list[str]:
    """Our page of it, and where it was said."""
    ours = _("Open the conversation") if quote.kind == MESSAGE else code(quote.feedback_id)
    theirs = _("Open the message") if ":" in quote.conversation_id else _("Open in Intercom")
    places = ((page_url(quote.place), ours), (quote.url, theirs))
    return [blocks.link(url, label) for url, label in places if url.startswith(("https://", "http://"))]


# -- how it was counted, and where to go on -------------------------------------------------------


def _notes(found: Voice) -> list[str]:
    theme = escape(themes.title(found.theme))
    unknown = [] if found.enquiries.is_known and found.requests.is_known else [_(NOT_ALL)]
    return [_(AS_THEME, theme=theme) if found.theme else _(AS_WORDS), *unknown]


def _links(found: Voice) -> Sequence[str]:
    volume = page_url(f"/volume?{urlencode({'period': 'year', 'about': found.theme})}") if found.theme else ""
    return [*filter(None, [_search(found.words)]), *([blocks.link(volume, _("Number of enquiries"))] if volume else [])]


def _search(typed: str) -> str:
    url = page_url(f"/search?{urlencode({'q': typed})}")
    return blocks.link(url, _("Search for these words")) if url else ""
