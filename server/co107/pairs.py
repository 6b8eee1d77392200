"""Add-on codes and the primaries they may stand beside, judged by the date of service.

A pair says: this add-on may be paid where this primary is paid for the same patient, day and
practitioner. The type is CMS's: 1, the listed primaries are all there are; 2, none is listed and
the payer decides; 3, some are listed and the payer may accept others (Medicare NCCI add-on code
edits, column `AOC_Edit_Type`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

TableKind = Literal["starter", "cms", "given"]

QUARTERS_BEFORE_WARNING = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """One add-on with one primary, and the days on which the pair counts."""

    add_on: str
    primary: str
    """"" where the payer decides (CMS writes `CCCCC`)."""
    type: int
    """1, 2 or 3 (`AOC_Edit_Type`)."""
    valid_from: date | None = None
    """First day of service; None: as far back as one asks."""
    valid_to: date | None = None
    """Last day of service, itself included; None: still in force."""

    @property
    def payer_defined(self) -> bool:
        return not self.primary

    def valid(self, on: date) -> bool:
        """Whether the pair counts for a service of that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


class PairTable:
    """All pairs of one table, looked up by add-on. Built once, never changed."""

    __slots__ = ("_by_add_on", "_by_primary", "kind", "published", "version")

    kind: TableKind
    """`starter`: shipped, not the full file. `cms`: CMS's own file. `given`: a user's table."""
    version: str
    """What a decision cites: file name, date and the first digits of the file's SHA-256."""
    published: date | None
    """The day or first day of the quarter the table stands for; None: unknown."""

    def __init__(
        self,
        pairs: Iterable[Pair],
        *,
        kind: TableKind = "given",
        version: str = "",
        published: date | None = None,
    ) -> None:
        by_add_on: dict[str, list[Pair]] = {}
        by_primary: dict[str, list[Pair]] = {}
        for pair in dict.fromkeys(pairs):
            by_add_on.setdefault(pair.add_on, []).append(pair)
            if pair.primary:
                by_primary.setdefault(pair.primary, []).append(pair)
        self._by_add_on = {code: tuple(found) for code, found in by_add_on.items()}
        self._by_primary = {code: tuple(found) for code, found in by_primary.items()}
        self.kind = kind
        self.version = version
        self.published = published

    def __len__(self) -> int:
        """Number of pairs, the ended ones included."""
        return sum(map(len, self._by_add_on.values()))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every pair, add-on by add-on, in the table's order."""
        return tuple(pair for found in self._by_add_on.values() for pair in found)

    @property
    def add_ons(self) -> tuple[str, ...]:
        """Every add-on the table names, whatever its days."""
        return tuple(self._by_add_on)

    def primaries(self, add_on: str, on: date) -> tuple[Pair, ...]:
        """The add-on's pairs that count on that day, payer-defined ones included."""
        return tuple(pair for pair in self._by_add_on.get(add_on, ()) if pair.valid(on))

    def primary_of(self, primary: str, on: date) -> tuple[Pair, ...]:
        """The pairs that name this code as the primary and count on that day."""
        return tuple(pair for pair in self._by_primary.get(primary, ()) if pair.valid(on))

    def type_of(self, add_on: str, on: date) -> int | None:
        """The add-on's type that day; None where it is in no pair that day.

        Where rows of one day name several types the loosest counts (3, then 2, then 1): a payer
        that may accept other primaries is never treated as one that may not.
        """
        return max((pair.type for pair in self.primaries(add_on, on)), default=None)

    def is_add_on(self, code: str, on: date) -> bool:
        """Whether the code is the add-on of any pair that counts on that day."""
        return bool(self.primaries(code, on))

    def age_warning(self, today: date) -> str | None:
        """One line where the table is more than two quarters old or its age is unknown.

        CMS publishes the file once a quarter. A user's own table without a date is taken as it
        is: its age is the user's to know.
        """
        if self.published is None:
            return None if self.kind == "given" else "the pair table's age is unknown"
        quarters = _quarter(today) - _quarter(self.published)
        if quarters <= QUARTERS_BEFORE_WARNING:
            return None
        return f"the pair table is of {self.published.isoformat()}, {quarters} quarters old"


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3
