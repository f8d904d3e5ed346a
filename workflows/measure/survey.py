"""Survey: once a conversation was solved, its customer gets a link in it, and says with one click how it went.

    enquiries.follow ─► solved ─► upkeep, after some minutes ─► ask ─┬─► the link, in our own teammate's name
                                                                     └─► not, with the reason
    intercom.ConversationRated ─► rated: what is said in Intercom counts as well
    the link's page: somebody is not satisfied ─► heard: an escalation may be suggested

One is asked once for each time that it was solved. That we write opens no conversation: where Intercom opens one by it,
it is closed again; and as what we write ourselves, it is no answer, and no clock runs for it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import partial

from sqlmodel import Session

from integrations.contract import Permanent
from integrations.intercom import NO_CHAT, NO_CUSTOMER, NO_SENDER, Conversation
from workflows.customer import lookup, reply
from workflows.customer.reply import Letter, Refused
from workflows.engine.actions import Done, Intent, act, is_over, planned
from workflows.engine.actions import leave as left_undone
from workflows.engine.durable import NewRun, child, start, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import intercom_client
from workflows.escalation import suggestion
from workflows.escalation.suggestion import Reason
from workflows.language.addresses import Site
from workflows.measure import survey_texts as texts
from workflows.measure import surveys
from workflows.measure.surveys import Now
from workflows.rules import rules
from workflows.tables.measure import Survey

#: So many are begun in one round of upkeep.
MANY = 200
PLANNED = "The customer will be asked how it went."
NOT_CLOSED = "Nobody is asked: this conversation was not closed by a person, or was erased."
FORGOTTEN = "Nothing to do: this survey no longer exists."
SETTLED = "Nothing to do: this was settled before."
ASKED = "Asked the customer how it went."
SHUT = "Closed the conversation again: asking how it went had reopened it."
GONE = "The conversation no longer exists in Intercom."
NO_RATING = "Nothing kept: the conversation has no rating."
ERASED = "Nothing was saved: this conversation was erased."
KEPT = "Kept the rating that the customer gave in Intercom: {rating} out of 5."
SATISFIED = "Nothing suggested: the customer is satisfied, or was erased."
RULE_IS_OFF = "Nothing suggested: the rules suggest nothing after a low rating."
#: What a refusal of Intercom's is about.
REFUSALS = {NO_CHAT: texts.NO_CHAT, NO_SENDER: texts.NO_SENDER, NO_CUSTOMER: texts.REFUSED}


class Outdated(Permanent):
    """It was not sent, and must not be any more."""


def start_due() -> int:
    """Start a run for everybody who has to be asked now, or whose answer has to be looked at; returns how many."""
    now = now_ms()
    if not store.read(partial(surveys.is_due, now=now)):
        return 0
    return store.write(partial(_start_due, now))


def _start_due(now: int, session: Session) -> int:
    runs = []
    for survey in surveys.due(session, now, MANY):
        runs.append(_run_of(survey))
        survey.due_at = None
    return start(session, runs)


def _run_of(survey: Survey) -> NewRun:
    what = "heard" if survey.score and survey.origin == surveys.LINK else "ask"
    return child(f"survey:{survey.id}/{what}", f"survey.{what}", id=survey.id)


@workflow
def solved(conversation_id: str) -> Outcome:
    """A conversation was closed: its customer is asked after a while, if it is still solved then."""
    planned = store.write(partial(surveys.plan, conversation_id=conversation_id))
    if planned is None:
        return ignored(NOT_CLOSED)
    return ignored(texts.not_asked(planned.not_asked)) if planned.not_asked else done(PLANNED)


# -- asking ------------------------------------------------------------------------------------------


@workflow
def ask(id: int) -> Outcome:
    """Ask, or write down why not."""
    survey = store.read(partial(surveys.one, id=id))
    if survey is None:
        return ignored(FORGOTTEN)
    intent = _intent(survey)
    if survey.not_asked or (is_over(intent.key) and not survey.part_id):
        return ignored(SETTLED)
    why = "" if survey.part_id else store.write(partial(surveys.claim, id=id, it=_now(survey), at=now_ms()))
    why = why or ("" if Site.public_url else texts.NO_ADDRESS)
    if why and not planned(intent.key):
        return _leave(survey, why)
    return _ask(survey, intent, why)


def _now(survey: Survey) -> Now:
    """Everything as it is at Intercom."""
    intercom = intercom_client()
    chat = intercom.conversation(survey.conversation_id)
    contact = intercom.contact(survey.contact_id) if chat and survey.contact_id else None
    return Now(chat, contact is not None, bool(contact and contact.has_bounced))


def _ask(survey: Survey, intent: Intent, why: str) -> Outcome:
    """Once, however often this is begun; with `why`, only an attempt in doubt is looked for."""
    call: Callable[[], Done] = partial(_refuse, why) if why else partial(_send, survey)
    try:
        sent = act(intent, call, partial(_find, survey), partial(_keep_sent, survey.id or 0))
    except Refused as refusal:
        return _leave(survey, REFUSALS.get(refusal.about, texts.REFUSED))
    except Outdated:
        return _leave(survey, why)
    if sent.is_dry or not sent.ref:
        return _leave(survey, texts.DRY if sent.is_dry else texts.NO_CHAT)
    _keep_shut(survey, sent.ref)
    return done(ASKED)


def _refuse(why: str) -> Done:
    raise Outdated(texts.not_asked(why))


def _send(survey: Survey) -> Done:
    """Each attempt has a secret of its own, which is known before anybody can use it. Raises Refused."""
    token = secrets.token_urlsafe(24)
    _keep_link(survey, token)
    language = store.read(partial(surveys.language, survey=survey))
    text = texts.letter(language, address(token))
    return reply.call(Letter(survey.conversation_id, intercom_client().admin_id, text, survey.episode))


def _find(survey: Survey) -> Done | None:
    """The link that an attempt in doubt has sent after all, known by its address."""
    shape = re.compile(re.escape(address("")) + r"([\w-]{20,100})")
    chat = intercom_client().conversation(survey.conversation_id)
    ours = [part for part in chat.parts if part.by_us and not part.is_note] if chat else []
    for part in ours:
        link = shape.search(part.text)
        if link and part.created_at * 1000 >= survey.episode:
            _keep_link(survey, link[1])
            return Done(part.id)
    return None


def address(token: str) -> str:
    """Where a link leads."""
    return f"{Site.public_url}/rate/{token}"


def _keep_link(survey: Survey, token: str) -> None:
    until = now_ms() + rules.survey.good_days * DAY_MS
    store.write(partial(surveys.link, id=survey.id or 0, token=token, until=until))


def _keep_sent(id: int, session: Session, sent: Done) -> None:
    """In the commit that says that it is done."""
    if sent.ref and not sent.is_dry:
        surveys.sent(session, id, sent.ref)


def _keep_shut(survey: Survey, part_id: str) -> None:
    """What we write must leave no conversation open; unless somebody has gone on with it since."""
    intent, chat = _intent(survey, "shut", SHUT), intercom_client().conversation(survey.conversation_id)
    if chat is not None and chat.state == "open" and _is_last(chat, part_id):
        act(intent, partial(_shut, chat.id))
    elif chat is not None and planned(intent.key):  # an earlier attempt has closed it, and nobody wrote that down
        act(intent, partial(_shut, chat.id), lambda: Done(chat.id))


def _is_last(chat: Conversation, part_id: str) -> bool:
    """Has nobody but this service done anything since?"""
    ids = [part.id for part in chat.parts]
    since = chat.parts[ids.index(part_id) + 1 :] if part_id in ids else chat.parts
    return all(part.by_us for part in since)


def _shut(conversation_id: str) -> Done:
    return Done(conversation_id if intercom_client().shut(conversation_id) else "")


def _intent(survey: Survey, verb: str = "survey", sentence: str = ASKED) -> Intent:
    chat, facts = survey.conversation_id, {"at": survey.episode}
    return Intent("intercom", verb, f"{verb}:{chat}:{survey.episode}", chat, sentence, facts, conversation_id=chat)


def _leave(survey: Survey, why: str) -> Outcome:
    """They are not asked; the reason stays."""
    store.write(partial(surveys.leave, id=survey.id or 0, why=why))
    sentence = texts.not_asked(why)
    left_undone(_intent(survey), sentence)
    return ignored(sentence)


# -- what they say -----------------------------------------------------------------------------------


@workflow
def rated(conversation_id: str, rating: int, remark: str) -> Outcome:
    """A customer rated a conversation in Intercom; the rating is read there, where the webhook does not say it (0)."""
    chat = intercom_client().conversation(conversation_id)
    if chat is None:
        return ignored(GONE)
    lookup.remember(intercom_client(), chat)
    given = chat.rating or rating
    if not given:
        return ignored(NO_RATING)
    at = chat.rated_at * 1000 if chat.rated_at else now_ms()
    words = chat.remark or remark
    kept = store.write(partial(surveys.rated, chat=chat, rating=given, remark=words, at=at))
    return done(KEPT, rating=given) if kept else ignored(ERASED)


@workflow
def heard(id: int) -> Outcome:
    """Somebody was not satisfied, and has had the time to say why."""
    survey = store.read(partial(surveys.one, id=id))
    if survey is None or survey.score != surveys.BAD or survey.origin != surveys.LINK:
        return ignored(SATISFIED)
    chat = intercom_client().conversation(survey.conversation_id)
    if chat is None:
        return ignored(GONE)
    if not rules.suggest_rating:
        return ignored(RULE_IS_OFF)
    said = [part for part in chat.messages if part.is_heard]
    facts: dict[str, object] = {"remark": survey.remark}
    return suggestion.make(chat, Reason("survey", f"survey/{id}", facts, said[-1] if said else None))
