"""A decision case as plain files: a folder a denial specialist can read, write and run.

`case.toml` (`today`, optional `swept` and `evidence_days`, `expected`: a list of `{claim,
procedure, state, reason, route, deadline}`), `*.837`, `*.835`, `charges.csv`, `sent.csv`,
`observations.json`, `payers/*.toml`, `pairs.csv`. Without `pairs.csv` the shipped starter counts,
without `payers/` no payer's rules are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from server.co107.decide import decide_all
from server.co107.decision import Decided
from server.co107.pair_errors import PairFileError
from server.co107.pairs import PairTable
from server.co107.payers import PayerRules
from server.co107.surroundings import EVIDENCE_DAYS, Surroundings
from server.codes.lookup import catalogue
from server.errors import SettingsError, UserError
from server.facts import ClaimAdjudication, Facts, SubmittedClaim
from server.pair_store import read_pairs
from server.payer_files import read_payers
from server.settings import line_of, read_toml
from server.tables import read_charges, read_observations, read_sent
from server.tables.rows import parse_moment
from server.x12 import Finding, claim_facts, remittance_facts

CASE_FILE = "case.toml"
MAX_FILE_BYTES = 64 * 1024 * 1024
COMPARED = ("state", "reason", "route", "deadline")

Read = TypeVar("Read", SubmittedClaim, ClaimAdjudication)


class CaseError(UserError):
    """A case that cannot be run: names the file, and the line where one is known."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What one line should become. A field that is absent is not compared."""

    claim: str
    procedure: str
    line_control: str | None
    modifiers: frozenset[str] | None
    fields: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class CaseFolder:
    """A case as read: what to decide by, what to decide, and what should come out."""

    name: str
    surroundings: Surroundings
    facts: Facts
    expected: tuple[Expected, ...] | None
    problem: str = ""
    """One line on what is wrong with the expectations; the case itself can be decided."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One expectation that does not hold."""

    claim: str
    procedure: str
    field: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case after its run."""

    name: str
    lines: tuple[Decided, ...]
    differences: tuple[Difference, ...]
    unexpected: tuple[Decided, ...] = field(default=())
    """Lines no expectation names; they fail a case only where it expects none at all."""


def case_folders(folder: Path) -> list[tuple[str, Path]]:
    """The cases of a folder with their names: the folder itself, and all it holds at any depth.

    A folder with claims or remittances and no `case.toml` is one too, so that running it says what
    it lacks. Raises CaseError where there is no case at all.
    """
    if not folder.is_dir():
        what = "not a folder" if folder.exists() else "no such folder"
        raise CaseError(f"{folder}: {what}")
    files = [one for one in folder.rglob("*") if _counts(one)]
    named = {one.parent for one in files if one.name == CASE_FILE}
    if not named:
        raise CaseError(f"{folder}: no {CASE_FILE} in it or in a folder below")
    bare = {one.parent for one in files if one.suffix.lower() in (".835", ".837")}
    lacking = {one for one in bare - {folder} if not named & {one, *one.parents}}
    return [
        (folder.resolve().name if one == folder else one.relative_to(folder).as_posix(), one)
        for one in sorted(named | lacking)
    ]


def _counts(file: Path) -> bool:
    """Whether a file is a person's: a name with a dot in front is some program's."""
    return not file.name.startswith(".")


def read_case(name: str, folder: Path, starter: PairTable) -> CaseFolder:
    """Read a case. Raises UserError, one line, where any of its files cannot be used."""
    table, text = read_toml(folder / CASE_FILE)
    settings = _Settings(folder / CASE_FILE, table, text)
    expected, problem = settings.expected_or_problem()
    surroundings = Surroundings(
        today=settings.today(),
        payers=_payers(folder / "payers"),
        pairs=_pairs(folder / "pairs.csv", starter),
        known_remarks=frozenset(catalogue().rarc),
        swept=settings.swept(),
        evidence_days=settings.evidence_days(),
    )
    facts = Facts(
        claims=tuple(_x12(folder, ".837", claim_facts)),
        answers=tuple(_x12(folder, ".835", remittance_facts)),
        charges=_table(folder / "charges.csv", read_charges),
        marks=_table(folder / "sent.csv", read_sent),
        looks=_table(folder / "observations.json", read_observations),
    )
    return CaseFolder(name, surroundings, facts, expected, problem)


def _payers(folder: Path) -> tuple[PayerRules, ...]:
    if folder.exists() and not folder.is_dir():
        raise CaseError(f"{folder}: not a folder")
    return read_payers(folder, strict=False)


def _pairs(file: Path, starter: PairTable) -> PairTable:
    """The case's own table, which may list no pair at all, else the starter."""
    if not _is_there(file):
        return starter
    try:
        return read_pairs(file, may_be_bare=True)
    except PairFileError as error:
        raise CaseError(f"{file.parent}: {error}") from None


def run_case(case: CaseFolder) -> Outcome:
    """Decide the case's lines and compare them with what is expected."""
    lines = decide_all(case.facts, case.surroundings)
    if case.expected is None:
        return Outcome(case.name, tuple(lines), ())
    differences: list[Difference] = []
    left = list(lines)
    for one in sorted(case.expected, key=lambda one: one.line_control is None):
        candidates = [line for line in left if _is_meant(line, one)]
        if not candidates:
            differences.append(Difference(one.claim, one.procedure, "line", "a line", "none"))
            continue
        best = min(candidates, key=lambda line: len(_differences(line, one)))
        left.remove(best)
        differences += _differences(best, one)
    if not case.expected:
        differences += [
            Difference(one.key.claim, one.key.procedure, "line", "none", one.decision.state)
            for one in left
        ]
    return Outcome(case.name, tuple(lines), tuple(differences), tuple(left))


