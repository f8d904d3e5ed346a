"""Thanks: does a customer's message say thank you, and nothing that speaks against it? A table of phrases, no model.

    is_thanks("ありがとうございます。早速使ってみます。")       True
    is_thanks("ありがとうございますが、まだ動きません。")       False

Rather too few than too many: what also asks, doubts or complains is no thanks, nor is what only hopes for something
(していただけるとありがたいです). Phrases are compared folded, so that kana, width and case do not matter.
"""

from __future__ import annotations

import re

from workflows.language.folding import fold

#: So many characters at the most: a long letter says more than thanks.
LONGEST = 400
_JAPANESE = """
ありがとう|有難う|有り難う|あざす|感謝|助かりました|助かります|たすかりました|たすかります|嬉しい|うれしい|嬉しく|うれしく|感激|感動|
最高です|素晴らしい|すばらしい|待ってました|待っていました|待望の
"""
_ENGLISH = """
thank you|thanks|thx|much appreciated|appreciate it|really appreciate|grateful|this is great|that is great|that's great|
great news|so happy|love it|awesome|fantastic|wonderful|exactly what we needed
"""
#: What only hopes for something, asks, doubts, complains, or turns to another matter.
_AGAINST_JAPANESE = """
たら|れば|くださると|頂けると|いただけると|貰えると|もらえると|てくれると|できると|あると|なると|
ですが|ますが|ましたが|ですけど|ますけど|けど|けれど|しかし|でも、|ただ、|ただし|一方|にもかかわらず|
ません|ないです|なかった|できない|出来ない|動かない|うごかない|使えない|表示されない|残念|困って|困り|不具合|エラー|違う|ちがう|
間違|問題が|不満|遅い|おそい|今更|いまさら|今さら|別件|ところで|ちなみに|でしょうか|ですか|ますか|ませんか|ましょうか|いつ
"""
#: What looks like one of those and is none: まさか連絡をいただけるとは思いませんでした, 問題なく使えました.
_HARMLESS_JAPANESE = "とは思いませんでした|とは思っていませんでした|とは思わなかった|とは|問題なく|問題ありません"
_AGAINST_ENGLISH = """
but|however|although|though|unfortunately|not|isn't|doesn't|don't|didn't|can't|cannot|won't|couldn't|never|still|error|
broken|fail|fails|failed|failing|bug|wrong|missing|if|when|how|why|would|could|can you|please|in advance|no thanks|
no thank you|finally|too late|instead|disappointed|another|separate
"""
#: Lines of somebody else's: quoted, or below the line that begins a quotation or a signature.
_QUOTED = re.compile(r"^\s*[>＞|｜]")
_ENDS = re.compile(
    r"^\s*(--|__|――|-{3,}|={3,}|On .+ wrote:|\d{4}年.+[:：]$|.+さんは書きました|-+ ?Original Message|差出人[:：]|From:)"
)


def _any(words: str, *, whole: bool = False) -> re.Pattern[str]:
    """Any of these, folded; whole words only in English."""
    found = "|".join(re.escape(fold(word.strip())) for word in words.split("|"))
    return re.compile(rf"(?<![a-z'])(?:{found})(?![a-z'])" if whole else found)


_HARMLESS = _any(_HARMLESS_JAPANESE)
_SAYS = (_any(_JAPANESE), _any(_ENGLISH, whole=True))
_SPEAKS_AGAINST = (_any(_AGAINST_JAPANESE), _any(_AGAINST_ENGLISH, whole=True), re.compile(r"[?？]"))


def is_thanks(text: str) -> bool:
    """Does this message thank, and nothing else?"""
    said = fold(own_words(text).replace("’", "'"))
    meant = _HARMLESS.sub("", said)
    if not said or len(said) > LONGEST or any(each.search(meant) for each in _SPEAKS_AGAINST):
        return False
    return any(each.search(said) for each in _SAYS)


def own_words(text: str) -> str:
    """What the customer wrote themselves: without what they quote and what stands below their words."""
    lines = []
    for line in text.splitlines():
        if _ENDS.match(line):
            break
        if not _QUOTED.match(line):
            lines.append(line)
    return "\n".join(lines).strip()
