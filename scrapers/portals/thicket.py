"""Thicket's family: search by member, pick the claim by its exact number, read one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapers import record
from scrapers.capture import Capture, ClaimRef
from scrapers.errors import NotFound
from scrapers.read import PageReader, Row
from scrapers.walk import Walk, whole
from server.facts import Adjudication, Look

if TYPE_CHECKING:
    from playwright.async_api import Page

    from scrapers.portal import Portal

HITS = {"claim": "Claim", "name": "Patient", "member": "Member", "served": "Service day",
        "charge": "Charge", "paid": "Payment", "status": "State"}  # fmt: skip
FACTS = {"control": "Control number", "status": "State", "name": "Patient", "member": "Member",
         "remitted": "Remitted", "charge": "Charge", "paid": "Payment"}  # fmt: skip
LINES = {"line": "#", "served": "Day", "procedure": "Procedure", "modifiers": "Modifiers",
         "units": "Units", "charge": "Charge", "allowed": "Allowed", "paid": "Payment",
         "codes": "Codes", "amounts": "Amounts", "remarks": "Remarks"}  # fmt: skip


async def open(page: Page, definition: Portal, ref: ClaimRef) -> Capture:
    """Search the member, open the one claim of that number."""
    with Walk(page, definition) as walk:
        await walk.go(definition.paths["claims"], "claims")
        await walk.fill(await walk.shown(page, "#member", "claims"), ref.member_id, "claims")
        await walk.search(page, "#claim", "#seek button", ref.claim, "claims")
        await walk.shown(page, "#hits + footer, #nothing", "results")
        results = await walk.freeze(page, "results")
        link = page.locator("#hits .number a", has_text=whole(ref.claim))
        if await link.count() != 1:
            return walk.capture(ref, results)
        await walk.press(link, "results")
        await walk.shown(page, "#number", "claim", text=ref.claim)
        await walk.shown(page, "#lines + footer", "claim")
        return walk.capture(ref, results, await walk.freeze(page, "claim"))


def read(capture: Capture, definition: Portal) -> Look:
    """The search result's row and the claim; both must say the same."""
    results = record.page_of(capture, definition, "results")
    if not results.soup.select("#hits"):
        record.same_claim(results, capture, results.text("#nothing b"))
        raise NotFound(definition.id, "results")
    rows = results.table(results.one("#hits"), HITS, name="results")
    told = record.row_of_claim(results, capture, rows).texts()
    if results.status(told["status"]) == "pending":
        return record.pending(results, capture, told, "#hits", "#lines")
    page = record.page_of(capture, definition, "claim")
    record.same_claim(page, capture, page.text("#number"))
    shown = page.labelled(page.one("#facts"), FACTS)
    record.agree(page, shown, told)
    page.one("#lines + footer")
    rows = record.numbered(page, page.table(page.one("#lines"), LINES, name="lines"))
    lines = tuple(_line(page, row, place) for place, row in enumerate(rows))
    return record.found(page, capture, shown, lines)


def _line(page: PageReader, row: Row, place: int) -> Adjudication:
    codes, amounts = row.parts("codes"), row.parts("amounts")
    if len(codes) != len(amounts):
        raise page.changed("amounts of a line", len(amounts), str(len(codes)))
    given = record.reasons(page, zip(codes, amounts, strict=True))
    return record.service_line(row, place, given, page.remarks(row.text("remarks")))
