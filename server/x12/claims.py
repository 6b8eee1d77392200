"""Claims as sent (X12 837 professional and institutional, 4010 and 5010), typed and frozen.

A claim stands below its billing provider, its subscriber and, where the patient is a dependent,
its patient (HL levels 20, 22, 23), which are sent once for many claims; each record holds all of
them, so that it can be understood, and written again, alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from server.facts import ClaimKind
from server.x12.parts import Part
from server.x12.records import Procedure, Reference
from server.x12.remitted import procedures
from server.x12.values import DAY, amount, code, components, element

LINE_AMOUNTS = {"SV1": (2, 4), "SV2": (3, 5), "SV3": (2, 6)}
"""Elements of a service segment that hold its charge and its units."""
_LINE_PROCEDURE = {"SV1": 1, "SV2": 2, "SV3": 1}


class Who(NamedTuple):
    """One `NM1` with what follows it up to the next: name, ids, birth date."""

    role: str
    """`NM101`: 85 billing, IL subscriber, QC patient, PR payer, 82 rendering, 77 facility."""
    last: str
    first: str
    qualifier: str
    id: str
    references: tuple[Reference, ...] = ()
    birth_date: date | None = None

    @property
    def npi(self) -> str:
        """The NPI (`NM109` under XX); "" where it goes by another id."""
        return self.id if self.qualifier == "XX" else ""


def people(part: Part, before: str = "") -> tuple[Who, ...]:
    """Every `NM1` of a part, up to the first segment named `before`."""
    found: list[Who] = []
    for e in part.elements():
        if e[0] == before:
            break
        if e[0] == "NM1":
            found.append(Who(code(e, 1), element(e, 3), element(e, 4), code(e, 8), element(e, 9)))
        elif found and e[0] == "REF":
            more = Reference(code(e, 1), element(e, 2))
            found[-1] = found[-1]._replace(references=(*found[-1].references, more))
        elif found and e[0] == "DMG":
            found[-1] = found[-1]._replace(birth_date=DAY[element(e, 2)])
    return tuple(found)


def _who(found: tuple[Who, ...], role: str) -> Who | None:
    return next((who for who in found if who.role == role), None)


def period(elements: list[str]) -> tuple[date | None, date | None]:
    """First and last day of a `DTP`: D8 one day (or day and hour, DT), RD8 two."""
    text = element(elements, 3)
    first, _, last = text.partition("-")
    day = DAY[first[:8]]
    return day, (DAY[last[:8]] if last else day)


class ClaimLine(NamedTuple):
    """One service line (loop 2400)."""

    part: Part
    claim_days: tuple[date | None, date | None]

    def elements(self, *names: str) -> list[str]:
        """The first of the line's own segments of one of these names; empty where none."""
        for e in self.part.elements():
            if e[0] in names:
                return e
            if e[0] in ("NM1", "SVD"):
                break
        return []

    @property
    def number(self) -> int:
        """`LX01`; 0 where it is no number."""
        text = element(self.part.opening, 1)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    @property
    def service(self) -> list[str]:
        """`SV1`, `SV2` or `SV3` as sent."""
        return self.elements("SV1", "SV2", "SV3")

    @property
    def procedure(self) -> Procedure:
        e = self.service
        at = _LINE_PROCEDURE[e[0]] if e else 0
        value = e[at] if len(e) > at > 0 else ""
        return procedures(self.part.separators.component)[value] if value else Procedure()

    @property
    def revenue_code(self) -> str:
        """`SV201`."""
        e = self.service
        return element(e, 1) if e and e[0] == "SV2" else ""

    @property
    def charge(self) -> Decimal | None:
        e = self.service
        return amount(e, LINE_AMOUNTS[e[0]][0]) if e else None

    @property
    def units(self) -> Decimal | None:
        """`SV104`, `SV205`, `SV306`."""
        e = self.service
        return amount(e, LINE_AMOUNTS[e[0]][1]) if e else None

    @property
    def unit(self) -> str:
        """What is counted: UN units, MJ minutes, DA days; "" where unsaid."""
        e = self.service
        return "" if not e or e[0] == "SV3" else code(e, LINE_AMOUNTS[e[0]][1] - 1)

    @property
    def place_of_service(self) -> str:
        """`SV105`; "" where it is the claim's."""
        e = self.service
        return element(e, 5) if e and e[0] == "SV1" else ""

    @property
    def diagnosis_pointers(self) -> tuple[int, ...]:
        """`SV107`: which of the claim's diagnoses the line is for, from 1."""
        e = self.service
        if not e or e[0] != "SV1" or len(e) < 8:
            return ()
        return tuple(int(pointer) for pointer in re.findall(r"[0-9]+", e[7]))

    @property
    def days(self) -> tuple[date | None, date | None]:
        """First and last day of service: `DTP*472`, else the claim's statement dates."""
        for e in self.part.elements():
            if e[0] == "DTP" and code(e, 1) == "472":
                first, last = period(e)
                return first, last or first
            if e[0] in ("NM1", "SVD"):
                break
        return self.claim_days

    @property
    def line_control(self) -> str:
        """`REF*6R`."""
        for e in self.part.elements():
            if e[0] == "REF" and code(e, 1) == "6R":
                return element(e, 2)
            if e[0] in ("NM1", "SVD"):
                break
        return ""

    @property
    def people(self) -> tuple[Who, ...]:
        """The line's own providers (loops 2420)."""
        return people(self.part, "SVD")


