"""`remitlens pairs`: load the CMS add-on code file, and look pairs up by date of service."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path

import click

from server.co107.pairs import Pair, PairTable
from server.errors import UserError
from server.pair_store import imported_on, load_pairs, read_pairs, store_pairs
from server.settings import settings

_TYPES = {
    1: "type 1: only beside one of its listed primaries",
    2: "type 2: the payer decides what counts as primary",
    3: "type 3: the listed primaries, and others the payer accepts",
}


@click.group()
def pairs() -> None:
    """Add-on codes and the primaries they stand beside."""


@pairs.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def import_(file: Path, as_json: bool) -> None:
    """Load FILE as the pair table in force; it replaces the starter.

    Reads the CMS add-on code file as published (the ZIP, its XLSX or its text), a CSV with
    primary_code,add_on_code,aoc_edit_type, or one with add_on,primary,type,valid_from,valid_to.
    A file that cannot be read changes nothing.
    """
    home, config = settings().home, settings().config
    table = read_pairs(file)
    before = _before(home, config)
    today = date.today()  # noqa: DTZ011  the user's own calendar day
    store_pairs(home, table, today)
    if as_json:
        click.echo(json.dumps({"table": _summary(table, home, today), "before": before}))
        return
    click.echo(_line(table))
    if before:
        click.echo(f"before: {before['pairs']} pairs, {before['add_ons']} add-ons")
    if warning := table.age_warning(today):
        click.echo(f"warning: {warning}", err=True)


@pairs.command()
@click.argument("code", required=False)
@click.option("--on", "day", help="Date of service, YYYY-MM-DD; today where left out.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def show(code: str | None, day: str | None, as_json: bool) -> None:
    """Show the pairs of CODE on a date of service, or the table in force."""
    home = settings().home
    today = date.today()  # noqa: DTZ011  the user's own calendar day
    on = _day(day) if day else today
    table = load_pairs(home, settings().config)
    summary = _summary(table, home, today)
    if code is None:
        click.echo(json.dumps({"table": summary}) if as_json else _line(table))
        _warn(table, today, as_json)
        return
    code = code.strip().upper()
    if not re.fullmatch(r"[0-9A-Z]{5}", code):
        raise UserError("a procedure code has five characters, as in 22614")
    listed, beside = table.primaries(code, on), table.primary_of(code, on)
    if as_json:
        answer = {
            "code": code,
            "on": on.isoformat(),
            "type": table.type_of(code, on),
            "primaries": [_pair(pair) for pair in listed],
            "primary_of": [_pair(pair) for pair in beside],
            "table": summary,
        }
        click.echo(json.dumps(answer))
        return
    for line in _told(code, on, table, listed, beside):
        click.echo(line)
    _warn(table, today, as_json)


def _told(
    code: str, on: date, table: PairTable, listed: tuple[Pair, ...], beside: tuple[Pair, ...]
) -> list[str]:
    """What `show` says of one code, line by line."""
    lines = []
    type_ = table.type_of(code, on)
    if type_ is None:
        ended = " (its pairs hold on other days)" if code in table.add_ons else ""
        lines.append(f"{code} is no add-on on {on.isoformat()}{ended}")
    else:
        lines.append(f"{code} is an add-on on {on.isoformat()}, {_TYPES[type_]}")
        named = [pair for pair in listed if pair.primary]
        lines += [f"  {pair.primary}  {_span(pair)}" for pair in named]
        if len(named) < len(listed):
            lines.append("  and what the payer accepts" if named else "  (none listed)")
    if beside:
        names = sorted({pair.add_on for pair in beside})
        lines.append(f"{code} is a primary of {', '.join(names)}")
    lines.append(f"table: {_line(table)}")
    return lines


def _span(pair: Pair) -> str:
    begin = f"from {pair.valid_from.isoformat()}" if pair.valid_from else ""
    end = f"to {pair.valid_to.isoformat()}" if pair.valid_to else ""
    return " ".join(filter(None, (begin, end))) or "no dates given"


def _pair(pair: Pair) -> dict[str, object]:
    return {
        "add_on": pair.add_on,
        "primary": pair.primary,
        "type": pair.type,
        "valid_from": pair.valid_from.isoformat() if pair.valid_from else None,
        "valid_to": pair.valid_to.isoformat() if pair.valid_to else None,
    }


def _summary(table: PairTable, home: Path, today: date) -> dict[str, object]:
    loaded = imported_on(home)
    return {
        "kind": table.kind,
        "version": table.version,
        "published": table.published.isoformat() if table.published else None,
        "imported_on": loaded.isoformat() if loaded else None,
        "pairs": len(table),
        "add_ons": len(table.add_ons),
        "warning": table.age_warning(today),
    }


def _line(table: PairTable) -> str:
    starter = "starter, not the full file: " if table.kind == "starter" else ""
    return f"{starter}{table.version}, {len(table)} pairs, {len(table.add_ons)} add-ons"


def _warn(table: PairTable, today: date, as_json: bool) -> None:
    warning = table.age_warning(today)
    if warning and not as_json:
        click.echo(f"warning: {warning}", err=True)


def _before(home: Path, config: Path) -> dict[str, object] | None:
    """What was in force until now; None where it could not be read: an import mends that."""
    try:
        table = load_pairs(home, config)
    except UserError:
        return None
    return {"version": table.version, "pairs": len(table), "add_ons": len(table.add_ons)}


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        raise UserError("--on takes a date as YYYY-MM-DD") from None
