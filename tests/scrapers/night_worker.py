"""A worker process of the sweep tests: everything real, its portals at the test's sandbox.

night_worker.py start BASE PORTAL[,PORTAL]    put one sweep on the queue, print its id
night_worker.py work BASE PORTAL[,PORTAL] ID  work until the sweep has ended
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, date, datetime

from scrapers import sweep as night
from scrapers.cli.sweep import Beating
from scrapers.portal import Portal, load_portals
from server.engine import ask_for_sweep
from server.settings import settings

TODAY = date(2026, 3, 2)


def moved(base: str, names: list[str]) -> dict[str, Portal]:
    """The portals at the sandbox, with as many sign-ins as the kills need."""
    known = load_portals(settings().config)
    pacing = {
        "sign_ins_per_sweep": int(os.environ.get("NIGHT_SIGN_INS", "20")),
        "looks_per_minute": 6000,
        "seconds_to_wait": float(os.environ.get("NIGHT_SECONDS_TO_WAIT", "30")),
    }
    found = {}
    for name in names:
        # `thicket.sms` is a portal of its own made like `thicket`: no account stops another's.
        like = known[name.split(".")[0]]
        paced = {"id": name, "pacing": like.pacing.model_copy(update=pacing)}
        found[name] = like.moved_to(f"{base}/{like.id}").model_copy(update=paced)
    return found


def main() -> None:
    what, base, names = sys.argv[1], sys.argv[2], sys.argv[3].split(",")
    if what == "start":
        print(ask_for_sweep(settings(), "default", "test", datetime.now(UTC)), flush=True)
        return
    worker = night.launch(settings(), today=lambda: TODAY, portals=moved(base, names))
    sweep = sys.argv[4]
    print("working", flush=True)
    with Beating(worker) as beating:
        while not night.has_ended(sweep) and not beating.buried.is_set():
            time.sleep(0.2)
    night.stop(worker)


if __name__ == "__main__":
    main()
