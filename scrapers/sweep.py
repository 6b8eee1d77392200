"""A night's sweep: plan, run each account, finish. The only orchestration.

Durable by the job engine (DBOS): every workflow takes and gives ids alone, and repeats safely,
because what was done stands in the store. A queue a portal limits its sessions; an account is held
by one run at a time.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dbos import DBOS, DBOSConfig, SetWorkflowID, WorkflowHandleAsync

from scrapers import account_run
from scrapers.account_run import Surround
from scrapers.browser import Browsers, find_browser
from scrapers.errors import PermissionMissing
from scrapers.pacing import Paces
from scrapers.plan import claims_to_look_up
from scrapers.portal import Portal, load_portals
from server import engine
from server.errors import RemitlensError, UserError
from server.settings import Settings
from server.store import Store, accounts, open_store, practices, sweeps, workers
from server.store.accounts import Permission

_SWEEPS_POLL_SECONDS = 0.25
_PORTAL_POLL_SECONDS = 1.0
"""Each queue is a query of its own, all night long: ten portals at four a second took a tenth of a
core of a worker that had nothing to do."""


@dataclass
class Worker:
    """This process as the engine's workflows know it: there is one."""

    name: str
    settings: Settings
    store: Store
    portals: dict[str, Portal]
    today: Callable[[], date]
    _browsers: Browsers | None = None
    _stack: AsyncExitStack | None = None
    _starting: asyncio.Lock | None = None
    _room: asyncio.Semaphore | None = None

    @property
    def room(self) -> asyncio.Semaphore:
        """How many accounts this worker's browser reads at once, whatever their portals."""
        if self._room is None:
            self._room = asyncio.Semaphore(self.settings.sweep.accounts_at_once)
        return self._room

    async def browsers(self) -> Browsers:
        """The one browser of this worker, started when first asked for."""
        if self._starting is None:
            self._starting = asyncio.Lock()
        async with self._starting:
            if self._browsers is None:
                self._stack = AsyncExitStack()
                sweep = self.settings.sweep
                self._browsers = await self._stack.enter_async_context(
                    Browsers(sweep.browser, headless=sweep.headless)
                )
        return self._browsers

    async def close_browsers(self) -> None:
        """End the browser; the next account starts another."""
        stack, self._stack, self._browsers = self._stack, None, None
        if stack is not None:
            await stack.aclose()


_WORKER: Worker | None = None
_PACES = Paces()


def this_worker() -> Worker:
    """The worker of this process; workflows run only after `launch`."""
    if _WORKER is None:
        raise RuntimeError("no worker was launched in this process")
    return _WORKER


def portal_queue(portal: str) -> str:
    """The queue that limits a portal's sessions."""
    return f"portal-{portal}"


@DBOS.workflow(name=engine.NIGHT_WORKFLOW)
async def sweep_night(scheduled: datetime, _context: Any) -> None:
    """Start a sweep of every practice that has accounts."""
    for practice in await list_practices():
        sweep = f"{scheduled:%Y%m%dT%H%M%S}-{practice}"
        with SetWorkflowID(sweep):
            await DBOS.enqueue_workflow_async(
                engine.SWEEPS_QUEUE, sweep_practice, sweep, practice, "schedule"
            )


@DBOS.workflow(name=engine.SWEEP_WORKFLOW)
async def sweep_practice(sweep: str, practice: str, asked_by: str) -> str:
    """Plan, run each account on its portal's queue, finish; the sweep's id."""
    handles: dict[str, WorkflowHandleAsync[str]] = {}
    for account, portal in await plan(sweep, practice, asked_by):
        with SetWorkflowID(f"{sweep}:{account}"):
            handles[account] = await DBOS.enqueue_workflow_async(
                portal_queue(portal), sweep_account, sweep, account
            )
    for account, handle in handles.items():
        try:
            await handle.get_result()
        except Exception as error:
            # One account's trouble (a disk full, a browser that does not start) ends no night.
            await give_up(sweep, account, type(error).__name__)
    await finish(sweep, practice)
    return sweep


