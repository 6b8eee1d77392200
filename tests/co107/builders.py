"""Small makers of facts, with the worked example as defaults: 22614 on 22612, Meridian, one day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from server.co107.decide import decide_all
from server.co107.decision import Decided
from server.co107.pairs import Pair, PairTable
from server.co107.payers import PayerRules, Term, read_rules
from server.co107.surroundings import Surroundings
from server.facts import (
    Adjudication,
    Adjustment,
    Charge,
    ClaimAdjudication,
    Facts,
    Look,
    Mark,
    Patient,
    Payer,
    Source,
    SubmittedClaim,
    SubmittedLine,
)

DAY = date(2026, 1, 15)
REMITTED = date(2026, 2, 10)
TODAY = date(2026, 3, 1)
SURGEON, OTHER_SURGEON, GROUP, OTHER_GROUP = "1111111112", "2222222223", "9999999991", "8888888881"
ANNA = Patient("M100", "ROE", "ANNA", date(1970, 5, 4))
BEN = Patient("M100", "ROE", "BEN", date(1968, 2, 1))
MERIDIAN = Payer(("MRD01",), "MERIDIAN HEALTH")
PAIRS = (
    *(Pair("22614", code, 1) for code in ("22600", "22610", "22612", "22630", "22633")),
    Pair("64494", "64493", 1),
    Pair("64495", "64494", 1),
    Pair("99292", "99291", 1),
    Pair("90472", "90471", 1),
    Pair("90472", "90460", 1),
    Pair("01968", "01967", 1),
    Pair("0054T", "", 2),
    Pair("93320", "93303", 3),
    Pair("93320", "", 3),
    Pair("11111", "22222", 1, date(2020, 1, 1), date(2025, 12, 31)),
)
REMARKS = frozenset(
    (
        *("N122", "N674", "N214", "N357", "N362", "M47", "N152", "N142", "N380", "N517", "N798"),
        *("N779", "N770", "N880", "MA130", "MA67", "MA15", "N522", "N525", "N432", "M15", "M80"),
        *("M144", "N19", "N20", "N4", "N56", "M51", "M20", "N519", "N822", "MA01", "N1", "N211"),
    )
)
RULES = {
    "id": "meridian",
    "names": ["Meridian Health"],
    "payer_ids": ["MRD01"],
    "replacement_claims": True,
    "uses_history": True,
    "last_day": {
        "replacement_claim": [{"count": 180, "unit": "days", "anchor": "remittance"}],
        "new_claim": [{"count": 1, "unit": "years", "anchor": "service"}],
        "void_and_new": [{"count": 1, "unit": "years", "anchor": "service"}],
        "reopening": [{"count": 1, "unit": "years", "anchor": "first_remittance"}],
        "appeal": [{"count": 120, "unit": "days", "anchor": "remittance"}],
    },
}


def rules(**changed: object) -> PayerRules:
    return read_rules({**RULES, **changed}, "meridian")


def term(count: int, unit: str, anchor: str) -> Term:
    return Term(count, unit, anchor)  # type: ignore[arg-type]


def around(*payers: PayerRules, today: date = TODAY, kind: str = "given", **more) -> Surroundings:
    table = PairTable(more.pop("pairs", PAIRS), kind=kind, version="test pairs")
    return Surroundings(
        today=today,
        payers=payers or (rules(),),
        pairs=table,
        known_remarks=more.pop("known_remarks", REMARKS),
        **more,
    )


def sent_line(procedure="22614", charge="1150", number=1, control=None, **more) -> SubmittedLine:
    day = more.pop("day", DAY)
    return SubmittedLine(
        number=number,
        procedure=procedure,
        modifiers=tuple(more.pop("modifiers", ())),
        units=Decimal(more.pop("units", 1)),
        charge=Decimal(charge),
        first_day=day,
        last_day=more.pop("last_day", day),
        line_control=f"L{number}" if control is None else control,
        rendering_npi=more.pop("rendering", SURGEON),
        **more,
    )


def sent(claim="C1", *lines: SubmittedLine, **more) -> SubmittedClaim:
    lines = lines or (sent_line(),)
    return SubmittedClaim(
        claim=claim,
        kind=more.pop("kind", "professional"),
        payer=more.pop("payer", MERIDIAN),
        patient=more.pop("patient", ANNA),
        billing_npi=more.pop("billing", GROUP),
        rendering_npi=more.pop("rendering", SURGEON),
        frequency=more.pop("frequency", "1"),
        original_reference=more.pop("reference", ""),
        sent_on=more.pop("on", date(2026, 1, 20)),
        charge=sum((one.charge for one in lines), Decimal(0)),
        facility_code=more.pop("facility", "22"),
        lines=lines,
        **more,
    )


def adjustment(text: str) -> Adjustment:
    group, carc, amount = text.split()
    return Adjustment(group, carc, Decimal(amount))


def line(procedure="22614", *adjustments: str, **more) -> Adjudication:
    adjustments = adjustments or ("CO 107 1150",)
    modifiers = tuple(more.pop("modifiers", ()))
    allowed = more.pop("allowed", None)
    day = more.pop("day", DAY)
    return Adjudication(
        procedure=more.pop("adjudicated", procedure),
        modifiers=modifiers,
        submitted_procedure=procedure,
        submitted_modifiers=modifiers,
        units=Decimal(more.pop("units", 1)),
        charge=Decimal(more.pop("charge", "1150")),
        paid=Decimal(more.pop("paid", 0)),
        allowed=None if allowed is None else Decimal(allowed),
        first_day=day,
        last_day=day,
        line_control=more.pop("control", "L1"),
        adjustments=tuple(map(adjustment, adjustments)),
        **more,
    )


def paid_line(procedure="22612", paid="3000", **more) -> Adjudication:
    return line(procedure, "CO 45 1000", paid=paid, charge=more.pop("charge", "4000"), **more)


def answer(claim="C1", *lines: Adjudication, **more) -> ClaimAdjudication:
    lines = tuple(more.pop("lines", None) or lines or (line(),))
    return ClaimAdjudication(
        claim=claim,
        payer=more.pop("payer", MERIDIAN),
        payer_claim_control_number=more.pop("number", "PCN1"),
        status=more.pop("status", "1"),
        charge=sum((one.charge for one in lines), Decimal(0)),
        paid=Decimal(more.pop("paid", sum((one.paid for one in lines), Decimal(0)))),
        patient=more.pop("patient", Patient("M100", "ROE", "ANNA")),
        produced=more.pop("on", REMITTED),
        order=more.pop("order", 0),
        billing_npi=more.pop("billing", GROUP),
        rendering_npi=more.pop("rendering", SURGEON),
        facility_code=more.pop("facility", "22"),
        adjustments=tuple(map(adjustment, more.pop("adjustments", ()))),
        remarks=tuple(more.pop("remarks", ())),
        lines=lines,
        trace=more.pop("trace", "T1"),
        source=more.pop("source", Source("remittance", "one.835", segment=12)),
        **more,
    )


def bare_answer(claim="C1", **more) -> ClaimAdjudication:
    """An answer to a claim without lines."""
    from dataclasses import replace

    return replace(answer(claim, **more), lines=())


def charge(procedure="22612", **more) -> Charge:
    return Charge(
        patient=more.pop("patient", Patient("M100", "", "ANNA")),
        claim=more.pop("claim", ""),
        service_date=more.pop("day", DAY),
        procedure=procedure,
        modifiers=tuple(more.pop("modifiers", ())),
        units=Decimal(more.pop("units", 1)),
        charge=Decimal(more.pop("amount", "4000")),
        rendering_npi=more.pop("rendering", SURGEON),
        billing_npi=more.pop("billing", GROUP),
        signed_off=more.pop("signed", True),
        signed_at=more.pop("signed_at", datetime(2026, 1, 16, 9, tzinfo=UTC)),
        **more,
    )


def mark(claim="C1", kind="claim", on=date(2026, 2, 15), procedure="22614", **more) -> Mark:
    return Mark(claim, procedure, on, kind, **more)


def look(claim="C1", outcome="found", at=datetime(2026, 2, 28, 8, tzinfo=UTC), **more) -> Look:
    return Look(more.pop("payer", MERIDIAN), claim, at, outcome, **more)


def facts(*items: object) -> Facts:
    kinds = {
        "claims": SubmittedClaim,
        "answers": ClaimAdjudication,
        "charges": Charge,
        "marks": Mark,
        "looks": Look,
    }
    return Facts(
        **{
            name: tuple(one for one in items if isinstance(one, kind))
            for name, kind in kinds.items()
        }
    )


def decided(*items: object, surroundings: Surroundings | None = None) -> list[Decided]:
    return decide_all(facts(*items), surroundings or around())


def decision(*items: object, surroundings: Surroundings | None = None, procedure="22614"):
    """The one decision for a procedure."""
    found = decided(*items, surroundings=surroundings)
    mine = [one.decision for one in found if one.key.procedure == procedure]
    assert len(mine) == 1, [one.key for one in found]
    return mine[0]


def outcome(*items: object, **more) -> tuple[str, str]:
    one = decision(*items, **more)
    return one.state, one.reason


# --- what many tests start from ----------------------------------------------------------------
READY = ("ready", "primary_not_billed")
NOT_DOCUMENTED = ("review", "primary_not_documented")
LATER = date(2026, 2, 20)


def both(**more):
    return sent("C1", sent_line(), sent_line("22612", "4000", 2, **more))


def other(**more):
    fields = {k: more.pop(k) for k in ("day", "modifiers", "rendering", "last_day") if k in more}
    procedure = more.pop("procedure", "22612")
    return sent("C2", sent_line(procedure, "4000", 1, **fields), **more)


def other_paid(**more):
    fields = {k: more.pop(k) for k in ("day", "modifiers") if k in more}
    procedure = more.pop("procedure", "22612")
    line_ = paid_line(procedure, control="L1", **fields)
    return answer("C2", line_, number="P2", trace="T2", **more)


def paid_elsewhere(claim: dict | None = None, both_sides: dict | None = None):
    both_sides = both_sides or {}
    return [other(**(claim or {}), **both_sides), other_paid(**both_sides)]


def reversal(number="PCN1", on=LATER, order=0, **more):
    back = line("22614", "CO 107 -1150", charge="-1150", **more)
    return answer("C1", back, status="22", number=number, on=on, order=order, trace="T2")


def paid_later(number="PCN1", on=LATER, order=1):
    one = paid_line("22614", "850", charge="1150", control="L1")
    return answer("C1", one, number=number, on=on, order=order, trace="T2")


def shown(*lines, on=None, **more):
    return look(answers=(answer("C1", *lines, on=on, **more),))


def earlier(number="P0", **more):
    return answer("C1", line("22614", "CO 16 1150"), number=number, on=date(2026, 1, 30), **more)
