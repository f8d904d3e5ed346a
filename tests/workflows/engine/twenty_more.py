"""How twenty of each story come in at the same moment: complaints, what is erased, and what a clock begins."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, select

from app.demo.company import ROOMS
from tests.asking import AGENT as ASKED
from tests.escalating import AGENT, CHANNEL, DEPUTY, OWNER, Escalating
from tests.integrations.zendesk_account import Patient
from tests.meeting import decide
from tests.noticing import tellings, written
from tests.releasing import soon
from tests.workflows.engine.twenty import LEAD, TWENTY, customers, filed, linked, spawned, tagged
from tests.world import World
from workflows import upkeep
from workflows.customer import erasures
from workflows.engine import durable
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.escalation import cases, ladder, reminders
from workflows.meeting import acts
from workflows.notice import notices
from workflows.rules import rules
from workflows.rules.kinds import Hearers
from workflows.rules.telling import Sending
from workflows.tables.customer import Owner
from workflows.tables.runs import Action, Run
from workflows.tables.similar import NotSame
from workflows.tables.telling import Telling
from workflows.tables.volume import Arrival, Count
from workflows.telling import desk, reaction
from workflows.wish import corrections

INBOX = "https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/"


def complaints(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty complaints are raised, nobody answers, somebody does, and they are over."""
    case, chats = Escalating(world), customers(world)
    [(room, name)] = ROOMS.items()
    rules.chatwork_rooms, rules.escalation_room = {name: str(room)}, name
    world.chatwork.clock = world.clock.time  # a room takes ten messages in ten seconds, and nobody waits for these
    for number, chat in enumerate(chats):
        case.slack.use_shortcut(AGENT, "escalate")
        [(company, _)] = case.slack.suggest(AGENT, "company", INBOX + chat)
        gist = f"請求額が二重に引き落とされた {number}"
        case.slack.submit(AGENT, case.filled(company=company, gist=gist, conversation=INBOX + chat))
    yield "escalation.submitted", "in_chatwork.show"
    posts = [str(each["ts"]) for each in case.posts()]
    assert (len(posts), len(case.direct(OWNER)), len(world.chatwork.texts(room))) == (TWENTY, TWENTY, TWENTY)

    durable.spawn([reminders.run_of(each, at_once=True) for each in case.all()])
    yield ("reminders.remind",)
    assert len(case.thread()) == TWENTY
    heard = len(case.direct(OWNER))
    for chat in chats:
        world.intercom.customer_says(chat, "まだでしょうか。解約します。")
    yield ("contact.wrote",)
    assert len(case.direct(OWNER)) - heard == TWENTY

    for ts in posts:
        case.slack.press(OWNER, CHANNEL, ts, "acknowledge")
        case.slack.submit(OWNER, {"churn_risk": "high", "next_step": "電話します", "next_date": ""})
    yield "answer.acknowledged", "answer.judged", "escalation.show"
    assert {each.state for each in case.all()} == {"acknowledged"}
    for ts in posts:
        case.slack.press(OWNER, CHANNEL, ts, "hand_on")
        case.slack.submit(OWNER, {"person": DEPUTY, "note": ""})
    yield "answer.handed_on", "escalation.handed_on"
    assert {each.person for each in case.all()} == {DEPUTY}
    yield from ended(case, posts)


def ended(case: Escalating, posts: list[str]) -> Iterator[tuple[str, ...]]:
    """Whoever was handed them takes them, works on them and ends them."""
    for ts in posts:
        case.slack.press(DEPUTY, CHANNEL, ts, "acknowledge")
        case.slack.close(DEPUTY)
    yield ("answer.acknowledged",)
    for ts in posts:
        case.slack.press(DEPUTY, CHANNEL, ts, "start")
    yield ("answer.started",)
    assert {each.state for each in case.all()} == {ladder.WORKING}
    pressed = {"user_id": DEPUTY, "channel": CHANNEL}
    values = [cases.code(each.id) for each in case.all()]
    spawned("answer.rearmed", *(pressed | {"value": value, "ts": ts} for value, ts in zip(values, posts, strict=True)))
    yield ("answer.rearmed",)
    for ts in posts:
        case.slack.press(DEPUTY, CHANNEL, ts, "finish")
        case.slack.submit(DEPUTY, {"churn_risk": "low", "next_step": "返金しました", "next_date": ""})
    yield "answer.judged", "escalation.report"
    assert {each.state for each in case.all()} == {"done"}
    assert [len(case.world.notes(chat)) for chat in range(-TWENTY, 0)] == [2] * TWENTY
    for ts in posts:
        case.slack.press(DEPUTY, CHANNEL, ts, "reopen")
    yield "answer.reopened", "escalation.reopened"
    assert {each.state for each in case.all()} == {ladder.WORKING}


