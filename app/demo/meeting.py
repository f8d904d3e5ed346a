"""A meeting to play: wishes that were filed over the last two months, some alike, some with their background.

Their chats stand in Intercom; the records have the dates that they would have had. What was concluded at earlier
meetings is over: nobody is told of it again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, select

from app.demo import company
from app.demo.stage import Stage
from integrations.intercom.twin.data import Conversation
from integrations.intercom.urls import conversation_url
from workflows.customer import companies
from workflows.engine.durable import child, spawn
from workflows.engine.rows import insert_new
from workflows.engine.store import store
from workflows.meeting import decisions
from workflows.rules.choices import FINAL
from workflows.tables.customer import CompanyPast, Contact
from workflows.tables.meeting import Decision
from workflows.tables.telling import Telling
from workflows.tables.wish import Context, Feedback
from workflows.telling import conclusion_texts, ledger
from workflows.wish import wishes
from workflows.wish.promised import level_of

DAY = 24 * 3600
#: The ids of these chats follow those of the company's own, with some room between.
FIRST = 60
ANSWER = "ご要望としてお預かりいたします。背景もお聞かせいただきありがとうございます。"
LEAD = ("U0LEAD", "斎藤 真理")


@dataclass(frozen=True)
class Known:
    """What an agent noted."""

    background: str
    importance: str = ""
    temperature: str = ""
    promise: str = ""


@dataclass(frozen=True)
class Held:
    """What an earlier meeting concluded, so many days ago."""

    days: int
    conclusion: str
    reason: str
    answer: str = ""


@dataclass(frozen=True)
class Wish:
    """A wish: whose, how many days ago, in their words."""

    customer: str
    days: float
    quote: str
    known: Known | None = None
    agent: str = "7001"
    kind: str = "wish"
    held: Held | None = None
    #: Who filed it, where that was not the agent of the chat: a Slack id and a name.
    by: tuple[str, str] | None = None

    @property
    def tag(self) -> str:
        """What an agent put on it."""
        return "要望" if self.kind == "wish" else "文言"

    @property
    def is_owed(self) -> bool:
        """Is the customer to be told what was concluded? Then the chat is open, with a draft."""
        return self.held is not None and self.held.conclusion in FINAL


#: Some are the same in other words as what a chat of the company asks for, and some are only near: the staff's days of
#: leave (102) and applying for them (107) to a chat of 107. So whoever tags that one reads both voices.
WISHES = (
    Wish(
        "101",
        62,
        "勤務表をExcelでも出力したいです。監査のたびにPDFから手で起こしています。",
        Known("年2回の監査で、労務の3名が2日ずつ転記している。次の監査は来月。", "high", "medium", "report"),
    ),
    Wish(
        "105",
        55,
        "監査用に、勤務表をExcelファイルで受け取れると助かります。",
        Known("監査法人がExcelでの提出を指定している。", "high", "high", "report"),
        "7003",
    ),
    Wish("103", 48, "車両ごとに打刻の場所を登録できるようにしてほしいです。", agent="7002"),
    Wish(
        "107",
        41,
        "夜勤の休憩を、まとめてではなく分けて入力できますか。",
        Known("夜勤は2回に分けて休む決まり。いまは備考欄に書き、月末に手で直している。", "high", "medium", "discuss"),
        held=Held(15, "consider", "ほかの介護施設にも聞いてから決める"),
    ),
    Wish(
        "104",
        40,
        "講師ごとに締め日を変えられるようにしてほしいです。",
        Known("大学生の講師は月末、専任は15日締め。いまは2つの事業所に分けて登録している。", "medium", "low", "report"),
        "7003",
        held=Held(
            15,
            "decline",
            "給与の計算をすべて見直すことになるため",
            "給与計算の仕組みに大きく影響するため、現時点では対応の予定がございません。",
        ),
        by=LEAD,
    ),
    Wish(
        "108",
        34,
        "拠点の管理者に、承認だけの権限を渡せますか。設定は触らせたくありません。",
        Known("拠点が23あり、本社の2名が毎朝すべて承認している。", "high", "low", "discuss"),
    ),
    Wish("104", 30, "シフトが確定したら、講師にLINEで知らせたいです。", Known("", "low", "low", "listen"), "7003"),
    Wish("102", 27, "スタッフが、自分の休暇があと何日あるかを画面で確かめられるようにしてほしいです。", agent="7002"),
    Wish(
        "106",
        20,
        "レジ締めの時間に合わせて、打刻を15分単位で丸められますか。",
        Known("1分単位の端数を毎日Excelで丸めている。", "medium", "medium", "listen"),
        "7002",
    ),
    Wish(
        "101",
        16,
        "CSVの文字コードをUTF-8でも選べるようにしてほしいです。",
        Known("給与ソフトを入れ替えたところ、社員名が文字化けする。", "medium", "medium", "report"),
    ),
    Wish("103", 13, "CSVをUTF-8で出力できませんか。給与ソフトで文字化けします。", agent="7002"),
    Wish("105", 9, "「締め」と「確定」の違いが分かりません。どちらを押せばよいのでしょうか。", None, "7003", "wording"),
    Wish("107", 5, "有給の申請を、スマートフォンからも出せますか。"),
    Wish(
        "108",
        2,
        "休日出勤の申請に、代休の予定日を書く欄がほしいです。",
        Known("代休の取り忘れが続き、労働基準監督署から指摘を受けた。", "high", "high", "report"),
        "7003",
    ),
)


def begin(stage: Stage) -> list[Conversation]:
    """The chats, as they stand after an agent dealt with them and tagged them; before anybody listens to the twins."""
    talks = []
    for number, wish in enumerate(WISHES):
        id, at = str(stage.base + FIRST + number), int(time.time() - wish.days * DAY)
        stage.intercom.add_conversation(id, f"c{wish.customer}", wish.quote, at=at)
        stage.intercom.tag(id, "", wish.tag, wish.agent, at=at + 600)
        stage.intercom.agent_says(id, wish.agent, ANSWER, at=at + 240)
        if not wish.is_owed:
            stage.intercom.close(id, wish.agent, at=at + 900)
        talks.append(stage.intercom.books.conversations[id])
    return talks


def file(chats: Sequence[Conversation]) -> None:
    """The records, unless there are wishes already; their notes in Productboard follow."""
    filed = store.write(partial(_file, chats))
    spawn([child(f"filed:{id}", "filing.carry", feedback_id=id, context_id=0) for id in filed])


def _file(chats: Sequence[Conversation], session: Session) -> list[int]:
    if session.exec(select(Feedback.id).limit(1)).first() is not None:
        return []
    now = int(time.time() * 1000)
    _remember(session, now)
    ids = []
    for wish, chat in zip(WISHES, chats, strict=True):
        said_at = now - int(wish.days * DAY * 1000)
        id = _take(session, wish, chat, said_at)
        _note(session, wish, id, said_at + 3600_000)
        _hold(session, wish, id, now)
        ids.append(id)
    return ids


def _remember(session: Session, now: int) -> None:
    """Every company was a customer before the first of these wishes."""
    seen_at = now - 90 * DAY * 1000
    firms = [
        {"company_id": each.id, "seen_at": seen_at, "name": each.company, "tier": each.tier, "mrr": each.mrr}
        for each in company.CUSTOMERS
    ]
    insert_new(session, CompanyPast, firms)


def _take(session: Session, wish: Wish, chat: Conversation, said_at: int) -> int:
    customer = next(each for each in company.CUSTOMERS if each.id == wish.customer)
    by = wish.by or (wish.agent, company.AGENTS[wish.agent])
    row = {
        "id": chat.id,
        "url": conversation_url(company.APP_ID, chat.id),
        "state": "closed",
        "opening": wish.quote,
        "contact_id": f"c{wish.customer}",
        "company_id": wish.customer,
        "created_at": said_at,
    }
    contact = {"id": f"c{customer.id}", "name": customer.person, "email": customer.email, "company_id": customer.id}
    firm = {"id": customer.id, "name": customer.company, "tier": customer.tier, "mrr": customer.mrr}
    companies.remember(session, row, contact, firm)
    taken = {
        "conversation_id": chat.id,
        "part_id": chat.source.id,
        "kind": wish.kind,
        "tag": wish.tag,
        "quote": wish.quote,
        "contact_id": contact["id"],
        "company_id": wish.customer,
        "taken_by": by[0],
        "taken_by_name": by[1],
        "said_at": said_at,
        "taken_at": said_at + 600_000,
    }
    return wishes.take(session, taken).id or 0


def _note(session: Session, wish: Wish, id: int, at: int) -> None:
    if (known := wish.known) is not None:
        session.add(
            Context(
                origin=f"demo:{id}",
                feedback_id=id,
                kind=wish.kind,
                background=known.background,
                importance=known.importance,
                temperature=known.temperature,
                promise=known.promise,
                level=level_of(known.promise),
                person=wish.agent,
                person_name=company.AGENTS[wish.agent],
                said_at=at,
            )
        )


def _hold(session: Session, wish: Wish, id: int, now: int) -> None:
    if (held := wish.held) is not None:
        at = now - held.days * DAY * 1000
        session.add(
            Decision(
                origin=f"demo:{id}",
                feedback_id=id,
                conclusion=held.conclusion,
                reason=held.reason,
                answer=held.answer,
                person=LEAD[0],
                person_name=LEAD[1],
                decided_at=at,
                due_at=at,
                sent_at=at,
            )
        )
        session.flush()
        decisions.settle(session, [id])
        if wish.is_owed:
            _owe(session, id, at)


def _owe(session: Session, id: int, at: int) -> None:
    """The agent has a draft, and has not written to the customer yet."""
    feedback, decision = session.get_one(Feedback, id), decisions.holding(session, id)
    assert decision is not None
    release_id = ledger.concluded(session, decision.id or 0, at)
    draft = conclusion_texts.draft(decision, [feedback], session.get(Contact, feedback.contact_id))
    session.add(
        Telling(
            release_id=release_id,
            conversation_id=feedback.conversation_id,
            state="drafted",
            draft=draft,
            found="closed",
            owed_at=at,
            drafted_at=at,
        )
    )
