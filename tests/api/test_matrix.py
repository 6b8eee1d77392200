"""Who may do what: every route, by every role and scope, in one's own practice and another's.

The expected answers are written down here, not computed from what the server enforces. A route
without a row fails.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.store import people
from tests.api.house import HOST, House, Login, line

_COUNT = itertools.count(1)
ROLES = ("viewer", "biller", "manager", "admin")
SCOPES = ("codes", "lines:read", "lines:write", "observe", "admin")
X12 = b"ISA*00*not really~"
OBSERVED = {
    "portal": "meridian",
    "url": "http://127.0.0.1:8740/meridian/app",
    "html": {"main": "<html></html>"},
    "seen_at": "2026-03-23T14:00:00Z",
}


@dataclass(frozen=True)
class Row:
    """Answers to: nobody; viewer biller manager admin; a token of each one scope; elsewhere.

    `elsewhere` is what someone with every right in another practice gets; "own" where the route
    belongs to no practice, or answers with their own practice's things alone.
    """

    nobody: int
    roles: str
    scopes: str
    elsewhere: str
    body: Any = None
    raw: bytes | None = None
    url: str = ""


READ = "200 200 200 200", "403 200 403 403 403"
NOTE = "403 200 200 200", "403 403 200 403 403"
TAKE = "403 422 422 422", "403 403 422 403 403"
CODES = "200 200 200 200", "200 403 403 403 403"
OPEN = "200 200 200 200", "200 200 200 200 200"

MATRIX: dict[str, Row] = {
    "GET /healthz": Row(200, *OPEN, "own"),
    "GET /readyz": Row(200, *OPEN, "own"),
    "GET /metrics": Row(401, *CODES, "own"),
    "GET /api/v1/openapi.json": Row(200, *OPEN, "own"),
    "GET /api/v1/docs": Row(200, *OPEN, "own"),
    "GET /api/v1/docs/static/<path:filename>": Row(
        200, *OPEN, "own", url="/api/v1/docs/static/docs.css"
    ),
    "GET /api/v1/codes": Row(401, *CODES, "own", url="/api/v1/codes?q=add-on"),
    "GET /api/v1/codes/<code:code>": Row(401, *CODES, "own", url="/api/v1/codes/107"),
    "GET /api/v1/codes/bundle": Row(401, *CODES, "own"),
    "POST /api/v1/codes/lookup": Row(401, *CODES, "own", body={"codes": ["107"]}),
    "GET /api/v1/portals": Row(401, *CODES, "own"),
    "GET /api/v1/lines": Row(401, *READ, "own"),
    "GET /api/v1/lines/summary": Row(401, *READ, "own"),
    "GET /api/v1/lines/<int:line>": Row(401, *READ, "404"),
    "GET /api/v1/lines/<int:line>/why": Row(401, *READ, "404"),
    "GET /api/v1/lines/<int:line>/packet": Row(
        401, "403 404 404 404", "403 404 403 403 403", "404"
    ),
    # The line is made without facts: who may, gets as far as finding nothing to build from.
    "POST /api/v1/lines/<int:line>/packet": Row(
        401, "403 404 404 404", "403 403 404 403 403", "404", body={}
    ),
    "POST /api/v1/lines/match": Row(
        401, *READ, "own", body={"portal": "meridian", "hashes": ["0" * 32]}
    ),
    "POST /api/v1/lines/<int:line>/sent": Row(401, *NOTE, "404", body={"on": "2026-03-22"}),
    "POST /api/v1/lines/<int:line>/assign": Row(401, *NOTE, "404", body={"to": ""}),
    "POST /api/v1/lines/<int:line>/note": Row(401, *NOTE, "404", body={"text": "called"}),
    "POST /api/v1/lines/<int:line>/worked": Row(401, *NOTE, "404", body={"worked": True}),
    "POST /api/v1/lines/<int:line>/undo": Row(401, *NOTE, "404", body={}),
    "POST /api/v1/scrub": Row(401, "403 422 422 422", "403 422 403 403 403", "own", raw=X12),
    "POST /api/v1/intake/835": Row(401, *TAKE, "own", raw=X12),
    "POST /api/v1/intake/837": Row(401, *TAKE, "own", raw=X12),
    "POST /api/v1/intake/charges": Row(401, *TAKE, "own", raw=X12),
    "POST /api/v1/intake/eob": Row(401, *TAKE, "own", raw=X12),
    "POST /api/v1/intake/sent": Row(401, *TAKE, "own", raw=X12),
    "POST /api/v1/intake/observation": Row(
        401, "403 200 200 200", "403 403 403 200 403", "own", body=OBSERVED
    ),
    "GET /api/v1/sweeps": Row(401, *READ, "own"),
    "GET /api/v1/sweeps/<sweep>": Row(
        401, "404 404 404 404", "403 404 403 403 403", "404", url="/api/v1/sweeps/none"
    ),
    "POST /api/v1/sweeps": Row(401, "403 403 202 202", "403 403 403 403 202", "own", body={}),
    "GET /api/v1/reports/night": Row(401, *READ, "own"),
    "POST /api/v1/pairing": Row(
        404,
        "404 404 404 404",
        "404 404 404 404 404",
        "own",
        body={"code": "AAAA-AAAA", "name": "x"},
    ),
    "DELETE /api/v1/pairing": Row(401, "403 403 403 403", "204 204 204 204 204", "own"),
    "POST /api/v1/pairing/codes": Row(
        401, "201 201 201 201", "403 403 403 403 201", "own", body={"scopes": ["codes"]}
    ),
    "GET /api/v1/tokens": Row(401, "403 403 403 200", "403 403 403 403 200", "own"),
    "DELETE /api/v1/tokens/<int:token>": Row(401, "403 403 403 204", "403 403 403 403 204", "404"),
}


def routes(house: House) -> set[str]:
    found = set()
    for rule in house.app.url_map.iter_rules():
        if rule.endpoint.startswith("pages."):
            continue  # tests/web has the pages' own rows
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found.add(f"{method} {rule.rule}")
    return found


def test_every_route_has_a_row(house: House) -> None:
    assert routes(house) == set(MATRIX)


def _url(house: House, name: str, row: Row) -> str:
    path = row.url or name.split(" ", 1)[1]
    if "<int:line>" in path:
        path = path.replace("<int:line>", str(house.add_lines([line(f"C-{next(_COUNT)}")])[0]))
    if "<int:token>" in path:
        from server.store import tokens

        house.token(("codes",))
        number = tokens.listed(house.store, frozenset({"north"}))[0].id
        path = path.replace("<int:token>", str(number))
    return path


def _ask(house: House, name: str, row: Row, client: Any, headers: dict[str, str]) -> TestResponse:
    method = name.split(" ", 1)[0]
    named: dict[str, Any] = {}
    if row.raw is not None:
        named = {"data": row.raw, "content_type": "application/octet-stream"}
    elif row.body is not None:
        named = {"json": row.body}
    url = _url(house, name, row)
    if name.endswith("/undo"):
        _worked(house, url)
    return client.open(url, method=method, headers=HOST | headers, **named)


def _worked(house: House, url: str) -> None:
    from server.store import events

    events.worked(house.store, frozenset({"north"}), int(url.split("/")[4]), True, "ann")


@pytest.fixture
def quiet(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """No engine and no reader of pages: what stands behind them has tests of its own."""
    from server.facts import Look, Payer

    monkeypatch.setattr("server.engine.ask_for_sweep", lambda *_: "20260323T150000-0000abcd")
    look = Look(Payer(("SBXMER",)), "C-1", house.clock(), "not_found", portal="meridian")
    monkeypatch.setattr("server.api.observation.reader", lambda: lambda *_: look)
    return house


@pytest.fixture
def southerners(quiet: House) -> House:
    """People of each role in the south, who have none in the north."""
    for role in ROLES:
        made = people.add(quiet.store, f"southern-{role}", role, "").person
        people.set_role(quiet.store, made.id, "south", role)
        quiet.logins[f"southern-{role}"] = Login(made, "")
    return quiet


CASES = [pytest.param(name, row, id=name) for name, row in MATRIX.items()]


@pytest.mark.parametrize(("name", "row"), CASES)
def test_nobody(quiet: House, name: str, row: Row) -> None:
    assert _ask(quiet, name, row, quiet.client, {}).status_code == row.nobody


@pytest.mark.parametrize(("name", "row"), CASES)
def test_roles(quiet: House, name: str, row: Row) -> None:
    for role, expected in zip(ROLES, row.roles.split(), strict=True):
        client = quiet.signed_in(role)
        headers = {"X-CSRFToken": quiet.csrf(client)}
        answer = _ask(quiet, name, row, client, headers)
        assert answer.status_code == int(expected), (role, answer.data)


@pytest.mark.parametrize(("name", "row"), CASES)
def test_scopes(quiet: House, name: str, row: Row) -> None:
    for scope, expected in zip(SCOPES, row.scopes.split(), strict=True):
        scopes = (scope, "codes") if name.endswith("/pairing/codes") else (scope,)
        token = quiet.token(scopes)
        answer = _ask(quiet, name, row, quiet.client, {"Authorization": f"Bearer {token}"})
        assert answer.status_code == int(expected), (scope, answer.data)


@pytest.mark.parametrize(("name", "row"), CASES)
def test_another_practice(quiet: House, name: str, row: Row) -> None:
    """All rights in the south give nothing of the north."""
    quiet.add_lines([line("NORTHCLAIM-1")])
    client = quiet.signed_in("southerner")
    token = {"Authorization": f"Bearer {quiet.token(where=('south',))}"}
    for who, headers in ((client, {"X-CSRFToken": quiet.csrf(client)}), (quiet.client, token)):
        answer = _ask(quiet, name, row, who, headers)
        if row.elsewhere == "404":
            assert answer.status_code == 404, answer.data
        assert b"NORTHCLAIM" not in answer.data
        assert b'"north"' not in answer.data


@pytest.mark.parametrize(("name", "row"), CASES)
def test_every_role_and_scope_of_another_practice(southerners: House, name: str, row: Row) -> None:
    """Who may nothing of the kind gets 403, whoever may finds nothing of the north."""
    quiet = southerners
    quiet.add_lines([line("NORTHCLAIM-1")])
    for role, own in zip(ROLES, row.roles.split(), strict=True):
        client = quiet.signed_in(f"southern-{role}")
        answer = _ask(quiet, name, row, client, {"X-CSRFToken": quiet.csrf(client)})
        _elsewhere(row, own, answer)
    for scope, own in zip(SCOPES, row.scopes.split(), strict=True):
        scopes = (scope, "codes") if name.endswith("/pairing/codes") else (scope,)
        token = quiet.token(scopes, where=("south",))
        headers = {"Authorization": f"Bearer {token}"}
        _elsewhere(row, own, _ask(quiet, name, row, quiet.client, headers))


def _elsewhere(row: Row, own: str, answer: TestResponse) -> None:
    expected = "404" if row.elsewhere == "404" and own != "403" else own
    assert answer.status_code == int(expected), answer.data
    assert b"NORTHCLAIM" not in answer.data
    assert b'"north"' not in answer.data


@pytest.mark.parametrize(("name", "row"), CASES)
def test_a_person_without_a_role(quiet: House, name: str, row: Row) -> None:
    client = quiet.signed_in("newcomer")
    answer = _ask(quiet, name, row, client, {"X-CSRFToken": quiet.csrf(client)})
    assert answer.status_code == (403 if row.nobody == 401 else row.nobody)


@pytest.mark.parametrize("path", ["lines", "lines/summary", "reports/night", "sweeps"])
def test_a_practice_that_is_not_yours_is_as_absent_as_one_unknown(house: House, path: str) -> None:
    token = house.token()
    theirs = house.get(f"/api/v1/{path}?practice=south", token)
    unknown = house.get(f"/api/v1/{path}?practice=nowhere", token)
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.json["detail"] == unknown.json["detail"]


@pytest.mark.parametrize("kind", ["835", "837", "charges", "eob", "sent"])
def test_a_file_cannot_be_put_into_anothers_practice(house: House, kind: str) -> None:
    headers = HOST | {"Authorization": f"Bearer {house.token()}"}
    answer = house.client.post(
        f"/api/v1/intake/{kind}?practice=south", data=b"x", headers=headers, content_type="text/csv"
    )
    assert answer.status_code == 404


def test_matches_stay_in_their_practice(house: House) -> None:
    house.add_lines([line("SHARED-1")], "north")
    north, south = house.match_hash("SHARED-1"), house.match_hash("SHARED-1", "south")
    asked = {"portal": "meridian", "hashes": [north, south]}
    for where, found in (("north", [north]), ("south", [])):
        token = house.token(where=(where,))
        body = house.ask("POST", "/api/v1/lines/match", token, json=asked).json
        assert list(body["matches"]) == found


def test_a_biller_in_two_practices_is_what_they_are_in_each(house: House) -> None:
    here, there = house.add_lines([line("N-1")]), house.add_lines([line("S-1")], "south")
    house.person("kim", {"north": "biller", "south": "viewer"})
    client = house.signed_in("kim")
    headers = HOST | {"X-CSRFToken": house.csrf(client)}
    seen = client.get("/api/v1/lines", headers=HOST).json["lines"]
    assert {one["claim"] for one in seen} == {"N-1", "S-1"}
    answers = [
        client.post(f"/api/v1/lines/{number}/note", json={"text": "x"}, headers=headers)
        for number in (*here, *there)
    ]
    assert [one.status_code for one in answers] == [200, 404]


def test_a_session_needs_the_csrf_token(house: House) -> None:
    number = house.add_lines([line()])[0]
    client = house.signed_in("biller")
    url = f"/api/v1/lines/{number}/note"
    assert client.post(url, json={"text": "x"}, headers=HOST).status_code == 403
    wrong = HOST | {"X-CSRFToken": "nonsense"}
    assert client.post(url, json={"text": "x"}, headers=wrong).status_code == 403
    # A token of someone else's session.
    other = house.signed_in("admin")
    with client.session_transaction() as session:
        session["csrf_token"] = "d" * 40
    stolen = HOST | {"X-CSRFToken": house.csrf(other)}
    assert client.post(url, json={"text": "x"}, headers=stolen).status_code == 403


def test_a_token_that_does_not_hold_is_nobody_whatever_the_cookie_says(house: House) -> None:
    client = house.signed_in("admin")
    assert client.get("/api/v1/lines", headers=HOST).status_code == 200
    for bad in ("Bearer x", "Bearer " + "a" * 43, "Basic a2ltOng=", "bearer", ""):
        answer = client.get("/api/v1/lines", headers=HOST | {"Authorization": bad})
        assert answer.status_code == 401
