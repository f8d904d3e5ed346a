"""Intercom's stand-in. `stand_in` is the REST API, on `hours` (office hours), `canvas` (cards in the Inbox), `people`
(what agents and customers do) and `workspace` (what follows from that), of which `data` is kept, and written down
`as_json`; `asks` and `search` take requests as strictly as Intercom does."""

from integrations.intercom.twin.stand_in import IntercomTwin

__all__ = ["IntercomTwin"]
