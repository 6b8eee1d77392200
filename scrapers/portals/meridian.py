"""Meridian's family: a single page in an iframe, lines that expand, a legend with "Show more"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scrapers.capture import Capture, ClaimRef
from scrapers.errors import NotFound
from scrapers.read import PageReader, Row, adds_up, balanced, line_adjustments, look_of, pages
from scrapers.walk import Walk, whole
from server.facts import Adjudication, ClaimAdjudication, Look, Patient

if TYPE_CHECKING:
    from playwright.async_api import Page

    from scrapers.portal import Portal

RESULTS = {"claim": ["Claim #"], "member": ["Member ID"], "name": ["Member"],
           "served": ["Service date"], "billed": ["Billed"], "paid": ["Paid"],
           "status": ["Status"], "open": [""]}  # fmt: skip
LINES = {"toggle": [""], "line": ["Line"], "served": ["Service date"], "procedure": ["Procedure"],
         "modifiers": ["Mod"], "units": ["Units"], "billed": ["Billed"], "allowed": ["Allowed"],
         "paid": ["Paid"]}  # fmt: skip
FACTS = {"Status": "status", "Payer claim control #": "control", "Remittance date": "remitted",
         "Check / EFT": "trace", "Member ID": "member", "Member": "name", "Billed": "billed",
         "Paid": "paid"}  # fmt: skip


async def open(page: Page, definition: Portal, ref: ClaimRef) -> Capture:
    """Search the claim, open it, expand every line and the legend, freeze the frame."""
    walk = Walk(page, definition)
    try:
        if not page.url.startswith(definition.address(definition.paths["claims"])):
            await walk.go(definition.paths["claims"], "claims")
        frame = await walk.frame("iframe#workspace", "claims")
        await walk.fill(await walk.shown(frame, "#q", "claims"), ref.claim, "claims")
        await walk.press(await walk.shown(frame, "#search button", "claims"), "claims")
        asked = ref.claim.upper()
        await walk.shown(frame, f'[data-results="{asked}"], [data-empty="claims"]', "results")
        results = await walk.freeze(frame, "results")
        row = frame.locator("#results tbody tr").filter(
            has=frame.locator("td.claim", has_text=whole(ref.claim))
        )
        if await row.count() != 1:
            return walk.capture(ref, results)
        await walk.press(row.get_by_role("button", name="Details"), "results")
        await walk.shown(frame, "#claim .claim-number", "claim", text=ref.claim)
        shut = frame.locator("#lines button.toggle[aria-expanded=false]")
        for _ in range(await shut.count()):
            await walk.press(shut.first, "claim")
        more = frame.locator("#show-more")
        if await more.count():
            await walk.press(more, "claim")
        return walk.capture(ref, results, await walk.freeze(frame, "claim"))
    finally:
        walk.close()


def read(capture: Capture, definition: Portal) -> Look:
    """The claim as searched and as opened; both must say the same."""
    results = pages(capture, definition, "results", most=1)[0]
    if not results.soup.select("#results"):
        empty = results.one('[data-empty="claims"]')
        if f'"{capture.ref.claim}"'.casefold() not in empty.get_text().casefold():
            raise results.changed("empty result for the claim", 0)
        raise NotFound(definition.id, "results")
    rows = results.table(results.one("#results"), RESULTS, name="results")
    mine = [row for row in rows if row.text("claim") == capture.ref.claim]
    if not mine:
        raise results.changed("row of the claim", 0)
    if len({(row.text("billed"), row.text("paid")) for row in mine}) > 1:
        raise results.bad("the claim stands there twice with different money")
    page = pages(capture, definition, "claim", most=1)[0]
    if page.text("#claim .claim-number") != capture.ref.claim:
        raise page.bad("another claim was opened")
    shown = page.labelled(page.one("#claim dl.facts"), FACTS)
    for key in ("status", "billed", "paid", "member", "name"):
        if shown[key] != mine[0].text(key):
            raise page.bad(f"{key}: the claim and its search result differ")
    status = page.status(shown["status"])
    if status == "pending":
        page.one('[data-empty="lines"]')
        if page.soup.select("#lines") or page.money(shown["paid"], "paid") is not None:
            raise page.bad("a pending claim with lines or money")
        return look_of(capture, definition, "pending")
    return look_of(
        capture, definition, "found", (_answer(page, capture, definition, shown, status),)
    )


def _answer(
    page: PageReader, capture: Capture, definition: Portal, shown: dict[str, str], status: str
) -> ClaimAdjudication:
    table = page.one("#lines")
    rows = page.table(table, LINES, rows=":scope > tbody > tr.line", name="lines")
    details = page.many("#lines tr.more", len(rows), len(rows))
    if str(table.get("data-lines")) != str(len(rows)):
        raise page.changed("lines", len(rows), str(table.get("data-lines")))
    last, first = page.name(shown["name"])
    answer = ClaimAdjudication(
        claim=capture.ref.claim,
        payer=definition.as_payer,
        payer_claim_control_number=page.ident(shown["control"], "control number"),
        status=status,
        charge=page.amount(shown["billed"], "billed"),
        paid=page.amount(shown["paid"], "paid"),
        patient=Patient(page.ident(shown["member"], "member"), last, first),
        produced=page.day(shown["remitted"], "remittance date"),
        order=0,
        trace=page.ident(shown["trace"], "check"),
        lines=tuple(_line(page, row, place) for place, row in enumerate(rows)),
        source=capture.source,
    )
    codes = {f"{a.group}-{a.carc}" for line in answer.lines for a in line.adjustments}
    codes |= {remark for line in answer.lines for remark in line.remarks}
    legend = page.table(page.one("#legend table"), {"code": ["Code"], "text": ["Description"]})
    if {row.text("code") for row in legend} != codes or len(details) != len(rows):
        raise page.changed("legend codes", len(legend), str(len(codes)))
    return adds_up(page, replace(answer))


def _line(page: PageReader, row: Row, place: int) -> Adjudication:
    more = page.one(f'#lines tr.more[data-of="{place + 1}"]')
    codes = page.table(
        page.one("table.codes", more), {"code": ["Adjustment"], "amount": ["Amount"]}, name="codes"
    )
    parts = [(code.text("code"), code.text("amount")) for code in codes]
    if row.text("line") != str(place + 1):
        raise page.changed("line number", place + 1, row.text("line")[:2])
    procedure, modifiers = (
        page.procedure(row.text("procedure")),
        page.modifiers(row.text("modifiers")),
    )
    first, last = page.days(row.text("served"), "service date")
    return balanced(page, Adjudication(
        procedure=procedure, modifiers=modifiers,
        submitted_procedure=procedure, submitted_modifiers=modifiers,
        units=page.number(row.text("units"), "units"),
        charge=row.amount("billed"), paid=row.amount("paid"), allowed=row.money("allowed"),
        first_day=first, last_day=last,
        adjustments=() if parts == [("--", "--")] else line_adjustments(page, parts),
        remarks=page.remarks(page.text(".remark-codes", more)),
        order=place,
    ))  # fmt: skip
