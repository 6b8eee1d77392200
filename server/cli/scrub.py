"""`remitlens scrub`: claims looked through before they go out."""

from __future__ import annotations

import json

import click

from server.cli.x12_files import files, first_fatal, refusal_text
from server.co107.scrub import ScrubFinding
from server.co107.scrub import scrub as scrub_claims
from server.errors import UserError
from server.facts import SubmittedClaim
from server.members import Refused
from server.pair_store import load_pairs
from server.payer_files import read_payers
from server.settings import settings
from server.x12 import claim_facts


class ScrubError(UserError):
    """A file that cannot be scrubbed."""


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
def scrub(paths: tuple[str, ...], as_json: bool) -> None:
    """Find add-ons without a primary and readings without their facility in claim files (837).

    All PATHS are one batch: a primary on another claim of it counts, for the same patient and day.

    \b
    Examples:
      remitlens scrub today.837
      remitlens scrub outbox/*.837 --json

    \b
    Exit codes: 0 nothing found, 1 something found, 2 a file cannot be read.
    """
    found = settings()
    claims: list[SubmittedClaim] = []
    for member in files(paths):
        if isinstance(member, Refused):
            raise ScrubError(f"{member.name}: {member.reason}")
        read, findings = claim_facts(member.content, member.name)
        if fatal := first_fatal(findings):
            raise ScrubError(f"{member.name}: {refusal_text(fatal)}")
        claims += read
    pairs = load_pairs(found.home, found.config)
    results = scrub_claims(claims, pairs, read_payers(found.config / "payers"))
    for one in results:
        click.echo(json.dumps(_record(one)) if as_json else _text(one))
    if not as_json:
        click.echo(f"{len(claims)} claims, {len(results)} findings (pairs: {pairs.version})")
    if results:
        raise click.exceptions.Exit(1)


def _record(one: ScrubFinding) -> dict[str, object]:
    return {
        "kind": one.kind,
        "severity": one.severity,
        "claim": one.claim,
        "line": one.line,
        "procedure": one.procedure,
        "modifiers": list(one.modifiers),
        "says": one.says,
        "primaries": list(one.primaries),
        "file": one.file,
        "segment": one.segment,
    }


def _text(one: ScrubFinding) -> str:
    code = "-".join((one.procedure, *one.modifiers))
    listed = f" ({', '.join(one.primaries[:6])})" if one.primaries else ""
    where = f"{one.file}, segment {one.segment}" if one.segment else one.file
    return f"{one.severity}: claim {one.claim} line {one.line} {code}: {one.says}{listed} [{where}]"
