"""Remittances (835) and claims (837P, 837I): read without losing a cent, and corrected."""

from server.x12.findings import Finding
from server.x12.remittance import Remittance, read_remittance
from server.x12.remittance_facts import remittance_facts

__all__ = [
    "Finding",
    "Remittance",
    "read_remittance",
    "remittance_facts",
]
