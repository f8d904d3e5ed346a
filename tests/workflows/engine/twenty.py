"""How twenty of each story come in at the same moment.

A play is told like a story, and stops wherever twenty things have just happened: `yield` lets them come to their end
while every vendor answers late, and names the stories of which there must then have been twenty.

    def requests(world):
        ...                                            # given: twenty customers ask for something
        yield "feedback.file", "context.ask"           # received at once, by vendors that are slow
        assert len(...) == TWENTY                      # then
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from sqlmodel import Session, col, select

from tests.asking import AGENT as ASKED
from tests.asking import Asking
from tests.meeting import LEAD, decide
from tests.releasing import soon
from tests.world import World
from workflows.engine import durable
from workflows.engine.durable import NewRun
from workflows.engine.store import now_ms, store
from workflows.meeting import acts, to_jira
from workflows.people.person import Person
from workflows.rules.telling import NEWS, Gate, Sending
from workflows.tables.customer import Conversation
from workflows.tables.meeting import Decision
from workflows.tables.telling import Telling
from workflows.tables.wish import Context, Feedback, FeedbackFeature
from workflows.telling import approval, publish, sending
from workflows.telling.approval import Key
from workflows.wish import corrections, filing, wishes

TWENTY = 20
#: Who answers for these customers' companies.
OWNER = "mori@kanade.example"
Play = Callable[[World], Iterator[tuple[str, ...]]]


def spawned(story: str, *each: dict[str, object]) -> None:
    """Twenty of a story that no person and no vendor can cause at the same moment."""
    durable.spawn([NewRun(f"twenty:{story}/{number}", story, given) for number, given in enumerate(each)])


# -- what there is --------------------------------------------------------------------------------


def customers(world: World) -> list[str]:
    """Twenty customers, each with a conversation that an agent has closed; the conversations' ids."""
    intercom = world.intercom
    for number in range(TWENTY):
        company = f"9{number:02}"
        intercom.add_company(company, f"株式会社{number}", "Business", 1000)
        for role, mail in (("owner", "mori"), ("deputy", "okada")):
            intercom.set_attribute(company, f"account_{role}", f"{mail}@kanade.example")
        intercom.add_contact(f"c{company}", f"山本{number}", f"c{number}@customer.example", company)
        chat = world.chat(f"CSVに列{number}を足してください。", customer=company)
        intercom.books.conversations[world.chats[chat]].assignee_id = "7001"
    return world.chats[-TWENTY:]


def tagged(world: World) -> list[str]:
    """Twenty conversations in which something is asked for."""
    chats = customers(world)
    for chat in chats:
        world.intercom.tag(chat, "", "要望", "7001")
    return chats


def filed() -> list[Feedback]:
    """What was filed, oldest first."""
    return list(store.read(lambda session: session.exec(select(Feedback).order_by(col(Feedback.id))).all()))


def ids() -> list[int]:
    return [wish.id or 0 for wish in filed()]


def linked(world: World) -> list[str]:
    """Twenty issues, each of which names a conversation in which something was asked for."""
    keys = [world.issue(f"KNDE-{500 + number}") for number in range(TWENTY)]
    for key, wish in zip(keys, filed(), strict=True):
        url = store.read(partial(wishes.url_of_conversation, conversation_id=wish.conversation_id))
        world.jira.describe(key, f"お客様の声: {url}")
    return keys


# -- requests -------------------------------------------------------------------------------------


def requests(world: World) -> Iterator[tuple[str, ...]]:
    """Customers write, agents tag, say why, and correct what they filed."""
    case = Asking(world)
    for chat in customers(world):
        world.intercom.announce("conversation.user.created", world.intercom.books.conversations[chat])
    yield "feedback.meet", "contact.wrote"
    known = store.read(lambda session: session.exec(select(Conversation.id)).all())
    assert set(world.chats[-TWENTY:]) <= set(known)

    with world.rules(suggest_contacts=1):
        for chat in world.chats[-TWENTY:]:
            world.intercom.tag(chat, "", "要望", "7001")
        yield "feedback.file", "context.ask", "contact.repeated"
    assert (len(world.productboard.did("create_note")), len(filed())) == (TWENTY, TWENTY)
    assert [len(world.notes(chat)) for chat in range(-TWENTY, 0)] == [1] * TWENTY

    heard = len(case.direct())
    spawned("context.remind", *({"asked_by": run.id} for run in world.runs() if run.workflow == "context.ask"))
    yield ("context.remind",)
    assert len(case.direct()) == heard + 1  # one message asked about all of them, and one reminds
    values = {"importance": "high", "background": "のため"}
    filled = [{"user_id": ASKED, "about": str(id), "values": values | {"background": f"{id}のため"}} for id in ids()]
    spawned("context.sent", *filled)
    yield "context.sent", "context.write_down"
    assert all(f"{wish.id}のため" in case.below(wish) for wish in filed())

    for wish in filed():
        world.intercom.open_card(wish.conversation_id, "7002")
        world.intercom.press_card(wish.conversation_id, "7002", f"wish:{wish.id}", {})
        world.intercom.press_card(wish.conversation_id, "7002", "send", {"background": f"{wish.id}の続き"})
    yield ("context.card_sent",)
    assert len(store.read(lambda session: session.exec(select(Context.id)).all())) == 2 * TWENTY
    spawned("context.reshow", *({"feedback_id": id} for id in ids()))
    yield ("context.reshow",)
    for id in ids():
        corrections.withdraw(id, words="ご質問でした", by=LEAD)
    yield ("corrected.spread",)
    assert [len(world.notes(chat)) for chat in range(-TWENTY, 0)] == [2] * TWENTY


