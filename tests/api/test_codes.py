"""What a code means, as the API answers it; the quick way and the long way say the same."""

from __future__ import annotations

import gzip
import json

import pytest

from server.codes.lookup import catalogue
from tests.api.house import House

URL = "/api/v1/codes/CO-107"


def test_a_code_is_explained_with_its_group(house: House) -> None:
    body = house.get(URL, house.token()).json
    assert body == catalogue().explain("CO-107").to_dict()


@pytest.mark.parametrize("asked", ["107", "co107", "N122", "CO", "MA130", "n122"])
def test_codes_in_many_writings(house: House, asked: str) -> None:
    body = house.get(f"/api/v1/codes/{asked}", house.token()).json
    assert body["code"] == catalogue().explain(asked).code


def test_the_quick_way_and_the_long_way_are_one(house: House) -> None:
    token = house.token()
    long = house.get(URL, token, Accept_Encoding="identity")
    quick = house.get(URL, token, Accept_Encoding="identity")
    assert "Cookie" not in (quick.headers.get("Vary") or "")
    assert quick.data == long.data
    for name in ("ETag", "Cache-Control", "Content-Type", "Content-Length"):
        assert quick.headers[name] == long.headers[name]
    assert quick.headers["X-Content-Type-Options"] == "nosniff"


def test_the_quick_way_keeps_the_same_doors_shut(house: House) -> None:
    token = house.token(("lines:read",))
    assert house.get("/api/v1/lines", token).status_code == 200
    assert house.get(URL, token).status_code == 403
    assert house.get(URL, token + "x").status_code == 401
    assert house.get(URL).status_code == 401
    good = house.token(("codes",))
    for _ in range(2):
        assert house.get(URL, good, Host="evil.example").status_code == 421
        assert house.get(URL, good, Origin="https://evil.example").status_code == 403
        assert house.get(URL, good).status_code == 200
        assert house.get("/api/v1/codes/XX-999", good).status_code == 404


def test_the_quick_way_counts(new_house) -> None:
    house = new_house(requests_per_minute=5)
    token = house.token()
    statuses = [house.get(URL, token).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2


def test_an_answer_is_known_by_its_etag(house: House) -> None:
    token = house.token()
    first = house.get(URL, token)
    again = house.get(URL, token, If_None_Match=first.headers["ETag"])
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert house.get(URL, token, If_None_Match='"other"').status_code == 200


def test_the_bundle_is_zipped_where_the_client_takes_it(house: House) -> None:
    token = house.token()
    plain = house.get("/api/v1/codes/bundle", token, Accept_Encoding="identity")
    zipped = house.get("/api/v1/codes/bundle", token, Accept_Encoding="gzip, br")
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert json.loads(plain.data)["version"] == catalogue().bundle()["version"]
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert plain.headers["Cache-Control"].startswith("private, max-age=")
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_search_finds_by_words(house: House) -> None:
    found = house.get("/api/v1/codes?q=add-on&limit=3", house.token()).json["codes"]
    assert found[0]["code"] == "107"
    assert len(found) <= 3


def test_many_codes_at_once_in_the_order_asked(house: House) -> None:
    asked = {"codes": ["CO-45", "nonsense", "N122"]}
    found = house.ask("POST", "/api/v1/codes/lookup", house.token(), json=asked).json["codes"]
    assert [one and one["code"] for one in found] == ["CO-45", None, "N122"]
