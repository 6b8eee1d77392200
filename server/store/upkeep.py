"""Backup, restore and retention.

A backup is one tar file: a manifest, and the databases (SQLite: consistent copies made while others
write; PostgreSQL: what `pg_dump` gives). It holds what the store holds, sealed as there; the key is
not in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, func, select

from server.settings import Settings
from server.store import keys as key_sources
from server.store import tallies
from server.store.bulk import chunks
from server.store.engine import Store, make_engine, now, parse_url, revisions, trail_url
from server.store.errors import KeyWrongError, StoreError
from server.store.practices import lock, touch
from server.store.sweep_tables import sweeps, visits
from server.store.tables import cohorts, documents, facts, lines, links, packets, replies

FORM = 1
_MANIFEST = "manifest.json"
_DUMP = "store.dump"
_STORE = "store.sqlite"
_TRAIL = "audit.sqlite"
_MINUTES = 60 * 60


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    file: Path
    made_at: str
    database: str
    revision: str
    size: int


def backup(store: Store, file: Path) -> Backup:
    """Write a backup beside `file` and move it there when it is whole; raises StoreError."""
    if file.exists():
        raise StoreError(f"{file}: is there already")
    with _folder(file.parent) as folder:
        parts = _copy_sqlite(store, folder) if store.sqlite else _dump(store, folder)
        manifest = {
            "form": FORM,
            "made_at": now().isoformat(),
            "database": "sqlite" if store.sqlite else "postgresql",
            "revision": revisions()[-1],
            "parts": {part.name: _digest(part) for part in parts},
        }
        whole = folder / "whole.tar"
        with tarfile.open(whole, "w") as tar:
            text = json.dumps(manifest, indent=1).encode()
            head = tarfile.TarInfo(_MANIFEST)
            head.size = len(text)
            tar.addfile(head, io.BytesIO(text))
            for part in parts:
                tar.add(part, part.name)
        whole.chmod(0o600)
        try:
            os.link(whole, file)
        except FileExistsError:
            raise StoreError(f"{file}: is there already") from None
        except OSError:
            shutil.move(whole, file)
    return Backup(
        file,
        str(manifest["made_at"]),
        str(manifest["database"]),
        str(manifest["revision"]),
        file.stat().st_size,
    )


@contextmanager
def _folder(near: Path) -> Iterator[Path]:
    """A private folder on the same disk."""
    try:
        near.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".remitlens-", dir=near))
    except OSError as error:
        raise StoreError(f"{near}: cannot be written ({type(error).__name__})") from None
    try:
        yield folder
    except OSError as error:
        raise StoreError(f"{near}: cannot be written ({type(error).__name__})") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_sqlite(store: Store, folder: Path) -> list[Path]:
    # The store first: its trail then tells of everything that is in it, and maybe of more.
    made = []
    for engine, name in ((store.engine, _STORE), (store.trail, _TRAIL)):
        target = folder / name
        with (
            closing(sqlite3.connect(str(engine.url.database))) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        made.append(target)
    return made


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=str)
        found = str(beside[-1]) if beside else None
    if found is None:
        raise StoreError(f"{name} is not on this machine: install PostgreSQL's client programs")
    return found


def _postgres(store: Store, program: str, arguments: Sequence[str]) -> None:
    url = store.engine.url
    # The password goes through the environment: a command line can be read by others.
    environment = {**os.environ, "PGPASSWORD": url.password or "", "PGCONNECT_TIMEOUT": "10"}
    where = ["-d", url.database or ""]
    for flag, value in (("-h", url.host), ("-p", url.port), ("-U", url.username)):
        where += [flag, str(value)] if value else []
    done = subprocess.run(
        [_program(program), *arguments, *where],
        env=environment,
        capture_output=True,
        timeout=_MINUTES,
        check=False,
    )
    if done.returncode:
        raise StoreError(f"{program} ended with exit code {done.returncode}")


def _dump(store: Store, folder: Path) -> list[Path]:
    target = folder / _DUMP
    _postgres(store, "pg_dump", ["-Fc", "--no-owner", "--no-privileges", "-f", str(target)])
    return [target]


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def restore(settings: Settings, file: Path, replace: bool = False) -> Backup:
    """Put a backup in the place the settings name, which must be empty unless `replace`.

    What stood there is moved aside (SQLite) or dropped (PostgreSQL) only when the backup was read
    whole, its parts are what the manifest says, and the key at hand opens it. Raises
    KeyMissingError, KeyWrongError or StoreError.
    """
    url = parse_url(settings.store_url)
    kind = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
    near = Path(url.database or "").parent if kind == "sqlite" else settings.home
    with _folder(near) as folder:
        manifest = _unpack(file, folder)
        if manifest["database"] != kind:
            raise StoreError(f"{file}: a backup of {manifest['database']}, the store is {kind}")
        if manifest["revision"] not in revisions():
            raise StoreError(f"{file}: made by a newer version of this program")
        _check_keys(
            settings, file, _keys_sqlite(folder) if kind == "sqlite" else _keys_dump(folder)
        )
        if kind == "sqlite":
            _put_sqlite(settings, folder, replace)
        else:
            _put_postgres(settings, folder, replace)
    return Backup(
        file,
        str(manifest["made_at"]),
        kind,
        str(manifest["revision"]),
        file.stat().st_size,
    )


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    known = {_MANIFEST, _DUMP, _STORE, _TRAIL}
    try:
        with tarfile.open(file) as tar:
            for member in tar:
                if member.name not in known or not member.isfile():
                    raise StoreError(f"{file}: not a backup of this program")
                tar.extract(member, folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        whole = manifest["form"] == FORM and all(
            name in known and _digest(folder / name) == digest
            for name, digest in manifest["parts"].items()
        )
    except (tarfile.TarError, ValueError, KeyError, TypeError, AttributeError):
        raise StoreError(f"{file}: not a backup of this program, or damaged") from None
    except FileNotFoundError:
        raise StoreError(f"{file}: no such file, or a part of it is missing") from None
    if not whole:
        raise StoreError(f"{file}: damaged: its parts are not what it says")
    return manifest


def _keys_sqlite(folder: Path) -> dict[str, bytes]:
    """The keys a copy is sealed with: id, and what recognises it."""
    address = f"{(folder / _STORE).as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as copy:
        try:
            return dict(copy.execute("SELECT key_id, key_check FROM store_keys"))
        except sqlite3.Error:
            raise StoreError("the backup's store is damaged") from None


def _keys_dump(folder: Path) -> dict[str, bytes]:
    """The same of what `pg_dump` gave, read out of it as COPY's text."""
    what = ["--data-only", "--table=store_keys", "--file=-", str(folder / _DUMP)]
    done = subprocess.run(
        [_program("pg_restore"), *what], capture_output=True, timeout=_MINUTES, check=False
    )
    if done.returncode:
        raise StoreError(f"pg_restore ended with exit code {done.returncode}")
    found = _COPIED.search(done.stdout.decode())
    if found is None:
        raise StoreError("the backup's store is damaged")
    names = [name.strip() for name in found["names"].split(",")]
    rows = [dict(zip(names, row.split("\t"), strict=True)) for row in found["rows"].splitlines()]
    return {row["key_id"]: bytes.fromhex(row["key_check"].lstrip("\\x")) for row in rows}


