"""Sign-in at an identity provider: one of our own on loopback, honest and not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from server.security import oidc
from server.settings import OidcSettings
from server.store import RefusedError, people
from tests.api.house import House

BACK = "http://localhost:8737/sign-in/oidc/back"
CLIENT = "remitlens-test"


class Provider:
    """What a provider answers; tests bend it."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.signing = self.key
        self.claims: dict[str, Any] = {}
        self.nonce = ""
        self.asked: dict[str, list[str]] = {}
        self.issuer = ""
        self.alg = "RS256"

    def answer(self, path: str) -> dict[str, Any]:
        if path.endswith("openid-configuration"):
            return {
                "issuer": self.issuer,
                "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token",
                "jwks_uri": self.issuer + "/keys",
            }
        return dict(KeySet([self.key]).as_dict(private=False))

    def token(self, now: int) -> dict[str, Any]:
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "u-1",
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
            "email": "kim@clinic.example",
            "email_verified": True,
        } | self.claims
        signed = jwt.encode({"alg": self.alg, "kid": "k1"}, claims, self.signing)
        return {"access_token": "a", "token_type": "Bearer", "id_token": signed}


@pytest.fixture
def provider(house: House) -> Iterator[Provider]:
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def _send(self, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._send(made.answer(self.path))

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            made.asked = parse_qs(self.rfile.read(length).decode())
            self._send(made.token(int(house.clock().timestamp())))

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def around(house: House, provider: Provider) -> Any:
    from dataclasses import replace

    settings = house.settings.model_copy(
        update={"oidc": OidcSettings(issuer=provider.issuer, client_id=CLIENT)}
    )
    return replace(house.app.extensions["remitlens"], settings=settings)


def through(around: Any, provider: Provider, **bent: str):
    begun = oidc.begin(around, BACK, "/lines/7")
    asked = parse_qs(urlsplit(begun.address).query)
    provider.nonce = asked["nonce"][0]
    state = bent.get("state", asked["state"][0])
    return oidc.finish(around, BACK, bent.get("cookie", begun.cookie), state, "the-code")


@pytest.fixture
def kim(house: House) -> people.Person:
    made = people.add(house.store, "kim@clinic.example", "Kim", "")
    people.set_role(house.store, made.person.id, "north", "biller")
    return made.person


def test_a_person_known_by_their_address_signs_in(
    around: Any, provider: Provider, kim: people.Person
) -> None:
    person, goes = through(around, provider)
    assert (person.id, goes) == (kim.id, "/lines/7")
    assert provider.asked["code_verifier"]
    # From then on by the subject, whatever the address is.
    provider.claims = {"email": "other@clinic.example"}
    assert through(around, provider)[0].id == kim.id


def test_the_address_asks_for_a_code_with_pkce(around: Any, provider: Provider) -> None:
    asked = parse_qs(urlsplit(oidc.begin(around, BACK, "/").address).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid email"]


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://127.0.0.1:1"},
        {"aud": "another"},
        {"exp": 1},
        {"nonce": "another"},
        {"sub": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "stranger@clinic.example"},
    ],
)
def test_what_the_provider_says_is_checked(
    around: Any, provider: Provider, kim: people.Person, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    with pytest.raises(RefusedError):
        through(around, provider)


def test_another_signature_is_refused(around: Any, provider: Provider, kim: people.Person) -> None:
    provider.signing = RSAKey.generate_key(2048, {"kid": "k1"})
    with pytest.raises(RefusedError):
        through(around, provider)


def test_another_state_or_cookie_is_refused(
    around: Any, provider: Provider, kim: people.Person
) -> None:
    with pytest.raises(RefusedError, match="begun elsewhere"):
        through(around, provider, state="another")
    with pytest.raises(RefusedError, match="begun elsewhere"):
        through(around, provider, cookie="another")


def test_an_account_with_a_password_is_not_taken_over_by_an_address(
    around: Any, provider: Provider, house: House
) -> None:
    house.person("kim@clinic.example", {"north": "admin"})
    with pytest.raises(RefusedError, match="nobody here is known"):
        through(around, provider)


def test_a_disabled_person_stays_out(around: Any, provider: Provider, kim: people.Person) -> None:
    through(around, provider)
    people.disable(around.store, kim.login)
    with pytest.raises(RefusedError):
        through(around, provider)


def test_a_provider_that_does_not_answer_is_one_line(house: House) -> None:
    from dataclasses import replace

    settings = house.settings.model_copy(
        update={"oidc": OidcSettings(issuer="http://127.0.0.1:9", client_id=CLIENT)}
    )
    around = replace(house.app.extensions["remitlens"], settings=settings)
    assert oidc.offered(around)
    with pytest.raises(RefusedError, match="does not answer"):
        oidc.begin(around, BACK, "/")


def test_a_provider_in_the_clear_is_refused(house: House) -> None:
    from dataclasses import replace

    settings = house.settings.model_copy(
        update={"oidc": OidcSettings(issuer="http://idp.example", client_id=CLIENT)}
    )
    around = replace(house.app.extensions["remitlens"], settings=settings)
    with pytest.raises(RefusedError, match="https"):
        oidc.begin(around, BACK, "/")
