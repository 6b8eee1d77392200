"""Pairing: a short code becomes a token; tokens are listed and revoked."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from typing import Annotated, Literal

from apiflask import APIBlueprint, APIFlask
from flask import Response, current_app, request
from flask_limiter import Limiter
from pydantic import Field, StringConstraints

from server.api.models import Answered, Asked, answer
from server.security import pairing
from server.security.callers import any_token, anyone, current_caller, practices, require
from server.security.identify import Tokens
from server.security.limits import PAIRING, address_key, slow_down
from server.security.problems import Problem
from server.security.surroundings import around
from server.store import RefusedError, tokens
from server.store.tokens import Token

blueprint = APIBlueprint("pairing", __name__, url_prefix="/api/v1", tag="Pairing")

ScopeName = Literal["codes", "lines:read", "lines:write", "observe", "admin"]
Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]


class PairingIn(Asked):
    """The code as shown (`ABCD-EFGH`), and what the extension calls itself."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z -]{4,16}$")]
    name: Name


class KeyOut(Answered):
    """A practice and the key (base64, 32 bytes) its claim numbers are hashed with."""

    practice: str
    name: str
    match_key: str


class PairedOut(Answered):
    """Shown once: the token is kept as a hash only."""

    token: str
    token_id: int
    scopes: list[str]
    practice: str
    match_key: str
    practices: list[KeyOut]
    server_version: str


class CodeIn(Asked):
    """Scopes the new token is to have; null: what an extension needs, as far as you may."""

    scopes: list[ScopeName] | None = Field(None, min_length=1, max_length=5)


class CodeOut(Answered):
    """Single use, 5 minutes, 5 tries."""

    code: str
    minutes: int


class TokenOut(Answered):
    """A token as it may be shown."""

    id: int
    label: str
    scopes: list[str]
    practices: list[str]
    origin: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


class TokensOut(Answered):
    """The tokens of your practices, the newest first."""

    tokens: list[TokenOut]


def limit(limiter: Limiter, app: APIFlask) -> None:
    """Few tries an address, whoever they claim to be."""
    slow_down(app, limiter, "pairing.pair", PAIRING, address_key)


def forget_tokens() -> None:
    """Believe no token from memory: one was revoked."""
    seen: Tokens = current_app.extensions["remitlens.tokens"]
    seen.forget()


@blueprint.post("/pairing")
@blueprint.input(PairingIn, arg_name="asked")
@blueprint.output(PairedOut, status_code=201)
@anyone(cap=2048)
def pair(asked: PairingIn) -> Response:
    """Turn a pairing code into a token."""
    try:
        made = pairing.redeem(
            around(), asked.code, asked.name, request.environ.get("HTTP_ORIGIN", "")
        )
    except RefusedError:
        raise Problem(
            404,
            "pairing-code",
            "Code not accepted",
            "The pairing code is wrong, used or too old; ask for a new one.",
        ) from None
    forget_tokens()
    first = made.keys[0]
    return answer(
        PairedOut(
            token=made.secret,
            token_id=made.token.id,
            scopes=sorted(made.token.scopes),
            practice=first.practice,
            match_key=first.match_key,
            practices=[
                KeyOut(practice=one.practice, name=one.name, match_key=one.match_key)
                for one in made.keys
            ],
            server_version=version("remitlens"),
        ),
        201,
    )


@blueprint.delete("/pairing")
@blueprint.output({}, status_code=204)
@any_token()
def unpair() -> Response:
    """Revoke the token this request bears."""
    caller = current_caller()
    pairing.revoke(around(), caller.practices, caller.id, caller.who)
    forget_tokens()
    return Response(status=204)


@blueprint.post("/pairing/codes")
@blueprint.input(CodeIn, arg_name="asked")
@blueprint.output(CodeOut, status_code=201)
@require("viewer", "admin")
def new_code(asked: CodeIn) -> Response:
    """A pairing code for your own practices, giving no more than you may do."""
    scopes = frozenset[str](asked.scopes) if asked.scopes is not None else None
    code = pairing.code_for(around(), current_caller(), scopes)
    return answer(CodeOut(code=code, minutes=tokens.CODE_MINUTES), 201)


@blueprint.get("/tokens")
@blueprint.output(TokensOut)
@require("admin", "admin")
def listed() -> Response:
    """The tokens of your practices."""
    found = tokens.listed(around().store, practices())
    return answer(TokensOut(tokens=[_shown(one) for one in found]))


@blueprint.delete("/tokens/<int:token>")
@blueprint.output({}, status_code=204)
@require("admin", "admin")
def revoke(token: int) -> Response:
    """Let a token in no more."""
    pairing.revoke(around(), practices(), token, current_caller().who)
    forget_tokens()
    return Response(status=204)


def _shown(one: Token) -> TokenOut:
    return TokenOut(
        id=one.id,
        label=one.label,
        scopes=sorted(one.scopes),
        practices=sorted(one.scope & practices()),
        origin=one.origin,
        created_at=one.created_at,
        created_by=one.created_by,
        expires_at=one.expires_at,
        used_at=one.used_at,
        revoked_at=one.revoked_at,
    )
