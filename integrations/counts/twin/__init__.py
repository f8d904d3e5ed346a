"""A help desk of one's own that tells how many wrote to it: for the demo and the tests."""

from integrations.counts.twin.desk import CountsTwin

__all__ = ["CountsTwin"]
