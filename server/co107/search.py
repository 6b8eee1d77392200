"""The search for the qualifying service: among all lines and charges of the same patient."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from server.co107 import codes
from server.co107.charging import CountedCharge
from server.co107.chart import Chart
from server.co107.fit import (
    NEAR_DAYS,
    Found,
    Off,
    Service,
    days_apart,
    off_by,
    off_by_as_charge,
    service_of_charge,
    service_of_line,
)
from server.co107.history import ClaimHistory, LineHistory
from server.co107.pairs import Pair
from server.co107.patients import differ, same_patient
from server.co107.payers import likeness
from server.co107.standing import status_of
from server.facts import ClaimKind

if TYPE_CHECKING:
    from server.co107.chain import End

SURGERY_DAYS = 90


class Search:
    """What stands near one denied line. Everything is worked out once, when asked."""

    def __init__(self, line: LineHistory, chart: Chart) -> None:
        self.line = line
        self.claim = line.claim
        self.chart = chart
        self.surroundings = chart.surroundings
        self._pairs: dict[str, tuple[Pair, ...]] = {}
        self._listed: dict[str, tuple[str, ...]] = {}
        self.ends_below: dict[str, list[End]] = {}
        """By add-on, what `chain.ends` found below it."""

    @cached_property
    def denied(self) -> Service | None:
        """The denied line as a service; None where its day is unknown."""
        return service_of_line(self.line)

    @cached_property
    def tolerance(self) -> int:
        rules = self.claim.payer.rules
        return rules.date_tolerance_days if rules is not None else 0

    def pairs(self, procedure: str) -> tuple[Pair, ...]:
        """The procedure's pairs as an add-on, valid on the denied line's day of service."""
        if self.line.first_day is None:
            return ()
        found = self._pairs.get(procedure)
        if found is None:
            found = self.surroundings.pairs.primaries(procedure, self.line.first_day)
            self._pairs[procedure] = found
        return found

    def primaries(self, procedure: str) -> tuple[str, ...]:
        """Its listed primaries on that day, in the table's order."""
        found = self._listed.get(procedure)
        if found is None:
            named = (one.primary for one in self.pairs(procedure) if one.primary)
            found = self._listed[procedure] = tuple(dict.fromkeys(named))
        return found

    @cached_property
    def wanted(self) -> frozenset[str]:
        """Every listed primary on any way down from the denied procedure: nothing else is asked
        for."""
        found: set[str] = set()
        coming = [self.line.procedure]
        while coming:
            new = [one for one in self.primaries(coming.pop()) if one not in found]
            found.update(new)
            coming += new
        return frozenset(found)

    @cached_property
    def pair_type(self) -> int | None:
        if self.line.first_day is None:
            return None
        return self.surroundings.pairs.type_of(self.line.procedure, self.line.first_day)

    @cached_property
    def patient_histories(self) -> tuple[ClaimHistory, ...]:
        """Claims of the same patient and payer, the denied one included."""
        return tuple(
            one
            for one in self.chart.near(self.claim.person)
            if one is self.claim
            or (
                likeness(one.payer, self.claim.payer) == "same"
                and same_patient(one.person, self.claim.person)
            )
        )

    @cached_property
    def billed(self) -> dict[str, list[Found]]:
        """Services on claims within reach of the denied line, by procedure."""
        found: dict[str, list[Found]] = {}
        for one in (*self._on_claims(), *self._on_unknown_claims()):
            found.setdefault(one.procedure, []).append(one)
        return found

    @cached_property
    def unbilled(self) -> dict[str, list[Found]]:
        """Charges not billed yet within reach, by procedure."""
        return self._charges(billed=False)

    @cached_property
    def said_billed(self) -> dict[str, list[Found]]:
        """Charges that name a claim at hand which lacks the line, or stand in a live packet."""
        return self._charges(billed=True)

    def people_in_doubt(self, counted: CountedCharge) -> bool:
        """Whether charge or denied line may be another person's of the same member id."""
        known = self.chart.people_under(self.claim.person)
        for side in (counted.person, self.claim.person):
            fitting = [one for one in known if not differ(one, side)]
            if any(differ(one, two) for one in fitting for two in fitting):
                return True
        return False

    def _histories(self) -> Iterator[tuple[ClaimHistory, frozenset[Off]]]:
        """Claims of the patient, and of the same person where payer or member id leave doubt."""
        mine = {id(one) for one in self.patient_histories}
        for one in self.chart.near(self.claim.person):
            if id(one) in mine:
                yield one, frozenset()
                continue
            like = likeness(one.payer, self.claim.payer)
            if like == "unknown":
                yield one, frozenset(("payer",))
            elif like == "same":
                yield one, frozenset(("member",))

    def _on_claims(self) -> Iterator[Found]:
        denied = self.denied
        if denied is None:
            return
        for history, doubt in self._histories():
            if not history.procedures & self.wanted or not self._of_one_kind(history):
                continue
            for line in _real_lines(history):
                if line is self.line or line.procedure not in self.wanted:
                    continue
                service = service_of_line(line)
                if service is None or not self._near(service):
                    continue
                off = off_by(denied, service, self.tolerance) | doubt
                yield Found(
                    service=service,
                    off=off,
                    line=line,
                    counted=None,
                    claim=history.number,
                    same_claim=history is self.claim,
                    status=status_of(line),
                    certain="unknown" not in (history.kind, self.claim.kind),
                )

    def _on_unknown_claims(self) -> Iterator[Found]:
        """Charges that name a claim not loaded: billed, and unanswered unless a remittance of that
        claim bears the service."""
        for counted, doubt in self._my_charges():
            number = self._claim_of(counted)
            if number and not self._at_hand(number) and not self._bears(number, counted):
                yield from self._charge(counted, doubt, number)

    def _charges(self, *, billed: bool) -> dict[str, list[Found]]:
        found: dict[str, list[Found]] = {}
        for counted, doubt in self._my_charges():
            number = self._claim_of(counted)
            if bool(number) is not billed:
                continue
            packeted = counted.key in self.surroundings.packeted and not counted.charge.claim
            lacking = self._at_hand(number) and not self._bears(number, counted)
            if billed and not packeted and not lacking:
                continue
            for one in self._charge(counted, doubt, number):
                found.setdefault(one.procedure, []).append(one)
        return found

    def _claim_of(self, counted: CountedCharge) -> str:
        """The claim a charge is billed on; one in another claim's live packet counts as billed."""
        if counted.charge.claim:
            return counted.charge.claim
        packet = self.surroundings.packeted.get(counted.key, "")
        return "" if packet == self.claim.number else packet

    def _at_hand(self, number: str) -> bool:
        """Whether the claim is the denied one, or its 837 is loaded."""
        return number == self.claim.number or any(
            history.loaded for history in self.chart.known_claims(number)
        )

    def _bears(self, number: str, counted: CountedCharge) -> bool:
        """Whether what is known of a claim, sent or answered, holds the charged service."""
        charge = counted.charge
        return any(
            line.procedure == charge.procedure
            and line.first_day is not None
            and line.first_day <= charge.service_date <= (line.last_day or line.first_day)
            for history in self.chart.known_claims(number)
            for line in history.lines
        )

    def _charge(
        self, counted: CountedCharge, doubt: frozenset[Off], number: str
    ) -> Iterator[Found]:
        denied = self.denied
        service = service_of_charge(counted)
        if denied is None or not self._near(service):
            return
        yield Found(
            service=service,
            off=off_by_as_charge(denied, service, self.tolerance) | doubt,
            line=None,
            counted=counted,
            claim=number,
            same_claim=number == self.claim.number,
            status="pending",
            certain=True,
        )

    def _my_charges(self) -> Iterator[tuple[CountedCharge, frozenset[Off]]]:
        """Charges of the same patient that are this payer's, or may be."""
        rules = self.claim.payer.rules
        for counted in self.chart.charges_of(self.claim.person):
            if counted.charge.procedure not in self.wanted:
                continue
            if not same_patient(counted.person, self.claim.person):
                continue
            word = counted.charge.payer_id
            named = self.surroundings.book.find_word(word) if word else None
            if not word or (rules is not None and named is rules) or self._names_payer(word):
                yield counted, frozenset()
            elif named is None or rules is None:
                yield counted, frozenset(("payer",))

    def _names_payer(self, word: str) -> bool:
        """Whether a charge's payer id is what this claim's own files call the payer."""
        called = [one.payer for one in self.claim.versions]
        called += [one.payer for one in self.claim.answers]
        return any(word in (*one.ids, one.name) for one in called)

    def _near(self, service: Service) -> bool:
        denied = self.denied
        return denied is not None and days_apart(denied, service) <= self.tolerance + NEAR_DAYS

    def _of_one_kind(self, history: ClaimHistory) -> bool:
        """Professional and institutional lines neither qualify nor mismatch each other."""
        kinds: set[ClaimKind] = {history.kind, self.claim.kind}
        return history is self.claim or len(kinds - {"unknown"}) < 2

    def surgeries(self) -> list[Found]:
        """Earlier surgery of the same patient and billing group, one a claim, paid or allowed,
        not by an assistant, within 90 days before (RARC N214 asks for it)."""
        denied = self.denied
        if denied is None:
            return []
        found: list[Found] = []
        for history in self.patient_histories:
            if history is self.claim or not self._of_one_kind(history):
                continue
            if not history.billing_npi or history.billing_npi != self.claim.billing_npi:
                continue
            lines = [line for line in _real_lines(history) if _is_surgery_before(line, denied)]
            found += [self._reference(line) for line in lines[:1]]
        return found

    def facility_claims(self) -> list[Found]:
        """Facility claims for the same procedure and day, one a claim, paid or allowed: an 837I,
        or a line with TC."""
        found: list[Found] = []
        for history in self.patient_histories:
            if history is self.claim:
                continue
            facility = history.kind == "institutional"
            lines = [
                line
                for line in _real_lines(history)
                if line.procedure == self.line.procedure
                and line.first_day is not None
                and line.first_day == self.line.first_day
                and codes.PROFESSIONAL_COMPONENT not in line.modifiers
                and (facility or codes.TECHNICAL_COMPONENT in line.modifiers)
                and status_of(line) == "paid"
            ]
            found += [self._reference(line) for line in lines[:1]]
        return found

    def _reference(self, line: LineHistory) -> Found:
        service = service_of_line(line)
        if service is None:
            raise ValueError("a referenced line has a day")
        kinds = (line.claim.kind, self.claim.kind)
        return Found(
            service=service,
            off=frozenset(),
            line=line,
            counted=None,
            claim=line.claim.number,
            same_claim=False,
            status="paid",
            certain="unknown" not in kinds,
        )


def _is_surgery_before(line: LineHistory, denied: Service) -> bool:
    if line.first_day is None or not codes.is_surgery(line.procedure):
        return False
    if line.modifiers & (codes.NOT_THE_SURGERY | codes.ASSISTANTS):
        return False
    before = denied.first_day - line.first_day
    if not timedelta(0) < before <= timedelta(days=SURGERY_DAYS):
        return False
    return status_of(line) == "paid"


def _real_lines(history: ClaimHistory) -> list[LineHistory]:
    """A claim's lines. Where the payer's answer could not be matched to one of several alike
    submitted lines, the answer stands for them."""
    strays = {
        (line.procedure, line.first_day)
        for line in history.lines
        if line.slot.match in ("none", "several")
    }
    return [
        line
        for line in history.lines
        if line.slot.match != "claim"
        and (line.slot.answers or (line.procedure, line.first_day) not in strays)
    ]
