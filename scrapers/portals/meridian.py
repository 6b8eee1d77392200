"""Meridian's family: a single page in an iframe, lines that expand, a legend with "Show more"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapers import record
from scrapers.capture import Capture, ClaimRef
from scrapers.errors import NotFound
from scrapers.read import PageReader
from scrapers.walk import Walk, whole
from server.facts import Adjudication, Look

if TYPE_CHECKING:
    from playwright.async_api import Page

    from scrapers.portal import Portal

RESULTS = {"claim": "Claim #", "member": "Member ID", "name": "Member", "served": "Service date",
           "charge": "Billed", "paid": "Paid", "status": "Status", "open": ""}  # fmt: skip
LEGEND = {"code": "Code", "text": "Description"}
CODES = {"code": "Adjustment", "amount": "Amount"}
LINES = {"toggle": "", "line": "Line", "served": "Service date", "procedure": "Procedure",
         "modifiers": "Mod", "units": "Units", "charge": "Billed", "allowed": "Allowed",
         "paid": "Paid"}  # fmt: skip
FACTS = {"control": "Payer claim control #", "remitted": "Remittance date", "trace": "Check / EFT",
         "status": "Status", "member": "Member ID", "name": "Member", "charge": "Billed",
         "paid": "Paid"}  # fmt: skip


async def open(page: Page, definition: Portal, ref: ClaimRef) -> Capture:
    """Search the claim, open it, expand every line and the legend, freeze the frame."""
    with Walk(page, definition) as walk:
        if not page.url.startswith(definition.address(definition.paths["claims"])):
            await walk.go(definition.paths["claims"], "claims")
        frame = await walk.frame("iframe#workspace", "claims")
        await walk.search(frame, "#q", "#search button", ref.claim, "claims")
        await walk.shown(frame, 'td.claim, [data-empty="claims"]', "results", text=ref.claim)
        results = await walk.freeze(frame, "results")
        mine = frame.locator("td.claim", has_text=whole(ref.claim))
        row = frame.locator("#results tbody tr", has=mine)
        if await row.count() != 1:
            return walk.capture(ref, results)
        await walk.press(row.locator("button"), "results")
        await walk.shown(frame, "#claim .claim-number", "claim", text=ref.claim)
        await walk.press_all(frame, "#lines button.toggle[aria-expanded=false]", "claim")
        await walk.press_all(frame, "#show-more", "claim")
        return walk.capture(ref, results, await walk.freeze(frame, "claim"))


def read(capture: Capture, definition: Portal) -> Look:
    """The claim as searched and as opened; both must say the same."""
    results = record.page_of(capture, definition, "results")
    if not results.soup.select("#results"):
        said = results.text('[data-empty="claims"]')
        record.same_claim(
            results, capture, said.removeprefix('No claims match "').removesuffix('".')
        )
        raise NotFound(definition.id, "results")
    rows = results.table(results.one("#results"), RESULTS, name="results")
    row = record.row_of_claim(results, capture, rows)
    page = record.page_of(capture, definition, "claim")
    record.same_claim(page, capture, page.text("#claim .claim-number"))
    shown = page.labelled(page.one("#claim dl.facts"), FACTS)
    record.agree(page, shown, row.texts())
    if page.status(shown["status"]) == "pending":
        return record.pending(page, capture, shown, '[data-empty="lines"]', "#lines")
    return record.found(page, capture, shown, _lines(page))


def _lines(page: PageReader) -> tuple[Adjudication, ...]:
    table, lines = page.one("#lines"), []
    rows = page.table(table, LINES, rows=":scope > tbody > tr.line", name="lines")
    for place, row in enumerate(record.numbered(page, rows)):
        more = page.one(f'#lines tr.more[data-of="{place + 1}"]')
        given = record.listed(page, page.one("table.codes", more), CODES)
        remarks = page.remarks(page.text(".remark-codes", more))
        lines.append(record.service_line(row, place, given, remarks))
    record.explained(page, "#legend table", LEGEND, lines)
    if table["data-lines"] != str(len(rows)):
        raise page.changed("lines", len(rows), "as many as the page counts")
    return tuple(lines)
