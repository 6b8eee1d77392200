"""`remitlens codes`: what a denial code means, and the licensed official lists beside our words."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from server.cli.codes_find import find
from server.cli.codes_shown import show_changes, show_explanation, show_found
from server.codes.lookup import Catalogue, Explanation, catalogue
from server.codes.official import (
    Changes,
    ListKind,
    OfficialList,
    compare,
    refuse_fragment,
)
from server.codes.official_text import OfficialListError, OfficialText
from server.errors import UserError
from server.official_store import load_list, read_list, store_list
from server.settings import settings


@click.group()
def codes() -> None:
    """Denial codes: what they mean, where they stand in a text, the official lists."""


codes.add_command(find)


@codes.command()
@click.argument("code", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def show(code: tuple[str, ...], as_json: bool) -> None:
    """Explain each CODE: CO-107, 107, N122, or a group such as CO.

    The official text is shown where you have imported it.
    """
    told = [_explain(catalogue(), text) for text in code]
    home = settings().home
    official = [_official(home, explanation) for explanation in told]
    if as_json:
        answers = [
            explanation.to_dict() | ({"official": _plain(row)} if row else {})
            for explanation, row in zip(told, official, strict=True)
        ]
        _print_json(answers[0] if len(answers) == 1 else answers)
        return
    for explanation, row in zip(told, official, strict=True):
        show_explanation(explanation, row)


@codes.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 200))
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def search(text: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find codes by what they are about, as in: codes search add-on.

    Exit code 1 where nothing is found.
    """
    query = " ".join(text)
    found = catalogue().search(query, limit)
    if as_json:
        rows = [
            {"code": item.entry.code, "kind": item.kind, "score": item.score}
            | {"title": item.entry.title, "ended": _iso(getattr(item.entry, "ended", None))}
            for item in found
        ]
        _print_json({"query": query, "found": rows})
    elif found:
        show_found(found)
    else:
        click.echo("nothing found", err=True)
    if not found:
        sys.exit(1)


@codes.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--partial", is_flag=True, help="Load a list that lacks codes known to be in force.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def import_(file: Path, partial: bool, as_json: bool) -> None:
    """Load FILE, an official list you are licensed to use, to be shown beside our words.

    Reads a CSV with code and description (usage, notes, start_date, last_modified, end_date where
    there), X12's own CSV, and X12's saved web page, of reason or of remark codes. A file that
    cannot be used changes nothing.
    """
    home = settings().home
    today = date.today()  # noqa: DTZ011  the user's own calendar day
    found = read_list(file)
    if not partial:
        refuse_fragment(found, _in_force(catalogue(), found.kind), file.name)
    before = _before(home, found.kind)
    changes = compare(before, found, today)
    store_list(home, found, today)
    unknown = _unknown(catalogue(), found, today)
    if as_json:
        _print_json(_summary(found, before is None, changes, unknown))
    else:
        show_changes(found, before is None, changes, unknown)


def _explain(known: Catalogue, text: str) -> Explanation:
    explanation = known.explain(text)
    if explanation is None:
        hint = "" if any(letter.isdigit() for letter in text) else "; codes search finds by words"
        raise UserError(f"no code {text[:20]!r} in the lists{hint}")
    return explanation


def _official(home: Path, explanation: Explanation) -> OfficialText | None:
    if explanation.kind == "group":
        return None
    try:
        found = load_list(home, explanation.kind)
    except OfficialListError as error:
        click.echo(f"warning: {error}", err=True)
        return None
    return found.codes.get(explanation.entry.code) if found else None


def _before(home: Path, kind: ListKind) -> OfficialList | None:
    """The list in force until now; None also where it is damaged: an import mends that."""
    try:
        return load_list(home, kind)
    except OfficialListError:
        return None


def _in_force(known: Catalogue, kind: ListKind) -> list[str]:
    entries = known.carc if kind == "carc" else known.rarc
    return [code for code, entry in entries.items() if entry.ended is None]


def _unknown(known: Catalogue, found: OfficialList, today: date) -> list[str]:
    """Codes in force in the list that the catalogue has no words for yet."""
    entries = known.carc if found.kind == "carc" else known.rarc
    return [
        code
        for code, row in found.codes.items()
        if code not in entries and (row.ended is None or row.ended > today)
    ]


def _summary(
    found: OfficialList, first: bool, changes: Changes, unknown: list[str]
) -> dict[str, Any]:
    return {
        "list": found.kind,
        "codes": len(found.codes),
        "first": first,
        "added": list(changes.added),
        "changed": list(changes.changed),
        "ended": list(changes.ended),
        "gone": list(changes.gone),
        "without_our_words": unknown,
    }


def _plain(row: OfficialText) -> dict[str, str | None]:
    return {
        "text": row.text,
        "usage": row.usage,
        "notes": row.notes,
        "started": _iso(row.started),
        "modified": _iso(row.modified),
        "ended": _iso(row.ended),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _print_json(answer: object) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
