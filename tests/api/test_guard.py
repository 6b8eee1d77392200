"""What is turned away before anything is looked at, and the headers of every answer."""

from __future__ import annotations

import pytest

from server.security.guard import bare_host, is_extension
from tests.api.house import EXTENSION, OTHER_EXTENSION, House


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "rebind.localhost.example:8737", "", "[::2]", "0"],
)
def test_a_name_that_is_not_ours_is_refused(house: House, host: str) -> None:
    answer = house.get("/healthz", Host=host)
    assert answer.status_code == 421
    assert answer.json["type"] == "urn:remitlens:problem:wrong-host"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8737", "LOCALHOST", "[::1]:8737"])
def test_our_own_names_are_answered(house: House, host: str) -> None:
    assert house.get("/healthz", Host=host).status_code == 200


@pytest.mark.parametrize(
    ("host", "bare"),
    [("A.b:1", "a.b"), ("[::1]:80", "[::1]"), ("localhost.", "localhost"), (" x ", "x")],
)
def test_a_host_without_its_port(host: str, bare: str) -> None:
    assert bare_host(host) == bare


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1:9999",
        "https://localhost:8737",
        "chrome-extension://short",
        "file://",
        "http://127.0.0.1:8737",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_web_page_may_not_call(house: House, origin: str, method: str) -> None:
    token = house.token()
    answer = house.ask(method, "/api/v1/codes/107", token, Origin=origin)
    assert answer.status_code == 403
    assert answer.json["type"] == "urn:remitlens:problem:origin"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_origin_may_send_what_a_page_would_have_to_ask_for(house: House) -> None:
    token = house.token()
    assert house.get("/api/v1/codes/107", token, Origin="null").status_code == 200
    assert house.get("/api/v1/codes/107", Origin="null").status_code == 403
    assert house.ask("OPTIONS", "/api/v1/codes/107", Origin="null").status_code == 403
    assert house.ask("OPTIONS", "/api/v1/pairing", Origin="null").status_code == 403
    asked = {"code": "AAAA-AAAA", "name": "x"}
    assert house.ask("POST", "/api/v1/pairing", json=asked, Origin="null").status_code == 404
    simple = house.client.post(
        "/api/v1/pairing",
        data="{}",
        content_type="text/plain",
        headers={"Host": "localhost", "Origin": "null"},
    )
    assert simple.status_code == 403


def test_our_own_pages_may_call(house: House) -> None:
    answer = house.get("/api/v1/codes/107", house.token(), Origin="http://localhost:8737")
    assert answer.status_code == 200


def test_another_sites_image_or_script_is_refused_and_a_link_is_not(house: House) -> None:
    image = house.get("/healthz", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors")
    assert image.status_code == 403
    link = house.get(
        "/healthz",
        Sec_Fetch_Site="cross-site",
        Sec_Fetch_Mode="navigate",
        Sec_Fetch_Dest="document",
    )
    assert link.status_code == 200
    frame = house.get(
        "/healthz", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="iframe"
    )
    assert frame.status_code == 403


def test_an_extension_that_is_not_paired_may_only_pair(house: House) -> None:
    token = house.token()
    assert house.get("/api/v1/codes/107", token, Origin=EXTENSION).status_code == 403
    preflight = house.ask("OPTIONS", "/api/v1/pairing", Origin=EXTENSION)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == EXTENSION


def test_a_paired_extension_may_call_with_its_own_token(house: House) -> None:
    token = house.token(origin=EXTENSION)
    answer = house.get("/api/v1/codes/107", token, Origin=EXTENSION)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == EXTENSION
    assert "Origin" in answer.headers.get_all("Vary")
    assert house.get("/api/v1/codes/107", token).status_code == 200
    house.token(origin=OTHER_EXTENSION)
    stolen = house.get("/api/v1/codes/107", token, Origin=OTHER_EXTENSION)
    assert stolen.status_code == 403


def test_a_preflight_of_a_paired_extension_names_what_it_may_send(house: House) -> None:
    house.token(origin=EXTENSION)
    answer = house.ask(
        "OPTIONS",
        "/api/v1/lines/match",
        Origin=EXTENSION,
        Access_Control_Request_Private_Network="true",
    )
    assert answer.status_code == 204
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/healthz", "/nowhere", "/api/v1/docs", "/api/v1/docs/static/docs.css", "/metrics"]
)
def test_every_answer_bears_the_headers(house: House, path: str) -> None:
    headers = house.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert "Cache-Control" in headers


def test_what_may_hold_a_patient_is_not_stored(house: House) -> None:
    token = house.token()
    for path in ("/api/v1/lines", "/api/v1/lines/1", "/api/v1/tokens", "/nowhere"):
        assert house.get(path, token).headers["Cache-Control"] == "no-store"


def test_an_extensions_origin_has_a_form() -> None:
    assert is_extension(EXTENSION)
    assert is_extension("moz-extension://0d3fcb32-1111-2222-3333-444455556666")
    assert not is_extension(EXTENSION + "/x")
    assert not is_extension("https://chrome-extension")
