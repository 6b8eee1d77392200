"""The worklist over the API: pages, filters, one line, why, and what a person does with it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from server.facts import Patient
from server.store import audit, people
from tests.api.house import House, line


@pytest.fixture
def full(house: House) -> House:
    house.add_lines(
        [
            line(
                f"C-{number:03}",
                amount=Decimal(100 + number),
                deadline=None if number % 5 == 0 else date(2026, 4, 1 + number),
                state=("ready", "review", "waiting", "resolved")[number % 4],
                reason=("primary_not_billed", "no_pair_rule", "not_final", "paid")[number % 4],
                payer=("acme", "basin")[number % 2],
                patient=Patient(f"M{number}", f"Name{number}", "Ann", date(1980, 1, 1)),
            )
            for number in range(24)
        ]
    )
    return house


def claims(house: House, query: str, token: str) -> list[str]:
    answer = house.get(f"/api/v1/lines?{query}", token)
    assert answer.status_code == 200, answer.data
    return [one["claim"] for one in answer.json["lines"]]


def test_pages_hold_every_line_once(full: House) -> None:
    token, seen, cursor = full.token(), [], ""
    for _ in range(20):
        page = full.get(f"/api/v1/lines?all=true&limit=5{cursor}", token).json
        seen += [one["claim"] for one in page["lines"]]
        if page["next_cursor"] is None:
            break
        cursor = "&cursor=" + page["next_cursor"]
    assert sorted(seen) == [f"C-{number:03}" for number in range(24)]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("limit=200", 18),
        ("all=true&limit=200", 24),
        ("state=ready", 6),
        ("state=ready,review", 12),
        ("state=resolved", 6),
        ("reason=no_pair_rule", 6),
        ("payer=acme", 12),
        ("payer=nobody", 0),
        ("procedure=22614&limit=200", 18),
        ("route=reopening", 0),
        ("due_within=14", 3),
        ("assignee=", 18),
        ("worked=true", 0),
        ("q=C-003", 1),
        ("q=c003", 1),
        ("q=m7", 1),
        ("q=Name9", 1),
        ("q=Name", 0),
    ],
)
def test_filters(full: House, query: str, count: int) -> None:
    assert len(claims(full, query, full.token())) == count


def test_sorts(full: House) -> None:
    token = full.token()
    assert claims(full, "sort=-amount&limit=1&all=true", token) == ["C-023"]
    assert claims(full, "sort=amount&limit=1&all=true", token) == ["C-000"]
    assert claims(full, "sort=due&limit=1&all=true", token) == ["C-001"]


def test_a_cursor_of_another_list_is_refused(full: House) -> None:
    token = full.token()
    cursor = full.get("/api/v1/lines?limit=2&sort=due", token).json["next_cursor"]
    answer = full.get(f"/api/v1/lines?limit=2&sort=amount&cursor={cursor}", token)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["where"] == "query.cursor"


def test_a_line_in_words_and_numbers(house: House) -> None:
    number = house.add_lines([line()])[0]
    body = house.get(f"/api/v1/lines/{number}", house.token()).json
    shown = body["line"]
    assert shown["amount"] == "1150.00"
    assert shown["units"] == "1"
    assert shown["days_left"] == (date(2026, 9, 16) - date(2026, 3, 23)).days
    assert shown["state_text"] == "Ready"
    assert shown["reason_text"].endswith("never billed.")
    assert body["events"] == []
    assert body["packet"] == []


def test_why_tells_the_steps_and_the_evidence(house: House) -> None:
    number = house.add_lines([line()])[0]
    body = house.get(f"/api/v1/lines/{number}/why", house.token()).json
    assert [one["row"] for one in body["steps"] if one["matched"]] == ["6j"]
    assert body["evidence"][0]["source"]["segment"] == 2


def test_the_sums(full: House) -> None:
    body = full.get("/api/v1/lines/summary", full.token()).json
    sums = {one["state"]: (one["lines"], one["amount"]) for one in body["states"]}
    assert sums["ready"] == (6, f"{sum(100 + n for n in range(0, 24, 4))}.00")


def test_what_a_person_does_and_takes_back(house: House) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    url = f"/api/v1/lines/{number}"
    assert house.ask("POST", f"{url}/note", token, json={"text": "called"}).status_code == 200
    assert house.ask("POST", f"{url}/assign", token, json={"to": "biller"}).status_code == 200
    done = house.ask("POST", f"{url}/worked", token, json={"worked": True}).json
    body = house.get(url, token).json
    assert body["line"]["assignee"] == "biller"
    assert [one["kind"] for one in body["events"]] == ["worked", "assign", "note"]
    assert house.ask("POST", f"{url}/undo", token, json={"event": done["id"]}).status_code == 200
    assert house.ask("POST", f"{url}/undo", token, json={"event": done["id"]}).status_code == 409
    assert house.ask("POST", f"{url}/undo", token, json={}).json["kind"] == "assign"
    assert house.get(url, token).json["line"]["assignee"] == ""


@pytest.mark.parametrize("login", ["southerner", "newcomer", "nobody", "CANARYNAME"])
def test_a_line_goes_to_people_of_its_practice_only(house: House, login: str) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    answer = house.ask("POST", f"/api/v1/lines/{number}/assign", token, json={"to": login})
    assert answer.status_code == 409
    assert login not in answer.text


def test_a_mark_in_the_future_is_refused(house: House) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    answer = house.ask("POST", f"/api/v1/lines/{number}/sent", token, json={"on": "2026-03-24"})
    assert answer.status_code == 422


def test_what_was_seen_is_on_the_trail(house: House) -> None:
    first = house.add_lines([line("A-1")])
    house.add_lines([line("B-1")], "south")
    token = house.token(where=("north", "south"))
    house.get("/api/v1/lines", token)
    house.get(f"/api/v1/lines/{first[0]}", token)
    rows = [(row.what, row.practice, row.detail) for row in audit.rows(house.store)]
    assert ("line.view", "north", {"lines": [first[0]]}) in rows
    assert sorted(practice for what, practice, _ in rows if what == "lines.view") == [
        "north",
        "south",
    ]


def test_matches_name_no_patient(house: House) -> None:
    number = house.add_lines([line("C-77 12")])[0]
    key = house.match_hash("c7712")
    asked = {"portal": "meridian", "hashes": [key, "0" * 32]}
    answer = house.ask("POST", "/api/v1/lines/match", house.token(("lines:read",)), json=asked)
    (found,) = answer.json["matches"][key]
    assert found["line_id"] == number
    assert found["code"] == "CO-107"
    assert found["missing"] == {"text": "22614 needs 22612", "procedures": ["22612"]}
    assert found["found_at"] == "22612 signed off on 2026-03-02"
    assert found["rule_text"] == "180 days after the remittance"
    assert found["why_now"] == "22612 is signed off and not billed"
    for value in ("Canaryson", "Wilhelmina", "MBR77812", "1971-05-09", "C-77"):
        assert value not in answer.text


def test_the_payers_own_number_matches_too(house: House) -> None:
    house.add_lines([line("C-5", payer_claim_control_number="ICN-99-1")])
    key = house.match_hash("ICN991")
    body = house.ask(
        "POST", "/api/v1/lines/match", house.token(), json={"portal": "meridian", "hashes": [key]}
    ).json
    assert list(body["matches"]) == [key]


def test_more_than_200_hashes_are_refused(house: House) -> None:
    asked = {"portal": "meridian", "hashes": ["0" * 32] * 201}
    assert house.ask("POST", "/api/v1/lines/match", house.token(), json=asked).status_code == 422


def test_a_line_is_found_by_what_it_is_worth_knowing(house: House) -> None:
    assert people.by_login(house.store, "biller") is not None
    house.add_lines([line("Z-1", groups=(), missing=(), route="", deadline=None, units=None)])
    shown = house.get("/api/v1/lines", house.token()).json["lines"][0]
    assert shown["route_text"] == ""
    assert shown["days_left"] is None
    assert shown["units"] is None
