"""A remittance as the facts everyone speaks (`server.facts`)."""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal

from server import facts
from server.x12.findings import Finding
from server.x12.records import Adjustment, ClaimFields, Payment
from server.x12.remittance import read_remittance
from server.x12.remitted import RemittedClaim, RemittedLine

_REVENUE_CODE = re.compile(r"[0-9]{3,4}\Z")
_NPI = re.compile(r"[0-9]{10}\Z")
_ZERO = Decimal(0)


def remittance_facts(data: bytes, name: str) -> tuple[list[facts.ClaimAdjudication], list[Finding]]:
    """Every payer answer of an 835 with its findings; none at all where a finding is fatal."""
    remittance = read_remittance(data, name)
    digest = hashlib.sha256(data).hexdigest()
    answers = [_claim(claim, name, digest) for claim in remittance.claims()]
    return ([] if remittance.fatal else answers), remittance.findings


def payer_of(payment: Payment) -> facts.Payer:
    """The payer by every id the header gives it: `N104` under XV or PI, `TRN03`, `REF*2U`.

    `NM1*PR` and `NM1*TT` of a claim name other payers (corrected priority, crossover) and
    are no ids of the one that answers.
    """
    party = payment.payer
    found = [party.id] if party.qualifier in ("XV", "PI") else []
    found.append(payment.origin)
    found += [r.value for r in party.references if r.qualifier == "2U"]
    return facts.Payer(tuple(dict.fromkeys(filter(None, found))), party.name)


def _patient(fields: ClaimFields) -> facts.Patient:
    patient, subscriber = fields.patient, fields.subscriber
    member = (patient.id if patient else "") or (subscriber.id if subscriber else "")
    named = patient or subscriber
    if named is None:
        return facts.Patient(member)
    return facts.Patient(member, named.last, named.first)


def _adjustments(found: tuple[Adjustment, ...]) -> tuple[facts.Adjustment, ...]:
    return tuple(facts.Adjustment(*one[:4]) for one in found)


def _npi(qualifier: str, value: str) -> str:
    return value if qualifier == "XX" else ""


def _billing_npi(claim: RemittedClaim) -> str:
    """The payee's NPI; where the payee goes by another id, the service provider's of `TS301`."""
    payee = claim.payment.payee
    by_summary = claim.provider if _NPI.match(claim.provider) else ""
    return _npi(payee.qualifier, payee.id) or by_summary


def _line(line: RemittedLine, rendering: str, name: str, digest: str) -> facts.Adjudication:
    fields = line.fields
    procedure, submitted = fields.procedure, fields.submitted
    start, end = line.span
    return facts.Adjudication(
        procedure="" if procedure.qualifier == "NU" else procedure.code,
        modifiers=procedure.modifiers,
        submitted_procedure="" if submitted.qualifier == "NU" else submitted.code,
        submitted_modifiers=submitted.modifiers,
        units=fields.units,
        charge=line.charge or _ZERO,
        paid=line.paid or _ZERO,
        allowed=fields.allowed,
        first_day=fields.first_day,
        last_day=fields.last_day,
        line_control=fields.line_control,
        revenue_code=fields.revenue_code,
        rendering_npi=fields.rendering_npi or rendering,
        adjustments=_adjustments(line.adjustments),
        remarks=fields.remarks,
        order=line.order,
        source=facts.Source("remittance", name, digest, line.segment, start, end),
    )


def _claim(claim: RemittedClaim, name: str, digest: str) -> facts.ClaimAdjudication:
    payment, fields = claim.payment, claim.fields
    provider, crossover = fields.name("82"), fields.name("TT")
    rendering = _npi(provider.qualifier, provider.id) if provider else ""
    lines = tuple(_line(line, rendering, name, digest) for line in claim.lines)
    institutional = bool(fields.inpatient) or any(
        _REVENUE_CODE.match(line.revenue_code) for line in lines
    )
    start, end = claim.span
    return facts.ClaimAdjudication(
        claim=fields.claim,
        payer=payer_of(payment),
        payer_claim_control_number=fields.payer_claim_control_number,
        status=fields.status,
        charge=claim.charge or _ZERO,
        paid=claim.paid or _ZERO,
        patient=_patient(fields),
        produced=payment.produced or payment.paid_on,
        order=claim.order,
        billing_npi=_billing_npi(claim),
        rendering_npi=rendering,
        facility_code=fields.facility_code,
        frequency=fields.frequency,
        institutional=True if institutional else None,
        adjustments=_adjustments(claim.adjustments),
        remarks=fields.remarks,
        lines=lines,
        trace=payment.trace,
        payment_date=payment.paid_on,
        crossover=crossover.last if crossover else "",
        source=facts.Source("remittance", name, digest, claim.segment, start, end),
    )
