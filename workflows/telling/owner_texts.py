"""What account owners read in Slack: what became of what their companies asked for, and who tells their people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.slack import blocks
from workflows.engine.posting import Message
from workflows.language.addresses import feedback_url, owners_url
from workflows.language.text import _, shortened
from workflows.tables.meeting import Decision
from workflows.tables.wish import Feedback, Issue
from workflows.telling import release_texts
from workflows.wish.wishes import code, title_of

#: Requests that are named in one message.
MOST = 20
AVAILABLE = "{key} is available to your companies: {summary}"
DECLINED = "{key} was closed and brings nothing to your companies: {summary}"
WITHDRAWN = "{key} is no longer available to your companies: {summary}"


@dataclass(frozen=True)
class Mine:
    """What the companies of one owner asked for; their names by id, and those of them without an owner."""

    wishes: Sequence[Feedback]
    names: Mapping[str, str]
    unowned: frozenset[str] = frozenset()


def of_issue(sentence: str, issue: Issue, mine: Mine) -> Message:
    """What became of an issue."""
    summary = blocks.escape(shortened(issue.summary, 200))
    text = _(sentence, key=blocks.escape(issue.key), summary=summary)
    told = sentence == AVAILABLE
    lines = _listed([_line(mine, wish, told=told) for wish in mine.wishes])
    return text, [blocks.section(text), *lines, blocks.small(*_links(mine, release_texts.links(issue)))]


def of_meeting(decisions: Sequence[Decision], mine: Mine) -> Message:
    """What the meeting decided against, each with its reason."""
    text = _("The meeting declined requests of your companies: {n}", n=len(mine.wishes))
    reasons = {each.feedback_id: each.reason for each in decisions}
    lines = []
    for wish in mine.wishes:
        reason = reasons.get(wish.merged_into or wish.id or 0) or reasons.get(wish.id or 0, "")
        lines.append("\n".join(filter(None, (_line(mine, wish, told=False), blocks.quote(shortened(reason, 200))))))
    return text, [blocks.section(text), *_listed(lines), blocks.small(*_links(mine))]


def _listed(lines: Sequence[str]) -> list[blocks.Block]:
    more = [_("and {n} more", n=len(lines) - MOST)] if len(lines) > MOST else []
    return [blocks.section("\n".join([*(f"• {line}" for line in lines[:MOST]), *more]))]


def _line(mine: Mine, wish: Feedback, *, told: bool) -> str:
    asked = blocks.link(feedback_url(wish.id), code(wish.id))
    company = blocks.escape(mine.names.get(wish.company_id or "", ""))
    if wish.company_id in mine.unowned:
        company = _("{company} (no owner)", company=company)
    if told:
        agent = blocks.escape(wish.taken_by_name) or "–"
        return _("{company}: {asked}, {agent} notifies them", company=company, asked=asked, agent=agent)
    return f"{company}: {asked} {blocks.escape(title_of(wish))}".strip()


def _links(mine: Mine, *others: str) -> list[str]:
    page = blocks.link(owners_url(), _("Set account owners")) if mine.unowned and owners_url() else ""
    return [*filter(None, (*others, page))] or ["–"]
