"""Harbor's family: server-rendered, two header rows, lines over pages, an 835 to download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapers import record
from scrapers.capture import Capture, ClaimRef
from scrapers.errors import NotFound
from scrapers.read import PageReader
from scrapers.walk import Walk
from server.facts import Adjudication, Look

if TYPE_CHECKING:
    from playwright.async_api import Page

    from scrapers.portal import Portal

FOUND = {"claim": "Claim Number", "member": "Member ID", "name": "Patient",
         "served": "Service Date", "charge": "Billed", "paid": "Paid",
         "status": "Status"}  # fmt: skip
HEAD = {"claim": "Claim Number", "control": "ICN", "name": "Patient", "member": "Member ID",
        "status": "Status", "remitted": "Remit Date", "charge": "Billed", "paid": "Paid",
        "trace": "Check Number"}  # fmt: skip
LEGEND = {"code": "Code", "text": "Description"}
LINES = {"line": "Line", "served": "Dates", "procedure": "Code", "modifiers": "Mod",
         "units": "Units", "charge": "Billed", "allowed": "Allowed", "paid": "Paid",
         "reason": "Adj Reason Code", "remark": "RMK Code", "amount": "Adj Amount"}  # fmt: skip


async def open(page: Page, definition: Portal, ref: ClaimRef) -> Capture:
    """Search, open the claim, turn all pages of its lines, fetch the 835 where one is offered."""
    with Walk(page, definition) as walk:
        await walk.go(definition.paths["claims"], "claims")
        await walk.search(page, "#number", "#inquiry button", ref.claim, "claims")
        await walk.shown(page, "#found, #no-claims", "results")
        frozen = [await walk.freeze(page, "results")]
        link = page.locator("#found .claim-no a")
        if await link.count() != 1:
            return walk.capture(ref, *frozen)
        await walk.press(link, "results")
        for number in range(1, 100):
            await walk.shown(page, ".pager .at", "lines", text=str(number))
            frozen.append(await walk.freeze(page, "lines"))
            if not await page.locator("#next").count():
                break
            await walk.press(page.locator("#next"), "lines")
        frozen.append(await walk.fetch(page.locator("#get-835"), "835"))
        return walk.capture(ref, *frozen)


def read(capture: Capture, definition: Portal) -> Look:
    """The search result, then the claim's pages put together again."""
    results = record.page_of(capture, definition, "results")
    if not results.soup.select("#found"):
        record.same_claim(results, capture, results.text("#no-claims .asked"))
        raise NotFound(definition.id, "results")
    rows = results.table(results.one("#found"), FOUND, name="results")
    told = record.row_of_claim(results, capture, rows).texts()
    if results.status(told["status"]) == "pending":
        return record.pending(results, capture, told, "#found", "#found .claim-no a")
    pages = record.pages(capture, definition, "lines")
    lines: list[Adjudication] = []
    for at, page in enumerate(pages, start=1):
        shown = page.labelled(page.one("#head"), HEAD)
        record.agree(page, shown, told)
        record.same_claim(page, capture, shown["claim"])
        if (page.text(".pager .at"), page.text(".pager .of")) != (str(at), str(len(pages))):
            raise page.changed("page number", at, str(len(pages)))
        lines += _lines(page, len(lines))
    record.explained(pages[-1], "#popup table", LEGEND, lines)
    return record.found(pages[-1], capture, shown, tuple(lines))


def _lines(page: PageReader, before: int) -> list[Adjudication]:
    rows = page.table(page.one("#detail"), LINES, rows=":scope > tbody > :is(.item, .cont)")
    page.many("#detail > tbody > tr", len(rows) + 1, len(rows) + 2)
    lines = []
    for place, group in enumerate(record.continued(page, rows, before), start=before):
        parts = [(row.text("reason"), row.text("amount")) for row in group if row.text("reason")]
        remarks = page.remarks(" ".join(row.text("remark") for row in group))
        lines.append(record.service_line(group[0], place, record.reasons(page, parts), remarks))
    record.totals(page, "tr.subtotal .r", lines)
    return lines
