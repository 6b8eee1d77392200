"""The OpenAPI 3.1 file: what APIFlask collects, made true to how this server answers.

Every operation names its problems (RFC 9457), its security and its scope, from the same `Rights`
that are enforced. The page that shows it is rendered here, without scripts or foreign assets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from apiflask import APIFlask

from server.api.idempotency import HEADER, REPEATABLE
from server.api.models import ProblemBody
from server.security.callers import Rights, rights_of
from server.security.problems import PROBLEM_TYPE

TAGS = (
    "Codes",
    "Lines",
    "Intake",
    "Portals",
    "Sweeps",
    "Reports",
    "Pairing",
    "Health",
    "Documentation",
)
_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token from pairing, with scopes.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "remitlens",
        "description": "A person signed in to the pages; changes also need X-CSRFToken.",
    },
}
_SAID = {
    "400": "Malformed: not JSON, or a parameter given twice.",
    "401": "No token or session that holds.",
    "403": "Known, but without the scope or role; or a web page's origin.",
    "404": "Not there, or in another's practice.",
    "405": "Not a method of this address.",
    "409": "A rule of the thing itself forbids it.",
    "413": "Body over the cap of this address.",
    "415": "Not a media type this address takes.",
    "421": "Not a host name of this server.",
    "422": "Understood, but not what this address takes.",
    "429": "Too many requests.",
    "503": "Busy or full; try again later.",
}
Spec = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])
_RAW_BODY = "remitlens_raw_body"
_FILE_ANSWER = "remitlens_file_answer"


def raw_body(media: Iterable[str], *, named: bool = False) -> Callable[[View], View]:
    """Say that a view's body is a file as it is, in one of these media types.

    `named`: its name comes in the header `File-Name`.
    """

    def mark(view: View) -> View:
        setattr(view, _RAW_BODY, (sorted(media), named))
        return view

    return mark


def file_answer(*media: str) -> Callable[[View], View]:
    """Say that a view answers with a file in one of these media types."""

    def mark(view: View) -> View:
        setattr(view, _FILE_ANSWER, media)
        return view

    return mark


def true_spec(app: APIFlask) -> Callable[[Spec | str], Spec | str]:
    """The function that finishes the collected specification."""

    def finish(spec: Spec | str) -> Spec | str:
        if isinstance(spec, str):
            raise TypeError("the specification is made as JSON")
        components = spec.setdefault("components", {})
        components["securitySchemes"] = _SCHEMES
        schemas = components.setdefault("schemas", {})
        for name in ("HTTPError", "ValidationError"):
            schemas.pop(name, None)
        schemas.update(_problem_schemas())
        views = _views(app)
        for path, operations in spec["paths"].items():
            for method, operation in operations.items():
                view = views.get((path, method.upper()))
                rights = rights_of(view) if view else None
                if view is not None:
                    _add_by_hand(operation, view)
                _finish_operation(operation, rights or Rights(), path, method)
        return spec

    return finish


def _problem_schemas() -> Spec:
    schema = ProblemBody.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    nested = schema.pop("$defs", {})
    return {"ProblemBody": schema, **nested}


def _views(app: APIFlask) -> dict[tuple[str, str], Callable[..., Any]]:
    """Views by path as the specification writes it, and method."""
    found = {}
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<([^<:]+:)?([^>]+)>", r"{\2}", rule.rule)
        for method in rule.methods or ():
            found[path, method] = app.view_functions[rule.endpoint]
    return found


def _add_by_hand(operation: Spec, view: Callable[..., Any]) -> None:
    """What APIFlask cannot know: raw bodies, and headers that are no part of a model."""
    for kind in getattr(view, _FILE_ANSWER, ()):
        content = operation["responses"]["200"].setdefault("content", {})
        content.pop("application/json", None)
        content[kind] = {"schema": {"type": "string", "format": "binary"}}
    media, named = getattr(view, _RAW_BODY, ([], False))
    parameters = operation.setdefault("parameters", [])
    if media:
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"content": dict.fromkeys(media, binary)}
    if named:
        parameters.append(
            {
                "name": "File-Name",
                "in": "header",
                "required": False,
                "description": "The file's name without folders: what evidence cites.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9._ -]{1,200}$"},
            }
        )
    if getattr(view, REPEATABLE, False):
        parameters.append(
            {
                "name": HEADER,
                "in": "header",
                "required": False,
                "description": "Sent again with the same key, it changes nothing again.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"},
            }
        )


def _finish_operation(operation: Spec, rights: Rights, path: str, method: str) -> None:
    responses = {
        status: said for status, said in operation["responses"].items() if status[0] not in "45"
    }
    for status in sorted(_statuses(operation, rights, path, method)):
        responses[status] = {
            "description": _SAID[status],
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
        }
    operation["responses"] = responses
    operation["operationId"] = operation.get("operationId") or _operation_id(path, method)
    if rights.public:
        operation["security"] = []
    elif rights.any_token:
        operation["security"] = [{"bearer": []}]
    else:
        operation["security"] = [{"bearer": []}, {"session": []}]
        operation["x-scope"] = rights.scope
        operation["x-role"] = rights.role
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
        operation["x-largest-body"] = rights.cap
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["schema"].get("type") == "integer":
            parameter["schema"].update(minimum=1, maximum=2**53 - 1)
        if parameter["in"] == "path":
            parameter["required"] = True


def _statuses(operation: Spec, rights: Rights, path: str, method: str) -> set[str]:
    statuses = {"421", "403", "429", "503"}
    if not rights.public:
        statuses.add("401")
    if "{" in path or (method == "get" and not rights.public):
        statuses.add("404")
    if any(one["in"] == "query" for one in operation.get("parameters", ())):
        statuses |= {"400", "422"}
    if "requestBody" in operation:
        statuses |= {"400", "404", "409", "413", "415", "422"}
    elif method in ("post", "delete"):
        statuses |= {"404", "409"}
    extra = operation.pop("x-problems", ())
    return statuses | set(extra)


def _operation_id(path: str, method: str) -> str:
    words = [part.strip("{}") for part in path.split("/") if part not in ("", "api", "v1")]
    return "_".join([method, *words]).replace("-", "_").replace(".", "_")