@DBOS.workflow(name="sweep_account")
async def sweep_account(sweep: str, account: str) -> str:
    """One account's visits; the state it ended in."""
    return await walk_account(sweep, account)


@DBOS.step()
async def list_practices() -> list[str]:
    """Practices that have an account."""
    worker = this_worker()
    ids = {one.id for one in practices.all_of(worker.store)}
    return sorted({one.practice for one in accounts.of(worker.store, ids)})


@DBOS.step()
async def plan(sweep: str, practice: str, asked_by: str) -> list[tuple[str, str]]:
    """Write the night's plan; the (account, portal) pairs that are to run."""
    return await asyncio.to_thread(plan_now, this_worker(), sweep, practice, asked_by)


def plan_now(worker: Worker, sweep: str, practice: str, asked_by: str) -> list[tuple[str, str]]:
    """Plan every account of the practice; one that may not sign in is named with its reason."""
    store = worker.store
    sweeps.begin(store, sweep, practice, asked_by)
    for account in accounts.of(store, {practice}):
        refused: tuple[str, str, str] | None = None
        portal = worker.portals.get(account.portal)
        if portal is None:
            refused = ("refused", "NoPortal", f"there is no portal {account.portal} in the config")
        else:
            try:
                portal.may_sweep()
            except PermissionMissing as error:
                refused = ("refused", "PermissionMissing", str(error))
        if refused is None and account.state != "active":
            refused = ("skipped", account.error or account.state, account.asks)
        wanted = claims_to_look_up(worker, practice, portal) if portal else []
        sweeps.plan_account(store, sweep, practice, account.id, account.portal, wanted, refused)
    return sweeps.accounts_of(store, sweep, {"planned", "running"})


@DBOS.step()
async def walk_account(sweep: str, account: str) -> str:
    """Sign in and look; safe to repeat, since each visit's outcome stands in the store."""
    worker = this_worker()
    known = accounts.one(worker.store, account)
    async with worker.room:
        around = Surround(
            worker.store,
            worker.settings,
            await worker.browsers(),
            _PACES,
            worker.name,
            worker.today,
        )
        return await account_run.run_account(around, worker.portals[known.portal], known, sweep)


@DBOS.step()
async def give_up(sweep: str, account: str, error: str) -> None:
    """An account's run broke down of itself: it is named, and so is each claim left unread."""
    store = this_worker().store
    await asyncio.to_thread(account_run.broken, store, sweep, account, error)


@DBOS.step()
async def finish(sweep: str, practice: str) -> None:
    """Decide the practice's lines as of today, close the sweep, and write its JSON summary."""
    from server import intake

    worker = this_worker()
    await asyncio.to_thread(
        intake.decide_again,
        worker.store,
        practice,
        today=worker.today(),
        settings=worker.settings,
    )
    await asyncio.to_thread(sweeps.finish, worker.store, sweep)
    file = summary_file(worker.settings, sweep)
    file.parent.mkdir(parents=True, exist_ok=True)
    told = sweeps.report(worker.store, {practice}, sweep).as_json()
    file.write_text(json.dumps(told, indent=2), encoding="utf-8")


def launch(
    settings: Settings,
    *,
    today: Callable[[], date],
    portals: dict[str, Portal] | None = None,
) -> Worker:
    """Open the store, check the portals and start the engine in this process.

    `portals` are those of the config folder unless given (a sandbox on a free port). Raises
    SettingsError, StoreError or BrowserMissing, each one line, before anything starts.
    """
    global _WORKER
    portals = load_portals(settings.config) if portals is None else portals
    _check_browser(settings)
    store = open_store(settings)
    name = settings.sweep.worker or f"{socket.gethostname()}-{os.getpid()}"
    workers.begin(store, name)
    note_permissions(store, portals)
    _WORKER = Worker(name, settings, store, portals, today)
    config: DBOSConfig = {
        "name": engine.APPLICATION,
        "system_database_url": engine.engine_url(settings),
        "application_version": engine.VERSION,
        "executor_id": name,
        "log_level": "CRITICAL",
        "console_log_level": "CRITICAL",
        "enable_otlp": False,
    }
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(engine.SWEEPS_QUEUE, polling_interval_sec=_SWEEPS_POLL_SECONDS)
    for portal in portals.values():
        DBOS.register_queue(
            portal_queue(portal.id),
            global_concurrency=portal.pacing.sessions_at_once,
            polling_interval_sec=_PORTAL_POLL_SECONDS,
        )
    take_over(_WORKER)
    return _WORKER


