"""What people read when the meeting has concluded something: support in Slack and by mail, agents, product people.

Customers' words and reasons are escaped here, for each tool in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from integrations.productboard import richtext
from integrations.slack import blocks
from workflows.engine.posting import Message
from workflows.language.addresses import feedback_url, promises_url
from workflows.language.text import _, links_in_html, note_html, quoted_html, shortened
from workflows.language.wording import date, full_date
from workflows.meeting import reasons
from workflows.rules import rules
from workflows.rules.choices import CONCLUSIONS
from workflows.tables.customer import Contact
from workflows.tables.meeting import Decision
from workflows.tables.wish import Feedback
from workflows.telling import letters
from workflows.wish.wishes import code, title_of

#: Wishes that are named in one message.
MOST = 10


def headline(decision: Decision, wishes: Sequence[Feedback], companies: Mapping[str, str]) -> str:
    """【検討会】採用: 「…」(あおば製作所 ほか2社). Plain text: escape it where it goes."""
    first = next((wish for wish in wishes if wish.id == decision.feedback_id), wishes[0])
    return _(
        "[Meeting] {kind}: “{wish}” ({who})",
        kind=CONCLUSIONS[decision.conclusion].words,
        wish=title_of(first) or code(first.id),
        who=_asking(wishes, companies),
    )


def _asking(wishes: Sequence[Feedback], companies: Mapping[str, str]) -> str:
    names = list(dict.fromkeys(companies.get(wish.company_id or "", "") for wish in wishes if wish.company_id))
    if not names:
        return _("{n} customers", n=len(wishes)) if len(wishes) > 1 else _("1 customer")
    return names[0] if len(names) == 1 else _("{company} and {n} more", company=names[0], n=len(names) - 1)


def message(
    decision: Decision,
    wishes: Sequence[Feedback],
    companies: Mapping[str, str],
    owed: int,
    takers: Mapping[str, str],
) -> Message:
    """The message to support: what was concluded, why, what customers may hear, and who took the wishes.

    `takers`: Slack ids by name; whoever is in Slack is notified by it.
    """
    first = blocks.escape(headline(decision, wishes, companies))
    lines = [f"*{first}*", f"{_('Reason')}: {blocks.escape(decision.reason)}"]
    if decision.answer:
        lines.append(f"{_('Explanation for the customer')}: {blocks.escape(decision.answer)}")
    if decision.into_id:
        lines.append(_("This is the same as {code}.", code=_linked(decision.into_id)))
    names = dict.fromkeys(wish.taken_by_name for wish in wishes if wish.taken_by_name)
    agents = "、".join(f"<@{takers[name]}>" if name in takers else blocks.escape(name) for name in names) or "–"
    small = [
        f"{_('Filed by')}: {agents}",
        " ".join(_linked(wish.id) for wish in wishes[:MOST]),
        _("Decided by {name}", name=blocks.escape(decision.person_name)),
    ]
    if owed:
        small.append(_("{n} conversations are reopened with a draft. Notify these customers.", n=owed))
    return first, [*map(blocks.section, lines), blocks.small(*small)]


def _linked(feedback_id: int | None) -> str:
    return blocks.link(feedback_url(feedback_id), code(feedback_id))


def mail(decision: Decision, wishes: Sequence[Feedback], companies: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text of the mail."""
    lines = [
        headline(decision, wishes, companies),
        "",
        f"{_('Reason')}: {decision.reason}",
        *([f"{_('Explanation for the customer')}: {decision.answer}"] if decision.answer else []),
        f"{_('Decided by {name}', name=decision.person_name)} {full_date(rules.language, decision.decided_at)}",
        "",
        *(_mailed(wish, companies) for wish in wishes[:MOST]),
        *([_("And {count} more.", count=len(wishes) - MOST)] if len(wishes) > MOST else []),
    ]
    return shortened(lines[0], 120), "\n".join(lines)


@dataclass(frozen=True)
class Told:
    """A decision, the wishes that it is about, and the names of their companies by id."""

    decision: Decision
    wishes: Sequence[Feedback]
    companies: Mapping[str, str]


def digest(told: Sequence[Told]) -> tuple[str, str]:
    """Subject and text of one mail about several decisions; that of the decision where it is one."""
    mails = [mail(each.decision, each.wishes, each.companies) for each in told]
    if len(mails) == 1:
        return mails[0]
    day = date(rules.language, told[0].decision.decided_at)
    return _("[Meeting] Decisions on {day}: {n}", day=day, n=len(mails)), "\n\n\n".join(
        text for _subject, text in mails
    )


def _mailed(wish: Feedback, companies: Mapping[str, str]) -> str:
    who = companies.get(wish.company_id or "", "")
    return " ".join(filter(None, (f"- {code(wish.id)} {who}: {title_of(wish)}", feedback_url(wish.id))))


# -- in the conversation --------------------------------------------------------------------------


def note(decision: Decision, wishes: Sequence[Feedback], draft: str, ref: str) -> str:
    """The internal note in a conversation; with a draft where the customer is to be told."""
    lines = [
        escape(_("Decision: {kind}", kind=CONCLUSIONS[decision.conclusion].words)),
        *(quoted_html(wish.quote) for wish in wishes if wish.quote),
        escape(f"{_('Reason')}: {decision.reason}").replace("\n", "<br>"),
        *_told(decision, draft),
        links_in_html(*((code(wish.id), feedback_url(wish.id)) for wish in wishes)),
    ]
    return note_html(lines, ref)


def _told(decision: Decision, draft: str) -> list[str]:
    if draft:
        return ["<b>" + escape(_("Draft for the customer")) + "</b>", escape(draft).replace("\n", "<br>")]
    if decision.answer:
        return [escape(f"{_('Explanation for the customer')}: {decision.answer}").replace("\n", "<br>")]
    return []


def draft(decision: Decision, wishes: Sequence[Feedback], contact: Contact | None) -> str:
    """What the agent may write to the customer; a reason that we know is in their language."""
    answer = reasons.spoken(decision.answer, letters.language_for(wishes, contact))
    return letters.draft(CONCLUSIONS[decision.conclusion].draft, wishes, contact, answer=answer)


def below_note(decision: Decision) -> tuple[str, str]:
    """What stands below the note in Productboard: as rich text, and as plain text for a comment."""
    first = _(
        "{date} Decision: {kind}",
        date=full_date(rules.language, decision.decided_at),
        kind=_kind(decision),
    )
    lines = [first, f"{_('Reason')}: {decision.reason}", _("Decided by {name}", name=decision.person_name)]
    html = "".join(map(richtext.paragraph, lines)) + richtext.link(
        feedback_url(decision.feedback_id), code(decision.feedback_id)
    )
    return html, "\n".join(lines)


def _kind(decision: Decision) -> str:
    return _(CONCLUSIONS[decision.conclusion].words)


# -- handed over ----------------------------------------------------------------------------------


def to_tell(wish: Feedback, key: str, why: str, draft: str) -> Message:
    """To whoever took a wish by phone, mail or in Slack: the customer is to be told, and how one might say it."""
    first = _("{key}: notify the customer. “{wish}”", key=key, wish=blocks.escape(title_of(wish)))
    where = blocks.link(wish.source_url, _("Original message")) if wish.source_url else ""
    noted = _("Then mark it here: {page}", page=blocks.link(promises_url(), _("Reports due")))
    return first, [
        blocks.section(f"*{first}*"),
        blocks.section(f"{_('Draft for the customer')}\n{blocks.quote(draft)}"),
        blocks.small(*filter(None, (where, noted))),
    ]
