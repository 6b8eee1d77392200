"""`remitlens claims`: read and import claim files (837)."""

from __future__ import annotations

import json
from typing import Any

import click

from server.cli.x12_files import (
    files,
    first_fatal,
    hand_to_import,
    iso,
    money,
    refusal_text,
    refuse,
    table_line,
)
from server.facts import SubmittedClaim, SubmittedLine
from server.members import Refused
from server.x12 import claim_facts

_COLUMNS = (
    ("claim", 18),
    ("frequency", 9),
    ("line", 4),
    ("procedure", 9),
    ("modifiers", 9),
    ("date", 10),
    ("units", 6),
    ("charge", 10),
    ("rendering_npi", 0),
)


@click.group()
def claims() -> None:
    """Read and import claim files (837 professional and institutional)."""


@claims.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a service line.")
def read(paths: tuple[str, ...], as_json: bool) -> None:
    """Print every service line of the claims in PATHS, one a line.

    PATHS are files, folders, globs, gzip files and zip archives. A claim without lines prints
    one line with the line's values empty. Of a file with a fatal finding nothing is printed but
    that finding, on standard error.

    \b
    Exit codes: 0 all read, 2 a file was refused.
    """
    refused, opened = False, files(paths)
    if not as_json:
        click.echo(table_line({name: name for name, _ in _COLUMNS}, _COLUMNS))
    for member in opened:
        if isinstance(member, Refused):
            refuse(member.name, member.reason)
            refused = True
            continue
        found, findings = claim_facts(member.content, member.name)
        if fatal := first_fatal(findings):
            refuse(member.name, refusal_text(fatal))
            refused = True
        for claim in found:
            for line in claim.lines or (None,):
                row = _row(claim, line, member.name)
                click.echo(json.dumps(row) if as_json else table_line(row, _COLUMNS))
    if refused:
        raise click.exceptions.Exit(2)


@claims.command(name="import", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, required=True, metavar="PATHS...")
@click.pass_context
def import_(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Take the claims in PATHS in: each file whole or not at all, and once.

    The same as `remitlens import`, with the same options.
    """
    hand_to_import(ctx, arguments)


def _row(claim: SubmittedClaim, line: SubmittedLine | None, file: str) -> dict[str, Any]:
    return {
        "file": file,
        "claim": claim.claim,
        "kind": claim.kind,
        "frequency": claim.frequency,
        "original_reference": claim.original_reference or None,
        "payer_ids": list(claim.payer.ids),
        "billing_npi": claim.billing_npi or None,
        "facility_code": claim.facility_code,
        "sent_on": iso(claim.sent_on),
        "claim_charge": money(claim.charge),
        "line": line.number if line else None,
        "line_control": (line.line_control or None) if line else None,
        "procedure": (line.procedure or None) if line else None,
        "modifiers": list(line.modifiers) if line else [],
        "revenue_code": (line.revenue_code or None) if line else None,
        "date": iso(line.first_day) if line else None,
        "last_date": iso(line.last_day) if line else None,
        "units": money(line.units) if line else None,
        "charge": money(line.charge) if line else None,
        "rendering_npi": (line.rendering_npi or None) if line else None,
        "notes": list(claim.notes),
    }
