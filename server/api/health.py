"""Whether it lives, whether it can work, and its counts."""

from __future__ import annotations

from importlib.metadata import version
from typing import Literal

from apiflask import APIBlueprint
from flask import Response, current_app
from sqlalchemy import text

from server.api.metrics import CONTENT_TYPE, Metrics
from server.api.models import Answered, answer
from server.security.callers import anyone, require
from server.security.surroundings import around

blueprint = APIBlueprint("health", __name__, tag="Health")


class HealthOut(Answered):
    """It answers."""

    status: Literal["ok"] = "ok"
    version: str


@blueprint.get("/healthz")
@blueprint.output(HealthOut)
@anyone()
def healthz() -> Response:
    """Whether the process answers."""
    return answer(HealthOut(version=version("remitlens")))


@blueprint.get("/readyz")
@blueprint.output(HealthOut)
@anyone()
def readyz() -> Response:
    """Whether the store can be read; a 503 problem where it cannot."""
    with around().store.reading() as connection:
        connection.execute(text("SELECT 1"))
    return answer(HealthOut(version=version("remitlens")))


@blueprint.get("/metrics")
@blueprint.output({}, content_type="text/plain")
@require("viewer", "codes")
def metrics() -> Response:
    """Counts for Prometheus, which sends a token with the scope `codes`."""
    counts: Metrics = current_app.extensions["remitlens.metrics"]
    return Response(counts.text(), content_type=CONTENT_TYPE)
