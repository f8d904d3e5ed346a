"""[wording]: what customers are told, in drafts that a person sends."""

from __future__ import annotations

import string

from workflows.rules.choices import CONCLUSIONS
from workflows.rules.file import Section

#: What a wording may be filled in with.
_ASKED = {"name", "from_us", "asked_on", "matter", "list", "wish", "agent"}
GAPS = {
    "told": _ASKED | {"summary"},
    "already": _ASKED | {"summary", "since"},
    "staged": _ASKED | {"summary"},
    "gathered": (_ASKED | {"summary", "dated"}) - {"matter", "list", "wish", "asked_on"},
    "apology": _ASKED | {"summary"},
    **{each.draft: _ASKED | {"answer"} for each in CONCLUSIONS.values() if each.draft},
    "called_off": {"name", "from_us", "agent", "date", "title"},
    "nobody": set(),
}

#: What every draft begins with.
_JA = "{name}様、いつもお世話になっております。{from_us}{asked_on}にご要望をいただきました{matter}"
_EN = "Hello {name},\n{from_us}On {asked_on} you sent us {matter}. "

#: The usual wordings, by language.
DEFAULT_WORDING = {
    "ja": {
        "told": _JA + "につきまして、このたび対応が完了し、ご利用いただけるようになりました。\n{list}",
        "already": _JA + "につきましては、{since}より、すでにご利用いただけます。\n{list}\n"
        "ご不明な点がございましたら、お知らせください。",
        "staged": _JA + "につきまして、このたび対応が完了し、先行してご利用いただけるようになりました。"
        "ほかのお客様には、順次ご案内いたします。\n{list}",
        "gathered": "{name}様、いつもお世話になっております。{from_us}以前にご要望をいただきました次の件につきまして、"
        "このたび対応が完了し、ご利用いただけるようになりました。\n{dated}",
        "apology": _JA
        + "につきまして、先日ご利用いただけるとご案内いたしましたが、現在、提供を一時的に見合わせております。"
        "\n{list}\nご案内した直後にこのようなこととなり、誠に申し訳ございません。再開しましたら、あらためてご連絡いたします。",
        "adopted": _JA + "につきまして、検討の結果、対応に向けて進めることとなりました。提供時期が決まりましたら、"
        "あらためてご連絡いたします。\n{list}\n{answer}",
        "declined": _JA + "につきまして、慎重に検討いたしましたが、現時点では対応を見送らせていただくこととなりました。"
        "\n{list}\n{answer}\nご期待に沿えず、誠に申し訳ございません。",
        "existing": _JA + "につきましては、現在の機能でご対応いただけます。\n{list}\n{answer}",
        "called_off": "{name}様、いつもお世話になっております。{from_us}先日、{date}からの変更としてご案内いたしました"
        "「{title}」につきまして、実施を取りやめることとなりました。\nこれまでどおりご利用いただけます。"
        "ご案内した後にこのようなこととなり、誠に申し訳ございません。",
        "nobody": "ご担当者",
    },
    "en": {
        "told": _EN + "Our work on this is done, and you can use it now.\n{list}",
        "already": _EN
        + "You can use this already, since {since}.\n{list}\nPlease tell us if anything about it is unclear.",
        "staged": _EN + "Our work on this is done, and you are among the first who can use it. We make it available to "
        "everybody else step by step.\n{list}",
        "gathered": "Hello {name},\n{from_us}Our work on the following requests is done, and you can use it now.\n"
        "{dated}",
        "apology": _EN
        + "We told you that you can use this, and have had to withdraw it for now.\n{list}\nWe are sorry "
        "about this, and will write to you again when it is back.",
        "adopted": _EN + "We have decided to go ahead with this, and will write to you again when we know when you can "
        "use it.\n{list}\n{answer}",
        "declined": _EN + "We have looked into it with care, and are not able to do this for now.\n{list}\n{answer}\n"
        "We are sorry to disappoint you.",
        "existing": _EN + "You can do this with the product as it is today.\n{list}\n{answer}",
        "called_off": "Hello {name},\n{from_us}We wrote to you about a change that was to take effect on {date}. It "
        "has been called off, and everything stays as it is.\nWe are sorry for the confusion.",
        "nobody": "there",
    },
}


def wording(section: Section, language: str) -> dict[str, str]:
    """The wordings in one language, those of the file before the usual ones. Raises BadRules."""
    section = section.section(language)
    section.only(GAPS)
    given = {name: section.written(name, "") for name in section.table}
    for name, words in given.items():
        if unknown := sorted(gaps_in(words) - GAPS[name]):
            known = ", ".join(sorted(GAPS[name])) or "no {braces} at all"
            section.wrong(name, f"has an unknown gap {{{unknown[0]}}}; it may use {known}", item=unknown[0])
    return DEFAULT_WORDING[language] | {name: words.strip() for name, words in given.items()}


def gaps_in(words: str) -> set[str]:
    """The gaps of a wording, by name; `…` where its braces do not close."""
    try:
        gaps = [gap for gap in string.Formatter().parse(words) if gap[1] is not None]
    except ValueError:
        return {"…"}
    return {f"{name}:{form or how}" if form or how else str(name) for _, name, form, how in gaps}
