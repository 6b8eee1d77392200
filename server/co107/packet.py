"""What a claim's packet is: its ready lines, the lines before and after, and the edits that make
the corrected 837. Nothing is written or sent here.

One live packet a claim holds all its ready lines: a second replacement would undo the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from server.co107 import codes, telling
from server.co107.case import Case
from server.co107.cause import earlier_answers
from server.co107.chart import Chart
from server.co107.decide import decide, denied_lines, line_key
from server.co107.decision import Decision, LineKey, Route
from server.co107.history import ClaimHistory, LineHistory
from server.co107.route import number_to_replace
from server.co107.surroundings import Surroundings
from server.errors import UserError
from server.facts import Charge, Facts, Patient, Source, SubmittedClaim, SubmittedLine
from server.x12 import AddedLine, Edits
from server.x12.edits import LineKey as EditKey

ANESTHESIA = range(100, 2000)
Standing = Literal["ready", "kept", "added", "left_out"]


class PacketError(UserError):
    """No packet can be made of a claim: one line that says why."""


@dataclass(frozen=True, slots=True)
class PacketLine:
    """One line of the claim as it was, or as it will be."""

    standing: Standing
    procedure: str
    modifiers: tuple[str, ...]
    first_day: date | None
    units: Decimal | None
    charge: Decimal
    note: str
    """What became of it, or where it comes from."""
    line_control: str = ""


@dataclass(frozen=True, slots=True)
class ToWrite:
    """One corrected 837: what it is for, and the edits of the original."""

    purpose: Literal["replacement", "void", "new"]
    edits: Edits


@dataclass(frozen=True, slots=True)
class Released:
    """One line of the packet with its decision."""

    key: LineKey
    decision: Decision


@dataclass(frozen=True, slots=True)
class Packet:
    """Everything a person needs to release a claim's ready lines."""

    claim: str
    payer_name: str
    rules_id: str
    patient: Patient
    route: Route
    last_day: date
    """The earliest of its lines'."""
    amount: Decimal
    """US dollars at stake, over its ready lines."""
    as_of: date
    lines: tuple[Released, ...]
    before: tuple[PacketLine, ...]
    after: tuple[PacketLine, ...]
    """Empty for `reopening`, and where the original 837 is not at hand."""
    charges: tuple[Charge, ...]
    """Charges that are billed with it: a live packet holds them."""
    to_write: tuple[ToWrite, ...]
    """In the order they are to be sent; empty where there is no 837 to make."""
    original: Source | None
    """Where the original 837 stands: its file by name and digest."""
    payer_claim_control_number: str
    billing_npi: str = ""
    notices: tuple[str, ...] = field(default=())
    """What a person has to know before the release."""


def build_packet(
    facts: Facts,
    surroundings: Surroundings,
    claim: str,
    payer: str = "",
    *,
    new_number: str | None = None,
) -> Packet:
    """The packet of a claim's ready lines.

    `payer` (as in `LineKey`) tells payers of one claim number apart; `new_number` is the claim
    number a new claim goes out under (None: the same). Raises PacketError where no line of the
    claim is ready, or its lines ask for different routes.
    """
    cases = cases_of(facts, surroundings, claim, payer)
    ready = [(case, made) for case in cases if (made := decide(case)).state == "ready"]
    if not ready:
        raise PacketError("no line of the claim is ready")
    routes = {made.route for _, made in ready}
    if len(routes) > 1:
        raise PacketError("the claim's ready lines ask for different routes; decide them by hand")
    return _Packing(ready, new_number).packet()


def cases_of(facts: Facts, surroundings: Surroundings, claim: str, payer: str) -> list[Case]:
    """The cases of a claim's lines; PacketError where several payers answered its number."""
    chart = Chart(facts, surroundings)
    found = [line for line in denied_lines(chart) if line.claim.number == claim]
    found = [line for line in found if not payer or line_key(line).payer == payer]
    if len({id(line.claim) for line in found}) > 1:
        raise PacketError("several payers answered this claim number; name one")
    return [Case(line, chart) for line in found]


