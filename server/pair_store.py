"""Which pair table is in force: the imported one in the home folder, else the shipped starter."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from server.co107.pair_errors import PairFileError
from server.co107.pair_files import MAX_BYTES, parse_pairs
from server.co107.pairs import Pair, PairTable, TableKind

_FORM = 1


def table_file(home: Path) -> Path:
    """Where an imported table is kept."""
    return home / "pairs" / "table.json"


def load_pairs(home: Path, config: Path) -> PairTable:
    """The table in force. Raises PairFileError where the stored or the starter table is broken."""
    file = table_file(home)
    try:
        return _restore(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return read_pairs(config / "pairs" / "starter.csv", starter=True)
    except (OSError, ValueError, KeyError, TypeError):
        raise PairFileError(
            f"{file}: the stored pair table is damaged; import it again or remove the file"
        ) from None


def read_pairs(file: Path, *, starter: bool = False, may_be_bare: bool = False) -> PairTable:
    """Read a table from a file a user names; `may_be_bare` where it may list no pair at all.

    Raises PairFileError, one line.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise PairFileError(f"{file}: no such file") from None
    except OSError as error:
        raise PairFileError(f"{file}: cannot be read ({type(error).__name__})") from None
    kind: TableKind | None = "starter" if starter else None
    return parse_pairs(content, file.name, kind=kind, may_be_bare=may_be_bare)


def store_pairs(home: Path, table: PairTable, imported_on: date) -> Path:
    """Put a table in force: written whole beside the old one, then moved over it."""
    file = table_file(home)
    record = {
        "form": _FORM,
        "kind": table.kind,
        "version": table.version,
        "published": table.published.isoformat() if table.published else None,
        "imported_on": imported_on.isoformat(),
        "pairs": [
            [pair.add_on, pair.primary, pair.type, _text(pair.valid_from), _text(pair.valid_to)]
            for pair in table.pairs
        ],
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".table-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(record, stream, separators=(",", ":"))
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise PairFileError(f"{file}: cannot be written ({type(error).__name__})") from None
    return file


def imported_on(home: Path) -> date | None:
    """The day the stored table was imported; None where the starter is in force."""
    try:
        return date.fromisoformat(json.loads(table_file(home).read_text("utf-8"))["imported_on"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _restore(record: dict[str, Any]) -> PairTable:
    if record["form"] != _FORM or record["kind"] not in ("starter", "cms", "given"):
        raise ValueError
    return PairTable(
        (
            Pair(add_on, primary, int(type_), _date(begin), _date(end))
            for add_on, primary, type_, begin, end in record["pairs"]
        ),
        kind=record["kind"],
        version=record["version"],
        published=_date(record["published"] or ""),
    )


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
