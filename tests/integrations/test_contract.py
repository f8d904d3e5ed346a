"""The contract of the vendor folders: how headers are read, and how trouble is named."""

from __future__ import annotations

import inspect
import pickle

import pytest

from integrations import SOURCES
from integrations.contract import (
    Answer,
    BadSignature,
    Delivery,
    Headers,
    Malformed,
    Permanent,
    RateLimited,
    Source,
    Transient,
    Trouble,
    Unsure,
)

# -- headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        [(b"x-a", b"1"), (b"x-a", b"1")],
        [(b"X-A", b"1"), (b"x-a", b"2")],
        [(b"x-a", "é".encode())],
        [(b"x-a", "é".encode("latin-1"))],
        [(b"x-a", b"\xff")],
    ],
)
def test_what_nobody_who_signs_would_send_is_refused(raw: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(BadSignature, match=r"^X-A (occurs 2 times|is not ASCII)$"):
        Headers(raw).get("X-A")


def test_names_are_compared_without_case() -> None:
    headers = Headers([(b"X-Hub-Signature", b"sha1=ab"), (b"other", b"\xff")])
    assert {headers.get(name) for name in ("x-hub-signature", "X-HUB-SIGNATURE")} == {"sha1=ab"}


def test_absent_and_empty_are_two_things() -> None:
    headers = Headers([(b"x-empty", b"")])
    assert (headers.get("x-empty"), headers.get("x-absent")) == ("", None)


# -- trouble --------------------------------------------------------------------------------------


def test_the_tree_of_trouble() -> None:
    assert issubclass(RateLimited, Transient)
    assert {kind.__bases__ for kind in (Transient, Unsure, Permanent)} == {(Trouble,)}
    assert not issubclass(BadSignature, Trouble) and not issubclass(Malformed, Trouble)


@pytest.mark.parametrize(
    "trouble",
    [
        Transient("a", 2.0),
        Transient("a"),
        RateLimited("a", 1.5),
        Unsure("a"),
        Permanent("a"),
        Malformed("data.id", "is empty"),
    ],
)
def test_trouble_survives_being_stored_and_rebuilt(trouble: Exception) -> None:
    again = pickle.loads(pickle.dumps(trouble))
    assert (type(again), str(again), vars(again)) == (type(trouble), str(trouble), vars(trouble))


def test_trouble_speaks_in_one_sentence() -> None:
    assert str(Transient("Intercom answered 503", 2.0)) == "Intercom answered 503"
    assert str(Malformed("data.id", "is empty")) == "data.id: is empty"
    assert (Transient("a").retry_after, RateLimited("a", 3.0).retry_after) == (None, 3.0)


# -- sources --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_has_the_shape_that_the_door_expects(name: str) -> None:
    source = SOURCES[name]
    assert name == source.NAME
    assert 1_000_000 <= source.MAX_BODY <= 25 * 1024 * 1024
    for function in ("verify", "parse", "handshake"):
        wanted = [*inspect.signature(getattr(Source, function)).parameters][1:]
        assert [*inspect.signature(getattr(source, function)).parameters] == wanted


@pytest.mark.parametrize("name", SOURCES)
def test_without_a_secret_nothing_is_genuine(name: str) -> None:
    for secrets in ([], [""]):
        with pytest.raises(BadSignature):
            SOURCES[name].verify(Headers([]), b"", secrets, 0.0)


def test_defaults_say_nothing_more_than_needed() -> None:
    assert Answer() == Answer(200, b"", "text/plain; charset=utf-8")
    assert Delivery("jira", "1", "topic") == Delivery("jira", "1", "topic", None, "")
