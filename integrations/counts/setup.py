"""The variable with the secret that tools sign their counts with. There is nobody to call: what we hear, we hear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from integrations.standard_webhooks import of_the_standard
from integrations.vendor import Finding, Silence, VendorSettings, Wanted

NAME, TITLE = "counts", "Counts of other tools"
SWITCH, SECRET, WORKSPACE = "counts_webhook_secret", "counts_webhook_secret", ""
NEEDS: Mapping[str, tuple[str, ...]] = {SWITCH: ()}
PATH = "/webhooks/counts"
PASTE = "Have your tool send signed counts there: README, “Counts of other tools”."
#: Nobody can be asked what was missed: what a tool did not say is missing, and it may say it later.
changes = None


class Settings(VendorSettings):
    """`counts_webhook_secret` is `whsec_` and base64, as Standard Webhooks wants it."""

    counts_webhook_secret: Annotated[SecretStr | None, AfterValidator(of_the_standard)] = None


def connect(settings: Settings) -> Silence:
    """Nobody to call."""
    return Silence()


def check(client: Silence, settings: Settings, wanted: Wanted) -> Iterator[Finding]:
    """Where a tool has to send to: whether it does, the last webhook says."""
    yield Finding(True, "Signed counts are accepted at {address}.", {"address": wanted.address})


def to_copy(url: str) -> Mapping[str, str]:
    """Nothing."""
    return {}


def subscribe(client: Silence, settings: Settings, address: str) -> str:
    """Nobody can be asked to send there."""
    return ""
