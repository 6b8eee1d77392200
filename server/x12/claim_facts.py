"""A claim file as the facts everyone speaks (`server.facts`)."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from server import facts
from server.x12.claim_file import read_claims
from server.x12.claims import Claim, ClaimLine, Who
from server.x12.findings import Finding

_ZERO = Decimal(0)
_TAX_IDS = ("EI", "SY", "TJ")
_TAX_QUALIFIERS = ("24", "34")


def claim_facts(data: bytes, name: str) -> tuple[list[facts.SubmittedClaim], list[Finding]]:
    """Every claim of an 837 with the file's findings; none at all where a finding is fatal."""
    file = read_claims(data, name)
    digest = hashlib.sha256(data).hexdigest()
    claims = [submitted_claim(claim, name, digest) for claim in file.claims()]
    return ([] if file.fatal else claims), file.findings


def _patient(claim: Claim) -> facts.Patient:
    """The patient; a dependent without an id of its own goes by the subscriber's."""
    who, subscriber = claim.patient, claim.subscriber_name
    if who is None:
        return facts.Patient()
    member = who.id or (subscriber.id if subscriber else "")
    return facts.Patient(member, who.last, who.first, who.birth_date)


def _payer(payer: Who | None) -> facts.Payer:
    if payer is None:
        return facts.Payer()
    ids = [payer.id, *(r.value for r in payer.references if r.qualifier == "2U")]
    return facts.Payer(tuple(dict.fromkeys(filter(None, ids))), payer.last)


def _tax_id(billing: Who | None) -> str:
    """`REF*EI` (or SY) of the billing provider; 4010 may hold it as `NM109` under 24 or 34."""
    if billing is None:
        return ""
    by_reference = next((r.value for r in billing.references if r.qualifier in _TAX_IDS), "")
    return by_reference or (billing.id if billing.qualifier in _TAX_QUALIFIERS else "")


def _line(line: ClaimLine, rendering: str, name: str, digest: str) -> facts.SubmittedLine:
    first, last = line.days
    own = next((who.npi for who in line.people if who.role == "82" and who.npi), "")
    start, end = line.part.span
    units = line.units
    return facts.SubmittedLine(
        number=line.number,
        procedure=line.procedure.code,
        modifiers=line.procedure.modifiers,
        units=Decimal(1) if units is None else units,
        charge=line.charge or _ZERO,
        first_day=first,
        last_day=last,
        line_control=line.line_control,
        revenue_code=line.revenue_code,
        rendering_npi=own or rendering,
        source=facts.Source("claim_file", name, digest, line.part.number, start, end),
    )


def submitted_claim(claim: Claim, name: str, digest: str) -> facts.SubmittedClaim:
    """One claim as a fact; `digest` is the file's SHA-256 in hex."""
    billing, rendering = claim.billing_provider, claim.provider("82")
    billing_npi = billing.npi if billing else ""
    rendering_npi = (rendering.npi if rendering else "") or billing_npi
    return facts.SubmittedClaim(
        claim=claim.claim,
        kind=claim.kind,
        payer=_payer(claim.payer),
        patient=_patient(claim),
        billing_npi=billing_npi,
        rendering_npi=rendering_npi,
        frequency=claim.frequency,
        original_reference=claim.original_reference,
        sent_on=claim.sent_on,
        charge=claim.charge or _ZERO,
        facility_code=claim.facility_code,
        lines=tuple(_line(line, rendering_npi, name, digest) for line in claim.lines),
        order=claim.order,
        notes=claim.notes,
        billing_tax_id=_tax_id(billing),
        source=facts.Source("claim_file", name, digest, claim.part.number, *claim.span),
    )
