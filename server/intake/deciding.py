"""Deciding from the store: the cohorts that are due, in batches, each its own transaction.

A file's facts and the note that their cohorts are due are one transaction; deciding follows, and is
taken up again by the next intake where it was cut off. What a batch read is what it decides: on
SQLite it holds the write lock, on PostgreSQL the practice's.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from server.co107.charging import ChargeKey, charge_key
from server.co107.decide import decide_all
from server.co107.decision import Decided, Evidence
from server.co107.surroundings import Surroundings
from server.facts import Adjudication, Charge, ClaimAdjudication, Facts, Patient, Source
from server.intake.around import surroundings
from server.settings import Settings
from server.store import Store, cohorts, facts, lines, packets, practices, records
from server.store.accounts import swept_payers
from server.store.line_columns import LineRecord
from server.store.tables import cohorts as cohort_table

BATCH = 200

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Settled:
    """What deciding did: how many lines were decided, and which are new or other than before."""

    decided: int = 0
    changed: tuple[int, ...] = ()

    def plus(self, other: Settled) -> Settled:
        return Settled(self.decided + other.decided, self.changed + other.changed)


def decide_due(store: Store, practice: str, today: date, settings: Settings) -> Settled:
    """Decide every cohort that facts came for, or that an earlier run was cut off from."""
    around = surroundings(settings, today, swept_payers(store, practice))
    total = Settled()
    while True:
        with store.writing() as connection:
            practices.lock(connection, practice)
            those = cohorts.due(connection, practice, limit=BATCH)
            if not those:
                return total
            total = total.plus(decide_some(connection, store, practice, those, around))
            cohorts.settled(connection, those)


def decide_all_lines(
    store: Store,
    practice: str,
    today: date,
    settings: Settings,
    progress: Progress | None = None,
) -> Settled:
    """Decide every cohort that has a line again: dates pass, rules and pairs change."""
    around = surroundings(settings, today, swept_payers(store, practice))
    total, after = decide_due(store, practice, today, settings), 0
    while True:
        with store.writing() as connection:
            practices.lock(connection, practice)
            those = _with_lines(connection, practice, after)
            if not those:
                return total
            total = total.plus(decide_some(connection, store, practice, those, around))
            after = those[-1]
        if progress is not None:
            progress(total.decided)


def all_due(store: Store, practice: str) -> None:
    """Say that every cohort has to be decided again (another pair table changes what is a line's
    cause, never which lines there are)."""
    with store.writing() as connection:
        practices.lock(connection, practice)
        query = select(cohort_table.c.id).where(cohort_table.c.practice == practice)
        cohorts.mark_due(connection, list(connection.scalars(query)))


def _with_lines(connection: Connection, practice: str, after: int) -> list[int]:
    from server.store.tables import lines as table

    query = (
        select(table.c.cohort)
        .where(table.c.practice == practice, table.c.cohort > after)
        .distinct()
        .order_by(table.c.cohort)
        .limit(BATCH)
    )
    return list(connection.scalars(query))


def decide_some(
    connection: Connection,
    store: Store,
    practice: str,
    those: Sequence[int],
    around: Surroundings,
) -> Settled:
    """Decide some cohorts within an open transaction that holds the practice."""
    settled = Settled()
    while those:
        settled = settled.plus(_decide_once(connection, store, practice, those, around))
        # A packet that no line needs any more gives its charges back: who wanted them decides anew.
        gone = packets.spent(connection, practice, those)
        if not gone:
            break
        packets.withdraw(connection, practice, gone)
    return settled


def _decide_once(
    connection: Connection,
    store: Store,
    practice: str,
    those: Sequence[int],
    around: Surroundings,
) -> Settled:
    with _unswept():
        known = facts.load(connection, store.sealer, practice, those)
        in_packets = packeted(connection, store, practice, those)
        here = replace(around, packeted=in_packets) if in_packets else around
        decided = {
            cohort: [record(one, known[cohort]) for one in decide_all(known[cohort], here)]
            if cohort in known
            else []
            for cohort in those
        }
    written = lines.write(connection, store, practice, decided)
    return Settled(written.lines, written.changed)


@contextmanager
def _unswept() -> Iterator[None]:
    """Without Python's search for unused objects: a batch makes some 300,000 small ones, nearly all
    used to its end, and looking through them again and again took a fifth of the time. What the
    batch leaves behind is collected at its end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
            gc.collect(0)


