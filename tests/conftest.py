"""Fixtures that open a store: on SQLite, and on a PostgreSQL started here for the tests alone."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings

from server.settings import Settings, StoreSettings
from server.store import Store, open_store, practices
from server.store.keys import new_key
from server.store.sealing import MasterKey

# The same examples every time, so that what lands is what was seen; `--hypothesis-profile default`
# seeks new ones.
hypothesis_settings.register_profile("steady", derandomize=True, database=None)
hypothesis_settings.load_profile("steady")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def _binaries() -> Path | None:
    """The newest PostgreSQL of this machine, on the PATH or where Debian keeps its own."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[4])
    )
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    return Path(named).resolve().parent if named else None


class Cluster:
    """A PostgreSQL of our own: an ordinary user's, in a temporary folder, on loopback alone."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        # A short path: a Unix socket's name has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="rl-pg-", dir="/tmp"))
        self.user = self._ordinary_user()
        if os.geteuid() == 0:
            entry = pwd.getpwnam(self.user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.folder.chmod(0o755)
        self.data = self.folder / "d"
        self.shared = ""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @staticmethod
    def _ordinary_user() -> str:
        if os.geteuid() != 0:
            return pwd.getpwuid(os.geteuid()).pw_name
        names = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in names else "nobody"

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            command = ["setpriv", f"--reuid={self.user}", "--clear-groups", *command]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program} ended with {done.returncode}: {done.stderr[-2000:]}")

    def start(self) -> None:
        if not self.data.exists():
            self.run(
                "initdb", "-D", str(self.data), "-U", "remitlens", "-A", "trust", "-E", "UTF8",
                "--no-sync",
            )  # fmt: skip
        options = (
            f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} "
            "-c fsync=off -c shared_buffers=64MB -c max_connections=60"
        )
        self.run(
            "pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", options,
            "start",
        )  # fmt: skip

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def schema(self, name: str) -> str:
        """A URL whose tables stand apart from all others of the shared database."""
        if not self.shared:
            self.shared = self.database("shared")
        with psycopg.connect(self.shared, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self.shared}?options=-csearch_path%3D{name}"

    def database(self, name: str) -> str:
        """A new database's URL."""
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "remitlens", name)
        return f"postgresql://remitlens@127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL; skipped, with the reason, where the machine has none."""
    binaries = _binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL's binaries are missing: ./test installs them")
        pytest.skip("PostgreSQL's binaries (initdb, pg_ctl) are not on this machine")
    cluster = Cluster(binaries)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop("immediate")
        cluster.remove()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files beside the checkout; skipped where they are not."""
    if not SHARED.is_dir():
        pytest.skip("the folder of real files is not beside the checkout")
    return SHARED


@pytest.fixture
def store_key() -> MasterKey:
    return new_key()


_COUNT = iter(range(1, 1_000_000))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_settings(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    store_key: MasterKey,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """Settings of an empty store with its key in the environment, once on each database."""
    from server.store.keys import ENVIRONMENT, encode

    monkeypatch.setenv(ENVIRONMENT, encode([store_key]))
    url = ""
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        # A schema is made in no time; a module that dumps or restores asks for a database.
        own = getattr(request.module, "OWN_DATABASE", False)
        name = f"t{os.getpid()}_{next(_COUNT)}"
        url = cluster.database(name) if own else cluster.schema(name)
    return Settings(home=tmp_path / "home", store=StoreSettings(url=url))


@pytest.fixture
def store(store_settings: Settings) -> Iterator[Store]:
    """An open store with the practice `default`, once on each database."""
    opened = open_store(store_settings)
    practices.ensure(opened, "default", "Default")
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(
    tmp_path: Path, store_key: MasterKey, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """As `store`, on SQLite alone: for what does not depend on the database."""
    opened = open_store(Settings(home=tmp_path / "home"), [store_key])
    practices.ensure(opened, "default", "Default")
    yield opened
    opened.close()


OpenStore = Callable[[], Store]
