"""Productboard's stand-in. `stand_in` is a workspace with its people; `notes` and `board` are its API, on `state` (what
every request passes), `data` (what is kept) and `rules` (what is refused)."""

from integrations.productboard.twin.stand_in import ProductboardTwin

__all__ = ["ProductboardTwin"]
