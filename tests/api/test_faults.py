"""The quick ones of benchmarks/faults.py, and those that need no process: what the world does."""

from __future__ import annotations

import http.client
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.settings import Settings
from server.store import open_store
from server.store.sealing import MasterKey
from server.store.tables import facts, lines
from tests.api.house import HOST, House, line
from tests.api.live import Live, served, wait_for
from tests.conftest import Cluster, _binaries


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, new_house: Callable[..., House]) -> House:
    """A house whose database waits for a lock a quarter of a second, not half a minute."""
    monkeypatch.setattr("server.store.engine.BUSY_SECONDS", 0.25)
    return new_house()


def test_a_locked_database_is_a_503_and_reading_goes_on(impatient: House) -> None:
    house = impatient
    number, token = house.add_lines([line()])[0], house.token()
    house.get("/api/v1/lines", token)
    other = sqlite3.connect(house.settings.home / "remitlens.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert house.get("/api/v1/lines", token).status_code == 200
    note = house.ask("POST", f"/api/v1/lines/{number}/note", token, json={"text": "x"})
    assert note.status_code == 503
    assert note.json["type"] == "urn:remitlens:problem:busy"
    assert int(note.headers["Retry-After"]) > 0
    other.execute("ROLLBACK")
    other.close()
    again = house.ask("POST", f"/api/v1/lines/{number}/note", token, json={"text": "x"})
    assert again.status_code == 200


def test_a_locked_trail_lets_nothing_be_seen_unrecorded(impatient: House) -> None:
    house = impatient
    house.add_lines([line()])
    token = house.token()
    other = sqlite3.connect(house.settings.home / "remitlens.audit.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert house.get("/api/v1/lines", token).status_code == 503
    assert house.get("/api/v1/codes/107", token).status_code == 200
    other.execute("ROLLBACK")
    other.close()
    assert house.get("/api/v1/lines", token).status_code == 200


def test_a_full_disk_is_a_503_that_says_so(house: House) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    house.get("/api/v1/lines", token)
    with house.store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        # What SQLite itself does when no page can be had any more.
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        raw = connection.connection.dbapi_connection
        statuses = set()
        for _ in range(200):
            answer = house.ask(
                "POST", f"/api/v1/lines/{number}/note", token, json={"text": "x" * 4000}
            )
            statuses.add(answer.status_code)
            if answer.status_code == 503:
                assert answer.json["type"] == "urn:remitlens:problem:full"
                break
        assert raw is not None
    assert house.get("/api/v1/lines", token).status_code in (200, 503)
    assert statuses <= {200, 503}


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_clock_that_jumps_breaks_nothing(house: House, days: int) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    client = house.signed_in("biller")
    assert client.get("/api/v1/lines", headers=HOST).status_code == 200
    house.clock.at += timedelta(days=days)
    house.app.extensions["remitlens.tokens"].forget()
    assert house.get("/api/v1/lines", token).status_code == 200
    assert house.get(f"/api/v1/lines/{number}", token).status_code == 200
    assert house.get("/api/v1/reports/night", token).status_code == 200
    # Forward a session is over; back it stands until its time comes.
    ended = client.get("/api/v1/lines", headers=HOST).status_code
    assert ended == (401 if days > 0 else 200)


@pytest.mark.postgres
def test_postgresql_stopped_and_back(tmp_path: Path, store_key: MasterKey) -> None:
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL's binaries are not on this machine")
    cluster = Cluster(binaries)
    cluster.start()
    try:
        url = cluster.database("api")
        with served(tmp_path / "home", store_key, REMITLENS_STORE__URL=url) as live:
            assert live.ask("/api/v1/lines")[0] == 200
            cluster.stop("immediate")
            status, body = live.ask("/readyz", seconds=60)
            assert status == 503
            assert b"urn:remitlens:problem:busy" in body
            assert live.ask("/healthz")[0] == 200
            cluster.start()
            wait_for(live, "/api/v1/lines", 30)
    finally:
        cluster.stop("immediate")
        cluster.remove()


def counts(home: Path, key: MasterKey) -> tuple[int, int]:
    store = open_store(Settings(home=home), [key])
    try:
        with store.reading() as connection:
            return (
                int(connection.scalar(select(func.count()).select_from(facts)) or 0),
                int(connection.scalar(select(func.count()).select_from(lines)) or 0),
            )
    finally:
        store.close()


CLAIMS = 1500


def send(live: Live, content: bytes) -> tuple[int, bytes]:
    try:
        return live.ask(
            "/api/v1/intake/835",
            "POST",
            content,
            seconds=120,
            Content_Type="application/octet-stream",
        )
    except (OSError, http.client.HTTPException):
        return 0, b""


def test_killed_within_an_import_nothing_is_half_there(
    tmp_path: Path, store_key: MasterKey
) -> None:
    from benchmarks.faults import _children, remittance

    content, home = remittance(CLAIMS), tmp_path / "home"
    with served(home, store_key) as live:
        sender = threading.Thread(target=send, args=(live, content), daemon=True)
        sender.start()
        until = time.monotonic() + 60
        while counts(home, store_key)[0] == 0 and time.monotonic() < until:
            time.sleep(0.05)
        for child in _children(live.process.pid):
            os.kill(child, signal.SIGKILL)
        live.process.kill()
        sender.join(10)
    there, _ = counts(home, store_key)
    assert there == CLAIMS
    with served(home, store_key) as live:
        # What was left undecided is decided without a hand.
        until = time.monotonic() + 120
        while counts(home, store_key)[1] < CLAIMS and time.monotonic() < until:
            time.sleep(0.2)
        assert counts(home, store_key) == (CLAIMS, CLAIMS)
        status, body = send(live, content)
        assert status == 200
        assert b'"new":0' in body
    assert counts(home, store_key) == (CLAIMS, CLAIMS)
