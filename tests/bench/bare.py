"""The yardstick of `loop`: the vendor calls of a tagged message and nothing else, by the same clients and threads.

python -m tests.bench.bare < job.json     # prints when it began and ended (Unix seconds), as JSON
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.runtime import THREADS
from integrations.intercom import IntercomClient
from integrations.pace import Pace
from integrations.productboard import Note, ProductboardClient
from tests.bench.processes import ADMIN, APP_ID, SECRET

#: What a note and an internal note weigh, in the service's own words.
NOTE = (
    "<blockquote>" + "勤怠データをCSVで出力するときに、部署コードの列も付けられないでしょうか。" * 3 + "</blockquote>"
)


class Bare:
    """Everything that the service asks of vendors for one message."""

    def __init__(self, vendors: str) -> None:
        self._intercom = IntercomClient(f"{vendors}/intercom", SECRET, ADMIN, APP_ID, pace=Pace(1_000_000, 10.0))
        self._productboard = ProductboardClient(f"{vendors}/productboard", SECRET, pace=Pace(1_000_000, 1.0))

    def file(self, id: int) -> None:
        """Read the conversation and who talks, write the note, say so in the conversation."""
        conversation = self._intercom.conversation(str(id))
        assert conversation is not None
        contact = self._intercom.contact(conversation.contact_ids[0])
        assert contact is not None
        note = self._productboard.create_note(
            title=conversation.source.text[:80],
            html=NOTE,
            record_id=f"bare-{id}",
            source_url=conversation.url,
            tags=["要望"],
            customer_email=contact.email,
        )
        assert isinstance(note, Note)
        assert self._intercom.note(str(id), NOTE)


def main() -> None:
    """Wait for the agreed moment, work, and say how long it took."""
    job: dict[str, Any] = json.load(sys.stdin)
    bare = Bare(job["vendors"])
    with ThreadPoolExecutor(THREADS) as pool:
        time.sleep(max(0.0, job["begin"] - time.time()))
        began = time.time()
        list(pool.map(bare.file, range(job["first"], job["first"] + job["count"])))
    print(json.dumps({"began": began, "ended": time.time()}))


if __name__ == "__main__":
    main()