class Claim(NamedTuple):
    """One claim as sent (loop 2300), with the levels it stands below."""

    order: int
    """Position in its file, from 0."""
    version: str
    """`GS08`."""
    group_date: str
    """`GS04`."""
    envelope: dict[str, Part]
    """`ISA`, `GS` and `ST`, as far as the file has them."""
    header: Part | None
    """`BHT` with submitter and receiver."""
    billing: Part | None
    subscriber: Part | None
    patient_level: Part | None
    """None where the subscriber is the patient."""
    part: Part
    line_parts: tuple[Part, ...]

    @property
    def elements(self) -> list[str]:
        """`CLM` as sent."""
        return self.part.opening

    @property
    def claim(self) -> str:
        """`CLM01`, the patient control number."""
        return element(self.elements, 1)

    @property
    def charge(self) -> Decimal | None:
        """`CLM02`."""
        return amount(self.elements, 2)

    def _place(self, position: int) -> str:
        e = self.elements
        parts_ = components(e[5], self.part.separators.component) if len(e) > 5 else []
        return element(parts_, position)

    @property
    def facility_code(self) -> str:
        """`CLM05-1`: place of service, or the bill type's first two digits."""
        return self._place(0)

    @property
    def facility_qualifier(self) -> str:
        """`CLM05-2`: A bill type, B place of service."""
        return self._place(1).upper()

    @property
    def frequency(self) -> str:
        """`CLM05-3`: 1 original, 7 replacement, 8 void (the bill type's last digit)."""
        return self._place(2)

    @property
    def kind(self) -> ClaimKind:
        """By the lines' service segments, else the guide's version, else `CLM05-2`."""
        for line in self.lines:
            named = line.service[:1]
            if named:
                return _KINDS.get(named[0], "unknown")
        for mark, kind in _GUIDES.items():
            if mark in self.version:
                return kind
        return {"A": "institutional", "B": "professional"}.get(self.facility_qualifier, "unknown")  # type: ignore[return-value]

    @property
    def own_segments(self) -> Iterator[list[str]]:
        """The claim's own segments, without its providers' (2310) and other payers' (2320)."""
        for e in self.part.elements():
            if e[0] in ("NM1", "SBR"):
                return
            yield e

    @property
    def references(self) -> tuple[Reference, ...]:
        """The claim's own `REF`."""
        return tuple(
            Reference(code(e, 1), element(e, 2)) for e in self.own_segments if e[0] == "REF"
        )

    @property
    def original_reference(self) -> str:
        """`REF*F8`, the payer's number of the claim this one replaces or voids."""
        return next((r.value for r in self.references if r.qualifier == "F8"), "")

    @property
    def notes(self) -> tuple[str, ...]:
        """`NTE*ADD` of the claim."""
        return tuple(
            element(e, 2) for e in self.own_segments if e[0] == "NTE" and code(e, 1) == "ADD"
        )

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """Diagnosis codes of `HI` in their order (principal first), without procedures."""
        found = []
        for e in self.own_segments:
            for value in e[1:] if e[0] == "HI" else ():
                parts_ = components(value, self.part.separators.component)
                if code(parts_, 0) in _DIAGNOSES:
                    found.append(code(parts_, 1))
        return tuple(found)

    @property
    def days(self) -> tuple[date | None, date | None]:
        """Statement dates, `DTP*434`."""
        for e in self.own_segments:
            if e[0] == "DTP" and code(e, 1) == "434":
                return period(e)
        return None, None

    @property
    def lines(self) -> tuple[ClaimLine, ...]:
        days = self.days
        return tuple(ClaimLine(part, days) for part in self.line_parts)

    @property
    def providers(self) -> tuple[Who, ...]:
        """The claim's providers (loops 2310)."""
        return people(self.part, "SBR")

    def provider(self, role: str) -> Who | None:
        return _who(self.providers, role)

    @property
    def billing_provider(self) -> Who | None:
        """Loop 2010AA."""
        return _who(people(self.billing), "85") if self.billing else None

    @property
    def subscriber_name(self) -> Who | None:
        """Loop 2010BA."""
        return _who(people(self.subscriber), "IL") if self.subscriber else None

    @property
    def patient(self) -> Who | None:
        """Loop 2010CA, else the subscriber."""
        dependent = _who(people(self.patient_level), "QC") if self.patient_level else None
        return dependent or self.subscriber_name

    @property
    def payer(self) -> Who | None:
        """Loop 2010BB, the payer this claim is sent to."""
        return _who(people(self.subscriber), "PR") if self.subscriber else None

    @property
    def sent_on(self) -> date | None:
        """`BHT04`, else `GS04`."""
        day = DAY[element(self.header.opening, 4)] if self.header else None
        return day or DAY[self.group_date]

    @property
    def span(self) -> tuple[int, int]:
        """Bytes from `CLM` to past the last line."""
        last = self.line_parts[-1] if self.line_parts else self.part
        return self.part.span[0], last.span[1]


_KINDS: dict[str, ClaimKind] = {"SV1": "professional", "SV2": "institutional"}
_GUIDES: dict[str, ClaimKind] = {
    "X222": "professional",
    "X098": "professional",
    "X223": "institutional",
    "X096": "institutional",
}
_DIAGNOSES = ("BK", "BF", "ABK", "ABF")
