"""`remitlens audit`: read the audit trail and prove that nothing of it was changed or cut off."""

from __future__ import annotations

import json
import re
from datetime import datetime

import click

from server.cli.opened import opened, scope_of, scope_option
from server.errors import UserError
from server.store import audit as trail


@click.group()
def audit() -> None:
    """Who did what to which record, and when."""


@audit.command()
@click.option(
    "--head",
    metavar="NUMBER:HASH",
    help="Compare with this head (from syslog) instead of the anchor file.",
)
def verify(head: str | None) -> None:
    """Check every row's hash and the trail's end. Exit code 1 where it does not hold."""
    with opened() as (store, _):
        verdict = trail.verify(store, _head(head) if head else None)
    if verdict.problem:
        click.echo(f"the audit trail does not hold: {verdict.problem}", err=True)
        raise click.exceptions.Exit(1)
    beyond = f", {verdict.beyond_anchor} beyond the anchor" if verdict.beyond_anchor else ""
    click.echo(f"the audit trail holds: {verdict.rows} rows{beyond}")


def _head(text: str) -> tuple[int, bytes]:
    found = re.fullmatch(r"([0-9]+)[: ]([0-9a-fA-F]{64})", text.strip())
    if found is None:
        raise UserError("--head is a number, a colon and 64 hexadecimal digits")
    return int(found.group(1)), bytes.fromhex(found.group(2))


@audit.command(name="list")
@scope_option
@click.option("--who", default="", help="Only what this one did.")
@click.option("--what", default="", help="Only this kind, as `import` or `line.sent`.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Up to this day, included.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
def list_rows(
    practice: tuple[str, ...],
    who: str,
    what: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """The rows, the newest first."""
    with opened() as (store, _):
        found = trail.rows(
            store,
            scope_of(store, practice) if practice else None,
            since.date() if since else None,
            until.date() if until else None,
            who,
            what,
            limit,
        )
    for row in found:
        click.echo(_json(row) if as_json else _plain(row))


def _json(row: trail.Row) -> str:
    return json.dumps(
        {
            "id": row.id,
            "at": row.at.isoformat(),
            "practice": row.practice,
            "who": row.who,
            "what": row.what,
            "target": row.target,
            "detail": row.detail,
        }
    )


def _plain(row: trail.Row) -> str:
    detail = " ".join(f"{name}={value}" for name, value in row.detail.items())
    parts = (f"{row.at:%Y-%m-%d %H:%M:%S}Z", row.practice, row.who, row.what, row.target, detail)
    return "  ".join(part for part in parts if part)
