"""What goes in and out, as pydantic models: base classes and how a request becomes one.

`Asked` is what a client sends: strict, no unknown fields. `Answered` is what it gets. Amounts are
text with two decimals ("1150.00"), days `YYYY-MM-DD`, moments ISO 8601 in UTC, an unknown text ""
and an unknown day or amount null.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request, Response
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from server.api.bodies import whole_body
from server.security.problems import Fault, Problem, from_status, invalid

JSON = "application/json"


class Asked(BaseModel):
    """A body or query a client sends."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        regex_engine="rust-regex",
    )


class Answered(BaseModel):
    """What a client gets."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProblemBody(Answered):
    """RFC 9457 problem details; never holds a value that was sent."""

    type: str = Field(examples=["urn:remitlens:problem:not-found"])
    title: str
    status: int
    detail: str
    instance: str = ""
    errors: list[FaultBody] = Field(default_factory=list)


class FaultBody(Answered):
    """One field at fault: its own name in this API, and what is wrong."""

    where: str
    problem: str


ProblemBody.model_rebuild()

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
"""A practice's, portal's or payer's id in our own files."""


def _iso(value: object) -> object:
    # A bare number would be taken for seconds since 1970.
    if not isinstance(value, str) or not _ISO.match(value):
        raise ValueError("not a moment")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        # Before the first year or after the last, once its zone is taken off.
        raise ValueError("not a moment") from None


_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
Moment = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_iso), AfterValidator(_in_utc)
]
"""A moment with its time zone, in ISO 8601."""
LineText = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=200)]
"""One line of text a person typed."""


def answer(model: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A model as a JSON response, serialised once by pydantic."""
    return Response(model.model_dump_json(by_alias=True), status, headers, content_type=JSON)


class Adapter(PydanticAdapter):
    """How APIFlask reads a request into a model: strictly, and telling nothing of what was sent."""

    def validate_input(self, request: Request, location: str, **_: Any) -> BaseModel:
        """The model; raises a 400, 415 or 422 Problem."""
        try:
            if location == "json":
                return self.model_class.model_validate_json(_json_body(request))
            return self.model_class.model_validate_strings(_query(request))
        except ValidationError as error:
            raise _problem(error, self.model_class, location) from None

    def get_openapi_schema(self, **_: Any) -> dict[str, Any]:
        """The JSON schema: of what is read for `Asked`, of what is written for `Answered`."""
        mode = "serialization" if issubclass(self.model_class, Answered) else "validation"
        schema: dict[str, Any] = super().get_openapi_schema(mode=mode)
        return schema


# Before any view is decorated: APIFlask looks its adapters up there and then.
registry.register("pydantic", Adapter)


def _json_body(request: Request) -> bytes:
    if request.mimetype != JSON:
        raise from_status(415)
    body = whole_body()
    if not body:
        raise Problem(400, "malformed", "Malformed", "The body is empty; JSON is wanted.")
    return body


def _query(request: Request) -> dict[str, str]:
    given = request.args.to_dict(flat=False)
    repeated = sum(1 for values in given.values() if len(values) > 1)
    if repeated:
        raise Problem(400, "malformed", "Malformed", "A parameter was given more than once.")
    return {name: values[0] for name, values in given.items()}


def _problem(error: ValidationError, model: type[BaseModel], location: str) -> Problem:
    found = error.errors(include_input=False, include_context=False, include_url=False)
    if any(one["type"] == "json_invalid" for one in found):
        # Where and why are told, not what stands there.
        return Problem(400, "malformed", "Malformed", "The body is not valid JSON.")
    where = "body" if location == "json" else "query"
    return invalid(
        Fault(_place(where, one["loc"], model), _what(one["type"], one["msg"]))
        for one in found[:20]
    )


def _place(where: str, loc: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """A dotted path that holds only names our models have: others may be a patient's."""
    known = _names(model)
    parts = [str(part) if isinstance(part, int) or part in known else "*" for part in loc]
    return ".".join([where, *parts])


@cache
def _names(model: type[BaseModel]) -> frozenset[str]:
    schema = model.model_json_schema()
    names: set[str] = set(schema.get("properties", {}))
    for definition in schema.get("$defs", {}).values():
        names |= set(definition.get("properties", {}))
    return frozenset(names)


def _what(kind: str, message: str) -> str:
    """pydantic's own words name only our limits; a validator's own error is ours, but may quote."""
    if kind == "extra_forbidden":
        return "unknown field"
    if kind in ("value_error", "assertion_error"):
        return "not a value this field takes"
    return message
