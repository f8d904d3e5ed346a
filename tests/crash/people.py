"""A play in which people press on pages until they are answered, whatever dies meanwhile."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx
from sqlmodel import Session

from app import auth
from tests.crash.service import Play, until
from tests.escalating import AGENT, LEAD
from workflows.people import accounts
from workflows.people.person import Person

LEADER = Person(LEAD, "斎藤 真理", "lead@kanade.example", LEAD)
#: A teammate in Intercom, in whose name customers are written to.
TEAMMATE = Person(AGENT, "田中 美咲", "agent7001@kanade.example", AGENT)


class PeoplePlay(Play):
    """People who sign in and press buttons. A request that found nobody is sent once more as it was."""

    def post(self, who: Person, path: str, **fields: str | Sequence[str]) -> None:
        """Somebody sends a form, with fields that may be ticked more than once; what was done already is refused when
        it comes again, and that is an answer too."""
        token = self.sign_in(who)
        headers = {"origin": self.url, "cookie": f"yamabiko={token}", "x-csrf-token": auth.csrf_of(token)}
        kind = {"content-type": "application/x-www-form-urlencoded"}
        self.until_answered("POST", path, headers | kind, urlencode(fields, doseq=True).encode())

    def until_answered(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Send it until there is an answer, and not only an excuse."""
        answers: list[httpx.Response] = []

        def is_answered() -> bool:
            self.revive()
            try:
                answers.append(self._vendor.request(method, self.url + path, headers=dict(headers), content=body))
            except httpx.HTTPError:
                return False
            return answers[-1].status_code in (200, 303, 409)

        until(is_answered, f"{path} is answered")
        return answers[-1].status_code, dict(answers[-1].headers), answers[-1].content

    def sign_in(self, who: Person) -> str:
        """Somebody is signed in; returns the token that their browser holds."""
        token = secrets.token_hex()
        with Session(self.engine) as session:
            accounts.begin(session, auth.hashed(token), who, "", 0)
            session.commit()
        return token

    def one(self, table: type[Any], **wanted: object) -> Any:
        """The one row of a table of which this is so."""
        [found] = [row for row in self.rows(table) if all(getattr(row, name) == it for name, it in wanted.items())]
        return found
