"""Opening the store: one URL, SQLite (WAL) or PostgreSQL, migrated under a lock, key checked."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from server.settings import Settings
from server.store import keys as key_sources
from server.store.errors import KeyWrongError, StoreBusyError, StoreError, StoreFullError
from server.store.sealing import MasterKey, Sealer
from server.store.tables import TRAIL, audit_head, store_keys

BUSY_SECONDS = 30
_MIGRATIONS = Path(__file__).with_name("migrations")
_ADVISORY_LOCK = 0x52454D49  # "REMI": one migration at a time on one PostgreSQL database


@dataclass(frozen=True)
class Store:
    """An open store: its databases, its keys, and where what is kept beside it lies."""

    engine: Engine
    trail: Engine
    """The audit trail's database: on SQLite a file of its own."""
    sealer: Sealer
    home: Path
    anchor: str = "file"
    """Where the audit trail's head is kept outside the database: `file` or `syslog`."""

    @property
    def sqlite(self) -> bool:
        """Whether it is SQLite (else PostgreSQL)."""
        return self.engine.dialect.name == "sqlite"

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from, one consistent view; raises StoreBusyError or StoreError."""
        with plain_errors(), self.engine.connect() as connection:
            if not self.sqlite:
                # As SQLite does by itself: all that is read stood at one moment.
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, all or nothing; on SQLite it takes the write lock at once."""
        with plain_errors(), self.engine.connect() as connection:
            connection = connection.execution_options(remitlens_write=True)
            with connection.begin():
                self._seal_with_the_active_key(connection)
                yield connection

    def _seal_with_the_active_key(self, connection: Connection) -> None:
        """Another process may have changed the key: nothing is written under the old one.

        The row is held, so that a rotation waits for the writers it would leave behind.
        """
        query = select(store_keys.c.key_id).where(store_keys.c.state == "active")
        active = connection.scalar(query.with_for_update(read=True))
        if active is not None:
            self.sealer.use(bytes.fromhex(active))

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
        self.trail.dispose()


def now() -> datetime:
    """The moment, aware and UTC: the edge's clock, for when something was done."""
    return datetime.now(UTC)


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn a driver's error into one line without statement, value or password."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise _explain(error) from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreBusyError("the database does not answer; try again") from None
        if "not a database" in str(error.orig) or "malformed" in str(error.orig):
            raise _explain(error) from None
        raise


def _explain(error: DBAPIError) -> StoreError:
    said = str(error.orig).lower()
    if "locked" in said or "busy" in said:
        return StoreBusyError("the database is busy with another process; try again")
    if "full" in said or "no space" in said or "disk i/o" in said:
        return StoreFullError("the disk under the store is full (or failing); nothing was changed")
    if "readonly" in said or "read-only" in said:
        return StoreError("the store cannot be written: it is read-only")
    if "unable to open" in said:
        return StoreError("the store's file cannot be opened")
    if "not a database" in said or "malformed" in said:
        return StoreError("the store's file is damaged or is no SQLite database")
    if "password" in said or "authentication" in said or "does not exist" in said:
        return StoreError("PostgreSQL refuses the store's user, password or database name")
    return StoreBusyError("the database does not answer; try again")


def parse_url(text_url: str) -> URL:
    """The URL with the driver we ship; raises StoreError without showing it."""
    try:
        url = make_url(text_url)
    except (ArgumentError, ValueError):
        raise StoreError("store.url is not a database URL") from None
    if url.get_backend_name() == "sqlite":
        return url.set(drivername="sqlite")
    if url.get_backend_name() in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise StoreError("store.url must begin with sqlite:/// or postgresql://")


def trail_url(url: URL) -> URL:
    """The audit trail's database: beside the SQLite file, or the same PostgreSQL database."""
    if url.get_backend_name() != "sqlite":
        return url
    if not url.database or url.database == ":memory:":
        raise StoreError("store.url names no file")
    file = Path(url.database)
    return url.set(database=str(file.with_name(file.stem + ".audit" + file.suffix)))


