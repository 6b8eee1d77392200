"""Sessions: the cookie, what ends them, and that signing in fails in one way."""

from __future__ import annotations

from typing import Any

import pytest
from flask import request
from flask.testing import FlaskClient

from server.security.callers import anyone
from server.security.signing_in import safe_next, sign_in, sign_out
from server.store import RefusedError, audit, people
from tests.api.house import HOST, PASSWORD, House


@pytest.fixture
def doors(house: House) -> House:
    """The house with the two addresses the pages have."""

    @house.app.post("/try-in")
    @anyone()
    def try_in() -> tuple[str, int]:
        try:
            sign_in(request.form["login"], request.form["password"], request.form["code"])
        except RefusedError as error:
            return str(error), 400
        return "", 204

    @house.app.post("/try-out")
    @anyone()
    def try_out() -> tuple[str, int]:
        sign_out()
        return "", 204

    return house


def enter(house: House, client: FlaskClient, login: str = "biller", **other: Any):
    code = house.logins.get(login, house.logins["admin"]).code(house.clock())
    form = {"login": login, "password": PASSWORD, "code": code}
    return client.post("/try-in", data=form | other, headers=HOST)


def test_a_person_signs_in_and_out(doors: House) -> None:
    client = doors.client
    assert client.get("/api/v1/lines", headers=HOST).status_code == 401
    answer = enter(doors, client)
    assert answer.status_code == 204
    cookie = answer.headers["Set-Cookie"]
    for part in ("remitlens=", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    assert client.get("/api/v1/lines", headers=HOST).status_code == 200
    headers = HOST | {"X-CSRFToken": doors.csrf(client)}
    assert client.post("/try-out", headers=headers).status_code == 204
    assert client.get("/api/v1/lines", headers=HOST).status_code == 401


def test_behind_tls_the_cookie_is_bound_to_the_host(new_house) -> None:
    house = new_house(behind_proxy=True)
    assert house.app.config["SESSION_COOKIE_NAME"] == "__Host-remitlens"
    assert house.app.config["SESSION_COOKIE_SECURE"]
    assert "max-age=31536000" in house.get("/healthz").headers["Strict-Transport-Security"]


def test_a_stolen_cookie_is_worth_nothing_after_signing_out(doors: House) -> None:
    client, thief = doors.client, doors.client
    enter(doors, client)
    stolen = client.get_cookie("remitlens")
    assert stolen is not None
    thief.set_cookie("remitlens", stolen.value)
    assert thief.get("/api/v1/lines", headers=HOST).status_code == 200
    client.post("/try-out", headers=HOST | {"X-CSRFToken": doors.csrf(client)})
    assert thief.get("/api/v1/lines", headers=HOST).status_code == 401


def test_a_session_of_before_is_not_carried_over(doors: House) -> None:
    client = doors.client
    with client.session_transaction() as session:
        session["csrf_token"] = "known to another"
        session["planted"] = "x"
    enter(doors, client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "known to another"


def test_the_cookie_cannot_be_forged(house: House) -> None:
    client = house.signed_in("admin")
    cookie = client.get_cookie("remitlens")
    assert cookie is not None
    for forged in (cookie.value[:-1] + "A", cookie.value.replace(".", "", 1), "x", ""):
        other = house.client
        other.set_cookie("remitlens", forged)
        assert other.get("/api/v1/lines", headers=HOST).status_code in (401,)


def test_fifteen_minutes_without_a_request_log_off(house: House) -> None:
    client = house.signed_in("biller")
    for _ in range(4):
        house.clock.forward(minutes=14)
        assert client.get("/api/v1/lines", headers=HOST).status_code == 200
    house.clock.forward(minutes=16)
    assert client.get("/api/v1/lines", headers=HOST).status_code == 401
    house.clock.forward(minutes=-10)
    assert client.get("/api/v1/lines", headers=HOST).status_code == 401


def test_twelve_hours_end_a_session_however_busy(house: House) -> None:
    client = house.signed_in("biller")
    for _ in range(60):
        house.clock.forward(minutes=12)
        last = client.get("/api/v1/lines/summary", headers=HOST).status_code
    assert last == 401


@pytest.mark.parametrize(
    "wrong",
    [{"password": "wrong"}, {"code": "000000"}, {"login": "nobody"}, {"code": ""}, {"login": ""}],
)
def test_signing_in_fails_in_one_way(doors: House, wrong: dict[str, str]) -> None:
    client = doors.client
    answer = enter(doors, client, **wrong)
    assert answer.status_code == 400
    assert answer.text == enter(doors, doors.client, "viewer", password="x").text
    assert client.get("/api/v1/lines", headers=HOST).status_code == 401
    assert [row.what for row in audit.rows(doors.store)] == ["sign_in_failed"] * 2


def test_a_code_opens_once(doors: House) -> None:
    assert enter(doors, doors.client).status_code == 204
    assert enter(doors, doors.client).status_code == 400
    doors.clock.forward(seconds=30)
    assert enter(doors, doors.client).status_code == 204


def test_five_failures_lock_and_the_right_password_does_not_open(doors: House) -> None:
    for _ in range(5):
        enter(doors, doors.client, password="wrong")
    assert enter(doors, doors.client).status_code == 400
    doors.clock.forward(minutes=16)
    assert enter(doors, doors.client).status_code == 204


def test_a_role_taken_away_is_gone_at_once(house: House) -> None:
    client = house.signed_in("biller")
    assert client.get("/api/v1/lines", headers=HOST).status_code == 200
    people.set_role(house.store, house.logins["biller"].person.id, "north", None)
    assert client.get("/api/v1/lines", headers=HOST).status_code == 403
    people.disable(house.store, "biller")
    assert client.get("/api/v1/lines", headers=HOST).status_code == 401


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/lines/7?x=1", "/lines/7?x=1"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\nb", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_after_signing_in_one_stays_here(asked: str | None, goes: str) -> None:
    assert safe_next(asked) == goes