def _check_browser(settings: Settings) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        find_browser(settings.sweep.browser, playwright.chromium.executable_path)


def note_permissions(store: Store, portals: dict[str, Portal]) -> None:
    """Tell the store which accounts a sweep covers (row 5g asks for it)."""
    permissions = []
    for portal in portals.values():
        try:
            portal.may_sweep()
            permitted = True
        except PermissionMissing:
            permitted = False
        payer = portal.payer
        permissions.append(Permission(portal.id, permitted, payer.ids, payer.name))
    accounts.note_permissions(store, permissions)


def schedule(settings: Settings) -> None:
    """Have every night's sweep started by whichever worker is there."""
    DBOS.apply_schedules(
        [
            {
                "schedule_name": "night",
                "workflow_fn": sweep_night,
                "schedule": settings.sweep.schedule,
                "context": None,
                "cron_timezone": settings.sweep.time_zone,
            }
        ]
    )


def start(worker: Worker, practice: str, asked_by: str) -> str:
    """Put a sweep of one practice on the queue of this launched engine; its id."""
    sweep = engine.new_sweep_id(datetime.now(UTC))
    with SetWorkflowID(sweep):
        DBOS.enqueue_workflow(engine.SWEEPS_QUEUE, sweep_practice, sweep, practice, asked_by)
    return sweep


def has_ended(sweep: str) -> bool:
    """Whether the engine is through with a sweep; raises UserError where it failed."""
    status = DBOS.get_workflow_status(sweep)
    if status is None or status.status in ("ENQUEUED", "PENDING", "DELAYED"):
        return False
    if status.status != "SUCCESS":
        kind = type(status.error).__name__ if status.error else status.status
        what = f"{kind}: {status.error}" if isinstance(status.error, RemitlensError) else kind
        raise UserError(f"sweep {sweep} did not end well: {what}")
    return True


def take_over(worker: Worker) -> list[str]:
    """Hand the work of silent workers on, through the engine's own resume call; their names.

    Burying is done by one live worker alone, so no work is handed on twice; should that one die
    before it is through, another buries the same dead again.
    """
    silent = timedelta(seconds=worker.settings.sweep.silent_seconds)
    buried = workers.bury(worker.store, silent, _gone_here(worker))
    for name in buried:
        for one in DBOS.list_workflows(status="PENDING", executor_id=name):
            DBOS.resume_workflow(one.workflow_id, queue_name=one.queue_name or engine.SWEEPS_QUEUE)
        workers.forget(worker.store, name)
    return buried


def _gone_here(worker: Worker) -> list[str]:
    """Workers of this machine whose process is no more: no need to wait out their silence."""
    mine = f"{socket.gethostname()}-"
    return [
        name
        for name in workers.living(worker.store)
        if name.startswith(mine)
        and name.removeprefix(mine).isdigit()
        and not _is_running(int(name.removeprefix(mine)))
    ]


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stop(worker: Worker) -> None:
    """Leave in good order: what is under way is taken up again by another worker."""
    global _WORKER
    workers.end(worker.store, worker.name)
    DBOS.destroy(workflow_completion_timeout_sec=0)
    worker.store.close()
    _WORKER = None


def today_in(settings: Settings) -> Callable[[], date]:
    """Today by the practice's clock."""
    zone = ZoneInfo(settings.sweep.time_zone)
    return lambda: datetime.now(zone).date()


def summary_file(settings: Settings, sweep: str) -> Path:
    """Where the night's JSON summary is written, on the machine that finished it."""
    return settings.home / "sweeps" / f"{sweep}.json"
