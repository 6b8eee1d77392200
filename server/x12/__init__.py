"""Remittances (835) and claims (837P, 837I): read without losing a cent, and corrected."""

from server.x12.claim_facts import claim_facts
from server.x12.claim_file import ClaimFile, read_claims
from server.x12.correct import correct
from server.x12.edits import AddedLine, ChangedLine, CorrectionError, Edits, Stamp
from server.x12.findings import Finding
from server.x12.remittance import Remittance, read_remittance
from server.x12.remittance_facts import remittance_facts

__all__ = [
    "AddedLine",
    "ChangedLine",
    "ClaimFile",
    "CorrectionError",
    "Edits",
    "Finding",
    "Remittance",
    "Stamp",
    "claim_facts",
    "correct",
    "read_claims",
    "read_remittance",
    "remittance_facts",
]
