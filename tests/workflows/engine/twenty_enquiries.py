"""How twenty of each story come in at once: answers out of Slack, questions, warnings, surveys, hand-overs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import time
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.demo.company import CHANNEL
from tests.enquiring import CHANNEL as THREADS
from tests.enquiring import Enquiring
from tests.meeting import LEAD
from tests.replying import AGENT
from tests.voices import known, said
from tests.workflows.engine.twenty import TWENTY, customers, spawned
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.enquiry import warning
from workflows.enquiry.replies import About
from workflows.measure import subscriptions, survey
from workflows.measure.subscriptions import MAIL
from workflows.overview import handing_over, handings
from workflows.overview.handing_over import ANSWERS, CHATS, Part, Who
from workflows.overview.handings import MOVED, Handing
from workflows.people import colleagues
from workflows.rules import rules
from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import WEEKDAYS
from workflows.tables.customer import Conversation
from workflows.tables.enquiry import Ask, KnowHow, Reply, Wait
from workflows.tables.measure import Survey
from workflows.tables.runs import Action

#: Who is asked, and takes over: in Slack, and as a teammate in Intercom.
SATO, SATO_ADMIN, AGENT_ADMIN = "U0SATO", "7002", "7001"
ALWAYS = Calendar.of(hours=dict.fromkeys(WEEKDAYS, ("0:00-24:00",)))


def answered(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty customers are answered at once."""
    chats = customers(world)
    for chat in chats:
        world.intercom.announce("conversation.user.created", world.intercom.books.conversations[chat])
    world.settle()
    forms = [{"about": str(About(chat, CHANNEL, "")), "values": {"text": f"{chat}の件です。"}} for chat in chats]
    spawned("reply.send", *({"user_id": AGENT} | form for form in forms))
    yield "reply.send", "enquiries.follow"
    sent = [each.facts["body"] for chat in chats for each in world.intercom.did("comment", chat)]
    assert sent == [f"<p>{chat}の件です。</p>" for chat in chats]
    states = store.read(lambda session: list(session.exec(select(Reply.state))))
    assert states == ["sent"] * TWENTY
    spawned("enquiries.refresh", *({"conversation_id": chat} for chat in chats))
    yield ("enquiries.refresh",)


