"""「お客様に送信」in our Slack app: the forms that open, the preview upon them, and what is looked at first.

the button in a thread, the shortcut on a message ─► they write ─► the preview ─► sent: `enquiry.reply` follows
                                                                      └─► somebody answered meanwhile: once more
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from app.door.slack_desk import Desk, open_view, said, user_of, with_notice
from integrations.slack import ButtonPressed, FormSubmitted, plain, views
from workflows.engine.store import store
from workflows.enquiry import know_how, replies, reply_forms, threads
from workflows.enquiry.replies import About, Setting
from workflows.language.wording import say
from workflows.people import agents, colleagues


def open_for(event: ButtonPressed, body: dict[str, Any], desk: Desk) -> None:
    """The button in a thread, whose value is the conversation: an empty field."""
    thread = said(body, "message", "thread_ts") or event.ts
    _open(body, desk, About(event.value, event.channel, thread))


def open_about_message(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
    """The shortcut on a message of a thread: what it says is the beginning of the answer."""
    channel = said(body, "channel", "id")
    thread = said(body, "message", "thread_ts") or said(body, "message_ts")
    conversation_id = threads.conversation_at(channel, thread)
    if not conversation_id:
        open_view(body, lambda language: reply_forms.nowhere(language, reply_forms.ELSEWHERE))
    else:
        text = plain.text(said(body, "message", "text"), _name_of)
        _open(body, context["desk"], About(conversation_id, channel, thread), text)
    ack()


def _name_of(user_id: str) -> str:
    known = colleagues.recall(user_id)
    return known.name if known else ""


def _open(body: dict[str, Any], desk: Desk, about: About, text: str = "") -> None:
    """The form; until its preview is asked for, it is known whether its writer has a seat in Intercom."""
    user, setting = user_of(body), _setting(about)
    if setting is None:
        open_view(body, lambda language: reply_forms.nowhere(language, reply_forms.UNKNOWN))
        return
    seen = store.read(partial(replies.newest, conversation_id=about.conversation_id, besides=user))
    told = replace(about, seen=seen)
    open_view(body, lambda language: reply_forms.writing(language, setting, told, text))
    desk.afterwards.append(partial(agents.with_address, colleagues.email_of(user)))


def _setting(about: About) -> Setting | None:
    return store.read(partial(replies.setting, conversation_id=about.conversation_id))


def find_answers(ack: Any, body: dict[str, Any]) -> None:
    """Answers to use again that hold what was typed."""
    language = colleagues.language_of(user_of(body))
    ack(views.options(know_how.options(language, said(body, "value"))))


def show_preview(ack: Any, context: dict[str, Any]) -> None:
    """What was written becomes what goes out; nothing is kept, and nothing follows."""
    event = context["desk"].event
    assert isinstance(event, FormSubmitted)
    language, about = colleagues.language_of(event.user_id), About.read(event.about)
    setting = _setting(about)
    if setting is None:
        ack(views.replace(reply_forms.nowhere(language, reply_forms.UNKNOWN)))
        return
    chosen = event.values.get(reply_forms.KNOW_HOW, "")
    answer = know_how.text_of(chosen, setting.language) if chosen else ""
    text = reply_forms.joined(event.values.get(reply_forms.TEXT, ""), answer)
    if wrong := _wrong(language, event.user_id, text):
        ack(views.errors(wrong))
        return
    about = replace(about, know_how=chosen if answer else "")
    view = reply_forms.preview(language, setting, about, text, agent=_agent(event.user_id))
    ack(views.push(with_notice(language, view)))


def _wrong(language: str, user_id: str, text: str) -> dict[str, str]:
    _name, has_seat = agents.remembered(colleagues.email_of(user_id))
    if not has_seat:
        return {reply_forms.TEXT: say(language, reply_forms.NO_SEAT)}
    return reply_forms.wrong_text(language, text, reply_forms.NO_WORDS)


def _agent(user_id: str) -> str:
    """In whose name it goes out, as customers see it where that is known."""
    name, _has_seat = agents.remembered(colleagues.email_of(user_id))
    return name or _name_of(user_id) or user_id


def doubt(language: str, event: FormSubmitted) -> dict[str, Any] | None:
    """The preview once more, with an answer of somebody else that its sender has not seen; None where there is none."""
    about = About.read(event.about)
    setting = _setting(about)
    if setting is None:
        return views.replace(reply_forms.nowhere(language, reply_forms.UNKNOWN))
    now = store.read(partial(replies.newest, conversation_id=about.conversation_id, besides=event.user_id))
    if not now.is_after(about.seen):
        return None
    text, agent = event.values.get(reply_forms.TEXT, ""), _agent(event.user_id)
    view = reply_forms.preview(language, setting, about, text, agent=agent, meanwhile=now)
    return views.replace(with_notice(language, view))
