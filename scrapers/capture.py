"""What passes between walking a portal and reading it: plain text and ids, no browser objects."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from server.facts import Look, Payer, Source

if TYPE_CHECKING:
    from playwright.async_api import Page as BrowserPage

    from scrapers.portal import Portal


@dataclass(frozen=True, slots=True)
class ClaimRef:
    """Which claim to look up: the patient control number decides, the rest helps a search form."""

    claim: str
    """`CLM01`, the patient control number."""
    member_id: str = ""
    first_day: date | None = None
    last_day: date | None = None
    payer: Payer = field(default_factory=Payer)
    payer_claim_control_number: str = ""
    """`CLP07` of an earlier answer, "" where none is known."""


@dataclass(frozen=True, slots=True)
class FrozenPage:
    """One document as it stood: a frame's HTML, or a file the portal offered."""

    kind: str
    """What the page is, in the family's words: `results`, `claim`, `lines`, `legend`, `835`."""
    text: str


@dataclass(frozen=True, slots=True)
class Capture:
    """All that one look at one claim saw."""

    portal: str
    ref: ClaimRef
    pages: tuple[FrozenPage, ...]
    seen_at: datetime
    """Aware, UTC."""

    def of(self, kind: str) -> tuple[FrozenPage, ...]:
        """The pages of one kind, in the order they were seen."""
        return tuple(page for page in self.pages if page.kind == kind)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over all pages with their kinds."""
        seal = hashlib.sha256()
        for page in self.pages:
            seal.update(f"{page.kind}\0{len(page.text)}\0".encode())
            seal.update(page.text.encode())
        return seal.hexdigest()

    @property
    def source(self) -> Source:
        """The evidence a decision cites."""
        return Source(kind="portal", name=self.portal, digest=self.digest, seen_at=self.seen_at)


class Family(Protocol):
    """A module in `scrapers/portals`: how portals of one make are walked and read."""

    async def open(self, page: BrowserPage, definition: Portal, ref: ClaimRef) -> Capture:
        """Walk a signed-in page to the claim; raises the errors of `scrapers.errors`."""

    def read(self, capture: Capture, definition: Portal) -> Look:
        """Pure: what the capture says. Raises SiteChanged, BadRecord, NotFound and the like."""
