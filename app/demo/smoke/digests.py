"""Digests, headless: somebody chooses them, and today's arrives in Slack and in their mailbox, once."""

from __future__ import annotations

from app.demo import company
from app.demo.smoke.steps import Steps
from app.demo.stage import Stage
from workflows.measure import digest, subscriptions
from workflows.measure.subscriptions import MAIL, SLACK


class Digests:
    """The steps, in the order in which they happen."""

    def __init__(self, stage: Stage, step: Steps) -> None:
        self.stage, self.step = stage, step

    def play(self) -> None:
        """Both ways at once, and a link that stops the mail."""
        lead = company.LEAD
        slack = subscriptions.begin("daily", SLACK, lead.id, lead.id, "ja")
        mail = subscriptions.begin("daily", MAIL, lead.email, lead.id, "ja")
        for number in (slack, mail, slack, mail):
            digest.start_early(number)
        self.step("today's digest arrives in Slack, once", lambda: self.posted() == 1)
        self.step("and as an email with a link that stops it", lambda: len(self.mailed()) == 1)

    def posted(self) -> int:
        """How many there are in the direct messages of whoever chose it."""
        there = self.stage.slack.messages(f"D{company.LEAD.id[1:]}")
        return sum(str(each.get("text", "")).startswith("【日次】") for each in there)

    def mailed(self) -> set[str]:
        """The mails that can be stopped, each once."""
        return {each.message_id for each in self.stage.mail.mails if "List-Unsubscribe" in each.headers}
