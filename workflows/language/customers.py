"""How customers are written to: in their language, by their name, with days as letters say them. Pure.

language_of("en-US", "勤務表をExcelでも出力したい", usual="ja")     # "ja": so they wrote
addressed("ja", "山本 恵子")                                      # 「山本」, which 「様」 follows
"""

from __future__ import annotations

import re

from workflows.rules import LANGUAGES

#: So many words without a Japanese letter are a text in another language; fewer are a name or a product's.
SOME_WORDS = 3
_JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W\d_]{2,}")
#: What an account is called, and nobody: yamamoto01, k.yamamoto, keiko_y.
_LOGIN = re.compile(r"[A-Za-z0-9._+-]{0,60}[0-9][A-Za-z0-9._+-]{0,60}|[a-z]{1,60}[._+][a-z._+-]{1,60}")


def is_japanese(text: str) -> bool:
    """Is there a Japanese letter in it?"""
    return bool(_JAPANESE.search(text))


def language_of(declared: str, written: str, *, usual: str) -> str:
    """In which of our languages a customer is written to.

    Who writes Japanese is answered in it; else what Intercom says of them counts (`declared`: ja, en-US), then what
    they wrote. Whoever speaks neither of our languages reads English. `usual` where nothing tells.
    """
    if is_japanese(written):
        return "ja"
    if declared:
        spoken = declared.replace("_", "-").partition("-")[0].lower()
        return spoken if spoken in LANGUAGES else "en"
    return "en" if len(_WORD.findall(written)) >= SOME_WORDS else usual


def addressed(language: str, name: str) -> str:
    """The name by which a customer is addressed: in Japanese the family name, which stands first.

    "" for an address or the name of an account, which is nobody's.
    """
    known = " ".join(name.split())
    if "@" in known or _LOGIN.fullmatch(known):
        return ""
    family, space, _given = known.partition(" ")
    return family if language == "ja" and space and is_japanese(known) else known
