"""How often one caller may ask: each counted alone, and told how long to wait."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from server.security.limits import SteadyMemory
from tests.api.house import House


@pytest.fixture
def strict(new_house: Callable[..., House]) -> House:
    return new_house(requests_per_minute=4)


@pytest.mark.parametrize("path", ["/api/v1/lines", "/api/v1/portals", "/api/v1/codes/bundle"])
def test_one_too_many_is_told_to_wait(strict: House, path: str) -> None:
    token = strict.token()
    answers = [strict.get(path, token) for _ in range(6)]
    assert [one.status_code for one in answers] == [200] * 4 + [429] * 2
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].json["type"] == "urn:remitlens:problem:too-many"


def test_each_token_is_counted_alone(strict: House) -> None:
    one, other = strict.token(), strict.token()
    for _ in range(6):
        strict.get("/api/v1/portals", one)
    assert strict.get("/api/v1/portals", one).status_code == 429
    assert strict.get("/api/v1/portals", other).status_code == 200


def test_who_is_not_known_is_counted_by_address(strict: House) -> None:
    statuses = [strict.get("/readyz").status_code for _ in range(6)]
    assert statuses == [200] * 4 + [429] * 2
    client = strict.client
    elsewhere = client.get(
        "/readyz", headers={"Host": "localhost"}, environ_base={"REMOTE_ADDR": "10.1.2.3"}
    )
    assert elsewhere.status_code == 200


def test_wrong_tokens_do_not_get_a_count_of_their_own(strict: House) -> None:
    statuses = [
        strict.get("/api/v1/lines", "a" * 42 + str(number)).status_code for number in range(7)
    ]
    assert statuses == [401] * 4 + [429] * 3


def test_who_is_turned_away_is_counted_on_every_route(strict: House) -> None:
    paths = ("lines", "tokens", "nowhere", "codes/107", "lines/1", "sweeps")
    statuses = [strict.ask("POST", f"/api/v1/{path}").status_code for path in paths]
    assert statuses[4:] == [429, 429]


def test_behind_a_proxy_its_word_counts_and_otherwise_not(new_house: Callable[..., House]) -> None:
    code = {"code": "AAAA-AAAA", "name": "x"}
    for behind, expected in ((False, 429), (True, 404)):
        house = new_house(behind_proxy=behind)
        statuses = [
            house.ask(
                "POST", "/api/v1/pairing", json=code, X_Forwarded_For=f"10.0.0.{number}"
            ).status_code
            for number in range(12)
        ]
        assert statuses[-1] == expected


def test_of_several_forwarded_addresses_only_the_proxys_own_counts(
    new_house: Callable[..., House],
) -> None:
    house = new_house(behind_proxy=True)
    statuses = [
        house.ask(
            "POST",
            "/api/v1/pairing",
            json={"code": "AAAA-AAAA", "name": "x"},
            X_Forwarded_For=f"1.2.3.{number}, 10.0.0.9",
        ).status_code
        for number in range(12)
    ]
    assert statuses[-1] == 429


def test_uploads_have_a_limit_of_their_own(new_house: Callable[..., House]) -> None:
    house = new_house(requests_per_minute=2)
    token = house.token()
    headers = {"Host": "localhost", "Authorization": f"Bearer {token}"}
    statuses = [
        house.client.post(
            "/api/v1/intake/835", data=b"x", content_type="text/plain", headers=headers
        ).status_code
        for _ in range(5)
    ]
    assert statuses == [422] * 5


def test_a_window_ends_whatever_the_wall_clock_says(
    strict: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, real = strict.token(), time.time
    for _ in range(5):
        strict.get("/api/v1/portals", token)
    monkeypatch.setattr(time, "time", lambda: real() - 86400)
    refused = strict.get("/api/v1/portals", token)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 60


def test_counts_begin_anew_with_each_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.security.limits._MOST_COUNTED", 3)
    now = [100.0]
    counts = SteadyMemory(clock=lambda: now[0])
    assert [counts.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert (counts.get("a"), counts.get("b")) == (3, 0)
    now[0] += 59
    assert counts.incr("a", 60) == 4
    now[0] += 1
    assert counts.get("a") == 0
    assert counts.incr("a", 60) == 1
    # Made-up names do not pile up: those whose window is over go.
    for name in "bcdefgh":
        now[0] += 61
        counts.incr(name, 60)
    assert len(counts.storage) <= 3
    counts.clear("h")
    assert counts.get("h") == 0
    assert counts.reset() is not None
    assert counts.storage == {}
