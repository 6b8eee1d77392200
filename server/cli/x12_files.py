"""What the commands on X12 files share: files with progress, findings, the one way to import."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from server.errors import UserError
from server.members import Member, Refused, files_of, members
from server.settings import settings
from server.x12 import Finding
from server.x12.values import decimal_text


def files(paths: Sequence[str]) -> Iterator[Member | Refused]:
    """The files that paths name, archives opened; with a progress bar where nobody reads along.

    Raises UserError, before anything is read, where a path names nothing.
    """
    return _read(files_of(paths), settings().intake.max_file_mib)


def _read(found: list[Path], most: int) -> Iterator[Member | Refused]:
    if len(found) < 2 or sys.stdout.isatty() or not sys.stderr.isatty():
        yield from members(found, most)
        return
    with click.progressbar(found, file=sys.stderr, label="files") as bar:
        for file in bar:
            yield from members([file], most)


def finding_text(name: str, finding: Finding) -> str:
    """A finding as a line."""
    return f"{name}: {finding.severity}: {refusal_text(finding)} [{finding.code}]"


def refusal_text(finding: Finding) -> str:
    """What is wrong, and in which segment."""
    place = "" if finding.segment is None else f"segment {finding.segment}: "
    return place + finding.message


def finding_json(name: str, finding: Finding) -> str:
    """A finding as one line of JSON."""
    return json.dumps(
        {
            "file": name,
            "severity": finding.severity,
            "code": finding.code,
            "message": finding.message,
            "segment": finding.segment,
            "start": finding.start,
            "end": finding.end,
        }
    )


def first_fatal(findings: Iterable[Finding]) -> Finding | None:
    """The finding for which nothing of a file is taken; None where there is none."""
    return next((finding for finding in findings if finding.severity == "fatal"), None)


def refuse(name: str, reason: str) -> None:
    """Say on standard error that a file was not read, and why."""
    click.echo(f"remitlens: {name}: {reason}", err=True)


def money(value: Decimal | None) -> str | None:
    """An amount with the decimals it was sent with."""
    return None if value is None else decimal_text(value)


def iso(day: date | None) -> str | None:
    """A day as YYYY-MM-DD."""
    return None if day is None else day.isoformat()


def table_line(row: dict[str, Any], columns: Sequence[tuple[str, int]]) -> str:
    """Some of a row's values beside each other, each at least so wide."""
    cells = []
    for name, width in columns:
        value = row[name]
        text = " ".join(map(str, value)) if isinstance(value, list) else value or ""
        cells.append(str(text).ljust(width))
    return "  ".join(cells).rstrip()


def hand_to_import(ctx: click.Context, arguments: Sequence[str]) -> None:
    """Run `remitlens import` with these arguments: there is one way in for every kind of file."""
    root = ctx.find_root().command
    command = root.get_command(ctx, "import") if isinstance(root, click.Group) else None
    if command is None:
        raise UserError("the command import is not installed")
    code = command.main(list(arguments), prog_name="remitlens import", standalone_mode=False)
    if isinstance(code, int) and code:
        raise click.exceptions.Exit(code)
