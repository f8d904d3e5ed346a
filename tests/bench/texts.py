"""Two hundred thousand texts as a support team's years leave them: a few words everywhere, most of them seldom."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

TEXTS, BATCH, COMPANIES = 200_000, 1000, 8_000
SPACE_MS = 15 * 60 * 1000
WHAT = ("勤怠データ", "給与明細", "年末調整の書類", "従業員名簿", "ログイン画面", "サーバー", "承認フロー", "CSV出力")
WHAT_MORE = ("有給休暇の残日数", "組織図", "雇用契約書", "マイナンバー", "通知メール", "申請フォーム", "打刻", "住民税")
HOW = ("が表示されません", "を一括で直したいです", "の並び順を変えたいです", "が遅いです", "の文言が分かりにくいです")
HOW_MORE = (
    "を部署ごとに集計できますか",
    "の消費税の計算が合いません",
    "を要望として承りました",
    "を検討会で見送りました",
)
WHEN = ("毎月の締め日に", "拠点ごとに", "昨日から", "ﾃｽﾄ環境で", "本番で", "退職者の処理のときに", "お急ぎのところ", "")
NAMES = ("佐藤 花子", "鈴木 次郎", "田中 みなみ", "高橋 健", "伊藤 さくら", "渡辺 翔", "Alex Morgan")
FORMS = ("株式会社{}", "（株）{}", "{}㈱", "{}合同会社")
PLACES = ("あおば", "みどり", "ひかり", "やまと", "しろがね", "みなと", "つばき", "こだま")
#: Letters that make up what people call their own things; few texts share any of them.
RARE = "".join(chr(code) for code in range(0x5000, 0x5600))
KINDS = (*("message",) * 14, "note", "note", "wish", "context", "decision", "escalation")


def company_of(number: int) -> str:
    """What the n-th company is called."""
    return FORMS[number % len(FORMS)].format(f"{PLACES[number % len(PLACES)]}製作所{number:05d}")


def batches(now: int) -> Iterator[list[dict[str, Any]]]:
    """Rows for `documents.put`, the oldest first."""
    dice = random.Random(20)
    for first in range(0, TEXTS, BATCH):
        yield [_row(dice, number, now - (TEXTS - number) * SPACE_MS // 10) for number in range(first, first + BATCH)]


def _row(dice: random.Random, number: int, at: int) -> dict[str, Any]:
    company = dice.randrange(COMPANIES)
    return {
        "kind": dice.choice(KINDS),
        "ref": str(number),
        "place": f"/chats/{number}",
        "text": "".join(_sentence(dice, number) for _ in range(dice.choice((1, 2, 2, 3, 5)))),
        "company_id": f"k{company}",
        "company": company_of(company),
        "who": dice.choice(NAMES),
        "at": at,
    }


def _sentence(dice: random.Random, number: int) -> str:
    what = dice.choice(WHAT) if dice.random() < 0.7 else dice.choice(WHAT_MORE)
    how = dice.choice(HOW) if dice.random() < 0.8 else dice.choice(HOW_MORE)
    name = "".join(dice.choices(RARE, k=3)) if dice.random() < 0.3 else ""
    code = f"エラー番号E-{number % 9000 + 1000}です。" if dice.random() < 0.1 else ""
    return f"{dice.choice(WHEN)}{name}{what}{how}。{code}"
