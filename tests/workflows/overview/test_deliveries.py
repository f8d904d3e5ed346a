"""What is asked of the record at bad moments: at little cost, however much is kept."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.statements import asking, plan
from tests.world import World
from workflows.engine.store import store
from workflows.escalation import cases
from workflows.tables.escalation import Escalation
from workflows.tables.runs import Action
from workflows.wish import wishes

SHARED = {"via": "x", "company": "a", "request": "action", "urgency": "now", "temperature": "low", "gist": "g"}


@pytest.mark.fault("F45")
def test_what_waited_while_slack_was_away_is_one_question(world: World) -> None:
    def keep(session: Session) -> None:
        for number in range(5):
            facts = {"origin": f"o{number}", "state": "open", "raised_at": number, "post": f"escalation:{number}"}
            session.add(Escalation(**SHARED, **facts))
        row = {"key": "escalation:3", "run_id": "", "verb": "slack.post", "target": "C", "facts": {}}
        session.add(Action(**row, state="planned", sentence="s", attempts=2, started_at=1))

    store.write(keep)
    with asking(world) as asked:
        found = store.read(lambda session: cases.unposted(session, before=4))
        told = [(each.post, action and (action.state, action.attempts)) for each, action in found]
    assert told == [
        ("escalation:0", None),
        ("escalation:1", None),
        ("escalation:2", None),
        (told[3][0], ("planned", 2)),
    ]
    assert len([statement for statement in asked if "SELECT" in statement]) == 1 and "history" not in "".join(asked)


def test_how_often_a_customer_came_is_read_from_an_index(world: World) -> None:
    with asking(world) as asked:
        store.read(lambda session: wishes.most_repeated(session, "c1", 1))
    indexes = sa.inspect(world.runtime.store.engine).get_indexes("feedback")
    assert ["contact_id", "said_at"] in [index["column_names"] for index in indexes]
    if store.is_sqlite:
        assert "ix_feedback_contact_id_said_at" in str(plan(asked[-1]))