class _Packing:
    """A packet while it is put together."""

    def __init__(self, ready: Sequence[tuple[Case, Decision]], new_number: str | None) -> None:
        self.ready = ready
        self.new_number = new_number
        self.case = ready[0][0]
        self.history: ClaimHistory = self.case.claim
        self.newest: SubmittedClaim | None = self.history.newest
        route = ready[0][1].route
        if route is None:
            raise PacketError("the claim's route is not known")
        self.route: Route = route
        self.charges = _charges(ready)
        self.controls = _controls(self.newest, len(self.charges))

    def packet(self) -> Packet:
        deadlines = [made.deadline for _, made in self.ready if made.deadline is not None]
        source = self.newest.source if self.newest else None
        return Packet(
            claim=self.history.number,
            payer_name=payer_name(self.history),
            rules_id=self.case.rules.id if self.case.rules else "",
            patient=patient_of(self.history),
            route=self.route,
            last_day=min(deadlines),
            amount=sum((made.amount for _, made in self.ready), Decimal(0)),
            as_of=self.case.today,
            lines=tuple(Released(line_key(case.line), made) for case, made in self.ready),
            before=tuple(self._before()),
            after=tuple(self._after()),
            charges=tuple(self.charges),
            to_write=tuple(self._to_write()),
            original=source,
            payer_claim_control_number=number_to_replace(self.case),
            billing_npi=self.history.billing_npi,
            notices=tuple(self._notices()),
        )

    # Lines before and after

    def _ready_lines(self) -> set[int]:
        return {id(case.line) for case, _ in self.ready}

    def _before(self) -> Iterable[PacketLine]:
        ready = self._ready_lines()
        for line in self.history.lines:
            if line.slot.match == "claim":
                continue
            standing: Standing = "ready" if id(line) in ready else "kept"
            yield _packet_line(line, standing, became_of(line))

    def _after(self) -> Iterable[PacketLine]:
        if self.route == "reopening" or self.newest is None:
            return
        ready = self._ready_lines()
        left_out = {id(line) for line in self._left_out()}
        anchor = self._anchor()
        for line in self._submitted():
            if line is anchor:
                yield from self._added_lines()
            if id(line) in left_out:
                continue
            standing: Standing = "ready" if id(line) in ready else "kept"
            yield _packet_line(line, standing, "")

    def _added_lines(self) -> Iterable[PacketLine]:
        for charge, control in zip(self.charges, self.controls, strict=True):
            signed = charge.signed_at.date() if charge.signed_at else None
            yield PacketLine(
                "added",
                charge.procedure,
                tuple(sorted(charge.modifiers)),
                charge.service_date,
                charge.units,
                charge.charge,
                f"signed off on {telling.on(signed)}" if signed else "signed off",
                control,
            )

    def _submitted(self) -> list[LineHistory]:
        """The lines of the newest version, in its order."""
        if self.newest is None:
            return []
        order = {id(line): place for place, line in enumerate(self.newest.lines)}
        found = [line for line in self.history.lines if id(line.submitted) in order]
        return sorted(found, key=lambda line: order[id(line.submitted)])

    def _left_out(self) -> list[LineHistory]:
        """`new_claim` carries only the ready lines: paid ones would come back as duplicates,
        otherwise denied ones denied again."""
        if self.route != "new_claim":
            return []
        ready = self._ready_lines()
        return [line for line in self._submitted() if id(line) not in ready]

    def _anchor(self) -> LineHistory | None:
        """The line the added ones stand before: the first ready one."""
        ready = self._ready_lines()
        return next((line for line in self._submitted() if id(line) in ready), None)

    # The corrected 837

    def _to_write(self) -> Iterable[ToWrite]:
        if self.newest is None or self.route == "reopening":
            return
        base = Edits(claim=self.newest.claim, order=self.newest.order)
        number = self._reference_number()
        if self.route == "replacement_claim":
            edits = replace(base, frequency="7", payer_claim_control_number=number)
            yield ToWrite("replacement", self._with_lines(edits))
            return
        if self.route == "void_and_new":
            void = replace(base, frequency="8", payer_claim_control_number=number)
            yield ToWrite("void", void)
        edits = replace(
            base, frequency="1", payer_claim_control_number="", new_claim=self.new_number
        )
        yield ToWrite("new", self._with_lines(edits))

    def _reference_number(self) -> str:
        """`REF*F8`: the latest `CLP07`, or the number that M47 or N152 found missing."""
        for case, made in self.ready:
            if made.reason == "reference_found" and case.remarks & codes.CONTROL_NUMBER_MISSING:
                return earlier_answers(case)[0].payer_claim_control_number
        return number_to_replace(self.case)

    def _with_lines(self, edits: Edits) -> Edits:
        anchor = self._anchor()
        before = _edit_key(anchor.submitted, self.newest) if anchor is not None else None
        added = tuple(
            self._added(charge, control, before)
            for charge, control in zip(self.charges, self.controls, strict=True)
        )
        dropped = tuple(
            key
            for line in self._left_out()
            if (key := _edit_key(line.submitted, self.newest)) is not None
        )
        edits = replace(edits, added=added, dropped=dropped)
        related = self._related_claim()
        if related:
            edits = replace(edits, related_claim_field="NTE*ADD", related_claim=related)
        return edits

    def _added(self, charge: Charge, control: str, before: EditKey | None) -> AddedLine:
        own = self.newest.rendering_npi if self.newest else ""
        number = charge.procedure
        anesthesia = number.isdigit() and int(number) in ANESTHESIA and number.startswith("0")
        return AddedLine(
            procedure=charge.procedure,
            charge=charge.charge,
            units=charge.units,
            first_day=charge.service_date,
            unit="MJ" if anesthesia else "UN",
            modifiers=charge.modifiers,
            line_control=control,
            before=before,
            rendering_npi=charge.rendering_npi if charge.rendering_npi != own else "",
        )

    def _related_claim(self) -> str:
        """What `NTE*ADD` says of the surgery or the facility's claim that was asked for."""
        for case, made in self.ready:
            if made.reason == "facility_claim_found":
                found = case.search.facility_claims()
            elif made.reason == "reference_found" and codes.SURGERY_MISSING in case.remarks:
                found = case.search.surgeries()
            else:
                continue
            latest = found[0].line.latest if found and found[0].line else None
            if latest is not None:
                number = latest.claim.payer_claim_control_number or latest.claim.claim
                day = found[0].service.first_day
                return f"RELATED CLAIM {number} SERVICE DATE {day:%Y%m%d}"
        return ""

    def _notices(self) -> Iterable[str]:
        if self.newest is None and self.route != "reopening":
            yield "The original 837 is not loaded: correct the claim in your billing system."
        if self.route in ("replacement_claim", "void_and_new") and not self._reference_number():
            yield "The payer's number of the claim (REF*F8) is not known: look it up first."
        if self.route == "reopening":
            yield "A reopening is asked for with these fields; no 837 is sent."
        if self.route == "void_and_new":
            yield "Two claims: send the void first, then the new one."
        warning = self.case.surroundings.pairs.age_warning(self.case.today)
        if warning:
            yield f"{warning[0].upper()}{warning[1:]}."


