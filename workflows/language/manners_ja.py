"""Manners of Japanese: honorifics, humble words, what is too casual, what promises too much. Tables by rule. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from workflows.language.manners import MUST, SHOULD, Better, Rule, promising


def _inflected(said: str, better: str, ends: Mapping[str, str]) -> dict[str, Better]:
    """Words in all their forms: for each ending of what is said, that of what is better."""
    return {said + end: better + right for end, right in ends.items()}


def _full_width(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


#: How a verb goes on after れ, and how without: おっしゃられ|た, おっしゃ|った.
_R = {"る": "る", "た": "った", "て": "って", "ま": "りま", "な": "らな"}
_SHARU = _R | {"ま": "いま"}
_ITADAKU = {"る": "いただく", "た": "いただいた", "て": "いただいて", "ま": "いただきま"}
#: Stems with which a customer's act is said: お…になる, ご…になる.
_O = (
    "見え|越し|帰り|読み|聞き|話し|使い|求め|出かけ|戻り|召し上がり|気づき|持ち|送り|選び|書き|待ち|決め|考え|休み"
    "|亡くなり|申し込み|困り|試し|確かめ|受け取り|過ごし"
)
_GO = (
    "利用|使用|購入|確認|登録|入力|注文|連絡|相談|契約|参加|出席|来店|来社|退職|検討|希望|要望|指摘|設定|解約|返信"
    "|到着|予約|依頼|質問"
)
_CAUSED = r"させて(?:いただ|頂)"
#: What is potential of a verb, whose ら is missing in front of it: 見れ|る.
_POTENTIAL = r"れ(?=る|ま[すせし]|な[いかくけ]|た|て|ず)"

STYLE = (
    Rule(
        "double-honorific",
        SHOULD,
        "“{found}” is honorific twice.",
        _inflected("(おっしゃ|いらっしゃ|なさ|くださ)られ", r"\1", _SHARU)
        | _inflected("召し上がられ", "召し上が", _R)
        | _inflected(f"((?:お(?:{_O})|ご(?:覧|{_GO}))に)なられ", r"\1な", _R)
        | _inflected(f"お(?:伺い|うかがい){_CAUSED}", "伺", {"き": "い", "く": "う", "い": "っ", "け": "え"})
        | _inflected(f"ご?拝([見読聴借受察]){_CAUSED}", r"拝\1", {"き": "し", "く": "する", "い": "し", "け": "でき"})
        | {"各位(?:様|殿)|(?<!お客)様各位": "各位"},
    ),
    Rule(
        "mixed-honorific",
        SHOULD,
        "“{found}” mixes two honorific forms.",
        _inflected(f"ご({_GO})され", r"ご\1", _ITADAKU)
        | {
            r"ご(利用|使用|購入|登録|入力|参加|注文|予約|閲覧)でき(?=る|ま|な|た|て|ず)": r"ご\1いただけ",
            r"お(求め|使い|読み)やす(?=い|く)": r"お\1になりやす",
        },
    ),
    Rule(
        "humble-for-customer",
        SHOULD,
        "“{found}” is humble, and here it is about the customer.",
        _inflected("申され", "おっしゃ", _SHARU)
        | _inflected("参られ", "いらっしゃ", _SHARU)
        | {
            r"ご?拝見(?:して)?(?=ください|下さい)": "ご覧",
            r"(?:お伺い|伺って|うかがって)(?=ください|下さい)": "お尋ね",
            r"(?<=お客様が)申し(?=た|て)": "おっしゃっ",
            r"(?<=お客様が)申し(?=ま)": "おっしゃい",
        },
    ),
    Rule(
        "permission-twice",
        SHOULD,
        "“{found}” is used more than once.",
        {_CAUSED: "いたし"},
        allowed=1,
    ),
    Rule(
        "superfluous-sa",
        SHOULD,
        "“{found}” has one “さ” too many.",
        {f"(読ま|休ま|送ら|行か|書か|使わ|伺わ|やら|作ら|帰ら|言わ|聞か|手伝わ|頑張ら){_CAUSED}": r"\1せていただ"},
    ),
    Rule(
        "acknowledgement",
        SHOULD,
        "“{found}” is too casual for a customer.",
        {
            "(?<!ご)了解(?:(?:いた|致)?しました|です)": "承知いたしました",
            "(?<!ご)了解(?:いた|致)?し(?=ております|ています)": "承知し",
        },
    ),
    Rule(
        "apology",
        SHOULD,
        "“{found}” is too casual for a customer.",
        {
            "(?:すみません|すいません)でした": "申し訳ございませんでした",
            "(?:すみません|すいません)が": "恐れ入りますが",
            "(?<!では)(?:すみません|すいません)(?!でした|が)|ごめんなさい": "申し訳ございません",
        },
    ),
    Rule(
        "appreciation",
        SHOULD,
        "“{found}” is said to subordinates, and not to a customer.",
        {
            "[ご御]苦労(?:様|さま)(?:でした|でございました)": "ありがとうございました",
            "[ご御]苦労(?:様|さま)(?:です|でございます)?(?!でした|でございま|です)": "ありがとうございます",
            "お世話(?:様|さま)(?:です|でした)": "お世話になっております",
        },
    ),
    Rule(
        "agreement",
        SHOULD,
        "“{found}” is too casual for a customer.",
        {r"(?<![^\s、。,!?！？」])なるほど(?=[\s、。,!?！？で]|$)": "おっしゃるとおり"},
    ),
    Rule(
        "modesty",
        SHOULD,
        "“{found}” is a form that many find wrong.",
        {"とんでも(?:ございません|ありません)": "とんでもないことでございます"},
    ),
    Rule(
        "casual-address",
        SHOULD,
        "“{found}” is too casual for a customer.",
        {"お客さん(?!様)": "お客様", "皆さん(?!様)": "皆様"},
    ),
    Rule(
        "missing-ra",
        SHOULD,
        "“{found}” lacks a “ら”.",
        {
            rf"([見来着出寝]|[起生]き|[借降下]り|[信感]じ|用い|伸び){_POTENTIAL}": r"\1られ",
            rf"(?<=[一-龥])([えけげせてねべめ]){_POTENTIAL}": r"\1られ",
        },
    ),
    Rule(
        "half-width-kana",
        SHOULD,
        "“{found}” is in half-width katakana.",
        {"[\uff61-\uff9f]{1,60}": _full_width},
    ),
    Rule(
        "greeting-twice",
        SHOULD,
        "“{found}” is used more than once.",
        {"お世話になって(?:おり|い)ます": ""},
        allowed=1,
    ),
    Rule(
        "missing-words",
        MUST,
        "Something is missing at “{found}”.",
        {"、[、。]|。、": "", r"(?<![^。\n])[にを](?=ご[一-龥])": ""},
    ),
)

#: What makes an instruction, or a refusal, of a sentence, before its verb has ended.
_NO_PROMISE = (
    r"(?!(?:(?!ます(?!よう)|です|[。\n]).){0,80}"
    r"(?:ください|下さい|お願い|必要|とは限り|ものではござ|ものではあり|わけではあり|かねま))"
)
_SOON = "近日中|近日公開|近いうちに|近々|遠からず|もうすぐ|(?<!後)(?<!後、)(?:まもなく|間もなく)"
_WHEN = "提供時期が決まりましたら、あらためてご連絡いたします"
PROMISES = (
    promising(
        {
            f"(?:必ず(?!しも)|絶対に|確実に|間違いなく){_NO_PROMISE}": "できるかぎり",
            f"(?:{_SOON}){_NO_PROMISE}": _WHEN,
            "(?:早急に|至急、?|今すぐ)(?:対応|修正|改善|実装|リリース)(?:いた|致)?しま(?!した)": "順次対応してまいりま",
            "(?:お約束|保証)(?:いたし|致し|し)ます": "検討いたします",
        },
    ),
)
