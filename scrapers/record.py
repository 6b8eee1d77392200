"""From texts read off a page to a look: lines, claims, and what must be true of them.

Pure. The families name their columns and labels with the fields used here: `served`, `procedure`,
`modifiers`, `units`, `charge`, `allowed`, `paid` of a line; `control`, `status`, `charge`, `paid`,
`name`, `member`, `remitted`, `trace` of a claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from scrapers.capture import Capture
from scrapers.errors import PortalError, SiteChanged
from scrapers.read import EMPTY, PageReader, Row, text_of
from server.facts import (
    Adjudication,
    Adjustment,
    ClaimAdjudication,
    Look,
    LookOutcome,
    Patient,
    Payer,
)

if TYPE_CHECKING:
    from bs4 import Tag

    from scrapers.portal import Portal


def pages(capture: Capture, portal: Portal, kind: str, most: int | None = None) -> list[PageReader]:
    """Readers for the capture's pages of one kind, at least one; raises SiteChanged."""
    found = capture.of(kind)
    if not found or (most is not None and len(found) > most):
        raise SiteChanged(portal.id, kind, selector="page", found=len(found), expected="1")
    return [PageReader(page, portal) for page in found]


def page_of(capture: Capture, portal: Portal, kind: str) -> PageReader:
    """The reader of the one page of a kind; raises SiteChanged."""
    return pages(capture, portal, kind, most=1)[0]


def reasons(
    reader: PageReader, parts: Iterable[tuple[str, str]], *, grouped: bool = True
) -> tuple[Adjustment, ...]:
    """Code and amount texts as adjustments; `grouped` says whether the portal shows groups."""
    made = []
    for code, amount in parts:
        group, carc = reader.carc(code, grouped=grouped)
        made.append(Adjustment(group, carc, reader.amount(amount, "adjustment")))
    return tuple(made)


def service_line(
    row: Row, place: int, adjustments: tuple[Adjustment, ...], remarks: tuple[str, ...]
) -> Adjudication:
    """One line of a claim, its row's cells named as above.

    Raises BadRecord unless charge less adjustments is what was paid (835 TR3, 1.10.2.1.1).
    """
    reader = row.reader
    procedure = reader.procedure(row.text("procedure"))
    modifiers = reader.modifiers(row.text("modifiers"))
    first, last = reader.days(row.text("served"), "service date")
    line = Adjudication(
        procedure=procedure,
        modifiers=modifiers,
        submitted_procedure=procedure,
        submitted_modifiers=modifiers,
        units=reader.number(row.text("units"), "units"),
        charge=row.amount("charge"),
        paid=row.amount("paid"),
        allowed=row.money("allowed"),
        first_day=first,
        last_day=last,
        adjustments=adjustments,
        remarks=remarks,
        order=place,
    )
    if line.charge - line.paid != sum((a.amount for a in adjustments), Decimal(0)):
        raise reader.bad("line: charge less adjustments is not what was paid")
    return line


def claim_answer(
    reader: PageReader,
    capture: Capture,
    shown: Mapping[str, str],
    status: str,
    lines: tuple[Adjudication, ...],
) -> ClaimAdjudication:
    """The payer's answer, its labels named as above; a label the portal lacks may be left out.

    Raises BadRecord unless the lines' charges and payments add up to the claim's.
    """
    last, first = reader.name(shown["name"])
    answer = ClaimAdjudication(
        claim=capture.ref.claim,
        payer=payer_of(capture, reader.portal),
        payer_claim_control_number=reader.ident(shown["control"], "control number"),
        status=status,
        charge=reader.amount(shown["charge"], "charge"),
        paid=reader.amount(shown["paid"], "paid"),
        patient=Patient(reader.ident(shown["member"], "member"), last, first),
        produced=reader.day(shown["remitted"], "remittance date"),
        order=0,
        trace=reader.ident(shown.get("trace", ""), "payment"),
        lines=lines,
        source=capture.source,
    )
    if not lines:
        raise reader.changed("lines", 0, "1 or more")
    charge = sum((line.charge for line in lines), Decimal(0))
    paid = sum((line.paid for line in lines), Decimal(0))
    if charge != answer.charge or paid != answer.paid:
        raise reader.bad("claim: its lines do not add up to its totals")
    return answer


def found(
    reader: PageReader,
    capture: Capture,
    shown: Mapping[str, str],
    lines: tuple[Adjudication, ...],
) -> Look:
    """The look at an answered claim; its `status` is one of the TOML's, and not pending."""
    status = reader.status(shown["status"])
    if status == "pending":
        raise reader.bad("a pending claim with lines")
    answer = claim_answer(reader, capture, shown, status, lines)
    return look_of(capture, reader.portal, "found", (answer,))


def pending(
    reader: PageReader, capture: Capture, shown: Mapping[str, str], sign: str, lines: str
) -> Look:
    """The look at a claim the portal calls pending: `sign` must show, `lines` and a payment not."""
    reader.one(sign)
    paid = reader.money(shown.get("paid", ""), "paid")
    if reader.soup.select(lines) or paid or reader.status(shown["status"]) != "pending":
        raise reader.bad("a pending claim with lines or money")
    return look_of(capture, reader.portal, "pending")


