"""`remitlens codes find`: the denial codes of a text or a page, with their places."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from server.codes.finder import Found, find_in_html, find_in_text
from server.errors import UserError
from server.settings import settings


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--html", is_flag=True, help="The input is HTML; places count in its text content.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read one {"text": ...} or {"html": ...} a line, answer each with {"codes": [...]}.',
)
@click.option(
    "--crosswalk",
    type=click.Path(path_type=Path),
    help="JSON or TOML file of a payer's own codes and what they stand for: ABC12 = CO-107.",
)
def find(file: Path | None, html: bool, as_json: bool, jsonl: bool, crosswalk: Path | None) -> None:
    """Print each denial code in FILE (standard input where left out).

    For every code: start and end (characters from 0, end exclusive), the code, its kind (carc,
    rarc, payer), and whether a list names it. A code whose group and number stand in two cells
    has two places. The places of HTML count in its text content: all text nodes in order without
    those of script, style and template; a node of nothing but blanks is one character.
    """
    if jsonl and (html or as_json):
        raise UserError("--jsonl says itself what each line holds; leave --html and --json out")
    own = _crosswalk(crosswalk) if crosswalk else {}
    if jsonl:
        with _opened(file) as stream:
            for number, line in _lines(stream):
                found = _answer_line(line, number, own)
                click.echo(json.dumps({"codes": [_plain(one) for one in found]}))
        return
    with _opened(file) as stream:
        text = _read(stream)
    found = find_in_html(text, own) if html else find_in_text(text, own)
    if as_json:
        click.echo(json.dumps({"codes": [_plain(one) for one in found]}))
        return
    for one in found:
        places = " ".join(f"{start}-{end}" for start, end in one.spans)
        unknown = "" if one.known else "  (no list names it)"
        click.echo(f"{places}\t{one.code}\t{one.kind}{unknown}")


def _plain(one: Found) -> dict[str, Any]:
    return {
        "code": one.code,
        "kind": one.kind,
        "known": one.known,
        "spans": [list(span) for span in one.spans],
    }


def _opened(file: Path | None) -> BinaryIO:
    if file is None or str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else type(error).__name__
        raise UserError(f"{file}: cannot be read ({why})") from None


def _limit() -> int:
    return settings().intake.max_file_mib * 1024 * 1024


def _read(stream: BinaryIO) -> str:
    try:
        content = stream.read(_limit() + 1)
    except OSError as error:
        raise UserError(f"the input cannot be read ({type(error).__name__})") from None
    if len(content) > _limit():
        raise UserError(f"the input is larger than {_limit() // 2**20} MiB (intake.max_file_mib)")
    return _text(content)


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace").removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Portals' exports are often Windows-1252; one character a byte keeps the places true.
        return content.decode("latin-1")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """The lines that hold something, numbered from 1."""
    limit = _limit()
    number = 0
    try:
        while line := stream.readline(limit + 1):
            number += 1
            if len(line) > limit:
                raise UserError(f"line {number}: longer than {limit // 2**20} MiB")
            if line.strip():
                yield number, _text(line)
    except OSError as error:
        raise UserError(f"the input cannot be read ({type(error).__name__})") from None


def _answer_line(line: str, number: int, own: dict[str, str]) -> list[Found]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise UserError(f"line {number}: not JSON") from None
    if not isinstance(entry, dict):
        raise UserError(f'line {number}: expected {{"text": ...}} or {{"html": ...}}')
    text, html = entry.get("text"), entry.get("html")
    mine = entry.get("crosswalk")
    walk = own | _checked(mine, f"line {number}: crosswalk") if mine else own
    if isinstance(html, str) and text is None:
        return find_in_html(html, walk)
    if isinstance(text, str) and html is None:
        return find_in_text(text, walk)
    raise UserError(f'line {number}: expected {{"text": ...}} or {{"html": ...}}')


def _crosswalk(file: Path) -> dict[str, str]:
    with _opened(file) as stream:
        text = _read(stream)
    try:
        held = tomllib.loads(text) if file.suffix.lower() == ".toml" else json.loads(text)
    except (ValueError, RecursionError):
        raise UserError(
            f"{file}: not valid {'TOML' if file.suffix == '.toml' else 'JSON'}"
        ) from None
    if isinstance(held, dict) and isinstance(held.get("crosswalk"), dict):
        held = held["crosswalk"]
    return _checked(held, str(file))


def _checked(held: object, where: str) -> dict[str, str]:
    if not isinstance(held, dict) or not all(isinstance(code, str) for code in held.values()):
        raise UserError(
            f'{where}: expected codes and what they stand for, as {{"ABC12": "CO-107"}}'
        )
    return {str(own): code for own, code in held.items()}
