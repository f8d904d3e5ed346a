"""How a company's own tools prove that they are: Standard Webhooks. Pure.

    sign("whsec_…", "msg_1", "1795226640", body)      # "v1,…", the value of `webhook-signature`
    verify(headers, body, secrets, now)               # raises BadSignature

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Sequence

from pydantic import SecretStr

from integrations.contract import BadSignature, Headers
from integrations.vendor import parts_of

ID, STAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX, VERSION = "whsec_", "v1"
#: How many bytes a secret may have.
SHORTEST, LONGEST = 24, 64
#: No full stop: it stands between what is signed. No slash either: we put ids of ours behind one.
_ID = re.compile(r"[\w:+=@~-]{1,128}", re.ASCII)
_STAMP = re.compile(r"[0-9]{1,12}")
#: Seconds by which the sender's clock and ours may differ.
TOLERANCE = 300


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for. Raises ValueError, which says how it must look."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"must be {PREFIX} and {SHORTEST} to {LONGEST} bytes in base64")
    return key


def of_the_standard(secret: SecretStr | None) -> SecretStr | None:
    """A setting with such secrets. Raises ValueError, which says how to make one."""
    for part in parts_of(secret):
        try:
            key_of(part)
        except ValueError as error:
            raise ValueError(f'{error}: echo "whsec_$(openssl rand -base64 32)" makes one') from None
    return secret


def sign(secret: str, id: str, stamp: str, body: bytes) -> str:
    """One signature: the version, and the HMAC-SHA256 of `<id>.<timestamp>.<body>` in base64."""
    digest = hmac.digest(key_of(secret), f"{id}.{stamp}.".encode() + body, "sha256")
    return f"{VERSION},{base64.b64encode(digest).decode()}"


def verify(headers: Headers, body: bytes, secrets: Sequence[str], now: float) -> None:
    """Raise BadSignature unless one of `secrets` signed id, time and body, at most five minutes from `now`."""
    id, stamp, given = (_header(headers, name) for name in (ID, STAMP, SIGNATURE))
    if not _ID.fullmatch(id):
        raise BadSignature(f"{ID} is not of up to 128 letters, digits and _ - : + = @ ~")
    if not _STAMP.fullmatch(stamp):
        raise BadSignature(f"{STAMP} is not a number of seconds")
    if abs(now - int(stamp)) > TOLERANCE:
        raise BadSignature(f"{STAMP} is stale")
    expected = [sign(secret, id, stamp, body) for secret in secrets if secret]
    signatures = [each for each in given.split(" ") if each.startswith(f"{VERSION},")]
    pairs = ((ours, theirs) for ours in expected for theirs in signatures)
    if not any([hmac.compare_digest(ours.encode(), theirs.encode()) for ours, theirs in pairs]):
        raise BadSignature(f"{SIGNATURE} does not match")


def _header(headers: Headers, name: str) -> str:
    value = headers.get(name)
    if value is None:
        raise BadSignature(f"{name} is missing")
    return value
