"""Complaints that wait for somebody when the demo begins: one for an account owner, one for the lead, whom everybody is
at first. Workflows of Slack hand them in, so that everybody hears of them as they would.
"""

from __future__ import annotations

from app.demo import company
from app.demo.stage import Stage
from integrations.intercom.urls import conversation_url

TANAKA, SUZUKI = "U0TANAKA", "U0SUZUKI"
#: Who handed it in, and what they filled in. Nobody is the owner of the second company, so the lead answers for it.
COMPLAINTS = (
    (
        TANAKA,
        {
            "company": "株式会社あおば製作所",
            "request": "action",
            "urgency": "today",
            "temperature": "high",
            "gist": "先月の請求額が契約と違う",
            "history": "2か月続けて、追加した従業員の分が二重に計上されている。",
            "tried": "経理に確認を依頼した。",
        },
    ),
    (
        SUZUKI,
        {
            "company": "さくら学習塾",
            "request": "consultation",
            "urgency": "today",
            "temperature": "medium",
            "gist": "講師の残業時間が合わず、給与の支払いに間に合わない",
            "history": "日をまたぐ勤務が0時間になる。支払いは25日。",
            "tried": "手で直す方法を案内した。",
        },
    ),
)


def hand_in(stage: Stage) -> None:
    """Hand them in, once the service listens and knows the chats of an earlier time."""
    for person, filled in COMPLAINTS:
        inputs = filled | {"conversation_url": chat_of(stage, filled["company"]), "raised_by": person}
        stage.slack.start_step("escalate_complaint", inputs, person)


def chat_of(stage: Stage, name: str) -> str:
    """The link to a company's oldest chat, by which a workflow says whose complaint it is; "" where there is none."""
    ids = [each.id for each in company.CUSTOMERS if each.company == name]
    with stage.intercom.lock:
        talks = [each for each in stage.intercom.books.conversations.values() if each.company_id in ids]
    oldest = min(talks, key=lambda each: each.source.created_at, default=None)
    return conversation_url(company.APP_ID, oldest.id) if oldest else ""
