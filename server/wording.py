"""States, reasons and routes as a person would say them: one wording for extension, pages, files.

Every state, reason and route of the decision table has an entry here; a test holds the two
together. No patient's value can stand in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

STATES: dict[str, str] = {
    "ready": "Ready",
    "appeal": "Appeal",
    "waiting": "Waiting",
    "review": "Needs a look",
    "resubmitted": "Sent again",
    "appealed": "Appealed",
    "resolved": "Paid",
    "closed": "Closed",
}

ROUTES: dict[str, str] = {
    "replacement_claim": "Send a replacement claim (frequency 7)",
    "new_claim": "Send a new claim",
    "void_and_new": "Void the claim, then send a new one",
    "reopening": "Ask the payer to reopen the claim",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a reason means for the line, and what a person does next."""

    what: str
    next_step: str


_LOOK = "Look at the remittance and the claim, then mark what was sent."

REASONS: dict[str, Said] = {
    "claim_level_denial": Said(
        "The 107 stands on the whole claim, not on one line.",
        "Find out which line the payer means, then correct the claim.",
    ),
    "ambiguous_line": Said(
        "The denied line fits none or several lines of the claim as it was sent.",
        "Compare the remittance with the claim and settle which line it is.",
    ),
    "not_final": Said("The payer has not finished with this claim.", "Wait for its final answer."),
    "voided": Said("We voided this claim.", "Nothing is left to do."),
    "reversed": Said("The payer took its answer back.", "Wait for the corrected answer."),
    "paid": Said("The line is paid or allowed now.", "Nothing is left to do."),
    "no_longer_107": Said(
        "The latest answer no longer bears a 107, and does not pay.",
        "Work it under the reason it bears now.",
    ),
    "answer_pending": Said("It was sent and not answered yet.", "Wait for the payer's answer."),
    "denied_again": Said(
        "It was sent again and denied with a 107 again.",
        "Call the payer and ask what is missing before sending a third time.",
    ),
    "void_pending": Said("The claim's void is on its way.", "Wait for the payer to confirm it."),
    "already_adjusted": Said(
        "The payer is adjusting this claim already.", "Wait: sending now would be a duplicate."
    ),
    "patient_responsibility": Said(
        "The payer put the amount on the patient.", "Check the benefit before billing anyone."
    ),
    "secondary_payer": Said(
        "This payer answered as second or third.", "Settle the primary payer's answer first."
    ),
    "other_denial": Said(
        "The line bears another denial beside the 107.", "Settle the other reason first."
    ),
    "crossover_duplicate": Said(
        "The payer takes it for a duplicate of a claim that crossed over.",
        "Compare with the crossover claim before sending anything.",
    ),
    "in_audit": Said("The claim is under audit.", "Answer the audit first."),
    "bundled": Said(
        "The payer bundled the service into another.", "Check the edit; no service is missing."
    ),
    "prior_payer_eob": Said(
        "The prior payer's answer is missing or incomplete.", "Send the prior payer's remittance."
    ),
    "code_or_modifier": Said(
        "The payer finds the code or a modifier wrong.", "Check code and modifiers with the coder."
    ),
    "units": Said("The units are more than the payer takes.", "Check the units."),
    "interval": Said("The payer takes this service less often.", "Check the interval."),
    "unknown_remark": Said(
        "A remark code is in no list we hold.", "Look it up with the payer; import a newer list."
    ),
    "unconfirmed": Said(
        "The portal's last look at the claim failed or is too old.",
        "Wait for the next sweep, or look at the portal.",
    ),
    "reference_found": Said(
        "The related claim's number was missing and is found.",
        "Review the packet and release it.",
    ),
    "related_claim_not_found": Said(
        "The payer asks for a related claim, and none fits.", "Find the related claim."
    ),
    "related_claim_ambiguous": Said(
        "The payer asks for a related claim, and several fit.", "Choose the related claim."
    ),
    "reference_field_unknown": Said(
        "The related claim is found; where this payer wants its number is not known.",
        "Set related_claim_field for this payer.",
    ),
    "facility_claim_found": Said(
        "The facility's claim for the same service is found and paid.",
        "Review the packet and release it.",
    ),
    "no_pair_rule": Said(
        "No rule pairs this procedure with another.", "Ask the payer which service it misses."
    ),
    "unprocessable": Said(
        "The payer could not process the claim; appeal does not apply.",
        "Correct the claim and send it as new.",
    ),
    "no_appeal_right": Said(
        "A primary is paid, and the payer grants no appeal here.",
        "Call the payer and ask for a correction.",
    ),
    "primary_paid_same_claim": Said(
        "A primary stands paid on the same claim.", "Appeal with proof of the paid primary."
    ),
    "primary_paid_other_claim": Said(
        "A primary stands paid on another claim.", "Appeal with proof of the paid primary."
    ),
    "combine_claims": Said(
        "A primary is paid on another claim; this payer wants both on one.",
        "Replace the claim with one that bears both lines.",
    ),
    "primary_denied": Said(
        "The primary is denied or reversed itself.", "Settle the primary; this line follows it."
    ),
    "primary_pending": Said(
        "The primary is billed and not answered yet.", "Wait for the primary's answer."
    ),
    "mismatch": Said(
        "A primary is there, but by another group, component, side or day.",
        "Check provider, modifiers and dates against the record.",
    ),
    "primary_not_billed": Said(
        "The primary was performed and signed off, and never billed.",
        "Review the packet and release it.",
    ),
    "primary_ambiguous": Said(
        "Several unbilled charges fit the missing primary.", "Choose the right charge."
    ),
    "claim_not_loaded": Said(
        "A charge of the primary is there, but the claim as sent is not loaded.",
        "Import the 837 of this claim.",
    ),
    "charge_says_billed": Said(
        "A charge of the primary names this claim, which lacks the line.",
        "Find out why the line was not sent.",
    ),
    "payer_defined_primary": Said(
        "The payer itself decides what counts as primary here.", "Ask the payer what it accepts."
    ),
    "primary_not_documented": Said(
        "No record shows that a primary was performed.",
        "Ask the provider; without a record nothing is billed.",
    ),
    "route_unknown": Said(
        "How this payer takes corrections is not known.", "Set the payer's routes."
    ),
    "deadline_unknown": Said(
        "The last day for this route is not known.", "Set the payer's last days."
    ),
    "deadline_passed": Said("The last day has passed.", "Decide whether to ask for an exception."),
}


def reason_text(reason: str) -> str:
    """What a reason means; the reason itself where it is not of the table."""
    said = REASONS.get(reason)
    return said.what if said else reason.replace("_", " ")


def next_step(reason: str) -> str:
    """What a person does next."""
    said = REASONS.get(reason)
    return said.next_step if said else _LOOK


def route_text(route: str | None) -> str:
    """A route in words; "" where there is none."""
    return ROUTES.get(route or "", route or "")


def state_text(state: str) -> str:
    """A state in words."""
    return STATES.get(state, state)


def days_left(deadline: date | None, today: date) -> int | None:
    """Days until the last day, which is still in time: 0 today, below 0 where it has passed."""
    return None if deadline is None else (deadline - today).days
