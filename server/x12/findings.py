"""What is wrong with a file, as records instead of log lines.

A message never holds a value from the file: it says what and where (segment number, byte span), and
who may see the file can look there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Severity = Literal["fatal", "error", "warning"]

KEPT_PER_CODE = 1000
"""Findings of one code kept one by one; the rest of that code is one finding with their number."""

MEANING: dict[str, tuple[Severity, str]] = {
    # fatal: nothing of the file is taken
    "empty": ("fatal", "the file is empty"),
    "html": ("fatal", "an HTML page, not X12; often a sign-in page saved under an X12 name"),
    "not_x12": ("fatal", "not X12: neither ISA nor an opening GS or ST was found"),
    "wrong_transaction": ("fatal", "X12, but no transaction of the kind read here"),
    "bad_isa": ("fatal", "the ISA segment is broken: its separators cannot be told"),
    "truncated": ("fatal", "the file ends, or a part of it does, before its closing segment"),
    "bad_number": ("fatal", "an amount or quantity is no number"),
    "missing_amount": ("fatal", "an adjustment has a reason and no amount"),
    "segment_too_long": ("fatal", "a segment does not end within a mebibyte"),
    # error: the file contradicts itself or the rules; what can be read is read
    "missing_isa": ("error", "no ISA: the file starts at its GS or ST"),
    "leading_content": ("error", "content before the first segment was passed over"),
    "trailing_content": ("error", "content after an interchange was passed over"),
    "other_transaction": ("error", "a transaction of another kind was passed over"),
    "unknown_segment": ("error", "a segment that does not belong here was passed over"),
    "outside_transaction": ("error", "a segment stands outside any transaction (ST to SE)"),
    "se_count": ("error", "SE01 does not match the number of segments"),
    "se_control": ("error", "SE02 does not repeat ST02"),
    "ge_count": ("error", "GE01 does not match the number of transactions"),
    "ge_control": ("error", "GE02 does not repeat GS06"),
    "iea_count": ("error", "IEA01 does not match the number of groups"),
    "iea_control": ("error", "IEA02 does not repeat ISA13"),
    "missing_ge": ("error", "a group (GS) is not closed by GE"),
    "missing_gs": ("error", "a transaction stands outside any group (GS)"),
    "missing_segment": ("error", "a required segment is missing"),
    "missing_element": ("error", "a required element is empty"),
    "too_many_elements": ("error", "a segment has more elements than it can hold"),
    "missing_date": ("error", "a line has no date of service"),
    "bad_date": ("error", "a date is no date"),
    "unread_number": ("error", "a number that no balance needs is no number; it was passed over"),
    "bad_code": ("error", "an adjustment has an amount and no reason"),
    "second_header": ("error", "payer or payee is named again in one transaction"),
    "line_balance": ("error", "charge less adjustments is not what was paid for the line"),
    "claim_balance": ("error", "charge less adjustments is not what was paid for the claim"),
    "claim_charge": ("error", "the charges of the lines do not add up to the claim's"),
    "payment_balance": ("error", "claims less provider adjustments are not the payment (BPR02)"),
    # warning: odd, and read all the same
    "no_claims": ("warning", "the file holds no claim"),
    "stray_terminator": ("warning", "segment terminators stand with nothing between them"),
    "out_of_order": ("error", "a segment stands at the wrong place; it was read"),
    "lower_case_id": ("warning", "segment names are not in upper case"),
    "component_separator": ("warning", "a composite uses another separator than ISA16 names"),
    "isa_length": ("warning", "the ISA segment is not 106 bytes long"),
    "missing_terminator": ("warning", "the last segment has no terminator"),
}
"""Every code with its severity and its words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: `segment` counts from 1 (ISA), the byte span is end exclusive."""

    severity: Severity
    code: str
    message: str
    segment: int | None = None
    start: int | None = None
    end: int | None = None


class Findings:
    """Collects findings, bounded: a broken file must not fill the memory."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._counts: dict[str, int] = {}
        self.fatal = False

    def add(
        self,
        code: str,
        segment: int | None = None,
        start: int | None = None,
        end: int | None = None,
        detail: str = "",
    ) -> None:
        """Record one finding; `detail` must hold nothing read from the file but counts and ids."""
        severity, words = MEANING[code]
        self.fatal = self.fatal or severity == "fatal"
        count = self._counts[code] = self._counts.get(code, 0) + 1
        if count <= KEPT_PER_CODE:
            message = f"{words}: {detail}" if detail else words
            self._kept.append(Finding(severity, code, message, segment, start, end))

    def once(self, code: str, segment: int | None, start: int | None, end: int | None) -> None:
        """Record a finding of this code for its first place only."""
        if code not in self._counts:
            self.add(code, segment, start, end)

    def has(self, code: str) -> bool:
        """Whether a finding of this code stands."""
        return code in self._counts

    def __bool__(self) -> bool:
        return bool(self._kept)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.all())

    def all(self) -> list[Finding]:
        """The findings so far: the fatal ones, then the others, each in the file's order.

        Those beyond `KEPT_PER_CODE` of a code are one line with their number.
        """
        more = [
            Finding(MEANING[code][0], code, f"{MEANING[code][1]}: and {count - KEPT_PER_CODE} more")
            for code, count in self._counts.items()
            if count > KEPT_PER_CODE
        ]
        kept = sorted(self._kept, key=lambda f: (f.severity != "fatal", f.start or 0))
        return kept + more
