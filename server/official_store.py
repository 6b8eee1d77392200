"""The licensed official lists a user has imported: kept in the home folder, never elsewhere."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, get_args

from server.codes.official import MAX_BYTES, ListKind, OfficialList, read_official
from server.codes.official_text import OfficialListError, OfficialText

_FORM = 1
KINDS: tuple[ListKind, ...] = get_args(ListKind)


def list_file(home: Path, kind: ListKind) -> Path:
    """Where an imported list is kept."""
    return home / "official" / f"{kind}.json"


def read_list(file: Path) -> OfficialList:
    """Read the list a user names. Raises OfficialListError, one line."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise OfficialListError(f"{file}: no such file") from None
    except OSError as error:
        raise OfficialListError(f"{file}: cannot be read ({type(error).__name__})") from None
    return read_official(content, file.name)


def load_list(home: Path, kind: ListKind) -> OfficialList | None:
    """The imported list of a kind, None where there is none.

    Raises OfficialListError where the stored file is damaged.
    """
    file = list_file(home, kind)
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        return OfficialList(kind, {code: _row(code, row) for code, row in record["codes"].items()})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise OfficialListError(
            f"{file}: the stored list is damaged; import it again or remove the file"
        ) from None


def store_list(home: Path, found: OfficialList, imported_on: date) -> Path:
    """Put a list in force: written whole beside the old one, then moved over it.

    Raises OfficialListError where the folder cannot be written.
    """
    file = list_file(home, found.kind)
    record = {
        "form": _FORM,
        "kind": found.kind,
        "imported_on": imported_on.isoformat(),
        "codes": {code: _plain(row) for code, row in found.codes.items()},
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, json.dumps(record, ensure_ascii=False))
    except OSError as error:
        raise OfficialListError(f"{file}: cannot be written ({type(error).__name__})") from None
    return file


def imported_on(home: Path, kind: ListKind) -> date | None:
    """The day the list in force was imported; None where there is none or it is damaged."""
    try:
        record = json.loads(list_file(home, kind).read_text(encoding="utf-8"))
        return date.fromisoformat(record["imported_on"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _replace(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=file.name, suffix=".part", dir=file.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _plain(row: OfficialText) -> dict[str, str]:
    fields = {key: value for key, value in asdict(row).items() if key != "code" and value}
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in fields.items()
    }


def _row(code: str, row: dict[str, Any]) -> OfficialText:
    dates = {
        key: date.fromisoformat(row[key]) if row.get(key) else None
        for key in ("started", "modified", "ended")
    }
    return OfficialText(
        code=code,
        text=str(row["text"]),
        usage=str(row.get("usage", "")),
        notes=str(row.get("notes", "")),
        **dates,
    )
