"""The sandbox as a practice's own night: its files imported, its portals swept, its lines decided.

What `./run` and `remitlens demo` do. Everything is the real component; only the payers and the
patients are invented.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scrapers import sweep as night
from scrapers.portal import Portal, load_portals
from scrapers.sandbox.practice import write_practice
from scrapers.sandbox.serve import RunningSandbox, running_sandbox
from scrapers.secrets import variable
from server import intake
from server.errors import UserError
from server.intake import Import
from server.settings import Settings
from server.store import Store, accounts, keys, open_store, worklist
from server.store.sweeps import SweepReport
from server.store.worklist import Filter, LineRow

SEED = 107
PRACTICE_DAYS = 45
"""A seeded practice older than this is made anew: its last days would have passed."""
WHO = "sandbox"


class AlreadyRunning(UserError):  # noqa: N818 reads as the one line it is
    """A second main job beside the first."""


@dataclass(frozen=True)
class Night:
    """What one demonstration night gave."""

    imported: Import
    sweep: SweepReport
    rows: tuple[LineRow, ...]


@contextlib.contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the home folder for one main job; raises AlreadyRunning where another has it."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.home / "main-job.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            raise AlreadyRunning(
                f"another run already uses {settings.home} (process {owner}); stop it first, "
                "or set REMITLENS_HOME to another folder"
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def free_port(settings: Settings) -> None:
    """Raise UserError, before anything is done, where the server's port is taken."""
    server = settings.server
    with socket.socket(socket.AF_INET6 if ":" in server.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((server.host, server.port))
        except OSError:
            raise UserError(
                f"port {server.port} on {server.host} is in use; "
                "set REMITLENS_SERVER__PORT to another"
            ) from None


def ensure_key(settings: Settings) -> str:
    """Make the sealing key on first use; where it is, or "" where it was there already."""
    if keys.find(settings) is not None:
        return ""
    place = keys.writable_place(settings)
    if place is None:
        raise UserError("no key found where [keys] says it is: run `remitlens keys init`")
    keys.write(settings, [keys.new_key()], place)
    return str(keys.key_file(settings)) if place == "file" else place


def practice_day(settings: Settings, today: date) -> date:
    """The day the seeded practice's dates count from: kept, so that a repeat changes nothing."""
    note = settings.home / "sandbox" / "day.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        day = date.fromisoformat(json.loads(note.read_text(encoding="utf-8"))["day"])
        if timedelta(0) <= today - day <= timedelta(days=PRACTICE_DAYS):
            return day
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({"day": today.isoformat()}), encoding="utf-8")
    return today


@contextlib.contextmanager
def payers(day: date, port: int) -> Iterator[RunningSandbox]:
    """The seven sandbox payers, where their definitions look for them; port 0: on a free one."""
    with running_sandbox(SEED, day, port=port, apart=port != 0) as sandbox:
        yield sandbox


def bring_in(settings: Settings, portals: Sequence[str], day: date, today: date) -> Import:
    """Write the practice's files into the home folder and import them as a user would."""
    folder = settings.home / "sandbox" / "practice"
    files = write_practice(folder, day, seed=SEED, portals=portals)
    store = open_store(settings)
    try:
        contents = [(file.name, file.read_bytes()) for file in files]
        return intake.import_files(
            store, settings.practice, contents, who=WHO, today=today, settings=settings
        )
    finally:
        store.close()


def account_id(portal: str) -> str:
    """The sandbox account's id, under which its password is looked up."""
    return f"{portal}-office"


def sweep_once(
    settings: Settings,
    sandbox: RunningSandbox,
    portals: Sequence[str],
    today: date,
    follow: Callable[[night.Worker, str, str], SweepReport],
    working: Callable[[night.Worker], contextlib.AbstractContextManager[object]],
) -> SweepReport:
    """One sweep of the sandbox's portals through the engine, with a real browser."""
    known = _at(sandbox, load_portals(settings.config))
    for portal in portals:
        secret = sandbox.credentials(portal)
        for part, value in (
            ("USERNAME", secret.username),
            ("PASSWORD", secret.password),
            ("TOTP", secret.totp),
        ):
            # What a user set stands: so a wrong password can be tried on the sandbox.
            os.environ.setdefault(variable(account_id(portal), part), value)
    worker = night.launch(settings, today=lambda: today, portals=known)
    try:
        for portal in portals:
            accounts.add(worker.store, account_id(portal), settings.practice, portal, WHO)
        night.note_permissions(worker.store, known)
        with working(worker):
            return follow(worker, night.start(worker, settings.practice, WHO), settings.practice)
    finally:
        night.stop(worker)


def _at(sandbox: RunningSandbox, portals: dict[str, Portal]) -> dict[str, Portal]:
    return {
        name: one.moved_to(sandbox.base(name)) if name in sandbox.world.claims else one
        for name, one in portals.items()
    }


def every_line(settings: Settings) -> tuple[LineRow, ...]:
    """Every line with a 107 of the practice, by last day."""
    store = open_store(settings)
    try:
        return _rows(store, settings.practice)
    finally:
        store.close()


def _rows(store: Store, practice: str) -> tuple[LineRow, ...]:
    rows: list[LineRow] = []
    after = None
    while True:
        page = worklist.page(
            store, frozenset({practice}), Filter(open_only=False), "due", after, worklist.MAX_LIMIT
        )
        rows.extend(page.rows)
        after = page.next
        if after is None:
            return tuple(rows)
