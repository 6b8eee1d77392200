"""Last days: so many days, months or years after an anchor; the earliest of several counts."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from server.co107.payers import Anchor, PayerRules, Term, Way


@dataclass(frozen=True, slots=True)
class Anchors:
    """The days terms count from; None is unknown."""

    service: date | None
    service_last: date | None
    remittance: date | None
    first_remittance: date | None

    def day(self, anchor: Anchor) -> date | None:
        """The day of that anchor."""
        return {
            "service": self.service,
            "service_last": self.service_last,
            "remittance": self.remittance,
            "first_remittance": self.first_remittance,
        }[anchor]


def after(day: date, term: Term) -> date | None:
    """The last day in time; a month's last day where the day is missing. None past year 9999."""
    try:
        if term.unit == "days":
            return day + timedelta(days=term.count)
        months = term.count * (12 if term.unit == "years" else 1)
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last))
    except (ValueError, OverflowError):
        return None


def last_day(rules: PayerRules | None, way: Way, anchors: Anchors) -> date | None:
    """The way's last day. None where no term is known, or any term's anchor is not:
    an unknown term may be the earliest."""
    if rules is None:
        return None
    ends = [_end(term, anchors) for term in rules.last_day.get(way, ())]
    known = [end for end in ends if end is not None]
    return min(known) if known and len(known) == len(ends) else None


def earliest(rules: PayerRules | None, ways: Iterable[Way], anchors: Anchors) -> date | None:
    """The earliest day known of any of these ways, so that nothing expires unseen."""
    if rules is None:
        return None
    terms: Mapping[Way, tuple[Term, ...]] = rules.last_day
    ends = (_end(term, anchors) for way in ways for term in terms.get(way, ()))
    return min((end for end in ends if end is not None), default=None)


def _end(term: Term, anchors: Anchors) -> date | None:
    day = anchors.day(term.anchor)
    return None if day is None else after(day, term)
