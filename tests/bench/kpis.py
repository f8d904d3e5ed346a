"""The figures: how long their pages take among a million conversations of ten years, with what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from app.pages.kpis import VIEWS
from tests.bench import looked
from tests.bench.dossier import _open
from tests.bench.figures import Figure
from tests.bench.looked import NUMBERS
from tests.bench.processes import settings
from workflows.engine.store import create_engine, now_ms, store
from workflows.measure.kpis import packing

CHATS, YEARS = 1_000_000, 10
#: One conversation in twenty has a request, one in two hundred an escalation.
REQUESTS, ISSUES, ESCALATIONS, RECEIVED = CHATS // 20, 5_000, CHATS // 200, 20_000
APART = YEARS * 365 * 86_400_000 // CHATS


def figures(folder: Path) -> Iterator[Figure]:
    """On both databases, or on SQLite alone where there is no PostgreSQL."""
    yield from looked.figures("kpis", folder, _filled, _paths(), f"{CHATS:,} in {YEARS} years")


def _filled(url: str) -> None:
    """With every day of them packed, as upkeep does it."""
    _fill(url, now_ms() - CHATS * APART)
    with _open(settings(url)):
        while store.read(packing.left):
            packing.keep_up()


def _paths() -> tuple[str, ...]:
    """Each subject of this quarter and of one of some years ago; all of them; lists; and what everybody looks at."""
    old = (date.today() - timedelta(days=1500)).isoformat()
    periods = ("period=week", f"period=month&on={old}", "period=quarter", f"period=quarter&on={old}")
    return (
        *(f"/kpis?{period}&view={view}" for period in periods for view in VIEWS),
        *(f"/kpis/first_response/list?period=quarter&on={old}", f"/kpis/loop_whole/list?period=quarter&on={old}"),
        *(f"/kpis/load/list?period=quarter&on={old}", "/kpis/load/list?period=week"),
        *("/glance", "/glance?period=month", "/wall", "/wall/live"),
    )


def _fill(url: str, begins: int) -> None:
    engine = create_engine(url, pool_size=1)
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        for many, statement in _statements(is_sqlite):
            said = {"many": many, "begins": begins, "apart": APART, "now": begins + CHATS * APART}
            said = {name: value for name, value in said.items() if f":{name}" in statement}
            connection.execute(sa.text(statement), said)
        connection.execute(sa.text("ANALYZE"))
    engine.dispose()


@dataclass(frozen=True)
class Words:
    """How a database writes some values, and moments that lie between the first conversation and now."""

    is_sqlite: bool

    @property
    def yes(self) -> str:
        return "1" if self.is_sqlite else "true"

    @property
    def no(self) -> str:
        return "0" if self.is_sqlite else "false"

    @property
    def nothing(self) -> str:
        return "x''" if self.is_sqlite else "CAST('' AS BYTEA)"

    def json(self, text: str) -> str:
        return text if self.is_sqlite else f"CAST({text} AS JSON)"


#: When the conversation, the request, the escalation or the release of a number began.
AT, ASKED_AT, RAISED_AT, OUT_AT = (
    f"(CAST(:begins AS BIGINT) + CAST(i AS BIGINT) * {n} * :apart)" for n in (1, 20, 200, 200)
)
TOOK, DAY_MS, MINUTE_MS = "((i % 1440 * 7919) % 1440)", "CAST(86400000 AS BIGINT)", "CAST(60000 AS BIGINT)"
#: Of a hundred conversations three were never answered and two are open.
ANSWERED, CLOSED = "i % 100 > 2", "i % 100 > 1"
RELEASE, EMPTY = "'\\:1'", "''"


def _statements(is_sqlite: bool) -> Iterator[tuple[int, str]]:
    """Each table in one statement."""
    words = Words(is_sqlite)
    yield _insert(CHATS, "conversation", _conversation())
    yield _insert(CHATS, "course", _course(words))
    yield CHATS, "INSERT INTO course_change (day) SELECT DISTINCT began_at / 86400000 FROM course"
    yield _insert(1, "lease", {"name": "'courses'", "holder": "'~'", "until": "0", "last_at": "0"})
    yield _insert(REQUESTS, "feedback", _request())
    issue = {"id": "CAST(i AS TEXT)", "key": "'YB-' || i", "category": "'done'", "resolution": "'Done'", "cycle": "1"}
    yield _insert(ISSUES, "issue", issue | dict.fromkeys(("summary", "url", "status"), EMPTY) | {"checked_at": "0"})
    yield _insert(ISSUES, "release", _release(words))
    yield _insert(ISSUES, "wave", _wave(words))
    link = {"feedback_id": "i + 1", "issue_id": "CAST(i / 10 AS TEXT)", "origin": "'jira'", "from_cycle": "0"}
    yield _insert(REQUESTS - 500, "feedbackissue", link | {"linked_at": f"{ASKED_AT} + {DAY_MS}"})
    yield _insert(REQUESTS - 500, "telling", _telling(words))
    yield _insert(ESCALATIONS, "escalation", _escalation(words))
    yield _insert(RECEIVED, "delivery", _delivery(words))
    yield _insert(RECEIVED, "run", _run(words))


def _insert(many: int, table: str, values: dict[str, str]) -> tuple[int, str]:
    return many, f"INSERT INTO {table} ({', '.join(values)}) {NUMBERS} SELECT {', '.join(values.values())} FROM n"


def _conversation() -> dict[str, str]:
    row = {"id": "CAST(i AS TEXT)", "state": "'closed'", "opening": "'締めができません'", "created_at": AT}
    return row | {"url": EMPTY, "filed_up_to": "0", "heard_part": EMPTY}


def _course(words: Words) -> dict[str, str]:
    minutes, closed_at = f"{TOOK} * {MINUTE_MS}", f"CASE WHEN {CLOSED} THEN {AT} + {DAY_MS} END"
    once = f"'[[' || {AT} || ', ' || ({AT} + {minutes}) || ', true, ' || {TOOK} || ']]'"
    return {
        "conversation_id": "CAST(i AS TEXT)",
        "medium": "CASE WHEN i % 3 = 0 THEN 'mail' ELSE 'chat' END",
        "began_at": AT,
        "answered_at": f"CASE WHEN {ANSWERED} THEN {AT} + {minutes} END",
        "answer_minutes": f"CASE WHEN {ANSWERED} THEN {TOOK} END",
        "answers": "1 + i % 3",
        "helpers": "1 + i % 2",
        "closings": f"CASE WHEN {CLOSED} THEN 1 ELSE 0 END",
        **dict.fromkeys(("first_closed_at", "last_closed_at"), closed_at),
        **dict.fromkeys(("first_closed_minutes", "last_closed_minutes"), f"CASE WHEN {CLOSED} THEN 480 + {TOOK} END"),
        "is_closed": f"CASE WHEN {CLOSED} THEN {words.yes} ELSE {words.no} END",
        "is_back": f"CASE WHEN i % 20 = 0 THEN {words.yes} ELSE {words.no} END",
        "news": "0",
        "waited_ms": minutes,
        "waited_minutes": TOOK,
        "waiting_since": f"CASE WHEN NOT ({CLOSED}) AND i > {CHATS - 5000} THEN {AT} END",
        "later": words.json(f"CASE WHEN i % 2 = 0 THEN '[]' ELSE {once} END"),
        "made_of": "6",
    }


def _request() -> dict[str, str]:
    row = {"conversation_id": "CAST(i * 20 AS TEXT)", "kind": "'wish'", "tag": "'要望'", "quote": "'CSVで出力したい'"}
    row |= {"said_at": ASKED_AT, "taken_at": f"{ASKED_AT} + {MINUTE_MS}", "source": "'intercom'", "mark": "'W-' || i"}
    row |= {"conclusion": f"CASE WHEN i > {REQUESTS - 500} THEN '' ELSE 'adopt' END"}
    names = ("part_id", "title", "taken_by", "taken_by_name", "note_id", "note_url", "source_url")
    return row | dict.fromkeys((*names, "company_name", "person_name"), EMPTY)


def _release(words: Words) -> dict[str, str]:
    row = {"id": f"i || {RELEASE}", "issue_id": "CAST(i AS TEXT)", "cycle": "1", "kind": "'finished'"}
    return row | {"resolution": "'Done'", "gathered": words.yes, "happened_at": OUT_AT}


def _wave(words: Words) -> dict[str, str]:
    row = {"release_id": f"i || {RELEASE}", "origin": f"i || {RELEASE}", "audience": "'all'", "share": "0"}
    row |= {"names": words.json("'[]'"), "opens_at": "0", "opened_at": f"{OUT_AT} + {DAY_MS}"}
    return row | dict.fromkeys(("person", "person_name", "called_off_by"), EMPTY)


def _telling(words: Words) -> dict[str, str]:
    row = {"release_id": f"(i / 10) || {RELEASE}", "conversation_id": "CAST(i * 20 AS TEXT)", "snoozed_until": "0"}
    row |= {"state": "CASE WHEN i % 50 = 0 THEN 'drafted' ELSE 'told' END", "owed_at": f"{ASKED_AT} + 20 * {DAY_MS}"}
    row |= {"told_at": f"CASE WHEN i % 50 > 0 THEN {ASKED_AT} + 22 * {DAY_MS} END", "reaction": "'thanks'"}
    texts = (
        "draft",
        "found",
        "told_by",
        "joined",
        "gathers",
        "approved",
        "approved_by",
        "approved_name",
        "why",
        "sent",
    )
    return row | dict.fromkeys((*texts, "part_id", "channel"), EMPTY) | {"rating": "0", "dry": words.no}


def _escalation(words: Words) -> dict[str, str]:
    is_new = f"i > {ESCALATIONS - 30}"
    row = {"origin": "'o' || i", "via": "'slack'", "company": "'会社'", "request": "'action'", "urgency": "'today'"}
    row |= {"temperature": "'low'", "gist": "'お怒りです'", "chain": words.json("'[]'"), "assigned": words.yes}
    row |= {"state": f"CASE WHEN {is_new} THEN 'open' ELSE 'done' END", "raised_at": RAISED_AT, "dry": words.no}
    row |= {"acknowledged_at": f"CASE WHEN NOT ({is_new}) THEN {RAISED_AT} + 3600000 END", "posted_at": RAISED_AT}
    texts = ("raised_by", "raised_by_name", "history", "tried", "conversation_url", "person", "role", "next_person")
    texts = (*texts, "post", "acknowledged_by", "done_by", "churn_risk", "next_step", "next_date")
    numbers = ("rung", "reminding_until", "watched_since", "asked", "climbed", "changes")
    return row | dict.fromkeys(texts, EMPTY) | dict.fromkeys(numbers, "0")


#: Events of today came in every four seconds.
CAME_AT = "(CAST(:now AS BIGINT) - CAST(i AS BIGINT) * 4000)"


def _delivery(words: Words) -> dict[str, str]:
    row = {"id": "'intercom\\:' || i", "source": "'intercom'", "topic": "'t'", "digest": "'d' || i", "state": "'done'"}
    row |= {"body": words.nothing, "facts": words.json("'{}'"), "received_at": CAME_AT}
    return row | dict.fromkeys(("content_type", "reason"), EMPTY)


def _run(words: Words) -> dict[str, str]:
    row = dict.fromkeys(("id", "delivery_id"), "'intercom\\:' || i") | {"workflow": "'w'", "queue": "'deliveries'"}
    row |= dict.fromkeys(("arguments", "facts"), words.json("'{}'")) | {"state": "'done'", "reason": EMPTY}
    row |= dict.fromkeys(("due_at", "created_at"), CAME_AT) | {"ended_at": f"{CAME_AT} + 1500", "dry": words.no}
    return row | dict.fromkeys(("attempts", "scheduled"), "1") | dict.fromkeys(("failures", "unfinished"), "0")