def from_elsewhere(world: World) -> Iterator[tuple[str, ...]]:
    """Complaints come from a workflow of Slack and from cards in Intercom; owners are named in between."""
    case, chats = Escalating(world), customers(world)
    steps = [
        case.slack.start_step(
            "escalate_complaint", case.inputs(gist=f"二重の請求 {chat}", conversation=INBOX + chat), AGENT
        )
        for chat in chats
    ]
    yield ("escalation.step_started",)
    assert [case.slack.step(step)["state"] for step in steps] == ["completed"] * TWENTY
    assert len(case.posts()) == TWENTY
    for chat in chats:
        world.intercom.open_card(chat, "7001")
        world.intercom.press_card(chat, "7001", "escalate", {})
        filled = {key: value for key, value in case.filled().items() if key not in ("company", "conversation")}
        world.intercom.press_card(chat, "7001", "send", filled | {"gist": f"返金がまだ {chat}"})
    yield ("escalation.card_sent",)
    assert len(case.all()) == len(case.posts()) == 2 * TWENTY

    made = [f"9{number:02}" for number in range(TWENTY)]
    named = [{"company": id, "manager": DEPUTY} for id in made]
    spawned("answer.owners_set", *({"user_id": LEAD.id, "values": values, "about": ""} for values in named))
    yield ("answer.owners_set",)
    by_hand = select(Owner.person).where(col(Owner.company_id).in_(made), Owner.origin == "hand")
    assert store.read(lambda session: session.exec(by_hand).all()) == [DEPUTY] * TWENTY


