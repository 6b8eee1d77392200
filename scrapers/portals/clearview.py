"""Clearview's family: a remittance viewer in a tab of its own, searched by claim number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapers import record
from scrapers.capture import Capture, ClaimRef
from scrapers.errors import NotFound
from scrapers.read import PageReader
from scrapers.walk import Walk, weather
from server.facts import Adjudication, Look

if TYPE_CHECKING:
    from playwright.async_api import Page

    from scrapers.portal import Portal

SUMMARY = {"claim": "Patient control number", "control": "Payer claim number",
           "status": "Claim status", "remitted": "Remittance date", "name": "Patient",
           "member": "Member number", "trace": "Payment number", "charge": "Charged",
           "paid": "Paid"}  # fmt: skip
LINES = {"line": "Line", "served": "Date of service", "procedure": "Procedure",
         "modifiers": "Modifiers", "units": "Qty", "charge": "Charged", "allowed": "Allowed",
         "paid": "Paid", "remarks": "Remarks"}  # fmt: skip
ADJUSTMENTS = {"line": "Line", "code": "Adjustment", "amount": "Amount", "meaning": "Meaning"}


async def open(page: Page, definition: Portal, ref: ClaimRef) -> Capture:
    """Open the viewer's tab (or take the one that is open), search, freeze what it answers."""
    viewer = await _viewer(page, definition)
    with Walk(viewer, definition) as walk:
        async with weather(definition, "viewer"), viewer.expect_navigation(timeout=walk.patience):
            await walk.search(viewer, "#claim", "#find button", ref.claim, "viewer")
        await walk.shown(viewer, "#remittance, #no-remittance, #awaiting", "remittance")
        return walk.capture(ref, await walk.freeze(viewer, "remittance"))


async def _viewer(page: Page, definition: Portal) -> Page:
    address = definition.address(definition.paths["viewer"])
    for tab in page.context.pages:
        if tab.url.startswith(address) and not tab.is_closed():
            return tab
    with Walk(page, definition) as walk:
        await walk.go(definition.paths["home"], "home")
        link = await walk.shown(page, "#open-viewer", "home")
        async with weather(definition, "home"), page.context.expect_page() as opened:
            await link.click(timeout=walk.patience)
        return await opened.value


def read(capture: Capture, definition: Portal) -> Look:
    """The remittance, or the viewer's own word that there is none."""
    page = record.page_of(capture, definition, "remittance")
    shows = page.many("#remittance, #no-remittance, #awaiting", 1, 1)[0]
    if shows.get("id") != "remittance":
        record.same_claim(page, capture, page.text("b", shows))
        if shows.get("id") == "no-remittance":
            raise NotFound(definition.id, "remittance")
        return record.look_of(capture, definition, "pending")
    shown = page.labelled(shows, SUMMARY)
    record.same_claim(page, capture, shown["claim"])
    return record.found(page, capture, shown, _lines(page))


def _lines(page: PageReader) -> tuple[Adjudication, ...]:
    rows = record.numbered(page, page.table(page.one("#service-lines"), LINES, name="lines"))
    parts: list[list[tuple[str, str]]] = [[] for _ in rows]
    for one in page.table(page.one("#adjustments"), ADJUSTMENTS, name="adjustments"):
        number = one.text("line")
        if number not in {row.text("line") for row in rows}:
            raise page.changed("line of an adjustment", 0)
        parts[int(number) - 1].append((one.text("code"), one.text("amount")))
    return tuple(
        record.service_line(
            row, at, record.reasons(page, parts[at]), page.remarks(row.text("remarks"))
        )
        for at, row in enumerate(rows)
    )
