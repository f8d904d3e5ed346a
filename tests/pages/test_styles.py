"""Styles: whatever has a class looks as one file says, so that the order of files decides nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from app.pages import view
from app.pages.view import templates

#: What is said in the steps of the tokens: how large letters are, how much room there is, how round a corner is.
STEPPED = re.compile(r"(margin|padding)(-\w+)*|(row-|column-)?gap|font|font-size|border-radius")
#: What is not: code beside other letters of any size, and paper.
OWN_SIZES = {"font-size: 0.92em", "font-size: 11pt"}
LENGTH = re.compile(r"\d(px|rem|em|pt|vw)")
SHEETS = sorted((view.HERE / "static").glob("*.css"))


def css_of(path: Path) -> str:
    """A style sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)


def page_classes() -> set[str]:
    """What `<body>` may be: the words in the block `kind` of every page."""
    said: set[str] = set()
    for name in templates.list_templates(["html"]):
        assert templates.loader is not None
        tree = templates.parse(templates.loader.get_source(templates, name)[0])
        for block in (found for found in tree.find_all(nodes.Block) if found.name == "kind"):
            said |= {f".{word}" for text in block.find_all(nodes.TemplateData) for word in text.data.split()}
            said |= {f".{word}" for text in block.find_all(nodes.Const) for word in str(text.value).split()}
    return said


def selectors(css: str) -> Iterator[str]:
    """Every selector of every rule, those within `@media` too."""
    for head in re.findall(r"([^{};]+)\{", css):
        if not head.strip().startswith("@"):
            yield from (each.strip() for each in split(head, ","))


def declarations(css: str) -> Iterator[tuple[str, str]]:
    """Every property that is set, with its value."""
    yield from re.findall(r"(?<=[\s{;])([\w-]+): ([^;{}]+);", css)


def split(text: str, at: str) -> list[str]:
    """The parts of a text between these characters, but not within parentheses or brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter in at and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def classes(compound: str) -> set[str]:
    """The classes that something has to have itself, without those that it must not have or hold."""
    return set(re.findall(r"\.[\w-]+", re.sub(r"\([^()]*(\([^()]*\)[^()]*)*\)|\[[^]]*\]", "", compound)))


def styled(css: str, pages: set[str]) -> set[str]:
    """The classes and the bare elements whose looks a sheet decides, but for what it says of one page only."""
    found: set[str] = set()
    for selector in selectors(css):
        compounds = [each for each in split(selector, " >+~\n") if each]
        if not classes(compounds[0]) & pages:
            found |= classes(compounds[-1]) or ({selector} if len(compounds) == 1 else set())
    return found


def test_a_class_is_styled_in_one_file() -> None:
    pages, files = page_classes(), defaultdict(list)
    for path in SHEETS:
        for each in styled(css_of(path), pages):
            files[each].append(path.name)
    assert {each: names for each, names in sorted(files.items()) if len(names) > 1} == {}


def test_two_files_that_style_a_class_are_found() -> None:
    assert styled(".row .line, q.words:not(.two) { } @media print { .loop .row { } textarea { } }", {".loop"}) == {
        ".line",
        ".words",
        "textarea",
    }


@pytest.mark.parametrize("path", [path for path in SHEETS if path.name != "tokens.css"], ids=lambda path: path.name)
def test_colours_and_steps_come_from_the_tokens(path: Path) -> None:
    said = [(name, value) for name, value in declarations(css_of(path)) if not name.startswith("--")]
    assert [value for _, value in said if re.search(r"#[0-9a-f]{3}|\b(rgb|hsl|oklch)\(", value)] == []
    lengths = [f"{name}: {value}" for name, value in said if STEPPED.fullmatch(name) and LENGTH.search(value)]
    assert set(lengths) <= OWN_SIZES


def test_every_token_that_is_used_is_there() -> None:
    given = {name for path in SHEETS for name, _ in declarations(css_of(path)) if name.startswith("--")}
    used = {name for path in SHEETS for name in re.findall(r"var\((--[\w-]+)\)", css_of(path))}
    assert used - given == set()
