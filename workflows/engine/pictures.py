"""Pictures in Slack that are posted once, beside the words that say the same.

post(intent, text, since_ms=…)                            # the message; then, below it or after it:
post_picture(intent, "volume-20261120T1415-a17.png", png, "直近24時間の問い合わせ", thread=place, since_ms=…)
"""

from __future__ import annotations

from dataclasses import replace

from integrations.slack import PictureRefused, SlackClient
from workflows.engine import restored
from workflows.engine.actions import Done, Intent, act, leave
from workflows.engine.posting import CLOCKS_DIFFER, Place, channel_of
from workflows.engine.vendors import vendors

REFUSED = "Not posted: Slack takes no such picture from the app ({code})."


def post_picture(
    intent: Intent, name: str, png: bytes, title: str, *, since_ms: int, thread: Place | None = None
) -> bool:
    """Post a picture to `intent.target` (a channel, or a person) once, with a `thread` as a reply there.

    False where it was left undone: Slack is off, or takes no such picture, which a sentence says; whoever posts one has
    posted the words before. In a dry run it is True, and nothing is sent.

    `name` is the file's: by it the picture is found again, so no other picture has it, and this one has it at each
    attempt. `title` is plain text, also for who cannot see it. `since_ms`: it was certainly not posted before, as far
    as this database knows. Raises what the client raises.
    """
    if thread is not None and thread.is_dry:
        intent = replace(intent, is_dry=True)  # there is no message below which it could stand
    below = thread.ts if thread else ""

    def where() -> str:
        return thread.channel if thread else channel_of(intent.target)

    def call() -> Done:
        channel = where()
        return Done(f"{channel}/{_slack().upload(channel, name, png, title, below)}")

    def look() -> Done | None:
        channel, oldest = where(), restored.since(since_ms) / 1000 - CLOCKS_DIFFER
        found = _slack().find_file(channel, name, oldest=oldest, thread_ts=below)
        return Done(f"{channel}/{found}") if found else None

    try:
        return bool(act(intent, call, look, lags=True).ref)  # Slack shares a file some time after it said so
    except PictureRefused as refused:
        leave(intent, REFUSED, code=refused.code)
        return False


def _slack() -> SlackClient:
    assert vendors.slack is not None  # `act` does not call when it is off
    return vendors.slack