def numbered(reader: PageReader, rows: list[Row]) -> list[Row]:
    """The rows, if their field `line` counts 1, 2, 3; else SiteChanged."""
    if [row.text("line") for row in rows] != [str(at) for at in range(1, len(rows) + 1)]:
        raise reader.changed("line numbers", len(rows), "1 and on")
    return rows


def listed(
    reader: PageReader, table: Tag, columns: Mapping[str, str], *, grouped: bool = True
) -> tuple[Adjustment, ...]:
    """A table of adjustments, fields `code` and `amount`; one empty row means there are none."""
    rows = reader.table(table, columns, name="adjustments")
    parts = [(row.text("code"), row.text("amount")) for row in rows]
    if len(parts) == 1 and all(text.casefold() in EMPTY for text in parts[0]):
        return ()
    return reasons(reader, parts, grouped=grouped)


def continued(reader: PageReader, rows: list[Row], before: int = 0) -> list[list[Row]]:
    """Rows in groups: one with the line's number, then those that continue it, numbers empty.

    `before` is how many lines stood on the pages before. Raises SiteChanged.
    """
    groups: list[list[Row]] = []
    for row in rows:
        if row.text("line") or not groups:
            groups.append([])
        groups[-1].append(row)
    for place, group in enumerate(groups, start=before + 1):
        if group[0].text("line") != str(place):
            raise reader.changed("line numbers", place, "one after the other")
    return groups


def explained(
    reader: PageReader, legend: str, columns: Mapping[str, str], lines: Iterable[Adjudication]
) -> None:
    """Raise SiteChanged unless the legend (field `code`) has the lines' codes, and no other."""
    used = {f"{one.group}-{one.carc}" for line in lines for one in line.adjustments}
    used |= {remark for line in lines for remark in line.remarks}
    rows = reader.table(reader.one(legend), columns, name="legend")
    if {row.text("code") for row in rows} != used:
        raise reader.changed("legend codes", len(rows), str(len(used)))


def totals(reader: PageReader, cells: str, lines: Iterable[Adjudication]) -> None:
    """Raise BadRecord unless two cells hold the lines' charges and payments, added up."""
    shown = [reader.amount(text_of(cell), "total") for cell in reader.many(cells, 2, 2)]
    rows = tuple(lines)
    charge = sum((line.charge for line in rows), Decimal(0))
    if shown != [charge, sum((line.paid for line in rows), Decimal(0))]:
        raise reader.bad("the page's lines do not add up to its total")


def agree(reader: PageReader, one: Mapping[str, str], other: Mapping[str, str]) -> None:
    """Raise BadRecord where two places of the portal tell the claim's main facts differently."""
    keys = [key for key in ("status", "charge", "paid", "member", "name") if key in other]
    if any(one[key] != other[key] for key in keys):
        raise reader.bad("the claim and its search result differ")


def same_claim(reader: PageReader, capture: Capture, shown: str) -> None:
    """Raise BadRecord unless the page is about the claim that was asked for."""
    if shown != capture.ref.claim:
        raise reader.bad("the page is about another claim")


def row_of_claim(reader: PageReader, capture: Capture, rows: list[Row]) -> Row:
    """The search result's row of the claim: by its exact number, in the field `claim`.

    An absent row is SiteChanged; twice with different money or status is BadRecord.
    """
    mine = [row for row in rows if row.text("claim") == capture.ref.claim]
    if not mine:
        raise reader.changed("row of the claim", 0)
    keys = [key for key in ("charge", "paid", "status") if key in mine[0].cells]
    if len({tuple(row.text(key) for key in keys) for row in mine}) > 1:
        raise reader.bad("the claim stands there twice and differs")
    return mine[0]


def payer_of(capture: Capture, portal: Portal) -> Payer:
    """The portal's payer; on a portal of many payers the one the claim was looked up for."""
    return portal.as_payer if portal.payer.ids or portal.payer.name else capture.ref.payer


def look_of(
    capture: Capture,
    portal: Portal,
    outcome: LookOutcome,
    answers: tuple[ClaimAdjudication, ...] = (),
) -> Look:
    """The look a capture gave, its evidence named."""
    return Look(
        payer=payer_of(capture, portal),
        claim=capture.ref.claim,
        looked_at=capture.seen_at,
        outcome=outcome,
        answers=answers,
        portal=portal.id,
        source=capture.source,
    )


def named_errors_only(
    read: Callable[[Capture, Portal], Look], capture: Capture, portal: Portal
) -> Look:
    """`read`, with every exception nobody named turned into SiteChanged, its type as the reason."""
    try:
        return read(capture, portal)
    except PortalError:
        raise
    except Exception as error:
        raise SiteChanged(portal.id, "capture", what=f"reader: {type(error).__name__}") from None
