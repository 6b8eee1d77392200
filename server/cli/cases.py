"""`remitlens cases`: run decision cases kept as plain files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from server.case_folders import Outcome, case_folders, read_case, run_case, shown
from server.co107.pairs import PairTable
from server.errors import UserError
from server.pair_store import read_pairs
from server.settings import config_folder

_COLUMNS = (
    ("claim", 16),
    ("procedure", 9),
    ("state", 11),
    ("reason", 26),
    ("route", 17),
    ("deadline", 10),
)


@click.group()
def cases() -> None:
    """Decision cases as plain files: run them, add your own."""


@cases.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a case.")
def run(folder: Path, as_json: bool) -> None:
    """Decide the lines of the case in FOLDER, or of every case in the folders below it.

    A case is a folder with case.toml (today, swept, expected), *.837, *.835, charges.csv,
    sent.csv, observations.json, payers/*.toml and pairs.csv; all but case.toml may be absent.

    \b
    Examples:
      remitlens cases run tests/co107/cases
      remitlens cases run my-case --json

    A case that cannot be read or decided is told in one line; the others run on.

    \b
    Exit codes: 0 every expectation holds, 1 one does not, 2 a case cannot be read or decided.
    """
    starter = read_pairs(config_folder() / "pairs" / "starter.csv", starter=True)
    failed = refused = 0
    found = case_folders(folder)
    for name, path in found:
        outcome, problem = _outcome(name, path, starter)
        if outcome is not None:
            failed += bool(outcome.differences)
            _print(outcome, as_json=as_json)
        if problem:
            refused += 1
            click.echo(f"remitlens: {problem}", err=True)
            if outcome is None and as_json:
                click.echo(json.dumps({"case": name, "lines": [], "error": problem}))
    if not as_json:
        click.echo(f"{len(found)} cases, {failed} with differences, {refused} not readable")
    if refused or failed:
        raise click.exceptions.Exit(2 if refused else 1)


def _outcome(name: str, folder: Path, starter: PairTable) -> tuple[Outcome | None, str]:
    """A case's outcome and one line on what is wrong with it, "" where nothing is.

    Whatever goes wrong stays this case's own: no batch ends by it, and an error nobody foresaw is
    named by its kind alone, since its text may hold what the files hold.
    """
    try:
        case = read_case(name, folder, starter)
        return run_case(case), case.problem
    except UserError as error:
        return None, " ".join(str(error).split())
    except Exception as error:
        return None, f"{folder}: cannot be decided ({type(error).__name__})"


def _print(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        record = {"case": outcome.name, "lines": [shown(line) for line in outcome.lines]}
        click.echo(json.dumps(record))
        for one in outcome.differences:
            where = f"{outcome.name}: {one.claim} {one.procedure}".rstrip()
            text = f"{where}: {one.field}: expected {one.expected}, found {one.found}"
            click.echo(text, err=True)
        return
    click.echo(f"{outcome.name}: {'differs' if outcome.differences else 'as expected'}")
    for line in outcome.lines:
        row = shown(line)
        cells = ((row[name] or "-").ljust(width) for name, width in _COLUMNS)
        click.echo(f"  {' '.join(cells)}".rstrip())
    for one in outcome.differences:
        where = f"{one.claim} {one.procedure}".rstrip()
        click.echo(f"  ! {where}: {one.field}: expected {one.expected}, found {one.found}")
    for line in outcome.unexpected:
        click.echo(f"  ? {line.key.claim} {line.key.procedure}: no expectation names it")
