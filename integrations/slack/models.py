"""What Slack knows, in our words. Each `read` takes an answer of the Web API and raises Malformed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from integrations.untrusted import Node

#: How Slack writes down a person, a bot among them.
PERSON = re.compile(r"[UW][A-Z0-9]{2,40}")

#: What Slack says of a channel in which other workspaces are, or are invited to.
SHARED = ("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared")


def is_person(id: str) -> bool:
    """Is this the id of a person in Slack? Channels, direct messages and teams begin with other letters."""
    return bool(PERSON.fullmatch(id))


@dataclass(frozen=True)
class Posted:
    """A message: the channel's id and the message's `ts`. Compare a ts as text, never as a number."""

    channel: str
    ts: str

    @classmethod
    def read(cls, said: Node) -> Posted:
        """From the answer of `chat.postMessage`."""
        return cls(said["channel"].text(), said["ts"].text())


@dataclass(frozen=True)
class View:
    """An open modal: its id, and the hash of the state in which we left it."""

    id: str
    hash: str

    @classmethod
    def read(cls, said: Node) -> View:
        """From the answer of `views.open`."""
        return cls(said["view"]["id"].text(), said["view"]["hash"].text(or_=""))


@dataclass(frozen=True)
class User:
    """A person: `name` as colleagues see it, `tz` such as "Asia/Tokyo", `locale` such as "ja-JP" ("" if unknown).

    `email` is "" where Slack does not say it, or says that nobody has confirmed it. `workspaces` are those in which
    they are at home: of somebody in a channel that is shared with another company, theirs and not ours.
    """

    id: str
    name: str
    tz: str
    locale: str
    deleted: bool
    is_bot: bool = False
    email: str = ""
    is_guest: bool = False
    is_stranger: bool = False
    workspaces: tuple[str, ...] = ()

    def is_member(self, workspace: str) -> bool:
        """Are they a full member of this workspace ("" for any): no guest, no stranger, no app, not gone?"""
        elsewhere = bool(workspace and self.workspaces) and workspace not in self.workspaces
        return not (self.deleted or self.is_bot or self.is_guest or self.is_stranger or elsewhere)

    @classmethod
    def read(cls, said: Node) -> User:
        """From the answer of `users.info`. https://docs.slack.dev/reference/objects/user-object"""
        user = said["user"]
        unconfirmed = user["is_email_confirmed"].written() == "false"
        homes = (user["team_id"], *user["enterprise_user"]["teams"].items())
        names = (user["profile"]["display_name"], user["profile"]["real_name"], user["name"])
        return cls(
            id=user["id"].text(),
            name=next((name.text() for name in names if name), ""),
            tz=user["tz"].text(or_=""),
            locale=user["locale"].text(or_=""),
            deleted=bool(user["deleted"]),
            is_bot=bool(user["is_bot"]),
            email="" if unconfirmed else user["profile"]["email"].text(or_="").casefold(),
            is_guest=bool(user["is_restricted"]) or bool(user["is_ultra_restricted"]),
            is_stranger=bool(user["is_stranger"]),
            workspaces=tuple(home.text() for home in homes if home),
        )


@dataclass(frozen=True)
class Channel:
    """A channel. Only where the bot is a member can it post; `is_shared` with other workspaces, or about to be."""

    id: str
    is_member: bool
    is_shared: bool = False

    @classmethod
    def read(cls, said: Node) -> Channel:
        """From the answer of `conversations.info`. https://docs.slack.dev/reference/objects/conversation-object"""
        channel = said["channel"]
        return cls(channel["id"].text(), bool(channel["is_member"]), any(channel[name] for name in SHARED))


@dataclass(frozen=True)
class Identity:
    """Whose token ours is: workspace, the bot's user id and the scopes it was granted."""

    team_id: str
    team: str
    bot_user_id: str
    scopes: tuple[str, ...]

    @classmethod
    def read(cls, said: Node) -> Identity:
        """From the answer of `auth.test`, which tells the scopes in a header only."""
        granted = said["headers"]["x-oauth-scopes"].text(or_="")
        return cls(
            team_id=said["team_id"].text(),
            team=said["team"].text(or_=""),
            bot_user_id=said["user_id"].text(),
            scopes=tuple(scope.strip() for scope in granted.split(",") if scope.strip()),
        )
