"""All stories, headless: people act at the vendors, each step says what came of it.

Exit code 0, or 1 at the first step that does not come true.
"""

from __future__ import annotations

from rich.console import Console

from app.demo.show import Show
from app.demo.smoke.alerts import Alerts
from app.demo.smoke.digests import Digests
from app.demo.smoke.dry import Dry
from app.demo.smoke.endings import Endings
from app.demo.smoke.enquiries import Enquiries
from app.demo.smoke.escalation import Escalations
from app.demo.smoke.filing import Filing
from app.demo.smoke.loop import Loop
from app.demo.smoke.meeting import Meeting
from app.demo.smoke.notices import Notices
from app.demo.smoke.releases import Releases
from app.demo.smoke.steps import Failed, Steps
from app.demo.smoke.voice import Voice
from app.demo.stage import Stage, database_url
from integrations import waiting


def play(late: float = 0.0) -> int:
    """Play every story once, with vendors that answer so many seconds `late`; returns the exit code."""
    waiting.be_strict()
    console = Console(highlight=False)
    stage = Stage()
    for twin in stage.twins.values():
        twin.delay = late
    try:
        with Show(stage, database_url()) as show:
            console.print(f"[bold]山びこ[/]  {show.url}")
            steps = Steps(console)
            Loop(stage, steps).play()
            filing = Filing(stage, steps)
            filing.play()
            Meeting(stage, steps, filing).play()
            Endings(stage, steps, filing).play()
            Releases(stage, steps).play()
            Notices(stage, steps).play()
            Escalations(stage, steps).play()
            Enquiries(stage, steps, show.url).play()
            Voice(stage, steps).play()
            Digests(stage, steps).play()
            Alerts(stage, steps).play()
            Dry(stage, steps).play()
        console.print("[green]ok[/]  the loop runs, the meeting decides, escalations and customers are answered")
        return 0
    except Failed as failure:
        console.print(f"[red]failed[/]  {failure}")
        return 1
    finally:
        stage.close()
