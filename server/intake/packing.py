"""Building a packet from the store, and letting go of one whose lines are ready no more."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from server.co107.appeal import build_appeal
from server.co107.packet import Packet as ClaimPacket
from server.co107.packet import build_packet as pack
from server.co107.surroundings import Surroundings
from server.facts import Charge
from server.intake.around import surroundings
from server.intake.deciding import decide_due, decide_some, packeted
from server.settings import Settings
from server.store import (
    NotThereError,
    RefusedError,
    Store,
    audit,
    cohorts,
    documents,
    facts,
    packets,
    practices,
    records,
    worklist,
)
from server.store.accounts import swept_payers
from server.store.packets import Packet
from server.store.practices import Scope
from server.store.worklist import LineRow
from server.x12 import Stamp

# Far from the numbers a billing system counts up from one: a receiver refuses a number twice.
FIRST_CONTROL_NUMBER = 900_000_000
CONTROL_NUMBERS = 99_999_999


@dataclass(frozen=True, slots=True)
class _Made:
    """A packet's content before it is kept."""

    route: str
    files: dict[str, bytes]
    charges: tuple[Charge, ...]
    sum: str
    """Of what it says, apart from control numbers and times: the same again is the same packet."""


def build_packet(
    store: Store, scope: Scope, line: int, *, who: str, today: date, settings: Settings
) -> Packet:
    """Build what the line's claim needs, all its ready lines in one, and keep it as the live one.

    The same again gives the packet that stands. Raises NotThereError, RefusedError where the line
    is neither `ready` nor `appeal`, or PacketError where no packet can be made.
    """
    practice = worklist.line(store, scope, line).row.practice
    around = surroundings(settings, today, swept_payers(store, practice))
    with store.writing() as connection:
        practices.lock(connection, practice)
        found = worklist.line_in(connection, store, scope, line)
        # As of today: a last day may have passed since the line was decided.
        decide_some(connection, store, practice, [found.cohort], around)
        row = worklist.line_in(connection, store, scope, line).row
        if row.state not in ("ready", "appeal"):
            raise RefusedError(
                f"line {line} is {row.state} ({row.reason}): there is nothing to build"
            )
        number = _kept(connection, store, found.cohort, row, around, who)
        cohorts.mark_due(connection, [found.cohort])
        practices.touch(connection, practice)
        audit.append(store, who, "packet.build", practice, f"packet {number}", line=line)
    # A charge in this packet counts as billed for the patient's other claims.
    decide_due(store, practice, today, settings)
    return packets.packet(store, scope, number)


def _kept(
    connection: Connection,
    store: Store,
    cohort: int,
    row: LineRow,
    around: Surroundings,
    who: str,
) -> int:
    # Drawing pages is slow to import, and needed only here.
    from server.packets import appeal_files, packet_files

    practice = row.practice
    known = facts.load(connection, store.sealer, practice, [cohort])[cohort]
    here = replace(around, packeted=packeted(connection, store, practice, [cohort]))
    if row.state == "appeal":
        made = _appeal(appeal_files(build_appeal(known, here, row.claim, row.payer)))
    else:
        packet = pack(known, here, row.claim, row.payer)
        original = _original(connection, store, practice, packet)
        summed = _sum(packet_files(packet, original))
        standing = packets.standing(connection, store, practice, row.claim)
        if standing is not None and standing.note.get("said") == summed:
            return standing.id
        stamps = _stamps(connection, practice, len(packet.to_write), around.today)
        files = packet_files(packet, original, stamps)
        made = _Made(packet.route, files, packet.charges, summed)
    return packets.save(
        connection,
        store,
        practice,
        cohort,
        row.claim,
        made.route,
        packets.lines_of_claim(connection, store, practice, row.claim, row.payer, row.state),
        made.files,
        {"said": made.sum, "charges": [_charge_text(one) for one in made.charges]},
        who,
    )


def _appeal(files: dict[str, bytes]) -> _Made:
    return _Made("appeal", files, (), _sum(files))


def _sum(files: Mapping[str, bytes]) -> str:
    """PDFs carry the moment they were made, and say what the HTML beside them says."""
    summed = hashlib.sha256()
    for name in sorted(files):
        if not name.endswith(".pdf"):
            summed.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return summed.hexdigest()


def _charge_text(charge: Charge) -> str:
    _, record, sources = records.encode(charge)
    return records.payload(record, sources).decode()


def _original(
    connection: Connection, store: Store, practice: str, packet: ClaimPacket
) -> bytes | None:
    """The bytes of the original 837; None where they are not kept."""
    if packet.original is None or not packet.original.digest:
        return None
    try:
        return documents.content(connection, store.sealer, practice, packet.original.digest)
    except NotThereError:
        return None


def _stamps(connection: Connection, practice: str, count: int, day: date) -> Sequence[Stamp]:
    """New envelope numbers, never given twice by this store."""
    moment = datetime.now().time().replace(microsecond=0)  # noqa: DTZ005  local, as X12 wants it
    stamps = []
    for _ in range(count):
        number = packets.next_number(connection, practice, "interchange") % CONTROL_NUMBERS
        control = str(FIRST_CONTROL_NUMBER + number)
        stamps.append(Stamp(control, control, "0001", f"RL{control}", day, moment))
    return stamps
