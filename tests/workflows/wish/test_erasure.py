"""Deleted is deleted: what a customer takes back is in no column, no index and no note any more."""

from __future__ import annotations

from functools import partial

import pytest
from sqlmodel import Session, update

from integrations.twin import Fault
from tests import canary
from tests.canary import CANARY, found
from tests.escalating import AGENT, OWNER, Escalating
from tests.world import World
from workflows import upkeep
from workflows.customer import erasing, erasures, lookup, messages, reach
from workflows.engine.durable import NewRun, spawn
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client
from workflows.language.wording import say
from workflows.meeting import to_jira
from workflows.people.person import Person
from workflows.search import indexing
from workflows.search.search import search
from workflows.tables.enquiry import Ask, Reply
from workflows.tables.erasure import Erasure
from workflows.tables.measure import Survey
from workflows.tables.runs import DEAD, IGNORED, Run
from workflows.tables.wish import Feedback
from workflows.telling import reports
from workflows.wish import context, filing

SAYS = "お客様のご依頼により消去しました。"
BY = Person(AGENT, "田中 みなみ", slack_id=AGENT)
PERSON = "c900"
#: What a chat does not take along: whose it was.
THEIRS = {"contact.name", "contact.email"}


def play(world: World) -> str:
    """A chat of which everything is made that can be: its number. All that the customer says sings."""
    world.intercom.add_contact(PERSON, f"{CANARY} 花子", f"{CANARY}@aoba.example", "101")
    number = world.chat(f"解約したい {CANARY}:opening", customer="900", state="open")
    chat, link = (
        world.chats[number],
        f"https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/{number}",
    )
    link = link.replace(f"/{number}", f"/{chat}")
    world.intercom.close(chat, "7001")
    wish = world.wish(number)
    part = world.intercom.customer_says(chat, f"部署コードも {CANARY}:part")
    world.tag(number, part=part)
    world.intercom.rate(chat, 1, f"{CANARY}:remark")
    world.settle()
    context.fill(wish.id or 0, {"background": f"{CANARY}:why", "importance": "high"}, by=BY, origin="page:1")
    filing.split(wish.id or 0, quote=f"{CANARY}:split", kind="wish", by=BY, origin="page:2")
    case = Escalating(world)
    case.raised(gist=f"{CANARY}:gist", history=f"{CANARY}:history", tried=f"{CANARY}:tried", conversation=link)
    case.press(OWNER, "acknowledge")
    case.judge(OWNER, step=f"{CANARY}:step")
    to_jira.ask_to_create(wish.id or 0, BY)
    store.write(partial(_asked_and_answered, chat))
    world.settle()
    world.issue("KNDE-77")
    world.link(wish, "KNDE-77")
    world.move("KNDE-77", "完了")
    reports.report(wish.id or 0, how="phone", words=f"{CANARY}:words", by=BY, origin="page:3")
    world.settle()
    indexing.catch_up()
    return chat


def _asked_and_answered(chat: str, session: Session) -> None:
    """A colleague was asked about the chat, somebody answered the customer, and was rated."""
    session.add(Ask(conversation_id=chat, question=CANARY, answer=CANARY, origin="1", person=AGENT, asked_at=1))
    session.add(Reply(conversation_id=chat, text=CANARY, origin="1", person=AGENT, pressed_at=1))
    session.add(Survey(conversation_id=chat, episode=1, remark=CANARY))


def in_productboard(world: World) -> list[str]:
    """The notes in which the canary sings."""
    notes = world.productboard.notes.values()
    return [note.id for note in notes if CANARY in f"{note.name} {note.content} {note.comments}"]


def ask(world: World, kind: str, id: str) -> None:
    """An operator asks for it."""
    spawn([NewRun(f"erase:{kind}:{id}/1", "erasure.asked", {"kind": kind, "id": id, "by": "operator"})])
    world.settle()


# -- the list -------------------------------------------------------------------------------------


def test_every_column_is_said_to_hold_words_or_not() -> None:
    """A new column? Put it into WORDS (how is it erased, how are its rows found) or into OTHERS (why not)."""
    declared = canary.declared()
    assert set(declared) == canary.columns()
    assert sorted(declared) == sorted(set(declared))


# -- a conversation -------------------------------------------------------------------------------


def test_of_a_deleted_conversation_nothing_is_left_anywhere(world: World) -> None:
    chat = play(world)
    assert {place.partition(".")[0] for place in found()} >= {"message", "feedback", "document", "delivery", "run"}
    assert len(in_productboard(world)) == 3
    world.intercom.delete(chat)
    world.settle()
    indexing.catch_up()
    assert set(found()) == THEIRS
    assert in_productboard(world) == []
    assert not search(CANARY).hits


def test_of_an_erased_person_nothing_is_left_but_their_company(world: World) -> None:
    play(world)
    ask(world, erasures.PERSON, PERSON)
    indexing.catch_up()
    assert (found(), in_productboard(world), list(search(CANARY).hits)) == ([], [], [])
    assert [wish.company_id for wish in world.feedback()] == ["101"] * 3


