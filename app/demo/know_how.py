"""Answers to use again, so that there is something to find on the first day: by hand, as colleagues write them.

Two of them fit chats of the demo, one is to be looked at again, and one has been written in Japanese only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.customer.fields import today
from workflows.enquiry import know_how, know_how_forms
from workflows.people.person import somebody


@dataclass(frozen=True)
class Answer:
    """An answer, who looks after it, and in how many days it is to be looked at again."""

    title: str
    kind: str
    owner: str
    days: int
    ja: str
    en: str = ""


ANSWERS = (
    Answer(
        "請求書の宛名の変更",
        "question",
        "U0SATO",
        150,
        "請求書の宛名は、契約者様の画面の「設定」→「請求」→「宛名」から変更いただけます。\n"
        "次回の請求書から新しい宛名になります。発行済みの請求書の再発行をご希望の場合は、お知らせください。",
        "You can change the name on your invoices under Settings → Billing → Bill to, in the account holder's screen.\n"
        "It applies from the next invoice. Let us know if you need an earlier one reissued.",
    ),
    Answer(
        "CSVが文字化けするとき",
        "fault",
        "U0TANAKA",
        -3,
        "CSVファイルをExcelで直接開くと、文字化けすることがあります。\n"
        "Excelの「データ」→「テキストまたはCSVから」で開き、文字コードに「Shift_JIS」をお選びください。",
        "Opening the CSV file directly in Excel can garble its characters.\n"
        "Open it with Data → From Text/CSV instead, and choose Shift_JIS as the file origin.",
    ),
    Answer(
        "APIトークンの発行",
        "question",
        "U0SUZUKI",
        90,
        "APIのトークンは、管理者様の画面の「設定」→「連携」→「APIトークン」から発行いただけます。\n"
        "勤怠データの取得には「勤怠の閲覧」の権限をお選びください。",
        "Administrators can issue API tokens under Settings → Integrations → API tokens.\n"
        "To read attendance data, choose the permission “View attendance”.",
    ),
    Answer(
        "シフト表の印刷で右端が切れるとき",
        "fault",
        "U0SATO",
        60,
        "シフト表は、用紙を「A4横」、倍率を「用紙に合わせる」にして印刷すると、右端まで収まります。",
    ),
)


def write() -> None:
    """Keep each of them, once; as the form on `/know-how/new` does."""
    for number, answer in enumerate(ANSWERS):
        owner = somebody(answer.owner)
        know_how.write(know_how_forms.read(_filled(answer), owner.name), by=owner, origin=f"demo:{number}")


def _filled(answer: Answer) -> dict[str, str]:
    day = (today() + timedelta(days=answer.days)).isoformat()
    texts = {"text_ja": answer.ja, "text_en": answer.en}
    return {"title": answer.title, "kind": answer.kind, "owner": answer.owner, "review_on": day} | texts
