"""Whether a service can qualify a denied line, and if not, what is off.

Nothing off: it fits. One thing off: a mismatch a person should look at. More: no match, but a
billed one still keeps a charge from being proposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from server.co107 import codes
from server.co107.charging import CountedCharge
from server.co107.history import LineHistory

Status = Literal["paid", "denied", "pending"]
Off = Literal["group", "component", "date", "side", "modifier", "amount", "member", "payer"]

WORDS: dict[Off, str] = {
    "group": "another billing group",
    "component": "another component (26, TC)",
    "date": "another day",
    "side": "the other side (RT, LT)",
    "modifier": "a modifier no primary may bear",
    "amount": "an amount of 0.00",
    "member": "another member id",
    "payer": "a payer not known",
}

NEAR_DAYS = 3
"""How far outside the tolerance a service is still worth a person's look."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service beside the denied line: a claim's line, or a charge."""

    procedure: str
    modifiers: frozenset[str]
    first_day: date
    last_day: date
    rendering_npi: str
    billing_npi: str
    charge: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A service with what is off about it, and where it stands."""

    service: Service
    off: frozenset[Off]
    line: LineHistory | None
    counted: CountedCharge | None
    claim: str
    """"" for a charge not billed yet."""
    same_claim: bool
    status: Status
    certain: bool
    """False where its claim or the denied one may be of the other kind."""

    @property
    def fits(self) -> bool:
        return not self.off

    @property
    def procedure(self) -> str:
        return self.service.procedure


def service_of_line(line: LineHistory) -> Service | None:
    """None where the day of service is not known."""
    if line.first_day is None:
        return None
    return Service(
        line.procedure,
        line.modifiers,
        line.first_day,
        line.last_day or line.first_day,
        line.rendering_npi,
        line.claim.billing_npi,
        line.slot.charge,
    )


def service_of_charge(counted: CountedCharge) -> Service:
    """A charge as a service."""
    charge = counted.charge
    return Service(
        charge.procedure,
        frozenset(charge.modifiers),
        charge.service_date,
        charge.service_date,
        charge.rendering_npi,
        charge.billing_npi,
        charge.charge,
    )


def days_apart(one: Service, two: Service) -> int:
    """Days between two services; 0 where they share a day."""
    if one.first_day > two.last_day:
        return (one.first_day - two.last_day).days
    return max(0, (two.first_day - one.last_day).days)


def off_by(denied: Service, other: Service, tolerance: int) -> frozenset[Off]:
    """What keeps a billed service from qualifying the denied line."""
    return frozenset(_off(denied, other, tolerance, _same_group(denied, other)))


def off_by_as_charge(denied: Service, other: Service, tolerance: int) -> frozenset[Off]:
    """The same for a charge: it joins the denied claim, so its billing provider must be that
    claim's, and it must bear an amount."""
    same = bool(denied.billing_npi) and denied.billing_npi == other.billing_npi
    off = _off(denied, other, tolerance, same)
    if other.charge <= 0:
        off.add("amount")
    return frozenset(off)


def _off(denied: Service, other: Service, tolerance: int, same_group: bool) -> set[Off]:
    off: set[Off] = set()
    if days_apart(denied, other) > tolerance:
        off.add("date")
    if not same_group:
        off.add("group")
    if not _same_component(denied, other):
        off.add("component")
    if _other_side(denied.modifiers, other.modifiers):
        off.add("side")
    if other.modifiers & codes.UNFIT_PRIMARY:
        off.add("modifier")
    return off


def _same_group(one: Service, two: Service) -> bool:
    """The same rendering provider, or another of the same billing group. Unknown is not same."""
    same_group = bool(one.billing_npi) and one.billing_npi == two.billing_npi
    return same_group or _same_provider(one, two)


def _same_provider(one: Service, two: Service) -> bool:
    return bool(one.rendering_npi) and one.rendering_npi == two.rendering_npi


def component(modifiers: frozenset[str]) -> str:
    """`26`, `TC`, or "" for the global service."""
    for one in (codes.PROFESSIONAL_COMPONENT, codes.TECHNICAL_COMPONENT):
        if one in modifiers:
            return one
    return ""


def _same_component(denied: Service, primary: Service) -> bool:
    """26 with 26, or with global by the same provider; TC with TC or global; global with global."""
    mine, its = component(denied.modifiers), component(primary.modifiers)
    if mine == its:
        return True
    if its != "":
        return False
    return mine == codes.TECHNICAL_COMPONENT or _same_provider(denied, primary)


def _other_side(one: frozenset[str], two: frozenset[str]) -> bool:
    sides = frozenset(("RT", "LT"))
    mine, its = one & sides, two & sides
    return bool(mine) and bool(its) and not mine & its
