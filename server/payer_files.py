"""Payer rules from a folder of TOML files, one payer a file; `_` in front: not read.

What the rules mean stands in `server.co107.payers`; here is only the reading, with errors that
name file and line.
"""

from __future__ import annotations

from pathlib import Path

from server.co107.payers import PayerRules, PayerRulesError, read_rules
from server.errors import SettingsError
from server.settings import line_of, read_toml


def read_payer_file(file: Path, *, strict: bool = True) -> PayerRules:
    """One payer's rules; its id is the file's stem where the file names none.

    `strict` refuses keys nobody reads: a misspelled rule would silently stay unknown.
    Raises SettingsError naming file and line.
    """
    table, text = read_toml(file)
    try:
        return read_rules(table, file.stem, strict=strict)
    except PayerRulesError as error:
        line = line_of(text, error.path)
        raise SettingsError(f"{file}:{line}: {'.'.join(error.path)}: {error.what}") from None


def read_payers(folder: Path, *, strict: bool = True) -> tuple[PayerRules, ...]:
    """The rules of every payer in a folder, by file name; none where there is no folder.

    Raises SettingsError where a file cannot be used, or two give one id.
    """
    if not folder.is_dir():
        return ()
    found: dict[str, PayerRules] = {}
    for file in sorted(folder.glob("*.toml")):
        if file.name.startswith("_"):
            continue
        rules = read_payer_file(file, strict=strict)
        if rules.id in found:
            raise SettingsError(f"{file}:1: id: another file gives the same id")
        found[rules.id] = rules
    return tuple(found.values())
