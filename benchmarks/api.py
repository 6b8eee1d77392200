"""How fast the API answers, with its peers beside it in the same run.

    python benchmarks/api.py codes      one code: ours, a bare Flask route, FastAPI under uvicorn
    python benchmarks/api.py lines      worklist pages at 10,000 and 1,000,000 lines
    python benchmarks/api.py            both

Each server stands alone while it is measured; rounds alternate, and the median counts.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import insert, text

from benchmarks.serving import PRACTICE, ROOT, House, free_port, new_house, started, wrk
from server.facts import Patient
from server.store import Store, lines, practices
from server.store.lines import LineRecord
from server.store.tables import cohorts

CODE = "/api/v1/codes/CO-107"
ROUNDS = 1
SECONDS = 2

BARE = """
from flask import Flask, Response
app = Flask(__name__)
BODY = {body!r}
@app.get("/api/v1/codes/<code>")
def one(code):
    return Response(BODY, content_type="application/json")
"""
FAST = """\

from typing import Any
from fastapi import FastAPI
from server.api.codes import CodeOut
from server.codes.lookup import catalogue
app = FastAPI()
@app.get("/api/v1/codes/{code}", response_model=CodeOut)
def one(code: str) -> Any:
    return catalogue().explain(code).to_dict()
"""
FAST_ASYNC = FAST.replace("def one", "async def one")


def codes() -> None:
    """Requests a second and p99 at 32 connections: ours against two peers."""
    folder = Path(tempfile.mkdtemp(prefix="rl-peers-"))
    with new_house() as house:
        with house.served(CODE) as ours:
            body = ours.get(CODE)[1]
        (folder / "bare.py").write_text(BARE.format(body=body))
        (folder / "fast.py").write_text(FAST)
        (folder / "fast_async.py").write_text(FAST_ASYNC)
        peers = {
            "ours (granian)": lambda: house.served(CODE),
            "bare Flask route (granian)": lambda: _granian(folder, "bare"),
            "FastAPI, def (uvicorn)": lambda: _uvicorn(folder, "fast"),
            "FastAPI, async def (uvicorn)": lambda: _uvicorn(folder, "fast_async"),
        }
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in peers}
        for _ in range(ROUNDS):
            for name, start in peers.items():
                with start() as running:
                    wrk(running, CODE, seconds=1)
                    got = wrk(running, CODE, seconds=SECONDS)
                    if got.errors:
                        raise SystemExit(f"{name}: {got.errors} errors")
                    found[name].append((got.per_second, got.p50_ms, got.p99_ms))
        _tell_codes(found, len(body))


def _tell_codes(found: dict[str, list[tuple[float, float, float]]], size: int) -> None:
    rates = {name: statistics.median(one[0] for one in runs) for name, runs in found.items()}
    print(f"one code ({size} bytes), 32 connections, median of {ROUNDS} rounds of {SECONDS} s")
    for name, runs in found.items():
        p50 = statistics.median(one[1] for one in runs)
        p99 = statistics.median(one[2] for one in runs)
        print(f"  {name:32} {rates[name]:8.0f}/s  p50 {p50:6.2f} ms  p99 {p99:7.2f} ms")
    ours = rates["ours (granian)"]
    bare = rates["bare Flask route (granian)"]
    fast = max(rate for name, rate in rates.items() if name.startswith("FastAPI"))
    print(f"  ours / bare Flask: {ours / bare:.2f} (wanted: at least 0.8)")
    print(f"  ours / FastAPI (its better one): {ours / fast:.2f} (wanted: at least 1.5)")


@contextlib.contextmanager
def _granian(folder: Path, module: str) -> Iterator[object]:
    from server.serving import THREADS

    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    # As `remitlens serve` runs it: same threads, same bound, HTTP/1 alone.
    command += ["--blocking-threads", str(THREADS), "--backpressure", str(THREADS * 8)]
    command += ["--http", "1", "--no-ws", "--working-dir", str(folder), f"{module}:app"]
    with started(module, command, port, CODE) as running:
        yield running


@contextlib.contextmanager
def _uvicorn(folder: Path, module: str) -> Iterator[object]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--no-access-log"]
    command += ["--log-level", "error", "--app-dir", str(folder), f"{module}:app"]
    with started(module, command, port, CODE) as running:
        yield running


PAGES = (
    "/api/v1/lines",
    "/api/v1/lines?state=ready",
    "/api/v1/lines?sort=-amount",
    "/api/v1/lines?state=review&sort=due&limit=100",
)
SIZES = (10_000, 1_000_000)
ASKED = 200


def worklist(databases: tuple[str, ...]) -> None:
    """p99 of worklist pages at both sizes, one biller clicking; then four at once."""
    for database in databases:
        growth: dict[str, list[float]] = {path: [] for path in PAGES}
        with _database(database) as url, new_house(url) as house:
            stands = 0
            for size in SIZES:
                began = time.perf_counter()
                fill(house, stands, size)
                stands = size
                print(f"{database}, {size:,} lines (filled in {time.perf_counter() - began:.0f} s)")
                with house.served() as running:
                    for path in PAGES:
                        times = _clicks(running.port, path, house.token)
                        p50, p99 = _quantile(times, 0.5), _quantile(times, 0.99)
                        growth[path].append(p50)
                        print(f"  {path:48} p50 {p50:6.2f} ms  p99 {p99:6.2f} ms")
                    four = wrk(running, PAGES[0], connections=4, seconds=SECONDS)
                    print(
                        f"  {PAGES[0] + ', 4 at once':48} p50 {four.p50_ms:6.2f} ms  "
                        f"p99 {four.p99_ms:6.2f} ms  {four.per_second:.0f}/s"
                    )
        for path, (small, large) in growth.items():
            print(f"  {database}: {path}: 100 times the lines, {large / small:.2f} times the time")


@contextlib.contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "sqlite":
        yield ""
        return
    from tests.conftest import Cluster, _binaries

    binaries = _binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL's binaries are not on this machine")
    cluster = Cluster(binaries)
    cluster.start()
    try:
        yield cluster.database("bench")
    finally:
        cluster.stop("immediate")
        cluster.remove()


def _clicks(port: int, path: str, token: str) -> list[float]:
    """Milliseconds of each of many requests over one connection, first ones left out."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}"}
    times: list[float] = []
    cursor = ""
    for number in range(ASKED + 20):
        began = time.perf_counter()
        connection.request("GET", path + cursor, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:200]!r}")
        if number >= 20:
            times.append(took)
        # Half of them go on through the list, as a biller does.
        following = json.loads(body)["next_cursor"]
        mark = "&" if "?" in path else "?"
        cursor = f"{mark}cursor={following}" if number % 2 and following else ""
    connection.close()
    return times


