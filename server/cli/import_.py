"""`remitlens import`: take files in, say what became of each, and show the lines with a 107."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
from rich.table import Table

from server import intake
from server.cli.lines_shown import console, lines_table, plain_line
from server.cli.opened import opened, practice_option, today, today_option, who
from server.intake import FileOutcome
from server.members import Member, Refused, files_of, members
from server.store import Store, worklist
from server.store.worklist import Filter

SHOWN = 200
SHOWN_AS_JSON = 10_000


@click.command(name="import")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@practice_option
@today_option
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def import_(
    paths: tuple[str, ...], practice: str | None, as_of: datetime | None, as_json: bool
) -> None:
    """Take in 835s, 837s, and CSVs of charges, EOBs and sent claims: files, folders, .gz, .zip.

    Each file is taken whole or not at all; the same file twice changes nothing. Exit code 1 where
    some files were refused, 2 where all were.
    """
    day = as_of.date() if as_of else today()
    with opened() as (store, found):
        place = practice or found.practice
        outcomes: list[FileOutcome] = []
        done = intake.import_files(
            store,
            place,
            _contents(paths, found.intake.max_file_mib, outcomes),
            who=who(),
            today=day,
            settings=found,
        )
        outcomes = sorted([*done.files, *outcomes], key=lambda one: one.name)
        if as_json:
            click.echo(json.dumps(_json(store, place, done, outcomes), indent=2))
        else:
            _show(store, place, done, outcomes)
    refused = sum(not one.taken for one in outcomes)
    if refused:
        raise click.exceptions.Exit(2 if refused == len(outcomes) else 1)


def _contents(
    paths: tuple[str, ...], most_mib: int, refused: list[FileOutcome]
) -> Iterator[tuple[str, bytes]]:
    """The files one by one, so that no two are in memory; what cannot be read is noted."""
    for found in members(files_of(paths), most_mib):
        if isinstance(found, Member):
            yield found.name, found.content
        elif isinstance(found, Refused):
            refused.append(FileOutcome(found.name, "unknown", False, found.reason, 0, 0, ()))


def _first(store: Store, place: str, most: int) -> tuple[list[worklist.LineRow], int]:
    """A practice's lines, the earliest last day first, at most so many; and how many there are."""
    scope = frozenset({place})
    rows: list[worklist.LineRow] = []
    after = None
    while len(rows) < most:
        limit = min(most - len(rows), worklist.MAX_LIMIT)
        page = worklist.page(store, scope, Filter(open_only=False), "due", after, limit)
        rows.extend(page.rows)
        after = page.next
        if after is None:
            break
    return rows, sum(one.lines for one in worklist.totals(store, scope).states)


def _show(store: Store, place: str, done: intake.Import, outcomes: list[FileOutcome]) -> None:
    screen = console()
    table = Table(box=None, pad_edge=False)
    for column in ("file", "kind", "outcome", "new", "known", "findings"):
        table.add_column(column, justify="right" if column in ("new", "known") else "left")
    for one in outcomes:
        outcome = "taken" if one.taken else f"refused: {one.reason}"
        table.add_row(one.name, one.kind, outcome, str(one.new), str(one.known), _findings(one))
    screen.print(table)
    rows, count = _first(store, place, SHOWN)
    screen.print()
    if not rows:
        screen.print("No line with a 107.")
        return
    screen.print(lines_table(rows))
    changed = "nothing changed" if not done.lines else f"{len(done.lines)} new or changed"
    screen.print(f"{count} lines with a 107, {changed}.")
    if count > len(rows):
        screen.print(f"The first {len(rows)} are shown; all of them: remitlens lines list --all")


def _findings(one: FileOutcome) -> str:
    counts: dict[str, int] = {}
    for finding in one.findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    return ", ".join(f"{count} {severity}" for severity, count in counts.items())


def _json(
    store: Store, place: str, done: intake.Import, outcomes: list[FileOutcome]
) -> dict[str, Any]:
    rows, count = _first(store, place, SHOWN_AS_JSON)
    return {
        "files": [
            {
                "name": one.name,
                "kind": one.kind,
                "taken": one.taken,
                "reason": one.reason,
                "new": one.new,
                "known": one.known,
                "findings": [
                    {
                        "severity": finding.severity,
                        "code": finding.code,
                        "message": finding.message,
                        "segment": finding.segment,
                    }
                    for finding in one.findings
                ],
            }
            for one in outcomes
        ],
        "changed": list(done.lines),
        "line_count": count,
        "lines": [plain_line(row) for row in rows],
    }
