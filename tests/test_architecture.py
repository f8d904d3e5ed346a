"""The shape of the house, kept true by reading the source: who may import whom, how large things may grow."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from app import migrations
from integrations import SOURCES
from integrations.contract import Event, Source
from tests.door import PAYLOADS, ROOT
from workflows.engine import durable
from workflows.engine.store import create_engine
from workflows.routes import NAMED, ROUTES, UNROUTED

LAYERS = ("integrations", "workflows", "app")  # each may import itself and those before it
#: The rooms of `workflows/`, lowest floor first: each may import itself and those before it.
ROOMS = (
    "tables",
    "rules",
    "engine",
    "language",
    "people",
    "customer",
    "volume",
    "search",
    "wish",
    "escalation",
    "enquiry",
    "meeting",
    "telling",
    "notice",
    "overview",
    "measure",
)
VENDORS = tuple(SOURCES)
LARGEST_FUNCTION, LARGEST_MODULE = 40, 300
#: `integrations/twin*.py`, and everything in `integrations/<vendor>/twin/`.
TWINS = re.compile(r"integrations\.(twin\w*|\w+\.twin(\..+)?)")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of ours, parsed: `workflows.telling.release` and its tree."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
        for layer in LAYERS
        for path in sorted((ROOT / layer).rglob("*.py"))
    }


@cache
def imports(name: str) -> set[str]:
    """What a module imports, anywhere in it: `workflows.wish`, `workflows.wish.issues`."""
    found = set()
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports by dots"
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def within(name: str, *packages: str) -> bool:
    """Is this module one of these packages, or inside of one?"""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def is_twin(name: str) -> bool:
    """Does this module stand in for a vendor, or is it the ground that those stand on?"""
    return bool(TWINS.fullmatch(name))


# -- arrows ---------------------------------------------------------------------------------------


def test_imports_point_from_the_app_to_the_workflows_to_the_integrations() -> None:
    wrong = [
        (name, imported)
        for name in modules()
        for imported in imports(name)
        if within(imported, *LAYERS[LAYERS.index(name.partition(".")[0]) + 1 :])
    ]
    assert wrong == []


def room_of(name: str) -> str:
    """The room that a module of `workflows/` stands in; "" for the few that stand in none."""
    room = name.split(".")[1] if name.count(".") else ""
    return room if f"workflows.{room}" in packages() else ""


def packages() -> set[str]:
    """Every package of ours."""
    return {name.rpartition(".")[0] for name in modules()}


def test_every_folder_of_the_workflows_is_a_room() -> None:
    assert {room_of(name) for name in modules() if within(name, "workflows")} - {""} == set(ROOMS)
    above = {name for name in modules() if within(name, "workflows") and not room_of(name)}
    assert above == {"workflows", "workflows.routes", "workflows.upkeep", "workflows.reconcile"}


def test_a_room_imports_only_the_rooms_below_it() -> None:
    wrong = [
        (name, found)
        for name in modules()
        if within(name, "workflows") and room_of(name)
        for found in imports(name)
        if within(found, "workflows") and found != "workflows" and room_of(found) not in allowed(room_of(name))
    ]
    assert wrong == []


def allowed(room: str) -> tuple[str, ...]:
    """The rooms that a room may import."""
    return ROOMS[: ROOMS.index(room) + 1]


def test_the_tables_import_nothing_but_what_tables_are_made_of() -> None:
    inside = [name for name in modules() if within(name, "workflows.tables")]
    allowed = ("workflows.tables", "sqlmodel", "sqlalchemy", "hashlib", "typing", "__future__")
    assert [(name, found) for name in inside for found in imports(name) if not within(found, *allowed)] == []


def test_every_run_that_is_spawned_names_a_story() -> None:
    """Stories begin each other by name, so a slip would show only when the run is conducted."""
    named = [
        (name, argument.value)
        for name, tree in modules().items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("child", "NewRun", "_run")
        for argument in call.args[1:2]
        if isinstance(argument, ast.Constant)
    ]
    assert len(named) >= 20
    assert [(name, story) for name, story in named if story not in durable.STORIES] == []


def test_nothing_of_ours_imports_a_test() -> None:
    assert [name for name in modules() if any(within(imported, "tests") for imported in imports(name))] == []


def test_the_service_does_not_know_its_demo() -> None:
    """It is handed in at `app.main.create`; only the command that starts it knows where it is."""
    knows = {name for name in modules() for found in imports(name) if within(found, "app.demo")}
    assert {name for name in knows if not within(name, "app.demo")} == {"app.operate.commands"}


def test_only_twins_and_the_demo_import_a_twin() -> None:
    assert {"integrations.twin", "integrations.twin_server"} < {name for name in modules() if is_twin(name)}
    real = [name for name in modules() if not is_twin(name) and not within(name, "app.demo")]
    assert [(name, found) for name in real for found in imports(name) if is_twin(found)] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendors_folder_knows_no_other_vendor(vendor: str) -> None:
    others = [f"integrations.{other}" for other in VENDORS if other != vendor]
    inside = [name for name in modules() if within(name, f"integrations.{vendor}")]
    assert inside
    assert [(name, found) for name in inside for found in imports(name) if within(found, *others)] == []


@cache
def stories() -> set[str]:
    """Every module with a function that the engine runs."""
    return {
        name
        for name, tree in modules().items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id in ("workflow", "urgent") for mark in node.decorator_list)
    }


def test_a_story_is_known_only_to_what_begins_it() -> None:
    """Stories meet in `routes`, `upkeep` and at the door; they begin each other by name."""
    told = stories()
    assert len(told) >= 15
    known = [
        (name, found)
        for name in modules()
        if not within(name, "app", "workflows.routes", "workflows.upkeep")
        for found in imports(name)
        if found in told
    ]
    assert known == []


def test_the_engine_is_imported_in_two_modules() -> None:
    assert [name for name in modules() if any(within(found, "dbos") for found in imports(name))] == [
        "workflows.engine.durable",
        "app.runtime",
    ]


FOREIGN = {
    "integrations": ("dbos", "sqlalchemy", "sqlmodel", "fastapi", "starlette"),
    "workflows": ("fastapi", "starlette", "uvicorn", "httpx", "jira", "slack_sdk"),
}


@pytest.mark.parametrize("layer", FOREIGN)
def test_each_layer_keeps_to_its_own_tools(layer: str) -> None:
    """Twins are servers, so they may use what serves."""
    inside = [name for name in modules() if within(name, layer)]
    wrong = [(name, found) for name in inside for found in imports(name) if within(found, *FOREIGN[layer])]
    assert wrong == []


PURE = ("httpx", "requests", "socket", "urllib.request", "time", "os", "random", "datetime")


@pytest.mark.parametrize("vendor", VENDORS)
def test_reading_an_event_touches_nothing_but_the_bytes(vendor: str) -> None:
    name = f"integrations.{vendor}.events"
    assert [found for found in imports(name) if within(found, *PURE)] == []


# -- a vendor is complete -------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_explains_itself_and_brings_its_payloads(vendor: str) -> None:
    readme = (ROOT / "integrations" / vendor / "README.md").read_text(encoding="utf-8")
    assert len(readme) > 500
    assert list((PAYLOADS / vendor).glob("*.json"))
    assert f"integrations.{vendor}.twin" in packages()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_offers_what_the_door_asks_for(vendor: str) -> None:
    offered = {name for name in Source.__annotations__} | {
        name for name in vars(Source) if name in ("verify", "parse", "handshake")
    }
    assert offered >= {"NAME", "MAX_BODY", "verify", "parse", "handshake"}
    assert all(hasattr(SOURCES[vendor], name) for name in offered)


def test_every_event_has_a_story_or_is_named_as_having_none() -> None:
    events = set(_below(Event))
    assert events == ROUTES.keys() | NAMED.keys() | UNROUTED
    assert not (ROUTES.keys() | NAMED.keys()) & UNROUTED


def _below(kind: type[Event]) -> Iterator[type[Event]]:
    for event in kind.__subclasses__():
        if event.__module__.startswith("integrations."):
            yield event
            yield from _below(event)


# -- sizes ----------------------------------------------------------------------------------------


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{name}.{node.name}": node.end_lineno - node.lineno + 1
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno
    }
    assert {name: lines for name, lines in long.items() if lines > LARGEST_FUNCTION} == {}


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    lines = {name: max((node.end_lineno or 0 for node in tree.body), default=0) for name, tree in modules().items()}
    assert {name: count for name, count in lines.items() if count > LARGEST_MODULE} == {}


def test_every_module_and_every_public_name_explains_itself() -> None:
    """Twins apart, whose routes are explained by the vendor's own reference."""
    silent = [
        f"{name}.{node.name}"
        for name, tree in modules().items()
        for node in tree.body
        if not is_twin(name)
        and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []
    assert [name for name, tree in modules().items() if tree.body and not ast.get_docstring(tree)] == []


# -- the database ---------------------------------------------------------------------------------


def test_the_migrations_make_exactly_the_tables(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1)
    ours = SQLModel.metadata.tables
    options = {"compare_type": True, "include_name": lambda name, kind, _: kind != "table" or name in ours}
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata)
    engine.dispose()
    assert difference == []


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    before = _columns(database_url)
    migrations.upgrade(database_url)
    assert _columns(database_url) == before


