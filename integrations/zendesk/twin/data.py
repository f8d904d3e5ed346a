"""What the twin keeps, and how Zendesk shows it: tickets in the API and in webhooks, people, companies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from integrations.zendesk.twin.clock import iso

#: What webhooks call the channels of the API.
VIA_TYPES = {"email": "mail", "web": "web_form", "api": "web_service", "voice": "phone_call_inbound"}
BRAND, FORM, GROUP, FIELD, STATUS = 360000000031, 900000000501, 360000000021, 900000000301, 900000000401
NOTHING = ("external_id", "type", "priority", "recipient", "assignee_id", "forum_topic_id", "problem_id", "due_at")
LISTS = ("collaborator_ids", "follower_ids", "email_cc_ids", "sharing_agreement_ids", "followup_ids")


@dataclass
class TicketRow:
    """A ticket. Moments are Unix seconds; `support_type` is agent, or ai_agent while only a bot answers.

    `found_from` is from when on a search finds it.
    """

    id: int
    created_at: int
    updated_at: int
    found_from: float
    subject: str
    description: str
    channel: Any
    requester_id: int | None
    submitter_id: int | None
    organization_id: int | None = None
    status: str = "new"
    tags: list[str] = field(default_factory=list)
    is_public: bool = True
    rel: str | None = None
    support_type: str = "agent"

    def shown(self, base: str, generated: int) -> dict[str, Any]:
        """As the API shows it, with null wherever nothing is known: its description does not say so, and it does."""
        words = {"subject": self.subject, "raw_subject": self.subject, "description": self.description}
        source: dict[str, Any] = {"from": {}, "to": {}, "rel": self.rel}
        values = [{"id": FIELD, "value": None}]
        return {
            "url": f"{base}/api/v2/tickets/{self.id}.json",
            "id": self.id,
            "via": {"channel": self.channel, "source": source},
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "generated_timestamp": generated,
            "status": self.status,
            "requester_id": self.requester_id,
            "submitter_id": self.submitter_id,
            "organization_id": self.organization_id,
            "group_id": GROUP,
            "brand_id": BRAND,
            "ticket_form_id": FORM,
            "custom_status_id": STATUS,
            "tags": list(self.tags),
            "is_public": self.is_public,
            "has_incidents": False,
            "custom_fields": values,
            "fields": values,
            "satisfaction_rating": {"score": "unoffered"},
            "allow_channelback": False,
            "allow_attachments": True,
            "from_messaging_channel": self.channel == "native_messaging",
            **words,
            **dict.fromkeys(NOTHING),
            **{name: [] for name in LISTS},
        }

    def told(self, actor: int | None) -> dict[str, Any]:
        """As webhooks tell it: ids are text, words in capitals, and channels have other names."""
        ids = {
            "actor_id": actor,
            "assignee_id": None,
            "brand_id": BRAND,
            "custom_status": STATUS,
            "form_id": FORM,
            "group_id": GROUP,
            "id": self.id,
            "organization_id": self.organization_id,
            "requester_id": self.requester_id,
            "submitter_id": self.submitter_id,
        }
        channel = VIA_TYPES.get(self.channel, self.channel)
        return {name: None if id is None else str(id) for name, id in ids.items()} | {
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "description": self.description,
            "subject": self.subject,
            "external_id": None,
            "is_public": self.is_public,
            "priority": None,
            "type": None,
            "status": self.status.upper(),
            "tags": list(self.tags),
            "via": {"channel": channel},
        }


@dataclass
class UserRow:
    """Somebody who answers; customers are known by their ids alone."""

    id: int
    name: str
    role: str

    def shown(self) -> dict[str, Any]:
        """As a list shows them."""
        return {"id": self.id, "name": self.name, "role": self.role, "active": True, "suspended": False}


@dataclass
class OrganizationRow:
    """A company."""

    id: int
    name: str
    external_id: str | None
    domains: list[str]

    def shown(self) -> dict[str, Any]:
        """As a list shows it."""
        return {"id": self.id, "name": self.name, "external_id": self.external_id, "domain_names": self.domains}
