"""kill -9 at every write of a digest: it arrives once, in Slack or by mail, and is known to have been sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.digesting import WAYS, DigestPlay

pytestmark = pytest.mark.crash

VERBS = {"slack": "slack.post", "mail": "mail.send"}
#: Where it dies, one place for each of its lives; what was begun is begun anew or looked for in the next one.
PLACES = ("run.begun.send", "action.begun.{verb}", "action.called.{verb}", "action.finished.{verb}", "run.told.send")


@pytest.mark.fault("F108")
@pytest.mark.parametrize("way", WAYS)
def test_killed_at_every_write_one_digest_arrives(sqlite_url: str, tmp_path: Path, way: str) -> None:
    with DigestPlay(sqlite_url, tmp_path) as play:
        places = [place.format(verb=VERBS[way]) for place in PLACES]
        play.begin(*(f"{place}:1" for place in places))
        play.choose(way)
        play.settle()
        assert play.deaths == len(places), f"still alive at {play.plan}"
        days = len(play.sendings())
        assert play.sendings() == [("digest.send", "done")] * days
        assert play.kept() == [(VERBS[way], "done")] * days
        assert {other: len(play.arrived(other)) for other in WAYS} == {other: days * (other == way) for other in WAYS}
