"""A line as it was decided, and the columns it becomes: clear, blind and sealed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from server.facts import Patient
from server.store.sealing import Sealer, place
from server.store.ties import canonical

NO_DEADLINE = date(9999, 12, 31)


OPEN_STATES = frozenset({"ready", "appeal", "waiting", "review"})
"""States that ask something of a person; in the others the payer is to answer, or it is over."""


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One line as decided: what the worklist shows, sorts and filters by."""

    claim: str
    payer: str
    """The id of the payer's rules, else its first id, else its name: what lines are grouped by."""
    payer_name: str
    patient: Patient
    payer_claim_control_number: str
    line_control: str
    procedure: str
    modifiers: tuple[str, ...]
    first_day: date | None
    last_day: date | None
    units: Decimal | None
    charge: Decimal | None
    amount: Decimal
    groups: tuple[str, ...]
    carcs: tuple[str, ...]
    rarcs: tuple[str, ...]
    denied_on: date | None
    """Production date of the first answer with a 107."""
    produced: date | None
    """Production date of the latest answer."""
    state: str
    reason: str
    route: str
    deadline: date | None
    as_of: date
    missing: tuple[str, ...] = ()
    """Procedures of the service that is missing, or was found."""
    sent_on: date | None = None
    """When it was last sent again or appealed."""
    paid: Decimal = Decimal(0)
    recovered: Decimal = Decimal(0)
    """Paid on a later remittance for a line that was sent again."""
    occurrence: int = 1
    """Of lines of one claim that nothing else tells apart, from 1."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Steps and evidence, as JSON."""


def identity_text(one: LineRecord) -> str:
    day = one.first_day.isoformat() if one.first_day else ""
    return "\x1f".join(
        (
            one.payer,
            one.claim,
            one.procedure,
            " ".join(sorted(one.modifiers)),
            day,
            one.line_control,
            str(one.occurrence),
        )
    )


def _head(one: LineRecord) -> dict[str, Any]:
    """What tells who it is: sealed, and opened for a page of lines."""
    patient = one.patient
    return {
        "claim": one.claim,
        "pccn": one.payer_claim_control_number,
        "line_control": one.line_control,
        "member_id": patient.member_id,
        "last_name": patient.last_name,
        "first_name": patient.first_name,
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "units": None if one.units is None else str(one.units),
    }


def claim_key(sealer: Sealer, claim: str) -> bytes:
    """The blind index of a claim number."""
    return sealer.blind("line claim", canonical(claim))


def lookup_keys(sealer: Sealer, index: str, text: str) -> list[bytes]:
    """What to look for: `index` is `claim`, `member` or `name`."""
    return sealer.blinds(f"line {index}", canonical(text))


def _optional_key(sealer: Sealer, index: str, text: str) -> bytes | None:
    found = canonical(text)
    return sealer.blind(f"line {index}", found) if found else None


def columns(
    sealer: Sealer, practice: str, cohort: int, one: LineRecord
) -> tuple[dict[str, Any], Digests]:
    """A row, and the digests (one for each known key) under which the same stands already."""
    head = _head(one)
    clear: dict[str, Any] = {
        "practice": practice,
        "cohort": cohort,
        "payer": one.payer[:80],
        "payer_name": one.payer_name,
        "procedure": one.procedure[:48],
        "modifiers": " ".join(one.modifiers)[:40],
        "first_day": one.first_day,
        "last_day": one.last_day,
        "charge": one.charge,
        "amount": one.amount,
        "groups": " ".join(one.groups),
        "carcs": " ".join(one.carcs),
        "rarcs": " ".join(one.rarcs),
        "denied_on": one.denied_on,
        "produced": one.produced,
        "sent_on": one.sent_on,
        "paid": one.paid,
        "state": one.state,
        "reason": one.reason,
        "route": one.route,
        "deadline": one.deadline,
        "due": one.deadline or NO_DEADLINE,
        "missing": " ".join(one.missing),
        "recovered": one.recovered,
        "open": one.state in OPEN_STATES,
    }
    plain = json.dumps([clear, head], default=str, sort_keys=True)
    # What a rotation needs to make identity and digest anew.
    head |= {"identity": identity_text(one), "sum": hashlib.sha256(plain.encode()).hexdigest()}
    row = clear | {"as_of": one.as_of} | sealed_columns(sealer, practice, head, one.detail)
    return row, Digests(
        sealer.blinds("line digest", head["sum"]),
        sealer.blinds("line detail", _detail_sum(one.detail)),
    )


def _detail_sum(detail: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(detail), sort_keys=True).encode()).hexdigest()


KEYED = ("identity", "claim_key", "member_key", "name_key", "digest", "sealed", "detail")
"""The columns `sealed_columns` gives."""


def sealed_columns(
    sealer: Sealer, practice: str, head: Mapping[str, Any], detail: Mapping[str, Any]
) -> dict[str, Any]:
    """The columns that depend on the key: blind indexes, digest, and what is sealed."""
    identity = sealer.blind("line", head["identity"])
    return {
        "identity": identity,
        "claim_key": claim_key(sealer, head["claim"]),
        "member_key": _optional_key(sealer, "member", head["member_id"]),
        "name_key": _optional_key(sealer, "name", head["last_name"]),
        "digest": sealer.blind("line digest", head["sum"])
        + sealer.blind("line detail", _detail_sum(detail)),
        "sealed": sealer.seal_json(dict(head), place("lines", practice, identity)),
        "detail": sealer.seal_json(dict(detail), place("lines.detail", practice, identity)),
    }


@dataclass(frozen=True, slots=True)
class Digests:
    """Of what was decided, and of how it is told, under each known key."""

    decision: Collection[bytes]
    detail: Collection[bytes]


def match_hash(secret: bytes, number: str) -> bytes:
    """How an extension asks for a claim: 16 bytes of HMAC-SHA-256 of the canonical number."""
    return hmac.digest(secret, canonical_number(number).encode(), "sha256")[:16]


def canonical_number(number: str) -> str:
    """A claim number as it is hashed: upper case, A-Z and 0-9 only."""
    return "".join(letter for letter in number.upper() if letter.isascii() and letter.isalnum())
