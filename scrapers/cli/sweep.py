"""`remitlens sweep` runs one sweep now; `remitlens worker` keeps the schedule and takes work."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from server.cli.lines_shown import console
from server.engine import ask_for_sweep
from server.settings import settings
from server.store.sweeps import SweepReport, report

_LOOK_SECONDS = 0.3
_BEAT_SECONDS = 10.0


@click.command()
@click.option("--practice", default=None, help="Whose accounts; else the setting's practice.")
@click.option("--queue", is_flag=True, help="Only ask for it; a running worker does it.")
@click.option("--mended", "portal", default="", help="Read this portal again: its code was mended.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def sweep(practice: str | None, queue: bool, portal: str, as_json: bool) -> None:
    """Sign in to every portal that may be swept and look up the open claims, now.

    \b
    Exit codes: 0 every account was read; 1 something was not (each is named); 2 it could not start.

    \b
    Examples:
      remitlens sweep
      remitlens sweep --practice north-clinic --json
    """
    from datetime import UTC, datetime

    from scrapers import drift
    from scrapers import sweep as night

    chosen = settings()
    whose = practice or chosen.practice
    if queue:
        click.echo(ask_for_sweep(chosen, whose, "command line", datetime.now(UTC)))
        return
    worker = night.launch(chosen, today=night.today_in(chosen))
    try:
        with Beating(worker):
            if portal:
                drift.forget(worker.store, whose, portal)
            done = follow(worker, night.start(worker, whose, "command line"), whose)
    finally:
        night.stop(worker)
    if as_json:
        click.echo(json.dumps(done.as_json()))
    else:
        show(done)
    sys.exit(0 if all(one.state == "done" and not one.failed for one in done.accounts) else 1)


@click.command()
@click.option("--once", is_flag=True, help="Take over what silent workers left, then end.")
def worker(once: bool) -> None:
    """Run the schedule and take work, beside any number of other workers.

    \b
    Examples:
      remitlens worker
      REMITLENS_SWEEP__WORKER=north-1 remitlens worker
    """
    from scrapers import sweep as night

    chosen = settings()
    this = night.launch(chosen, today=night.today_in(chosen))
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    try:
        night.schedule(chosen)
        click.echo(f"worker {this.name}: sweeps start at [{chosen.sweep.schedule}]", err=True)
        with Beating(this) as beating:
            while not (ended.wait(_LOOK_SECONDS) or beating.buried.is_set() or once):
                pass
    finally:
        night.stop(this)
    if beating.buried.is_set():
        # Another worker took our work: going on would read an account twice.
        click.echo(f"worker {this.name}: was taken for dead by another; start it again", err=True)
        sys.exit(1)


class Beating:
    """Says every few seconds that this worker lives, and takes over from those that do not."""

    def __init__(self, worker: Any) -> None:
        self.worker = worker
        self.buried = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="heartbeat")

    def __enter__(self) -> Beating:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        from scrapers.sweep import take_over
        from server.logs import log
        from server.store import StoreError, workers

        every = min(_BEAT_SECONDS, self.worker.settings.sweep.silent_seconds / 4)
        while not self._end.wait(every):
            try:
                if not workers.beat(self.worker.store, self.worker.name):
                    self.buried.set()
                    return
                for name in take_over(self.worker):
                    log().warning("worker_taken_over", worker=name)
            except StoreError:
                # The database does not answer just now: the next beat tries again.
                log().warning("heartbeat_missed", worker=self.worker.name)


def follow(worker: Any, sweep_id: str, practice: str) -> SweepReport:
    """Wait for a sweep's end, with a bar on a terminal and plain lines elsewhere."""
    from scrapers.sweep import has_ended
    from server.store import NotThereError

    screen = Console(stderr=True)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )
    said = -1
    with bar:
        task = bar.add_task("Reading portals", total=None)
        while not has_ended(sweep_id):
            try:
                now = report(worker.store, {practice}, sweep_id)
            except NotThereError:
                time.sleep(_LOOK_SECONDS)
                continue
            bar.update(task, total=now.planned, completed=now.looked)
            if not screen.is_terminal and now.looked != said:
                said = now.looked
                click.echo(
                    f"sweep {sweep_id}: {now.looked} of {now.planned} claims looked at", err=True
                )
            time.sleep(_LOOK_SECONDS)
    return report(worker.store, {practice}, sweep_id)


def show(done: SweepReport) -> None:
    """What the sweep did, account by account; what was not read stands there with its reason."""
    screen = console()
    table = Table(title=f"Sweep {done.id}", title_justify="left", box=None, pad_edge=False)
    for name in ("Portal", "Account", "State", "Found", "Pending", "Not found", "Failed", "Unread"):
        right = name in ("Found", "Pending", "Not found", "Failed", "Unread")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for one in done.accounts:
        table.add_row(
            one.portal,
            one.account,
            one.state,
            *(str(one.outcomes.get(name, 0)) for name in ("found", "pending", "not_found")),
            str(one.failed),
            str(one.unread),
        )
    screen.print(table)
    for one in done.accounts:
        if one.reason:
            screen.print(f"{one.account}: {one.reason}", style="yellow", markup=False)
    if not done.accounts:
        screen.print("No account is set up: `remitlens account add ACCOUNT --portal PORTAL`.")
