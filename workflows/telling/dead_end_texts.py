"""What people read of a telling that has come to a dead end: whoever answers for the company, in Slack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from integrations.slack import blocks
from integrations.slack.blocks import Block
from workflows.engine.posting import Message
from workflows.language.addresses import company_url, draft_url, feedback_url
from workflows.language.text import _
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback, Issue
from workflows.telling import waiting
from workflows.telling.ledger import WITHDRAWN
from workflows.wish.wishes import code, title_of

#: By which buttons somebody says how they told the customer.
TOLD = {"phone": "told_by_phone", "mail": "told_by_mail", "meeting": "told_in_meeting"}
LABELS = {"phone": "Reported by phone", "mail": "Reported by email", "meeting": "Reported in a meeting"}
NOT_WAITED = "Don't notify this customer: no request in this conversation is waiting for this anymore."
NO_MORE = "Don't notify this customer: what the draft says is no longer true."
TOLD_BY = "{agent} notified the customer."
TAKES = "{agent} notifies the customer."
EXCUSED = "This customer is not notified."


@dataclass(frozen=True)
class Case:
    """A telling and its name, the company, who asked, what they asked for, and whom else one could write to.

    `was`: what they had asked for, where all of that is withdrawn; `over`: why nobody is to tell them any more.
    """

    telling: Telling
    name: str
    company: str
    company_id: str
    contact_id: str
    wishes: Sequence[Feedback]
    others: Sequence[str]
    was: Sequence[Feedback] = ()
    over: str = ""


def asked(case: Case) -> Message:
    """To whoever is asked to tell the customer: whom, of what, why so, how one might say it; then how it ended."""
    first = _(
        "{company}: notify the customer yourself. “{wish}”",
        company=blocks.escape(case.company or _("(unknown)")),
        wish=blocks.escape(_wish(case)),
    )
    why = [blocks.section(blocks.escape(_(case.telling.dead_end)))] if case.telling.dead_end else []
    shown = [blocks.section(f"*{first}*"), *why]
    if ended := _ended(case):
        return first, [*shown, blocks.section(ended), _links(case)]
    shown.append(blocks.section(f"{_('Draft for the customer')}\n{blocks.quote(case.telling.draft)}"))
    if case.others:
        names = ", ".join(map(blocks.escape, case.others))
        shown.append(blocks.section(_("You can also choose somebody else at this company: {names}", names=names)))
    return first, [*shown, *_buttons(case), _links(case)]


def _wish(case: Case) -> str:
    return next((title_of(wish) or code(wish.id) for wish in (*case.wishes, *case.was)), "")


def _ended(case: Case) -> str:
    """What became of it; "" while somebody still has to tell them."""
    telling = case.telling
    if case.over:
        return _(NOT_WAITED if case.over == waiting.NOBODY_WAITS else NO_MORE)
    if telling.state == WITHDRAWN:
        return _(NO_MORE)
    if telling.state == "told":
        return _(TOLD_BY, agent=blocks.escape(telling.told_by))
    return _(EXCUSED) if telling.state == "excused" else ""


def _buttons(case: Case) -> list[Block]:
    """Take it over, unless somebody has; then say how they were told."""
    is_taken = case.telling.held_as == "self"
    take = [] if is_taken else [blocks.button(_("I'll notify them"), "take_telling", case.name, style="primary")]
    told = [blocks.button(_(LABELS[how]), button, case.name) for how, button in TOLD.items()]
    said = [blocks.section(_(TAKES, agent=blocks.escape(case.telling.holder_name)))] if is_taken else []
    return [*said, blocks.actions(*take, *told)]


def _links(case: Case) -> Block:
    page = draft_url(case.name)
    firm = blocks.link(company_url(case.company_id), case.company) if company_url(case.company_id) else ""
    asked = [blocks.link(feedback_url(wish.id), code(wish.id)) for wish in (*case.wishes, *case.was)]
    return blocks.small(*filter(None, (page and blocks.link(page, _("Open the draft")), firm, *asked)))


def not_waited(case: Case) -> Message:
    """To whoever was asked to tell a customer, or took that over, and need not any more."""
    company = blocks.escape(case.company or _("(unknown)"))
    text = _("{company}: do not notify the customer. “{wish}”", company=company, wish=blocks.escape(_wish(case)))
    return text, [blocks.section(f"*{text}*"), blocks.section(_ended(case)), _links(case)]


def called_off(issue: Issue) -> Message:
    """To whoever was asked to tell a customer of what is not available any more."""
    text = _("Do not notify the customer about {key}. It is no longer available.", key=blocks.escape(issue.key))
    return text, [blocks.section(text), blocks.small(blocks.link(issue.url, issue.key))]
