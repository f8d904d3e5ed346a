"""Reply: what goes out to a customer in a teammate's name. The only module that calls `IntercomClient.reply`.

    sent = act(intent, partial(reply.call, letter), partial(reply.find, letter))     # once; raises Refused(about)

Only stories that follow a named person's button come here, `telling.sending` and `enquiry.reply`; and `measure.survey`
with one sentence of ours and a link, in the service's own name (a test holds it).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from integrations.contract import Permanent
from workflows.engine.actions import Done
from workflows.engine.vendors import intercom_client

SENT = "Sent {agent}'s message to the customer."
ONLY_DRY = "Not sent: this is a dry run."


class Refused(Permanent):
    """It is not sent. `about`: NO_CHAT, NO_SENDER or NO_CUSTOMER of Intercom's, or a reason of the story's own."""

    def __init__(self, about: str) -> None:
        super().__init__(about)
        self.about = about


@dataclass(frozen=True)
class Letter:
    """A text on its way to the customer of a conversation; `since`: nobody sent it before (Unix ms).

    `besides`: ids of parts that are other letters, whatever they say.
    """

    conversation_id: str
    admin_id: str
    text: str
    since: int
    besides: Collection[str] = ()


def call(letter: Letter) -> Done:
    """Send it. Raises Refused."""
    said = intercom_client().reply(letter.conversation_id, letter.admin_id, letter.text)
    if said.refused:
        raise Refused(said.refused)
    return Done(said.part_id)


def find(letter: Letter) -> Done | None:
    """It, where an attempt in doubt has sent it after all.

    Intercom counts whole seconds, and takes no marker that the customer would not read: so it is known by its words.
    """
    where, since = letter.conversation_id, letter.since // 1000
    found = intercom_client().find_reply(where, letter.admin_id, letter.text, since, letter.besides)
    return Done(found) if found else None
