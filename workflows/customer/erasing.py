"""Erasing: every column in which a customer's words may stand, and what becomes of them.

erase(reach)      whatever stands in the rows that `reach` names; done again it does nothing

Each column of our tables is in WORDS, which are erased, or in OTHERS, with the reason why no customer speaks there:
a test goes through all of them, so a new column has to be put into one of the two. The words that search keeps, and
those in Productboard, are taken back by `workflows.wish.erasure`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from workflows.customer.reach import Reach, portions
from workflows.engine.rows import table_of
from workflows.engine.store import store
from workflows.language.text import _
from workflows.tables.customer import Contact, Conversation, Message
from workflows.tables.enquiry import Ask, Reply
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.measure import Survey
from workflows.tables.runs import DEAD, IGNORED, OPEN, Action, Delivery, Run
from workflows.tables.search import Document
from workflows.tables.telling import Report, Telling
from workflows.tables.wish import Context, Feedback, Issue

#: What becomes of words: nothing is left; a sentence of ours stands there, where people need one to read; of an object
#: only what is no free text; the row goes, and with it what the index knows of it.
EMPTIED, REPLACED, THINNED, DELETED = "emptied", "replaced", "thinned", "deleted"
SAYS = "Erased at the customer's request."
WORDLESS = "Skipped: the content it needed has been erased."
#: What stands in a gap whose words are gone.
GAP = "…"


@dataclass(frozen=True)
class Words:
    """Columns of one table that hold a customer's words. `label`: what people call them.

    The rows are those whose `key` is in that field of a Reach (`whose`).
    """

    label: str
    table: sa.Table
    key: str
    whose: str
    columns: dict[str, str]


def _words(label: str, model: type[SQLModel], key: str, whose: str, **columns: str) -> Words:
    return Words(label, table_of(model), key, whose, columns)


WORDS: tuple[Words, ...] = (
    _words("Name and email address", Contact, "id", "contacts", name=EMPTIED, email=EMPTIED),
    _words("Messages", Conversation, "id", "openings", opening=EMPTIED),
    _words("Messages", Message, "id", "messages", text=EMPTIED, attachments=EMPTIED),
    _words("Messages", Message, "id", "authors", who=EMPTIED),
    _words("Requests in the customer's words", Feedback, "id", "wishes", quote=EMPTIED, title=EMPTIED),
    _words("Requests in the customer's words", Feedback, "id", "whole", person_name=EMPTIED),
    _words("Request background", Context, "feedback_id", "whole", background=EMPTIED),
    _words("Reports and drafts", Report, "feedback_id", "whole", words=EMPTIED),
    _words(
        "Reports and drafts",
        Telling,
        "conversation_id",
        "drafts",
        draft=EMPTIED,
        approved=EMPTIED,
        sent=EMPTIED,
        why=EMPTIED,
    ),
    _words(
        "Escalation details",
        Escalation,
        "id",
        "escalations",
        gist=REPLACED,
        history=EMPTIED,
        tried=EMPTIED,
        next_step=EMPTIED,
    ),
    _words("Escalation details", Judgement, "escalation_id", "escalations", next_step=EMPTIED),
    _words("Names of Jira issues created from it", Issue, "id", "issues", summary=EMPTIED),
    _words(
        "Questions to colleagues, and answers", Ask, "conversation_id", "whole_chats", question=EMPTIED, answer=EMPTIED
    ),
    _words("Questions to colleagues, and answers", Reply, "conversation_id", "whole_chats", text=EMPTIED),
    _words("Remarks on how satisfied they were", Survey, "conversation_id", "whole_chats", remark=EMPTIED),
    _words("Quotes in timelines", Action, "key", "actions", facts=THINNED),
    _words("Raw webhooks", Delivery, "id", "deliveries", body=EMPTIED, facts=THINNED),
    _words("Submitted forms", Run, "id", "runs", arguments=THINNED, facts=THINNED),
    _words("What search knows", Document, "ref", "documents", text=DELETED, folded=DELETED, who=DELETED),
)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Facts of a sentence and arguments of a run that are no free text: ids, numbers, our own words, names of colleagues
#: and of what we make. Whatever is called otherwise is taken for somebody's words.
FACTS = _names("""
    agent at code codes count date day days done dry error feature features feedback field id into issues key keys kind
    kinds language last_part left line n name other parts people person place places project rating resolution risk role
    seconds sender status tag tags topic until urgency vendor weight when who whom
