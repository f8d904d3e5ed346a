"""The demo's readers: nobody signs in there, everybody is at once somebody of its company, with that person's role."""

from __future__ import annotations

from app.auth import Reader, keyed
from app.demo.company import MEMBERS, Member
from workflows.people.may import role_given
from workflows.people.person import Person

#: Who one is until one chooses somebody else.
FIRST = "U0LEAD"


def reader(chosen: str, secret: str) -> Reader:
    """Whoever was chosen; the first of them where nobody was. `secret` is the stage's."""
    member = next((each for each in MEMBERS if each.id == chosen), None) or _member(FIRST)
    somebody = person(member)
    return Reader(somebody, role_given(somebody), keyed(secret, "csrf"))


def colleagues() -> list[tuple[Member, str]]:
    """Everybody whom one can be, and what they may do."""
    return [(member, role_given(person(member))) for member in MEMBERS]


def _member(id: str) -> Member:
    return next(each for each in MEMBERS if each.id == id)


def person(member: Member) -> Person:
    """Somebody of the demo's company, as whoever signs in is known."""
    return Person(member.id, member.name, member.email, member.id)
