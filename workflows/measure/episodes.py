"""What begins, goes on and is over: many unusual quarter hours in a row are one episode, and one message. Pure.

    episode = step(None, at, score=4.2, limit=3.0)        # begins
    episode = step(episode, later, score=0.4, limit=3.0)  # goes on, until two in a row are quiet: then it is over
    episodes(start, scores, limit=3.0)                    # all of a past

It begins at the limit, and is loud as long as half of it is reached, so that it does not flicker. What reaches the
limit again within an hour belongs to the same episode. Where nobody counted, nothing begins and nothing is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from workflows.measure.series import QUARTER_MS
from workflows.measure.tails import Floats

#: How long after its end what is found within an hour may begin again as the same one.
COOLDOWN_MS = 60 * 60_000


class Pace(NamedTuple):
    """When it is over: as long as this share of the limit is reached it is loud; after so many quiet looks it is over.

    How long after that it may begin again as the same one.
    """

    still_loud: float = 0.5
    quiet_looks: int = 2
    cooldown_ms: int = COOLDOWN_MS


USUAL_PACE = Pace()


@dataclass(frozen=True)
class Episode:
    """Something unusual. Moments are the ends of quarter hours, when it could be known (ms); `over_at` 0: not yet."""

    began_at: int
    loud_at: int  # the last one that was
    peak: float
    quiet: int = 0
    over_at: int = 0


def step(episode: Episode | None, at: int, score: float, limit: float, pace: Pace = USUAL_PACE) -> Episode | None:
    """What is known of the last episode after this look: the same one, changed, or a new one. None: never any.

    A new one has begun where `began_at` is `at`; the old one is over by then.
    """
    if np.isnan(score):
        return episode
    if episode is None or (episode.over_at and (at - episode.over_at > pace.cooldown_ms or score < limit)):
        return Episode(at, at, score) if score >= limit else episode
    if score >= limit * pace.still_loud:
        return replace(episode, loud_at=at, peak=max(episode.peak, score), quiet=0, over_at=0)
    quiet = episode.quiet + 1
    return replace(episode, quiet=quiet, over_at=at if quiet >= pace.quiet_looks else 0)


def episodes(start: int, scores: Floats, limit: float, pace: Pace = USUAL_PACE) -> list[Episode]:
    """All episodes of these quarter hours, the first of which begins at `start`."""
    found: list[Episode] = []
    for at, score in _worth_a_look(start, scores, limit, pace):
        last = found[-1] if found else None
        now = step(last, at, score, limit, pace)
        if now and last and now.began_at == last.began_at:
            found[-1] = now
        elif now:
            found.append(now)
    return found


def _worth_a_look(start: int, scores: Floats, limit: float, pace: Pace) -> Iterator[tuple[int, float]]:
    """Those loud, and the known ones after each that may end something."""
    known = np.flatnonzero(~np.isnan(scores))
    loud = np.flatnonzero(scores[known] >= limit * pace.still_loud)
    near = np.unique(np.minimum(loud[:, None] + np.arange(pace.quiet_looks + 1), len(known) - 1)) if len(loud) else loud
    return ((start + (int(at) + 1) * QUARTER_MS, float(scores[at])) for at in known[near])
