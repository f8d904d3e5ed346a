"""What Intercom's answers mean: what is gone, what is refused, and what cannot be read.

https://developers.intercom.com/docs/references/rest-api/errors/error-codes
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from integrations.contract import Malformed, Permanent
from integrations.http import Answer, Reply, codes_in
from integrations.intercom import reading
from integrations.untrusted import Node

#: What a 404 says about the thing in the path; any other code is about something else, e.g. our teammate.
GONE = frozenset({"not_found", "conversation_not_found", "contact_not_found", "company_not_found"})

#: What a 403 says about the plan or our token; any other code is about what was asked for.
BARRED = frozenset({"api_plan_restricted", "token_blocked", "token_expired", "token_revoked", "token_unauthorized"})

T = TypeVar("T")


def bars_us(answer: Answer) -> bool:
    """Is a refusal about the whole workspace's plan or token, and not about what was asked for?"""
    return bool(codes_in(answer.content) & BARRED)


def gone(reply: Reply) -> bool:
    """Is the thing in the path gone?

    Raises Permanent where the 404 is about something else (our teammate was removed), or not Intercom's (a wrong
    address): nobody should conclude from these that all conversations are gone.
    """
    if reply.status != 404:
        return False
    codes = read(reply, lambda node: {error["code"].text(or_="") for error in node["errors"].items()})
    if not codes or codes - GONE:
        raise Permanent(f"Intercom cannot find what we asked for ({', '.join(sorted(codes)) or 'without a reason'})")
    return True


#: The statuses by which Intercom declines to send a reply; which of these says what is an assumption of ours.
REFUSES = (400, 403, 404, 409, 422)
#: What a refusal is about: the conversation is gone, the teammate may not write, or this customer cannot be written to.
NO_CHAT, NO_SENDER, NO_CUSTOMER = "chat", "sender", "customer"
_SENDERS = frozenset({"admin_not_found", "forbidden", "action_forbidden"})


def refusal(reply: Reply) -> str:
    """What a reply to a customer was refused because of. Raises Permanent where it is about all of them, or unsaid."""
    codes = read(reply, lambda node: {error["code"].text(or_="") for error in node["errors"].items()})
    if codes & BARRED or not codes:
        raise Permanent(f"Intercom refuses a reply ({', '.join(sorted(codes)) or 'without a reason'})")
    if codes & _SENDERS:
        return NO_SENDER
    return NO_CHAT if codes <= GONE else NO_CUSTOMER


def node(reply: Reply) -> Node:
    """An answer as it is read: nothing in it is trusted."""
    return Node(reading.scrubbed(reply.json), "")


def read(reply: Reply, reader: Callable[[Node], T]) -> T:
    """What the reader makes of an answer. Raises Permanent where Intercom's answer is not what it documents."""
    try:
        return reader(node(reply))
    except Malformed as error:
        raise Permanent(f"Intercom answered strangely ({error})") from None