def make_engine(url: URL) -> Engine:
    """An engine with our transaction rules; opens nothing yet."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, pool_size=16)
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=8,
        connect_args={"connect_timeout": 10, "application_name": "remitlens"},
    )


def _sqlite_connect(connection: Any, _record: Any) -> None:
    # The driver must not begin on its own: whether to take the write lock is ours to say.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-65536",
        "mmap_size=268435456",
        "secure_delete=ON",
    ):
        cursor.execute("PRAGMA " + pragma)
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    wants_lock = connection.get_execution_options().get("remitlens_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if wants_lock else "BEGIN")


def open_store(
    settings: Settings, keys: Sequence[MasterKey] | None = None, migrate: bool = True
) -> Store:
    """Open the store the settings name; creates and migrates it where needed.

    Raises KeyMissingError, KeyWrongError, StoreBusyError or StoreError, each one line.
    """
    given = keys

    def find() -> Sequence[MasterKey]:
        return key_sources.require(settings) if given is None else given

    sealer = Sealer(find(), find)
    url = parse_url(settings.store_url)
    if url.get_backend_name() == "sqlite":
        for file in (url.database, trail_url(url).database):
            _prepare_file(Path(file or ""))
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(
        engine=make_engine(url),
        trail=make_engine(trail_url(url)),
        sealer=sealer,
        home=settings.home,
        anchor=settings.audit.anchor,
    )
    try:
        with plain_errors():
            if migrate:
                bring_up_to_date(store)
            return check_keys(store)
    except BaseException:
        store.close()
        raise


def _prepare_file(file: Path) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            # Made here so that nobody else can read it, whatever the umask says.
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"{file}: cannot be made ({type(error).__name__})") from None


def revisions() -> list[str]:
    """The migrations' names in order: the chain is linear, so the last one is the head."""
    names = (file.name[:4] for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
    return sorted(names)


def current_revision(connection: Connection) -> str:
    """The revision a database stands at; "" where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found or "")


def bring_up_to_date(store: Store) -> None:
    """Run the migrations that are missing, one process at a time."""
    with store.engine.connect() as connection:
        at = current_revision(connection)
    known = revisions()
    if at and at not in known:
        raise StoreError("the store was made by a newer version of this program")
    if at == known[-1]:
        with store.trail.connect() as connection:
            if inspect(connection).has_table(audit_head.name):
                return
    with migration_lock(store):
        _upgrade(store)
        _make_trail(store)


@contextlib.contextmanager
def migration_lock(store: Store) -> Iterator[None]:
    """One process at a time; the others wait."""
    if store.sqlite:
        lock = Path(str(store.engine.url.database) + ".lock")
        with lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        return
    with store.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": _ADVISORY_LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": _ADVISORY_LOCK})


def _upgrade(store: Store) -> None:
    # Alembic is slow to import, and needed only here.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with store.engine.connect() as raw:
        connection = raw.execution_options(remitlens_write=True)
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _make_trail(store: Store) -> None:
    with store.trail.connect() as raw:
        connection = raw.execution_options(remitlens_write=True)
        with connection.begin():
            TRAIL.create_all(connection, checkfirst=True)
            if connection.execute(select(audit_head.c.one)).first() is None:
                connection.execute(insert(audit_head).values(one=1, last=0, hash=b""))


def check_keys(store: Store) -> Store:
    """Compare the keys at hand with those the store was sealed with; the first use registers one.

    The store seals with its own active key, whichever place it has at hand, so that a rotation
    begun by another process holds here too.
    """
    with store.engine.connect() as connection, connection.begin():
        known = {row.key_id: row for row in connection.execute(select(store_keys))}
    at_hand = {key.key_id.hex(): key for key in store.sealer.keys}
    if not known:
        first = store.sealer.active
        with store.writing() as connection:
            if connection.execute(select(store_keys.c.key_id)).first() is None:
                connection.execute(insert(store_keys).values(**key_row(first)))
        return check_keys(store)
    ours = [
        name
        for name, row in known.items()
        if name in at_hand and row.key_check == at_hand[name].check
    ]
    if set(known) - set(ours):
        wanted = ", ".join(sorted(set(known) - set(ours)))
        raise KeyWrongError(f"the key at hand is not this store's (it needs {wanted})")
    active = next(name for name in ours if known[name].state == "active")
    store.sealer.use(bytes.fromhex(active))
    return store


def key_row(key: MasterKey, state: str = "active") -> dict[str, Any]:
    """The row that recognises a key."""
    return {
        "key_id": key.key_id.hex(),
        "key_check": key.check,
        "state": state,
        "since": now(),
    }


_PRACTICE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def valid_practice(name: str) -> bool:
    """Whether a text can be a practice's id: lower case, digits, `_`, `.`, `-`; at most 64."""
    return bool(_PRACTICE.fullmatch(name))
