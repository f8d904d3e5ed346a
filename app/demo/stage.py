"""The stage: twins with the seeded company, and the service set up to talk to them."""

from __future__ import annotations

import itertools
import os
import secrets
import tempfile
import time
from pathlib import Path

from pydantic import SecretStr

from app.demo import company
from app.demo.slack.seat import Seat
from app.settings import Settings, settings_of
from integrations.chatwork.twin import ChatworkTwin, token_from
from integrations.counts.twin import CountsTwin
from integrations.deploy.twin import DeployTwin, secret_from
from integrations.intercom.twin import IntercomTwin
from integrations.jira.twin import JiraTwin
from integrations.mail.twin import MailTwin
from integrations.productboard.twin import ProductboardTwin
from integrations.slack.twin import SlackTwin
from integrations.twin import Twin
from integrations.twin_server import Serving, serve
from integrations.zendesk.twin import ZendeskTwin

ROOT = Path(__file__).resolve().parent.parent.parent


class Stage:
    """Twins on a loopback port, their credentials, and the company that lives in them.

    `base` is the first conversation's id: a fresh one each time, so that one database can see many shows.
    `server`: a server of twins that goes on after this stage, and now serves these.
    """

    def __init__(self, *, port: int = 0, base: int | None = None, server: Serving | None = None) -> None:
        self.secret = secret = secrets.token_hex(16)
        self.base = seed = base if base is not None else int(time.time() * 10) * 100
        self.intercom = IntercomTwin(
            secret=secret, token=secret, app_id=company.APP_ID, admin=company.SERVICE_ADMIN, seed=seed
        )
        self.productboard = ProductboardTwin(token=secret, authorization=secret, seed=seed)
        self.jira = JiraTwin(secret=secret, email=company.EMAIL, token=secret, projects=("KNDE",), seed=seed)
        self.slack = SlackTwin(signing_secret=secret, token=secret, team_id=company.TEAM_ID, seed=seed)
        self.deploy = DeployTwin(secret=secret_from(secret), seed=seed)
        self.zendesk = ZendeskTwin(client_id="yamabiko", client_secret=secret, secret=secret, seed=seed)
        self.counts = CountsTwin(secret=self.deploy.secret, seed=seed)
        self.chatwork = ChatworkTwin(token=secret, webhook_token=token_from(secret), seed=seed)
        self.twins: dict[str, Twin] = {
            "intercom": self.intercom,
            "productboard": self.productboard,
            "jira": self.jira,
            "slack": self.slack,
            "deploy": self.deploy,
            "zendesk": self.zendesk,
            "counts": self.counts,
            "chatwork": self.chatwork,
        }
        self.mail = MailTwin()
        self._is_guest = server is not None
        self.server = server or serve(self.twins, port)
        self.server.app.twins = self.twins
        self.chats: list[str] = []
        self._more = itertools.count(seed + len(company.CHATS))
        self.features: dict[str, str] = {}
        self.issues: dict[str, str] = {}
        self._seats: dict[str, Seat] = {}
        self._furnish()

    def settings(self, port: int, database_url: str, **others: object) -> Settings:
        """Settings that make the service talk to these twins."""
        secret = SecretStr(self.secret)
        values: dict[str, object] = {
            "port": port,
            "database_url": database_url,
            "public_url": f"http://127.0.0.1:{port}",
            "yamabiko_config": ROOT / "yamabiko.example.toml",
            "demo": True,
            "quiet_seconds": 2.0,
            "intercom_base_url": f"{self.server.url}/intercom",
            "intercom_access_token": secret,
            "intercom_client_secret": secret,
            "intercom_admin_id": company.SERVICE_ADMIN,
            "intercom_app_id": company.APP_ID,
            "productboard_base_url": f"{self.server.url}/productboard",
            "productboard_token": secret,
            "productboard_webhook_authorization": secret,
            "jira_base_url": f"{self.server.url}/jira",
            "jira_site_url": "https://kanade.atlassian.example",
            "jira_email": company.EMAIL,
            "jira_api_token": secret,
            "jira_webhook_secret": secret,
            "slack_base_url": f"{self.server.url}/slack/api/",
            **dict.fromkeys(("slack_bot_token", "slack_signing_secret", "session_secret"), secret),
            "slack_team_id": company.TEAM_ID,
            **dict.fromkeys(("deploy_webhook_secret", "counts_webhook_secret"), SecretStr(self.deploy.secret)),
            "zendesk_subdomain": "kanade",
            "zendesk_base_url": f"{self.server.url}/zendesk",
            "zendesk_client_id": "yamabiko",
            "zendesk_client_secret": secret,
            "zendesk_webhook_secret": secret,
            "chatwork_base_url": f"{self.server.url}/chatwork/v2",
            "chatwork_api_token": secret,
            "chatwork_webhook_tokens": SecretStr(self.chatwork.webhook_token),
            "smtp_url": SecretStr(self.mail.url),
            "mail_from": f"山びこ <{company.EMAIL}>",
        }
        return settings_of(_env_file=None, **(values | others))

    def connect(self, url: str) -> None:
        """Let the twins send their webhooks to the service at this address."""
        for name, twin in self.twins.items():
            twin.webhook_url = f"{url}/slack/events" if name == "slack" else f"{url}/webhooks/{name}"

    def open(self) -> None:
        """The customers write: every seeded chat is announced by a webhook, as it would have been.

        It tells of what was said last, too: so the service reads all that was said before it was there.
        """
        for id in self.chats:
            talk = self.intercom.books.conversations[id]
            self.intercom.announce("conversation.user.created", talk, talk.parts[-1] if talk.parts else None)

    def seat(self, user: str) -> Seat:
        """Where somebody sits in Slack, and what they have read there."""
        return self._seats.setdefault(user, Seat())

    def next_chat(self) -> str:
        """The id of a chat that begins now. That of a deleted one is not used again."""
        return str(next(self._more))

    def close(self) -> None:
        """Stop the twins, unless the server was lent to us."""
        self.mail.stop()
        if not self._is_guest:
            self.server.stop()

    # -- the company --------------------------------------------------------

    def _furnish(self) -> None:
        for id, name in company.AGENTS.items():
            self.intercom.add_admin(id, name, f"agent{id}@kanade.example")
        self.intercom.add_admin(company.LEAD_ADMIN, company.LEAD.name, company.LEAD.email)
        for customer in company.CUSTOMERS:
            self.intercom.add_company(customer.id, customer.company, customer.tier, int(customer.mrr))
            self.intercom.add_contact(f"c{customer.id}", customer.person, customer.email, customer.id)
        for number, chat in enumerate(company.CHATS):
            self.chats.append(self._chat(str(self.base + number), chat))
        for channel, name in company.CHANNELS.items():
            self.slack.add_channel(channel, name)
        for member in company.MEMBERS:
            self.slack.add_user(member.id, member.name, member.email, member.locale)
        for room, name in company.ROOMS.items():
            self.chatwork.add_room(room, name)
        for customer_id, people in company.OWNERS.items():
            for role, email in zip(("owner", "deputy", "manager"), people, strict=True):
                self.intercom.set_attribute(customer_id, f"account_{role}", email)
        for name, status, _key in company.FEATURES:
            self.features[name] = self.productboard.add_feature(name, status)
        self.productboard.add_jira("かなで")
        for key, summary, status in company.ISSUES:
            self.issues[key] = self.jira.add_issue(key, summary, status=status)

    def _chat(self, id: str, chat: company.Chat) -> str:
        began = int(time.time() - chat.hours * 3600)
        self.intercom.add_conversation(id, f"c{chat.customer}", chat.opening, at=began)
        if chat.answer:
            self.intercom.agent_says(id, chat.agent, chat.answer, at=began + 240)
        if chat.more:
            self.intercom.customer_says(id, chat.more, at=began + 420)
        if chat.state == "closed":
            self.intercom.close(id, chat.agent, at=began + 900)
        if chat.state == "snoozed":
            self.intercom.snooze_by_hand(id, chat.agent, int(time.time()) + 3 * 24 * 3600)
        return id


def database_url() -> str:
    """DATABASE_URL where it is set, else a fresh file that goes with the session's temporary folder."""
    given = os.environ.get("DATABASE_URL", "")
    return given or f"sqlite:///{tempfile.mkdtemp(prefix='yamabiko-')}/demo.sqlite"
