"""The worklist's queries while it grows: pages, one line, a hash match, sums; on either database.

    python benchmarks/worklist.py --write                      # 10,000 and 1,000,000 lines, SQLite
    python benchmarks/worklist.py --postgres --write           # on a PostgreSQL started for it
    python benchmarks/worklist.py --lines 10000 --minutes 2    # a glance

Every line is a line of the worklist (denied CO-107), written by the store's own `write`, sealed and
indexed. A page is 50 lines, opened. Milliseconds are wall clock; behind them the process's own CPU
time, which is what an idle machine would show for SQLite. Then the same store is served, and its
pages are asked for over HTTP and opened in Chromium. At most 14 minutes: where filling takes
longer, it ends earlier and says so.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import insert, text

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from decide import percentile, write_section  # noqa: E402
from serving import House, clicks, new_house  # noqa: E402

from server.facts import Patient  # noqa: E402
from server.store import Store, lines, practices, worklist  # noqa: E402
from server.store.line_columns import LineRecord, match_hash  # noqa: E402
from server.store.tables import cohorts  # noqa: E402
from server.store.worklist import Filter  # noqa: E402

PRACTICE = "bench"
SCOPE = frozenset({PRACTICE})
TODAY = date(2026, 3, 1)
BATCH = 5000
OUTCOMES = (
    ("ready", "primary_not_billed", "replacement_claim"),
    ("review", "primary_not_documented", ""),
    ("review", "other_denial", ""),
    ("waiting", "primary_pending", ""),
    ("appeal", "primary_paid_other_claim", ""),
    ("resolved", "paid", ""),
)
DETAIL = {
    "steps": [[str(row), False, "this row was tried and did not match"] for row in range(24)],
    "evidence": [{"role": "denial", "text": "denied", "source": {"name": "a.835", "segment": 9}}],
}


def record(number: int) -> LineRecord:
    """A line; states, payers and last days as a mixed worklist has them."""
    state, reason, route = OUTCOMES[(number * 7) % len(OUTCOMES)]
    payer = f"payer{number % 12}"
    day = TODAY - timedelta(days=number % 180)
    return LineRecord(
        claim=f"C{number:08}",
        payer=payer,
        payer_name=payer.upper(),
        patient=Patient(f"M{number // 3:08}", f"LAST{number % 9973}", "FIRST", date(1970, 1, 1)),
        payer_claim_control_number=f"P{number:08}",
        line_control="",
        procedure="22614",
        modifiers=(),
        first_day=day,
        last_day=day,
        units=Decimal(1),
        charge=Decimal("1150.00"),
        amount=Decimal(100 + number % 4000),
        groups=("CO",),
        carcs=("107",),
        rarcs=("N122",),
        denied_on=day,
        produced=day,
        state=state,
        reason=reason,
        route=route,
        deadline=None if number % 9 == 0 else TODAY + timedelta(days=number % 240),
        as_of=TODAY,
        missing=("22612",),
        detail=DETAIL,
    )


def fill(store: Store, count: int, until: float = float("inf")) -> int:
    """Put so many lines in, or as many as time allows; how many they are."""
    for start in range(0, count, BATCH):
        if start and time.monotonic() > until:
            return start
        records = [record(number) for number in range(start, min(start + BATCH, count))]
        with store.writing() as connection:
            practices.lock(connection, PRACTICE)
            made = connection.execute(
                insert(cohorts).returning(cohorts.c.id), [{"practice": PRACTICE}] * len(records)
            )
            decided = {row.id: [one] for row, one in zip(made, records, strict=True)}
            lines.write(connection, store, PRACTICE, decided)
    return count


@contextmanager
def clock() -> Iterator[Callable[[], tuple[float, float]]]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield lambda: ((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)


def walk(ask: Callable[[str | None], worklist.Page]) -> Callable[[int], object]:
    """Page after page, as a person goes through them."""
    after: list[str | None] = [None]

    def one(_: int) -> object:
        page = ask(after[0])
        after[0] = page.next
        return page

    return one


def questions(store: Store, count: int) -> dict[str, Callable[[int], object]]:
    pick = random.Random(7)
    secret = practices.match_secret(store, PRACTICE)
    near = Filter(due_to=TODAY + timedelta(days=14))
    one_payer = Filter(payers=("payer3",))
    ready = Filter(states=("ready",))

    def hashes(_: int) -> object:
        wanted = [f"C{pick.randrange(count):08}" for _ in range(50)]
        return worklist.match(store, SCOPE, [match_hash(secret, one) for one in wanted])

    return {
        "by last day": walk(lambda after: worklist.page(store, SCOPE, after=after)),
        "by amount": walk(lambda after: worklist.page(store, SCOPE, None, "-amount", after)),
        "by answer": walk(lambda after: worklist.page(store, SCOPE, None, "-produced", after)),
        "ready": walk(lambda after: worklist.page(store, SCOPE, ready, "due", after)),
        "ready, by amount": walk(
            lambda after: worklist.page(store, SCOPE, ready, "-amount", after)
        ),
        "one payer": walk(lambda after: worklist.page(store, SCOPE, one_payer, "due", after)),
        "due within 14 days": walk(lambda after: worklist.page(store, SCOPE, near, "due", after)),
        "one claim": lambda _: worklist.page(
            store, SCOPE, Filter(claim=f"C{pick.randrange(count):08}")
        ),
        "one patient": lambda _: worklist.page(
            store, SCOPE, Filter(member_id=f"M{pick.randrange(count // 3):08}")
        ),
        "one line, with its steps": lambda _: worklist.line(
            store, SCOPE, 1 + pick.randrange(count)
        ),
        "50 hashes of an extension": hashes,
        "sums by state, reason, payer": lambda _: worklist.totals(store, SCOPE),
    }


def measure(house: House, count: int, rounds: int, until: float) -> Rows:
    """Fill a store and ask it, in this process; `until` bounds the filling."""
    rows = Rows()
    store = house.open()
    try:
        with clock() as spent:
            filled = fill(store, count, until)
        wall, cpu = spent()
        rows.say(f"{filled:,} lines written", f"{wall / 1000:.0f} s (CPU {cpu / 1000:.0f} s)")
        if filled < count:
            rows.say("asked for", f"{count:,} lines: the time was up")
        if not store.sqlite:
            with store.engine.connect() as connection:
                connection.execute(text("ANALYZE"))
        for name, ask in questions(store, filled).items():
            times = []
            for number in range(rounds):
                with clock() as spent:
                    ask(number)
                times.append(spent())
            walls, cpus = [one[0] for one in times], [one[1] for one in times]
            rows.say(
                name,
                f"median {percentile(walls, 0.5):.1f} ms, p99 {percentile(walls, 0.99):.1f} ms "
                f"(CPU median {percentile(cpus, 0.5):.1f}, p99 {percentile(cpus, 0.99):.1f})",
            )
    finally:
        store.close()
    return rows


API_PAGES = (
    "/api/v1/lines",
    "/api/v1/lines?state=ready",
    "/api/v1/lines?sort=-amount",
    "/api/v1/lines?state=review&sort=due&limit=100",
)
HTML_PAGES = ("/", "/?state=ready", "/?view=payer", "/overview", "/lines/1")


def over_http(house: House, rows: Rows, first: dict[str, float], rounds: int) -> None:
    """The same store served: pages of the API and of the worklist, one biller clicking."""
    cookie = house.cookie()
    with house.served() as running:
        for paths, headers, many in (
            (API_PAGES, running.headers, rounds),
            (HTML_PAGES, {"Cookie": cookie}, max(rounds // 3, 10)),
        ):
            for path in paths:
                before = running.cpu_seconds()
                times = clicks(running, path, headers, many)
                cpu = (running.cpu_seconds() - before) / (many + 10) * 1000
                growth = cpu / first.setdefault(path, cpu)
                rows.say(
                    f"`GET {path}`",
                    f"median {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms "
                    f"(server's CPU {cpu:.1f}, {growth:.2f} times the smallest list's)",
                )
        _in_a_browser(rows, f"http://127.0.0.1:{running.port}", cookie)


def _in_a_browser(rows: Rows, address: str, cookie: str) -> None:
    """Until the page can be used, as Chromium counts it; left out where there is none."""
    from playwright.sync_api import Error, sync_playwright

    from tests.browser.chromium import CHROMIUM

    name, _, value = cookie.partition("=")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
        except Error:
            rows.say("in Chromium", "left out: no Chromium is installed")
            return
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        for path in ("/", "/overview"):
            times = []
            for _ in range(21):
                page.goto(address + path, wait_until="load")
                times.append(float(page.evaluate(_INTERACTIVE)))
            times = times[1:]
            rows.say(
                f"`{path}` in Chromium, until interactive",
                f"median {percentile(times, 0.5):.0f} ms, worst {max(times):.0f} ms",
            )
        browser.close()


_INTERACTIVE = "performance.getEntriesByType('navigation')[0].domInteractive"


class Rows(list[tuple[str, str]]):
    """What was measured, told as it comes."""

    def say(self, what: str, value: str) -> None:
        self.append((what, value))
        print(f"{what:<44} {value}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=14, help="at most, filling included")
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL started for this")
    parser.add_argument("--write", action="store_true", help="into RESULTS.md")
    asked = parser.parse_args()
    # What is asked afterwards takes about two minutes.
    until = time.monotonic() + max(asked.minutes - 2.5, 0.2) * 60
    told: list[str] = []
    first: dict[str, float] = {}
    for count in asked.lines:
        with database(asked.postgres) as url, new_house(url) as house:
            print(f"\n{count:,} lines", flush=True)
            rows = measure(house, count, asked.rounds, until)
            over_http(house, rows, first, asked.rounds)
        table = "\n".join(f"| {what} | {value} |" for what, value in rows)
        told.append(f"### {count:,} lines\n\n| what | measured |\n| --- | --- |\n{table}")
    if asked.write:
        kind = "PostgreSQL" if asked.postgres else "SQLite"
        head = (
            f"`python benchmarks/worklist.py{' --postgres' if asked.postgres else ''}`, "
            f"{datetime.now(UTC).date()}, {kind}, Python {platform.python_version()}, "
            f"{os.cpu_count()} cores, load meanwhile {os.getloadavg()[1]:.1f}. A page is 50 lines "
            "(on the worklist 30), opened. The first rows are asked in this process; those with an "
            "address over HTTP of `remitlens serve`, one at a time."
        )
        write_section(f"worklist, {kind}", head + "\n\n" + "\n\n".join(told))


@contextmanager
def database(postgres: bool) -> Iterator[str]:
    """ "" for SQLite in the folder, or the URL of a PostgreSQL that ends with this."""
    if not postgres:
        yield ""
        return
    from tests.conftest import Cluster, _binaries

    binaries = _binaries()
    if binaries is None:
        sys.exit("PostgreSQL's binaries (initdb, pg_ctl) are not on this machine")
    cluster = Cluster(binaries)
    cluster.start()
    try:
        yield cluster.database("bench")
    finally:
        cluster.stop("immediate")
        cluster.remove()


if __name__ == "__main__":
    main()
