"""Templates: what they call is there. A macro that is missing shows only on the page where its branch is taken."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache

import pytest
from jinja2 import nodes

from app.pages import view
from app.pages.view import templates

#: What a line of a template may hold.
WIDEST = 160
#: What every page is given: the keys of the one dictionary that `view.common` returns.
COMMON = {
    key.value
    for found in ast.walk(ast.parse(inspect.getsource(view.common)))
    if isinstance(found, ast.Dict)
    for key in found.keys
    if isinstance(key, ast.Constant)
}


def called(tree: nodes.Template) -> set[str]:
    """Every name that is called as a function."""
    return {call.node.name for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}


def bound(tree: nodes.Template) -> Iterator[str]:
    """Every name that the template itself gives a meaning."""
    for macro in tree.find_all(nodes.Macro):
        yield from (macro.name, *(argument.name for argument in macro.args))
    for line in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in line.names)
    yield from (name.name for name in tree.find_all(nodes.Name) if name.ctx == "store")


def includes(tree: nodes.Template, name: str) -> bool:
    """Does the template include this one, which then sees what it sees?"""
    return any(
        isinstance(node.template, nodes.Const) and node.template.value == name for node in tree.find_all(nodes.Include)
    )


@cache
def macros() -> set[str]:
    """The name of every macro of ours."""
    return {macro.name for name in templates.list_templates() for macro in parsed(name).find_all(nodes.Macro)}


@cache
def parsed(name: str) -> nodes.Template:
    """A template as Jinja reads it."""
    assert templates.loader is not None
    return templates.parse(templates.loader.get_source(templates, name)[0])


@pytest.mark.parametrize("name", templates.list_templates(["html"]))
def test_every_macro_that_is_called_is_imported_where_it_is_called(name: str) -> None:
    tree = parsed(name)
    around = [other for other in map(parsed, templates.list_templates(["html"])) if includes(other, name)]
    seen = {word for each in (tree, *around) for word in bound(each)}
    assert (called(tree) & macros()) - seen - COMMON == set()


@pytest.mark.parametrize("name", templates.list_templates(["html"]))
def test_no_line_is_wider_than_people_read(name: str) -> None:
    lines = (view.HERE / "templates" / name).read_text(encoding="utf-8").splitlines()
    assert {number: len(line) for number, line in enumerate(lines, 1) if len(line) > WIDEST} == {}
