"""All claims of the seven portals, built from a seed and a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from scrapers.sandbox.claims import PORTALS, PortalClaim
from scrapers.sandbox.office import Office
from scrapers.sandbox.stories import PREFIXES, denied, meridian, varieties
from server.facts import Charge, Look


@dataclass(frozen=True)
class World:
    """All claims of all portals."""

    seed: int
    today: date
    claims: dict[str, tuple[PortalClaim, ...]]
    charges: dict[str, tuple[Charge, ...]]

    def of(self, portal: str) -> tuple[PortalClaim, ...]:
        """The claims to look up at one portal, absent ones included."""
        return self.claims[portal]

    def find(self, portal: str, claim: str) -> PortalClaim | None:
        """The claim as the portal knows it; None where the portal has no such claim."""
        for one in self.claims[portal]:
            if one.ref.claim == claim and one.outcome != "not_found":
                return one
        return None

    def truth(self, portal: str) -> list[Look]:
        return [claim.truth(portal) for claim in self.claims[portal]]


@cache
def build_world(seed: int = 107, today: date = date(2026, 3, 2), more: int = 0) -> World:
    """The world of a seed and a day; `more` adds that many denied claims to each portal."""
    claims, charges = {}, {}
    for portal in PORTALS:
        office = Office(portal, seed, today)
        if portal == "meridian":
            meridian(office)
        else:
            varieties(office, PREFIXES[portal])
        prefix = PREFIXES.get(portal, "MH-")
        for number in range(more):
            amount = f"{office.random.randint(20_000, 150_000) / 100:.2f}"
            office.add(f"{prefix}{70_000 + number}", [denied("22614", amount)], story="one of many")
        claims[portal], charges[portal] = tuple(office.claims), tuple(office.charges)
    return World(seed, today, claims, charges)
