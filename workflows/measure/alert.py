"""Alert: unusually many write, or hardly anybody, or a source fell silent: the team hears of it, in one message each.

    upkeep ─► looks ─► look, once all of a quarter hour is known ─┬─► tell: one message in Slack, brought up to date
    upkeep ─► looks ─► a source is late ──────────────────────────┘    as it goes on and is over; its picture below it
                                                                  └─► tell_room: the same in Chatwork
    the message's buttons ─► fault | expected | mistaken | unjudged

What changed and the runs that tell it are one commit; each run tells what is so by then, so their order is no matter.
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from integrations.chatwork import notation
from workflows.engine import chatwork_posting, pictures, posting
from workflows.engine.actions import Intent
from workflows.engine.durable import NewRun, child, spawn, start, urgent, workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.language.addresses import alert_url
from workflows.language.text import speaking
from workflows.measure import alert_picture, alert_texts, alerts, watching
from workflows.measure.limits import EXPECTED, FAULT, MISTAKEN
from workflows.measure.watching import MISSING
from workflows.people import addressing
from workflows.people.addressing import Words
from workflows.people.asked import asks, did
from workflows.people.may import EXPLAIN
from workflows.people.person import Person, somebody
from workflows.rules import rules
from workflows.tables.measure import Alert
from workflows.tables.runs import Lease
from workflows.volume import slots, sources
from workflows.volume.slots import SLOT_MS

#: Where it stands up to when we looked.
LOOKED = "alerts:looked"
#: What is longer ago is looked at no more: nobody can do anything about it.
LATEST_MS = 6 * 4 * SLOT_MS

LOOKED_AT = "Looked at {n} quarter hours: {changed} alerts began, changed or ended."
NOTHING_NEW = "Nothing to look at: no further quarter hour is known."
TOLD = "Told of an alert."
SHOWN = "Posted the chart of an alert."
NOT_DRAWN = "The chart of an alert was not posted; the message says the same in words."
NOT_THERE = "There is no such alert."
NO_CHANNEL = "Not told: no channel is set in [alerts]."
NO_ROOM = "Not told: no room in Chatwork is set in [alerts], or PUBLIC_URL is not."
JUDGED = "{name} said what the alert was: {verdict}."
TAKEN_BACK = "{name} undid what was said of the alert."
#: What is kept of whoever said it, to those who ask who did what.
SAID_OF, UNSAID_OF = "Said what alert {about} was.", "Undid what was said of alert {about}."
SAID_ALREADY = "That is said of this alert already."


def looks(session: Session) -> list[NewRun]:
    """What there is to do now: a look at what is known by now; and sources that fell silent are told in this commit."""
    if not rules.alerts.on:
        return []
    told = [run for id in alerts.missing(session, now_ms()) for run in _telling(session, id)]
    until = slots.of(sources.known_until(session))
    return told + ([child(f"alerts:{until}", "alert.look", until=until)] if until > _looked(session) else [])


@workflow
def look(until: int) -> Outcome:
    """Look at each quarter hour that nobody looked at, up to this moment."""
    n = changed = 0
    for at in store.read(partial(_ahead, until=until)):
        seen = store.read(partial(watching.seen, until=at))
        found = store.write(partial(_take, seen=seen, until=at))
        n, changed = n + (found is not None), changed + len(found or ())
    return done(LOOKED_AT, n=n, changed=changed) if n else ignored(NOTHING_NEW)


def _ahead(session: Session, until: int) -> range:
    """The ends of the quarter hours to look at; where it is new, of the last one alone."""
    looked = _looked(session) or until - SLOT_MS
    return range(max(looked, until - LATEST_MS) + SLOT_MS, until + 1, SLOT_MS)


def _looked(session: Session) -> int:
    row = session.get(Lease, LOOKED)
    return row.last_at if row else 0


def _take(session: Session, seen: list[watching.Seen], until: int) -> list[int] | None:
    """Keep what a look says, once; None where another run did."""
    row = session.get(Lease, LOOKED, with_for_update=True) or Lease(name=LOOKED)
    if row.last_at >= until:
        return None
    row.last_at = until
    session.add(row)
    changed = alerts.take(session, seen, until)
    start(session, [run for id in changed for run in _telling(session, id)])
    return changed


def _telling(session: Session, id: int) -> list[NewRun]:
    """The runs that tell what is new of an alert."""
    row = session.get_one(Alert, id)
    return [
        child(f"alert:{id}/{row.version}/{story}", f"alert.{story}", alert_id=id)
        for story, place in (("tell", rules.alerts.channel), ("tell_room", rules.alerts.room))
        if place
    ]


# -- telling ---------------------------------------------------------------------------------------


@workflow
def tell(alert_id: int) -> Outcome:
    """Its message in Slack, as it is by now."""
    row = store.read(partial(alerts.find, id=alert_id))
    if row is None:
        return ignored(NOT_THERE)
    if not posting.where([key_of(row)]):
        if not rules.alerts.channel:
            return ignored(NO_CHANNEL)
        addressing.post(_intent(row, "slack", rules.alerts.channel), _words(row), since_ms=row.since)
    if row.version > 1:
        _bring_up_to_date(row)
    if row.kind != MISSING:
        moments = ["begun", *(["over"] if row.over_at else [])]
        spawn(
            [
                child(f"alert:{alert_id}/picture/{each}", "alert.picture", alert_id=alert_id, moment=each)
                for each in moments
            ]
        )
    return done(TOLD)


def _bring_up_to_date(row: Alert) -> None:
    """Another run may have done so meanwhile, with what is older or newer: the last one to look says the newest."""
    said = 0
    while row.version != said:
        addressing.update([key_of(row)], _words(row))
        said, row = row.version, store.read(partial(alerts.find, id=row.id or 0)) or row


@workflow
def picture(alert_id: int, moment: str) -> Outcome:
    """Its chart below its message, as it begins and once it is over: in a run of its own, so it holds nothing back."""
    row = store.read(partial(alerts.find, id=alert_id))
    place = next(iter(posting.where([f"alert:{alert_id}"])), None)
    if row is None or place is None:
        return ignored(NOT_THERE)
    with speaking(rules.language):
        png = alert_picture.drawn(store.read(partial(alert_picture.specification, alert=row)))
        title = alert_picture.title(row)
    if png is None:
        return ignored(NOT_DRAWN)
    intent = Intent("slack", "picture", f"alert:{alert_id}:{moment}", place.channel, SHOWN)
    posted = pictures.post_picture(
        intent, f"alert-{alert_id}-{moment}.png", png, title, since_ms=row.since, thread=place
    )
    return done(SHOWN) if posted else ignored(NOT_DRAWN)


def _words(row: Alert) -> Words:
    return partial(alert_texts.message, store.read(partial(alert_texts.told, alert=row)))


@workflow
def tell_room(alert_id: int) -> Outcome:
    """The same in Chatwork; a message that is changed notifies nobody."""
    row, room = store.read(partial(alerts.find, id=alert_id)), rules.chatwork_rooms.get(rules.alerts.room, "")
    if row is None:
        return ignored(NOT_THERE)
    link = alert_url(row.id)
    if not room or not link or not vendors.is_on("chatwork"):
        return ignored(NO_ROOM)
    facts = store.read(partial(alert_texts.told, alert=row))
    with speaking(rules.language):
        parts = notation.message(*alert_texts.blocks_of_chatwork(facts), link)
    intent = _intent(row, "chatwork", room)
    place = chatwork_posting.where(intent.key)
    if place is None:
        chatwork_posting.post(intent, parts, link, since_ms=row.since)
    elif len(parts) == 1:
        chatwork_posting.update(place, parts[0])
    return done(TOLD)


def key_of(row: Alert) -> str:
    """Under which its message in Slack was posted."""
    return f"alert:{row.id}"


def _intent(row: Alert, vendor: str, target: str) -> Intent:
    key = key_of(row) if vendor == "slack" else f"{key_of(row)}:{vendor}"
    return Intent(vendor, "post", key, target, TOLD)


# -- what people say -------------------------------------------------------------------------------


@urgent
@asks(EXPLAIN, did=did(SAID_OF))
def fault(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """It is a fault."""
    return _judge(user_id, value, FAULT)


@urgent
@asks(EXPLAIN, did=did(SAID_OF))
def expected(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """It was to be expected."""
    return _judge(user_id, value, EXPECTED)


@urgent
@asks(EXPLAIN, did=did(SAID_OF))
def mistaken(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """It is nothing."""
    return _judge(user_id, value, MISTAKEN)


@urgent
@asks(EXPLAIN, did=did(UNSAID_OF))
def unjudged(user_id: str, value: str, channel: str, ts: str) -> Outcome:
    """What was said of it was a slip."""
    return _judge(user_id, value, "")


def _judge(user_id: str, value: str, verdict: str) -> Outcome:
    by, row = somebody(user_id), store.read(partial(alerts.named, name=value))
    if row is None or row.id is None:
        return ignored(NOT_THERE)
    if not store.write(partial(judged, id=row.id, verdict=verdict, by=by, now=now_ms())):
        return ignored(SAID_ALREADY)
    if not verdict:
        return done(TAKEN_BACK, name=by.name)
    return done(JUDGED, name=by.name, verdict=alert_texts.VERDICTS[verdict])


def judged(session: Session, id: int, verdict: str, by: Person, now: int) -> bool:
    """Keep what somebody says of an alert (as `alerts.judge`), and begin to tell it; False where it is said already."""
    is_new = alerts.judge(session, id, verdict, by=by, now=now)
    if is_new:
        start(session, _telling(session, id))
    return is_new
