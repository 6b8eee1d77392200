"""Reads claim files (X12 837 professional and institutional, 4010 and 5010), claim by claim."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from server.x12.claims import LINE_AMOUNTS, Claim
from server.x12.envelope import NAMES, Envelope
from server.x12.findings import Finding, Findings
from server.x12.parts import OPENS, Part, parts
from server.x12.segments import CHUNK, Segmenter
from server.x12.values import AMOUNT, element

_OPENING = {name: OPENS + n for n, name in enumerate(("BHT", "HL", "CLM", "LX", *NAMES))}


class ClaimFile:
    """One 837 file. `claims()` may be taken once; `findings` are complete after the last claim."""

    def __init__(
        self, stream: BinaryIO, name: str = "", chunk: int = CHUNK, close: bool = False
    ) -> None:
        """`close`: the stream is closed with its last claim."""
        self.name = name
        self._stream = stream if close else None
        self._findings = Findings()
        self._segmenter = Segmenter(stream, self._findings, _OPENING, chunk)
        self._envelope = Envelope(self._findings, "837", self._begin, self._end)
        self._header: Part | None = None
        self._opened: dict[str, Part] = {}
        self._levels: dict[str, Part] = {}
        self._claim: Part | None = None
        self._lines: list[Part] = []
        self._order = 0
        self._last: Part | None = None

    @property
    def findings(self) -> list[Finding]:
        """What is wrong so far; complete after the last claim."""
        return self._findings.all()

    @property
    def fatal(self) -> bool:
        """Whether a fatal finding stands so far."""
        return self._findings.fatal

    def claims(self) -> Iterator[Claim]:
        """The claims in file order; each is forgotten when the next one is taken."""
        for part in parts(self._segmenter):
            self._last, name = part, part.name
            if name in NAMES:
                yield from self._whole_claim()
                self._envelope.read(name, part)
                self._opened[name] = part
            elif not self._envelope.other:
                yield from self._take(name, part)
        yield from self._whole_claim()
        self._finish()

    def _take(self, name: str, part: Part) -> Iterator[Claim]:
        if name == "LX":
            if self._claim:
                self._lines.append(part)
            else:
                self._add("unknown_segment", part)
            return
        yield from self._whole_claim()
        if name == "BHT":
            self._header = part
        elif name == "HL":
            self._level(part)
        elif name == "CLM":
            self._claim = part
        else:
            self._add("unknown_segment", part)

    def _level(self, part: Part) -> None:
        """`HL03`: 20 billing provider, 22 subscriber, 23 patient; each ends those below it."""
        level = element(part.opening, 3)
        if level not in ("20", "22", "23"):
            self._add("unknown_segment", part)
            return
        self._levels = {known: held for known, held in self._levels.items() if known < level}
        self._levels[level] = part

    def _whole_claim(self) -> Iterator[Claim]:
        part = self._claim
        if part is None:
            return
        self._claim = None
        claim = Claim(
            self._order,
            self._envelope.version,
            self._envelope.group_date,
            dict(self._opened),
            self._header,
            self._levels.get("20"),
            self._levels.get("22"),
            self._levels.get("23"),
            part,
            tuple(self._lines),
        )
        self._lines = []
        self._order += 1
        self._check(claim)
        yield claim

    def _check(self, claim: Claim) -> None:
        part = claim.part
        if not (claim.billing and claim.subscriber):
            self._add("missing_segment", part, "HL")
        if not claim.claim:
            self._add("missing_element", part)
        self._number(part, claim.elements, 2)
        total = Decimal(0)
        for line in claim.lines:
            e = line.service
            if not e:
                self._add("missing_segment", line.part, "SV")
                continue
            charge, units = LINE_AMOUNTS[e[0]]
            self._number(line.part, e, charge)
            text = element(e, units)
            if text and AMOUNT[text] is None:
                self._add("bad_number", line.part)
            total += line.charge or 0
            first, last = line.days
            if first is None or last is None:
                self._add("missing_date", line.part)
        if claim.line_parts and claim.charge is not None and claim.charge != total:
            self._add("claim_charge", part)

    def _number(self, part: Part, elements: list[str], position: int) -> None:
        text = element(elements, position)
        if AMOUNT[text] is None:
            self._add("bad_number" if text else "missing_element", part)

    def _add(self, code_: str, part: Part, detail: str = "") -> None:
        self._findings.add(code_, part.number, *part.span_of(0), detail)

    def _begin(self, part: Part) -> None:
        self._header, self._levels = None, {}

    def _end(self) -> None:
        self._header, self._levels = None, {}

    def _finish(self) -> None:
        self._envelope.finish()
        last = self._last
        if last and not last.terminated and not self._findings.fatal:
            self._add("missing_terminator", last)
        if not self._order and not self._findings.fatal:
            self._findings.add("no_claims")
        if self._stream:
            self._stream.close()


def read_claims(file: bytes | BinaryIO | Path, name: str = "") -> ClaimFile:
    """Open a claim file: bytes, an open binary file, or a path (closed with its last claim)."""
    if isinstance(file, bytes):
        return ClaimFile(io.BytesIO(file), name)
    if isinstance(file, Path):
        return ClaimFile(file.open("rb"), name or file.name, close=True)
    return ClaimFile(file, name)
