"""A worker process of the sweep tests: everything real, its portals at the test's sandbox.

night_worker.py start BASE PORTAL[,PORTAL]    put one sweep on the queue, print its id
night_worker.py work BASE PORTAL[,PORTAL] ID  work until the sweep has ended
"""

from __future__ import annotations

import sys
import time
from datetime import date

from scrapers import sweep as night
from scrapers.cli.sweep import Beating
from scrapers.portal import Portal, load_portals
from server.settings import settings

TODAY = date(2026, 3, 2)


def moved(base: str, names: list[str]) -> dict[str, Portal]:
    """The portals at the sandbox, with as many sign-ins as the kills need."""
    known = load_portals(settings().config)
    pacing = {"sign_ins_per_sweep": 20, "looks_per_minute": 6000}
    return {
        name: known[name]
        .moved_to(f"{base}/{name}")
        .model_copy(update={"pacing": known[name].pacing.model_copy(update=pacing)})
        for name in names
    }


def main() -> None:
    what, base, names = sys.argv[1], sys.argv[2], sys.argv[3].split(",")
    worker = night.launch(settings(), today=lambda: TODAY, portals=moved(base, names))
    if what == "start":
        print(night.start(worker, "default", "test"), flush=True)
        night.stop(worker)
        return
    sweep = sys.argv[4]
    print("working", flush=True)
    with Beating(worker) as beating:
        while not night.has_ended(sweep) and not beating.buried.is_set():
            time.sleep(0.1)
    night.stop(worker)


if __name__ == "__main__":
    main()
