"""Looks at portals from JSON: a list of `{payer, claim, looked_at, outcome, lines}`.

A line says what the page showed: `procedure`, `modifiers`, `date`, `charge`, `paid`, `allowed`,
`adjustments` (`[{group, carc, amount}]`) or `codes` (`["CO-107"]`), `remarks`, `line_control`,
`status`. `remittance_date`, `status`, `payer_claim_control_number` and the patient may stand at
the observation or at a line. Without a remittance date what was shown is no adjudication.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from server.facts import (
    Adjudication,
    Adjustment,
    ClaimAdjudication,
    Look,
    LookOutcome,
    Patient,
    Payer,
    Source,
)
from server.tables.rows import TableError, as_text, parse_amount, parse_moment

OUTCOMES = ("found", "pending", "not_found", "failed")
_PENDED = "5"
_STATUSES = {
    "paid": "1",
    "approved": "1",
    "allowed": "1",
    "finalized": "1",
    "processed": "1",
    "partially paid": "1",
    "partially_paid": "1",
    "denied": "4",
    "rejected": "4",
    "reversed": "22",
    "forwarded": "23",
    "predetermination": "25",
    "pending": _PENDED,
    "pended": _PENDED,
    "in process": _PENDED,
    "in_process": _PENDED,
    "processing": _PENDED,
    "in review": _PENDED,
    "received": _PENDED,
    "suspended": _PENDED,
}
_CODE = re.compile(
    r"(?:(CO|PR|OA|PI|CR)[\s*/-]*)?([A-Z]?\d{1,3})(?:[\s*:]+(-?\$?[\d,]+(?:\.\d*)?))?", re.ASCII
)
_CODES = ("codes", "denial_codes", "reason_codes", "carcs")
_REMITTED = ("remittance_date", "remitted_on", "produced", "payment_date", "paid_on")
_PAID_WORDS = frozenset(("paid", "approved", "allowed"))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One JSON object with the names it goes by in errors."""

    where: str
    found: Mapping[str, Any]

    def text(self, *keys: str) -> str:
        for key in keys:
            if (word := as_text(self.found.get(key))) != "":
                return word
        return ""

    def day(self, *keys: str) -> date | None:
        moment = self.moment(*keys)
        return moment.date() if moment is not None else None

    def moment(self, *keys: str) -> datetime | None:
        word = self.text(*keys)
        if not word:
            return None
        found = parse_moment(word.replace("Z", "+00:00") if word.endswith("Z") else word)
        if found is None:
            raise TableError(f"{self.where}: {keys[0]} is no date")
        return found

    def amount(self, *keys: str) -> Decimal | None:
        word = self.text(*keys)
        if not word:
            return None
        found = parse_amount(word)
        if found is None:
            raise TableError(f"{self.where}: {keys[0]} is no number")
        return found

    def many(self, key: str) -> list[Any]:
        found = self.found.get(key)
        if found is None:
            return []
        if isinstance(found, str):
            return [part for part in re.split(r"[\s,]+", found) if part]
        if not isinstance(found, list):
            raise TableError(f"{self.where}: {key} is no list")
        return found


def read_observations(content: bytes, name: str) -> tuple[Look, ...]:
    """The looks of a file; all or none. A `looked_at` without a zone is UTC.

    Raises TableError naming the entry (from 1), never a value.
    """
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise TableError(f"{name}:{error.lineno}: not valid JSON: {error.msg}") from None
    except (UnicodeDecodeError, RecursionError):
        raise TableError(f"{name}: not readable as JSON") from None
    if isinstance(found, dict):
        found = found.get("observations", [found])
    if not isinstance(found, list):
        raise TableError(f"{name}: not a list of observations")
    digest = hashlib.sha256(content).hexdigest()
    return tuple(_look(one, name, digest, at) for at, one in enumerate(found, start=1))


def _look(found: Any, name: str, digest: str, number: int) -> Look:
    where = f"{name}: observation {number}"
    if not isinstance(found, Mapping):
        raise TableError(f"{where}: not an object")
    entry = _Entry(where, found)
    looked_at = entry.moment("looked_at")
    outcome = entry.text("outcome").lower().replace(" ", "_") or "found"
    if looked_at is None:
        raise TableError(f"{where}: looked_at is missing")
    if outcome not in OUTCOMES:
        raise TableError(f"{where}: outcome is none of {', '.join(OUTCOMES)}")
    if not entry.text("claim"):
        raise TableError(f"{where}: claim is missing")
    looked_at = looked_at if looked_at.tzinfo else looked_at.replace(tzinfo=UTC)
    payer = _payer(found.get("payer"))
    source = Source("portal", entry.text("portal") or name, digest, number, seen_at=looked_at)
    return Look(
        payer=payer,
        claim=entry.text("claim"),
        looked_at=looked_at,
        outcome=cast(LookOutcome, outcome),
        answers=tuple(_answers(entry, payer, source)),
        portal=entry.text("portal"),
        account=entry.text("account"),
        source=source,
    )


def _payer(found: Any) -> Payer:
    """A payer by one word, or by `{id, ids, name}`. A word may be an id or a name."""
    if isinstance(found, Mapping):
        ids = found.get("ids", found.get("payer_ids", []))
        words = [as_text(one) for one in (ids if isinstance(ids, list) else [ids])]
        words.append(as_text(found.get("id")))
        return Payer(tuple(dict.fromkeys(filter(None, words))), as_text(found.get("name")))
    word = as_text(found)
    return Payer((word,) if word else (), word)


