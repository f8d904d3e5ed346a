"""The variable with the secret that deployments sign with. There is nobody to call: what we hear, we hear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from integrations.standard_webhooks import of_the_standard
from integrations.vendor import Finding, Silence, VendorSettings, Wanted

NAME, TITLE = "deploy", "Your deployment"
SWITCH, SECRET, WORKSPACE = "deploy_webhook_secret", "deploy_webhook_secret", ""
NEEDS: Mapping[str, tuple[str, ...]] = {SWITCH: ()}
PATH = "/webhooks/deploy"
PASTE = "Have your deployment send signed webhooks there: README, “Your deployment”."
#: Nobody can be asked what was missed: a sender repeats what was not answered with 200.
changes = None


class Settings(VendorSettings):
    """`deploy_webhook_secret` is `whsec_` and base64, as Standard Webhooks wants it."""

    deploy_webhook_secret: Annotated[SecretStr | None, AfterValidator(of_the_standard)] = None


def connect(settings: Settings) -> Silence:
    """Nobody to call."""
    return Silence()


def check(client: Silence, settings: Settings, wanted: Wanted) -> Iterator[Finding]:
    """Where it has to send to: whether it does, the last webhook says."""
    yield Finding(True, "Signed webhooks are accepted at {address}.", {"address": wanted.address})


def to_copy(url: str) -> Mapping[str, str]:
    """Nothing."""
    return {}


def subscribe(client: Silence, settings: Settings, address: str) -> str:
    """Nobody can be asked to send there."""
    return ""
