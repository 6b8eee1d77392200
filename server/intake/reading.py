"""What a file is, and the facts in it: bytes in, facts and findings out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from server.facts import Fact
from server.intake.eob import EOB_COLUMNS, read_eobs
from server.tables import TableError, read_charges, read_sent
from server.x12 import Finding, claim_facts, remittance_facts

FileKind = Literal["835", "837", "charges", "sent", "eob", "unknown"]

CHARGE_COLUMNS = frozenset({"service_date", "procedure", "signed_off"})
SENT_COLUMNS = frozenset({"claim", "sent_on", "kind"})
_TRANSACTION = re.compile(rb"(?:^|[\W_])ST[^A-Za-z0-9](835|837)(?![0-9])", re.IGNORECASE)
_BLANK = re.compile(r"[\s_\-]+")
_PEEK = 65536


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read out of one file. Nothing is taken where `refused` says why."""

    kind: FileKind
    facts: tuple[Fact, ...]
    findings: tuple[Finding, ...] = ()
    refused: str = ""


def kind_of(content: bytes) -> FileKind:
    """What a file is, by its content; its name may lie."""
    head = content[:_PEEK].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head[:3].upper() in (b"ISA", b"GS*", b"ST*") or re.match(rb"(GS|ST)[^\w\s<]", head, re.I):
        found = _TRANSACTION.search(content[: _PEEK * 16])
        if found is None:
            return "unknown"
        return "835" if found.group(1) == b"835" else "837"
    return _table_kind(head)


def _table_kind(head: bytes) -> FileKind:
    """By the columns of the first line; a wide text's zero bytes do not matter here."""
    first = next((line for line in head.replace(b"\0", b"").splitlines() if line.strip()), b"")
    words = re.split(r"[,;\t|]", first.decode("latin-1").lower())
    columns = {_BLANK.sub("_", word.strip().strip('"')) for word in words}
    if columns >= CHARGE_COLUMNS:
        return "charges"
    if columns >= set(EOB_COLUMNS):
        return "eob"
    return "sent" if columns >= SENT_COLUMNS else "unknown"


def read(name: str, content: bytes) -> Reading:
    """Read one file; what is wrong with it is in the reading, never raised."""
    kind = kind_of(content)
    if kind == "837":
        return _x12(kind, *claim_facts(content, name))
    if kind == "835":
        return _x12(kind, *remittance_facts(content, name))
    try:
        if kind == "charges":
            return Reading(kind, tuple(read_charges(content, name)))
        if kind == "sent":
            return Reading(kind, tuple(read_sent(content, name)))
        if kind == "eob":
            return Reading(kind, tuple(read_eobs(content, name)))
    except TableError as error:
        return Reading(kind, (), refused=str(error))
    return _unknown(name, content)


def _x12(kind: FileKind, facts: Sequence[Fact], findings: Sequence[Finding]) -> Reading:
    fatal = next((one for one in findings if one.severity == "fatal"), None)
    if fatal is not None:
        return Reading(kind, (), tuple(findings), at_segment(fatal))
    return Reading(kind, tuple(facts), tuple(findings))


def _unknown(name: str, content: bytes) -> Reading:
    # The reader of remittances knows best what is no X12: empty, a page, cut off before its header.
    _, findings = remittance_facts(content, name)
    fatal = next((one for one in findings if one.severity == "fatal"), None)
    if fatal is not None and fatal.code != "not_x12":
        return Reading("unknown", (), tuple(findings), at_segment(fatal))
    return Reading("unknown", (), (), "no 835, 837, or CSV of charges, EOBs or sent claims")


def at_segment(finding: Finding) -> str:
    """A finding as a line: what, and in which segment."""
    if finding.segment is None:
        return finding.message
    return f"segment {finding.segment}: {finding.message}"
