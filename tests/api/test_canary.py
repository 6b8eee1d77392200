"""Names, numbers and passwords are planted on every route's good and bad paths, and looked for.

They may stand in the answers a caller may see. They may not stand in a log line, a metric, a
problem, the audit trail, the job engine's tables, or the raw bytes of any file the server leaves.
"""

from __future__ import annotations

import io
import logging
import sqlite3
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog
from werkzeug.test import TestResponse

from server import logs
from server.store import audit, people
from tests.api import canaries
from tests.api.canaries import (
    CLAIM,
    FILE,
    LAST,
    MEMBER,
    NEW_CLAIM,
    NOTE,
    PASSWORD,
    PLANTED,
)
from tests.api.house import HOST, House, line
from tests.api.test_matrix import MATRIX

NAMED = (f"/api/v1/lines?q={LAST}", f"/api/v1/lines?q={MEMBER}", f"/api/v1/lines?q={CLAIM}")


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """All that is logged, by us and by libraries, at the lowest level."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level, sys.excepthook, threading.excepthook)
    out = io.StringIO()
    logs.set_up("debug", out)
    root.setLevel(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
    yield out
    logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    sys.excepthook, threading.excepthook = before[2], before[3]
    logging.captureWarnings(False)
    structlog.reset_defaults()


def holds(text: str | bytes) -> list[str]:
    raw = text.encode() if isinstance(text, str) else text
    return [one for one in PLANTED if one.encode() in raw]


def post_file(house: House, kind: str, body: bytes, token: str, **headers: str) -> TestResponse:
    return house.client.post(
        f"/api/v1/{kind}",
        data=body,
        content_type="application/octet-stream",
        headers=HOST | {"Authorization": f"Bearer {token}", "File-Name": FILE} | headers,
    )


def good_paths(house: House, token: str) -> Iterator[TestResponse]:
    for kind, body in (
        ("intake/837", canaries.claim_file()),
        ("intake/835", canaries.remittance()),
        ("intake/charges", canaries.charges()),
        ("intake/eob", canaries.eob()),
        ("intake/sent", canaries.marks()),
        ("scrub", canaries.claim_file()),
    ):
        key = {"Idempotency-Key": f"canary-{kind[-3:]}-0"} if kind != "scrub" else {}
        yield post_file(house, kind, body, token, **key)
    listed = house.get("/api/v1/lines?all=true", token)
    yield listed
    for path in NAMED:
        yield house.get(path, token)
    for number in [one["id"] for one in listed.json["lines"]]:
        url = f"/api/v1/lines/{number}"
        for body, what in (
            ({"text": NOTE}, "note"),
            ({"worked": True}, "worked"),
            ({"on": "2026-03-22", "new_claim": NEW_CLAIM}, "sent"),
            ({}, "undo"),
        ):
            yield house.ask("POST", f"{url}/{what}", token, json=body)
        yield house.ask("POST", f"{url}/packet", token, json={})
        for path in ("", "/why", "/packet?part=claim", "/packet?part=cover"):
            yield house.get(url + path, token)
    hashes = [house.match_hash(CLAIM)]
    asked = {"portal": "meridian", "hashes": hashes}
    yield house.ask("POST", "/api/v1/lines/match", token, json=asked)
    for path in ("lines/summary", "reports/night", "sweeps", "portals", "tokens"):
        yield house.get(f"/api/v1/{path}", token)


def bad_paths(house: House, token: str) -> Iterator[TestResponse]:
    values = (LAST, MEMBER, CLAIM, NOTE, "Canaryson")
    for value in values:
        for path in (
            f"/{value}",
            f"/api/v1/codes/{value}",
            f"/api/v1/codes?q={value}&{value}=1",
            f"/api/v1/lines?state={value}",
            f"/api/v1/lines?cursor={value}",
            f"/api/v1/lines/{value}",
            f"/api/v1/lines/1?{value}=1",
            f"/api/v1/sweeps/{value}",
            f"/api/v1/reports/night?since={value}",
            f"/api/v1/tokens/{value}",
        ):
            for method in ("GET", "POST", "DELETE"):
                yield house.ask(method, path, token)
        yield house.get("/api/v1/lines", value)
        yield house.get("/api/v1/lines", token, Host=value)
        yield house.get("/api/v1/lines", token, Origin=f"https://{value}")
        yield house.ask("POST", "/api/v1/pairing", json={"code": "AAAA-AAAA", "name": value})
        yield house.ask("POST", "/api/v1/pairing", json={"code": value, "name": "x"})
        yield house.ask("POST", "/api/v1/lines/1/assign", token, json={"to": value})
        for name in (name for name in MATRIX if name.startswith("POST")):
            path = name.split(" ")[1].replace("<int:line>", "1")
            for body in ({value: value}, [value], value, {"portal": value, "html": {value: value}}):
                yield house.ask("POST", path, token, json=body, Idempotency_Key=value * 3)
    for kind in ("835", "837", "charges", "eob", "sent"):
        for body in (
            canaries.remittance()[:-200],
            canaries.claim_file()[:-200],
            canaries.claim_file().replace(b"SE*", b"SE*9"),
            canaries.charges().replace(b"22612", b""),
            canaries.charges().replace(b"2026-03-02,", f"{LAST},".encode()),
            canaries.eob().replace(b"2026-03-20", MEMBER.encode()),
            f"<html>{LAST}</html>".encode(),
            f"{LAST},{MEMBER}\n".encode(),
        ):
            yield post_file(house, f"intake/{kind}", body, token)
            yield post_file(house, "scrub", body, token)


def test_nothing_planted_gets_out(house: House, said: io.StringIO) -> None:
    token = house.token()
    house.add_lines([line()])
    good = 0
    for answer in good_paths(house, token):
        good += answer.status_code < 300
        assert answer.status_code < 500, answer.data
        if answer.status_code >= 400:
            assert not holds(answer.data)
    shown = house.get("/api/v1/lines?reason=primary_not_billed", token).json["lines"]
    assert CLAIM in [one["claim"] for one in shown]
    assert good > 20, "the good paths do not work: the test would prove nothing"
    bad = 0
    for answer in bad_paths(house, token):
        assert answer.status_code < 500, answer.data
        if answer.status_code >= 400:
            bad += 1
            assert not holds(answer.data), answer.data
            assert not holds(str(answer.headers))
    assert bad > 300
    made = people.add(house.store, "canary", "Staff", PASSWORD)
    with pytest.raises(Exception, match="wrong"):
        people.sign_in(house.store, "canary", PASSWORD, "000000", house.clock())
    assert made

    assert not holds(said.getvalue())
    assert '"library"' in said.getvalue(), "the libraries were not heard: nothing is proved"
    assert not holds(house.get("/metrics", token).data)
    for row in audit.rows(house.store, limit=100_000):
        assert not holds(repr(row))
    house.store.close()
    for file in sorted(house.settings.home.rglob("*")):
        if file.is_file():
            assert not holds(file.read_bytes()), file.name


def test_what_is_looked_for_can_be_found(house: House) -> None:
    """The search itself works: a value put in the clear on purpose is found in the raw bytes."""
    file = house.settings.home / "remitlens.sqlite"
    house.store.close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE practices SET name = ?", (LAST,))
    connection.close()
    assert holds(file.read_bytes()) == [LAST]
