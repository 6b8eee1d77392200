"""The appeal's letter: what was denied, and where the payer itself paid the related service."""

from __future__ import annotations

from server.co107.appeal import Appeal, AppealedLine
from server.packets.pages import render
from server.packets.sheet import Sheet
from server.packets.words import day, money, person, short_day

REQUEST = (
    "We ask you to reprocess the denied service and to send a remittance that shows the result. "
    "If you uphold the denial, please name the rule it rests on and the related service you expect."
)


def denied(line: AppealedLine) -> str:
    """`22614-59 on 01/15/2026`."""
    code = "-".join((line.key.procedure, *line.key.modifiers))
    return f"{code} on {short_day(line.key.first_day)}"


def related(line: AppealedLine) -> str:
    """`22612 on 01/15/2026`."""
    code = "-".join((line.related.procedure, *line.related.modifiers))
    return f"{code} on {short_day(line.related.first_day)}"


def paragraphs(appeal: Appeal) -> list[str]:
    """The letter's argument."""
    many = len(appeal.lines) > 1
    what = "lines were" if many else "line was"
    codes = sorted({code for line in appeal.lines for code in line.remarks})
    remark = f", remark {', '.join(codes)}" if codes else ""
    opening = (
        f"On {day(appeal.denied_on)} the following {what} denied with reason code 107{remark}: "
        "the related or qualifying service was not found. The related service was billed, and you "
        "have paid or allowed it."
    )
    pairs = " ".join(f"{line.pair}." for line in appeal.lines if line.pair)
    table = f"The table of add-on codes in force names the pair: {pairs}" if pairs else ""
    return [text for text in (opening, table) if text]


def letter_html(appeal: Appeal) -> str:
    """The letter to edit in a browser or a word processor."""
    return render(
        "letter.html",
        appeal=appeal,
        paragraphs=paragraphs(appeal),
        request=REQUEST,
        denied=denied,
        related=related,
    )


def letter_pdf(appeal: Appeal) -> bytes:
    """The letter as a PDF, letter size."""
    sheet = Sheet(f"Claim {appeal.claim}: appeal", appeal.as_of)
    sheet.text(day(appeal.as_of))
    sheet.gap(4)
    sheet.text(appeal.payer_name)
    sheet.text("Appeals")
    sheet.gap(5)
    number = appeal.payer_claim_control_number
    sheet.text(
        f"Appeal of claim {appeal.claim}" + (f" (your number {number})" if number else ""),
        bold=True,
    )
    born = appeal.patient.birth_date
    sheet.text(
        f"Patient: {person(appeal.patient)}, member id {appeal.patient.member_id or '-'}"
        + (f", born {short_day(born)}" if born else "")
    )
    sheet.text(f"Billing provider: NPI {appeal.billing_npi or '-'}")
    sheet.text(f"Amount in dispute: {money(appeal.amount)}")
    sheet.gap(5)
    sheet.text("To whom it may concern:")
    for text in paragraphs(appeal):
        sheet.gap(2.5)
        sheet.text(text)
    sheet.section("Denied and related services")
    sheet.table(
        ("Denied service", "Denied", "Related service", "Its claim", "Your answer"),
        [_row(line) for line in appeal.lines],
        (2.6, 1.6, 2.6, 2.6, 3.6),
        right=(1,),
    )
    sheet.gap(4)
    sheet.text(REQUEST)
    sheet.gap(2.5)
    sheet.text(
        "Enclosed: the remittance advice that shows the related service, and the denied claim."
    )
    sheet.gap(6)
    sheet.text("Sincerely,")
    sheet.gap(14)
    sheet.text("______________________________")
    sheet.text("Name and title")
    return sheet.done()


def _row(line: AppealedLine) -> tuple[str, ...]:
    one = line.related
    number = f", your number {one.payer_claim_control_number}"
    claim = "this claim" if one.same_claim else one.claim
    answer = f"{one.became}, remittance of {short_day(one.remitted_on)}"
    return (
        denied(line),
        money(line.amount),
        related(line),
        claim + (number if one.payer_claim_control_number else ""),
        answer + (f", payment {one.payment}" if one.payment else ""),
    )
