"""The worklist's queries while it grows: pages, one line, a hash match, sums; on either database.

    python benchmarks/worklist.py                              # 10,000 and 1,000,000 lines, SQLite
    python benchmarks/worklist.py --postgres                   # on a PostgreSQL started for it
    python benchmarks/worklist.py --lines 10000 --write

Every line is a line of the worklist (denied CO-107), written by the store's own `write`, sealed and
indexed. A page is 50 lines, opened. Milliseconds are wall clock; behind them the process's own CPU
time, which is what an idle machine would show for SQLite.
"""

from __future__ import annotations

import argparse
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import insert

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from decide import percentile, write_section  # noqa: E402

from server.facts import Patient  # noqa: E402
from server.settings import Settings, StoreSettings  # noqa: E402
from server.store import Store, lines, open_store, practices, worklist  # noqa: E402
from server.store.keys import new_key  # noqa: E402
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


def fill(store: Store, count: int) -> None:
    for start in range(0, count, BATCH):
        records = [record(number) for number in range(start, min(start + BATCH, count))]
        with store.writing() as connection:
            practices.lock(connection, PRACTICE)
            made = connection.execute(
                insert(cohorts).returning(cohorts.c.id), [{"practice": PRACTICE}] * len(records)
            )
            decided = {row.id: [one] for row, one in zip(made, records, strict=True)}
            lines.write(connection, store, PRACTICE, decided)


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


def measure(count: int, url: str, folder: Path, rounds: int) -> list[tuple[str, str]]:
    store = open_store(Settings(home=folder, store=StoreSettings(url=url)), [new_key()])
    practices.ensure(store, PRACTICE)
    rows: list[tuple[str, str]] = []

    def say(what: str, value: str) -> None:
        rows.append((what, value))
        print(f"{what:<44} {value}", flush=True)

    with clock() as spent:
        fill(store, count)
    wall, cpu = spent()
    say(f"{count:,} lines written", f"{wall / 1000:.0f} s (CPU {cpu / 1000:.0f} s)")
    for name, ask in questions(store, count).items():
        times = []
        for number in range(rounds):
            with clock() as spent:
                ask(number)
            times.append(spent())
        walls, cpus = [one[0] for one in times], [one[1] for one in times]
        say(
            name,
            f"median {percentile(walls, 0.5):.1f} ms, p99 {percentile(walls, 0.99):.1f} ms "
            f"(CPU median {percentile(cpus, 0.5):.1f}, p99 {percentile(cpus, 0.99):.1f})",
        )
    store.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL started for this")
    parser.add_argument("--write", action="store_true", help="into RESULTS.md")
    asked = parser.parse_args()
    told = []
    for count in asked.lines:
        with database(asked.postgres) as url, tempfile.TemporaryDirectory() as folder:
            print(f"\n{count:,} lines", flush=True)
            rows = measure(count, url, Path(folder), asked.rounds)
        table = "\n".join(f"| {what} | {value} |" for what, value in rows)
        told.append(f"### {count:,} lines\n\n| what | measured |\n| --- | --- |\n{table}")
    if asked.write:
        kind = "PostgreSQL" if asked.postgres else "SQLite"
        head = (
            f"`python benchmarks/worklist.py`, {kind}, one process, Python "
            f"{platform.python_version()}, {platform.machine()}. A page is 50 lines, opened."
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
