"""Owner news: whoever answers for a company hears what has become available to it, and who tells its people.

    release.announce ─► tell, for each owner and wave ─► a message to them alone      ([telling] tell_owners)

Companies without an owner are named to the fallback of the rules.
"""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from workflows.engine.actions import Intent
from workflows.engine.durable import workflow
from workflows.engine.outcome import Outcome, done, ignored
from workflows.engine.store import store
from workflows.people import addressing, colleagues
from workflows.tables.columns import copy_of
from workflows.tables.customer import Company
from workflows.tables.telling import Release, Wave
from workflows.tables.wish import Feedback, Issue
from workflows.telling import ledger, release_texts, whose
from workflows.wish import availability

TOLD = "Told {who}, the account owner, that {key} is available."
NOBODY = "No account owner was told: {who} cannot be reached in Slack."
NOTHING = "No account owner had to be told."


@workflow
def tell(release_id: str, wave_id: int, who: str) -> Outcome:
    """One owner hears of one wave, once."""
    release, issue, wishes, names = store.read(partial(_news, release_id, wave_id, who))
    if not wishes:
        return ignored(NOTHING)
    person = colleagues.find(who)
    if not person:
        return ignored(NOBODY, who=who)
    facts, key = {"who": colleagues.met(person).name, "key": issue.key}, f"owner:{release_id}:{wave_id}:{who}"
    intent = Intent("slack", "post", key, person, TOLD, facts, issue_id=issue.id)
    message = partial(release_texts.for_owner, issue, wishes, names)
    posted = addressing.post(intent, message, since_ms=release.happened_at)
    return done(TOLD, **facts) if posted else ignored(NOBODY, who=facts["who"])


def _news(
    release_id: str, wave_id: int, who: str, session: Session
) -> tuple[Release, Issue, list[Feedback], dict[str, str]]:
    """The release, its issue, the wishes of this owner's companies that the wave reaches; the companies' names."""
    release, wave = session.get_one(Release, release_id), session.get_one(Wave, wave_id)
    reach = availability.reached(session, [release_id])
    there = [it for it in ledger.reached(session, release) if reach.includes(wave, it.company_id)]
    mine = whose.by_owner(session, there).get(who, [])
    firms = [session.get(Company, id) for id in {wish.company_id for wish in mine}]
    names = {firm.id: firm.name for firm in firms if firm is not None}
    return copy_of(release), copy_of(session.get_one(Issue, release.issue_id)), mine, names
