"""How codes look: a compact sheet where a person reads, plain lines where a pipe does."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from server.codes.entries import CarcEntry, GroupEntry, RarcEntry
from server.codes.lookup import Explanation, Found
from server.codes.official import Changes, OfficialList
from server.codes.official_text import OfficialText

_WIDTH = 100
_LABEL = 16
_BULLET = "\u2022"
_NAMED = 12
"""So many codes are named in a report of changes; the rest is counted."""
_APPEAL = {"yes": "Yes.", "no": "No.", "depends": "Depends."}
_BILL = {"never": "Never.", "yes": "Yes.", "depends": "Depends."}
_TONE = {"never": "red", "yes": "green", "depends": "yellow", "no": "red"}

Item = tuple[str, Text]
"""A mark that stands before the text (a number, a code, a bullet, or nothing), and the text."""
Row = tuple[str, list[Item]]


def show_explanation(told: Explanation, official: OfficialText | None) -> None:
    """Print what a code means: on a terminal as a sheet, otherwise one `label: text` a line."""
    rows = list(_rows(told, official))
    if not sys.stdout.isatty():
        click.echo(f"{told.code}: {told.entry.title}")
        for label, texts in rows:
            for mark, text in texts:
                before = f"{mark} " if mark not in ("", _BULLET) else ""
                click.echo(f"{label.lower()}: {before}{text.plain}")
        return
    console = Console(highlight=False)
    width = min(console.width, _WIDTH)
    head = Text.assemble((f" {told.code} ", "bold reverse"), " ", (told.entry.title, "bold"))
    console.print(head, width=width)
    sheet = Table.grid(padding=(0, 2, 0, 0))
    sheet.add_column(style="cyan", width=_LABEL, no_wrap=True)
    sheet.add_column(overflow="fold")
    for label, texts in rows:
        sheet.add_row(label, _listed(texts))
    console.print(Padding(sheet, (0, 0, 1, 1)), width=width)


def show_found(found: Sequence[Found]) -> None:
    """Print the answers of a search, one a line: code, title, and where it has ended."""
    if not sys.stdout.isatty():
        for item in found:
            ended = _ended(item)
            click.echo(
                f"{item.entry.code}\t{item.entry.title}{f' (ended {ended})' if ended else ''}"
            )
        return
    console = Console(highlight=False)
    table = Table.grid(padding=(0, 2, 0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for item in found:
        ended = _ended(item)
        topic = getattr(item.entry, "category", "group").replace("_", " ")
        note = Text(f"  ended {ended}", style="dim") if ended else Text()
        table.add_row(item.entry.code, topic, Text(item.entry.title, "dim" if ended else "") + note)
    console.print(table)


def show_changes(
    found: OfficialList, first: bool, changes: Changes, unknown: Sequence[str]
) -> None:
    """Print what an import did: counts, and the codes by name."""
    name = f"{found.kind.upper()} list: {len(found.codes)} codes"
    parts = [
        f"{len(codes)} {what}"
        for what, codes in (
            ("added", changes.added),
            ("changed", changes.changed),
            ("ended", changes.ended),
            ("no longer listed", changes.gone),
        )
        if codes
    ]
    if first:
        click.echo(f"{name} loaded")
    else:
        click.echo(f"{name}; {', '.join(parts) or 'nothing changed'}")
        for what, codes in (
            ("added", changes.added),
            ("changed", changes.changed),
            ("ended", changes.ended),
            ("no longer listed", changes.gone),
        ):
            if codes:
                click.echo(f"  {what}: {_names(codes)}")
    if unknown:
        click.echo(f"  not yet in our words: {_names(unknown)}")


def _listed(texts: Sequence[Item]) -> Table | Text:
    """Texts one below the other, each with its mark hanging before it."""
    if len(texts) == 1 and not texts[0][0]:
        return texts[0][1]
    block = Table.grid(padding=(0, 1, 0, 0))
    block.add_column(style="bold", no_wrap=True)
    block.add_column(overflow="fold")
    for mark, text in texts:
        block.add_row(mark, text)
    return block


def _rows(told: Explanation, official: OfficialText | None) -> Iterator[Row]:
    entry = told.entry
    if isinstance(entry, CarcEntry):
        yield from _carc_rows(told, entry)
    elif isinstance(entry, RarcEntry):
        yield from _rarc_rows(entry)
    else:
        yield from _group_rows(entry)
    if official:
        whole = " ".join(filter(None, (official.text, official.usage, official.notes)))
        yield "Official text", [("", Text(whole, style="italic"))]
    topic = getattr(entry, "category", "group").replace("_", " ")
    about = f"{entry.reviewed.isoformat()}, {topic}; {entry.source}"
    yield "Reviewed", [("", Text(about, style="dim"))]


def _carc_rows(told: Explanation, entry: CarcEntry) -> Iterator[Row]:
    if entry.ended:
        yield "Ended", [("", Text(_ended_line(entry.ended, entry.replaced_by), style="yellow"))]
    yield "Means", [("", Text(entry.meaning))]
    if told.group:
        yield "Who bears it", [(told.group.code, Text(told.group_says or ""))]
    elif entry.groups:
        yield "Who bears it", [(group, Text(says)) for group, says in entry.groups.items()]
    if entry.causes:
        yield "Usual causes", [(_BULLET, Text(cause)) for cause in entry.causes]
    yield "What to do", _steps(entry.next_steps)
    if entry.appealable:
        answer = (_APPEAL[entry.appealable] + " ", _TONE[entry.appealable])
        yield "Appeal", [("", Text.assemble(answer, entry.appeal_basis or ""))]
    if entry.look_alikes:
        others = [(item.code, _bare(item.code, item.difference)) for item in entry.look_alikes]
        yield "Not the same as", [(code, Text(difference)) for code, difference in others]


def _rarc_rows(entry: RarcEntry) -> Iterator[Row]:
    if entry.ended:
        yield "Ended", [("", Text(_ended_line(entry.ended, ()), style="yellow"))]
    yield ("Tells" if entry.alert else "Asks for"), [("", Text(entry.asks_for))]
    if entry.route:
        yield "For a CO-107", [("", Text(entry.route))]


def _group_rows(entry: GroupEntry) -> Iterator[Row]:
    yield "Means", [("", Text(entry.meaning))]
    answer = Text(_BILL[entry.bill_patient], style=_TONE[entry.bill_patient])
    yield "Bill the patient", [("", answer)]
    yield "What to do", _steps(entry.next_steps)


def _steps(steps: Sequence[str]) -> list[Item]:
    return [(f"{number}.", Text(step)) for number, step in enumerate(steps, 1)]


def _bare(code: str, difference: str) -> str:
    """The difference without the code it opens with, which is printed before it."""
    return difference.removeprefix(f"{code}: ").removeprefix(f"{code} ")


def _ended(item: Found) -> date | None:
    ended: date | None = getattr(item.entry, "ended", None)
    return ended


def _ended_line(ended: date, replaced_by: Sequence[str]) -> str:
    after = f"; now {', '.join(replaced_by)}" if replaced_by else ""
    return f"{ended.isoformat()}{after}"


def _names(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else ""
    return ", ".join(codes[:_NAMED]) + more
