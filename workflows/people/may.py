"""May: the one table of who may do what. Asked at the act, by whatever way in: page, Slack, card, command line.

    may(person, DECIDE)        # by their role, which is what [access] says now
    permits(role, DECIDE)      # the same where the role is known

Whoever is no full member of the Slack workspace is nobody: guests, people of other companies in a shared channel,
apps, and who has left. A deed that is not in the table is nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.people import colleagues
from workflows.people.person import OPERATOR, Person
from workflows.rules import current, rules
from workflows.rules.access import ROLES

#: What is looked at, in Slack and on the pages.
READ = "read"
#: Anybody who may look may call for help, too.
ESCALATE = "escalate"
#: … and get digests of what they may look at.
SUBSCRIBE = "choose digests"
#: … and whoever answers for the company may as well, whatever their role (`escalation.chain.may_answer`).
ANSWER, REMIND = "answer", "remind"
FILE, DESCRIBE, CORRECT, DECIDE = "file", "describe", "correct", "decide"
#: Colleagues are asked how to answer a customer, and one of their answers is marked.
ASK, MARK = "ask colleagues", "mark an answer"
#: An answer is kept to be used again, changed or retired.
TEACH = "keep reusable answers"
#: It is said what explains the number of enquiries, and what was done so that nobody need ask.
EXPLAIN = "explain figures"
PUBLISH, REPORT, ASSIGN = "publish", "report", "assign"
#: What an issue brought is made available; a message to a customer is approved, and by a lead where the rules want one.
RELEASE, TELL, LEAD = "release", "tell", "approve as a lead"
#: A customer is answered out of Slack, by whoever presses the button and in their name.
REPLY = "reply to a customer"
#: Customers are told of a change that they did not ask for.
NOTIFY = "give notice"
IMPORT, EXPORT, REPLAY, READ_RAW, ERASE = "import", "export", "replay", "read raw bodies", "erase"
CHECK, RECONCILE, SESSIONS = "check", "reconcile", "end sessions"
#: Everything that is open for somebody goes to somebody else; for what is their own, whatever their role.
HAND_OVER = "hand over"
#: Who did what is looked at by those who answer for it.
AUDIT = "see who did what"
#: Who can start the service has its secrets, and needs no role; it is in the table so that the table is whole.
OPERATE = "operate"


@dataclass(frozen=True)
class Right:
    """The lowest role that a deed needs, and what is said of it to those who ask who did what; "" for not kept."""

    role: str
    sentence: str = ""


RIGHTS: dict[str, Right] = {
    READ: Right("viewer"),
    ESCALATE: Right("viewer", "Escalated: {about}."),
    SUBSCRIBE: Right("viewer", "Chose or stopped a digest: {about}."),
    ANSWER: Right("agent", "Answered an escalation: {about}."),
    REMIND: Right("agent", "Sent a reminder: {about}."),
    FILE: Right("agent", "Filed a request: {about}."),
    DESCRIBE: Right("agent", "Added background to a request: {about}."),
    CORRECT: Right("agent", "Corrected a request: {about}."),
    DECIDE: Right("agent", "Decided in the meeting: {about}."),
    ASK: Right("agent", "Asked colleagues: {about}."),
    MARK: Right("agent", "Marked a colleague's answer, or unmarked it: {about}."),
    TEACH: Right("agent", "Kept or changed a reusable answer: {about}."),
    EXPLAIN: Right("agent", "Noted what explains the number of enquiries: {about}."),
    PUBLISH: Right("agent", "Posted the minutes: {about}."),
    REPORT: Right("agent", "Reported to a customer: {about}."),
    RELEASE: Right("agent", "Changed who can use it: {about}."),
    TELL: Right("agent", "Approved a message to a customer: {about}."),
    LEAD: Right("operator", "Approved a message to a customer as a lead: {about}."),
    REPLY: Right("agent", "Sent a reply to a customer: {about}."),
    NOTIFY: Right("operator", "Changed a notice to customers: {about}."),
    ASSIGN: Right("agent", "Set an account owner: {about}."),
    IMPORT: Right("operator", "Imported: {about}."),
    EXPORT: Right("operator", "Exported: {about}."),
    REPLAY: Right("operator", "Replayed {about}."),
    READ_RAW: Right("operator", "Opened a raw body: {about}."),
    ERASE: Right("operator", "Requested an erasure: {about}."),
    CHECK: Right("operator", "Checked or set up a connection: {about}."),
    RECONCILE: Right("operator", "Checked every tool for missed events: {about}."),
    SESSIONS: Right("operator", "Ended a session, or created a sign-in link: {about}."),
    HAND_OVER: Right("operator", "Handed over what was open for somebody: {about}."),
    AUDIT: Right("operator"),
    OPERATE: Right("operator"),
}
#: What whoever may not is told.
NOT_YOURS = "Your role doesn't allow this. An admin can change your role: [access] in yamabiko.toml."
#: How the rows say it that are kept from before there was a table.
FORMERLY = ("Replayed {id}.",)
#: Nothing is changed by these, so they are kept as soon as they are asked for.
LOOKS = (EXPORT, READ_RAW)


def may(person: Person, deed: str) -> bool:
    """May somebody do this now?"""
    return permits(role_of(person), deed)


def permits(role: str, deed: str) -> bool:
    """May this role ("" for none) do this?"""
    right = RIGHTS.get(deed)
    return right is not None and role in ROLES and ROLES.index(role) >= ROLES.index(right.role)


def role_of(person: Person) -> str:
    """The role that somebody has now; "" for nobody's."""
    if person.id == OPERATOR:
        return "operator"
    if person.slack_id and not colleagues.is_member(person.slack_id):
        return ""
    return role_given(person)


def role_given(person: Person) -> str:
    """The role that [access] gives somebody, if they are of the workspace at all."""
    return current.access().role_of(person.id, person.email, rules.colleagues)