def compared(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty requests are said to be the same as another one, or not to be, and both are undone."""
    other = world.wish(0).id or 0
    tagged(world)
    world.settle()
    wishes = [wish.id or 0 for wish in filed() if wish.id != other]
    pressed = {"user_id": ASKED, "channel": f"D{ASKED[1:]}", "ts": "1.1"}
    each = [pressed | {"value": f"FB-{id}/FB-{other}"} for id in wishes]
    spawned("compared.same", *each)
    yield ("compared.same",)
    assert [wish.merged_into for wish in filed() if wish.id != other] == [other] * TWENTY
    spawned("compared.undo_same", *each)
    yield ("compared.undo_same",)
    assert {wish.merged_into for wish in filed()} == {None}
    spawned("compared.not_same", *each)
    yield ("compared.not_same",)
    assert len(store.read(lambda session: session.exec(select(NotSame)).all())) == TWENTY
    spawned("compared.undo_not_same", *each)
    yield ("compared.undo_not_same",)
    assert store.read(lambda session: session.exec(select(NotSame)).all()) == []


def suggestions(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty customers rate badly, and their agents think nothing of it."""
    chats, case = customers(world), Escalating(world)
    for chat in chats:
        world.intercom.rate(chat, 1, "二度と使いません")
    yield ("contact.rated",)
    suggested = [str(each["ts"]) for each in case.direct(AGENT) if '"dismiss_suggestion"' in case.text_of(each)]
    assert len(suggested) == TWENTY
    for ts in suggested:
        case.slack.press(AGENT, f"D{AGENT[1:]}", ts, "dismiss_suggestion")
    yield ("contact.dismissed",)
    assert not [each for each in case.direct(AGENT) if '"dismiss_suggestion"' in case.text_of(each)]


def reactions(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty customers were told, thank, rate, and ask for the same again."""
    chats = tagged(world)
    world.settle()
    for key in linked(world):
        world.jira.move(key, "完了")
    world.settle()
    for chat in chats:
        world.intercom.agent_says(chat, "7001", "お待たせしました。", at=soon())
    world.settle()
    for chat in chats:
        world.intercom.customer_says(chat, "ありがとうございます。", at=soon() + 1)
    yield ("reaction.wrote",)
    for chat in chats:
        world.intercom.rate(chat, 5, "")
        world.intercom.books.conversations[chat].rating["updated_at"] = soon() + 1  # type: ignore[index]
    yield ("reaction.rated",)
    for chat in chats:
        words = world.intercom.books.conversations[chat].source.body or ""
        world.intercom.tag(chat, world.intercom.customer_says(chat, words, at=soon() + 2), "要望", "7001")
    world.settle()
    reaction.start_due()
    yield ("reaction.again",)
    told = store.read(lambda session: session.exec(select(Telling)).all())
    assert [(each.reaction, each.rating) for each in told] == [("again", 5)] * TWENTY


def erasing(world: World) -> Iterator[tuple[str, ...]]:
    """Messages, conversations and people are erased, here and there."""
    chats = tagged(world)
    world.settle()
    for chat in chats:
        world.intercom.redact(chat, "")
    yield ("erasure.redacted",)
    assert not any("CSV" in wish.quote for wish in filed())
    for chat in chats:
        store.write(lambda session, chat=chat: erasures.ask(session, erasures.CHAT, chat, LEAD))
    yield ("erasure.asked",)
    for chat in chats:
        world.intercom.delete(chat)
    yield ("erasure.deleted",)
    for number in range(TWENTY):
        world.intercom.delete_contact(f"c9{number:02}")
    yield ("erasure.person_deleted",)
    upkeep.look_again(0)
    yield ("erasure.again",)
    said = [wish.quote for wish in filed()] + [note.content for note in world.productboard.notes.values()]
    assert not any("列" in words for words in said)


def deployments(world: World) -> Iterator[tuple[str, ...]]:
    """A pipeline releases twenty issues in turn, to a flag that companies get one by one, and takes them back."""
    tagged(world)
    world.settle()
    keys = linked(world)
    world.settle()
    for key in keys:
        world.jira.move(key, "完了")
    world.settle()
    companies = [f"9{number:02}" for number in range(TWENTY)]
    for company in companies:
        world.deploy.enable("new-csv", add=[company])
    yield ("deployed.flagged",)
    for key in keys:
        world.deploy.release(issues=[key], flag="new-csv")
    yield ("deployed.available",)
    for key, company in zip(keys, companies, strict=True):
        world.deploy.use(issue=key, company=company)
    yield ("deployed.used",)
    for key in keys:
        world.deploy.withdraw(key)
    yield ("deployed.withdrawn",)
    undone = select(Action).where(Action.verb == "us.release", col(Action.key).startswith("taken-back:"))
    assert len(store.read(lambda session: session.exec(undone).all())) == TWENTY


def dead_ends(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty conversations become tickets before their issues are done: their owner takes them over and tells them."""
    chats = tagged(world)
    world.settle()
    keys = linked(world)
    world.settle()
    for chat in chats:
        world.intercom.convert_to_ticket(chat)
    for key in keys:
        world.jira.move(key, "完了")
    yield "reopen.conversation", "dead_end.hand"
    asked = [str(each["ts"]) for each in world.slack.messages(f"D{OWNER[1:]}") if "take_telling" in str(each)]
    assert (len(asked), world.intercom.did("open")) == (TWENTY, [])
    for wish in filed():
        corrections.withdraw(wish.id or 0, words="誤り", by=LEAD)
    yield ("dead_end.reconsidered",)
    for wish in filed():
        corrections.restore(wish.id or 0, by=LEAD)
    yield ("dead_end.reconsidered",)
    assert len(world.slack.messages(f"D{OWNER[1:]}")) == 3 * TWENTY  # asked, called off, asked again
    pressed = {"user_id": OWNER, "channel": f"D{OWNER[1:]}", "ts": ""}
    values = [desk.name_of(each) for each in store.read(lambda session: session.exec(select(Telling)).all())]
    for story in ("taking.taken", "taking.by_phone", "taking.by_mail", "taking.in_meeting"):
        spawned(story, *(pressed | {"value": value} for value in values))
        yield (story, "dead_end.shown") if story == "taking.by_phone" else (story,)
    told = store.read(lambda session: session.exec(select(Telling)).all())
    assert {(each.state, each.channel, each.held_as) for each in told} == {("told", "phone", "self")}


def kinds(world: World) -> Iterator[tuple[str, ...]]:
    """Those who care for one kind hear of twenty new ones, of twenty decisions and of twenty releases."""
    tagged(world)
    world.settle()
    keys = linked(world)
    world.settle()
    with world.rules(kinds={"wish": Hearers(CHANNEL, ("mori@kanade.example",))}):
        spawned("kind_filed.tell", *({"kind": "wish", "feedback_ids": [wish.id]} for wish in filed()))
        yield ("kind_filed.tell",)
        assert len(world.slack.messages(CHANNEL)) == TWENTY
        for wish in filed():
            acts.send_now(decide(wish.id or 0, "adopt").id or 0)
        yield ("kind_decided.tell",)
        for key in keys:
            world.jira.move(key, "完了")
        yield ("kind_released.tell",)
        assert len(world.slack.messages(CHANNEL)) == 3 * TWENTY


def chores(world: World) -> Iterator[tuple[str, ...]]:
    """What a clock begins, twenty times at once: it changes nothing that is as it should be."""
    tagged(world)
    world.settle()
    before = [len(twin.effects) for twin in world.stage.twins.values()]
    since = now_ms() // 1000 - 60
    spawned("reconcile.intercom", *[{"since": since}] * TWENTY)
    spawned("reconcile.jira", *[{"since": since, "now": since + 60}] * TWENTY)
    spawned("reconcile.productboard", *[{"since": since}] * TWENTY)
    spawned("reconcile.vendor", *[{"name": "slack", "since": since}] * TWENTY)
    for story in ("membership.sign_out_the_gone", "integrity.look_through"):
        spawned(story, *[{}] * TWENTY)
    yield (
        *("reconcile.intercom", "reconcile.jira", "reconcile.productboard", "reconcile.vendor"),
        *("membership.sign_out_the_gone", "integrity.look_through"),
    )
    assert [len(twin.effects) for twin in world.stage.twins.values()] == before
    for number in range(TWENTY):
        world.intercom.add_admin(f"76{number:02}", f"臨時{number}", f"t{number}@kanade.example")
        world.intercom.remove_admin(f"76{number:02}")
    yield ("teammate.removed",)
    assert not [run for run in store.read(lambda session: session.exec(select(Run)).all()) if run.state == "dead"]


# -- counts ---------------------------------------------------------------------------------------


def counted(world: World) -> Iterator[tuple[str, ...]]:
    """Zendesk is read on by twenty at once, twenty customers write there, and a tool reports twenty times."""
    now = now_ms() // 1000
    assert vendors.zendesk is not None
    vendors.zendesk._api._http._pace = Patient()  # twenty looks are more than a minute allows, and none passes here
    world.zendesk._exports.allowed = world.zendesk._account.allowed = None
    for number in range(TWENTY):
        world.zendesk.write(f"困った{number}", at=now - 7200 + number)
    world.held()
    spawned("zendesk.look", *[{"name": "zendesk"}] * TWENTY)
    yield ("zendesk.look",)
    assert arrived() == TWENTY
    for number in range(TWENTY):
        world.zendesk.write(f"また困った{number}")
        line = {"at": "2026-01-05T10:00:00+09:00", "n": 5, "themes": {"請求": 2}}
        world.stage.counts.tell(at=f"2026-01-06T10:{number:02}:00+09:00", counts=[line])
    yield "zendesk.heard", "reported.take"
    assert arrived() == 2 * TWENTY
    rows = store.read(lambda s: s.exec(select(Count).where(Count.source == "desk", Count.facet == "all")).all())
    assert [row.n for row in rows] == [5]


def arrived() -> int:
    """How many came in at Zendesk."""
    return len(store.read(lambda s: s.exec(select(Arrival).where(Arrival.source == "zendesk")).all()))


# -- notices --------------------------------------------------------------------------------------


def notices_given(world: World) -> Iterator[tuple[str, ...]]:
    """Twenty notices are opened, twenty customers told; leads remind of who is left, and call all of them off."""
    for chat in customers(world):
        world.intercom.announce("conversation.user.created", world.intercom.books.conversations[chat])
    world.settle()
    firms = [f"9{number:02}" for number in range(TWENTY)]
    given = [written(title=f"変更{firm}", audience="companies", names=[firm]) for firm in firms]
    with world.rules(sending=Sending(undo_seconds=0, at_any_hour=True)):
        for notice in given:
            assert notices.open_up(notice, LEAD) == ""
        yield "notice.begin", "notice.bring"
        assert len(world.intercom.did("open")) == TWENTY
        spawned("notice.remind", *({"notice_id": notice, "days": 14} for notice in given))
        yield ("notice.remind",)
        for notice in given:
            [telling] = tellings(f"notice:{notice}").values()
            world.intercom.agent_says(telling.conversation_id, "7001", telling.draft, at=soon())
        yield ("reopen.told",)
        for notice in given:
            assert notices.call_off(notice, LEAD) == ""
        yield "notice.call_off", "notice.correct"
    corrections = [tellings(f"notice:{notice}:reopened") for notice in given]
    assert [[each.state for each in owed.values()] for owed in corrections] == [["drafted"]] * TWENTY
