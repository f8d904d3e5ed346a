"""Bodies: what a vendor sent, as people may look at it: word for word, but for secrets and e-mail addresses."""

from __future__ import annotations

import re

from integrations.slack.secrets import MASK, masked

#: Whose it is can be guessed by the first letter and the host, by those who know them.
ADDRESS = re.compile(rb"([\w.+-])[\w.+-]{0,63}(@|%40)(?=[\w-]{1,63}\.)")


def scrubbed(body: bytes) -> bytes:
    """The same body without what lets anybody in, and without whole e-mail addresses."""
    return ADDRESS.sub(rb"\g<1>" + MASK + rb"\g<2>", masked(body))
