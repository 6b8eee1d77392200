"""How fast a sweep reads, beside a bare Playwright script that makes the same visits.

    python benchmarks/sweep.py [--claims 60] [--accounts 40] [--rounds 3] [--write]
    python benchmarks/sweep.py --accounts 500 --only memory --write
    python benchmarks/sweep.py --kills 100 --write

Against the sandbox on loopback, in a process of its own, with pacing off. Prints claims a minute of
both and their ratio, in turn and both at the same time (which a busy machine changes least), the
memory of a browser with one context more, its growth over accounts, and one worker beside two.
With --kills N it kills workers N times on each database instead and checks that nothing is lost and
nothing double.
`--write` puts what was measured into RESULTS.md.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# The tests' own night and PostgreSQL serve here too.
sys.path[:0] = [
    str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests" / "scrapers"), str(ROOT / "tests"),
]  # fmt: skip

from decide import write_section  # noqa: E402
from night_worker import TODAY, moved  # noqa: E402
from nights import SEED, Night  # noqa: E402
from sqlalchemy import select  # noqa: E402

from scrapers.browser import Browsers, resident_mebibytes  # noqa: E402
from scrapers.login import sign_in  # noqa: E402
from scrapers.portal import Portal  # noqa: E402
from scrapers.sandbox.claims import PORTALS  # noqa: E402
from scrapers.sandbox.desk import Desk  # noqa: E402
from scrapers.sandbox.serve import RunningSandbox, running_sandbox  # noqa: E402
from scrapers.sandbox.world import build_world  # noqa: E402
from server.store.sweep_tables import visits  # noqa: E402

PORTAL = "harbor"
FOUR = ("harbor", "clearview", "bluestem", "northgate")
KILL_CLAIMS = 12


def _serve(more: int, delay: float, told: Any) -> None:
    with running_sandbox(SEED, TODAY, more=more, delay=delay) as running:
        told.put(running.address)
        time.sleep(24 * 3600)


@contextmanager
def apart(more: int, delay: float = 0.02) -> Iterator[RunningSandbox]:
    """A sandbox in another process: it takes no time of either side's interpreter."""
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    process = spawn.Process(target=_serve, args=(more, delay, told), daemon=True)
    process.start()
    try:
        address = told.get(timeout=60)
        world = build_world(SEED, TODAY, more)
        yield RunningSandbox(address, world, Desk(), dict.fromkeys(PORTALS, address))
    finally:
        process.kill()
        process.join()


def noted(night: Night, sweep: str) -> list[datetime]:
    """When each visit was noted, in order: reading, intake, decision and evidence were done."""
    store = night.open()
    try:
        with store.reading() as connection:
            query = select(visits.c.at).where(visits.c.sweep == sweep, visits.c.state == "done")
            times = sorted(connection.scalars(query))
    finally:
        store.close()
    if len(times) < 2:
        raise SystemExit("the sweep read nothing")
    return times


def pace(times: list[datetime]) -> float:
    """Claims a minute from the first to the last: starting up is not the pace."""
    return 60 * (len(times) - 1) / (times[-1] - times[0]).total_seconds()


@contextmanager
def at_work(
    sandbox: RunningSandbox, claims: int, portals: tuple[str, ...], workers: int
) -> Iterator[tuple[Night, str]]:
    """A night under way in worker processes of its own: sign-in, visits, intake, decision."""
    with tempfile.TemporaryDirectory() as folder:
        # The tests take a worker for dead after seconds; here it beats as it does in earnest.
        night = Night(
            Path(folder), sandbox, portals, claims, told={"REMITLENS_SWEEP__SILENT_SECONDS": "120"}
        )
        night.bring_in()
        try:
            sweep = night.start()
            for number in range(workers):
                night.run("work", f"w{number}", sweep)
            yield night, sweep
        finally:
            night.end()


def swept(sandbox: RunningSandbox, claims: int, portals: tuple[str, ...], workers: int) -> float:
    """Claims a minute of a whole sweep."""
    with at_work(sandbox, claims, portals, workers) as (night, sweep):
        for one in night.running[1:]:
            _, err = one.communicate(timeout=1200)
            if one.returncode:
                raise SystemExit(err[-2000:])
        return pace(noted(night, sweep))


