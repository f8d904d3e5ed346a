"""The play of a meeting: its agenda is due, a request is adopted with a new issue, one declined, the minutes posted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col

from app.demo.company import CHANNEL
from tests.crash.people import LEADER, PeoplePlay
from tests.crash.service import RULES, until
from workflows.tables.meeting import Decision
from workflows.tables.runs import Action, Run
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback, FeedbackIssue

TOKYO = ZoneInfo("Asia/Tokyo")
#: Every day is open, so that the day of the meeting can be today, whatever day that is.
EVERY_DAY = re.sub(r"(?m)^(mon|tue|wed|thu|fri|sat|sun) = .*$", r'\1 = ["0:00-23:59"]', RULES)
EVERY_DAY = EVERY_DAY.replace('country = "JP"', 'country = ""').replace('closed = ["12-29..01-03"]', "closed = []")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def meeting_on(now: datetime, days: int) -> str:
    """The rules of a company that meets on the evening of so many days from now; the agenda was due an hour ago."""
    weekday = WEEKDAYS[(now + timedelta(days=days)).weekday()]
    due = max(datetime.combine(now.date(), time(0), now.tzinfo), now - timedelta(hours=1))
    rules = EVERY_DAY.replace('weekday = "wed"', f'weekday = "{weekday}"')
    return rules.replace('\ntime = "15:00"', '\ntime = "23:59"').replace('"09:30"', f'"{due:%H:%M}"')


class MeetingPlay(PeoplePlay):
    """Two requests from the agenda to the minutes."""

    def __init__(self, database_url: str, folder: Path, **settings: object) -> None:
        now = datetime.now(TOKYO)
        self.rules, self.today = meeting_on(now, days=2), meeting_on(now, days=0)
        super().__init__(database_url, folder, **settings)
        self.other = self.stage.chats[3]

    def prepare_the_day(self) -> None:
        """Both customers have asked; the service stops on the evening before."""
        self.begin()
        self.tag()
        self.settle()
        self.stage.intercom.tag(self.other, "", "要望", "7003")
        self.settle()
        assert self.service is not None
        self.service.kill()
        self.settings.yamabiko_config.write_text(self.today, encoding="utf-8")

    # -- the acts -----------------------------------------------------------

    def meet(self) -> None:
        """The day has come: the agenda is posted by itself, before anybody decides."""
        until(self._agenda_is_begun, "the agenda is begun")

    def _agenda_is_begun(self) -> bool:
        self.revive()
        return any(run.workflow == "agenda.post" for run in self.rows(Run))

    def adopt(self) -> None:
        """The first is adopted, with a new issue."""
        self.decide(self.chat, conclusion="adopt", reason="来月の版に入れます", create="yes", issue="")

    def decline(self) -> None:
        """The other is declined, and everybody is to be told."""
        self.decide(self.other, conclusion="decline", reason="締め日は会社で一つです", tells_all="yes")

    def publish(self) -> None:
        """The minutes are posted, and the mail goes out."""
        self.post(LEADER, "/triage/minutes")

    def decide(self, chat: str, **fields: str) -> None:
        """Somebody decides, and lets people hear of it at once."""
        wish = self.one(Feedback, conversation_id=chat)
        self.post(LEADER, f"/triage/{wish.id}/decide", once=f"form-{wish.id}", sure="yes", answer="", **fields)
        made = self.one(Decision, feedback_id=wish.id)
        self.post(LEADER, f"/triage/{wish.id}/send", decision=str(made.id))

    @property
    def acts(self) -> list[Callable[[], None]]:
        """The whole day, in order."""
        return [self.meet, self.adopt, self.decline, self.publish]

    # -- then ---------------------------------------------------------------

    def timeless(self, text: str) -> str:
        """The same words without the time of day, and without the port of this play."""
        return re.sub(r"\d{1,2}:\d{2}", "", text.replace(self.url, ""))

    def outcome(self) -> dict[str, Any]:
        """Everything that must be the same however often the service died."""
        said = self.stage.slack.messages(CHANNEL)
        return {
            "decisions": [(row.conclusion, row.reason, bool(row.sent_at)) for row in self.rows(Decision, Decision.id)],
            "issues": Counter(effect.verb for effect in self.stage.jira.effects if effect.verb == "create_issue"),
            "waiting": [(row.feedback_id, row.from_cycle) for row in self.rows(FeedbackIssue)],
            "channel": [(self.timeless(one["text"]), one.get("thread_ts", one["ts"]) != one["ts"]) for one in said],
            "mails": sorted({mail.message_id: self.timeless(mail.text) for mail in self.stage.mail.mails}.values()),
            "notes": {chat: len(self.stage.intercom.did("note", chat)) for chat in (self.chat, self.other)},
            "openings": {chat: len(self.stage.intercom.did("open", chat)) for chat in (self.chat, self.other)},
            "tellings": [(row.state, row.draft) for row in self.rows(Telling, col(Telling.conversation_id))],
            "actions": Counter((row.verb, row.state, row.sentence) for row in self.rows(Action)),
            "runs": self.stories(),
            "unfinished": self.unfinished(),
        }
