"""One visit: open a claim on a signed-in page, read what was captured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scrapers.capture import Capture, ClaimRef
from scrapers.errors import NotFound, PortalError, SiteChanged
from scrapers.record import look_of, named_errors_only
from scrapers.walk import weather
from server.facts import Look

if TYPE_CHECKING:
    from playwright.async_api import Page

    from scrapers.portal import Portal


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit gave: the look for the intake, the capture for the evidence."""

    look: Look
    capture: Capture


async def visit(page: Page, portal: Portal, ref: ClaimRef) -> Visit:
    """Open and read one claim. A positive "no such claim" is a look of its own, not an error.

    Raises the errors of `scrapers.errors`; an exception nobody named comes out as SiteChanged.
    """
    family = portal.walker()
    try:
        async with weather(portal, "visit"):
            capture = await family.open(page, portal, ref)
    except PortalError:
        raise
    except Exception as error:
        raise SiteChanged(portal.id, "visit", what=f"walk: {type(error).__name__}") from None
    return Visit(read_look(capture, portal), capture)


def read_look(capture: Capture, portal: Portal) -> Look:
    """Pure: the family's `read`, with `NotFound` as a look of outcome `not_found`."""
    try:
        return named_errors_only(portal.walker().read, capture, portal)
    except NotFound:
        return look_of(capture, portal, "not_found")
