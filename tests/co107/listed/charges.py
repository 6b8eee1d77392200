"""Rows 6j to 6m, and chains: what was done and never billed."""

from __future__ import annotations

from datetime import UTC, date, datetime

from server.facts import Patient
from tests.co107.builders import (
    ANNA,
    BEN,
    OTHER_GROUP,
    OTHER_SURGEON,
    answer,
    charge,
    line,
    sent,
    sent_line,
)
from tests.co107.listed.words import (
    HELD,
    case,
    one,
    other_paid,
    ready,
    remarked,
)

# --- 6j, 6k: not billed ---------------------------------------------------------------------------
case(
    "6j-worked-example",
    "22614 denied; 22612 was performed, signed off and never billed.",
    [sent(), remarked("N122"), charge()],
    ready(),
)
case(
    "6j-type-3",
    "A type 3 add-on with a listed primary as a charge.",
    [
        sent("C1", sent_line("93320", "100")),
        answer("C1", line("93320", "CO 107 100", charge="100")),
        charge("93303"),
    ],
    ready(procedure="93320"),
)
case(
    "6j-chain",
    "64495 and 64494 are denied for want of 64493, which a charge holds.",
    [
        sent("C1", sent_line("64495", "500"), sent_line("64494", "600", 2)),
        answer(
            "C1",
            line("64495", "CO 107 500", charge="500"),
            line("64494", "CO 107 600", charge="600", control="L2"),
        ),
        charge("64493"),
    ],
    ready(procedure="64494"),
    ready(procedure="64495"),
)
case(
    "6j-chain-two-charges",
    "64495 alone was billed; charges hold both levels below it.",
    [
        sent("C1", sent_line("64495", "500")),
        answer("C1", line("64495", "CO 107 500", charge="500")),
        charge("64494"),
        charge("64493"),
    ],
    ready(procedure="64495"),
)
case(
    "6j-surgeon-not-hospital",
    "The hospital's claim bears the surgeon's code: neither here nor there.",
    [
        sent(),
        answer(),
        charge(),
        sent(
            "H1",
            sent_line("22612", "20000"),
            kind="institutional",
            billing=OTHER_GROUP,
            facility="11",
        ),
    ],
    ready(),
)
case(
    "6j-identical-rows",
    "The charge export holds the same row twice.",
    [sent(), answer(), charge(), charge()],
    ready(),
)
case(
    "6j-last-version",
    "Two versions of the charge: the last signed counts.",
    [
        sent(),
        answer(),
        charge(amount="3900", signed_at=datetime(2026, 1, 16, tzinfo=UTC)),
        charge(amount="4000", signed_at=datetime(2026, 1, 20, tzinfo=UTC)),
    ],
    ready(),
)
case(
    "6m-cancelled-charge",
    "A negative row takes the charge back.",
    [
        sent(),
        answer(),
        charge(),
        charge(units=-1, amount="-4000", signed_at=datetime(2026, 1, 20, tzinfo=UTC)),
    ],
    one("review", "primary_not_documented"),
)
case(
    "6m-charge-signed-tomorrow",
    "The charge is signed after today.",
    [sent(), answer(), charge(signed_at=datetime(2026, 3, 2, 7, tzinfo=UTC))],
    one("review", "primary_not_documented"),
)
case(
    "6k-not-loaded",
    "The charge is there, but the denied claim's 837 is not.",
    [answer(), charge()],
    one("review", "claim_not_loaded"),
)
case(
    "6k-not-loaded-says-billed",
    "The same, the charge naming this very claim.",
    [answer(), charge(claim="C1")],
    one("review", "claim_not_loaded"),
)
case(
    "6k-names-this-claim",
    "The charge says it was billed on this claim, which lacks it.",
    [sent(), answer(), charge(claim="C1")],
    one("review", "charge_says_billed"),
)
case(
    "6k-names-another-claim",
    "The charge says it was billed on C2, which lacks it.",
    [sent(), answer(), charge(claim="C2"), sent("C2", sent_line("99213", "100"))],
    one("review", "charge_says_billed"),
)
case(
    "6k-several",
    "Two primaries were performed, and none was billed.",
    [sent(), answer(), charge("22612"), charge("22630")],
    one("review", "primary_ambiguous"),
)
case(
    "6k-spouses",
    "Two people share the member id, and the charge names none of them.",
    [
        sent(),
        answer(),
        sent("B1", sent_line("99213", "100"), patient=BEN),
        charge(patient=Patient("M100")),
    ],
    one("review", "primary_ambiguous"),
)
case(
    "6j-spouse-named",
    "Two people share the member id; the charge names this patient.",
    [sent(), answer(), sent("B1", sent_line("99213", "100"), patient=BEN), charge()],
    ready(),
)
case(
    "6m-twin",
    "The charge is the twin's, who shares member id and birth date.",
    [sent(), answer(), charge(patient=Patient("M100", "", "CARA", ANNA.birth_date))],
    one("review", "primary_not_documented"),
)