""")
ARGUMENTS = _names("""
    about actor admin_email admin_id admin_name approved_at asked asked_by at_once attributes before by change
    change_id channel chosen contact_id context_id conversation_id days decision_id due_at escalation_id execution_id
    feature_id feedback_id feedback_ids from_status id issue_id issue_key key kind name note_id notice_id now part_id
    parts rating release_id since tags to_status tried ts turn urls user_id value version_id when who
""")

#: All other columns with text, by why no customer speaks there.
OTHERS = {
    "ids, addresses and moments": """
        action: key run_id verb target ref url conversation_id issue_id · asked: run_id · budget: name · checked: vendor
        churn: company_id churned_on
        contact: id company_id language · context: origin
        conversation: id url contact_id company_id heard_part · cut: issue_id origin
        delivery: id source topic digest content_type · document: kind ref place company_id
        erasure: kind id asked_by · escalation: origin via conversation_id conversation_url company_id post next_date
        executor: id · featureissue: feature_id issue_id
        feedback: mark conversation_id part_id contact_id company_id note_id note_url source_url
        feedbackfeature: feature_id · feedbackissue: issue_id origin · judgement: origin next_date
        lease: name holder · login: hash account_id · mention: conversation_id issue_id · merge: origin
        message: id conversation_id part_id author_id relayed · one_time: hash · owner: company_id
        release: id issue_id
        report: origin · run: id delivery_id workflow queue · search_mark: name
        telling: release_id conversation_id part_id via joined gathers · wave: release_id origin names
        enquiry: conversation_id channel thread shown relayed_by · enquiry_step: id conversation_id
        wait: conversation_id company_id · course: conversation_id · course_day: refs numbers waits
        ask: conversation_id origin asked
        reply: conversation_id origin part_id · know_how: origin review_on
        wish_vector: text_hash model
        flag: company_id
        arrival: id source company_id url · count: name source · day_count: day name source · source: name cursor
        occasion: origin · actives: day · cause: url since
        survey: conversation_id contact_id company_id part_id token · subscription: address token begun_for
        alert: details name · alert_limit: name alarms choices day
        addressee: release_id conversation_id contact_id company_id
        notice: origin takes_effect names remind_days reminded channel
    """,
    "words of ours, and states": """
        action: state sentence · checked: findings
        context: kind importance temperature promise level · conversation: state
        decision: conclusion origin issue · delivery: state reason
        escalation: request urgency temperature state churn_risk · feedback: kind tag source conclusion
        judgement: phase churn_risk · message: kind · release: kind · report: how · run: state reason
        telling: state found channel reaction dead_end held_as · wave: audience · notice: audience
        message: author · enquiry: medium state · enquiry_step: kind · wait: kind medium ended · ask: skill
        course: medium later
        reply: state why · know_how: kind
        arrival: medium · count: facet · day_count: facet · occasion: kind
        survey: medium not_asked score reasons origin · subscription: kind way language
        alert: kind rule verdict
    """,
    "numbers made of words, whose row goes with what search knows": """
        wish_vector: vector
    """,
    "people who work here": """
        account: id name email · addressee: agent agent_name · asked: person
        colleague: id name email locale · context: person person_name
        decision: person person_name undone_by · deed: person person_name sentence facts deed way origin
        escalation: raised_by raised_by_name chain person role next_person acknowledged_by done_by
        feedback: taken_by taken_by_name · judgement: person · merge: person person_name unmerged_by
        not_same: person person_name
        notice: person person_name opened_by opened_by_name called_off_by
        owner: role origin person set_by · report: person person_name undone_by
        saved_view: person name query · telling: told_by approved_by approved_name holder holder_name
        wave: person person_name called_off_by
        enquiry: assignee assignee_name · enquiry_step: who_id who · wait: ended_by
        ask: person person_name answered_by answered_by_name marked_by · reply: person person_name admin_id
        know_how: owner owner_name made_by made_by_name
        occasion: person person_name title theme · cause: theme done person person_name · arrival: themes
        survey: admin_id · subscription: person · alert: person person_name
    """,
    "companies, which stay": """
        company: id name tier · company_past: company_id name tier · document: company · escalation: company
        feedback: company_name
    """,
    "what product people and developers write": """
        feature: id name status url · issue: id key url status category resolution · release: resolution
        flag: name
    """,
    "what we concluded, for everybody who asked": """
        decision: reason answer · notice: title text_ja text_en · know_how: title texts
    """,
}


def erase(reach: Reach) -> int:
    """Erase what stands in these rows, some of them at a time; how many texts that were."""
    done = 0
    for words in HERE:
        for some in portions(getattr(reach, words.whose)):
            done += store.write(partial(_erase, words, some))
    for some in portions(reach.runs):
        store.write(partial(_end_the_wordless, some))
    return done


def count(session: Session, reach: Reach) -> dict[str, int]:
    """How many rows hold words, by what people call them."""
    found: dict[str, int] = {}
    for words in HERE:
        rows = sum(len(_rows(session, words, some)) for some in portions(getattr(reach, words.whose)))
        found[words.label] = max(found.get(words.label, 0), rows)
    return {label: rows for label, rows in found.items() if rows}


#: What is erased here: rows of search are made and taken out by search alone.
HERE = tuple(words for words in WORDS if DELETED not in words.columns.values())


def _erase(words: Words, ids: Sequence[Any], session: Session) -> int:
    table, rows = words.table, _rows(session, words, ids)
    for row in rows:
        this = sa.and_(*(column == row[column.name] for column in table.primary_key))
        session.execute(sa.update(table).where(this).values(_news(words, row)))
    return len(rows)


def _rows(session: Session, words: Words, ids: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows of these that say something still; a run that is under way needs its words."""
    table = words.table
    query = sa.select(table).where(table.c[words.key].in_(ids))
    if table is _RUNS:
        query = query.where(table.c.state != OPEN)
    rows = [dict(row) for row in session.execute(query).mappings()]
    return [row for row in rows if _news(words, row)]


