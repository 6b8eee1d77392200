"""A page a person hands over while they work on a portal, read as a sweep would read it.

The reading is a plug-in: the entry point `page` of the group `remitlens.readers`, a function

    page(config: Path, portal: str, url: str, html: Mapping[str, str], seen_at: datetime) -> Look

that raises for a page it cannot read. This package imports no scraper. The page itself is not
kept: only what was read of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, StringConstraints

from server import intake
from server.api.idempotency import repeatable
from server.api.models import Answered, Asked, Moment, Slug, answer
from server.api.portals import read_portals
from server.facts import Look
from server.logs import described, log
from server.security.callers import current_caller, one_practice, require
from server.security.problems import Problem, not_found
from server.security.surroundings import around

blueprint = APIBlueprint("observation", __name__, url_prefix="/api/v1/intake", tag="Intake")

GROUP = "remitlens.readers"
LARGEST = 8 * 2**20
_ALLOWED = frozenset({"automated", "person_drives"})
_SKEW = timedelta(minutes=5)

Reader = Callable[[Path, str, str, Mapping[str, str], datetime], Look]
Frame = Annotated[str, StringConstraints(max_length=4 * 2**20)]


class ObservationIn(Asked):
    """The page: its address, the HTML of its frames by name, and when it was seen."""

    portal: Slug
    url: Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\x00-\x20]+$")]
    html: dict[str, Frame] = Field(min_length=1, max_length=20)
    seen_at: Moment
    practice: Slug | None = None


class ObservationOut(Answered):
    """Whether it was taken in, and what it said: found, pending, not_found, or unreadable."""

    taken: bool
    outcome: str
    lines: list[int]


@cache
def reader() -> Reader | None:
    """The installed reader of pages; None where there is none."""
    for entry in entry_points(group=GROUP, name="page"):
        found: Reader = entry.load()
        return found
    return None


@blueprint.post("/observation")
@blueprint.input(ObservationIn, arg_name="asked")
@blueprint.output(ObservationOut)
@repeatable
@require("biller", "observe", cap=LARGEST)
def observation(asked: ObservationIn) -> Response:
    """Take in the page a person is looking at, where the portal's permission lets them."""
    place = around()
    practice = one_practice(asked.practice)
    portal = read_portals(place.settings.config).get(asked.portal)
    if portal is None:
        raise not_found("There is no such portal.")
    if portal.permission not in _ALLOWED:
        raise Problem(
            403,
            "portal-permission",
            "Not allowed on this portal",
            "This portal's permission does not let a page be handed over.",
        )
    if asked.seen_at > place.now() + _SKEW:
        raise Problem(
            409, "clock", "Seen in the future", "seen_at lies ahead of this server's clock."
        )
    read = reader()
    if read is None:
        raise Problem(503, "no-reader", "No reader", "No reader of portal pages is installed.")
    look = _look(read, asked)
    if look is None:
        return answer(ObservationOut(taken=False, outcome="unreadable", lines=[]))
    done = intake.observe(
        place.store,
        practice,
        look,
        who=current_caller().who,
        today=place.today(),
        settings=place.settings,
    )
    log().info("observed", portal=asked.portal, outcome=look.outcome, practice=practice)
    return answer(ObservationOut(taken=True, outcome=look.outcome, lines=list(done.lines)))


def _look(read: Reader, asked: ObservationIn) -> Look | None:
    config = around().settings.config
    try:
        return read(config, asked.portal, asked.url, asked.html, asked.seen_at.astimezone(UTC))
    except Exception as error:
        # The page is another's program's: whatever it does to the reader, it is unreadable.
        log().info("observed", portal=asked.portal, outcome="unreadable", **described(error))
        return None
