"""A help desk that counts for itself: it answers nothing, and sends what it counted, signed.

twin = CountsTwin(secret="whsec_…"); twin.webhook_url = "http://127.0.0.1:8000/webhooks/counts"
twin.tell(counts=[{"at": "2026-11-30T10:15:00+09:00", "n": 12, "themes": {"請求書": 4}}])
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from integrations.standard_webhooks import ID, SIGNATURE, STAMP, sign
from integrations.twin import Twin


class CountsTwin(Twin):
    """A tool of the company's own."""

    NAME = "counts"

    def __init__(self, *, secret: str, source: str = "desk", seed: int = 0) -> None:
        super().__init__(seed=seed)
        self.secret, self.source = secret, source

    def signed(self, body: bytes) -> dict[str, str]:
        """The three headers of Standard Webhooks."""
        id, stamp = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
        return {ID: id, STAMP: stamp, SIGNATURE: sign(self.secret, id, stamp, body)}

    def tell(self, *, at: str = "", **lines: Any) -> None:
        """Send `counts`, `actives` or both, as they are `at` some time (ISO 8601; now)."""
        self.send({"timestamp": at or datetime.now(UTC).isoformat(), "source": self.source} | lines)
