"""The teammate in whose name the service writes in Intercom: once they are removed, nothing can be written there.

intercom admin.removed_from_workspace ─► removed ─► support is told, and a dead letter stands until it is put right
"""

from __future__ import annotations

from integrations.slack import blocks
from workflows.engine import posting
from workflows.engine.actions import Intent, leave
from workflows.engine.durable import GIVE_UP_AFTER_MS, current_run, workflow
from workflows.engine.outcome import Outcome, dead, ignored
from workflows.engine.store import now_ms
from workflows.engine.vendors import intercom_client, vendors
from workflows.language.text import _
from workflows.rules import rules

ANOTHER = "This is not the teammate that Yamabiko uses in Intercom."
REMOVED = (
    "The teammate that Yamabiko uses was removed from Intercom, so no notes are added and no "
    "conversations are reopened. Set INTERCOM_ADMIN_ID to another teammate's ID, restart the "
    "service, and replay what needs attention."
)
TOLD = "Notified the support channel that Yamabiko can no longer write in Intercom."


@workflow
def removed(admin_id: str) -> Outcome:
    """A teammate was removed. Where we write in their name it stays a dead letter until it is put right."""
    client = intercom_client()
    if admin_id != client.admin_id or admin_id in {admin.id for admin in client.admins()}:
        return ignored(ANOTHER)
    tell_support()
    return dead(REMOVED)


def tell_support() -> None:
    """One message to the support channel: those who wait for notes and chats have to know."""
    text = blocks.escape(_(REMOVED))
    intent = Intent("slack", "post", f"removed:{current_run()}", rules.support_channel, TOLD)
    if vendors.is_on("slack") and not rules.support_channel:
        leave(intent, posting.NO_CHANNEL)
        return
    posting.post(intent, (text, [blocks.section(text)]), since_ms=now_ms() - GIVE_UP_AFTER_MS)
