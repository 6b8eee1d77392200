"""How fast a sweep reads, beside a bare Playwright script that makes the same visits.

    python benchmarks/sweep.py [--claims 60] [--accounts 40] [--kills 0]

Against the sandbox on loopback with pacing off. Prints claims a minute of both and their ratio, the
memory of a browser with one context more, its growth over accounts, and one worker beside two.
With --kills N it kills workers N times on each database instead and checks that nothing is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The tests' own night and PostgreSQL serve here too.
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "scrapers"), str(ROOT / "tests")]

from night_worker import TODAY, moved  # noqa: E402
from nights import SEED, Night  # noqa: E402

from scrapers.browser import Browsers, resident_mebibytes  # noqa: E402
from scrapers.login import sign_in  # noqa: E402
from scrapers.sandbox.serve import RunningSandbox, running_sandbox  # noqa: E402

PORTAL = "harbor"


def swept(sandbox: RunningSandbox, claims: int, portals: tuple[str, ...], workers: int) -> float:
    """Claims a minute of whole sweeps: plan, sign-in, visits, intake, decision, evidence."""
    with tempfile.TemporaryDirectory() as folder:
        night = Night(Path(folder), sandbox, portals, claims)
        night.bring_in()
        try:
            sweep = night.start()
            at_work = [night.run("work", f"w{number}", sweep) for number in range(workers)]
            begun = None
            while any(one.poll() is None for one in at_work):
                time.sleep(0.1)
                done = night.visits(sweep)["done"]
                if begun is None and done:
                    # The interpreter's and the browser's start are not the sweep's pace.
                    begun = (time.monotonic(), done)
            ended, total = time.monotonic(), night.visits(sweep)["done"]
            if begun is None:
                raise SystemExit("the sweep read nothing")
            return 60 * (total - begun[1]) / (ended - begun[0])
        finally:
            night.end()


async def bare(sandbox: RunningSandbox) -> float:
    """Claims a minute of a script that signs in once and opens each claim, and keeps nothing."""
    os.environ["REMITLENS_CONFIG"] = str(ROOT / "config")
    portal = moved(sandbox.address, [PORTAL])[PORTAL]
    family = portal.walker()
    refs = [claim.ref for claim in sandbox.world.of(PORTAL) if claim.outcome == "found"]
    async with Browsers() as browsers:
        context = await browsers.new_context(portal)
        page = await sign_in(context, portal, sandbox.credentials(PORTAL))
        await family.open(page, portal, refs[0])
        begun = time.monotonic()
        for ref in refs[1:]:
            await family.open(page, portal, ref)
        return 60 * (len(refs) - 1) / (time.monotonic() - begun)


async def memory(sandbox: RunningSandbox, accounts: int) -> tuple[float, float, int]:
    """MiB a context takes, MiB grown from the 10th account to the last, browsers started."""
    portal = moved(sandbox.address, [PORTAL])[PORTAL]
    refs = [claim.ref for claim in sandbox.world.of(PORTAL) if claim.outcome == "found"]
    sizes: list[int] = []
    async with Browsers() as browsers:
        empty = resident_mebibytes(os.getpid())
        for number in range(accounts):
            context = await browsers.new_context(portal)
            page = await sign_in(
                context, portal, sandbox.credentials(PORTAL, f"office-{number + 1}")
            )
            await portal.walker().open(page, portal, refs[number % len(refs)])
            if number == 0:
                one = resident_mebibytes(os.getpid()) - empty
            await context.close()
            sizes.append(resident_mebibytes(os.getpid()))
        return one, sizes[-1] - sizes[min(9, len(sizes) - 1)], browsers.started


def kills(many: int) -> None:
    """Kill workers at random moments on SQLite and PostgreSQL; raises where anything is lost."""
    from conftest import Cluster, _binaries

    binaries = _binaries()
    with running_sandbox(SEED, TODAY, more=12) as sandbox:
        for kind in ("SQLite", "PostgreSQL"):
            cluster = None
            if kind == "PostgreSQL":
                if binaries is None:
                    raise SystemExit("PostgreSQL is not on this machine")
                cluster = Cluster(binaries)
                cluster.start()
            total = 0
            try:
                with tempfile.TemporaryDirectory() as folder:
                    night = Night(Path(folder), sandbox, ("meridian", PORTAL), 12)
                    if cluster:
                        night.store_url = cluster.database("store")
                        night.engine_url = cluster.database("engine")
                    night.bring_in()
                    names = ("one",) if kind == "SQLite" else ("one", "two")
                    nights = 0
                    while night.kills < many:
                        sweep = night.start()
                        night.kill_at_random(sweep, names, many, seed=nights)
                        states = night.visits(sweep)
                        if set(states) != {"done"}:
                            raise SystemExit(f"{kind}: lost visits: {dict(states)}")
                        nights += 1
                    total = night.kills
                    night.decisions()
                    print(f"{kind}: {total} kills over {nights} nights, nothing lost or double")
            finally:
                if cluster:
                    cluster.stop("immediate")
                    cluster.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=60)
    parser.add_argument("--accounts", type=int, default=40)
    parser.add_argument("--kills", type=int, default=0)
    given = parser.parse_args()
    if given.kills:
        kills(given.kills)
        return
    with running_sandbox(SEED, TODAY, more=given.claims, delay=0.02) as sandbox:
        ours = swept(sandbox, given.claims, (PORTAL,), 1)
        peer = asyncio.run(bare(sandbox))
        print(f"one account: {ours:.0f} claims a minute; bare script {peer:.0f}")
        print(f"ratio {ours / peer:.2f}")
        one, growth, started = asyncio.run(memory(sandbox, given.accounts))
        print(
            f"memory: {one:.0f} MiB for the first context; {growth:+.0f} MiB from account 10 to "
            f"{given.accounts}, {started} browsers started"
        )
        four = ("harbor", "clearview", "bluestem", "northgate")
        single = swept(sandbox, given.claims // 3, four, 1)
        double = swept(sandbox, given.claims // 3, four, 2)
        print(f"four portals: one worker {single:.0f}, two workers {double:.0f} claims a minute")
        print(f"two over one {double / single:.2f}")


if __name__ == "__main__":
    main()
