"""Which room in Chatwork shows escalations, and the runs that do it: Chatwork that is away holds back these alone.

begin(session, escalation)        # in the commit that records an escalation, or changes it
"""

from __future__ import annotations

from sqlmodel import Session

from workflows.engine.durable import child, start
from workflows.rules import rules
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action


def begin(session: Session, escalation: Escalation) -> None:
    """It will be shown as it stands, where the rules name a room, or where it stands in one already."""
    if rules.escalation_room or session.get(Action, key_of(escalation.id)) is not None:
        id = f"escalation:{escalation.id}/{escalation.changes}/in_chatwork"
        start(session, [child(id, "in_chatwork.show", escalation_id=escalation.id)])


def key_of(escalation_id: int | None) -> str:
    """What the message in the room is called."""
    return f"escalation-room:{escalation_id}"


def room() -> str:
    """The room's number; "" for none."""
    return rules.chatwork_rooms.get(rules.escalation_room, "")
