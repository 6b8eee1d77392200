"""What goes wrong around a server, done to a real one: it answers or refuses clearly, and recovers.

    python benchmarks/faults.py --write       everything, into RESULTS.md; at most 14 minutes
    python benchmarks/faults.py slow bodies   only those named

Names: slow, bodies, deep, clock, locked, disk, killed, postgres. Each prints what was done, what
was answered, and how long recovery took; exit code 1 where something did not hold or had no time.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import platform
import random
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from decide import write_section  # noqa: E402

from server.settings import Settings, StoreSettings  # noqa: E402
from server.store import open_store  # noqa: E402
from server.store.keys import new_key  # noqa: E402
from server.store.sealing import MasterKey  # noqa: E402
from tests.api.live import Live, served, wait_for  # noqa: E402
from tests.conftest import Cluster, _binaries  # noqa: E402

CLAIMS = 25_000
LINES_A_CLAIM = 4


class Findings:
    """What was found, fault by fault, and how much time is left."""

    def __init__(self) -> None:
        self.until = time.monotonic() + 3600
        self.claims = CLAIMS
        self.lines: list[str] = []
        self.failed = 0

    def begin(self, what: str) -> None:
        print(what, flush=True)
        self.lines += ["", f"{what[:1].upper()}{what[1:]}:", ""]

    def left(self) -> float:
        """Seconds that are left."""
        return self.until - time.monotonic()


FOUND = Findings()


def told(held: bool, what: str) -> None:
    """One finding."""
    said = f"{'held' if held else 'FAILED'}: {what}"
    print("  " + said, flush=True)
    FOUND.lines.append("- " + said)
    FOUND.failed += not held


def left_out(why: str) -> None:
    """A fault this machine cannot be given."""
    print("  left out: " + why, flush=True)
    FOUND.lines.append("- left out: " + why)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A home of our own, gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="rl-faults-"))
    try:
        yield made / "home"
    finally:
        shutil.rmtree(made, ignore_errors=True)


def answer(live: Live, path: str, **other: object) -> tuple[int, float]:
    """Status and seconds; status 0 where the connection broke."""
    began = time.monotonic()
    try:
        status = live.ask(path, **other)[0]  # type: ignore[arg-type]
    except OSError:
        status = 0
    return status, time.monotonic() - began


def slow() -> None:
    """1,000 connections that send a byte a second: headers first, then bodies."""
    FOUND.begin("1,000 connections that send a byte a second")
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    with folder() as home, served(home, new_key()) as live:
        for what, head in (
            ("headers", b"GET /api/v1/codes/107 HTTP/1.1\r\nHost: localhost\r\nX-A: "),
            ("bodies to pairing, unknown caller", _post("/api/v1/pairing", "")),
            ("bodies to look-up, with a token", _post("/api/v1/codes/lookup", live.token)),
        ):
            _drip(live, what, head)


def _post(path: str, token: str) -> bytes:
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{bearer}Content-Type: application/json\r\n"
        "Content-Length: 1500\r\n\r\n"
    ).encode()


def _drip(live: Live, what: str, head: bytes) -> None:
    held: list[socket.socket] = []
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(1):
            for connection in held:
                with contextlib.suppress(OSError):
                    connection.send(b"x")

    for _ in range(1000):
        connection = socket.create_connection(("127.0.0.1", live.port), timeout=30)
        connection.sendall(head)
        connection.setblocking(False)
        held.append(connection)
    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    answers = []
    for _ in range(20):
        for path in ("/api/v1/codes/107", "/api/v1/lines"):
            answers.append(answer(live, path, seconds=20))
        time.sleep(0.5)
    stop.set()
    thread.join()
    worst = max(seconds for _, seconds in answers)
    good = sum(status == 200 for status, _ in answers)
    told(
        good == len(answers) and worst < 2,
        f"{what}: {good} of {len(answers)} others answered, the slowest in {worst * 1000:.0f} ms, "
        f"{live.memory_mib():.0f} MiB",
    )
    for connection in held:
        connection.close()
    told(answer(live, "/readyz")[0] == 200, f"{what}: ready after they left")


def bodies() -> None:
    """1 GB sent with and without its length."""
    FOUND.begin("bodies of 1 GB")
    with folder() as home, served(home, new_key()) as live:
        before = live.memory_mib()
        for path, chunked in (
            ("/api/v1/codes/lookup", False),
            ("/api/v1/intake/835", False),
            ("/api/v1/intake/835", True),
            ("/api/v1/pairing", True),
        ):
            status, sent, peak = _gigabyte(live, path, chunked)
            how = "chunked" if chunked else "with its length"
            told(
                status in (413, 0, 400, 422) and sent < 200 and peak < before + 400,
                f"{path}, {how}: status {status or 'connection closed'} after {sent} MiB, "
                f"peak {peak:.0f} MiB (before {before:.0f})",
            )
        told(answer(live, "/readyz")[0] == 200, "ready afterwards")


def _gigabyte(live: Live, path: str, chunked: bool) -> tuple[int, int, float]:
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=60)
    connection.putrequest("POST", path)
    connection.putheader("Authorization", f"Bearer {live.token}")
    kind = "application/json" if "intake" not in path else "application/octet-stream"
    connection.putheader("Content-Type", kind)
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    else:
        connection.putheader("Content-Length", str(2**30))
    connection.endheaders()
    block, sent, peak = b" " * 2**20, 0, 0.0
    with contextlib.suppress(OSError):
        connection.sock.settimeout(20)
        for sent in range(1, 1025):
            connection.send(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)
            if sent % 16 == 0:
                peak = max(peak, live.memory_mib())
    peak = max(peak, live.memory_mib())
    try:
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        status = 0
    connection.close()
    return status, sent, peak


def remittance(claims: int = CLAIMS) -> bytes:
    """One 835 with four lines a claim, the second denied CO-107."""
    parts = [
        "ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVER       "
        "*260321*0930*^*00501*000000001*0*T*:",
        "GS*HP*SENDERID*RECEIVER*20260321*0930*1*X*005010X221A1",
    ]
    body = [
        "ST*835*0001",
        f"BPR*I*{750 * claims}*C*CHK************20260320",
        "TRN*1*TRACE1*1512345678",
        "DTM*405*20260320",
        "N1*PR*MERIDIAN HEALTH PLAN*XV*SBXMER",
        "N3*1 PLAN WAY",
        "N4*ATLANTA*GA*30303",
        "PER*BL*DESK*TE*4045550100",
        "N1*PE*CLINIC*XX*1234567893",
        "LX*1",
    ]
    for number in range(claims):
        body += [
            f"CLP*F{number:06}*1*1900*750**12*ICN{number:06}*11*1",
            f"NM1*QC*1*FAULT{number}*PAT****MI*MF{number:06}",
            "SVC*HC:99213*350*350**1",
            "DTM*472*20260302",
            "SVC*HC:22614*1150*0**1",
            "DTM*472*20260302",
            "CAS*CO*107*1150",
            "LQ*HE*N122",
            "SVC*HC:93000*200*200**1",
            "DTM*472*20260302",
            "SVC*HC:36415*200*200**1",
            "DTM*472*20260302",
        ]
    parts += [*body, f"SE*{len(body) + 1}*0001", "GE*1*1", "IEA*1*000000001"]
    return "~".join(parts).encode() + b"~"


def _import(live: Live, content: bytes, result: list[tuple[int, bytes]]) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        result.append(
            live.ask(
                "/api/v1/intake/835",
                "POST",
                content,
                seconds=max(FOUND.left(), 1),
                Content_Type="application/octet-stream",
            )
        )


def _counts(home: Path, key: MasterKey, url: str) -> tuple[int, int]:
    """Facts and lines in the store."""
    from sqlalchemy import func, select

    from server.store.tables import facts, lines

    store = open_store(Settings(home=home, store=StoreSettings(url=url)), [key])
    try:
        with store.reading() as connection:
            return (
                int(connection.scalar(select(func.count()).select_from(facts)) or 0),
                int(connection.scalar(select(func.count()).select_from(lines)) or 0),
            )
    finally:
        store.close()


def killed(kills: int = 5, url: str = "") -> None:
    """kill -9 at random moments of a 100,000-line import."""
    claims = FOUND.claims
    database = "PostgreSQL" if url else "SQLite"
    FOUND.begin(f"kill -9 within an import of {claims * LINES_A_CLAIM:,} lines, {database}")
    content = remittance(claims)
    chance = random.Random(107)
    key = new_key()
    with folder() as home:
        home.mkdir()
        more = {"REMITLENS_STORE__URL": url} if url else {}
        for number in range(kills):
            # Some while the file is read, some while its lines are decided.
            within = number >= kills // 2
            _kill_once(home, key, more, content, chance.uniform(0.3, 6), within)
            facts, lines = _counts(home, key, url)
            told(
                facts in (0, claims),
                f"kill {number + 1}: {facts:,} facts and {lines:,} lines stand "
                f"(all of the file or none: {facts in (0, claims)})",
            )
        with served(home, key, **more) as live:
            began = time.monotonic()
            while _counts(home, key, url)[1] < claims and FOUND.left() > 0:
                time.sleep(1)
            told(
                _counts(home, key, url)[1] == claims,
                f"started again, what was left undecided is decided in "
                f"{time.monotonic() - began:.0f} s, without a hand",
            )
            began = time.monotonic()
            result: list[tuple[int, bytes]] = []
            _import(live, content, result)
            status, body = result[0] if result else (0, b"{}")
            took = time.monotonic() - began
            done = json.loads(body)
            told(status == 200, f"imported again: status {status} in {took:.0f} s")
            told(done.get("new", 0) + done.get("known", 0) == claims, "every fact is there once")
        told(_counts(home, key, url) == (claims, claims), "every denied line is there once")


def _kill_once(
    home: Path, key: MasterKey, more: dict[str, str], content: bytes, after: float, within: bool
) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired), served(home, key, **more) as live:
        result: list[tuple[int, bytes]] = []
        sender = threading.Thread(target=_import, args=(live, content, result), daemon=True)
        sender.start()
        until = time.monotonic() + 120
        while within and time.monotonic() < until:
            if _counts(home, key, more.get("REMITLENS_STORE__URL", ""))[0]:
                break
            time.sleep(0.5)
        time.sleep(after)
        for child in _children(live.process.pid):
            os.kill(child, signal.SIGKILL)
        live.process.kill()
        sender.join(10)


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError, ValueError):
            fields = dict(
                line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line
            )
            if int(fields["PPid"]) == parent:
                found.append(int(status.parent.name))
    return found


def locked() -> None:
    """Another process holds the database's write lock, then lets go."""
    FOUND.begin("the database locked by another process")
    with folder() as home, served(home, new_key()) as live:
        other = sqlite3.connect(home / "remitlens.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        told(answer(live, "/api/v1/lines")[0] == 200, "reading goes on")
        status, seconds = answer(
            live, "/api/v1/lines/1/note", method="POST", body=b'{"text": "x"}',
            seconds=60, Content_Type="application/json",
        )  # fmt: skip
        told(status in (404, 503), f"a change answers {status} after {seconds:.1f} s")
        told(answer(live, "/api/v1/codes/107")[0] == 200, "codes are answered meanwhile")
        other.execute("ROLLBACK")
        other.close()
        status, _ = answer(
            live, "/api/v1/lines/1/note", method="POST", body=b'{"text": "x"}',
            Content_Type="application/json",
        )  # fmt: skip
        told(status == 404, "once it is free, changes are answered again")


def disk() -> None:
    """A file system of 24 MiB that fills up during an import."""
    FOUND.begin("a full disk")
    if os.geteuid() != 0:
        left_out("mounting a small tmpfs needs root")
        return
    mount = Path(tempfile.mkdtemp(prefix="rl-small-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(mount)], check=True)
    key = new_key()
    try:
        with served(mount / "home", key) as live:
            result: list[tuple[int, bytes]] = []
            _import(live, remittance(12_000), result)
            status, body = result[0] if result else (0, b"{}")
            kind = json.loads(body or b"{}").get("type", "")
            told(status == 503 and kind.endswith("full"), f"the import answers {status} {kind}")
            told(answer(live, "/api/v1/codes/107")[0] == 200, "codes are answered")
            subprocess.run(["mount", "-o", "remount,size=400m", str(mount)], check=True)
            result.clear()
            _import(live, remittance(12_000), result)
            status, body = result[0] if result else (0, b"{}")
            told(status == 200, f"with room again the same import answers {status}")
            done = json.loads(body)
            told(
                {done.get("new"), done.get("known")} == {0, 12_000},
                "the first try had left the whole file or nothing of it: "
                f"{done.get('known')} facts known, {done.get('new')} new",
            )
    finally:
        subprocess.run(["umount", str(mount)], check=False)
        mount.rmdir()


def postgres() -> None:
    """PostgreSQL stopped under load, and started again; then kills on it."""
    FOUND.begin("PostgreSQL stopped and back")
    binaries = _binaries()
    if binaries is None:
        left_out("PostgreSQL's binaries are not on this machine")
        return
    cluster = Cluster(binaries)
    cluster.start()
    try:
        url = cluster.database("faults")
        with folder() as home, served(home, new_key(), REMITLENS_STORE__URL=url) as live:
            told(answer(live, "/api/v1/lines")[0] == 200, "answers while it is there")
            cluster.stop("immediate")
            for path in ("/readyz", "/api/v1/lines"):
                status, seconds = answer(live, path, seconds=60)
                told(status == 503, f"{path} answers {status} after {seconds:.1f} s")
            told(answer(live, "/healthz")[0] == 200, "the process itself lives")
            cluster.start()
            began = time.monotonic()
            wait_for(live, "/api/v1/lines", 30)
            told(True, f"answers {time.monotonic() - began:.1f} s after it is back, without a hand")
        killed(3, cluster.database("killed"))
    finally:
        with contextlib.suppress(RuntimeError):
            cluster.stop("immediate")
        cluster.remove()


def deep() -> None:
    """JSON nested as deep as each address's cap lets it be."""
    FOUND.begin("deep JSON")
    with folder() as home, served(home, new_key()) as live:
        before = live.memory_mib()
        for path, size, head in (
            ("/api/v1/codes/lookup", 60_000, b'{"codes": '),
            ("/api/v1/lines/match", 60_000, b'{"portal": "meridian", "hashes": '),
            ("/api/v1/pairing", 1900, b'{"code": '),
            ("/api/v1/intake/observation", 8_000_000, b'{"portal": "meridian", "html": '),
        ):
            for kind, unit in (("lists", b"["), ("objects", b'{"a":')):
                body = head + unit * (size // len(unit))
                status, seconds = answer(
                    live, path, method="POST", body=body, Content_Type="application/json"
                )
                told(
                    400 <= status < 500 and seconds < 5,
                    f"{path}, {size // len(unit):,} {kind}: status {status} in {seconds:.2f} s",
                )
        told(live.memory_mib() < before + 200, f"memory {live.memory_mib():.0f} MiB afterwards")
        told(answer(live, "/readyz")[0] == 200, "ready afterwards")


# A server whose clock is as far off as a file says: set while it runs.
_OFF = """
import datetime, time
from pathlib import Path
_real, _seconds = datetime.datetime, time.time
def _off():
    return float(Path({file!r}).read_text() or 0)
class _Kind(type):
    def __instancecheck__(cls, one):
        return isinstance(one, _real)
    def __subclasscheck__(cls, one):
        return issubclass(one, _real)
class datetime_(_real, metaclass=_Kind):
    @classmethod
    def now(cls, tz=None):
        return _real.now(tz) + datetime.timedelta(seconds=_off())
datetime_.__name__ = datetime_.__qualname__ = "datetime"
datetime.datetime = datetime_
time.time = lambda: _seconds() + _off()
"""


def clock() -> None:
    """The machine's clock set a day and a year back and ahead while the server runs."""
    FOUND.begin("the clock moved")
    with folder() as home, tempfile.TemporaryDirectory() as shim:
        off = Path(shim) / "off"
        off.write_text("0")
        (Path(shim) / "sitecustomize.py").write_text(_OFF.format(file=str(off)))
        with served(home, new_key(), PYTHONPATH=f"{shim}:{ROOT}") as live:
            result: list[tuple[int, bytes]] = []
            _import(live, remittance(20), result)
            told(result[0][0] == 200, "a remittance taken in by the right clock")
            for days in (-1, -400, 1, 400, 0):
                off.write_text(str(timedelta(days=days).total_seconds()))
                # A token that was seen to hold is believed for two seconds.
                time.sleep(2.1)
                told(
                    _all_well(live, days),
                    f"{days:+} days: reads, notes and the report are answered",
                )


def _all_well(live: Live, days: int) -> bool:
    status, body = live.ask(
        "/api/v1/lines/1/note", "POST", b'{"text": "x"}', Content_Type="application/json"
    )
    if status != 200:
        return False
    # The server itself must believe that other day.
    at = datetime.fromisoformat(json.loads(body)["at"])
    if abs(at - datetime.now(UTC) - timedelta(days=days)) > timedelta(minutes=5):
        return False
    paths = ("/readyz", "/api/v1/lines", "/api/v1/lines/1", "/api/v1/reports/night")
    return all(answer(live, path)[0] == 200 for path in paths)


FAULTS: dict[str, Callable[[], None]] = {
    "slow": slow,
    "bodies": bodies,
    "deep": deep,
    "clock": clock,
    "locked": locked,
    "disk": disk,
    "killed": killed,
    "postgres": postgres,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("faults", nargs="*", default=list(FAULTS), metavar="|".join(FAULTS))
    parser.add_argument("--claims", type=int, default=CLAIMS, help="of an import, 4 lines each")
    parser.add_argument("--minutes", type=float, default=14, help="at most")
    parser.add_argument("--write", action="store_true", help="into RESULTS.md")
    asked = parser.parse_args()
    unknown = set(asked.faults) - set(FAULTS)
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    FOUND.until, FOUND.claims = time.monotonic() + asked.minutes * 60, asked.claims
    signal.signal(signal.SIGALRM, _time_is_up)
    signal.alarm(int(asked.minutes * 60) + 1)
    for name in asked.faults:
        try:
            FAULTS[name]()
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            # What was found so far is told; a fault that cannot be measured is one that failed.
            told(False, f"{name}: {type(error).__name__} {error}"[:300])
    signal.alarm(0)
    print(f"{FOUND.failed} failed")
    if asked.write:
        head = (
            f"`python benchmarks/faults.py`, {datetime.now(UTC).date()}, Python "
            f"{platform.python_version()}, {os.cpu_count()} cores, load meanwhile "
            f"{os.getloadavg()[1]:.1f}: {FOUND.failed} failed."
        )
        write_section("faults", head + "\n" + "\n".join(FOUND.lines))
    sys.exit(1 if FOUND.failed else 0)


def _time_is_up(_number: int, _frame: object) -> None:
    # Again shortly, so that each fault left over ends where it begins.
    signal.alarm(2)
    raise TimeoutError("the time was up")


if __name__ == "__main__":
    main()
