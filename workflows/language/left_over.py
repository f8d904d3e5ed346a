"""What must not be left in a text for a customer, in any language: empty gaps, and what is only for us. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from workflows.language.manners import MUST, SHOULD, Fault, Rule

#: What looks like an issue's key and is none: standards, and what is called a number, a code or an error.
_STANDARDS = "UTF|ISO|SHA|AES|RFC|CVE|COVID|GPT|JIS|TLS|USB|UTC|GMT|JST|HTTP|MD|EUC|WPA|CP"
_NAMED = "".join(
    f"(?<!{word})(?<!{word} )" for word in ("番号", "コード", "エラー", "[Ee]rror", "[Cc]ode", "[Nn]umber")
)
CODE = Rule(
    "internal-code",
    MUST,
    "“{found}” is an internal code, which customers don't know.",
    {r"(?<![A-Za-z0-9])FB[-‐‑–—−ー]\d{1,9}(?!\d)": ""},
)
ADDRESS = Rule(
    "internal-address",
    MUST,
    "“{found}” is an internal address, which customers can't open.",
    {
        r"https?://[\w.-]{1,80}\.atlassian\.net/browse/[\w-]{0,40}": "",
        r"https?://app\.(?:[a-z]{2}\.)?intercom\.(?:com|io)[\w/#.-]{0,200}": "",
        r"https?://[\w-]{1,40}\.slack\.com/archives[\w/.-]{0,80}": "",
        r"https?://(?!portal\.)[\w-]{1,40}\.productboard\.com[\w/#.-]{0,200}": "",
        r"https?://(?:localhost|127\.0\.0\.1|[\w.-]{1,80}\.(?:local|internal))(?![\w.])[\w:/.-]{0,200}": "",
    },
)
LIKE_CODE = Rule(
    "like-internal-code",
    SHOULD,
    "“{found}” looks like an internal code.",
    {
        rf"(?<![A-Za-z0-9_/.-]){_NAMED}(?!(?:{_STANDARDS}|FB|YMB|[A-Z])-)"
        r"[A-Z][A-Z0-9]{1,9}-\d{1,6}(?![A-Za-z0-9_-])": ""
    },
)
RULES = (
    Rule(
        "gap",
        MUST,
        "“{found}” has not been filled in.",
        {
            r"\{\{[^{}\n]{0,80}\}\}|(?<!\{)\{[\w .:|-]{0,40}\}(?!\})": "",
            r"%\(\w{1,20}\)s|<<[^<>\n]{1,30}>>|\[(?:お?名前|氏名|お客様名|会社名|日付|(?i:name|company|date))\]": "",
            r"[○〇◯△□●]{2,8}(?=様|社|株式会社|月|日)|(?<![A-Za-z])[XxＸ]{2,4}(?=[様社月日])": "",
        },
    ),
    Rule(
        "empty-brackets",
        MUST,
        "There is nothing inside {found}.",
        {
            r"「\s{0,20}」|『\s{0,20}』|（\s{0,20}）|【\s{0,20}】|“\s{0,20}”": "",
            r"""(?<![A-Za-z0-9_)\]])\(\s{0,20}\)|(?<![A-Za-z0-9_="])""(?!")""": "",
        },
    ),
    Rule(
        "internal-note",
        MUST,
        "“{found}” belongs in internal notes only.",
        {
            r"(?:Ref )?\bYMB-[A-Z0-9]{4,20}\b": "",
            r"[【\[(（](?:社内|内部)(?:メモ|用|限り|限定|共有|のみ|向け)?[】\])）]": "",
            r"(?i:[\[(]internal(?: only| use| use only| note)?[\])]|\binternal note:)": "",
        },
    ),
    *(CODE, ADDRESS, LIKE_CODE),
)


def faults(text: str, internal: Collection[str]) -> Iterator[Fault]:
    """What was not filled in, and what is nobody's business outside. `internal`: our addresses and projects' keys."""
    for rule in RULES:
        yield from rule.faults(text)
    for ours in filter(None, internal):
        if "://" in ours:
            rule, pattern = ADDRESS, rf"{re.escape(ours.rstrip('/'))}(?![\w.-])[\w/?#=&%.:-]{{0,200}}"
        else:
            rule, pattern = CODE, rf"(?<![A-Za-z0-9]){re.escape(ours)}-\d{{1,9}}(?!\d)"
        for match in re.finditer(pattern, text):
            yield Fault(rule, *match.span(), "")
