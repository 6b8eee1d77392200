"""Northgate's family: classic frames, a pair of tables a line, details loaded one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapers import record
from scrapers.capture import Capture, ClaimRef
from scrapers.errors import NotFound
from scrapers.read import PageReader, Row
from scrapers.walk import Walk
from server.facts import Adjustment, Look

if TYPE_CHECKING:
    from playwright.async_api import Page

    from scrapers.portal import Portal

SUMMARY = {"claim": "Claim number", "control": "Reference number", "status": "Status",
           "name": "Patient", "member": "Member", "remitted": "Finalized",
           "charge": "Total billed", "paid": "Total paid", "lines": "Lines"}  # fmt: skip
SERVICE = {"line": "Ln", "served": "From - Thru", "procedure": "Proc", "modifiers": "Mods",
           "units": "Qty", "charge": "Billed", "allowed": "Allowed", "paid": "Paid"}  # fmt: skip
DETAIL = {"group": "Group", "reason": "Reason", "amount": "Amount", "remark": "Remark"}


async def open(page: Page, definition: Portal, ref: ClaimRef) -> Capture:
    """Search in the main frame; the old result stands until the new one names the claim."""
    with Walk(page, definition) as walk:
        if page.url.rstrip("/") != definition.base_address:
            await walk.go(definition.paths["frames"], "frames")
        frame = await walk.frame("frame[name=main]", "frames")
        await walk.search(frame, "#claim", "#find button", ref.claim, "inquiry")
        await walk.shown(frame, "#result .claim-no", "result", text=ref.claim)
        for number in range(1, await frame.locator("#result .line").count() + 1):
            line = f'#result .line[data-line="{number}"]'
            await walk.press(frame.locator(f"{line} a.show"), "result")
            await walk.shown(frame, f"{line} table.detail", "result")
        return walk.capture(ref, await walk.freeze(frame, "result"))


def read(capture: Capture, definition: Portal) -> Look:
    """The summary and a service table with its detail table for each line."""
    page = record.page_of(capture, definition, "result")
    record.same_claim(page, capture, page.text("#result .claim-no"))
    if page.soup.select("#none"):
        raise NotFound(definition.id, "result")
    shown = page.labelled(page.one("#summary"), SUMMARY)
    if page.status(shown["status"]) == "pending":
        return record.pending(page, capture, shown, "#pending", "#result .line")
    blocks = page.many("#result .line")
    if shown["lines"] != str(len(blocks)):
        raise page.changed("lines", len(blocks), "as many as the page counts")
    rows = []
    for block in blocks:
        rows += page.table(page.one("table.service", block), SERVICE, name="service")
    record.numbered(page, rows)
    if len(rows) != len(blocks):
        raise page.changed("service rows", len(rows), str(len(blocks)))
    lines = []
    for place, (row, block) in enumerate(zip(rows, blocks, strict=True)):
        given, remarks = _detail(page, page.table(page.one("table.detail", block), DETAIL))
        lines.append(record.service_line(row, place, given, remarks))
    return record.found(page, capture, shown, tuple(lines))


def _detail(page: PageReader, rows: list[Row]) -> tuple[tuple[Adjustment, ...], tuple[str, ...]]:
    parts = [(f"{row.text('group')}-{row.text('reason')}", row.text("amount")) for row in rows]
    remarks = page.remarks(" ".join(row.text("remark") for row in rows))
    return record.reasons(page, parts), remarks
