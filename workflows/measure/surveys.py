"""Surveys: each time that a conversation was solved, whether its customer was asked, and what they thought.

An episode is named by the moment at which somebody, not this service, closed the conversation. Of what customers say,
by the link or in Intercom, the newest counts. All moments are ms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from integrations.intercom import Conversation as Chat
from workflows.customer import erasures
from workflows.engine.rows import insert_new
from workflows.engine.store import DAY_MS
from workflows.enquiry import board, history
from workflows.enquiry.clock import CLOSED
from workflows.language.customers import language_of
from workflows.measure import survey_texts as texts
from workflows.rules import rules
from workflows.tables.columns import copy_of
from workflows.tables.customer import Contact, Conversation
from workflows.tables.enquiry import Enquiry
from workflows.tables.measure import Survey
from workflows.tables.telling import Telling
from workflows.wish import reopened

GOOD, BAD = SCORES = ("good", "bad")
LINK, INTERCOM = "link", "intercom"
#: Nobody is asked about what was closed so long ago.
LATEST_MS = 3 * DAY_MS
#: So long after somebody was not satisfied, so that a remark can be a part of it, an escalation may be suggested.
REMARK_MS = 3 * 60_000
#: What Intercom's ratings, 1 to 5, mean.
LEAST_GOOD = 4
LONGEST_REMARK = 2_000


def digest(token: str) -> str:
    """By what a link's secret is known: the secret itself is nowhere but in the link."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


# -- what there is ----------------------------------------------------------------------------------


def one(session: Session, id: int) -> Survey | None:
    """A survey by its number."""
    found = session.get(Survey, id)
    return copy_of(found) if found else None


def is_due(session: Session, now: int) -> bool:
    """Is something to be done now?"""
    return session.exec(select(_due(now).exists())).one()


def due(session: Session, now: int, most: int) -> list[Survey]:
    """What is to be done now, the longest overdue first; nobody else has it meanwhile."""
    query = _due(now).order_by(col(Survey.due_at), col(Survey.id)).limit(most)
    return list(session.exec(query.with_for_update(skip_locked=True)))


def _due(now: int) -> SelectOfScalar[Survey]:
    return select(Survey).where(col(Survey.due_at) <= now)


def by_link(session: Session, token: str, now: int, *, held: bool = False) -> Survey | None:
    """The survey that a link leads to; None where it is none of ours, too old, or of somebody who was erased."""
    query = select(Survey).where(Survey.token == digest(token), col(Survey.good_until) >= now)
    found = session.exec(query.with_for_update() if held else query).first()
    return None if found is None or _is_erased(session, found) else found


def _is_erased(session: Session, survey: Survey) -> bool:
    if erasures.chats_of(session, {survey.conversation_id}):
        return True
    return bool(survey.contact_id) and erasures.is_stranger(session, survey.contact_id, survey.episode)


def language(session: Session, survey: Survey) -> str:
    """The language of the customer who is asked."""
    contact, chat = session.get(Contact, survey.contact_id), session.get(Conversation, survey.conversation_id)
    locale, said = contact.language if contact else "", chat.opening if chat else ""
    return language_of(locale, said, usual=rules.language)


# -- a conversation was solved -----------------------------------------------------------------------


def plan(session: Session, conversation_id: str) -> Survey | None:
    """Its customer is to be asked after a while, if it is solved then; None where nobody closed it, or it was erased.

    Where it stands on the board is asked then, not now: what happened just before may be heard of just after.
    """
    enquiry = session.get(Enquiry, conversation_id)
    if enquiry is None:
        return None
    episode = max(closings(session, conversation_id), default=0)
    if not episode or erasures.chats_of(session, {conversation_id}):
        return None
    row = _row(session, conversation_id, episode, enquiry.medium)
    row.due_at = episode + rules.survey.after_minutes * 60_000
    if enquiry.is_past:
        row.due_at, row.not_asked = None, texts.PAST
    insert_new(session, Survey, [row.model_dump(exclude={"id"})])
    return row


