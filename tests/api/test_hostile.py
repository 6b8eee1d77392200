"""What a caller with a token may try: forged cursors, borrowed rights, odd addresses."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from server.app import create_app
from server.settings import ServerSettings, Settings, StoreSettings
from server.store import open_store, people, practices, tokens
from server.store.sealing import MasterKey
from tests.api.house import EXTENSION, HOST, ROOT, Clock, House, line

NORTH = frozenset({"north"})
_COUNT = count()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, tmp_path: Path, store_key: MasterKey) -> Iterator[House]:
    """A server with one practice, once on each database: they refuse different things."""
    url = ""
    if request.param == "postgresql":
        cluster = request.getfixturevalue("postgres")
        url = cluster.schema(f"h{os.getpid()}_{next(_COUNT)}")
    settings = Settings(
        home=tmp_path / "home",
        config=ROOT / "config",
        server=ServerSettings(requests_per_minute=100_000),
        store=StoreSettings(url=url),
    )
    store = open_store(settings, [store_key])
    practices.ensure(store, "north")
    clock = Clock()
    yield House(settings, store, create_app(settings, store, clock), clock)
    store.close()


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


FORGED = [
    ("due", "2026-01-01", "9" * 200),
    ("due", "2026-01-01", str(2**63)),
    ("due", "0000-00-00", "1"),
    ("due", "2026-13-01", "1"),
    ("due", "2026-W01-1", "1"),
    ("due", "2026-01-01", "٣"),
    ("due", "2026-01-01"),
    ("due", "2026-01-01", "1", "1"),
    ("amount", "NaN", "1"),
    ("amount", "Infinity", "1"),
    ("amount", "1e400", "1"),
    ("amount", "9" * 60, "1"),
    ("-amount", "-1e30", "1"),
    ("priority", "9" * 30, "2026-01-01", "1"),
    ("produced", "None", "1"),
    ("id", str(-(2**63) - 1)),
    ("id", "1_0"),
    ("id", " 1"),
    ("id", True),
    ("id", 1.5),
    ("id", [1]),
    ("id", {}),
    ("id", None),
    ("id", "1' OR '1'='1"),
]


def test_a_forged_cursor_is_refused(either: House) -> None:
    either.add_lines([line(f"C-{number}") for number in range(3)])
    token = either.token()
    for forged in FORGED:
        path = f"/api/v1/lines?sort={forged[0]}&cursor={cursor(*forged)}"
        answer = either.get(path, token)
        assert answer.status_code == 422, (forged, answer.data)
        assert answer.json["errors"][0]["where"] == "query.cursor"
    for text in ("A", "AA", "W10", "bnVsbA", "e30", "W1tbW1tbW1tb", "_-_-_-_-"):
        assert either.get(f"/api/v1/lines?cursor={text}", token).status_code == 422


def test_a_cursor_of_another_practice_gives_only_ones_own(house: House) -> None:
    house.add_lines([line(f"N-{number}") for number in range(4)])
    house.add_lines([line(f"S-{number}") for number in range(4)], "south")
    theirs = house.get("/api/v1/lines?limit=1", house.token(where=("south",))).json["next_cursor"]
    mine = house.get(f"/api/v1/lines?cursor={theirs}&limit=50", house.token()).json["lines"]
    assert {one["practice"] for one in mine} <= {"north"}


ADDRESSES = [
    "/api/v1/sweeps/%00",
    "/api/v1/sweeps/a%00b",
    "/api/v1/sweeps/%ED%A0%80",
    "/api/v1/sweeps/" + quote("' OR 1=1 --"),
    "/api/v1/codes/%00",
    "/api/v1/codes?q=%00",
    "/api/v1/lines?q=%00",
    "/api/v1/lines?q=%ED%A0%80",
    "/api/v1/lines?payer=%ED%A0%80",
    "/api/v1/lines?assignee=%00",
    "/api/v1/lines/99999999999999999999",
    "/api/v1/lines/9223372036854775808/why",
    "/api/v1/reports/night?since=9999-12-31T23:59:59-23:59",
    "/api/v1/reports/night?since=0001-01-01T00:00:00%2B14:00",
    "/api/v1/reports/night?since=0001-01-01T00:00:00Z",
]


def test_odd_addresses_are_answered(either: House) -> None:
    token = either.token()
    for path in ADDRESSES:
        assert either.get(path, token).status_code < 500, path
    gone = either.ask("DELETE", "/api/v1/tokens/99999999999999999999", token)
    assert gone.status_code == 404


def test_a_tokens_code_gives_no_more_than_its_person_may(house: House) -> None:
    """An admin of the south who only looks on in the north, by way of a token of their own."""
    kim = house.person("kim", {"north": "viewer", "south": "admin"})
    number = house.add_lines([line("N-1")])[0]
    own = house.token(where=("north", "south"), person=kim.person.id)
    scopes = {"scopes": ["codes", "lines:read", "lines:write", "admin"]}
    code = house.ask("POST", "/api/v1/pairing/codes", own, json=scopes).json["code"]
    new = house.ask("POST", "/api/v1/pairing", json={"code": code, "name": "x"}).json["token"]
    note = f"/api/v1/lines/{number}/note"
    for token in (own, new):
        assert house.get(f"/api/v1/lines/{number}", token).status_code == 200
        assert house.ask("POST", note, token, json={"text": "x"}).status_code == 404
    people.disable(house.store, "kim")
    house.app.extensions["remitlens.tokens"].forget()
    for token in (own, new):
        assert house.get("/api/v1/lines", token).status_code == 401


@pytest.mark.parametrize("how", ["disabled", "no role"])
def test_a_code_of_one_who_may_no_more_is_wrong(house: House, how: str) -> None:
    client = house.signed_in("biller")
    headers = HOST | {"X-CSRFToken": house.csrf(client)}
    code = client.post("/api/v1/pairing/codes", json={}, headers=headers).json["code"]
    if how == "disabled":
        people.disable(house.store, "biller")
    else:
        people.set_role(house.store, house.logins["biller"].person.id, "north", None)
    answer = house.ask("POST", "/api/v1/pairing", json={"code": code, "name": "x"})
    assert answer.status_code == 404
    assert tokens.listed(house.store, NORTH) == []


def test_a_kept_answer_is_not_given_to_one_who_lost_the_practice(house: House) -> None:
    kim = house.person("kim", {"north": "biller", "south": "biller"})
    number = house.add_lines([line("N-1")])[0]
    client = house.signed_in("kim")
    headers = HOST | {"X-CSRFToken": house.csrf(client), "Idempotency-Key": "key-0000-1111"}

    def note() -> Any:
        url = f"/api/v1/lines/{number}/note"
        return client.post(url, json={"text": "CANARYNOTE"}, headers=headers)

    assert note().status_code == note().status_code == 200
    people.set_role(house.store, kim.person.id, "north", None)
    answer = note()
    assert answer.status_code == 409
    assert b"CANARYNOTE" not in answer.data


@pytest.mark.parametrize("how", ["expired", "revoked", "disabled"])
def test_an_extension_whose_token_ended_is_no_longer_paired(house: House, how: str) -> None:
    biller = house.logins["biller"].person.id
    expires = house.clock() + timedelta(hours=1)
    house.token(origin=EXTENSION, expires_at=expires, person=biller)
    assert house.get("/healthz", Origin=EXTENSION).status_code == 200
    if how == "expired":
        house.clock.forward(hours=2)
    elif how == "disabled":
        people.disable(house.store, "biller")
    else:
        number = tokens.listed(house.store, NORTH)[0].id
        tokens.revoke(house.store, NORTH, number, "ann", house.clock())
    house.app.extensions["remitlens.tokens"].forget()
    assert house.get("/healthz", Origin=EXTENSION).status_code == 403
