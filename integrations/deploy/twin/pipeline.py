"""A pipeline that deploys: it answers nothing, and sends what it did, signed.

twin = DeployTwin(secret=secret_from("words")); twin.webhook_url = "http://127.0.0.1:8000/webhooks/deploy"
twin.release(issues=["KNDE-12"], companies=["101"]); twin.withdraw("KNDE-12"); twin.use(…)
"""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from integrations.standard_webhooks import ID, PREFIX, SIGNATURE, STAMP, sign
from integrations.twin import Twin


def secret_from(words: str) -> str:
    """A secret as Standard Webhooks wants it; the same for the same words."""
    return PREFIX + base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()


class DeployTwin(Twin):
    """A company's pipeline, its flags, and its product, which tells when something is used."""

    NAME = "deploy"

    def __init__(self, *, secret: str, seed: int = 0) -> None:
        super().__init__(seed=seed)
        self.secret = secret

    def signed(self, body: bytes) -> dict[str, str]:
        """The three headers of Standard Webhooks."""
        id, stamp = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
        return {ID: id, STAMP: stamp, SIGNATURE: sign(self.secret, id, stamp, body)}

    def tell(self, type: str, **data: Any) -> None:
        """Send an event."""
        self.send({"type": type, "timestamp": datetime.now(UTC).isoformat(), "data": data})

    def release(self, **data: Any) -> None:
        """A release is out."""
        self.tell("release.available", **data)

    def withdraw(self, *issues: str) -> None:
        """… and is not any more."""
        self.tell("release.withdrawn", issues=list(issues))

    def enable(self, flag: str, **data: Any) -> None:
        """A flag is switched on."""
        self.tell("flag.enabled", flag=flag, **data)

    def use(self, **data: Any) -> None:
        """Somebody uses what was made."""
        self.tell("feature.used", **data)
