"""A backup is tested by restoring it; a purge takes patients whole."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from server.settings import Settings, StoreSettings
from server.store import Store, audit, open_store, replies, upkeep, worklist
from server.store.errors import KeyMissingError, KeyWrongError, StoreError
from server.store.keys import ENVIRONMENT, encode, new_key
from server.store.sealing import MasterKey
from server.store.sweep_tables import sweeps, visits
from server.store.tables import facts, links, tallies
from server.store.tables import replies as reply_table
from tests.store.made import answer, charge, claim, patient
from tests.store.test_facts import load, put
from tests.store.test_lines import SCOPE
from tests.store.test_rotate import check, fill

OWN_DATABASE = True  # pg_dump takes a whole one


def elsewhere(request: pytest.FixtureRequest, old: Settings, tmp_path: Path) -> Settings:
    url = ""
    if old.store.url:
        cluster = request.getfixturevalue("postgres")
        url = cluster.database(f"r{abs(hash(tmp_path))}")
    return Settings(home=tmp_path / "elsewhere", store=StoreSettings(url=url))


def test_what_was_backed_up_comes_back(
    request: pytest.FixtureRequest,
    store: Store,
    store_settings: Settings,
    store_key: MasterKey,
    tmp_path: Path,
) -> None:
    number = fill(store)
    audit.append(store, "ann", "backup")
    made = upkeep.backup(store, tmp_path / "one.tar")
    assert made.file.stat().st_mode & 0o077 == 0
    put(store, [answer("LATER", "M8")])
    target = elsewhere(request, store_settings, tmp_path)
    done = upkeep.restore(target, made.file)
    assert (done.made_at, done.database) == (made.made_at, made.database)
    back = open_store(target, [store_key])
    check(back, number)
    assert len(load(back)) == 1
    assert audit.reanchor(back) == 0
    assert audit.verify(back).problem == ""
    back.close()
    with pytest.raises(StoreError):
        open_store(target, [new_key()])


def test_a_standing_store_is_replaced_only_when_told(
    store: Store, store_settings: Settings, store_key: MasterKey, tmp_path: Path
) -> None:
    number = fill(store)
    made = upkeep.backup(store, tmp_path / "one.tar")
    put(store, [answer("LATER", "M8")])
    store.close()
    with pytest.raises(StoreError, match="--replace"):
        upkeep.restore(store_settings, made.file)
    upkeep.restore(store_settings, made.file, replace=True)
    back = open_store(store_settings, [store_key])
    check(back, number)
    assert len(load(back)) == 1
    back.close()


def test_a_backup_of_another_key_changes_nothing(
    store: Store, store_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put in the place of what stands, it would leave a store that nobody can open."""
    number = fill(store)
    made = upkeep.backup(store, tmp_path / "one.tar")
    for given, error in ((encode([new_key()]), KeyWrongError), ("", KeyMissingError)):
        with monkeypatch.context() as other:
            other.setenv(ENVIRONMENT, given)
            with pytest.raises(error):
                upkeep.restore(store_settings, made.file, replace=True)
    check(store, number)


def test_a_damaged_backup_changes_nothing(
    sqlite_store: Store, store_key: MasterKey, tmp_path: Path
) -> None:
    put(sqlite_store, [answer()])
    made = upkeep.backup(sqlite_store, tmp_path / "one.tar")
    raw = bytearray(made.file.read_bytes())
    raw[len(raw) // 2] ^= 1
    wrong = {"changed": bytes(raw), "short": bytes(raw[:9000]), "other": b"ISA*00*" * 99}
    for name, content in wrong.items():
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(StoreError, match=r"backup|damaged"):
            upkeep.restore(Settings(home=tmp_path / "empty"), file)
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        info = tarfile.TarInfo("../evil")
        tar.addfile(info)
    with pytest.raises(StoreError, match="not a backup"):
        upkeep.restore(Settings(home=tmp_path / "empty"), tmp_path / "evil.tar")
    assert not list((tmp_path / "empty").glob("*.sqlite"))


def test_a_backup_does_not_overwrite(sqlite_store: Store, tmp_path: Path) -> None:
    file = tmp_path / "one.tar"
    file.write_bytes(b"precious")
    with pytest.raises(StoreError, match="already"):
        upkeep.backup(sqlite_store, file)
    assert file.read_bytes() == b"precious"
    assert not list(tmp_path.glob(".remitlens-*"))


def test_purge_takes_patients_whole(store: Store) -> None:
    old = date(2020, 1, 2)
    gone = patient("M9", "Longago")
    number = fill(store)
    put(
        store,
        [
            claim("OLD", "M9", patient=gone, sent_on=old),
            answer("OLD", "M9", produced=old),
            charge("M9", patient=gone, service_date=old),
        ],
    )
    # Old too, but the same patient was here again.
    put(store, [answer("C1", "M1", produced=old, trace="OLD")])
    done = upkeep.purge(store, "default", date(2025, 1, 1))
    assert (done.patients, done.facts) == (1, 3)
    found = load(store)
    assert len(found) == 1
    assert len(found[0].answers) == 3
    assert worklist.line(store, SCOPE, number).row.claim == "C1"
    assert upkeep.purge(store, "default", date(2025, 1, 1)).patients == 0
    assert upkeep.purge(store, "default", date(2027, 1, 1)).lines == 2
    with store.reading() as connection:
        for table in (facts, links, tallies):
            assert connection.scalar(select(func.count()).select_from(table)) == 0


def test_purge_takes_old_visits_and_kept_answers(store: Store) -> None:
    """They name claims too, sealed as they are."""
    old, late = (datetime(year, 6, 1, tzinfo=UTC) for year in (2020, 2026))
    seal = store.sealer.seal
    with store.writing() as connection:
        for name, practice, at in (
            ("old", "default", old),
            ("late", "default", late),
            ("theirs", "other", old),
        ):
            common = {"practice": practice, "sweep": name, "account": "a", "portal": "p"}
            connection.execute(
                insert(sweeps).values(id=name, practice=practice, asked_by="ann", started_at=at)
            )
            connection.execute(
                insert(visits).values(
                    **common, claim_key=b"k", state="done", sealed=seal(b"x", b"")
                )
            )
    replies.begin(store, "token:1", "k", b"request", old)
    upkeep.purge(store, "default", date(2025, 1, 1))
    with store.reading() as connection:
        assert set(connection.scalars(select(visits.c.sweep))) == {"late", "theirs"}
        assert connection.scalar(select(func.count()).select_from(reply_table)) == 0


def test_purge_leaves_the_undated_and_other_practices(store: Store) -> None:
    put(store, [replace(answer("U", "M5"), produced=None)])
    assert upkeep.purge(store, "default", date(2030, 1, 1)).patients == 0


def test_counts(store: Store) -> None:
    fill(store)
    assert upkeep.counts(store, "default") == {
        "documents": 1, "cohorts": 1, "facts": 5, "lines": 2, "packets": 1,
    }  # fmt: skip
