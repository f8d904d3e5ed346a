"""Reading JSON that anybody may have written: a value of the type that was claimed, or Malformed with its path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import Malformed
from integrations.untrusted import Node, load

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.sampled_from(["", "\0", "\ud800", "--5", "-", "५", "1e5", " 1", "9" * 18, "9" * 19, 10**18, -(10**400)]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def refused(read: Any) -> str:
    """What is said when something cannot be read."""
    with pytest.raises(Malformed) as wrong:
        read()
    return str(wrong.value)


# -- what is no JSON object -----------------------------------------------------------------------

NOT_JSON = {
    b"": "body: is not JSON (",
    b"{": "body: is not JSON (",
    b"{'a': 1}": "body: is not JSON (",
    b'{"a": 1,}': "body: is not JSON (",
    b'{"a": NaN}': "body: is not JSON (NaN is not JSON)",
    b'{"a": -Infinity}': "body: is not JSON (-Infinity is not JSON)",
    b'{"a": ' + b"9" * 5000 + b"}": "body: is not JSON (",
    b"[" * 100_000: "body: is nested too deeply",
    b'{"a":' * 100_000: "body: is nested too deeply",
    b"\xff\xfe{\x00}\x00": "body: is not UTF-8",
    b'{"a": "\xe9"}': "body: is not UTF-8",
    b"\xef\xbb\xbf{}": "body: is not JSON (",
    b"[]": "body: is a list, not an object",
    b"null": "body: is null, not an object",
    b"true": "body: is a truth value, not an object",
    b"1.5": "body: is a number, not an object",
    b'"a"': "body: is text, not an object",
}


@pytest.mark.parametrize("body", NOT_JSON, ids=lambda body: repr(body[:12]))
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    assert refused(lambda: load(body)).startswith(NOT_JSON[body])


def test_a_refusal_quotes_nothing_of_the_body() -> None:
    for body in (b'{"a": "geheim', b'{"geheim": }', b"{geheim}", b'{"a": "\\geheim"}', b'"geheim"', b'{"a": geheim}'):
        assert "geheim" not in refused(lambda body=body: load(body))


@pytest.mark.fault("F54")
@given(st.binary() | anything.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_an_object_or_refused(body: bytes) -> None:
    try:
        assert isinstance(load(body), Node)
    except Malformed as error:
        assert error.field == "body"


# -- values ---------------------------------------------------------------------------------------

TEXTS: list[tuple[Any, str]] = [
    ("要望", "要望"),
    (215, "215"),
    (-1, "-1"),
    (0, "0"),
    (10**17, "1" + "0" * 17),
]
NO_TEXTS: list[tuple[Any, str]] = [
    (None, "a: is null, not text"),
    ("", "a: is empty"),
    (True, "a: is a truth value, not text"),
    (1.5, "a: is a number, not text"),
    ([], "a: is a list, not text"),
    ({}, "a: is an object, not text"),
    ("a\0", "a: contains a NUL character"),
    ("\ud800", "a: contains half of a surrogate pair"),
    ("\udc00\ud800", "a: contains half of a surrogate pair"),
    (10**18, "a: is too large a number"),
    (-(10**4000), "a: is too large a number"),
]


@pytest.mark.parametrize(("value", "text"), TEXTS)
def test_texts_and_numbers_are_texts(value: Any, text: str) -> None:
    assert Node(value, "a").text() == Node(value, "a").text(or_="instead") == text


@pytest.mark.parametrize(("value", "why"), NO_TEXTS)
def test_what_is_no_text_is_refused(value: Any, why: str) -> None:
    assert refused(Node(value, "a").text) == why


def test_something_may_stand_in_for_nothing_but_not_for_something_wrong() -> None:
    assert [Node(value, "a").text(or_="instead") for value in (None, "")] == ["instead"] * 2
    assert Node({}, "")["a"].text(or_="instead") == "instead"
    assert Node({}, "")["a"].number(or_=7) == 7
    for value in ([], {}, True, 1.5, "\0"):
        assert refused(lambda value=value: Node(value, "a").text(or_="instead"))


NUMBERS: list[tuple[Any, int]] = [(5, 5), (-5, -5), ("5", 5), ("-5", -5), ("007", 7), (5.0, 5), ("9" * 18, 10**18 - 1)]
NO_NUMBERS: list[tuple[Any, str]] = [
    (None, "a: is null, not a whole number"),
    ("", "a: is text, not a whole number"),
    ("5.0", "a: is text, not a whole number"),
    ("--5", "a: is text, not a whole number"),
    ("-", "a: is text, not a whole number"),
    ("+5", "a: is text, not a whole number"),
    (" 5", "a: is text, not a whole number"),
    ("5\n", "a: is text, not a whole number"),
    ("1_000", "a: is text, not a whole number"),
    ("५", "a: is text, not a whole number"),
    ("²", "a: is text, not a whole number"),
    ("9" * 19, "a: is text, not a whole number"),
    (True, "a: is a truth value, not a whole number"),
    (float("inf"), "a: is a number, not a whole number"),
    (float("nan"), "a: is a number, not a whole number"),
    (1e300, "a: is too large a number"),
    (10**18, "a: is too large a number"),
    ([5], "a: is a list, not a whole number"),
]


@pytest.mark.parametrize(("value", "number"), NUMBERS)
def test_whole_numbers_may_be_written_as_text(value: Any, number: int) -> None:
    assert Node(value, "a").number() == number


@pytest.mark.parametrize(("value", "why"), NO_NUMBERS)
def test_what_is_no_whole_number_is_refused(value: Any, why: str) -> None:
    assert refused(Node(value, "a").number) == why


@pytest.mark.fault("F42")
@given(anything)
def test_any_value_is_what_was_claimed_or_refused(value: Any) -> None:
    node = Node(value, "a")
    for read in (
        node.text,
        node.number,
        node.written,
        lambda: list(node.items()),
        lambda: list(node.entries(3)),
        lambda: node.text(or_="x"),
        lambda: node.number(or_=0),
    ):
        try:
            result = read()
        except Malformed as error:
            assert error.field.startswith("a")
        else:
            assert not isinstance(result, str) or (result.encode().decode() == result and "\0" not in result)
            assert not isinstance(result, int) or abs(result) < 10**18


# -- objects and anything -------------------------------------------------------------------------

NO_ENTRIES: list[tuple[Any, str]] = [
    ([], "a: is a list, not an object"),
    ("text", "a: is text, not an object"),
    (0, "a: is a number, not an object"),
    ({"x": 1, "y": 2, "z": 3}, "a: holds 3 entries; 2 are allowed"),
    ({"x" * 256: 1}, "a: has a name of more than 255 characters"),
    ({"": 1}, "a, a name: is empty"),
    ({"x\0": 1}, "a, a name: contains a NUL character"),
    ({"\ud800": 1}, "a, a name: contains half of a surrogate pair"),
]


@pytest.mark.parametrize(("value", "why"), NO_ENTRIES)
def test_an_object_of_another_shape_is_refused(value: Any, why: str) -> None:
    assert refused(lambda: list(Node(value, "a").entries(2))) == why


def test_an_object_tells_its_names_and_where_their_values_stood() -> None:
    entries = Node({"x": "1", "x" * 255: []}, "a").entries(2)
    assert [(name, value.path) for name, value in entries] == [("x", "a.x"), ("x" * 255, "a." + "x" * 255)]
    for nothing in (Node(None, "a"), Node({}, "a"), Node({}, "a")["b"]):
        assert list(nothing.entries(0)) == []


NEVER_WRITTEN: list[tuple[Any, str]] = [
    ("a\0", "a: contains a NUL character"),
    ("\ud800", "a: contains half of a surrogate pair"),
    (["\ud800"], "a: contains half of a surrogate pair"),
    ({"\udc00": 1}, "a: contains half of a surrogate pair"),
    (float("inf"), "a: cannot be written as JSON"),
    ([float("nan")], "a: cannot be written as JSON"),
]


@pytest.mark.parametrize(("value", "why"), NEVER_WRITTEN)
def test_what_nobody_can_store_is_not_written(value: Any, why: str) -> None:
    assert refused(Node(value, "a").written) == why


def test_what_is_nested_too_deeply_is_not_written() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    assert refused(Node(value, "a").written) == "a: cannot be written as JSON"


WRITTEN: list[tuple[Any, str]] = [
    ("要望", "要望"),
    ("", ""),
    (None, ""),
    (7, "7"),
    (1.5, "1.5"),
    (True, "true"),
    ([1, "解約"], '[1,"解約"]'),
    ({"id": None}, '{"id":null}'),
]


@pytest.mark.parametrize(("value", "text"), WRITTEN)
def test_anything_can_be_written(value: Any, text: str) -> None:
    assert Node(value, "a").written() == text


# -- paths ----------------------------------------------------------------------------------------


def test_a_refusal_says_where_it_stood() -> None:
    root = load(b'{"data": {"items": [{"id": 1}, {"id": []}], "name": 3.5}}')
    assert refused(root["data"]["name"].text) == "data.name: is a number, not text"
    assert refused(root["data"]["missing"]["deeper"].text) == "data.missing.deeper: is missing"
    assert [item["id"].path for item in root["data"]["items"].items()] == ["data.items[0].id", "data.items[1].id"]
    assert refused(list(root["data"]["items"].items())[1]["id"].text) == "data.items[1].id: is a list, not text"
    assert refused(lambda: list(root["data"].items())) == "data: is an object, not a list"


def test_looking_into_nothing_finds_nothing() -> None:
    root = load(b'{"text": "abc", "list": ["a"], "null": null}')
    for node in (root["text"]["0"], root["list"]["0"], root["null"]["a"]["b"], root["none"]["a"]):
        assert not node
        assert list(node.items()) == []


def test_emptiness() -> None:
    root = load(b'{"zero": 0, "no": false, "null": null, "empty": "", "list": [], "object": {}, "a": {"b": null}}')
    assert [name for name in ("zero", "no", "null", "empty", "list", "object", "none", "a") if root[name]] == ["a"]
