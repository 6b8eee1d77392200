"""Reading the catalogue's TOML files: every fault is an error that names file and code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from server.codes.entries import (
    CARC_CODE,
    RARC_CODE,
    CarcEntry,
    Entry,
    GroupEntry,
    Head,
    RarcEntry,
)
from server.errors import UserError

_MODEL: dict[str, type[GroupEntry] | type[CarcEntry] | type[RarcEntry]] = {
    "group": GroupEntry,
    "carc": CarcEntry,
    "rarc": RarcEntry,
}
_CODE = {
    "group": re.compile(r"[A-Z]{2}"),
    "carc": re.compile(CARC_CODE),
    "rarc": re.compile(RARC_CODE),
}

Entries = dict[str, dict[str, Entry]]
"""Kind, then code, then the entry."""


class CatalogueError(UserError):
    """A catalogue file that breaks its format: names file, code and field."""


def shipped_files() -> list[tuple[str, str]]:
    """Name and text of the TOML files shipped with the package, by name."""
    folder = files("server.codes") / "catalogue"
    found = [item for item in folder.iterdir() if item.name.endswith(".toml")]
    return [(item.name, item.read_text("utf-8")) for item in sorted(found, key=lambda f: f.name)]


def read_entries(sources: Iterable[tuple[str, str]]) -> Entries:
    """Parse and check catalogue files given as (name, text).

    Raises CatalogueError at the first fault: bad TOML, an unknown field, a field missing or too
    long, a code given twice, a look-alike or successor that no file holds.
    """
    entries: Entries = {"group": {}, "carc": {}, "rarc": {}}
    origin: dict[str, str] = {}
    for name, text in sources:
        for kind, entry in _file(name, text):
            if entry.code in origin:
                raise CatalogueError(f"{name}: [{entry.code}] stands in {origin[entry.code]} too")
            origin[entry.code] = name
            entries[kind][entry.code] = entry
    for entry in entries["carc"].values():
        _check_references(entry, entries, origin[entry.code])
    return entries


def _file(name: str, text: str) -> Iterable[tuple[str, Entry]]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{name}: not valid TOML: {error}") from None
    head = _head(name, tables.pop("catalogue", None))
    for code, table in tables.items():
        if not isinstance(table, dict):
            raise CatalogueError(f"{name}: {code} stands outside any entry")
        if not _CODE[head.kind].fullmatch(code):
            raise CatalogueError(f"{name}: [{code}] is no {head.kind} code")
        yield head.kind, _entry(name, code, table, head)


def _head(name: str, table: Any) -> Head:
    if table is None:
        raise CatalogueError(f"{name}: no [catalogue] head")
    try:
        return Head.model_validate(table)
    except ValidationError as error:
        raise CatalogueError(f"{name}: [catalogue] {_first(error)}") from None


def _entry(name: str, code: str, table: Mapping[str, Any], head: Head) -> Entry:
    given = {"source": head.source, "reviewed": head.reviewed} | dict(table) | {"code": code}
    try:
        return _MODEL[head.kind].model_validate(given)
    except ValidationError as error:
        raise CatalogueError(f"{name}: [{code}] {_first(error)}") from None


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    what = problem["msg"].removeprefix("Value error, ")
    return f"{field}: {what}" if field else what


def _check_references(entry: Entry, entries: Entries, name: str) -> None:
    if not isinstance(entry, CarcEntry):
        return
    for field, codes in (
        ("look_alikes", [other.code for other in entry.look_alikes]),
        ("replaced_by", list(entry.replaced_by)),
    ):
        for code in codes:
            if code == entry.code or not (code in entries["carc"] or code in entries["rarc"]):
                raise CatalogueError(f"{name}: [{entry.code}] {field}: no entry {code}")
