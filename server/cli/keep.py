"""`remitlens backup`, `restore`, `purge`: keep the store, bring it back, let go of the old."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from server.cli.opened import opened, practice_option, today, who
from server.errors import UserError
from server.settings import settings
from server.store import audit, open_store, upkeep


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a backup of the store and its audit trail to FILE, while others work on it.

    Identifiers are sealed in it as in the store; the key is not in it: keep that elsewhere.
    """
    with opened() as (store, _):
        audit.append(store, who(), "backup")
        made = upkeep.backup(store, file)
    click.echo(f"{made.file}: {made.size:,} bytes, {made.database}, {made.made_at}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of a store that is there.")
def restore(file: Path, replace: bool) -> None:
    """Bring a backup back, then check its key and its audit trail. Stop the server first."""
    found = settings()
    done = upkeep.restore(found, file, replace)
    store = open_store(found)
    try:
        # The anchor tells of the trail as it was last; the restored one ends where the backup was.
        before = audit.reanchor(store)
        audit.append(store, who(), "restore", target=done.made_at, anchored_before=before)
        verdict = audit.verify(store)
    finally:
        store.close()
    if verdict.problem:
        raise UserError(f"restored, but the audit trail does not hold: {verdict.problem}")
    click.echo(f"restored as of {done.made_at}; the audit trail holds: {verdict.rows} rows")


@click.command()
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="Patients of whom nothing is known on this day or later go.",
)
@practice_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(before: datetime, practice: str | None, yes: bool) -> None:
    """Take away patients, with all that is known about them, who were not seen since a day."""
    day = before.date()
    if day > today():
        raise UserError("--before lies ahead of today")
    with opened() as (store, found):
        place = practice or found.practice
        if not yes:
            click.confirm(
                f"take patients of {place} not seen since {day} away for good?", abort=True
            )
        audit.append(store, who(), "purge", place, "", before=day.isoformat())
        gone = upkeep.purge(store, place, day)
        audit.append(
            store,
            who(),
            "purged",
            place,
            "",
            patients=gone.patients,
            facts=gone.facts,
            lines=gone.lines,
            documents=gone.documents,
        )
    click.echo(
        f"{gone.patients} patients gone: {gone.facts} facts, {gone.lines} lines, "
        f"{gone.documents} files"
    )
