"""One denied line with all that bears on it: what the rows of the table ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from server.co107 import codes
from server.co107.answers import Answer, names_107, paid_or_allowed
from server.co107.chain import End, Mend, ends, mend, missing_links
from server.co107.chart import Chart
from server.co107.deadline import Anchors
from server.co107.decision import Evidence, Route, State
from server.co107.history import ClaimHistory, LineHistory
from server.co107.payers import PayerRules
from server.co107.portal_view import Shown, shown_by_portal
from server.co107.search import Search
from server.co107.surroundings import Surroundings
from server.facts import Adjudication


class Case:
    """A denied line, its chart and its surroundings. Everything is worked out once, when asked."""

    def __init__(self, line: LineHistory, chart: Chart) -> None:
        self.line = line
        self.chart = chart

    @property
    def claim(self) -> ClaimHistory:
        return self.line.claim

    @property
    def surroundings(self) -> Surroundings:
        return self.chart.surroundings

    @property
    def rules(self) -> PayerRules | None:
        return self.claim.payer.rules

    @property
    def today(self) -> date:
        return self.surroundings.today

    @property
    def latest(self) -> Answer | None:
        return self.line.latest

    @cached_property
    def remarks(self) -> frozenset[str]:
        """Remark codes of the latest answer that bind the line."""
        return binding_remarks(self.latest) if self.latest else frozenset()

    @cached_property
    def portal(self) -> Shown:
        """What the last look at the claim adds to the remittances."""
        return shown_by_portal(self.line)

    @cached_property
    def anchors(self) -> Anchors:
        denials = self.line.denials
        return Anchors(
            service=self.line.first_day,
            service_last=self.line.last_day,
            remittance=self.latest.produced if self.latest else None,
            first_remittance=denials[0].produced if denials else None,
        )

    @cached_property
    def search(self) -> Search:
        """What was found of the qualifying service; only step 6 asks."""
        return Search(self.line, self.chart)

    @cached_property
    def way_down(self) -> list[End]:
        """Every way from the denied add-on down to its base."""
        return ends(self.search, self.line.procedure)

    @cached_property
    def mends(self) -> Mend:
        """What charges could do for the links that no claim bears."""
        return mend(self.search, missing_links(self.way_down))


def binding_remarks(answer: Answer) -> frozenset[str]:
    """The remark codes that bind a line: its own, those of its claim that bind every line, and
    the claim's others where this is its only line unpaid or still holding a 107."""
    on_claim = frozenset(answer.claim.remarks)
    if answer.line is None:
        return on_claim
    bound = frozenset(answer.line.remarks) | (on_claim & codes.BIND_EVERY_LINE)
    open_lines = [one for one in answer.claim.lines if _open(one)]
    mine = _open(answer.line) and len(_distinct(open_lines)) == 1
    return bound | on_claim if mine else bound


def _open(line: Adjudication) -> bool:
    return not paid_or_allowed(line) or _holds_107(line)


def _holds_107(line: Adjudication) -> bool:
    return names_107(one for one in line.adjustments if one.amount > 0)


def _distinct(lines: list[Adjudication]) -> set[object]:
    """Lines of an answer; one line answered in two `SVC` loops under one number is one."""
    return {
        (one.line_control, one.submitted_procedure) if one.line_control else one.order
        for one in lines
    }


class Verdict(NamedTuple):
    """What one row saw, and the answer where it matches."""

    saw: str
    state: State | None = None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def matched(self) -> bool:
        return self.state is not None


Row = Callable[[Case], Verdict]


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """The way back to the payer, and what says so."""

    route: Route | None
    saw: str
    evidence: tuple[Evidence, ...] = ()