def _charges(ready: Iterable[tuple[Case, Decision]]) -> list[Charge]:
    """The charges the ready lines need, each once; the base of a chain stands first."""
    found: dict[object, Charge] = {}
    for case, made in ready:
        if made.reason != "primary_not_billed":
            continue
        for one in reversed(case.mends.charges):
            if one.counted is not None:
                found.setdefault(one.counted.key, one.counted.charge)
    return list(found.values())


def _controls(newest: SubmittedClaim | None, count: int) -> list[str]:
    """Line control numbers for added lines that no line of the claim bears; "" where it bears
    none at all."""
    taken = {line.line_control for line in newest.lines} if newest else set()
    if not any(taken):
        return [""] * count
    found: list[str] = []
    number = 1
    while len(found) < count:
        if (control := f"ADD{number}") not in taken:
            found.append(control)
        number += 1
    return found


def _edit_key(line: SubmittedLine | None, newest: SubmittedClaim | None) -> EditKey | None:
    """A submitted line by its control number where that is its own, else by its number."""
    if line is None or newest is None:
        return None
    same = [one for one in newest.lines if one.line_control == line.line_control]
    return line.line_control if line.line_control and len(same) == 1 else line.number


def _packet_line(line: LineHistory, standing: Standing, note: str) -> PacketLine:
    return PacketLine(
        standing,
        line.procedure,
        tuple(sorted(line.modifiers)),
        line.first_day,
        line.slot.units,
        line.slot.charge,
        note,
        line.slot.line_control,
    )


def became_of(line: LineHistory) -> str:
    """What the latest answer made of a line, in a few words."""
    latest = line.latest
    if latest is None:
        return "not answered"
    if latest.kind == "reversal":
        return "answer taken back"
    if latest.amount_107 > 0:
        return f"denied, 107 of {telling.money(latest.amount_107)}"
    if latest.pays:
        paid = latest.line.paid if latest.line is not None else latest.claim.paid
        return f"paid {telling.money(paid)}" if paid > 0 else "allowed, paid $0.00"
    return "denied"


def patient_of(history: ClaimHistory) -> Patient:
    """The patient as the newest version names them, else as the latest answer does."""
    if history.newest is not None:
        return history.newest.patient
    return history.answers[-1].patient if history.answers else Patient()


def payer_name(history: ClaimHistory) -> str:
    """The payer by the name it last went by, else by its id."""
    names = [one.payer.name for one in reversed(history.answers)]
    names += [one.payer.name for one in reversed(history.versions)]
    return next((name for name in names if name), history.payer.key)
