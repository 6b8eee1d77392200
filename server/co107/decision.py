"""What a decision is: the answer for one denied line, with its grounds.

Names of states, reasons, routes and rows are those of the decision table in this package's
README; nothing else reads or writes them as text of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from server.facts import Source

State = Literal[
    "ready", "appeal", "waiting", "review", "resubmitted", "appealed", "resolved", "closed"
]
Route = Literal["replacement_claim", "new_claim", "void_and_new", "reopening"]

STATES: tuple[State, ...] = (
    "ready",
    "appeal",
    "waiting",
    "review",
    "resubmitted",
    "appealed",
    "resolved",
    "closed",
)
ROUTES: tuple[Route, ...] = ("replacement_claim", "new_claim", "void_and_new", "reopening")

DUE_SOON_DAYS = 14


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact a decision rests on. No patient's name, id or birth date stands in `text`."""

    role: str
    """`denial`, `submitted`, `service` (the qualifying one), `charge`, `pair`, `reference`,
    `route`, `last_day`, `mark`, `look`."""
    text: str
    claim: str = ""
    """The claim the fact belongs to; "" where it belongs to none."""
    procedure: str = ""
    modifiers: tuple[str, ...] = ()
    service_day: date | None = None
    amount: Decimal | None = None
    source: Source | None = None


class Step(NamedTuple):
    """One row of the table that was tried, and what it saw, in plain words."""

    row: str
    matched: bool
    saw: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one denied line. `ready` is a proposal: a person releases it."""

    state: State
    reason: str
    route: Route | None
    """Only where `ready`."""
    deadline: date | None
    """Last day still in time: of the route or the appeal; for `waiting` and `review` the earliest
    known one; None elsewhere or where unknown."""
    amount: Decimal
    """US dollars at stake: the line's 107 adjustments; 0 where resolved or closed."""
    evidence: tuple[Evidence, ...]
    as_of: date
    steps: tuple[Step, ...]

    def due_soon(self) -> bool:
        """Whether the last day is at most 14 days away, or gone."""
        return self.deadline is not None and (self.deadline - self.as_of).days <= DUE_SOON_DAYS


@dataclass(frozen=True, slots=True)
class LineKey:
    """What names a denied line among all others of a practice."""

    payer: str
    """The payer rules' id where known, else a name or id as sent."""
    claim: str
    procedure: str
    """As submitted; "" where the denial stands on a claim without lines."""
    modifiers: tuple[str, ...] = ()
    """Sorted."""
    first_day: date | None = None
    line_control: str = ""
    occurrence: int = 1
    """1, 2, ... among lines alike in all of the above."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A line's key, its decision, and what a worklist shows beside it."""

    key: LineKey
    decision: Decision
    charge: Decimal = Decimal(0)
    units: Decimal | None = None
    paid: Decimal = Decimal(0)
    """Paid by the latest answer."""
    groups: tuple[str, ...] = ()
    """Group codes of the 107 adjustments, sorted."""
    remarks: tuple[str, ...] = ()
    """Remark codes that bind the line, sorted."""
    payer_claim_control_number: str = ""
    """`CLP07` of the latest final answer."""
    denied_on: date | None = None
    """Production date of the first answer with a 107."""
    answered_on: date | None = None
    """Production date of the latest answer."""
    sent_on: date | None = None
    """When the line was last resubmitted or appealed."""
    missing: tuple[str, ...] = ()
    """Procedures any one of which would qualify the line, sorted."""
    rules_id: str = ""
    """Id of the payer rules applied; "" where none are known."""
    last_day: date | None = field(default=None)
    """Last day of service."""