def digested(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty people get the same day's digest at once: each one mail."""
    ids = [subscriptions.begin("daily", MAIL, f"c{number}@kanade.example", "", "ja") for number in range(TWENTY)]
    rules.digest = replace(rules.digest, mail=tuple(f"c{number}@kanade.example" for number in range(TWENTY)))
    rules.digest = replace(rules.digest, daily=time(0))
    rules.calendar = ALWAYS
    day = rules.calendar.local(now_ms()).date().isoformat()
    spawned("digest.send", *({"subscription_id": id, "day": day} for id in ids))
    yield ("digest.send",)
    assert sorted(mail.to[0] for mail in world.stage.mail.mails) == sorted(rules.digest.mail)


def shared_answers(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty answers about customers are shared at once, and brought up to date."""
    chat = customers(world)[0]
    said(chat, "請求書が出ません")
    known()
    channels = [f"C0ROOM{number:02}" for number in range(TWENTY)]
    for channel in channels:
        world.slack.add_channel(channel, channel.lower())
    press = {"user_id": AGENT, "value": f"{now_ms()}:請求書", "ts": "1.1"}
    spawned("voice_share.shared", *(press | {"channel": channel} for channel in channels))
    yield ("voice_share.shared",)
    assert [len(world.slack.messages(channel)) for channel in channels] == [1] * TWENTY
    keys = store.read(lambda session: list(session.exec(select(Action.key).where(Action.verb == "slack.share"))))
    spawned("voice_share.reshow", *({"key": key} for key in keys))
    yield ("voice_share.reshow",)


def taught(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty answers of colleagues are kept at once, to be used again."""
    asks = [store.write(partial(_answered, chat)) for chat in customers(world)]
    values = {"title": "請求書の宛名", "text_ja": "設定画面で変更できます。"}
    spawned("teaching.kept", *({"user_id": AGENT, "values": values, "about": str(ask)} for ask in asks))
    yield ("teaching.kept",)
    assert len(store.read(lambda session: session.exec(select(KnowHow)).all())) == TWENTY


def _answered(chat: str, session: Session) -> int:
    """The number of a question about a chat, which somebody answered."""
    session.merge(Conversation(id=chat, url="", created_at=now_ms()))
    asked = {"question": "宛名は?", "origin": f"ask/{chat}", "person": AGENT, "asked_at": now_ms()}
    ask = Ask(conversation_id=chat, **asked, answer="設定画面です。", answered_by=AGENT, answered_at=now_ms())
    session.add(ask)
    session.flush()
    assert ask.id is not None
    return ask.id


def waiting(desk: Enquiring, *, minutes: int = 0) -> list[str]:
    """Twenty customers wrote so many minutes ago, and each has a thread; the conversations' numbers."""
    at = now_ms() // 1000 - 60 * minutes
    chats = [
        desk.intercom.add_conversation(f"77{n:04}", f"c10{1 + n % 8}", f"請求書{n}が出ません", at=at, send=True)
        for n in range(TWENTY)
    ]
    desk.world.settle()
    assert len(desk.threads()) == TWENTY
    return chats


def asked(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty questions are asked of a colleague, twenty answers are marked, and unmarked."""
    with world.rules(skills={"billing": (SATO,)}):
        desk = Enquiring(world)
        waiting(desk)
        threads = [(THREADS, str(each["ts"])) for each in desk.threads()]
        for channel, ts in threads:
            world.slack.press(AGENT, channel, ts, "ask_colleagues")
            world.slack.submit(AGENT, {"skill": "billing", "question": words(ts)[0], "way": "thread"})
        yield ("asking.asked",)
        asks = store.read(lambda session: session.exec(select(Ask).order_by(col(Ask.id))).all())
        assert sorted(ask.question for ask in asks) == sorted(words(ts)[0] for _, ts in threads)
        assert [len(below(desk, ts)) for _, ts in threads] == [1] * TWENTY

        for channel, ts in threads:
            said = world.slack.say(channel, SATO, words(ts)[1], thread_ts=ts)
            world.slack.use_message_shortcut(AGENT, "mark_answer", channel, said)
            world.slack.submit(AGENT, {})
        yield ("asking.marked",)
        kept = store.read(lambda session: session.exec(select(Ask)).all())
        assert {ask.question: ask.answer for ask in kept} == dict(words(ts) for _, ts in threads)
        for channel, ts in threads:
            [question] = [each for each in below(desk, ts) if "unmark_answer" in str(each.get("blocks"))]
            world.slack.press(AGENT, channel, question["ts"], "unmark_answer")
        yield ("asking.unmarked",)
        kept = store.read(lambda session: session.exec(select(Ask)).all())
        assert [ask.answered_at for ask in kept] == [None] * TWENTY
        assert [len(below(desk, ts)) for _, ts in threads] == [2] * TWENTY


def words(thread: str) -> tuple[str, str]:
    """What is asked in a thread, and the answer."""
    return f"{thread}はどこからですか。", f"{thread}は設定画面からです。"


def below(desk: Enquiring, thread: str) -> list[dict[str, object]]:
    """What stands below the first message of a thread."""
    return [each for each in desk.slack.messages(THREADS) if each.get("thread_ts") == thread != each["ts"]]


def warned(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty customers have waited for as long as a warning takes, all of them since the same moment."""
    with world.rules(calendar=ALWAYS, enquiry=replace(rules.enquiry, warn=(50,))):
        desk = Enquiring(world)
        waiting(desk, minutes=4)
        assert warning.start_due() == TWENTY and warning.start_due() == 0
        yield ("warning.warn",)
        said = [below(desk, str(each["ts"])) for each in desk.threads()]
        assert [["⏱" in str(each["text"]) for each in some] for some in said] == [[True]] * TWENTY
        assert store.read(lambda session: session.exec(select(Wait.warned)).all()) == [1] * TWENTY


def surveyed(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty conversations are solved, twenty customers are asked, twenty rate, and twenty more are not satisfied."""
    with world.rules(survey=replace(rules.survey, on=True, after_minutes=0, per_person_days=0)):
        desk = Enquiring(world)
        chats = waiting(desk)
        for chat in chats:
            desk.intercom.agent_says(chat, AGENT_ADMIN, "設定画面から出せます。")
            desk.intercom.close(chat, AGENT_ADMIN)
        yield ("survey.solved",)
        assert survey.start_due() == TWENTY and survey.start_due() == 0
        yield ("survey.ask",)
        rows = store.read(lambda session: session.exec(select(Survey)).all())
        assert len({row.token for row in rows} - {None}) == len(rows) == TWENTY
        assert [len(world.intercom.did("comment", chat)) for chat in chats] == [1] * TWENTY
        for chat in chats:
            desk.intercom.rate(chat, 5)
        yield ("survey.rated",)
        bad = {"score": "bad", "origin": "link", "remark": "遅い", "due_at": 1}
        for_all = sa.update(Survey).values(**bad)
        store.write(lambda session: session.connection().execute(for_all) and None)
        assert survey.start_due() == TWENTY
        yield ("survey.heard",)
    scores = store.read(lambda session: session.exec(select(Survey.score, Survey.due_at)).all())
    assert set(scores) == {("bad", None)} and len(scores) == TWENTY


def handed_over(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty hand-overs at once, each of a conversation and an answer; and all of them are undone."""
    desk = Enquiring(world)
    for person in (AGENT, SATO, LEAD.id):
        colleagues.met(person)
    chats = waiting(desk)
    for chat in chats:
        desk.intercom.assign_by_hand(chat, AGENT_ADMIN, AGENT_ADMIN)
    store.write(lambda session: session.add_all(_answer_of(n) for n in range(TWENTY)))
    world.settle()
    giver, receiver = _who(AGENT), _who(SATO)
    each = [Handing(f"h{n}", giver, receiver, LEAD.id) for n in range(TWENTY)]
    for handing, parts in zip(each, _shared(giver), strict=True):
        handings.begin(handing, parts)
    yield "handing.hand_over", "handing.assign"
    assert _whose(desk, chats) == ({SATO_ADMIN}, {SATO}) and len(world.intercom.did("assign")) == TWENTY
    assert {it.standing for one in each for it in store.read(partial(handings.things_of, handing=one))} == {MOVED}
    for one in each:
        handings.take_back(one.id, LEAD.id, LEAD.name)
    yield "handing.hand_over", "handing.assign"
    assert _whose(desk, chats) == ({AGENT_ADMIN}, {AGENT}) and len(world.intercom.did("assign")) == 2 * TWENTY


def _who(person: str) -> Who:
    found = handing_over.who(person)
    assert found is not None
    return found


def _answer_of(number: int) -> KnowHow:
    return KnowHow(title=f"請求書{number}", owner=AGENT, made_at=1, changed_at=1, origin=f"twenty/{number}")


def _shared(giver: Who) -> Iterator[list[Part]]:
    """What is open for somebody, in twenty parts: a conversation and an answer each."""
    parts = {part.kind: part for part in store.read(partial(handing_over.parts, giver=giver))}
    for chat, answer in zip(parts[CHATS].items, parts[ANSWERS].items, strict=True):
        yield [Part(CHATS, [chat]), Part(ANSWERS, [answer])]


def _whose(desk: Enquiring, chats: Sequence[str]) -> tuple[set[str], set[str]]:
    """Who has these conversations in Intercom, and who looks after the answers."""
    talks = desk.intercom.books.conversations
    owners = set(store.read(lambda session: session.exec(select(KnowHow.owner)).all()))
    return {str(talks[chat].assignee_id) for chat in chats}, owners
