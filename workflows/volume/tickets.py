"""Tickets: what Zendesk tells of a ticket, as an enquiry that is counted.

tickets.row_of(ticket, company_id, url)      # as `arrivals` wants it
tickets.companies(session, found)            # {"9001": "c1"}: the company that we know, by Zendesk's organization
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from integrations.zendesk import Organization, Ticket
from workflows.customer import owners
from workflows.engine.rows import Values
from workflows.volume import arrivals, themes
from workflows.volume.sources import ZENDESK

CHAT, MAIL, OTHER = "chat", "mail", "other"
#: By which way an enquiry came, by Zendesk's channel; what is not named here is another one.
MEDIA = {
    "email": MAIL,
    **dict.fromkeys(("chat", "native_messaging", "web_messenger", "line", "whatsapp", "facebook", "sms"), CHAT),
}


def id_of(ticket_id: str) -> str:
    """Under which id a ticket is counted."""
    return f"{ZENDESK}/{ticket_id}"


def row_of(ticket: Ticket, company_id: str, url: str) -> Values:
    """A ticket as it is counted, when it was created."""
    about = themes.of(ticket.tags, ticket.subject)
    at, medium = ticket.created_at * 1000, MEDIA.get(ticket.channel, OTHER)
    return arrivals.row(ZENDESK, ticket.id, at, medium=medium, company_id=company_id, themes=about, url=url)


def companies(session: Session, found: Mapping[str, Organization]) -> dict[str, str]:
    """Companies that we know, by the ids of organizations: of the same id in the company's own systems, or else the
    one that is called exactly the same."""
    cells = {id: {"company_id": each.external_id, "company": each.name.strip()} for id, each in found.items()}
    known = owners.companies_of(session, list(cells.values()))
    ours = {}
    for id, cell in cells.items():
        same = known.by_name.get(cell["company"], [])
        if cell["company_id"] in known.by_id:
            ours[id] = cell["company_id"]
        elif len(same) == 1:
            ours[id] = same[0][0]
    return ours
