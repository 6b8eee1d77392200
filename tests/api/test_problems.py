"""Errors are problem details (RFC 9457) and never hold what was sent."""

from __future__ import annotations

import json

import pytest

from tests.api.house import House

PLANTED = "CANARYPATIENT"


def deep(depth: int) -> str:
    return "[" * depth + "]" * depth


BODIES = [
    ('{"codes": ["' + PLANTED, 400),
    (f'{{"{PLANTED}": 1}}', 422),
    (f'{{"codes": "{PLANTED}"}}', 422),
    (f'{{"codes": [{{"{PLANTED}": "{PLANTED}"}}]}}', 422),
    (f'["{PLANTED}"]', 422),
    ("null", 422),
    ("", 400),
    ("\x00", 400),
    ('{"codes": ["\\ud800"]}', 400),
    (deep(30_000), 400),
    ('{"codes": ' + deep(20_000) + "}", 400),
    ('{"codes": ["' + PLANTED * 3 + '"]}', 422),
    ("NaN", 422),
    ('{"codes": [' + ",".join(['"1"'] * 201) + "]}", 422),
]


@pytest.mark.parametrize(("body", "status"), BODIES)
def test_a_body_that_does_not_fit(house: House, body: str, status: int) -> None:
    answer = house.client.post(
        "/api/v1/codes/lookup",
        data=body.encode("utf-8", "surrogatepass"),
        content_type="application/json",
        headers={"Host": "127.0.0.1", "Authorization": f"Bearer {house.token()}"},
    )
    assert answer.status_code == status, answer.data
    assert answer.content_type == "application/problem+json"
    told = json.loads(answer.data)
    assert told["status"] == status
    assert set(told) >= {"type", "title", "status", "detail", "instance"}
    assert PLANTED not in answer.text


def test_a_field_at_fault_is_named_and_an_unknown_one_is_not(house: House) -> None:
    token = house.token()
    answer = house.ask(
        "POST", "/api/v1/codes/lookup", token, json={"codes": [1, "107"], PLANTED: "x"}
    )
    assert answer.json["errors"] == [
        {"where": "body.codes.0", "problem": "Input should be a valid string"},
        {"where": "body.*", "problem": "unknown field"},
    ]


@pytest.mark.parametrize(
    "query",
    [
        f"state={PLANTED}",
        f"limit={PLANTED}",
        f"{PLANTED}=1",
        f"sort={PLANTED}",
        f"cursor={PLANTED}",
        f"practice={PLANTED}",
        "limit=0",
        "limit=201",
        "state=ready&state=review",
        "due_within=-1",
        "worked=perhaps",
        "q=%00",
    ],
)
def test_a_query_that_does_not_fit(house: House, query: str) -> None:
    answer = house.get(f"/api/v1/lines?{query}", house.token())
    assert answer.status_code in (400, 404, 422)
    assert PLANTED not in answer.text


def test_a_repeated_parameter_is_not_guessed_at(house: House) -> None:
    assert house.get("/api/v1/lines?limit=1&limit=2", house.token()).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/{PLANTED}", 404),
        ("GET", f"/api/v1/codes/{PLANTED}", 404),
        ("GET", f"/api/v1/lines/{PLANTED}", 404),
        ("GET", f"/api/v1/lines/{'9' * 40}", 404),
        ("PUT", "/api/v1/codes/107", 405),
        ("TRACE", "/healthz", 405),
        ("GET", f"/api/v1/tokens/{PLANTED}", 404),
    ],
)
def test_an_address_that_does_not_exist(house: House, method: str, path: str, status: int) -> None:
    answer = house.ask(method, path, house.token())
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert PLANTED not in answer.text
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_another_media_type(house: House) -> None:
    answer = house.client.post(
        "/api/v1/codes/lookup",
        data="codes=107",
        content_type="application/x-www-form-urlencoded",
        headers={"Host": "127.0.0.1", "Authorization": f"Bearer {house.token()}"},
    )
    assert answer.status_code == 415


def test_an_error_nobody_foresaw_says_nothing_of_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(f"the patient is {PLANTED}")

    monkeypatch.setattr("server.store.worklist.totals", broken)
    answer = house.get("/api/v1/lines/summary", house.token())
    assert answer.status_code == 500
    assert answer.json["type"] == "urn:remitlens:problem:unforeseen"
    assert PLANTED not in answer.text


def test_a_body_over_its_cap_is_not_read(house: House) -> None:
    token = house.token()
    answer = house.ask("POST", "/api/v1/codes/lookup", token, json={"codes": ["1" * 70_000]})
    assert answer.status_code == 413


def test_a_head_has_no_body(house: House) -> None:
    answer = house.ask("HEAD", "/api/v1/codes/107", house.token())
    assert answer.status_code == 200
    assert answer.data == b""