def packeted(
    connection: Connection, store: Store, practice: str, those: Iterable[int]
) -> dict[ChargeKey, str]:
    """Charges that stand in a live packet of these cohorts, with the packet's claim."""
    found = {}
    for note in packets.notes(connection, store, practice, those):
        for raw in note.get("charges", ()):
            charge = records.decode(records.KINDS[Charge], raw.encode())
            if isinstance(charge, Charge):
                found[charge_key(charge)] = str(note["claim"])
    return found


def record(decided: Decided, known: Facts) -> LineRecord:
    """A decided line as the worklist keeps it."""
    key, decision = decided.key, decided.decision
    answers = sorted(
        (one for one in known.answers if one.claim == key.claim),
        key=lambda one: (one.produced or date.min, one.order),
    )
    latest = _latest_line(answers, key.procedure, key.line_control, key.first_day)
    paid_after = decision.state == "resolved" and decided.sent_on is not None
    return LineRecord(
        claim=key.claim,
        payer=decided.rules_id or key.payer,
        payer_name=next((one.payer.name for one in reversed(answers) if one.payer.name), ""),
        patient=_patient(known, key.claim),
        payer_claim_control_number=decided.payer_claim_control_number,
        line_control=key.line_control,
        procedure=key.procedure,
        modifiers=key.modifiers,
        first_day=key.first_day,
        last_day=decided.last_day,
        units=decided.units,
        charge=decided.charge,
        amount=decision.amount,
        groups=decided.groups,
        carcs=tuple(dict.fromkeys(one.carc for one in latest.adjustments)) if latest else ("107",),
        rarcs=decided.remarks,
        denied_on=decided.denied_on,
        produced=decided.answered_on,
        state=decision.state,
        reason=decision.reason,
        route=decision.route or "",
        deadline=decision.deadline,
        as_of=decision.as_of,
        missing=decided.missing,
        sent_on=decided.sent_on,
        paid=decided.paid,
        recovered=decided.paid if paid_after else Decimal(0),
        occurrence=key.occurrence,
        detail={
            "steps": [[step.row, step.matched, step.saw] for step in decision.steps],
            "evidence": [_evidence(one) for one in decision.evidence],
        },
    )


def _latest_line(
    answers: Sequence[ClaimAdjudication], procedure: str, control: str, day: date | None
) -> Adjudication | None:
    for answer in reversed(answers):
        for line in answer.lines:
            if line.submitted_procedure != procedure or (day and line.first_day != day):
                continue
            if not control or line.line_control == control:
                return line
    return None


def _patient(known: Facts, claim: str) -> Patient:
    """Who the claim is about, each field from where it is known: the claim, else an answer."""
    sides = [
        *(one.patient for one in known.claims if one.claim == claim),
        *(one.patient for one in known.answers if one.claim == claim),
    ]
    return Patient(
        member_id=next((one.member_id for one in sides if one.member_id), ""),
        last_name=next((one.last_name for one in sides if one.last_name), ""),
        first_name=next((one.first_name for one in sides if one.first_name), ""),
        birth_date=next((one.birth_date for one in sides if one.birth_date), None),
    )


def _evidence(one: Evidence) -> dict[str, Any]:
    found: dict[str, Any] = {
        "role": one.role,
        "text": one.text,
        "claim": one.claim,
        "procedure": one.procedure,
        "modifiers": list(one.modifiers),
        "service_day": one.service_day.isoformat() if one.service_day else None,
        "amount": None if one.amount is None else f"{one.amount:f}",
        "source": _source(one.source) if one.source else None,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _source(source: Source) -> dict[str, Any]:
    found = {
        "kind": source.kind,
        "name": source.name,
        "digest": source.digest,
        "segment": source.segment,
        "start": source.start,
        "end": source.end,
        "seen_at": source.seen_at.isoformat() if source.seen_at else None,
    }
    return {name: value for name, value in found.items() if value not in (None, "")}
