"""What a decision needs beside the patient's facts. All of it is passed in: no clock, no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from server.co107.charging import ChargeKey
from server.co107.pairs import PairTable
from server.co107.payers import PayerBook, PayerRef, PayerRules
from server.co107.words import code

EVIDENCE_DAYS = 3


@dataclass(frozen=True)
class Surroundings:
    """The day, the rules and the tables. Make one and use it for every patient of a run."""

    today: date
    payers: tuple[PayerRules, ...]
    pairs: PairTable
    known_remarks: frozenset[str]
    """Every code of the RARC list; a remark code outside it holds the line back."""
    swept: frozenset[str] = frozenset()
    """Payers a sweep covers, by rules id, payer id or name."""
    evidence_days: int = EVIDENCE_DAYS
    """A sweep's look older than this no longer confirms a line."""
    packeted: Mapping[ChargeKey, str] = field(default_factory=dict)
    """Charges that stand in a live packet, with the claim whose packet it is."""

    @cached_property
    def book(self) -> PayerBook:
        return PayerBook(self.payers)

    @cached_property
    def _swept_rules(self) -> frozenset[str]:
        found = (self.book.find_word(word) for word in self.swept)
        return frozenset(one.id for one in found if one is not None)

    @cached_property
    def _swept_words(self) -> frozenset[str]:
        return frozenset(map(code, self.swept))

    def sweeps(self, payer: PayerRef, ids: tuple[str, ...]) -> bool:
        """Whether a sweep covers this payer; `ids` are what the answer itself calls it."""
        if payer.rules is not None:
            return payer.rules.id in self._swept_rules
        return any(code(one) in self._swept_words for one in ids)
