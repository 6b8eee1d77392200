"""A real identity provider on loopback: Authlib's own server, with a page of its own to sign in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, request
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

CLIENT = "remitlens"
_KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
_PAGE = """<!doctype html><html lang="en"><title>Clinic sign-in</title><h1>Clinic sign-in</h1>
<form method="post"><label>E-mail <input name="email" type="email"></label>
<button>Allow</button></form></html>"""


@dataclass
class Code:
    """What was granted, until it is taken up: once."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    challenge: str
    method: str
    email: str

    get_redirect_uri = lambda self: self.redirect_uri  # noqa: E731
    get_scope = lambda self: self.scope  # noqa: E731
    get_nonce = lambda self: self.nonce  # noqa: E731
    get_auth_time = get_acr = get_amr = lambda self: None


@dataclass
class Client(ClientMixin):
    """The one client it knows: public, by code and PKCE, back to registered addresses alone."""

    back: set[str] = field(default_factory=set)

    get_client_id = lambda self: CLIENT  # noqa: E731
    get_default_redirect_uri = lambda self: ""  # noqa: E731
    get_allowed_scope = lambda self, scope: scope  # noqa: E731
    check_redirect_uri = lambda self, uri: uri in self.back  # noqa: E731
    check_client_secret = lambda self, secret: False  # noqa: E731
    check_response_type = lambda self, kind: kind == "code"  # noqa: E731
    check_grant_type = lambda self, kind: kind == "authorization_code"  # noqa: E731

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "none"


@dataclass
class Provider:
    """Where it is, and what it handed out."""

    issuer: str = ""
    client: Client = field(default_factory=Client)
    codes: dict[str, Code] = field(default_factory=dict)
    taken: int = 0


def _server(provider: Provider) -> Flask:
    app = Flask("clinic")
    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = False
    known = {CLIENT: provider.client}
    server = AuthorizationServer(app, known.get, lambda token, asked: None)

    class ByCode(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["none"]  # noqa: RUF012

        def save_authorization_code(self, code: str, asked: Any) -> None:
            said = asked.payload.data
            provider.codes[code] = Code(
                code,
                CLIENT,
                asked.payload.redirect_uri,
                asked.payload.scope,
                said.get("nonce", ""),
                said.get("code_challenge", ""),
                said.get("code_challenge_method", ""),
                asked.user,
            )

        def query_authorization_code(self, code: str, client: Any) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, code: Code) -> None:
            del provider.codes[code.code]
            provider.taken += 1

        def authenticate_user(self, code: Code) -> str:
            return code.email

    class Pkce(CodeChallenge):
        def get_authorization_code_challenge(self, code: Code) -> str:
            return code.challenge

        def get_authorization_code_challenge_method(self, code: Code) -> str:
            return code.method

    class Identity(OpenIDCode):
        def exists_nonce(self, nonce: str, asked: Any) -> bool:
            return any(one.nonce == nonce for one in provider.codes.values())

        def resolve_client_private_key(self, client: Any) -> KeySet:
            return KeySet([_KEY])

        def get_client_claims(self, client: Any) -> dict[str, Any]:
            return {"iss": provider.issuer, "aud": [CLIENT]}

        def get_encode_header(self, client: Any) -> dict[str, str]:
            return {"alg": "RS256", "kid": "k1"}

        def generate_user_info(self, user: str, scope: str) -> UserInfo:
            return UserInfo(sub=f"id-of-{user}", email=user, email_verified=True)

    server.register_grant(ByCode, [Identity(require_nonce=True), Pkce(required=True)])

    @app.get("/.well-known/openid-configuration")
    def configuration() -> dict[str, str]:
        at = provider.issuer
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
        }

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return dict(KeySet([_KEY]).as_dict(private=False))

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Response | str:
        if request.method == "GET":
            return _PAGE
        return server.create_authorization_response(grant_user=request.form["email"])

    @app.post("/token")
    def token() -> Response:
        return server.create_token_response()

    return app


@contextmanager
def identity_provider() -> Iterator[Provider]:
    """Started, and stopped at the end."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, _server(provider), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
