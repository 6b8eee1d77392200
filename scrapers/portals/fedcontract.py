"""Fedcontract's family: bare reason numbers without a group, status pending or processed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapers import record
from scrapers.capture import Capture, ClaimRef
from scrapers.errors import NotFound
from scrapers.read import PageReader, Row
from scrapers.walk import Walk
from server.facts import Adjudication, Look

if TYPE_CHECKING:
    from playwright.async_api import Page

    from scrapers.portal import Portal

STATUS = {"claim": "Claim", "control": "ICN", "status": "Status", "remitted": "Remit date",
          "name": "Beneficiary", "member": "Beneficiary ID", "charge": "Submitted",
          "paid": "Paid"}  # fmt: skip
LINES = {"line": "Line", "served": "DOS", "procedure": "HCPCS", "modifiers": "Mods",
         "units": "NOS", "charge": "Submitted", "allowed": "Allowed", "paid": "Paid",
         "reason": "Reason", "amount": "Amount", "remark": "Remark"}  # fmt: skip


async def open(page: Page, definition: Portal, ref: ClaimRef) -> Capture:
    """Ask for the claim and freeze the page that answers."""
    with Walk(page, definition) as walk:
        await walk.go(definition.paths["inquiry"], "inquiry")
        await walk.search(page, "#dcn", "#query button", ref.claim, "inquiry")
        await walk.shown(page, "#status .claim, #not-on-file b", "claim", text=ref.claim)
        return walk.capture(ref, await walk.freeze(page, "claim"))


def read(capture: Capture, definition: Portal) -> Look:
    """The claim and its lines; the group of an adjustment is not shown, so it stays unknown."""
    page = record.page_of(capture, definition, "claim")
    if not page.soup.select("#status"):
        record.same_claim(page, capture, page.text("#not-on-file b"))
        raise NotFound(definition.id, "claim")
    shown = page.labelled(page.one("#status"), STATUS)
    record.same_claim(page, capture, shown["claim"])
    if page.status(shown["status"]) == "pending":
        return record.pending(page, capture, shown, "#in-process", "#lines")
    rows = record.numbered(page, page.table(page.one("#lines"), LINES, name="lines"))
    lines = tuple(_line(page, row, place) for place, row in enumerate(rows))
    return record.found(page, capture, shown, lines)


def _line(page: PageReader, row: Row, place: int) -> Adjudication:
    codes, amounts, remarks = (row.parts(key) for key in ("reason", "amount", "remark"))
    if len(codes) != len(amounts):
        raise page.changed("amounts of a line", len(amounts), str(len(codes)))
    given = record.reasons(page, zip(codes, amounts, strict=True), grouped=False)
    return record.service_line(row, place, given, page.remarks(" ".join(remarks)))