def tags_taken_off(world: World) -> Iterator[tuple[str, ...]]:
    """Agents take tags off again, and say what that means."""
    chats = tagged(world)
    world.settle()
    for chat in chats:
        world.intercom.untag(chat, "", "要望")
        world.intercom.tag(chat, "", "不具合", "7001")
    yield ("corrected.untagged",)
    questions = asking(world, "keep_wish")
    assert len(questions) == TWENTY
    for ts in questions:
        world.slack.press(ASKED, f"D{ASKED[1:]}", ts, "keep_wish")
    yield ("corrected.kept",)
    assert not any(wish.withdrawn_at for wish in filed())
    asked = [str(wish.id) for wish in filed() if wish.tag == "要望"]
    pressed = {"user_id": ASKED, "channel": f"D{ASKED[1:]}"}
    each = [pressed | {"value": id, "ts": ts} for id, ts in zip(asked, questions, strict=True)]
    spawned("corrected.withdrawn", *each)
    yield ("corrected.withdrawn",)
    assert sum(wish.withdrawn_at is not None for wish in filed()) == TWENTY


def asking(world: World, button: str, person: str = ASKED) -> list[str]:
    """The direct messages to somebody that have this button."""
    return [str(one["ts"]) for one in world.slack.messages(f"D{person[1:]}") if f'"{button}"' in Asking.text_of(one)]