async def visited(page: Any, base: str, claim: str) -> list[str]:
    """One visit as a script would make it: the same pages, every document kept."""
    await page.goto(f"{base}/claims", wait_until="domcontentloaded")
    await page.fill("#number", claim)
    await page.click("#inquiry button")
    await page.wait_for_selector("#found, #no-claims")
    kept = [await page.content()]
    link = page.locator("#found .claim-no a")
    if await link.count() != 1:
        return kept
    await link.click()
    for number in range(1, 100):
        await page.locator(".pager .at", has_text=str(number)).wait_for()
        kept.append(await page.content())
        if not await page.locator("#next").count():
            break
        await page.click("#next")
    address = await page.locator("#get-835").evaluate("node => node.href")
    answer = await page.request.get(address)
    return [*kept, await answer.text()]


async def bare(sandbox: RunningSandbox, ended: Callable[[], bool] | None = None) -> list[datetime]:
    """When a script that signs in once and reads nothing was done with each claim.

    Once over all claims; round and round until `ended` where that is given.
    """
    portal = moved(sandbox.address, [PORTAL])[PORTAL]
    claims = [claim.ref.claim for claim in sandbox.world.of(PORTAL)]
    times = []
    async with Browsers() as browsers:
        context = await browsers.new_context(portal)
        page = await sign_in(context, portal, sandbox.credentials(PORTAL, "office-2"))
        for claim in itertools.cycle(claims) if ended else claims:
            await visited(page, portal.base_address, claim)
            times.append(datetime.now(UTC))
            if ended and ended():
                break
    return times


def side_by_side(sandbox: RunningSandbox, claims: int) -> tuple[float, float]:
    """Claims a minute of the sweep and of the script in the same minutes: a busy machine is as busy
    for both, and each has the other beside it."""
    with at_work(sandbox, claims, (PORTAL,), 1) as (night, sweep):
        worker = night.running[-1]
        theirs = asyncio.run(bare(sandbox, lambda: worker.poll() is not None))
        ours = noted(night, sweep)
    within = [at for at in theirs if ours[0] <= at <= ours[-1]]
    return pace(ours), pace(within)


async def memory(sandbox: RunningSandbox, accounts: int) -> tuple[float, float, int, list[int]]:
    """MiB of the browser with its first context, MiB grown from the 10th account to the last,
    browsers started, and the size after each account."""
    portal = moved(sandbox.address, [PORTAL])[PORTAL]
    refs = [claim.ref for claim in sandbox.world.of(PORTAL) if claim.outcome == "found"]
    sizes: list[int] = []
    async with Browsers() as browsers:
        empty = resident_mebibytes(os.getpid())
        for number in range(accounts):
            await _one_account(sandbox, browsers, portal, refs[number % len(refs)], number + 1)
            sizes.append(resident_mebibytes(os.getpid()))
            if (number + 1) % 25 == 0:
                print(f"{number + 1} accounts: {sizes[-1]} MiB", flush=True)
        return sizes[0] - empty, sizes[-1] - sizes[min(9, accounts - 1)], browsers.started, sizes


async def _one_account(
    sandbox: RunningSandbox, browsers: Browsers, portal: Portal, ref: Any, number: int
) -> None:
    context = await browsers.new_context(portal)
    page = await sign_in(context, portal, sandbox.credentials(PORTAL, f"office-{number}"))
    await portal.walker().open(page, portal, ref)
    await context.close()


def kills(many: int) -> list[tuple[str, str]]:
    """Kill workers at random moments on SQLite and PostgreSQL; raises where anything is lost."""
    from conftest import Cluster, _binaries

    binaries = _binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL is not on this machine")
    rows = []
    with apart(KILL_CLAIMS, 0.15) as sandbox:
        calm = _killed(sandbox, None, ("calm",), 0)[2]
        rows.append(_row("SQLite, one worker", *_killed(sandbox, None, ("one",), many), calm))
        cluster = Cluster(binaries)
        cluster.start()
        try:
            ended = _killed(sandbox, cluster, ("one", "two"), many)
            rows.append(_row("PostgreSQL, two workers", *ended, calm))
        finally:
            cluster.stop("immediate")
            cluster.remove()
    return rows


