"""Servers for the API's benchmarks: ours, a bare Flask route, and FastAPI, on loopback."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from server.settings import Settings, StoreSettings
from server.store import Store, open_store, people, practices, tokens
from server.store.keys import ENVIRONMENT, encode, new_key
from server.store.sealing import MasterKey

ROOT = Path(__file__).resolve().parent.parent
PRACTICE = "bench"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A server under measurement."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    headers: dict[str, str]

    def cpu_seconds(self) -> float:
        """CPU time so far of the server and its workers."""
        parents: dict[int, int] = {}
        spent: dict[int, float] = {}
        for file in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = file.read_text().rpartition(")")[2].split()
                number = int(file.parent.name)
                parents[number] = int(fields[1])
                spent[number] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        ours = {self.process.pid}
        for _ in range(4):
            ours |= {child for child, parent in parents.items() if parent in ours}
        return sum(spent.get(number, 0.0) for number in ours)

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers=self.headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextlib.contextmanager
def started(name: str, command: list[str], port: int, path: str, **other: str) -> Iterator[Running]:
    """A server's process, from its first good answer on."""
    headers = {"Authorization": other.pop("token")} if "token" in other else {}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | other,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    running = Running(name, port, process, headers)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                if running.get(path)[0] == 200:
                    break
            if process.poll() is not None:
                raise SystemExit(f"{name}: ended with {process.returncode}")
            time.sleep(0.1)
        else:
            raise SystemExit(f"{name}: no answer")
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()


@dataclass
class House:
    """A store of our own in a temporary folder, with a token."""

    home: Path
    key: MasterKey
    url: str
    token: str

    def settings(self) -> Settings:
        return Settings(home=self.home, config=ROOT / "config", store=StoreSettings(url=self.url))

    def open(self) -> Store:
        return open_store(self.settings(), [self.key])

    @contextlib.contextmanager
    def served(self, path: str = "/readyz") -> Iterator[Running]:
        port = free_port()
        with started(
            "remitlens",
            [sys.executable, "-m", "server.cli", "serve", "--port", str(port)],
            port,
            path,
            token=f"Bearer {self.token}",
            REMITLENS_HOME=str(self.home),
            REMITLENS_CONFIG=str(ROOT / "config"),
            REMITLENS_STORE__URL=self.url,
            REMITLENS_SERVER__REQUESTS_PER_MINUTE="1000000000",
            **{ENVIRONMENT: encode([self.key])},
        ) as running:
            yield running

    def cookie(self) -> str:
        """The cookie of an admin who is signed in, as a browser would send it."""
        from server.app import create_app

        with contextlib.closing(self.open()) as store:
            who = people.by_login(store, "bench") or people.add(store, "bench", "Bench", "").person
            people.set_role(store, who.id, PRACTICE, "admin")
            app = create_app(self.settings(), store)
            client = app.test_client()
            with client.session_transaction() as session:
                session["s"] = people.begin_session(store, who.id, datetime.now(UTC))
            name = app.config["SESSION_COOKIE_NAME"]
            kept = client.get_cookie(name)
            if kept is None:
                raise SystemExit("no session cookie was made")
            return f"{name}={kept.value}"


@contextlib.contextmanager
def new_house(url: str = "") -> Iterator[House]:
    """An empty store with one practice; gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="rl-bench-"))
    key = new_key()
    house = House(home, key, url, "")
    store = house.open()
    practices.ensure(store, PRACTICE)
    _, house.token = tokens.issue(
        store, {PRACTICE}, list(tokens.SCOPES), "bench", "bench", datetime.now(UTC)
    )
    store.close()
    try:
        yield house
    finally:
        shutil.rmtree(home, ignore_errors=True)


def clicks(
    running: Running, path: str, headers: dict[str, str], count: int, warm: int = 10
) -> list[float]:
    """Milliseconds of each of many requests over one connection, the first ones left out.

    Half of them go on through a list, where the answer tells where it goes on.
    """
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    times: list[float] = []
    onward = ""
    for number in range(count + warm):
        began = time.perf_counter()
        connection.request("GET", path + onward, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:200]!r}")
        if number >= warm:
            times.append(took)
        following = _CURSOR.search(body)
        mark = "&" if "?" in path else "?"
        onward = f"{mark}cursor={following[1].decode()}" if number % 2 and following else ""
    connection.close()
    return times


_CURSOR = re.compile(rb'"next_cursor": ?"([A-Za-z0-9_-]+)"')


@dataclass(frozen=True)
class Wrk:
    """What wrk measured, and the server's CPU time for each request (microseconds)."""

    per_second: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    errors: int


def wrk(running: Running, path: str, connections: int = 32, seconds: int = 4) -> Wrk:
    """Load a server with wrk; raises SystemExit where wrk is not there."""
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("wrk is not installed (apt-get install wrk)")
    headers = [
        part for name, value in running.headers.items() for part in ("-H", f"{name}: {value}")
    ]
    before = running.cpu_seconds()
    done = subprocess.run(
        [program, "-t1", f"-c{connections}", f"-d{seconds}", "--latency", *headers,
         f"http://127.0.0.1:{running.port}{path}"],
        capture_output=True, text=True, check=True, timeout=seconds + 60,
    )  # fmt: skip
    text = done.stdout
    spent = running.cpu_seconds() - before
    total = int(re.search(r"(\d+) requests in", text)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])  # type: ignore[index]
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: (.*)", text)
    return Wrk(
        rate,
        spent / max(total, 1) * 1e6,
        _latency(text, "50%"),
        _latency(text, "99%"),
        (int(wrong[1]) if wrong else 0)
        + (sum(map(int, re.findall(r"\d+", broken[1]))) if broken else 0),
    )


def _latency(text: str, name: str) -> float:
    found = re.search(rf"\s{re.escape(name)}\s+([\d.]+)(us|ms|s)", text)
    if found is None:
        raise SystemExit("wrk said no latency")
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]