def _row(session: Session, conversation_id: str, episode: int, medium: str) -> Survey:
    """The survey of an episode, with what is known of the conversation; not kept yet."""
    chat, answered_by = session.get(Conversation, conversation_id), _answered_by(session, conversation_id)
    contact, company = (chat.contact_id or "", chat.company_id or "") if chat else ("", "")
    row = Survey(conversation_id=conversation_id, episode=episode, medium=medium, admin_id=answered_by)
    row.contact_id, row.company_id = contact, company
    return row


def closings(session: Session, conversation_id: str) -> list[int]:
    """When somebody closed a conversation, but for this service."""
    done = history.done(session, conversation_id)
    return [each.at for each in done if each.kind == CLOSED and not each.ours]


def _answered_by(session: Session, conversation_id: str) -> str:
    answers = [each for each in history.said(session, conversation_id) if each.is_answer]
    return answers[-1].who_id if answers else ""


# -- may they be asked? ------------------------------------------------------------------------------


class Now(NamedTuple):
    """A conversation as it is at Intercom, None where it is gone; and whether its customer is there, and gets mail."""

    chat: Chat | None
    is_there: bool = True
    bounces: bool = False


def claim(session: Session, id: int, it: Now, at: int) -> str:
    """From now on nobody else asks this person; or why they are not to be asked."""
    survey = session.get_one(Survey, id, with_for_update=True)
    session.get(Contact, survey.contact_id, with_for_update=True)  # of two conversations of theirs, one comes first
    why = why_not(session, survey, it, at)
    if not why and survey.asked_at is None:
        survey.asked_at = at
    return why


def why_not(session: Session, survey: Survey, it: Now, at: int) -> str:
    """Why somebody is not to be asked, the short name of a reason; "" where they may be."""
    chat = it.chat
    if not rules.survey.on:
        return texts.OFF
    if chat is None or chat.ticket_id or _is_erased(session, survey):
        return texts.NO_CHAT
    if chat.merged:
        return texts.MERGED
    if _is_reopened(session, survey, chat):
        return texts.REOPENED
    if board.developed(session, [chat.id]):
        return texts.WAITS
    if at - survey.episode > LATEST_MS:
        return texts.LATE
    return _of_history(session, survey, chat) or _of_customer(session, survey, it, at)


def _is_reopened(session: Session, survey: Survey, chat: Chat) -> bool:
    later = select(Survey.id).where(Survey.conversation_id == survey.conversation_id, Survey.episode > survey.episode)
    heard = any(part.is_heard and part.created_at * 1000 > survey.episode for part in chat.messages)
    return chat.state != "closed" or heard or session.exec(later.limit(1)).first() is not None


def _of_history(session: Session, survey: Survey, chat: Chat) -> str:
    """What happened since it was closed before, or from its beginning on."""
    since = max((at for at in closings(session, chat.id) if at < survey.episode), default=0)
    said = [each for each in [*history.said(session, chat.id), *history.told_by(chat)[0]] if each.at > since]
    heard = [each.at for each in said if each.is_customer and each.at <= survey.episode]
    if not heard:
        return texts.NEVER_WROTE
    if not any(each.is_answer and each.at <= survey.episode for each in said):
        return texts.UNANSWERED
    if _is_of_news(session, survey, since) or reopened.is_after_news(session, chat.id, max(heard) + 999):
        return texts.NEWS
    return texts.RATED if chat.rating and (chat.rated_at or 0) * 1000 > since else ""


def _is_of_news(session: Session, survey: Survey, since: int) -> bool:
    """Did we open it ourselves, to tell something there?"""
    here = sa.or_(col(Telling.conversation_id) == survey.conversation_id, col(Telling.via) == survey.conversation_id)
    opened = select(Telling.release_id).where(here, Telling.found == "closed", ~col(Telling.dry))
    in_it = opened.where(col(Telling.drafted_at) > since, col(Telling.drafted_at) <= survey.episode)
    return session.exec(in_it.limit(1)).first() is not None


