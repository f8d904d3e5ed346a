"""[commands]: what each of our commands is called in Slack."""

from __future__ import annotations

import re

from workflows.rules.file import Section

#: What each command is called where the rules say nothing.
USUAL = {
    **{"escalate": "/escalate", "owner": "/owner", "dossier": "/dossier", "answers": "/定型文"},
    **{"voice": "/voice", "voice_ja": "/声"},
}
COMMANDS = tuple(USUAL)
KNOWN: dict[str, set[str] | None] = {"commands": set(COMMANDS)}
#: Slack's own limit; capitals would never be matched.
COMMAND = re.compile(r"/[^\sA-Z/]{1,31}")


def commands(section: Section) -> dict[str, str]:
    """Each command's name, all different."""
    found: dict[str, str] = {}
    for name in COMMANDS:
        what = f'a slash and up to 31 letters without spaces or capitals, for example "{USUAL[name]}"'
        command = section.matching(name, USUAL[name], COMMAND, what)
        if not command or command in found.values():
            section.wrong(name, f"must be {what}, and another one than those of the other commands")
        found[name] = command
    return found
