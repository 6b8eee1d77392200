"""Sweeps: what the nights did, and starting one by name through the job engine."""

from __future__ import annotations

from datetime import datetime

from apiflask import APIBlueprint, APIFlask
from flask import Response
from flask_limiter import Limiter
from pydantic import Field

from server import engine
from server.api.idempotency import repeatable
from server.api.models import Answered, Asked, Slug, answer
from server.logs import described, log
from server.security.callers import (
    current_caller,
    narrowed,
    one_practice,
    practices,
    require,
)
from server.security.limits import SWEEPS, slow_down
from server.security.problems import Problem
from server.security.surroundings import around
from server.store import audit, sweeps
from server.store.sweeps import SweepReport

blueprint = APIBlueprint("sweeps", __name__, url_prefix="/api/v1/sweeps", tag="Sweeps")


class AccountOut(Answered):
    """How one account's part went; `error` and `reason` say what stood in the way."""

    account: str
    portal: str
    state: str
    error: str
    reason: str
    sign_ins: int
    planned: int = Field(description="Visits still to make.")
    outcomes: dict[str, int]
    failed: int
    unread: int
    changed: int


class SweepOut(Answered):
    """One sweep."""

    id: str
    practice: str
    asked_by: str
    started_at: datetime
    finished_at: datetime | None
    looked: int
    planned: int
    accounts: list[AccountOut]


class SweepsOut(Answered):
    """The latest sweeps, the newest first."""

    sweeps: list[SweepOut]


class SweepsIn(Asked):
    """How many, of which practice."""

    practice: Slug | None = None
    limit: int = Field(20, ge=1, le=100)


class StartIn(Asked):
    """Whose accounts to sweep."""

    practice: Slug | None = None


class StartedOut(Answered):
    """The sweep asked for; it appears in the list when a worker takes it up."""

    id: str
    practice: str


def limit(limiter: Limiter, app: APIFlask) -> None:
    """A sweep signs in at portals: not often."""
    slow_down(app, limiter, "sweeps.start", SWEEPS)


@blueprint.get("")
@blueprint.input(SweepsIn, location="query", arg_name="asked")
@blueprint.output(SweepsOut)
@require("viewer", "lines:read")
def listed(asked: SweepsIn) -> Response:
    """The latest sweeps."""
    found = sweeps.recent(around().store, narrowed(asked.practice), asked.limit)
    return answer(SweepsOut(sweeps=[_shown(one) for one in found]))


@blueprint.get("/<sweep>")
@blueprint.output(SweepOut)
@require("viewer", "lines:read")
def one(sweep: str) -> Response:
    """One sweep, account by account."""
    return answer(_shown(sweeps.report(around().store, practices(), sweep)))


@blueprint.post("")
@blueprint.input(StartIn, arg_name="asked")
@blueprint.output(StartedOut, status_code=202)
@repeatable
@require("manager", "admin")
def start(asked: StartIn) -> Response:
    """Ask for a sweep of a practice's accounts, to be done by any worker."""
    practice = one_practice(asked.practice)
    place, caller = around(), current_caller()
    try:
        sweep = engine.ask_for_sweep(place.settings, practice, caller.tag, place.now())
    except Exception as error:
        # The engine's errors quote its database's address and statement.
        log().warning("engine_missing", **described(error))
        raise Problem(
            503,
            "no-engine",
            "No job engine",
            "No worker has started yet, or the engine's database does not answer.",
            headers={"Retry-After": "60"},
        ) from None
    audit.append(place.store, caller.who, "sweep.ask", practice, sweep)
    log().info("sweep_asked", sweep=sweep, who=caller.tag, practice=practice)
    return answer(StartedOut(id=sweep, practice=practice), 202)


def _shown(report: SweepReport) -> SweepOut:
    return SweepOut.model_validate(report.as_json())
