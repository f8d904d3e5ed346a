"""What is said of surveys: to the customer, and to whoever reads why somebody was asked or was not."""

from __future__ import annotations

from workflows.language.wording import say

#: Why nobody was asked, by the reason's short name.
OFF, PAST, LATE, NO_ADDRESS, DRY, WAITS = "off", "past", "late", "address", "dry", "development"
NO_CHAT, MERGED, NOBODY, BOUNCED, REFUSED, NO_SENDER = "chat", "merged", "nobody", "bounced", "refused", "sender"
REOPENED, NEWS, NEVER_WROTE, UNANSWERED, RATED, LATELY = "reopened", "news", "silent", "unanswered", "rated", "lately"
NOT_ASKED = {
    REOPENED: "Not asked: the conversation was reopened.",
    WAITS: "Not asked: a request in it is still in development.",
    NEWS: "Not asked: it was closed after our own news, which had reopened it.",
    LATELY: "Not asked: the customer was asked not long ago.",
    UNANSWERED: "Not asked: it was closed without an answer from a person.",
    NEVER_WROTE: "Not asked: the customer did not write.",
    RATED: "Not asked: the customer has rated it in Intercom.",
    MERGED: "Not asked: it was merged into another conversation.",
    NO_CHAT: "Not asked: the conversation no longer exists in Intercom, or is a ticket now.",
    NOBODY: "Not asked: the customer no longer exists in Intercom.",
    BOUNCED: "Not asked: emails to this customer bounce.",
    REFUSED: "Not asked: this customer can't be written to in this conversation.",
    NO_SENDER: "Not asked: Yamabiko's teammate can't reply to customers in Intercom.",
    NO_ADDRESS: "Not asked: the service has no public address that a link could lead to.",
    LATE: "Not asked: it was closed too long ago.",
    OFF: "Not asked: the survey was switched off.",
    DRY: "Not asked: this was a dry run.",
    PAST: "Not asked: the conversation was imported from the past.",
}
SCORES = {"good": "Good", "bad": "Not good"}
QUESTION = "How was our support in this conversation? One click is enough:"


def letter(language: str, address: str) -> str:
    """What the customer reads in the conversation: the question, and the link on a line of its own."""
    return f"{say(language, QUESTION)}\n{address}"


def not_asked(why: str) -> str:
    """The sentence for a reason; one that is not known any more says itself."""
    return NOT_ASKED.get(why, why)
