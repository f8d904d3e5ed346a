"""A vendor's window of calls, as a process counts it: all of it (`Window`), or bunches of what all share (`Bunch`)."""

from __future__ import annotations

from integrations.shared import Grant, Heard, Shared

#: So many bunches make a window. Who takes one and does not use it up wastes no more than that.
BUNCHES = 20
#: The largest bunch as long as the vendor has not said what it allows: it may be far less than we think.
FIRST = 5


class Window:
    """What is left of the window that ends at `_ends`; `_guessed` until the vendor said when that is."""

    def __init__(self, calls: int, seconds: float) -> None:
        self.seconds = seconds
        self._calls = self._left = calls
        self._ends, self._guessed = 0.0, True

    def take(self, now: float) -> float | None:
        """0 for one call; else in how many seconds there may be more. None: somebody has to be asked (`Bunch`)."""
        if now >= self._ends:
            self._begin(now)
        if self._left > 0:
            self._left -= 1
            return 0.0
        return self._ends - now + 0.001

    def _begin(self, now: float) -> None:
        self._ends, self._guessed = now + self.seconds, True
        self._left = self._calls

    def heed(self, now: float, calls: int | None, left: int, ends: float | None) -> None:
        """The vendor allows so many calls in a window, and so many more until it ends; None where it did not say."""
        limit, reset = calls or self._calls, self._ends if ends is None else ends
        self._left += limit - self._calls
        self._calls = limit
        if now < reset <= now + 2 * self.seconds:
            self._believe(left, reset)

    def _believe(self, left: int, reset: float) -> None:
        """We know what is under way, the vendor knows what others use."""
        if reset == self._ends or self._guessed:
            self._left = min(self._left, left)
        elif reset > self._ends:
            self._left = left
        else:
            return  # an answer from the window before
        self._ends, self._guessed = reset, False


class Bunch(Window):
    """Calls of a window that this process took from the `shared` budget. What is not used until its end is void."""

    def __init__(self, calls: int, seconds: float, name: str, shared: Shared) -> None:
        super().__init__(calls, seconds)
        self._name, self._shared = name, shared
        self._left, self._used_up = 0, False
        self._heard: tuple[int, float] | None = None

    def take(self, now: float) -> float | None:
        """None where more has to be asked for (`ask`): at the beginning, and when a bunch is used up or void."""
        if now >= self._ends:
            self._left, self._used_up = 0, False
        return super().take(now) if self.is_there(now) else None

    def _begin(self, now: float) -> None:
        """A window begins with the first bunch of it, for all processes."""

    def heed(self, now: float, calls: int | None, left: int, ends: float | None) -> None:
        """What we have is good for no more than that; the others hear of it with the next bunch."""
        self._calls = calls or self._calls
        if ends is not None and now < ends <= now + 2 * self.seconds:
            self._heard = left, ends
            self._left, self._ends = min(self._left, left), min(self._ends, ends)

    def is_there(self, now: float) -> bool:
        """Need nobody be asked, for another thread just did?"""
        return now < self._ends and (self._left > 0 or self._used_up)

    def ask(self, now: float) -> Grant:
        """Ask for the next bunch; this waits for the database."""
        heard = None
        if self._heard is not None and self._heard[1] > now:
            heard = Heard(self._calls, self._heard[0], self._heard[1] - now)
        wanted = max(1, self._calls // BUNCHES) if self._heard else min(FIRST, max(1, self._calls // BUNCHES))
        return self._shared.take(self._name, wanted, self._calls, self.seconds, heard)

    def receive(self, now: float, grant: Grant) -> None:
        """Take it over."""
        self._calls, self._left = grant.of, self._left + grant.calls
        self._ends, self._used_up = now + grant.ends_in, not grant.calls

    def close(self, seconds: float) -> None:
        """Tell the others that the vendor wants quiet; this waits for the database."""
        self._shared.close(self._name, seconds)
