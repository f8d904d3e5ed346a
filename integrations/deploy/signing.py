"""How a deployment proves that it is ours: Standard Webhooks. Pure.

    sign("whsec_…", "msg_1", "1795226640", body)      # "v1,…", the value of `webhook-signature`

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hmac

PREFIX, VERSION = "whsec_", "v1"
#: How many bytes a secret may have.
SHORTEST, LONGEST = 24, 64


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for. Raises ValueError, which says how it must look."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"must be {PREFIX} and {SHORTEST} to {LONGEST} bytes in base64")
    return key


def sign(secret: str, id: str, stamp: str, body: bytes) -> str:
    """One signature: the version, and the HMAC-SHA256 of `<id>.<timestamp>.<body>` in base64."""
    digest = hmac.digest(key_of(secret), f"{id}.{stamp}.".encode() + body, "sha256")
    return f"{VERSION},{base64.b64encode(digest).decode()}"