_COPIED = re.compile(
    r"^COPY \S*store_keys \((?P<names>.*)\) FROM stdin;\n(?P<rows>(?s:.*?))^\\\.$", re.M
)


def _check_keys(settings: Settings, file: Path, needed: dict[str, bytes]) -> None:
    at_hand = {key.key_id.hex(): key.check for key in key_sources.require(settings)}
    missing = sorted(name for name, check in needed.items() if at_hand.get(name) != check)
    if missing:
        wanted = ", ".join(missing)
        raise KeyWrongError(f"{file}: the key at hand does not open it (it needs {wanted})")


def _put_sqlite(settings: Settings, folder: Path, replace: bool) -> None:
    url = parse_url(settings.store_url)
    places = [Path(url.database or ""), Path(trail_url(url).database or "")]
    standing = [place for place in places if place.exists() and place.stat().st_size]
    if standing and not replace:
        raise StoreError(f"{standing[0]}: is there already; --replace moves it aside")
    aside = now().strftime("%Y%m%dT%H%M%S")
    for place, part in zip(places, (_STORE, _TRAIL), strict=True):
        for old in (place, Path(f"{place}-wal"), Path(f"{place}-shm")):
            if old.exists():
                old.rename(old.with_name(f"{old.name}.before-{aside}"))
        (folder / part).chmod(0o600)
        (folder / part).replace(place)


