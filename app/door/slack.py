"""Our app in Slack: what is answered at once. Bolt finds the listener; the door has verified the request before.

    shortcut, command          a form opens, or the answer is the reply
    a form is sent             errors at its fields, or a doubt to be looked at; or accepted (on disk), then closed
    a button is pressed        accepted (on disk), then a form opens where one belongs to it
    a company is typed         the companies that match

Everything that changes something is accepted first and acknowledged afterwards, and a story follows it. What only
asks for an answer is not kept. A form opens from what our tables know; Slack alone is asked before, and once, who
somebody is whom we never met. Who may not is told so (`slack_rights`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from app.door import slack_asks, slack_forms, slack_know_how, slack_prefill, slack_reply, slack_similar, slack_voice
from app.door.slack_desk import Desk as Desk
from app.door.slack_desk import open_view, said
from app.door.slack_rights import asking
from integrations.contract import Malformed, Trouble
from integrations.slack import ButtonPressed, FormSubmitted, views
from integrations.slack.blocks import Block
from workflows.customer import companies, fields, owners
from workflows.engine.store import store
from workflows.enquiry import know_how_texts
from workflows.escalation import answers, cases, forms, ladder
from workflows.language.wording import say
from workflows.overview import dossier_texts
from workflows.people import colleagues
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.wish import new_wish

log = logging.getLogger("yamabiko")

Answer = tuple[int, str, dict[str, str]]
#: Companies that a typeahead offers.
MOST = 20


def build() -> App:
    """Bolt with our listeners. Signatures were verified at the door, and one workspace needs no look-up of tokens."""
    app = App(
        name="bolt",  # it sets up loggers under this name: ours has to keep its own
        logger=logging.Logger("bolt, muted", logging.CRITICAL + 1),  # it logs bodies, and those quote customers
        client=WebClient(),
        authorize=_authorize,
        signing_secret="verified at the door",
        request_verification_enabled=False,
        url_verification_enabled=False,
        attaching_function_token_enabled=False,
        process_before_response=True,
    )
    app.shortcut("escalate")(asking(open_form))
    app.shortcut("escalate_message")(asking(open_form_about_message))
    app.shortcut("file_wish")(asking(open_filing))
    app.shortcut("mark_answer")(asking(slack_asks.open_marking))
    app.shortcut("send_as_reply")(asking(slack_reply.open_about_message))
    app.command(re.compile("/"))(asking(run_command))
    app.options("company")(asking(find_companies))
    app.options("know_how")(asking(slack_reply.find_answers))
    app.view("write_reply")(asking(slack_reply.show_preview))
    for form in slack_forms.CHECKS:
        app.view(form)(asking(form_sent))
    for button in OPENS:
        app.action(re.compile(rf"^{button}(\.\d+)?$"))(asking(open_for_button))
    app.action(slack_voice.SHARE)(asking(slack_voice.share))
    app.action(re.compile(""))(asking(button_pressed))
    app.view_closed(re.compile(""))(nothing)
    app.error(_failed)
    return app


#: What Python says of a payload that lacks something, or holds something else in its place.
SHAPELESS = (LookupError, TypeError, AttributeError, ValueError, Malformed)


def _failed(error: Exception) -> BoltResponse:
    """What went wrong with an answer: its kind, not its text, which may quote somebody."""
    log.error("an answer to Slack failed: %s", type(error).__name__)
    return BoltResponse(status=400 if isinstance(error, SHAPELESS) else 500)


def _authorize(enterprise_id: str | None, team_id: str | None, **_: object) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="not used by listeners")


def answer(app: App, body: bytes, headers: Mapping[str, str], desk: Desk) -> Answer:
    """The answer to one verified request: status, body, headers. What nobody listens to is answered with 200."""
    try:
        answered = app.dispatch(BoltRequest(body=body.decode(), headers=dict(headers), context={"desk": desk}))
    except SHAPELESS as error:  # Bolt itself could make nothing of it
        return _failed(error).status, "", {}
    if answered.status == 404:
        return 200, "", {}
    return answered.status, answered.body, {name: values[0] for name, values in answered.headers.items()}


# -- forms open -----------------------------------------------------------------------------------


def open_form(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
    """The global shortcut: an empty form."""
    open_view(body, lambda language: forms.escalate(language, forms.Filled(), about="shortcut"))
    ack()


def open_form_about_message(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
    """The shortcut on a message: what it says is the history."""
    filled, company = slack_prefill.from_message(said(body, "message", "text"))
    via = f"message:{said(body, 'channel', 'id')}/{said(body, 'message_ts')}"
    open_view(body, lambda language: forms.escalate(language, filled, company, about=via))
    ack()


def open_filing(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
    """The other shortcut on a message: it becomes a wish."""
    filled = slack_prefill.to_file(said(body, "message", "text"))
    thread, domain = said(body, "message", "thread_ts"), said(body, "team", "domain")
    message = new_wish.named(said(body, "channel", "id"), said(body, "message_ts"), thread, domain)
    slack_similar.file(context["desk"], body, filled, message)
    ack()


def run_command(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
    """A slash command; what each is called is in the rules."""
    name = next((name for name, command in rules.commands.items() if command == body["command"]), "")
    typed, language = said(body, "text").strip(), colleagues.language_of(said(body, "user_id"))
    if name == "escalate":
        filled, company = slack_prefill.for_company(typed)
        open_view(body, lambda language: forms.escalate(language, filled, company, about="command"))
        ack()
    elif name == "owner":
        found = companies.company_named(typed)
        people = store.read(lambda session: owners.shown(session, found[0])) if found else {}
        open_view(body, lambda language: forms.owners(language, found, people))
        ack()
    elif name == "dossier":
        text, blocks = dossier_texts.answer(language, typed)
        ack(text=text, blocks=blocks)
    elif name == "answers":
        text, blocks = know_how_texts.answer(language, typed)
        ack(text=text, blocks=blocks)
    elif name in slack_voice.COMMANDS:
        slack_voice.answer(ack, body, context["desk"], typed)
    else:
        ack(text=say(language, "This command is not set up here. Check [commands] in the rules."))


def find_companies(ack: Any, body: dict[str, Any]) -> None:
    """Companies whose name holds what was typed, the one behind a pasted link, or a new one by that name."""
    language = colleagues.language_of(said(body, "user", "id"))
    ack(views.options(companies.companies(language, said(body, "value"), MOST)))


# -- forms are sent -------------------------------------------------------------------------------


def form_sent(ack: Any, context: dict[str, Any]) -> None:
    """Errors stay at their fields; what is right is accepted, and then the form closes."""
    desk: Desk = context["desk"]
    event = desk.event
    assert isinstance(event, FormSubmitted)
    language = colleagues.language_of(event.user_id)
    if wrong := slack_forms.CHECKS[event.form](language, event):
        ack(views.errors(wrong))
        return
    if (doubt := slack_forms.doubt(language, event)) is not None:
        ack(doubt)
        return
    desk.accept()
    shown = slack_forms.after(language, event)
    ack(shown) if shown is not None else ack()


# -- buttons --------------------------------------------------------------------------------------


def button_pressed(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
    """A button that a story follows: accepted, and then the form that belongs to it."""
    desk: Desk = context["desk"]
    desk.accept()
    event = desk.event
    if isinstance(event, ButtonPressed) and event.button == "acknowledge":
        escalation = _escalation(event)
        if escalation is not None and _is_free_for(event.user_id, escalation):
            open_view(body, lambda language: forms.judge(language, escalation, "ack"))
    ack()


def _is_free_for(user_id: str, escalation: Escalation) -> bool:
    """May this person take it, or have they? Who comes too late is told by the story."""
    taken = escalation.state != ladder.OPEN and escalation.acknowledged_by != user_id
    return not taken and escalation.state != ladder.DONE


def open_for_button(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
    """A button that only opens a form or something to read; where a message has several, each has a number."""
    event = context["desk"].event
    if isinstance(event, ButtonPressed):
        OPENS[event.button.partition(".")[0]](event, body, context["desk"])
    ack()


def _open_for(event: ButtonPressed, body: dict[str, Any], desk: Desk, make: Callable[[str, Escalation], Block]) -> None:
    escalation = _escalation(event)
    if escalation is None:
        return
    if escalation.state == ladder.DONE and event.button != "dossier":
        code = cases.code(escalation.id)
        open_view(body, lambda language: fields.notice(language, "Escalate", say(language, answers.OVER, code=code)))
    else:
        open_view(body, lambda language: make(language, escalation))


def _suggested(event: ButtonPressed, body: dict[str, Any], desk: Desk) -> None:
    filled, company = slack_prefill.from_chat(event.value)
    open_view(body, lambda language: forms.escalate(language, filled, company, about=f"suggest:{event.value}"))


def _write_context(event: ButtonPressed, body: dict[str, Any], desk: Desk) -> None:
    wish = slack_forms.wish_named(event.value)
    if wish is not None:
        slack_similar.background(desk, body, wish)


def _escalation(event: ButtonPressed) -> Escalation | None:
    id = cases.id_of(event.value)
    return store.read(lambda session: session.get(Escalation, id)) if id else None


#: What opens, and nothing else, when one of these is pressed.
OPENS: dict[str, Callable[[ButtonPressed, dict[str, Any], Desk], None]] = {
    "finish": lambda event, body, desk: _open_for(event, body, desk, lambda to, row: forms.judge(to, row, "done")),
    "judge": lambda event, body, desk: _open_for(event, body, desk, lambda to, row: forms.judge(to, row, "ack")),
    "hand_on": lambda event, body, desk: _open_for(event, body, desk, forms.hand_on),
    "dossier": lambda event, body, desk: _open_for(event, body, desk, dossier_texts.view),
    "suggest_escalate": _suggested,
    "write_context": _write_context,
    "ask_colleagues": slack_asks.open_asking,
    "answer_ask": slack_asks.open_answering,
    "keep_answer": slack_know_how.open_keeping,
    "send_reply": slack_reply.open_for,
}


def nothing(ack: Any) -> None:
    """Somebody closed a form: nothing follows."""
    ack()


def catch_up(desk: Desk) -> None:
    """What waited until the answer was out. It may fail: nothing depends on it."""
    for work in desk.afterwards:
        try:
            work()
        except Trouble as trouble:
            log.warning("after an answer to Slack: %s", trouble)