def test_of_a_person_who_is_deleted_at_intercom_nothing_is_left_but_their_company(world: World) -> None:
    play(world)
    world.intercom.delete_contact(PERSON)
    world.settle()
    indexing.catch_up()
    assert (found(), in_productboard(world), list(search(CANARY).hits)) == ([], [], [])
    assert [wish.company_id for wish in world.feedback()] == ["101"] * 3
    assert "must be deleted there." in world.reasons("contact.deleted")[0][1]


def test_a_person_who_is_there_still_or_whom_nobody_knows_is_not_erased(world: World) -> None:
    play(world)
    contact = world.intercom.books.contacts[PERSON]
    world.intercom.delete_contact(PERSON)
    world.intercom.books.contacts[PERSON] = contact  # the webhook was wrong, or late
    world.intercom.add_contact("c901", "だれか", "dareka@aoba.example")
    world.intercom.delete_contact("c901")
    world.settle()
    assert set(found()) >= THEIRS
    assert world.reasons("contact.deleted") == [
        ("ignored", "This person still exists in Intercom, so nothing was erased."),
        ("ignored", "Nothing is stored about this person."),
    ]


@pytest.mark.parametrize("kind", [erasures.CHAT, erasures.PERSON])
def test_what_was_put_into_every_column_is_gone(world: World, kind: str) -> None:
    """What flows cannot reach is put there by hand: each column of each row tells by its own canary who forgot it."""
    chat = play(world)
    whom = reach.Subject(kind, PERSON if kind == erasures.PERSON else chat)
    everywhere = {f"{words.table.name}.{name}" for words in erasing.WORDS for name in words.columns}
    assert canary.seed(reach.of(whom)) == everywhere - (THEIRS if kind == erasures.CHAT else set())
    ask(world, whom.kind, whom.id)
    assert set(found()) == (THEIRS if kind == erasures.CHAT else set())


def test_the_file_of_the_database_keeps_it_in_no_page(sqlite_url: str) -> None:
    """Neither in free pages nor in the write-ahead log, bodies that fill pages of their own included."""
    world = World(sqlite_url)
    world.chat(f"{CANARY} " + "とても長いお話です。" * 2000)
    world.tag(-1)
    world.settle()
    indexing.catch_up()
    assert canary.in_file(sqlite_url)
    ask(world, erasures.CHAT, world.chats[-1])
    indexing.catch_up()
    world.close()
    assert canary.in_file(sqlite_url) == []


# -- a part of one --------------------------------------------------------------------------------


def test_of_a_redacted_message_its_own_words_go_and_all_others_stay(world: World) -> None:
    chat = play(world)
    part = next(wish.part_id for wish in world.feedback() if f"{CANARY}:part" in wish.quote)
    world.intercom.redact(chat, part)
    world.settle()
    indexing.catch_up()
    assert found(f"{CANARY}:part") == []
    assert {"message.text", "feedback.quote", "document.text", "escalation.gist"} <= set(found(f"{CANARY}:"))
    assert sorted(wish.quote != "" for wish in world.feedback()) == [False, True, True]
    assert len(in_productboard(world)) == 2


def test_of_a_redacted_opening_what_was_split_off_it_goes_as_well(world: World) -> None:
    world.intercom.redact(play(world), "")
    world.settle()
    assert (found(f"{CANARY}:opening"), found(f"{CANARY}:split")) == ([], [])
    assert len(in_productboard(world)) == 1


# -- what is said of it ---------------------------------------------------------------------------


def said(world: World) -> list[str]:
    """What timelines say of erasing, now that it is done."""
    erased = [action for action in world.actions() if action.verb.endswith(".erase") and action.state == "done"]
    return sorted({say("en", action.sentence, **action.facts) for action in erased})


def test_the_timelines_say_it_and_name_where_copies_are(world: World) -> None:
    wish = world.wish(0)
    world.intercom.delete(world.chats[0])
    world.settle()
    assert said(world) == [
        "Erased the customer's content here. Copies in Slack must be deleted there.",
        "The Productboard note now says that its content was erased.",
    ]
    [note] = world.productboard.notes.values()
    assert (note.name, note.content) == (SAYS, f"<p>{SAYS}</p>")
    assert [action.feedback_id for action in world.actions(0) if action.verb == "productboard.erase"] == [wish.id]


def test_nothing_is_said_while_productboard_still_has_it(world: World) -> None:
    chat = world.wish(0).conversation_id
    world.productboard.fail("PATCH /v2/notes/{id}", *[Fault("503", {"Retry-After": "900"})] * 3)
    world.intercom.delete(chat)
    world.deliver()
    world.conduct_one()
    assert said(world) == [] and not has_ended(chat)
    world.productboard.mend()
    world.settle()
    assert len(said(world)) == 2 and has_ended(chat)


def has_ended(chat: str) -> bool:
    """Is it on record that nothing of a chat is left?"""
    erasure = store.read(partial(erasures.found, kind=erasures.CHAT, id=chat))
    return erasure is not None and erasure.ended_at is not None