def _columns(database_url: str) -> dict[str, list[str]]:
    engine = create_engine(database_url, pool_size=1)
    inspector = sa.inspect(engine)
    columns = {table: [c["name"] for c in inspector.get_columns(table)] for table in inspector.get_table_names()}
    engine.dispose()
    return columns


def test_the_migrations_are_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_the_folder_of_migrations_is_no_package() -> None:
    """With an `__init__.py` there, `import alembic` would find our folder instead of the library."""
    assert not (ROOT / "alembic" / "__init__.py").exists()


# -- the repository -------------------------------------------------------------------------------

#: Built from parts, so that this file does not mention them.
ELSEWHERE = re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/tm" + "p/", "C:" + r"\\Users"]))


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing says which files belong to the repository")
    files = [ROOT / name for name in listed.stdout.splitlines()]
    texts = [path for path in files if path.is_file() and path.suffix not in (".png", ".ico", ".npz", ".lock")]
    found = [str(path.relative_to(ROOT)) for path in texts if ELSEWHERE.search(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.fault("F82")
@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-similar.lock"])
def test_locked_installs_name_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)


def test_every_lock_of_ours_says_when_somebody_waits_for_a_vendor_with_it() -> None:
    """Beside those behind which nothing calls a vendor: company, lane, store, SQLite's turn, bulkhead, twins.

    And the encoder's turn, in which its process is waited for: who wants it holds nothing, and waits only so long.
    """
    apart = {f"workflows.engine.{name}" for name in ("company", "failpoints", "lane", "sqlite", "store")}
    plain = re.compile(r"threading\.(R?Lock|Condition|Semaphore)\(")
    with_locks = {name for name, tree in modules().items() if plain.search(ast.unparse(tree))}
    assert {name for name in with_locks if not TWINS.fullmatch(name)} == apart | {
        "integrations.bulkhead",
        "integrations.waiting",
        "workflows.language.vectors.process",
    }
