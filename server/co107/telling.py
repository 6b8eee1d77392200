"""Facts as evidence, and how steps speak of them: plain words, no patient."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from server.co107 import codes
from server.co107.answers import Answer
from server.co107.decision import Evidence
from server.co107.fit import WORDS, Found
from server.co107.history import LineHistory, Sending
from server.co107.pairs import PairTable
from server.facts import Look


def coded(procedure: str, modifiers: Iterable[str]) -> str:
    """`22614-59-RT`, or `the claim` where no procedure stands."""
    return "-".join((procedure, *sorted(modifiers))) if procedure else "the claim"


def on(day: date | None) -> str:
    """A day in ISO, or words that say it is unknown."""
    return day.isoformat() if day is not None else "a day not known"


def money(amount: Decimal) -> str:
    """`$1,150.00`."""
    return f"${amount:,.2f}"


def denial(line: LineHistory, answer: Answer) -> Evidence:
    """The answer a decision starts from."""
    status = answer.claim.status or "no status"
    adjustments = ", ".join(
        f"{codes.named(one.group, one.carc)} {money(one.amount)}" for one in answer.adjustments
    )
    return Evidence(
        role="denial",
        text=f"{coded(line.procedure, line.modifiers)} answered on {on(answer.produced)} "
        f"(status {status}): {adjustments or 'no adjustments'}",
        claim=answer.claim.claim,
        procedure=line.procedure,
        modifiers=tuple(sorted(line.modifiers)),
        service_day=line.first_day,
        amount=answer.amount_107,
        source=answer.source,
    )


def submitted(line: LineHistory) -> Evidence | None:
    """The denied line as it was sent."""
    sent = line.submitted
    if sent is None:
        return None
    return Evidence(
        role="submitted",
        text=f"{coded(line.procedure, line.modifiers)} of {on(line.first_day)} "
        f"as submitted, at {money(sent.charge)}",
        claim=line.claim.number,
        procedure=line.procedure,
        modifiers=tuple(sorted(line.modifiers)),
        service_day=line.first_day,
        amount=sent.charge,
        source=sent.source or (line.claim.newest.source if line.claim.newest else None),
    )


def service(found: Found) -> Evidence:
    """A qualifying service on a claim, or a charge of one."""
    what = coded(found.procedure, found.service.modifiers)
    if found.line is None:
        return charge(found)
    latest = found.line.latest
    answered = f", answered on {on(latest.produced)}" if latest is not None else ""
    off = f", but {off_words(found)}" if found.off else ""
    sent = found.line.submitted
    return Evidence(
        role="service",
        text=f"{what} on {on(found.service.first_day)}: {found.status}{answered}{off}",
        claim=found.claim,
        procedure=found.procedure,
        modifiers=tuple(sorted(found.service.modifiers)),
        service_day=found.service.first_day,
        amount=latest.line.paid if latest is not None and latest.line is not None else None,
        source=latest.source if latest is not None else (sent.source if sent else None),
    )


def charge(found: Found) -> Evidence:
    """A charge that records the service."""
    billed = "billed on a claim" if found.claim else "not billed"
    off = f", but {off_words(found)}" if found.off else ""
    return Evidence(
        role="charge",
        text=f"signed-off charge of {coded(found.procedure, found.service.modifiers)} "
        f"on {on(found.service.first_day)} at {money(found.service.charge)}, {billed}{off}",
        claim=found.claim,
        procedure=found.procedure,
        modifiers=tuple(sorted(found.service.modifiers)),
        service_day=found.service.first_day,
        amount=found.service.charge,
        source=found.counted.charge.source if found.counted is not None else None,
    )


def off_words(found: Found) -> str:
    """What is off about a service, in words."""
    return " and ".join(sorted(WORDS[one] for one in found.off))


def pair(table: PairTable, add_on: str, primary: str, kind: int | None, today: date) -> Evidence:
    """The pair that applies, with its table's version and a word on its age."""
    warning = table.age_warning(today)
    version = table.version or f"{table.kind} table"
    return Evidence(
        role="pair",
        text=f"{add_on} may stand on {primary} (type {kind}), by {version}"
        + (f"; {warning}" if warning else ""),
        procedure=add_on,
    )


def sending(one: Sending) -> Evidence:
    """A mark or an 837 that says what was sent."""
    words = {"claim": "resubmitted", "void": "voided", "appeal": "appealed"}
    return Evidence(role="mark", text=f"{words[one.kind]} on {on(one.sent_on)}", source=one.source)


def look(one: Look) -> Evidence:
    """A look at the portal."""
    return Evidence(
        role="look",
        text=f"the portal was looked at on {one.looked_at.isoformat(timespec='minutes')}: "
        f"{one.outcome}",
        claim=one.claim,
        source=one.source,
    )


def listing(codes: Iterable[str]) -> str:
    """`22600, 22610, ... (7)` at most six of them."""
    all_codes = list(codes)
    if not all_codes:
        return "none"
    shown = ", ".join(all_codes[:6])
    return shown if len(all_codes) <= 6 else f"{shown}, ... ({len(all_codes)})"