def _put_postgres(settings: Settings, folder: Path, replace: bool) -> None:
    engine = make_engine(parse_url(settings.store_url))
    bare = Store.__new__(Store)
    object.__setattr__(bare, "engine", engine)
    try:
        with engine.connect() as connection:
            standing = connection.exec_driver_sql(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
            ).scalar()
        if standing and not replace:
            raise StoreError("the database is not empty; --replace drops what is in it")
        arguments = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        if standing:
            arguments += ["--clean", "--if-exists"]
        _postgres(bare, "pg_restore", [*arguments, str(folder / _DUMP)])
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge took away."""

    patients: int
    """Cohorts: all that was known about a patient (or a family)."""
    facts: int
    lines: int
    documents: int


def purge(store: Store, practice: str, before: date) -> Purged:
    """Take away everything about patients of whom nothing is known on `before` or later.

    A patient goes whole or not at all: half a history would decide otherwise. Patients with any
    undated fact stay.
    """
    total = Purged(0, 0, 0, 0)
    after = 0
    while True:
        with store.writing() as connection:
            lock(connection, practice)
            those = _idle(connection, practice, before, after)
            if not those:
                break
            after = those[-1]
            total = _plus(total, _take_away(connection, practice, those))
            touch(connection, practice)
    with store.writing() as connection:
        lock(connection, practice)
        gone = _orphans(connection, practice)
        _visits(connection, practice, before)
        # Answers of others' requests: kept for a day, and until another comes.
        connection.execute(delete(replies).where(replies.c.at < now() - timedelta(days=1)))
        tallies.rebuild(connection, practice)
    if store.sqlite:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return Purged(total.patients, total.facts, total.lines, gone)


def _idle(connection: Connection, practice: str, before: date, after: int) -> list[int]:
    recent = exists().where(
        facts.c.practice == practice,
        facts.c.cohort == cohorts.c.id,
        (facts.c.day >= before) | facts.c.day.is_(None),
    )
    query = (
        select(cohorts.c.id)
        .where(cohorts.c.practice == practice, cohorts.c.id > after, ~recent)
        .order_by(cohorts.c.id)
        .limit(500)
    )
    return list(connection.scalars(query))


def _take_away(connection: Connection, practice: str, those: Sequence[int]) -> Purged:
    counts = {}
    for table in (packets, lines, facts, links):
        counts[table.name] = _delete(connection, table, practice, those)
    for part in chunks(those):
        connection.execute(delete(cohorts).where(cohorts.c.id.in_(part)))
    return Purged(len(those), counts["facts"], counts["lines"], 0)


def _delete(connection: Connection, table: Table, practice: str, those: Sequence[int]) -> int:
    return sum(
        connection.execute(
            delete(table).where(table.c.practice == practice, table.c.cohort.in_(part))
        ).rowcount
        for part in chunks(those)
    )


def _orphans(connection: Connection, practice: str) -> int:
    """Files no fact comes from any more."""
    used = exists().where(facts.c.document == documents.c.id)
    done = connection.execute(delete(documents).where(documents.c.practice == practice, ~used))
    return int(done.rowcount)


def _visits(connection: Connection, practice: str, before: date) -> None:
    """What was looked at on portals in sweeps before that day: each visit names a claim."""
    day = datetime(before.year, before.month, before.day, tzinfo=UTC)
    old = select(sweeps.c.id).where(sweeps.c.practice == practice, sweeps.c.started_at < day)
    connection.execute(delete(visits).where(visits.c.practice == practice, visits.c.sweep.in_(old)))


def _plus(one: Purged, other: Purged) -> Purged:
    return Purged(
        one.patients + other.patients,
        one.facts + other.facts,
        one.lines + other.lines,
        one.documents + other.documents,
    )


def counts(store: Store, practice: str) -> dict[str, int]:
    """How many rows of each kind a practice has."""
    with store.reading() as connection:
        return {
            table.name: int(
                connection.scalar(
                    select(func.count()).select_from(table).where(table.c.practice == practice)
                )
                or 0
            )
            for table in (documents, cohorts, facts, lines, packets)
        }
