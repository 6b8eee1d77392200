"""How fast the API answers what a hover asks for, with its peers beside it in the same run.

    python benchmarks/api.py --write    about three minutes, into RESULTS.md

One code: ours, a bare Flask route that returns the same bytes, FastAPI under uvicorn with the same
model. Each server stands alone while it is measured; rounds alternate, and the median counts.
Pages of the worklist are measured by `benchmarks/worklist.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from decide import write_section  # noqa: E402
from serving import Running, Wrk, free_port, new_house, started, wrk  # noqa: E402

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


def codes(rounds: int, seconds: int) -> str:
    """Requests a second and p99 at 32 connections: ours against two peers."""
    folder = Path(tempfile.mkdtemp(prefix="rl-peers-"))
    with new_house() as house:
        with house.served(CODE) as ours:
            body = ours.get(CODE)[1]
        (folder / "bare.py").write_text(BARE.format(body=body))
        (folder / "fast.py").write_text(FAST)
        (folder / "fast_async.py").write_text(FAST_ASYNC)
        peers: dict[str, Callable[[], contextlib.AbstractContextManager[Running]]] = {
            "ours (granian)": lambda: house.served(CODE),
            "bare Flask route (granian)": lambda: _granian(folder, "bare"),
            "FastAPI, def (uvicorn)": lambda: _uvicorn(folder, "fast"),
            "FastAPI, async def (uvicorn)": lambda: _uvicorn(folder, "fast_async"),
        }
        found: dict[str, list[Wrk]] = {name: [] for name in peers}
        for _ in range(rounds):
            for name, start in peers.items():
                with start() as running:
                    wrk(running, CODE, seconds=1)
                    got = wrk(running, CODE, seconds=seconds)
                    if got.errors:
                        raise SystemExit(f"{name}: {got.errors} errors")
                    found[name].append(got)
        return _told_codes(found, len(body), seconds)


def _told_codes(found: dict[str, list[Wrk]], size: int, seconds: int) -> str:
    def middle(name: str, field: str) -> float:
        return float(statistics.median(getattr(one, field) for one in found[name]))

    ours = "ours (granian)"
    bare = middle(ours, "per_second") / middle("bare Flask route (granian)", "per_second")
    fast = min(
        middle(ours, "per_second") / middle(name, "per_second")
        for name in found
        if name.startswith("FastAPI")
    )
    rows = [
        f"One code ({size} bytes of JSON), 32 connections, medians of {len(found[ours])} "
        f"alternating rounds of {seconds} s (wrk, one thread, on the same cores). CPU is the "
        "server's own, user and system, for one request: what a busy machine does not change.",
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
    rows += [
        "",
        f"Aims: at least 0.8 of the bare route: {bare:.2f}, {_held(bare >= 0.8)}; at least 1.5 "
        f"times FastAPI (the faster of the two): {fast:.2f}, {_held(fast >= 1.5)}. "
        f"p99 under 32 connections: {middle(ours, 'p99_ms'):.2f} ms.",
    ]
    told = "\n".join(rows)
    print(told, flush=True)
    return told


def _held(aim: bool) -> str:
    return "held" if aim else "MISSED"


@contextlib.contextmanager
def _granian(folder: Path, module: str) -> Iterator[Running]:
    from server.serving import THREADS

    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    # As `remitlens serve` runs it: same threads, same bound, HTTP/1 alone.
    command += ["--blocking-threads", str(THREADS), "--backpressure", str(THREADS * 8)]
    command += ["--http", "1", "--no-ws", "--working-dir", str(folder), f"{module}:app"]
    with started(module, command, port, CODE) as running:
        yield running


@contextlib.contextmanager
def _uvicorn(folder: Path, module: str) -> Iterator[Running]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--no-access-log"]
    command += ["--log-level", "error", "--app-dir", str(folder), f"{module}:app"]
    with started(module, command, port, CODE) as running:
        yield running


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of each measurement")
    parser.add_argument("--write", action="store_true", help="into RESULTS.md")
    asked = parser.parse_args()
    told = codes(asked.rounds, asked.seconds)
    if asked.write:
        head = (
            f"`python benchmarks/api.py`, {datetime.now(UTC).date()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}; every server alone while it is measured, "
            f"load of the machine meanwhile {os.getloadavg()[1]:.1f}."
        )
        write_section("api", head + "\n\n" + told)


if __name__ == "__main__":
    main()
