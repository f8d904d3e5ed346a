"""What customers write after they were told: what is thanks, and what only looks like it."""

from __future__ import annotations

import pytest

from workflows.telling.thanks import LONGEST, is_thanks

NO_THANKS = """
承知しました。
了解です。
確認します。
よろしくお願いいたします。
いいえ、結構です。
ありがとうございますが、まだ動きません。
ありがとうございます。でも、一覧には出ていません。
ありがとうございます。いつから使えますか?
ありがとうございます。いつから使えますか？
ありがとうございます。画面が表示されないです。
ありがとうございます。別件ですが、請求書が届きません。
ありがとうございます。ところで料金は変わりますでしょうか。
ありがとうございました。ただ、エラーになります。
ご連絡ありがとうございます。使えないのですが。
ご連絡ありがとうございますけど、頼んだのはこれと違うものです。
対応していただけるとありがたいです。
対応していただけると助かります。
対応いただけたら嬉しいです。
早めに直していただければ助かります。
使い方を教えてくれると嬉しいです。
今さら連絡されても嬉しくないです。
全然嬉しくありません。
もっと早くほしかったです。
感謝はしていますが、不満もあります。
> ありがとうございます。
No thanks.
Not great.
Thanks, but it still fails.
Thanks, however the column is empty.
Thanks in advance for fixing it.
Thank you. When will it be available?
It would be great if you could add this.
I would appreciate it if you fixed this.
Thank you, the export can't be opened.
Thank you, although I have moved on.
I've been saying this for years.
thankless work
""".strip().splitlines()

THANKS = """
ありがとうございます。
ありがとうございます!
ありがとうございます😊
ありがとうございます。早速使ってみます。
ご連絡ありがとうございました。確認いたします。
お世話になっております。青葉製作所の佐藤です。ご対応いただき、誠にありがとうございます。
まさか連絡を貰えるとは!とても嬉しいです。
まさか連絡をいただけるとは思いませんでした。ありがとうございます。
早速、機能をつかってみたいと思います!ありがとうございます。
問題なく出力されています。助かりました。
助かります!
大変助かりました。
感謝申し上げます。
アリガトウゴザイマス
ｱﾘｶﾞﾄｳｺﾞｻﾞｲﾏｽ
有難うございます。社内にも共有します。
待ってました!ありがとう。
素晴らしいです。
Thank you!
THANK YOU SO MUCH
Thanks a lot, works great.
Thanks — we’ll try it today.
Much appreciated.
That's great news, thank you so much.
This is exactly what we needed.
thx
""".strip().splitlines()


@pytest.mark.parametrize("text", NO_THANKS)
def test_what_also_asks_doubts_or_hopes_is_no_thanks(text: str) -> None:
    assert not is_thanks(text)


@pytest.mark.parametrize("text", THANKS)
def test_thanks_are_recognised(text: str) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "😊", "ありがとうございます。" * LONGEST])
def test_nothing_and_a_whole_letter_are_no_thanks(text: str) -> None:
    assert not is_thanks(text)


def test_what_is_quoted_says_nothing_for_the_customer() -> None:
    ours = "> いつもありがとうございます。\n> ご不明な点はありませんか?"
    assert not is_thanks(f"承知しました。\n\n{ours}")
    assert is_thanks(f"ありがとうございます。\n\n{ours}")


@pytest.mark.parametrize(
    "end", ["--\n株式会社あおば", "2026年11月29日 10:00 田中 <tanaka@kanade.example>:", "On Sunday, Tanaka wrote:"]
)
def test_what_stands_below_their_words_says_nothing_either(end: str) -> None:
    assert is_thanks(f"ありがとうございます。\n{end}\n届かない場合はお知らせください。まだ使えませんか?")
    assert not is_thanks(f"承知しました。\n{end}\nありがとうございます。")
