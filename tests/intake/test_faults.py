"""Full disk, held database, planted values: it answers clearly, keeps nothing half, recovers."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import event

from server import intake
from server.settings import Settings
from server.store import (
    Store,
    StoreBusyError,
    StoreFullError,
    audit,
    engine,
    events,
    open_store,
    upkeep,
    worklist,
)
from server.store.keys import new_key
from server.store.worklist import Filter
from tests.intake.example import config_of, files_of
from tests.intake.test_door import EXAMPLE, big

TODAY = date(2026, 3, 1)
SCOPE = frozenset({"default"})


@pytest.fixture
def settings(sqlite_store: Store, tmp_path: Path) -> Settings:
    return Settings(home=sqlite_store.home, config=config_of(EXAMPLE, tmp_path / "config"))


def take(store: Store, settings: Settings, name: str, content: bytes) -> intake.Import:
    return intake.import_files(
        store, "default", [(name, content)], who="ann", today=TODAY, settings=settings
    )


def test_a_full_disk_undoes_the_file_and_passes(sqlite_store: Store, settings: Settings) -> None:
    for name, content in files_of(EXAMPLE):
        take(sqlite_store, settings, name, content)
    before = upkeep.counts(sqlite_store, "default")
    pages: list[int] = []

    def limit(connection, _) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {used + 20 if not pages else 10**9}")

    sqlite_store.engine.dispose()
    event.listen(sqlite_store.engine, "connect", limit)
    with pytest.raises(StoreFullError) as caught:
        take(sqlite_store, settings, "big.835", big(800))
    assert "\n" not in str(caught.value)
    assert upkeep.counts(sqlite_store, "default") == before
    assert len(worklist.page(sqlite_store, SCOPE).rows) == 1
    pages.append(1)
    sqlite_store.engine.dispose()
    assert take(sqlite_store, settings, "big.835", big(800)).files[0].new == 800


LIMITED = textwrap.dedent(
    """
    import resource, signal, sys
    from datetime import date
    from pathlib import Path
    from server import intake
    from server.errors import UserError
    from server.settings import Settings
    from server.store import open_store, practices
    home, config, file, most = sys.argv[1:5]
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    settings = Settings(home=Path(home), config=Path(config))
    store = open_store(settings)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
    try:
        intake.import_files(
            store, "default", [("big.835", Path(file).read_bytes())], who="x",
            today=date(2026, 3, 1), settings=settings,
        )
    except UserError as error:
        print(type(error).__name__, error)
        sys.exit(2)
    """
)


def test_a_quota_undoes_the_file(
    sqlite_store: Store, settings: Settings, store_key, tmp_path: Path
) -> None:
    from server.store.keys import encode

    file = tmp_path / "big.835"
    file.write_bytes(big(3000))
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(settings.home), str(settings.config), str(file),
         str(1 << 20)],
        capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": "/usr/bin:/bin", "REMITLENS_KEY": encode([store_key])},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "full" in done.stdout
    assert "Traceback" not in done.stderr
    assert upkeep.counts(sqlite_store, "default")["facts"] == 0
    assert take(sqlite_store, settings, "big.835", file.read_bytes()).files[0].new == 3000
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_database_another_holds_is_refused_clearly(
    sqlite_store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, store_key
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    other = open_store(settings, [store_key])
    with sqlite_store.writing(), pytest.raises(StoreBusyError):
        take(other, settings, *files_of(EXAMPLE)[0])
    assert take(other, settings, *files_of(EXAMPLE)[0]).files[0].taken
    other.close()


PLANTED = {
    b"M100": b"CANARYMEMBER",
    b"*C1*": b"*CANARYCLAIM*",
    b"ICN1": b"CANARYICN1",
}


def test_nothing_planted_stands_unsealed(
    sqlite_store: Store, settings: Settings, tmp_path: Path
) -> None:
    named = {"who": "ann", "today": TODAY, "settings": settings}
    for name, content in files_of(EXAMPLE):
        for old, new in PLANTED.items():
            content = content.replace(old, new)
        assert take(sqlite_store, settings, name, content).files[0].taken
    row = worklist.page(sqlite_store, SCOPE, Filter(open_only=False)).rows[0]
    assert (row.claim, row.patient.member_id) == ("CANARYCLAIM", "CANARYMEMBER")
    events.note(sqlite_store, SCOPE, row.id, "CANARYNOTE said CANARYMEMBER", "ann")
    intake.sent(sqlite_store, SCOPE, row.id, on=TODAY, new_claim="CANARYNEW", **named)
    intake.undo(sqlite_store, SCOPE, row.id, **named)
    intake.build_packet(sqlite_store, SCOPE, row.id, **named)
    assert audit.verify(sqlite_store).problem == ""
    sqlite_store.close()
    planted = [b"CANARY", row.patient.last_name.encode(), row.patient.first_name.encode()]
    planted += [row.patient.birth_date.isoformat().encode()] if row.patient.birth_date else []
    files = [file for file in settings.home.rglob("*") if file.is_file()]
    assert len(files) >= 3
    for file in files:
        raw = file.read_bytes().upper()
        for value in planted:
            assert value.upper() not in raw, (file.name, value)


def test_errors_hold_no_value(settings: Settings, tmp_path: Path) -> None:
    opened = open_store(settings.model_copy(update={"home": tmp_path / "x"}), [new_key()])
    bad = b"patient_id,service_date,procedure,charge,signed_off\nCANARY,CANARY,CANARY,1,yes\n"
    done = take(opened, settings, "charges.csv", bad)
    assert "CANARY" not in json.dumps([done.files[0].reason, done.files[0].name])
    opened.close()
