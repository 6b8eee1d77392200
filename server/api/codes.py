"""What a denial code means: `codes/{code}`, search, look-up of many, and the whole bundle.

The catalogue is read once; each answer is made once and kept as bytes.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Annotated, Any

from apiflask import APIBlueprint, APIFlask
from flask import Response, current_app
from flask_limiter import Limiter
from pydantic import ConfigDict, Field, StringConstraints
from werkzeug.routing import BaseConverter

from server.api.cached import Kept
from server.api.models import Answered, Asked, answer
from server.codes.lookup import Catalogue, catalogue
from server.security.callers import require
from server.security.limits import LightCount, caller_key
from server.security.problems import not_found

blueprint = APIBlueprint("codes", __name__, url_prefix="/api/v1/codes", tag="Codes")

MOST_CODES = 200
LONGEST_CODE = 20
_LIGHT = "remitlens.light"

CodeText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CODE)]


class CodeConverter(BaseConverter):
    """A code in an address: any one part but the names of the other addresses here."""

    regex = r"(?!(?:bundle|lookup)$)[^/]{1,64}"


class CodeOut(Answered):
    """One code explained; the other fields are those of the catalogue's entry that are known."""

    model_config = ConfigDict(frozen=True, extra="allow")

    code: str = Field(examples=["CO-107"])
    kind: str = Field(examples=["carc"])
    title: str


class BundleOut(Answered):
    """Everything a tooltip needs, by code; `version` is the SHA-256 of the content."""

    version: str
    reviewed: str | None
    groups: dict[str, dict[str, Any]]
    carc: dict[str, dict[str, Any]]
    rarc: dict[str, dict[str, Any]]


class SearchIn(Asked):
    """`q`: a code or a few words."""

    q: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    limit: int = Field(10, ge=1, le=50)


class SearchOut(Answered):
    """The entries that fit best, best first."""

    codes: list[CodeOut]


class LookupIn(Asked):
    """Up to 200 codes at once."""

    codes: list[CodeText] = Field(max_length=MOST_CODES)


class LookupOut(Answered):
    """What is known, in the order asked for; null where a code is unknown."""

    codes: list[CodeOut | None]


def limit(limiter: Limiter, app: APIFlask) -> None:
    """One code is counted lightly; see `LightCount`."""
    limiter.exempt(app.view_functions["codes.one"])


def kept_answer(code: str) -> Kept | None:
    """The answer for a code as it was asked for; None where it is unknown."""
    return _kept(code) if len(code) <= LONGEST_CODE else None


@lru_cache(maxsize=16384)
def _kept(code: str) -> Kept | None:
    """The answer for one spelling of a code; the bound holds back made-up spellings."""
    found = catalogue().explain(code)
    if found is None:
        return None
    return _of_canonical(found.code)


@lru_cache(maxsize=8192)
def _of_canonical(code: str) -> Kept:
    found = catalogue().explain(code)
    if found is None:
        raise LookupError(code)
    return Kept.of(_json(found.to_dict()))


@lru_cache(maxsize=1)
def bundle() -> Kept:
    """The whole catalogue, ready to send."""
    return Kept.of(_json(catalogue().bundle()))


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@blueprint.get("/<code:code>")
@blueprint.output(CodeOut)
@require("viewer", "codes")
def one(code: str) -> Response:
    """What a code means: `CO-107`, `107`, `N122`, `CO`."""
    light: LightCount = current_app.extensions[_LIGHT]
    light.hit(caller_key())
    kept = kept_answer(code)
    if kept is None:
        raise not_found("No such code is known.")
    return kept.answer()


@blueprint.get("/bundle")
@blueprint.output(BundleOut)
@require("viewer", "codes")
def whole() -> Response:
    """The whole catalogue in one answer, for use without asking again."""
    return bundle().answer()


@blueprint.get("")
@blueprint.input(SearchIn, location="query", arg_name="asked")
@blueprint.output(SearchOut)
@require("viewer", "codes")
def search(asked: SearchIn) -> Response:
    """Search codes and their explanations."""
    shelf: Catalogue = catalogue()
    found = shelf.search(asked.q, asked.limit)
    explained = [shelf.explain(item.entry.code) for item in found]
    return answer(
        SearchOut(codes=[CodeOut.model_validate(one.to_dict()) for one in explained if one])
    )


@blueprint.post("/lookup")
@blueprint.input(LookupIn, arg_name="asked")
@blueprint.output(LookupOut)
@require("viewer", "codes")
def lookup(asked: LookupIn) -> Response:
    """What up to 200 codes mean."""
    shelf = catalogue()
    explained = [shelf.explain(code) for code in asked.codes]
    return answer(
        LookupOut(
            codes=[CodeOut.model_validate(one.to_dict()) if one else None for one in explained]
        )
    )
