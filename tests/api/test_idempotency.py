"""A POST sent twice under one key changes things once and answers the same twice."""

from __future__ import annotations

import threading

import pytest

from server.store import events
from tests.api.house import HOST, House, line

KEY = "key-0000-1111"
NORTH = frozenset({"north"})


def note(house: House, number: int, token: str, key: str = KEY, text: str = "called"):
    return house.ask(
        "POST",
        f"/api/v1/lines/{number}/note",
        token,
        json={"text": text},
        Idempotency_Key=key,
    )


def test_a_repeated_note_is_one_note(house: House) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    first, again = note(house, number, token), note(house, number, token)
    assert first.status_code == again.status_code == 200
    assert first.data == again.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len(events.history(house.store, NORTH, number)) == 1


def test_without_a_key_two_are_two(house: House) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    for _ in range(2):
        house.ask("POST", f"/api/v1/lines/{number}/note", token, json={"text": "called"})
    assert len(events.history(house.store, NORTH, number)) == 2


def test_a_key_is_for_one_request(house: House) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    note(house, number, token)
    other = note(house, number, token, text="something else")
    assert other.status_code == 409


def test_a_key_is_one_callers(house: House) -> None:
    number = house.add_lines([line()])[0]
    note(house, number, house.token())
    note(house, number, house.token())
    assert len(events.history(house.store, NORTH, number)) == 2


def test_a_key_lasts_a_day(house: House) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    note(house, number, token)
    house.clock.forward(hours=25)
    note(house, number, token, key="key-other-one")
    note(house, number, token)
    assert len(events.history(house.store, NORTH, number)) == 3


def test_a_failed_request_may_be_tried_again(house: House) -> None:
    token = house.token()
    assert note(house, 1, token).status_code == 404
    number = house.add_lines([line()])[0]
    assert number == 1
    assert note(house, number, token).status_code == 200


@pytest.mark.parametrize("key", ["short", "x" * 65, "sp ace-00", "ümlaut-000", "a/b/c/d/e"])
def test_a_key_has_a_form(house: House, key: str) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    assert note(house, number, token, key=key).status_code == 400


def test_two_at_the_same_moment_are_one(house: House) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    answers: list[bytes] = []

    def send() -> None:
        answers.append(note(house, number, token).data)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert len(events.history(house.store, NORTH, number)) == 1


def test_what_is_kept_is_sealed(house: House) -> None:
    number, token = house.add_lines([line()])[0], house.token()
    note(house, number, token, text="CANARYNOTE")
    for file in house.settings.home.iterdir():
        assert b"CANARYNOTE" not in file.read_bytes()
    assert HOST
