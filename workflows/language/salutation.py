"""Rules of manners that are about names: 様 once for each person, 御中 for organizations only, the family name. Pure.

list(faults("山本恵子様様、…", "ja", "山本 恵子"))      # two honorifics; the given name, too
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflows.language.customers import addressed, is_japanese
from workflows.language.manners import MUST, SHOULD, Fault, Rule

#: How somebody is addressed whose name is not known.
NAMELESS = {"ja": "ご担当者様", "en": "Hello,"}
#: 様 behind whoever is addressed: not that of 仕様, 同様, 様子, 様々.
_SAMA = "(?<![同仕多一異模有何左王神])様(?![々子式相態])"
_OTHERS = "さん|くん|君|殿|氏"
_TITLES = "社長|会長|部長|課長|係長|主任|店長|所長|室長|次長|本部長|取締役|先生|教授|マネージャー"
_SPACE = "[ \u3000]?"
#: An account's name or an address, as far as it may be one.
_ACCOUNT = "(?<![A-Za-z0-9._+@-])[A-Za-z0-9][A-Za-z0-9._+@-]{1,60}"
_GREETING = "(?:Hello|Hi|Hey|Dear)"

RULES_JA = (
    Rule(
        "name-missing",
        MUST,
        "There is no name before “{found}”.",
        {rf"(?<![^\n、。]){_SPACE}{_SAMA}": NAMELESS["ja"]},
    ),
    Rule(
        "honorific-doubled",
        MUST,
        "“{found}” has two honorifics.",
        {
            rf"様{_SPACE}(?:様(?![々子式相態])|さま(?!ざ)|さん(?![かご])|殿|氏)": "様",
            "(?:さん|(?<!お)殿|氏)様": "様",
        },
    ),
    Rule(
        "honorific-doubled",
        SHOULD,
        "“{found}” has two honorifics.",
        {rf"({_TITLES}){_SPACE}(?:様|殿)": r"\1"},
    ),
    Rule(
        "honorific-missing",
        MUST,
        "“{found}” needs “様”.",
        {
            rf"(?m)^(?!皆|みな|お客)([^\s、。,]{{1,12}}?){_SPACE}(?:{_OTHERS})(?=[、,，\n]|\Z)": r"\1様",
            r"(?m)^(?:ご担当者|ご担当|担当者|お客)(?=[、,，\n]|\Z)": NAMELESS["ja"],
        },
    ),
    Rule(
        "organization-and-person",
        MUST,
        "“御中” and “様” can't be used together: “{found}”.",
        {rf"御中[^。]{{0,40}}?(?<![客皆]){_SAMA}|様{_SPACE}御中": ""},
    ),
    Rule(
        "organization-only",
        MUST,
        "“御中” is for organizations: “{found}”.",
        {rf"(ご担当者?|担当者?|(?:{_TITLES})|お客){_SPACE}御中": r"\1様", f"(?:{_OTHERS}){_SPACE}御中": "様"},
    ),
)
RULES_EN = (
    Rule(
        "name-missing",
        MUST,
        "There is no name in “{found}”.",
        {
            r"(?m)^(?:Hello|Hi|Hey)\s{1,3}(?:[,:!.]|\Z)|^Dear\s{0,3}(?:[,:!.]|\Z)": NAMELESS["en"],
        },
    ),
)
_MISSING, _ONLY = (
    next(rule for rule in RULES_JA if rule.name == name) for name in ("honorific-missing", "organization-only")
)
#: What may follow a name; made ready once, for a pattern of each name would cost more than all the other rules do.
_OTHER, _IS_ALONE = re.compile(rf"{_SPACE}(?:{_OTHERS})(?!様)"), re.compile(rf"{_SPACE}[、,，\n]|\Z")
_ORGANIZATION, _HONORIFIC = re.compile(f"{_SPACE}御中"), re.compile(f"{_SPACE}様")
#: In front of a name: it is the end of a longer one.
_LETTER = re.compile("[一-龥A-Za-z]")
FULL_NAME = Rule("full-name", SHOULD, "“{found}” has the given name as well.")
LOGIN = Rule("login", SHOULD, "“{found}” looks like a user name or an address.")


def faults(text: str, language: str, name: str) -> Iterator[Fault]:
    """What is wrong with how customers are addressed in a text; `name` is the name of the one it goes to, or ""."""
    for rule in RULES_JA if language == "ja" else RULES_EN:
        yield from rule.faults(text)
    if language == "ja" and (known := addressed("ja", name)):
        yield from _by_name(text, known, " ".join(name.split()))
    yield from _logins(text, language)


def _by_name(text: str, known: str, whole: str) -> Iterator[Fault]:
    """What is wrong with the name of somebody whose name is known: `known` of it is what 様 follows."""
    spelt = r"[ \u3000]{0,2}".join(map(re.escape, whole.split()))
    for name in re.finditer("|".join(dict.fromkeys((spelt, re.escape(known)))), text):
        start, end = name.span()
        if (other := _OTHER.match(text, end)) and not _LETTER.match(text[start - 1 : start]):
            yield Fault(_MISSING, start, other.end(), f"{known}様")
        if _IS_ALONE.match(text, end) and text[start - 1 : start] in ("", "\n"):
            yield Fault(_MISSING, start, end, f"{known}様")
        if organization := _ORGANIZATION.match(text, end):
            yield Fault(_ONLY, start, organization.end(), f"{known}様")
        if name[0] != known != whole and is_japanese(known) and (honorific := _HONORIFIC.match(text, end)):
            yield Fault(FULL_NAME, start, honorific.end(), f"{known}様")


#: Where the name of an account may stand in a text, in front of 様 or behind a greeting.
ACCOUNTS = {
    "ja": re.compile(rf"({_ACCOUNT}){_SPACE}様"),
    "en": re.compile(rf"(?m)^{_GREETING} ({_ACCOUNT})(?=[,!\n]|\Z)"),
}


def _logins(text: str, language: str) -> Iterator[Fault]:
    for match in ACCOUNTS["ja" if language == "ja" else "en"].finditer(text):
        if not addressed(language, match[1]):
            yield Fault(LOGIN, *match.span(), NAMELESS["ja" if language == "ja" else "en"])
