"""After the adapters or the background were replaced: `python -m tests.training.seal` makes that the state that counts.

It rewrites the digests of our own files, and the vectors that the tests expect of ten texts. The digests of packages'
files stay: whoever raises a version in the locks changes those by hand, after a look at what changed.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from workflows.language.vectors import files
from workflows.language.vectors.encoder import Encoder
from workflows.language.vectors.grades import NUMBERS, tag

GOLDEN = Path(__file__).resolve().parent.parent / "workflows" / "language" / "vectors" / "golden.json"

TEXTS = (
    "カートに入れたまま買わなかった人に、後からメールを送れるようにしてほしいです。",
    "カゴ落ちのお客様へ自動でご案内を出したい",
    "請求書をPDFでまとめてダウンロードしたい",
    "ﾛｸﾞｲﾝ画面の文字が小さくて、㈱山びこの㍻生まれには読めません",
    "Please let us export the attendance sheet as CSV.",
    "スマホアプリで通知の音を消したい 🔕🙏",
    "夜勤の人は日付をまたぐので、集計が2日に分かれて困っています。\n\nひとつの勤務として数えられませんか。",
    "要望",
    "",
    "予約の変更を電話でなくお客さま自身でできると助かります。" * 40,
)


def main() -> None:
    """Write both."""
    sums = files.digests() | {name: files.digest_of(files.place(name)) for name in files.OURS}
    files.SUMS.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())), encoding="ascii")
    files.digests.cache_clear()
    vectors = {grade: [_stored(blob) for blob in map(Encoder(grade).of, TEXTS)] for grade in NUMBERS}
    GOLDEN.write_text(json.dumps({"texts": TEXTS, **vectors}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(*(tag(grade) for grade in NUMBERS))


def _stored(blob: bytes) -> str:
    return base64.b64encode(blob).decode()


if __name__ == "__main__":
    main()
