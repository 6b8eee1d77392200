"""Bluestem's family: codes of the payer's own, mapped by the crosswalk of the portal's TOML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scrapers import record
from scrapers.capture import Capture, ClaimRef
from scrapers.errors import NotFound
from scrapers.read import EMPTY, PageReader, Row, text_of
from scrapers.walk import Walk
from server.facts import Adjudication, Adjustment, Look

if TYPE_CHECKING:
    from playwright.async_api import Page

    from scrapers.portal import Portal

FACTS = {"claim": "Account", "control": "Claim ID", "status": "Status",
         "remitted": "Statement date", "name": "Patient", "member": "Member",
         "charge": "Charged", "paid": "Paid"}  # fmt: skip
SERVICES = {"line": "No.", "served": "Date", "procedure": "Service", "modifiers": "Modifiers",
            "units": "Units", "charge": "Charge", "allowed": "Allowed", "paid": "Paid",
            "why": "Explanation"}  # fmt: skip


async def open(page: Page, definition: Portal, ref: ClaimRef) -> Capture:
    """Look the account number up and freeze the page that answers."""
    with Walk(page, definition) as walk:
        await walk.go(definition.paths["claims"], "claims")
        await walk.search(page, "#account", "#lookup button", ref.claim, "claims")
        await walk.shown(page, "#claim .account, #unknown .asked", "claim", text=ref.claim)
        return walk.capture(ref, await walk.freeze(page, "claim"))


def read(capture: Capture, definition: Portal) -> Look:
    """The claim with its services; its codes are explained at the page's end, or in a PDF."""
    page = record.page_of(capture, definition, "claim")
    if not page.soup.select("#claim"):
        record.same_claim(page, capture, page.text("#unknown .asked"))
        raise NotFound(definition.id, "claim")
    shown = page.labelled(page.one("#claim dl"), FACTS)
    record.same_claim(page, capture, shown["claim"])
    if page.status(shown["status"]) == "pending":
        return record.pending(page, capture, shown, "#review-note", "#services")
    rows = record.numbered(page, page.table(page.one("#services"), SERVICES, name="services"))
    lines = tuple(_line(page, row, place) for place, row in enumerate(rows))
    used = {text_of(code) for code in page.many("#services .why b", 0)}
    # A long statement leaves its explanations to a PDF, which is prose: the crosswalk alone maps.
    explained = set() if page.soup.select("#explanations .in-pdf") else used
    if explained != {text_of(term) for term in page.many("#explanations dt", 0)}:
        raise page.changed("explained codes", len(used), "every code explained")
    return record.found(page, capture, shown, lines)


def _line(page: PageReader, row: Row, place: int) -> Adjudication:
    adjustments, remarks = [], []
    row.parts("why")
    for entry in row.cells["why"].find_all(recursive=False):
        code, amount = page.text("b", entry), page.text("span", entry)
        if not re.fullmatch(r"[A-Z0-9]{5}", code):
            raise page.bad("explanation: no code of five characters")
        known = page.portal.crosswalk.get(code)
        if amount.casefold() not in EMPTY:
            group, carc = (known.group, known.carc) if known else ("", f"unmapped:{code}")
            adjustments.append(Adjustment(group, carc, page.amount(amount, "explanation")))
        if amount.casefold() in EMPTY or (known and known.remark):
            remarks.append(known.remark if known else f"unmapped:{code}")
    return record.service_line(row, place, tuple(adjustments), tuple(remarks))