def from_slack(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty messages in Slack are filed, and somebody hears another request in each."""
    case = Asking(world)
    for number in range(TWENTY):
        case.shortcut(case.say(f"CSVに列{number}がほしい"))
        world.slack.suggest(ASKED, "company", "あおば")
        world.slack.submit(ASKED, {"company": "101", "importance": "low"})
        world.slack.close(ASKED)
    yield ("filing.sent",)
    assert (len(world.productboard.did("create_note")), len(filed())) == (TWENTY, TWENTY)
    for id in ids():
        filing.split(id, quote="PDFでもほしい", kind="wish", by=LEAD, origin=f"page:{id}")
    yield ("filing.carry",)
    assert len(world.productboard.did("create_note")) == 2 * TWENTY


# -- issues and features --------------------------------------------------------------------------


def releases(world: World) -> Iterator[tuple[str, ...]]:
    """Developers link and finish twenty issues, agents answer, and some issues end otherwise, or vanish."""
    chats = tagged(world)
    world.settle()
    keys = linked(world)
    yield "links.issue_mentioned", "links.show"
    assert [len(world.jira.remote_links.get(world.stage.issues[key], [])) for key in keys] == [1] * TWENTY
    for key in keys:
        world.jira.move(key, "完了")
    yield "release.moved", "reopen.conversation"
    assert sorted(each.target for each in world.intercom.did("open")) == sorted(chats)
    for chat in chats:
        world.intercom.agent_says(chat, "7001", "お待たせしました。", at=soon())
    yield ("reopen.told",)
    assert [world.tellings()[chat] for chat in chats] == ["told"] * TWENTY

    for key in keys:
        world.jira.set_resolution(key, "対応しない")
    yield ("release.resolved",)
    spawned("release.check", *({"issue_id": world.stage.issues[key], "issue_key": key} for key in keys))
    yield ("release.check",)
    assert len(world.intercom.did("open")) == TWENTY
    for key in keys:
        world.jira.delete(key)
    yield ("links.issue_gone",)
    assert len(world.intercom.did("open")) == TWENTY


def availability(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty issues are done and held, come out with their versions, are told by agents, and are withdrawn again."""
    tagged(world)
    world.settle()
    keys = linked(world)
    world.settle()
    agent = world.intercom.books.admins["7001"]
    by = Person("U0TANAKA", agent.name, agent.email)
    at_once = Sending(undo_seconds=0, at_any_hour=True, tell_owners=NEWS)
    with world.rules(gate=Gate("release"), sending=at_once):
        for number, key in enumerate(keys):
            world.jira.add_version(f"{number}.0", "KNDE")
            world.jira.fix_in(key, f"{number}.0")
            world.jira.move(key, "完了")
        yield ("release.moved",)
        assert world.intercom.did("open") == []
        for number in range(TWENTY):
            world.jira.release_version(f"{number}.0")
        yield "release.version_changed", "release.check", "reopen.conversation", "owner_news.tell"
        assert len(world.intercom.did("open")) == TWENTY
        owed = store.read(lambda session: session.exec(select(Telling)).all())
        for telling in owed:
            assert approval.approve(Key(telling.release_id, telling.conversation_id), "お待たせしました。", by) == ""
        sending.start_due()
        yield "sending.send", "reopen.told"
        assert len(world.intercom.did("comment")) == TWENTY
        spawned("release.reach", *({"release_id": telling.release_id} for telling in owed))
        yield ("release.reach",)
        for key in keys:
            publish.take_back(world.stage.issues[key], by)
        yield "release.warned", "retract.conversation", "owner_news.turned"
        assert len(world.intercom.did("comment")) == TWENTY


def features(world: World) -> Iterator[tuple[str, ...]]:
    """Product people link, move and archive in Productboard; an operator and the meeting link issues."""
    tagged(world)
    world.settle()
    board = world.productboard
    made = [board.add_feature(f"列{number}") for number in range(TWENTY)]
    for wish, feature in zip(filed(), made, strict=True):
        board.link(wish.note_id, feature)
    yield ("links.note_linked",)
    assert len(store.read(wishes_with_features)) == TWENTY
    for feature in made:
        board.set_status(feature, "Planned")
    yield ("links.feature_changed",)
    for wish in filed():
        board.process_note(wish.note_id)
    yield ("links.note_changed",)

    keys = [world.issue(f"KNDE-{500 + number}") for number in range(TWENTY)]
    both = list(zip(ids(), keys, strict=True))
    spawned("links.by_hand", *({"feedback_id": id, "issue_key": key, "who": LEAD.name} for id, key in both))
    yield ("links.by_hand",)
    assert [world.waiting(key) for key in keys] == [[id] for id in ids()]
    more = [world.issue(f"KNDE-{600 + number}") for number in range(TWENTY)]
    for id, key in zip(ids(), more, strict=True):
        assert to_jira.ask_to_link(id, key, LEAD)
    yield ("to_jira.link",)
    assert [world.waiting(key) for key in more] == [[id] for id in ids()]
    for id in ids():
        assert to_jira.ask_to_create(id, LEAD)
    yield ("to_jira.create",)
    assert len(world.jira.did("create_issue")) == TWENTY
    spawned("to_jira.shared", *({"feedback_id": id} for id in ids()))
    yield ("to_jira.shared",)


def wishes_with_features(session: Session) -> list[int]:
    return sorted(session.exec(select(FeedbackFeature.feedback_id)).all())


# -- the meeting ----------------------------------------------------------------------------------


def meeting(world: World) -> Iterator[tuple[str, ...]]:
    """The meeting concludes something about twenty requests; its agenda and minutes are posted."""
    chats = tagged(world)
    world.settle()
    spawned("agenda.post", *({"when": now_ms()} for _ in range(TWENTY)))
    yield ("agenda.post",)
    agenda = [each for each in world.actions() if each.verb.endswith("agenda")]
    assert len(agenda) == 1
    for id in ids():
        acts.send_now(decide(id, "decline", tells_all=True).id or 0)
    yield "conclusion.tell", "conclusion.carry", "conclusion.write_back"
    assert sorted(each.target for each in world.intercom.did("open")) == sorted(chats)
    assert len(store.read(lambda session: session.exec(select(Decision.id)).all())) == TWENTY
    today = date.today().isoformat()
    spawned("minutes.post", *({"day": today, "state": str(n), "who": LEAD.name} for n in range(TWENTY)))
    yield ("minutes.post",)
    spawned("minutes.show", *({"day": today} for _ in range(TWENTY)))
    decided = store.read(lambda session: session.exec(select(Decision.id)).all())
    spawned("digest_mail.send", *({"decision_ids": [id]} for id in decided))
    spawned("owner_news.decided", *({"decision_ids": [id], "who": OWNER} for id in decided))
    yield "minutes.show", "digest_mail.send", "owner_news.decided"
