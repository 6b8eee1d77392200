"""Opening the store: migrations, locks, and errors as one line."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from server.settings import Settings, StoreSettings
from server.store import Store, engine, open_store, practices
from server.store.errors import StoreBusyError, StoreError
from server.store.keys import new_key
from server.store.sealing import MasterKey
from server.store.tables import cohorts


def test_opening_again_changes_nothing(store_settings: Settings, store_key: MasterKey) -> None:
    for _ in range(2):
        opened = open_store(store_settings, [store_key])
        practices.ensure(opened, "default")
        with opened.reading() as connection:
            assert engine.current_revision(connection) == engine.revisions()[-1]
        opened.close()


def test_many_open_a_new_store_at_once(store_settings: Settings, store_key: MasterKey) -> None:
    problems: list[BaseException] = []

    def run() -> None:
        try:
            opened = open_store(store_settings, [store_key])
            practices.ensure(opened, "default")
            opened.close()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_a_newer_store_is_left_alone(store_settings: Settings, store_key: MasterKey) -> None:
    opened = open_store(store_settings, [store_key])
    with opened.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    opened.close()
    with pytest.raises(StoreError, match="newer"):
        open_store(store_settings, [store_key])


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def cut_off() -> None:
        with store.writing() as connection:
            connection.execute(insert(cohorts).values(practice="default"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cut_off()
    with store.reading() as connection:
        assert connection.execute(cohorts.select()).all() == []


@pytest.mark.parametrize(
    "url",
    ["mysql://u:hunter2@h/x", "nonsense", "sqlite://", "postgresql://u:hunter2@127.0.0.1:1/x"],
)
def test_a_url_that_cannot_be_used_is_one_line(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(Settings(home=tmp_path, store=StoreSettings(url=url)), [new_key()])
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "remitlens.sqlite").write_bytes(b"ISA*00*not a database at all" * 50)
    with pytest.raises(StoreError, match="damaged"):
        open_store(Settings(home=tmp_path), [new_key()])


def test_a_store_held_by_another_is_busy(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    other = Store(
        engine.make_engine(sqlite_store.engine.url),
        sqlite_store.trail,
        sqlite_store.sealer,
        sqlite_store.home,
    )
    with sqlite_store.writing(), pytest.raises(StoreBusyError), other.writing():
        pass
    with sqlite_store.writing(), other.reading() as connection:
        assert connection.execute(cohorts.select()).all() == []
    other.engine.dispose()


@pytest.mark.postgres
def test_a_postgres_that_stops_and_comes_back(postgres, tmp_path: Path) -> None:
    opened = open_store(
        Settings(home=tmp_path, store=StoreSettings(url=postgres.database("stops"))), [new_key()]
    )
    practices.ensure(opened, "default")
    postgres.stop("immediate")
    try:
        with pytest.raises(StoreBusyError):
            practices.all_of(opened)
    finally:
        postgres.start()
    assert [one.id for one in practices.all_of(opened)] == ["default"]
    opened.close()


@pytest.mark.parametrize("name", ["", "Default", "a b", "x" * 65, "../x", "-a"])
def test_a_practice_id_has_a_shape(sqlite_store: Store, name: str) -> None:
    with pytest.raises(StoreError):
        practices.ensure(sqlite_store, name)