def _quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


STATES = (
    ("ready", "primary_not_billed"),
    ("review", "no_pair_rule"),
    ("waiting", "primary_pending"),
    ("appeal", "primary_paid_other_claim"),
    ("resolved", "paid"),
    ("resolved", "paid"),
    ("resolved", "paid"),
    ("closed", "no_longer_107"),
    ("resubmitted", "answer_pending"),
    ("resolved", "paid"),
)
"""A year's worklist: four in ten lines still ask something of a person."""
BATCH = 20_000


def fill(house: House, start: int, stop: int) -> None:
    """Write lines start..stop by the store's own way, a batch a cohort."""
    store = house.open()
    try:
        for first in range(start, stop, BATCH):
            _fill_batch(store, range(first, min(first + BATCH, stop)))
        if not store.sqlite:
            with store.engine.connect() as connection:
                connection.execute(text("ANALYZE"))
    finally:
        store.close()


def _fill_batch(store: Store, numbers: range) -> None:
    with store.writing() as connection:
        practices.lock(connection, PRACTICE)
        cohort = connection.execute(
            insert(cohorts).values(practice=PRACTICE).returning(cohorts.c.id)
        ).scalar_one()
        lines.write(connection, store, PRACTICE, {cohort: [_line(one) for one in numbers]})


def _line(number: int) -> LineRecord:
    state, reason = STATES[number * 7919 % len(STATES)]
    day = date(2026, 1, 1) + timedelta(days=number * 31 % 320)
    return LineRecord(
        claim=f"B{number:08}",
        payer=f"payer{number % 12}",
        payer_name=f"PAYER {number % 12}",
        patient=Patient(f"M{number // 3:08}", f"LAST{number // 3}", "FIRST", date(1960, 1, 1)),
        payer_claim_control_number=f"ICN{number:09}",
        line_control=f"L{number % 4}",
        procedure=("22614", "64494", "90472", "99292")[number % 4],
        modifiers=("59",) if number % 5 == 0 else (),
        first_day=day,
        last_day=day,
        units=Decimal(1),
        charge=Decimal(100 + number % 2000),
        amount=Decimal(100 + number % 2000),
        groups=("CO",),
        carcs=("107",),
        rarcs=("N122",),
        denied_on=day + timedelta(days=14),
        produced=day + timedelta(days=14),
        state=state,
        reason=reason,
        route="replacement_claim" if state == "ready" else "",
        deadline=day + timedelta(days=194),
        as_of=date(2026, 11, 23),
        missing=("22612",),
        detail={"steps": [["6j", True, "an unbilled charge holds 22612"]], "evidence": []},
    )


def main() -> None:
    asked = sys.argv[1:]
    databases = tuple(one for one in asked if one in ("sqlite", "postgresql"))
    if not asked or "codes" in asked:
        codes()
    if not asked or "lines" in asked:
        worklist(databases or ("sqlite", "postgresql"))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
