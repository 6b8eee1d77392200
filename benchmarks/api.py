"""How fast the API answers, with its peers beside it in the same run.

    python benchmarks/api.py codes      one code: ours, a bare Flask route, FastAPI under uvicorn
    python benchmarks/api.py sqlite     worklist pages at 10,000 and 1,000,000 lines; or postgresql
    python benchmarks/api.py --write    all of them, into RESULTS.md

Each server stands alone while it is measured; rounds alternate, and the median counts.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from decide import write_section  # noqa: E402
from serving import Wrk, free_port, new_house, started, wrk  # noqa: E402
from worklist import database, fill  # noqa: E402

CODE = "/api/v1/codes/CO-107"
ROUNDS = 5
SECONDS = 4

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


def codes() -> str:
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
        found: dict[str, list[Wrk]] = {name: [] for name in peers}
        for _ in range(ROUNDS):
            for name, start in peers.items():
                with start() as running:
                    wrk(running, CODE, seconds=1)
                    got = wrk(running, CODE, seconds=SECONDS)
                    if got.errors:
                        raise SystemExit(f"{name}: {got.errors} errors")
                    found[name].append(got)
        return _told_codes(found, len(body))


def _told_codes(found: dict[str, list[Wrk]], size: int) -> str:
    def middle(name: str, field: str) -> float:
        return statistics.median(getattr(one, field) for one in found[name])

    ours = "ours (granian)"
    rows = [
        f"One code ({size} bytes of JSON), 32 connections, medians of {ROUNDS} alternating rounds "
        f"of {SECONDS} s (wrk, one thread, on the same two cores). CPU is the server's own, user "
        "and system, for one request: what a busy machine does not change.",
        "",
        "| server | requests a second | ours beside it | CPU a request | ours beside it "
        "| median | p99 |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in found:
        rate, cpu = middle(name, "per_second"), middle(name, "cpu_us")
        rows.append(
            f"| {name} | {rate:,.0f} | {middle(ours, 'per_second') / rate:.2f} | {cpu:.0f} us "
            f"| {cpu / middle(ours, 'cpu_us'):.2f} | {middle(name, 'p50_ms'):.2f} ms "
            f"| {middle(name, 'p99_ms'):.2f} ms |"
        )
    told = "### One code\n\n" + "\n".join(rows)
    print(told, flush=True)
    return told


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


def pages(kind: str) -> str:
    """p99 of worklist pages at both sizes, one biller clicking; then four at once."""
    rows: list[str] = []
    first: dict[str, float] = {}
    for size in SIZES:
        with database(kind == "PostgreSQL") as url, new_house(url) as house:
            store = house.open()
            fill(store, size)
            if not store.sqlite:
                with store.engine.connect() as connection:
                    connection.execute(text("ANALYZE"))
            store.close()
            print(f"{kind}, {size:,} lines", flush=True)
            with house.served() as running:
                for path in PAGES:
                    before = running.cpu_seconds()
                    times = _clicks(running.port, path, house.token)
                    cpu = (running.cpu_seconds() - before) / (ASKED + 20) * 1000
                    p50, p99 = _quantile(times, 0.5), _quantile(times, 0.99)
                    growth = cpu / first.setdefault(path, cpu)
                    rows.append(
                        f"| {size:,} | `{path}` | {p50:.1f} ms | {p99:.1f} ms | {cpu:.1f} ms "
                        f"| {growth:.2f} |"
                    )
                    print(rows[-1], flush=True)
                four = wrk(running, PAGES[0], connections=4, seconds=SECONDS)
                rows.append(
                    f"| {size:,} | `{PAGES[0]}`, 4 at once | {four.p50_ms:.1f} ms "
                    f"| {four.p99_ms:.1f} ms | {four.cpu_us / 1000:.1f} ms | |"
                )
                print(rows[-1], flush=True)
    head = (
        "| lines | page | median | p99 | server's CPU a page | beside 10,000 lines |\n"
        "| ---: | --- | ---: | ---: | ---: | ---: |"
    )
    return f"### Worklist pages over HTTP, {kind}\n\n{head}\n" + "\n".join(rows)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=["codes", "sqlite", "postgresql"])
    parser.add_argument("--write", action="store_true", help="into RESULTS.md")
    asked = parser.parse_args()
    told = []
    if "codes" in asked.what:
        told.append(codes())
    for name, kind in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        if name in asked.what:
            told.append(pages(kind))
    if asked.write:
        head = (
            "`python benchmarks/api.py`, 2026-11-23, 2 cores, Debian 12, Python "
            f"{platform.python_version()}; every server alone in one process while it is measured, "
            f"load of the machine meanwhile {os.getloadavg()[1]:.1f}."
        )
        write_section("api", head + "\n\n" + "\n\n".join(told))


if __name__ == "__main__":
    main()
