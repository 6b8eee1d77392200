"""The code numbers the decision knows, each set with what it means there. Bare numbers only."""

from __future__ import annotations

from functools import lru_cache

THE_CARC = "107"
UNMAPPED = "unmapped:"
"""Begins a payer's own code that the crosswalk of its portal lacks: shown, never guessed."""

FINAL_STATUSES = frozenset(("1", "2", "3", "4", "19", "20", "21"))
"""`CLP02`: processed as primary, secondary, tertiary, denied, and the same with a crossover."""
LATER_PAYER_STATUSES = frozenset(("2", "3", "20", "21"))
REVERSAL = "22"
PREDETERMINATION = "25"
PENDED = "5"
"""A portal's line that is still in process (`CLP02` 5 of version 4010)."""

ALLOWED_CARCS = frozenset(("1", "2", "3"))
"""With group PR: deductible, coinsurance, copayment. The line was allowed."""
# fmt: off
PAYMENT_ADJUSTMENTS = frozenset((
    "1", "2", "3", "23", "45", "66", "94", "100", "104", "105", "131", "144", "161", "187", "237",
    "241", "246", "253",
))
"""Adjustments of payment that deny nothing."""
BIND_EVERY_LINE = frozenset((
    "N779", "N770", "N880", "MA67", "N522", "N432", "MA130", "N142", "N517", "N798", "N380",
    "N211",
))
"""Remark codes that bind every line where they stand on the claim."""
# fmt: on
UNDER_REVIEW = "N779"
ALREADY_ADJUSTED = frozenset(("N770", "N880", "MA67"))
CROSSOVER_DUPLICATE = "N522"
IN_AUDIT = "N432"
BUNDLED = frozenset(("N19", "N20", "N525", "M15", "M80", "M144"))
PRIOR_PAYER_EOB = "N4"
CODE_OR_MODIFIER = frozenset(("N56", "M51", "M20", "N519", "N822"))
TOO_MANY_UNITS = "N362"
INTERVAL = "N357"
CONTROL_NUMBER_MISSING = frozenset(("M47", "N152"))
SURGERY_MISSING = "N214"
SUPPORTING = frozenset(("N122", "N674"))
UNPROCESSABLE = "MA130"
NO_APPEAL_RIGHT = "N211"
CLAIM_SPLIT = "MA15"
NEW_CLAIM_WANTED = frozenset(("N142", "N517", "MA130"))
VOID_AND_NEW_WANTED = "N798"
REPLACEMENT_WANTED = "N380"

PROFESSIONAL_COMPONENT = "26"
TECHNICAL_COMPONENT = "TC"
UNFIT_PRIMARY = frozenset(("53", "73", "74", "80", "81", "82", "AS", "GY", "GZ"))
"""Discontinued, assistants, and services billed as not covered: no primary to stand on."""
ASSISTANTS = frozenset(("80", "81", "82", "AS"))
NOT_THE_SURGERY = frozenset(("55", "56"))
SURGERY_RANGE = (10004, 69990)

LISTED_BILL_TYPES = {"1": "12348", "2": "1238"}
"""Hospital: inpatient, inpatient part B, outpatient, other part B, swing bed; skilled nursing
facility: the same without other part B (UB-04 form locator 4)."""


@lru_cache(maxsize=4096)
def carc(text: str) -> str:
    """A CARC without leading zeros."""
    return text.strip().upper().lstrip("0")


def named(group: str, text: str) -> str:
    """A reason code as a person reads it: `CO-107`, bare `107` where a portal shows no groups.

    A payer's own code that its portal's crosswalk does not map keeps its own name.
    """
    if text.startswith(UNMAPPED):
        return f"{text.removeprefix(UNMAPPED)} (a code of the payer's own, unmapped)"
    return f"{group}-{carc(text)}" if group else carc(text)


def is_surgery(procedure: str) -> bool:
    """Whether the procedure's number lies in the surgery range."""
    first, last = SURGERY_RANGE
    return len(procedure) == 5 and procedure.isdigit() and first <= int(procedure) <= last


def only_place_of_service(code: str) -> bool:
    """Whether `CLP08` can be nothing but a place of service.

    The first two digits of a bill type are a facility (1 to 8) and a classification (1 to 8; 9
    with clinics and special facilities only). Of hospitals and skilled nursing facilities, whose
    classifications Medicare's contractors list one by one, only the listed ones are bill types: 11
    or 22 may be either, 02, 10, 19, 20, 24 (a surgery centre), 99 may not.
    """
    if len(code) != 2 or not code.isdigit() or code == "00":
        return False
    facility, classification = code[0], code[1]
    if facility in "09" or classification == "0":
        return True
    if facility in LISTED_BILL_TYPES:
        return classification not in LISTED_BILL_TYPES[facility]
    return classification == "9" and facility not in "78"
