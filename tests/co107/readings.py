"""Cases told in a line each: facts in, the line's state, reason, route and last day out.

Each runs through files: the facts are written as a practice has them, read again and decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from server.case_folders import read_case, run_case, shown
from server.co107.pairs import Pair, PairTable
from server.facts import Payer
from tests.co107.builders import LATER, PAIRS, RULES, TODAY, answer, charge, facts, line, sent
from tests.co107.case_files import Written, write

ANY = "*"
HELD = "2026-06-10"
"""The appeal's last day, Meridian's earliest for an answer of 2026-02-10."""
REPLACE = "2026-08-09"
YEAR = "2027-01-15"
NAMES = ("state", "reason", "route", "deadline", "procedure", "claim")

PROPOSED = ("ready", "primary_not_billed", "replacement_claim", REPLACE)
LATER_PROPOSED = ("ready", "primary_not_billed", "replacement_claim", "2026-08-19")
NEW_CLAIM = ("ready", "primary_not_billed", "new_claim", YEAR)
REFERENCE = ("ready", "reference_found", "replacement_claim", REPLACE)
PAID_HERE = ("appeal", "primary_paid_same_claim", None, HELD)
PAID_ELSEWHERE = ("appeal", "primary_paid_other_claim", None, HELD)
PENDING = ("waiting", "primary_pending", None, HELD)
PRIMARY_DENIED = ("waiting", "primary_denied", None, HELD)
RESUBMITTED = ("resubmitted", "answer_pending", None, None)
PAID = ("resolved", "paid", None, None)


def review(reason: str, deadline: str | None = HELD) -> tuple[str | None, ...]:
    return "review", reason, None, deadline


def waiting(reason: str, deadline: str | None = HELD) -> tuple[str | None, ...]:
    return "waiting", reason, None, deadline


MISMATCH = review("mismatch")
NOTHING = review("primary_not_documented")
NO_ROUTE = review("route_unknown")
NOT_FOUND = review("related_claim_not_found")

DENIED = (sent(), answer())
"""22614 sent and denied; no primary on the claim."""
READY = (*DENIED, charge())


SECOND = Payer(("HBR01",), "HARBOR TRUST")


def remarked(*remarks: str) -> list[object]:
    """The denial with remark codes on its line, and the charge."""
    return [sent(), answer(lines=[line(remarks=remarks)]), charge()]


def redeny(order: int, trace: str = "T2", number: str = "PCN1") -> object:
    """A second denial, ten days later."""
    return answer("C1", line(), number=number, on=LATER, order=order, trace=trace)


def of(told: Sequence[str | None], procedure: str) -> tuple[str | None, ...]:
    """What is expected of another procedure's line."""
    return (*told, *[ANY] * (4 - len(told)), procedure)


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@dataclass(frozen=True)
class Reading:
    name: str
    items: Iterable[object]
    expected: tuple[tuple[str | None, ...], ...]
    rules: dict[str, Any] | list[dict[str, Any]]
    today: date
    pairs: Sequence[Pair]
    swept: Sequence[str]

    def __repr__(self) -> str:
        return self.name

    def found(self, folder: Path) -> list[dict[str, str | None]]:
        payers = self.rules if isinstance(self.rules, list) else [self.rules]
        told = facts(*self.items)
        write(Written("case", "-", told, [], self.today, payers, self.pairs, self.swept), folder)
        case = read_case("case", folder / "case", PairTable(()))
        return [shown(one) for one in run_case(case).lines]

    def left(self, folder: Path) -> tuple[list[object], list[object]]:
        """Expectations without a line, and lines without an expectation."""
        found = self.found(folder)
        unmet: list[object] = []
        for wanted in self.expected:
            named = [one for one in zip(NAMES, wanted, strict=False) if one[1] != ANY]
            fits = [one for one in found if all(one[name] == it for name, it in named)]
            if fits:
                found.remove(fits[0])
            else:
                unmet.append(wanted)
        return unmet, list(found)


class Readings(list[Reading]):
    def __call__(
        self,
        name: str,
        items: Iterable[object],
        *expected: tuple[str | None, ...],
        rules: dict[str, Any] | list[dict[str, Any]] = RULES,
        today: date = TODAY,
        pairs: Sequence[Pair] = PAIRS,
        swept: Sequence[str] = (),
    ) -> None:
        self.append(Reading(name, tuple(items), expected, rules, today, pairs, swept))