def _answers(entry: _Entry, payer: Payer, source: Source) -> Iterable[ClaimAdjudication]:
    """One answer for each remittance date, status and number the lines show."""
    grouped: dict[tuple[date | None, str, str], list[_Entry]] = {}
    for number, one in enumerate(entry.many("lines"), start=1):
        where = f"{entry.where}, line {number}"
        if not isinstance(one, Mapping):
            raise TableError(f"{where}: not an object")
        line = _Entry(where, one)
        produced = line.day(*_REMITTED) or entry.day(*_REMITTED)
        status = _status(line.text("status") or entry.text("claim_status", "status"))
        control = ("payer_claim_control_number", "payer_control", "icn")
        key = produced, status, line.text(*control) or entry.text(*control)
        grouped.setdefault(key, []).append(line)
    for place, ((produced, status, control_number), lines) in enumerate(grouped.items()):
        read = tuple(_line(line, order, source) for order, line in enumerate(lines))
        yield ClaimAdjudication(
            claim=entry.text("claim"),
            payer=payer,
            payer_claim_control_number=control_number,
            status=status,
            charge=sum((one.charge for one in read), Decimal(0)),
            paid=sum((one.paid for one in read), Decimal(0)),
            patient=_patient(entry),
            produced=produced,
            order=place,
            remarks=_remarks(entry),
            lines=read,
            source=source,
        )


def _status(word: str) -> str:
    """`CLP02` as far as the word tells; a number is taken as it stands."""
    plain = word.strip().lower()
    return plain if plain.isdigit() else _STATUSES.get(plain, "")


def _patient(entry: _Entry) -> Patient:
    found = entry.found.get("patient")
    one = _Entry(entry.where, found) if isinstance(found, Mapping) else entry
    return Patient(
        member_id=one.text("member_id", "patient_id"),
        last_name=one.text("last_name", "patient_last_name"),
        first_name=one.text("first_name", "patient_first_name"),
        birth_date=one.day("birth_date", "patient_birth_date"),
    )


def _remarks(entry: _Entry) -> tuple[str, ...]:
    return tuple(
        as_text(one).upper()
        for key in ("remarks", "rarcs", "remark_codes")
        for one in entry.many(key)
        if as_text(one)
    )


def _line(line: _Entry, order: int, source: Source) -> Adjudication:
    procedure, modifiers = _procedure(line)
    charge = line.amount("charge", "billed", "charge_amount") or Decimal(0)
    paid = line.amount("paid", "paid_amount") or Decimal(0)
    first = line.day("date", "service_date", "first_day", "date_of_service")
    adjustments = _adjustments(line, charge - paid)
    allowed = line.amount("allowed")
    if allowed is None and paid == 0 and not adjustments and _said_paid(line):
        allowed = charge  # said to be paid, and not how much
    return Adjudication(
        procedure=procedure,
        modifiers=modifiers,
        submitted_procedure=procedure,
        submitted_modifiers=modifiers,
        units=line.amount("units"),
        charge=charge,
        paid=paid,
        allowed=allowed,
        first_day=first,
        last_day=line.day("last_day", "service_date_to") or first,
        line_control=line.text("line_control"),
        adjustments=adjustments,
        remarks=_remarks(line),
        order=order,
        source=source,
    )


def _said_paid(line: _Entry) -> bool:
    return line.text("status").lower() in _PAID_WORDS


def _procedure(line: _Entry) -> tuple[str, tuple[str, ...]]:
    """The code and its modifiers, which may stand behind it: `22614-59`."""
    parts = [part for part in re.split(r"[\s:,-]+", line.text("procedure").upper()) if part]
    more = [as_text(one).upper() for one in line.many("modifiers")]
    modifiers = tuple(dict.fromkeys(filter(None, (*parts[1:], *more))))
    return (parts[0] if parts else ""), modifiers


def _adjustments(line: _Entry, unpaid: Decimal) -> tuple[Adjustment, ...]:
    told = line.found.get("adjustments")
    many = (
        [f"{key} {as_text(one)}" for key, one in told.items()]
        if isinstance(told, dict)
        else (line.many("adjustments"))
    )
    found = [_adjustment(line, one) for one in many]
    found += [_coded(as_text(one)) for key in _CODES for one in line.many(key)]
    read = [one for one in found if one is not None]
    known = sum((amount for _, _, amount in read if amount is not None), Decimal(0))
    open_codes = sum(1 for _, _, amount in read if amount is None)
    rest = max(unpaid - known, Decimal(0)) if open_codes == 1 else Decimal(0)
    return tuple(
        Adjustment(group, carc, rest if amount is None else amount) for group, carc, amount in read
    )


def _adjustment(line: _Entry, found: Any) -> tuple[str, str, Decimal | None] | None:
    if isinstance(found, list):
        return _coded(" ".join(map(as_text, found)))
    if not isinstance(found, Mapping):
        return _coded(as_text(found))
    one = _Entry(line.where, found)
    coded = _coded(one.text("carc", "code", "reason", "reason_code"))
    if coded is None:
        return None
    group = one.text("group", "group_code").upper() or coded[0]
    return group, coded[1], one.amount("amount")


def _coded(word: str) -> tuple[str, str, Decimal | None] | None:
    """`CO-107`, `107` or `CO 107 1150.00`; None for what is no such code."""
    match = _CODE.fullmatch(word.strip().upper())
    if match is None:
        return None
    return match[1] or "", match[2], parse_amount(match[3]) if match[3] else None