# --- 6l, 6m ---------------------------------------------------------------------------------------
case(
    "6l-type-2",
    "Type 2: the payer alone knows what qualifies.",
    [
        sent("C1", sent_line("0054T", "100")),
        answer("C1", line("0054T", "CO 107 100", charge="100")),
    ],
    one("review", "payer_defined_primary", procedure="0054T"),
)
case(
    "6l-type-2-with-charges",
    "Type 2, whatever the charges.",
    [
        sent("C1", sent_line("0054T", "100")),
        answer("C1", line("0054T", "CO 107 100", charge="100")),
        charge("27447"),
    ],
    one("review", "payer_defined_primary", procedure="0054T"),
)
case(
    "6l-type-3-nothing-listed",
    "Type 3, and no listed primary is found anywhere.",
    [
        sent("C1", sent_line("93320", "100")),
        answer("C1", line("93320", "CO 107 100", charge="100")),
    ],
    one("review", "payer_defined_primary", procedure="93320"),
)
case(
    "6m-nothing-found",
    "Nothing tells of the primary.",
    [sent(), remarked("N122")],
    one("review", "primary_not_documented"),
)
case(
    "6m-not-signed-off",
    "A charge that is not signed off records nothing.",
    [sent(), answer(), charge(signed=False, signed_at=None)],
    one("review", "primary_not_documented"),
)
case(
    "6m-two-things-off",
    "The primary is two days off and of another group: no mismatch, and "
    "a fitting charge\nis not proposed while it stands there.",
    [
        sent(),
        answer(),
        charge(),
        sent(
            "C2",
            sent_line("22612", "4000", rendering=OTHER_SURGEON, day=date(2026, 1, 17)),
            billing=OTHER_GROUP,
            rendering=OTHER_SURGEON,
        ),
    ],
    one("review", "primary_not_documented"),
)
case(
    "6m-known-from-835-alone",
    "The primary is paid on a claim known from an 835 alone, which may "
    "be the hospital's\n(CLP08 22 may be a place of service or a bill type).",
    [sent(), answer(), charge(), other_paid()],
    one("review", "primary_not_documented"),
)
case(
    "6g-835-alone-but-professional",
    "The same with CLP08 20, which can only be a place of service.",
    [sent(), answer(), other_paid(facility="20")],
    one("appeal", "primary_paid_other_claim", None, HELD),
)

# --- chains ---------------------------------------------------------------------------------------
case(
    "chain-lowest-link-denied",
    "64494 stands on 64493, which is denied: the lowest link decides.",
    [
        sent(
            "C1",
            sent_line("64495", "500"),
            sent_line("64494", "600", 2),
            sent_line("64493", "700", 3),
        ),
        answer(
            "C1",
            line("64495", "CO 107 500", charge="500"),
            line("64494", "CO 45 100", charge="600", paid="500", control="L2"),
            line("64493", "CO 50 700", charge="700", control="L3"),
        ),
    ],
    one("waiting", "primary_denied", procedure="64495"),
)
case(
    "chain-whole",
    "64494 and 64493 are both paid.",
    [
        sent(
            "C1",
            sent_line("64495", "500"),
            sent_line("64494", "600", 2),
            sent_line("64493", "700", 3),
        ),
        answer(
            "C1",
            line("64495", "CO 107 500", charge="500"),
            line("64494", "CO 45 100", charge="600", paid="500", control="L2"),
            line("64493", "CO 45 100", charge="700", paid="600", control="L3"),
        ),
    ],
    one("appeal", "primary_paid_same_claim", None, HELD, procedure="64495"),
)
case(
    "chain-not-to-be-mended",
    "64494 is denied for medical necessity, 64493 a charge: the chain is not mended.",
    [
        sent("C1", sent_line("64495", "500"), sent_line("64494", "600", 2)),
        answer(
            "C1",
            line("64495", "CO 107 500", charge="500"),
            line("64494", "CO 50 600", charge="600", control="L2"),
        ),
        charge("64493"),
    ],
    one("waiting", "primary_denied", procedure="64495"),
)
