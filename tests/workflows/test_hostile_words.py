"""What customers write stays text, wherever the service repeats it."""

from __future__ import annotations

from html import escape

from tests.world import World

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
