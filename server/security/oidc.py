"""Sign-in at an organisation's identity provider (OpenID Connect, Authlib).

Authorization code with PKCE, state and nonce. What has to be remembered between the two halves
rides in a signed cookie of its own, `SameSite=Lax` and ten minutes long: the provider's redirect
comes from another site, to which the session's `Strict` cookie is not sent.

A person must have been added before: the provider says who they are, not what they may do.
`people.link_oidc` binds a login to a subject; the first sign-in binds by a verified e-mail address
that is the login.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import Any, cast

import requests
from authlib.integrations.requests_client import OAuth2Session
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from server.security.surroundings import Surroundings
from server.store import RefusedError, people
from server.store.people import Person

COOKIE = "remitlens_oidc"
SECONDS = 600
SECRET = "REMITLENS_OIDC_SECRET"  # noqa: S105  the name of a variable, not its value
_TIMEOUT = 10
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and what to set as the cookie."""

    address: str
    cookie: str


def offered(around: Surroundings) -> bool:
    """Whether an identity provider is set."""
    return bool(around.settings.oidc.issuer and around.settings.oidc.client_id)


def begin(around: Surroundings, redirect_uri: str, next_path: str) -> Begun:
    """The first half: raises RefusedError where the provider does not answer."""
    known = _configuration(around)
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    with _client(around, redirect_uri) as client:
        address, state = client.create_authorization_url(
            known["authorization_endpoint"], nonce=nonce, code_verifier=verifier
        )
    kept = {"s": state, "n": nonce, "v": verifier, "t": next_path}
    return Begun(str(address), _serializer(around).dumps(kept))


def finish(
    around: Surroundings, redirect_uri: str, cookie: str, state: str, code: str
) -> tuple[Person, str]:
    """The second half: the person, and where they wanted to go; raises RefusedError."""
    try:
        kept: dict[str, str] = _serializer(around).loads(cookie, max_age=SECONDS)
    except BadSignature:
        raise RefusedError("the sign-in took too long or was begun elsewhere") from None
    if not secrets.compare_digest(kept["s"].encode(), state.encode()):
        raise RefusedError("the sign-in was begun elsewhere")
    known = _configuration(around)
    claims = _claims(around, known, redirect_uri, code, kept)
    return _person(around, claims), kept["t"]


def _claims(
    around: Surroundings,
    known: dict[str, Any],
    redirect_uri: str,
    code: str,
    kept: dict[str, str],
) -> dict[str, Any]:
    """What the id token says, its signature, issuer, audience, times and nonce checked."""
    oidc = around.settings.oidc
    try:
        with _client(around, redirect_uri) as client:
            token = client.fetch_token(
                known["token_endpoint"], code=code, code_verifier=kept["v"], timeout=_TIMEOUT
            )
        keys = KeySet.import_key_set(cast(Any, _get(known["jwks_uri"])))
        said = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS)
        jwt.JWTClaimsRegistry(
            now=int(around.now().timestamp()),
            leeway=60,
            iss={"essential": True, "value": known["issuer"]},
            aud={"essential": True, "value": oidc.client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": kept["n"]},
        ).validate(said.claims)
    except RefusedError:
        raise
    except (JoseError, requests.RequestException, KeyError, ValueError, TypeError):
        raise RefusedError("the identity provider's answer cannot be trusted") from None
    except Exception:
        # Authlib's own errors quote what the provider said.
        raise RefusedError("the identity provider refused the sign-in") from None
    return dict(said.claims)


def _person(around: Surroundings, claims: dict[str, Any]) -> Person:
    subject = f"{claims['iss']} {claims['sub']}"
    found = people.by_oidc(around.store, subject)
    if found is not None:
        return found
    email = str(claims.get("email", "")).lower()
    if claims.get("email_verified") is True and email:
        known = people.by_login(around.store, email)
        # One who has a password proves it first: an address alone takes no account over.
        if known is not None and not known.disabled and not known.has_password:
            people.link_oidc(around.store, known.id, subject)
            return known
    raise RefusedError("nobody here is known by that identity; ask an administrator")


def _client(around: Surroundings, redirect_uri: str) -> Any:
    secret = os.environ.get(SECRET) or None
    return OAuth2Session(
        around.settings.oidc.client_id,
        secret,
        scope="openid email",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if secret else "none",
    )


def _configuration(around: Surroundings) -> dict[str, Any]:
    issuer = around.settings.oidc.issuer.rstrip("/")
    found = _get(issuer + "/.well-known/openid-configuration")
    if str(found.get("issuer", "")).rstrip("/") != issuer:
        raise RefusedError("the identity provider gives another name than oidc.issuer")
    return found


def _get(address: str) -> dict[str, Any]:
    if not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise RefusedError("the identity provider must be reached by https")
    try:
        response = requests.get(address, timeout=_TIMEOUT, allow_redirects=False)
        response.raise_for_status()
        found = response.json()
    except (requests.RequestException, ValueError):
        raise RefusedError("the identity provider does not answer") from None
    if not isinstance(found, dict):
        raise RefusedError("the identity provider does not answer as it must")
    return found


def _serializer(around: Surroundings) -> URLSafeTimedSerializer:
    key = around.store.sealer.active.derive("oidc cookie")
    return URLSafeTimedSerializer(key, salt="oidc")
