"""The OpenAPI file, and a page to read it: rendered here, no script, nothing from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import Response, current_app, render_template

from server.api.cached import Kept
from server.security.callers import anyone

blueprint = APIBlueprint(
    "docs",
    __name__,
    url_prefix="/api/v1",
    tag="Documentation",
    template_folder="templates",
    static_folder="static",
    static_url_path="/docs/static",
)
_SPEC = "remitlens.spec"
_PUBLIC = "public, max-age=300"


def _spec() -> dict[str, Any]:
    app = current_app
    if _SPEC not in app.extensions:
        if not isinstance(app, APIFlask):
            raise TypeError("not an APIFlask application")
        app.extensions[_SPEC] = app.spec
    found: dict[str, Any] = app.extensions[_SPEC]
    return found


@blueprint.get("/openapi.json")
@blueprint.output({})
@anyone()
def openapi() -> Response:
    """This API as OpenAPI 3.1."""
    kept = current_app.extensions.get("remitlens.spec_bytes")
    if kept is None:
        kept = Kept.of(json.dumps(_spec()).encode(), _PUBLIC)
        current_app.extensions["remitlens.spec_bytes"] = kept
    answer: Response = kept.answer()
    return answer


@blueprint.get("/docs")
@blueprint.output({}, content_type="text/html")
@anyone()
def page() -> Response:
    """This API to read."""
    spec = _spec()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            tag = next(iter(operation.get("tags", ())), "Other")
            groups.setdefault(tag, []).append({"path": path, "method": method.upper(), **operation})
    html = render_template("docs.html", spec=spec, groups=groups)
    return Response(html, content_type="text/html; charset=utf-8")
