"""Each migration stands by itself: what it makes is written in it, and all of it together is the
schema the tables describe, on SQLite and on PostgreSQL."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, create_engine, inspect, text

from server.store import engine
from server.store.sweep_tables import SWEEPS
from server.store.tables import METADATA
from server.store.web_tables import PAGES

FOLDER = Path(engine.__file__).with_name("migrations")
VERSIONS = sorted((FOLDER / "versions").glob("[0-9]*.py"))
_COUNT = count()
DESCRIBED = (METADATA, SWEEPS, PAGES)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest) -> Iterator:
    """Makes engines on empty databases, once on each kind."""
    made: list[Engine] = []

    def make() -> Engine:
        if request.param == "sqlite":
            made.append(create_engine("sqlite://"))
        else:
            cluster = request.getfixturevalue("postgres")
            url = cluster.schema(f"m{os.getpid()}_{next(_COUNT)}")
            made.append(create_engine(engine.parse_url(url)))
        return made[-1]

    yield make
    for one in made:
        one.dispose()


def _upgrade(on: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with on.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _schema(on: Engine) -> dict[str, object]:
    """Every table's columns, keys and indexes as the database tells them."""
    if on.dialect.name == "sqlite":
        query = text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        with on.connect() as connection:
            return {
                # The order of constraints within a statement says nothing.
                name: sorted(re.split(r"[\s,()]+", sql.replace('"', "")))
                for name, sql in connection.execute(query)
                if name != "alembic_version"
            }
    found: dict[str, object] = {}
    with on.connect() as connection:
        for name, *shape in connection.execute(text(_POSTGRES_SHAPE)):
            found.setdefault(name, []).append(shape)
    return found


_POSTGRES_SHAPE = """
SELECT * FROM (
    SELECT c.table_name::text AS name, 'column ' || c.column_name AS part,
           concat_ws(' ', c.data_type, c.character_maximum_length, c.is_nullable,
                     c.column_default, c.is_identity) AS shape
      FROM information_schema.columns c WHERE c.table_schema = current_schema()
    UNION ALL
    SELECT r.relname::text, 'constraint ' || k.conname, pg_get_constraintdef(k.oid)
      FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid
     WHERE k.connamespace = current_schema()::regnamespace
    UNION ALL
    SELECT i.tablename::text, 'index ' || i.indexname, i.indexdef
      FROM pg_indexes i WHERE i.schemaname = current_schema()
) AS parts WHERE name <> 'alembic_version' ORDER BY 1, 2, 3
"""


def _plain(schema: dict[str, object], name: str) -> dict[str, object]:
    """Without the schema's own name, which stands in defaults and definitions."""
    return {
        table: re.sub(rf"\b{name}\.", "", repr(shape)) if name else shape
        for table, shape in schema.items()
    }


def _own_name(on: Engine) -> str:
    return str(on.url.query.get("options", "")).rpartition("=")[2]


def test_one_after_the_other_they_make_what_the_tables_describe(empty) -> None:
    migrated, fresh = empty(), empty()
    for file in VERSIONS:
        _upgrade(migrated, file.name[:4])
        with migrated.connect() as connection:
            assert engine.current_revision(connection) == file.name[:4]
    with fresh.begin() as connection:
        for metadata in DESCRIBED:
            metadata.create_all(connection)
    one = _plain(_schema(migrated), _own_name(migrated))
    other = _plain(_schema(fresh), _own_name(fresh))
    assert set(one) == set(other)
    assert {name: one[name] for name in one if one[name] != other[name]} == {}


@pytest.mark.filterwarnings("ignore:autogenerate skipping")
def test_alembic_finds_nothing_left_to_do(empty) -> None:
    migrated = empty()
    _upgrade(migrated, "head")
    whole = MetaData()
    for metadata in DESCRIBED:
        for table in metadata.tables.values():
            table.to_metadata(whole)
    # What SQLite does not read back (expressions in indexes) is held by the test above.
    options = {"compare_type": True, "include_name": _no_indexes}
    with migrated.connect() as connection:
        ours = MigrationContext.configure(connection, opts=options)
        left = compare_metadata(ours, whole)
    assert [one for one in left if not _index(one)] == []


def _no_indexes(name: str, kind: str, _parents: object) -> bool:
    return kind != "index" and name != "alembic_version"


def _index(change: object) -> bool:
    return isinstance(change, tuple) and str(change[0]).endswith("_index")


@pytest.mark.parametrize("file", VERSIONS, ids=lambda file: file.stem)
def test_a_migration_reads_no_table_of_today(file: Path) -> None:
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= {"__future__", "sqlalchemy", "alembic"}


def test_the_chain_is_a_line(empty) -> None:
    numbers = [file.name[:4] for file in VERSIONS]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    migrated = empty()
    _upgrade(migrated, "head")
    assert "alembic_version" in inspect(migrated).get_table_names()
