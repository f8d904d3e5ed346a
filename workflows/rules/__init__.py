"""What the company decided, read from `yamabiko.toml`; one module for each section of it. No database.

from workflows.rules import rules        # rules.support_channel, rules.calendar, …
"""

from workflows.rules.company import KINDS, LANGUAGES, Rules, load, rules
from workflows.rules.file import BadRules

__all__ = ["KINDS", "LANGUAGES", "BadRules", "Rules", "load", "rules"]