def _news(words: Words, row: dict[str, Any]) -> dict[str, Any]:
    """What a row says from now on, where that is something else."""
    after = {name: _after(how, name, row[name]) for name, how in words.columns.items()}
    stale = {"stale": True} if words.table is table_of(Message) else {}
    changed = {name: value for name, value in after.items() if value != row[name]}
    return changed | stale if changed else {}


def _after(how: str, column: str, value: Any) -> Any:
    if how == REPLACED:
        return _(SAYS)
    if how == THINNED:
        return thinned(value, FACTS if column == "facts" else ARGUMENTS)
    return type(value)()


def thinned(value: dict[str, Any], kept: Collection[str]) -> dict[str, Any]:
    """An object without free text."""
    return {name: each if name in kept else _without_text(each) for name, each in value.items()}


def _without_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_text(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_text(each) for each in value]
    return GAP if isinstance(value, str) and value else value


_RUNS, _DELIVERIES = table_of(Run), table_of(Delivery)


def _end_the_wordless(ids: Sequence[str], session: Session) -> None:
    """A dead letter whose form is empty now must not be replayed."""
    ending = {"state": IGNORED, "reason": WORDLESS, "facts": {}}
    dead = sa.select(_RUNS.c.id, _RUNS.c.delivery_id, _RUNS.c.arguments)
    rows = session.execute(dead.where(_RUNS.c.id.in_(ids), _RUNS.c.state == DEAD)).all()
    for row in (row for row in rows if _is_wordless(row.arguments)):
        session.execute(sa.update(_RUNS).where(_RUNS.c.id == row.id).values(ending))
        session.execute(sa.update(_DELIVERIES).where(_DELIVERIES.c.id == row.delivery_id).values(ending))


def _is_wordless(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_wordless, value.values()))
    return bool(value == GAP)
