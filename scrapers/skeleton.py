"""The skeleton of a new portal: what a person fills in."""

from __future__ import annotations

from pathlib import Path

from server.errors import UserError

_TOML = """name = "{id}"
family = "{family}"
# https only; the sweep goes nowhere else.
base_address = ""
provenance = "written by hand, not verified live"
# Ask the payer first. "automated" needs who allowed it and when; "person_drives", "forbidden".
permission = ""
allowed_by = ""
# allowed_on = 2026-01-31
payer = {{ ids = [], name = "" }}
paths = {{ claims = "" }}
pacing = {{ sessions_at_once = 1, looks_per_minute = 6 }}

# The portal's status words: a CLP02 code (1 paid, 4 denied, 22 reversed) or "pending".
[statuses]

# CSS selectors of the sign-in form. mfa: none, totp, sms or email.
[login]
path = ""
username = ""
password = ""
submit = ""
mfa = "none"

# How each outcome shows: a CSS selector, and a text where the selector alone is not enough.
[outcomes]
signed_in = []
login_page = []
wrong_password = []
locked = []

# Where the claim number stands, for the extension.
[extension]
claim_number = ""
"""

_FAMILY = '''"""{id}'s family: say in one line how its pages are built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapers import record
from scrapers.capture import Capture, ClaimRef
from scrapers.errors import NotFound
from scrapers.walk import Walk
from server.facts import Look

if TYPE_CHECKING:
    from playwright.async_api import Page

    from scrapers.portal import Portal

FACTS = {{"claim": "Claim number", "control": "Payer claim number", "status": "Status",
         "remitted": "Remittance date", "name": "Patient", "member": "Member ID",
         "charge": "Billed", "paid": "Paid"}}  # fmt: skip
LINES = {{"line": "Line", "served": "Service date", "procedure": "Procedure",
         "modifiers": "Modifiers", "units": "Units", "charge": "Billed", "allowed": "Allowed",
         "paid": "Paid", "code": "Adjustment", "amount": "Amount",
         "remarks": "Remarks"}}  # fmt: skip


async def open(page: Page, definition: Portal, ref: ClaimRef) -> Capture:
    """Search the claim and freeze the page that answers."""
    with Walk(page, definition) as walk:
        await walk.go(definition.paths["claims"], "claims")
        await walk.search(page, "#claim-search", "#claim-search-go", ref.claim, "claims")
        await walk.shown(page, "#claim, #no-such-claim", "claim", text=ref.claim)
        return walk.capture(ref, await walk.freeze(page, "claim"))


def read(capture: Capture, definition: Portal) -> Look:
    """What the page says; only the portal's own words make a claim not found."""
    page = record.page_of(capture, definition, "claim")
    if not page.soup.select("#claim"):
        record.same_claim(page, capture, page.text("#no-such-claim b"))
        raise NotFound(definition.id, "claim")
    shown = page.labelled(page.one("#claim dl"), FACTS)
    record.same_claim(page, capture, shown["claim"])
    if page.status(shown["status"]) == "pending":
        return record.pending(page, capture, shown, "#pending-note", "#lines")
    rows = record.numbered(page, page.table(page.one("#lines"), LINES, name="lines"))
    lines = tuple(
        record.service_line(
            row, at, record.reasons(page, [(row.text("code"), row.text("amount"))]),
            page.remarks(row.text("remarks")),
        )
        for at, row in enumerate(rows)
    )  # fmt: skip
    return record.found(page, capture, shown, lines)
'''


def write_skeleton(
    id_: str, family: str, config: Path, families: Path, fixtures: Path
) -> list[Path]:
    """Write what a new portal needs and return the paths; raises UserError, overwrites nothing.

    With a known `family` that is a TOML and a fixtures' folder; else the family's module too.
    """
    if family and not (families / f"{family}.py").is_file():
        known = sorted(path.stem for path in families.glob("*.py") if path.stem != "__init__")
        raise UserError(f"{family}: no such family; known are {', '.join(known)}")
    toml, folder = config / "portals" / f"{id_}.toml", fixtures / id_
    texts = {toml: _TOML.format(id=id_, family=family or id_)}
    if not family:
        texts[families / f"{id_}.py"] = _FAMILY.format(id=id_)
    there = [path for path in (*texts, folder) if path.exists()]
    if there:
        raise UserError(f"{there[0]}: is there already; nothing was written")
    try:
        folder.mkdir(parents=True)
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written ({type(error).__name__})") from None
    return [*texts, folder]
