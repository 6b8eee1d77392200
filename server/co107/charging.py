"""Which charges count: once each, not cancelled, in their last signed version, up to today."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from server.co107.patients import Person, person_of
from server.co107.words import code
from server.facts import Charge

ChargeKey = tuple[str, str, date, str, tuple[str, ...], str, str, str]


def charge_key(charge: Charge) -> ChargeKey:
    """What names a service a charge records, whatever its version: member id, first name, day,
    procedure, modifiers, rendering and billing provider, payer."""
    return (
        code(charge.patient.member_id),
        code(charge.patient.first_name),
        charge.service_date,
        code(charge.procedure),
        tuple(sorted(set(charge.modifiers))),
        charge.rendering_npi,
        charge.billing_npi,
        code(charge.payer_id),
    )


@dataclass(frozen=True, slots=True)
class CountedCharge:
    """A charge that counts, with the person it names."""

    charge: Charge
    person: Person
    key: ChargeKey


def counted(charges: Iterable[Charge], today: date) -> tuple[CountedCharge, ...]:
    """The charges that count as of `today`, in a stable order.

    Rows dated or signed after today do not count; identical rows are one; of several versions of
    a service the last signed counts, and of equally late ones that differ only in the claim the
    billed one; a negative row cancels its twin. Versions that time cannot tell apart all count
    (and make the line ambiguous).
    """
    told = sorted(charges, key=_place)
    known = {_without_source(one): one for one in told if not _in_future(one, today)}
    by_service: dict[ChargeKey, list[Charge]] = {}
    for one in sorted(known.values(), key=_order):
        by_service.setdefault(charge_key(one), []).append(one)
    counting = [one for rows in by_service.values() for one in _standing(rows)]
    return tuple(
        CountedCharge(one, person_of([one.patient]), charge_key(one))
        for one in sorted(counting, key=_order)
        if one.signed_off and one.units > 0
    )


def _place(charge: Charge) -> tuple[str, int]:
    source = charge.source
    return ("", 0) if source is None else (source.name, source.segment or 0)


def _without_source(charge: Charge) -> Hashable:
    return replace(charge, source=None, modifiers=tuple(sorted(set(charge.modifiers))))


def _in_future(charge: Charge, today: date) -> bool:
    signed = charge.signed_at
    return charge.service_date > today or (signed is not None and signed.date() > today)


def _negative(charge: Charge) -> bool:
    return charge.units < 0 or charge.charge < 0


def _signed(charge: Charge) -> str:
    """When it was signed, comparable. An unsigned draft comes before any signed row, a negative
    row without a time after all."""
    at = charge.signed_at
    if at is not None:
        return at.replace(tzinfo=None).isoformat()
    return "~" if _negative(charge) else ""


def _order(charge: Charge) -> tuple[object, ...]:
    return (
        _signed(charge),
        _negative(charge),
        charge_key(charge),
        charge.claim,
        charge.units,
        charge.charge,
        charge.signed_off,
        str(charge.patient.birth_date),
        charge.patient.last_name,
    )


def _standing(rows: list[Charge]) -> list[Charge]:
    """The last version of one service, less what negative rows cancel. `rows` stand in `_order`.

    A negative row takes its twin out of the version in force; where its twin was replaced already
    it has no effect, and where none was seen yet it takes the one that comes.
    """
    current: list[Charge] = []
    replaced: list[Charge] = []
    owed: list[tuple[Decimal, Decimal]] = []
    for row in rows:
        if not _negative(row):
            if current and _signed(current[0]) != _signed(row):
                replaced += current
                current = []
            if _amounts(row) in owed:
                owed.remove(_amounts(row))
            else:
                current.append(row)
            continue
        twins = [one for one in current if _amounts(one) == _amounts(row)]
        if twins:
            current.remove(min(twins, key=lambda one: one.claim != row.claim))
        elif not any(_amounts(one) == _amounts(row) for one in replaced):
            owed.append(_amounts(row))
    return _billed_first(current)


def _amounts(charge: Charge) -> tuple[Decimal, Decimal]:
    return abs(charge.units), abs(charge.charge)


def _billed_first(versions: list[Charge]) -> list[Charge]:
    billed = [one for one in versions if one.claim]
    alike = {_without_source(replace(one, claim="")) for one in versions}
    return billed if billed and len(alike) == 1 else versions
