"""A server of our own in a process of its own, on loopback, for what only a real one shows."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from server.settings import Settings
from server.store import open_store, practices, tokens
from server.store.keys import ENVIRONMENT, encode
from server.store.sealing import MasterKey
from tests.api.house import ROOT

START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Live:
    port: int
    process: subprocess.Popen[str]
    token: str
    log: Path

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        seconds: float = 30,
        **headers: str,
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("Authorization", f"Bearer {self.token}")
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def memory_mib(self) -> float:
        """Resident memory of the server and its workers."""
        total = 0
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
            except OSError:
                continue
            fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
            own = int(fields.get("Tgid", "0")) == self.process.pid
            if own or int(fields.get("PPid", "0")) == self.process.pid:
                total += int(fields.get("VmRSS", "0 kB").split()[0])
        return total / 1024


def environment(home: Path, key: MasterKey, port: int, **more: str) -> dict[str, str]:
    return os.environ | {
        "REMITLENS_HOME": str(home),
        "REMITLENS_CONFIG": str(ROOT / "config"),
        ENVIRONMENT: encode([key]),
        "REMITLENS_SERVER__PORT": str(port),
        "REMITLENS_SERVER__REQUESTS_PER_MINUTE": "1000000",
        **more,
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "server.cli", *arguments]


@contextmanager
def served(home: Path, key: MasterKey, **more: str) -> Iterator[Live]:
    """`remitlens serve` on a free port, until the block ends."""
    port = free_port()
    given = environment(home, key, port, **more)
    url = more.get("REMITLENS_STORE__URL", "")
    store = open_store(Settings(home=home, store={"url": url}), [key])  # type: ignore[arg-type]
    practices.ensure(store, "north")
    _, token = tokens.issue(store, {"north"}, list(tokens.SCOPES), "live", "cli", datetime.now(UTC))
    store.close()
    log = home / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            command("serve"), cwd=ROOT, env=given, stdout=out, stderr=subprocess.STDOUT, text=True
        )
        live = Live(port, process, token, log)
        try:
            wait_for(live)
            yield live
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def wait_for(live: Live, path: str = "/readyz", seconds: float = START_SECONDS) -> None:
    """Until the server answers 200."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if live.process.poll() is not None:
            raise RuntimeError(f"the server ended: {live.log.read_text()[-2000:]}")
        try:
            if live.ask(path, seconds=5)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"no answer in {seconds} s: {live.log.read_text()[-2000:]}")