def test_without_productboard_it_waits_for_an_operator(world: World) -> None:
    chat = world.wish(0).conversation_id
    with world.without("productboard"):
        world.intercom.delete(chat)
        world.settle()
    assert world.reasons("conversation.deleted") == [
        ("dead", "Productboard is not configured, so its note still has the customer's content.")
    ]
    assert said(world) == []
    world.replay_the_dead()
    assert len(said(world)) == 2 and has_ended(chat)


def test_of_a_locked_note_the_title_goes_and_it_is_said_who_has_to_do_the_rest(world: World) -> None:
    world.wish(0)
    [note] = world.productboard.notes.values()
    note.locked, note.processed = True, True
    world.intercom.delete(world.chats[0])
    world.settle()
    assert said(world) == [
        "Erased the customer's content here. Copies in Productboard, Slack must be deleted there.",
        "Erased the title of the Productboard note. Its text is locked and must be deleted there by hand.",
    ]
    assert world.productboard.notes[note.id].name == SAYS


def test_a_note_of_which_we_lost_the_id_is_found_again(world: World) -> None:
    wish = world.wish(0)
    store.write(lambda session: session.exec(update(Feedback).values(note_id="")) and None)
    world.intercom.delete(wish.conversation_id)
    world.settle()
    assert [note.name for note in world.productboard.notes.values()] == [SAYS]


def test_a_note_that_is_being_written_meanwhile_is_erased_after_that(world: World) -> None:
    """Whoever files it has read the words before, and has not got as far as Productboard."""
    world.tag(0)
    world.productboard.fail("POST /v2/notes", *[Fault("503", {"Retry-After": "900"})] * 3)
    world.deliver()
    world.conduct_one()
    world.intercom.delete(world.chats[0])
    world.deliver()
    world.order = lambda runs: sorted(runs, key=lambda run: run.workflow != "erasure.deleted")
    world.productboard.mend()
    world.settle()
    assert [note.name for note in world.productboard.notes.values()] in ([], [SAYS])
    assert has_ended(world.chats[0])


def test_what_is_announced_twice_is_done_once(world: World) -> None:
    chat = world.wish(0).conversation_id
    world.intercom.delete(chat)
    [webhook] = [each for each in world.held() if each[0] == "intercom"]
    for _ in range(2):
        assert world.post(*webhook).status_code == 200
        world.settle()
    assert len(world.productboard.did("update_note")) == 1
    assert sum(action.verb == "us.erase" for action in world.actions(0)) == 1


# -- whoever comes late ---------------------------------------------------------------------------


def test_a_form_that_was_under_way_reaches_people_and_is_erased_after_that(world: World) -> None:
    chat, case = world.wish(0).conversation_id, Escalating(world)
    case.send(case.filled(gist=f"{CANARY}:late"))
    world.intercom.delete(chat)
    world.deliver()
    world.order = lambda runs: sorted(runs, key=lambda run: run.workflow != "erasure.deleted")
    world.settle()
    assert case.one().state == "open"
    assert found() == [] and has_ended(chat)


def test_whoever_read_an_erased_chat_before_brings_nothing_back(world: World) -> None:
    chat = play(world)
    before = intercom_client().conversation(chat)
    assert before is not None
    ask(world, erasures.PERSON, PERSON)
    lookup.remember(intercom_client(), before)
    world.tag(-1, "質問")
    world.settle()
    indexing.catch_up()
    assert set(found()) <= {"delivery.body"}


def test_webhooks_that_come_after_the_end_are_looked_through_daily(world: World) -> None:
    chat = play(world)
    ask(world, erasures.CHAT, chat)
    world.intercom.customer_says(chat, f"{CANARY}:again")
    world.settle()
    assert "delivery.body" in found()
    upkeep.clean_up()
    world.settle()
    assert set(found()) == THEIRS


def test_a_dead_letter_without_its_words_is_not_replayed(world: World) -> None:
    chat, case = world.wish(0).conversation_id, Escalating(world)
    case.send(case.filled(gist=f"{CANARY}:dead"))
    [form] = [run for run in world.runs() if run.workflow == "escalation.submitted"]
    store.write(lambda session: session.exec(update(Run).where(Run.id == form.id).values(state=DEAD)) and None)
    ask(world, erasures.CHAT, chat)
    assert [(run.state, run.reason) for run in world.runs() if run.id == form.id] == [(IGNORED, erasing.WORDLESS)]
    assert found() == []


def test_a_chat_of_somebody_who_was_erased_is_a_new_beginning_when_it_begins_later(world: World) -> None:
    play(world)
    ask(world, erasures.PERSON, PERSON)
    earlier = {"asked_at": Erasure.asked_at - 5000}
    store.write(lambda session: session.exec(update(Erasure).values(earlier)) and None)
    world.chat("また来ました。", customer="900")
    world.tag(-1)
    world.settle()
    assert "contact.name" in found()
    rows = store.read(partial(messages.of_chat, chat=world.chats[-1])).parts
    assert "また来ました。" in [row.text for row in rows]
