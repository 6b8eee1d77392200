"""Remittances (835) and claims (837P, 837I): read without losing a cent, and corrected."""

from server.x12.claim_facts import claim_facts
from server.x12.claim_file import ClaimFile, read_claims
from server.x12.findings import Finding
from server.x12.remittance import Remittance, read_remittance
from server.x12.remittance_facts import remittance_facts

__all__ = [
    "ClaimFile",
    "Finding",
    "Remittance",
    "claim_facts",
    "read_claims",
    "read_remittance",
    "remittance_facts",
]
