"""What customers write stays text, wherever the service repeats it."""

from __future__ import annotations

from html import escape

import pytest

from tests.meeting import LEAD, decide, noted
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.meeting import acts, items, texts, to_jira
from workflows.people.person import Person
from workflows.telling import digest_mail

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "mention": "<!channel> <@U0YAMABIKO> *bold* :tada:",
    "braces": "{name} {0} {wish.__class__} {} }{",
    "quotes": "\"'><a href=javascript:alert(1)>x</a>",
    "direction": "\u202egnirts desrever\u202c \u200f عربي",
    "long": "長い" * 20_000,
    "marker": "Ref YMB-AAAAAAAAAA",
    "percent": "%s %(name)s %%",
}


@pytest.mark.fault("F68")
def test_hostile_words_stay_words_everywhere(world: World) -> None:
    for number, hostile in enumerate(HOSTILE.values(), 90):
        key = world.issue(f"KNDE-{number}", summary=hostile[:200])
        chat = world.chat(f"<p>{escape(hostile, quote=False)}</p>")
        wish = world.wish(chat)
        world.link(wish, key)
        world.move(key, "完了")
        assert wish.quote.split() == hostile.split()
        [note] = world.productboard.did("create_note", wish.note_id)
        for html in (str(note.facts["content"]), *world.notes(chat)):
            assert not any(danger in html for danger in ("<script", "<img", "<a href=javascript", "<!channel"))
            assert len(html) < 200_000
        assert len(note.facts["name"]) <= 255
        assert not any(danger in world.said()[-1] for danger in ("<!channel>", "<@U0YAMABIKO>"))
        assert world.state(chat) == "open"


def test_a_customers_name_is_text_too(world: World) -> None:
    world.intercom.add_contact("c902", "<b>{agent}</b>", "x@aoba.example", "101")
    chat = world.chat("CSVに列を足してください。", customer="902")
    world.link(world.wish(chat), "KNDE-12")
    world.move("KNDE-12", "完了")
    assert "&lt;b&gt;{agent}&lt;/b&gt;様" in world.notes(chat)[-1]
    assert "<b>{agent}" not in str(world.productboard.did("create_note")[0].facts["content"])


def test_what_is_concluded_about_hostile_words_stays_words_as_well(world: World) -> None:
    for hostile in HOSTILE.values():
        chat = world.chat(f"<p>{escape(hostile, quote=False)}</p>")
        wish = world.wish(chat).id or 0
        noted(wish, background=hostile, promise="report", level="report")
        decision = decide(wish, "decline", hostile[:2000], answer=hostile[:2000], by=Person("U0LEAD", hostile[:60]))
        assert acts.send_now(decision.id or 0)
        world.settle()
        note = world.productboard.notes[world.feedback(chat)[0].note_id].content
        for html in (note, *world.notes(chat)):
            assert not any(danger in html for danger in ("<script", "<img", "<a href=javascript", "<!channel"))
        messages = str(world.slack.messages(world.channel))
        assert not any(danger in messages for danger in ("<!channel>", "<@U0YAMABIKO>", "<script", "*bold*"))
        digest_mail.start_now()
        world.settle()
        mail = world.stage.mail.mails[-1]
        assert mail.to == ("support@kanade.example",) and "\n" not in mail.subject
        found = store.read(lambda session: items.agenda(session, now_ms()))
        item = store.read(lambda session, wish=wish: items.item(session, wish, now_ms()))
        assert item is not None and "<!channel>" not in str(texts.agenda(found, [item]))


@pytest.mark.fault("F70")
def test_an_issue_is_created_from_hostile_words_as_text(world: World) -> None:
    with world.rules(jira_project="KNDE", jira_issue_type="ストーリー"):
        for hostile in HOSTILE.values():
            wish = world.wish(world.chat(f"<p>{escape(hostile, quote=False)}</p>")).id or 0
            assert to_jira.ask_to_create(wish, LEAD)
            world.settle()
            item = store.read(lambda session, wish=wish: items.item(session, wish, now_ms()))
            assert item is not None and len(item.issues) == 1 and len(item.issues[0].summary) <= 255