def _row(what: str, kills: int, nights: int, decided: Any, calm: Any) -> tuple[str, str]:
    if decided != calm:
        raise SystemExit(f"{what}: other decisions than a night without kills")
    told = f"{kills} kills over {nights} nights: nothing lost, nothing double, the same decisions"
    print(f"{what}: {told}", flush=True)
    return what, told


def _killed(
    sandbox: RunningSandbox, cluster: Any, names: tuple[str, ...], many: int
) -> tuple[int, int, Any]:
    """Nights until so many workers were killed: (kills, nights, every line's decision)."""
    with tempfile.TemporaryDirectory() as folder:
        night = Night(Path(folder), sandbox, ("meridian", PORTAL), KILL_CLAIMS)
        if cluster:
            night.store_url = cluster.database("store")
            night.engine_url = cluster.database("engine")
        night.bring_in()
        nights = 0
        try:
            while night.kills < many or not nights:
                sweep = night.start()
                night.kill_at_random(sweep, names, many, seed=nights)
                states = night.visits(sweep)
                if set(states) != {"done"}:
                    raise SystemExit(f"lost visits: {dict(states)}")
                nights += 1
                print(f"  night {nights}: {night.kills} killed so far", flush=True)
            return night.kills, nights, night.decisions()
        finally:
            night.end()


def measured(claims: int, accounts: int, rounds: int, only: str) -> list[tuple[str, str]]:
    """Every figure that was asked for, as rows of a table."""
    rows: list[tuple[str, str]] = []

    def say(what: str, told: str) -> None:
        rows.append((what, told))
        print(f"{what}: {told}", flush=True)

    with apart(max(claims, 4)) as sandbox:
        if only in ("", "pace"):
            pairs = [
                (pace(asyncio.run(bare(sandbox))), swept(sandbox, claims, (PORTAL,), 1))
                for _ in range(rounds)
            ]
            peer, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
            say("one account, whole sweep", f"{ours:.0f} claims a minute")
            say("bare Playwright script, the same visits", f"{peer:.0f} claims a minute")
            ratios = ", ".join(f"{mine / theirs:.2f}" for theirs, mine in pairs)
            middle = statistics.median(mine / theirs for theirs, mine in pairs)
            say("ratio, in turn (aim 0.9)", f"{middle:.2f}, the middle of {ratios}")
            mine, theirs = side_by_side(sandbox, claims)
            told = f"{mine / theirs:.2f} ({mine:.0f} and {theirs:.0f} claims a minute)"
            say("ratio, both at the same time", told)
        if only in ("", "memory"):
            first, growth, started, sizes = asyncio.run(memory(sandbox, accounts))
            say("first context", f"{first:.0f} MiB, shared pages counted in each process")
            told = f"{growth:+.0f} MiB, {max(sizes)} MiB at most, {started} browsers started"
            say(f"growth, account 10 to {accounts}", told)
    if only in ("", "workers"):
        few = max(claims // 3, 4)
        with apart(few) as sandbox:
            single, double = (swept(sandbox, few, FOUR, workers) for workers in (1, 2))
        told = f"{single:.0f} and {double:.0f} claims a minute: {double / single:.2f}"
        say("four portals, one worker and two", told)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=60)
    parser.add_argument("--accounts", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("pace", "memory", "workers"), default="")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="into RESULTS.md")
    given = parser.parse_args()
    os.environ["REMITLENS_CONFIG"] = str(ROOT / "config")
    begun = time.monotonic()
    if given.kills:
        name, rows = "sweep, workers killed", kills(given.kills)
    else:
        rows = measured(given.claims, given.accounts, given.rounds, given.only)
        name = f"sweep, {given.only}" if given.only else "sweep"
    if given.write:
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        command = " ".join(one for one in sys.argv[1:] if one != "--write")
        table = "\n".join(f"| {what} | {told} |" for what, told in rows)
        write_section(
            name,
            f"`python benchmarks/sweep.py {command}`, {time.monotonic() - begun:.0f} s, "
            f"load at the end {load}.\n\n| what | measured |\n| --- | --- |\n{table}",
        )


if __name__ == "__main__":
    main()
