"""`remitlens era`: read, check and import remittances (835)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from server.cli.x12_files import (
    files,
    finding_json,
    finding_text,
    first_fatal,
    hand_to_import,
    iso,
    money,
    refusal_text,
    refuse,
    table_line,
)
from server.members import Member, Refused
from server.x12 import Finding, read_remittance
from server.x12.records import Adjustment, ClaimFields, LineFields
from server.x12.remitted import RemittedClaim, RemittedLine

_COLUMNS = (
    ("claim", 18),
    ("status", 6),
    ("procedure", 9),
    ("modifiers", 9),
    ("date", 10),
    ("charge", 10),
    ("paid", 10),
    ("group", 5),
    ("carc", 4),
    ("amount", 10),
    ("rarcs", 0),
)

EOB_TEMPLATE = (
    "payer_name,payer_id,claim,payer_claim_control_number,status,produced,member_id,last_name,"
    "first_name,birth_date,procedure,modifiers,units,charge,paid,allowed,first_day,last_day,"
    "adjustments,remarks,line_control,rendering_npi,billing_npi,trace\n"
    "Example Health,EXMPL,ACC-1,20260201-77,19,2026-02-09,M0000001,Example,Eve,1970-01-31,"
    "22614,59,1,1150.00,0.00,,2026-01-05,2026-01-05,"
    "CO 107 1150.00,N122,L1,1679576722,1234567893,CHK100\n"
)
"""A CSV as the import reads it; the person in it is invented."""


@click.group()
def era() -> None:
    """Read, check and import remittances (835)."""


@era.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def read(paths: tuple[str, ...], as_json: bool) -> None:
    """Print every adjustment of the remittances in PATHS, one a line.

    PATHS are files, folders, globs, gzip files and zip archives. A service line without an
    adjustment prints one line with group, CARC and amount empty; a claim's own adjustments print
    with the procedure empty and the claim's charge and paid. Money stands as it was sent. Of a
    file with a fatal finding nothing is printed but that finding, on standard error; a file that
    holds no claim is named there too. What else is odd: `remitlens era check`.

    \b
    Exit codes: 0 all read, 2 a file was refused.
    """
    refused, found = False, files(paths)
    if not as_json:
        click.echo(table_line({name: name for name, _ in _COLUMNS}, _COLUMNS))
    for member in found:
        if isinstance(member, Refused):
            refuse(member.name, member.reason)
            refused = True
            continue
        findings = _findings(member)
        if fatal := first_fatal(findings):
            refuse(member.name, refusal_text(fatal))
            refused = True
        else:
            for finding in findings:
                if finding.code == "no_claims":
                    refuse(member.name, refusal_text(finding))
            for claim in read_remittance(member.content, member.name).claims():
                for row in rows_of(claim, member.name):
                    click.echo(json.dumps(row) if as_json else table_line(row, _COLUMNS))
    if refused:
        raise click.exceptions.Exit(2)


@era.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
def check(paths: tuple[str, ...], as_json: bool) -> None:
    """Print what is wrong with the remittances in PATHS, one finding a line.

    \b
    Exit codes: 0 nothing found, 1 something found, 2 a file cannot be taken at all.
    """
    worst = 0
    for member in files(paths):
        if isinstance(member, Refused):
            findings = [Finding("fatal", "unreadable", member.reason)]
        else:
            findings = _findings(member)
        say = finding_json if as_json else finding_text
        for finding in findings:
            click.echo(say(member.name, finding))
        fatal = first_fatal(findings)
        if not as_json:
            _say_verdict(member.name, findings, fatal)
        worst = max(worst, 2 if fatal else 1 if findings else 0)
    if worst:
        raise click.exceptions.Exit(worst)


@era.command()
def template() -> None:
    """Print a CSV to enter paper EOBs in: one line of an answer a row, with an example.

    Save it, fill it in (columns may be left out but claim, produced, procedure, charge, paid and
    adjustments), and give it to `remitlens import`.
    """
    click.echo(EOB_TEMPLATE, nl=False)


@era.command(name="import", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, required=True, metavar="PATHS...")
@click.pass_context
def import_(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Take the remittances in PATHS in: each whole or not at all, and once.

    The same as `remitlens import`, with the same options.
    """
    hand_to_import(ctx, arguments)


def _findings(member: Member) -> list[Finding]:
    remittance = read_remittance(member.content, member.name)
    for _ in remittance.claims():
        pass
    return remittance.findings


def _say_verdict(name: str, findings: list[Finding], fatal: Finding | None) -> None:
    if fatal:
        click.echo(f"{name}: refused: nothing of this file is taken")
    elif not findings:
        click.echo(f"{name}: nothing found")


def rows_of(claim: RemittedClaim, file: str) -> Iterator[dict[str, Any]]:
    """A claim as rows: its own adjustments, then each line's; at least one row a claim and line."""
    fields = claim.fields
    for adjustment in claim.adjustments or (() if claim.lines else (None,)):
        yield _claim_row(claim, fields, adjustment, file)
    for line in claim.lines:
        line_fields = line.fields
        for adjustment in line.adjustments or (None,):
            yield _line_row(fields, line, line_fields, adjustment, file)


def _claim_row(
    claim: RemittedClaim, fields: ClaimFields, adjustment: Adjustment | None, file: str
) -> dict[str, Any]:
    return {
        "file": file,
        "claim": fields.claim,
        "payer_claim_control_number": fields.payer_claim_control_number,
        "status": fields.status,
        "line": None,
        "line_control": None,
        "procedure_qualifier": None,
        "procedure": None,
        "modifiers": [],
        "submitted_procedure": None,
        "submitted_modifiers": [],
        "revenue_code": None,
        "date": iso(fields.first_day),
        "last_date": iso(fields.last_day),
        "units": None,
        "charge": money(claim.charge),
        "paid": money(claim.paid),
        "allowed": None,
        **_adjustment_fields(adjustment),
        "rarcs": list(fields.remarks),
        "claim_rarcs": list(fields.remarks),
        "segment": adjustment.segment if adjustment else claim.segment,
    }


def _line_row(
    claim: ClaimFields,
    line: RemittedLine,
    fields: LineFields,
    adjustment: Adjustment | None,
    file: str,
) -> dict[str, Any]:
    procedure, submitted = fields.procedure, fields.submitted
    return {
        "file": file,
        "claim": claim.claim,
        "payer_claim_control_number": claim.payer_claim_control_number,
        "status": claim.status,
        "line": line.order + 1,
        "line_control": fields.line_control or None,
        "procedure_qualifier": procedure.qualifier or None,
        "procedure": procedure.code or None,
        "modifiers": list(procedure.modifiers),
        "submitted_procedure": submitted.code or None,
        "submitted_modifiers": list(submitted.modifiers),
        "revenue_code": fields.revenue_code or None,
        "date": iso(fields.first_day),
        "last_date": iso(fields.last_day),
        "units": money(fields.units),
        "charge": money(line.charge),
        "paid": money(line.paid),
        "allowed": money(fields.allowed),
        **_adjustment_fields(adjustment),
        "rarcs": list(fields.remarks),
        "claim_rarcs": list(claim.remarks),
        "segment": adjustment.segment if adjustment else line.segment,
    }


def _adjustment_fields(adjustment: Adjustment | None) -> dict[str, Any]:
    if adjustment is None:
        return {"group": None, "carc": None, "amount": None, "quantity": None}
    return {
        "group": adjustment.group,
        "carc": adjustment.carc,
        "amount": money(adjustment.amount),
        "quantity": money(adjustment.quantity),
    }
