"""A pipeline that deploys, and tells what it did: for the demo and the tests."""

from integrations.deploy.twin.pipeline import DeployTwin, secret_from

__all__ = ["DeployTwin", "secret_from"]
