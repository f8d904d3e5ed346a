"""What the vendors mean. A further vendor is one folder and one word here.

`SOURCES` is what comes in: the modules that the door asks. `VENDORS` is what goes out: each folder's `setup`.
"""

from __future__ import annotations

from integrations import chatwork, counts, deploy, intercom, jira, mail, productboard, slack, zendesk
from integrations.contract import Source
from integrations.vendor import Vendor

SOURCES: dict[str, Source] = {
    module.NAME: module for module in (intercom, productboard, jira, slack, deploy, zendesk, chatwork, counts)
}
VENDORS: dict[str, Vendor] = {
    setup.NAME: setup
    for setup in (
        *(intercom.setup, productboard.setup, jira.setup, slack.setup, deploy.setup, mail.setup, zendesk.setup),
        *(chatwork.setup, counts.setup),
    )
}
