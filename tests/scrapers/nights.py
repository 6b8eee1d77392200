"""A night against the sandbox that workers can be killed in: its store, its processes, its sums."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from night_worker import TODAY
from sqlalchemy import select

from scrapers import sweep as night
from scrapers.demo import account_id
from scrapers.portal import load_portals
from scrapers.sandbox.practice import write_practice
from scrapers.sandbox.serve import RunningSandbox
from scrapers.secrets import variable
from server import intake
from server.settings import EngineSettings, KeySettings, Settings, StoreSettings
from server.store import Store, accounts, keys, open_store, worklist
from server.store.sweep_tables import visits
from server.store.worklist import Filter

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("night_worker.py")
SEED = 107


@dataclass
class Night:
    """One practice's night in a folder, on SQLite or on two PostgreSQL databases."""

    home: Path
    sandbox: RunningSandbox
    portals: tuple[str, ...]
    more: int
    store_url: str = ""
    engine_url: str = ""
    accounts: tuple[tuple[str, str, str], ...] = ()
    """(account id, portal, the sandbox's account); one office a portal unless given."""
    told: dict[str, str] = field(default_factory=dict)
    """More of the environment."""
    kills: int = 0
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.accounts:
            self.accounts = tuple((account_id(one), one, "office") for one in self.portals)

    def environment(self, name: str) -> dict[str, str]:
        told = {
            "REMITLENS_HOME": str(self.home),
            "REMITLENS_CONFIG": str(ROOT / "config"),
            "REMITLENS_KEYS__SOURCE": "file",
            "REMITLENS_STORE__URL": self.store_url,
            "REMITLENS_ENGINE__URL": self.engine_url,
            "REMITLENS_SWEEP__WORKER": name,
            "REMITLENS_SWEEP__SIGN_IN_SECONDS_APART": "0",
            "REMITLENS_SWEEP__SILENT_SECONDS": "3",
            "PYTHONPATH": str(ROOT),
        }
        for account, portal, office in self.accounts:
            secret = self.sandbox.credentials(portal.split(".")[0], office)
            for part in ("username", "password", "totp"):
                told[variable(account, part.upper())] = getattr(secret, part)
        return {**os.environ, **told, **self.told}

    def settings(self) -> Settings:
        return Settings(
            home=self.home,
            config=ROOT / "config",
            keys=KeySettings(source="file"),
            store=StoreSettings(url=self.store_url),
            engine=EngineSettings(url=self.engine_url),
        )

    def open(self) -> Store:
        return open_store(self.settings())

    def bring_in(self) -> None:
        """The practice's files imported, its accounts registered and permitted."""
        found = self.settings()
        if keys.find(found) is None:
            keys.write(found, [keys.new_key()], "file")
        files = write_practice(
            self.home / "practice",
            TODAY,
            seed=SEED,
            portals=sorted({one.split(".")[0] for one in self.portals}),
            more=self.more,
        )
        store = self.open()
        try:
            intake.import_files(
                store,
                "default",
                [(file.name, file.read_bytes()) for file in files],
                who="test",
                today=TODAY,
                settings=found,
            )
            for account, portal, _ in self.accounts:
                accounts.add(store, account, "default", portal, "test")
            night.note_permissions(store, load_portals(found.config))
        finally:
            store.close()

    def run(self, what: str, name: str, *rest: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(SCRIPT), what, self.sandbox.address, ",".join(self.portals)]
        process = subprocess.Popen(
            [*command, *rest],
            env=self.environment(name),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def start(self) -> str:
        out, err = self.run("start", "starter").communicate(timeout=60)
        assert out.strip(), err
        return out.strip()

    def kill(self, process: subprocess.Popen[str]) -> bool:
        """Kill -9 a worker with its browser; whether it was still at work."""
        alive = process.poll() is None
        if alive:
            os.killpg(process.pid, signal.SIGKILL)
            self.kills += 1
        process.wait(timeout=20)
        return alive

    def end(self) -> None:
        for process in self.running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=20)

    def kill_at_random(self, sweep: str, names: tuple[str, ...], kills: int, seed: int) -> None:
        """Keep a worker a name at work, killing one at random moments, until the sweep ended."""
        chance = random.Random(seed)
        until = time.monotonic() + 30 * (kills + 6)
        at_work = {name: self.run("work", name, sweep) for name in names}
        while self.kills < kills and time.monotonic() < until:
            name = chance.choice(names)
            # It says so when it is at work: no kill is spent on a start.
            at_work[name].stdout.readline()
            time.sleep(chance.uniform(0.05, 3.0))
            if not self.kill(at_work[name]):
                break
            # One that comes back under its name, or another that takes over: both must do.
            back = name if chance.random() < 0.5 else f"{name}-{self.kills}"
            del at_work[name]
            names = tuple(back if one == name else one for one in names)
            at_work[back] = self.run("work", back, sweep)
        for process in at_work.values():
            _, err = process.communicate(timeout=240)
            assert process.returncode == 0, err[-3000:]

    def visits(self, sweep: str) -> Counter[str]:
        """How many visits ended in each state, by claim once."""
        store = self.open()
        try:
            with store.reading() as connection:
                rows = connection.execute(select(visits).where(visits.c.sweep == sweep)).all()
        finally:
            store.close()
        assert len({(row.account, row.claim_key) for row in rows}) == len(rows)
        return Counter(row.state for row in rows)

    def decisions(self) -> dict[tuple[str, str, str], tuple[str, str, str]]:
        """Each line once: what was decided."""
        store = self.open()
        try:
            found: dict[tuple[str, str, str], tuple[str, str, str]] = {}
            after = None
            while True:
                page = worklist.page(
                    store, frozenset({"default"}), Filter(open_only=False), "id", after, 500
                )
                for row in page.rows:
                    key = (row.claim, row.procedure, row.line_control)
                    assert key not in found
                    found[key] = (row.state, row.reason, row.route)
                after = page.next
                if after is None:
                    return found
        finally:
            store.close()