def _of_customer(session: Session, survey: Survey, it: Now, at: int) -> str:
    if not (survey.contact_id and it.is_there):
        return texts.NOBODY
    if it.bounces and survey.medium == "mail":
        return texts.BOUNCED
    since = at - rules.survey.per_person_days * DAY_MS
    asked = select(Survey.id).where(Survey.contact_id == survey.contact_id, Survey.id != survey.id)
    lately = asked.where(col(Survey.asked_at) > since).limit(1)
    return texts.LATELY if rules.survey.per_person_days and session.exec(lately).first() is not None else ""


# -- they are asked, or not --------------------------------------------------------------------------


def link(session: Session, id: int, token: str, until: int) -> None:
    """This is the secret in the link that is about to be sent."""
    survey = session.get_one(Survey, id, with_for_update=True)
    survey.token, survey.good_until = digest(token), until


def sent(session: Session, id: int, part_id: str) -> None:
    """The link stands in the conversation."""
    session.get_one(Survey, id, with_for_update=True).part_id = part_id


def leave(session: Session, id: int, why: str) -> None:
    """They are not asked; the link that perhaps was made leads nowhere."""
    survey = session.get_one(Survey, id, with_for_update=True)
    survey.not_asked, survey.asked_at, survey.token, survey.good_until = why, None, None, None


# -- what they say -----------------------------------------------------------------------------------


def vote(session: Session, token: str, score: str, now: int) -> Survey | None:
    """What a customer says by the link, now or anew; None where it leads nowhere. To say the same again is nothing."""
    survey = by_link(session, token, now, held=True)
    if survey is not None and (survey.score != score or survey.origin != LINK):
        survey.score, survey.origin, survey.scored_at, survey.rating = score, LINK, now, None
        survey.reasons, survey.remark = [], ""
        survey.due_at = now + REMARK_MS if score == BAD else None
    return copy_of(survey) if survey else None


def explain(session: Session, token: str, reasons: Sequence[str], remark: str, now: int) -> Survey | None:
    """Why a customer is not satisfied; None where the link leads nowhere, or they did not say so."""
    survey = by_link(session, token, now, held=True)
    if survey is None or survey.score != BAD or survey.origin != LINK:
        return None
    survey.reasons = [reason for reason in rules.survey.offered if reason in reasons]
    survey.remark = remark.replace("\0", "").strip()[:LONGEST_REMARK]
    return copy_of(survey)


def rated(session: Session, chat: Chat, rating: int, remark: str, at: int) -> Survey | None:
    """What a customer said in Intercom: of the episode that was over by then; None where nothing may be kept."""
    if erasures.chats_of(session, {chat.id}):
        return None
    survey = _of_moment(session, chat, at)
    if survey.origin == LINK and (survey.scored_at or 0) > at + 999:
        return survey
    survey.score, survey.rating = GOOD if rating >= LEAST_GOOD else BAD, rating
    survey.origin, survey.scored_at, survey.remark, survey.reasons = INTERCOM, at, remark[:LONGEST_REMARK], []
    return survey


def _of_moment(session: Session, chat: Chat, at: int) -> Survey:
    """The survey of the newest episode by then, made where there is none. Intercom counts whole seconds."""
    closed = [each for each in closings(session, chat.id) if each <= at + 999]
    episode = max(closed, default=chat.created_at * 1000)
    query = select(Survey).where(Survey.conversation_id == chat.id, Survey.episode == episode)
    found = session.exec(query.with_for_update()).first()
    if found is not None:
        return found
    insert_new(session, Survey, [_row(session, chat.id, episode, chat.medium).model_dump(exclude={"id"})])
    return session.exec(query.with_for_update()).one()
