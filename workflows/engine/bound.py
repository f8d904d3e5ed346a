"""The store of this process, by one name for everybody: `from workflows.engine.store import store`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from sqlmodel import Session

if TYPE_CHECKING:
    from workflows.engine.store import Store

T = TypeVar("T")
Work = Callable[[Session], T]


class Bound:
    """The store of this process, bound once by `app.runtime` or by a test."""

    def __init__(self) -> None:
        self._store: Store | None = None

    def bind(self, store: Store | None) -> None:
        """From now on it is this one; None for none."""
        self._store = store

    def __getattr__(self, name: str) -> Any:
        if self._store is None:
            raise RuntimeError("no database is bound: app.runtime does that at start")
        return getattr(self._store, name)

    def read(self, work: Work[T]) -> T:
        """See `Store.read`."""
        result: T = self.__getattr__("read")(work)
        return result

    def write(self, work: Work[T]) -> T:
        """See `Store.write`."""
        result: T = self.__getattr__("write")(work)
        return result

    def aside(self, work: Work[T]) -> T:
        """See `Store.aside`."""
        result: T = self.__getattr__("aside")(work)
        return result

    @property
    def silent_for(self) -> float:
        """See `Store.silent_for`; 0 where none is bound."""
        return 0.0 if self._store is None else self._store.silent_for

    def forget_the_past(self) -> None:
        """See `Store.forget_the_past`."""
        self.__getattr__("forget_the_past")()

    def later(self, work: Work[Any]) -> None:
        """See `Store.later`."""
        self.__getattr__("later")(work)
