"""What the vendors were made to do, told as the oracle wants to hear it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from app.demo.company import CHANNEL, ESCALATIONS
from app.demo.stage import Stage
from tests.soak.desk import AGENT
from tests.soak.oracle import Effect

MARK = re.compile(r"YMB-[A-Z2-7]{10}")
_CHAT = re.compile(r"/conversation/(\d+)")
#: How an escalation of ours begins; see `desk`.
_GIST = re.compile(r"第(\d+)号の請求")
_KEY = re.compile(r"KNDE-\d+")


def effects(stage: Stage) -> Counter[Effect]:
    """How often each thing was done."""
    found = Counter[Effect]()
    for part in (_intercom, _productboard, _jira, _slack, _mail):
        found.update(part(stage))
    return found


def marks(stage: Stage) -> Iterator[str]:
    """The marker of every write that adds something, with its place, once for each time that it was added."""
    for note in stage.intercom.did("note"):
        for mark in MARK.findall(str(note.facts["body"])):
            yield f"{note.target} {mark}"
    for note in stage.productboard.did("create_note"):
        yield f"Productboard {note.facts['record_id']}"
    for user in stage.productboard.did("create_entity"):
        yield f"Productboard {user.facts.get('email')}"
    for message in stage.slack.did("chat.postMessage"):
        if message.facts["marker"]:
            yield f"{message.target} {message.facts['marker']}"


def _intercom(stage: Stage) -> Iterator[Effect]:
    for effect in stage.intercom.did("note"):
        yield "internal note", effect.target
    for effect in stage.intercom.did("open"):
        if effect.facts["was"] != "open":
            yield "reopened", effect.target


def _productboard(stage: Stage) -> Iterator[Effect]:
    for effect in stage.productboard.did("create_note"):
        yield from (("Productboard note", chat) for chat in _CHAT.findall(effect.facts["source"]["url"]))
    for note in list(stage.productboard.notes.values()):
        yield from (("written below", number) for number in re.findall(r"今期は(\d+)号", str(note.content)))


def _jira(stage: Stage) -> Iterator[Effect]:
    for links in list(stage.jira.remote_links.values()):
        for link in links:
            yield from (("remote link", chat) for chat in _CHAT.findall(str(link.get("object", {}).get("url", ""))))


def _slack(stage: Stage) -> Iterator[Effect]:
    for effect in stage.slack.did("chat.postMessage"):
        if effect.facts["thread_ts"]:
            continue
        yield from _said(effect.target, effect.facts["text"], str(effect.facts["blocks"]))


def _said(channel: str, text: str, blocks: str) -> Iterator[Effect]:
    number = _GIST.search(text) or _GIST.search(blocks)
    if channel == CHANNEL and (reason := re.search(r"今期は(\d+)号", text + blocks)):
        yield "decision post", reason[1]
    elif channel == CHANNEL and (key := _KEY.search(text)):
        yield "release post", key[0]
    elif channel == ESCALATIONS and number:
        yield "card", number[1]
    elif "write_context." in blocks:  # one message for all that an agent took within some minutes
        yield from (("asked for background", chat) for chat in _CHAT.findall(blocks))
    elif channel == f"D{AGENT[1:]}" and number:
        yield "receipt", number[1]
    elif channel.startswith("D") and number:
        yield "owner told", number[1]


def _mail(stage: Stage) -> Iterator[Effect]:
    for mail in list(stage.mail.mails):
        for number in set(re.findall(r"今期は(\d+)号", mail.text)):
            yield "mail", number
