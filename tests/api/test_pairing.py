"""Pairing: single use, five minutes, five tries; tokens that hold no longer than they may."""

from __future__ import annotations

import base64

import pytest

from server.store import people, practices, tokens
from tests.api.house import ALL_SCOPES, EXTENSION, House


def code(house: House, where=("north",), scopes=("codes", "lines:read"), **other) -> str:
    return tokens.new_code(house.store, where, scopes, "cli", house.clock(), **other)


def pair(house: House, given: str, **headers: str):
    return house.ask("POST", "/api/v1/pairing", json={"code": given, "name": "Chrome"}, **headers)


def test_a_code_becomes_a_token_with_its_scopes_and_key(house: House) -> None:
    answer = pair(house, code(house), Origin=EXTENSION)
    assert answer.status_code == 201
    body = answer.json
    assert body["scopes"] == ["codes", "lines:read"]
    assert body["practice"] == "north"
    assert base64.b64decode(body["match_key"]) == practices.match_secret(house.store, "north")
    assert house.get("/api/v1/codes/107", body["token"], Origin=EXTENSION).status_code == 200
    assert tokens.listed(house.store, frozenset({"north"}))[0].origin == EXTENSION


def test_a_code_of_several_practices_gives_a_key_for_each(house: House) -> None:
    body = pair(house, code(house, ("north", "south"))).json
    assert [one["practice"] for one in body["practices"]] == ["north", "south"]
    assert len({one["match_key"] for one in body["practices"]}) == 2


def test_a_code_is_taken_in_any_writing(house: House) -> None:
    assert pair(house, code(house).lower().replace("-", " ")).status_code == 201


def test_a_code_works_once(house: House) -> None:
    given = code(house)
    assert pair(house, given).status_code == 201
    again = pair(house, given)
    assert again.status_code == 404
    assert again.json["type"] == "urn:remitlens:problem:pairing-code"


def test_a_code_lives_five_minutes(house: House) -> None:
    given = code(house)
    house.clock.forward(minutes=5, seconds=1)
    assert pair(house, given).status_code == 404


def test_five_wrong_tries_end_a_code(house: House) -> None:
    given = code(house)
    for _ in range(5):
        assert pair(house, "AAAA-AAAA").status_code == 404
    assert pair(house, given).status_code == 404


def test_four_wrong_tries_do_not(house: House) -> None:
    given = code(house)
    for _ in range(4):
        pair(house, "AAAA-AAAA")
    assert pair(house, given).status_code == 201


def test_one_address_gets_ten_tries_a_minute(house: House) -> None:
    answers = [pair(house, "AAAA-AAAA") for _ in range(11)]
    assert [one.status_code for one in answers] == [404] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_an_unpaired_token_is_out_at_once(house: House) -> None:
    token = pair(house, code(house)).json["token"]
    assert house.get("/api/v1/codes/107", token).status_code == 200
    assert house.ask("DELETE", "/api/v1/pairing", token).status_code == 204
    assert house.get("/api/v1/codes/107", token).status_code == 401
    assert house.get("/api/v1/lines", token).status_code == 401


def test_an_admin_lists_and_revokes(house: House) -> None:
    admin, other = house.token(), house.token(("codes",))
    assert house.get("/api/v1/codes/107", other).status_code == 200
    listed = house.get("/api/v1/tokens", admin).json["tokens"]
    number = next(one["id"] for one in listed if one["scopes"] == ["codes"])
    assert house.ask("DELETE", f"/api/v1/tokens/{number}", admin).status_code == 204
    assert house.get("/api/v1/codes/107", other).status_code == 401


def test_an_admin_of_another_practice_neither_sees_nor_revokes(house: House) -> None:
    mine = house.token()
    number = house.get("/api/v1/tokens", mine).json["tokens"][0]["id"]
    theirs = house.token(where=("south",))
    assert [one["practices"] for one in house.get("/api/v1/tokens", theirs).json["tokens"]] == [
        ["south"]
    ]
    assert house.ask("DELETE", f"/api/v1/tokens/{number}", theirs).status_code == 404
    assert house.get("/api/v1/lines", mine).status_code == 200


def test_a_code_never_gives_more_than_its_maker_may(house: House) -> None:
    maker = house.token(("admin", "codes"))
    asked = {"scopes": ["lines:read"]}
    assert house.ask("POST", "/api/v1/pairing/codes", maker, json=asked).status_code == 409
    given = house.ask("POST", "/api/v1/pairing/codes", maker, json={}).json["code"]
    assert pair(house, given).json["scopes"] == ["codes"]


@pytest.mark.parametrize(
    ("role", "reads", "writes"), [("viewer", 200, 403), ("biller", 200, 404), (None, 401, 401)]
)
def test_a_persons_token_may_what_the_person_may_now(
    house: House, role: str | None, reads: int, writes: int
) -> None:
    kim = house.person("kim", {"north": "biller"}).person
    given = code(house, scopes=ALL_SCOPES, person=kim.id)
    token = pair(house, given).json["token"]
    people.set_role(house.store, kim.id, "north", role)
    house.app.extensions["remitlens.tokens"].forget()
    assert house.get("/api/v1/lines", token).status_code == reads
    note = house.ask("POST", "/api/v1/lines/1/note", token, json={"text": "x"})
    assert note.status_code == writes


def test_a_disabled_persons_token_does_nothing(house: House) -> None:
    kim = house.person("kim", {"north": "biller"}).person
    token = house.token(person=kim.id)
    people.disable(house.store, "kim")
    assert house.get("/api/v1/lines", token).status_code == 401


def test_an_expired_token_does_nothing(house: House) -> None:
    from datetime import timedelta

    token = house.token(expires_at=house.clock() + timedelta(hours=1))
    assert house.get("/api/v1/lines", token).status_code == 200
    house.clock.forward(hours=2)
    house.app.extensions["remitlens.tokens"].forget()
    assert house.get("/api/v1/lines", token).status_code == 401


def test_the_secret_is_nowhere_in_the_store(house: House) -> None:
    token = pair(house, code(house)).json["token"]
    for file in house.settings.home.iterdir():
        assert token.encode() not in file.read_bytes()


def test_a_token_is_believed_for_two_seconds_and_no_longer(house: House) -> None:
    from server.security.identify import BELIEVED_SECONDS, Tokens

    ticks = [100.0]
    seen = Tokens(lambda: ticks[0])
    secret = house.token()
    around = house.app.extensions["remitlens"]
    caller = seen.caller(around, secret)
    assert caller is not None
    tokens.revoke(house.store, frozenset({"north"}), caller.id, "cli", house.clock())
    ticks[0] += BELIEVED_SECONDS - 0.1
    assert seen.caller(around, secret) is not None
    ticks[0] += 0.2
    assert seen.caller(around, secret) is None
