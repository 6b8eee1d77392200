"""`remitlens lines`: the worklist, why a line is where it is, and what was done with it."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import get_args

import click

from server import intake
from server.cli.lines_shown import console, event_line, lines_table, plain_line, told
from server.cli.opened import opened, practice_option, scope_of, scope_option, today, who
from server.errors import UserError
from server.facts import MarkKind
from server.store import audit, events, packets, worklist
from server.store.worklist import SORTS, Filter, Sort

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def lines() -> None:
    """Lines with a CO-107 denial: what state they are in, why, and what was done."""


@lines.command(name="list")
@scope_option
@click.option("--state", multiple=True, help="Only lines in this state; may be given again.")
@click.option("--reason", multiple=True, help="Only for this reason; may be given again.")
@click.option("--payer", multiple=True, help="Only of this payer (its id); may be given again.")
@click.option("--claim", default="", help="Only of this claim number.")
@click.option("--member", default="", help="Only of this member id.")
@click.option("--name", default="", help="Only of patients of this last name.")
@click.option("--assignee", help="Only lines given to this one.")
@click.option("--due-to", type=DAY, help="Only lines whose last day is this day or before.")
@click.option("--all", "closed_too", is_flag=True, help="Resolved, closed and sent lines too.")
@click.option("--sort", type=click.Choice(SORTS), default="due", show_default=True)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_lines(
    practice: tuple[str, ...],
    state: tuple[str, ...],
    reason: tuple[str, ...],
    payer: tuple[str, ...],
    claim: str,
    member: str,
    name: str,
    assignee: str | None,
    due_to: datetime | None,
    closed_too: bool,
    sort: Sort,
    limit: int,
    as_json: bool,
) -> None:
    """The worklist, the earliest last day first."""
    wanted = Filter(
        states=state,
        reasons=reason,
        payers=payer,
        claim=claim,
        member_id=member,
        last_name=name,
        assignee=assignee,
        due_to=due_to.date() if due_to else None,
        open_only=not closed_too,
    )
    with opened() as (store, _):
        scope = scope_of(store, practice)
        rows: list[worklist.LineRow] = []
        after = None
        while len(rows) < limit:
            page = worklist.page(store, scope, wanted, sort, after, limit - len(rows))
            rows.extend(page.rows)
            after = page.next
            if after is None:
                break
        audit.append(store, who(), "lines.list", target="", lines=len(rows))
    if as_json:
        for row in rows:
            click.echo(json.dumps(plain_line(row)))
        return
    if rows:
        console().print(lines_table(rows))
    more = ", and more" if after else ""
    click.echo(f"{len(rows)} lines{more}, {sum(row.amount for row in rows):,.2f} at stake")


@lines.command()
@click.argument("line", type=int)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def why(line: int, as_json: bool) -> None:
    """Tell why LINE is where it is: every row that was tried, and the evidence."""
    with opened() as (store, _):
        scope = scope_of(store, ())
        found = worklist.line(store, scope, line)
        done = events.history(store, scope, line)
        audit.append(store, who(), "line.view", found.row.practice, f"line {line}")
    if as_json:
        click.echo(json.dumps(plain_line(found.row) | found.detail, indent=2))
        return
    for text in told(found, done):
        click.echo(text)


@lines.command()
@click.argument("line", type=int)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="here",
    help="Folder the files are written to.",
)
def packet(line: int, out: Path) -> None:
    """Build what LINE's claim needs: the corrected 837 and its cover sheet, or the appeal's letter.

    Nothing is sent: a person releases it.
    """
    with opened() as (store, found):
        scope = scope_of(store, ())
        made = intake.build_packet(store, scope, line, who=who(), today=today(), settings=found)
        contents = packets.files(store, scope, made.id)
        audit.append(store, who(), "packet.export", made.practice, f"packet {made.id}")
    for file in write_files(out, contents):
        click.echo(file)


def write_files(folder: Path, contents: dict[str, bytes]) -> list[Path]:
    """Write a packet's files, readable by their owner alone; raises UserError."""
    written = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in contents.items():
            file = folder / Path(name).name
            file.touch(mode=0o600)
            file.write_bytes(content)
            written.append(file)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({type(error).__name__})") from None
    return written


@lines.command()
@click.argument("line", type=int)
@click.option("--on", type=DAY, required=True, help="The day it was sent.")
@click.option("--kind", type=click.Choice(get_args(MarkKind)), default="claim", show_default=True)
@click.option("--new-claim", default="", help="The claim number it went out under, if another.")
def sent(line: int, on: datetime, kind: MarkKind, new_claim: str) -> None:
    """Mark LINE as sent again (or voided, or appealed) on a day."""
    day: date = on.date()
    if day > today():
        raise UserError("--on lies ahead of today")
    with opened() as (store, found):
        event = intake.sent(
            store,
            scope_of(store, ()),
            line,
            on=day,
            kind=kind,
            new_claim=new_claim,
            who=who(),
            today=today(),
            settings=found,
        )
        state = worklist.line(store, frozenset({event.practice}), line).row
    click.echo(f"{event_line(event)}; line {line} is now {state.state} ({state.reason})")


@lines.command()
@click.argument("line", type=int)
@click.option("--event", type=int, help="The event to undo, else the last one.")
def undo(line: int, event: int | None) -> None:
    """Undo what was last done with LINE."""
    with opened() as (store, found):
        done = intake.undo(
            store,
            scope_of(store, ()),
            line,
            event=event,
            who=who(),
            today=today(),
            settings=found,
        )
    click.echo(event_line(done))


@lines.command()
@click.argument("line", type=int)
@click.argument("to")
def assign(line: int, to: str) -> None:
    """Give LINE to someone; "" takes it back."""
    with opened() as (store, _):
        click.echo(event_line(events.assign(store, scope_of(store, ()), line, to, who())))


@lines.command()
@click.argument("line", type=int)
@click.argument("text")
def note(line: int, text: str) -> None:
    """Write a note on LINE."""
    with opened() as (store, _):
        click.echo(event_line(events.note(store, scope_of(store, ()), line, text, who())))


@lines.command()
@click.argument("line", type=int)
@click.option("--not", "undone", is_flag=True, help="Say that it was not.")
def worked(line: int, undone: bool) -> None:
    """Say that LINE was worked."""
    with opened() as (store, _):
        done = events.worked(store, scope_of(store, ()), line, not undone, who())
    click.echo(event_line(done))


@lines.command()
@practice_option
def decide(practice: str | None) -> None:
    """Decide every line again as of today: last days pass, rules and pairs change."""
    with opened() as (store, found):
        place = practice or found.practice
        done = intake.decide_again(store, place, today=today(), settings=found)
        audit.append(store, who(), "lines.decide", place, "", lines=done.decided)
    click.echo(f"{done.decided} lines decided, {len(done.lines)} changed")