def shown(line: Decided) -> dict[str, str | None]:
    """A decided line as `--json` prints it."""
    decision = line.decision
    return {
        "claim": line.key.claim,
        "procedure": line.key.procedure or None,
        "line_control": line.key.line_control or None,
        "state": decision.state,
        "reason": decision.reason,
        "route": decision.route,
        "deadline": decision.deadline.isoformat() if decision.deadline else None,
    }


def _is_meant(line: Decided, expected: Expected) -> bool:
    key = line.key
    return (
        key.claim == expected.claim
        and key.procedure == expected.procedure
        and (expected.line_control is None or key.line_control == expected.line_control)
        and (expected.modifiers is None or frozenset(key.modifiers) == expected.modifiers)
    )


def _differences(line: Decided, expected: Expected) -> list[Difference]:
    found = shown(line)
    return [
        Difference(
            expected.claim, expected.procedure, name, wanted or "none", found[name] or "none"
        )
        for name, wanted in expected.fields.items()
        if (wanted or None) != found[name]
    ]


class _Settings:
    """`case.toml`, value by value."""

    def __init__(self, file: Path, table: dict[str, Any], text: str) -> None:
        self.file = file
        self.table = table
        self.text = text

    def error(self, key: str, what: str) -> CaseError:
        return CaseError(f"{self.file}:{line_of(self.text, (key,))}: {key}: {what}")

    def today(self) -> date:
        found = _day(self.table.get("today"))
        if found is None:
            raise self.error("today", "must be a date, as 2026-03-01")
        return found

    def swept(self) -> frozenset[str]:
        found = self.table.get("swept", [])
        many = [found] if isinstance(found, str) else found
        if not isinstance(many, list) or not all(isinstance(one, str | int) for one in many):
            raise self.error("swept", "must be a list of payer ids")
        return frozenset(str(one) for one in many)

    def evidence_days(self) -> int:
        found = self.table.get("evidence_days", EVIDENCE_DAYS)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise self.error("evidence_days", "must be a whole number from 0")
        return found

    def expected_or_problem(self) -> tuple[tuple[Expected, ...] | None, str]:
        """What should come out, or what is wrong with how it is written."""
        try:
            return self.expected(), ""
        except CaseError as error:
            return None, str(error)

    def expected(self) -> tuple[Expected, ...] | None:
        found = self.table.get("expected")
        if found is None:
            return None
        many = [found] if isinstance(found, dict) else found
        if not isinstance(many, list) or not all(isinstance(one, dict) for one in many):
            raise self.error("expected", "must be a list of tables")
        return tuple(self._one(one) for one in many)

    def _one(self, entry: dict[str, Any]) -> Expected:
        if "claim" not in entry:
            raise self.error("expected", "an entry names no claim")
        modifiers = entry.get("modifiers")
        if isinstance(modifiers, str):
            modifiers = modifiers.split()
        control = entry.get("line_control")
        return Expected(
            claim=str(entry["claim"]),
            procedure=str(entry.get("procedure") or "").upper(),
            line_control=None if control is None else str(control),
            modifiers=None if modifiers is None else frozenset(str(one) for one in modifiers),
            fields={name: self._field(name, entry[name]) for name in COMPARED if name in entry},
        )

    def _field(self, name: str, found: Any) -> str | None:
        if found is None or found in ("", "none", "null"):
            return None
        if name != "deadline":
            return str(found)
        day = _day(found)
        if day is None:
            raise self.error("expected", "a deadline is no date")
        return day.isoformat()


def _day(found: Any) -> date | None:
    if isinstance(found, datetime):
        return found.date()
    if isinstance(found, date):
        return found
    moment = parse_moment(found) if isinstance(found, str) else None
    return moment.date() if moment is not None else None


def _x12(
    folder: Path, suffix: str, reader: Callable[[bytes, str], tuple[list[Read], list[Finding]]]
) -> Iterable[Read]:
    for file in sorted(one for one in folder.iterdir() if _counts(one)):
        if file.suffix.lower() != suffix:
            continue
        found, findings = reader(_bytes(file), file.name)
        fatal = next((one for one in findings if one.severity == "fatal"), None)
        if fatal is not None:
            raise CaseError(f"{file}: {fatal.message}")
        yield from found


Rows = TypeVar("Rows")


def _table(file: Path, reader: Callable[[bytes, str], Sequence[Rows]]) -> tuple[Rows, ...]:
    if not _is_there(file):
        return ()
    content = _bytes(file)
    if not content.strip():
        return ()
    try:
        return tuple(reader(content, file.name))
    except UserError as error:
        raise CaseError(f"{file.parent}/{error}") from None


def _is_there(file: Path) -> bool:
    """False where there is no such file; a folder of that name is no file. Raises CaseError."""
    if file.exists() and not file.is_file():
        raise CaseError(f"{file}: not a file")
    return file.is_file()


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({type(error).__name__})") from None
    if len(content) > MAX_FILE_BYTES:
        raise CaseError(f"{file}: larger than {MAX_FILE_BYTES // 2**20} MiB")
    return content
