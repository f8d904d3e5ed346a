"""What of a text asks for something: each of its sentences without greeting and courtesy.

They say little about what is asked for, and are much alike in all texts; and a long story hides the one sentence that
matters. So an encoder may read both, the whole and its sentences.
"""

from __future__ import annotations

import re

#: How requests end in Japanese, whatever they ask for.
COURTESY = re.compile(
    "(ようにして|よう|ように)?(いただけないでしょうか|いただけませんか|いただけると[^。]*|もらえませんか|もらえないでしょうか"
    "|もらえると[^。]*|くれませんか|くれると[^。]*|ください(ませ)?|下さい|ほしいです?|欲しいです?|お願いします|お願いできませんか"
    "|を?希望(します|です)?|できませんか|できないでしょうか|できますか|でしょうか|ありませんか|ありますか|たいです|うれしいです"
    "|嬉しいです|助かります|ありがたいです|のですが|なのですが)[。！!？?…]*"
)
OPENING = re.compile("^(いつも)?お世話になっております[。、]?")
ENDS = re.compile(r"(?<=[。！？!?\n])")
#: Letters of a sentence that can say something, and sentences that are read.
FEWEST, MOST = 6, 12


def sentences(text: str) -> list[str]:
    """Those that can say something, the first MOST; the whole text where none can."""
    found = [sentence for sentence in ENDS.split(text) if len(sentence.strip()) >= FEWEST]
    return [plain(sentence) for sentence in found[:MOST] or [text]]


def plain(text: str) -> str:
    """Without greeting and courtesy, unless hardly anything else is in it."""
    shorter = COURTESY.sub(" ", OPENING.sub("", text)).strip()
    return shorter if len(shorter) >= 4 else text
